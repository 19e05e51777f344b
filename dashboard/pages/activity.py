"""Activity: the event log as people read it."""

from components.event_feed import EventFeed
from dashboard.shell import serve_page
from data import events


def build(page):
    feed = EventFeed(lambda before, limit: page.read(events.read_before, before, limit=limit))
    page.on_refresh(feed.load)
    return [feed]


serve_page("activity", "Activity", build)
