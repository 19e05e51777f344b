"""A database that is locked, full, or away: a sentence soon, other pages go on, and all comes back by itself."""

import asyncio
import resource
import sqlite3
import sys
import time
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from cable import Cable
from own_loop import in_a_loop_of_its_own
from watching import ENOUGH, AddPage, Others, Seen

from dashboard.services import NOTHING
from data import events, store

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
    assert max(told) < SENTENCE_SECONDS + others.burden
    assert others.were_served()
    assert back < BACK_SECONDS + others.burden
    assert rows(path, "Locked out") == [1, 1]


@contextmanager
def full_disk(process_id):
    """Files of this process may not grow, as on a disk without room."""
    room = resource.prlimit(process_id, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    yield
    resource.prlimit(process_id, resource.RLIMIT_FSIZE, room)


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux's")
def test_a_full_disk_is_told_and_nothing_is_half_stored(dams_serve, tmp_path):
    server, path = dams_serve(), tmp_path / "dams.sqlite"

    async def run():
        others = Others(server.port)
        async with AddPage(server.port) as page, others.at_work():
            with full_disk(server.process_id):
                page.add("No room")
                told = [await page.shows(f"{store.FULL} {NOTHING}")]
                while len(others.took) < ENOUGH:
                    page.again()
                    told.append(await page.shows(f"{store.FULL} {NOTHING}"))
                assert rows(path, "No room") == [0, 0]
            page.again()
            return told, others, await page.shows("has been added")

    told, others, back = in_a_loop_of_its_own(run)
    print(f"sentence {max(told):.2f} s, back {back:.2f} s")
    assert max(told) < SENTENCE_SECONDS + others.burden
    assert others.were_served()
    assert back < BACK_SECONDS + others.burden
    assert rows(path, "No room") == [1, 1]


def test_postgres_that_is_gone_is_told_and_all_comes_back_with_it(dams_serve, make_app, own_postgres):
    url = own_postgres.new_database()
    server = dams_serve(DAMS_DATABASE_URL=url)

    async def run():
        others = Others(server.port, pages=("healthz", "dams", "sea_surface_temperature_bokeh"))
        async with AddPage(server.port) as page, Seen(server.port, "dams") as other, others.at_work():
            page.add("Acknowledged")
            await page.shows("has been added")
            await asyncio.to_thread(own_postgres.crash)
            others.starts()
            page.add("While it was away")
            told = [await page.shows(store.AWAY)]
            while len(others.took) < ENOUGH:
                page.again()
                told.append(await page.shows(store.AWAY))
            other.fill("Rows a page", "10")
            told.append(await other.shows(store.AWAY))
            other.forget()
            await asyncio.to_thread(own_postgres.crash_and_restart)
            begun = time.monotonic()
            await others.ask_until("healthz", 200)
            page.again()
            await page.shows("has been added")
            await other.shows("While it was away")  # the notice
            return told, others, time.monotonic() - begun

    told, others, back = in_a_loop_of_its_own(run)
    print(f"sentence {max(told):.2f} s, back {back:.2f} s")
    assert max(told) < SENTENCE_SECONDS + others.burden
    assert others.were_served()
    assert back < BACK_SECONDS + others.burden
    app = make_app(database_url=url)
    with app.reading() as db:
        assert [event.dam_name for event in events.read_after(db, 2)] == ["Acknowledged", "While it was away"]


def test_a_postgres_whose_host_is_gone_holds_up_nobody(dams_serve, own_postgres):
    url = own_postgres.new_database()
    cable = Cable(own_postgres.socket_of(url))
    address = sa.make_url(url).set(query={}, host="127.0.0.1", port=cable.port)
    server = dams_serve(DAMS_DATABASE_URL=address.render_as_string(hide_password=False))

    async def run():
        others = Others(server.port)
        async with AddPage(server.port) as page, others.at_work():
            page.add("While it was away")
            await page.shows("has been added")
            others.starts()
            cable.lose()
            page.add("While it was away")
            told = [await page.shows(store.AWAY)]
            while len(others.took) < ENOUGH:
                page.again()
                told.append(await page.shows(store.AWAY))
            cable.mend()
            begun = time.monotonic()
            await others.ask_until("healthz", 200)
            page.again()
            await page.shows("has been added")
            return told, others, time.monotonic() - begun

    told, others, back = in_a_loop_of_its_own(run)
    print(f"sentence {max(told):.2f} s, back {back:.2f} s")
    cable.cut()
    assert max(told) < SENTENCE_SECONDS + others.burden
    assert others.were_served()
    assert back < BACK_SECONDS + others.burden
