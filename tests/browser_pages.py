"""Pages in a real Chromium. A request outside the machine and an error in the console fail the test."""

import os
from urllib.parse import urlparse

import pytest
from browser_setup import ARGUMENTS, find_chromium

LOCAL = {"127.0.0.1", "localhost", "::1", None}


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=15_000)  # a busy machine is not a fault
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
    assert not bad, "\n".join(bad)
