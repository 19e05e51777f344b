"""The profile of one dam, of a real record of the national inventory."""

import pytest

from data.commands import AddDam

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PAGES = {"dam": "dashboard/pages/dam.py"}


@pytest.fixture
def url(serve, app):
    return serve(PAGES, app)


def opened(new_page, url, dam_id=1, **options):
    page = new_page(url, **options)
    page.goto(f"dam?id={dam_id}")
    expect(page.get_by_role("heading", name="Hydraulics")).to_be_visible()
    return page


def test_a_profile_says_what_is_known_and_what_is_not(url, new_page):
    page = opened(new_page, url)
    expect(page.get_by_text("It says what a failure would do, not how likely one is.")).to_be_visible()
    expect(page.get_by_role("img", name="The place of the dam in Utah")).to_be_visible()
    expect(page.get_by_text("not given").first).to_be_visible()
    expect(page.get_by_text("This dam came from no inventory file")).to_be_visible()


def test_units_are_chosen_and_stay_for_the_next_dam(url, app, new_page):
    page = opened(new_page, url)
    page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('dams.seen'))")
    page.get_by_role("combobox", name="Units").click()
    page.get_by_role("menuitem", name="Metric", include_hidden=True).click()
    page.wait_for_function("(localStorage['dams.units'] || '').includes('metric')")
    page.goto("dam?id=2")
    expect(page.get_by_role("combobox", name="Units")).to_have_text("Metric")


def test_structures_of_one_project_lead_to_each_other(url, app, new_page):
    about = {"owner": "Other", "river": "Provo River", "date_built": "1941", "longitude": -111.5, "latitude": 40.4}
    dike = app.send(AddDam(name="Deer Creek Dike", nid_id="UT10117", **about), user_name="local").dam_id
    page = opened(new_page, url, width=390)
    page.get_by_role("link", name="Deer Creek Dike").click()
    page.wait_for_url(f"**/dam?id={dike}")
    expect(page.get_by_role("link", name="Deer Creek", exact=True)).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
