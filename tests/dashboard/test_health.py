"""``/healthz`` and ``/metrics`` of a real server, with a database that answers, is locked, hangs or is gone."""

import json
import socket
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from own_loop import in_a_loop_of_its_own
from panel.tests.util import wait_until
from prometheus_client.parser import text_string_to_metric_families
from raw_page import RawPage
from servers import each_database
from serving import free_port

from dashboard.services import Services
from dashboard.settings import Settings
from data.commands import AddDam

PLAIN = {"plain": lambda: "A page"}


def made_up(name="Made-up Dam"):
    return AddDam(name=name, owner="Other", river="River", date_built="1950", longitude=-90.0, latitude=35.0)


def healthz(url):
    """Status, body and seconds."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(f"{url}healthz", timeout=30) as answer:
            return answer.status, json.load(answer), time.monotonic() - began
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal), time.monotonic() - began


def metrics(url):
    """(name, labels as one text) to value; read by Prometheus' own parser."""
    with urllib.request.urlopen(f"{url}metrics", timeout=30) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        families = text_string_to_metric_families(answer.read().decode())
    samples = [sample for family in families for sample in family.samples]
    return {(one.name, ",".join(one.labels.values())): one.value for one in samples}


@pytest.fixture
def away():
    """``away(database_url)``: services on a database that is not there, and so not prepared."""
    made = []

    def make(database_url):
        made.append(Services(Settings(database_url=database_url, secret_key="k" * 32)))
        return made[-1]

    yield make
    for app in made:
        app.close()


@pytest.fixture
def silent():
    """The address of a database server that takes connections and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    yield f"postgresql://dams@127.0.0.1:{listener.getsockname()[1]}/dams"
    listener.close()


@each_database
def test_healthz_and_metrics_answer_without_an_account_and_without_a_page(serve, app):
    url = serve(PLAIN, app)
    assert healthz(url)[:2] == (200, {"status": "ok", "event": 2, "pages_open": 0})
    app.send(made_up(), user_name="local")
    found = metrics(url)
    assert found["dams_database_up", ""] == 1
    assert found["dams_log_head", ""] == 3
    assert found["dams_inventory_dams", ""] == 3
    assert found["dams_commands_total", "AddDam,done"] == 1
    assert found["dams_command_seconds_count", ""] == 1
    if sys.platform == "linux":
        assert found["process_resident_memory_bytes", ""] > 1e6
    for kind in ("select", "insert", "update"):
        assert found["dams_query_seconds_count", kind] >= 1
        assert 0 < found["dams_query_seconds_sum", kind] < 60


def test_pages_and_readers_of_the_log_are_counted_apart_and_the_lag_of_what_a_page_was_told(serve, app):
    url = serve({"activity": "dashboard/pages/activity.py"}, app)
    port = int(url[:-1].rpartition(":")[2])

    def while_open():
        with urllib.request.urlopen(f"{url}events?after=0", timeout=30):
            wait_until(lambda: app.hub.kinds() == {"page": 1, "stream": 1}, timeout=20_000)
            app.send(made_up(), user_name="local")
            wait_until(lambda: metrics(url)["dams_event_lag_seconds_count", ""] >= 1, timeout=20_000)
            return metrics(url)

    async def visit():
        import asyncio

        page = await RawPage(port, "activity").open()
        try:
            return await asyncio.to_thread(while_open)
        finally:
            await page.close()

    found = in_a_loop_of_its_own(visit)
    assert (found["dams_pages_open", ""], found["dams_streams_open", ""]) == (1, 1)
    assert found["dams_event_lag_seconds_count", ""] == 1
    assert 0 < found["dams_event_lag_seconds_sum", ""] < 30
    assert found["dams_events_behind", ""] == 0


def test_no_user_is_in_a_label(serve, app):
    app.send(made_up(), user_name="local")
    url = serve(PLAIN, app)
    assert not [labels for _, labels in metrics(url) if "local" in labels]


def is_down(url, event=None):
    """Both answer in time; ``event`` is the newest that was known before."""
    status, body, seconds = healthz(url)
    assert (status, body) == (503, {"status": "the database does not answer"})
    assert seconds < 3
    found = metrics(url)
    assert found["dams_database_up", ""] == 0
    if event is not None:
        assert found["dams_log_head", ""] == event


def test_a_locked_sqlite_file_is_503_in_three_seconds_and_metrics_tell_what_was_known(serve, app):
    url = serve(PLAIN, app)
    assert metrics(url)["dams_log_head", ""] == 2
    app.engine.dispose()
    other = sqlite3.connect(app.engine.url.database)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        is_down(url, event=2)
    finally:
        other.close()
    wait_until(lambda: healthz(url)[0] == 200, timeout=20_000)


@pytest.mark.services
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_locked_table_of_postgres_is_503_in_three_seconds(serve, app):
    url = serve(PLAIN, app)
    with app._write.begin() as other:
        other.execute(sa.text("LOCK TABLE log_head IN ACCESS EXCLUSIVE MODE"))
        is_down(url)
    wait_until(lambda: healthz(url)[0] == 200, timeout=20_000)


def test_a_database_server_that_is_gone_is_503(serve, away):
    is_down(serve(PLAIN, away(f"postgresql://dams@127.0.0.1:{free_port()}/dams")))


def test_a_database_that_hangs_is_503_in_three_seconds_costs_one_thread_and_holds_up_no_page(serve, away, silent):
    url = serve(PLAIN, away(silent))
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(healthz, url) for _ in range(8)]
        wait_until(lambda: probes() == 1, timeout=20_000)
        urllib.request.urlopen(f"{url}plain", timeout=30).close()
        assert not any(one.done() for one in waiting)  # the page came first
        assert probes() == 1
        for one in waiting:
            status, _, seconds = one.result()
            assert status == 503
            assert seconds < 3
    is_down(url)


def probes():
    return sum(thread.name == "dams-probe" for thread in threading.enumerate())
