"""Activity: the event log as people read it; ``activity?after=`` gives only what follows an event."""

import panel as pn

from components import feedback
from components.event_feed import EventFeed, only
from components.plain import links
from dashboard.arguments import number
from dashboard.session import MOST_READ
from dashboard.shell import serve_page
from data import events
from data.frames import OF_MANY


def build(page):
    """Imports are undone here; what was done to one dam is on its own page."""
    after = number("after")
    if after is not None:
        return [since(page, after)]
    feed = EventFeed(
        lambda before, limit: page.read(events.read_before, before, kinds=kinds(page), limit=limit),
        send=page.send,
        undoable=lambda event: event.kind in OF_MANY and page.actor.may_undo(event),
    )
    page.on_refresh(feed.load)
    if page.actor.may("admin"):
        page.on_event(lambda event: not events.for_all(event), feed.load)
    return [links({"Take the log away": "log"}), feed]


def kinds(page):
    """What its reader may be told of by now; None for everything."""
    return None if page.may("admin") else events.KINDS


def since(page, after):
    """What the bar of ``components/absence.py`` has counted: what this browser's bell is set to tell."""
    notices = page.notices

    def many():
        return sum(page.read(events.counts_after, after).values()) > MOST_READ

    def read(before, limit):
        of_all = many()

        def told(event):
            return event.kind in notices.kinds and (of_all or notices.following.follows(event))

        return only(lambda *part: page.read(read_after, *part), told)(before, limit)

    def read_after(db, before, limit):
        return events.read_before(db, before, after=after, kinds=events.KINDS, limit=limit)

    def show(_event):
        all_dams.visible = many() and not notices.following.tells_of_all
        feed.load()
        shown.visible = True

    note = feedback.bar("note", "Only what happened since you were last here, as far as the bell is set to tell of it.")
    all_dams = feedback.bar("note", f"These are more than {MOST_READ:,} changes: those of all dams are listed.")
    feed = EventFeed(read)
    page.on_refresh(feed.load)
    shown = pn.Column(note, all_dams, links({"All activity": "activity"}), feed, sizing_mode="stretch_width", margin=0)
    shown.visible = False  # until the browser has said what its bell is set to
    notices.param.watch(show, "remembered")
    return shown


serve_page("activity", "Activity", build)
