"""What everybody saw against the log, while processes, connections and servers are killed."""

import argparse

import history
import pytest

pytestmark = pytest.mark.services
SHORT, LONG = 5.0, 90.0  #: Seconds of writing.


def run(url, seconds=SHORT, postgres=None, redis=None, *, kill=True, broken=False):
    options = argparse.Namespace(writers=4, readers=6, processes=2, kill=kill, broken=broken, seconds=seconds)
    return history.check(options, url, postgres, redis)


def agrees(found, commits):
    assert found.words == []
    assert found.commits >= commits
    assert found.acknowledged <= found.commits


def test_on_sqlite_killed_processes_lose_double_and_reorder_nothing(tmp_path):
    agrees(run(f"sqlite:///{tmp_path / 'dams.sqlite'}"), 50)


def test_on_postgres_with_redis_cut_connections_crashes_and_kills_lose_double_and_reorder_nothing(
    own_postgres, redis_server
):
    agrees(run(own_postgres.new_database(), SHORT, own_postgres, redis_server), 50)


@pytest.mark.slow
def test_numbers_of_a_plain_autoincrement_are_caught(postgres):
    found = run(postgres.new_database(), 5.0, kill=False, broken=True)
    assert found.lost > 0 and not found.good


@pytest.mark.slow
def test_long_on_sqlite(tmp_path):
    agrees(run(f"sqlite:///{tmp_path / 'dams.sqlite'}", LONG), 5000)


@pytest.mark.slow
def test_long_on_postgres(own_postgres, redis_server):
    agrees(run(own_postgres.new_database(), LONG, own_postgres, redis_server), 5000)
