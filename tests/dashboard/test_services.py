"""Commands through the one door: rights, limits, submit keys, events, on SQLite and on PostgreSQL."""

import dataclasses
import datetime as dt
import threading
import time
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from servers import each_database

from data import events, models, reads
from data.commands import (
    AddDam,
    AssignHydrograph,
    Changed,
    Clash,
    Clashed,
    DeleteDam,
    EditDam,
    Failed,
    NotAllowed,
    Rejected,
    RemoveHydrograph,
)
from data.frames import FileReport, HydrographFile
from data.inventory import Filter

pytestmark = each_database

SEEDED = 2  # Deer Creek and Jordanelle


def made_up(name="Made-up Dam", **changes):
    values = {"owner": "Other", "river": "Made-up River", "date_built": "1941", "longitude": -111.5, "latitude": 40.5}
    return AddDam(name=name, **values | changes)


def hydrograph(times=(0.0, 1.0, 2.0), flows=(0.0, np.nan, 5.0), name="h.csv", **counts):
    points = pd.DataFrame({"time_hours": times, "flow_cfs": flows})
    return HydrographFile(FileReport(name, "hours", "utf-8", len(points), len(points), None, (), counts), points)


def log(app):
    with app.reading() as db:
        return events.read_after(db, 0)


def dam(app, dam_id):
    with app.reading() as db:
        return reads.dam(db, dam_id)


def count(app):
    with app.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(models.Dam))


def test_R14_the_first_start_seeds_the_two_dams_with_the_dates_right(app):
    with app.reading() as db:
        found = reads.dams_page(db).dams
    assert list(found["name"]) == ["Deer Creek", "Jordanelle"]
    assert list(found["date_built"]) == ["1941", "1993"]
    assert [tuple(place) for place in found[["latitude", "longitude"]].to_numpy()] == [
        (40.406624, -111.529133),
        (40.598168, -111.424055),
    ]
    assert set(found["owner"]) == {"Reclamation"} and set(found["river"]) == {"Provo River"}


def test_R14_a_seeded_dam_that_was_deleted_does_not_come_back_at_the_next_start(app):
    app.send(DeleteDam(dam_id=1), user_name="local")
    app.prepare()
    assert count(app) == SEEDED - 1


def test_a_start_on_a_whole_database_waits_for_no_writer(app, make_app):
    with app._write.begin() as db:
        db.execute(sa.update(models.LogHead).values(number=models.LogHead.number))  # a writer in the midst of it
        make_app()


def test_an_added_dam_and_its_event_are_stored_together(app):
    done = app.send(made_up(), user_name="local", origin="page-1")
    event = log(app)[-1]
    assert (event.number, event.kind, event.dam_id, event.user_name, event.origin) == (
        SEEDED + 1,
        "dam_added",
        done.dam_id,
        "local",
        "page-1",
    )
    assert event.body["after"]["name"] == dam(app, done.dam_id)["name"] == "Made-up Dam"
    assert event.recorded_at.tzinfo is not None


def test_a_refused_command_leaves_no_row_no_event_and_no_number(app):
    with pytest.raises(Rejected):
        app.send(made_up(name=""), user_name="local")
    app.send(made_up(), user_name="local")
    assert [event.number for event in log(app)] == [1, 2, 3]
    assert count(app) == SEEDED + 1


@pytest.mark.parametrize(
    "command",
    [
        made_up(),
        EditDam(dam_id=1, revision=1, name="X", owner="Other", river="X", date_built="1941", longitude=1, latitude=1),
        DeleteDam(dam_id=1),
        AssignHydrograph(dam_id=1, file=hydrograph()),
        RemoveHydrograph(dam_id=1),
    ],
    ids=lambda command: type(command).__name__,
)
@pytest.mark.parametrize("user", ["diviewer", "nobody", ""])
def test_R15_defect_1_every_command_is_refused_to_a_user_without_the_right(app, command, user):
    with pytest.raises(NotAllowed, match="may not"):
        app.send(command, user_name=user)
    assert len(log(app)) == SEEDED


def test_R15_a_right_that_was_taken_away_is_refused_at_once(app):
    app.send(made_up(), user_name="diadmin")
    with app._write.begin() as db:
        db.execute(sa.update(models.Role).where(models.Role.name == "diadmin").values(rights=["view"]))
    with pytest.raises(NotAllowed):
        app.send(made_up(), user_name="diadmin")


def test_R11_a_dam_can_be_deleted_by_its_creator_and_by_staff_only(app):
    mine = app.send(made_up(), user_name="diadmin").dam_id
    with pytest.raises(NotAllowed, match="You are not the creator of this dam"):
        app.send(DeleteDam(dam_id=1), user_name="diadmin")
    app.send(DeleteDam(dam_id=mine), user_name="diadmin")
    app.send(DeleteDam(dam_id=1), user_name="local")
    assert [event.kind for event in log(app)][-2:] == ["dam_deleted", "dam_deleted"]


def test_deleting_a_dam_that_is_gone_is_refused_with_a_sentence(app):
    app.send(DeleteDam(dam_id=1), user_name="local")
    with pytest.raises(Rejected, match="Dam 1 is not in the inventory"):
        app.send(DeleteDam(dam_id=1), user_name="local")


def test_the_id_of_a_deleted_dam_is_never_given_again(app):
    first = app.send(made_up(), user_name="local").dam_id
    app.send(DeleteDam(dam_id=first), user_name="local")
    assert app.send(made_up(), user_name="local").dam_id > first


def at_once(calls):
    """Run the calls in threads that start together; gives what each returned or raised."""
    barrier = threading.Barrier(len(calls))
    results = [None] * len(calls)

    def run(place, call):
        barrier.wait()
        try:
            results[place] = call()
        except Exception as problem:
            results[place] = problem

    threads = [threading.Thread(target=run, args=item) for item in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_R10_defect_4_twenty_adds_at_once_never_pass_the_cap(make_app):
    apps = [make_app(max_dams=5), make_app(max_dams=5)]  # as two processes on one database
    calls = [lambda i=i: apps[i % 2].send(made_up(f"Dam {i}"), user_name="local") for i in range(20)]
    results = at_once(calls)
    outcomes = Counter(type(result).__name__ for result in results)
    assert outcomes == {"Done": 5 - SEEDED, "Rejected": 20 - (5 - SEEDED)}
    assert count(apps[0]) == 5
    assert [event.number for event in log(apps[0])] == list(range(1, 6))


def test_R10_a_full_inventory_is_told_in_the_words_of_the_reference(make_app):
    app = make_app(max_dams=SEEDED)
    with pytest.raises(Rejected) as caught:
        app.send(made_up("Full Dam"), user_name="local")
    assert str(caught.value) == 'Unable to add dam "Full Dam", because the inventory is full.'


def test_R10_a_deleted_dam_makes_room(make_app):
    app = make_app(max_dams=SEEDED)
    app.send(DeleteDam(dam_id=1), user_name="local")
    app.send(made_up(), user_name="local")


def test_R16_the_quota_is_three_dams_a_user_also_at_once_and_staff_are_exempt(app):
    results = at_once([lambda i=i: app.send(made_up(f"Dam {i}"), user_name="diadmin") for i in range(8)])
    refused = [str(result) for result in results if isinstance(result, Rejected)]
    assert len(results) - len(refused) == 3
    assert set(refused) == {
        "You have exceeded your quota on dams. Please visit the dams page and remove unneeded dams."
    }
    for i in range(5):
        app.send(made_up(f"Staff {i}"), user_name="local")


def test_R16_a_deleted_dam_gives_its_place_in_the_quota_back(app):
    ids = [app.send(made_up(f"Dam {i}"), user_name="diadmin").dam_id for i in range(3)]
    app.send(DeleteDam(dam_id=ids[0]), user_name="local")
    app.send(made_up(), user_name="diadmin")


def test_a_double_click_adds_once(app):
    command = made_up(submit_key="one-form")
    results = at_once([lambda: app.send(command, user_name="local")] * 6)
    assert {(done.number, done.dam_id) for done in results} == {(SEEDED + 1, results[0].dam_id)}
    assert sum(not done.repeated for done in results) == 1
    assert count(app) == SEEDED + 1


def test_a_retry_of_the_add_that_filled_the_inventory_is_not_an_error(make_app):
    app = make_app(max_dams=SEEDED + 1)
    command = made_up(submit_key="last-place")
    first = app.send(command, user_name="local")
    assert app.send(command, user_name="local") == first._replace(repeated=True)


def edit(app, dam_id, revision=None, **changes):
    row = dam(app, dam_id)
    values = row[["name", "owner", "river", "date_built", "hazard", "nid_id", "longitude", "latitude"]].to_dict()
    revision = int(row["revision"]) if revision is None else revision
    return EditDam(dam_id=dam_id, revision=revision, **values | changes)


def test_an_edit_stores_only_what_changed_with_before_and_after(app):
    app.send(edit(app, 1, river="Heber Creek"), user_name="local")
    assert log(app)[-1].body == {"before": {"river": "Provo River"}, "after": {"river": "Heber Creek"}}
    assert dam(app, 1)["river"] == "Heber Creek" and dam(app, 1)["revision"] == 2


def test_a_dam_entered_by_hand_lies_in_the_state_of_its_place_and_is_found_by_it(app):
    place = {"longitude": -89.5, "latitude": 33.5}
    dam_id = app.send(made_up("Yalobusha Dam", **place), user_name="local").dam_id
    assert dam(app, dam_id)["state"] == "Mississippi"
    assert "state" not in log(app)[-1].body["after"]
    with app.reading() as db:
        assert list(reads.dams_page(db, Filter(state=("Mississippi",))).dams["name"]) == ["Yalobusha Dam"]
        assert list(reads.dams_page(db, Filter(search="mississippi")).dams["name"]) == ["Yalobusha Dam"]


def test_the_state_of_a_dam_entered_by_hand_follows_its_place_and_nothing_else(app):
    app.send(edit(app, 1, longitude=-89.5, latitude=33.5), user_name="local")
    assert dam(app, 1)["state"] == "Mississippi"
    assert log(app)[-1].body["after"] == {"longitude": -89.5, "latitude": 33.5}
    app.send(edit(app, 1, longitude=-140.0, latitude=30.0), user_name="local")
    assert dam(app, 1)["state"] == ""
    with app._write.begin() as db:
        db.execute(sa.update(models.Dam).where(models.Dam.dam_id == 2).values(state="Elsewhere"))
    app.send(edit(app, 2, river="Heber Creek"), user_name="local")
    assert dam(app, 2)["state"] == "Elsewhere"


def test_the_state_of_a_source_record_stays_when_its_dam_is_moved(app):
    with app._write.begin() as db:
        db.execute(sa.update(models.Dam).where(models.Dam.dam_id == 1).values(source_key="UT10117/"))
    app.send(edit(app, 1, longitude=-89.5, latitude=33.5), user_name="local")
    assert dam(app, 1)["state"] == "Utah"


def test_an_edit_of_the_same_field_that_somebody_else_changed_meanwhile_is_for_a_person_to_decide(app):
    late = edit(app, 1, river="Late", owner="Other", latitude=40.0)
    app.send(edit(app, 1, river="Early", hazard="Low"), user_name="local")
    with pytest.raises(Clashed, match="and the same as you: River") as found:
        app.send(late, user_name="local")
    assert found.value.clashes == (Clash("river", "Provo River", "Early", "Late"),)
    assert dam(app, 1)["river"] == "Early" and dam(app, 1)["owner"] == "Reclamation"
    decided = EditDam(dam_id=1, revision=found.value.revision, **found.value.merged | {"river": "Early"})
    app.send(decided, user_name="local")
    now = dam(app, 1)
    assert [now[name] for name in ("river", "owner", "hazard", "latitude")] == ["Early", "Other", "Low", 40.0]


def test_edits_of_different_fields_merge_and_the_coordinates_are_one(app):
    late = edit(app, 1, river="Late", latitude=40.0)
    app.send(edit(app, 1, owner="Other"), user_name="local")
    app.send(late, user_name="local")
    now = dam(app, 1)
    assert [now[name] for name in ("river", "owner", "latitude")] == ["Late", "Other", 40.0]
    assert log(app)[-1].body["after"] == {"river": "Late", "latitude": 40.0}
    east = edit(app, 1, longitude=-110.0)
    app.send(edit(app, 1, latitude=41.0), user_name="local")
    with pytest.raises(Clashed, match="Location"):
        app.send(east, user_name="local")


def test_an_edit_whose_beginning_is_not_known_is_refused(app):
    with pytest.raises(Changed, match="load it again"):
        app.send(dataclasses.replace(edit(app, 1, river="Late"), revision=7), user_name="local")


def test_an_edit_that_changes_nothing_is_no_event(app):
    with pytest.raises(Rejected, match="Nothing was changed"):
        app.send(edit(app, 1), user_name="local")
    assert len(log(app)) == SEEDED


def test_R12_an_assigned_hydrograph_comes_back_as_it_was_read_missing_flow_included(app):
    app.send(AssignHydrograph(dam_id=1, file=hydrograph(**{"read as missing": 1}), accepted=True), user_name="local")
    with app.reading() as db:
        kept = reads.hydrograph(db, 1)
    pd.testing.assert_frame_equal(kept.points, hydrograph().points)
    assert (kept.file_name, kept.assigned_by, kept.note_counts) == ("h.csv", "local", {"read as missing": 1})


def test_R12_a_new_file_replaces_the_old(app):
    app.send(AssignHydrograph(dam_id=1, file=hydrograph()), user_name="local")
    app.send(AssignHydrograph(dam_id=1, file=hydrograph((0.0,), (7.0,), name="new.csv")), user_name="local")
    with app.reading() as db:
        assert list(reads.hydrograph(db, 1).points["flow_cfs"]) == [7.0]
        assert db.scalar(sa.select(sa.func.count()).select_from(models.HydrographPoint)) == 1
    assert log(app)[-1].body["replaced"] == "h.csv"


def test_defect_7_nothing_is_replaced_when_the_report_was_not_accepted(app):
    app.send(AssignHydrograph(dam_id=1, file=hydrograph()), user_name="local")
    with pytest.raises(Rejected, match="accept it"):
        app.send(AssignHydrograph(dam_id=1, file=hydrograph(name="bad.csv", refused=1)), user_name="local")
    with app.reading() as db:
        assert reads.hydrograph(db, 1).file_name == "h.csv"


def test_a_hydrograph_goes_with_its_dam(app):
    app.send(AssignHydrograph(dam_id=1, file=hydrograph()), user_name="local")
    app.send(DeleteDam(dam_id=1), user_name="local")
    with app.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(models.HydrographPoint)) == 0


def test_a_removed_hydrograph_is_an_event_and_the_second_removal_is_refused(app):
    app.send(AssignHydrograph(dam_id=1, file=hydrograph()), user_name="local")
    app.send(RemoveHydrograph(dam_id=1), user_name="local")
    assert log(app)[-1].kind == "hydrograph_removed"
    with pytest.raises(Rejected, match="has no hydrograph"):
        app.send(RemoveHydrograph(dam_id=1), user_name="local")


def test_a_database_that_cannot_be_written_is_told_in_a_sentence_and_changes_nothing(app, caplog):
    with app._write.begin() as other:
        other.execute(sa.update(models.LogHead).values(dam_count=2))  # holds the lock that every command needs
        with pytest.raises(Failed, match="Nothing was changed"):
            app.send(made_up(), user_name="local")
    assert "AddDam was not carried out" in caplog.text


def test_many_who_wait_for_a_lock_are_told_soon_and_leave_connections_to_read_with(app):
    told = []

    def try_it():
        begun = time.monotonic()
        with pytest.raises(Failed):
            app.send(made_up(), user_name="local")
        told.append(time.monotonic() - begun)

    with app._write.begin() as other:
        other.execute(sa.update(models.LogHead).values(dam_count=models.LogHead.dam_count))
        people = [threading.Thread(target=try_it) for _ in range(20)]
        for one in people:
            one.start()
        begun = time.monotonic()
        assert count(app) == SEEDED
        read = time.monotonic() - begun
        for one in people:
            one.join()
    assert len(told) == 20 and max(told) < 3.0 and read < 1.0, (told, read)
    app.send(made_up(), user_name="local")


def test_the_built_in_users_are_what_R15_and_R16_need(make_app):
    for user, rights, staff in (("local", 7, True), ("diadmin", 5, False), ("diviewer", 1, False)):
        actor = make_app(user=user).actor()
        assert (actor.name, len(actor.rights), actor.staff) == (user, rights, staff)


def test_times_are_aware_utc(app):
    app.send(made_up(), user_name="local")
    assert abs(dt.datetime.now(dt.UTC) - log(app)[-1].recorded_at) < dt.timedelta(minutes=1)
