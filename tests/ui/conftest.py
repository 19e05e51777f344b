"""Pages in a real Chromium. A request outside the machine and an error in the console fail the test."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlparse

import pytest
from browser_setup import ARGUMENTS, find_chromium
from serving import free_port, wait_for

playwright = pytest.importorskip("playwright.sync_api")

playwright.expect.set_options(timeout=15_000)  # a busy machine is not a fault

LOCAL = {"127.0.0.1", "localhost", "::1", None}


@pytest.fixture(scope="session")
def browser():
    chromium = find_chromium()
    if chromium is None:
        why = "no Chromium: install one, or set DAMS_CHROMIUM"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    with playwright.sync_playwright() as started:
        made = started.chromium.launch(executable_path=chromium, headless=True, args=ARGUMENTS)
        yield made
        made.close()


@pytest.fixture
def new_page(browser):
    """``new_page(base_url, width=1280, height=800)``: a page in a context of its own.

    ``allow`` names parts of console errors that the test means to cause.
    """
    contexts, bad = [], []

    def make(base_url, width=1280, height=800, allow=(), **options):
        context = browser.new_context(viewport={"width": width, "height": height}, base_url=base_url, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()

        def note(text):
            if not any(part in text for part in allow):
                bad.append(text)

        def requested(request):
            if urlparse(request.url).scheme in ("http", "https", "ws") and urlparse(request.url).hostname not in LOCAL:
                note(f"left the machine: {request.url}")

        page.on("request", requested)
        page.on("pageerror", lambda error: note(f"page error: {error}"))
        page.on("console", lambda message: note(f"console: {message.text}") if message.type == "error" else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert bad == []


@pytest.fixture
def serve(monkeypatch):
    """``serve({name: callable or path}, app=None)`` gives the base address of a server in this process.

    With ``app`` the pages use these services.
    """
    import panel as pn
    from panel.io.state import state

    from dashboard import routes, services

    def start(pages, app=None, **options):
        if app is not None:
            monkeypatch.setattr(services, "current", lambda: app)
            app.hub.start()
        port = free_port()
        pn.serve(
            pages,
            port=port,
            address="127.0.0.1",
            threaded=True,
            show=False,
            extra_patterns=routes.ROUTES,
            **{"websocket_origin": [f"127.0.0.1:{port}"]} | options,
        )
        wait_for(f"http://127.0.0.1:{port}/")
        return f"http://127.0.0.1:{port}/"

    yield start
    state.reset()  # also stops the servers; without it pytest never exits


class DamsServe:
    """The real command in a process of its own, on one port and one database, to start and to kill."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}/"
        database = {"DAMS_DATABASE_URL": f"sqlite:///{folder / 'dams.sqlite'}", "DAMS_LOG_LEVEL": "WARNING"}
        self._environment = os.environ | database | environment
        self._process = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "dashboard.cli", "serve", "--port", str(self.port)]
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(command, cwd=root, env=self._environment, stdout=subprocess.DEVNULL)
        wait_for(f"{self.url}healthz")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def dams_serve(tmp_path):
    """``dams_serve(**environment)`` starts ``dams serve``; it is killed after the test."""
    servers = []

    def start(**environment):
        servers.append(DamsServe(tmp_path, environment))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
