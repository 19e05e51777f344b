"""About which dams a person is told, without a browser."""

import datetime as dt
import json

import pytest
from bokeh.events import SelectionGeometry

from components.area_picker import AreaPicker
from components.dam_choice import DamChoice
from components.following import CHOICES, MOST_DAMS, Following
from components.following_form import FollowingForm
from components.notices import NoticeBox
from data.frames import Event
from data.outline_shapes import to_mercator

NOON = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
UTAH, KANSAS, CANADA = (-111.529133, 40.406624), (-98.0, 38.5), (-75.7, 46.0)
ROUND_UTAH = (-115.0, 36.0, -109.0, 42.0)
KINDS = {"dam_added": "Dams added", "dam_edited": "Dams changed"}


def event(dam_id=1, *, place=UTAH, owner="Reclamation", before=None, kind=None):
    body = {} if before is None else {"before": before, "after": {}}
    kind = kind or ("dam_added" if before is None else "dam_edited")
    return Event(1, kind, NOON, "local", "", dam_id, "Deer Creek", body, owner, *(place or (None, None)))


def test_at_first_every_event_is_wanted():
    assert Following().wants(event())
    assert Following().wants(event(place=None, owner=""))


def test_mute_wants_nothing_whatever_is_followed():
    assert not Following(mute=True).wants(event())
    assert not Following(mute=True, by="dams", dams=[1]).wants(event(1))


def test_a_muted_browser_still_follows_its_dams():
    following = Following(mute=True, by="dams", dams=[2])
    assert [following.follows(event(dam_id)) for dam_id in (1, 2)] == [False, True]


def test_chosen_dams_are_followed_by_their_number_not_by_their_name():
    following = Following(by="dams", dams=[2, 7])
    assert [following.wants(event(dam_id)) for dam_id in (1, 2, 7)] == [False, True, True]


def test_an_owner_is_followed_also_when_the_dam_was_theirs_before_the_edit():
    following = Following(by="owner", owner="Army Corp")
    assert not following.wants(event())
    assert following.wants(event(owner="Army Corp"))
    assert following.wants(event(before={"owner": "Army Corp"}))
    assert not following.wants(event(before={"river": "Army Corp"}))


def test_a_state_is_followed_by_where_the_dam_is_and_where_it_was():
    following = Following(by="state", state="Utah")
    assert following.wants(event())
    assert not following.wants(event(place=KANSAS))
    assert not following.wants(event(place=CANADA))
    assert following.wants(event(place=KANSAS, before={"longitude": UTAH[0], "latitude": UTAH[1]}))
    assert following.wants(event(place=UTAH, before={"longitude": KANSAS[0], "latitude": KANSAS[1]}))


def test_an_edit_that_moved_a_dam_along_one_axis_keeps_the_other():
    following = Following(by="state", state="Utah")
    assert following.wants(event(place=(KANSAS[0], UTAH[1]), before={"longitude": UTAH[0]}))
    assert not following.wants(event(place=(KANSAS[0], UTAH[1]), before={"latitude": 38.0}))


def test_an_area_is_followed_with_its_edges():
    following = Following(by="area", area=ROUND_UTAH)
    assert following.wants(event())
    assert following.wants(event(place=(-115.0, 42.0)))
    assert not following.wants(event(place=(-115.01, 40.0)))
    assert following.wants(event(place=KANSAS, before={"longitude": UTAH[0], "latitude": UTAH[1]}))


@pytest.mark.parametrize("chosen", [{"by": "state", "state": "Utah"}, {"by": "area", "area": (-180, -90, 180, 90)}])
def test_a_dam_without_a_place_is_outside_every_state_and_area(chosen):
    following = Following(**chosen)
    assert not following.wants(event(place=None))
    assert not following.wants(event(place=None, before={"river": "Provo River"}))
    assert following.wants(event(place=None, before={"longitude": UTAH[0], "latitude": UTAH[1]}))
    assert following.wants(event(before={"longitude": None, "latitude": None}))


@pytest.mark.parametrize("by", CHOICES)
def test_until_the_choice_is_complete_it_is_of_all_dams(by):
    following = Following(by=by)
    assert following.tells_of_all
    assert following.wants(event())


def test_what_is_kept_comes_back():
    following, back = Following(), Following()
    following.param.update(mute=True, by="area", dams=[3, 1], state="Utah", owner="Other", area=ROUND_UTAH)
    back.take(following.to_keep())
    assert back.to_keep() == following.to_keep()
    assert back.area == ROUND_UTAH


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "all",
        [],
        {"by": "everything"},
        {"by": ["dams"], "dams": [1]},
        {"by": "dams", "dams": "12"},
        {"by": "dams", "dams": ["1", 1.5, True, None, -3, 0, 2**60]},
        {"by": "state", "state": "Atlantis"},
        {"by": "state", "state": ["Utah"]},
        {"by": "owner", "owner": 7},
        {"by": "owner", "owner": "x" * 256},
        {"by": "area", "area": [1, 2, 3]},
        {"by": "area", "area": [10, 0, -10, 5]},
        {"by": "area", "area": [-10, 0, 10, float("nan")]},
        {"by": "area", "area": [-10, 0, 10, float("inf")]},
        {"by": "area", "area": [-10, "0", 10, 5]},
        {"by": "area", "area": [-10, True, 10, 5]},
        {"by": "area", "area": [-200, 0, 10, 5]},
        {"mute": "yes"},
        {"mute": 1},
    ],
    ids=str,
)
def test_anything_else_from_a_browser_is_of_all_dams(kept):
    following = Following(mute=True, by="dams", dams=[9], state="Utah", owner="Other", area=ROUND_UTAH)
    following.take(kept)
    assert following.wants(event())
    assert following.tells_of_all


def test_a_kept_list_of_dams_is_cut_and_each_is_in_it_once():
    following = Following()
    following.take({"by": "dams", "dams": [1, 1, *range(1, 5000)]})
    assert following.dams == list(range(1, MOST_DAMS + 1))


def box(**choices):
    asked = []

    def dams(**_):
        asked.append("dams")
        return {"Deer Creek": 1, "Jordanelle": 2}

    made = NoticeBox(KINDS, log="", dams=dams, owners=lambda **_: asked.append("owners") or {"Other": "Other"})
    made.following.param.update(**choices)
    return made, asked


def test_the_box_wants_what_is_followed_and_of_a_kind_that_is_on():
    notices, _ = box(by="dams", dams=[1])
    assert notices.wants(event(1))
    assert not notices.wants(event(2))
    notices.kinds = ["dam_edited"]
    assert not notices.wants(event(1))
    assert notices.wants(event(1, before={}))


def test_the_lists_are_read_only_when_they_are_asked_for():
    notices, asked = box()
    notices.choose()
    assert asked == []
    notices.following.by = "dams"
    notices.following.by = "owner"
    notices.following.by = "dams"
    assert asked == ["dams", "owners"]


def test_a_choice_is_kept_in_the_browser_beside_the_kinds():
    notices, _ = box()
    notices.choose()
    notices.following.param.update(by="state", state="Utah")
    assert notices._store.values["following"] == notices.following.to_keep()
    assert notices._store.values["off"] == []


def shown(notices):
    """What the browser is told to show."""
    return json.loads(notices._box._wire.text)["told"]


def test_what_came_before_the_browsers_choice_was_known_is_taken_in_without_a_word():
    notices, _ = box()
    refreshed = []
    notices.param.watch(refreshed.append, "refresh")
    notices.tell([event(1), event(2)], -1)
    assert len(shown(notices)["lines"]) == 2
    notices._remember({"following": {"by": "dams", "dams": [1]}})
    assert [event.dam_id for event in notices.waiting] == [1]
    assert len(shown(notices)["lines"]) == 1
    assert len(refreshed) == 1
    notices._remember({"following": {"mute": True}})
    assert notices.waiting == []
    assert shown(notices) is None


def test_a_dam_is_added_by_name_and_taken_off_again():
    choice = DamChoice(lambda **_: {"Deer Creek": 1, "Jordanelle": 2}, most=2, value=[1])
    choice._find.value = 2
    assert choice.value == [1, 2]
    assert choice._find.value is None
    choice._chosen.value = [2]
    assert choice.value == [2]
    assert choice._chosen.options == {"Deer Creek": 1, "Jordanelle": 2}  # to be ticked again


def test_more_dams_than_can_be_kept_are_refused_beside_the_field():
    choice = DamChoice(lambda **_: {"A": 1, "B": 2, "C": 3}, most=2, value=[1, 2])
    choice._find.value = 3
    assert choice.value == [1, 2]
    assert choice._find.helper_text == "At most 2 dams can be chosen."


def test_a_chosen_dam_that_was_deleted_is_still_named_and_can_be_taken_off():
    choice = DamChoice(lambda **_: {"Deer Creek": 1}, most=5, value=[1, 17])
    assert choice._chosen.options == {"Deer Creek": 1, "Dam 17, no longer in the inventory": 17}


def test_of_many_dams_few_are_offered_and_the_chosen_are_named():
    everything = {f"Dam {i}": i for i in range(2000)}

    def find(search="", among=None, limit=None):
        found = {k: v for k, v in everything.items() if search in k and (among is None or v in among)}
        return dict(list(found.items())[:limit])

    choice = DamChoice(find, most=5, value=[7, 5000])
    assert choice._find.options == {}
    assert choice._chosen.options == {"Dam 7": 7, "Dam 5000, no longer in the inventory": 5000}
    assert choice._find._filter_options("Dam 1999") == ["Dam 1999"]
    choice._find.value = 1999
    assert choice.value == [7, 5000, 1999] and choice._chosen.options["Dam 1999"] == 1999


def draw(picker, west, south, east, north, final=True):
    """What the browser sends when a box is dragged, from its north-east to its south-west corner."""
    (x0, x1), (y0, y1) = to_mercator([east, west], [north, south])
    geometry = {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1}
    picker._take_drawn(SelectionGeometry(picker._plot, geometry=geometry, final=final))


def typed(picker):
    return [field.value for field in picker.fields.values()]


def test_a_drawn_area_fills_the_four_fields():
    picker = AreaPicker()
    draw(picker, -115.001, 36, -109, 42, final=False)
    assert picker.area is None
    draw(picker, -115.001, 36, -109, 42)
    assert typed(picker) == ["-115.00", "36.00", "-109.00", "42.00"]
    assert picker.area == ROUND_UTAH


@pytest.mark.parametrize(
    ("drawn", "area"),
    [((185, 50, 195, 55), (-175, 50, -165, 55)), ((-190, 50, -160, 55), (-180, 50, -160, 55))],
)
def test_an_area_drawn_past_longitude_180_lies_on_earth(drawn, area):
    picker = AreaPicker()
    draw(picker, *drawn)
    assert picker.area == pytest.approx(area)


def test_typed_edges_draw_the_area():
    picker = AreaPicker()
    for edge, text in zip(picker.fields, ("−115", " 36", "-109", "42"), strict=True):
        assert picker.area is None
        picker.fields[edge].value = text
    assert picker.area == ROUND_UTAH
    assert len(picker._drawn.data["left"]) == 1
    assert picker.west == "−115"  # kept as typed


@pytest.mark.parametrize(
    ("edge", "text", "sentence"),
    [
        ("west", "x", "West 'x' is not a number of degrees from -180 to 180."),
        ("west", "nan", "West 'nan' is not a number of degrees from -180 to 180."),
        ("north", "90.5", "North '90.5' is not a number of degrees from -90 to 90."),
        ("east", "-116", "East must be above west, -115.00."),
        ("north", "36", "North must be above south, 36.00."),
    ],
)
def test_a_wrong_edge_is_told_beside_its_field_and_is_no_area(edge, text, sentence):
    picker = AreaPicker(ROUND_UTAH)
    field = picker.fields[edge]
    field.value = text
    assert (field.error_state, field.helper_text) == (True, sentence)
    assert [other.error_state for other in picker.fields.values()].count(True) == 1
    assert picker.area is None
    assert picker._drawn.data["left"] == []


def test_the_form_shows_what_is_followed_and_says_when_that_is_still_all():
    following = Following(by="area", area=ROUND_UTAH)
    form = FollowingForm(following, dict, list)
    assert typed(form._parts["area"]) == ["-115.00", "36.00", "-109.00", "42.00"]
    assert not form._until.visible
    form._parts["area"].west = "x"
    assert following.area is None
    assert form._until.visible
