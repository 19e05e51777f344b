"""Values that a new release and people here both changed: shown side by side, decided by the reader."""

from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from components.plain import plain, plain_label
from data.frames import ImportConflict

LISTED = 50  #: Values that are decided one by one; more are decided together.
CHOICES = {"Keep what is here": "ours", "Take the release's": "theirs"}
_MARGIN = (6, 0)


class ConflictChoice(pn.viewable.Viewer):
    """One choice a value, and one for all."""

    conflicts = param.List(default=[], item_type=ImportConflict, doc="The values in question.")
    otherwise = param.Selector(
        default="ours", objects=list(CHOICES.values()), doc="What counts where nothing is chosen."
    )

    def __init__(self, **params):
        super().__init__(**params)
        self._each: dict[tuple[str, str], pmui.RadioBoxGroup] = {}
        self._layout = pn.Column(sizing_mode="stretch_width", margin=0, styles={"max-height": "none"})

    def decisions(self) -> dict[tuple[str, str], str]:
        """(key, field) -> "ours" or "theirs", of the values that are decided one by one."""
        return {which: select.value for which, select in self._each.items()}

    @param.depends("conflicts", watch=True)
    def _list(self) -> None:
        self._each = {}
        if not self.conflicts:
            self._layout[:] = []
            return
        every = pmui.RadioBoxGroup.from_param(
            self.param.otherwise, label="For all of them", options=CHOICES, inline=True, margin=_MARGIN
        )
        every.param.watch(self._choose_all, "value")
        rows: list[Any] = []
        for conflict in self.conflicts[:LISTED]:
            choice = pmui.RadioBoxGroup(
                label=plain_label(_what(conflict)), options=CHOICES, value=self.otherwise, inline=True, margin=_MARGIN
            )
            self._each[conflict.key, conflict.field] = choice
            words = f"Last release: {_shown(conflict.before)}. This release: {_shown(conflict.theirs)}. "
            rows.append(
                pn.FlexBox(choice, pn.pane.HTML(plain(f"{words}Here: {_shown(conflict.ours)}.")), align_items="center")
            )
        more = len(self.conflicts) - LISTED
        head = f"Changed by this release and by people here: {len(self.conflicts):,}. Which value counts?"
        tail = [pn.pane.HTML(plain(f"{more:,} more are decided by the choice for all."))] if more > 0 else []
        self._layout[:] = [pn.pane.HTML(plain(head), margin=_MARGIN), every, *rows, *tail]

    def _choose_all(self, event: param.parameterized.Event) -> None:
        for choice in self._each.values():
            choice.value = event.new

    def __panel__(self):
        return self._layout


def _what(conflict: ImportConflict) -> str:
    name = conflict.name or conflict.key.rstrip("/")
    what = "no longer in the list" if conflict.field == "removed" else conflict.field.replace("_", " ")
    return f"{name}: {what}"


def _shown(value: Any) -> str:
    if value in ("", None):
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
