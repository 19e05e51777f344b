"""The location picker, without a browser (R8)."""

import pytest

from components import map_figure
from components.location_picker import LocationPicker
from data.outline_shapes import to_degrees, to_mercator


def draw(picker, *places):
    """What the browser sends when points are drawn at longitudes and latitudes."""
    metres = [tuple(map(float, to_mercator(*place))) for place in places]
    picker._point.data = {"x": [x for x, _ in metres], "y": [y for _, y in metres]}


def point(picker):
    x, y = picker._point.data["x"], picker._point.data["y"]
    return [tuple(map(float, to_degrees(*place))) for place in zip(x, y, strict=True)]


def test_R8_the_map_is_300_px_high_and_opens_on_the_middle_of_the_us():
    picker = LocationPicker()
    west, south, east, north = map_figure.shown_box(picker._plot)
    assert picker._plot.height == 300
    assert (west + east) / 2 == pytest.approx(-98.6)
    assert south < 39.8 < north
    metres_a_pixel = (picker._plot.y_range.end - picker._plot.y_range.start) / 300
    assert metres_a_pixel == pytest.approx(156543.034 / 2**3.5, rel=1e-6)  # a 256 px tile pyramid at zoom 3.5


def test_R8_a_drawn_point_fills_both_fields_at_once():
    picker, seen = LocationPicker(), []
    picker.param.watch(lambda *events: seen.append((picker.latitude, picker.longitude)), ["latitude", "longitude"])
    draw(picker, (-111.529133, 40.406624))
    assert seen == [("40.41", "-111.53")]
    assert (picker.latitude_input.value, picker.longitude_input.value) == ("40.41", "-111.53")


def test_R8_a_drawn_point_has_as_many_decimals_as_the_map_can_tell():
    picker = LocationPicker(latitude="40.406624", longitude="-111.529133")
    picker.show_near()
    draw(picker, (-111.5012345, 40.4012345))
    assert (picker.latitude, picker.longitude) == ("40.4012", "-111.5012")
    for _ in range(30):
        picker._map.zoom(0.5)
    draw(picker, (-111.5012345, 40.4012345))
    assert len(picker.latitude.split(".")[1]) == 6


def test_R8_the_map_opens_on_a_place_that_is_known():
    picker = LocationPicker(latitude="40.406624", longitude="-111.529133")
    picker.show_near()
    west, south, east, north = map_figure.shown_box(picker._plot)
    assert ((west + east) / 2, (south + north) / 2) == pytest.approx((-111.529133, 40.406624), abs=1e-3)
    assert 0.3 < east - west < 0.8
    without = LocationPicker()
    before = map_figure.shown_box(without._plot)
    without.show_near()
    assert map_figure.shown_box(without._plot) == before


def test_R8_typed_coordinates_place_and_move_the_point():
    picker = LocationPicker()
    picker.latitude_input.value = "40.4"
    assert point(picker) == []
    picker.longitude_input.value = "-111.5"
    assert point(picker) == [pytest.approx((-111.5, 40.4))]
    picker.latitude_input.value = " 41 "
    assert point(picker) == [pytest.approx((-111.5, 41))]
    assert picker.latitude == " 41 "  # kept as typed


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "91", "-90.5", "1e400", "40,4"])
def test_R8_text_that_is_no_latitude_is_kept_and_shows_no_point(text):
    picker = LocationPicker(latitude="40", longitude="-111")
    picker.latitude_input.value = text
    assert point(picker) == []
    assert (picker.latitude, picker.longitude) == (text, "-111")


def test_R8_a_typographic_minus_is_a_minus():
    assert point(LocationPicker(latitude="40", longitude="−111")) == [pytest.approx((-111, 40))]


def test_R8_the_map_follows_a_typed_place_that_is_out_of_view_and_stays_for_one_that_is_in_it():
    picker = LocationPicker()
    before = map_figure.shown_box(picker._plot)
    picker.param.update(latitude="40", longitude="-100")
    assert map_figure.shown_box(picker._plot) == before
    picker.param.update(latitude="61.2", longitude="-149.9")
    west, south, east, north = map_figure.shown_box(picker._plot)
    assert west < -149.9 < east
    assert south < 61.2 < north


def test_R8_a_point_that_the_mouse_deletes_empties_the_fields():
    picker = LocationPicker(latitude="40", longitude="-111")
    draw(picker)
    assert (picker.latitude, picker.longitude) == ("", "")


def test_R8_wrong_text_is_not_taken_for_a_deleted_point():
    picker = LocationPicker(latitude="forty", longitude="-111")
    assert (picker.latitude, picker.longitude) == ("forty", "-111")


def test_R8_the_remove_button_removes_and_is_there_only_with_something_to_remove():
    picker = LocationPicker()
    assert picker._remove.disabled
    picker.longitude = "x"
    assert not picker._remove.disabled
    picker._remove.param.trigger("clicks")
    assert (picker.latitude, picker.longitude) == ("", "")
    assert picker._remove.disabled


@pytest.mark.parametrize(("drawn", "longitude"), [(190.0, "-170.00"), (-200.0, "160.00"), (-98.5, "-98.50")])
def test_R8_a_point_drawn_past_the_date_line_has_a_longitude_on_earth(drawn, longitude):
    picker = LocationPicker()
    draw(picker, (drawn, 10.0))
    assert (picker.latitude, picker.longitude) == ("10.00", longitude)


def test_R8_problems_stand_beside_their_fields_and_the_places_under_the_map():
    picker = LocationPicker()
    picker.problems = {"latitude": "Latitude 'x' is not a number.", "location": "Location is required."}
    assert (picker.latitude_input.error_state, picker.latitude_input.helper_text) == (
        True,
        "Latitude 'x' is not a number.",
    )
    assert not picker.longitude_input.error_state
    assert picker._problem.visible
    assert "Location is required." in picker._problem.object
    picker.problems = {}
    assert not picker.latitude_input.error_state
    assert picker.latitude_input.helper_text == ""
    assert not picker._problem.visible


def test_defect_2_a_problem_that_quotes_what_was_typed_is_text():
    picker = LocationPicker(problems={"location": "<img src=x onerror=alert(1)>"})
    assert "<img" not in picker._problem.object


def test_every_parameter_says_what_it_is():
    for name in LocationPicker.param.objects(instance=False):
        assert name == "name" or LocationPicker.param[name].doc, name
