"""The table of dams and its filters, without a browser."""

import datetime as dt
import json
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest

from components.dam_filter import DamFilter
from components.dam_rows import quantity
from components.dam_table import MOST_ROWS, DamTable, read_view
from data import frames
from data.inventory import ALL, FACETS, Filter

TODAY = dt.date(2026, 11, 24)
WIDE = "W" * 40


def dams(count):
    """Rows of DAMS in which every text is long."""
    text = {name: WIDE for name, kind in frames.DAMS.items() if kind == "str"} | {"date_built": "1941-06-15"}
    found = pd.DataFrame([text | {"height_ft": 726.4, "storage_acre_ft": 30237000.0}] * count)
    found = found.reindex(columns=list(frames.DAMS)).assign(has_hydrograph=False, revision=1)
    return found.set_axis(pd.RangeIndex(1, count + 1, name="dam_id"))


class Desk:
    """A table over ``total`` dams, and what it asked for."""

    def __init__(self, total=1000, arguments="", **params):
        self.asked, self.counted, self.total = [], [], total
        view = read_view(parse_qs(arguments, keep_blank_values=True))
        self.table = DamTable(self.look, lambda *_: None, lambda _: True, self.count, **view | params)
        self.controls = self.table._filter._controls

    def look(self, wanted, *, sort, descending, offset, limit):
        self.asked.append((wanted, sort, descending, offset, limit))
        return dams(max(0, min(limit, self.total - offset))), self.total

    def count(self, name, wanted):
        self.counted.append((name, wanted))
        return {"High": 17050, "": 3}

    def say(self, **message):
        self.controls._handle_msg(message)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hazard=High&hazard=&state=Utah&height_ft=100~&near=-111.5,40.4,25",
        "search=deer+creek&sort=height_ft&down=yes&rows=50&page=3",
        "eap=No&not_inspected_since=2016-01-01&on_map=no&rows=all&page=2",
    ],
)
def test_an_address_is_given_back_as_it_came(address):
    assert parse_qs(Desk(arguments=address).table.address, True) == parse_qs(address, True)


@pytest.mark.parametrize("address", ["sort=manage", "sort=", "rows=1000000", "page=0", "page=²", "page=-1", "down=1"])
def test_what_no_table_can_show_is_left_out(address):
    assert Desk(arguments=address).table.address == ""


def test_a_page_after_the_last_is_the_last():
    assert Desk(total=60, arguments="page=999999999999").table.page == 3


def test_all_rows_are_never_a_whole_national_inventory():
    desk = Desk(total=92_766, arguments="rows=all")
    assert desk.asked[-1][-1] == MOST_ROWS


def test_a_page_of_rows_is_small():
    assert len(json.dumps(Desk().table._rows.rows)) < 20_000


def test_a_facet_is_counted_only_when_its_menu_is_open():
    desk = Desk()
    desk.say(act="set", name="state", values=["Utah"])
    assert desk.counted == []
    desk.say(act="count", name="hazard")
    assert desk.counted == [("hazard", Filter(state=("Utah",)))]
    assert desk.controls.counts == {"hazard": [["High", "High", "17,050"], ["", "Not given", "3"]]}


def test_counties_are_counted_in_the_chosen_states_alone_and_go_with_them():
    desk = Desk()
    desk.say(act="count", name="county")
    assert desk.counted == [] and desk.controls.counts == {"county": []}
    desk.say(act="set", name="state", values=["Utah"])
    desk.say(act="set", name="county", values=["Wasatch"])
    assert desk.table.wanted == Filter(state=("Utah",), county=("Wasatch",))
    desk.say(act="set", name="state", values=["Ohio"])
    assert desk.table.wanted == Filter(state=("Ohio",))


def test_a_chosen_value_without_a_dam_stays_to_be_unticked():
    desk = Desk(arguments="hazard=Extreme")
    desk.say(act="count", name="hazard")
    assert desk.controls.counts["hazard"][-1] == ["Extreme", "Extreme", "0"]


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"act": "set"},
        {"act": "set", "name": "hazard", "values": "High"},
        {"act": "set", "name": "hazard", "values": [{}]},
        {"act": "set", "name": "__class__", "values": ["x"]},
        {"act": "set", "name": "box", "values": ["nan,1,2,3"]},
        {"act": "set", "name": "not_inspected_for", "values": ["1e400"]},
        {"act": "set", "name": "not_inspected_for", "values": []},
        {"act": "remove", "name": "query"},
        {"act": "count", "name": "owner"},
        {"act": ["clear"], "name": {}},
    ],
)
def test_a_message_that_no_control_sends_changes_nothing(message):
    desk = Desk()
    desk.say(**message)
    desk.controls._handle_msg("text")
    desk.table._rows._handle_msg({"act": "sort", "key": "manage"})
    desk.table._rows._handle_msg({"act": "sort", "key": []})
    desk.table._rows._handle_msg({"act": "delete", "dam_id": 99_999})
    desk.table._rows._handle_msg({"act": "delete", "dam_id": [1]})
    assert (desk.table.wanted, desk.table.sort, desk.counted) == (ALL, "name", [])


def test_years_without_an_inspection_become_a_date_and_are_shown_again():
    chosen = DamFilter(lambda *_: {}, today=lambda: TODAY)
    chosen._controls._handle_msg({"act": "set", "name": "not_inspected_for", "values": ["5"]})
    assert chosen.wanted == Filter(not_inspected_since="2021-11-24")
    assert chosen._controls.state["years"] == "5"


def test_what_is_typed_is_not_sent_back_but_what_was_cleared_is():
    desk = Desk()
    desk.say(act="set", name="search", values=["deer "])
    assert desk.table.wanted == Filter(search="deer") and desk.controls.typed == [0, ""]
    desk.say(act="clear")
    assert desk.controls.typed == [1, ""] and desk.table.wanted == ALL


def test_a_search_that_finds_nothing_is_corrected_until_the_reader_wants_it_as_it_is_typed():
    asked = []

    def look(wanted, **_):
        asked.append(wanted.search)
        return dams(0 if wanted.search == "hovver" else 1), int(wanted.search != "hovver")

    table = DamTable(
        look, lambda *_: None, lambda _: True, lambda *_: {}, lambda _: ("hoover", "hovver", "hoover"),
        wanted=Filter(search="hovver"),
    )  # fmt: skip
    controls = table._filter._controls
    assert asked == ["hovver", "hoover"] and controls.note == "No dam matches “hovver”; shown: “hoover”."
    assert ["On the map", "map?search=hoover"] in controls.ways and table.address == "search=hovver"
    controls._handle_msg({"act": "as_typed"})
    assert asked[2:] == ["hovver"] and controls.note == ""


def test_the_filter_leads_to_the_same_dams_elsewhere_and_as_files_in_the_order_of_the_table():
    desk = Desk(arguments="hazard=High&sort=height_ft&down=yes&rows=50&page=2")
    assert dict(desk.controls.ways) == {
        "On the map": "map?hazard=High",
        "Overview": "overview?hazard=High",
        "Export CSV": "export?format=csv&hazard=High&sort=height_ft&down=yes",
        "GeoJSON": "export?format=geojson&hazard=High&sort=height_ft&down=yes",
        "Parquet": "export?format=parquet&hazard=High&sort=height_ft&down=yes",
        "As its source": "export?format=nid&hazard=High&sort=height_ft&down=yes",
    }
    desk.say(act="clear")
    desk.table.param.update(sort="name", descending=False)
    assert [address for _, address in desk.controls.ways][:3] == ["map", "overview", "export?format=csv"]


def test_what_was_left_out_of_the_filter_is_said_until_it_is_changed():
    desk = Desk(left_out="'hazrd' is no filter.")
    assert desk.controls.left_out == "'hazrd' is no filter."
    desk.say(act="set", name="hazard", values=["High"])
    assert desk.controls.left_out == ""


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(np.nan, 1, ""), (0.0, 1, "0"), (0.02, 1, "0.02"), (12.34, 1, "12.3"), (30237000.0, 0, "30,237,000"),
     (15.0, 1, "15"), (-3.0, 0, "-3"), (0.4, 0, "0.4")],
)  # fmt: skip
def test_a_number_in_the_table_is_short_and_never_a_false_zero(value, digits, text):
    assert quantity(value, digits) == text


def test_every_facet_has_a_menu():
    assert [name for name, _ in Desk().controls.facets] == list(FACETS)
