"""From a file of a gauge to a routed flood: assign it, see report and gaps, route it, run the script."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from data import reads
from data.commands import AssignSeries
from data.importers import series
from data.series import Series, SeriesFile

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

ROOT = Path(__file__).parents[2]
PAGES = ("assign_hydrograph", "hydrograph", "analysis", "dam")


@pytest.fixture
def url(serve, app):
    return serve({name: f"dashboard/pages/{name}.py" for name in PAGES}, app)


@pytest.fixture
def iced(shared_data, tmp_path):
    """The daily flows of USGS 02177000 with two days of ice, one missing value and a day left out; made up for this."""
    text = (shared_data / "usgs" / "rdb_dv_02177000.txt").read_text()
    for day, found, made in (
        ("2012-09-06", "414\tA", "Ice\tP:e"),
        ("2012-09-07", "320\tA", "\tP Ice"),
        ("2012-09-08", "276\tA", "\tA"),
    ):
        row = f"USGS\t02177000\t{day}\t"
        assert row + found in text
        text = text.replace(row + found, row + made)
    left_out = "USGS\t02177000\t2012-09-10\t227\tA\n"
    assert left_out in text
    file = tmp_path / "iced.rdb"
    file.write_text(text.replace(left_out, ""))
    return file


def assign(page, file):
    page.goto("assign_hydrograph")
    page.get_by_label("Dam", exact=True).click()
    page.get_by_role("option", name="Deer Creek").click()
    page.locator("input[type=file]").set_input_files(file)


def test_a_gauge_file_is_assigned_seen_routed_and_computed_again(url, app, new_page, iced, shared_data, tmp_path):
    page = new_page(url)
    assign(page, iced)
    expect(page.get_by_text("27 values, 3 missing")).to_be_visible()
    expect(page.get_by_text("1 gaps (1 steps are missing)")).to_be_visible()
    expect(page.get_by_text("P:e Ice 1")).to_be_visible()
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("Successfully assigned series.")).to_be_visible()

    page.get_by_text("Show its plot").click()
    expect(page.get_by_text("27 of 30 values are known", exact=False).or_(page.get_by_text("gap"))).not_to_have_count(0)

    page.goto("analysis?dam=1")
    page.get_by_role("tab", name="Route").click()
    table = shared_data / "known_answers" / "routing_cherry_creek_resmodel.csv"
    page.locator("input[type=file]").set_input_files(table)
    page.get_by_label("Starting elevation, ft").fill("5550")
    page.get_by_role("button", name="Route").click()
    expect(page.get_by_text("The inflow has 1 gaps, the first from 2012-09-09T00:00:00Z")).to_be_visible()
    expect(page.get_by_label("Starting elevation, ft")).to_have_value("5550")

    page.get_by_label("From (UTC)").fill("2012-09-11")
    page.get_by_role("button", name="Route").click()
    expect(page.get_by_text("Peak outflow", exact=True)).to_be_visible()
    with page.expect_download() as took:
        page.get_by_role("button", name="Download the script").click()
    script = tmp_path / "routing.py"
    took.value.save_as(script)
    ran = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    found = json.loads(ran.stdout)
    for key, unit in (("peak_outflow_cfs", "cfs"), ("peak_elevation_ft", "ft"), ("peak_storage_acre_ft", "acre-ft")):
        expect(page.get_by_text(f"{found[key]:,.2f} {unit} at")).to_be_visible()


def given(app, path, role):
    file = series.read(path)
    (one,) = [one for one in file.series if one.about.unit == "cfs"]
    app.send(AssignSeries(dam_id=1, file=file, roles={one.about.id: role}), user_name="local")


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.slow), 390])
def test_each_analysis_computes_and_stays_within_the_screen(url, app, new_page, shared_data, width):
    given(app, shared_data / "usgs" / "rdb_dv_03290500_estimated.txt", "inflow")
    given(app, shared_data / "usgs" / "rdb_peaks_01594440.txt", "other")
    page = new_page(url, width=width)
    page.goto("analysis?dam=1")
    for tab, button, words in (
        ("Facts", "Compute", "46,400 cfs at 2013-04-20T00:00:00Z"),
        ("Flood frequency", "Compute", "100-year flood"),
        ("Baseflow", "Separate", "Days used"),
        ("Statistics", "Compute", "Reached on 95 % of days"),
    ):
        page.get_by_role("tab", name=tab).click()
        page.get_by_role("button", name=button, exact=True).press("Enter")
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.get_by_role("button", name="Download the script")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_a_refusal_keeps_what_was_typed(url, app, new_page, shared_data):
    given(app, shared_data / "usgs" / "rdb_peaks_01594440.txt", "other")
    page = new_page(url)
    page.goto("analysis?dam=1")
    page.get_by_role("tab", name="Flood frequency").click()
    page.get_by_label("Regional skew", exact=True).fill("about half")
    page.get_by_role("button", name="Compute").click()
    expect(page.get_by_text("Regional skew 'about half' is not a number.")).to_be_visible()
    expect(page.get_by_label("Regional skew", exact=True)).to_have_value("about half")


def test_values_that_arrive_are_drawn_on_a_page_that_is_open(url, app, new_page, shared_data):
    whole = series.read(shared_data / "usgs" / "rdb_dv_02177000.txt")
    (one,) = whole.series
    early = SeriesFile(whole.file_name, whole.format, (Series(one.about, one.points[:20], 20),))

    def send(file):
        app.send(AssignSeries(dam_id=1, file=file, roles={one.about.id: "inflow"}), user_name="local")

    send(early)
    page = new_page(url)
    page.goto("hydrograph?dam=1")
    expect(page.get_by_text("20 values, 2012-09-01", exact=False)).to_be_visible()
    send(whole)
    expect(page.get_by_text("31 values, 2012-09-01", exact=False)).to_be_visible()
    with app.reading() as db:
        assert len(reads.series(db, 1)[0].series.points) == 31


def test_a_series_is_removed_on_the_dams_own_page_after_asking(url, app, new_page, shared_data):
    page = new_page(url, width=390)
    assign(page, shared_data / "usgs" / "rdb_dv_02177000.txt")
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.get_by_text("Successfully assigned series.")).to_be_visible()
    page.goto("dam?id=1")
    page.get_by_role("tab", name="Hydrograph").click()
    page.get_by_role("button", name="Remove inflow USGS:02177000").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("No hydrograph assigned")).to_be_visible()
    with app.reading() as db:
        assert reads.series(db, 1) == ()
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_text("removed the inflow series USGS:02177000:01_00060_00003")).to_be_visible()


def test_a_file_that_is_no_series_says_what_would_do(url, new_page, shared_data):
    page = new_page(url)
    assign(page, shared_data / "usgs" / "rdb_rating_01594440.txt")
    expect(page.get_by_text("rating", exact=False).first).to_be_visible()
    expect(page.get_by_text("Every line was understood.")).to_have_count(0)
