"""Panels of series in a browser: what is sent for a window, hover lines, the keyboard, a narrow screen."""

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import pytest

from components.series_view import SeriesView
from data.series import About, Series

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

HOSTILE = "<img src=x onerror=alert(1)> @value{safe} $$x$$"

#: The first panel: its window, the points it has, the place of one on the screen.
PLOT = """(ask) => {
  const views = [...new Set([...Bokeh.index.roots].flatMap((root) =>
    [...root.owner.query((one) => one.model.type === "Figure")]))]
  const view = views[0]
  if (view == null || !(view.frame?.bbox.width > 100) || !view.model.tags.length) return null
  const {x_range, renderers, tags, below} = view.model
  const {left, top} = view.el.getBoundingClientRect()
  const points = renderers.slice(0, 3).flatMap(({data_source: {data}}) =>
    [...data.time].map((at, i) => [at, data.value[i]]).filter(([at]) => !isNaN(at)))
  return {
    x: [x_range.start, x_range.end], points, width: tags[0], axis: below[0].axis_label, panels: views.length,
    breaks: [...renderers[0].data_source.data.time].filter(isNaN).length,
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


def made(values, *, label="A", flags=None, gap=None, unit="cfs"):
    """A labelled series of quarter hours from 2020 on, without the rows of ``gap``."""
    index = pd.date_range("2020-01-01", periods=len(values), freq="15min", tz="UTC", name="time").as_unit("us")
    points = pd.DataFrame(
        {"value": np.asarray(values, "float64"), "flag": pd.Categorical(flags or ["A"] * len(values))}, index
    )
    points = points.drop(points.index[gap]) if gap else points
    return label, Series(About(id="made", unit=unit, timezone="UTC-08:00"), points)


def ms(text):
    return pd.Timestamp(text, tz="UTC").timestamp() * 1000


class Stage:
    """One SeriesView on a page."""

    def __init__(self, serve, new_page, series, **options):
        self._series = series
        self.page = new_page(serve({"stage": self._build}), **options)
        self.dialogs = []
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.goto("stage")
        self.wait("true")

    def _build(self):
        self.view, self.document = SeriesView(self._series), pn.state.curdoc
        return pmui.Page(title="Stage", main=[self.view])

    def wait(self, condition):
        self.page.wait_for_function(f"() => {{ const plot = ({PLOT})(); return plot != null && ({condition}) }}")

    def plot(self, ask=None):
        return self.page.evaluate(SETTLED, ask)

    def press(self, name):
        button = self.page.get_by_role("button", name=name)
        button.focus()
        button.press("Enter")

    def update(self, series):
        self.document.add_next_tick_callback(lambda: self.view.update(series))


@pytest.fixture
def stage(serve, new_page):
    return lambda series, **options: Stage(serve, new_page, series, **options)


@pytest.fixture(scope="module")
def long():
    return made(np.sin(np.arange(400_000) / 5000) * 100)


def test_only_what_the_screen_shows_is_sent_and_anew_for_each_window(stage, long):
    shown = stage([long])
    shown.wait("plot.points.length <= 2 * plot.width + 4")
    first = shown.plot()
    for _ in range(11):
        shown.press("Zoom in")
    shown.wait("plot.points.length < 300")
    seen = shown.plot()
    width = seen["x"][1] - seen["x"][0]
    assert width == pytest.approx((first["x"][1] - first["x"][0]) / 2**11, rel=1e-6)
    assert len(seen["points"]) == pytest.approx(width / 900_000, abs=3)
    expect(shown.page.get_by_text("values, all drawn; 0 gaps")).to_be_visible()


def test_a_drag_asks_for_the_points_of_the_new_window(stage, long):
    shown = stage([long])
    for _ in range(3):
        shown.press("Zoom in")
    shown.wait("plot.points.length > 500 && plot.points[0][0] > plot.x[0] - 3e6")
    before = shown.plot()
    x, y = shown.plot([sum(before["x"]) / 2, 0])["at"]
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x - 300, y, steps=8)
    shown.page.mouse.up()
    shown.wait(f"plot.x[0] > {before['x'][0]} && plot.points.at(-1)[0] >= plot.x[1] - 3e6")


def test_a_gap_is_open(stage):
    shown = stage([made(np.arange(100), gap=slice(40, 60))])
    assert shown.plot()["breaks"] == 1
    expect(shown.page.get_by_text("80 values, all drawn; 1 gap", exact=False)).to_be_visible()


def test_hovering_tells_value_flag_and_time(stage):
    shown = stage([made([1, 2, 30.25, 4, 5], flags=["A", "A", "A:e", "A", "A"])])
    x, y = shown.plot([ms("2020-01-01 00:30"), 15])["at"]
    shown.page.mouse.move(x - 3, y)
    shown.page.mouse.move(x, y)
    tip = shown.page.locator(".bk-tooltip-content, .bk-tooltip").filter(has_text="30.25").first
    for words in ("30.25 cfs", "A:e", "2020-01-01 00:30:00 UTC"):
        expect(tip).to_contain_text(words)


@pytest.mark.slow
def test_text_of_a_file_is_shown_as_text(stage):
    hostile = made([1, 2, 3], label=HOSTILE, flags=[HOSTILE, "A", "A"], unit="<b>@flag{safe}")
    shown = stage([hostile, made([1, 2], label="B")])
    x, y = shown.plot([ms("2020-01-01"), 1])["at"]
    shown.page.mouse.move(x + 2, y)
    shown.page.mouse.move(x, y)
    tip = shown.page.locator(".bk-tooltip-content, .bk-tooltip").filter(has_text="<img src=x").first
    expect(tip).to_be_visible()
    assert shown.page.locator("img[src=x]").count() == 0 and shown.dialogs == []


@pytest.mark.slow
def test_new_data_keep_the_window(stage):
    shown = stage([made(np.arange(200))])
    shown.press("Zoom in")
    shown.wait("plot.points.length < 120 && plot.x[1] - plot.x[0] < 1e8")
    before = shown.plot()
    shown.update([made(np.arange(200) + 1000), made(np.arange(5), label="B", unit="ft")])
    shown.wait("plot.panels == 2 && plot.points[0][1] >= 1000")
    assert shown.plot()["x"] == before["x"]
    shown.press("Show all")
    shown.wait("plot.points.length == 200")


@pytest.mark.slow
def test_the_clock_of_the_file_can_be_chosen(stage):
    shown = stage([made(np.arange(200))])
    assert shown.plot()["axis"] == "time, UTC"
    shown.page.get_by_role("combobox", name="Times in").click()
    shown.page.get_by_text("UTC-08:00", exact=True).click()
    shown.wait("plot.axis == 'time, UTC-08:00'")
    assert shown.plot()["points"][0][0] == ms("2019-12-31 16:00")


def test_floods_are_compared_by_keyboard(stage):
    shown = stage([made([1, 5, 2], label="First"), made([1, 2, 9, 1], label="Second")])
    for name in ("First", "Second"):
        shown.page.get_by_role("checkbox", name=name).press("Space")
    shown.wait("plot.panels == 2")
    expect(shown.page.get_by_text("peak 9 cfs at 2020-01-01T00:30:00Z is hour 0")).to_be_visible()


@pytest.mark.slow
def test_nothing_is_wider_than_a_narrow_screen(stage, long):
    shown = stage([long, made(np.arange(50), label="B" * 200, unit="ft")], width=390)
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert shown.plot()["width"] > 200
