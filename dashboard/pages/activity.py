"""Activity: the event log as people read it; ``activity?after=`` gives only what follows an event."""

from components import feedback
from components.event_feed import EventFeed
from components.plain import links
from dashboard.arguments import number
from dashboard.shell import serve_page
from data import events


def build(page):
    after = number("after")
    feed = EventFeed(lambda before, limit: page.read(events.read_before, before, after=after or 0, limit=limit))
    page.on_refresh(feed.load)
    if after is None:
        return [feed]
    return [
        feedback.bar("note", "Only what happened since you were last here."),
        links({"All activity": "activity"}),
        feed,
    ]


serve_page("activity", "Activity", build)
