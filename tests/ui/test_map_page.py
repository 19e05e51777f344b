"""R6, R7, R14, R21 on the page itself: the map, the card, the sheet, and what is new in place."""

import json
from pathlib import Path

import pytest

from data.commands import AddDam, AssignHydrograph
from data.importers import hydrograph_csv

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PAGES = {"map": "dashboard/pages/map.py", "hydrograph": "dashboard/pages/hydrograph.py"}


@pytest.fixture
def url(serve, app):
    return serve(PAGES, app)


def opened(new_page, url, path="map", drawn="2 of 2", **options):
    page = new_page(url, **options)
    page.goto(path)
    expect(page.get_by_text(f"{drawn} dams drawn")).to_be_visible()
    return page


def assign(app, shared_data, number=1, dam_id=1):
    name = f"hydrograph{number}.csv"
    content = (shared_data / "hydrographs" / name).read_bytes()
    app.send(AssignHydrograph(dam_id=dam_id, file=hydrograph_csv.read(name, content)), user_name="local")


def choose(page, name):
    find = page.get_by_role("combobox", name="Find a dam")
    find.fill(name)
    page.get_by_role("option", name=name).first.click()


def test_R14_R6_the_first_start_shows_both_dams(url, new_page):
    opened(new_page, url)


def test_R7_a_chosen_dam_opens_its_card_and_its_hydrograph_slides_out(url, app, new_page, shared_data):
    assign(app, shared_data)
    page = opened(new_page, url)
    choose(page, "Deer Creek")
    card = page.get_by_role("dialog").filter(has_text="Provo River")
    for words in ("Id", "Name", "Owner", "River", "Date Built", "Deer Creek", "Reclamation", "1941"):
        expect(card).to_contain_text(words)
    expect(page.get_by_text("Hydrograph for Deer Creek").first).to_be_attached()
    expect(page.get_by_role("link", name="Full page")).to_have_attribute("href", "hydrograph?dam=1")
    page.get_by_role("button", name="Close the hydrograph").click()
    expect(page.get_by_role("link", name="Full page")).not_to_be_visible()


def test_a_link_opens_the_map_with_its_dam(url, new_page):
    page = opened(new_page, url, "map?dam=2")
    expect(page.get_by_role("dialog").filter(has_text="Jordanelle")).to_be_visible()


def test_R21_refresh_puts_a_new_dam_on_the_map_in_place(url, app, new_page):
    from panel.tests.util import wait_until

    page = opened(new_page, url)
    wait_until(lambda: app.hub.listening == 1, timeout=15_000)
    page.evaluate("window.stillThisPage = true")
    place = {"longitude": -111.48, "latitude": 40.5}
    app.send(AddDam(name="New", owner="Other", river="Provo River", date_built="1950", **place), user_name="local")
    box = page.get_by_role("dialog", name="Dam Notification")
    box.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("3 of 3 dams drawn")).to_be_visible()
    assert page.evaluate("window.stillThisPage")


@pytest.mark.slow
def test_two_thousand_real_dams_are_drawn(url, app, new_page, shared_data):
    """Places and names of the National Inventory of Dams by way of cgs-earth/pygeoapi-geoconnex-examples."""
    pages = json.loads(Path(shared_data / "nid" / "nid_arcgis_page1_wgs84.geojson").read_text())
    placed = [feature for feature in pages["features"] if feature["geometry"]]
    for feature in placed:
        longitude, latitude = feature["geometry"]["coordinates"]
        name = feature["properties"]["Dam_Name"] or "Unnamed"
        command = AddDam(
            name=name, owner="Other", river="not given", date_built="2022", longitude=longitude, latitude=latitude
        )
        app.send(command, user_name="local")
    count = f"{len(placed) + 2:,}"
    opened(new_page, url, drawn=f"{count} of {count}")


@pytest.mark.slow
def test_the_map_fits_a_phone(url, new_page):
    page = opened(new_page, url, width=390)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


def test_a_viewer_sees_the_map_without_the_links_to_change_it(serve, make_app, new_page):
    page = opened(new_page, serve(PAGES, make_app(user="diviewer")))
    expect(page.get_by_role("link", name="Map")).to_be_visible()
    expect(page.get_by_role("link", name="Assign Hydrograph")).to_have_count(0)
