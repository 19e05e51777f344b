"""What a line of the log says, what it never says, and that a server writes nothing but such lines."""

import json
import logging
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from serving import free_port, wait_for

from dashboard import logs
from dashboard.settings import Settings
from data.commands import Rejected

ROOT = Path(__file__).parents[2]
FORMS = ("text", "json")


def record(words="done", *args, error=None, name="dashboard.outcomes", **extra):
    exc_info = (type(error), error, error.__traceback__) if error else None
    made = logging.getLogger("x").makeRecord(name, logging.INFO, "x.py", 1, words, args, exc_info, extra=extra)
    made.created = 1764076320.5
    return made


def read(line, form):
    """The fields of one line, as a program reads them."""
    if form == "json":
        return json.loads(line)
    pairs = re.findall(r'([a-z]+)=("(?:[^"\\]|\\.)*"|[^ "]*)(?: |$)', line)
    assert " ".join(f"{name}={value}" for name, value in pairs) == line
    return {name: json.loads(value) if value.startswith('"') else value for name, value in pairs}


def written(form="text", secrets=(), **about):
    words, args = about.pop("words", "done"), about.pop("args", ())
    return logs.Lines(form, secrets).format(record(words, *args, **about))


def raised(error, cause=None):
    try:
        raise error from cause
    except type(error) as caught:
        return caught


@pytest.mark.parametrize("form", FORMS)
def test_a_line_has_its_fields_in_an_order_that_is_the_same(form):
    line = written(form, user="Ann Lee", command="AddDam", event=3, ms=4.5, outcome="done", page="ab12cd34", body="x")
    found = read(line, form)
    assert list(found) == [
        "time",
        "level",
        "what",
        "user",
        "command",
        "event",
        "ms",
        "outcome",
        "page",
        "logger",
        "process",
    ]
    assert found | {"process": 0} == {
        "time": "2025-11-25T13:12:00.500Z",
        "level": "info",
        "what": "done",
        "user": "Ann Lee",
        "command": "AddDam",
        "event": 3 if form == "json" else "3",
        "ms": 4.5 if form == "json" else "4.5",
        "outcome": "done",
        "page": "ab12cd34",
        "logger": "dashboard.outcomes",
        "process": 0,
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("mark", list('\n\r\t\v\f\0\x1b\x7f"\\ =\x85\x9b\u2028\u2029\u202e\u200b\ufeff\ud800'))
def test_the_text_of_a_user_cannot_forge_a_line_or_a_field(form, mark):
    user = f'eve{mark}time=x level=error user=root{mark}", "user": "root'
    line = written(form, words="%s was here", args=(user,), user=user)
    assert len(line.splitlines()) == 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b\u202e\ufeff\ud800]", line)
    assert read(line, form)["user"] == user
    assert read(line, form)["level"] == "info"
    assert read(written(form, user=f"eve{mark}level=error"), form)["user"] == f"eve{mark}level=error"


def test_names_of_any_language_stay_readable():
    assert "user=Søren_Ибрагим" in written(user="Søren_Ибрагим")


@pytest.mark.parametrize(
    "words",
    [
        "cannot reach postgresql+psycopg://dams:hunter22@db/dams",
        "redis://:hunter22@localhost",
        "https://ann:hun:ter22/hunter22@host/",
        "connection failed: host=db password=hunter22 user=dams",
        "{'password': 'hunter22', 'x': 1}",
        '{"access_token": "hunter22"}',
        "Authorization: Basic hunter22",
        "Cookie: a=1; user=hunter22",
        "GET /login?code=hunter22&next=/map",
        "submit_key=hunter22",
        "Token for session 'ZpP3mVQ6bqkXo0aF5tYwJ1r8cU2sE9dHhunter22nGiL' had invalid signature",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9hunter22.x",
    ],
)
def test_what_looks_like_a_secret_is_masked(words):
    for form in FORMS:
        line = written(form, words="%s", args=(words,), error=raised(RuntimeError(words)))
        assert "hunter22" not in line
        assert line.count("***") >= 2


def test_the_secrets_of_the_settings_are_masked_wherever_they_stand():
    settings = Settings(database_url="postgresql://dams:p%40ss%2Fword@db/dams", redis_url="redis://:redis-pass@r:1/0")
    environment = {"DAMS_SECRET_KEY": "signing-key", "PGPASSWORD": "pg-pass", "DAMS_USER": "diviewer", "MY_TOKEN": "x"}
    found = logs.secrets(settings, environment)
    assert found == {"p@ss/word", "p%40ss%2Fword", "redis-pass", "signing-key", "pg-pass"}
    line = written(secrets=found, words=f"I saw {' '.join(sorted(found))} and diviewer", user="pg-pass")
    assert read(line, "text")["what"] == "I saw *** *** *** *** *** and diviewer"
    assert read(line, "text")["user"] == "***"


def test_a_query_of_an_address_is_not_written():
    line = written(name="tornado.access", words="404 GET /dams?search=typed&x=1 (127.0.0.1) 1ms")
    assert read(line, "text")["what"] == "404 GET /dams?*** (127.0.0.1) 1ms"


def test_what_bokeh_tells_of_a_message_is_not_written():
    words = "error handling message\n message: %r \n error: %r"
    line = written(name="bokeh.server.protocol_handler", words=words, args=("typed", "x"), error=raised(KeyError("k")))
    assert read(line, "text")["what"] == "error handling message"
    assert "KeyError: 'k'" in line and "typed" not in line


@pytest.mark.parametrize("form", FORMS)
def test_a_traceback_is_one_field_first_cause_first_without_what_was_typed(form):
    refusal = raised(Rejected({"name": "Name 'typed' is taken."}))
    fault = raised(RuntimeError("no room on disk"), raised(ValueError("could not convert 'typed'"), refusal))
    line = written(form, words="failed: %s", args=(refusal,), error=fault)
    text = read(line, form)["traceback"]
    assert "\n" not in line and "typed" not in line
    assert re.findall(r"^(\w+Error.*|Rejected)$", text, re.MULTILINE) == [
        "Rejected",
        "ValueError",
        "RuntimeError: no room on disk",
    ]
    assert f'{Path(__file__).name}", line' in text
    assert read(line, form)["what"] == "failed: Rejected"


def test_an_error_that_is_its_own_cause_ends():
    one, other = raised(KeyError("one")), raised(KeyError("other"))
    one.__cause__, other.__cause__ = other, one
    assert written(error=one).count("KeyError") == 2


def test_of_a_very_long_text_the_middle_is_left_out():
    text = read(written(words="begin " + "word " * 10_000 + "end"), "text")["what"]
    assert len(text) < logs.LONGEST + 10
    assert text.startswith("begin") and text.endswith("end") and " … " in text


@pytest.fixture
def lines_of(tmp_path):
    """``lines_of(form, command, path, processes)``: what a server has written once each process refused ``path``."""
    environment = os.environ | {"DAMS_DATABASE_URL": f"sqlite:///{tmp_path / 'dams.sqlite'}"}
    servers = []

    def run(form, command, path, processes):
        port = free_port()
        with (tmp_path / "log").open("w") as log:
            command = [sys.executable, *(str(port) if word == "PORT" else word for word in command)]
            environment["DAMS_LOG_FORMAT"] = form
            servers.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log))
        wait_for(f"http://localhost:{port}/shapes")
        for _ in range(200):  # either process may answer
            with pytest.raises(urllib.error.HTTPError) as refusal:
                urllib.request.urlopen(f"http://localhost:{port}/{path}", timeout=30)
            refusal.value.close()
            found = [read(line, form) for line in (tmp_path / "log").read_text().splitlines()]
            if len({line["process"] for line in found if line["logger"] == "tornado.access"}) == processes:
                break
        return found

    yield run
    for server in servers:
        server.terminate()
        server.wait()


SERVE = ("-m", "dashboard.cli", "serve", "--num-procs", "2", "--port", "PORT")
PANEL = ("-m", "panel", "serve", "dashboard/pages/shapes.py", "--setup", "dashboard/boot.py", "--port", "PORT")


@pytest.mark.parametrize(("command", "processes"), [(SERVE, 2), (PANEL, 1)], ids=["dams", "panel"])
@pytest.mark.parametrize("form", FORMS)
def test_every_line_from_the_first_is_such_a_line(lines_of, form, command, processes):
    found = lines_of(form, command, "nowhere?token=secret&typed=x", processes)
    workers = {line["process"] for line in found if line["logger"] == "bokeh.command.subcommands.serve"}
    assert len(workers) == processes
    refused = [line for line in found if line["logger"] == "tornado.access"]
    assert {line["process"] for line in refused} == workers
    assert all(line["what"].startswith("404 GET /nowhere?*** ") for line in refused)


def test_commands_and_tracebacks_of_every_process_are_such_lines(lines_of):
    found = lines_of("json", ("tests/inside.py", "PORT", "--num-procs", "2"), "inside/add?name=", 2)
    outcomes = [line for line in found if line["logger"] == "dashboard.outcomes"]
    assert len({line["process"] for line in outcomes}) == 2
    assert {(line["command"], line["user"], line["outcome"], line["reason"]) for line in outcomes} == {
        ("AddDam", "local", "refused", "Rejected")
    }
    faults = [line for line in found if line["logger"] == "tornado.application"]
    assert len({line["process"] for line in faults}) == 2
    assert all("Rejected" in line["traceback"] for line in faults)


def test_libraries_that_print_by_themselves_do_so_no_longer(tmp_path):
    """Warnings, loggers of Panel and Param, which makes its handler when it is used, and a thread's last fault."""
    code = (
        "import logging, threading, warnings, param, panel\n"
        "from dashboard import logs; from dashboard.settings import Settings\n"
        "logs.install(Settings(log_format='json')); logs.install(Settings(log_format='json'))\n"
        "param.parameterized.get_logger('x').warning('of param'); logging.getLogger('panel.x').warning('of panel')\n"
        "logging.getLogger('bokeh.x').warning('of bokeh'); logging.getLogger('data.x').info('of data')\n"
        "logging.getLogger('panel.x').info('not told'); warnings.warn('old\\nway')\n"
        "thread = threading.Thread(target=lambda: 1 / 0, name='worker'); thread.start(); thread.join()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == ""
    found = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [(line["logger"], line["what"]) for line in found] == [
        ("param.x", "of param"),
        ("panel.x", "of panel"),
        ("bokeh.x", "of bokeh"),
        ("data.x", "of data"),
        ("py.warnings", "<string>:6: UserWarning: old\nway"),
        ("dashboard.logs", "Thread worker ended by a fault"),
    ]
    assert "ZeroDivisionError: division by zero" in found[-1]["traceback"]
