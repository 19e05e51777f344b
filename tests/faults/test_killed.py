"""A process that is killed in the midst of a command leaves all of it or nothing, and a second try does it once."""

import multiprocessing
import os
import random
import shutil
import signal
import sys
import threading
import time
from multiprocessing import forkserver

import killed
import pytest
import sqlalchemy as sa
from killed import CASES
from sqlalchemy.orm import Session

from data import chain, models
from data.sqltypes import UTCDateTime
from data.writes import WRITERS

pytestmark = pytest.mark.services

SHORT, LONG = 4, 30  #: How many times each command is killed.
KINDS = sorted(WRITERS, key=lambda kind: kind.__name__)


@pytest.fixture(scope="module")
def processes():
    """Starts processes that have everything loaded."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["killed"])
    with pytest.MonkeyPatch.context() as patch:  # the server of Python 3.11 looks for modules there alone
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        forkserver.ensure_running()
    return made


class Databases:
    """Copies of one prepared database."""

    def __init__(self, folder, postgres=None):
        self._folder, self._postgres, self._made = folder, postgres, 0
        self._first = postgres.new_database() if postgres else f"sqlite:///{folder / 'first.sqlite'}"
        killed.prepare(self._first)

    def copy(self):
        if self._postgres:
            return self._postgres.new_database(like=self._first)
        self._made += 1
        path = self._folder / f"{self._made}.sqlite"
        shutil.copy(self._folder / "first.sqlite", path)
        return f"sqlite:///{path}"


@pytest.fixture
def databases(request, tmp_path):
    server = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    return Databases(tmp_path, server)


def everything(url):
    """Every row of every table, without times and what is made of them, and without the lot that a dam draws.

    The chain of events holds, or the test fails.
    """
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as db:
        wait_for_the_killed(db)
        assert chain.first_broken(Session(db)) is None
        found = {}
        for table in models.Base.metadata.sorted_tables:
            known = [column for column in table.columns if column.name not in ("draw_order", "hash")]
            columns = [column for column in known if not isinstance(column.type, UTCDateTime)]
            found[table.name] = sorted(map(str, db.execute(sa.select(*columns))))
        return found


def wait_for_the_killed(db):
    """PostgreSQL notices a moment later that a client has gone."""
    if db.dialect.name != "postgresql":
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    end, pause = time.monotonic() + 30, threading.Event()
    while db.exec_driver_sql(others).scalar():
        db.rollback()  # a transaction would see the same again
        assert time.monotonic() < end
        pause.wait(0.01)


def counted(found):
    return {name: len(rows) for name, rows in found.items()}


def stored(found, key):
    return sum(key in row for row in found["events"])


def points_to_kill_at(count, times):
    """The last before the commit, the commit, and the answer first, then all; None is any moment."""
    every = [count - 2, count - 1, count - 3, *range(count - 3)]
    return every[:times] if times == SHORT else every + [None] * (times - len(every))


def kill(processes, url, kind, folder, key, point, moment):
    ready = processes.Event()
    process = processes.Process(
        target=killed.send_and_die, args=(url, kind, folder, key, -1 if point is None else point, ready)
    )
    process.start()
    assert ready.wait(60)
    if point is None:
        threading.Event().wait(moment)
        process.kill()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    process.close()


def test_every_command_is_killed():
    assert list(CASES) and set(CASES) == set(WRITERS)


@pytest.mark.parametrize(
    ("databases", "times"),
    [
        ("sqlite", SHORT),
        pytest.param("sqlite", LONG, marks=pytest.mark.slow),
        pytest.param("postgresql", LONG, marks=pytest.mark.slow),
    ],
    indirect=["databases"],
)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_killed_command_is_wholly_there_or_not_at_all_and_a_second_try_does_it_once(
    processes, databases, tmp_path, kind, times
):
    key, chance = f"once-{kind.__name__}", random.Random(kind.__name__)
    nothing = everything(databases.copy())
    whole = databases.copy()
    begun = time.monotonic()
    count = killed.count_points(whole, kind, tmp_path, key)
    took = time.monotonic() - begun
    all_of_it = everything(whole)
    assert stored(nothing, key) == 0 and stored(all_of_it, key) == 1
    seen = []
    for point in points_to_kill_at(count, times):
        url = databases.copy()
        kill(processes, url, kind, tmp_path, key, point, chance.uniform(0, took))
        found = everything(url)
        seen.append(stored(found, key))
        assert found == (all_of_it if seen[-1] else nothing), point
        done = killed.send(url, kind, tmp_path, key)
        assert done.repeated == bool(seen[-1])
        found = everything(url)
        assert stored(found, key) == 1
        assert counted(found) == counted(all_of_it)
    assert set(seen) == {0, 1} and len(seen) >= times
    print(f"{kind.__name__}: {len(seen)} kills, {sum(seen)} after its commit, {count} points")
