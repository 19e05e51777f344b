"""What pages leave behind when they go: nothing; and what open ones cost while nothing happens: one query a process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import raw_page
import sqlalchemy as sa
from hub_page import Page
from own_loop import in_a_loop_of_its_own
from serving import free_port, wait_for

INSIDE = Path(__file__).parents[1] / "inside.py"
LOOKS = 2000  #: How often the server is asked whether its sessions have gone.
COUNTED = ("documents", "sessions", "pages", "views", "periodic", "listening")


@pytest.fixture
def port(tmp_path):
    """A ``dams serve`` in a process of its own, which forgets sessions a second after their page has gone."""
    found = free_port()
    environment = os.environ | {
        "DAMS_DATABASE_URL": f"sqlite:///{tmp_path / 'dams.sqlite'}", "DAMS_LOG_LEVEL": "WARNING",
    }  # fmt: skip
    lifetimes = ["--unused-session-lifetime", "1000", "--check-unused-sessions", "500"]
    process = subprocess.Popen([sys.executable, str(INSIDE), str(found), *lifetimes], env=environment)
    wait_for(f"http://localhost:{found}/healthz")
    yield found
    process.kill()
    process.wait()


async def settled(port):
    """The server's own report once no session is left, or as it is after many looks."""
    for _ in range(LOOKS):
        await raw_page.get(port, "/healthz")
        state = json.loads(await raw_page.get(port, "/inside/count"))
        if state["sessions"] == 0:
            break
    return json.loads(await raw_page.get(port, "/inside/report"))


async def come_and_go(port, count, visit):
    await raw_page.in_batches([lambda: visit(port)] * count)
    return await settled(port)


async def open_and_close(port):
    page = await raw_page.RawPage(port, "dams").open()
    await page.close()


async def only_ask(port):
    await raw_page.get(port, "/dams")


def left(before, after):
    return {name: after[name] - before[name] for name in COUNTED if after[name] > before[name]}


@pytest.mark.parametrize(
    ("first", "then"),
    [pytest.param(8, 16, marks=pytest.mark.services), pytest.param(100, 200, marks=pytest.mark.slow)],
)
@pytest.mark.parametrize("visit", [open_and_close, only_ask])
def test_pages_that_have_gone_leave_nothing_behind(port, visit, first, then):
    async def run():
        return await come_and_go(port, first, visit), await come_and_go(port, then, visit)

    early, late = in_a_loop_of_its_own(run)
    assert left(early, late) == {}
    assert [early[name] for name in ("sessions", "pages", "views", "periodic", "listening")] == [0] * 5
    assert late["rss_mib"] - early["rss_mib"] < 20
    assert late["threads"] <= early["threads"] + 1
    assert late["watchers"] <= early["watchers"]


@pytest.mark.parametrize("pages", [1, 50])
def test_an_idle_page_costs_no_query_and_a_round_of_the_poll_is_one(app, pages):
    app.hub._look()
    for number in range(pages):
        app.hub._members[str(number)] = Page(app.hub, str(number), cursor=2)
    asked = []
    sa.event.listen(app.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for _ in range(20):
        app.hub._look()
        app.hub._deliver()
    assert len([words for words in asked if words.startswith("SELECT")]) == 20, asked[:3]
    assert not any(page.scheduled for page in app.hub._members.values())
