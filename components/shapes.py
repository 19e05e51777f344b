"""Shapes: Param classes whose values decide what is drawn; each viewer has shapes of its own."""

from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh
import numpy as np
import panel as pn
import panel_material_ui as pmui
import param

from components.theme import LINE

CIRCLE_CORNERS = 100  #: A polygon of this many corners departs from its circle by 0.05 % of the radius.


class Shape(param.Parameterized):
    """A regular outline about the origin, its first corner at the top. Its number of corners is ``corners``."""

    radius = param.Number(default=1.0, bounds=(0, 1), step=0.1, label="Radius", doc="Centre to corner, in plot units.")

    @property
    def corners(self) -> int:
        """How many corners are drawn."""
        raise NotImplementedError

    def outline(self) -> tuple[np.ndarray, np.ndarray]:
        """x and y of the corners, in order."""
        angles = np.linspace(0, 2 * np.pi, self.corners, endpoint=False)
        return self.radius * np.sin(angles), self.radius * np.cos(angles)


class Circle(Shape):
    """A circle."""

    @property
    def corners(self) -> int:
        return CIRCLE_CORNERS


class NGon(Shape):
    """A regular polygon."""

    n = param.Integer(default=8, bounds=(3, 10), label="Corners", doc="How many corners.")

    @property
    def corners(self) -> int:
        return self.n


class ShapeViewer(pn.viewable.Viewer):
    """A choice of shapes, the controls of the chosen one, and its drawing.

    The shapes belong to this viewer: two pages, or two viewers in one, never change each other's.
    """

    shape = param.Selector(label="Shape", doc="The shape that is drawn; its own parameters are shown below it.")

    def __init__(self, **params: Any):
        super().__init__(**params)
        hv.Store.set_current_backend("bokeh")  # as hv.extension does, which also writes into a notebook's cell
        shapes = (NGon(), Circle())
        self.param["shape"].objects = {type(shape).__name__: shape for shape in shapes}
        self.shape = shapes[0]

    @param.depends("shape", "shape.radius")
    def title(self) -> str:
        """A heading in Markdown: the type and the radius."""
        return f"## {type(self.shape).__name__} (radius={self.shape.radius:.1f})"

    @param.depends("shape.param")
    def plot(self) -> hv.Polygons:
        """The shape on axes that stay from -1 to 1, so that a radius is seen as a size."""
        x, y = self.shape.outline()
        return hv.Polygons([{"x": x, "y": y}]).opts(
            aspect="equal",
            color=LINE,
            fill_alpha=0.25,
            line_color=LINE,
            line_width=2,
            responsive=True,
            show_grid=True,
            toolbar=None,
            xlim=(-1.1, 1.1),
            ylim=(-1.1, 1.1),
        )

    @param.depends("shape")
    def controls(self) -> pn.Param:
        """Widgets of the chosen shape's own parameters."""
        slider = {"sizing_mode": "stretch_width", "tooltips": False, "margin": (10, 20)}
        return pn.Param(
            self.shape.param,
            widgets={"radius": {"type": pmui.FloatSlider, **slider}, "n": {"type": pmui.IntSlider, **slider}},
            show_name=False,
            sizing_mode="stretch_width",
        )

    def __panel__(self) -> pn.viewable.Viewable:
        choice = pn.Param(
            self.param,
            parameters=["shape"],
            widgets={"shape": {"type": pmui.RadioButtonGroup, "margin": (10, 20)}},
            expand_button=False,
            show_name=False,
        )
        return pn.FlexBox(
            pn.Column(choice, self.controls, width=320),
            pn.Column(pn.pane.Markdown(self.title), pn.panel(self.plot, height=340, width=340), width=340),
            gap="24px",
        )
