import datetime as dt

import pytest
import sqlalchemy as sa
from servers import each_database

from data import events, models, overview, reads, seed, store, writes
from data.commands import DeleteDam, ImportInventory
from data.frames import CONDITIONS, HAZARDS, INSPECTIONS
from data.importers import inventory
from data.inventory import Filter

pytestmark = each_database

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
TODAY = NOW.date()
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


@pytest.fixture
def sample(db, shared_data):
    """502 dams: a sample of the inventory of 2019, and those of the first start."""
    with inventory.read(shared_data / "nid" / "nid_2019_sample500.csv") as file:
        command = ImportInventory(file=file, whole=True, progress=lambda _: None)
        writes.carry_out(db, command, user_name="local", origin="", now=NOW, limits=NO_LIMITS)
    return db


def add(db, **values):
    texts = dict.fromkeys(("name", "owner", "river", "date_built", "hazard", "nid_id", "created_by"), "")
    dam = models.Dam(created_at=NOW, **texts | values)
    db.add(dam)
    db.flush()
    overview._kept.clear()  # no event tells of it
    return dam


def read(db, wanted=Filter(), today=TODAY):  # noqa: B008 - a Filter is frozen
    return overview.read(db, wanted, today=today)


def given(column):
    return {name: int(number) for name, number in column.items() if number}


@pytest.mark.parametrize(
    "wanted",
    [Filter(), Filter(hazard=("High",)), Filter(state=("Texas", "Ohio")), Filter(year_completed=(1960, 1969)),
     Filter(purposes=("Recreation",), hazard=("Low", "High"))],
    ids=Filter.query,
)  # fmt: skip
def test_counts_are_those_of_the_facets(sample, wanted):
    found = read(sample, wanted)
    assert found.totals.dams == reads.count(sample, wanted)
    assert found.totals.every == 502
    assert given(found.states.sum(axis=1)) == reads.facet(sample, "state", wanted)
    assert given(found.inspections.sum(axis=1)) == reads.facet(sample, "hazard", wanted)
    everywhere = reads.count(sample, wanted.without("year_completed"))
    assert int(found.decades.to_numpy().sum()) == everywhere
    assert found.totals.eap == reads.facet(sample, "eap", wanted).get("Yes", 0)
    assert found.totals.high == reads.facet(sample, "hazard", wanted).get("High", 0) * (
        not wanted.hazard or "High" in wanted.hazard
    )


def test_a_decade_counts_the_dams_that_its_filter_finds(sample):
    decades = read(sample).decades.sum(axis=1)
    for decade in (1900, 1960, 2010):
        assert decades[decade] == reads.count(sample, Filter(year_completed=(decade, decade + 9)))
    assert decades[0] == reads.count(sample, Filter(year_completed=(None, 1849)))
    assert list(decades.index) == [0, *range(1880, 2020, 10), -1]  # the sample has no dam of 1850 to 1879


def test_rows_and_columns_are_always_the_same_and_other_values_are_told_apart(db):
    add(db, hazard="Extreme", condition="Odd", state="Ohio")
    add(db, hazard="High", condition="Odd", state="Ohio")
    found = read(db)
    assert tuple(found.states.columns) == tuple(found.decades.columns) == tuple(found.inspections.index) == HAZARDS
    assert (tuple(found.conditions.index), tuple(found.inspections.columns)) == (CONDITIONS, INSPECTIONS)
    assert given(found.states.loc["Ohio"]) == {"High": 1, "Other": 1}
    assert given(found.conditions["High"]) == {"Other": 1, "": 2}


@pytest.mark.parametrize(
    ("last", "frequency", "class_"),
    [
        ("2021-11-24", None, "In time"),  # five years ago to the day
        ("2021-11-23", None, "Overdue"),
        ("2025-11-23", 1.0, "Overdue"),
        ("2025-11-24", 1.0, "In time"),
        ("2018-01-01", 10.0, "In time"),
        ("2021", 5.0, "Overdue"),  # counts as its beginning
        ("2026-01-01", 0.0, "None scheduled"),
        ("", 0.0, "None scheduled"),
        ("", 5.0, "Not known"),
        ("", None, "Not known"),
    ],
)
def test_an_inspection_is_overdue_by_the_frequency_of_the_dam(db, last, frequency, class_):
    add(db, hazard="Low", last_inspection=last, inspection_frequency_years=frequency)
    assert given(read(db).inspections.loc["Low"]) == {class_: 1}


def test_what_is_not_given_is_a_class_of_its_own_and_never_zero(db):
    add(db, name="Bare")
    found = read(db)
    assert found.states.loc["", ""] == 1
    assert found.decades.loc[-1, ""] == 1
    assert found.totals.without_place == 1
    assert found.totals.storage_acre_ft is None
    assert found.totals.with_storage == 0


def test_storage_is_summed_of_those_that_give_it_and_the_huge_are_named(db):
    add(db, name="Soo Locks", storage_acre_ft=277_540_000.0)
    add(db, name="Small", storage_acre_ft=10.5)
    totals = read(db).totals
    assert (totals.storage_acre_ft, totals.with_storage) == (277_540_010.5, 2)
    assert totals.huge == (("Soo Locks", 277_540_000.0),)


def test_a_choice_does_not_narrow_its_own_plot_and_narrows_all_others(sample):
    every, found = read(sample), read(sample, Filter(state=("Texas",)))
    assert found.states.equals(every.states)
    texan = int(every.states.loc["Texas"].sum())
    assert found.totals.dams == int(found.decades.to_numpy().sum()) == int(found.inspections.to_numpy().sum()) == texan


def test_counts_are_kept_until_an_event_comes_or_the_next_day(db):
    asked = []
    sa.event.listen(db.get_bind(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert read(db).totals.dams == 2
    asked.clear()
    assert read(db).totals.dams == 2
    assert not [text for text in asked if "FROM dams" in text]
    read(db, today=TODAY + dt.timedelta(days=1))
    assert [text for text in asked if "FROM dams" in text]
    head = events.head(db)
    writes.carry_out(db, DeleteDam(dam_id=1), user_name="local", origin="", now=NOW, limits=NO_LIMITS)
    assert events.head(db) == head + 1
    assert read(db).totals.dams == 1


def test_no_dam_is_no_fault(db):
    found = read(db, Filter(search="no such dam"))
    assert (found.totals.dams, found.totals.storage_acre_ft) == (0, None)
    assert found.states.empty and found.decades.empty
    assert found.conditions.to_numpy().sum() == found.inspections.to_numpy().sum() == 0


def test_few_tables_are_kept(db):
    for number in range(overview.KEPT + 5):
        read(db, Filter(search=f"dam {number}"))
    assert len(overview._kept) == overview.KEPT
