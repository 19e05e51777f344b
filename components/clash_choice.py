"""Fields that two people changed at once, side by side: the second decides each."""

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui

from components import feedback
from components.plain import plain_label
from data.commands import FIELD_WORDS, Clash
from data.dates import show_date

THEIRS, MINE = "theirs", "mine"


class ClashChoice(pn.viewable.Viewer):
    """Shows each clash; ``decide(clash, whose)`` is called for every choice, "theirs" or "mine"."""

    def __init__(self, decide: Callable[[Clash, str], None], **params):
        super().__init__(**params)
        self._decide = decide
        self._body = pn.Column(sizing_mode="stretch_width", margin=0)

    def ask(self, clashes: Sequence[Clash]) -> None:
        """Ask about these; yours are in the form until theirs are chosen. None: the question is over."""
        said = feedback.bar(
            "note", "Somebody else changed the same as you meanwhile. Choose for each, then save again."
        )
        self._body[:] = [said, *map(self._row, clashes)] if clashes else []

    def _row(self, clash: Clash) -> pmui.RadioBoxGroup:
        label = FIELD_WORDS.get(clash.field, clash.field)
        options = {
            plain_label(f"Yours: {_value(clash.field, clash.wanted)}"): MINE,
            plain_label(f"Theirs: {_value(clash.field, clash.now)}"): THEIRS,
        }
        chosen = pmui.RadioBoxGroup(
            label=plain_label(f"{label} (was {_value(clash.field, clash.before)})"), options=options, value=MINE
        )
        chosen.param.watch(lambda event: self._decide(clash, event.new), "value")
        return chosen

    def __panel__(self):
        return self._body


def _value(field: str, value: Any) -> str:
    if value in ("", None):
        return "none"
    if field == "place":
        return "none" if value[0] is None else f"{value[1]:.6f}, {value[0]:.6f}"
    return show_date(value) if field == "date_built" else str(value)
