"""Sea surface temperature and shapes in a browser: components alone, without a dashboard or a database."""

import numpy as np
import pytest

from components.sea_surface_temperature import SeaSurfaceTemperature
from components.sea_surface_temperature_bokeh import modify_doc
from components.shapes import ShapeViewer
from data import sample_series

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

SLIDER = "Smoothing by N Days"
PLAIN_PAGE = "dashboard/pages/sea_surface_temperature_bokeh.py"

#: The values of the line drawn last, missing ones left out, and the words above it.
DRAWN = """() => {
  let last = null
  for (const doc of Bokeh.documents) {
    for (const model of doc._all_models.values()) {
      if (model.type != "GlyphRenderer" || model.glyph.type != "Line") continue
      const figure = [...doc._all_models.values()].find(m => m.type == "Figure" && m.renderers.includes(model))
      const values = Array.from(model.data_source.data.value).filter(value => !Number.isNaN(value))
      last = {values, words: figure.above.map(title => title.text), title: figure.title.text,
              label: figure.left[0].axis_label, range: [figure.y_range.start, figure.y_range.end], id: figure.id}
    }
  }
  return last
}"""


def drawn(page):
    """What the plot on the page shows now."""
    page.wait_for_function(f"({DRAWN})() !== null")
    return page.evaluate(DRAWN)


def move(slider, days):
    """Moves a slider by keyboard, ``days`` steps to the right."""
    slider.focus()
    for _ in range(days):
        slider.press("ArrowRight")


def words(page, text):
    """Waits until the plot says ``text``."""
    page.wait_for_function(f"text => ({DRAWN})()?.words.includes(text)", arg=text)


@pytest.fixture
def raw():
    return sample_series.load("sea_surface_temperature")[0]["value"]


def test_R1_the_plot_has_the_reference_s_title_label_and_range(serve, new_page, raw):
    page = new_page(serve({"sst": SeaSurfaceTemperature}))
    page.goto("sst")
    seen = drawn(page)
    assert seen["title"] == "Sea Surface Temperature at 43.18, -70.43"
    assert seen["label"] == "Temperature (Celsius)"
    assert seen["range"] == [0, 25]
    np.testing.assert_allclose(seen["values"], raw, atol=1e-5)


def test_R2_the_slider_moved_by_keyboard_changes_the_data_and_not_the_plot(serve, new_page, raw):
    page = new_page(serve({"sst": SeaSurfaceTemperature}))
    page.goto("sst")
    before = drawn(page)
    move(page.get_by_role("slider", name=SLIDER), 7)
    words(page, "7-day trailing mean (lags by half a window)")
    after = drawn(page)
    assert after["id"] == before["id"]
    np.testing.assert_allclose(after["values"], raw.rolling("7D").mean(), atol=0.00051)


def test_defect_10_a_centred_mean_is_drawn_and_said(serve, new_page, raw):
    page = new_page(serve({"sst": lambda: SeaSurfaceTemperature(window_size=7)}))
    page.goto("sst")
    drawn(page)
    page.get_by_role("button", name="Centred").click()
    words(page, "7-day centred mean")
    np.testing.assert_allclose(drawn(page)["values"], raw.rolling("7D", center=True).mean(), atol=0.00051)


@pytest.mark.parametrize(
    "plain", [PLAIN_PAGE, pytest.param(modify_doc, marks=pytest.mark.slow)], ids=["page", "function"]
)
def test_R2_the_plain_page_gives_the_same_numbers(serve, new_page, raw, plain):
    if callable(plain):
        from bokeh.application import Application
        from bokeh.application.handlers.function import FunctionHandler

        plain = Application(FunctionHandler(plain))
    page = new_page(serve({"plain": plain}))
    page.goto("plain")
    np.testing.assert_allclose(drawn(page)["values"], raw, atol=1e-9)
    move(page.locator(".noUi-handle"), 7)
    words(page, "7-day trailing mean (lags by half a window)")
    np.testing.assert_allclose(drawn(page)["values"], raw.rolling("7D").mean(), atol=1e-9)


@pytest.mark.slow
def test_another_series_is_drawn_after_a_choice(serve, new_page):
    page = new_page(serve({"sst": SeaSurfaceTemperature}))
    page.goto("sst")
    drawn(page)
    page.get_by_role("combobox").click()
    page.get_by_text("Daily mean inflow, John Martin Dam, Colorado").click()
    page.wait_for_function(f"({DRAWN})()?.title.includes('John Martin')")
    move(page.get_by_role("slider", name=SLIDER), 1)
    words(page, "1-day trailing mean (lags by half a window)")
    values = drawn(page)["values"]
    assert len(values) == 40_908 and max(values) == 87_300


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(serve, new_page, width):
    base_url = serve({"sst": SeaSurfaceTemperature, "shapes": ShapeViewer})
    for name in ("sst", "shapes"):
        page = new_page(base_url, width=width)
        page.goto(name)
        expect(page.get_by_role("slider").first).to_be_visible()
        expect(page.locator(".bk-Figure")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_defect_9_two_browsers_move_sliders_of_their_own(serve, new_page, raw):
    base_url = serve({"sst": SeaSurfaceTemperature})
    mine, other = new_page(base_url), new_page(base_url)
    for page in (mine, other):
        page.goto("sst")
        drawn(page)
    move(mine.get_by_role("slider", name=SLIDER), 3)
    words(mine, "3-day trailing mean (lags by half a window)")
    move(other.get_by_role("slider", name=SLIDER), 1)
    words(other, "1-day trailing mean (lags by half a window)")
    np.testing.assert_allclose(drawn(mine)["values"], raw.rolling("3D").mean(), atol=0.00051)


def test_R4_and_defect_9_two_browsers_have_shapes_of_their_own(serve, new_page):
    base_url = serve({"shapes": ShapeViewer})
    mine, other = new_page(base_url), new_page(base_url)
    for page in (mine, other):
        page.goto("shapes")
        expect(page.get_by_role("heading", name="NGon (radius=1.0)")).to_be_visible()
    radius = mine.get_by_role("slider", name="Radius")
    radius.focus()
    radius.press("ArrowLeft")
    expect(mine.get_by_role("heading", name="NGon (radius=0.9)")).to_be_visible()
    mine.get_by_role("button", name="Circle").click()
    expect(mine.get_by_role("heading", name="Circle (radius=1.0)")).to_be_visible()
    expect(mine.get_by_role("slider", name="Corners")).to_have_count(0)
    corners = other.get_by_role("slider", name="Corners")
    corners.focus()
    corners.press("ArrowRight")
    expect(other.get_by_role("heading", name="NGon (radius=1.0)")).to_be_visible()
    expect(corners).to_have_value("9")
    other.reload()
    expect(other.get_by_role("heading", name="NGon (radius=1.0)")).to_be_visible()
