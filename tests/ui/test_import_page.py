"""The page that takes an inventory file in."""

import csv
import gzip
import io

import pytest

from data import reads
from data.commands import EditDam
from data.inventory import Filter

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

COLUMNS = ("Dam Name", "NID ID", "State", "Latitude", "Longitude", "Hazard Potential Classification", "Year Completed")
ROWS = (
    ("First", "ZZ00001", "Utah", "40.0", "-111.0", "Low", "1950"),
    ("<b>Second</b>", "ZZ00002", "Utah", "0", "0", "High", ""),
    ("No id", "NA", "Utah", "40.0", "-111.0", "High", "1960"),
)


def as_csv(rows, updated="2025-1-1"):
    text = io.StringIO()
    text.write(f"Data Last Updated: {updated}\n")
    csv.writer(text).writerows([COLUMNS, *rows])
    return text.getvalue().encode()


@pytest.fixture
def url(serve, app):
    return serve({"import": "dashboard/pages/import.py", "dams": "dashboard/pages/dams.py"}, app)


@pytest.fixture
def page(url, new_page):
    opened = new_page(url)
    opened.goto("import")
    return opened


def choose(page, name, content):
    page.get_by_label("Choose Inventory File").set_input_files(
        [{"name": name, "mimeType": "text/csv", "buffer": content}]
    )


def accept(page):
    page.get_by_role("button", name="Accept and import").click()


def count(app, **wanted):
    with app.reading() as db:
        return reads.count(db, Filter(**wanted))


def test_a_file_is_looked_at_accepted_and_told_to_the_other_pages(page, url, app, new_page):
    other = new_page(url)
    other.goto("dams")
    expect(other.get_by_role("row", name="Deer Creek")).to_be_visible()
    choose(page, "utah.csv", as_csv(ROWS))
    expect(page.get_by_text("1 of 3 rows are refused and would be left out.")).to_be_visible()
    refused = page.get_by_role("region", name="Rows that are refused")
    expect(refused.get_by_role("row").nth(1)).to_have_text(
        "5NAThe id is blank or a placeholder: nothing tells which dam this is."
    )
    expect(page.get_by_text("Importing it means: 2 dams added.")).to_be_visible()
    assert count(app) == 2
    accept(page)
    expect(page.get_by_text('"utah.csv" was imported: 2 dams added.')).to_be_visible()
    expect(other.get_by_role("dialog")).to_contain_text('"utah.csv" was imported by the local user: 2 dams added.')
    assert (count(app), count(app, on_map=False)) == (4, 1)


def test_mississippi_is_imported_in_the_browser_by_keyboard(page, app, shared_data):
    page.get_by_label("Choose Inventory File").set_input_files(shared_data / "nid" / "nid_ms_2024.csv")
    expect(page.get_by_text("All 6,093 rows can be taken.")).to_be_visible()
    expect(
        page.get_by_text("Hazard potential: Low 4,510, Undetermined 1,166, High 347, Significant 70.")
    ).to_be_visible()
    expect(page.get_by_text("Importing it means: 6,093 dams added.")).to_be_visible()
    page.get_by_role("button", name="Accept and import").press("Enter")
    expect(page.get_by_text('"nid_ms_2024.csv" was imported: 6,093 dams added.')).to_be_visible()
    assert count(app, state=("Mississippi",), hazard=("High",)) == 347


def test_a_file_that_is_no_inventory_is_refused_and_can_be_followed_by_another(page, app):
    choose(page, "wrong.csv", b"a,b\n1,2\n")
    expect(page.get_by_role("alert")).to_contain_text("No column holds an id of the dams")
    expect(page.get_by_role("button", name="Accept and import")).to_have_count(0)
    choose(page, "utah.csv.gz", gzip.compress(as_csv(ROWS[:1])))
    expect(page.get_by_text("All 1 rows can be taken.")).to_be_visible()
    expect(page.get_by_text("utah.csv.gz: CSV, 7 columns, UTF-8, gzip, last updated 2025-01-01.")).to_be_visible()


@pytest.mark.slow
def test_a_plain_file_is_not_called_packed_though_the_browser_packs_it(page):
    choose(page, "utah.csv", as_csv(ROWS))
    expect(page.get_by_text("utah.csv: CSV, 7 columns, UTF-8, last updated 2025-01-01.")).to_be_visible()


def test_an_older_file_is_refused_until_it_is_said_to_be_meant(page, app):
    choose(page, "new.csv", as_csv(ROWS[:1], "2024-1-11"))
    accept(page)
    expect(page.get_by_text("was imported: 1 dam added.")).to_be_visible()
    choose(page, "old.csv", as_csv([(*ROWS[0][:5], "High", "1950")], "2020-1-7"))
    expect(page.get_by_role("alert")).to_contain_text(
        "old.csv was last updated 2020-01-07; 1 of its dams is in from 'new.csv', last updated 2024-01-11"
    )
    expect(page.get_by_role("button", name="Accept and import")).to_have_count(0)
    page.get_by_role("checkbox", name="The older file is meant").press("Space")
    expect(page.get_by_text("Importing it means: 1 dam changed.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    accept(page)
    expect(page.get_by_text('"old.csv" was imported: 1 dam changed.')).to_be_visible()
    assert count(app, search="ZZ00001", hazard=("High",)) == 1


def test_a_list_that_lacks_many_dams_leaves_the_box_unticked_and_says_how_many(page, app):
    rows = [(f"Dam {n}", f"ZZ{n:05d}", "Utah", "40.0", "-111.0", "Low", "1950") for n in range(100)]
    choose(page, "all.csv", as_csv(rows))
    box = page.get_by_role("checkbox", name="This file is the whole list of Utah")
    expect(box).to_be_checked()
    accept(page)
    expect(page.get_by_text("was imported: 100 dams added.")).to_be_visible()
    choose(page, "some.csv", as_csv(rows[30:], "2026-2-2"))
    expect(page.get_by_text("30 of 100 dams would be removed if this file were the whole list.")).to_be_visible()
    expect(box).not_to_be_checked()
    box.press("Space")
    expect(page.get_by_text("Importing it means: 30 dams removed. 70 are as they were.")).to_be_visible()
    expect(box).to_be_checked()
    box.press("Space")
    expect(page.get_by_text("Importing it means: nothing changed. 70 are as they were.")).to_be_visible()
    accept(page)
    expect(page.get_by_text('"some.csv" was imported: nothing changed.')).to_be_visible()
    assert count(app, hazard=("Low",), state=("Utah",)) == 100


@pytest.mark.slow
def test_the_same_file_twice_says_so(page, app):
    for words in ("Importing it means: 2 dams added.", "nothing was changed"):
        choose(page, "utah.csv", as_csv(ROWS))
        expect(page.get_by_text(words)).to_be_visible()
        if "added" in words:
            accept(page)
            expect(page.get_by_text("was imported: 2 dams added.")).to_be_visible()
    expect(page.get_by_text("rows are refused")).to_have_count(0)
    expect(page.get_by_role("checkbox")).to_have_count(0)
    expect(page.get_by_role("button", name="Accept and import")).to_have_count(0)


def test_what_both_changed_is_shown_side_by_side_and_decided(page, app):
    choose(page, "utah.csv", as_csv(ROWS))
    accept(page)
    expect(page.get_by_text("was imported: 2 dams added.")).to_be_visible()
    with app.reading() as db:
        (dam_id,) = reads.dams_page(db, Filter(search="ZZ00001")).dams.index
    about = {"name": "First", "owner": "Other", "river": "Creek", "date_built": "1950", "nid_id": "ZZ00001"}
    place = {"latitude": 40.0, "longitude": -111.0}
    app.send(EditDam(dam_id=int(dam_id), revision=1, hazard="Significant", **about, **place), user_name="local")
    page.get_by_role("button", name="Nevermind").click()
    choose(page, "newer.csv", as_csv([("First", *ROWS[0][1:5], "High", "1951"), ROWS[1]], "2026-2-2"))
    expect(page.get_by_text("Changed by this release and by people here: 1. Which value counts?")).to_be_visible()
    expect(page.get_by_text("Last release: Low. This release: High. Here: Significant.")).to_be_visible()
    page.get_by_role("radiogroup", name="First: hazard").get_by_role("radio", name="Keep what is here").press(
        "ArrowDown"
    )
    expect(page.get_by_role("radiogroup", name="First: hazard").get_by_label("Take the release's")).to_be_checked()
    accept(page)
    expect(page.get_by_text('"newer.csv" was imported: 1 dam changed.')).to_be_visible()
    with app.reading() as db:
        dam = reads.dam(db, int(dam_id))
    assert (dam["hazard"], dam["date_built"], dam["river"]) == ("High", "1951", "Creek")


def test_a_reader_without_the_right_is_told_so(serve, make_app, new_page):
    page = new_page(serve({"import": "dashboard/pages/import.py"}, make_app(user="diviewer")))
    page.goto("import")
    expect(page.get_by_text("diviewer may not import inventories.")).to_be_visible()


def test_it_fits_a_narrow_screen(page):
    page.set_viewport_size({"width": 390, "height": 800})
    choose(page, "utah.csv", as_csv(ROWS))
    expect(page.get_by_role("button", name="Accept and import")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
