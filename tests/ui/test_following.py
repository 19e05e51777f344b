"""About which dams a person is told: chosen at the bell, kept in the browser, and a quiet page still follows."""

import json

import pytest

from data.commands import AddDam, DeleteDam, EditDam

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PAGES = {"dams": "dashboard/pages/dams.py", "map": "dashboard/pages/map.py"}
UTAH, KANSAS = (-111.0, 40.0), (-98.0, 38.5)
#: Its words show that the notice before it was not told.
LAST = '"Last" was added by the local user.'
#: The area map's place in the window once it stands still.
CANVAS = """async () => {
  let [found, calm] = ["", 0]
  while (calm < 15 || found === "") {
    await new Promise(requestAnimationFrame)
    const views = [...Bokeh.index.roots].flatMap((root) =>
      [...root.owner.query((view) => view.model.type.endsWith("Figure"))])
    const { left, top, width, height } = views[0]?.el.getBoundingClientRect() ?? {}
    const next = views[0]?.model.tags.length ? JSON.stringify([left, top, width, height]) : ""
    calm = next === found ? calm + 1 : 0
    found = next
  }
  return JSON.parse(found)
}"""


@pytest.fixture
def url(serve, app):
    return serve(PAGES, app)


def fields(name, place=UTAH, owner="Other"):
    about = {"name": name, "owner": owner, "river": "Made-up River", "date_built": "1950"}
    return about | {"longitude": place[0], "latitude": place[1]}


def add(app, name, place=UTAH, owner="Other"):
    return app.send(AddDam(**fields(name, place, owner)), user_name="local").dam_id


def opened(new_page, url, app, kept=None, **options):
    page = new_page(url, **options)
    if kept is not None:
        page.add_init_script(f"localStorage['dams.notices'] = {json.dumps(kept)}")
    page.goto("dams")
    wait_for_listeners(app)
    page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('dams.seen'))")
    return page


def wait_for_listeners(app, count=1):
    from panel.tests.util import wait_until

    wait_until(lambda: app.hub.listening == count, timeout=15_000)


def box(page):
    return page.get_by_role("dialog", name="Dam Notification")


def choices(page):
    return page.get_by_role("dialog", name="Notices")


def choose(page, label):
    page.get_by_role("button", name="Notices").click()
    page.get_by_role("radio", name=label).check()


def wait_for_kept(page, test):
    page.wait_for_function(f"""() => {{
        const {{ following }} = JSON.parse(localStorage["dams.notices"] || "{{}}")
        return following && ({test})
    }}""")


def expect_only(page, app, told):
    """Of what was just done the page tells ``told`` and no more; a last event closes the list."""
    expect(box(page)).to_contain_text(told)
    expect(box(page).get_by_role("listitem")).to_have_count(1)


def test_chosen_dams_alone_open_the_box_and_the_others_show_on_the_page(url, app, new_page):
    page = opened(new_page, url, app)
    choose(page, "Chosen dams")
    expect(page.get_by_text("Until you choose here, you are told about all dams.")).to_be_visible()
    find = page.get_by_role("combobox", name="Add a dam")
    find.fill("jord")
    page.get_by_role("option", name="Jordanelle").click()
    expect(page.get_by_role("checkbox", name="Jordanelle")).to_be_checked()
    expect(page.get_by_text("Until you choose here")).not_to_be_visible()
    wait_for_kept(page, "following.by === 'dams' && following.dams.length === 1")
    page.keyboard.press("Escape")
    add(app, "Quiet Dam")
    expect(page.get_by_role("row", name="Quiet Dam")).to_be_visible()
    expect(box(page)).not_to_be_visible()
    app.send(DeleteDam(dam_id=2), user_name="local")
    expect_only(page, app, '"Jordanelle" was deleted by the local user.')


def test_the_choice_is_remembered_and_can_be_taken_back(url, app, new_page):
    page = opened(new_page, url, app)
    choose(page, "Chosen dams")
    page.get_by_role("combobox", name="Add a dam").fill("deer")
    page.get_by_role("option", name="Deer Creek").click()
    wait_for_kept(page, "following.dams.length === 1")
    page.reload()
    expect(page.get_by_role("row", name="Deer Creek")).to_be_visible()
    page.get_by_role("button", name="Notices").click()
    expect(page.get_by_role("radio", name="Chosen dams")).to_be_checked()
    page.get_by_role("checkbox", name="Deer Creek").uncheck()
    wait_for_kept(page, "following.dams.length === 0")
    expect(page.get_by_text("Until you choose here, you are told about all dams.")).to_be_visible()


def test_a_state_is_followed_by_where_dams_are_and_chosen_by_keyboard_on_a_narrow_screen(url, app, new_page):
    page = opened(new_page, url, app, width=390)
    page.get_by_role("button", name="Notices").press("Enter")
    page.get_by_role("radio", name="All dams").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Dams in a state")).to_be_checked()
    state = page.get_by_role("combobox", name="State")
    expect(state).to_be_visible()
    page.keyboard.press("Tab")
    expect(state).to_be_focused()
    page.keyboard.type("uta")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["Utah"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for_kept(page, "following.by === 'state' && following.state === 'Utah'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("Escape")
    moved = add(app, "Of Kansas", KANSAS)
    expect(page.get_by_text("Of Kansas")).to_be_visible()
    app.send(EditDam(dam_id=moved, revision=1, **fields("Of Kansas", UTAH)), user_name="local")
    expect_only(page, app, '"Of Kansas" was changed by the local user.')


def test_an_owner_is_followed_and_a_hostile_name_is_text(url, app, new_page):
    owner = '<img src=x onerror="window.ran=1">'
    add(app, "<b>bold</b>", owner=owner)
    page = opened(new_page, url, app)
    choose(page, "Dams of an owner")
    choices(page).get_by_role("combobox", name="Owner").fill("img")
    page.get_by_role("option", name=owner).click()
    wait_for_kept(page, "following.owner.startsWith('<img')")
    page.get_by_role("radio", name="Chosen dams").check()
    page.get_by_role("combobox", name="Add a dam").fill("bold")
    page.get_by_role("option", name="<b>bold</b>").click()
    expect(page.get_by_role("checkbox", name="<b>bold</b>")).to_be_checked()
    page.get_by_role("radio", name="Dams of an owner").check()
    wait_for_kept(page, "following.by === 'owner'")
    page.keyboard.press("Escape")
    add(app, "Quiet Dam")
    expect(page.get_by_role("row", name="Quiet Dam")).to_be_visible()
    add(app, "Theirs", owner=owner)
    expect_only(page, app, '"Theirs" was added by the local user.')
    assert page.evaluate("window.ran") is None


def test_an_area_is_drawn_with_the_mouse(url, app, new_page):
    page = opened(new_page, url, app)
    choose(page, "Dams in a drawn area")
    left, top, width, height = page.evaluate(CANVAS)
    page.mouse.move(left + width * 0.1, top + height * 0.1)
    page.mouse.down()
    page.mouse.move(left + width * 0.5, top + height * 0.8, steps=5)
    page.mouse.up()
    wait_for_kept(page, "following.by === 'area' && following.area")
    west, south, east, north = page.evaluate("JSON.parse(localStorage['dams.notices']).following.area")
    assert west < UTAH[0] < east < KANSAS[0] + 5
    assert south < UTAH[1] < north
    expect(page.get_by_label("West")).not_to_have_value("")  # it follows a moment later
    assert float(page.get_by_label("West").input_value()) == west
    page.keyboard.press("Escape")
    add(app, "Of Georgia", (-83.0, 33.0))
    expect(page.get_by_role("row", name="Of Georgia")).to_be_visible()
    add(app, "Of Utah")
    expect_only(page, app, '"Of Utah" was added by the local user.')


@pytest.mark.slow
def test_an_area_is_typed_and_a_wrong_edge_is_told_beside_its_field(url, app, new_page):
    page = opened(new_page, url, app)
    choose(page, "Dams in a drawn area")
    for edge, text in {"West": "-115", "South": "36", "East": "-109", "North": "420"}.items():
        page.get_by_label(edge, exact=True).fill(text)
    page.keyboard.press("Tab")
    expect(page.get_by_text("North '420' is not a number of degrees from -90 to 90.")).to_be_visible()
    expect(page.get_by_label("North", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("North", exact=True).fill("42")
    page.keyboard.press("Tab")
    wait_for_kept(page, "JSON.stringify(following.area) === '[-115,36,-109,42]'")
    expect(page.get_by_label("North", exact=True)).to_have_attribute("aria-invalid", "false")


def test_a_muted_map_opens_no_box_and_still_shows_the_new_dam(url, app, new_page):
    page = opened(new_page, url, app)
    page.get_by_role("button", name="Notices").click()
    page.get_by_role("checkbox", name="Mute").check()
    wait_for_kept(page, "following.mute")
    page.goto("map")
    expect(page.get_by_label("Find a dam")).to_be_visible()
    wait_for_listeners(app, 2)  # the page that was left is forgotten later
    count = """() => {
      const views = [...Bokeh.index.roots].flatMap((root) =>
        [...root.owner.query((view) => view.model.type.endsWith("Figure"))])
      return views.flatMap(({ model }) => model.renderers)
        .filter((renderer) => renderer.glyph?.type === "Scatter")
        .reduce((most, { data_source }) => Math.max(most, data_source.get_length() ?? 0), 0)
    }"""
    page.wait_for_function(f"({count})() === 2")
    add(app, "Quiet Dam", (-111.45, 40.5))
    page.wait_for_function(f"({count})() === 3")
    expect(box(page)).not_to_be_visible()
    page.get_by_role("button", name="Notices").click()
    page.get_by_role("checkbox", name="Mute").uncheck()
    wait_for_kept(page, "!following.mute")
    page.keyboard.press("Escape")
    add(app, "Last")
    expect_only(page, app, LAST)


@pytest.mark.parametrize(
    "kept",
    [
        '{"following": {"by": "dams", "dams": "all"}, "off": 3}',
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("[1", '"x"', "7", "null")),
    ],
)
def test_what_is_no_choice_in_the_browser_is_of_all_dams(url, app, new_page, kept):
    page = opened(new_page, url, app, kept)
    add(app, "Last")
    expect_only(page, app, LAST)


def test_muted_the_bell_is_crossed_out_and_says_so_also_on_the_next_page(url, app, new_page):
    page = opened(new_page, url, app)
    bell = page.get_by_role("button", name="Notices", exact=True)
    ringing = bell.locator("path").get_attribute("d")
    bell.click()
    page.get_by_role("checkbox", name="Mute").check()
    page.keyboard.press("Escape")
    muted = page.get_by_role("button", name="Notices (muted)", exact=True)
    expect(muted).to_be_visible()
    assert muted.locator("path").get_attribute("d") != ringing
    page.reload()
    expect(muted).to_be_visible()
    muted.click()
    page.get_by_role("checkbox", name="Mute").uncheck()
    expect(bell).to_be_attached()
    assert bell.locator("path").get_attribute("d") == ringing
