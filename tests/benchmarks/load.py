"""Load: open pages, one change a second, and readers who click meanwhile; how long a click takes, what is lost.

Each open page is a raw client that takes every event of the log; a click sorts the table of /dams, and lasts until
its rows are back. The limits are those of an office: a click under half a second, nothing lost, no memory that grows.

    python tests/benchmarks/load.py [--minutes 10] [--pages 50]
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import bench_table
import psutil
from raw_page import Http, RawPage, in_batches
from serving import free_port, wait_for

TESTS = Path(__file__).parents[1]
WARM_SECONDS = 20.0  #: Before memory is counted: what the first changes load stays loaded.


class Reader:
    """An open page and what came to it."""

    def __init__(self, port: int):
        self.last_at, self.errors = 0.0, 0
        self.page = RawPage(port, "dams", self._take)
        self.rows = asyncio.Event()

    def _take(self, part: bytes) -> None:
        self.last_at = time.perf_counter()
        if b'"ERROR"' in part:
            self.errors += 1
        if b'"attr":"rows"' in part or b'"rows"' in part:
            self.rows.set()

    async def click(self, key: str) -> float:
        """Sort by a column; ms until the rows are back."""
        self.rows.clear()
        begun = time.perf_counter()
        self.page.tell("DamRows", {"act": "sort", "key": key})
        await asyncio.wait_for(self.rows.wait(), 30)
        return 1000 * (time.perf_counter() - begun)


async def load(process: subprocess.Popen, port: int, pages: int, seconds: float) -> dict[str, float]:
    server, control = psutil.Process(process.pid), await Http.connect(port)
    readers = [Reader(port) for _ in range(pages)]
    await in_batches([reader.page.open for reader in readers], 5)
    clicks: list[float] = []
    before, begun, changes = 0.0, time.perf_counter(), 0
    keys = random.Random(7)
    while (gone := time.perf_counter() - begun) < seconds + WARM_SECONDS:
        if not before and gone > WARM_SECONDS:
            await control.get("/inside/report")  # it collects garbage first
            before, clicks = server.memory_info().rss / 2**20, []
        changes += 1
        await control.get(f"/inside/add?name=Load+{changes}")
        for reader in keys.sample(readers, 3):
            clicks.append(await reader.click(keys.choice(("name", "river", "date_built"))))
        await asyncio.sleep(max(0.0, changes - (time.perf_counter() - begun)))
    state = json.loads(await control.get("/healthz"))
    await control.get("/inside/report")
    grown = server.memory_info().rss / 2**20 - before
    log = (Path(os.environ["DAMS_BENCH_LOG"])).read_text()
    clicks.sort()
    return {
        "p50": clicks[len(clicks) // 2],
        "p95": clicks[int(0.95 * len(clicks))],
        "grown": grown,
        "errors": sum(reader.errors for reader in readers) + log.count("level=error"),
        "closed": sum(reader.page.socket.closed.done() for reader in readers) + pages - state["pages_open"],
        "changes": changes,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--pages", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port, log = free_port(), Path(folder) / "log"
        os.environ["DAMS_BENCH_LOG"] = str(log)
        environment = os.environ | {"DAMS_DATABASE_URL": f"sqlite:///{folder}/d.sqlite", "DAMS_LOG_LEVEL": "WARNING"}
        with log.open("wb") as written:
            command = [sys.executable, str(TESTS / "inside.py"), str(port)]
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=written)
        try:
            wait_for(f"http://localhost:{port}/healthz")
            found = asyncio.run(load(process, port, given.pages, given.minutes * 60))
        finally:
            process.kill()
            process.wait()
    what = f"{given.pages} pages, {found['changes']} changes in {given.minutes:g} min"
    limits = (
        ("click to rows, p50", "p50", None, "ms"),
        ("click to rows, p95", "p95", 500, "ms"),
        ("memory grown", "grown", 50, "MiB"),
        ("errors", "errors", 0, ""),
        ("pages closed", "closed", 0, ""),
    )
    rows = [
        {
            "what": f"{what}: {words}",
            "ours": round(found[name], 1),
            "peer": "" if limit is None else limit,
            "unit": unit,
            "ratio": round(found[name] / limit, 2) if limit else None,
            "goal": "" if limit is None else f"at most {limit}",
            "met": None if limit is None else found[name] <= limit,
        }
        for words, name, limit, unit in limits
    ]
    bench_table.show("load", rows)


if __name__ == "__main__":
    main()
