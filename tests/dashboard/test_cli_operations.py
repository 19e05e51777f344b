"""``dams user``, ``doctor``, ``backup``, ``restore`` and ``log``: in this process, on a real database."""

import io
import json
import stat

import pytest
import sqlalchemy as sa

from dashboard import cli
from data import accounts, models
from data.commands import AddDam, AddUser


@pytest.fixture
def dams(database_url, monkeypatch, capsys):
    """``dams(*arguments)``: status, standard output, standard error."""
    monkeypatch.setenv("DAMS_DATABASE_URL", database_url)

    def run(*arguments, url=None):
        if url is not None:
            monkeypatch.setenv("DAMS_DATABASE_URL", url)
        status = cli.main(arguments)
        return status, *capsys.readouterr()

    return run


def user(app, name):
    with app.reading() as db:
        return db.scalar(sa.select(models.User).where(models.User.name == name))


def test_a_user_is_added_with_a_link_that_sets_the_password(app, dams):
    status, out, _ = dams("user", "add", "jo", "--role", "diadmin", "--state", "Utah", "--url", "https://dams.example/")
    assert status == 0 and "jo is added as diadmin." in out
    link = out.split()[-1]
    assert link.startswith("https://dams.example/invitation?token=")
    with app.reading() as db:
        assert accounts.invited(db, link.partition("=")[2], now=app.clock()) == "jo"
    assert (user(app, "jo").role_name, user(app, "jo").states, user(app, "jo").password_hash) == (
        "diadmin",
        ["Utah"],
        "",
    )


def test_a_password_is_read_from_a_pipe_and_a_weak_one_adds_nobody(app, dams, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    status, _, err = dams("user", "add", "jo", "--password")
    assert status == 1 and "at least 12 characters" in err and user(app, "jo") is None
    monkeypatch.setattr("sys.stdin", io.StringIO("a long row of words\n"))
    status, out, _ = dams("user", "add", "jo", "--password")
    assert status == 0 and "invitation" not in out
    assert accounts.is_password(user(app, "jo").password_hash, "a long row of words")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("user", "add", "jo", "--role", "boss"), "There is no role 'boss'; there are admin, diadmin, diviewer"),
        (("user", "add", "LOCAL"), "There is a user 'LOCAL' already."),
        (("user", "add", "jo", "--state", "Utha"), "No dam is in 'Utha'; did you mean Utah?"),
        (("user", "add", " "), "The name of a user is 1 to 100 characters"),
        (("user", "remove", "nobody"), "There is no user 'nobody'."),
        (("user", "remove", "local"), "You cannot remove yourself"),
        (("user", "invite", "setup"), "There is no user 'setup'."),
        (("backup", "/no/such/folder/file"), "There is no folder /no/such/folder"),
        (("restore", "/no/such/file"), "cannot be read: No such file or directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_one_sentence(app, dams, arguments, words):
    status, out, err = dams(*arguments)
    assert status == 1 and out == "" and words in err and len(err.splitlines()) == 1


def test_users_are_listed_invited_anew_and_removed(app, dams):
    dams("user", "add", "jo", "--owner", "Town")
    status, out, _ = dams("user", "list", "--json")
    listed = {one["name"]: one for one in json.loads(out)}
    assert status == 0 and set(listed) == {"diadmin", "diviewer", "jo", "local"}
    assert listed["jo"]["owners"] == ["Town"] and listed["jo"]["invited"] and not listed["jo"]["password"]
    assert "jo" in dams("user", "list")[1] and "/invitation?token=" in dams("user", "invite", "jo")[1]
    assert dams("user", "remove", "jo")[0] == 0 and user(app, "jo") is None


def test_the_doctor_finds_nothing_in_a_sound_database_and_names_a_broken_event(app, dams):
    status, out, err = dams("doctor")
    assert (status, err) == (0, "") and "newest event 2, hash " in out
    with app._write.begin() as db:
        db.execute(sa.update(models.Event).where(models.Event.number == 1).values(user_name="x"))
    status, out, err = dams("doctor", "--json")
    assert status == 1 and "event 1 is not the one that was written" in err
    assert json.loads(out)["problems"] == ["The chain is broken: event 1 is not the one that was written."]


def test_a_backup_is_restored_into_an_empty_database_and_not_into_this_one(app, dams, tmp_path, database_url):
    about = {"owner": "Other", "river": "R", "date_built": "1941", "longitude": -111.5, "latitude": 40.5}
    app.send(AddDam(name="Made-up Dam", **about), user_name="local")
    file = tmp_path / "kept.gz"
    status, out, _ = dams("backup", str(file))
    newest = out.split()[-1]
    assert status == 0 and "to event 3, hash" in out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and [one.name for one in tmp_path.glob(".backup-*")] == []
    status, _, err = dams("restore", str(file))
    assert status == 1 and "The database is not empty" in err and "Nothing was stored" in err
    kept = file.read_bytes()
    status, _, err = dams("backup", str(file))
    assert status == 1 and "is there already: name another file, or replace it with --force" in err
    assert file.read_bytes() == kept and dams("backup", "--force", str(file))[0] == 0
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    status, out, _ = dams("restore", str(file), url=other)
    assert status == 0 and out.split()[-1] == newest
    status, out, _ = dams("doctor", url=other)
    assert status == 0 and out.split()[-1] == newest


def test_the_log_is_written_line_by_line_with_reasons_and_hashes(app, dams, tmp_path):
    status, out, _ = dams("log", "--after", "1")
    (event,) = [json.loads(line) for line in out.splitlines()]
    assert status == 0 and (event["number"], event["kind"], event["dam_name"]) == (2, "dam_added", "Jordanelle")
    assert len(event["hash"]) == 64 and event["why"] == ""
    file = tmp_path / "log.jsonl"
    assert dams("log", "-o", str(file))[0] == 0
    assert len(file.read_text().splitlines()) == 2


def test_a_start_knows_whether_an_administrator_can_sign_in(make_app):
    app = make_app(auth="password")
    assert app.prepare_and_close() is False
    kept = accounts.hash_password("a long row of words")
    app.send(AddUser(name="jo", role_name="admin", password_hash=kept), user_name="local")
    assert app.prepare_and_close() is True
    assert make_app(auth="none").prepare_and_close() is True


@pytest.mark.parametrize("command", [("doctor",), ("log",), ("backup", "kept.gz")], ids=lambda command: command[0])
def test_a_database_that_is_not_there_is_said_and_not_made(dams, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "typo.sqlite"
    status, out, err = dams(*command, url=f"sqlite:///{path}")
    assert status == 1 and out == "" and "There is no database at sqlite:///" in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [
        ("user", "list"),
        ("import", "nid.csv"),
        ("export", "--format", "csv"),
        ("user", "invite", "local"),
        ("restore", "nid.csv"),
    ],
    ids=lambda command: command[0],
)
def test_a_database_that_cannot_be_opened_is_one_sentence(dams, tmp_path, command):
    (tmp_path / "file").touch()
    (tmp_path / "nid.csv").write_text("Dam Name,NID ID,State\nOne,UT00001,Utah\n")
    command = [str(tmp_path / word) if word == "nid.csv" else word for word in command]
    status, out, err = dams(*command, url=f"sqlite:///{tmp_path / 'file' / 'd.sqlite'}")
    assert status == 1 and out == "" and "Traceback" not in err
    assert "cannot be used: " in err.splitlines()[-1]
