"""The event log as people read it, without a browser."""

import datetime as dt

from components.event_feed import EventFeed, only
from data.frames import Event

NOON = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)


def shown(feed):
    return [pane.object for pane in feed.__panel__().select(lambda pane: hasattr(pane, "object")) if pane.visible]


def test_an_empty_feed_says_so_until_something_happens():
    log = []
    feed = EventFeed(lambda before, limit: log[:limit])
    assert "Nothing has happened yet." in shown(feed)[0]
    log.append(Event(1, "dam_added", NOON, "local", "", 1, "Dam", {}))
    feed.load()
    (text,) = shown(feed)
    assert "The local user added &quot;Dam&quot;." in text and 'datetime="2024-05-01T12:00:00+00:00"' in text


def test_a_feed_of_some_events_reads_on_until_it_has_as_many_as_are_asked_for():
    log = [Event(number, "dam_added", NOON, "local", "", number % 10, "Dam", {}) for number in range(95, 0, -1)]
    asked = []

    def read(before, limit):
        asked.append(before)
        return [event for event in log if before is None or event.number < before][:limit]

    feed = EventFeed(only(read, lambda event: event.dam_id == 3, part=20), page_size=4)
    assert [event.number for event in feed.events] == [93, 83, 73, 63]
    feed._older.clicks += 1
    assert [event.number for event in feed.events] == [93, 83, 73, 63, 53, 43, 33, 23]
    feed._older.clicks += 1
    assert [event.number for event in feed.events][8:] == [13, 3]
    assert not feed._older.visible
    assert asked[:2] == [None, 76]
