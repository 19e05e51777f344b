"""Map: the dams where they stand, and the hydrograph of the one that is chosen."""

from dataclasses import replace
from urllib.parse import parse_qs

import panel as pn

from components.address import Address
from components.dam_map import DamMap
from components.hydrograph_sheet import HydrographSheet
from components.map_extent import extent, opening
from components.map_filter import MapFilter
from dashboard.arguments import every, left_out, number
from dashboard.shell import serve_page
from data import reads, spelling
from data.inventory import Filter

OFFERED = 20  #: Dams offered while a name is typed.


def build(page):
    shown, asked = MapFilter(wanted=Filter.read(every())), number("dam")
    whole = area(page, shown.wanted)
    sheet = HydrographSheet(lambda dam_id: (page.read(reads.dam, dam_id), page.read(reads.hydrograph, dam_id)))
    dams = DamMap(
        look=lambda box, wanted, cells: page.read(reads.dots, box, wanted, cells=cells),
        read=lambda dam_id: page.read(reads.dam, dam_id),
        count=lambda wanted: page.read(reads.facet, "hazard", wanted),
        find=lambda text: page.read(spelling.find, text, limit=OFFERED),
        shown=shown,
        left_out=left_out("dam"),
        home=opening(whole),
        whole=whole,
        without_place=without_place(page, shown.wanted),
        tiles=page.services.settings.tiles,
    )
    address = Address(page="map", query=query(dams))

    def select(_event):
        dam = None if dams.selected is None else page.read(reads.dam, dams.selected)
        sheet.dam_id = dams.selected if dam is not None and dam["has_hydrograph"] else None
        address.query = query(dams)

    def narrow(_event):
        dams.without_place = without_place(page, shown.wanted)
        address.query = query(dams)

    def go(event):
        if event.new != query(dams):  # the browser went back or on
            found = parse_qs(event.new, keep_blank_values=True)
            shown.wanted, dam = Filter.read(found), found.get("dam", [""])[0]
            dams.selected = int(dam) if dam.isdecimal() and len(dam) < 10 else None

    def show(_event):
        sheet.dam_id = dams.selected

    def load():
        dams.without_place = without_place(page, shown.wanted)
        dams.refresh()
        sheet.load()

    dams.param.watch(select, "selected")
    dams.param.watch(show, "show_hydrograph")
    shown.param.watch(narrow, "wanted")
    address.param.watch(go, "query")
    page.on_refresh(load)

    def open_card():
        dams.selected = asked

    pn.state.onload(open_card)  # the card follows its dot only on a drawn map
    beside = pn.Row(dams, sheet, sizing_mode="stretch_both", margin=0, styles={"position": "relative"})
    return [beside, address]


def area(page, wanted):
    """Degrees that hold all dams that are asked for."""
    places = page.read(reads.places, wanted)
    return extent(places.box, places.placed)


def without_place(page, wanted):
    """How many of the dams that are asked for have no place."""
    return page.read(reads.count, replace(wanted, on_map=False)) if wanted.on_map is None else 0


def query(dams):
    """What of the map is kept in its address."""
    card = "" if dams.selected is None else f"dam={dams.selected}"
    return "&".join(filter(None, (card, dams.shown.wanted.query())))


serve_page("map", "Map", build, wide=True)
