"""A table of rows that can be acted on: every cell is text, and stays text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import panel as pn
import param

_STYLE = """
:host { width: 100%; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font: 400 14px/1.4 Roboto, system-ui, sans-serif; color: inherit; }
caption, .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; padding: 6px 8px; vertical-align: top; overflow-wrap: anywhere;
  border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
th { font-weight: 600; } thead th { vertical-align: bottom; overflow-wrap: break-word; }
tbody th { min-width: 90px; max-width: 260px; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.acts { min-width: 150px; padding-bottom: 1px; } .acts button { margin: 0 6px 5px 0; }
tbody tr:hover { background: color-mix(in srgb, currentColor 5%, transparent); }
button { font: 500 12.5px/1.2 Roboto, system-ui, sans-serif; padding: 6px 8px; border-radius: 6px; cursor: pointer;
  color: inherit; background: transparent; border: 1px solid color-mix(in srgb, currentColor 35%, transparent); }
button:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
button:focus-visible { outline: 2px solid #6ea0ff; outline-offset: 1px; }
button[aria-disabled] { opacity: 0.5; cursor: not-allowed; }
@media (max-width: 700px) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: block; padding: 10px 0;
    border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
  tbody th, td { display: flex; gap: 8px; padding: 3px 4px; border: none; text-align: left; max-width: none;
    white-space: normal; }
  tbody th { font-size: 16px; }
  td.number { text-align: left; }
  td::before { content: attr(data-label); flex: 0 0 40%; font-size: 12.5px; line-height: 1.55; opacity: 0.75; }
  td.acts { flex-wrap: wrap; gap: 0; } td.acts::before { content: none; }
  button { font-size: 13px; padding: 9px 10px; }
}
"""


class TableRow(NamedTuple):
    """``key`` is handed over by its buttons. ``acts`` are those that it has: "" or why it cannot be used now."""

    key: str
    cells: list[str]
    acts: dict[str, str]


class TextRows(pn.custom.JSComponent):
    """Draws rows under ``columns``, the first as the head of its row; ``act(act, key)`` takes what was clicked."""

    caption = param.String(doc="What the table is called, for who hears it.")
    columns = param.List(default=[], doc="Label and kind of each column; kind number stands to the right.")
    acts = param.List(default=[], doc="Name and label of each button that a row can have.")
    rows = param.List(default=[], item_type=TableRow, doc="What is shown.")
    back = param.Integer(default=0, doc="Counts up when the button that was used last is to have the focus again.")

    _esm = Path(__file__).with_name("text_rows.js")

    def __init__(self, act: Callable[[str, str], None], **params):
        super().__init__(stylesheets=[_STYLE], sizing_mode="stretch_width", **params)
        self._act = act

    def _handle_msg(self, message: Any) -> None:
        """Take a click; a raw client can send anything, and gets what it could have clicked."""
        act, key = (str(message.get(name)) for name in ("act", "key")) if isinstance(message, dict) else ("", "")
        if any(row.key == key and row.acts.get(act) == "" for row in self.rows):
            self._act(act, key)
