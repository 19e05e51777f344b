"""The event log as people read it, without a browser."""

import datetime as dt

from components.event_feed import EventFeed
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
