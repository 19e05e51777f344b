"""The event log as people read it, without a browser."""

import datetime as dt

import panel_material_ui as pmui
from answering import at_once

from components.event_feed import EventFeed, only
from data.commands import Rejected
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


def press(feed, label):
    next(button for button in feed.__panel__().select(pmui.Button) if button.label == label).clicks += 1


def test_an_event_tells_its_reason_and_what_it_undid():
    body = {"before": {"river": "A"}, "after": {"river": "<b>"}, "undoes": 3}
    event = Event(4, "dam_edited", NOON, "local", "", 1, "Dam", body, why="it <i>was</i> so")
    (text,) = shown(EventFeed(lambda before, limit: [event][:limit]))
    assert "river from A to &lt;b&gt;" in text and "This undid change 3." in text
    assert "Reason: it &lt;i&gt;was&lt;/i&gt; so" in text


def test_what_can_be_undone_is_undone_once_it_is_agreed_with_the_reason():
    log = [Event(number, "dam_added", NOON, "local", "", number, "Dam", {}) for number in (3, 2, 1)]
    sent = []
    feed = EventFeed(lambda before, limit: log[:limit], send=at_once(sent.append), undoable=lambda e: e.number == 2)
    press(feed, "Undo 2")
    assert sent == []
    feed._question.reason.value = "twice"
    press(feed, "Undo")
    (command,) = sent
    assert (command.number, command.why) == (2, "twice")
    assert [button.label for button in feed._list.select(pmui.Button)] == ["Undo 2"]


def test_a_refused_undo_says_why():
    def refuse(_command):
        raise Rejected({"": "It was changed again since."})

    log = [Event(1, "dam_added", NOON, "local", "", 1, "Dam", {})]
    feed = EventFeed(lambda before, limit: log[:limit], send=at_once(refuse), undoable=lambda _: True)
    press(feed, "Undo 1")
    press(feed, "Undo")
    assert "It was changed again since." in " ".join(shown(feed))


def test_what_was_undone_is_offered_again_only_when_the_undoing_was_undone():
    def made(number, **body):
        return Event(number, "dam_edited", NOON, "local", "", 1, "Dam", {"before": {}, "after": {}, **body})

    log = [made(2, undoes=1), made(1)]
    feed = EventFeed(lambda before, limit: log[:limit], send=at_once(print), undoable=lambda _: True)
    buttons = [button.label for button in feed._list.select(pmui.Button)]
    assert buttons == ["Undo 2"]
    log.insert(0, made(3, undoes=2))
    feed.load()
    assert [button.label for button in feed._list.select(pmui.Button)] == ["Undo 3", "Undo 1"]
