"""The page of administrators, in real browsers: users, roles, links, who is online, and who may see it."""

import re

import pytest
from panel.tests.util import wait_until

from data import accounts, events
from data.commands import AddUser, ChangeRole, ChangeUser, EndSignIns

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PASSWORD, OTHER = "four words in a row", "another row of words"
PAGES = {name: f"dashboard/pages/{name}.py" for name in ("admin", "map", "add_dam", "activity", "dam")}
#: What the browser says of a page whose sign-in ends: it asks again and is led away.
ENDS = ("WebSocket", "403", "4401", "Failed to load resource")


@pytest.fixture(scope="module")
def kept():
    return accounts.hash_password(PASSWORD)


@pytest.fixture
def app(make_app, kept):
    made = make_app(auth="password")
    for name, role in (("ada", "admin"), ("vic", "diviewer")):
        made.send(AddUser(name=name, role_name=role, password_hash=kept), user_name="local")
    return made


@pytest.fixture
def url(serve, app):
    return serve(PAGES, app)


def signed_in(new_page, url, name, to="admin", password=PASSWORD, **options):
    page = new_page(url, allow=ENDS, **options)
    page.goto(f"sign_in?next=/{to}")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    return page


def opened(new_page, url, app, **options):
    page = signed_in(new_page, url, "ada", **options)
    expect(page.get_by_role("table", name="Users")).to_be_visible()
    wait_until(lambda: app.hub.listening >= 1, timeout=20_000)
    return page


def row(page, name):
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def tab(page, name):
    page.get_by_role("tab", name=name).click()


def box(page, name):
    return page.get_by_role("dialog", name=name)


def menu(page):
    return page.get_by_role("link", name="Administration", include_hidden=True)


def choose_role(page, name):
    box(page, "User").get_by_role("combobox", name="Role").click()
    page.get_by_role("menuitem", name=name, exact=True, include_hidden=True).click()


def save(page):
    page.get_by_role("dialog").get_by_role("button", name="Save").click()


def test_a_user_is_added_invited_signs_in_loses_a_right_and_is_signed_out(url, app, new_page, caplog):
    admin = opened(new_page, url, app)
    admin.context.grant_permissions(["clipboard-read", "clipboard-write"])
    admin.get_by_role("button", name="Add User").click()
    admin.get_by_label("Name", exact=True).fill("Grace")
    choose_role(admin, "diadmin")
    save(admin)
    expect(admin.get_by_text("Grace is added.")).to_be_visible()
    field = admin.get_by_role("textbox", name="Link", exact=True)
    expect(field).to_have_value(re.compile(re.escape(url) + r"invitation\?token=[\w-]{43}$"))
    expect(field).to_have_attribute("readonly", "")
    admin.get_by_role("button", name="Copy").click()
    expect(admin.get_by_text("Copied")).to_be_visible()
    link = admin.evaluate("navigator.clipboard.readText()")
    assert link == field.input_value()
    expect(row(admin, "Grace")).to_contain_text("invited")

    grace = new_page(url, allow=ENDS)
    grace.goto(link)
    grace.get_by_label("New password", exact=True).fill(OTHER)
    grace.get_by_label("New password again").fill(OTHER)
    grace.get_by_role("button", name="Set password").click()
    grace.wait_for_url("**/map")
    grace.goto("add_dam")
    expect(grace.get_by_role("link", name="Grace")).to_have_attribute("href", "account")
    expect(grace.get_by_label("Name", exact=True)).to_be_visible()
    expect(row(admin, "Grace")).to_contain_text("set")
    admin.get_by_role("button", name="Done").click()
    expect(field).to_be_hidden()
    token = link.partition("token=")[2]
    with app.reading() as db:
        assert token not in repr(events.read_after(db, 0)) and token not in caplog.text

    tab(admin, "Online")
    expect(row(admin, "Grace")).to_contain_text("127.0.0.1")
    tab(admin, "Users")
    admin.get_by_role("button", name="Change: Grace").click()
    choose_role(admin, "diviewer")
    save(admin)
    expect(row(admin, "Grace")).to_contain_text("diviewer")
    for label, text in {"Name": "Dam", "River": "River", "Date Built": "1950", "Latitude": "40.5",
                        "Longitude": "-111.5"}.items():  # fmt: skip
        grace.get_by_label(label, exact=True).fill(text)
        grace.keyboard.press("Tab")
    grace.get_by_role("button", name="Add", exact=True).click()
    expect(grace.get_by_text("Grace may not add dams.")).to_be_visible()

    admin.get_by_role("button", name="Sign out: Grace").click()
    expect(admin.get_by_text("Grace is signed out everywhere.")).to_be_visible()
    tab(admin, "Online")
    expect(row(admin, "Grace")).to_have_count(0)
    grace.wait_for_url("**/sign_in?next=*")
    tab(admin, "Log")
    feed = admin.get_by_role("listitem")
    expect(feed.first).to_contain_text("ada signed Grace out everywhere (1 sign-in).")
    for words in ("Grace set a new password.", "role from diadmin to diviewer", "ada added the user Grace as diadmin."):
        expect(feed.filter(has_text=words)).to_have_count(1)


def test_a_refusal_stands_beside_the_field_and_a_keyboard_does_it_all(url, app, new_page):
    page = opened(new_page, url, app)
    page.get_by_role("button", name="Change: vic").focus()
    page.keyboard.press("Enter")
    expect(box(page, "Change a User")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Change: vic")).to_be_focused()
    page.get_by_role("button", name="Add User").press("Enter")
    name = page.get_by_label("Name", exact=True)
    name.fill("ADA")
    page.get_by_label("Most dams").fill("many")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_label("Most dams")).to_have_accessible_description("'many' is not a whole number; leave it empty for the setting.")  # noqa: E501  # fmt: skip
    page.get_by_label("Most dams").fill("4")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save").press("Enter")
    expect(name).to_have_accessible_description("There is a user 'ADA' already.")
    expect(name).to_have_value("ADA")
    name.fill("bob")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save").press("Enter")
    expect(row(page, "bob")).to_contain_text("0 of 4")


def test_a_user_is_removed_after_a_question_and_oneself_cannot_be(url, app, new_page):
    page = opened(new_page, url, app)
    page.get_by_role("button", name="Remove: vic").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Remove: vic")).to_be_focused()
    page.get_by_role("button", name="Remove: vic").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("vic is removed.")).to_be_visible()
    expect(row(page, "vic")).to_have_count(0)
    page.get_by_role("button", name="Remove: ada").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("You cannot remove yourself: another administrator can.")).to_be_visible()
    expect(row(page, "ada")).to_have_count(1)


def test_the_page_follows_what_happens_elsewhere_and_a_search_narrows_it(url, app, new_page):
    page = opened(new_page, url, app)
    app.send(AddUser(name="<img src=x onerror=alert(1)>", role_name="diviewer"), user_name="local")
    expect(row(page, "<img src=x onerror=alert(1)>")).to_be_visible()
    page.get_by_label("Search by name").fill("IMG")
    expect(page.get_by_role("rowheader")).to_have_count(1)
    tab(page, "Roles")
    app.send(ChangeRole(name="crew", staff=True, rights=("edit",)), user_name="local")
    expect(row(page, "crew")).to_contain_text("yes")
    page.get_by_role("button", name="Remove: crew").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(row(page, "crew")).to_have_count(0)
    page.get_by_role("button", name="Add Role").click()
    page.get_by_label("Name", exact=True).fill("guard")
    page.keyboard.press("Tab")
    page.get_by_role("checkbox", name="Delete dams").check()
    save(page)
    expect(row(page, "guard")).to_be_visible()
    with app.reading() as db:
        assert events.read_before(db, limit=1)[0].body["after"] == {"staff": False, "rights": ["delete", "view"]}


def test_settings_and_storage_are_told(url, app, new_page):
    page = opened(new_page, url, app)
    expect(page.get_by_text("The inventory holds 2 dams (no limit). Who is not staff may have 3 dams")).to_be_visible()
    tab(page, "Settings")
    setting = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="DAMS_AUTH"))
    expect(setting).to_contain_text("password")
    expect(page.get_by_role("row").filter(has_text="DAMS_SECRET_KEY")).to_contain_text("not set")
    tab(page, "Storage")
    newest = page.get_by_role("row").filter(has_text="Newest event")
    expect(newest).to_contain_text("5")
    app.send(AddUser(name="bob", role_name="diviewer"), user_name="local")
    expect(newest).to_contain_text("6")
    page.get_by_role("button", name="Count again").click()
    expect(newest).to_contain_text("6")


def test_an_administrator_who_is_none_any_more_sees_no_more_of_it(url, app, new_page):
    page = opened(new_page, url, app)
    expect(menu(page)).to_have_count(1)
    app.send(ChangeUser(name="ada", role_name="diviewer"), user_name="local")
    expect(page.get_by_text("ada may not manage users.")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("ada may not manage users.")).to_be_visible()
    expect(menu(page)).to_have_count(0)


@pytest.mark.slow
def test_others_get_a_sentence_and_see_no_such_events(url, app, new_page):
    page = signed_in(new_page, url, "vic", to="activity")
    expect(page.get_by_role("listitem")).to_have_count(2)
    admin = signed_in(new_page, url, "ada", to="activity")
    expect(admin.get_by_role("listitem").filter(has_text="vic signed in.")).to_have_count(1)
    wait_until(lambda: app.hub.listening == 2, timeout=20_000)
    app.send(EndSignIns(name="local"), user_name="ada")
    expect(admin.get_by_text("ada signed local out everywhere")).to_be_visible()
    expect(page.get_by_role("listitem")).to_have_count(2)
    page.reload()
    expect(page.get_by_role("listitem")).to_have_count(2)
    page.goto("dam?id=0")  # the number that such events have in place of a dam's
    expect(page.get_by_text("Dam 0 is not in the inventory.")).to_be_visible()
    page.goto("admin")
    expect(page.get_by_text("vic may not manage users.")).to_be_visible()
    expect(menu(page)).to_have_count(0)


def test_who_is_not_signed_in_is_shown_where_to(make_app, serve, new_page):
    page = new_page(serve(PAGES, make_app(auth="password", anonymous="view")))
    page.goto("admin")
    expect(page.get_by_text("Who is not signed in may not manage users.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in")).to_have_attribute("href", "sign_in")


@pytest.mark.slow
@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.slow), 390])
def test_without_accounts_users_and_roles_are_there_and_it_is_said_that_nobody_signs_in(
    make_app, serve, new_page, width
):
    page = new_page(serve(PAGES, make_app()), width=width)
    page.goto("admin")
    expect(page.get_by_text("nobody signs in, and who opens it is local.")).to_be_visible()
    expect(page.get_by_role("button", name="New link: diadmin")).to_have_count(0)
    expect(page.get_by_role("link", name="Account")).to_have_count(0)
    page.get_by_role("button", name="Change: diadmin").click()
    page.get_by_label("Most dams").fill("9")
    page.keyboard.press("Tab")
    save(page)
    expect(row(page, "diadmin")).to_contain_text("0 of 9")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
