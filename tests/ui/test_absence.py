"""Who was away sees on return what happened since, once; the place is kept in this browser."""

import re

import pytest

from data.commands import AddDam, AssignHydrograph
from data.importers import hydrograph_csv

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PAGES = {"dams": "dashboard/pages/dams.py", "activity": "dashboard/pages/activity.py"}
SEEN = "Object.entries(localStorage).find(([key]) => key.startsWith('dams.seen'))"


@pytest.fixture
def url(serve, app):
    return serve(PAGES, app)


def add(app, count=1):
    for i in range(count):
        about = {"owner": "Other", "river": "Made-up River", "date_built": "1950"}
        app.send(AddDam(name=f"<b>Dam</b> {i}", longitude=-90.0, latitude=35.0, **about), user_name="local")


def bar(page):
    return page.get_by_text("Since you were last here:")


def wait_for_seen(page, number):
    page.wait_for_function(f"({SEEN} ?? [])[1] === '{number}'")


def leave(page):
    """Another address of the same place, where no page of ours runs."""
    page.goto("healthz-not-there")


@pytest.fixture
def visitor(url, new_page):
    """A browser that was here when the log had the two seeded dams, and has left."""
    page = new_page(url, allow=("404",))
    page.goto("dams")
    wait_for_seen(page, 2)
    leave(page)
    return page


def test_a_first_visit_is_told_nothing(url, app, new_page):
    page = new_page(url)
    add(app)
    page.goto("dams")
    wait_for_seen(page, 3)
    expect(bar(page)).to_have_count(0)


def test_on_return_what_happened_is_told_grouped_and_once(visitor, app, shared_data):
    add(app, 12)
    content = (shared_data / "hydrographs" / "hydrograph1.csv").read_bytes()
    app.send(AssignHydrograph(dam_id=1, file=hydrograph_csv.read("hydrograph1.csv", content)), user_name="local")
    visitor.goto("dams")
    expect(bar(visitor)).to_have_text("Since you were last here: 12 dams added, 1 hydrograph assigned.")
    wait_for_seen(visitor, 15)
    visitor.reload()
    expect(visitor.get_by_role("row", name="Deer Creek")).to_be_visible()
    wait_for_loaded(visitor)
    expect(bar(visitor)).to_have_count(0)


def wait_for_loaded(page):
    """The browser's number has come to the server and the answer is back: the page's own is set."""
    page.wait_for_function("""() => {
        const models = [...(window.Bokeh?.documents[0]?._all_models.values() ?? [])]
        return models.some((model) => (model.data?.seen ?? -1) >= 0)
    }""")


@pytest.mark.slow
def test_see_them_leads_to_those_events_alone_and_back_to_all(visitor, app):
    add(app, 3)
    visitor.goto("dams")
    visitor.get_by_role("link", name="See them").click()
    expect(visitor.get_by_role("listitem")).to_have_count(3)
    expect(visitor.get_by_role("listitem").first).to_contain_text('added "<b>Dam</b> 2"')
    visitor.get_by_role("link", name="All activity").click()
    expect(visitor.get_by_role("listitem")).to_have_count(5)


def test_the_bar_is_closed_by_keyboard_and_fits_a_narrow_screen(visitor, app):
    add(app, 3)
    visitor.set_viewport_size({"width": 390, "height": 800})
    visitor.goto("dams")
    expect(bar(visitor)).to_be_visible()
    assert visitor.evaluate("document.documentElement.scrollWidth") <= 390
    visitor.get_by_role("button", name="Close").press("Enter")
    expect(bar(visitor)).to_have_count(0)


def test_what_an_open_page_has_taken_in_is_not_told_again(url, app, new_page):
    page = new_page(url, allow=("404",))
    page.goto("dams")
    wait_for_seen(page, 2)
    add(app, 2)
    wait_for_seen(page, 4)
    leave(page)
    add(app)
    page.goto("dams")
    expect(bar(page)).to_have_text("Since you were last here: 1 dam added.")


@pytest.mark.slow
def test_of_two_tabs_the_one_that_is_further_counts(visitor, app):
    other = visitor.context.new_page()
    other.goto("dams")
    wait_for_seen(other, 2)
    visitor.goto("dams")
    wait_for_loaded(visitor)
    add(app, 2)
    for page in (visitor, other):  # who shows them has written the number
        expect(page.get_by_role("dialog")).to_contain_text("2 new dams")
    other.evaluate(f"localStorage[{SEEN}[0]] = '9'")  # as a third tab would, that is further
    wait_for_seen(visitor, 9)  # tabs can be processes, which hear of each other's writing a moment later
    add(app)
    expect(other.get_by_role("dialog")).to_contain_text("3 new dams")
    expect(visitor.get_by_role("dialog")).to_contain_text("3 new dams")
    assert other.evaluate(f"{SEEN}[1]") == "9"


def test_a_number_above_the_log_is_of_another_state_of_the_database_and_counts_as_a_first_visit(visitor, app):
    visitor.evaluate(f"localStorage[{SEEN}[0]] = '900'")
    add(app)
    visitor.goto("dams")
    wait_for_seen(visitor, 3)
    expect(bar(visitor)).to_have_count(0)
    leave(visitor)
    add(app)
    visitor.goto("dams")
    expect(bar(visitor)).to_have_text("Since you were last here: 1 dam added.")


@pytest.mark.parametrize(
    "text", ["-5", *(pytest.param(text, marks=pytest.mark.slow) for text in ("x", "9" * 30, "", "1e3", "null", "2.5"))]
)
def test_what_is_no_number_in_the_browser_counts_as_a_first_visit(visitor, app, text):
    visitor.evaluate(f"text => localStorage[{SEEN}[0]] = text", text)
    add(app)
    visitor.goto("dams")
    wait_for_seen(visitor, 3)
    expect(bar(visitor)).to_have_count(0)


@pytest.mark.slow
def test_another_database_at_the_same_address_has_a_number_of_its_own(visitor, app):
    visitor.evaluate(f"(() => {{ const [key] = {SEEN}; localStorage[key + '1'] = '1'; delete localStorage[key] }})()")
    add(app)
    visitor.goto("dams")
    wait_for_loaded(visitor)
    expect(bar(visitor)).to_have_count(0)
    assert len(visitor.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('dams.seen'))")) == 2


@pytest.mark.slow
def test_kinds_that_are_off_and_dams_that_are_not_followed_are_not_counted(visitor, app):
    visitor.evaluate("""localStorage["dams.notices"] = JSON.stringify(
        { off: ["dam_edited"], following: { by: "state", state: "Utah" } })""")
    add(app, 4)
    app.send(
        AddDam(name="Of Utah", owner="Other", river="R", date_built="1950", longitude=-111.0, latitude=40.0),
        user_name="local",
    )
    visitor.goto("dams")
    expect(bar(visitor)).to_have_text("Since you were last here: 1 dam added.")


def test_see_them_lists_what_the_bar_counted_and_not_what_is_not_followed(visitor, app):
    visitor.evaluate("""localStorage["dams.notices"] = JSON.stringify(
        { off: ["dam_edited"], following: { by: "state", state: "Utah" } })""")
    add(app, 4)
    utah = {"longitude": -111.0, "latitude": 40.0}
    app.send(AddDam(name="Of Utah", owner="Other", river="R", date_built="1950", **utah), user_name="local")
    add(app, 2)
    visitor.goto("dams")
    expect(bar(visitor)).to_have_text("Since you were last here: 1 dam added.")
    visitor.get_by_role("link", name="See them").click()
    expect(visitor.get_by_role("listitem")).to_have_text([re.compile('added "Of Utah"')])
    visitor.get_by_role("link", name="All activity").click()
    expect(visitor.get_by_role("listitem")).to_have_count(9)


def test_a_page_that_loads_again_after_the_server_was_away_says_what_happened(dams_serve, new_page, tmp_path):
    from dashboard.services import Services
    from dashboard.settings import Settings

    server = dams_serve()
    page = new_page(server.url, allow=("WebSocket", "ERR_CONNECTION_REFUSED", "Failed to load"))
    page.goto("dams")
    wait_for_seen(page, 2)
    server.kill()
    writer = Services(Settings(database_url=f"sqlite:///{tmp_path / 'dams.sqlite'}"))
    add(writer, 2)
    writer.close()
    server.start()
    expect(bar(page)).to_have_text("Since you were last here: 2 dams added.", timeout=60_000)
