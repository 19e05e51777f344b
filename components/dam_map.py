"""The dams on a map: dots to click, their card, and what of them is in view."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.events import RangesUpdate

from components import map_figure, map_parts
from components.dam_card import NOT_GIVEN, DamCard
from components.dam_dots import COLOURINGS, DamDots
from components.map_figure import OUTLINES_ONLY, Box, held
from components.plain import plain
from data.frames import DAMS, empty
from data.outline_shapes import to_mercator

CONTERMINOUS_US: Box = (-125.771484, 24.527135, -66.005859, 49.667628)
SMALLEST_SPAN = 1.0  #: Degrees: an extent is never smaller, or two near dams would show nothing of what is round them.

_STATUS = """
p { margin: 0; font-size: 0.86rem; line-height: 1.5; font-weight: 600; color: var(--panel-on-surface-color, #222); }
"""


class DamMap(pn.viewable.Viewer):
    """Dams as dots, asked for by what is in view.

    ``look(box)`` gives the dams to draw in a box of degrees (DAMS) and how many lie in it: fewer are
    drawn than lie there when ``look`` thins them out.
    """

    dams = param.DataFrame(doc="The dams in view that have a place: a DAMS frame.")
    drawn = param.Integer(default=0, doc="Number of dams drawn.")
    in_view = param.Integer(default=0, doc="Number of dams that lie in the view, drawn or not.")
    without_place = param.Integer(default=0, doc="Number of dams without coordinates, which no view holds.")
    colour_by: Any = param.Selector(default="hazard", objects=list(COLOURINGS), doc="What a dot's colour stands for.")
    show_dams = param.Boolean(default=True, label="Dams", doc="Whether the layer of dams is shown.")
    basemap: Any = param.Selector(default=OUTLINES_ONLY, objects=[OUTLINES_ONLY], doc="What lies under the dams.")
    tiles = param.String(default="auto", constant=True, doc="Tile servers: auto, off, or one's own URL template.")
    home = param.Tuple(default=CONTERMINOUS_US, length=4, doc="West, south, east, north (degrees): what to open on.")
    view = param.Tuple(default=CONTERMINOUS_US, length=4, doc="West, south, east, north (degrees) that are shown now.")
    selected = param.Integer(default=None, allow_None=True, doc="dam_id of the dam whose card is open.")
    show_hydrograph = param.Event(doc="The reader asks for the selected dam's hydrograph.")

    def __init__(self, look: Callable[[Box], tuple[pd.DataFrame, int]], **params):
        super().__init__(**{"dams": empty(DAMS)} | params)
        self._look = look
        self._last_seen: pd.Series | None = None
        self._unplaced_here = 0
        self._choices: dict[str, int] = {}
        self._plot = map_figure.base_figure(self.home, sizing_mode="stretch_both")
        self._tiles = map_figure.add_tiles(self._plot, map_figure.basemaps(self.tiles))
        self.param.basemap.objects = [OUTLINES_ONLY, *self._tiles]
        self._counties = map_figure.Counties(self._plot)
        self._dots = DamDots(self._plot, self._tapped)
        self._plot.on_event(RangesUpdate, lambda _: self._take_view())
        self._plot.on_change("tags", lambda _attr, _old, _new: self._take_view())
        self._card = DamCard()
        self._card.param.watch(self._card_closed, "dam")
        self._card.param.watch(lambda _: self.param.trigger("show_hydrograph"), "show_hydrograph")
        self._find = self._make_find()
        self._status = pn.pane.HTML(stylesheets=[_STATUS], margin=0)
        self._legend = pn.Column(margin=0, sizing_mode="stretch_width", styles={"flex": "1 1 300px"})
        self._layout = self._lay_out()
        self._colour()
        self._take_view()

    @held
    def refresh(self) -> None:
        """Ask for the present view again; the view and the selection stay."""
        frame, self.in_view = self._look(self.view)
        placed = frame[frame["longitude"].notna() & frame["latitude"].notna()]
        self._unplaced_here = len(frame) - len(placed)
        if not placed.equals(self.dams):
            self.param.update(dams=placed, drawn=len(placed))
            self._dots.show(placed)
            self._choices = _labels(placed)
            self._find.options = list(self._choices)
        self._say()
        self._show_selected()

    def _make_find(self) -> pmui.AutocompleteInput:
        find = pmui.AutocompleteInput(
            label="Find a dam", lazy_search=True, min_characters=1, search_strategy="includes", case_sensitive=False,
            size="small", margin=0, sizing_mode="stretch_width", styles={"flex": "1 1 220px", "min-width": "180px"},
        )  # fmt: skip
        find.param.watch(self._found, "value")
        return find

    def _lay_out(self) -> pn.Column:
        area = pn.Column(
            pn.pane.Bokeh(self._plot, sizing_mode="stretch_both", margin=0),
            map_parts.zoom_buttons(self._zoom, lambda: self._show(self.home)),
            self._card,
            sizing_mode="stretch_both",
            min_height=280,
            margin=0,
            styles={"position": "relative", "overflow": "hidden"},
        )
        self._card.follow(self._plot, area, self._dots.place)
        foot = pn.FlexBox(self._status, self._legend, gap="0 18px", margin=(6, 10))
        return pn.Column(self._controls(), area, foot, sizing_mode="stretch_both", margin=0)

    def _controls(self) -> pn.FlexBox:
        layer = pmui.Checkbox.from_param(self.param.show_dams, label="Dams", description="", margin=0)
        style = {"size": "small", "margin": 0, "description": "", "sizing_mode": "stretch_width", "max_width": 190}
        style |= {"styles": {"flex": "1 1 150px"}}
        options = {title: key for key, (title, *_) in COLOURINGS.items()}
        colour_by = pmui.Select.from_param(self.param.colour_by, label="Colour by", options=options, **style)
        basemap = pmui.Select.from_param(self.param.basemap, label="Basemap", visible=bool(self._tiles), **style)
        return pn.FlexBox(self._find, layer, colour_by, basemap, gap="10px", align_items="center", margin=(8, 10))

    def __panel__(self):
        return self._layout

    @held
    def _take_view(self) -> None:
        self.view = map_figure.shown_box(self._plot)
        self._counties.show(self.view)
        self.refresh()

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
        sentence = f"{self.drawn:,} of {self.in_view:,} dams drawn"
        if self.drawn + self._unplaced_here < self.in_view:
            sentence += ", zoom in for the others"
        if missing := self.without_place + self._unplaced_here:
            has, is_ = ("dam has", "is") if missing == 1 else ("dams have", "are")
            sentence += f". {missing:,} {has} no place and {is_} not on the map"
        self._status.object = plain(f"{sentence}.", role="status")

    @param.depends("colour_by", watch=True)
    @held
    def _colour(self):
        title, colours, unlisted, meaning = COLOURINGS[self.colour_by]
        self._dots.colour(self.colour_by)
        labels = {value or unlisted: colour for value, colour in colours.items()}
        self._legend[:] = [map_parts.legend(title, labels, meaning)]

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

    def _tapped(self, position: int | None) -> None:
        known = position is not None and position < len(self.dams)
        self.selected = int(self.dams.index[position]) if known else None

    @held
    def _found(self, event: param.parameterized.Event) -> None:
        if event.new in self._choices:
            self.selected = self._choices[event.new]
            dam = self.dams.loc[self.selected]
            map_figure.move(self._plot, *map(float, to_mercator(dam["longitude"], dam["latitude"])))
            self._take_view()

    def _card_closed(self, event: param.parameterized.Event) -> None:
        if event.new is None and self._last_seen is not None:
            self.selected = None

    @param.depends("selected", watch=True)
    @held
    def _show_selected(self):
        """Mark the selected dam and open its card. One that a view no longer draws stays as it was last seen."""
        dam = None
        if drawn := self.selected in self.dams.index:
            dam = self.dams.loc[self.selected]
        elif self._last_seen is not None and self._last_seen.name == self.selected:
            dam = self._last_seen
            if self._is_gone(dam):
                self.selected = None
                return
        self._last_seen = dam
        self._dots.ring(dam)
        self._dots.mark(self.dams.index.get_loc(self.selected) if drawn else None)
        self._card.dam = dam
        if dam is None:
            self._find.value = None

    def _is_gone(self, dam: pd.Series) -> bool:
        """Whether the view holds the dam's place, draws every dam there, and not this one."""
        west, south, east, north = self.view
        here = west <= dam["longitude"] <= east and south <= dam["latitude"] <= north
        return here and self.drawn + self._unplaced_here >= self.in_view


def extent(bounds: Box | None, count: int) -> Box:
    """What a map of ``count`` dams inside ``bounds`` opens on: their box and 10 % of it on each side.

    With fewer than two dams it is the conterminous US. The box is never smaller than SMALLEST_SPAN
    degrees; the map widens it to its own aspect.
    """
    if count < 2 or bounds is None:
        return CONTERMINOUS_US
    west, south, east, north = bounds
    across = max((east - west) * 1.2, SMALLEST_SPAN) / 2
    up = max((north - south) * 1.2, SMALLEST_SPAN) / 2
    x, y = (west + east) / 2, (south + north) / 2
    return (max(x - across, -180.0), max(y - up, -85.0), min(x + across, 180.0), min(y + up, 85.0))


def _labels(frame: pd.DataFrame) -> dict[str, int]:
    """Words to find each dam by, to its dam_id: name and river, and the number where two are alike."""
    words = frame["name"].replace("", NOT_GIVEN) + (", " + frame["river"]).replace(", ", "")
    alike = words.duplicated(keep=False)
    words = words.where(~alike, words + " (no. " + frame.index.astype(str) + ")")
    # pmui 0.16 draws an icon for ":material/name:" in an option.
    words = words.str.replace(":material/", ":\u200bmaterial/", regex=False)
    return dict(zip(words, map(int, frame.index), strict=True))
