import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from serving import answers, free_port, wait_for

from dashboard import cli
from dashboard.settings import Settings, SettingsError

ROOT = Path(__file__).parents[2]


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "dashboard.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
        check=False,
        timeout=60,
    )


def arguments(*given, **settings):
    return cli.serve_arguments(cli._parser().parse_args(["serve", *given]), Settings(**settings))


def test_the_console_script_is_installed():
    assert (
        subprocess.run([Path(sys.executable).with_name("dams"), "--help"], capture_output=True, check=False).returncode
        == 0
    )


@pytest.mark.parametrize("wrong", [[], ["sing"], ["serve", "--port", "x"]])
def test_wrong_usage_exits_with_2(wrong):
    ran = run(*wrong)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


def test_a_wrong_setting_exits_with_1_and_one_sentence():
    ran = run("serve", DAMS_MAX_DAMS="many")
    assert ran.returncode == 1
    assert ran.stderr == "DAMS_MAX_DAMS is 'many'; it must be a whole number, 0 or more.\n"


def test_a_port_in_use_exits_with_1_and_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = run("serve", "--port", str(taken.getsockname()[1]), DAMS_DATABASE_URL="sqlite://")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "choose another with --port" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_database_that_cannot_be_opened_exits_with_1_and_one_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    url = f"sqlite:///{tmp_path / 'file' / 'dams.sqlite'}"
    ran = run("serve", "--port", str(free_port()), DAMS_DATABASE_URL=url)
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"The database {url} cannot be used:")
    assert "Traceback" not in ran.stderr


def test_a_file_that_is_no_database_exits_with_1_and_one_sentence(tmp_path):
    (tmp_path / "notes.txt").write_text("these are notes, and no database at all " * 50)
    ran = run("serve", "--port", str(free_port()), DAMS_DATABASE_URL=f"sqlite:///{tmp_path / 'notes.txt'}")
    assert ran.returncode == 1
    assert "file is not a database" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_without_accounts_an_address_that_others_can_reach_is_refused():
    for address in ("0.0.0.0", "192.168.1.4", "::", "example.org"):
        with pytest.raises(SettingsError, match="can be reached by others"):
            arguments("--address", address)
    for address in ("localhost", "127.0.0.1", "127.8.8.8", "::1"):
        arguments("--address", address)


def test_every_page_is_served_and_the_map_is_home():
    given = arguments()
    pages = {Path(item).stem for item in given if item.endswith(".py") and "pages" in item}
    assert pages == {path.stem for path in (ROOT / "dashboard" / "pages").glob("[a-z]*.py")}
    assert given[given.index("--index") + 1] == "map"


def test_options_are_passed_on_and_origins_of_settings_and_options_are_added():
    given = arguments(
        "--port", "5010", "--num-procs", "2", "--prefix", "dams", "--allow-websocket-origin", "www.example.org",
        allow_origins=("localhost:8000",),
    )  # fmt: skip
    origins = [given[i + 1] for i, item in enumerate(given) if item == "--allow-websocket-origin"]
    assert origins == ["localhost:5010", "127.0.0.1:5010", "localhost:8000", "www.example.org"]
    assert given[given.index("--num-procs") + 1] == "2"
    assert given[given.index("--prefix") + 1] == "dams"


def test_a_file_at_the_upload_limit_fits_into_one_message():
    given = arguments(upload_limit_mb=20)
    assert int(given[given.index("--websocket-max-message-size") + 1]) > 20e6 * 4 / 3


def test_an_installed_copy_says_that_test_needs_a_checkout(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(cli, "TASKS", tmp_path / "tasks.py")
    assert cli.main(["test"]) == 1
    assert "works in a checkout" in capsys.readouterr().err


@pytest.fixture
def started(tmp_path):
    """``started(*command)`` runs a server on a fresh database and gives its address once it answers at /map."""
    processes = []

    def start(*command, prefix=""):
        port = free_port()
        environment = os.environ | {"DAMS_DATABASE_URL": f"sqlite:///{tmp_path / 'dams.sqlite'}"}
        processes.append(
            subprocess.Popen(
                [sys.executable, "-m", *command, "--port", str(port)],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        wait_for(f"http://localhost:{port}/{prefix}map")
        return f"http://localhost:{port}/{prefix}"

    yield start
    for process in processes:
        process.terminate()
        process.wait()


def read(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read().decode()


def test_R5_panel_serve_alone_works_as_well_and_its_index_lists_every_page(started):
    pages = sorted((ROOT / "dashboard" / "pages").glob("[a-z]*.py"))
    url = started("panel", "serve", *map(str, pages), "--setup", str(ROOT / "dashboard" / "boot.py"))
    index = read(url)
    assert [path.stem for path in pages if f"/{path.stem}" not in index] == []
    assert "Dam Inventory" in read(f"{url}dams")


def test_several_processes_serve_the_same_pages(started):
    url = started("dashboard.cli", "serve", "--num-procs", "2")
    for _ in range(6):
        assert '"status": "ok"' in read(f"{url}healthz")
        assert "Dam Inventory" in read(f"{url}dams")


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_several_processes_end_with_their_parent(tmp_path, how):
    port = free_port()
    environment = os.environ | {"DAMS_DATABASE_URL": f"sqlite:///{tmp_path / 'dams.sqlite'}"}
    command = [sys.executable, "-m", "dashboard.cli", "serve", "--port", str(port), "--num-procs", "2"]
    parent = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(f"http://localhost:{port}/healthz")
        if how == "SIGINT":  # a terminal's Ctrl-C goes to the whole group
            os.killpg(parent.pid, signal.SIGINT)
        else:
            parent.send_signal(signal.Signals[how])
        parent.communicate(timeout=30)  # comes back when the last process that holds its output has ended
        assert not answers(f"http://localhost:{port}/healthz")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)


def test_a_prefix_stands_before_every_address(started):
    url = started("dashboard.cli", "serve", "--prefix", "office", prefix="office/")
    assert '"status": "ok"' in read(f"{url}healthz")
    assert "Dam Inventory" in read(f"{url}dams")
