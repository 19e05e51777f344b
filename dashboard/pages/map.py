"""Map: the dams where they stand, and the hydrograph of the one that is chosen."""

import panel as pn

from components.dam_map import DamMap, extent
from components.hydrograph_sheet import HydrographSheet
from dashboard.arguments import number
from dashboard.shell import serve_page
from data import reads


def build(page):
    places = page.read(reads.places)
    sheet = HydrographSheet(lambda dam_id: (page.read(reads.dam, dam_id), page.read(reads.hydrograph, dam_id)))
    dams = DamMap(
        look=lambda box: page.read(reads.dams_in_box, box),
        home=extent(places.box, places.placed),
        without_place=places.without_place,
        tiles=page.services.settings.tiles,
    )

    def select(_event):
        dam = None if dams.selected is None else page.read(reads.dam, dams.selected)
        sheet.dam_id = dams.selected if dam is not None and dam["has_hydrograph"] else None

    def show(_event):
        sheet.dam_id = dams.selected

    def load():
        dams.without_place = page.read(reads.places).without_place
        dams.refresh()
        sheet.load()

    dams.param.watch(select, "selected")
    dams.param.watch(show, "show_hydrograph")
    page.on_refresh(load)
    asked = number("dam")

    def open_card():
        dams.selected = asked

    pn.state.onload(open_card)  # the card follows its dot only on a drawn map
    return [pn.Row(dams, sheet, sizing_mode="stretch_both", margin=0, styles={"position": "relative"})]


serve_page("map", "Map", build, wide=True)
