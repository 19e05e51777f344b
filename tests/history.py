"""Writes, reads, breaks things, and compares what everybody saw with the log.

    .venv/bin/python tests/history.py --url URL --seconds N [--writers W] [--readers R] [--processes P] [--kill]

URL is the address of an empty database; "postgresql" alone starts a server for the run, which is then
crashed too. P writing processes with W writers between them carry out commands; in each, and in P real
``dams serve`` processes on ports of their own, R readers follow the log: pages of the hub, server-sent
events and websockets. ``--kill`` kills processes with -9, cuts database connections and crashes and
stops the servers that are the run's own; readers drop their connections anyway. Afterwards every
acknowledged command must be in the log once and its dam in the table, and every reader's list must be
the log, in order. The last line is a JSON object; the exit status is 0 when nothing was lost, doubled or
out of order. ``--broken`` numbers events as a plain autoincrement would: the check must fail.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import sqlalchemy as sa  # noqa: E402
from history_readers import StreamReader  # noqa: E402
from servers import Postgres, Redis  # noqa: E402
from serving import free_port, wait_for  # noqa: E402

from data import events, models, store  # noqa: E402

CATCH_UP_SECONDS = 60


@dataclass
class Found:
    """What the comparison found; ``words`` names the first of each kind."""

    commits: int = 0
    acknowledged: int = 0
    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    unacknowledged_stored: int = 0
    words: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.twice or self.out_of_order)

    def count(self, kind: str, number: int, words: str) -> None:
        if number:
            setattr(self, kind, getattr(self, kind) + number)
            self.words.append(f"{kind} {number}: {words}")

    def as_json(self) -> str:
        kinds = ("commits", "acknowledged", "lost", "twice", "out_of_order", "unacknowledged_stored")
        return json.dumps({kind: getattr(self, kind) for kind in kinds})


class Program:
    """A process that is started again after each kill."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path):
        self._command, self._environment, self._log = command, environment, log
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)

    def kill_and_start(self) -> None:
        self._process.kill()
        self._process.wait()
        self.start()

    def revive(self) -> None:
        """Start it again when it ended with a fault, as systemd does: its database may have been away."""
        if self._process.poll():
            self.start()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def finish(self, seconds: float) -> bool:
        """Whether it ended well by itself within ``seconds``."""
        try:
            return self._process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            return False


class History:
    """One run on one database, its files in ``folder``."""

    def __init__(
        self, url: str, folder: Path, *, writers: int, readers: int, processes: int, redis_url="", broken=False
    ):
        self.url, self.folder, self._broken = url, folder, broken
        self._engine = store.open_engine(url)
        self._reading, _ = store.make_sessions(self._engine)
        settings = {"DAMS_DATABASE_URL": url, "DAMS_DAMS_PER_USER": "", "DAMS_LOG_LEVEL": "ERROR"}
        settings |= {"DAMS_REDIS_URL": redis_url} if redis_url else {}
        environment = os.environ | settings
        threads = max(1, writers // processes)
        users = [f"writer-{index}-{thread}" for index in range(processes) for thread in range(threads)]
        subprocess.run([sys.executable, "-c", _PREPARE, *users], cwd=ROOT, env=environment, check=True)
        if broken:
            with self._engine.begin() as connection:
                connection.exec_driver_sql("CREATE SEQUENCE broken_numbers START 3")
        with self._reading() as db:
            self.start = events.head(db)
        pages = max(1, readers // 2 // processes)
        self.writers = [
            Program(
                [sys.executable, str(ROOT / "tests" / "history_writer.py"), str(folder), str(index),
                 str(threads), str(pages), str(self.start), str(int(broken))],
                environment,
                folder / f"log-writer-{index}",
            )
            for index in range(processes)
        ]  # fmt: skip
        ports = [free_port() for _ in range(processes)]
        serve = [sys.executable, "-m", "dashboard.cli", "serve", "--port"]
        self.servers = [Program([*serve, str(port)], environment, folder / f"log-server-{port}") for port in ports]
        self.readers: list[StreamReader] = []
        try:
            for port in ports:
                wait_for(f"http://localhost:{port}/healthz")
        except TimeoutError:
            self.close()
            raise
        kinds = ("events", "websocket")
        self.readers = [
            StreamReader(ports, self.start, kinds[index % 2], seed=index) for index in range(max(2, readers - pages))
        ]

    def run(self, seconds: float, troubles: Iterable[tuple[str, Callable[[], None]]] = ()) -> Found:
        """Write for ``seconds`` while the troubles happen in a random order, then compare."""
        troubles, chance, end = list(troubles), random.Random(7), time.monotonic() + seconds
        pause = threading.Event()
        while (left := end - time.monotonic()) > 0:
            pause.wait(min(left, chance.uniform(0.3, 1.0) if troubles else left))
            if troubles and time.monotonic() < end:
                chance.choice(troubles)[1]()
            self._revive()
        (self.folder / "stop").touch()
        end = time.monotonic() + CATCH_UP_SECONDS
        while len(list(self.folder.glob("stopped-*"))) < len(self.writers) and time.monotonic() < end:
            pause.wait(0.05)
            self._revive()
        with self._reading() as db:
            head = db.scalar(sa.select(sa.func.max(models.Event.number))) or 0
        whole = self.folder / "head.part"
        whole.write_text(str(head))
        whole.rename(self.folder / "head")
        finished = [writer.finish(CATCH_UP_SECONDS) for writer in self.writers]
        seen = {f"{reader.kind} {index}": reader.stop_at(head) for index, reader in enumerate(self.readers)}
        for path in self.folder.glob("page-*"):
            seen[path.name] = [int(number) for number in path.read_text().split()]
        found = self._compare(seen)
        if not all(finished):
            found.words.append("a writing process did not end: its pages did not reach the head of the log")
            found.words += [path.read_text()[-3000:] for path in self.folder.glob("log-writer-*")]
        return found

    def close(self) -> None:
        for program in (*self.writers, *self.servers):
            program.stop()
        self._engine.dispose()

    def _revive(self) -> None:
        for program in (*self.writers, *self.servers):
            program.revive()

    def kills(self) -> list[tuple[str, Callable[[], None]]]:
        """Troubles: each process of the run, killed with -9 and started again."""
        return [("kill -9", program.kill_and_start) for program in (*self.writers, *self.servers)]

    def _compare(self, seen: dict[str, list[int]]) -> Found:
        found = Found()
        tried, acknowledged = journals(self.folder)
        event = models.Event
        with self._reading() as db:
            log = db.execute(sa.select(event.number, event.submit_key, event.kind, event.dam_name)
                             .where(event.number > self.start).order_by(event.number)).all()  # fmt: skip
            names = Counter(db.scalars(sa.select(models.Dam.name)))
        keys = {row.submit_key: row for row in log}
        found.commits, found.acknowledged = len(log), len(acknowledged)
        found.unacknowledged_stored = sum(key in keys for key in tried - acknowledged.keys())
        wrong = [key for key, number in acknowledged.items() if key not in keys or keys[key].number != number]
        found.count("lost", len(wrong), f"acknowledged and not in the log, such as {wrong[:3]}")
        deleted = {row.dam_name for row in log if row.kind == "dam_deleted"}
        added = {row.dam_name for row in log if row.kind == "dam_added"}
        gone = [name for name in added if names[name] != (name not in deleted)]
        found.count("lost", len(gone), f"the table does not fit the log, such as {gone[:3]}")
        numbers = [row.number for row in log]
        if not self._broken:
            gaps = len(set(range(self.start + 1, self.start + 1 + len(log))) - set(numbers))
            found.count("out_of_order", gaps, "numbers of the log with gaps")
        for name, list_ in seen.items():
            counts = Counter(list_)
            missing = set(numbers) - counts.keys()
            found.count("lost", len(missing), f"reader {name} did not see {sorted(missing)[:5]}")
            found.count("twice", sum(n > 1 for n in counts.values()), f"reader {name}")
            found.count("out_of_order", sum(b < a for a, b in pairwise(list_)), f"reader {name}")
        return found


#: One user a writer: those of one user wait for each other at its row, which would hide a wrong order.
_PREPARE = """
import datetime as dt
import sys
from dashboard import services
from data import models
app = services.current()
with app._write.begin() as db:
    for name in sys.argv[1:]:
        db.add(models.User(name=name, role_name="admin", created_at=dt.datetime.now(dt.UTC)))
app.close()
"""


def journals(folder: Path) -> tuple[set[str], dict[str, int]]:
    """What writers tried, and what was acknowledged: key to event number."""
    tried, acknowledged = set(), {}
    for path in folder.glob("writer-*"):
        for line in path.read_text().splitlines():
            what, key, *rest = line.split(" ")
            if what == "try":
                tried.add(key)
            elif what == "ack":
                acknowledged[key] = int(rest[0])
    return tried, acknowledged


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="an empty database; 'postgresql' starts a server")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--readers", type=int, default=6)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--redis", action="store_true", help="start a Redis, which is then stopped too")
    parser.add_argument("--broken", action="store_true", help="number events by a sequence (PostgreSQL)")
    options = parser.parse_args(arguments)
    own = Postgres() if options.url == "postgresql" else None
    redis = Redis() if options.redis else None
    try:
        found = check(options, own.new_database() if own else options.url, own, redis)
    finally:
        for server in (own, redis):
            if server is not None:
                server.close()
    for words in found.words:
        print(words)
    print(found.as_json())
    return 0 if found.good else 1


def check(options: argparse.Namespace, url: str, postgres: Postgres | None, redis: Redis | None) -> Found:
    """One run. The servers that are handed over are the run's to break."""
    with tempfile.TemporaryDirectory(prefix="dams-history-") as folder:
        history = History(
            url, Path(folder), writers=options.writers, readers=options.readers, processes=options.processes,
            redis_url=redis.url if redis else "", broken=options.broken,
        )  # fmt: skip
        troubles = []
        if options.kill:
            troubles = history.kills()
            if postgres is not None:
                troubles += [("cut connections", postgres.cut_connections)] * 4
                troubles += [("crash PostgreSQL", postgres.crash_and_restart)]
            if redis is not None:
                troubles += [("stop Redis", lambda: (redis.stop(), redis.start()))]
        try:
            return history.run(options.seconds, troubles)
        finally:
            history.close()


if __name__ == "__main__":
    sys.exit(main())
