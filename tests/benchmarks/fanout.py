"""Fan-out of a notice to all listeners, against Django Channels, alternated in one run.

Four servers in processes of their own: our pages (``dams serve``, opened at /dams as a browser does),
our stream (a websocket at /events), Channels in memory, and Channels with Redis, both on uvicorn. One
process of raw websocket clients listens to all four. An event is one request on a kept-alive connection; its
time runs from before the request to the last listener that has it, and the next event goes out then. Ours
commits the dam and its event to SQLite on disk first; Channels stores nothing.

    python tests/benchmarks/fanout.py [--listeners 10,100,300] [--events 60] [--rounds 3] [--burst 300]
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import bench_table
import psutil
from raw_page import Http, RawPage, Socket, in_batches
from servers import Redis
from serving import free_port, wait_for

TESTS = Path(__file__).parents[1]
NAME = re.compile(rb'"dam_name": "Fan-out (\d+)')
BOX = re.compile(rb"(?:A new dam has|(\d+) new dams have) been added")
FIRST, LAST = re.compile(rb"Fan-out (\d+)"), re.compile(rb'\\"last\\": (\d+)')
SEEDED = 2  #: Events that a new database holds.
LONGEST = 60.0  #: Seconds after which what has not come is lost.
OURS, PEERS = ("pages", "stream"), ("memory", "redis")


class Tally:
    """Waits until every listener has come to an event's number."""

    def __init__(self):
        self.target, self.missing = 0, 0
        self.done: asyncio.Event = asyncio.Event()

    def expect(self, number: int, listeners: list["Listener"]) -> None:
        self.target, self.missing = number, sum(listener.last < number for listener in listeners)
        self.done.clear()
        if not self.missing:
            self.done.set()

    def arrived(self) -> None:
        self.missing -= 1
        if self.missing == 0:
            self.at = time.perf_counter()
            self.done.set()


class Listener:
    """Counts what one client gets: ``last`` is the newest event's number, ``got`` how many came."""

    def __init__(self, tally: Tally):
        self.tally, self.last, self.got = tally, 0, 0

    def __call__(self, message: bytes) -> None:
        numbers = NAME.findall(message)
        if numbers:
            self.got += len(numbers)
            self._move(int(numbers[-1]))

    def _move(self, number: int) -> None:
        before, self.last = self.last, max(number, self.last)
        if before < self.tally.target <= self.last:
            self.tally.arrived()


class PageListener(Listener):
    """The notice box lists the first events that wait, says how many there are, and gives the number of the last."""

    page: RawPage

    def __call__(self, message: bytes) -> None:
        if found := BOX.search(message):
            first, count, last = (
                int(FIRST.search(message)[1]),
                int(found[1] or 1),
                int(LAST.search(message)[1]) - SEEDED,
            )
            self.got = last if first <= self.got + 1 and first + count - 1 == last else self.got
            self._move(last)

    def dismiss(self) -> None:
        """Close the box, as its reader does."""
        self.page.tell("NoticeDialog", {"act": "dismiss", "last": self.last + SEEDED})


class Side:
    """One server and those who listen to it."""

    def __init__(self, name: str, folder: Path, redis: Redis):
        self.name, self.port, self.folder = name, free_port(), folder
        environment = os.environ | {
            "DAMS_DATABASE_URL": f"sqlite:///{folder / name}.sqlite", "DAMS_LOG_LEVEL": "WARNING",
        }  # fmt: skip
        command = [sys.executable, str(TESTS / "channels_app.py"), str(self.port)]
        command += [redis.url] if name == "redis" else []
        if name in OURS:
            command = [sys.executable, str(TESTS / "inside.py"), str(self.port)]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.watched = [psutil.Process(self.process.pid)]
        if name == "redis":
            self.watched.append(psutil.Process(redis._process.pid))
        self.listeners: list[Listener] = []
        self.tally, self.sent = Tally(), 0

    async def start(self) -> None:
        await asyncio.to_thread(wait_for, f"http://localhost:{self.port}/{'healthz' if self.name in OURS else ''}")
        self.control = await Http.connect(self.port)

    async def listen(self, count: int) -> float:
        """Open listeners until there are ``count``; MiB of the server for each of the new ones."""
        before, new = self.watched[0].memory_info().rss, count - len(self.listeners)
        self.listeners += await in_batches([self._listener] * new)
        if self.name in OURS:
            await self.reached(lambda state: state["pages_open"] == count)
        return (self.watched[0].memory_info().rss - before) / new / 2**20

    async def reached(self, holds) -> None:
        for _ in range(2000):
            if holds(json.loads(await self.control.get("/healthz"))):
                return
        raise TimeoutError(f"{self.name} does not see all listeners")

    async def _listener(self) -> Listener:
        if self.name == "pages":
            listener: Listener = PageListener(self.tally)
            listener.page = await RawPage(self.port, "dams", listener).open()
        else:
            listener = Listener(self.tally)
            await Socket.connect(self.port, "/events", listener)
        # A new listener has what was before it.
        listener.last = listener.got = self.sent
        return listener

    async def one(self) -> float:
        """Milliseconds for one event to reach the last listener."""
        self.tally.expect(self.sent + 1, self.listeners)
        begin = time.perf_counter()
        await self._add()
        await self._arrival()
        return 1000 * (self.tally.at - begin)

    async def burst(self, events: int) -> float:
        """Events a second: sent one after the other without a look at the listeners, until all have the last."""
        self.tally.expect(self.sent + events, self.listeners)
        begin = time.perf_counter()
        for _ in range(events):
            await self._add()
        await self._arrival()
        return events / (self.tally.at - begin)

    async def _add(self) -> None:
        self.sent += 1
        await self.control.get(f"/inside/add?name=Fan-out%20{self.sent}.")

    async def _arrival(self) -> None:
        try:
            await asyncio.wait_for(self.tally.done.wait(), LONGEST)
        except TimeoutError:
            self.tally.at = time.perf_counter()

    def lost(self) -> int:
        """Events missed, of all listeners together."""
        return sum(self.sent - listener.got for listener in self.listeners)

    def cpu(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.watched)

    def dismiss(self) -> None:
        """The readers of the pages close their boxes."""
        for listener in self.listeners:
            if isinstance(listener, PageListener):
                listener.dismiss()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


async def measure(sides: dict[str, Side], counts: list[int], events: int, rounds: int, burst: int) -> dict:
    """Figures by (what, listeners, side)."""
    found: dict[tuple, float] = {}
    for count in counts:
        for side in sides.values():
            found["memory", count, side.name] = await side.listen(count)
        times: dict[str, list[float]] = {name: [] for name in sides}
        cpu, rates = dict.fromkeys(sides, 0.0), {name: [] for name in sides}
        for turn in range(rounds):
            for name, side in sorted(sides.items(), reverse=bool(turn % 2)):
                side.dismiss()
                await side.one()  # not counted: what was asleep is awake, what was dismissed is gone
                before = side.cpu()
                times[name] += [await side.one() for _ in range(events // rounds)]
                cpu[name] += side.cpu() - before
        if burst:
            for turn in range(2):
                for name, side in sorted(sides.items(), reverse=bool(turn % 2)):
                    side.dismiss()
                    await side.one()
                    rates[name].append(await side.burst(burst))
        for name, side in sides.items():
            found["p50", count, name] = statistics.median(times[name])
            found["p95", count, name] = statistics.quantiles(times[name], n=20)[-1]
            found["cpu", count, name] = 1000 * cpu[name] / len(times[name])
            found["lost", count, name] = side.lost()
            found["burst", count, name] = max(rates[name], default=0.0)
            print(f"  {count:4} {name:7}", *(f"{w} {found[w, count, name]:9.2f}" for w in UNITS), file=sys.stderr)
    return found


UNITS = {
    "p50": "ms", "p95": "ms", "burst": "events/s", "cpu": "CPU ms/event", "memory": "MiB/listener", "lost": "events",
}  # fmt: skip
WORDS = {
    "p50": "to the last, p50", "p95": "to the last, p95", "burst": "burst", "cpu": "server's work",
    "memory": "memory", "lost": "lost",
}  # fmt: skip
PEER_NAMES = {"memory": "Channels in memory", "redis": "Channels + Redis"}


def rows(found: dict, counts: list[int]) -> list[dict]:
    """Ours against each peer; goals at the largest number of listeners."""
    lines = []
    for count in counts:
        for ours in OURS:
            for peer in PEERS:
                for what in UNITS:
                    if not (what == "burst" and not found["burst", count, ours]):
                        values = found[what, count, ours], found[what, count, peer]
                        lines.append(row(what, count, ours, peer, values, last=count == counts[-1]))
    return lines


def row(what: str, count: int, ours: str, peer: str, values: tuple[float, float], *, last: bool) -> dict:
    mine, theirs = values
    ratio = mine / theirs if theirs else None
    goal, met = "", None
    if what == "lost":
        goal, met = "none", mine == 0
    elif last and peer == "redis" and what in ("p50", "p95", "burst") and ratio is not None:
        most = 1.0 if ours == "pages" else 1 / 3
        goal = "at least 3" if what == "burst" else f"at most {most:.2g}"
        met = ratio >= 3 if what == "burst" else ratio <= most
    return {
        "what": f"{ours}: {WORDS[what]}, {count} listeners, peer {PEER_NAMES[peer]}",
        "ours": round(mine, 3), "peer": round(theirs, 3), "unit": UNITS[what],
        "ratio": None if ratio is None else round(ratio, 3), "goal": goal, "met": met,
    }  # fmt: skip


async def run(given: argparse.Namespace) -> list[dict]:
    counts = [int(text) for text in given.listeners.split(",")]
    redis = Redis()
    sides: dict[str, Side] = {}
    try:
        with tempfile.TemporaryDirectory() as folder:
            sides = {name: Side(name, Path(folder), redis) for name in given.sides.split(",")}
            for side in sides.values():
                await side.start()
            found = await measure(sides, counts, given.events, given.rounds, given.burst)
            for side in sides.values():
                side.stop()
    finally:
        for side in sides.values():
            side.stop()
        redis.stop()
    return rows(found, counts) if {*OURS, *PEERS} <= set(sides) else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listeners", default="10,100,300", help="how many, in growing order")
    parser.add_argument("--events", type=int, default=60, help="events one at a time, in all rounds together")
    parser.add_argument("--rounds", type=int, default=3, help="turns that the servers take")
    parser.add_argument("--burst", type=int, default=300, help="events of a burst, 0 for none")
    parser.add_argument("--sides", default=",".join(OURS + PEERS), help="only these, without a table")
    given = parser.parse_args()
    lines = asyncio.run(run(given))
    bench_table.show("fanout", lines)


if __name__ == "__main__":
    main()
