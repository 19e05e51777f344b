"""A dam's history in the browser: two who edit at once, undoing, the dam as it was, a deleted one that comes back."""

import datetime as dt

import pytest

from data import events, reads
from data.commands import AddDam, AssignHydrograph, DeleteDam, EditDam, ImportInventory
from data.importers import hydrograph_csv, inventory

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PAGES = {name: f"dashboard/pages/{name}.py" for name in ("activity", "dam", "dams", "map", "overview")}


@pytest.fixture
def url(serve, app):
    return serve(PAGES, app)


def edit(app, **changes):
    with app.reading() as db:
        now = reads.dam(db, 1)
    names = ("name", "owner", "river", "date_built", "hazard", "nid_id", "longitude", "latitude", "revision")
    return app.send(EditDam(dam_id=1, **{name: now[name] for name in names} | changes), user_name="local").number


def dam(app):
    with app.reading() as db:
        return reads.dam(db, 1)


def opened(new_page, url, tab, path="dam?id=1", **options):
    page = new_page(url, **options)
    page.goto(path)
    page.get_by_role("tab", name=tab).click()
    return page


def test_two_edits_of_one_field_are_shown_side_by_side_and_the_second_decides(app, url, new_page):
    page = opened(new_page, url, "Edit")
    river = page.get_by_role("textbox", name="River")
    expect(river).to_have_value("Provo River")
    edit(app, river="Early River", nid_id="UT10118")
    page.get_by_role("button", name="Nevermind").click()
    river.fill("Late River")
    page.get_by_label("Reason (optional)").fill("from the deed")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("River (was Provo River)")).to_be_visible()
    expect(page.get_by_label("Theirs: Early River")).to_be_visible()
    expect(page.get_by_role("textbox", name="NID ID")).to_have_value("UT10118")  # what does not clash is merged
    assert dam(app)["river"] == "Early River"
    page.get_by_label("Theirs: Early River").click()
    expect(river).to_have_value("Early River")
    page.get_by_label("Yours: Late River").click()
    expect(river).to_have_value("Late River")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text('"Deer Creek" has been changed.')).to_be_visible()
    expect(page.get_by_text("River (was Provo River)")).to_have_count(0)
    assert (dam(app)["river"], dam(app)["nid_id"]) == ("Late River", "UT10118")
    with app.reading() as db:
        assert events.read_before(db, limit=1)[0].why == "from the deed"


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.slow), 390])
def test_a_change_is_undone_after_asking_and_both_are_in_the_history(app, url, new_page, width):
    number = edit(app, river="Early River")
    page = opened(new_page, url, "History", width=width)
    page.get_by_role("button", name=f"Undo {number}").click()
    page.get_by_label("Reason (optional)").fill("a mistake")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("The change has been undone.")).to_be_visible()
    expect(page.get_by_text(f"This undid change {number}.")).to_be_visible()
    expect(page.get_by_text("Reason: a mistake")).to_be_visible()
    assert dam(app)["river"] == "Provo River"
    expect(page.get_by_role("button", name=f"Undo {number}", exact=True)).to_have_count(0)  # once is enough
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width


def test_an_import_is_undone_on_the_activity_page(app, url, new_page, tmp_path):
    path = tmp_path / "wrong.csv"
    path.write_text("Dam Name,NID ID,State\nWrong Dam,UT99999,Utah\n")
    with inventory.read(path) as file:
        number = app.send(ImportInventory(file=file), user_name="local").number
    page = new_page(url)
    page.goto("activity")
    page.get_by_role("button", name=f"Undo {number}").click()
    expect(page.get_by_text("Undoing it removes the dams that it brought")).to_be_visible()
    page.get_by_label("Reason (optional)").fill("a mistake")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("The change has been undone.")).to_be_visible()
    expect(page.get_by_text('The local user undid the import of "wrong.csv": 1 dam removed.')).to_be_visible()
    with app.reading() as db:
        assert reads.count(db) == 2


def test_a_dam_is_seen_as_it_was_and_cannot_be_changed_there(app, url, new_page):
    edit(app, river="Early River")
    page = opened(new_page, url, "History")
    page.get_by_role("link", name="As it was then").last.click()
    expect(page.get_by_text("Dams as they were at")).to_be_visible()
    expect(page.get_by_text("Provo River").first).to_be_visible()
    expect(page.get_by_role("tab", name="Edit")).to_have_count(0)
    page.get_by_role("link", name="As it is now").click()
    expect(page.get_by_text("Early River").first).to_be_visible()


def test_a_dam_is_seen_with_the_hydrograph_that_it_had(app, url, new_page, shared_data):
    for name in ("hydrograph1.csv", "hydrograph2.csv"):
        content = (shared_data / "hydrographs" / name).read_bytes()
        app.send(AssignHydrograph(dam_id=1, file=hydrograph_csv.read(name, content)), user_name="local")
    with app.reading() as db:
        _, first = events.read_before(db, limit=2)
    page = opened(new_page, url, "Hydrograph")
    expect(page.get_by_text("hydrograph2.csv").first).to_be_visible()
    page.goto(f"dam?id=1&as_of={first.recorded_at:%Y-%m-%dT%H:%M:%S.%f}")
    page.get_by_role("tab", name="Hydrograph").click()
    expect(page.get_by_text("hydrograph1.csv").first).to_be_visible()
    expect(page.get_by_role("button", name="Remove")).to_have_count(0)


def test_a_dam_that_was_not_there_then_is_said_to_be_just_that(url, new_page):
    page = new_page(url)
    page.goto("dam?id=1&as_of=1999-01-01")
    expect(page.get_by_text("Dam 1 was not in the inventory then. Its changes are below.", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="As it is now")).to_be_visible()


def test_a_deleted_dam_has_its_history_and_comes_back(app, url, new_page):
    number = app.send(DeleteDam(dam_id=1), user_name="local").number
    page = new_page(url)
    page.goto("dam?id=1")
    expect(page.get_by_text("Dam 1 has been deleted.")).to_be_visible()
    page.get_by_role("button", name=f"Undo {number}").click()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("The change has been undone.")).to_be_visible()
    page.goto("dam?id=1")
    expect(page.get_by_role("heading", name="Hydraulics")).to_be_visible()


def test_who_may_only_look_is_offered_no_undo(make_app, serve, new_page):
    app = make_app(user="diviewer")
    page = opened(new_page, serve(PAGES, app), "History")
    expect(page.get_by_text('added "Deer Creek"')).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_the_inventory_is_seen_as_it_was_in_the_table_on_the_map_and_in_the_plots(make_app, serve, new_page):
    clock = [dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)]
    app = make_app(clock=lambda: clock[-1])
    clock.append(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))
    about = {"owner": "Other", "river": "R", "date_built": "1950", "longitude": -111.5, "latitude": 40.5}
    app.send(AddDam(name="Added Later", hazard="Low", **about), user_name="local")
    page = new_page(serve(PAGES, app))
    page.goto("dams")
    expect(page.get_by_text("of 3 dams")).to_be_visible()
    page.get_by_label("As they were at the end of").fill("2026-03-01")
    page.keyboard.press("Tab")
    expect(page.get_by_text("of 2 dams")).to_be_visible()
    expect(page.get_by_text("Dams as they were at the end of 2026-03-01 UTC")).to_be_visible()
    page.wait_for_url("**as_of=2026-03-01")
    page.goto("overview?as_of=2026-03-01")
    expect(page.get_by_text("Only Dams as they were at the end of 2026-03-01 UTC")).to_be_visible()
    page.goto("dams?as_of=2026-02-01")
    expect(page.get_by_text("What dams were is known from 2026-03-01 12:00 UTC on")).to_be_visible()
