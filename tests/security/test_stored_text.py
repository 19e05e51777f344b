"""Text that people and files give is text on every page, in every file and on the stream: it never runs."""

import copy
import csv
import io
import json
import re
import shutil
import urllib.parse
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

expect = pytest.importorskip("playwright.sync_api").expect

from hostile_inventory import HYDROGRAPH, as_shown, fill, inventory_csv, take_in  # noqa: E402
from hostile_text import KINDS, MADE, Marks, Watched  # noqa: E402
from panel.tests.util import wait_until  # noqa: E402

from dashboard.services import Services  # noqa: E402
from dashboard.settings import Settings  # noqa: E402
from data import events  # noqa: E402
from data.commands import AddDam, ChangeRole, DeleteDam  # noqa: E402

pytestmark = pytest.mark.ui

PAGES = {path.stem: str(path) for path in Path("dashboard/pages").glob("*.py")}
NAMED = ("Dam Name", "Owner Names", "River or Stream Name")  #: What people here can change as well.
TIP = ".bk-Tooltip, .bk-tooltip"
#: Where the dots of these dams are in the window, once the map stands still.
DOTS = """async (dams) => {
  const look = () => {
    const figures = (root) => [...root.owner.query((view) => view.model.type.endsWith("Figure"))]
    const view = [...Bokeh.index.roots].flatMap(figures)[0], plot = view?.model
    if (!plot?.tags.length) return null
    const { x_range: x, y_range: y, inner_width: w, inner_height: h, renderers } = plot
    const { data } = renderers.find((renderer) => renderer.name === "dots").data_source
    const { left, top } = view.el.getBoundingClientRect(), rows = dams.map((dam) => [...data.name].indexOf(dam))
    if (rows.includes(-1)) return null
    return rows.map((i) =>
      [left + w * (data.x[i] - x.start) / (x.end - x.start), top + h * (y.end - data.y[i]) / (y.end - y.start)])
  }
  let [found, calm] = [null, 0]
  while (calm < 15 || found == null) {
    await new Promise(requestAnimationFrame)
    const now = look()
    calm = JSON.stringify(now) === JSON.stringify(found) ? calm + 1 : 0
    found = now
  }
  return found
}"""
#: Where the first value of the first line of the first figure is in the window.
FIRST_VALUE = """() => {
  const figures = (root) => [...root.owner.query((view) => view.model.type.endsWith("Figure"))]
  const view = [...Bokeh.index.roots].flatMap(figures)[0]
  const { x_range: x, y_range: y, inner_width: w, inner_height: h, renderers } = view.model
  const { data } = renderers[0].data_source, { left, top } = view.el.getBoundingClientRect()
  const { bbox } = view.frame_view ?? view.frame
  return [
    left + bbox.left + w * (data.x[0] - x.start) / (x.end - x.start),
    top + bbox.top + h * (y.end - data.y[0]) / (y.end - y.start),
  ]
}"""


class Stage:
    """A server on the hostile inventory, and a browser that watches."""

    def __init__(self, serve, make_app, new_page, folder, there):
        self.user = "local"
        self.app = make_app(identify=lambda: self.user)
        self.folder = folder
        self.there = there
        self.marks = self.there.marks
        self.url = serve(PAGES, self.app)
        self._new_page = new_page

    def open(self, address, kept=None, **options):
        """``kept`` is in the browser's storage already."""
        watched = Watched(self._new_page(self.url, **options), self.marks)
        for key, value in (kept or {}).items():
            watched.page.add_init_script(f"localStorage[{json.dumps(key)}] = {json.dumps(json.dumps(value))}")
        watched.goto(address)
        return watched

    def read(self, address):
        with urllib.request.urlopen(f"{self.url}{address}", timeout=20) as answer:
            return answer.read()


@pytest.fixture(scope="module")
def hostile(seeded_file, tmp_path_factory):
    """A database with hostile text in each field, to be copied, and what is in it."""
    folder = tmp_path_factory.mktemp("hostile")
    path = shutil.copy(seeded_file, folder / "dams.sqlite")
    with closing(Services(Settings(database_url=f"sqlite:///{path}"))) as app:
        there = fill(app, folder)
    return path, there


@pytest.fixture
def stage(hostile, database_url, serve, make_app, new_page, tmp_path):
    path, there = hostile
    shutil.copy(path, database_url.removeprefix("sqlite:///"))
    return Stage(serve, make_app, new_page, tmp_path, copy.deepcopy(there))


def halves(pieces):
    """Pieces of every kind in two texts, which are short enough for a search."""
    return "".join(pieces[:5]), "".join(pieces[5:])


def arguments(**given):
    return urllib.parse.urlencode(given, doseq=True)


def test_the_table_its_menus_its_search_and_its_question(stage):
    there, put = stage.there, stage.marks.every
    watched = stage.open("dams?rows=all", width=1700, height=1000)
    page = watched.page
    columns = ("Dam Name", "Owner Names", "River or Stream Name", "State", "County", "Hazard Potential Classification",
               "Condition Assessment")  # fmt: skip
    watched.look(there.as_filed(kind)[name] for kind in KINDS for name in columns)
    for typed in halves(put("the search")):
        page.get_by_role("searchbox", name="Search").fill(typed)
        watched.look([f"Search: {typed}"])
    page.get_by_role("searchbox", name="Search").fill("")
    for typed in halves(put("the river that is asked for")):
        page.get_by_label("River", exact=True).fill(typed)
        page.keyboard.press("Enter")
        watched.look([f"River: {typed}"])
    page.get_by_role("button", name="Clear").click()
    for label, name in (("Hazard potential", "Hazard Potential Classification"), ("Condition", "Condition Assessment"),
                        ("State", "State"), ("Emergency action plan", "EAP Prepared"), ("Owner type", "Owner Types"),
                        ("Purpose", "Purposes"), ("Dam type", "Dam Types")):  # fmt: skip
        page.locator("summary", has_text=label).click()
        watched.look(there.as_filed(kind)[name] for kind in KINDS)
        page.keyboard.press("Escape")
    for kind in ("img", "attribute", "template"):
        name = there.of(kind)["Dam Name"]
        page.get_by_role("button", name=f"Delete Dam: {name}", exact=True).click()
        watched.look([f"Delete {name}, its hydrograph and its series?"])
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("dialog", name="Delete Dam")).to_be_hidden()


def test_the_map_its_hover_card_list_and_search(stage):
    there = stage.there
    watched = stage.open("map?on_map=yes&search=ZZ0001", height=1000)
    page = watched.page
    expect(page.get_by_text("9 of 9 dams drawn")).to_be_visible()
    filed = [there.as_filed(kind) for kind in KINDS]
    names = [shown["Dam Name"] for shown in filed]
    watched.look(names)  # the list
    for shown, dot in zip(filed, page.evaluate(DOTS, names), strict=True):
        page.mouse.move(*dot)
        expect(page.locator(TIP).filter(has_text=shown["Dam Name"])).to_be_visible()
    for shown in filed:
        page.get_by_role("listitem").get_by_role("button", name=shown["Dam Name"], exact=True).click()
        watched.look(shown[name] for name in (*NAMED[1:], "Hazard Potential Classification"))
    page.get_by_role("combobox", name="Find a dam").fill("ZZ0001")
    expect(page.get_by_role("option").first).to_be_visible()
    watched.look(f"{shown['Dam Name']}, {shown['River or Stream Name']}" for shown in filed)
    for typed in halves(stage.marks.every("the name that is looked for")):
        page.get_by_role("combobox", name="Find a dam").fill(typed)
        watched.look([typed])
    watched.goto(f"map?dam={there.dams['img']}")
    page.get_by_role("button", name="Hydrograph", exact=True).click()
    watched.look([f"Hydrograph for {there.of('img')['Dam Name']}", f"From {there.hydrographs['img']}"])


def test_the_profile_and_the_history_as_releases_come_in(stage):
    there, number = stage.there, KINDS.index("img") + 10
    watched = stage.open(f"dam?id={there.filed_ids['img']}", kept={"dams.notices": {"following": {"mute": True}}})
    page = watched.page
    page.locator("summary", has_text="Source record").click()
    watched.look([there.filed["img"]["Dam Name"]])
    wait_until(lambda: stage.app.hub.listening == 1, timeout=15_000)
    known = {"Other Structure ID": there.filed["img"]["Other Structure ID"]}  # the same dam
    releases = []
    for day, kind in enumerate(KINDS, 2):
        content, rows = inventory_csv(stage.marks, kind, f"ZZ{number:05d}", updated=f"2025-2-{day}", **known)
        name = stage.marks.put(kind, "inventory file")
        take_in(stage.app, content, name, there.users[kind], stage.folder)
        cells = rows[0]
        releases.append((kind, name, cells))
        watched.look([*as_shown(cells).values(), *cells, *cells.values(), name])
    page.get_by_role("tab", name="History").click()
    for kind, name, cells in releases:
        watched.look([name, there.users[kind], *(as_shown(cells)[column] for column in (*NAMED, "County", "City"))])


def test_the_page_of_a_dam_all_tabs(stage):
    there = stage.there
    watched = stage.open("shapes")
    page = watched.page
    for kind in ("script", "breakout", "template"):
        shown, cells, user = there.of(kind), there.cells[kind], there.users[kind]
        watched.goto(f"dam?id={there.dams[kind]}")
        watched.look(shown.values(), title=shown["Dam Name"])
        page.get_by_role("tab", name="History").click()
        files = (there.replaced[kind], there.hydrographs[kind], there.files[kind])
        watched.look([*(cells[name] for name in NAMED), user, *files])
        page.get_by_role("tab", name="Edit").click()
        watched.look(shown[name] for name in NAMED)
        page.get_by_role("tab", name="Hydrograph").click()
        series = [about.id for about in there.series.values()]
        watched.look(series if kind == "script" else [f"Hydrograph for {shown['Dam Name']}"])


def test_the_activity_and_the_overview(stage):
    there = stage.there
    watched = stage.open("activity")
    page = watched.page
    older = page.get_by_role("button", name="Show older")
    expect(older).to_be_visible()
    while older.is_visible():
        count = page.get_by_role("listitem").count()
        older.click()
        expect(page.get_by_role("listitem").nth(count)).to_be_attached()
    logged = (there.users, there.files, there.hydrographs, there.replaced, there.removed, there.deleted,
              there.series_files, there.removed_series)  # fmt: skip
    watched.look(texts[kind] for texts in logged for kind in KINDS)
    watched.goto("overview")
    tables = page.locator("summary", has_text="The same as a table")
    expect(tables).to_have_count(4)
    for table in tables.all():
        table.click()
    watched.look(there.as_filed(kind)["State"] for kind in KINDS)
    box = page.locator(".overview-plot canvas").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 12)
    watched.look()


def test_what_others_do_is_told_as_text_at_once_and_on_return(stage):
    there, app = stage.there, stage.app
    watched = stage.open("dams")
    page = watched.page
    page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('dams.seen'))")
    names = {}
    for kind in KINDS:
        names[kind] = stage.marks.put(kind, "name of a dam that is added now")
        about = {"name": names[kind], "owner": "Other", "river": "River", "date_built": "1950"}
        app.send(AddDam(**about, longitude=-90.0, latitude=35.0), user_name=there.users[kind])
    watched.look(f'"{names[kind]}" was added by {there.users[kind]}.' for kind in KINDS)
    page.get_by_role("button", name="Refresh").click()
    watched.look(names.values())
    watched.goto("healthz")
    app.send(DeleteDam(dam_id=there.typed["img"]), user_name=there.users["img"])
    watched.goto("activity")
    watched.look(["Since you were last here: 1 dam deleted"])
    page.get_by_role("button", name="Notices").click()
    page.get_by_role("radio", name="Chosen dams").click()
    page.get_by_role("combobox", name="Add a dam").click()
    watched.look(name for kind, name in names.items() if kind != "formula")
    page.get_by_role("radio", name="Dams of an owner").click()
    page.get_by_role("combobox", name="Owner").click()
    watched.look(there.of(kind)["Owner Names"] for kind in KINDS)


def test_the_form_of_a_new_dam_refuses_and_keeps_hostile_text_as_text(stage):
    watched = stage.open("add_dam")
    page = watched.page
    fields = ("Name", "River", "Date Built", "NID ID", "Latitude", "Longitude")
    for half in (0, 1):
        typed = {name: halves(stage.marks.every(f"{name} that is typed"))[half] for name in fields}
        fill_in(page, typed)
        shown = [typed["Name"], typed["River"], f"Latitude {typed['Latitude']!r} is not", typed["Longitude"]]
        watched.look([*shown, repr(typed["NID ID"]), typed["Date Built"]])
    page.reload()
    watched.look([typed["Name"], typed["Latitude"]])
    for kind in ("img", "template"):
        good = {"Date Built": "1950", "NID ID": "", "Latitude": "40.5", "Longitude": "-111.5"}
        good |= {name: stage.marks.put(kind, f"{name} that is typed") for name in ("Name", "River")}
        fill_in(page, good)
        watched.look([f'"{good["Name"]}" has been added.'])


def fill_in(page, typed):
    for name, text in typed.items():
        page.get_by_label(name, exact=True).fill(text)
        page.keyboard.press("Tab")
    page.get_by_role("button", name="Add", exact=True).click()


def choose(page, name, content):
    """Choose a file of any name: a browser's own dialog would give no slash."""
    page.locator("input[type=file]").evaluate(
        """(input, [name, text]) => {
          const files = new DataTransfer()
          files.items.add(new File([text], name))
          input.files = files.files
          input.dispatchEvent(new Event("change"))
        }""",
        [name, content.decode()],
    )


def as_given(name):
    """A browser writes a colon where the name of a file has a slash."""
    return re.sub("/", "[/:]", re.escape(name))


def test_the_report_of_an_inventory_and_its_conflicts(stage, tmp_path):
    put = stage.marks.put
    watched = stage.open("import")
    page = watched.page
    for number, kind in enumerate(KINDS):
        content, (cells,) = inventory_csv(stage.marks, kind, f"ZZ{number + 100:05d}")
        bad = io.StringIO()
        twice, long = put(kind, "cell of a line that is too long"), put(kind, "an id")
        csv.writer(bad).writerow([twice] * (len(cells) + 1))
        csv.writer(bad).writerow([long * 4 if name == "NID ID" else "" for name in cells])
        name = put(kind, "inventory file") + ".csv"
        choose(page, name, content + bad.getvalue().encode())
        watched.look([long[:40], *(cells[column][:25] for column in ("NID Height (Ft)", "Condition Assessment Date"))])
        text = watched.look([twice[:50], cells["Hazard Potential Classification"]])
        assert re.search(as_given(name), text)
        expect(page.get_by_role("button", name="Accept and import")).to_be_visible()
        head = put(kind, "a header")
        choose(page, name, f'"{head.replace(chr(34), chr(34) * 2)}",x\n1,2\n'.encode())
        watched.look([f"the columns are: {head}, x."])
    for number, kind in enumerate(KINDS):  # a release and people here changed the same
        known = {"Other Structure ID": stage.there.cells[kind]["Other Structure ID"]}  # the same dam
        content, (cells,) = inventory_csv(stage.marks, kind, f"ZZ{number:05d}", updated="2026-2-2", **known)
        choose(page, "newer.csv", content)
        here, before = stage.there.edited[kind]["Owner Names"], stage.there.cells[kind]["Owner Names"]
        words = f"Last release: {before}. This release: {cells['Owner Names']}. Here: {here}."
        watched.look([words, stage.there.edited[kind]["Dam Name"], f"This file is the whole list of {cells['State']}"])
    page.get_by_role("radio", name="Take the release's").first.check()
    page.get_by_role("button", name="Accept and import").click()
    watched.look(['"newer.csv" was imported'])


def test_the_report_of_a_hydrograph_and_of_series(stage):
    put, there = stage.marks.put, stage.there
    watched = stage.open("assign_hydrograph")
    page = watched.page
    page.get_by_role("combobox", name="Dam").click()
    watched.look(there.of(kind)["Dam Name"] for kind in KINDS)
    page.keyboard.press("Escape")
    for kind in KINDS:
        bad, name = put(kind, "a flow"), put(kind, "hydrograph file") + ".csv"
        row = io.StringIO()
        csv.writer(row).writerow(["9", bad])
        choose(page, name, HYDROGRAPH + row.getvalue().encode())
        assert re.search(as_given(name), watched.look([bad]))
    names = stage.marks.every("name of a column")
    bad, sites, flags = stage.marks.every("a value"), stage.marks.every("a station"), stage.marks.every("a flag")
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["date", *names])
    rows.writerows([[f"2020-01-{day:02d}", *([str(day)] * 9)] for day in range(1, 13)])
    rows.writerows([[f"2020-01-{13 + at}", *([""] * at), text, *([""] * (8 - at))] for at, text in enumerate(bad)])
    choose(page, "columns.csv", table.getvalue().encode())
    watched.look([*names, *bad])
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["station", "unit", "date", "value", "flag"])
    units = stage.marks.every("a unit")
    for site, unit, flag in zip(sites, units, flags, strict=True):
        rows.writerows([[site, unit, f"2020-01-{day:02d}", str(day), flag if day == 3 else ""] for day in range(1, 13)])
    choose(page, "stations.csv", table.getvalue().encode())
    watched.look([*sites, *units, *flags])
    page.get_by_role("combobox", name="Dam").fill("Deer")
    page.get_by_role("option", name="Deer Creek").click()
    page.get_by_role("button", name="Assign", exact=True).click()
    watched.look(["Successfully assigned series."])
    watched.goto("hydrograph?dam=1")
    watched.look([sites[0]])


def test_series_their_plots_and_their_list(stage):
    there = stage.there
    watched = stage.open(f"hydrograph?dam={there.dams['script']}", height=1000)
    page = watched.page
    words = (there.series_files, there.flags, {kind: about.name for kind, about in there.series.items()})
    watched.look(texts[kind] for texts in words for kind in KINDS)
    watched.look(text for about in there.series.values() for text in (about.id, about.datum))
    page.get_by_role("button", name="Keep this window to compare").click()
    expect(page.get_by_role("checkbox", name=re.compile("2020-01-01"), checked=True)).to_have_count(9)
    watched.look(f"{about.name}, 2020-01-01" for about in there.series.values())
    canvas = page.locator(".series-panel canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for step in range(3):  # over the flagged value and its neighbours
        page.mouse.move(box["x"] + 68 + (box["width"] - 80) * (3 + 0.02 * step) / 40, box["y"] + 100)
    expect(page.locator(TIP).filter(has_text=there.series["img"].name)).to_be_visible()
    watched.look(there.series[kind].name for kind in KINDS)
    watched.goto(f"hydrograph?dam={there.dams['img']}")
    watched.look(about.id for about in there.units.values())
    for panel in page.locator(".series-panel canvas").all()[:9:4]:
        panel.scroll_into_view_if_needed()
        box = panel.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
        page.mouse.move(box["x"] + box["width"] / 2 + 2, box["y"] + 100)
        expect(page.locator(TIP).first).to_be_visible()
        watched.quiet()


def test_analyses_of_series_whose_every_word_is_hostile(stage):
    there = stage.there
    watched = stage.open(f"analysis?dam={there.dams['img']}", height=1000)
    page = watched.page
    for kind in ("script", "img", "attribute", "breakout", "template"):
        about = there.units[kind]
        page.get_by_role("combobox", name="Series").first.click()
        page.get_by_role("menuitem", name=about.name, include_hidden=True).click()
        page.get_by_role("button", name="Compute").first.click()
        watched.look([f"Facts of {about.name}", f" {about.unit[:40]} at 2020-01-"])
        if kind in ("img", "template"):
            page.mouse.move(*page.evaluate(FIRST_VALUE))
            expect(page.locator(TIP).filter(has_text=about.unit[:40])).to_be_visible()
            watched.quiet()
    typed = "".join(stage.marks.every("a value that is typed"))
    page.get_by_label("Time at or above").first.fill(typed)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Compute").first.click()
    watched.look([f"The value {typed!r} is not a number."])


def test_what_an_address_asks_for(stage):
    every = stage.marks.every
    pieces = {name: every(f"{name} in an address") for name in ("state", "county", "purposes")}
    texts = {name: "".join(every(f"{name} in an address")[:5]) for name in ("owner", "river")}
    texts["search"] = "".join(every("search in an address")[5:])
    names, near = every("name of an argument"), every("near in an address")[1]
    piece = "".join(every("a number in an address"))
    shown = [*(text for found in pieces.values() for text in found), *(text[:200] for text in texts.values())]
    watched = stage.open("shapes")
    for page, more in (("dams", [*map(repr, names), near]), ("map", [*map(repr, names), near]), ("overview", [])):
        watched.goto(f"{page}?{arguments(**pieces, **texts, near=near, dam=piece, **dict.fromkeys(names, 'x'))}")
        watched.look([*shown, *more])
    for page in ("activity?after=", "dam?id=", "hydrograph?dam=", "analysis?dam="):
        watched.goto(f"{page}{urllib.parse.quote(piece)}&{arguments(**{piece: piece})}")
        expect(watched.page.get_by_role("heading", level=1)).to_be_attached()
        watched.quiet()


def test_a_user_who_may_nothing_and_addresses_that_are_none(stage):
    stage.user = " ".join(stage.marks.every("the name of a user without a right"))
    watched = stage.open("add_dam", allow=("404", "400"))
    for address, may_not in (("add_dam", "add dams"), ("assign_hydrograph", "assign hydrographs"),
                             ("import", "import inventories")):  # fmt: skip
        watched.goto(address)
        watched.look([f"{stage.user} may not {may_not}."])
    piece = urllib.parse.quote("".join(stage.marks.every("an address")), safe="")
    for address in (f"{piece}", f"dams/{piece}", f"export?format={piece}", f"export?format=csv&{piece}={piece}",
                    f"events?after={piece}"):  # fmt: skip
        watched.goto(address)
        watched.quiet()


def cells_that_run(content):
    """Cells that a spreadsheet would take as a formula."""
    table = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    number = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
    return [
        cell for row in table for cell in row if cell[:1] in tuple("=+-@\t\r＝＋－＠") and not number.fullmatch(cell)
    ]


def test_files_hold_the_text_as_it_is_and_no_formula(stage):
    there = stage.there
    wanted = arguments(format="csv", search="ZZ0000")
    ours = stage.read(f"export?{wanted}")
    assert cells_that_run(ours) == []
    found = list(csv.DictReader(line for line in ours.decode().splitlines() if not line.startswith("#")))
    assert len(found) == 9
    read_back = {text.removeprefix("'") if text[1:2] == "=" else text for row in found for text in row.values()}
    for kind in KINDS:
        shown = there.of(kind)
        assert {shown[name] for name in ("Dam Name", "Owner Names", "County", "City", "EAP Prepared")} <= read_back
    source = stage.read("export?format=nid")
    assert cells_that_run(source) == []
    text = source.decode()
    for kind in KINDS:
        for name, cell in there.cells[kind].items():
            assert cell.replace('"', '""') in text and name.replace('"', '""') in text, stage.marks.named(cell)
    features = json.loads(stage.read("export?format=geojson&search=ZZ0000"))["features"]
    names = {feature["properties"]["name"] for feature in features}
    assert names == {there.of(kind)["Dam Name"] for kind in KINDS}


def test_the_stream_holds_whole_events_and_the_text_as_it_is(stage):
    with urllib.request.urlopen(f"{stage.url}events?after=0", timeout=20) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        with stage.app.reading() as db:
            last = events.head(db)
        lines, numbers, told = [], [], []
        for line in answer:
            lines.append(line.decode())
            if line.startswith(b"data: "):
                told.append(json.loads(line[6:]))
                numbers.append(told[-1]["number"])
                if numbers[-1] == last:
                    break
    assert numbers == list(range(1, last + 1))
    assert {re.match(r"id: |event: \w+$|data: |retry: |$", line) is not None for line in lines} == {True}
    there = stage.there
    said = {event["user"] for event in told} | {event["dam_name"] for event in told}
    assert {*there.users.values(), *there.deleted.values(), *there.files.values()} <= said


def test_the_look_finds_what_is_more_than_text(new_page, serve):
    """Put where it is interpreted, each kind but a formula is found by its mark: the tests above can fail."""
    import panel as pn
    import panel_material_ui as pmui
    from bokeh.plotting import figure

    marks = Marks()
    pieces = {kind: marks.put(kind, "a place that interprets it") for kind in KINDS[:-1]}
    markup = {kind: pieces[kind] for kind in ("img", "svg", "breakout", "iframe")}
    markup |= {"attribute": f'<p title="{pieces["attribute"]}">Words</p>', "script": f"<script>{pieces['script']}"}

    def page():
        plot = figure(x_axis_label=pieces["template"])
        shown = [pn.pane.HTML(text) for text in markup.values()]
        return pmui.Page(main=[*shown, pn.pane.Markdown(pieces["markdown"]), pn.pane.Bokeh(plot)])

    watched = Watched(new_page(serve({"stage": page}), allow=("404", "Content Security Policy")), marks)
    watched.goto("stage")
    wanted = [re.search(r"\d+", piece)[0] for piece in pieces.values()]
    all_made = f"(wanted) => {{ const made = ({MADE})().join(); return wanted.every((mark) => made.includes(mark)) }}"
    watched.page.wait_for_function(all_made, arg=wanted)
    with pytest.raises(AssertionError, match="drawn as more than text") as found:
        watched.quiet()
    assert [kind for kind in pieces if f"{kind} in a place that interprets it" not in str(found.value)] == []
    assert any("img in a place" in what for what in watched.done)


def test_the_administration(stage):
    there = stage.there
    roles = {kind: stage.marks.put(kind, "a role's name")[:40] for kind in KINDS}
    for kind in KINDS:
        stage.app.send(ChangeRole(name=roles[kind], staff=False, rights=("view",)), user_name="local")
    watched = stage.open("admin", width=1500, height=1000)
    page = watched.page
    watched.look(there.users.values())
    for kind in ("img", "attribute", "template"):
        name = there.users[kind]
        page.get_by_role("button", name=f"Change: {name}", exact=True).click()
        page.get_by_role("dialog").get_by_role("combobox", name="Role").click()
        watched.look(roles.values())
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name=f"Remove: {name}", exact=True).click()
        watched.look([f"Remove {name}? The dams of {name} stay"])
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Add User").click()
    for half in halves(stage.marks.every("a user's name that is typed")):
        page.get_by_label("Name", exact=True).fill(half * 3)
        page.get_by_label("Most dams").fill(half)
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Save").click()
        watched.look([f"{half!r} is not a whole number"])
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("tab", name="Roles").click()
    watched.look(roles.values())
    page.get_by_role("tab", name="Storage").click()
    watched.look()
    page.get_by_role("tab", name="Log").click()
    watched.look(f"made the role {name}." for name in roles.values())
