"""The dams that a map draws as a list, which is the keyboard's way to their cards."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import param

from components.theme import HAZARD_COLOURS

ROWS = 25  #: Dams on one page of the list.
NAMELESS = "No name"

_LOOK = """
:host { flex: none; align-self: stretch; box-sizing: border-box; max-width: 100%; overflow: auto;
  font: 400 0.86rem/1.4 Roboto, system-ui, sans-serif; color: var(--panel-on-surface-color, #222);
  border-left: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
details[open] { width: 232px; }
details:not([open]) summary { writing-mode: vertical-rl; }
summary { padding: 8px 10px; font-weight: 600; cursor: pointer; }
p { margin: 0 10px 4px; opacity: 0.8; }
ol { list-style: none; margin: 0; padding: 0; }
button { box-sizing: border-box; }
li button { display: flex; align-items: baseline; gap: 8px; width: 100%; padding: 5px 10px; text-align: left;
  font: inherit; color: inherit; background: none; border: none; cursor: pointer; overflow-wrap: anywhere; }
li button:hover, button[aria-current] { background: color-mix(in srgb, currentColor 10%, transparent); }
i { width: 9px; height: 9px; border-radius: 50%; background: var(--dot); flex: none; }
nav:not([hidden]) { display: flex; gap: 8px; padding: 8px 10px; }
nav button { font: 500 13px/1.2 Roboto, system-ui, sans-serif; padding: 6px 10px; border-radius: 6px; cursor: pointer;
  color: inherit; background: none; border: 1px solid color-mix(in srgb, currentColor 35%, transparent); }
nav button[aria-disabled] { opacity: 0.5; cursor: default; }
button:focus-visible, summary:focus-visible { outline: 2px solid #6ea0ff; outline-offset: -2px; }
@media (max-width: 900px) {
  :host { border-left: none; max-height: 220px;
    border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
  details[open] { width: auto; }
  details:not([open]) summary { writing-mode: initial; }
}
"""


class MapList(pn.custom.JSComponent):
    """Dams by name, ROWS at a time; ``open_dam(dam_id)`` hears which one was chosen."""

    rows = param.List(doc="Of each dam: dam_id, name, colour.")
    words = param.String(doc="Which of how many dams these are.")
    back = param.Boolean(doc="There are dams before these.")
    on = param.Boolean(doc="There are dams after these.")
    selected = param.Integer(default=None, allow_None=True, doc="dam_id of the dam whose card is open.")

    _esm = Path(__file__).with_name("map_list.js")

    def __init__(self, open_dam: Callable[[int], None], **params):
        super().__init__(**{"stylesheets": [_LOOK], "margin": 0} | params)
        self._open_dam = open_dam
        self._ids, self._names, self._hazards = np.array([], "int64"), np.array([], object), np.array([], object)
        self._first = 0

    def tell(self, dams: pd.DataFrame) -> None:
        """List ``dams`` (DOTS) from the first one on; those without a name come last."""
        names = dams["name"].to_numpy(object)
        order = np.lexsort((dams.index, [name.casefold() for name in names], names == ""))
        self._ids, self._names = dams.index.to_numpy()[order], names[order]
        self._hazards = dams["hazard"].to_numpy(object)[order]
        self._turn_to(0)

    def _turn_to(self, first: int) -> None:
        total, part = len(self._ids), slice(first, first + ROWS)
        self._first = first
        kept = zip(self._ids[part], self._names[part], self._hazards[part], strict=True)
        missing = HAZARD_COLOURS[""]
        rows = [[int(i), name or NAMELESS, HAZARD_COLOURS.get(hazard, missing)] for i, name, hazard in kept]
        words = f"{first + 1:,}–{first + len(rows):,} of {total:,} drawn" if rows else "No dams here"
        self.param.update(rows=rows, words=words, back=first > 0, on=first + ROWS < total)

    def _handle_msg(self, message: Any) -> None:
        match message:
            case {"dam": int(dam_id)} if dam_id in self._ids:
                self._open_dam(dam_id)
            case {"turn": "back"} if self.back:
                self._turn_to(self._first - ROWS)
            case {"turn": "on"} if self.on:
                self._turn_to(self._first + ROWS)
