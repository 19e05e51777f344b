"""The page says when the server is away, and comes back by itself with what was typed."""

from pathlib import Path

import pytest

from data.commands import DeleteDam

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

ROOT = Path(__file__).parents[2]
#: What the browser itself says of a server that is away.
AWAY = (
    "A network error occurred",
    "ERR_CONNECTION",
    "Failed to connect",
    "WebSocket connection",
    "not connected",
    "Could not open websocket",
)


def test_a_killed_server_is_told_and_a_draft_comes_back_with_it(dams_serve, new_page):
    server = dams_serve()
    page = new_page(server.url, allow=AWAY)
    page.goto("add_dam")
    page.get_by_label("Name", exact=True).fill("Half-typed")
    server.kill()
    bar = page.get_by_role("alert").filter(has_text="The connection to the server is lost.")
    expect(bar).to_be_visible()
    page.get_by_label("River").fill("Typed while it was away")
    server.start()
    expect(bar).not_to_be_visible(timeout=30_000)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half-typed", timeout=30_000)
    expect(page.get_by_label("River")).to_have_value("Typed while it was away")


def test_a_closed_websocket_is_told_and_the_page_catches_up(serve, app, new_page):
    url = serve({"dams": str(ROOT / "dashboard" / "pages" / "dams.py")}, app)
    page, sockets = new_page(url, allow=AWAY), []

    def pass_on(socket):
        sockets.append(socket)
        socket.connect_to_server()

    page.route_web_socket("**/ws*", pass_on)
    page.goto("dams")
    expect(page.get_by_role("link", name="Deer Creek")).to_be_visible()
    page.evaluate("window.before = true")
    app.send(DeleteDam(dam_id=2), user_name="local")
    sockets[-1].close(code=1011)
    page.wait_for_function("!window.before")
    expect(page.get_by_role("link", name="Deer Creek")).to_be_visible()
    expect(page.get_by_role("link", name="Jordanelle")).to_have_count(0)


def test_a_page_that_cannot_reach_the_database_says_so_and_comes_back_by_itself(serve, app, new_page, monkeypatch):
    import sqlalchemy as sa

    def broken(*_args, **_kwargs):
        raise sa.exc.OperationalError("select", {}, Exception("away"))

    url = serve({"dams": str(ROOT / "dashboard" / "pages" / "dams.py")}, app)
    page = new_page(url)
    with monkeypatch.context() as away:
        away.setattr(app, "actor", broken)
        page.goto("dams")
        expect(page.get_by_text("This page could not be made")).to_be_visible()
    expect(page.get_by_role("link", name="Deer Creek")).to_be_visible()


def test_an_open_page_that_cannot_read_says_so_and_goes_on_by_itself(serve, app, new_page, monkeypatch):
    import sqlalchemy as sa

    def broken(*_args, **_kwargs):
        raise sa.exc.OperationalError("select", {}, Exception("away"))

    url = serve({"dams": str(ROOT / "dashboard" / "pages" / "dams.py")}, app)
    page = new_page(url)
    page.goto("dams")
    search = page.get_by_label("Search")
    expect(page.get_by_role("link", name="Deer Creek")).to_be_visible()
    with monkeypatch.context() as away:
        away.setattr(app, "_read", broken)
        search.fill("jordan")
        expect(page.get_by_role("alert").filter(has_text="The database does not answer.")).to_be_visible()
    expect(page.get_by_role("link", name="Deer Creek")).to_have_count(0)
    expect(page.get_by_role("link", name="Jordanelle")).to_be_visible()
    expect(page.get_by_text("The database does not answer.")).to_have_count(0)
