"""The hydrograph view and the form that assigns one, served alone, in a browser (R12, R13)."""

import math

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import pytest
from answering import at_once

from components.assign_hydrograph import AssignHydrographForm
from components.hydrograph import HydrographView
from data.frames import HYDROGRAPH
from data.hydrograph_facts import csv_text
from data.importers.hydrograph_csv import read

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

ROWS = [(0, 0), (1, 20.5), (2, 45), (3, 60), (4, 40), (5, math.nan), (6, 10), (7, 5), (11, 4), (12, 0)]
HOSTILE = "<img src=x onerror=alert(1)> =1+1 {0} $$x$$ :material/home: **b**"

#: Reads the plot that the page shows.
PLOT = """(ask) => {
  const figures = (root) => [...root.owner.query((v) => v.model.type.endsWith("Figure"))]
  const view = [...Bokeh.index.roots].flatMap(figures)[0]
  if (view == null || !(view.frame?.bbox.width > 100)) return null  // laid out only now
  const {x_range, y_range, title, renderers} = view.model
  const data = renderers[0].data_source.data
  const {left, top} = view.el.getBoundingClientRect()
  return {
    title: title.text, ids: renderers.map((r) => r.data_source.id),
    time: [...data.time_hours], flow: [...data.flow_cfs].map((f) => isNaN(f) ? null : f),
    x: [x_range.start, x_range.end], y: [y_range.start, y_range.end],
    at: ask && [left + view.frame.x_scale.compute(ask[0]), top + view.frame.y_scale.compute(ask[1])],
  }
}"""

#: The same once nothing has moved for twenty frames.
SETTLED = f"""async (ask) => {{
  let [found, calm] = [null, 0]
  while (calm < 20) {{
    await new Promise(requestAnimationFrame)
    const now = ({PLOT})(ask)
    calm = JSON.stringify(now) === JSON.stringify(found) ? calm + 1 : 0
    found = now
  }}
  return found
}}"""


def made(rows):
    return pd.DataFrame(rows, columns=list(HYDROGRAPH)).astype(HYDROGRAPH)


class Stage:
    """Serves one component and keeps the instance that the last page got."""

    def __init__(self, serve, new_page, make, **options):
        self.make = make
        self.page = new_page(serve({"stage": self.build}), **options)
        self.dialogs = []
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.goto("stage")

    def build(self):
        self.shown, self.document = self.make(), pn.state.curdoc
        return pmui.Page(title="Stage", main=[self.shown])

    def update(self, **values):
        self.document.add_next_tick_callback(lambda: self.shown.param.update(**values))

    def plot(self, ask=None):
        self.page.wait_for_function(f"() => ({PLOT})() != null")
        return self.page.evaluate(SETTLED, ask)

    def wait(self, condition):
        self.page.wait_for_function(f"() => {{ const plot = ({PLOT})(); return plot != null && ({condition}) }}")

    def box_zoom(self, start, end):
        """Drags from one point of the plot to the other."""
        before, after = self.plot(start), self.plot(end)["at"]
        for _ in range(4):  # on a busy machine Bokeh may take a drag that begins slowly for a press
            self.page.mouse.move(*before["at"])
            self.page.mouse.down()
            self.page.mouse.move(*after, steps=5)
            self.page.mouse.up()
            if self.plot()["x"] != before["x"]:
                return
        pytest.fail("the plot did not zoom")


@pytest.fixture
def stage(serve, new_page):
    return lambda make, **options: Stage(serve, new_page, make, **options)


@pytest.fixture
def shown(stage):
    return stage(lambda: HydrographView(points=made(ROWS), dam_name="Deer Creek", file_name="flood.csv"))


def test_R13_the_plot_and_its_figures_are_shown(shown):
    expect(shown.page.get_by_role("heading", name="Hydrograph for Deer Creek")).to_have_count(1)
    plot = shown.plot()
    assert plot["title"] == "Hydrograph for Deer Creek"
    for words in ("60 cfs", "at 3 h", "volume excludes 2 gaps, 6 h in all", "From flood.csv"):
        expect(shown.page.get_by_text(words, exact=True)).to_be_visible()
    shown.page.get_by_text("How computed").click()
    expect(shown.page.get_by_text("1 acre-ft = 43,560 ft³")).to_be_visible()


def test_R13_gaps_stay_gaps_in_the_browser(shown):
    plot = shown.plot()
    assert [t for t, flow in zip(plot["time"], plot["flow"], strict=True) if flow is None] == [5, 9]


def test_R13_hovering_tells_time_and_flow(shown):
    x, y = shown.plot([1, 20.5])["at"]
    shown.page.mouse.move(x - 3, y)
    shown.page.mouse.move(x, y)
    tip = shown.page.locator(".bk-tooltip-content, .bk-tooltip").filter(has_text="20.5").first
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("Time (hr)")
    expect(tip).to_contain_text("Flow (cfs)")


def test_R13_a_zoom_stays_when_new_data_comes_and_reset_shows_all_of_it(shown):
    before = shown.plot()
    shown.box_zoom([1, 50], [3, 10])
    shown.wait("plot.x[0] > 0.5 && plot.x[1] < 3.5")
    zoomed = shown.plot()
    shown.update(points=made([(0, 0), (2, 30), (50, 900), (100, 0)]))
    shown.wait("plot.time.includes(100)")
    after = shown.plot()
    assert after["x"] == zoomed["x"] and after["y"] == zoomed["y"] and after["ids"] == before["ids"]
    shown.page.locator(".bk-tool-icon-reset").click()
    shown.wait("plot.x[1] >= 100 && plot.y[1] >= 900")


def test_R13_without_a_zoom_new_data_is_shown_in_full(shown):
    before = shown.plot()
    shown.update(points=made([(0, 0), (50, 900), (100, 0)]), dam_name="Jordanelle")
    shown.wait("plot.time.includes(100) && plot.x[1] >= 100 && plot.y[1] >= 900")
    after = shown.plot()
    assert after["ids"] == before["ids"] and after["title"] == "Hydrograph for Jordanelle"
    expect(shown.page.get_by_role("heading", name="Hydrograph for Jordanelle")).to_have_count(1)


def test_R13_the_wheel_zooms(shown):
    x, y = shown.plot([6, 30])["at"]
    shown.page.mouse.move(x, y)
    shown.page.mouse.wheel(0, -300)
    shown.wait("plot.x[1] - plot.x[0] < 12")


def test_R13_the_points_are_given_back_as_csv(shown):
    with shown.page.expect_download() as started:
        shown.page.get_by_role("button", name="Download CSV").click()
    found = started.value
    assert found.suggested_filename == "hydrograph_Deer_Creek.csv"
    with open(found.path(), "rb") as file:
        content = file.read()
    assert content == csv_text(made(ROWS)).encode()
    pd.testing.assert_frame_equal(read("again", content).points, made(ROWS), check_exact=True)


def test_R13_the_plot_is_saved_as_an_image_named_after_the_dam(shown):
    shown.plot()
    with shown.page.expect_download() as started:
        shown.page.locator(".bk-tool-icon-save").click()
    assert started.value.suggested_filename == "hydrograph_Deer_Creek.png"
    with open(started.value.path(), "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"


@pytest.mark.slow
def test_defect_2_a_hostile_name_is_text_in_the_view(stage):
    shown = stage(lambda: HydrographView(points=made(ROWS), dam_name=HOSTILE, file_name=HOSTILE))
    expect(shown.page.get_by_role("heading", name=f"Hydrograph for {HOSTILE}")).to_have_count(1)
    expect(shown.page.get_by_text(f"From {HOSTILE}", exact=True)).to_be_visible()
    assert shown.plot()["title"].replace("\u200b", "") == f"Hydrograph for {HOSTILE}"
    assert shown.page.locator("img[src=x]").count() == 0 and shown.dialogs == []


def test_R13_no_hydrograph_says_so(stage):
    shown = stage(lambda: HydrographView(dam_name="Deer Creek"))
    expect(shown.page.get_by_text("No hydrograph assigned")).to_be_visible()
    shown.update(points=made(ROWS))
    shown.wait("plot.time.length > 5")
    expect(shown.page.get_by_text("No hydrograph assigned")).to_have_count(0)


@pytest.mark.parametrize("compact", [False, True])
def test_the_view_fits_a_narrow_screen(stage, compact):
    shown = stage(lambda: HydrographView(points=made(ROWS), dam_name="Deer Creek", compact=compact), width=390)
    shown.plot()
    expect(shown.page.get_by_role("button", name="Download CSV")).to_be_visible()
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_long_series_is_drawn_in_full_where_the_reader_zooms_in(stage):
    rows = [(i / 4, float(i % 97)) for i in range(20_000)]
    shown = stage(lambda: HydrographView(points=made(rows), dam_name="Deer Creek"))
    assert len(shown.plot()["time"]) <= 6_100
    shown.box_zoom([1000, 90], [1500, 10])
    shown.wait("plot.x[0] > 900 && plot.x[1] < 1600 && plot.time[1] - plot.time[0] === 0.25")


GOOD = b"time [hr],flow [cfs]\n0,0\n1,20\n2,45\n"
DOUBTFUL = b"0,0\n1,<img src=x onerror=alert(1)>\n2,45\n3,\n"


class Form(Stage):
    """The form, and the commands that it sent."""

    def __init__(self, serve, new_page, dams=None, **options):
        self.sent = []
        self.dams = dams or {"Deer Creek": 1, HOSTILE: 2}
        super().__init__(
            serve, new_page, lambda: AssignHydrographForm(read=read, send=at_once(self.send), dams=self.find), **options
        )

    def find(self, search="", among=None, limit=None):
        found = {
            label: dam_id
            for label, dam_id in self.dams.items()
            if search.lower() in label.lower() and (among is None or dam_id in among)
        }
        return dict(list(found.items())[:limit])

    def change_dams(self, dams):
        """As when somebody has changed the inventory and the page reads it again."""
        self.dams = dams
        self.document.add_next_tick_callback(self.shown.load)

    def send(self, command):
        self.sent.append(command)
        command.check()

    def choose_file(self, content, name="flood.csv"):
        self.page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})

    def choose_dam(self, label="Deer Creek"):
        self.page.get_by_label("Dam").click()
        self.page.get_by_role("option", name=label).click()

    def assign(self):
        self.page.get_by_role("button", name="Assign", exact=True).click()

    def says(self, words):
        expect(self.page.get_by_text(words, exact=True)).to_be_visible()


@pytest.fixture
def form(serve, new_page):
    return Form(serve, new_page)


def test_R12_a_hydrograph_is_assigned(form):
    form.choose_dam()
    form.choose_file(GOOD)
    form.says("Every line was understood.")
    assert form.plot()["title"] == "Hydrograph for Deer Creek" and form.plot()["flow"] == [0, 20, 45]
    form.assign()
    form.says("Successfully assigned hydrograph.")
    expect(form.page.get_by_text("Every line was understood.")).to_have_count(0)
    expect(form.page.get_by_label("Dam")).to_have_value("Deer Creek")
    assert [command.dam_id for command in form.sent] == [1]


def test_R12_what_is_lacking_is_said_beside_its_field(form):
    form.assign()
    form.says("Dam is Required.")
    form.says("Hydrograph File is Required.")
    expect(form.page.get_by_label("Dam")).to_have_attribute("aria-invalid", "true")
    form.choose_file(GOOD)
    expect(form.page.get_by_text("Hydrograph File is Required.")).to_have_count(0)


def test_R12_a_report_is_read_and_accepted(form):
    form.choose_dam()
    form.choose_file(DOUBTFUL)
    table = form.page.get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(["Line", "Field", "Value found", "Reason", "What was done"])
    expect(table.get_by_role("row").nth(1)).to_contain_text("<img src=x onerror=alert(1)>")
    expect(table.get_by_role("row").nth(1)).to_contain_text("refused")
    form.assign()
    form.page.get_by_text("Not every line was understood: read the report, then accept it", exact=False).wait_for()
    form.page.get_by_label("I have read the report; take what was read").check()
    form.assign()
    form.says("Successfully assigned hydrograph.")
    assert [command.accepted for command in form.sent] == [False, True] and form.dialogs == []


@pytest.mark.slow
def test_R12_a_double_click_counts_once(form):
    form.choose_dam()
    form.choose_file(GOOD)
    form.says("Every line was understood.")
    form.page.get_by_role("button", name="Assign", exact=True).dblclick()
    form.says("Successfully assigned hydrograph.")
    assert len({command.submit_key for command in form.sent}) == 1
    expect(form.page.get_by_text("Required", exact=False)).to_have_count(0)


@pytest.mark.slow
def test_R12_a_second_file_can_be_assigned_after_the_first(form):
    for label, count in (("Deer Creek", 1), (HOSTILE, 2)):
        form.choose_dam(label)
        form.choose_file(GOOD)
        form.says("Every line was understood.")
        form.assign()
        form.says("Successfully assigned hydrograph.")
        assert [command.dam_id for command in form.sent] == [1, 2][:count]


@pytest.mark.slow
def test_R12_dams_that_come_in_leave_what_was_chosen(form):
    form.choose_dam()
    form.choose_file(GOOD)
    form.says("Every line was understood.")
    form.change_dams({"Deer Creek": 1, "Strawberry": 3})
    form.page.get_by_label("Dam").click()
    expect(form.page.get_by_role("option", name="Strawberry")).to_be_visible()
    form.page.keyboard.press("Escape")
    expect(form.page.get_by_label("Dam")).to_have_value("Deer Creek")
    form.says("Every line was understood.")


def test_R12_the_keyboard_does_all_of_it(form):
    file = {"name": "flood.csv", "mimeType": "text/csv", "buffer": GOOD}
    form.page.on("filechooser", lambda chooser: chooser.set_files(file))  # early: Playwright does not wait for it
    form.page.get_by_label("Dam").focus()
    form.page.keyboard.type("deer")
    form.page.keyboard.press("ArrowDown")
    form.page.keyboard.press("Enter")
    form.page.keyboard.press("Tab")
    expect(form.page.locator("input[type=file]")).to_be_focused()
    form.page.keyboard.press("Space")
    form.says("Every line was understood.")
    form.page.get_by_role("button", name="Assign", exact=True).focus()
    form.page.keyboard.press("Enter")
    form.says("Successfully assigned hydrograph.")
    assert [command.dam_id for command in form.sent] == [1]


def test_R12_a_file_of_20_mb_comes_through(form, tmp_path):
    rows = b"".join(b"%d.25,%08d.5\n" % (i, i) for i in range(1_100_000))[:19_900_000]
    big = tmp_path / "big.csv"  # as a path: Playwright is slow in handing over many bytes
    big.write_bytes(rows[: rows.rindex(b"\n") + 1])
    form.page.locator("input[type=file]").set_input_files(big)
    expect(form.page.get_by_text("Every line was understood.")).to_be_visible(timeout=60_000)
    assert len(form.plot()["time"]) < 7_000


@pytest.mark.slow
def test_R12_a_file_over_the_limit_is_told(form, tmp_path):
    big = tmp_path / "too_big.csv"
    big.write_bytes(b"0,1\n" * 5_250_000)
    form.page.locator("input[type=file]").set_input_files(big)
    expect(form.page.get_by_text("too_big.csv has 21.0 MB; at most 20 MB are read.")).to_be_visible(timeout=60_000)


@pytest.mark.slow
def test_R12_an_empty_file_is_refused_and_named(form):
    form.choose_file(GOOD)
    form.says("Every line was understood.")
    form.choose_file(b"")
    form.says("The file is empty.")
    expect(form.page.get_by_text("Every line was understood.")).to_have_count(0)


def test_R12_a_chosen_file_is_named_beside_its_button_until_it_is_assigned(form):
    expect(form.page.get_by_text("No file chosen")).to_be_visible()
    form.choose_dam()
    form.choose_file(GOOD)
    expect(form.page.get_by_text("flood.csv", exact=True)).to_be_visible()
    form.assign()
    form.says("Successfully assigned hydrograph.")
    expect(form.page.get_by_text("No file chosen")).to_be_visible()


def test_R12_many_dams_are_found_by_typing(serve, new_page):
    form = Form(serve, new_page, dams={f"Dam {i} of many": i for i in range(3000)})
    form.page.get_by_label("Dam").fill("2718 of")
    form.page.get_by_role("option", name="Dam 2718 of many").click()
    expect(form.page.get_by_label("Dam")).to_have_value("Dam 2718 of many")
    form.assign()
    form.says("Hydrograph File is Required.")
    assert form.sent[0].dam_id == 2718


@pytest.mark.slow
def test_the_form_fits_a_narrow_screen(serve, new_page):
    form = Form(serve, new_page, width=390)
    form.choose_file(DOUBTFUL)
    expect(form.page.get_by_role("table")).to_be_visible()
    assert form.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("width", "height"), [pytest.param(1280, 700, marks=pytest.mark.slow), (390, 700)])
def test_nothing_lies_over_the_preview(serve, new_page, width, height):
    form = Form(serve, new_page, width=width, height=height)
    form.choose_file(DOUBTFUL)
    form.plot([0, 0])
    above = form.page.get_by_role("button", name="Download CSV").bounding_box()
    below = form.page.get_by_label("I have read the report; take what was read").bounding_box()
    assert above["y"] + above["height"] <= below["y"]
