"""Answers, wake-ups and hours that are lost: nothing is stored twice, and the log keeps its order."""

import datetime as dt
import threading
import time

import pytest
import sqlalchemy as sa
from hub_page import Page
from servers import each_database

from dashboard.services import UNSURE
from data import events, writes
from data.commands import AddDam, Failed

HOUR = dt.timedelta(hours=1)


def made_up(name, **more):
    return AddDam(name=name, owner="Other", river="River", date_built="1950", longitude=-90.0, latitude=35.0, **more)


def log(app, after=2):
    with app.reading() as db:
        return events.read_after(db, after)


def hears(page, *numbers):
    """Run what the hub schedules on ``page`` until it has seen these last."""
    while page.seen[-len(numbers) :] != list(numbers):
        assert page.woken.acquire(timeout=20)
        page.run()


def once(app, name, act):
    """Call ``act(connection)`` at the next event of that name of the database's connections."""
    sa.event.listen(app.engine, name, act, once=True)


@each_database
def test_a_commit_whose_answer_is_lost_is_found_in_the_log(app):
    def commit_and_break(connection):
        connection.connection.dbapi_connection.commit()
        connection.connection.dbapi_connection.close()

    once(app, "commit", commit_and_break)
    command = made_up("Made-up")
    first = app.send(command, user_name="local")
    assert app.send(command, user_name="local") == first == (3, first.dam_id, True)
    assert [event.dam_name for event in log(app)] == ["Made-up"]


@pytest.mark.services
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_when_it_is_not_known_whether_it_was_stored_that_is_said_and_a_second_click_stores_it_once(app, postgres):
    once(app, "commit", lambda _connection: postgres.cut_connections("dams"))
    command = made_up("Made-up")
    with pytest.raises(Failed, match=UNSURE):
        app.send(command, user_name="local")
    assert log(app) == ()
    assert [app.send(command, user_name="local").repeated for _ in range(2)] == [False, True]
    assert [event.dam_name for event in log(app)] == ["Made-up"]


@each_database
def test_a_clock_that_is_set_back_changes_neither_the_order_of_events_nor_that_of_notices(app):
    now = dt.datetime.now(dt.UTC)
    page = Page(app.hub, cursor=2)
    app.hub.join(page)
    numbers = []
    for hours, name in ((0, "First"), (-1, "Second"), (-24, "Third"), (1, "Fourth")):
        with app._write.begin() as db:
            done = writes.carry_out(
                db, made_up(name), user_name="local", origin="", now=now + hours * HOUR, limits=app.limits
            )
        app.hub.wake()
        numbers.append(done.number)
        hears(page, done.number)
    assert numbers == page.seen == [3, 4, 5, 6]
    assert [event.dam_name for event in log(app)] == ["First", "Second", "Third", "Fourth"]
    with app.reading() as db:
        newest_first = [event.number for event in events.read_before(db, limit=4)]
        assert newest_first == numbers[::-1]
        assert events.head(db) == 6
    assert log(app, after=5)[0].dam_name == "Fourth"


def until(condition):
    """Wait until it is so."""
    end, pause = time.monotonic() + 20, threading.Event()
    while not condition():
        assert time.monotonic() < end
        pause.wait(0.01)


@pytest.mark.services
def test_without_redis_the_poll_tells_and_wakes_are_back_within_5_s(make_app, redis_server):
    here, polls = (make_app(redis_url=redis_server.url, poll_seconds=0.25) for _ in range(2))
    waits = make_app(redis_url=redis_server.url, poll_seconds=60.0)  # what it hears came by a wake-up
    told, woken = Page(polls.hub, "told", cursor=2), Page(waits.hub, "woken", cursor=2)
    polls.hub.join(told)
    waits.hub.join(woken)
    until(waits._wakes.connected.is_set)
    redis_server.stop()
    until(lambda: not waits._wakes.connected.is_set())
    begun = time.monotonic()
    here.send(made_up("While it was away"), user_name="local")
    sent = time.monotonic()
    hears(told, 3)
    polled, restarted = time.monotonic() - sent, time.monotonic()
    redis_server.start()
    hears(woken, 3)  # its listener looks at what it missed as soon as it is back
    back = time.monotonic() - restarted
    here.send(made_up("After"), user_name="local")
    hears(woken, 4)
    print(f"sent in {sent - begun:.2f} s, told by the poll in {polled:.2f} s, back in {back:.2f} s")
    assert sent - begun < 3.0 and polled < 3.0 and back < 5.0
