"""A small map in a form: outlines, counties when near, a toolbar, and buttons to move about."""

import panel as pn
from bokeh.events import RangesUpdate
from bokeh.models import Tool

from components import map_figure, map_parts
from components.map_figure import Box


class SmallMap(pn.viewable.Viewer):
    """A figure (``plot``) that opens on ``home`` (degrees), as wide as its form; what it shows is its owner's."""

    def __init__(self, home: Box, height: int, **params):
        super().__init__(**params)
        self._home = home
        self.plot = map_figure.base_figure(home, height=height, sizing_mode="stretch_width")
        self._counties = map_figure.Counties(self.plot)
        self.plot.toolbar_location, self.plot.toolbar.logo = "left", None
        self.plot.on_event(RangesUpdate, lambda _: self.take_view())
        self.plot.on_change("tags", lambda _attr, _old, _new: self.take_view())
        self._area = pn.Column(
            pn.pane.Bokeh(self.plot, sizing_mode="stretch_width", height=height, margin=0),
            map_parts.zoom_buttons(self.zoom, self.show_home),
            height=height,
            sizing_mode="stretch_width",
            margin=0,
            styles={"position": "relative", "overflow": "hidden", "border-radius": "6px"},
        )

    def add_tool(self, tool: Tool, gesture: str) -> None:
        """Add a tool that has the gesture ("tap" or "drag") at first; the toolbar gives it back to the map."""
        self.plot.add_tools(tool)
        setattr(self.plot.toolbar, f"active_{gesture}", tool)

    @map_figure.held
    def take_view(self) -> None:
        """Draw the counties of what is shown now."""
        self._counties.show(map_figure.shown_box(self.plot))

    @map_figure.held
    def zoom(self, factor: float) -> None:
        """Scale what is shown by ``factor`` about its centre."""
        map_figure.zoom(self.plot, factor)
        self.take_view()

    @map_figure.held
    def show(self, box: Box) -> None:
        """Show all of ``box``, degrees."""
        map_figure.show_box(self.plot, box)
        self.take_view()

    def show_home(self) -> None:
        """Show what the map opened on."""
        self.show(self._home)

    def __panel__(self):
        return self._area
