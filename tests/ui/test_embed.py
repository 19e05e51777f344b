"""R3: a page of another web server embeds a live page by ``server_document``."""

import importlib.util
import threading
from pathlib import Path

import pytest
from serving import free_port

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.ui

ROOT = Path(__file__).parents[2]


@pytest.fixture
def host():
    """``host(address of a page)`` gives the address of another web server's page that embeds it."""
    spec = importlib.util.spec_from_file_location("embed_host", ROOT / "docs" / "embed_host.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    servers = []

    def start(embedded, port=0):
        server = module.host(embedded, port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


SEEN = {
    "sea_surface_temperature_bokeh": "Smoothing by N Days",
    "sea_surface_temperature": "Smoothing by N Days",
    "map": "2 of 2 dams drawn",
}


@pytest.mark.parametrize(
    "name", ["sea_surface_temperature_bokeh", "map", pytest.param("sea_surface_temperature", marks=pytest.mark.slow)]
)
def test_R3_a_page_of_another_web_server_shows_the_live_page(dams_serve, host, new_page, name):
    port = free_port()
    server = dams_serve(DAMS_ALLOW_ORIGINS=f"127.0.0.1:{port}")
    page = new_page(host(server.url + name, port))
    page.goto("")
    expect(page.get_by_role("heading", name="Another web site")).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()
    expect(page.get_by_text(SEEN[name]).first).to_be_visible()


def test_R3_an_origin_that_is_not_allowed_gets_no_live_connection(dams_serve, host, new_page):
    server = dams_serve()
    page = new_page(host(server.url + "sea_surface_temperature_bokeh"), allow=("WebSocket", "websocket", "403"))
    with page.expect_console_message(lambda message: "403" in message.text):
        page.goto("")
    expect(page.locator("canvas")).to_have_count(0)
