"""The part of a map that is asked for: what is in view, a box that is drawn, or a circle."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.events import SelectionGeometry
from bokeh.models import BoxSelectTool, ColumnDataSource, CustomJS, PanTool
from bokeh.plotting import figure

from components.map_figure import Box
from components.map_filter import MapFilter
from data.inventory import Near
from data.outline_shapes import to_degrees, to_mercator

RADII = (10, 25, 50, 100, 250)  #: Kilometres that are offered.
_ANYWHERE, _VIEW, _NOW = "anywhere", "view", "now"
_KM_PER_DEGREE = 111.195  # as in data/reads.py, so that the circle that is drawn is the one that is asked for


class MapArea(pn.viewable.Viewer):
    """Sets the area of ``shown``, and draws it on ``plot``; ``view()`` is what the map shows (degrees)."""

    dam = param.Tuple(default=None, length=2, allow_None=True, doc="Longitude and latitude of the selected dam.")

    def __init__(self, plot: figure, shown: MapFilter, view: Callable[[], Box], **params):
        super().__init__(**params)
        self._shown, self._view, self._now = shown, view, _ANYWHERE
        self._select = pmui.Select(
            label="Area",
            size="small",
            margin=0,
            sizing_mode="stretch_width",
            max_width=190,
            styles={"flex": "1 1 150px"},
        )
        self._edge = ColumnDataSource({"x": [], "y": []})
        plot.line("x", "y", source=self._edge, line_color="#2f7de1", line_width=2, line_dash=[6, 4])
        tool = BoxSelectTool(renderers=[])  # it selects no dot: its geometry alone is heard
        plot.add_tools(tool)
        pan = next(tool for tool in plot.tools if isinstance(tool, PanTool))
        self.button = pmui.IconButton(
            icon="highlight_alt", description="Draw an area", size="small", margin=0, width=36
        )
        self.button.jscallback(args={"tool": tool, "pan": pan}, clicks="(tool.active ? pan : tool).active = true")
        plot.js_on_event(SelectionGeometry, CustomJS(args={"pan": pan}, code="if (cb_obj.final) pan.active = true"))
        plot.on_event(SelectionGeometry, self._drawn)
        self._select.param.watch(self._chosen, "value")
        shown.param.watch(lambda _: self._show(), "wanted")
        self._show()

    @param.depends("dam", watch=True)
    def _show(self) -> None:
        wanted = self._shown.wanted
        whence = "of the dam" if self.dam else "of the centre"
        options = {"Anywhere": _ANYWHERE, "In this view": _VIEW}
        options |= {f"Within {km} km {whence}": str(km) for km in RADII}
        now = _ANYWHERE
        if wanted.box:
            now, options = _NOW, {"In an area": _NOW} | options
        elif wanted.near:
            now, options = _NOW, {f"Within {wanted.near.km:g} km": _NOW} | options
        self._now = now
        self._select.param.update(options=options, value=now)
        x, y = outline(wanted.box, wanted.near)
        self._edge.data = {"x": x, "y": y}

    def _chosen(self, event: param.parameterized.Event) -> None:
        if event.new == self._now:  # our own doing
            return
        if event.new == _ANYWHERE:
            self._shown.show_anywhere()
        elif event.new == _VIEW:
            self._shown.show_box(self._view())
        elif event.new in map(str, RADII):
            west, south, east, north = self._view()
            longitude, latitude = self.dam or _middle(west, south, east, north)
            self._shown.show_near(longitude, latitude, float(event.new))

    def _drawn(self, event: Any) -> None:
        corners = [event.geometry.get(name) for name in ("x0", "y0", "x1", "y1")]
        if event.final and all(isinstance(number, int | float) and math.isfinite(number) for number in corners):
            x, y = to_degrees(np.sort(corners[::2]), np.sort(corners[1::2]))
            self._shown.show_box((float(x[0]), float(y[0]), float(x[1]), float(y[1])))

    def __panel__(self):
        return self._select


def _middle(west: float, south: float, east: float, north: float) -> tuple[float, float]:
    """The place amid a box as a map draws it."""
    x, y = to_mercator(np.array([west, east]), np.array([south, north]))
    longitude, latitude = to_degrees(x.mean(), y.mean())
    return float(longitude), float(latitude)


def outline(box: Box | None, near: Near | None) -> tuple[np.ndarray, np.ndarray]:
    """The edge of an area, metres of Web Mercator; empty for none."""
    if box:
        west, south, east, north = box
        return to_mercator(np.array([west, east, east, west, west]), np.array([south, south, north, north, south]))
    if near:
        angle, high = np.linspace(0, 2 * np.pi, 73), near.km / _KM_PER_DEGREE
        wide = high / max(math.cos(math.radians(near.latitude)), 0.01)
        return to_mercator(near.longitude + wide * np.cos(angle), near.latitude + high * np.sin(angle))
    return np.array([]), np.array([])
