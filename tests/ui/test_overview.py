"""The overview in a browser: by mouse, by keyboard, by address, and with hostile text."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from data import models
from data.commands import AddDam, ImportInventory
from data.importers import inventory

pytestmark = pytest.mark.ui

PAGES = {"overview": "dashboard/pages/overview.py", "dams": "dashboard/pages/dams.py"}
HOSTILE = '<img src=x onerror="window.ran=1"> $$x^2$$'


@pytest.fixture
def app(make_app, shared_data):
    """502 dams."""
    made = make_app()
    with inventory.read(shared_data / "nid" / "nid_2019_sample500.csv") as file:
        made.send_import(ImportInventory(file=file, whole=True, progress=lambda _: None), user_name="local")
    return made


@pytest.fixture
def url(serve, app):
    return serve(PAGES, app)


def opened(new_page, url, path="overview", **options):
    page = new_page(url, **options)
    page.goto(path)
    expect(plot(page, "Inspections by hazard potential")).to_be_visible()
    return page


def plot(page, title):
    return page.locator(".overview-plot").filter(has=page.get_by_role("heading", name=title))


def dams(page):
    """The number of dams at the top."""
    return page.locator("dl div").filter(has=page.get_by_text("Dams", exact=True)).locator("dd > span")


def click_bar(page, title, row):
    """Click a bar by its place from the top, 22 pixels each."""
    canvas = plot(page, title).locator(".bk-events").first
    canvas.scroll_into_view_if_needed()
    canvas.click(position={"x": canvas.bounding_box()["width"] * 0.4, "y": 2 + 22 * row + 12})


def table(page, title):
    found = plot(page, title)
    found.get_by_text("The same as a table").click()
    return found


def row_of(found, name):
    return found.get_by_role("row").filter(has=found.page.get_by_role("button", name=name, exact=True))


def test_a_click_on_a_bar_filters_every_plot_and_is_kept_in_the_address(url, new_page):
    page = opened(new_page, url)
    expect(dams(page)).to_have_text("502")
    ages = table(page, "Age: decade of completion")
    expect(row_of(ages, "1960s")).to_be_visible()
    before = row_of(ages, "1960s").inner_text()
    click_bar(page, "Hazard potential by state", 0)
    page.wait_for_url("**/overview?state=*")
    expect(page.get_by_role("status").filter(has_text="State: ")).to_be_visible()
    expect(dams(page)).not_to_have_text("502")
    expect(row_of(ages, "1960s")).not_to_have_text(before)
    page.get_by_role("button", name="Clear").click()
    expect(dams(page)).to_have_text("502")
    page.wait_for_url("**/overview")
    expect(page.get_by_text("Every dam of the inventory.")).to_be_visible()


@pytest.mark.slow
def test_a_second_click_on_a_bar_takes_it_back(url, new_page):
    page = opened(new_page, url)
    click_bar(page, "Inspections by hazard potential", 0)
    page.wait_for_url("**/overview?hazard=High")
    click_bar(page, "Inspections by hazard potential", 0)
    page.wait_for_url("**/overview")


def test_the_browsers_back_takes_a_choice_back(url, new_page):
    page = opened(new_page, url)
    click_bar(page, "Inspections by hazard potential", 0)
    page.wait_for_url("**/overview?hazard=High")
    page.go_back()
    expect(dams(page)).to_have_text("502")
    page.go_forward()
    expect(dams(page)).not_to_have_text("502")


def test_everything_can_be_chosen_by_keyboard_and_the_focus_stays(url, new_page):
    page = opened(new_page, url)
    found = plot(page, "Condition of the high-hazard dams")
    found.get_by_text("The same as a table").focus()
    page.keyboard.press("Enter")
    button = found.get_by_role("button", name="Not given")
    for _ in range(20):
        if button.evaluate("made => made === made.getRootNode().activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/overview?hazard=High&condition=")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(row_of(found, "Not given").get_by_role("cell")).to_have_text([dams(page).inner_text()])


def test_an_address_brings_the_same_numbers_as_the_table_of_dams(url, new_page):
    page = opened(new_page, url, "overview?hazard=High&year_completed=1960~1969")
    total = dams(page).inner_text()
    expect(page.get_by_role("link", name="On the map")).to_have_attribute(
        "href", "map?hazard=High&year_completed=1960~1969"
    )
    expect(page.get_by_role("link", name="Export CSV")).to_have_attribute(
        "href", "export?format=csv&hazard=High&year_completed=1960~1969"
    )
    with page.expect_download() as made:
        page.get_by_role("link", name="Export CSV").click()
    assert made.value.suggested_filename == f"dams-high-{dt.datetime.now(dt.UTC):%Y-%m-%d}.csv"
    with open(made.value.path()) as file:
        assert sum(1 for _ in file) == int(total) + 7
    page.get_by_role("link", name="In the table").click()
    expect(page.get_by_text(f"of {total} dams")).to_be_visible()


@pytest.mark.slow
def test_a_bar_that_no_filter_can_ask_for_says_why(url, new_page):
    page = opened(new_page, url)
    found = table(page, "Age: decade of completion")
    expect(found.get_by_role("button", name="Not given")).to_have_attribute(
        "title", "The filter has no word for these: they can be counted, not chosen."
    )


def test_what_others_change_is_counted_when_the_page_is_told(url, app, new_page):
    page = opened(new_page, url)
    command = AddDam(
        name="New Dam", owner="Other", river="Made-up River", date_built="1950", longitude=-90.0, latitude=35.0
    )
    app.send(command, user_name="local")
    page.get_by_role("button", name="Refresh").click()
    expect(dams(page)).to_have_text("503")


@pytest.mark.slow
def test_text_of_a_file_is_text(serve, make_app, new_page):
    app = make_app()
    with app._write.begin() as db:
        texts = dict.fromkeys(("owner", "river", "date_built", "hazard", "nid_id", "created_by"), "")
        for _ in range(3):  # more than Utah has, so that its bar is the first
            about = {"storage_acre_ft": 9e7, "created_at": dt.datetime.now(dt.UTC)}
            db.add(models.Dam(name=HOSTILE, state=HOSTILE, **about, **texts))
    page = opened(new_page, serve(PAGES, app))
    expect(page.get_by_text(f"({HOSTILE})")).to_be_visible()
    found = table(page, "Hazard potential by state")
    expect(found.get_by_role("button", name=HOSTILE)).to_be_visible()
    click_bar(page, "Hazard potential by state", 0)
    expect(page.get_by_text(f"State: {HOSTILE}")).to_be_visible()
    plot(page, "Hazard potential by state").locator(".bk-events").first.hover(position={"x": 200, "y": 14})
    assert page.evaluate("window.ran") is None


@pytest.mark.slow
def test_it_fits_a_phone(url, new_page):
    page = opened(new_page, url, width=390)
    for title in ("Hazard potential by state", "Age: decade of completion"):
        table(page, title)
    expect(plot(page, "Age: decade of completion").get_by_role("table")).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    box = plot(page, "Hazard potential by state").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
