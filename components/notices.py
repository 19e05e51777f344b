"""The "Dam Notification" box: what others changed while this page was open."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from components.browser_store import BrowserStore
from components.plain import plain
from data.frames import Event

#: Kind -> (one, several); the words for a new dam are the replaced system's.
_WORDS = {
    "dam_added": ("A new dam has been added.", "{n} new dams have been added."),
    "dam_edited": ("A dam has been changed.", "{n} dams have been changed."),
    "dam_deleted": ("A dam has been deleted.", "{n} dams have been deleted."),
    "hydrograph_assigned": ("A hydrograph has been assigned.", "{n} hydrographs have been assigned."),
    "hydrograph_removed": ("A hydrograph has been removed.", "{n} hydrographs have been removed."),
}
_VERBS = {
    "dam_added": "added",
    "dam_edited": "changed",
    "dam_deleted": "deleted",
    "hydrograph_assigned": "given a hydrograph",
    "hydrograph_removed": "left without a hydrograph",
}
LISTED = 50  #: Lines in one box; a longer list says how many more there are.


def summary(events: Sequence[Event]) -> str:
    """One sentence a kind, and what to do about it."""
    counts = Counter(event.kind for event in events)
    sentences = [_WORDS[kind][n > 1].format(n=n) for kind, n in counts.items()]
    return " ".join([*sentences, f"Refresh this page to load {'it' if len(events) == 1 else 'them'}."])


def line(event: Event) -> str:
    """Which dam, and by whom."""
    return f'"{event.dam_name}" was {_VERBS[event.kind]} by {event.user_name or "the program"}.'


class ReturnFocus(pn.custom.JSComponent):
    """Gives the focus back to where it was before a dialog opened.

    pmui 0.16 leaves it on the body, so that a keyboard user starts again at the top of the page.
    """

    away = param.Boolean(doc="The dialog has the focus.")

    _esm = """
    const deepest = () => {
      let e = document.activeElement
      while (e && e.shadowRoot && e.shadowRoot.activeElement) e = e.shadowRoot.activeElement
      return e === document.body ? null : e
    }
    export function render({ model }) {
      let before = null
      model.on("away", () => {
        if (model.away) before = deepest()
        else if (before && before.isConnected) setTimeout(() => before.focus(), 250)
      })
    }
    """


class NoticeBox(pn.viewable.Viewer):
    """Collects events and shows them in one dialog until the reader refreshes or dismisses it."""

    waiting = param.List(default=[], item_type=Event, doc="Events not yet dealt with, oldest first.")
    kinds = param.List(default=[], doc="Kinds that are shown; the others are taken in without a word.")
    refresh = param.Event(doc="The reader asked for what is new.")

    def __init__(self, all_kinds: Mapping[str, str], **params):
        super().__init__(kinds=list(all_kinds), **params)
        self._all_kinds = dict(all_kinds)
        self._build_box()
        self._build_choice()

    def wants(self, event: Event) -> bool:
        """Whether this event is shown."""
        return event.kind in self.kinds

    def tell(self, events: Sequence[Event]) -> None:
        """Add ``events`` to the box and open it."""
        self.waiting = [*self.waiting, *events]

    def _build_box(self) -> None:
        self._text = pn.pane.HTML("", sizing_mode="stretch_width")
        nevermind = pmui.Button(label="Nevermind", variant="text", on_click=lambda _: self._dismiss())
        refresh = pmui.Button(label="Refresh", color="primary", on_click=lambda _: self._refresh())
        self._dialog = pmui.Dialog(
            self._text,
            pn.Row(pn.Spacer(sizing_mode="stretch_width"), nevermind, refresh, sizing_mode="stretch_width"),
            title="Dam Notification",
            close_on_click=True,
            width_option="sm",
        )
        self._focus = ReturnFocus(width=0, height=0, margin=0)
        self._dialog.param.watch(self._opened, "open")

    def _build_choice(self) -> None:
        self._choice = pmui.CheckBoxGroup(
            label="Tell me about", options={label: kind for kind, label in self._all_kinds.items()}, value=self.kinds
        )
        self._store = BrowserStore(key="dams.notices", scope="localStorage")
        self._choices = pmui.Dialog(
            pn.pane.HTML(plain("What you turn off still shows on the page, only without this box.")),
            self._choice,
            title="Notices",
            close_on_click=True,
            show_close_button=True,
            width_option="xs",
        )
        self._choice.param.watch(self._chosen, "value")
        self._store.on_load(self._remembered)

    def choose(self) -> None:
        """Open the choice of kinds."""
        self._choices.open = True

    def _chosen(self, event: param.parameterized.Event) -> None:
        self.kinds = event.new
        self._store.values = {"off": [kind for kind in self._all_kinds if kind not in event.new]}

    def _remembered(self, values: dict[str, Any]) -> None:
        off = values.get("off")
        off = off if isinstance(off, list) else []
        self._choice.value = [kind for kind in self._all_kinds if kind not in off]

    @param.depends("waiting", watch=True)
    def _draw(self) -> None:
        if not self.waiting:
            return
        listed = "".join(plain(line(event), "li") for event in self.waiting[:LISTED])
        more = len(self.waiting) - LISTED
        if more > 0:
            listed += plain(f"and {more} more", "li")
        self._text.object = plain(summary(self.waiting)) + f"<ul>{listed}</ul>"
        self._dialog.open = True

    def _opened(self, event: param.parameterized.Event) -> None:
        self._focus.away = event.new
        if not event.new:  # also by Esc, and by a click beside the box
            self.waiting = []

    def _dismiss(self) -> None:
        self._dialog.open = False

    def _refresh(self) -> None:
        self._dismiss()
        self.param.trigger("refresh")

    def __panel__(self):
        return pn.Column(self._dialog, self._choices, self._focus, self._store, width=0, height=0, margin=0)
