"""A database that is locked, full, or away: a sentence soon, other pages go on, and all comes back by itself."""

import sqlite3
import time
from contextlib import contextmanager

import pytest
from own_loop import in_a_loop_of_its_own
from watching import AddPage, Others

from dashboard.services import NOTHING
from data import store

pytestmark = pytest.mark.services

SENTENCE_SECONDS, BACK_SECONDS = 3.0, 5.0


def rows(path, name):
    """How many dams and events of that name there are."""
    with sqlite3.connect(path) as db:
        found = [
            db.execute(f"SELECT count(*) FROM {t} WHERE {c} = ?", [name]).fetchone()[0]
            for t, c in (("dams", "name"), ("events", "dam_name"))
        ]
    db.close()
    return found


@contextmanager
def locked(path):
    """Another program holds the database's write lock."""
    lock = sqlite3.connect(path, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    yield
    lock.execute("ROLLBACK")
    lock.close()


@pytest.mark.parametrize("seconds", [3.0, pytest.param(30.0, marks=pytest.mark.slow)])
def test_a_locked_database_holds_up_only_who_writes(dams_serve, tmp_path, seconds):
    server, path = dams_serve(), tmp_path / "dams.sqlite"

    async def run():
        others = Others(server.port)
        async with AddPage(server.port) as page:
            async with others.at_work():
                with locked(path):
                    page.add("Locked out")
                    told, end = [await page.shows(f"{store.BUSY} {NOTHING}")], time.monotonic() + seconds
                    while time.monotonic() < end:
                        page.again()
                        told.append(await page.shows(f"{store.BUSY} {NOTHING}"))
            page.again()
            return told, others, await page.shows("has been added")

    told, others, back = in_a_loop_of_its_own(run)
    print(f"sentence {max(told):.2f} s, back {back:.2f} s")
    assert max(told) < SENTENCE_SECONDS
    assert others.were_served()
    assert back < BACK_SECONDS
    assert rows(path, "Locked out") == [1, 1]
