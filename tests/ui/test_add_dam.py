"""R8, R9, R10, R15, R16: the form of a new dam, by mouse and by keyboard."""

import pytest

from data import reads
from data.commands import AssignHydrograph
from data.importers import hydrograph_csv

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PAGES = {"add_dam": "dashboard/pages/add_dam.py", "dams": "dashboard/pages/dams.py", "dam": "dashboard/pages/dam.py"}


@pytest.fixture
def url(serve, app):
    return serve(PAGES, app)


def opened(new_page, url, path="add_dam", **options):
    page = new_page(url, **options)
    page.goto(path)
    expect(page.get_by_role("button", name="Add", exact=True)).to_be_visible()
    return page


def fill(page, **changes):
    typed = {
        "Name": "Made-up Dam",
        "River": "Made-up River",
        "Date Built": "June 1941",
        "Latitude": "40.5",
        "Longitude": "-111.5",
    } | changes
    for label, text in typed.items():
        page.get_by_label(label, exact=True).fill(text)
        page.keyboard.press("Tab")  # a text field hands its value over when it is left


def kept(page, key, *words):
    """Until the browser has kept the words; a reload within the same millisecond would overtake it."""
    page.wait_for_function(
        "([key, words]) => words.every(w => (sessionStorage[key] || '').includes(w))", arg=[key, words]
    )


def names(app):
    with app.reading() as db:
        return list(reads.dams_page(db).dams["name"])


def test_R8_the_form_has_the_fields_the_default_owner_and_the_hints_of_the_reference(url, new_page):
    page = opened(new_page, url)
    expect(page.get_by_label("Owner")).to_contain_text("Reclamation")
    expect(page.get_by_placeholder("e.g.: Mississippi River")).to_be_visible()
    expect(page.get_by_role("group", name="Pick a day")).to_be_visible()
    expect(page.get_by_role("link", name="Cancel")).to_be_visible()


def test_R8_a_dam_is_added_with_the_keyboard_alone(url, app, new_page):
    page = opened(new_page, url)
    page.get_by_label("Name", exact=True).focus()
    for text in ("Made-up Dam", None, "Made-up River", "1941"):
        if text:
            page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.get_by_label("Latitude").focus()
    page.keyboard.type("40.5")
    page.keyboard.press("Tab")
    page.keyboard.type("-111.5")
    page.get_by_role("button", name="Add", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text('"Made-up Dam" has been added.')).to_be_visible()
    assert names(app) == ["Deer Creek", "Jordanelle", "Made-up Dam"]
    expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_R9_an_empty_form_shows_every_sentence_beside_its_field(url, app, new_page):
    page = opened(new_page, url)
    page.get_by_role("button", name="Add", exact=True).click()
    for sentence in (
        "Name is required.",
        "River is required.",
        "Date Built is required.",
        "Location is required.",
        "Please fix errors.",
    ):
        expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    assert names(app) == ["Deer Creek", "Jordanelle"]


def test_R9_what_was_typed_stays_when_it_is_refused_and_the_sentence_goes_when_it_is_right(url, new_page):
    page = opened(new_page, url)
    fill(page, **{"Date Built": "Aprl 1993", "Latitude": "91"})
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("'aprl' in 'Aprl 1993' is not a month.")).to_be_visible()
    expect(page.get_by_text("Latitude 91 is not between -90 and 90 degrees.")).to_be_visible()
    expect(page.get_by_label("Date Built", exact=True)).to_have_value("Aprl 1993")
    fill(page)
    expect(page.get_by_text("is not a month.")).to_have_count(0)  # as soon as it is put right
    expect(page.get_by_text("Please fix errors.")).to_have_count(0)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text('"Made-up Dam" has been added.')).to_be_visible()
    expect(page.get_by_text("is not a month.")).to_have_count(0)


def test_R10_a_full_inventory_is_told_on_the_page(serve, make_app, new_page):
    page = opened(new_page, serve(PAGES, make_app(max_dams=2)))
    fill(page)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text('Unable to add dam "Made-up Dam", because the inventory is full.')).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Made-up Dam")


def test_R15_a_user_without_the_right_sees_no_form_and_no_link(serve, make_app, new_page):
    page = new_page(serve(PAGES, make_app(user="diviewer")))
    page.goto("add_dam")
    expect(page.get_by_text("diviewer may not add dams.")).to_be_visible()
    expect(page.get_by_role("link", name="Add Dam")).to_have_count(0)
    expect(page.get_by_role("link", name="Dams", exact=True)).to_be_visible()


def test_R16_the_quota_is_told_on_the_page(serve, make_app, new_page):
    page = opened(new_page, serve(PAGES, make_app(user="diadmin", dams_per_user=1)))
    for name in ("First", "Second"):
        fill(page, Name=name)
        page.get_by_role("button", name="Add", exact=True).click()
        if name == "First":
            expect(page.get_by_text('"First" has been added.')).to_be_visible()
    expect(page.get_by_text("You have exceeded your quota on dams.")).to_be_visible()


@pytest.mark.slow
def test_a_double_click_adds_once(url, app, new_page):
    page = opened(new_page, url)
    fill(page)
    page.get_by_role("button", name="Add", exact=True).dblclick()
    expect(
        page.get_by_text('"Made-up Dam" has been added.').or_(page.get_by_text("Please fix errors."))
    ).to_be_visible()
    assert names(app).count("Made-up Dam") == 1


def test_defect_8_a_notice_and_its_refresh_leave_a_half_filled_form_as_it_is(url, app, new_page):
    page = opened(new_page, url)
    page.get_by_label("Name", exact=True).fill("Half-typed")
    other = opened(new_page, url)
    fill(other, Name="Other Dam")
    other.get_by_role("button", name="Add", exact=True).click()
    box = page.get_by_role("dialog", name="Dam Notification")
    expect(box).to_contain_text('"Other Dam" was added by the local user.')
    box.get_by_role("button", name="Refresh").click()
    expect(box).not_to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half-typed")
    expect(other.get_by_role("dialog", name="Dam Notification")).not_to_be_visible()


def test_a_draft_outlives_the_page(url, app, new_page):
    page = opened(new_page, url)
    page.get_by_label("Name", exact=True).fill("Half-typed")
    page.get_by_label("Latitude").fill("40.25")
    kept(page, "dams.add_dam", "Half-typed", "40.25")
    page.reload()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half-typed")
    expect(page.get_by_label("Latitude")).to_have_value("40.25")


def test_a_draft_is_forgotten_when_its_dam_was_added(url, app, new_page):
    page = opened(new_page, url)
    fill(page)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text('"Made-up Dam" has been added.')).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Add", exact=True)).to_be_visible()
    page.wait_for_function("(sessionStorage['dams.add_dam'] || '').includes('submit_key')")
    expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_a_dam_is_changed_on_its_own_page_and_the_change_is_listed(url, app, new_page):
    page = new_page(url)
    page.goto("dam?id=1")
    expect(page.get_by_role("heading", name="Deer Creek", level=1)).to_be_visible()
    page.get_by_role("tab", name="Edit", exact=True).click()
    page.get_by_label("River").fill("Heber Creek")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text('"Deer Creek" has been changed.')).to_be_visible()
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_text("river from Provo River to Heber Creek")).to_be_visible()


def test_a_dam_that_does_not_exist_is_told_so(url, new_page):
    page = new_page(url)
    page.goto("dam?id=99")
    expect(page.get_by_text("Dam 99 is not in the inventory.")).to_be_visible()


@pytest.mark.slow
def test_unsaved_changes_of_a_dam_are_kept_and_can_be_dropped(url, new_page):
    page = new_page(url)
    page.goto("dam?id=1")
    page.get_by_role("tab", name="Edit", exact=True).click()
    page.get_by_label("River").fill("Half-typed")
    kept(page, "dams.dam.1", "Half-typed")
    page.reload()
    page.get_by_role("tab", name="Edit", exact=True).click()
    expect(page.get_by_label("River")).to_have_value("Half-typed")
    expect(page.get_by_text("These changes were not saved yet.")).to_be_visible()
    page.get_by_role("button", name="Load again").click()
    expect(page.get_by_label("River")).to_have_value("Provo River")


def test_a_draft_is_asked_for_when_its_fields_can_take_it(url, new_page):
    page = new_page(url)
    page.goto("dam?id=1")
    tab = page.get_by_role("tab", name="Edit", exact=True)
    tab.wait_for()
    # A field drawn by React does not see what its model is given between its drawing and its first watch.
    page.evaluate("""() => {
        window.order = []
        for (const model of Bokeh.documents[0]._all_models.values()) {
            if (model.class_name === "TextInput") {
                const watch = model.watch
                model.watch = function (...of) { order.push("field"); return watch.apply(this, of) }
            } else if (model.class_name === "BrowserStore" && model.data.key === "dams.dam.1") {
                model.data.connect(model.data.properties.loads.change, () => order.push("draft"))
            }
        }
    }""")
    tab.click()
    page.wait_for_function("() => order.includes('draft') && order.includes('field')")
    assert "field" not in page.evaluate("order.slice(order.indexOf('draft'))")


@pytest.mark.slow
def test_a_hydrograph_is_removed_on_the_dams_own_page(url, app, new_page, shared_data):
    content = (shared_data / "hydrographs" / "hydrograph1.csv").read_bytes()
    file = hydrograph_csv.read("hydrograph1.csv", content)
    app.send(AssignHydrograph(dam_id=1, file=file), user_name="local")
    page = new_page(url)
    page.goto("dam?id=1")
    page.get_by_role("tab", name="Hydrograph").click()
    page.get_by_role("button", name="Remove hydrograph").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("The hydrograph has been removed.")).to_be_visible()
    expect(page.get_by_text("No hydrograph assigned")).to_be_visible()
