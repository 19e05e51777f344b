"""The dams as dots on a figure: colours, sizes, names, and the ring round the selected one."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource, HoverTool, LinearColorMapper, TapTool
from bokeh.plotting import figure

from components.map_figure import LIGHT
from components.theme import HAZARD_COLOURS, HAZARD_MEANING, MISSING, OWNER_COLOURS, PRIMARY
from data.outline_shapes import to_mercator

#: What a colour can stand for: title, colours by value ("" takes whatever is not listed), its label, a sentence.
COLOURINGS = {
    "hazard": ("Hazard potential", HAZARD_COLOURS, "Not given", HAZARD_MEANING),
    "owner": ("Owner", OWNER_COLOURS | {"": MISSING}, "Any other, or not given", ""),
}
NAMED = 12  #: At most so many dams have their names written beside them.


class DamDots:
    """Draws dams on ``plot``; ``tapped(position)`` hears the row that was clicked, None for open country."""

    def __init__(self, plot: figure, tapped: Callable[[int | None], None]):
        self._plot = plot
        self._tapped = tapped
        self._marked: list[int] = []
        self._source = ColumnDataSource({"x": [], "y": [], "name": [], **{column: [] for column in COLOURINGS}})
        self._place = ColumnDataSource({"x": [], "y": []})
        self._named = ColumnDataSource({"x": [], "y": [], "name": []})  # Bokeh measures each text, drawn or not
        self._colours = LinearColorMapper()
        self._dots = plot.scatter(
            "x", "y", source=self._source, name="dots", line_color="white", line_width=0.8, fill_alpha=0.9
        )
        self._names = plot.text(
            "x", "y", "name", source=self._named, name="dam", text_color=LIGHT["dam"], text_font_size="13px",
            text_baseline="middle", x_offset=11,
        )  # fmt: skip
        self._dots.selection_glyph = self._dots.nonselection_glyph = None  # the ring alone marks the selected dam
        self._ring = plot.scatter("x", "y", source=self._place, fill_alpha=0, line_color=PRIMARY, line_width=3)
        hover = HoverTool(renderers=[self._dots], tooltips="@name", limit=5, attachment="above")
        plot.add_tools(hover, TapTool(renderers=[self._dots]))
        self._source.selected.on_change("indices", self._chosen)

    @property
    def place(self) -> ColumnDataSource:
        """Where the ring is: x and y in metres, empty when no dam is selected."""
        return self._place

    def show(self, dams: pd.DataFrame) -> None:
        """Draw ``dams`` (DOTS); the dots grow as they get fewer."""
        x, y = to_mercator(dams["longitude"].to_numpy(), dams["latitude"].to_numpy())
        columns = {"x": x.astype("float32"), "y": y.astype("float32"), "name": dams["name"].tolist()}
        for column, (_, colours, _, _) in COLOURINGS.items():
            codes = {value: code for code, value in enumerate(colours)}
            columns[column] = dams[column].map(codes).fillna(codes[""]).to_numpy("uint8")
        self.mark(None)  # a position past the end of the new data would be an error in the browser
        self._source.data = columns
        size = dot_size(self._plot, len(dams))
        self._dots.glyph.size, self._ring.glyph.size = size, size + 6
        few = slice(None if len(dams) <= NAMED else 0)
        self._named.data = {name: columns[name][few] for name in ("x", "y", "name")}

    def colour(self, by: str) -> None:
        """Let colour stand for ``by``, a key of COLOURINGS."""
        colours = list(COLOURINGS[by][1].values())
        self._colours.update(palette=colours, low=-0.5, high=len(colours) - 0.5)
        self._dots.glyph.fill_color = {"field": by, "transform": self._colours}

    def switch(self, shown: bool) -> None:
        """Show or hide the dams."""
        self._dots.visible = self._ring.visible = self._names.visible = shown

    def mark(self, position: int | None) -> None:
        """Let the dam in this row be the one that is selected in the browser."""
        self._marked = [] if position is None else [position]
        self._source.selected.indices = self._marked

    def ring(self, dam: pd.Series | None) -> None:
        """Draw the ring round ``dam``."""
        places = np.array([] if dam is None else [[dam["longitude"], dam["latitude"]]]).reshape(-1, 2)
        x, y = to_mercator(places[:, 0], places[:, 1])
        self._place.data = {"x": x, "y": y}

    def _chosen(self, _attr: str, _old: list[int], positions: list[int]) -> None:
        if positions != self._marked:  # else our own doing
            self._marked = positions
            self._tapped(positions[0] if positions else None)


def dot_size(plot: figure, count: int) -> float:
    """Pixels across for each of ``count`` dots: large when few, small when they would cover the map."""
    width, height = plot.tags or (1200, 600)
    room = width * height / max(count, 1)
    return min(max(0.38 * room**0.5, 5.0), 14.0)
