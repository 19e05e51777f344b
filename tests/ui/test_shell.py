"""R5, R17: every page at an address of its own, in one frame that a keyboard and a phone can use."""

import json
import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import sqlalchemy as sa

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

FOLDER = Path(__file__).parents[2] / "dashboard" / "pages"
PLAIN = "sea_surface_temperature_bokeh"  # without the frame, as the reference has it
FRAMED = sorted({path.stem for path in FOLDER.glob("[a-z]*.py")} - {PLAIN})


@pytest.fixture
def url(serve, app):
    return serve({name: str(FOLDER / f"{name}.py") for name in (*FRAMED, PLAIN)}, app)


def test_R5_the_real_command_serves_every_page_and_the_map_is_home(dams_serve, new_page):
    page = new_page(dams_serve().url)
    page.goto("")
    expect(page.get_by_text("2 of 2 dams drawn")).to_be_visible()
    assert page.request.get(PLAIN).status == 200
    for name in (*FRAMED, PLAIN):  # each page has the address of its websocket, which wants no plain request
        assert page.request.get(f"{name}/ws").status == 400, name
    assert page.request.get("no_page/ws").status == 404


@pytest.mark.parametrize("name", FRAMED)
def test_R17_every_page_has_one_heading_the_links_the_colour_and_fits(url, new_page, name):
    page = new_page(url, width=390)
    page.goto(name)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page).to_have_title(re.compile(r".+ · Dam Inventory"))
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for link in ("Map", "Dams", "Add Dam", "Assign Hydrograph"):
            expect(page.get_by_role("navigation").get_by_role("link", name=link, exact=True)).to_be_visible()
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        expect(page.get_by_role("banner")).to_have_css("background-color", "rgb(36, 76, 150)")  # #244C96


def test_R17_the_page_that_is_open_is_marked_and_more_pages_open_by_keyboard(url, new_page):
    page = new_page(url)
    page.goto("dams")
    expect(page.get_by_role("link", name="Dams", exact=True)).to_have_attribute("aria-current", "page")
    page.get_by_label("More pages").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/activity")


def test_a_page_that_still_loads_takes_clicks(url, new_page):
    page = new_page(url)
    page.goto("add_dam", wait_until="commit")
    expect(page.locator("#loader")).to_have_css("pointer-events", "none")
    expect(page.locator("#loader")).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    expect(page.locator("#loader")).to_be_hidden()


def test_a_chosen_theme_stays_on_the_next_page(url, new_page):
    page = new_page(url, color_scheme="dark")
    page.goto("dams")
    expect(page.get_by_role("main")).to_have_css("background-color", "rgb(18, 18, 18)")
    page.get_by_role("button", name="Toggle theme").click()
    expect(page.get_by_role("main")).to_have_css("background-color", "rgb(255, 255, 255)")
    page.wait_for_function("localStorage['dams.dark'] === 'false'")
    page.goto("activity")
    expect(page.get_by_text("The program added").first).to_be_visible()
    expect(page.get_by_role("main")).to_have_css("background-color", "rgb(255, 255, 255)")


def test_healthz_answers_200_with_the_newest_event_and_503_without_a_database(url, app, monkeypatch):
    answer = json.load(urllib.request.urlopen(f"{url}healthz", timeout=30))
    assert answer == {"status": "ok", "event": 2, "pages_open": 0}

    def away():
        raise sa.exc.OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(app, "reading", away)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{url}healthz", timeout=30)
    assert caught.value.code == 503
    assert json.load(caught.value) == {"status": "the database does not answer"}
    caught.value.close()
