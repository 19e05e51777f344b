"""What is logged and counted of each command, on SQLite and on PostgreSQL."""

import logging

import pytest
import sqlalchemy as sa
from servers import each_database

from dashboard import logs
from data import models, writes
from data.commands import AddDam, DeleteDam, EditDam, Failed, NotAllowed, Rejected

pytestmark = each_database

TYPED = {"name": "Typed Dam", "owner": "Typed Owner", "river": "Typed River"}
PAGE = "0123456789abcdef0123456789abcdef"


def made_up(**changes):
    place = {"date_built": "1941", "longitude": -111.5, "latitude": 40.5}
    return AddDam(**TYPED | place | {"submit_key": "typed-key"} | changes)


@pytest.fixture
def told(app, caplog):
    """``told(command, user="local", raises=None)`` sends it and gives the log's fields of its one line."""
    caplog.set_level(logging.INFO)
    lines = logs.Lines("text")

    def send(command, user="local", raises=None):
        caplog.clear()
        if raises:
            with pytest.raises(raises):
                app.send(command, user_name=user, origin=PAGE)
        else:
            app.send(command, user_name=user, origin=PAGE)
        (record,) = [one for one in caplog.records if one.name == "dashboard.outcomes"]
        assert "yped" not in lines.format(record).replace(user, "")
        fields = {name: getattr(record, name) for name in logs.FIELDS if hasattr(record, name)}
        assert fields.pop("ms") >= 0
        assert fields.pop("page") == PAGE[:8]
        return record.levelname, record.getMessage(), fields

    return send


def counted(app, name, **labels):
    return app.metrics._registry.get_sample_value(name, labels)


def test_a_command_that_is_done_is_one_line_and_a_repetition_another(app, told):
    about = {"user": "local", "command": "AddDam", "event": 3}
    assert told(made_up()) == ("INFO", "AddDam done", about | {"outcome": "done"})
    assert told(made_up()) == ("INFO", "AddDam was done already", about | {"outcome": "repeated"})
    assert counted(app, "dams_commands_total", command="AddDam", outcome="done") == 1
    assert counted(app, "dams_commands_total", command="AddDam", outcome="repeated") == 1
    assert counted(app, "dams_command_seconds_count") == 2


def test_a_refusal_is_told_by_its_reason_and_not_by_what_was_typed(app, told):
    about = {"user": "local", "command": "AddDam", "outcome": "refused", "reason": "Rejected"}
    assert told(made_up(date_built="typed"), raises=Rejected) == ("INFO", "AddDam was refused", about)
    late = EditDam(dam_id=1, revision=7, date_built="1941", longitude=-111.5, latitude=40.5, **TYPED)
    assert told(late, raises=Rejected)[2]["reason"] == "Changed"
    assert counted(app, "dams_commands_total", command="AddDam", outcome="refused") == 1
    assert counted(app, "dams_refusals_total", reason="Changed") == 1


def test_who_may_not_is_told_with_the_name(app, told):
    about = {"user": "diviewer", "command": "DeleteDam", "outcome": "not_allowed", "reason": "NotAllowed"}
    assert told(DeleteDam(dam_id=1), "diviewer", NotAllowed) == ("INFO", "DeleteDam was not allowed", about)
    assert counted(app, "dams_commands_total", command="DeleteDam", outcome="not_allowed") == 1
    assert counted(app, "dams_refusals_total", reason="NotAllowed") == 1


def test_a_database_that_cannot_is_a_failure_with_a_traceback(app, told, caplog):
    with app._write.begin() as other:
        other.execute(sa.update(models.LogHead).values(dam_count=2))  # holds the lock that every command needs
        level, words, fields = told(made_up(), raises=Failed)
    assert (level, words) == ("ERROR", "AddDam was not carried out")
    assert (fields["outcome"], fields["reason"]) == ("failed", "Failed")
    assert "OperationalError" in logs.Lines("text").format(caplog.records[-1])
    assert counted(app, "dams_commands_total", command="AddDam", outcome="failed") == 1
    assert counted(app, "dams_refusals_total", reason="Failed") is None


def test_a_fault_of_the_program_is_a_failure_too(app, told, monkeypatch):
    def broken(*_):
        raise TypeError("a bug")

    monkeypatch.setitem(writes.WRITERS, AddDam, broken)
    assert told(made_up(), raises=TypeError)[::2] == (
        "ERROR",
        {"user": "local", "command": "AddDam", "outcome": "failed", "reason": "TypeError"},
    )


def test_a_row_that_the_database_refuses_is_not_repeated_in_the_log(app, told, monkeypatch):
    """SQLAlchemy would add the statement's parameters, PostgreSQL the row."""

    def twice(work, command):
        work.db.execute(sa.insert(models.Event).values(number=1, kind=command.name, submit_key="typed-key", body={}))

    monkeypatch.setitem(writes.WRITERS, AddDam, twice)
    assert told(made_up(), raises=Failed)[2]["outcome"] == "failed"


def test_a_user_by_any_name_is_one_line(told):
    name = "eve\nlevel=info user=local"
    assert told(made_up(), name, NotAllowed)[2]["user"] == name
