"""Wake-ups by PostgreSQL and by Redis: at once, lost without loss, and back by themselves."""

import threading

import pytest
from hub_page import Page
from servers import each_database

from data import wakes
from data.commands import AddDam

pytestmark = pytest.mark.services
NEVER = 60.0  #: Poll pause that no test waits for: what arrives came by a wake-up.


def made_up(name):
    return AddDam(name=name, owner="Other", river="River", date_built="1950", longitude=-90.0, latitude=35.0)


class Heard:
    """Counts wake-ups; ``wait()`` until one more came."""

    def __init__(self):
        self.came = threading.Semaphore(0)

    def __call__(self):
        self.came.release()

    def wait(self):
        assert self.came.acquire(timeout=20)

    def none(self):
        return not self.came.acquire(blocking=False)


@pytest.fixture
def redis_apps(make_app, redis_server):
    return [make_app(redis_url=redis_server.url, poll_seconds=NEVER) for _ in range(2)]


@pytest.fixture
def postgres_apps(make_app):
    return [make_app(poll_seconds=NEVER) for _ in range(2)]


def listening(app):
    """A page of ``app`` whose process hears wake-ups already."""
    page = Page(app.hub, cursor=2)
    app.hub.join(page)
    assert app._wakes.connected.wait(20)
    return page


def hears(page, *numbers):
    while page.seen[-len(numbers) :] != list(numbers):
        assert page.woken.acquire(timeout=20)
        page.run()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgres_wakes_another_process_without_any_poll(postgres_apps):
    here, there = postgres_apps
    page = listening(there)
    here.send(made_up("First"), user_name="local")
    hears(page, 3)
    here.send(made_up("Second"), user_name="local")
    hears(page, 4)
    assert page.seen == [3, 4]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_refused_command_wakes_nobody(database_url, make_app):
    app, heard = make_app(), Heard()
    source = wakes.PostgresWakes(database_url)
    source.start(heard)
    heard.wait()  # for what was there before it listened
    with pytest.raises(ValueError, match="Name is required"):
        app.send(made_up(""), user_name="local")
    app.send(made_up("Real"), user_name="local")
    heard.wait()
    assert heard.none()
    source.stop()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgres_that_cuts_the_listening_connection_costs_no_event(postgres_apps, postgres):
    here, there = postgres_apps
    page = listening(there)
    postgres.cut_connections("dams-listen")
    here.send(made_up("While it was cut"), user_name="local")
    hears(page, 3)
    here.send(made_up("After"), user_name="local")
    hears(page, 4)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgres_that_crashes_and_comes_back_costs_no_event(postgres_apps, postgres):
    here, there = postgres_apps
    page = listening(there)
    postgres.crash_and_restart()
    here.send(made_up("After the crash"), user_name="local")
    hears(page, 3)


@each_database
def test_redis_wakes_another_process_without_any_poll(redis_apps):
    here, there = redis_apps
    page = listening(there)
    here.send(made_up("First"), user_name="local")
    hears(page, 3)


@each_database
def test_a_redis_that_is_away_delays_no_command_and_costs_no_event(redis_apps, redis_server):
    here, there = redis_apps
    page = listening(there)
    redis_server.stop()
    here.send(made_up("While it was away"), user_name="local")
    redis_server.start()
    hears(page, 3)  # its listener is back by itself, and looks at what it missed
    here.send(made_up("After"), user_name="local")
    hears(page, 4)


def test_a_program_that_only_sends_wakes_the_others_by_redis(make_app, redis_server):
    sender, heard = make_app(redis_url=redis_server.url), Heard()
    source = wakes.RedisWakes(redis_server.url)
    source.start(heard)
    heard.wait()
    sender.send(made_up("First"), user_name="local")  # its own hub was never started
    heard.wait()
    source.stop()


def test_sqlite_has_no_source_and_the_poll_does_the_work():
    assert wakes.source("sqlite:///dams.sqlite") is None
