"""Start-up to the first answer, and each page's weight and time to be drawn.

``python tests/benchmarks/pages.py [ROUNDS]`` starts ``dams serve`` and ``panel serve`` of a hello
page in turn, on a database that is there already, and prints the ratio of each pair. The pages are then
opened in Chromium, each beside the hello page in the same run.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser_setup import ARGUMENTS, find_chromium
from playwright.sync_api import sync_playwright
from serving import free_port

HELLO = 'import panel as pn\n\npn.extension()\npn.pane.Markdown("hello").servable()\n'
HELLO_SHELL = (
    'import panel as pn\nimport panel_material_ui as pmui\n\npn.extension()\npmui.Page(main=["hello"]).servable()\n'
)
PAGES = {
    "map": "2 of 2 dams drawn",
    "dams": "Deer Creek",
    "dam?id=1": "Provo River",
    "add_dam": "Location",
    "assign_hydrograph": "Dam",
    "hydrograph?dam=1": "No hydrograph assigned",
    "sea_surface_temperature": "Smoothing by N Days",
    "sea_surface_temperature_bokeh": "Smoothing by N Days",
    "shapes": "radius",
    "activity": "The program added",
    "embed": "server_document",
}


def started(command: list[str], url: str, environment: dict[str, str]) -> tuple[subprocess.Popen, float]:
    """The process and the seconds until ``url`` answered."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    while process.poll() is None and time.perf_counter() - begin < 60:
        try:
            urllib.request.urlopen(url, timeout=30).read()
            return process, time.perf_counter() - begin
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.02)
    process.kill()
    raise RuntimeError(f"{' '.join(command)} gave no page at {url}")


def serve_ours(folder: Path, name: str) -> tuple[subprocess.Popen, float, str]:
    port = free_port()
    environment = os.environ | {"DAMS_DATABASE_URL": f"sqlite:///{folder / name}.sqlite", "DAMS_LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "dashboard.cli", "serve", "--port", str(port)]
    return *started(command, f"http://localhost:{port}/map", environment), f"http://localhost:{port}/"


def serve_hello(folder: Path, source: str) -> tuple[subprocess.Popen, float, str]:
    port = free_port()
    (folder / "hello.py").write_text(source)
    command = [sys.executable, "-m", "panel", "serve", str(folder / "hello.py"), "--port", str(port)]
    return *started(command, f"http://localhost:{port}/hello", dict(os.environ)), f"http://localhost:{port}/"


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    process.wait()


def drawn(browser, url: str, words: str) -> tuple[float, float]:
    """Milliseconds until ``words`` are seen on a first visit, and kilobytes sent."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    sent = [0]
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sent.__setitem__(0, sent[0] + event["encodedDataLength"]))
    page.on("websocket", lambda ws: ws.on("framereceived", lambda data: sent.__setitem__(0, sent[0] + len(data))))
    begin = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.get_by_text(words).first.wait_for(state="attached", timeout=30_000)
    taken = (time.perf_counter() - begin) * 1e3
    page.wait_for_load_state("networkidle")
    context.close()
    return taken, sent[0] / 1e3


def row(what: str, ours: float, peer: float, unit: str, goal: float | None) -> dict[str, object]:
    ratio = ours / peer
    met = None if goal is None else ratio <= goal
    return {
        "what": what, "ours": round(ours, 2), "peer": round(peer, 2), "unit": unit,
        "ratio": round(ratio, 2), "goal": goal, "met": met,
    }  # fmt: skip


def main(rounds: int) -> list[dict[str, object]]:
    rows = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        times: dict[str, list[float]] = {"ours": [], "hello": []}
        stop(serve_ours(folder, "start")[0])  # the first start also makes the database
        for _ in range(rounds):
            for name, start in (
                ("ours", lambda: serve_ours(folder, "start")),
                ("hello", lambda: serve_hello(folder, HELLO)),
            ):
                process, seconds, _ = start()
                times[name].append(seconds)
                stop(process)
        ours, hello = (statistics.median(times[name]) for name in ("ours", "hello"))
        rows.append(row("start to first answer", ours, hello, "s", 1.5))
        mine, _, url = serve_ours(folder, "pages")
        other, _, hello_url = serve_hello(folder, HELLO_SHELL)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
            for path, words in PAGES.items():
                pairs = [
                    (*drawn(browser, url + path, words), *drawn(browser, hello_url + "hello", "hello"))
                    for _ in range(rounds)
                ]
                milliseconds, size, peer_ms, peer_size = (
                    statistics.median(figures) for figures in zip(*pairs, strict=True)
                )
                rows.append(row(f"/{path} drawn", milliseconds, peer_ms, "ms", None))
                rows.append(row(f"/{path} weight", size, peer_size, "kB", None))
            browser.close()
        stop(mine)
        stop(other)
    return rows


if __name__ == "__main__":
    found = main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    for line in found:
        print("{what:45} ours {ours:10,.2f} peer {peer:10,.2f} {unit:3} ratio {ratio:6.2f} goal {goal}".format(**line))
    print(json.dumps({"name": "pages", "rows": found}))
