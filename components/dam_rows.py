"""One page of the table of dams, as it is drawn: every cell is text that is ready to be shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import panel as pn
import param

from components.names import dam_called
from data.dates import show_date

#: Key, label and kind of each column. Kind "manage" cannot be sorted by; "number" stands to the right;
#: "less" is left out where there is no room for it.
COLUMNS = [
    ("name", "Name", ""),
    ("nid_id", "NID ID", "less"),
    ("owner", "Owner", "less"),
    ("state", "State", ""),
    ("county", "County", ""),
    ("river", "River", ""),
    ("date_built", "Date Built", ""),
    ("hazard", "Hazard", ""),
    ("condition", "Condition", ""),
    ("height_ft", "Height (ft)", "number"),
    ("storage_acre_ft", "Storage (acre-ft)", "number"),
    ("last_inspection", "Last inspection", "less"),
    ("has_hydrograph", "Hydrograph", ""),
    ("manage", "Manage", "manage"),
]
_TEXTS = [key for key, *_ in COLUMNS if key not in ("name", "has_hydrograph", "manage")]

_STYLE = """
:host { width: 100%; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font: 400 14px/1.35 Roboto, system-ui, sans-serif; color: inherit; }
caption, .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; padding: 5px 6px; overflow-wrap: break-word;
  border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
th { font-weight: 600; vertical-align: bottom; }
td.name { min-width: 110px; } td.date_built, td.last_inspection, td.nid_id { white-space: nowrap; }
td button { font-size: 12px; padding: 4px 6px; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.unknown { opacity: 0.6; }
tbody tr:hover { background: color-mix(in srgb, currentColor 5%, transparent); }
a { color: var(--mui-palette-primary-main, #244C96); font-weight: 500; }
button, select { font: 500 13px/1.2 Roboto, system-ui, sans-serif; padding: 6px 8px; border-radius: 6px;
  cursor: pointer; color: inherit; background: transparent;
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); }
select option { color: #111; background: #fff; }
button:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
button:focus-visible, a:focus-visible, select:focus-visible { outline: 2px solid #6ea0ff; outline-offset: 1px; }
button[aria-disabled] { opacity: 0.5; cursor: not-allowed; }
.sorter { border: none; padding: 4px 0; font: inherit; font-weight: 600; text-align: inherit; }
.narrow { display: none; gap: 8px; margin-bottom: 4px; } .narrow > * { min-height: 36px; }
@media (max-width: 1240px) { th.less, td.less { display: none; } }
@media (max-width: 700px) {
  .narrow { display: flex; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: grid; grid-template-columns: 1fr 1fr; gap: 2px 12px; padding: 10px 0;
    border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
  td { display: flex; gap: 6px; padding: 3px 4px; border: none; align-items: baseline; min-width: 0; }
  tdtd button { font-size: 12px; padding: 4px 6px; }
.number { text-align: left; }
  td::before { content: attr(data-label); flex: none; font-size: 12px; opacity: 0.75; }
  td.name { grid-column: 1 / -1; font-size: 16px; }
  td button { font-size: 13px; padding: 8px; }
  td.name::before, td.has_hydrograph::before, td.manage::before { content: none; }
}
"""


class DamRows(pn.custom.JSComponent):
    """The drawn rows. ``act`` takes what was clicked: a column to sort by, a dam to delete."""

    columns = param.List(default=COLUMNS, doc="Key, label and kind of each column.")
    rows = param.List(default=[], doc="A list a dam, as ``as_rows`` makes it.")
    sort = param.String(default="name", doc="Key of the column that the rows are sorted by.")
    descending = param.Boolean(default=False, doc="From last to first.")
    address = param.String(doc="What stands behind the page's address, after the question mark.")

    _esm = Path(__file__).with_name("dam_rows.js")

    def __init__(self, act: Callable[[dict[str, Any]], None], **params):
        super().__init__(stylesheets=[_STYLE], **params)
        self._act = act

    def _handle_msg(self, message: Any) -> None:
        if isinstance(message, dict):
            self._act(message)


def as_rows(dams: pd.DataFrame, may_delete: Callable[[str], bool]) -> list[list[Any]]:
    """A list a dam of DAMS: its id, its name, two flags, then each column's text, "" where it is not known."""
    texts = {key: dams[key] for key in _TEXTS}
    texts["date_built"] = [show_date(text) for text in dams["date_built"]]
    for key, digits in (("height_ft", 1), ("storage_acre_ft", 0)):
        texts[key] = [quantity(value, digits) for value in dams[key]]
    flags = [[may_delete(by) for by in dams["created_by"]], dams["has_hydrograph"].tolist()]
    names = [dam_called(name) for name in dams["name"]]
    return [list(row) for row in zip(dams.index.tolist(), names, *flags, *texts.values(), strict=True)]


def quantity(value: float, digits: int) -> str:
    """A number as it is read: at most ``digits`` decimals, more for what would round to 0; "" for NaN."""
    if pd.isna(value):
        return ""
    text = f"{value:,.{digits}f}"
    if value and not text.strip("-0.,"):
        return f"{value:.2g}"
    return text.rstrip("0").rstrip(".") if "." in text else text
