"""R12, R13, R22: the four real files are assigned in the browser and their plots are read."""

import pytest

from data import reads

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PAGES = {"assign_hydrograph": "dashboard/pages/assign_hydrograph.py", "hydrograph": "dashboard/pages/hydrograph.py"}
PEAKS = {1: "60", 2: "72", 3: "120", 4: "160.8"}  # cfs, from the files' README


@pytest.fixture
def url(serve, app):
    return serve(PAGES, app)


def opened(new_page, url, **options):
    page = new_page(url, **options)
    page.goto("assign_hydrograph")
    expect(page.get_by_role("button", name="Assign", exact=True)).to_be_visible()
    return page


def choose_dam(page, name):
    field = page.get_by_role("combobox", name="Dam")
    field.click()
    page.locator("li", has_text=name).click()


def choose_file(page, *files):
    page.locator("input[type=file]").set_input_files(*files)


def test_R12_R13_the_four_real_files_are_assigned_and_their_plots_are_read(url, app, new_page, shared_data):
    page = opened(new_page, url)
    reader = new_page(url)
    for number, peak in PEAKS.items():
        choose_dam(page, "Deer Creek")
        choose_file(page, shared_data / "hydrographs" / f"hydrograph{number}.csv")
        expect(page.get_by_text("13 rows").first.or_(page.get_by_text("13 of 13").first)).to_be_visible()
        page.get_by_role("button", name="Assign", exact=True).click()
        expect(page.get_by_text("Successfully assigned hydrograph.")).to_be_visible()
        with app.reading() as db:
            assert reads.hydrograph(db, 1).file_name == f"hydrograph{number}.csv"
        reader.goto("hydrograph?dam=1")
        expect(reader.get_by_text("Hydrograph for Deer Creek").first).to_be_attached()
        expect(reader.get_by_text(f"{peak} cfs").first).to_be_visible()


def test_R12_nothing_chosen_is_told_in_the_words_of_the_reference(url, new_page):
    page = opened(new_page, url)
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("Dam is Required.")).to_be_visible()
    expect(page.get_by_text("Hydrograph File is Required.")).to_be_visible()


def test_defect_7_a_file_with_a_bad_line_is_stored_only_when_its_report_is_accepted(url, app, new_page):
    page = opened(new_page, url)
    choose_dam(page, "Jordanelle")
    bad = {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"time [hr],flow [cfs]\n0,1\n1,two\n2,3\n"}
    choose_file(page, bad)
    expect(page.get_by_role("cell", name="two")).to_be_visible()
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("Not every line was understood: read the report")).to_be_visible()
    with app.reading() as db:
        assert reads.hydrograph(db, 2) is None
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("Successfully assigned hydrograph.")).to_be_visible()
    with app.reading() as db:
        assert list(reads.hydrograph(db, 2).points["flow_cfs"]) == [1.0, 3.0]


def test_R15_a_user_without_the_right_is_told_so(serve, make_app, new_page):
    page = new_page(serve(PAGES, make_app(user="diviewer")))
    page.goto("assign_hydrograph")
    expect(page.get_by_text("diviewer may not assign hydrographs.")).to_be_visible()


def test_a_dam_without_a_hydrograph_says_so_on_its_page(url, new_page):
    page = new_page(url)
    page.goto("hydrograph?dam=1")
    expect(page.get_by_text("No hydrograph assigned")).to_be_visible()
    expect(page.get_by_role("link", name="Back")).to_have_attribute("href", "dams")
