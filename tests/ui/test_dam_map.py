"""The map of dams, served alone, in a browser (R6, R7)."""

import json
import socket
from functools import partial

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import pytest

from components.dam_map import DamMap
from components.map_extent import extent
from data.frames import DOTS, PROFILE

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui
expect.set_options(timeout=15_000)

DEFAULTS = {"str": "", "float64": float("nan"), "bool": False, "int64": 1}
DEER_CREEK = {
    "dam_id": 3, "name": "Deer Creek", "owner": "Reclamation", "river": "Provo River", "date_built": "1941",
    "hazard": "High", "longitude": -111.529133, "latitude": 40.406624, "has_hydrograph": True,
}  # fmt: skip
JORDANELLE = {"dam_id": 5, "name": "Jordanelle", "longitude": -111.424055, "latitude": 40.598168}
UTAH = (-112.5, 39.9, -110.5, 41.1)
HOSTILE = "<img src=x onerror=alert(1)> javascript:alert(2) $$x$$ :material/home: **b**"

#: What the map shows: its ranges, its dots and what of it is visible; ``at`` is a dot's place in the window.
MAP = """(dam) => {
  const figures = (root) => [...root.owner.query((view) => view.model.type.endsWith("Figure"))]
  const view = [...Bokeh.index.roots].flatMap(figures)[0]
  const plot = view?.model
  if (!plot?.tags.length) return null  // not laid out yet
  const { x_range: x, y_range: y, inner_width: w, inner_height: h, renderers } = plot
  const dots = renderers.find((renderer) => renderer.name === "dots")
  const { data } = dots.data_source, i = [...data.name].indexOf(dam)
  const { left, top } = view.el.getBoundingClientRect()
  let hit = document.elementFromPoint(left + w / 2, top + h - 20)
  while (hit?.shadowRoot) hit = hit.shadowRoot.elementFromPoint(left + w / 2, top + h - 20)
  if (!hit?.classList.contains("bk-events")) return null  // the page has a veil over it while it loads
  return {
    x: [x.start, x.end], y: [y.start, y.end], aspect: (x.end - x.start) / w / ((y.end - y.start) / h),
    names: [...data.name], dots: dots.visible, water: plot.background_fill_color,
    states: renderers.find((renderer) => renderer.name === "states").glyph.fill_color.value,
    middle: left + w / 2,
    tiles: renderers.filter((renderer) => renderer.type === "TileRenderer").map((tile) => tile.visible),
    at: i < 0 ? null : [
      left + w * (data.x[i] - x.start) / (x.end - x.start), top + h * (y.end - data.y[i]) / (y.end - y.start)
    ],
  }
}"""
#: The same once it has stood still for a while: the page is laid out in steps.
SETTLED = f"""async (dam) => {{
  let [found, calm] = [null, 0]
  while (calm < 15 || found == null) {{
    await new Promise(requestAnimationFrame)
    const now = ({MAP})(dam)
    calm = JSON.stringify(now) === JSON.stringify(found) ? calm + 1 : 0
    found = now
  }}
  return found
}}"""


def made(*dams):
    rows = [{column: DEFAULTS[dtype] for column, dtype in PROFILE.items()} | dam for dam in dams]
    index = pd.Index([row.pop("dam_id") for row in rows], name="dam_id", dtype="int64")
    return pd.DataFrame(rows, columns=list(PROFILE), index=index).astype(PROFILE)


class Stage:
    """Serves a map of ``dams`` and opens it; ``asked`` keeps the boxes that were looked at."""

    def __init__(self, serve, new_page, dams, *, dark=False, page=None, **params):
        self.dams, self.dark, self.params = dams, dark, {"home": UTAH} | params
        self.asked, self.hydrographs = [], []
        self.page = new_page(serve({"stage": self.build}), **(page or {}))
        self.dialogs = []
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.goto("stage")
        expect(self.page.get_by_text("dams drawn")).to_be_visible(timeout=20_000)
        self.map()

    def build(self):
        sources = (self.look, self.read, self.count, self.find)
        self.shown, self.document = DamMap(*sources, **self.params), pn.state.curdoc
        self.shown.param.watch(lambda _: self.hydrographs.append(self.shown.selected), "show_hydrograph")
        return pmui.Page(title="Stage", main=[self.shown], dark_theme=self.dark, theme_toggle=True)

    def look(self, box, wanted, _cells):
        self.asked.append(box)
        west, south, east, north = wanted.box or box
        dams = self.dams[self.dams["hazard"].isin(wanted.hazard or self.dams["hazard"].unique())][list(DOTS)]
        found = dams[dams["longitude"].between(west, east) & dams["latitude"].between(south, north)]
        return found, len(found)

    def read(self, dam_id):
        return self.dams.loc[dam_id] if dam_id in self.dams.index else None

    def count(self, _wanted):
        return self.dams["hazard"].value_counts().to_dict()

    def find(self, text):
        return self.dams[self.dams["name"].str.contains(text, case=False, regex=False)]

    def map(self, dam=None):
        return self.page.evaluate(SETTLED, dam)

    def click(self, dam):
        self.page.mouse.click(*self.map(dam)["at"])

    def wait_for(self, condition, dam=None):
        """Wait until ``condition``, JavaScript on ``map``, is true."""
        self.page.wait_for_function(
            f"([dam]) => {{ const map = ({MAP})(dam); return map && ({condition}) }}", arg=[dam]
        )

    @property
    def card(self):
        return self.page.get_by_role("dialog", name="Dam")

    def lines(self):
        return self.card.locator("dd").all_inner_texts()


@pytest.fixture
def stage(serve, new_page, make_app):
    """``stage(*dams, **params)``; the page may ask the tile server of ``tiles``, as with the setting."""

    def make(*dams, **params):
        app = make_app(tiles=params.get("tiles", "auto"))
        return Stage(partial(serve, app=app), new_page, made(*(dams or (DEER_CREEK, JORDANELLE))), **params)

    return make


def test_R7_a_click_on_a_dam_opens_its_card_beside_it(stage):
    shown = stage()
    expect(shown.card).to_be_hidden()
    shown.click("Deer Creek")
    expect(shown.card).to_be_visible()
    assert shown.card.locator("dt").all_inner_texts()[:5] == ["Name", "Id", "Owner", "River", "Date Built"]
    assert shown.lines() == ["Deer Creek", "3", "Reclamation", "Provo River", "1941", "High"]
    box, (x, y) = shown.card.bounding_box(), shown.map("Deer Creek")["at"]
    assert 0 < box["x"] - x < 60
    assert box["y"] < y < box["y"] + box["height"]


@pytest.mark.slow
def test_R7_another_dams_card_takes_its_place_and_says_what_is_not_given(stage):
    shown = stage(home=(-111.8, 40.3, -111.2, 40.7))
    shown.click("Deer Creek")
    expect(shown.card).to_contain_text("Provo River")
    shown.click("Jordanelle")
    expect(shown.card).to_contain_text("Jordanelle")
    assert shown.lines() == ["Jordanelle", "5", *["not given"] * 4]
    expect(shown.card.get_by_role("button", name="Hydrograph")).to_be_disabled()


def test_R7_the_card_asks_for_the_hydrograph_and_links_to_the_profile(stage):
    shown = stage()
    shown.click("Deer Creek")
    expect(shown.card.get_by_role("link", name="Profile")).to_have_attribute("href", "dam?id=3")
    shown.card.get_by_role("button", name="Hydrograph").click()
    wait_until(shown.page, lambda: shown.hydrographs == [3])


def test_R7_the_card_follows_its_dam_as_the_map_moves_and_hides_out_of_view(stage):
    shown = stage()
    shown.click("Deer Creek")
    expect(shown.card).to_be_visible()
    before, (x, y) = shown.card.bounding_box(), shown.map("Deer Creek")["at"]
    drag(shown.page, (x, y + 60), (x - 150, y + 60))
    wait_until(shown.page, lambda: abs(shown.card.bounding_box()["x"] - before["x"] + 150) < 3)
    drag(shown.page, (1000, 300), (200, 300))
    expect(shown.card).to_be_hidden()


def test_R7_the_card_closes_by_button_by_escape_and_by_a_click_beside_it(stage):
    shown = stage()
    x, y = shown.map("Deer Creek")["at"]
    for close in (
        lambda: shown.page.mouse.click(x - 200, y),
        lambda: shown.card.get_by_role("button", name="Close").click(),
        lambda: shown.page.keyboard.press("Escape"),
    ):
        shown.click("Deer Creek")
        expect(shown.card).to_be_focused()
        close()
        expect(shown.card).to_be_hidden()
        wait_until(shown.page, lambda: shown.shown.selected is None)
    shown.click("Deer Creek")
    expect(shown.card).to_be_visible()


def test_R7_on_a_narrow_screen_the_card_lies_within_it(stage):
    shown = stage(page={"width": 390, "height": 844})
    shown.click("Deer Creek")
    expect(shown.card).to_be_visible()
    box = shown.card.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_on_a_narrow_screen_a_dam_that_was_found_is_seen_above_its_card(stage):
    nid_id = {"nid_id": "UT10117"}
    shown = stage(DEER_CREEK | nid_id, JORDANELLE, page={"width": 390, "height": 667})
    shown.page.get_by_label("Find a dam").fill("deer")
    shown.page.get_by_role("option", name="Deer Creek").click()
    expect(shown.card).to_be_visible()
    above = MAP.replace("top + h - 20", "top + 20")  # the card covers what lies below
    shown.page.wait_for_function(f"(({above})('Deer Creek')?.x ?? [0, 1e9]).reduce((a, b) => b - a) < 150000")
    x, y = shown.page.evaluate(above, "Deer Creek")["at"]
    card = shown.card.bounding_box()
    assert y + 10 < card["y"]
    assert 0 < x < 390


def test_a_dam_is_found_by_keyboard_alone_and_the_focus_comes_back(stage):
    shown = stage()
    find = shown.page.get_by_label("Find a dam")
    find.focus()
    shown.page.keyboard.type("jord")
    expect(shown.page.get_by_role("option", name="Jordanelle")).to_be_visible()
    shown.page.keyboard.press("ArrowDown")
    shown.page.keyboard.press("Enter")
    expect(shown.card).to_contain_text("Jordanelle")
    expect(shown.card).to_be_focused()
    shown.wait_for("Math.abs(map.at[0] - map.middle) < 20", "Jordanelle")
    shown.page.keyboard.press("Tab")  # past the hydrograph, which this dam has not
    expect(shown.card.get_by_role("link", name="Profile")).to_be_focused()
    shown.page.keyboard.press("Escape")
    expect(shown.card).to_be_hidden()
    expect(find).to_be_focused()


@pytest.mark.slow
def test_defect_2_hostile_words_are_text_on_the_map_its_card_and_its_list(stage):
    words = dict.fromkeys(("name", "owner", "river", "hazard", "nid_id"), HOSTILE)
    shown = stage(DEER_CREEK | words)
    shown.page.mouse.move(*shown.map(HOSTILE)["at"])
    expect(shown.page.locator(".bk-Tooltip, .bk-tooltip")).to_have_text(HOSTILE)
    shown.click(HOSTILE)
    expect(shown.card).to_be_visible()
    assert shown.lines().count(HOSTILE) == 5
    shown.page.keyboard.press("Escape")
    shown.page.get_by_label("Find a dam").fill("img")
    expect(shown.page.get_by_role("option")).to_contain_text("<img src=x onerror=alert(1)> javascript:alert(2)")
    expect(shown.page.locator("img[src='x']")).to_have_count(0)
    assert shown.dialogs == []


def test_R6_the_layer_of_dams_is_hidden_and_shown(stage):
    shown = stage()
    shown.page.get_by_role("checkbox", name="Dams").uncheck()
    shown.wait_for("!map.dots")
    shown.page.get_by_role("checkbox", name="Dams").check()
    shown.wait_for("map.dots")


def test_R6_the_map_opens_on_the_dams_with_square_pixels(stage):
    home = extent((-111.53, 40.4, -111.42, 40.6), 2)
    shown = stage(home=home)
    assert shown.map()["aspect"] == pytest.approx(1, abs=0.01)
    wait_until(shown.page, lambda: len(shown.asked) > 1)
    west, south, east, north = shown.asked[-1]
    assert west < home[0] + 1e-6
    assert south < home[1] + 1e-6
    assert east > home[2] - 1e-6
    assert north > home[3] - 1e-6


@pytest.mark.slow
def test_a_window_of_another_size_keeps_square_pixels_and_the_centre(stage):
    shown = stage()
    middle = sum(shown.map()["x"]) / 2
    shown.page.set_viewport_size({"width": 700, "height": 900})
    shown.wait_for("innerWidth === 700 && Math.abs(map.aspect - 1) < 0.01")
    shown.page.wait_for_function(f"() => ({MAP})().x[1] - ({MAP})().x[0] > 0")
    assert sum(shown.map()["x"]) / 2 == pytest.approx(middle, abs=300)


def test_another_view_by_wheel_button_or_drag_is_looked_up_and_drawn(stage):
    shown = stage()
    wait_until(shown.page, lambda: len(shown.asked) > 1)
    x, y = shown.map("Deer Creek")["at"]
    shown.page.mouse.move(x, y)
    for change in (
        lambda: drag(shown.page, (x, y + 80), (x - 250, y + 80)),
        lambda: shown.page.get_by_role("button", name="Zoom in").click(),
        lambda: (shown.page.mouse.move(x, y), shown.page.mouse.wheel(0, -600)),
    ):
        asked, view = len(shown.asked), shown.asked[-1]
        change()
        wait_until(shown.page, lambda asked=asked, view=view: len(shown.asked) > asked and shown.asked[-1] != view)
        assert shown.map()["aspect"] == pytest.approx(1, abs=0.01)


@pytest.mark.slow
def test_panning_away_draws_what_lies_there_and_home_brings_all_back(stage):
    shown = stage()
    drag(shown.page, (1000, 400), (50, 400))
    drag(shown.page, (1000, 400), (50, 400))
    shown.wait_for("map.names.length === 0")
    expect(shown.page.get_by_text("0 of 0 dams drawn")).to_be_visible()
    shown.page.get_by_role("button", name="Show all").press("Enter")
    shown.wait_for("map.names.length === 2")
    expect(shown.page.get_by_text("2 of 2 dams drawn")).to_be_visible()


def test_R6_the_map_stays_usable_with_a_tile_server_that_refuses(stage):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
        shown = stage(tiles=f"http://{host}/{{z}}/{{x}}/{{y}}.png", page={"allow": ("Failed to load resource", "ERR_")})
        assert shown.map()["tiles"] == [False]
        with shown.page.expect_request(lambda request: host in request.url):
            shown.page.get_by_role("combobox", name="Basemap").click()
            shown.page.locator("li", has_text=host).click()
        shown.wait_for("map.tiles[0]")
        shown.click("Deer Creek")
        expect(shown.card).to_contain_text("Provo River")
        asked = len(shown.asked)
        shown.page.get_by_role("button", name="Zoom out").click()
        wait_until(shown.page, lambda: len(shown.asked) > asked)


def test_R6_without_being_asked_the_map_asks_no_tile_server(stage):
    shown = stage()  # a request outside the machine fails the test
    expect(shown.page.get_by_label("Basemap")).to_be_visible()
    assert shown.map()["tiles"] == [False, False]


def test_the_map_follows_the_theme(stage):
    shown = stage()
    assert shown.map()["states"] == "#f8f6f1"
    shown.page.get_by_role("button", name="Toggle theme").click()
    shown.wait_for("map.states === '#28333d' && map.water === '#10181f'")


@pytest.mark.slow
def test_the_map_opens_dark_in_the_dark_theme(stage):
    shown = stage(dark=True)
    shown.wait_for("map.states === '#28333d'")


def test_R6_a_refresh_keeps_the_view_and_the_card(stage):
    shown = stage()
    shown.click("Deer Creek")
    expect(shown.card).to_be_visible()
    before = shown.map()["x"]
    shown.dams = made({"dam_id": 1, "name": "First", "longitude": -112, "latitude": 40.2}, DEER_CREEK, JORDANELLE)
    shown.document.add_next_tick_callback(shown.shown.refresh)
    shown.wait_for("map.names.length === 3")
    assert shown.map()["x"] == before
    expect(shown.card).to_contain_text("Deer Creek")


def test_two_thousand_real_dams_are_drawn(stage, shared_data):
    path = shared_data / "nid" / "nid_arcgis_page1_wgs84.geojson"
    features = json.loads(path.read_text("utf-8"))["features"]
    dams = [
        {"dam_id": number, "name": feature["properties"]["Dam_Name"] or "", "longitude": place[0], "latitude": place[1]}
        for number, feature in enumerate(features)
        if feature["geometry"] and (place := feature["geometry"]["coordinates"])
    ]
    shown = stage(*dams, home=extent(None, 0))
    shown.wait_for("map.names.length > 1500")
    expect(shown.page.get_by_text("dams drawn")).to_be_visible()


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def wait_until(page, condition):
    """Wait for ``condition`` on the server while the browser goes on."""
    for _ in range(300):
        if condition():
            return
        page.evaluate("() => new Promise((done) => requestAnimationFrame(done))")
    raise AssertionError(f"never came true: {condition}")
