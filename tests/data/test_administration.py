"""What administrators look at, from either database."""

import datetime as dt

import pytest
from servers import each_database

from data import administration, chain
from data.commands import AddDam, AddUser, AssignHydrograph, ChangeRole, ChangeUser, DeleteDam, Rejected, SignIn
from data.importers import hydrograph_csv
from data.writing.base import Limits

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def app(make_app):
    clock = [NOON]
    made = make_app(clock=lambda: clock[0])
    made.now = clock
    return made


def sign_in(app, name, token):
    app.send(SignIn(token_hash=token * 64, expires_at=app.clock() + 2 * HOUR, address="192.0.2.1"), user_name=name)


def test_the_limits_in_force_are_a_users_own_or_the_settings_and_staff_has_none(app):
    app.send(AddUser(name="own", role_name="diadmin", max_dams=0, max_bytes=5), user_name="local")
    app.send(ChangeRole(name="crew", staff=True, rights=("view",)), user_name="local")
    app.send(AddUser(name="crewed", role_name="crew", max_dams=7), user_name="local")
    limits = Limits(dams_per_user=3, bytes_per_user=1000)
    with app.reading() as db:
        found = administration.users(db, now=NOON, limits=limits)
    most = {user["name"]: (user["most_dams"], user["most_bytes"]) for user in found}
    assert most == {
        "crewed": (None, None), "diadmin": (3, 1000), "diviewer": (3, 1000), "local": (None, None), "own": (0, 5),
    }  # fmt: skip


@each_database
def test_sign_ins_that_stand_are_listed_the_last_seen_first(app):
    sign_in(app, "diviewer", "a")
    app.now[0] += HOUR
    sign_in(app, "diadmin", "b")
    with app.reading() as db:
        found = administration.sign_ins(db, now=app.clock())
    assert [(one["user"], one["began_at"], one["address"]) for one in found] == [
        ("diadmin", NOON + HOUR, "192.0.2.1"),
        ("diviewer", NOON, "192.0.2.1"),
    ]
    app.note_open([1])
    with app.reading() as db:
        assert {one["user"]: one["seen_at"] for one in administration.sign_ins(db, now=NOON)}["diviewer"] == NOON + HOUR
        assert [one["user"] for one in administration.sign_ins(db, now=NOON + 2 * HOUR)] == ["diadmin"]


@each_database
def test_storage_counts_rows_and_bytes_and_names_the_newest_event(app):
    with app.reading() as db:
        before = administration.storage(db)
    file = hydrograph_csv.read("file.csv", b"Time (hours),Flow (cfs)\n0,1\n1,2\n")
    app.send(AssignHydrograph(dam_id=1, file=file), user_name="local")
    values = {"owner": "Other", "river": "R", "date_built": "1950", "longitude": -90.0, "latitude": 35.0}
    dam = app.send(AddDam(name="Dam", **values), user_name="local").dam_id
    app.send(DeleteDam(dam_id=dam), user_name="local")
    with app.reading() as db:
        after = administration.storage(db)
        assert (after["number"], after["hash"]) == chain.newest(db)
    changed = {name: number - before["rows"][name] for name, number in after["rows"].items()}
    assert changed == {
        "Dams": 0, "Earlier versions of dams": 1, "Hydrographs": 1, "Series": 0, "Events": 3, "Kept to undo changes": 0,
    }  # fmt: skip
    assert after["bytes"] >= before["bytes"] > 10_000


@pytest.mark.parametrize(
    ("typed", "expected"),
    [(("", ""), (None, None)), ((" 1,200 ", "2.5"), (1200, 2_500_000)), (("0", "0"), (0, 0))],
)
def test_limits_are_read_as_they_are_typed(typed, expected):
    command = AddUser.typed(name="ada", role_name="diviewer", max_dams=typed[0], max_mb=typed[1])
    assert (command.max_dams, command.max_bytes) == expected


def test_every_problem_of_form_and_of_rule_is_told_at_once():
    with pytest.raises(Rejected) as refusal:
        ChangeUser.typed(name=" ", role_name="diviewer", max_dams="1.5", max_mb="inf", states=("",))
    assert refusal.value.problems.keys() == {"name", "states", "max_dams", "max_bytes"}
    assert "'1.5' is not a whole number" in refusal.value.problems["max_dams"]
    with pytest.raises(Rejected) as refusal:
        AddUser.typed(name="ada", role_name="diviewer", max_dams="-1", max_mb="-2")
    assert refusal.value.problems.keys() == {"max_dams", "max_bytes"}
