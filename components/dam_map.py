"""The dams on a map: dots to click, their card, a list of them, and what of them is asked for."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.events import RangesUpdate

from components import map_figure, map_parts
from components.dam_card import DamCard
from components.dam_dots import COLOURINGS, DamDots
from components.filter_line import FilterLine
from components.find_dam import FindDam
from components.hazard_keys import HazardKeys
from components.map_area import MapArea
from components.map_extent import CONTERMINOUS_US
from components.map_figure import OUTLINES_ONLY, Box, held
from components.map_filter import MapFilter
from components.map_list import MapList
from components.plain import plain
from data.frames import DOTS, empty
from data.inventory import Filter
from data.outline_shapes import to_mercator

CELL = 4  #: Pixels across the cells of which each shows one dam at most.
ROUND = 0.2  #: Degrees that are shown on each side of a dam that was found.
NARROW = 700  #: Pixels across a map, up to which a card lies along its lower edge (components/dam_card.py).
FROM_TOP = 34  #: Pixels from the upper edge of such a map to a dam that was found; its card leaves more free.

_STATUS = """
p { margin: 0; font-size: 0.86rem; line-height: 1.5; font-weight: 600; color: var(--panel-on-surface-color, #222); }
"""
#: On a narrow screen the list lies below the map; where both find no room, the page scrolls.
_BESIDE = """
@media (max-width: 900px) { :host { flex-direction: column !important; min-height: min-content !important; } }
"""


class DamMap(pn.viewable.Viewer):
    """Dams as dots, asked for by what is in view.

    ``look(box, wanted, cells)`` gives the dams to draw in a box of degrees (DOTS), at most one a cell
    of a grid over it, and how many lie there. ``read(dam_id)`` gives what is known of one dam, None
    when it is gone; ``count(wanted)`` the number by hazard potential; ``find(text)`` some dams (DAMS), the best first.
    """

    dams = param.DataFrame(doc="The dams that are drawn: a DOTS frame.")
    drawn = param.Integer(default=0, doc="Number of dams drawn.")
    in_view = param.Integer(default=0, doc="Number of dams asked for that lie in the view, drawn or not.")
    without_place = param.Integer(default=0, doc="Number of dams without coordinates, which no view holds.")
    colour_by: Any = param.Selector(default="hazard", objects=list(COLOURINGS), doc="What a dot's colour stands for.")
    show_dams = param.Boolean(default=True, label="Dams", doc="Whether the layer of dams is shown.")
    basemap: Any = param.Selector(default=OUTLINES_ONLY, objects=[OUTLINES_ONLY], doc="What lies under the dams.")
    tiles = param.String(default="auto", constant=True, doc="Tile servers: auto, off, or one's own URL template.")
    home = param.Tuple(default=CONTERMINOUS_US, length=4, doc="West, south, east, north (degrees): what to open on.")
    whole = param.Tuple(default=None, length=4, allow_None=True, doc="What shows all dams, if that is not home.")
    view = param.Tuple(default=CONTERMINOUS_US, length=4, doc="West, south, east, north (degrees) that are shown now.")
    selected = param.Integer(default=None, allow_None=True, doc="dam_id of the dam whose card is open.")
    show_hydrograph = param.Event(doc="The reader asks for the selected dam's hydrograph.")

    def __init__(
        self,
        look: Callable[[Box, Filter, tuple[int, int]], tuple[pd.DataFrame, int]],
        read: Callable[[int], pd.Series | None],
        count: Callable[[Filter], Mapping[str, int]],
        find: Callable[[str], pd.DataFrame],
        shown: MapFilter | None = None,
        left_out: str = "",
        **params,
    ):
        """``left_out`` says what was asked for that is no filter."""
        super().__init__(**{"dams": empty(DOTS)} | params)
        self.shown = shown or MapFilter()  #: Which dams are asked for.
        self._look, self._read, self._count = look, read, count
        self._dam: pd.Series | None = None
        self._plot = map_figure.base_figure(self.home, sizing_mode="stretch_both")
        self._tiles = map_figure.add_tiles(self._plot, map_figure.basemaps(self.tiles))
        self.param.basemap.objects = [OUTLINES_ONLY, *self._tiles]
        self._counties = map_figure.Counties(self._plot)
        self._dots = DamDots(self._plot, self._tapped)
        self._area = MapArea(self._plot, self.shown, lambda: self.view)
        self._plot.on_event(RangesUpdate, lambda _: self._take_view())
        self._plot.on_change("tags", lambda _attr, _old, _new: self._take_view())
        self._card = DamCard()
        self._card.param.watch(self._card_closed, "dam")
        self._card.param.watch(lambda _: self.param.trigger("show_hydrograph"), "show_hydrograph")
        self._find = FindDam(find, margin=0, sizing_mode="stretch_width", styles={"flex": "1 1 220px"})
        self._find.param.watch(self._found, "found")
        self._list = MapList(self._open)
        self._status = pn.pane.HTML(stylesheets=[_STATUS], margin=0)
        self._line, self._keys = FilterLine(self.shown, left_out=left_out), HazardKeys(self.shown)
        self._legend = pn.pane.HTML(stylesheets=[map_parts.LEGEND], margin=0, styles={"flex": "1 1 300px"})
        self._layout = self._lay_out()
        self.shown.param.watch(lambda _: self.refresh(), "wanted")
        self._colour()
        self._take_view()
        self._list.tell(self.dams)

    @held
    def refresh(self) -> None:
        """Ask for everything again; the view and the selection stay."""
        self._tell_counts()
        self._draw()
        self._show_selected()

    def _draw(self) -> None:
        """Ask for what is in view, and draw it."""
        width, height = self._plot.tags or (1200, 600)
        cells = (max(int(width) // CELL, 1), max(int(height) // CELL, 1))
        found, self.in_view = self._look(self.view, self.shown.wanted, cells)
        if not found.equals(self.dams):
            self.param.update(dams=found, drawn=len(found))
            self._dots.show(found)
            self._mark()
            pn.state.onload(lambda: self._list.tell(self.dams))  # a page that loads would lose it
        self._say()

    def _lay_out(self) -> pn.Column:
        buttons = map_parts.zoom_buttons(self._zoom, lambda: self._show(self.whole or self.home))
        buttons.append(self._area.button)
        area = pn.Column(
            pn.pane.Bokeh(self._plot, sizing_mode="stretch_both", margin=0),
            buttons,
            self._card,
            sizing_mode="stretch_both",
            min_height=280,
            margin=0,
            styles={"position": "relative", "overflow": "hidden"},
        )
        self._card.follow(self._plot, area, self._dots.place)
        beside = pn.Row(area, self._list, sizing_mode="stretch_both", margin=0, stylesheets=[_BESIDE])
        foot = pn.FlexBox(self._status, self._keys, self._legend, gap="0 18px", margin=(6, 10))
        return pn.Column(self._controls(), self._line, beside, foot, sizing_mode="stretch_both", margin=0)

    def _controls(self) -> pn.FlexBox:
        layer = pmui.Checkbox.from_param(self.param.show_dams, label="Dams", description="", margin=0)
        style = {"size": "small", "margin": 0, "description": "", "sizing_mode": "stretch_width", "max_width": 190}
        style |= {"styles": {"flex": "1 1 150px"}}
        options = {title: key for key, (title, *_) in COLOURINGS.items()}
        colour_by = pmui.Select.from_param(self.param.colour_by, label="Colour by", options=options, **style)
        basemap = pmui.Select.from_param(self.param.basemap, label="Basemap", visible=bool(self._tiles), **style)
        parts = (self._find, layer, self._area, colour_by, basemap)
        return pn.FlexBox(*parts, gap="10px", align_items="center", margin=(8, 10))

    def __panel__(self):
        return self._layout

    @held
    def _take_view(self) -> None:
        self.view = map_figure.shown_box(self._plot)
        self._counties.show(self.view)
        self._draw()

    @held
    def _zoom(self, factor: float) -> None:
        map_figure.zoom(self._plot, factor)
        self._take_view()

    @held
    def _show(self, box: Box) -> None:
        map_figure.show_box(self._plot, box)
        self._take_view()

    @param.depends("without_place", watch=True)
    def _say(self):
        self._status.object = plain(map_parts.drawn_words(self.drawn, self.in_view, self.without_place), role="status")

    def _tell_counts(self) -> None:
        self._keys.tell(self._count(self.shown.wanted), coloured=self.colour_by == "hazard")

    @param.depends("colour_by", watch=True)
    @held
    def _colour(self):
        title, colours, unlisted, meaning = COLOURINGS[self.colour_by]
        self._dots.colour(self.colour_by)
        labels = {} if self.colour_by == "hazard" else {value or unlisted: colour for value, colour in colours.items()}
        self._legend.object = map_parts.legend(title, labels, meaning)
        self._tell_counts()

    @param.depends("show_dams", watch=True)
    @held
    def _switch_layer(self):
        self._dots.switch(self.show_dams)
        if not self.show_dams:
            self.selected = None

    @param.depends("basemap", watch=True)
    def _switch_tiles(self):
        pn.state.onload(self._show_tiles)  # at once on a page that has loaded

    @held
    def _show_tiles(self) -> None:
        for name, layer in self._tiles.items():
            layer.visible = name == self.basemap

    def _open(self, dam_id: int) -> None:
        self.selected = dam_id

    def _tapped(self, position: int | None) -> None:
        known = position is not None and position < len(self.dams)
        self.selected = int(self.dams.index[position]) if known else None

    @held
    def _found(self, event: param.parameterized.Event) -> None:
        if event.new is None:
            return
        self.selected = event.new
        if self._dam is not None and pd.notna(self._dam["longitude"]):
            self._bring_near(float(self._dam["longitude"]), float(self._dam["latitude"]))

    def _bring_near(self, longitude: float, latitude: float) -> None:
        """Show a place and what is round it; on a narrow map it is near the top, above its card."""
        map_figure.show_box(self._plot, (longitude - ROUND, latitude - ROUND, longitude + ROUND, latitude + ROUND))
        width, height = self._plot.tags or (1200, 600)
        if width <= NARROW:
            x, y = map(float, to_mercator(longitude, latitude))
            up = map_figure.ranges(self._plot)[1]
            map_figure.move(self._plot, x, y - (up.end - up.start) * (0.5 - FROM_TOP / height))
        self._take_view()

    def _card_closed(self, event: param.parameterized.Event) -> None:
        if event.new is None and self._dam is not None:
            self.selected = None

    @param.depends("selected", watch=True)
    @held
    def _show_selected(self):
        """Mark the selected dam and open its card, whether or not the view draws it; one that is gone has none."""
        dam = None if self.selected is None else self._read(self.selected)
        if dam is None and self.selected is not None:
            self.selected = None
            return
        self._dam = dam
        self._dots.ring(dam)
        self._area.dam = None if dam is None or pd.isna(dam["longitude"]) else (dam["longitude"], dam["latitude"])
        self._mark()
        self._card.dam = dam
        if dam is None:
            self._find.value = None

    def _mark(self) -> None:
        known = self.selected in self.dams.index
        self._dots.mark(self.dams.index.get_loc(self.selected) if known else None)
        self._list.selected = self.selected
