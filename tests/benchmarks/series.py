"""Series of any length: reading, decimation, drawing and routing, each beside the plain way in one run.

The drawn pages are SeriesView with 1,200,000 and with 1,000 points, in Chromium. HoloViews' M4 needs tsdownsample;
where that is not installed, its own LTTB takes the place, and the row says so.

    python tests/benchmarks/series.py [--moves 20]
"""

import argparse
import importlib.util
import io
import statistics
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))

import bench_table
from browser_setup import ARGUMENTS, find_chromium
from serving import free_port, wait_for

from data.decimation import breaks, decimate, trace
from data.importers import series_rdb
from data.importers.series_text import Findings
from data.routing import StorageTable, route
from data.series import About, Series
from data.units import CUBIC_FEET_PER_ACRE_FT

POINTS, FEW, PIXELS, GAPS, STEPS, RDB_ROWS = 1_200_000, 1_000, 1_000, 50, 100_000, 500_000
STEP_MS = 900_000.0

#: Milliseconds from a change of the shown range, as a drag makes one, to the points for it on the screen.
MOVE = """(share) => new Promise((done) => {
  const models = [...Bokeh.documents[0]._all_models.values()]
  const plot = models.find((model) => model.type === "Figure" && model.x_range.reset_start != null)
  const sources = plot.renderers.map((one) => one.data_source), range = plot.x_range
  const {start, end} = range, begin = performance.now()
  let over = false
  const arrived = () => {
    if (over) return
    over = true
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - begin)))
  }
  for (const source of sources) source.properties.data.change.connect(arrived)
  range.setv({start: start + share * (end - start), end: end + share * (end - start)})
})"""
READY = """() => {
  const models = [...(Bokeh?.documents?.[0]?._all_models.values() ?? [])]
  const plot = models.find((model) => model.type === "Figure")
  return plot?.tags.length > 0 && plot.renderers.some((one) => one.data_source.data.time.length > 100)
}"""


def made_up(count: int) -> Series:
    """A flow of 15 minutes with gaps, the last tenth provisional, some estimated."""
    index = pd.date_range("1990-01-01", periods=count, freq="15min", tz="UTC", name="time").as_unit("us")
    flow = np.abs(np.random.default_rng(4).normal(size=count).cumsum()) + 100
    codes = np.where(np.arange(count) > 0.9 * count, 1, np.where(np.arange(count) % 997 == 0, 2, 0))
    points = pd.DataFrame({"value": flow, "flag": pd.Categorical.from_codes(codes, ["A", "P", "A:e"])}, index)
    keep = np.ones(count, dtype=bool)
    for start in np.linspace(0.01, 0.99, min(GAPS, count // 100)) * count:
        keep[int(start) : int(start + count / 2000 + 3)] = False
    return Series(About(id="made up", unit="cfs", timezone="UTC-08:00"), points[keep])


def milliseconds(act: Callable[[], object], rounds: int) -> float:
    """The median of some rounds, after one that is not counted."""
    took = []
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - begin))
    return statistics.median(took[1:])


def in_turn(ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Median milliseconds of both, one after the other in each round, so that other work of the machine meets both."""
    took = [(milliseconds(ours, 1), milliseconds(peer, 1)) for _ in range(rounds)]
    return statistics.median(mine for mine, _ in took), statistics.median(theirs for _, theirs in took)


def row(what: str, ours: float, peer: float | None, unit: str, goal: str, met: bool | None) -> dict:
    ratio = round(ours / peer, 4) if peer else None
    peer = None if peer is None else round(peer, 3)
    return {
        "what": what, "ours": round(ours, 3), "peer": "" if peer is None else peer, "unit": unit, "ratio": ratio,
        "goal": goal, "met": met,
    }  # fmt: skip


def reading() -> list[dict]:
    """RDB of instantaneous values against the same columns by pandas alone, without checks, zones or flags."""
    index = pd.date_range("2005-01-01", periods=RDB_ROWS, freq="15min")
    flow = np.round(np.abs(np.random.default_rng(5).normal(size=RDB_ROWS).cumsum()) + 100, 1)
    rows = "\n".join(
        f"USGS\t11447650\t{at}\tPST\t{value}\tA"
        for at, value in zip(index.strftime("%Y-%m-%d %H:%M"), flow.tolist(), strict=True)
    )
    head = (
        "# Data provided for site 11447650\n#  236032     00060     Discharge, cubic feet per second\n"
        "agency_cd\tsite_no\tdatetime\ttz_cd\t236032_00060\t236032_00060_cd\n5s\t15s\t20d\t6s\t14n\t10s\n"
    )
    text = head + rows + "\n"

    def ours() -> int:
        return len(series_rdb.read(text, Findings())[1][0].points)

    def bare() -> int:
        frame = pd.read_csv(io.StringIO(text), sep="\t", comment="#", skiprows=[3], dtype={"site_no": "str"})
        return len(frame.assign(datetime=pd.to_datetime(frame["datetime"])).set_index("datetime"))

    assert ours() == bare() == RDB_ROWS
    found = in_turn(ours, bare, 5)
    words = f"read RDB, {RDB_ROWS:,} rows"
    return [row(words, *found, "ms", "under 2 times bare pandas", found[0] < 2 * found[1])]


def decimating() -> list[dict]:
    """A window of all points, as at a change of range; HoloViews gets its gaps as missing values between points."""
    import holoviews as hv
    from holoviews.operation.downsample import downsample1d

    series = made_up(POINTS)
    times, gaps = series.seconds * 1000, series.gap_starts
    found = trace(times, series.values, gap_starts=gaps)
    start, end = times[[0, -1]].tolist()
    opened = pd.Series(series.values, pd.to_datetime(times, unit="ms"))
    opened = pd.concat([opened, pd.Series(np.nan, pd.to_datetime(times[gaps] + STEP_MS, unit="ms"))]).sort_index()
    curve = hv.Curve(pd.DataFrame({"time": opened.index, "value": opened.to_numpy()}), "time", "value")
    shown = opened.index[0], opened.index[-1]
    way = "m4" if importlib.util.find_spec("tsdownsample") else "lttb"

    def ours() -> np.ndarray:
        at = decimate(found, start, end, PIXELS)
        return np.insert(found.values[at], breaks(found, at) + 1, np.nan)

    def theirs() -> np.ndarray:
        made = downsample1d(curve, algorithm=way, width=2 * PIXELS, x_range=shown, dynamic=False)
        return made.dimension_values(1)

    took = in_turn(ours, theirs, 15)
    kept = int(np.isnan(ours()).sum()), int(np.isnan(theirs()).sum())
    prepared = milliseconds(lambda: decimate(trace(times, series.values, gap_starts=gaps), start, end, PIXELS), 5)
    return [
        row(
            f"decimate {len(found):,} points, HoloViews {way}", *took, "ms", "20 times faster", took[0] * 20 <= took[1]
        ),
        row(f"gaps kept of {len(gaps)}", *kept, "gaps", "all", kept[0] == len(gaps)),
        row("points drawn of them", len(ours()), len(theirs()), "points", "none: for information", None),
        row("the same, first view of a series", prepared, took[1], "ms", "none: for information", None),
    ]


def plain_route(inflow: list[float], table: StorageTable, hours: float, storage: float, outflow: float) -> list[float]:
    """Modified Puls as a textbook writes it: a search and an interpolation a step."""
    half = hours * 1800
    indication = (table.storage_acre_ft * CUBIC_FEET_PER_ACRE_FT / half + table.outflow_cfs).tolist()
    flows = table.outflow_cfs.tolist()
    now, found = storage * CUBIC_FEET_PER_ACRE_FT / half + outflow, [outflow]
    for before, after in pairwise(inflow):
        now = before + after + now - 2 * found[-1]
        at = min(max(bisect_right(indication, now) - 1, 0), len(flows) - 2)
        share = (now - indication[at]) / (indication[at + 1] - indication[at])
        found.append(flows[at] + share * (flows[at + 1] - flows[at]))
    return found


def routing() -> list[dict]:
    """100,000 steps through a reservoir of 200 rows."""
    elevation = np.linspace(0, 100, 200)
    table = StorageTable(elevation, 50 * elevation**2 + elevation, 20 * elevation**1.5)
    hours = np.arange(STEPS) * 1.0
    inflow = 3000 + 2500 * np.sin(hours / 40)
    storage, outflow = table.at(20.0)

    def ours() -> np.ndarray:
        return route(hours, inflow, table, start_elevation_ft=20.0).outflow_cfs

    def plain() -> list[float]:
        return plain_route(inflow.tolist(), table, 1.0, storage, outflow)

    np.testing.assert_allclose(ours(), plain(), rtol=1e-9)
    took = in_turn(ours, plain, 9)
    return [row(f"route {STEPS:,} steps, plain Python loop", *took, "ms", "under 50 ms", took[0] < 50)]


def serve(port: int) -> None:
    """Pages of many and of few points, until the process is ended."""
    import panel as pn

    from components.series_view import SeriesView

    pages = {name: [("Made up", made_up(count))] for name, count in (("many", POINTS), ("few", FEW))}
    served = {name: (lambda given=given: SeriesView(given)) for name, given in pages.items()}
    pn.serve(served, port=port, address="127.0.0.1", websocket_origin=[f"127.0.0.1:{port}"], show=False)


class Opened:
    """A page in a context of its own: the time until it was drawn, and the bytes its websocket got."""

    def __init__(self, browser, url: str):
        self._context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.page, self.received = self._context.new_page(), 0
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._count))
        begin = time.perf_counter()
        self.page.goto(url)
        self.page.wait_for_function(READY, polling="raf")
        self.drawn = 1000 * (time.perf_counter() - begin)
        self.page.wait_for_timeout(600)  # the points for the true width
        self.bytes = self.received

    def _count(self, frame) -> None:
        self.received += len(frame if isinstance(frame, bytes) else frame.encode())

    def pan(self, share: float) -> tuple[float, int]:
        """Milliseconds to new points, and bytes for them."""
        before = self.received
        took = self.page.evaluate(MOVE, share)
        self.page.wait_for_timeout(150)
        return took, self.received - before

    def close(self) -> None:
        self._context.close()


def drawing(moves: int) -> list[dict]:
    """Both pages in turn: first points, then pans there and back."""
    from playwright.sync_api import sync_playwright

    port = free_port()
    server = subprocess.Popen([sys.executable, __file__, "--serve", str(port)], stdout=subprocess.DEVNULL)
    took: dict[str, list[float]] = {"many": [], "few": []}
    pans: dict[str, list[float]] = {"many": [], "few": []}
    sizes: dict[str, list[float]] = {"many": [], "few": []}
    first: dict[str, list[float]] = {"many": [], "few": []}
    try:
        wait_for(f"http://127.0.0.1:{port}/many")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
            for turn in range(6):
                for name in sorted(took, reverse=bool(turn % 2)):
                    opened = Opened(browser, f"http://127.0.0.1:{port}/{name}")
                    if turn:
                        took[name].append(opened.drawn)
                        first[name].append(opened.bytes / 1000)
                    if turn == 5:
                        opened.pan(-0.3)
                        for number in range(moves):
                            pan, size = opened.pan(0.1 if number % 2 else -0.1)
                            pans[name].append(pan)
                            sizes[name].append(size / 1000)
                    opened.close()
            browser.close()
    finally:
        server.terminate()
        server.wait()
    many, few = ({key: statistics.median(found[name]) for key, found in
                  (("page", took), ("pan", pans), ("view", sizes), ("first", first))} for name in took)  # fmt: skip
    words = f"of {POINTS:,} against {FEW:,} points"
    goal = "under 1.5 times"
    return [
        row(f"page {words}, p50", many["page"], few["page"], "ms", goal, many["page"] < 1.5 * few["page"]),
        row(f"pan {words}, p50", many["pan"], few["pan"], "ms", goal, many["pan"] < 1.5 * few["pan"]),
        row("sent for a view after a pan", many["view"], few["view"], "kB", "under 100 kB", many["view"] < 100),
        row("sent by websocket until drawn", many["first"], few["first"], "kB", "none: for information", None),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=20)
    parser.add_argument("--serve", type=int, metavar="PORT", help="be the server")
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    bench_table.show("series", [*reading(), *decimating(), *routing(), *drawing(given.moves)])


if __name__ == "__main__":
    main()
