"""History: the chain of events, dams as they were, undoing, reasons; on SQLite and on PostgreSQL."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from servers import each_database

from data import as_of, chain, check, events, models, reads
from data.commands import (
    AddDam,
    AssignHydrograph,
    AssignSeries,
    DeleteDam,
    EditDam,
    ImportInventory,
    NotAllowed,
    Rejected,
    RemoveHydrograph,
    RemoveSeries,
    Undo,
)
from data.frames import FileReport, HydrographFile
from data.importers import inventory
from data.importers import series as series_files
from data.inventory import Filter

pytestmark = each_database


def add(name="Made-up Dam", user="local", app=None, **changes):
    values = {"owner": "Other", "river": "R", "date_built": "1941", "longitude": -111.5, "latitude": 40.5}
    return app.send(AddDam(name=name, **values | changes), user_name=user).dam_id


def edit(app, dam_id, **changes):
    now = dam(app, dam_id)
    names = ("name", "owner", "river", "date_built", "hazard", "nid_id", "longitude", "latitude", "revision")
    return app.send(EditDam(dam_id=dam_id, **{name: now[name] for name in names} | changes), user_name="local")


def undo(app, number, user="local"):
    return app.send(Undo(number=number), user_name=user)


def dam(app, dam_id):
    with app.reading() as db:
        return reads.dam(db, dam_id)


def last(app):
    with app.reading() as db:
        return events.read_before(db, limit=1)[0]


def hydrograph(name="h.csv", flows=(0.0, np.nan, 5.0)):
    points = pd.DataFrame({"time_hours": [float(i) for i in range(len(flows))], "flow_cfs": flows})
    return HydrographFile(FileReport(name, "hours", "utf-8", len(flows), len(flows), None, (), {}), points)


def flows(app, dam_id):
    with app.reading() as db:
        kept = reads.hydrograph(db, dam_id)
    return None if kept is None else (kept.file_name, kept.assigned_by, list(kept.points["flow_cfs"]))


def series(rows, name="stage.csv"):
    return series_files.read_bytes(name, ("time,Stage (ft)\n" + rows).encode())


def values(app, dam_id):
    with app.reading() as db:
        return [list(one.series.points["value"]) for one in reads.series(db, dam_id)]


# The chain


def break_event(app, **changes):
    with app._write.begin() as db:
        db.execute(sa.update(models.Event).where(models.Event.number == 3).values(**changes))


def verdict(app):
    with app.reading() as db:
        return chain.first_broken(db)


@pytest.fixture
def logged(app):
    """Six events: the two of the first start, and four."""
    dam_id = add("Émile's | Dam", app=app, longitude=-111.123456789012345)
    edit(app, dam_id, river="Other", latitude=40.00000000000001)
    app.send(AssignHydrograph(dam_id=dam_id, file=hydrograph()), user_name="local")
    app.send(DeleteDam(dam_id=dam_id), user_name="local")
    return app


def test_the_chain_holds_from_the_first_event_to_the_head_of_the_log(logged):
    assert verdict(logged) is None
    with logged.reading() as db:
        number, newest = chain.newest(db)
    assert number == 6 and len(newest) == 64


@pytest.mark.parametrize(
    "changes",
    [
        {"user_name": "diadmin"},
        {"body": {"after": {}}},
        {"recorded_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"dam_name": "Another"},
        {"longitude": 0.0},
        {"why": "because"},
        {"hash": "0" * 64},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_event_that_was_changed_is_named(logged, changes):
    break_event(logged, **changes)
    assert verdict(logged) == (3, "event 3 is not the one that was written")


def test_an_event_that_was_taken_out_is_named_in_the_middle_and_at_the_end(logged):
    with logged._write.begin() as db:
        db.execute(sa.delete(models.Event).where(models.Event.number == 6))
    assert verdict(logged) == (6, "event 6 is missing: the log once had 6")
    with logged._write.begin() as db:
        db.execute(sa.delete(models.Event).where(models.Event.number == 4))
    assert verdict(logged) == (4, "event 4 is missing")


def test_an_event_that_was_changed_together_with_its_hash_breaks_the_next(logged):
    with logged._write.begin() as db:
        table = models.Event.__table__
        rows = {row["number"]: row for row in db.execute(sa.select(table)).mappings()}
        forged = dict(rows[3]) | {"user_name": "diadmin"}
        new = chain.digest(rows[2]["hash"], forged)
        db.execute(sa.update(models.Event).where(models.Event.number == 3).values(user_name="diadmin", hash=new))
    assert verdict(logged).number == 4


def test_times_of_events_never_go_back_when_the_clock_is_set_back(make_app):
    times = [dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)]
    app = make_app(clock=lambda: times[-1])
    dam_id = add(app=app)
    times.append(times[0] - dt.timedelta(hours=1))
    edit(app, dam_id, river="Green")
    assert last(app).recorded_at == times[0] and dam(app, dam_id)["river"] == "Green"
    assert at(app, times[0], reads.dam, dam_id)["river"] == "Green"
    assert verdict(app) is None


def test_the_reason_is_in_the_log_and_a_long_one_is_refused_by_name(app):
    app.send(DeleteDam(dam_id=1, why="  breached in 1976 "), user_name="local")
    assert last(app).why == "breached in 1976"
    with pytest.raises(Rejected, match="at most 500") as found:
        app.send(DeleteDam(dam_id=2, why="x" * 501), user_name="local")
    assert set(found.value.problems) == {"why"}


# As of a date


def at(app, moment, query, *arguments):
    with app.reading(as_of=moment) as db:
        return query(db, *arguments)


def test_the_inventory_is_seen_as_it_was_at_any_moment(app):
    start = last(app).recorded_at
    dam_id = add(app=app, hazard="Low")
    added = last(app).recorded_at
    edit(app, dam_id, hazard="High", river="Green")
    edited = last(app).recorded_at
    app.send(DeleteDam(dam_id=1), user_name="local")
    deleted = last(app).recorded_at
    assert at(app, start, reads.count) == 2
    assert at(app, added, reads.facet, "hazard") == {"High": 2, "Low": 1}
    assert at(app, edited, reads.facet, "hazard") == {"High": 3}
    assert at(app, deleted, reads.count) == 2
    assert at(app, added, reads.dam, dam_id)["river"] == "R"
    assert at(app, edited, reads.dam, dam_id)["river"] == "Green"
    assert at(app, edited, reads.dam, 1)["name"] == "Deer Creek" and at(app, deleted, reads.dam, 1) is None
    names = at(app, edited, reads.dams_page, Filter(search="deer")).dams["name"]
    assert list(names) == ["Deer Creek"]
    assert at(app, added, reads.places).placed == 3


def moments(app, *works):
    """Do each, and give the moments between: before the first, after each."""
    found = [last(app).recorded_at]
    for work in works:
        work()
        found.append(last(app).recorded_at)
    return found


def test_a_dam_is_seen_with_the_hydrograph_that_it_had(app):
    def assign(name):
        app.send(AssignHydrograph(dam_id=1, file=hydrograph(name, (0.0, np.nan, float(len(name))))), user_name="local")

    seen = moments(
        app,
        lambda: assign("a.csv"),
        lambda: assign("second.csv"),
        lambda: app.send(RemoveHydrograph(dam_id=1), user_name="local"),
        lambda: undo(app, last(app).number),
        lambda: app.send(DeleteDam(dam_id=1), user_name="local"),
        lambda: undo(app, last(app).number),
    )
    found = [at(app, moment, reads.hydrograph, 1) for moment in seen]
    names = [one and one.file_name for one in found]
    assert names == [None, "a.csv", "second.csv", None, "second.csv", None, "second.csv"]
    assert found[1].points["flow_cfs"].tolist()[::2] == [0.0, 5.0] and np.isnan(found[1].points["flow_cfs"][1])
    assert (found[1].assigned_by, found[1].dam_name) == ("local", "Deer Creek")


def test_a_dam_is_seen_with_the_series_that_it_had(app):
    def assign(rows):
        file = series(rows)
        app.send(AssignSeries(dam_id=1, file=file, roles={file.series[0].about.id: "stage"}), user_name="local")

    def remove():
        with app.reading() as db:
            series_id = reads.series(db, 1)[0].series_id
        app.send(RemoveSeries(series_id=series_id), user_name="local")

    seen = moments(
        app,
        lambda: assign("2024-01-01,5\n"),
        lambda: assign("2024-01-01,6\n2024-01-02,7\n"),
        remove,
        lambda: undo(app, last(app).number),
        lambda: app.send(DeleteDam(dam_id=1), user_name="local"),
        lambda: undo(app, last(app).number),
    )
    found = [[list(one.series.points["value"]) for one in at(app, moment, reads.series, 1)] for moment in seen]
    assert found == [[], [[5.0]], [[6.0, 7.0]], [], [[6.0, 7.0]], [], [[6.0, 7.0]]]
    assert [at(app, moment, reads.series, 1)[0].role for moment in seen[1:3]] == ["stage", "stage"]


def test_a_moment_before_the_history_of_values_begins_is_told(app):
    with (
        pytest.raises(as_of.TooEarly, match="is known from"),
        app.reading(as_of=dt.datetime(2000, 1, 1, tzinfo=dt.UTC)),
    ):
        pass


# Undoing


def test_an_undone_edit_puts_the_values_back_and_is_a_change_of_its_own(app):
    done = edit(app, 1, river="Green", latitude=41.0)
    undo(app, done.number)
    assert (dam(app, 1)["river"], dam(app, 1)["latitude"]) == ("Provo River", 40.406624)
    assert (last(app).kind, last(app).body["undoes"]) == ("dam_edited", done.number)
    undo(app, last(app).number)
    assert dam(app, 1)["river"] == "Green"


def test_an_edit_of_values_that_changed_again_is_not_undone(app):
    done = edit(app, 1, river="Green")
    edit(app, 1, river="Blue")
    with pytest.raises(Rejected, match="changed again since, its River"):
        undo(app, done.number)
    assert dam(app, 1)["river"] == "Blue"


def test_an_undone_delete_brings_the_dam_back_whole_under_its_number(app):
    app.send(AssignHydrograph(dam_id=1, file=hydrograph()), user_name="diadmin")
    stage = series("2024-01-01,5\n2024-01-02,\n2024-01-03,7\n")
    app.send(AssignSeries(dam_id=1, file=stage, roles={stage.series[0].about.id: "stage"}), user_name="local")
    before, dots, points = dict(dam(app, 1)), flows(app, 1), values(app, 1)
    done = app.send(DeleteDam(dam_id=1), user_name="local")
    assert flows(app, 1) is None and values(app, 1) == []
    undo(app, done.number)
    after = dict(dam(app, 1))
    assert [name for name in before if str(before[name]) != str(after[name])] == ["revision"]
    np.testing.assert_equal(flows(app, 1), dots)
    np.testing.assert_equal(values(app, 1), points)
    with pytest.raises(Rejected, match="back already"):
        undo(app, done.number)
    assert verdict(app) is None


def test_an_undone_add_deletes_the_dam_where_the_user_may(app):
    add(app=app, user="diadmin")
    number = last(app).number
    with pytest.raises(NotAllowed):
        undo(app, number, "diviewer")
    undo(app, number, "diadmin")
    assert last(app).kind == "dam_deleted"


def test_undoing_a_delete_counts_for_the_quota_of_the_creator(app):
    for _ in range(3):
        add(app=app, user="diadmin")
    gone = app.send(DeleteDam(dam_id=3), user_name="diadmin")
    add(app=app, user="diadmin")
    with pytest.raises(Rejected, match="exceeded your quota"):
        undo(app, gone.number, "diadmin")


def test_a_replaced_and_a_removed_hydrograph_come_back(app):
    app.send(AssignHydrograph(dam_id=1, file=hydrograph("old.csv", (1.0, 2.0))), user_name="diadmin")
    first = last(app).number
    replaced = app.send(AssignHydrograph(dam_id=1, file=hydrograph("new.csv", (3.0,))), user_name="local")
    with pytest.raises(Rejected, match=f"changed again since, by change {replaced.number}"):
        undo(app, first)
    undo(app, replaced.number)
    assert flows(app, 1) == ("old.csv", "diadmin", [1.0, 2.0])
    removed = app.send(RemoveHydrograph(dam_id=1), user_name="local")
    undo(app, removed.number)
    assert flows(app, 1) == ("old.csv", "diadmin", [1.0, 2.0])


def test_an_undone_first_hydrograph_goes(app):
    app.send(AssignHydrograph(dam_id=1, file=hydrograph()), user_name="local")
    undo(app, last(app).number)
    assert flows(app, 1) is None and last(app).kind == "hydrograph_removed"


def test_a_series_that_was_added_to_is_as_before_and_a_removed_one_comes_back(app):
    one, two = series("2024-01-01,5\n"), series("2024-01-01,6\n2024-01-02,7\n")
    roles = {one.series[0].about.id: "stage"}
    app.send(AssignSeries(dam_id=1, file=one, roles=roles), user_name="local")
    longer = app.send(AssignSeries(dam_id=1, file=two, roles=roles), user_name="local")
    assert values(app, 1) == [[6.0, 7.0]]
    undo(app, longer.number)
    assert values(app, 1) == [[5.0]]
    with app.reading() as db:
        series_id = reads.series(db, 1)[0].series_id
    removed = app.send(RemoveSeries(series_id=series_id), user_name="local")
    undo(app, removed.number)
    assert values(app, 1) == [[5.0]]


def test_what_cannot_be_undone_says_why(app):
    with pytest.raises(Rejected, match="There is no change 99"):
        undo(app, 99)


HEAD = "Dam Name,NID ID,State,Hazard Potential Classification,Year Completed,River or Stream Name"


def release(app, tmp_path, updated, rows):
    path = tmp_path / f"{updated}.csv"
    path.write_text("\n".join([f"Data Last Updated: {updated}", HEAD, *rows, ""]))
    with inventory.read(path) as file:
        app.send(ImportInventory(file=file, whole=True, otherwise="theirs"), user_name="local")
    return last(app)


def test_the_inventory_is_seen_as_it_was_before_a_release_changed_and_removed_dams(app, tmp_path):
    rows = [f"Dam {n},UT{n:05d},Utah,Low,1950,Creek" for n in (1, 2, 3)]
    first = release(app, tmp_path, "2024-1-1", rows)
    with app.reading() as db:
        gone = int(reads.dams_page(db, Filter(search="UT00003")).dams.index[0])
    app.send(AssignHydrograph(dam_id=gone, file=hydrograph()), user_name="diadmin")
    second = release(app, tmp_path, "2025-1-1", [rows[0].replace("Creek", "Brook"), rows[1]])
    assert second.body["changed"] == 1 and second.body["removed"] == 1
    assert at(app, first.recorded_at, reads.count) == 5 and at(app, second.recorded_at, reads.count) == 4
    rivers = [list(at(app, moment, reads.dams_page, Filter(search="UT00001")).dams["river"])
              for moment in (first.recorded_at, second.recorded_at)]  # fmt: skip
    assert rivers == [["Creek"], ["Brook"]]
    assert [one["kind"] for one in second.body["kept"]] == ["hydrograph"]
    with app.reading() as db:
        assert [one.wrong for one in check.look_over(db) if one.wrong] == []
