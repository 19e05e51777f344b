"""The location picker, served alone, in a browser (R8)."""

import re

import panel as pn
import panel_material_ui as pmui
import pytest

from components.location_picker import LocationPicker

expect = pytest.importorskip("playwright.sync_api").expect
expect.set_options(timeout=15_000)
pytestmark = pytest.mark.ui

#: The map's place in the window, its middle in degrees and the point drawn on it, once it has stood still.
MAP = """async () => {
  const now = () => {
    const figures = (root) => [...root.owner.query((view) => view.model.type.endsWith("Figure"))]
    const view = [...Bokeh.index.roots].flatMap(figures)[0]
    const plot = view?.model
    if (!plot?.tags.length) return null
    const { x_range: x, y_range: y, inner_width: w, inner_height: h, outer_width } = plot
    const box = view.el.getBoundingClientRect(), left = box.right - w
    let hit = document.elementFromPoint(left + w / 2, box.top + h / 2)
    while (hit?.shadowRoot) hit = hit.shadowRoot.elementFromPoint(left + w / 2, box.top + h / 2)
    if (!hit?.classList.contains("bk-events")) return null  // the page has a veil over it while it loads
    const { data } = plot.renderers.at(-1).data_source
    const at = (px, py) => [left + px, box.top + py]
    return {
      centre: at(w / 2, h / 2), size: [w, h], x: [x.start, x.end],
      points: [...data.x].map((px, i) => at(w * (px - x.start) / (x.end - x.start),
                                            h * (y.end - data.y[i]) / (y.end - y.start))),
    }
  }
  let [found, calm] = [null, 0]
  while (calm < 15 || found == null) {
    await new Promise(requestAnimationFrame)
    const next = now()
    calm = JSON.stringify(next) === JSON.stringify(found) ? calm + 1 : 0
    found = next
  }
  return found
}"""


class Stage:
    """Serves a picker and opens it."""

    def __init__(self, serve, new_page, page=None, **params):
        self.params = params
        self.page = new_page(serve({"stage": self.build}), **(page or {}))
        self.page.goto("stage")
        self.latitude, self.longitude = self.page.get_by_label("Latitude"), self.page.get_by_label("Longitude")
        expect(self.latitude).to_be_visible(timeout=20_000)
        self.map()

    def build(self):
        self.shown, self.document = LocationPicker(**self.params), pn.state.curdoc
        return pmui.Page(title="Stage", main=[self.shown])

    def map(self):
        return self.page.evaluate(MAP)

    def expect_place(self, latitude, longitude):
        expect(self.latitude).to_have_value(re.compile(latitude))
        expect(self.longitude).to_have_value(re.compile(longitude))

    def click(self, across=0, down=0):
        """Click so many pixels east and south of the map's middle."""
        x, y = self.map()["centre"]
        self.page.mouse.click(x + across, y + down)


@pytest.fixture
def stage(serve, new_page):
    return lambda **params: Stage(serve, new_page, **params)


def test_R8_a_click_places_the_point_and_a_second_one_moves_it(stage):
    shown = stage()
    assert shown.map()["size"][1] == 300
    shown.click()
    shown.expect_place(r"^39\.8\d$", r"^-\d+\.\d\d$")
    west = float(shown.longitude.input_value())
    shown.click(across=40)
    expect(shown.longitude).not_to_have_value(f"{west:.2f}")
    # 13,836 m a pixel at zoom 3.5, in degrees of longitude
    assert float(shown.longitude.input_value()) - west == pytest.approx(40 * 13836 / 111319.5, abs=0.2)
    assert len(shown.map()["points"]) == 1


def test_R8_the_point_is_dragged_elsewhere(stage):
    shown = stage()
    shown.click()
    shown.expect_place(r"^39\.8", r"^-")
    before = shown.longitude.input_value()
    x, y = shown.map()["points"][0]
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x, y + 50, steps=5)
    shown.page.mouse.up()
    shown.expect_place(r"^34\.\d\d$", r"^-")
    assert float(shown.longitude.input_value()) == pytest.approx(float(before), abs=0.1)
    assert shown.map()["points"] == [pytest.approx((x, y + 50), abs=1.5)]


def test_R8_the_point_is_deleted_by_key_and_by_button(stage):
    shown = stage()
    shown.click()
    shown.expect_place(r"^39\.8", r"^-")
    x, y = shown.map()["points"][0]
    shown.page.mouse.click(x, y)
    for key in (
        lambda: shown.page.keyboard.press("Backspace"),
        lambda: shown.page.get_by_role("button", name="Remove location").press("Enter"),
    ):
        key()
        shown.expect_place("^$", "^$")
        assert shown.map()["points"] == []
        shown.click()  # and is placed again
        shown.expect_place(r"^39\.8", r"^-")


def test_R8_typed_coordinates_place_the_point_and_bring_it_into_view(stage):
    shown = stage()
    shown.latitude.fill("61.2")
    shown.longitude.fill("-149.9")
    shown.page.keyboard.press("Tab")
    in_the_middle = (
        "({points, centre}) => points.length === 1 && centre.every((x, i) => Math.abs(x - points[0][i]) < 1.5)"
    )
    shown.page.wait_for_function("async () => (" + in_the_middle + ")(await (" + MAP + ")())")
    shown.latitude.fill("sixty")
    shown.page.keyboard.press("Tab")
    shown.page.wait_for_function("async () => (await (" + MAP + ")()).points.length === 0")
    shown.expect_place("^sixty$", "^-149.9$")


def test_R8_problems_are_told_beside_the_fields_and_under_the_map(stage):
    told = {"latitude": "Latitude '<b>x</b>' is not a number.", "location": "Location <i>is</i> required."}
    shown = stage(latitude="<b>x</b>", problems=told)
    expect(shown.page.get_by_text(told["latitude"], exact=True)).to_be_visible()
    expect(shown.page.get_by_text(told["location"], exact=True)).to_be_visible()
    expect(shown.latitude).to_have_attribute("aria-invalid", "true")
    expect(shown.longitude).to_have_attribute("aria-invalid", "false")
    expect(shown.page.locator("b, i")).to_have_count(0)


def test_R8_the_map_zooms_by_keyboard_and_the_place_stays(stage):
    shown = stage(latitude="40.4066", longitude="-111.5291")
    before = shown.map()["x"]
    shown.page.get_by_role("button", name="Zoom in").press("Enter")
    shown.page.wait_for_function(
        f"async (span) => {{ const {{ x }} = await ({MAP})(); return x[1] - x[0] < 0.6 * span }}",
        arg=before[1] - before[0],
    )
    shown.expect_place(r"^40\.4066$", r"^-111\.5291$")


@pytest.mark.slow
def test_R8_the_picker_fits_a_narrow_screen(stage):
    shown = stage(page={"width": 390, "height": 844})
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= 390
    shown.click()
    shown.expect_place(r"^39\.8", r"^-")
