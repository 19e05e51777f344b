"""R18-R22: what one page changes, the others are told, at once, once, and in place."""

import pytest

from data.commands import AddDam, AssignHydrograph, DeleteDam, EditDam, RemoveHydrograph
from data.importers import hydrograph_csv

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

DAMS = {"dams": "dashboard/pages/dams.py"}


def add(app, name="Made-up Dam", **sent):
    command = AddDam(name=name, owner="Other", river="Made-up River", date_built="1950", longitude=-90.0, latitude=35.0)
    return app.send(command, user_name="diadmin" if name == "Made-up Dam" else "local", **sent).dam_id


def opened(new_page, url, path="dams", **options):
    page = new_page(url, **options)
    page.goto(path)
    expect(page.get_by_role("row")).to_have_count(3)
    return page


def box(page):
    return page.get_by_role("dialog", name="Dam Notification")


@pytest.fixture
def url(serve, app):
    return serve(DAMS, app)


def wait_for_listeners(app, count):
    """A page hears of changes from when it has joined; before, it reads them with its tables."""
    from panel.tests.util import wait_until

    wait_until(lambda: app.hub.listening == count, timeout=15_000)


def test_R21_a_new_dam_is_told_in_the_words_of_the_reference_with_its_name_and_by_whom(url, app, new_page):
    pages = [opened(new_page, url) for _ in range(2)]
    wait_for_listeners(app, 2)
    add(app)
    for page in pages:
        expect(box(page)).to_contain_text("A new dam has been added. Refresh this page to load it.")
        expect(box(page)).to_contain_text('"Made-up Dam" was added by diadmin.')
        expect(box(page).get_by_role("button", name="Nevermind")).to_be_visible()


def test_R21_refresh_loads_what_is_new_in_place(url, app, new_page):
    page = opened(new_page, url)
    wait_for_listeners(app, 1)
    page.evaluate("window.stillThisPage = true")
    add(app)
    expect(box(page)).to_be_visible()
    expect(page.get_by_role("row", name="Made-up Dam", include_hidden=True)).to_have_count(0)
    box(page).get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("row", name="Made-up Dam")).to_be_visible()
    expect(box(page)).not_to_be_visible()
    assert page.evaluate("window.stillThisPage")


def test_R21_nevermind_leaves_the_page_as_it_is(url, app, new_page):
    page = opened(new_page, url)
    wait_for_listeners(app, 1)
    add(app)
    box(page).get_by_role("button", name="Nevermind").click()
    expect(box(page)).not_to_be_visible()
    expect(page.get_by_role("row")).to_have_count(3)


def test_R21_several_at_once_are_one_box_with_a_list(url, app, new_page):
    page = opened(new_page, url)
    wait_for_listeners(app, 1)
    for i in range(40):
        add(app, f"Dam {i}")
    expect(box(page)).to_contain_text("40 new dams have been added. Refresh this page to load them.")
    expect(box(page).get_by_role("listitem")).to_have_count(40)
    expect(box(page)).to_have_count(1)


def test_R22_hydrographs_changes_and_deletions_have_notices_of_their_own(url, app, new_page, shared_data):
    page = opened(new_page, url)
    wait_for_listeners(app, 1)
    content = (shared_data / "hydrographs" / "hydrograph1.csv").read_bytes()
    app.send(AssignHydrograph(dam_id=1, file=hydrograph_csv.read("hydrograph1.csv", content)), user_name="local")
    app.send(RemoveHydrograph(dam_id=1), user_name="local")
    edited = {"owner": "Other", "river": "X", "date_built": "1941", "longitude": -111.0, "latitude": 40.0}
    app.send(EditDam(dam_id=1, revision=1, name="Deer Creek", **edited), user_name="local")
    app.send(DeleteDam(dam_id=2), user_name="local")
    for sentence in (
        "A hydrograph has been assigned.",
        "A hydrograph has been removed.",
        "A dam has been changed.",
        "A dam has been deleted.",
        '"Deer Creek" was given a hydrograph by the local user.',
        '"Jordanelle" was deleted by the local user.',
    ):
        expect(box(page)).to_contain_text(sentence)


def test_defect_3_a_kind_that_is_turned_off_shows_on_the_page_without_a_box_and_stays_off(url, app, new_page):
    page = opened(new_page, url)
    wait_for_listeners(app, 1)
    page.get_by_role("button", name="Notices").click()
    page.get_by_role("checkbox", name="Dams added").uncheck()
    page.wait_for_function("JSON.parse(localStorage['dams.notices'] || '{}').off?.length === 1")
    page.keyboard.press("Escape")
    add(app)
    expect(page.get_by_role("row", name="Made-up Dam")).to_be_visible()
    expect(box(page)).not_to_be_visible()
    page.reload()
    expect(page.get_by_role("row", name="Made-up Dam")).to_be_visible()
    page.get_by_role("button", name="Notices").click()
    expect(page.get_by_role("checkbox", name="Dams added")).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="Dams deleted")).to_be_checked()
    page.keyboard.press("Escape")
    app.send(DeleteDam(dam_id=2), user_name="local")
    expect(box(page)).to_contain_text("A dam has been deleted.")


def test_defect_5_an_add_and_a_delete_at_once_are_both_told(url, app, new_page):
    page = opened(new_page, url)
    wait_for_listeners(app, 1)
    app.send(DeleteDam(dam_id=add(app)), user_name="local")
    expect(box(page)).to_contain_text("A new dam has been added. A dam has been deleted.")


def test_defect_6_the_sender_gets_no_notice_and_the_others_do(url, app, new_page):
    sender, other = opened(new_page, url), opened(new_page, url)
    wait_for_listeners(app, 2)
    sender.get_by_role("button", name="Delete Dam: Jordanelle").click()
    sender.get_by_role("button", name="Delete", exact=True).click()
    expect(sender.get_by_text("Jordanelle Dam has been successfully deleted.")).to_be_visible()
    expect(sender.get_by_role("row")).to_have_count(2)
    expect(box(other)).to_contain_text('"Jordanelle" was deleted by the local user.')
    expect(box(sender)).not_to_be_visible()


@pytest.mark.slow
def test_defect_2_a_hostile_name_is_text_in_the_box_and_in_the_table(url, app, new_page):
    page = opened(new_page, url)
    wait_for_listeners(app, 1)
    name = '<img src=x onerror="window.ran=1"><b>bold</b>'
    add(app, name)
    expect(box(page)).to_contain_text(f'"{name}" was added by the local user.')
    box(page).get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()
    assert page.evaluate("window.ran") is None


def test_focus_goes_into_the_box_and_back_to_where_it_was(url, app, new_page):
    page = opened(new_page, url)
    wait_for_listeners(app, 1)
    search = page.get_by_label("Search")
    search.focus()
    add(app)
    expect(box(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(box(page)).not_to_be_visible()
    expect(search).to_be_focused()


def test_R18_a_page_that_closes_is_no_longer_woken(serve, app, new_page):
    soon = {"check_unused_sessions_milliseconds": 300, "unused_session_lifetime_milliseconds": 6_000}
    page = opened(new_page, serve(DAMS, app, **soon))
    wait_for_listeners(app, 1)
    page.close()
    wait_for_listeners(app, 0)


def test_events_between_the_page_being_built_and_loaded_are_not_missed(url, app, new_page):
    """The page's cursor is read before its tables; the tick at joining takes in what came between."""
    page = new_page(url)
    held = []
    page.route("**/*.js*", lambda route: (held.append(add(app, "Between")) if not held else None, route.continue_()))
    page.goto("dams")
    expect(box(page)).to_contain_text('"Between" was added by the local user.')
