"""The pages of the national inventory in Chromium, beside an empty page of the same kit in the same run."""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pages
from browser_setup import ARGUMENTS, find_chromium
from playwright.sync_api import Page, sync_playwright
from serving import free_port

ROUNDS = 5
#: Milliseconds from a gesture to new dots on the canvas: the source's data, and the frame after.
WATCH = """() => {
  const source = [...Bokeh.documents[0]._all_models.values()].find((model) =>
    model.type === "ColumnDataSource" && model.data?.hazard !== undefined && model.data.x?.length > 100)
  window.marks = []
  const mark = () => requestAnimationFrame(() => requestAnimationFrame(() => window.marks.push(performance.now())))
  source.properties.data.change.connect(mark)
}"""
#: Milliseconds from the input event of a key to another number of dams in the element's own root.
KEYS = """(element) => {
  const root = element.getRootNode(), words = () => root.querySelector("[role=status]")?.innerText
  window.took = []
  window.addEventListener("input", () => {
    const begin = performance.now(), was = words()
    const look = () => {
      const past = performance.now() - begin
      if (words() !== was) window.took.push(past)
      else if (past < 3000) requestAnimationFrame(look)
      else window.took.push(-1)
    }
    look()
  }, true)
}"""


def serve(database_url: str) -> tuple[subprocess.Popen, str]:
    port = free_port()
    environment = os.environ | {"DAMS_DATABASE_URL": database_url, "DAMS_LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "dashboard.cli", "serve", "--port", str(port)]
    return pages.started(command, f"http://localhost:{port}/map", environment)[0], f"http://localhost:{port}/"


def rows(database_url: str) -> list[dict]:
    """Weights, times to be drawn, pan and zoom, search as it is typed."""
    found: list[dict] = []
    with tempfile.TemporaryDirectory() as made:
        mine, url = serve(database_url)
        other, _, hello = pages.serve_hello(Path(made), pages.HELLO_SHELL)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
            try:
                for path, words, kilobytes, over in (
                    ("dams", "1–25 of", 20, 300),
                    ("map", "dams drawn in this view", 500, 400),
                ):
                    found += against_an_empty_page(browser, url + path, hello + "hello", words, kilobytes, over)
                found.append(move(browser, url))
                found.append(type_in(browser, url))
            finally:
                browser.close()
                pages.stop(mine)
                pages.stop(other)
    return found


def against_an_empty_page(browser, url: str, hello: str, words: str, kilobytes: float, over: float) -> list[dict]:
    """Weight and time over an empty page's."""
    pairs = [(*pages.drawn(browser, url, words), *pages.drawn(browser, hello, "hello")) for _ in range(ROUNDS)]
    ms, size, empty_ms, empty_size = (statistics.median(figures) for figures in zip(*pairs, strict=True))
    name = url.rpartition("/")[2]
    return [
        limit(f"/{name}, weight over an empty page's {empty_size:,.0f} kB", size - empty_size, kilobytes, "kB"),
        limit(f"/{name}, drawn after an empty page's {empty_ms:,.0f} ms", ms - empty_ms, over, "ms"),
    ]


def limit(what: str, ours: float, most: float, unit: str) -> dict:
    return {"what": what, "ours": round(ours, 1), "peer": most, "unit": unit, "ratio": round(ours / most, 2),
            "goal": f"at most {most:g} {unit}", "met": ours <= most}  # fmt: skip


def move(browser, url: str) -> dict:
    """From a turn of the wheel or a drag to dots of the new view on the screen."""
    page: Page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"{url}map")
    page.get_by_text("dams drawn in this view").first.wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.evaluate(WATCH)
    took = []
    for turn in range(24):
        before = page.evaluate("() => { window.marks = []; return performance.now() }")
        page.mouse.move(500 + 13 * (turn % 5), 400 + 7 * (turn % 3))
        if turn % 3 == 2:
            page.mouse.down()
            page.mouse.move(420, 360, steps=4)
            before = page.evaluate("() => performance.now()")
            page.mouse.up()
        else:
            page.mouse.wheel(0, -240 if turn % 2 else 240)
        page.wait_for_function("() => window.marks.length > 0", timeout=20_000)
        page.wait_for_function("() => performance.now() - window.marks.at(-1) > 400", timeout=20_000)
        took.append(page.evaluate("() => window.marks.at(-1)") - before)
    page.context.close()
    p50 = statistics.median(took)
    return limit(f"/map, pan or zoom to drawn, p95 (p50 {p50:.0f} ms)", statistics.quantiles(took, n=20)[-1], 200, "ms")


def type_in(browser, url: str) -> dict:
    """From a key in the search box of /dams to the number of dams that it leaves."""
    page: Page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"{url}dams")
    count = page.get_by_text("1–25 of").first
    count.wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.evaluate(KEYS, count.element_handle())
    box, keys = page.get_by_role("searchbox", name="Search"), 0
    for text in ("lake", "mill creek", "hoover", "watershed"):
        if keys:
            box.fill("")
            keys += 1
            page.wait_for_function("(keys) => window.took.length >= keys", arg=keys, timeout=10_000)
        for character in text:
            box.press_sequentially(character)
            keys += 1
            page.wait_for_function("(keys) => window.took.length >= keys", arg=keys, timeout=10_000)
    took = [value for value in page.evaluate("() => window.took") if value >= 0]  # -1: as many dams as before
    page.context.close()
    p50 = statistics.median(took)
    return limit(
        f"/dams, search as it is typed, p95 (p50 {p50:.0f} ms)", statistics.quantiles(took, n=20)[-1], 150, "ms"
    )
