from dataclasses import replace

import pandas as pd
import pytest
from bokeh.events import Tap
from bokeh.models import PlainText

from components import overview, overview_line, overview_totals
from components.overview import OverviewPlots
from data.frames import CONDITIONS, HAZARDS, INSPECTIONS, Overview, OverviewTotals
from data.inventory import ALL, Filter

HOSTILE = '<img src=x onerror="window.ran=1"> $$x^2$$'
TOTALS = OverviewTotals(
    dams=20, every=40, high=5, without_place=1, eap=4, storage_acre_ft=400_000_000.0, with_storage=19,
    huge=(("Soo Locks", 277_540_000.0),),
)  # fmt: skip


def frame(rows, columns, number=1):
    return pd.DataFrame(number, list(rows), list(columns), dtype="int64")


FOUND = Overview(
    totals=TOTALS,
    states=frame(["Texas", HOSTILE, ""], HAZARDS),
    decades=frame([0, 1950, 1960, -1], HAZARDS),
    conditions=frame(CONDITIONS, ["High"]),
    inspections=frame(HAZARDS, INSPECTIONS),
)


@pytest.fixture
def plots():
    asked = []

    def look(wanted):
        asked.append(wanted)
        return FOUND

    made = OverviewPlots(look)
    made.asked = asked
    return made


def tap(plots, name, row):
    bars = plots._bars[name]
    bars._tapped(Tap(model=None, x=0.5, y=row + 0.3))


def test_a_bar_adds_its_value_and_a_second_click_takes_it_back(plots):
    tap(plots, "states", 0)
    tap(plots, "states", 2)
    tap(plots, "inspections", 0)
    assert plots.wanted == Filter(state=("Texas", ""), hazard=("High",))
    assert plots.asked[-1] == plots.wanted
    assert plots._bars["states"].chosen == ["Texas", ""]
    parts = plots._bars["states"]._parts.data
    assert {(y, alpha) for y, alpha in zip(parts["y"], parts["alpha"], strict=True)} == {(0, 1.0), (1, 0.35), (2, 1.0)}
    tap(plots, "states", 0)
    tap(plots, "inspections", 0)
    assert plots.wanted == Filter(state=("",))


def test_a_decade_is_a_range_of_years_and_another_takes_its_place(plots):
    tap(plots, "decades", 1)
    assert plots.wanted == Filter(year_completed=(1950, 1959))
    assert plots._bars["decades"].chosen == [1950]
    tap(plots, "decades", 0)
    assert plots.wanted == Filter(year_completed=(None, 1849))
    assert plots._bars["decades"].chosen == [0]
    tap(plots, "decades", 0)
    assert plots.wanted == ALL


def test_a_condition_asks_for_high_hazard_too_for_that_is_what_its_bar_counts(plots):
    plots.wanted = Filter(hazard=("Low",))
    tap(plots, "conditions", CONDITIONS.index("Poor"))
    assert plots.wanted == Filter(hazard=("High",), condition=("Poor",))
    tap(plots, "conditions", CONDITIONS.index("Poor"))
    assert plots.wanted == Filter(hazard=("High",))


def test_what_no_filter_can_ask_for_is_not_chosen(plots):
    tap(plots, "decades", 3)
    tap(plots, "inspections", HAZARDS.index("Other"))
    tap(plots, "states", 99)
    assert plots.wanted == ALL
    assert [row[3] for row in plots._bars["decades"]._table.rows] == ["", "", "", overview.NO_FILTER]


def test_a_state_leaves_no_county_of_another(plots):
    plots.wanted = Filter(state=("Ohio",), county=("Adams",))
    tap(plots, "states", 0)
    assert plots.wanted == Filter(state=("Ohio", "Texas"))


def test_the_table_has_the_same_numbers_and_chooses_the_same(plots):
    table = plots._bars["states"]._table
    assert [row[:2] for row in table.rows] == [["Texas", "Texas"], [HOSTILE, HOSTILE], ["", "Not given"]]
    assert [column[0] for column in table.columns][-2:] == ["Other", "Not given"]
    for wrong in ({"key": "Nowhere"}, {"key": 3}, {}, "key", None, {"key": ["Texas"]}):
        table._handle_msg(wrong)
    assert plots.wanted == ALL
    table._handle_msg({"key": HOSTILE})
    assert plots.wanted == Filter(state=(HOSTILE,))
    assert table.rows[1][2] is True


def test_text_of_a_file_is_neither_html_nor_mathematics(plots):
    bars = plots._bars["states"]
    label = bars._plot.yaxis[0].major_label_overrides[1]
    assert isinstance(label, PlainText) and label.text == HOSTILE
    shown = overview_totals.totals(replace(TOTALS, huge=((HOSTILE, 1e8),)))
    assert "<img" not in shown
    assert "<img" not in overview_line.line(Filter(search=HOSTILE))


def test_parts_that_no_bar_has_are_left_out(plots):
    bars = plots._bars["states"]
    bars.counts = bars.counts.assign(Other=0, Low=0)
    assert "Other" not in bars._head.object and "Low" not in bars._head.object
    assert [column[0] for column in bars._table.columns] == [
        "High", "Significant", "Undetermined", "Not Available", "Not given"
    ]  # fmt: skip
    assert bars._numbers.data["text"] == ["5", "5", "5"]


def test_the_parts_of_a_bar_stand_side_by_side_and_a_part_without_a_dam_is_not_drawn(plots):
    bars = plots._bars["inspections"]
    bars.counts = pd.DataFrame([[3, 0, 0, 2], [0, 0, 0, 0]], ["High", "Low"], INSPECTIONS)
    parts = bars._parts.data
    assert (parts["y"], parts["left"], parts["right"]) == ([0, 0], [0, 3], [3, 5])
    assert parts["tip"][0] == "High: 5 dams. Overdue 3, Not known 2"
    assert bars._numbers.data["text"] == ["5", "0"]
    assert bars._plot.yaxis[0].major_label_overrides == {0: "High", 1: "Low"}


def test_no_dam_leaves_no_bar_and_no_fault(plots):
    nothing = Overview(
        totals=replace(TOTALS, dams=0, storage_acre_ft=None, with_storage=0, huge=()),
        states=FOUND.states.iloc[:0], decades=FOUND.decades.iloc[:0],
        conditions=FOUND.conditions * 0, inspections=FOUND.inspections * 0,
    )  # fmt: skip
    plots._look = lambda wanted: nothing
    plots.load()
    assert plots._bars["states"]._numbers.data["y"] == []
    assert "No dam matches" in plots._nothing[0].object


def test_totals_say_what_must_be_said_with_them():
    shown = overview_totals.totals(TOTALS)
    assert "of 40 in the inventory" in shown
    assert "25.0\u00a0% of these dams" in shown
    assert "given for 19 of 20 dams; 69\u00a0% of it is 1 record of more than any reservoir" in shown
    assert "(Soo Locks): 122,460,000 without" in shown
    assert "not given" in overview_totals.totals(replace(TOTALS, storage_acre_ft=None, with_storage=0, huge=()))


def test_links_lead_to_the_same_dams():
    shown = overview_line.line(Filter(hazard=("High",), state=("New York",)))
    query = "hazard=High&amp;state=New+York"
    for address in (
        f"dams?{query}",
        f"map?{query}",
        f"export?format=csv&amp;{query}",
        f"export?format=nid&amp;{query}",
    ):
        assert f'href="{address}"' in shown
    assert 'href="export?format=csv"' in overview_line.line(ALL)
    assert 'href="dams"' in overview_line.line(ALL)
