"""The map of dams, without a browser (R6, R7)."""

import json

import numpy as np
import pandas as pd
import panel as pn
import pytest
from bokeh.events import SelectionGeometry

from components import map_figure
from components.dam_dots import NAMED, dot_size
from components.dam_map import DamMap
from components.find_dam import labels
from components.map_extent import CONTERMINOUS_US, SMALLEST_SPAN, extent, opening
from components.map_filter import MapFilter
from components.theme import HAZARD_COLOURS
from data.frames import DOTS, PROFILE
from data.inventory import ALL, Filter, Near
from data.outline_shapes import to_mercator

DEFAULTS = {"str": "", "float64": float("nan"), "bool": False, "int64": 1}


def made(*dams):
    """A PROFILE frame of dicts, each with a ``dam_id``; what is left out is missing."""
    rows = [{column: DEFAULTS[dtype] for column, dtype in PROFILE.items()} | dam for dam in dams]
    index = pd.Index([row.pop("dam_id") for row in rows], name="dam_id", dtype="int64")
    return pd.DataFrame(rows, columns=list(PROFILE), index=index).astype(PROFILE)


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
        self.frame, self.most, self.asked, self.cells, self.read_ids = made(*dams), most, [], [], []

    def wanted(self, wanted):
        return self.frame[self.frame["hazard"].isin(wanted.hazard)] if wanted.hazard else self.frame

    def look(self, box, wanted, cells):
        self.asked.append(box)
        self.cells.append(cells)
        west, south, east, north = box
        frame = self.wanted(wanted)[list(DOTS)]
        found = frame[frame["longitude"].between(west, east) & frame["latitude"].between(south, north)]
        return found[: self.most], len(found)

    def read(self, dam_id):
        self.read_ids.append(dam_id)
        return self.frame.loc[dam_id] if dam_id in self.frame.index else None

    def count(self, wanted):
        return self.wanted(wanted.without("hazard"))["hazard"].value_counts().to_dict()

    def find(self, text):
        return self.frame[self.frame["name"].str.contains(text, case=False, regex=False)]


def on_map(*dams, most=None, shelf=None, **params):
    """A map of ``dams``, or of what is on ``shelf``."""
    shelf = shelf or Shelf(*dams, most=most)
    return DamMap(shelf.look, shelf.read, shelf.count, shelf.find, **params)


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
    assert east - west == pytest.approx(SMALLEST_SPAN)
    assert north - south == pytest.approx(SMALLEST_SPAN)
    assert (west + east) / 2 == pytest.approx(-111.476594)


def test_R6_an_extent_stays_on_earth():
    assert extent((-179, -84, 179, 84), 9) == (-180, -85, 180, 85)


def test_R6_the_map_opens_on_its_home_and_asks_for_what_lies_there():
    shelf = Shelf(*BOTH)
    shown = on_map(shelf=shelf, home=UTAH)
    assert shelf.asked == [pytest.approx(UTAH)]
    assert shown.view == pytest.approx(UTAH)
    assert list(shown.dams.index) == [3, 5]
    assert "2 of 2 dams drawn" in status(shown)


def test_another_view_asks_anew_and_draws_what_lies_there():
    shelf = Shelf(*BOTH, {"dam_id": 9, "name": "Oroville", "longitude": -121.49, "latitude": 39.54})
    shown = on_map(shelf=shelf, home=UTAH)
    shown._show(CALIFORNIA)
    west, _, east, _ = shown.view
    assert west <= -124.399
    assert east >= -114.101
    assert shelf.asked[-1] == shown.view
    assert list(shown.dams["name"]) == ["Oroville"]
    assert (shown.drawn, shown.in_view) == (1, 1)


def test_zooming_halves_and_doubles_what_is_shown_about_its_centre():
    shown = on_map(home=UTAH)
    shown._zoom(0.5)
    west, _, east, _ = shown.view
    assert east - west == pytest.approx((UTAH[2] - UTAH[0]) / 2)
    assert (east + west) / 2 == pytest.approx((UTAH[0] + UTAH[2]) / 2)
    shown._zoom(2)
    assert shown.view == pytest.approx(UTAH)


def test_zooming_stops_at_the_world_and_at_half_a_kilometre():
    shown = on_map()
    for _ in range(40):
        shown._zoom(2)
    assert shown._plot.x_range.end - shown._plot.x_range.start <= map_figure.WIDEST * 1.001
    for _ in range(60):
        shown._zoom(0.5)
    assert shown._plot.x_range.end - shown._plot.x_range.start >= map_figure.NARROWEST * 0.999


def test_what_look_thins_out_is_said():
    shown = on_map(*BOTH, most=1, home=UTAH)
    assert "1 of 2 dams drawn in this view, zoom in for the others." in status(shown)


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 dam has no place and is not on the map"), (3, "3 dams have no place and are not")]
)
def test_dams_without_a_place_are_counted(number, words):
    assert words in status(on_map(*BOTH, home=UTAH, without_place=number))


def test_an_empty_inventory_makes_an_empty_map():
    shown = on_map()
    assert shown.view == pytest.approx(CONTERMINOUS_US)
    assert "0 of 0 dams drawn" in status(shown)


def test_R7_a_tapped_dot_opens_its_card():
    shown = on_map(*BOTH, home=UTAH)
    assert not is_open(shown)
    shown._dots._source.selected.indices = [0]
    assert shown.selected == 3
    assert is_open(shown)
    for words in ("<dt>Id</dt><dd>3</dd>", "Deer Creek", "Reclamation", "Provo River", "June 1941"):
        assert words in card(shown)


def test_R7_what_is_missing_is_said_to_be_not_given():
    shown = on_map(*BOTH, home=UTAH)
    shown.selected = 5
    assert card(shown).count("not given") == 3  # river, date, hazard potential


def test_R7_a_tap_on_open_country_closes_the_card():
    shown = on_map(*BOTH, home=UTAH)
    shown._dots._source.selected.indices = [1]
    shown._dots._source.selected.indices = []
    assert shown.selected is None
    assert not is_open(shown)


def test_R7_the_card_leads_to_the_hydrograph_and_to_the_profile():
    shown, asked = on_map(*BOTH, home=UTAH), []
    shown.param.watch(lambda event: asked.append(shown.selected), "show_hydrograph")
    shown.selected = 3
    assert shown._card._profile.href == "dam?id=3"
    shown._card._hydrograph.param.trigger("clicks")
    assert asked == [3]


def test_R7_without_a_hydrograph_the_button_says_so():
    shown = on_map(*BOTH, home=UTAH)
    shown.selected = 5
    assert shown._card._hydrograph.disabled
    assert shown._card._hydrograph.description == "No hydrograph assigned"
    shown.selected = 3
    assert not shown._card._hydrograph.disabled


def test_a_dam_that_was_found_by_name_is_selected_and_shown_with_what_is_round_it():
    shown = on_map(*BOTH, home=UTAH)
    assert shown._find._filter_options("deer") == ["Deer Creek, Provo River"]
    shown._find.value = "Deer Creek, Provo River"
    west, south, east, north = shown.view
    assert shown.selected == 3
    assert (west + east) / 2 == pytest.approx(-111.529133)
    assert (south, north) == pytest.approx((40.206624, 40.606624), abs=0.002)
    assert east - west > 0.4
    assert is_open(shown)
    shown.selected = None
    assert shown._find.value is None  # the same name can be chosen again


def test_on_a_narrow_map_a_dam_that_was_found_lies_above_its_card():
    shown = on_map(*BOTH, home=UTAH)
    shown._plot.tags = [390, 300]
    shown._find._filter_options("deer")
    shown._find.value = "Deer Creek, Provo River"
    _, south, _, north = shown.view
    assert (north - 40.406624) / (north - south) == pytest.approx(34 / 300, abs=0.01)


def test_a_dam_says_how_it_was_found_where_its_words_do_not_and_keeps_what_was_chosen():
    dam = made(DEER_CREEK | {"state": "Utah", "nid_id": "UT10117"})
    words = "Deer Creek, Provo River, Utah, UT10117"
    assert list(labels(dam, "ut10117")) == [words]
    assert list(labels(dam, "der crek")) == [f"{words} · for “der crek”"]
    assert labels(made(), "x") == {}
    shown = on_map(*BOTH, home=UTAH)
    (label,) = shown._find._filter_options("creek")
    shown._find.value = label
    assert shown._find._filter_options(label) == [label]
    assert shown._find.found == 3


def test_dams_of_one_name_are_told_apart_where_they_are_found():
    assert list(labels(made(DEER_CREEK, DEER_CREEK | {"dam_id": 4}, JORDANELLE))) == [
        "Deer Creek, Provo River (no. 3)",
        "Deer Creek, Provo River (no. 4)",
        "Jordanelle",
    ]


def test_a_refresh_keeps_the_view_and_the_selection_and_shows_what_changed():
    shelf = Shelf(*BOTH)
    shown = on_map(shelf=shelf, home=UTAH)
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
    shown = on_map(shelf=shelf, home=UTAH)
    monkeypatch.setattr(shown._dots, "show", lambda dams: sent.append(len(dams)))
    shown.refresh()
    assert sent == []
    shelf.frame = made(JORDANELLE)
    shown.refresh()
    assert sent == [1]


def test_the_card_of_a_dam_that_was_deleted_closes():
    shelf = Shelf(*BOTH)
    shown = on_map(shelf=shelf, home=UTAH)
    shown.selected = 3
    shelf.frame = made(JORDANELLE)
    shown.refresh()
    assert shown.selected is None
    assert not is_open(shown)


@pytest.mark.parametrize("go", ["thinned", "elsewhere"])
def test_a_selected_dam_that_is_drawn_no_more_keeps_its_card(go):
    shelf = Shelf(*BOTH)
    shown = on_map(shelf=shelf, home=UTAH)
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
    shown = on_map(*BOTH, home=UTAH)
    shown.selected = 3
    shown.show_dams = False
    assert [r.visible for r in (shown._dots._dots, shown._dots._names, shown._dots._ring)] == [False] * 3
    assert shown.selected is None
    shown.show_dams = True
    assert shown._dots._dots.visible


def test_colour_stands_for_the_hazard_or_the_owner_and_the_legend_says_which():
    shown = on_map(*BOTH, home=UTAH)
    assert list(shown._dots._source.data["hazard"]) == [0, 4]  # High, not given
    assert "says nothing of its condition" in shown._legend.object
    assert [key["colour"] for key in shown._keys.keys][:2] == [HAZARD_COLOURS["High"], HAZARD_COLOURS["Significant"]]
    shown.colour_by = "owner"
    assert list(shown._dots._source.data["owner"]) == [0, 3]  # Reclamation, any other
    assert shown._dots._dots.glyph.fill_color.field == "owner"
    assert "Army Corp" in shown._legend.object
    assert {key["colour"] for key in shown._keys.keys} == {""}  # the classes still filter


def test_few_dams_have_their_names_beside_them_and_many_have_not():
    many = [JORDANELLE | {"dam_id": number} for number in range(NAMED + 1)]
    assert on_map(*BOTH, home=UTAH)._dots._named.data["name"] == ["Deer Creek", "Jordanelle"]
    assert on_map(*many, home=UTAH)._dots._named.data["name"] == []


def test_dots_are_large_when_few_and_small_when_many():
    plot = map_figure.base_figure(UTAH)
    plot.tags = [1280, 640]
    assert [dot_size(plot, count) for count in (0, 2, 100_000)] == [14, 14, 5]
    assert 7 < dot_size(plot, 2000) < 9


def test_R6_basemaps_are_OpenStreetMap_and_ESRI_and_none_is_asked_for_until_it_is_chosen():
    shown = on_map(*BOTH)
    assert shown.param.basemap.objects == ["Outlines only", "OpenStreetMap", "ESRI"]
    assert not any(layer.visible for layer in shown._tiles.values())
    shown.basemap = "ESRI"
    assert [name for name, layer in shown._tiles.items() if layer.visible] == ["ESRI"]
    shown.basemap = "Outlines only"
    assert not any(layer.visible for layer in shown._tiles.values())


def test_R6_tiles_can_be_off_or_from_a_server_of_ones_own():
    assert on_map(tiles="off").param.basemap.objects == ["Outlines only"]
    own = on_map(tiles="https://tiles.example.org/{z}/{x}/{y}.png")
    assert own.param.basemap.objects == ["Outlines only", "tiles.example.org"]
    assert own._tiles["tiles.example.org"].tile_source.url == "https://tiles.example.org/{Z}/{X}/{Y}.png"


def keys(shown):
    return {key["label"]: (key["count"], key["chosen"]) for key in shown._keys.keys}


def line(shown):
    return shown._line._words.object if shown._line._line.visible else ""


MANY = [JORDANELLE | {"dam_id": 100 + i, "name": f"Dam {i:03}", "hazard": "Low"} for i in range(60)]


def test_what_is_drawn_is_asked_for_in_cells_of_four_pixels():
    shelf = Shelf(*BOTH)
    shown = on_map(shelf=shelf, home=UTAH)
    shown._plot.tags = [1000, 500]
    assert shelf.cells[-1] == (250, 125)


def test_a_map_of_dams_from_guam_to_maine_opens_on_the_conterminous_us():
    whole = extent((-176.7, 13.4, 144.7, 71.3), 92_766)
    assert opening(whole) == CONTERMINOUS_US
    assert opening(extent((-112, 40, -111, 41), 2)) == extent((-112, 40, -111, 41), 2)


def test_one_dam_is_read_when_it_is_chosen_and_none_when_the_map_moves():
    shelf = Shelf(*BOTH)
    shown = on_map(shelf=shelf, home=UTAH)
    assert shelf.read_ids == []
    shown.selected = 5
    shown._zoom(0.5)
    assert shelf.read_ids == [5]


def test_the_legend_counts_each_class_and_choosing_one_asks_for_it_alone():
    shown = on_map(*BOTH, *MANY, home=UTAH)
    assert keys(shown)["High"] == (1, False)
    assert keys(shown)["Low"] == (60, False)
    shown._keys._handle_msg({"hazard": "High"})
    assert shown.shown.wanted == Filter(hazard=("High",))
    assert list(shown.dams.index) == [3]
    assert keys(shown) == {
        "High": (1, True), "Significant": (0, False), "Low": (60, False), "Undetermined": (0, False),
        "Not given": (1, False),
    }  # fmt: skip
    shown._keys._handle_msg({"hazard": "Low"})
    assert shown.in_view == 61
    shown._keys._handle_msg({"hazard": "High"})
    shown._keys._handle_msg({"hazard": "Low"})
    assert shown.shown.wanted == ALL
    assert shown.in_view == 62


def test_a_class_that_the_legend_does_not_know_gets_a_key_of_its_own():
    shown = on_map(*BOTH, {"dam_id": 8, "hazard": "Not Available"}, home=UTAH)
    assert list(keys(shown)) == ["High", "Significant", "Low", "Undetermined", "Not Available", "Not given"]


@pytest.mark.parametrize("message", [{"hazard": "DROP"}, {"hazard": 3}, "High", None, {}])
def test_a_browser_cannot_ask_for_a_class_that_is_none(message):
    shown = on_map(*BOTH, home=UTAH)
    shown._keys._handle_msg(message)
    assert shown.shown.wanted == ALL


def test_the_line_says_what_is_asked_for_and_leads_to_the_filter_the_files_and_out():
    shown = on_map(*BOTH, home=UTAH, shown=MapFilter(wanted=Filter(hazard=("High",), state=("New <b> York",))))
    assert "Hazard potential: High; State: New &lt;b&gt; York" in line(shown)
    assert 'href="dams?hazard=High&amp;state=New+%3Cb%3E+York"' in line(shown)
    assert ">Filter</a>" in line(shown)
    assert 'href="export?format=geojson&amp;hazard=High&amp;state=New+%3Cb%3E+York"' in line(shown)
    shown.shown.clear()
    assert "Every dam" in line(shown) and 'href="dams"' in line(shown) and 'href="export?format=csv"' in line(shown)
    assert not shown._line._clear.visible
    assert shown.in_view == 2


def test_what_was_left_out_of_the_filter_is_said_as_text_until_it_is_changed():
    shown = on_map(*BOTH, home=UTAH, left_out="'<b>' is no filter.")
    assert "&#x27;&lt;b&gt;&#x27; is no filter." in line(shown)
    shown.shown.toggle_hazard("High")
    assert "is no filter" not in line(shown)


def test_the_view_and_a_circle_can_be_asked_for_alone():
    shown = on_map(*BOTH, home=UTAH)
    choice = shown._area._select
    choice.value = "view"
    assert shown.shown.wanted.box == shown.view
    assert "In an area" in line(shown)
    choice.value = "25"
    wanted = shown.shown.wanted
    assert wanted.box is None
    assert wanted.near.km == 25
    assert wanted.near.longitude == pytest.approx((UTAH[0] + UTAH[2]) / 2)
    choice.value = "anywhere"
    assert shown.shown.wanted == ALL


def test_a_circle_is_round_the_dam_whose_card_is_open():
    shown = on_map(*BOTH, home=UTAH)
    shown.selected = 3
    assert "Within 25 km of the dam" in shown._area._select.options
    shown._area._select.value = "25"
    assert shown.shown.wanted.near == Near(-111.529133, 40.406624, 25)
    assert len(shown._area._edge.data["x"]) > 50


def test_an_area_that_is_drawn_is_asked_for():
    shown = on_map(*BOTH, home=UTAH)
    (x0, x1), (y0, y1) = to_mercator(np.array([-111.6, -111.5]), np.array([40.5, 40.3]))
    rect = {"type": "rect", "x0": x0, "y0": y0, "x1": x1, "y1": y1}
    shown._plot._trigger_event(SelectionGeometry(shown._plot, geometry=rect | {"x0": float("nan")}, final=True))
    assert shown.shown.wanted == ALL
    shown._plot._trigger_event(SelectionGeometry(shown._plot, geometry=rect, final=True))
    assert shown.shown.wanted.box == pytest.approx((-111.6, 40.3, -111.5, 40.5))
    assert shown._area._select.value == "now"


def test_the_list_holds_what_is_drawn_by_name_and_opens_a_card():
    shown = on_map(*MANY, *BOTH, {"dam_id": 9, "longitude": -111, "latitude": 40}, home=UTAH)
    assert [row[1] for row in shown._list.rows][:2] == ["Dam 000", "Dam 001"]
    assert shown._list.words == "1–25 of 63 drawn"
    assert not shown._list.back
    shown._list._handle_msg({"turn": "on"})
    shown._list._handle_msg({"turn": "on"})
    assert [row[1] for row in shown._list.rows][-3:] == ["Deer Creek", "Jordanelle", "No name"]
    assert not shown._list.on
    shown._list._handle_msg({"dam": 3})
    assert is_open(shown)
    assert shown._list.selected == 3
    shown._list._handle_msg({"dam": 4711})
    assert shown.selected == 3


def test_what_a_page_holds_of_the_list_is_what_is_drawn():
    shown = on_map(*MANY, most=10, home=UTAH)
    assert shown._list.words == "1–10 of 10 drawn"
    assert len(shown.dams) == 10


HOSTILE = "<img src=x onerror=alert(1)>"


def test_defect_2_a_dams_words_are_text_wherever_the_map_shows_them():
    words = dict.fromkeys(("name", "owner", "river", "hazard", "nid_id"), HOSTILE)
    shown = on_map(DEER_CREEK | words | {"date_built": ""}, home=UTAH)
    shown.selected = 3
    assert "<img" not in card(shown)
    assert card(shown).count("&lt;img") == 5
    panes = [pane.object for pane in pn.Column(shown).select(pn.pane.HTML)]
    assert len(panes) > 2
    assert not any("<img" in text for text in panes)
    tooltip = shown._plot.hover.tooltips
    assert tooltip == "@name"  # Bokeh escapes this form alone


def test_an_icon_is_not_drawn_for_a_name_that_looks_like_one():
    assert ":material/" not in next(iter(labels(made(DEER_CREEK | {"name": ":material/home:"}))))


def test_every_parameter_says_what_it_is():
    for name in DamMap.param.objects(instance=False):
        assert name == "name" or DamMap.param[name].doc, name


@pytest.mark.parametrize("count", [2_000])
def test_real_dams_of_the_nid_are_drawn(shared_data, count):
    path = shared_data / "nid" / "nid_arcgis_page1_wgs84.geojson"
    features = json.loads(path.read_text("utf-8"))["features"]
    assert len(features) == count
    frame = made(
        *(
            {"dam_id": number, "name": feature["properties"]["Dam_Name"] or ""}
            | dict(zip(("longitude", "latitude"), feature["geometry"]["coordinates"], strict=False))
            for number, feature in enumerate(features)
            if feature["geometry"]
        )
    )
    shelf = Shelf()
    shelf.frame = frame
    shown = on_map(shelf=shelf, home=(-180.0, -85.0, 180.0, 85.0))
    assert shown.drawn == len(frame) < count
