"""The map of dams, without a browser (R6, R7)."""

import json

import pandas as pd
import panel as pn
import pytest

from components import dam_map, map_figure
from components.dam_dots import NAMED, dot_size
from components.dam_map import CONTERMINOUS_US, DamMap, extent
from data.frames import DAMS, empty

DEFAULTS = {"str": "", "float64": float("nan"), "bool": False, "int64": 1}


def made(*dams):
    """A DAMS frame of dicts, each with a ``dam_id``; what is left out is missing."""
    rows = [{column: DEFAULTS[dtype] for column, dtype in DAMS.items()} | dam for dam in dams]
    index = pd.Index([row.pop("dam_id") for row in rows], name="dam_id", dtype="int64")
    return pd.DataFrame(rows, columns=list(DAMS), index=index).astype(DAMS)


DEER_CREEK = {
    "dam_id": 3, "name": "Deer Creek", "owner": "Reclamation", "river": "Provo River", "date_built": "1941-06",
    "hazard": "High", "longitude": -111.529133, "latitude": 40.406624, "has_hydrograph": True,
}  # fmt: skip
JORDANELLE = {"dam_id": 5, "name": "Jordanelle", "owner": "State", "longitude": -111.424055, "latitude": 40.598168}
BOTH = (DEER_CREEK, JORDANELLE)
UTAH = (-114.05, 37.0, -109.04, 42.0)
CALIFORNIA = (-124.4, 32.5, -114.1, 42.0)


class Shelf:
    """Stands for the database: what lies in a box, ``most`` of it drawn; keeps the boxes it was asked for."""

    def __init__(self, *dams, most=None):
        self.frame, self.most, self.asked = made(*dams), most, []

    def look(self, box):
        self.asked.append(box)
        west, south, east, north = box
        frame = self.frame
        found = frame[frame["longitude"].between(west, east) & frame["latitude"].between(south, north)]
        return found[: self.most], len(found)


def status(shown):
    return shown._status.object


def card(shown):
    return shown._card._facts.object


def is_open(shown):
    return shown._card._card.visible


def test_R6_extent_is_the_dams_box_with_ten_per_cent_on_each_side():
    assert extent((-120, 35, -110, 45), 7) == pytest.approx((-121, 34, -109, 46))


@pytest.mark.parametrize(("bounds", "count"), [(None, 0), ((-111.5, 40.4, -111.5, 40.4), 1), (None, 2)])
def test_R6_extent_is_the_conterminous_us_with_fewer_than_two_dams(bounds, count):
    assert extent(bounds, count) == (-125.771484, 24.527135, -66.005859, 49.667628)


def test_R6_two_near_dams_do_not_zoom_in_beyond_what_shows_their_surroundings():
    west, south, east, north = extent((-111.529133, 40.406624, -111.424055, 40.598168), 2)
    assert east - west == pytest.approx(dam_map.SMALLEST_SPAN)
    assert north - south == pytest.approx(dam_map.SMALLEST_SPAN)
    assert (west + east) / 2 == pytest.approx(-111.476594)


def test_R6_an_extent_stays_on_earth():
    assert extent((-179, -84, 179, 84), 9) == (-180, -85, 180, 85)


def test_R6_the_map_opens_on_its_home_and_asks_for_what_lies_there():
    shelf = Shelf(*BOTH)
    shown = DamMap(shelf.look, home=UTAH)
    assert shelf.asked == [pytest.approx(UTAH)]
    assert shown.view == pytest.approx(UTAH)
    assert list(shown.dams.index) == [3, 5]
    assert "2 of 2 dams drawn" in status(shown)


def test_another_view_asks_anew_and_draws_what_lies_there():
    shelf = Shelf(*BOTH, {"dam_id": 9, "name": "Oroville", "longitude": -121.49, "latitude": 39.54})
    shown = DamMap(shelf.look, home=UTAH)
    shown._show(CALIFORNIA)
    west, _, east, _ = shown.view
    assert west <= -124.399
    assert east >= -114.101
    assert shelf.asked[-1] == shown.view
    assert list(shown.dams["name"]) == ["Oroville"]
    assert (shown.drawn, shown.in_view) == (1, 1)


def test_zooming_halves_and_doubles_what_is_shown_about_its_centre():
    shown = DamMap(Shelf().look, home=UTAH)
    shown._zoom(0.5)
    west, _, east, _ = shown.view
    assert east - west == pytest.approx((UTAH[2] - UTAH[0]) / 2)
    assert (east + west) / 2 == pytest.approx((UTAH[0] + UTAH[2]) / 2)
    shown._zoom(2)
    assert shown.view == pytest.approx(UTAH)


def test_zooming_stops_at_the_world_and_at_half_a_kilometre():
    shown = DamMap(Shelf().look)
    for _ in range(40):
        shown._zoom(2)
    assert shown._plot.x_range.end - shown._plot.x_range.start <= map_figure.WIDEST * 1.001
    for _ in range(60):
        shown._zoom(0.5)
    assert shown._plot.x_range.end - shown._plot.x_range.start >= map_figure.NARROWEST * 0.999


def test_what_look_thins_out_is_said():
    shown = DamMap(Shelf(*BOTH, most=1).look, home=UTAH)
    assert "1 of 2 dams drawn, zoom in for the others." in status(shown)


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 dam has no place and is not on the map"), (3, "3 dams have no place and are not")]
)
def test_dams_without_a_place_are_counted(number, words):
    assert words in status(DamMap(Shelf(*BOTH).look, home=UTAH, without_place=number))


def test_rows_without_coordinates_are_not_drawn_but_counted():
    frame = made(*BOTH, {"dam_id": 8, "name": "Nowhere"})
    shown = DamMap(lambda box: (frame, 3), home=UTAH)
    assert list(shown.dams.index) == [3, 5]
    assert "2 of 3 dams drawn. 1 dam has no place" in status(shown)


def test_an_empty_inventory_makes_an_empty_map():
    shown = DamMap(lambda box: (empty(DAMS), 0))
    assert shown.view == pytest.approx(CONTERMINOUS_US)
    assert "0 of 0 dams drawn" in status(shown)


def test_R7_a_tapped_dot_opens_its_card():
    shown = DamMap(Shelf(*BOTH).look, home=UTAH)
    assert not is_open(shown)
    shown._dots._source.selected.indices = [0]
    assert shown.selected == 3
    assert is_open(shown)
    for words in ("<dt>Id</dt><dd>3</dd>", "Deer Creek", "Reclamation", "Provo River", "June 1941"):
        assert words in card(shown)


def test_R7_what_is_missing_is_said_to_be_not_given():
    shown = DamMap(Shelf(*BOTH).look, home=UTAH)
    shown.selected = 5
    assert card(shown).count("not given") == 3  # river, date, hazard potential


def test_R7_a_tap_on_open_country_closes_the_card():
    shown = DamMap(Shelf(*BOTH).look, home=UTAH)
    shown._dots._source.selected.indices = [1]
    shown._dots._source.selected.indices = []
    assert shown.selected is None
    assert not is_open(shown)


def test_R7_the_card_leads_to_the_hydrograph_and_to_the_profile():
    shown, asked = DamMap(Shelf(*BOTH).look, home=UTAH), []
    shown.param.watch(lambda event: asked.append(shown.selected), "show_hydrograph")
    shown.selected = 3
    assert shown._card._profile.href == "dam?id=3"
    shown._card._hydrograph.param.trigger("clicks")
    assert asked == [3]


def test_R7_without_a_hydrograph_the_button_says_so():
    shown = DamMap(Shelf(*BOTH).look, home=UTAH)
    shown.selected = 5
    assert shown._card._hydrograph.disabled
    assert shown._card._hydrograph.description == "No hydrograph assigned"
    shown.selected = 3
    assert not shown._card._hydrograph.disabled


def test_a_dam_that_was_found_by_name_is_centred_and_selected():
    shown = DamMap(Shelf(*BOTH).look, home=UTAH)
    shown._find.value = "Deer Creek, Provo River"
    west, _, east, _ = shown.view
    assert shown.selected == 3
    assert (west + east) / 2 == pytest.approx(-111.529133)
    assert is_open(shown)
    shown.selected = None
    assert shown._find.value is None  # the same name can be chosen again


def test_dams_of_one_name_are_told_apart_where_they_are_found():
    shown = DamMap(Shelf(DEER_CREEK, DEER_CREEK | {"dam_id": 4}, JORDANELLE).look, home=UTAH)
    assert list(shown._find.options) == [
        "Deer Creek, Provo River (no. 3)",
        "Deer Creek, Provo River (no. 4)",
        "Jordanelle",
    ]


def test_a_refresh_keeps_the_view_and_the_selection_and_shows_what_changed():
    shelf = Shelf(*BOTH)
    shown = DamMap(shelf.look, home=UTAH)
    shown.selected = 5
    view = shown.view
    shelf.frame = made({"dam_id": 1, "name": "First", "longitude": -112, "latitude": 40}, *BOTH)
    shelf.frame.loc[5, "owner"] = "Army Corp"
    shown.refresh()
    assert shown.view == view
    assert shown.selected == 5
    assert "Army Corp" in card(shown)
    assert shown._dots._source.selected.indices == [2]


def test_a_refresh_that_changes_nothing_sends_no_dots_again(monkeypatch):
    shelf, sent = Shelf(*BOTH), []
    shown = DamMap(shelf.look, home=UTAH)
    monkeypatch.setattr(shown._dots, "show", lambda dams: sent.append(len(dams)))
    shown.refresh()
    assert sent == []
    shelf.frame = made(JORDANELLE)
    shown.refresh()
    assert sent == [1]


def test_the_card_of_a_dam_that_was_deleted_closes():
    shelf = Shelf(*BOTH)
    shown = DamMap(shelf.look, home=UTAH)
    shown.selected = 3
    shelf.frame = made(JORDANELLE)
    shown.refresh()
    assert shown.selected is None
    assert not is_open(shown)


@pytest.mark.parametrize("go", ["thinned", "elsewhere"])
def test_a_selected_dam_that_is_drawn_no_more_keeps_its_card(go):
    shelf = Shelf(*BOTH)
    shown = DamMap(shelf.look, home=UTAH)
    shown.selected = 5
    if go == "thinned":
        shelf.most = 1
        shown.refresh()
    else:
        shown._show(CALIFORNIA)
    assert 5 not in shown.dams.index
    assert shown.selected == 5
    assert is_open(shown)


def test_R6_the_layer_of_dams_can_be_switched_off():
    shown = DamMap(Shelf(*BOTH).look, home=UTAH)
    shown.selected = 3
    shown.show_dams = False
    assert [r.visible for r in (shown._dots._dots, shown._dots._names, shown._dots._ring)] == [False] * 3
    assert shown.selected is None
    shown.show_dams = True
    assert shown._dots._dots.visible


def test_colour_stands_for_the_hazard_or_the_owner_and_the_legend_says_which():
    shown = DamMap(Shelf(*BOTH).look, home=UTAH)
    assert list(shown._dots._source.data["hazard"]) == [0, 4]  # High, not given
    assert "says nothing of its condition" in shown._legend[0].object
    shown.colour_by = "owner"
    assert list(shown._dots._source.data["owner"]) == [0, 3]  # Reclamation, any other
    assert shown._dots._dots.glyph.fill_color.field == "owner"
    assert "Army Corp" in shown._legend[0].object


def test_few_dams_have_their_names_beside_them_and_many_have_not():
    many = [JORDANELLE | {"dam_id": number} for number in range(NAMED + 1)]
    assert DamMap(Shelf(*BOTH).look, home=UTAH)._dots._names.visible
    assert not DamMap(Shelf(*many).look, home=UTAH)._dots._names.visible


def test_dots_are_large_when_few_and_small_when_many():
    plot = map_figure.base_figure(UTAH)
    plot.tags = [1280, 640]
    assert [dot_size(plot, count) for count in (0, 2, 100_000)] == [14, 14, 5]
    assert 7 < dot_size(plot, 2000) < 9


def test_R6_basemaps_are_OpenStreetMap_and_ESRI_and_none_is_asked_for_until_it_is_chosen():
    shown = DamMap(Shelf(*BOTH).look)
    assert shown.param.basemap.objects == ["Outlines only", "OpenStreetMap", "ESRI"]
    assert not any(layer.visible for layer in shown._tiles.values())
    shown.basemap = "ESRI"
    assert [name for name, layer in shown._tiles.items() if layer.visible] == ["ESRI"]
    shown.basemap = "Outlines only"
    assert not any(layer.visible for layer in shown._tiles.values())


def test_R6_tiles_can_be_off_or_from_a_server_of_ones_own():
    assert DamMap(Shelf().look, tiles="off").param.basemap.objects == ["Outlines only"]
    own = DamMap(Shelf().look, tiles="https://tiles.example.org/{z}/{x}/{y}.png")
    assert own.param.basemap.objects == ["Outlines only", "tiles.example.org"]
    assert own._tiles["tiles.example.org"].tile_source.url == "https://tiles.example.org/{Z}/{X}/{Y}.png"


HOSTILE = "<img src=x onerror=alert(1)>"


def test_defect_2_a_dams_words_are_text_wherever_the_map_shows_them():
    words = dict.fromkeys(("name", "owner", "river", "hazard", "nid_id"), HOSTILE)
    shown = DamMap(Shelf(DEER_CREEK | words | {"date_built": ""}).look, home=UTAH)
    shown.selected = 3
    assert "<img" not in card(shown)
    assert card(shown).count("&lt;img") == 5
    panes = [pane.object for pane in pn.Column(shown).select(pn.pane.HTML)]
    assert len(panes) > 2
    assert not any("<img" in text for text in panes)
    tooltip = shown._plot.hover.tooltips
    assert tooltip == "@name"  # Bokeh escapes this form alone


def test_an_icon_is_not_drawn_for_a_name_that_looks_like_one():
    shown = DamMap(Shelf(DEER_CREEK | {"name": ":material/home:"}).look, home=UTAH)
    assert ":material/" not in next(iter(shown._find.options))


def test_every_parameter_says_what_it_is():
    for name in DamMap.param.objects(instance=False):
        assert name == "name" or DamMap.param[name].doc, name


@pytest.mark.parametrize("count", [2_000])
def test_real_dams_of_the_nid_are_drawn_and_those_without_a_place_counted(shared_data, count):
    path = shared_data / "nid" / "nid_arcgis_page1_wgs84.geojson"
    features = json.loads(path.read_text("utf-8"))["features"]
    assert len(features) == count
    frame = made(
        *(
            {"dam_id": number, "name": feature["properties"]["Dam_Name"] or ""}
            | (dict(zip(("longitude", "latitude"), feature["geometry"]["coordinates"], strict=False))
               if feature["geometry"] else {})
            for number, feature in enumerate(features)
        )
    )  # fmt: skip
    shown = DamMap(lambda box: (frame, len(frame)))
    placed = sum(feature["geometry"] is not None for feature in features)
    assert shown.drawn == placed < count
    assert f"{count - placed} dams have no place" in status(shown)
