import datetime as dt

import pandas as pd
import pytest
import sqlalchemy as sa
from servers import each_database

from data import cells, frames, models, reads, seed, store, writes
from data.commands import AddDam
from data.inventory import Filter

pytestmark = each_database

NOW = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
NO_LIMITS = writes.Limits(dams_per_user=None)


@pytest.fixture
def db(database_url):
    engine = store.open_engine(database_url)
    store.migrate(engine)
    _, writing = store.make_sessions(engine)
    with writing() as session:
        seed.seed(session, now=NOW)
        yield session
    engine.dispose()


def add(db, name, **changes):
    values = {"owner": "Other", "river": "Made-up River", "date_built": "1950", "longitude": -90.0, "latitude": 35.0}
    command = AddDam(name=name, **values | changes)
    return writes.carry_out(db, command, user_name="local", origin="", now=NOW, limits=NO_LIMITS).dam_id


def names(page):
    return list(page.dams["name"])


def test_an_empty_page_has_the_form_of_a_full_one(db):
    full, nothing = reads.dams_page(db).dams, reads.dams_page(db, Filter(search="no such dam")).dams
    assert nothing.empty
    assert nothing.dtypes.to_dict() == full.dtypes.to_dict()
    assert {name: str(kind) for name, kind in full.dtypes.items()} == frames.DAMS
    assert (full.index.name, nothing.index.name) == ("dam_id", "dam_id")


def test_a_search_finds_words_in_name_river_owner_and_nid_id_in_any_order(db):
    add(db, "Lost Creek")
    assert names(reads.dams_page(db, Filter(search="creek"))) == ["Deer Creek", "Lost Creek"]
    assert names(reads.dams_page(db, Filter(search="provo deer"))) == ["Deer Creek"]
    assert names(reads.dams_page(db, Filter(search="UT10204"))) == ["Jordanelle"]


def test_signs_that_mean_something_to_sql_are_searched_as_themselves(db):
    add(db, "100 % Dam")
    add(db, "A_B")
    assert names(reads.dams_page(db, Filter(search="%"))) == ["100 % Dam"]
    assert names(reads.dams_page(db, Filter(search="_"))) == ["A_B"]
    assert names(reads.dams_page(db, Filter(search="'; DROP TABLE dams; --"))) == []


def test_defect_11_dates_of_any_precision_sort_by_date(db):
    add(db, "B", date_built="1941-06-15")
    add(db, "C", date_built="1941-06")
    assert names(reads.dams_page(db, sort="date_built")) == ["Deer Creek", "C", "B", "Jordanelle"]
    assert names(reads.dams_page(db, sort="date_built", descending=True)) == ["Jordanelle", "B", "C", "Deer Creek"]


def test_names_sort_without_regard_to_case_and_pages_follow_on(db):
    add(db, "abc")
    first, second = reads.dams_page(db, limit=2), reads.dams_page(db, limit=2, offset=2)
    assert (names(first), names(second)) == (["abc", "Deer Creek"], ["Jordanelle"])
    assert first.total == second.total == 3


def test_dams_of_unknown_hazard_come_last_either_way(db):
    add(db, "Unknown")
    assert names(reads.dams_page(db, sort="hazard"))[-1] == "Unknown"
    assert names(reads.dams_page(db, sort="hazard", descending=True))[-1] == "Unknown"


def test_sorting_by_an_unknown_column_is_refused(db):
    with pytest.raises(ValueError, match="cannot be sorted by 'password'"):
        reads.dams_page(db, sort="password")


def test_a_box_gives_the_dams_inside_and_their_number(db):
    add(db, "Far", longitude=10.0, latitude=50.0)
    found = reads.dots(db, (-112, 40, -111, 41))
    assert (sorted(names(found)), found.total) == (["Deer Creek", "Jordanelle"], 2)
    assert {name: str(kind) for name, kind in found.dams.dtypes.items()} == frames.DOTS
    nothing = reads.dots(db, (0, 0, 1, 1)).dams
    assert nothing.dtypes.to_dict() == found.dams.dtypes.to_dict()
    assert nothing.index.dtype == found.dams.index.dtype


def test_a_box_with_too_many_dams_draws_the_same_ones_at_every_look(db):
    for i in range(40):
        add(db, f"Dam {i}", longitude=-90 + i / 100)
    looks = [names(reads.dots(db, (-91, 34, -89, 36), limit=10)) for _ in range(2)]
    assert looks[0] == looks[1]
    assert len(looks[0]) == 10
    assert reads.dots(db, (-91, 34, -89, 36), limit=10).total == 40
    assert sorted(looks[0]) != sorted(f"Dam {i}" for i in range(10))  # not just the oldest


@pytest.mark.parametrize("near", [True, False], ids=["most of the inventory", "a small part of it"])
@pytest.mark.parametrize("wanted", [Filter(), Filter(hazard=("Low", "High"), on_map=True)])
def test_of_a_box_with_too_many_dams_each_cell_draws_the_first_by_lot(db, near, wanted):
    for i in range(60):
        dam_id = add(db, f"Dam {i}", longitude=-89.995 + i % 20 / 100, hazard="Low")
        # Lots of which any 20 that follow each other lie in 20 cells: a part that brings none is then the last.
        db.execute(sa.update(models.Dam).where(models.Dam.dam_id == dam_id).values(draw_order=i * 37 % 60))
    for i in range(0 if near else 900):
        add(db, f"Far {i}", longitude=10.0)
    rows = db.execute(
        sa.select(models.Dam.name, models.Dam.longitude)
        .where(models.Dam.name.startswith("Dam "), models.Dam.longitude < 0)
        .order_by(models.Dam.draw_order)
    ).all()
    first = {}
    for name, longitude in rows:
        first.setdefault(int((longitude + 91) * 100), name)
    found = reads.dots(db, (-91, 34, -89, 36), wanted, cells=(200, 1), limit=30)
    assert found.total == 60
    assert names(found) == list(first.values())


def test_places_are_the_box_of_all_dams(db):
    assert reads.places(db) == ((-111.529133, 40.406624, -111.424055, 40.598168), 2, 0)


def test_places_of_a_filter_are_the_box_of_its_dams_alone(db):
    add(db, "Far", hazard="Low")
    add(db, "Farther", hazard="Low", longitude=-91.0, latitude=36.0)
    assert reads.places(db, Filter(hazard=("Low",))) == ((-91.0, 35.0, -90.0, 36.0), 2, 0)
    assert reads.places(db, Filter(search="no such dam")) == (None, 0, 0)


def test_places_of_an_empty_inventory_have_no_box(database_url):
    engine = store.open_engine(database_url)
    store.migrate(engine)
    reading, _ = store.make_sessions(engine)
    with reading() as session:
        assert reads.places(session) == (None, 0, 0)
        assert reads.dam_choices(session) == {}
    engine.dispose()


def test_dams_that_share_a_name_are_told_apart_in_a_choice(db):
    again = add(db, "Deer Creek", river="Other Creek")
    assert reads.dam_choices(db) == {
        "Deer Creek (Provo River, Utah, 1)": 1,
        f"Deer Creek (Other Creek, Tennessee, {again})": again,
        "Jordanelle": 2,
    }


def test_of_a_search_the_dams_whose_name_begins_so_come_first_and_say_where_they_are(db):
    other = add(db, "A creek of deer", river="Other Creek")
    found = reads.dam_choices(db, search="deer creek", limit=50)
    assert list(found.items()) == [
        ("Deer Creek (Provo River, Utah, 1)", 1),
        (f"A creek of deer (Other Creek, Tennessee, {other})", other),
    ]
    assert reads.dam_choices(db, among=[2, 99]) == {"Jordanelle (Provo River, Utah, 2)": 2}
    assert len(reads.dam_choices(db, limit=1)) == 1
    assert reads.dam_choices(db, search="100%") == {}


def test_structures_with_the_same_nid_id_are_associated(db):
    assert reads.associated(db, 1) == []
    ids = [add(db, name, nid_id="UT10117") for name in ("Dike", "Saddle")]
    for dam_id, structure in zip(ids, ("S002", "S001"), strict=True):
        db.get(models.Dam, dam_id).other_structure_id = structure
    db.flush()
    assert reads.associated(db, 1) == [(ids[1], "Saddle", "S001"), (ids[0], "Dike", "S002")]
    assert [one.name for one in reads.associated(db, ids[0])] == ["Deer Creek", "Saddle"]
    nameless = [add(db, "No id") for _ in range(2)]
    assert reads.associated(db, nameless[0]) == []


@pytest.mark.parametrize("sort", reads.SORTABLE)
def test_a_page_of_a_search_is_sorted_and_counted_as_any_other(db, sort):
    for i in range(12):
        add(db, f"Dam {i:02d}", river=f"River {i % 3}", date_built=str(1950 - i))
    for descending in (False, True):
        order = {"sort": sort, "descending": descending}
        every = reads.dams_page(db, Filter(river="river"), limit=None, **order)
        for offset in (0, 5, 10):
            page = reads.dams_page(db, Filter(search="river"), offset=offset, limit=5, **order)
            pd.testing.assert_frame_equal(page.dams, every.dams[offset : offset + 5])
            assert page.total == every.total == 14
    assert reads.dams_page(db, Filter(search="river"), offset=50).total == 14
    assert reads.dams_page(db, Filter(search="river sea")).total == 0


def test_a_source_record_says_who_imported_the_dam_first(db):
    for number, (day, name) in enumerate(((1, "local"), (2, "diadmin"))):
        about = {"system": "NID", "format": "nid", "encoding": "utf-8", "last_updated": "", "columns": ["Dam Name"]}
        row = models.Import(
            **about, file_name=f"{number}.csv", sha256=str(number) * 64, report={}, imported_by=name,
            imported_at=NOW + dt.timedelta(days=day),
        )  # fmt: skip
        db.add(row)
        db.flush()
    db.get(models.Dam, 1).created_at = NOW + dt.timedelta(days=1)
    db.add(models.SourceRecord(dam_id=1, import_id=row.import_id, line=2, cells=cells.pack(["DEER CREEK"])))
    db.flush()
    found = reads.source_record(db, 1)
    assert (found.file_name, found.imported_by, found.cells) == ("1.csv", "local", {"Dam Name": "DEER CREEK"})
    assert reads.source_record(db, 2) is None


def test_owners_are_searched(db):
    add(db, "Another", owner="Army Corp")
    assert list(reads.owners(db)) == ["Army Corp", "Reclamation"]
    assert reads.owners(db, search="army") == {"Army Corp": "Army Corp"}
    assert list(reads.owners(db, limit=1)) == ["Army Corp"]


def test_what_is_not_there_is_none(db):
    assert reads.dam(db, 99) is None
    assert reads.hydrograph(db, 1) is None


def test_one_dam_is_its_row_of_the_table(db):
    pd.testing.assert_series_equal(reads.dam(db, 1)[list(frames.DAMS)], reads.dams_page(db).dams.loc[1])
