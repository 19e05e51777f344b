"""The national inventory: import, a page of the table, a search, the map's dots and counts, and the pages in Chromium.

The file is synthetic, in the shape of nation.csv (``make_national.py`` of the shared data). Import is compared with
``pandas.read_csv`` and ``to_sql`` of the same file, which keeps no record, checks nothing and builds no index; a page
of the table with the same statements in bare ``sqlite3``; the pages in Chromium with an empty page of the same kit.

    python tests/benchmarks/inventory.py [--rows 1000,10000,92766,1000000] [--rounds 3] [--no-browser]
"""

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import bench_table  # noqa: E402
import sqlalchemy as sa  # noqa: E402

from dashboard.services import Services  # noqa: E402
from dashboard.settings import Settings  # noqa: E402
from data import models, reads  # noqa: E402
from data.inventory import Filter  # noqa: E402

MAKE = ROOT.parent / "shared" / "data" / "nid" / "make_national.py"
NATION = 92_766
CONUS = (-125.0, 24.0, -66.0, 50.0)
CLOSE = (-91.0, 32.0, -90.0, 33.0)
POOR = Filter(state=("Mississippi",), hazard=("High",), condition=("Poor",))
TYPED = ("ho", "hoo", "hoov", "hoove", "hoover", "hoover d", "hoover da", "hoover dam", "lost cr", "zzzq")
PANDAS = """
import sqlite3, sys
import pandas as pd
connection = sqlite3.connect(sys.argv[2])
pd.read_csv(sys.argv[1], skiprows=1, low_memory=False).to_sql("dams", connection, index=False)
connection.commit()
"""


def make_file(folder: Path, rows: int) -> Path:
    """A synthetic file of ``rows`` dams; above the nation's number it is repeated with other ids."""
    path = folder / f"nation-{rows}.csv"
    whole = folder / "nation.csv"
    if not whole.exists():
        subprocess.run([sys.executable, str(MAKE), "-o", str(whole)], check=True, stdout=subprocess.DEVNULL)
    lines = whole.read_text().splitlines(keepends=True)
    with path.open("w") as file:
        file.writelines(lines[:2])
        for start in range(0, rows, NATION):
            part = lines[2 : 2 + min(NATION, rows - start)]
            file.writelines(part if not start else (_renamed(line, start // NATION) for line in part))
    return path


def _renamed(line: str, copy: int) -> str:
    """The same row with an id of another copy: the fourth cell, NID ID."""
    parts = line.split('","', 4)
    parts[3] = f"{parts[3][:2]}{chr(64 + copy)}{parts[3][-5:]}"
    return '","'.join(parts)


def in_process(command: list[str], environment: dict[str, str] | None = None) -> tuple[float, float]:
    """Seconds and peak MiB of a command."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | (environment or {}))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def import_rows(folder: Path, rows: int, rounds: int) -> tuple[list[dict], Services]:
    """Import against pandas, alternated; the last database is kept."""
    path = make_file(folder, rows)
    times: dict[str, list[float]] = {"ours": [], "pandas": []}
    peaks: list[float] = []
    for turn in range(rounds):
        ours, theirs = folder / f"ours-{rows}-{turn}.sqlite", folder / f"pandas-{rows}-{turn}.sqlite"
        url = {"DAMS_DATABASE_URL": f"sqlite:///{ours}"}
        in_process([sys.executable, "-c", "from dashboard import services; services.current().close()"], url)
        seconds, peak = in_process([sys.executable, "-m", "dashboard.cli", "import", str(path)], url)
        times["ours"].append(seconds)
        peaks.append(peak)
        if rows <= NATION:  # pandas holds all in memory
            times["pandas"].append(in_process([sys.executable, "-c", PANDAS, str(path), str(theirs)])[0])
        theirs.unlink(missing_ok=True)
    path.unlink()
    lines = []
    peer = statistics.median(times["pandas"]) if times["pandas"] else None
    goal = 1.5 if rows == NATION else None
    lines.append(line(f"import, {rows:,} dams, peer pandas", statistics.median(times["ours"]), peer, "s", goal))
    lines.append(limit(f"import, peak memory, {rows:,} dams", max(peaks), 500, "MiB", rows == NATION))
    return lines, Services(Settings(database_url=url["DAMS_DATABASE_URL"]))


def line(what: str, ours: float, peer: float | None, unit: str, goal: float | None = None, plus: float = 0.0) -> dict:
    """A comparison; ``goal`` times the peer and ``plus`` is the most that is wanted."""
    words = "" if goal is None else f"at most {goal:g} times" + (f" plus {plus:g} {unit}" if plus else "")
    met = None if goal is None or peer is None else ours <= goal * peer + plus
    ratio = None if not peer else round(ours / peer, 2)
    shown = "" if peer is None else round(peer, 3)
    return {
        "what": what,
        "ours": round(ours, 3),
        "peer": shown,
        "unit": unit,
        "ratio": ratio,
        "goal": words,
        "met": met,
    }


def limit(what: str, ours: float, most: float, unit: str, counts: bool = True) -> dict:
    """A figure with a limit of its own."""
    return {
        "what": what, "ours": round(ours, 2), "peer": most, "unit": unit, "ratio": round(ours / most, 2),
        "goal": f"at most {most:g} {unit}" if counts else "", "met": ours <= most if counts else None,
    }  # fmt: skip


def timed(work: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each call, after one that is not counted."""
    work()
    found = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        found.append((time.perf_counter() - begin) * 1e3)
    return found


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def statements(app: Services, work: Callable[[sa.orm.Session], object]) -> list[tuple[str, tuple]]:
    """What ``work`` asks the database, as SQL and its parameters."""
    seen: list[tuple[str, tuple]] = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        if statement.startswith("SELECT"):
            seen.append((statement, tuple(parameters)))

    sa.event.listen(app.engine, "before_cursor_execute", note)
    with app.reading() as db:
        work(db)
    sa.event.remove(app.engine, "before_cursor_execute", note)
    return seen


def query_rows(app: Services, rows: int) -> list[dict]:
    """Reads at this number of dams; the table's pages beside the same statements in bare sqlite3."""
    lines = []
    bare = sqlite3.connect(app.engine.url.database)
    pages = {
        "first page by name": lambda db: reads.dams_page(db),
        "high hazard, poor, Mississippi": lambda db: reads.dams_page(db, POOR),
        "page 100 by storage": lambda db: reads.dams_page(db, sort="storage_acre_ft", descending=True, offset=2475),
    }
    for what, work in pages.items():
        asked = statements(app, work)
        peer = timed(lambda asked=asked: [bare.execute(*one).fetchall() for one in asked], 15)
        ours = timed(lambda work=work: read(app, work), 15)
        goal = 2.0 if rows == NATION else None
        lines.append(line(f"table, {what}, {rows:,} dams, peer the same SQL", *map(statistics.median, (ours, peer)),
                          "ms", goal, 10))  # fmt: skip
    bare.close()
    typed = [one for text in TYPED for one in timed(lambda text=text: read(app, lambda db: reads.dams_page(
        db, Filter(search=text))), 3)]  # fmt: skip
    lines.append(limit(f"search as typed, p95 at the server, {rows:,} dams", p95(typed), 150, "ms", rows == NATION))
    for what, box, wanted in (
        ("the nation", CONUS, Filter()),
        ("the nation, high hazard", CONUS, Filter(hazard=("High",))),
        ("a degree", CLOSE, Filter()),
    ):
        took = timed(lambda box=box, wanted=wanted: read(app, lambda db: reads.dots(db, box, wanted)), 10)
        lines.append(limit(f"map, dots of {what}, {rows:,} dams", statistics.median(took), 200, "ms", rows == NATION))
    for name in ("hazard", "purposes"):
        took = timed(lambda name=name: read(app, lambda db: reads.facet(db, name, replace(POOR, hazard=()))), 10)
        whole = timed(lambda name=name: read(app, lambda db: reads.facet(db, name)), 10)
        lines.append(
            line(f"facet {name}, of a state and of all, {rows:,} dams", *map(statistics.median, (took, whole)), "ms")
        )
    return lines


def read(app: Services, work: Callable[[sa.orm.Session], object]) -> object:
    with app.reading() as db:
        return work(db)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", default="1000,10000,92766,1000000", help="how many dams, in growing order")
    parser.add_argument("--rounds", type=int, default=3, help="imports of each size; one above the nation's")
    parser.add_argument("--no-browser", action="store_true", help="leave out the pages in Chromium")
    given = parser.parse_args()
    lines: list[dict] = []
    with tempfile.TemporaryDirectory() as made:
        for rows in map(int, given.rows.split(",")):
            found, app = import_rows(Path(made), rows, given.rounds if rows <= NATION else 1)
            lines += found
            with app.reading() as db:
                assert db.scalar(sa.select(sa.func.count()).select_from(models.Dam)) == rows + 2
            lines += query_rows(app, rows)
            app.close()
            if rows == NATION and not given.no_browser:
                import inventory_pages

                lines += inventory_pages.rows(app.settings.database_url)
            for one in lines[-30:]:
                print(json.dumps(one), file=sys.stderr)
    bench_table.show("inventory", lines)


if __name__ == "__main__":
    main()
