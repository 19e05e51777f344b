"""An area: a box drawn on a map, or its four edges typed."""

import math
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param
from bokeh.events import SelectionGeometry
from bokeh.models import BoxSelectTool, ColumnDataSource

from components import map_figure
from components.following import Box, checked_area
from components.plain import plain, plain_label
from components.small_map import SmallMap
from data.outline_shapes import to_degrees, to_mercator

UNITED_STATES: Box = (-126.0, 23.0, -66.0, 50.0)  #: What the map opens on: all but Alaska, Hawaii and the territories.
HEIGHT = 240  #: Pixels.
EDGES = {"west": 180, "south": 90, "east": 180, "north": 90}  #: Each edge's largest number of degrees.

_HINT = "p { margin: 0 0 6px; font-size: 0.88rem; line-height: 1.45; }"


class AreaPicker(pn.viewable.Viewer):
    """One area; the map and the four fields show the same. What is typed is kept as it is, right or wrong."""

    west = param.String(doc="Degrees east of the western edge, as typed, or as drawn to a hundredth.")
    south = param.String(doc="Degrees north of the southern edge.")
    east = param.String(doc="Degrees east of the eastern edge.")
    north = param.String(doc="Degrees north of the northern edge.")
    area = param.Parameter(default=None, doc="West, south, east, north; None while the text is no area.")

    def __init__(self, area: Box | None = None, **params):
        super().__init__(**params)
        field = {"margin": 0, "sizing_mode": "stretch_width", "styles": {"flex": "1 1 110px"}, "description": ""}
        self.fields = {
            edge: pmui.TextInput.from_param(self.param[edge], label=edge.capitalize(), **field) for edge in EDGES
        }
        self._draw_map(area)
        self._layout = self._lay_out()
        if area is not None:
            self._set(area)

    def _draw_map(self, area: Box | None) -> None:
        self._map = SmallMap(UNITED_STATES, HEIGHT)
        plot = self._plot = self._map.plot
        if area is not None:
            map_figure.show_box(plot, area)
            map_figure.zoom(plot, 1.5)
        self._drawn = ColumnDataSource({"left": [], "right": [], "bottom": [], "top": []})
        shown = plot.quad(
            left="left", right="right", bottom="bottom", top="top", source=self._drawn,
            fill_color="#d3191c", fill_alpha=0.15, line_color="#d3191c", line_width=2,
        )  # fmt: skip
        shown.selection_glyph = shown.nonselection_glyph = None
        self._map.add_tool(BoxSelectTool(renderers=[]), "drag")
        plot.on_event(SelectionGeometry, self._take_drawn)

    def _lay_out(self) -> pn.Column:
        hint = (
            "Drag on the map to draw the area; the crossed arrows switch to moving the map. "
            "Or type its edges in degrees, with a minus sign for west and south."
        )
        fields = pn.FlexBox(*self.fields.values(), gap="10px", align_items="flex-start", margin=(12, 0, 0, 0))
        return pn.Column(
            pn.pane.HTML(plain(hint), stylesheets=[_HINT], margin=0), self._map, fields, sizing_mode="stretch_width"
        )

    def __panel__(self):
        return self._layout

    def _set(self, area: Box) -> None:
        self.param.update(**{edge: f"{value:.2f}" for edge, value in zip(EDGES, area, strict=True)})

    def _take_drawn(self, event: Any) -> None:
        """Take over a SelectionGeometry, in metres."""
        found: Any = event.geometry
        if not event.final or found["type"] != "rect":
            return
        (west, east), (south, north) = to_degrees(
            sorted((found["x0"], found["x1"])), sorted((found["y0"], found["y1"]))
        )
        turns = 360 * math.floor(((west + east) / 2 + 180) / 360)  # the map runs on past longitude 180
        self._set((max(west - turns, -180.0), south, min(east - turns, 180.0), north))

    @param.depends(*EDGES, watch=True)
    @map_figure.held
    def _show_area(self) -> None:
        values = {edge: _degrees(getattr(self, edge)) for edge in EDGES}
        for edge, sentence in self._problems(values).items():
            self.fields[edge].param.update(error_state=bool(sentence), helper_text=plain_label(sentence))
        self.area = checked_area(list(values.values()))
        if self.area is None:
            self._drawn.data = {side: [] for side in self._drawn.data}
            return
        west, south, east, north = self.area
        (left, right), (bottom, top) = to_mercator([west, east], [south, north])
        sides = {"left": left, "right": right, "bottom": bottom, "top": top}
        self._drawn.data = {side: [float(value)] for side, value in sides.items()}
        if not map_figure.is_shown(self._plot, (left + right) / 2, (bottom + top) / 2):
            self._map.show(self.area)

    def _problems(self, values: dict[str, float]) -> dict[str, str]:
        """Edge to the sentence that says what is wrong with it, "" for nothing."""
        problems = dict.fromkeys(EDGES, "")
        for edge, limit in EDGES.items():
            text = getattr(self, edge)
            if text.strip() and not abs(values[edge]) <= limit:
                problems[edge] = f"{edge.capitalize()} {text!r} is not a number of degrees from -{limit} to {limit}."
        for low, high in (("west", "east"), ("south", "north")):
            if not problems[low] and not problems[high] and values[low] >= values[high]:
                problems[high] = f"{high.capitalize()} must be above {low}, {getattr(self, low).strip()}."
        return problems


def _degrees(text: str) -> float:
    """The number that is typed, NaN for none."""
    try:
        return float(text.strip().replace("−", "-"))
    except ValueError:
        return math.nan
