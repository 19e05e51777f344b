"""Undoing an import: what it brought goes, what it changed and removed is as it was before; by a new change."""

import io

import pandas as pd
import pytest
import sqlalchemy as sa
from servers import each_database

from components.event_feed import details, sentence
from components.notices import line
from data import backup, check, events, models, reads, store
from data.commands import (
    AddDam,
    AssignHydrograph,
    DeleteDam,
    EditDam,
    ImportInventory,
    NotAllowed,
    Rejected,
    RemoveHydrograph,
    Undo,
)
from data.frames import FileReport, HydrographFile
from data.importers import inventory
from data.inventory import Filter

pytestmark = each_database

HEAD = "Dam Name,NID ID,State,Hazard Potential Classification,Year Completed,River or Stream Name,Owner Names"
ROWS = [f"Dam {n},UT{n:05d},Utah,Low,195{n},Creek,Owner {n}" for n in range(1, 6)]
#: Dam 1 has another river, dam 2 is gone, dam 6 is new; 3 to 5 are as they were.
NEXT = [ROWS[0].replace("Creek", "Brook"), *ROWS[2:], ROWS[0].replace("Dam 1", "Dam 6").replace("00001", "00006")]


@pytest.fixture
def take(tmp_path):
    """``take(app, updated, rows)`` imports a list; the event of it."""

    def take_in(app, updated, rows, user="local"):
        path = tmp_path / f"{updated}.csv"
        path.write_text("\n".join([f"Data Last Updated: {updated}", HEAD, *rows, ""]))
        with inventory.read(path) as file:
            app.send(ImportInventory(file=file, whole=True, otherwise="theirs"), user_name=user)
        return newest(app)

    return take_in


def newest(app):
    with app.reading() as db:
        return events.read_before(db, limit=1)[0]


def undo(app, event, user="local"):
    app.send(Undo(number=event.number, why="It was the wrong file."), user_name=user)
    return newest(app)


def inside(app):
    """What stands of dams, hydrographs and records, without what every change moves, and which import gave it."""
    with app.reading() as db:
        dams = {
            row["dam_id"]: {name: value for name, value in row.items() if name not in ("revision", "since")}
            for row in db.execute(sa.select(models.Dam.__table__)).mappings()
        }
        records = db.execute(sa.select(models.SourceRecord.__table__).order_by("dam_id")).all()
        flows = {number: reads.hydrograph(db, number) for number in dams}
        points = {number: list(one.points["flow_cfs"]) for number, one in flows.items() if one}
        users = db.execute(sa.select(models.User.name, models.User.dam_count, models.User.byte_count)).all()
        return dams, [tuple(one) for one in records], points, sorted(map(tuple, users))


def sound(app):
    with app.reading() as db:
        return [one.wrong for one in check.look_over(db) if one.wrong]


def numbered(app, nid_id):
    with app.reading() as db:
        return db.scalar(sa.select(models.Dam.dam_id).where(models.Dam.nid_id == nid_id))


def edit(app, dam_id, **changes):
    with app.reading() as db:
        dam = reads.dam(db, dam_id)
    names = ("name", "owner", "river", "date_built", "hazard", "nid_id", "longitude", "latitude")
    values = {name: dam[name] for name in names} | {"longitude": -111.0, "latitude": 40.0} | changes
    app.send(EditDam(dam_id=dam_id, revision=int(dam["revision"]), **values), user_name="local")


def hydrograph(flows=(0.0, 7.0, 5.0)):
    points = pd.DataFrame({"time_hours": [float(i) for i in range(len(flows))], "flow_cfs": flows})
    return HydrographFile(FileReport("h.csv", "hours", "utf-8", len(flows), len(flows), None, (), {}), points)


def test_all_is_as_it_was_before_the_import(app, take):
    take(app, "2024-1-1", ROWS)
    gone = numbered(app, "UT00002")
    app.send(AssignHydrograph(dam_id=gone, file=hydrograph()), user_name="diadmin")
    before = inside(app)
    event = take(app, "2025-1-1", NEXT)
    assert inside(app) != before
    undone = undo(app, event)
    assert inside(app) == before
    assert (undone.kind, undone.why) == ("import_undone", "It was the wrong file.")
    assert {name: undone.body[name] for name in ("removed", "changed", "brought_back", "undoes")} == {
        "removed": 1, "changed": 1, "brought_back": 1, "undoes": event.number,
    }  # fmt: skip
    assert sound(app) == []
    assert line(undone) == '"2025-1-1.csv" was taken back by the local user: 1 dam changed, 1 removed, 1 brought back.'


def test_a_first_import_leaves_nothing_and_can_be_taken_in_again(app, take):
    before = inside(app)
    event = take(app, "2024-1-1", ROWS)
    undo(app, event)
    assert inside(app) == before and sound(app) == []
    assert take(app, "2024-1-1", ROWS).body["added"] == 5


def test_a_dam_that_was_entered_by_hand_is_without_the_record_again(app, take):
    by_hand = {"owner": "Other", "river": "River", "date_built": "1950", "longitude": -111.0, "latitude": 40.0}
    app.send(AddDam(name="By hand", nid_id="UT00003", **by_hand), user_name="local")
    before = inside(app)
    event = take(app, "2024-1-1", ROWS)
    assert event.body["adopted"] == 1
    undo(app, event)
    assert inside(app) == before and sound(app) == []


def test_imports_are_undone_from_the_last_back(app, take):
    first, second = take(app, "2024-1-1", ROWS), take(app, "2025-1-1", NEXT)
    words = f'"2025-1-1.csv" was imported since, by change {second.number}: undo that first.'
    with pytest.raises(Rejected, match=words):
        undo(app, first)
    undone = undo(app, second)
    with pytest.raises(Rejected, match=f"undone already, by change {undone.number}"):
        undo(app, second)
    with pytest.raises(Rejected, match="not one that can be undone: import the file again"):
        undo(app, undone)
    undo(app, first)
    with app.reading() as db:
        assert reads.count(db) == 2  # those of the first start


def test_what_people_changed_since_is_named_and_nothing_is_undone(app, take):
    take(app, "2024-1-1", ROWS)
    event = take(app, "2025-1-1", NEXT)
    changed, added = numbered(app, "UT00001"), numbered(app, "UT00006")
    edit(app, changed, river="Ours")
    app.send(AssignHydrograph(dam_id=added, file=hydrograph()), user_name="local")
    before = inside(app)
    with pytest.raises(Rejected, match='"Dam 6", "Dam 1", which it brought or changed, was changed since'):
        undo(app, event)
    assert inside(app) == before


def test_a_changed_dam_that_was_deleted_since_is_named(app, take):
    take(app, "2024-1-1", ROWS)
    event = take(app, "2025-1-1", NEXT)
    app.send(DeleteDam(dam_id=numbered(app, "UT00001")), user_name="local")
    with pytest.raises(Rejected, match='"Dam 1"'):
        undo(app, event)


def test_a_change_that_was_undone_itself_does_not_stand_in_the_way(app, take):
    take(app, "2024-1-1", ROWS)
    before = inside(app)
    event = take(app, "2025-1-1", NEXT)
    for nid_id in ("UT00001", "UT00006"):
        edit(app, numbered(app, nid_id), river="Ours")
        undo(app, newest(app))
    undo(app, event)
    dams, *others = inside(app)
    assert (dams, others) == (before[0], list(before[1:]))


def test_who_may_not_import_may_not_undo_one(app, take):
    event = take(app, "2024-1-1", ROWS)
    with pytest.raises(NotAllowed, match="diviewer may not"):
        undo(app, event, user="diviewer")


def test_the_history_of_each_dam_tells_of_it(app, take):
    take(app, "2024-1-1", ROWS)
    ids = {nid_id: numbered(app, nid_id) for nid_id in ("UT00001", "UT00002")}
    event = take(app, "2025-1-1", NEXT)
    ids["UT00006"] = numbered(app, "UT00006")
    undo(app, event)
    with app.reading() as db:
        told = {nid_id: events.read_before(db, dam_id=dam_id) for nid_id, dam_id in ids.items()}
    undid = 'The local user undid the import of "2025-1-1.csv", which'
    assert [sentence(found[0]) for found in told.values()] == [
        f"{undid} changed this dam.", f"{undid} brought this dam back.", f"{undid} removed this dam.",
    ]  # fmt: skip
    assert details(told["UT00001"][0])[0] == "river from Brook to Creek"
    assert [sentence(one).rpartition(", ")[2] for one in told["UT00006"]] == [
        "which removed this dam.", "which brought this dam.",
    ]  # fmt: skip


def test_the_inventory_is_seen_as_it_was_between_the_import_and_its_undoing(app, take):
    take(app, "2024-1-1", ROWS)
    gone = numbered(app, "UT00002")
    app.send(AssignHydrograph(dam_id=gone, file=hydrograph()), user_name="diadmin")
    event = take(app, "2025-1-1", NEXT)
    undone = undo(app, event)
    app.send(RemoveHydrograph(dam_id=gone), user_name="diadmin")
    seen = []
    for moment in (event.recorded_at, undone.recorded_at):
        with app.reading(as_of=moment) as db:
            page = reads.dams_page(db, Filter(search="Dam")).dams
            flows = reads.hydrograph(db, gone)
            seen.append((sorted(set(page["river"]) - {""}), "Dam 6" in set(page["name"]), flows and flows.file_name))
    assert seen == [(["Brook", "Creek"], True, None), (["Creek"], False, "h.csv")]


def test_a_backup_holds_it(app, take, tmp_path):
    take(app, "2024-1-1", ROWS)
    undo(app, take(app, "2025-1-1", NEXT))
    file = io.BytesIO()
    made = backup.write(app.engine, file)
    file.seek(0)
    other = store.open_engine(f"sqlite:///{tmp_path / 'other.sqlite'}")
    store.migrate(other)
    assert backup.restore(other, file) == made
    other.dispose()
