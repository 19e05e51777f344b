"""The "Dam Notification" box: what others changed while this page was open."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from components.browser_store import BrowserStore
from components.following import Following
from components.following_form import FollowingForm
from components.names import called, import_counts
from components.notice_dialog import NoticeDialog, as_told
from components.plain import plain
from components.server_search import Find
from data.frames import OF_MANY, Event

#: Kind -> (one, several); the words for a new dam are the replaced system's.
_WORDS = {
    "dam_added": ("A new dam has been added.", "{n} new dams have been added."),
    "dam_edited": ("A dam has been changed.", "{n} dams have been changed."),
    "dam_deleted": ("A dam has been deleted.", "{n} dams have been deleted."),
    "hydrograph_assigned": ("A hydrograph has been assigned.", "{n} hydrographs have been assigned."),
    "hydrograph_removed": ("A hydrograph has been removed.", "{n} hydrographs have been removed."),
    "series_assigned": ("Series have been assigned.", "Series have been assigned {n} times."),
    "series_removed": ("A series has been removed.", "{n} series have been removed."),
    "inventory_imported": ("An inventory has been imported.", "{n} inventories have been imported."),
    "import_undone": ("An import has been undone.", "{n} imports have been undone."),
}
_VERBS = {
    "dam_added": "added",
    "dam_edited": "changed",
    "dam_deleted": "deleted",
    "hydrograph_assigned": "given a hydrograph",
    "hydrograph_removed": "left without a hydrograph",
    "series_assigned": "given values of series",
    "series_removed": "left without one of its series",
    "inventory_imported": "imported",
    "import_undone": "taken back",
}
LISTED = 50  #: Lines in one box; a longer list says how many more there are.


def summary(events: Sequence[Event]) -> str:
    """One sentence a kind, and what to do about it."""
    counts = Counter(event.kind for event in events)
    sentences = [_WORDS[kind][n > 1].format(n=n) for kind, n in counts.items()]
    return " ".join([*sentences, f"Refresh this page to load {'it' if len(events) == 1 else 'them'}."])


def line(event: Event) -> str:
    """Which dam, and by whom."""
    more = f": {import_counts(event.body)}" if event.kind in OF_MANY else ""
    return f'"{event.dam_name}" was {_VERBS[event.kind]} by {called(event.user_name)}{more}.'


@lru_cache(maxsize=16)
def told(waiting: tuple[Event, ...]) -> str:
    """``waiting`` as the box takes it, made once for all pages of this process that wait for the same events."""
    lines = [line(event) for event in waiting[:LISTED]]
    return as_told(summary(waiting), lines, max(0, len(waiting) - LISTED), waiting[-1].number)


class NoticeBox(pn.viewable.Viewer):
    """Collects events and shows them in one dialog until the reader refreshes or dismisses it."""

    waiting = param.List(default=[], item_type=Event, doc="Events not yet dealt with, oldest first.")
    kinds = param.List(default=[], doc="Kinds that are shown; the others are taken in without a word.")
    remembered = param.Boolean(doc="What this browser has chosen about its notices has arrived.")
    refresh = param.Event(doc="The reader asked for what is new.")

    def __init__(
        self,
        all_kinds: Mapping[str, str],
        *,
        log: str,
        dams: Find,
        owners: Find,
        **params,
    ):
        """``log`` names the database's log; ``dams`` and ``owners`` are FollowingForm's, asked when one is chosen."""
        super().__init__(kinds=list(all_kinds), **params)
        self._all_kinds = dict(all_kinds)
        self._dams, self._owners = dams, owners
        self.following = Following()
        self._box = NoticeDialog(self._answered, log=log)
        self._choices: pmui.Dialog | None = None
        self._store = BrowserStore(key="dams.notices", scope="localStorage")
        self._store.on_load(self._remember)
        self._layout = pn.Column(self._box, self._store, width=0, height=0, margin=0)

    def wants(self, event: Event) -> bool:
        """Whether this event is shown."""
        return event.kind in self.kinds and self.following.wants(event)

    def tell(self, events: Sequence[Event], seen: int) -> None:
        """Add ``events`` to the box and open it; let the browser keep ``seen``, -1 for nothing.

        A tick calls it, under the document's lock.
        """
        if events:
            self.waiting = [*self.waiting, *events]
        self._box.put(told(tuple(self.waiting)) if self.waiting else "null", seen)

    def _build_choices(self) -> pmui.Dialog:
        kinds = pmui.CheckBoxGroup(
            label="When these change",
            options={label: kind for kind, label in self._all_kinds.items()},
            value=self.kinds,
            margin=(8, 0, 0, 0),
        )
        kinds.link(self, value="kinds")
        self.param.watch(lambda _: self._keep(), "kinds")
        self.following.param.watch(lambda *_: self._keep(), list(self.following.to_keep()))
        return pmui.Dialog(
            pn.pane.HTML(plain("What you turn off still shows on the page, only without this box."), margin=0),
            FollowingForm(self.following, self._dams, self._owners),
            kinds,
            title="Notices",
            close_on_click=True,
            show_close_button=True,
            width_option="sm",
        )

    def choose(self) -> None:
        """Open the choice of what is told; it is made when it is first asked for, which few readers do."""
        if self._choices is None:
            self._choices = self._build_choices()
            self._choices.open = True  # before it is shown: a change of what is still being drawn would be lost
            self._layout.append(self._choices)
        self._choices.open = True

    def _keep(self) -> None:
        off = [kind for kind in self._all_kinds if kind not in self.kinds]
        self._store.values = {"off": off, "following": self.following.to_keep()}

    def _remember(self, values: dict[str, Any]) -> None:
        off = values.get("off")
        off = off if isinstance(off, list) else []
        self.kinds = [kind for kind in self._all_kinds if kind not in off]
        self.following.take(values.get("following"))
        self.remembered = True
        self._drop_unwanted()

    def _drop_unwanted(self) -> None:
        """Take in without a word what came before it was known that nobody wants to hear of it."""
        wanted = [event for event in self.waiting if self.wants(event)]
        if len(wanted) < len(self.waiting):
            self.waiting = wanted
            self._show_again()
            self.param.trigger("refresh")

    def _show_again(self) -> None:
        """Outside a tick: the document's lock may be missing, which a hold does without."""
        with pn.io.hold():
            self.tell([], -1)

    def _answered(self, act: str, last: int) -> None:
        self.waiting = [event for event in self.waiting if event.number > last]
        if self.waiting:  # came while the answer was under way
            self._show_again()
        if act == "refresh":
            self.param.trigger("refresh")

    def __panel__(self):
        return self._layout
