"""What every answer says of itself: the content policy and its neighbours."""

import re

import pytest
from office import run, visitor

from dashboard import guard

expect = pytest.importorskip("playwright.sync_api").expect


async def asked(port, path, **options):
    async with visitor(port, **options) as http:
        return await http.ask("GET", path)


@pytest.mark.parametrize("path", ["/dams", "/sign_in", "/export?format=csv", "/events?after=x", "/healthz", "/no", "/"])
def test_every_answer_says_that_it_is_what_it_is_and_tells_no_other_site(office, path):
    headers = run(asked(office.port, path, name="vic")).headers
    for name, value in guard.HEADERS.items():
        if not (name == "Referrer-Policy" and path == "/sign_in"):  # that one is stricter
            assert headers[name.lower()] == value
    assert "content-security-policy" in headers and "server" not in headers


def test_a_page_runs_only_scripts_with_its_own_nonce_which_is_new_each_time(office):
    seen = set()
    for _ in range(2):
        answer = run(asked(office.port, "/dams", name="vic"))
        policy = answer.headers["content-security-policy"]
        (nonce,) = re.findall(r"script-src 'self' 'nonce-([^']+)' 'unsafe-eval' blob:;", policy)
        seen.add(nonce)
        assert "'unsafe-inline'" not in policy.partition("style-src")[0]
        assert "object-src 'none'" in policy and "base-uri 'self'" in policy and "frame-ancestors 'self'" in policy
        scripts = re.findall(rb"<script[^>]*>", answer.body)
        assert scripts and all(f'nonce="{nonce}"'.encode() in script for script in scripts)
    assert len(seen) == 2


def test_what_is_no_page_may_run_nothing(office):
    for path in ("/export?format=csv", "/healthz"):
        policy = run(asked(office.port, path, name="vic")).headers["content-security-policy"]
        assert policy == guard.NOTHING
    assert "default-src 'none'" in run(asked(office.port, "/sign_in")).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("tiles", "allowed"),
    [
        ("off", ""),
        ("auto", "https://tile.openstreetmap.org https://server.arcgisonline.com"),
        ("https://tiles.example:8443/x/{Z}/{X}/{Y}.png", "https://tiles.example:8443"),
    ],
)
def test_pictures_come_from_the_tile_servers_in_the_settings_alone(tiles, allowed):
    images = re.search(r"img-src ([^;]*);", guard.page_policy("n", tiles))[1]
    assert images.split() == ["'self'", "data:", "blob:", *allowed.split()]


@pytest.mark.ui
def test_the_browser_refuses_a_handler_and_a_script_that_are_slipped_in(office, new_page):
    page = new_page(office.url, allow=("Content Security Policy", "violates"))
    page.goto("sign_in")
    page.get_by_label("Name").fill("vic")
    page.get_by_label("Password").fill("four words in a row")
    page.get_by_role("button", name="Sign in").click()
    page.goto("dams")
    expect(page.get_by_text("of 2 dams")).to_be_visible()
    page.evaluate("""() => {
        document.body.insertAdjacentHTML("beforeend", "<img src='data:,' onerror='window.hit = 1'>")
        const script = document.createElement("script")
        script.textContent = "window.hit = 2"
        document.body.append(script)
    }""")
    page.wait_for_function("document.querySelector('img[onerror]').complete")
    assert page.evaluate("window.hit") is None
