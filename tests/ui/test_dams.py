"""R11: the table of dams."""

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
    page.goto("dams")
    expect(page.get_by_role("table", name="Dams")).to_be_visible()
    return page


def add(app, name, user="local", **changes):
    values = {"owner": "Other", "river": "Made-up River", "date_built": "1950", "longitude": -90.0, "latitude": 35.0}
    return app.send(AddDam(name=name, **values | changes), user_name=user).dam_id


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
    page.get_by_label("Search").fill("provo deer")
    expect(rows(page)).to_have_count(1)
    page.get_by_label("Search").fill("no such dam")
    expect(page.get_by_text("No dam matches. Change the search or the filters.")).to_be_visible()
    page.get_by_label("Search").fill("")
    page.get_by_role("combobox", name="Owner").click()
    page.get_by_role("menuitem", name="Army Corp", include_hidden=True).click()
    expect(rows(page)).to_have_count(1)


def test_defect_2_hostile_text_is_shown_as_it_is_in_table_and_activity(url, app, new_page):
    hostile = '<img src=x onerror="window.ran=1">'
    add(app, hostile, river="<script>window.ran=1</script>")
    page = opened(new_page, url)
    expect(page.get_by_role("link", name=hostile)).to_be_visible()
    expect(page.get_by_text("<script>window.ran=1</script>")).to_be_visible()
    page.goto("activity")
    expect(page.get_by_text(f'local added "{hostile}".')).to_be_visible()
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
