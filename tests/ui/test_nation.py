"""The real national inventory of 2019 with Mississippi's list of 2024 after it: found, narrowed, shared, taken away."""

import csv
import io
import re
import shutil

import pytest
from panel.tests.util import wait_until

from data import reads
from data.commands import ImportInventory
from data.importers import inventory
from data.inventory import Filter

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PAGES = ("dams", "dam", "map", "overview")
#: Wait until the text beside an element has stood still for a second: a map is laid out in steps.
CALM = """async (element) => {
  const root = element.getRootNode()
  let [text, calm] = ["", 0]
  while (calm < 60) {
    await new Promise(requestAnimationFrame)
    calm = root.textContent === text ? calm + 1 : 0
    text = root.textContent
  }
}"""
WANTED = Filter(hazard=("High",), condition=("Poor",), state=("Mississippi",))


@pytest.fixture(scope="module")
def nation(tmp_path_factory, shared_data):
    """A database file with both lists, and what the import of each did."""
    from dashboard.services import Services
    from dashboard.settings import Settings

    path = tmp_path_factory.mktemp("nation") / "nation.sqlite"
    app = Services(Settings(database_url=f"sqlite:///{path}"))
    app.prepare()
    done = []
    for name in ("nid_2019_national.csv.gz", "nid_ms_2024.csv"):
        with inventory.read(shared_data / "nid" / name) as file:
            done.append(app.send_import(ImportInventory(file=file), user_name="local"))
    app.close()
    return path, done


@pytest.fixture
def database_url(tmp_path, nation):
    return f"sqlite:///{shutil.copy(nation[0], tmp_path / 'nation.sqlite')}"


@pytest.fixture
def url(serve, app):
    return serve({name: f"dashboard/pages/{name}.py" for name in PAGES}, app)


def test_a_state_s_newer_list_is_taken_into_the_nation_s(nation, app):
    first, second = nation[1]
    assert first["added"] + first["adopted"] == 91_457 and first["adopted"] == 2
    assert second["added"] + second["changed"] + second["unchanged"] == 6_093
    with app.reading() as db:
        assert reads.count(db, Filter(state=("Mississippi",))) == 6_093
        assert reads.count(db) == 91_457 + second["added"] - second["removed"]


def test_hoover_dam_is_found_by_a_misspelt_name_and_opened(url, new_page):
    page = new_page(url)
    page.goto("dams")
    expect(page.get_by_role("link", name="HOOVER", exact=True)).to_have_count(0)
    page.get_by_role("searchbox", name="Search").fill("hovver nevada")
    expect(page.get_by_text("No dam matches “hovver”; shown: “hoover”.")).to_be_visible()
    page.get_by_role("link", name="HOOVER", exact=True).click()
    expect(page.get_by_role("heading", name="HOOVER")).to_be_visible()
    expect(page.get_by_text("NV10122").first).to_be_visible()


def test_a_filter_is_shared_by_its_address_and_exported_with_the_count_that_is_shown(url, app, new_page):
    page = new_page(url)
    page.goto("dams")
    for facet, value in (("State", "Mississippi"), ("Hazard potential", "High"), ("Condition", "Poor")):
        page.get_by_role("group").filter(has_text=facet).get_by_text(facet, exact=True).first.click()
        page.get_by_role("checkbox", name=value).first.check()
        expect(page.get_by_text(f"{facet}: {value}")).to_be_visible()
        page.keyboard.press("Escape")
    with app.reading() as db:
        count = reads.count(db, WANTED)
    assert count > 25
    expect(page.get_by_text(f"1–25 of {count} dams")).to_be_visible()
    page.wait_for_url("**/dams?*condition=Poor*")
    other = new_page(url)
    other.goto(page.url)
    expect(other.get_by_text(f"1–25 of {count} dams")).to_be_visible()
    answer = other.request.get(f"export?format=csv&{WANTED.query()}")
    lines = [line for line in answer.text().splitlines() if not line.startswith("#")]
    assert len(list(csv.DictReader(io.StringIO("\n".join(lines))))) == count
    other.goto(f"map?{WANTED.query()}")
    expect(other.get_by_text(f"{count} of {count} dams")).to_be_visible()


def test_the_list_beside_the_map_has_as_many_dams_as_the_map_draws(url, new_page):
    page = new_page(url)
    page.goto("map?state=Mississippi")
    drawn = page.get_by_text(re.compile(r"^[\d,]+ of [\d,]+ dams drawn in this view"))
    expect(drawn).to_contain_text("of 6,0")  # the whole state is in view
    listed = page.get_by_text(re.compile(r"^1–25 of [\d,]+ drawn$"))

    def agree():
        return listed.inner_text() == f"1–25 of {drawn.inner_text().split()[0]} drawn"

    drawn.evaluate(CALM)
    assert agree()
    before = listed.inner_text()
    page.get_by_role("button", name="Zoom in").click()
    expect(listed).not_to_have_text(before)
    wait_until(agree, page)


def test_a_dam_is_found_on_the_map_as_forgivingly_as_in_the_table_and_brought_near(url, new_page):
    page = new_page(url, width=390)
    page.goto("map")
    expect(page.get_by_text("dams drawn")).to_be_visible()
    find = page.get_by_role("combobox", name="Find a dam")
    for typed, words in (("NV10122", "HOOVER"), ("hovver nevada", "HOOVER"), ("sardiss", "ardis")):
        find.fill(typed)
        expect(page.get_by_role("option").first).to_contain_text(re.compile(words, re.I))
    find.fill("NV10122")
    page.get_by_role("option", name="HOOVER").click()
    expect(page.get_by_role("dialog", name="Dam").get_by_text("HOOVER")).to_be_visible()
