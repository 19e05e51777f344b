"""R11: the table of dams."""

from pathlib import Path

import pytest

from data.commands import AddDam, AssignHydrograph
from data.importers import hydrograph_csv

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PAGES = {
    "dams": "dashboard/pages/dams.py",
    "hydrograph": "dashboard/pages/hydrograph.py",
    "activity": "dashboard/pages/activity.py",
}


@pytest.fixture
def url(serve, app):
    return serve(PAGES, app)


def opened(new_page, url, **options):
    page = new_page(url, **options)
    page.goto("dams" if url.endswith("/") else url)
    expect(page.get_by_role("table", name="Dams")).to_be_visible()
    page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('dams.seen'))")  # it is loaded
    return page


def add(app, name, user="local", **changes):
    values = {"owner": "Other", "river": "Made-up River", "date_built": "1950", "longitude": -90.0, "latitude": 35.0}
    return app.send(AddDam(name=name, **values | changes), user_name=user).dam_id


def search(page):
    return page.get_by_role("searchbox", name="Search")


def choose(page, facet, *values):
    """Open the menu of a facet, tick values and close it."""
    menu = page.locator("summary", has_text=facet)
    menu.click()
    for value in values:
        page.get_by_role("checkbox", name=value, exact=True).check()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()


def rows(page):
    return page.get_by_role("row").filter(has=page.get_by_role("cell"))


def test_R11_the_table_has_the_columns_of_the_reference(url, new_page):
    page = opened(new_page, url)
    for name in ("Name", "Owner", "River", "Date Built", "Hydrograph", "Manage"):
        expect(page.get_by_role("columnheader", name=name)).to_be_visible()
    expect(rows(page)).to_have_count(2)


def test_R11_the_plot_button_is_disabled_with_its_reason_until_there_is_a_hydrograph(url, app, new_page, shared_data):
    content = (shared_data / "hydrographs" / "hydrograph1.csv").read_bytes()
    app.send(AssignHydrograph(dam_id=1, file=hydrograph_csv.read("hydrograph1.csv", content)), user_name="local")
    page = opened(new_page, url)
    none = page.get_by_role("button", name="Hydrograph Plot: Jordanelle")
    expect(none).to_be_disabled()
    expect(none).to_have_attribute("title", "No hydrograph assigned")
    page.get_by_role("button", name="Hydrograph Plot: Deer Creek").click()
    page.wait_for_url("**/hydrograph?dam=1")
    expect(page.get_by_text("Hydrograph for Deer Creek").first).to_be_attached()


def test_R11_only_the_creator_can_delete_and_others_are_told_why(serve, make_app, new_page):
    app = make_app(user="diadmin")
    add(app, "Mine", user="diadmin")
    page = opened(new_page, serve(PAGES, app))
    others = page.get_by_role("button", name="Delete Dam: Deer Creek")
    expect(others).to_be_disabled()
    expect(others).to_have_attribute("title", "You are not the creator of this dam")
    page.get_by_role("button", name="Delete Dam: Mine").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("Mine Dam has been successfully deleted.")).to_be_visible()
    expect(rows(page)).to_have_count(2)


def test_R11_cancel_deletes_nothing(url, new_page):
    page = opened(new_page, url)
    page.get_by_role("button", name="Delete Dam: Deer Creek").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog", name="Delete Dam")).not_to_be_visible()
    expect(rows(page)).to_have_count(2)


def test_R11_page_sizes_and_pages(url, app, new_page):
    for i in range(28):
        add(app, f"Dam {i:02d}")
    page = opened(new_page, url)
    expect(rows(page)).to_have_count(25)
    expect(page.get_by_text("1–25 of 30 dams")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(rows(page)).to_have_count(5)
    page.get_by_role("combobox", name="Rows a page").click()
    expect(page.get_by_role("menuitem", include_hidden=True)).to_have_text(["10", "25", "50", "All"])
    page.get_by_role("menuitem", name="All", include_hidden=True).click()
    expect(rows(page)).to_have_count(30)


def test_R11_search_sort_and_filter(url, app, new_page):
    add(app, "Zebra", owner="Army Corp", date_built="1900-05")
    page = opened(new_page, url)
    page.get_by_role("button", name="Date Built").click()
    expect(rows(page).first).to_contain_text("Zebra")
    page.get_by_role("button", name="Date Built").click()
    expect(rows(page).first).to_contain_text("Jordanelle")
    search(page).fill("provo deer")
    expect(rows(page)).to_have_count(1)
    search(page).fill("no such dam")
    expect(page.get_by_text("No dam matches. Change the search or the filters.")).to_be_visible()
    search(page).fill("")
    expect(rows(page)).to_have_count(3)
    choose(page, "Hazard potential", "Not given (1)")
    expect(rows(page)).to_have_count(1)


def address(page):
    return page.url.partition("?")[2]


def test_the_filters_are_in_the_address_and_a_link_restores_the_view(url, app, new_page):
    for i in range(30):
        add(app, f"Dam {i:02d}", hazard="High" if i % 2 else "Low", date_built=str(1950 + i))
    page = opened(new_page, url)
    choose(page, "Hazard potential", "High (17)", "Low (15)")
    page.get_by_label("Year completed from").fill("1955")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Date Built").click()
    page.get_by_role("button", name="Date Built").click()
    page.get_by_role("combobox", name="Rows a page").click()
    page.get_by_role("menuitem", name="10", include_hidden=True).click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("11–20 of 26 dams")).to_be_visible()
    page.wait_for_url("**/dams?hazard=High&hazard=Low&year_completed=1955~&sort=date_built&down=yes&rows=10&page=2")
    names = rows(page).get_by_role("link").all_text_contents()
    other = opened(new_page, page.url)
    expect(rows(other).get_by_role("link")).to_have_text(names)
    expect(other.get_by_text("11–20 of 26 dams")).to_be_visible()
    expect(other.get_by_text("Hazard potential: High or Low")).to_be_visible()
    expect(other.get_by_label("Year completed from")).to_have_value("1955")
    expect(other.get_by_role("link", name="On the map")).to_have_attribute(
        "href", "map?hazard=High&hazard=Low&year_completed=1955~"
    )
    other.get_by_role("button", name="Clear").click()
    expect(other.get_by_text("1–10 of 32 dams")).to_be_visible()
    other.wait_for_url("**/dams?sort=date_built&down=yes&rows=10")


@pytest.mark.slow
def test_what_an_address_asks_that_cannot_be_is_left_out(url, new_page):
    page = opened(new_page, f"{url}dams?sort=<b>&rows=9999&page=-1&height_ft=x~y&year_completed=1~2~3&near=nan,1,2")
    expect(rows(page)).to_have_count(2)


def test_what_of_an_address_is_no_filter_is_said_until_the_filter_changes(url, new_page):
    page = opened(new_page, f"{url}dams?hazrd=High&%3Cb%3E=1&near=x&rows=10")
    said = page.get_by_text("'hazrd' is no filter; 'hazard' is one.")
    expect(said).to_contain_text("'<b>' is no filter.")
    expect(said).to_contain_text("near is 'x'")
    expect(said).not_to_contain_text("rows")
    expect(rows(page)).to_have_count(2)
    search(page).fill("deer")
    expect(said).to_have_count(0)


def test_the_same_dams_are_a_click_away_as_a_file_and_in_the_overview(url, new_page):
    page = opened(new_page, f"{url}dams?search=deer")
    links = page.get_by_role("navigation", name="These dams").get_by_role("link")
    expect(links).to_have_text(["On the map", "Overview", "Export CSV", "GeoJSON", "Parquet", "As its source"])
    with page.expect_download() as download:
        links.get_by_text("GeoJSON").click()
    assert "Deer Creek" in Path(download.value.path()).read_text()
    expect(page.get_by_role("link", name="Overview").last).to_have_attribute("href", "overview?search=deer")
    search(page).fill("jordan")
    expect(links.first).to_have_attribute("href", "map?search=jordan")


def test_a_search_is_taken_from_the_address_and_cleared_again(url, app, new_page):
    page = opened(new_page, f"{url}dams?search=jordan")
    expect(rows(page)).to_have_count(1)
    expect(search(page)).to_have_value("jordan")
    search(page).fill("deer")
    expect(rows(page)).to_contain_text(["Deer Creek"])
    page.get_by_role("button", name="Remove Search: deer").click()
    expect(rows(page)).to_have_count(2)
    expect(search(page)).to_have_value("")
    page.wait_for_url("**/dams")


def test_a_misspelt_name_finds_the_dam_and_says_so_with_a_way_back(url, new_page):
    page = opened(new_page, url)
    search(page).fill("Jordanele")
    expect(page.get_by_text("No dam matches “Jordanele”; shown: “Jordanelle”.")).to_be_visible()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Jordanelle")
    expect(page.get_by_role("link", name="On the map")).to_have_attribute("href", "map?search=Jordanelle")
    page.get_by_role("button", name="Search for it as it is typed").click()
    expect(page.get_by_text("No dam matches. Change the search or the filters.")).to_be_visible()
    search(page).fill("Jordanelle")
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_text("shown:")).to_have_count(0)


@pytest.mark.slow
def test_a_search_for_coordinates_finds_what_lies_near(url, new_page):
    page = opened(new_page, url)
    search(page).fill("40.4066, -111.5291")
    expect(rows(page)).to_have_count(2)
    search(page).fill("10 N 20 W")
    expect(page.get_by_text("No dam matches.")).to_be_visible()


@pytest.mark.slow
def test_years_without_an_inspection_and_a_place_on_the_map(url, app, new_page):
    page = opened(new_page, url)
    page.get_by_role("combobox", name="On the map").select_option("No")
    expect(page.get_by_text("No dam matches.")).to_be_visible()
    expect(page.get_by_text("Without a place on the map")).to_be_visible()
    page.get_by_role("combobox", name="On the map").select_option("Any")
    page.get_by_label("No known inspection for").fill("5")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No known inspection since")).to_be_visible()
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_label("No known inspection for")).to_have_value("5")


@pytest.mark.slow
def test_counties_are_those_of_the_chosen_states(url, app, new_page):
    page = opened(new_page, url)
    page.locator("summary", has_text="County").click()
    expect(page.get_by_text("Choose a state first.")).to_be_visible()


def test_filters_are_folded_on_a_phone_and_work_there(url, new_page):
    page = opened(new_page, url, width=390)
    expect(page.locator("summary", has_text="Hazard potential")).not_to_be_visible()
    page.locator("summary", has_text="Filters").click()
    choose(page, "Hazard potential", "High (2)")
    expect(page.get_by_text("Hazard potential: High")).to_be_visible()
    page.get_by_role("combobox", name="Sort by").select_option("Sort by Date Built")
    page.get_by_role("button", name="Ascending").click()
    expect(rows(page).first).to_contain_text("Jordanelle")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


@pytest.mark.slow
def test_what_is_not_known_is_said_to_be(url, app, new_page):
    page = opened(new_page, url)
    row = rows(page).filter(has_text="Deer Creek")
    expect(row.get_by_text("not known")).to_have_count(5)  # county, condition, height, storage, inspection
    expect(row.get_by_role("cell", name="0", exact=True)).to_have_count(0)


@pytest.mark.slow
def test_defect_2_hostile_text_is_shown_as_it_is_in_table_and_activity(url, app, new_page):
    hostile = '<img src=x onerror="window.ran=1">'
    add(app, hostile, river="<script>window.ran=1</script>")
    page = opened(new_page, url)
    expect(page.get_by_role("link", name=hostile)).to_be_visible()
    expect(page.get_by_text("<script>window.ran=1</script>")).to_be_visible()
    page.goto("activity")
    expect(page.get_by_text(f'The local user added "{hostile}".')).to_be_visible()
    assert page.evaluate("window.ran") is None


def test_the_table_is_read_as_cards_on_a_phone(url, new_page):
    page = opened(new_page, url, width=390)
    expect(rows(page)).to_have_count(2)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390


def test_sorting_works_with_the_keyboard_and_keeps_its_place(url, new_page):
    page = opened(new_page, url)
    page.get_by_role("button", name="River").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("columnheader", name="River")).to_have_attribute("aria-sort", "ascending")
    expect(page.get_by_role("button", name="River")).to_be_focused()
