"""What a search that finds nothing may have meant."""

import datetime as dt

import pytest
import sqlalchemy as sa
from servers import each_database

from data import models, seed, spelling, store, writes
from data.commands import AddDam
from data.inventory import Filter

pytestmark = each_database

NOW = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
NO_LIMITS = writes.Limits(dams_per_user=None)
NAMES = ("Hoover Dam", "Hooper Mill Dam", "Grand Coulee", "Grand River Dam", "Cooley Pond", "Fort Peck Dam")


@pytest.fixture
def db(database_url):
    engine = store.open_engine(database_url)
    store.migrate(engine)
    _, writing = store.make_sessions(engine)
    with writing() as session:
        seed.seed(session, now=NOW)
        for name in NAMES:
            add(session, name)
        yield session
    engine.dispose()


def add(db, name, **changes):
    values = {"owner": "Other", "river": "Made-up River", "date_built": "1950", "longitude": -90.0, "latitude": 35.0}
    command = AddDam(name=name, **values | changes)
    writes.carry_out(db, command, user_name="local", origin="", now=NOW, limits=NO_LIMITS)


def meant(db, search, **others):
    found = spelling.correct(db, Filter(search=search, **others))
    return found and found.search


@pytest.mark.parametrize(
    ("typed", "search"),
    [
        ("Hovver Dam", "Hoover Dam"),
        ("hoovr", "hoover"),
        ("HOOEVR dam", "Hoover dam"),  # two letters changed places
        ("Provvo rivr", "Provo river"),
        ("Grand Cooley", "Grand Coulee"),  # both are words of the inventory, but no dam has both
        ("Fort Pek", "Fort Peck"),
        ("Jordánele", "Jordanelle"),
    ],
)
def test_a_misspelt_word_is_corrected_to_the_nearest_that_finds_dams(db, typed, search):
    assert meant(db, typed) == search


def test_what_was_changed_is_told_as_it_was_typed(db):
    assert spelling.correct(db, Filter(search="Hovver  Dam")) == ("Hoover Dam", "Hovver", "Hoover")


@pytest.mark.parametrize("typed", ["xyzzy", "zq", "12345", "10 N 20 W", "", "<script>", "100% _", "Hoover 1936"])
def test_what_is_like_nothing_is_not_corrected(db, typed):
    assert meant(db, typed) is None


def test_a_correction_finds_dams_with_the_other_filters(db):
    assert meant(db, "Hoovper", hazard=("High",)) is None
    db.execute(sa.update(models.Dam).where(models.Dam.name == "Hooper Mill Dam").values(hazard="High"))
    assert meant(db, "Hoovper", hazard=("High",)) == "Hooper"
    assert meant(db, "Hoovper") == "Hoover"


def test_a_search_that_other_filters_leave_nothing_of_is_not_misspelt(db):
    assert meant(db, "Hoover", hazard=("High",)) is None


def test_words_that_came_since_are_known(db):
    assert meant(db, "Orovile") is None
    add(db, "Oroville")
    assert meant(db, "Orovile") == "Oroville"


def test_the_words_are_read_once_for_each_state_of_the_log(db):
    first = spelling.vocabulary(db)
    assert spelling.vocabulary(db) is first
    add(db, "Another")
    assert spelling.vocabulary(db) is not first


def test_a_dam_is_found_by_its_nid_id_its_other_names_and_a_misspelt_name_the_best_first(db):
    add(db, "A pond near Hoover Dam")
    add(db, "Nameless", nid_id="NV10122")
    db.scalars(sa.select(models.Dam).where(models.Dam.name == "Cooley Pond")).one().other_names = "Boulder Reservoir"
    db.flush()

    def found(search, limit=20):
        return list(spelling.find(db, search, limit=limit)["name"])

    assert found("hoover dam") == ["Hoover Dam", "A pond near Hoover Dam"]
    assert found("hoover dam", limit=1) == ["Hoover Dam"]
    assert found("nv10122") == ["Nameless"]
    assert found("boulder") == ["Cooley Pond"]
    assert found("hovver") == found("hoover")
    assert found("jordanele") == ["Jordanelle"]
    assert found("zzzzzzzz") == []
