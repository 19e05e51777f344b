"""The legend of hazard potential: what each colour means, how many dams it stands for, and a filter."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import panel as pn
import param

from components.map_filter import MapFilter
from components.theme import HAZARD_COLOURS
from data.inventory import NOT_GIVEN

_LOOK = """
:host { font: 400 0.86rem/1.5 Roboto, system-ui, sans-serif; color: var(--panel-on-surface-color, #222); }
div { display: flex; flex-wrap: wrap; gap: 2px 4px; margin-left: -3px; }
button { display: inline-flex; align-items: center; gap: 6px; padding: 2px 8px; white-space: nowrap; cursor: pointer;
  font: inherit; color: inherit; background: none; border: 1px solid transparent; border-radius: 12px; }
button:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
button:focus-visible { outline: 2px solid #6ea0ff; }
button[aria-pressed="true"] { border-color: currentColor; font-weight: 600; }
div.narrowed button:not([aria-pressed="true"]) { opacity: 0.65; }
button[aria-disabled] { opacity: 0.55; cursor: default; }
i { width: 11px; height: 11px; border-radius: 50%; background: var(--dot); border: 1px solid #fff; flex: none; }
span { opacity: 0.8; font-variant-numeric: tabular-nums; }
"""


class HazardKeys(pn.custom.JSComponent):
    """A button a class: it says how many dams of ``count`` have it, and asks ``shown`` for it or no more."""

    keys = param.List(doc="Of each class: value, label, colour (empty for none), count, chosen.")

    _esm = Path(__file__).with_name("hazard_keys.js")

    def __init__(self, shown: MapFilter, **params):
        super().__init__(**{"stylesheets": [_LOOK], "margin": 0} | params)
        self._shown = shown

    def tell(self, counts: Mapping[str, int], *, coloured: bool) -> None:
        """``counts`` are by class; ``coloured`` says whether a dot's colour stands for the hazard."""
        chosen = self._shown.wanted.hazard
        *known, missing = HAZARD_COLOURS
        values = dict.fromkeys([*known, *counts, *chosen])
        values.pop(missing, None)
        self.keys = [
            {
                "value": value,
                "label": value or NOT_GIVEN,
                "colour": HAZARD_COLOURS.get(value, HAZARD_COLOURS[missing]) if coloured else "",
                "count": int(counts.get(value, 0)),
                "chosen": value in chosen,
            }
            for value in [*values, missing]
        ]

    def _handle_msg(self, message: Any) -> None:
        match message:
            case {"hazard": str(value)} if any(key["value"] == value for key in self.keys):
                self._shown.toggle_hazard(value)
