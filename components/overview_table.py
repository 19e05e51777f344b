"""The numbers of one plot as a table, whose first cells are buttons: the keyboard's way to choose a bar."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import param

_LOOK = """
:host { display: block; font: 400 0.86rem/1.4 Roboto, system-ui, sans-serif; color: var(--panel-on-surface-color, #222);
  overflow-x: auto; }
summary { cursor: pointer; padding: 4px 0; width: max-content; }
table { border-collapse: collapse; min-width: 60%; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 2px 8px; text-align: right; font-variant-numeric: tabular-nums;
  border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
th { font-weight: 600; vertical-align: bottom; } th:first-child { text-align: left; padding-left: 0; }
tr[data-on] th, tr[data-on] td { background: color-mix(in srgb, #6ea0ff 22%, transparent); }
button { font: inherit; color: inherit; background: none; cursor: pointer; text-align: left; padding: 3px 8px;
  min-height: 28px; border-radius: 6px; border: 1px solid color-mix(in srgb, currentColor 30%, transparent); }
button[aria-pressed="true"] { border-color: currentColor; font-weight: 700; }
button:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
button[aria-disabled] { opacity: 0.65; cursor: default; border-style: dashed; }
:focus-visible { outline: 2px solid #6ea0ff; outline-offset: 1px; }
i { display: inline-block; width: 10px; height: 10px; margin-right: 4px; background: var(--dot);
  border: 1px solid #888; }
"""


class OverviewTable(pn.custom.JSComponent):
    """Rows of counts. ``choose(key)`` hears whose button was pressed."""

    caption = param.String(doc="What the table holds.")
    columns = param.List(doc="Of each column of counts: its label and its colour, empty for none.")
    rows = param.List(doc="Of each row: key, label, whether it is chosen, why it cannot be (empty: it can), counts.")

    _esm = Path(__file__).with_name("overview_table.js")

    def __init__(self, choose: Callable[[str], None], **params):
        super().__init__(**{"stylesheets": [_LOOK], "margin": 0, "sizing_mode": "stretch_width"} | params)
        self._choose = choose

    def _handle_msg(self, message: Any) -> None:
        match message:
            case {"key": str(key)} if any(row[0] == key and not row[3] for row in self.rows):
                self._choose(key)
