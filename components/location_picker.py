"""Where a dam lies: one red point on a map, or its latitude and longitude typed."""

import math

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models import ColumnDataSource, PointDrawTool

from components import map_figure
from components.plain import plain, plain_label
from components.small_map import SmallMap
from data.outline_shapes import RADIUS, to_degrees, to_mercator

CENTRE = (-98.6, 39.8)  #: Longitude and latitude, degrees, that the map opens on.
ZOOM = 3.5  #: Level of the tile pyramid of 256 px tiles: the world is 256 * 2**ZOOM px wide.
HEIGHT = 300  #: Pixels.
NEAR = 60_000.0  #: Metres of Web Mercator across the map that opens on a known place.

_PROBLEM = "p { margin: 4px 0 0; color: var(--danger-bg-color, #b2182b); font-size: 0.88rem; }"
_HINT = "p { margin: 0 0 6px; font-size: 0.88rem; line-height: 1.45; color: var(--panel-on-surface-color, #222); }"


class LocationPicker(pn.viewable.Viewer):
    """One place, drawn on the map or typed; both show the same text.

    What is typed is kept as it is, right or wrong: the command that takes it says what is wrong, and
    that comes back in ``problems``. Text that is no place on Earth shows no point.
    """

    latitude = param.String(doc="Degrees north, WGS 84, as typed, or as drawn to a tenth of a pixel.")
    longitude = param.String(doc="Degrees east, WGS 84, as typed, or as drawn to a tenth of a pixel.")
    problems = param.Dict(default={}, doc="Sentence by field: location, latitude, longitude.")

    def __init__(self, **params):
        super().__init__(**params)
        field = {"margin": 0, "sizing_mode": "stretch_width", "styles": {"flex": "1 1 150px"}}
        self.latitude_input = pmui.TextInput.from_param(
            self.param.latitude, label="Latitude", description="", placeholder="40.4066", **field
        )
        self.longitude_input = pmui.TextInput.from_param(
            self.param.longitude, label="Longitude", description="", placeholder="-111.5291", **field
        )
        self._remove = pmui.Button(
            label="Remove location", variant="outlined", margin=(9, 0, 0, 0), on_click=lambda _: self._set("", "")
        )
        self._problem = pn.pane.HTML(stylesheets=[_PROBLEM], margin=0, visible=False)
        self._draw()
        self._layout = self._lay_out()
        self._show_place()
        self._show_problems()

    def _draw(self) -> None:
        across = 2 * math.pi * RADIUS / (256 * 2**ZOOM)  # metres a pixel
        x, y = map(float, to_mercator(*CENTRE))
        corner = np.array([-across * HEIGHT / 2, across * HEIGHT / 2])  # a square: the map widens it to its own shape
        (west, east), (south, north) = to_degrees(x + corner, y + corner)
        self._map = SmallMap((west, south, east, north), HEIGHT)
        plot = self._plot = self._map.plot
        self._point = ColumnDataSource({"x": [], "y": []})
        dot = plot.scatter(
            "x", "y", source=self._point, size=16, fill_color="#d3191c", line_color="white", line_width=2
        )
        dot.selection_glyph = dot.nonselection_glyph = None
        tool = PointDrawTool(renderers=[dot], num_objects=1)  # type: ignore[list-item]  # Bokeh 3.9's own stubs disagree
        self._map.add_tool(tool, "tap")  # takes dragging from the pan tool too
        self._point.on_change("data", self._drawn)

    def _lay_out(self) -> pn.Column:
        hint = (
            "Click the map to place the dam and drag the point to move it; the crossed arrows switch to moving the "
            "map. Or type degrees, with a minus sign for west and south."
        )
        inputs = (self.latitude_input, self.longitude_input, self._remove)
        fields = pn.FlexBox(*inputs, gap="10px", align_items="flex-start", margin=(10, 0, 0, 0))
        hint_pane = pn.pane.HTML(plain(hint), stylesheets=[_HINT], margin=0)
        return pn.Column(hint_pane, self._map, self._problem, fields, sizing_mode="stretch_width", margin=0)

    def __panel__(self):
        return self._layout

    def _set(self, latitude: str, longitude: str) -> None:
        self.param.update(latitude=latitude, longitude=longitude)

    def _drawn(self, _attr: str, _old: dict, data: dict) -> None:
        """Take over what the mouse has done; the point that we put there ourselves is already known."""
        place = self._place()
        if not len(data["x"]):
            if place is not None:
                self._set("", "")
            return
        longitude, latitude = (float(value) for value in to_degrees(data["x"][0], data["y"][0]))
        longitude = (longitude + 180) % 360 - 180  # the map runs on past the date line
        if place is None or max(abs(place[0] - longitude), abs(place[1] - latitude)) > 1e-6:
            digits = self._digits()
            self._set(f"{latitude:.{digits}f}", f"{longitude:.{digits}f}")

    def _digits(self) -> int:
        """Decimals of a drawn place: to a tenth of a pixel, and to 6, about 0.1 m, at most."""
        up = map_figure.ranges(self._plot)[1]
        degrees = (up.end - up.start) / HEIGHT / (math.pi * RADIUS / 180)  # a pixel at the equator
        return min(max(math.ceil(1 - math.log10(degrees)), 2), 6)

    @map_figure.held
    def show_near(self) -> None:
        """Show the land round the place, NEAR metres across, if there is one."""
        if (place := self._place()) is not None:
            self._map.show_home()
            across = map_figure.ranges(self._plot)[0]
            x, y = map(float, to_mercator(*place))
            map_figure.move(self._plot, x, y, NEAR / (across.end - across.start))
            self._map.take_view()

    def _place(self) -> tuple[float, float] | None:
        """Longitude and latitude, None when the text is no place on Earth."""
        try:
            longitude, latitude = (float(text.strip().replace("−", "-")) for text in (self.longitude, self.latitude))
        except ValueError:
            return None
        return (longitude, latitude) if abs(longitude) <= 180 and abs(latitude) <= 90 else None

    @param.depends("latitude", "longitude", watch=True)
    @map_figure.held
    def _show_place(self):
        place = self._place()
        self._remove.disabled = not (self.latitude or self.longitude)
        if place is None:
            self._point.data = {"x": [], "y": []}
            return
        x, y = map(float, to_mercator(*place))
        self._point.data = {"x": [x], "y": [y]}
        if not map_figure.is_shown(self._plot, x, y):
            map_figure.move(self._plot, x, y)
            self._map.take_view()

    @param.depends("problems", watch=True)
    def _show_problems(self):
        for name, field in (("latitude", self.latitude_input), ("longitude", self.longitude_input)):
            sentence = self.problems.get(name, "")
            field.param.update(error_state=bool(sentence), helper_text=plain_label(sentence))
        sentence = self.problems.get("location", "")
        self._problem.param.update(object=plain(sentence, role="alert"), visible=bool(sentence))
