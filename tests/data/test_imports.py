"""Inventory files taken in: all or nothing, release after release, on SQLite and on PostgreSQL."""

import csv
import gzip
import io
import json

import pytest
import sqlalchemy as sa
from servers import each_database

from data import events, models, reads
from data.commands import (
    AddDam,
    AssignHydrograph,
    EditDam,
    ImportConflicts,
    ImportInventory,
    NotAllowed,
    Rejected,
    Unchanged,
)
from data.importers import hydrograph_csv, inventory
from data.inventory import Filter

pytestmark = each_database

COLUMNS = ("Dam Name", "NID ID", "Other Structure ID", "Owner Names", "River or Stream Name", "State",
           "Latitude", "Longitude", "Hazard Potential Classification", "Year Completed", "NID Height (Ft)",
           "Free Text")  # fmt: skip
DAMS = (
    ("First", "ZZ00001", "", "County", "Creek", "Utah", "40.0", "-111.0", "Low", "1950", "20", "=1+1"),
    ("Second", "ZZ00002", "", "", "", "Utah", "40.1", "-111.1", "High", "", "", "None"),
    ("Saddle", "ZZ00002", "S001", "", "", "Utah", "40.2", "-111.1", "High", "", "", "N/A"),
    ("Nowhere", "ZZ00003", "", "", "", "Idaho", "", "", "", "1960", "30", " two  blanks "),
)


@pytest.fixture
def read(tmp_path):
    """``read(rows, updated)`` gives a file that was read; ``read(path)`` one of real rows."""
    made = []

    def read_it(rows, updated="2025-1-1", columns=COLUMNS):
        path = rows
        if not hasattr(rows, "read_bytes"):
            text = io.StringIO()
            text.write(f"Data Last Updated: {updated}\n")
            csv.writer(text).writerows([columns, *rows])
            path = tmp_path / f"release-{len(made)}.csv"
            path.write_text(text.getvalue())
        made.append(inventory.read(path))
        return made[-1]

    yield read_it
    for file in made:
        file.close()


def changed(dams, key, **values):
    """``dams`` with other values in the row of a NID ID (main dam)."""
    rows = [dict(zip(COLUMNS, dam, strict=True)) for dam in dams]
    for row in rows:
        if (row["NID ID"], row["Other Structure ID"]) == (key, ""):
            row |= {name.replace("_", " "): value for name, value in values.items()}
    return [tuple(row.values()) for row in rows]


def take(app, file, user="local", **options):
    return app.send_import(ImportInventory(file=file, **options), user_name=user)


def all_dams(app):
    with app.reading() as db:
        found = reads.dams_page(db, Filter(), limit=None).dams
        return {row["nid_id"] + row["name"]: row for _, row in found.iterrows()}


def one(app, name):
    with app.reading() as db:
        dam_id = db.scalar(sa.select(models.Dam.dam_id).where(models.Dam.name == name))
        return None if dam_id is None else reads.dam(db, dam_id)


def whole(app):
    """Everything that is stored, to see that nothing was changed."""
    with app.reading() as db:
        return [
            [tuple(row) for row in db.execute(sa.select(table).order_by(*table.primary_key))]
            for table in models.Base.metadata.sorted_tables
        ]


def test_an_import_adds_every_dam_with_one_event(app, read):
    body = take(app, read(DAMS))
    assert (body["added"], body["changed"], body["removed"]) == (4, 0, 0)
    with app.reading() as db:
        event = events.read_before(db, limit=1)[0]
        assert (event.kind, event.body, event.dam_name, event.number) == (
            "inventory_imported",
            body,
            "release-0.csv",
            3,
        )
        made = db.scalars(sa.select(models.Import)).one()
        assert (made.number, made.last_updated, made.imported_by) == (3, "2025-01-01", "local")
        assert db.scalar(sa.select(models.LogHead.dam_count)) == 6
    dam = one(app, "First")
    assert (dam["owner"], dam["river"], dam["date_built"], dam["height_ft"], dam["state"]) == (
        "County", "Creek", "1950", 20, "Utah",
    )  # fmt: skip
    assert (
        one(app, "Nowhere")["longitude"] is None or one(app, "Nowhere")["longitude"] != one(app, "Nowhere")["longitude"]
    )


def test_the_record_of_a_dam_is_kept_cell_for_cell(app, read):
    take(app, read(DAMS))
    for dam in DAMS:
        with app.reading() as db:
            record = reads.source_record(db, int(one(app, dam[0]).name))
        assert tuple(record.cells.values()) == dam and tuple(record.cells) == COLUMNS
        assert (record.file_name, record.system, record.last_updated) == ("release-0.csv", "NID", "2025-01-01")
    assert record.line == 6


def test_mississippi_is_taken_in_whole(app, read, shared_data):
    body = take(app, read(shared_data / "nid" / "nid_ms_2024.csv"))
    assert body["added"] == 6093
    with app.reading() as db:
        assert reads.count(db, Filter(state=("Mississippi",), hazard=("High",))) == 347
        assert reads.count(db, Filter(state=("Mississippi",), hazard=("High",), condition=("Poor",))) > 0
        total = db.scalar(sa.select(sa.func.sum(models.Dam.storage_acre_ft)))
        assert total == pytest.approx(12342730.62)


def test_the_same_file_twice_changes_nothing_and_says_so(app, read):
    take(app, read(DAMS))
    before = whole(app)
    with pytest.raises(Unchanged, match=r"was imported on .* as 'release-0\.csv': nothing was changed"):
        take(app, read(DAMS))
    assert whole(app) == before


def test_a_file_that_a_browser_packed_on_the_way_is_the_file_that_the_command_line_read(app, read, tmp_path):
    plain = read(DAMS)
    path = tmp_path / "sent"
    path.write_bytes(gzip.compress((tmp_path / "release-0.csv").read_bytes()))
    with inventory.read(path, packed_on_the_way=True) as sent:
        assert (sent.report.encoding, sent.report.accepted) == ("UTF-8", 4)
        take(app, plain)
        with pytest.raises(Unchanged):
            take(app, sent)
    path.write_bytes(gzip.compress(gzip.compress((tmp_path / "release-0.csv").read_bytes())))
    with inventory.read(path, packed_on_the_way=True) as sent:
        assert (sent.report.encoding, sent.report.accepted) == ("UTF-8, gzip", 4)


@pytest.mark.parametrize("user", ["diadmin", "diviewer"])
def test_who_lacks_the_right_cannot_import(app, read, user):
    before = whole(app)
    with pytest.raises(NotAllowed, match="may not import inventories"):
        take(app, read(DAMS), user=user)
    assert whole(app) == before


def test_a_refused_file_changes_nothing(app, read, tmp_path):
    path = tmp_path / "wrong.csv"
    path.write_text("a,b\n1,2\n")
    before = whole(app)
    with pytest.raises(Rejected, match="No column holds an id"):
        take(app, read(path))
    assert whole(app) == before


def test_an_import_that_breaks_off_changes_nothing(app, read):
    class Cancelled(Exception):
        pass

    def cancel(rows):
        raise Cancelled

    before = whole(app)
    with pytest.raises(Cancelled):
        take(app, read(DAMS), progress=cancel)
    assert whole(app) == before


def test_a_rehearsal_tells_what_would_be_done_and_does_nothing(app, read):
    before = whole(app)
    assert app.rehearse(ImportInventory(file=read(DAMS)), user_name="local").added == 4
    assert whole(app) == before


def test_an_inventory_that_is_full_takes_none_of_a_file(make_app, read):
    app = make_app(max_dams=5)
    before = whole(app)
    with pytest.raises(Rejected, match=r"4 dams of release-0.csv, because the inventory is full"):
        take(app, read(DAMS))
    assert whole(app) == before


def test_a_new_release_adds_removes_and_changes_field_by_field(app, read):
    take(app, read(DAMS))
    new = changed(DAMS, "ZZ00001", Hazard_Potential_Classification="High", Free_Text="other")[:3]
    new.append(("Fourth", "ZZ00004", "", "", "", "Idaho", "43", "-112", "Low", "", "", ""))
    body = take(app, read(new, "2026-2-2"))
    assert {k: body[k] for k in ("added", "changed", "removed", "unchanged", "kept")} == {
        "added": 1, "changed": 1, "removed": 1, "unchanged": 2, "kept": 0,
    }  # fmt: skip
    assert one(app, "First")["hazard"] == "High" and one(app, "Nowhere") is None and one(app, "Fourth") is not None
    with app.reading() as db:
        changes = db.execute(sa.select(models.DamChange.kind, models.DamChange.before, models.DamChange.after)).all()
        assert ("changed", {"hazard": "Low"}, {"hazard": "High"}) in [tuple(change) for change in changes]
        assert {change.kind for change in changes} == {"changed", "removed"}
        assert reads.source_record(db, int(one(app, "First").name)).cells["Free Text"] == "other"
        assert db.scalar(sa.select(models.LogHead.dam_count)) == 6


def test_what_people_here_changed_stays_and_what_the_release_changed_is_taken(app, read):
    take(app, read(DAMS))
    edit(app, "First", river="Our Creek")
    body = take(app, read(changed(DAMS, "ZZ00001", Year_Completed="1951"), "2026-2-2"))
    dam = one(app, "First")
    assert (dam["river"], dam["date_built"], body["changed"]) == ("Our Creek", "1951", 1)


def edit(app, name, **values):
    dam = one(app, name)
    known = {
        field: dam[field]
        for field in ("name", "owner", "river", "date_built", "hazard", "nid_id", "latitude", "longitude")
    }
    known |= {
        "owner": dam["owner"] or "Other",
        "river": dam["river"] or "Creek",
        "date_built": dam["date_built"] or "1900",
    }
    app.send(EditDam(dam_id=int(dam.name), revision=int(dam["revision"]), **known | values), user_name="local")


def test_where_both_changed_a_value_a_person_decides(app, read):
    take(app, read(DAMS))
    edit(app, "First", hazard="Significant")
    new = changed(DAMS, "ZZ00001", Hazard_Potential_Classification="High", Year_Completed="1951")
    before = whole(app)
    with pytest.raises(ImportConflicts) as open_:
        take(app, read(new, "2026-2-2"))
    (conflict,) = open_.value.conflicts
    assert (conflict.name, conflict.field, conflict.before, conflict.theirs, conflict.ours) == (
        "First", "hazard", "Low", "High", "Significant",
    )  # fmt: skip
    assert whole(app) == before
    assert take(app, read(new, "2026-2-2"), decisions={(conflict.key, "hazard"): "ours"})["kept"] == 1
    dam = one(app, "First")
    assert (dam["hazard"], dam["date_built"]) == ("Significant", "1951")


def test_a_decision_for_the_release_takes_its_value(app, read):
    take(app, read(DAMS))
    edit(app, "First", latitude=41.0)
    new = changed(DAMS, "ZZ00001", Latitude="40.5")
    take(app, read(new, "2026-2-2"), otherwise="theirs")
    assert one(app, "First")["latitude"] == 40.5


def test_a_dam_that_the_release_dropped_and_people_here_work_with_is_for_a_person_to_decide(app, read, shared_data):
    take(app, read(DAMS))
    dam_id = int(one(app, "Second").name)
    content = (shared_data / "hydrographs" / "hydrograph1.csv").read_bytes()
    app.send(AssignHydrograph(dam_id=dam_id, file=hydrograph_csv.read("h.csv", content)), user_name="local")
    with pytest.raises(ImportConflicts) as open_:
        take(app, read([DAMS[0], *DAMS[2:]], "2026-2-2"))
    assert [(c.field, c.ours) for c in open_.value.conflicts] == [("removed", "changed here: hydrograph")]
    take(app, read([DAMS[0], *DAMS[2:]], "2026-2-2"), otherwise="ours")
    assert one(app, "Second") is not None


def test_a_state_s_list_removes_nothing_elsewhere_and_a_part_removes_nothing(app, read):
    take(app, read(DAMS))
    assert take(app, read(DAMS[:1], "2026-2-2"), whole=False)["removed"] == 0
    body = take(app, read(DAMS[:3], "2026-3-3"))
    assert (body["removed"], one(app, "Nowhere") is not None) == (0, True)


def many(count, skip=0):
    """``count`` dams of Utah, the first ``skip`` left out."""
    return [
        (f"Dam {n}", f"ZZ1{n:04d}", "", "", "", "Utah", f"40.{n:04d}", "-111", "Low", "1950", "20", "")
        for n in range(skip, count)
    ]


def test_a_file_older_than_the_newest_import_of_its_dams_is_refused_with_both_dates(app, read):
    take(app, read(DAMS, "2024-1-11"))
    before = whole(app)
    old = changed(DAMS, "ZZ00001", Hazard_Potential_Classification="High")[:3]
    with pytest.raises(Rejected, match=r"2020-01-07.*1 of its dams is.*'release-0\.csv'.*2024-01-11") as refusal:
        take(app, read(old, "2020-1-7"))
    assert list(refusal.value.problems) == ["older"]
    assert whole(app) == before
    with pytest.raises(Rejected, match="2024-01-11"):
        app.rehearse(ImportInventory(file=read(old, "2020-1-7")), user_name="local")


def test_an_older_file_that_is_meant_counts_as_the_next_release(app, read):
    take(app, read(DAMS, "2024-1-11"))
    old = changed(DAMS, "ZZ00001", Hazard_Potential_Classification="High")
    body = take(app, read(old, "2020-1-7"), older=True)
    assert (body["changed"], one(app, "First")["hazard"]) == (1, "High")
    assert take(app, read(DAMS, "2024-1-11"))["changed"] == 1  # the newer one can be given again


def test_an_older_file_of_other_dams_is_taken(app, read):
    take(app, read(DAMS[:3], "2024-1-11"))
    assert take(app, read(DAMS[3:], "2020-1-7"))["added"] == 1  # another state
    fourth = [("Fourth", "ZZ00004", "", "", "", "Utah", "40", "-111", "Low", "", "", "")]
    assert take(app, read(fourth, "2019-1-1"), whole=False)["added"] == 1  # a part of the same state


def test_an_older_list_that_would_remove_newer_dams_is_refused_though_it_has_none_of_them(app, read):
    take(app, read(DAMS[:1], "2024-1-11"))
    fourth = [("Fourth", "ZZ00004", "", "", "", "Utah", "40", "-111", "Low", "", "", "")]
    with pytest.raises(Rejected, match=r"1 dam of 'release-0\.csv', last updated 2024-01-11, would be removed"):
        take(app, read(fourth, "2020-1-7"))


def test_records_that_an_older_part_repeats_word_for_word_are_no_reason_to_refuse_it(app, read):
    take(app, read(many(300), "2024-1-11"))
    part = read(many(300)[:200], "2020-1-7")
    assert app.rehearse(ImportInventory(file=part), user_name="local").counts()["unchanged"] == 200
    assert take(app, part, whole=True)["removed"] == 100


def test_a_part_whose_newest_row_is_older_than_the_list_it_was_cut_from_is_no_older_file(app, read):
    columns = (*COLUMNS, "Data Last Updated")
    dated = [(*dam, "2018-05-05" if n < 200 else "2020-01-07") for n, dam in enumerate(many(300))]
    take(app, read(dated, "", columns))
    part = [(*changed(many(1), "ZZ10000", Year_Completed="1951")[0], "2018-05-05"), *dated[1:100]]
    assert take(app, read(part, "", columns))["changed"] == 1
    older = (*changed(many(151, skip=150), "ZZ10150", Year_Completed="1951")[0], "2018-05-04")
    with pytest.raises(Rejected, match="2018-05-05; 1 of its dams"):
        take(app, read([*part, older], "", columns))


@pytest.mark.parametrize("updated", ["", "2024", "2024-01"])
def test_a_file_that_need_not_be_older_is_taken(app, read, updated):
    take(app, read(DAMS, "2024-1-11"))
    assert take(app, read(changed(DAMS, "ZZ00001", Year_Completed="1951"), updated))["changed"] == 1


def test_real_releases_in_the_wrong_order_are_refused(app, read, shared_data):
    take(app, read(shared_data / "nid" / "nid_ms_2024.csv"))
    with pytest.raises(Rejected, match=r"nid_2019_sample500\.csv.*2018-11-02; 31 of.*'nid_ms_2024\.csv'.*2024-01-11"):
        take(app, read(shared_data / "nid" / "nid_2019_sample500.csv"))


def test_a_list_that_lacks_many_dams_is_not_taken_for_whole_unless_a_person_says_so(app, read):
    take(app, read(many(300)))
    short = read(many(300, skip=31), "2026-2-2")
    taken = app.rehearse(ImportInventory(file=short), user_name="local")
    assert (taken.whole, taken.removed, taken.withheld, taken.held) == (False, 0, 31, 300)
    body = take(app, short)
    assert (body["removed"], body["withheld"], body["held"]) == (0, 31, 300)
    assert take(app, short, whole=True)["removed"] == 31  # the same file, now said to be the whole list
    with pytest.raises(Unchanged):
        take(app, short, whole=True)


@pytest.mark.parametrize(("count", "skip"), [(300, 30), (40, 20)])
def test_a_list_that_lacks_few_dams_is_taken_for_whole(app, read, count, skip):
    take(app, read(many(count)))
    taken = app.rehearse(ImportInventory(file=read(many(count, skip), "2026-2-2")), user_name="local")
    assert (taken.whole, taken.removed, taken.withheld) == (True, skip, 0)


def test_a_list_of_few_columns_is_not_taken_for_whole(app, read):
    take(app, read(DAMS))
    rows = [dam[:2] for dam in DAMS[:1]]
    taken = app.rehearse(ImportInventory(file=read(rows, "2026-2-2", COLUMNS[:2])), user_name="local")
    assert (taken.whole, taken.removed, taken.withheld) == (False, 0, 0)


def test_dams_that_go_are_compared_and_removed_together_and_counted_as_progress(app, read):
    take(app, read(many(3000)))
    edit(app, "Dam 7", river="Our Creek")
    few, done, statements = read(many(3000, skip=2900), "2026-2-2"), [], []

    def count(*about):
        statements.append(about[2])

    command = ImportInventory(file=few, whole=True, otherwise="theirs", progress=done.append)
    sa.event.listen(app.engine, "before_cursor_execute", count)
    assert app.rehearse(command, user_name="local").removed == 2900
    assert len(statements) < 40 and done[-1] == 3000 and done == sorted(done)
    statements.clear()
    assert app.send_import(command, user_name="local")["removed"] == 2900
    assert len(statements) < 150 and done[-1] == 3000
    with app.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(models.DamChange)) == 2900
        gone = db.scalars(sa.select(models.DamChange.before)).first()
        assert (gone["name"], gone["state"]) == ("Dam 0", "Utah")
        assert db.scalar(sa.select(sa.func.count()).select_from(models.SourceRecord)) == 100
        assert db.scalar(sa.select(models.LogHead.dam_count)) == 102


def test_a_file_of_fewer_columns_leaves_no_false_conflicts_behind(app, read):
    take(app, read(DAMS))
    columns = tuple(name for name in COLUMNS if name not in ("NID Height (Ft)", "Free Text"))
    rows = [tuple(cell for name, cell in zip(COLUMNS, dam, strict=True) if name in columns) for dam in DAMS]
    rows[0] = (*rows[0][:9], "1951")
    assert take(app, read(rows, "2026-2-2", columns))["changed"] == 1
    body = take(app, read(changed(DAMS, "ZZ00001", Year_Completed="1951", **{"NID_Height_(Ft)": "25"}), "2026-3-3"))
    assert (body["changed"], body["kept"], one(app, "First")["height_ft"]) == (1, 0, 25)


def test_a_dam_entered_by_hand_gets_the_record_and_keeps_what_it_has(app, read):
    row = list(DAMS[0])
    row[0], row[1], row[7] = "DEER CREEK", "UT10117", "-111.4"
    body = take(app, read([tuple(row), *DAMS[1:]]))
    assert (body["added"], body["adopted"]) == (3, 1)
    dam = one(app, "Deer Creek")
    assert (dam["name"], dam["owner"], dam["longitude"], dam["height_ft"]) == (
        "Deer Creek",
        "Reclamation",
        -111.529133,
        20,
    )
    with app.reading() as db:
        assert reads.source_record(db, 1).cells["Dam Name"] == "DEER CREEK"
    assert one(app, "Jordanelle") is not None
    again = take(app, read([tuple(row), *changed(DAMS[1:], "ZZ00003", Year_Completed="1961")], "2026-2-2"))
    assert (again["changed"], one(app, "Deer Creek")["name"]) == (1, "Deer Creek")


def test_a_release_with_other_columns_changes_only_what_it_has(app, read):
    take(app, read(DAMS))
    columns = (*(name for name in COLUMNS if name not in ("Owner Names", "Free Text")), "County")
    rows = [(*(cell for name, cell in zip(COLUMNS, dam, strict=True) if name in columns), "Salt Lake") for dam in DAMS]
    body = take(app, read(rows, "2026-2-2", columns))
    dam = one(app, "First")
    assert (dam["owner"], dam["county"], body["changed"]) == ("County", "Salt Lake", 4)


def test_hostile_cells_are_kept_as_text(app, read):
    hostile = "<img src=x onerror=alert(1)>"
    take(
        app,
        read([(hostile, "ZZ00009", "", "", "'; DROP TABLE dams; --", "Utah", "40", "-111", "Low", "1950", "1", "")]),
    )
    assert one(app, hostile)["river"] == "'; DROP TABLE dams; --"


def test_an_event_of_an_import_can_be_told(app, read):
    from components.event_feed import sentence
    from components.notices import line, summary

    take(app, read(DAMS))
    with app.reading() as db:
        event = events.read_before(db, limit=1)[0]
    assert sentence(event) == 'The local user imported "release-0.csv" (NID of January 1, 2025): 4 dams added.'
    assert line(event) == '"release-0.csv" was imported by the local user: 4 dams added.'
    assert summary([event]).startswith("An inventory has been imported.")
    assert json.dumps(event.body)


def test_adding_a_dam_by_hand_still_works_after_an_import(app, read):
    take(app, read(DAMS))
    about = {"owner": "Other", "river": "R", "date_built": "1950", "longitude": -90.0, "latitude": 35.0}
    done = app.send(AddDam(name="By hand", **about), user_name="local")
    assert done.dam_id == 7 and one(app, "By hand") is not None


def test_a_dam_s_history_tells_which_import_brought_it_and_what_each_changed(app, read):
    from components.event_feed import details, sentence

    take(app, read(DAMS))
    take(app, read(changed(DAMS, "ZZ00001", Hazard_Potential_Classification="High"), "2026-2-2"))
    take(app, read(changed(DAMS, "ZZ00003", Year_Completed="1961"), "2026-3-3"))
    dam_id = int(one(app, "First").name)
    with app.reading() as db:
        found = events.read_before(db, dam_id=dam_id)
    assert [sentence(event) for event in found] == [
        'The local user imported "release-2.csv" (NID of March 3, 2026), which changed this dam.',
        'The local user imported "release-1.csv" (NID of February 2, 2026), which changed this dam.',
        'The local user imported "release-0.csv" (NID of January 1, 2025), which brought this dam.',
    ]
    assert [details(event) for event in found] == [
        ["hazard potential from High to Low"],
        ["hazard potential from Low to High"],
        [],
    ]
