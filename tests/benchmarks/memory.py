"""Memory of one open page: ours against an empty panel-material-ui page of ``panel serve``.

Each page is opened by raw clients, 10 that are not counted and 50 that are; the figure is the growth
of the server's resident memory, after a garbage collection, divided by 50.

    python tests/benchmarks/memory.py [--pages 50]
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import bench_table
import psutil
from raw_page import RawPage, get, in_batches
from serving import free_port, wait_for

TESTS = Path(__file__).parents[1]
EMPTY = """import panel as pn
import panel_material_ui as pmui

pn.extension()
pmui.Page(main=["hello"]).servable()
"""
WARM = 10
PAGES = ("map", "dams", "add_dam", "activity")


def serve(folder: Path, peer: bool) -> tuple[subprocess.Popen, int]:
    port = free_port()
    environment = os.environ | {"DAMS_DATABASE_URL": f"sqlite:///{folder / 'd.sqlite'}", "DAMS_LOG_LEVEL": "WARNING"}
    (folder / "empty.py").write_text(EMPTY)
    command = [sys.executable, str(TESTS / "inside.py"), str(port)]
    if peer:
        command = [sys.executable, "-m", "panel", "serve", str(folder / "empty.py"), "--port", str(port)]
        command += ["--plugins", "inside"]  # the same report, which collects garbage before memory is read
        environment["PYTHONPATH"] = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(f"http://localhost:{port}/{'empty' if peer else 'healthz'}")
    return process, port


async def growth(process: subprocess.Popen, port: int, path: str, pages: int) -> tuple[float, dict]:
    """MiB for each page, and what the server says of its inside for each page."""
    server = psutil.Process(process.pid)

    async def look() -> dict:
        return json.loads(await get(port, "/inside/report"))

    await in_batches([lambda: RawPage(port, path).open()] * WARM)
    inside = await look()  # it collects garbage first
    before = server.memory_info().rss
    opened = await in_batches([lambda: RawPage(port, path).open()] * pages)
    now = await look()
    grown = (server.memory_info().rss - before) / pages / 2**20
    made = {name: (now[name] - inside[name]) / pages for name in ("models", "objects")}
    for page in opened:
        await page.close()
    return grown, made


def measured(path: str, pages: int, *, peer: bool = False) -> tuple[float, dict]:
    """In a server of its own: memory that one page has given back is not taken for another's."""
    with tempfile.TemporaryDirectory() as folder:
        process, port = serve(Path(folder), peer)
        try:
            return asyncio.run(growth(process, port, path, pages))
        finally:
            process.kill()
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=50)
    given = parser.parse_args()
    peer, peer_made = measured("empty", given.pages, peer=True)
    rows = []
    for path in PAGES:
        mine, made = measured(path, given.pages)
        of_one = {"MiB": (mine, peer), "models": (made["models"], peer_made["models"])}
        of_one["objects"] = (made["objects"], peer_made["objects"])
        rows += [
            {"what": f"/{path}, an open page", "ours": round(ours, 2), "peer": round(theirs, 2), "unit": unit,
             "ratio": round(ours / theirs, 2), "goal": "", "met": None}
            for unit, (ours, theirs) in of_one.items()
        ]  # fmt: skip
    bench_table.show("memory", rows)


if __name__ == "__main__":
    main()
