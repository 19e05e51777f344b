"""What is known of one dam: its facts by section, its place, its other structures and its source record."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from components.browser_store import BrowserStore
from components.dam_facts import Facts, sections
from components.dam_place import place_map
from components.names import dam_called
from components.plain import plain
from components.theme import HAZARD_COLOURS

UNITS = {"As published": "published", "Metric": "metric"}
NOT_GIVEN = "not given"

_STYLE = """
:host { font: 400 15px/1.45 Roboto, system-ui, sans-serif; }
.sections { columns: 330px 3; column-gap: 36px; } section { break-inside: avoid; padding-bottom: 22px; }
h2 { font: 600 1.05rem/1.3 Roboto, system-ui, sans-serif; margin: 0 0 8px; padding-bottom: 4px;
  border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
dl { display: grid; grid-template-columns: minmax(110px, max-content) 1fr; gap: 4px 16px; margin: 0; }
dt { opacity: 0.75; max-width: 170px; } dd { margin: 0; overflow-wrap: anywhere; }
.unknown { opacity: 0.6; } ul { margin: 0; padding-left: 20px; }
a { color: var(--mui-palette-primary-main, #244C96); font-weight: 500; }
svg { display: block; max-width: 100%; height: auto; margin-top: 10px; }
.land { fill: color-mix(in srgb, currentColor 10%, transparent); stroke: currentColor; stroke-opacity: 0.5; }
.dot { stroke: #fff; stroke-width: 2; }
details { margin-top: 4px; } summary { cursor: pointer; font-weight: 600; padding: 6px 0; }
summary:focus-visible, a:focus-visible { outline: 2px solid #6ea0ff; outline-offset: 1px; }
.cells { overflow-x: auto; } table { border-collapse: collapse; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 4px 14px 4px 0; overflow-wrap: anywhere;
  border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
th { font-weight: 500; } td { white-space: pre-wrap; }
"""


class DamProfile(pn.viewable.Viewer):
    """One dam's profile; the units are the reader's choice, which the browser keeps."""

    dam = param.Series(doc="A row of PROFILE; its name is the dam_id.")
    others = param.List(default=[], doc="Other structures of the project: dam_id, name, other_structure_id of each.")
    record = param.Parameter(default=None, doc="The dam's SourceRecord, None for a dam that came from no file.")
    units = param.Selector(default="published", objects=UNITS, doc="Units that measures are shown in.")

    def __init__(self, *, today: Callable[[], dt.date] = lambda: dt.datetime.now(dt.UTC).date(), **params):
        super().__init__(**params)
        self._today = today
        self._facts = pn.pane.HTML(stylesheets=[_STYLE], sizing_mode="stretch_width", margin=(5, 10))
        self._source = pn.pane.HTML(stylesheets=[_STYLE], sizing_mode="stretch_width", margin=(0, 10))
        self._choice = pmui.Select.from_param(
            self.param.units, label="Units", description="", width=160, margin=(12, 10, 4, 10)
        )
        self._store = BrowserStore(key="dams.units", scope="localStorage")
        self._store.on_load(self._remember)
        self.param.watch(lambda event: self._store.param.update(values={"units": event.new}), "units")
        self._show()

    def _remember(self, kept: dict[str, Any]) -> None:
        if kept.get("units") in UNITS.values():
            self.units = kept["units"]

    @param.depends("dam", "others", "record", "units", watch=True)
    def _show(self) -> None:
        cells, by = (self.record.cells, self.record.imported_by) if self.record else ({}, "")
        found = sections(self.dam, cells, metric=self.units == "metric", today=self._today(), imported_by=by)
        drawn = "".join(_section(title, facts, self._more(title)) for title, facts in found.items())
        self._facts.object = f'<div class="sections">{drawn}</div>'
        source = self._record()
        if source != self._source.object:  # it may be open
            self._source.object = source

    def _more(self, title: str) -> str:
        """What a section has besides its facts."""
        dam = self.dam
        if title == "Place" and dam["latitude"] == dam["latitude"]:
            return place_map(dam["longitude"], dam["latitude"], HAZARD_COLOURS.get(dam["hazard"], HAZARD_COLOURS[""]))
        if title == "Identity" and self.others:
            items = "".join(
                f"<li>{plain(dam_called(name), 'a', href=f'dam?id={dam_id}')} {plain(other, 'span')}</li>"
                for dam_id, name, other in self.others
            )
            return f"{plain('Structures with the same NID ID:', style='margin: 10px 0 4px')}<ul>{items}</ul>"
        return ""

    def _record(self) -> str:
        """The source record as a table that is folded at first, every cell as it stands in the file."""
        record = self.record
        if record is None:
            return plain("This dam came from no inventory file: it was entered by hand or with the program.")
        rows = "".join(
            f"<tr>{plain(str(column), 'th', scope='row')}{_cell(str(cell) if cell is not None else '')}</tr>"
            for column, cell in record.cells.items()
        )
        of = f"Line {record.line:,} of {record.file_name} ({record.system}), data last updated "
        of += record.last_updated or "at a time that it does not give"
        title = plain(f"Source record: all {len(record.cells)} columns as they stand in the file", "summary")
        return f'<details>{title}{plain(of + ".")}<div class="cells"><table>{rows}</table></div></details>'

    def __panel__(self):
        return pn.Column(
            self._choice,
            self._facts,
            self._source,
            self._store,
            sizing_mode="stretch_width",
            styles={"max-height": "none"},
        )


def _section(title: str, facts: Facts, more: str) -> str:
    pairs = "".join(
        plain(label, "dt") + (plain(text, "dd") if text else plain(NOT_GIVEN, "dd", "unknown"))
        for label, text in facts.items()
    )
    return f"<section>{plain(title, 'h2')}<dl>{pairs}</dl>{more}</section>"


def _cell(text: str) -> str:
    return plain(text, "td") if text else plain("blank", "td", "unknown")
