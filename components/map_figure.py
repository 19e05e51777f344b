"""The figure every map stands on: outlines, light and dark, a true aspect, tiles, and moving about.

Coordinates of a figure are metres of Web Mercator (EPSG:3857); boxes are degrees, WGS 84.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, CustomJS, PanTool, Range1d, WheelZoomTool, WMTSTileSource
from bokeh.models.renderers import TileRenderer
from bokeh.plotting import figure

from data import outline_shapes

Box = tuple[float, float, float, float]  #: West, south, east, north: degrees, WGS 84.

NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)
SETTLED = 40  #: Milliseconds without a turn of the wheel, after which a map asks for what it shows; Bokeh waits 500.
NARROWEST, WIDEST = 500.0, 4.0e7  #: Metres of Web Mercator across a map, at most zoomed in and out.

#: A renderer takes its colour by its name. "place" writes the names of counties, "dam" those of dams.
LIGHT = {"water": "#d9e6ef", "countries": "#ebe9e3", "states": "#f8f6f1", "border": "#b3ada0", "county": "#d8d3c8"}
LIGHT |= {"place": "#77705f", "dam": "#22282e"}
DARK = {"water": "#10181f", "countries": "#1d262e", "states": "#28333d", "border": "#64727f", "county": "#3d4a56"}
DARK |= {"place": "#93a0ab", "dam": "#f0f3f5"}
#: Metres of Web Mercator across a map, below which county borders, and then their names, can be told apart.
NEAR_FOR_COUNTIES, NEAR_FOR_NAMES = 700_000, 350_000

OUTLINES_ONLY = "Outlines only"
TILES = {
    "OpenStreetMap": (
        "https://tile.openstreetmap.org/{Z}/{X}/{Y}.png",
        '© <a href="https://www.openstreetmap.org/copyright">OpenStreetMap</a> contributors',
    ),
    "ESRI": (
        "https://server.arcgisonline.com/ArcGIS/rest/services/World_Topo_Map/MapServer/tile/{Z}/{Y}/{X}",
        "Tiles © Esri, and its data providers",
    ),
}

#: Square pixels: Bokeh's match_aspect does nothing for fixed ranges. Until somebody moves the map, each size fits
#: what the map opened on; later ones keep the centre and the scale. ``tags``, set last, tells the server the size.
_FIT = """
let box = null, last = null, width = 0
export default ({ plot }) => {
  const { x_range: x, y_range: y, inner_width: w, inner_height: h } = plot
  if (!(w > 1 && h > 1)) return
  const now = [x.start, x.end, y.start, y.end]
  if (last == null) box = now
  else if (now.some((value, i) => value !== last[i])) box = null
  const [x0, x1, y0, y1] = box ?? now
  const metres = box ? Math.max((x1 - x0) / w, (y1 - y0) / h) : (x1 - x0) / width
  const [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2]
  x.setv({ start: cx - metres * w / 2, end: cx + metres * w / 2 })
  y.setv({ start: cy - metres * h / 2, end: cy + metres * h / 2 })
  last = [x.start, x.end, y.start, y.end]
  width = w
  plot.tags = [w, h]
}
"""

#: pmui 0.16 paints a figure's background with the theme's paper at load and at each change of theme;
#: its lightness tells which colours to take.
_PAINT = """
const properties = { Patch: "fill_color", Line: "line_color", Text: "text_color" }
export default ({ plot, light, dark }) => {
  const paper = plot.background_fill_color
  if (paper === light.water || paper === dark.water) return
  const ink = document.createElement("canvas").getContext("2d")
  ink.fillStyle = paper  // reads back as #rrggbb, however it was written
  const colours = parseInt(ink.fillStyle.slice(1, 3), 16) < 128 ? dark : light
  plot.background_fill_color = colours.water
  for (const { name, glyph } of plot.renderers) {
    if (name in colours) glyph.setv({ [properties[glyph.type]]: colours[name] }, { sync: false })
  }
}
"""


def held(method: Callable) -> Callable:
    """A method whose changes of a figure are sent together.

    It needs no document lock: Panel 1.9 runs a widget's pending change without one when an event of the
    browser (Enter, a click) overtakes it, and a change of a Bokeh model then raises RuntimeError.
    """

    @wraps(method)
    def hold_and_call(*args, **kwargs):
        with pn.io.hold():
            return method(*args, **kwargs)

    return hold_and_call


def base_figure(box: Box, **params) -> figure:
    """An empty map that opens on ``box``, draws its outlines and follows the light or dark theme."""
    (west, east), (south, north) = outline_shapes.to_mercator(np.array(box[::2]), np.array(box[1::2]))
    limits: dict[str, Any] = {"min_interval": NARROWEST, "max_interval": WIDEST}
    wheel = WheelZoomTool()
    plot = figure(
        x_range=Range1d(start=float(west), end=float(east), **limits),
        y_range=Range1d(start=float(south), end=float(north), **limits),
        output_backend="canvas",  # Bokeh 3.9 copies a WebGL canvas at each paint: 500 ms without a GPU, this 20 ms
        tools=[PanTool(), wheel],
        active_scroll=wheel,
        toolbar_location=None,
        x_axis_location=None,
        y_axis_location=None,
        min_border=0,
        outline_line_color=None,
        background_fill_color=LIGHT["water"],
        lod_threshold=None,
        lod_timeout=SETTLED,
        **params,
    )
    plot.grid.visible = False
    for name, shapes in (("countries", outline_shapes.countries()), ("states", outline_shapes.states())):
        source = ColumnDataSource({"x": shapes.x, "y": shapes.y})
        plot.patch("x", "y", source=source, level="image", fill_color=LIGHT[name], line_color=None, name=name)
        plot.line("x", "y", source=source, level="underlay", line_color=LIGHT["border"], line_width=0.8, name="border")
    fit = CustomJS(args={"plot": plot}, code=_FIT)
    plot.js_on_change("inner_width", fit)
    plot.js_on_change("inner_height", fit)
    paint = CustomJS(args={"plot": plot, "light": LIGHT, "dark": DARK}, code=_PAINT)
    plot.js_on_change("background_fill_color", paint)
    return plot


class Counties:
    """County borders and names on a map, when it is near enough for them."""

    def __init__(self, plot: figure):
        self._plot = plot
        self._lines = ColumnDataSource({"x": [], "y": []})
        self._names = ColumnDataSource({"x": [], "y": [], "name": []})
        plot.line("x", "y", source=self._lines, level="underlay", line_color=LIGHT["county"], name="county")
        self._labels = plot.text(
            "x", "y", "name", source=self._names, level="underlay", name="place", text_color=LIGHT["place"],
            text_font_size="11px", text_align="center", text_baseline="middle",
        )  # fmt: skip

    def show(self, box: Box) -> None:
        """Draw the counties of ``box`` (degrees), or none from afar."""
        across = ranges(self._plot)[0].end - ranges(self._plot)[0].start
        found = outline_shapes.counties(*(box if across < NEAR_FOR_COUNTIES else NOWHERE))
        self._labels.visible = across < NEAR_FOR_NAMES
        names = [name.upper() for name in found.names]
        if names != list(self._names.data["name"]):
            self._lines.data = {"x": found.outlines.x, "y": found.outlines.y}
            self._names.data = {"x": found.x, "y": found.y, "name": names}


def basemaps(tiles: str) -> dict[str, tuple[str, str]]:
    """Name to URL template and attribution (HTML, ours) for the setting ``tiles``: "auto", "off" or a template."""
    if tiles in ("off", ""):
        return {}
    if tiles == "auto":
        return TILES
    for letter in "zxy":  # Bokeh wants capitals
        tiles = tiles.replace(f"{{{letter}}}", f"{{{letter.upper()}}}")
    return {urlsplit(tiles).netloc or "Own tiles": (tiles, "")}


def add_tiles(plot: figure, maps: Mapping[str, tuple[str, str]]) -> dict[str, TileRenderer]:
    """Tile layers by name, not shown: a server that hangs would keep the page from ever loading."""
    return {
        name: plot.add_tile(WMTSTileSource(url=url, attribution=attribution), visible=False, level="image")
        for name, (url, attribution) in maps.items()
    }


def ranges(plot: figure) -> tuple[Any, Any]:
    """The Range1d across and the one up, in metres."""
    return plot.x_range, plot.y_range


def shown_box(plot: figure) -> Box:
    """The degrees a map shows now."""
    x, y = ranges(plot)
    (west, east), (south, north) = outline_shapes.to_degrees(np.array([x.start, x.end]), np.array([y.start, y.end]))
    return (max(float(west), -180.0), float(south), min(float(east), 180.0), float(north))


def is_shown(plot: figure, x: float, y: float) -> bool:
    """Whether a place (metres) lies in what a map shows."""
    across, up = ranges(plot)
    return across.start < x < across.end and up.start < y < up.end


def move(plot: figure, x: float, y: float, factor: float = 1.0) -> None:
    """Centre a map on ``x``, ``y`` (metres) and scale what it shows by ``factor``, within the limits."""
    spans = [axis.end - axis.start for axis in ranges(plot)]
    factor = min(max(factor, NARROWEST / min(spans)), WIDEST / max(spans))
    for axis, centre, span in zip(ranges(plot), (x, y), spans, strict=True):
        axis.update(start=centre - span * factor / 2, end=centre + span * factor / 2)


def zoom(plot: figure, factor: float) -> None:
    """Scale what a map shows by ``factor`` about its centre."""
    x, y = ((axis.start + axis.end) / 2 for axis in ranges(plot))
    move(plot, x, y, factor)


def show_box(plot: figure, box: Box) -> None:
    """Show all of ``box`` (degrees) at the map's present aspect."""
    (west, east), (south, north) = outline_shapes.to_mercator(np.array(box[::2]), np.array(box[1::2]))
    across, up = (axis.end - axis.start for axis in ranges(plot))
    move(plot, (west + east) / 2, (south + north) / 2, max((east - west) / across, (north - south) / up))
