"""The event log as people read it: what was done, to which dam, by whom, when."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from components import admin_events, feedback
from components.names import called, import_counts
from components.plain import plain, plain_label, wrapped
from components.question import Question
from components.sending import Send, send_and_tell
from data.commands import Undo, new_submit_key
from data.dates import show_date
from data.frames import OF_MANY, Event

_LABELS = {
    "name": "name",
    "owner": "owner",
    "river": "river",
    "date_built": "date built",
    "hazard": "hazard potential",
    "nid_id": "NID ID",
    "longitude": "longitude",
    "latitude": "latitude",
}
#: What else there is to know before a change is undone.
_UNDOING = {
    "dam_added": " Undoing it deletes the dam; that can be undone in turn.",
    "inventory_imported": " Undoing it removes the dams that it brought, and takes back what it changed and removed;"
    " to do it again, import the file again.",
}
_STYLE = """
ol { list-style: none; margin: 0; padding: 0; font: 400 15px/1.45 Roboto, system-ui, sans-serif; }
li { padding: 10px 4px; overflow-wrap: anywhere;
  border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
time { opacity: 0.75; font-size: 13px; margin-right: 10px; font-variant-numeric: tabular-nums; }
b { display: inline-block; min-width: 3.2em; font-weight: 500; opacity: 0.6; font-size: 13px; }
a { color: var(--mui-palette-primary-main, #244C96); font-weight: 500; }
small { display: block; opacity: 0.8; font-size: 13px; margin-top: 2px; }
"""


def sentence(event: Event) -> str:
    """What happened, in one sentence."""
    who, dam, body = called(event.user_name), f'"{event.dam_name}"', event.body
    who = who[:1].upper() + who[1:] if who != event.user_name else who
    match event.kind:
        case "dam_added":
            return f"{who} added {dam}."
        case "dam_edited":
            return f"{who} changed {dam}."
        case "dam_deleted":
            return f"{who} deleted {dam}."
        case "hydrograph_assigned":
            return f"{who} assigned the hydrograph {body['file_name']} ({body['points']:,} points) to {dam}."
        case "hydrograph_removed":
            return f"{who} removed the hydrograph {body['file_name']} from {dam}."
        case "series_assigned":
            return f"{who} assigned {_series(body['series'])} of {body['file_name']} to {dam}."
        case "series_removed":
            return f"{who} removed the {body['role']} series {body['id']} from {dam}."
        case "inventory_imported" if "after" in body:  # in the history of one dam
            vintage = f" of {show_date(body['last_updated'])}" if body["last_updated"] else ""
            what = "changed this dam" if body["after"] else "removed this dam" if body["before"] else "brought this dam"
            return f"{who} imported {dam} ({body['system']}{vintage}), which {what}."
        case "inventory_imported":
            vintage = f" of {show_date(body['last_updated'])}" if body["last_updated"] else ""
            return f"{who} imported {dam} ({body['system']}{vintage}): {import_counts(body)}."
        case "import_undone" if "after" in body:
            back = "changed this dam" if body["before"] else "brought this dam back"
            what = back if body["after"] else "removed this dam"
            return f"{who} undid the import of {dam}, which {what}."
        case "import_undone":
            return f"{who} undid the import of {dam}: {import_counts(body)}."
    if told := admin_events.sentence(event):
        return told
    raise ValueError(f"Event {event.number} is of an unknown kind, {event.kind!r}.")


def details(event: Event) -> list[str]:
    """What changed, field by field, what it undid, and the reason; nothing when the sentence has said it all."""
    found = [_details(event), f"This undid change {event.body['undoes']}." if "undoes" in event.body else ""]
    return [*filter(None, found), *([f"Reason: {event.why}"] if event.why else [])]


def _details(event: Event) -> str:
    if event.kind == "dam_edited" or (event.kind in OF_MANY and event.body.get("before") and event.body.get("after")):
        before, after = event.body["before"], event.body["after"]
        return "; ".join(_change(name, before[name], after[name]) for name in after)
    if event.kind == "hydrograph_assigned" and event.body["replaced"]:
        return f"It replaced {event.body['replaced']}."
    return admin_events.details(event)


def _series(series: Sequence[Mapping[str, Any]]) -> str:
    """ "inflow USGS:02177000 (31 new values, 2 changed)"."""
    words = []
    for one in series:
        told = ""
        if "added" in one:  # not when it came back by an undo
            changed = f", {one['changed']:,} changed" if one["changed"] else ""
            told = f" ({one['added']:,} new values{changed})"
        words.append(f"{one['role']} {one['id']}{told}")
    return ", ".join(words)


def _change(name: str, before: object, after: object) -> str:
    label = _LABELS.get(name, name.replace("_", " "))
    return f"{label} from {_value(name, before)} to {_value(name, after)}"


def _value(name: str, value: object) -> str:
    if value in ("", None):
        return "none"
    return show_date(str(value)) if name == "date_built" else str(value)


#: ``read(before, limit)`` gives the newest ``limit`` events below a number, or of all for None, newest first.
Read = Callable[[int | None, int], Sequence[Event]]


def only(read: Read, wanted: Callable[[Event], bool], *, part: int = 500) -> Read:
    """Reads of all events those that are ``wanted``, ``part`` at a time."""

    def read_wanted(before: int | None, limit: int) -> Sequence[Event]:
        found: list[Event] = []
        while len(found) < limit:
            events = read(before, part)
            found += filter(wanted, events)
            if len(events) < part:
                break
            before = events[-1].number
        return found[:limit]

    return read_wanted


class EventFeed(pn.viewable.Viewer):
    """Events, newest first. With ``send`` those that are ``undoable`` can be undone, after asking."""

    events = param.List(default=[], item_type=Event, doc="Events shown, newest first.")
    page_size = param.Integer(default=50, bounds=(1, 500), doc="How many are read at a time.")

    def __init__(
        self,
        read: Read,
        *,
        send: Send | None = None,
        undoable: Callable[[Event], bool] = lambda _: False,
        more: Callable[[Event], Mapping[str, str]] = lambda _: {},
        **params,
    ):
        """``send`` takes an Undo of what is ``undoable``; ``more`` gives an event's links, words to address."""
        super().__init__(**params)
        self._read, self._send, self._undoable, self._more = read, send, undoable, more
        self._rows: dict[int, pn.Row] = {}
        self._list = pn.Column(sizing_mode="stretch_width", margin=0, styles={"max-height": "none"})
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._question = Question("Undo a change", "Undo")
        self._nothing = feedback.empty("Nothing has happened yet.")
        self._older = pmui.Button(label="Show older", variant="outlined", on_click=lambda _: self._extend())
        self.load()

    def load(self) -> None:
        """Read the newest events, as many as are shown now."""
        self._take([], max(self.page_size, len(self.events)))

    def _extend(self) -> None:
        self._take(self.events, self.page_size)

    def _take(self, kept: list[Event], count: int) -> None:
        found = self._read(kept[-1].number if kept else None, count)
        self._older.visible = len(found) == count
        self.events = [*kept, *found]

    @param.depends("events", watch=True)
    def _draw(self) -> None:
        parts: list[pn.viewable.Viewable] = []
        items: list[str] = []
        undone = _undone(self.events)
        for event in self.events:
            item = _item(event, self._more(event))
            if self._send is not None and self._undoable(event) and event.number not in undone:
                parts += [_listed(items)] if items else []
                # A row that stays keeps its button: one that is replaced while it is clicked would not be heard.
                if event.number not in self._rows:
                    row = pn.Row(_listed([item]), self._button(event), sizing_mode="stretch_width", margin=0)
                    self._rows[event.number] = row
                parts.append(self._rows[event.number])
                items = []
            else:
                items.append(item)
        self._list[:] = [*parts, _listed(items)] if items else parts
        self._list.visible, self._nothing.visible = bool(self.events), not self.events

    def _button(self, event: Event) -> pmui.Button:
        return pmui.Button(
            label=plain_label(f"Undo {event.number}"),
            variant="outlined",
            size="small",
            on_click=lambda _: self._ask(event),
        )

    def _ask(self, event: Event) -> None:
        key, words = new_submit_key(), f"Undo change {event.number} by a new change? It was: {sentence(event)}"
        words += _UNDOING.get(event.kind, "")
        self._question.ask(words, lambda why: self._undo(Undo(number=event.number, submit_key=key, why=why)))

    def _undo(self, command: Undo) -> None:
        assert self._send is not None
        send_and_tell(self._send, command, self._message, "The change has been undone.")

    def __panel__(self):
        parts = (self._message, self._nothing, self._list, self._older)
        return pn.Column(*parts, *([self._question] if self._send else []), sizing_mode="stretch_width")


def _undone(events: Sequence[Event]) -> set[int]:
    """Numbers of what was undone and not done again, of events from the newest on."""
    found: set[int] = set()
    for event in events:
        if "undoes" in event.body and event.number not in found:
            found.add(event.body["undoes"])
    return found


def _listed(items: Sequence[str]) -> pn.pane.HTML:
    return pn.pane.HTML(wrapped("".join(items), "ol"), stylesheets=[_STYLE], sizing_mode="stretch_width", margin=0)


def _item(event: Event, ways: Mapping[str, str]) -> str:
    when = plain(f"{event.recorded_at:%Y-%m-%d %H:%M} UTC", "time", datetime=event.recorded_at.isoformat())
    more = "".join(plain(words, "small") for words in details(event))
    links = " ".join(plain(words, "a", href=address) for words, address in ways.items())
    number = plain(f"{event.number}", "b", title="Number of the change")
    return wrapped(f"{number}{when}{plain(sentence(event), 'span')} {links}{more}", "li")
