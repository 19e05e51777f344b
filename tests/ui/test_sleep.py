"""A laptop sleeps and wakes: what was typed is there, and what happened meanwhile is told once."""

from pathlib import Path
from urllib.parse import urlparse

import pytest
from cable import Cable
from panel.tests.util import wait_until

from data.commands import AddDam

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

PAGES = Path(__file__).parents[2] / "dashboard" / "pages"
#: What the browser itself says of a server that is away.
AWAY = ("ERR_CONNECTION", "ERR_EMPTY", "Failed to connect", "WebSocket connection", "not connected", "open websocket")


def made_up(name):
    return AddDam(name=name, owner="Other", river="River", date_built="1950", longitude=-90.0, latitude=35.0)


@pytest.fixture
def cable(serve, app):
    """To a server of the Add Dam page; ``cable.url`` goes through it."""
    made = Cable(0)
    url = serve(
        {"add_dam": str(PAGES / "add_dam.py")}, app, websocket_origin=[f"127.0.0.1:{made.port}"],
        unused_session_lifetime_milliseconds=1000, check_unused_sessions_milliseconds=500,
    )  # fmt: skip
    made._server = urlparse(url).port
    made.url = f"http://127.0.0.1:{made.port}/"
    yield made
    made.cut()


def half_filled(new_page, cable, app):
    page = new_page(cable.url, allow=AWAY)
    page.goto("add_dam")
    expect(page.locator("#loader")).to_be_hidden()
    wait_until(lambda: app.hub.listening == 1, timeout=20_000)
    page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('dams.seen.'))")
    page.get_by_label("Name", exact=True).fill("Half-typed")
    page.get_by_label("Latitude").fill("40.5")
    page.evaluate("window.before = true")
    return page


def is_as_it_was(page):
    page.wait_for_function("!window.before", timeout=60_000)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half-typed", timeout=30_000)
    expect(page.get_by_label("Latitude")).to_have_value("40.5")


def test_a_short_sleep_leaves_the_form_and_tells_what_happened(cable, app, new_page):
    page = half_filled(new_page, cable, app)
    cable.cut()
    expect(page.get_by_role("alert").filter(has_text="The connection to the server is lost.")).to_be_visible()
    app.send(made_up("While asleep"), user_name="diadmin")
    cable.mend()
    is_as_it_was(page)
    expect(page.get_by_text("1 dam added")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half-typed", timeout=30_000)
    expect(page.get_by_text("1 dam added")).to_have_count(0)


def test_a_long_sleep_in_which_the_server_gave_the_session_up_leaves_the_form_too(cable, app, new_page):
    page = half_filled(new_page, cable, app)
    cable.cut()
    page.get_by_label("River").fill("Typed while the cable was cut")
    app.send(made_up("While asleep"), user_name="diadmin")
    wait_until(lambda: app.hub.listening == 0, timeout=60_000)  # the session is gone for good
    cable.mend()
    is_as_it_was(page)
    expect(page.get_by_label("River")).to_have_value("Typed while the cable was cut")
    expect(page.get_by_text("1 dam added")).to_be_visible()
