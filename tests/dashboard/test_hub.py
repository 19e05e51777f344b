"""The shared queue, driven by hand or by its own thread, on pages that are plain objects."""

import asyncio
import datetime as dt
import logging
import threading
from dataclasses import replace

import pytest
from hub_page import Page
from own_loop import in_a_loop_of_its_own

from dashboard.hub import Hub
from data.commands import AddDam
from data.frames import Event

NOON = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)


def event(number):
    return Event(number, "dam_added", NOON, "local", "", number, f"Dam {number}", {})


class Log:
    """An event log that counts how often it is asked; ``broken`` raises instead."""

    def __init__(self):
        self.events, self.asked, self.broken = [], 0, False
        self.looked = threading.Condition()

    def add(self, count=1):
        for _ in range(count):
            self.events.append(event(len(self.events) + 1))

    def head(self):
        return len(self.events)

    def read_after(self, cursor, limit=500):
        with self.looked:
            self.asked += 1
            self.looked.notify_all()
        if self.broken:
            raise OSError("the database is away")
        return tuple(self.events[cursor : cursor + limit])


@pytest.fixture
def log_():
    return Log()


@pytest.fixture
def hub(log_):
    made = Hub(log_.read_after, log_.head, poll_seconds=0.02)
    yield made
    made.stop()


def look(hub):
    """One round of the poll, without its thread."""
    hub._look()
    hub._deliver()


def test_R19_every_page_reads_each_event_once_in_order(hub, log_):
    pages = [Page(hub, name) for name in "abc"]
    for page in pages:
        hub.join(page)
    log_.add(3)
    hub.wake()
    for page in pages:
        assert page.woken.acquire(timeout=5)
        page.run()
    log_.add(2)
    hub.wake()
    for page in pages:
        assert page.woken.acquire(timeout=5)
        page.run()
        assert page.seen == [1, 2, 3, 4, 5]


def test_R19_a_burst_is_one_tick_a_page(hub, log_):
    page = Page(hub)
    hub._members["page"] = page
    hub._cursor = 0
    for _ in range(40):
        log_.add()
        look(hub)
    assert len(page.scheduled) == 1
    page.run()
    assert page.seen == list(range(1, 41))


def test_a_wake_during_a_tick_is_not_lost(hub, log_):
    page = Page(hub)
    hub._members["page"], hub._cursor = page, 0
    log_.add()
    look(hub)
    read, first = page.tick, []

    def tick_with_news():
        read()
        if not first:
            first.append(True)
            log_.add()
            look(hub)

    page.tick = tick_with_news
    page.run()
    assert page.seen == [1, 2]


def test_without_any_wake_the_poll_finds_what_others_commit(hub, log_):
    page = Page(hub)
    hub.join(page)
    log_.add()  # nobody wakes the hub
    assert page.woken.acquire(timeout=5)
    page.run()
    assert page.seen == [1]


def test_one_poll_serves_all_pages_and_none_polls_without_a_page(hub, log_):
    hub.start()
    hub._nudged.wait(0)
    assert log_.asked == 0
    pages = [Page(hub, str(i)) for i in range(50)]
    for page in pages:
        hub._members[page.page_id] = page
    hub._look()
    log_.add()
    before = log_.asked
    hub._look()
    assert log_.asked - before <= 3  # one that finds it, one that finds the end, one of the thread
    hub._deliver()
    for page in pages:
        page.run()
        assert page.seen == [1]


def test_a_page_far_behind_reads_the_database_and_misses_nothing(hub, log_, monkeypatch):
    log_.add(1200)
    hub._cursor = 1200  # the hub started late: nothing in memory
    log_.add(3)
    hub._look()
    assert [e.number for e in hub.after(0)] == list(range(1, 1204))
    assert [e.number for e in hub.after(1201)] == [1202, 1203]
    assert hub.after(1203) == ()


def test_a_page_that_fails_does_not_stop_the_others(hub, log_, caplog):
    broken, sound = Page(hub, "broken"), Page(hub, "sound")
    broken.fail = True
    hub._members |= {"broken": broken, "sound": sound}
    hub._cursor = 0
    log_.add()
    look(hub)
    broken.run()
    sound.run()
    assert sound.seen == [1]
    assert "Page broken failed" in caplog.text


def test_a_database_that_is_away_and_comes_back_costs_no_event(hub, log_, caplog):
    page = Page(hub)
    hub.join(page)
    with log_.looked:
        assert log_.looked.wait_for(lambda: log_.asked > 0, timeout=5)
    log_.broken = True
    log_.add()
    hub.wake()
    with log_.looked:
        asked = log_.asked
        assert log_.looked.wait_for(lambda: log_.asked > asked, timeout=5)
    log_.broken = False
    assert page.woken.acquire(timeout=5)
    page.run()
    assert page.seen == [1]
    assert "could not be read" in caplog.text


def test_R18_joining_and_leaving_are_logged_with_the_number_listening(hub, caplog):
    caplog.set_level(logging.INFO)
    first, second = Page(hub, "first"), Page(hub, "second")
    hub.join(first)
    hub.join(second)
    hub.leave(first)
    hub.leave(first)
    assert [record.getMessage() for record in caplog.records if "listening" in record.getMessage()] == [
        "Page first joined; 1 listening",
        "Page second joined; 2 listening",
        "Page first left; 1 listening",
    ]
    assert [(record.page, record.listening) for record in caplog.records if hasattr(record, "listening")] == [
        ("first", 1),
        ("second", 2),
        ("first", 1),
    ]
    assert hub.listening == 1


def test_each_tick_of_a_page_tells_how_old_its_oldest_event_is(log_):
    told = []
    hub = Hub(log_.read_after, log_.head, told=told.append)
    page, stream = Page(hub, "page"), Page(hub, "stream")
    stream.kind = "stream"
    hub._members, hub._cursor = {"page": page, "stream": stream}, 0
    now = dt.datetime.now(dt.UTC)
    log_.events = [replace(event(n), recorded_at=now - dt.timedelta(seconds=60 - n)) for n in (1, 2)]
    look(hub)
    page.run()
    stream.run()
    assert [round(seconds) for seconds in told] == [59]
    look(hub)
    page.run()
    assert len(told) == 1
    hub._queue.clear()  # a page so far behind that it asks the database
    page.cursor = 0
    hub._deliver()
    page.run()
    assert page.seen[-1] == 2 and len(told) == 1


def test_the_hub_knows_how_far_it_is_behind_while_somebody_listens(hub, log_):
    assert hub.behind(7) == 0
    hub._members["page"], hub._cursor = Page(hub), 4
    assert hub.behind(7) == 3
    assert hub.behind(3) == 0


def test_a_page_that_left_is_not_woken(hub, log_):
    page = Page(hub)
    hub._members["page"], hub._cursor = page, 0
    hub.leave(page)
    log_.add()
    look(hub)
    assert page.scheduled == []


def test_R20_defect_6_a_page_of_another_process_hears_through_the_shared_database(make_app):
    """Two services on one database stand for two processes: neither can wake the other."""
    here, there = make_app(), make_app()
    page = Page(there.hub, cursor=2)
    there.hub.join(page)
    here.send(
        AddDam(name="New", owner="Other", river="River", date_built="1950", longitude=-90.0, latitude=35.0),
        user_name="local",
    )
    assert page.woken.acquire(timeout=10)
    page.run()
    assert page.seen == [3]
    there.hub.leave(page)


class LoopPage(Page):
    """A page in a server's loop whose first tick meets another commit, as in a burst."""

    def __init__(self, hub, page_id, log):
        super().__init__(hub, page_id)
        self.loop, self.log, self.ticks = asyncio.get_running_loop(), log, 0

    def add_next_tick_callback(self, callback):
        callback()

    def tick(self):
        self.ticks += 1
        super().tick()
        if self.ticks == 1:
            self.log.add()
            look(self.hub)


def test_a_burst_costs_a_page_a_tick_a_round_and_not_one_an_event(hub, log_, monkeypatch):
    monkeypatch.setattr("dashboard.hub.LONGEST_TURN", 0.0)  # other work of the loop comes between any two ticks

    async def burst():
        pages = [LoopPage(hub, f"page {number}", log_) for number in range(20)]
        hub._look()
        for page in pages:
            hub._members[page.page_id] = page
        log_.add()
        look(hub)
        while any(page.cursor < 21 for page in pages):
            await asyncio.sleep(0)
        return pages

    pages = in_a_loop_of_its_own(lambda: asyncio.wait_for(burst(), 30))
    assert [page.seen for page in pages] == [list(range(1, 22))] * 20
    assert max(page.ticks for page in pages) == 2


def test_a_page_that_could_not_read_gets_a_tick_as_soon_as_the_log_can_be_read(hub, log_):
    page = Page(hub)
    hub.join(page)

    def looks(times):
        with log_.looked:
            until = log_.asked + times
            assert log_.looked.wait_for(lambda: log_.asked >= until, timeout=20)

    looks(2)
    log_.broken = True
    looks(2)
    assert hub.away
    page.ailing = True
    looks(2)
    assert not page.scheduled
    log_.broken = False
    assert page.woken.acquire(timeout=20)
    assert not hub.away


def test_who_waited_in_vain_has_all_others_wait_for_the_hubs_next_look_also_without_pages(hub, log_):
    look(hub)
    log_.broken = True
    hub.missed()
    assert not hub.away  # nobody would look
    hub.start()
    hub.missed()
    with log_.looked:
        assert log_.looked.wait_for(lambda: log_.asked >= 3, timeout=20)
    assert hub.away
    log_.broken = False
    page = Page(hub)
    page.ailing = True
    hub.join(page)
    assert page.woken.acquire(timeout=20)
    assert not hub.away
