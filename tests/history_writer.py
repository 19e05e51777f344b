"""A writing process of ``tests/history.py``: it can be killed at any moment and started again.

Each writer's journal says what it tried and what was acknowledged; a command whose answer was lost is
sent again with its submit key, as a page does. Pages of its hub write down what they take in.
"""

import datetime as dt
import json
import os
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import sqlalchemy as sa  # noqa: E402

from dashboard import services  # noqa: E402
from data import writes  # noqa: E402
from data.commands import AddDam, DeleteDam, Failed, Rejected  # noqa: E402

CATCH_UP_SECONDS = 50
PARENT = os.getppid()  #: The run; when it is gone there is nobody to write for.


class Journal:
    """Lines that outlive a kill: each is one write to the file."""

    def __init__(self, path: Path):
        self.lines = path.read_text().splitlines() if path.exists() else []
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, text: str) -> None:
        os.write(self._file, f"{text}\n".encode())


class Page:
    """A page of the hub; its list is its cursor, also after a kill."""

    due, ailing, loop, kind = False, False, None, "page"

    def __init__(self, hub, path: Path, start: int, pool: ThreadPoolExecutor):
        self._hub, self._journal, self._pool = hub, Journal(path), pool
        self.page_id, self.doc = path.name, self
        self.cursor = int(self._journal.lines[-1]) if self._journal.lines else start

    def add_next_tick_callback(self, callback) -> None:
        self._pool.submit(callback)

    def tick(self) -> None:
        if found := self._hub.after(self.cursor):
            self._journal.write("\n".join(str(event.number) for event in found))
            self.cursor = found[-1].number


def write(app, user_name: str, journal: Journal, stop: Path, pause: threading.Event) -> None:
    """Add dams, and delete every fourth, until told to stop."""
    waiting = unanswered(journal.lines)
    mine: list[int] = []
    while (waiting or not stop.exists()) and os.getppid() == PARENT:
        command = waiting or next_command(mine)
        waiting = None
        if not isinstance(command, tuple):
            journal.write(f"try {command.submit_key} {as_text(command)}")
        else:
            command = command[0]
        while True:
            try:
                done = app.send(command, user_name=user_name)
                break
            except Failed:
                pause.wait(0.05)
            except Rejected as refusal:  # it was carried out, and its dam deleted, before the answer was lost
                journal.write(f"refused {command.submit_key} {refusal}")
                done = None
                break
        if done is not None:
            journal.write(f"ack {command.submit_key} {done.number}")
            if isinstance(command, AddDam):
                mine.append(done.dam_id)


def next_command(mine: list[int]):
    if len(mine) >= 4:
        dam_id = mine.pop(0)
        mine.clear()
        return DeleteDam(dam_id=dam_id)
    return dam(uuid.uuid4().hex)


def dam(key: str) -> AddDam:
    return AddDam(
        submit_key=key, name=f"Made-up {key}", owner="Other", river="River", date_built="1950", longitude=-90.0,
        latitude=35.0,
    )  # fmt: skip


def as_text(command) -> str:
    return json.dumps({"dam_id": command.dam_id} if isinstance(command, DeleteDam) else {})


def unanswered(lines: list[str]):
    """The last command when its answer is not in the journal, as a tuple of one; else None."""
    if not lines or not lines[-1].startswith("try "):
        return None
    _, key, text = lines[-1].split(" ", 2)
    known = json.loads(text)
    return (DeleteDam(submit_key=key, **known) if known else dam(key),)


def number_by_a_sequence(work, change) -> tuple[int, dt.datetime]:
    """What a plain autoincrement does: numbers are given before the commit, and commits overtake each other."""
    number = work.db.scalar(sa.text("SELECT nextval('broken_numbers')"))
    work.db.execute(sa.text("SELECT pg_sleep(random() * 0.01)"))
    return number, work.now


def main(folder: Path, index: int, writers: int, pages: int, start: int, broken: bool) -> int:
    if broken:
        writes._take_number = number_by_a_sequence
    app, stop, pause = services.current(), folder / "stop", threading.Event()
    pool = ThreadPoolExecutor(1)
    open_pages = [Page(app.hub, folder / f"page-{index}-{number}", start, pool) for number in range(pages)]
    for page in open_pages:
        app.hub.join(page)
    with ThreadPoolExecutor(writers) as workers:
        names = [f"writer-{index}-{number}" for number in range(writers)]
        for done in [workers.submit(write, app, name, Journal(folder / name), stop, pause) for name in names]:
            done.result()
    (folder / f"stopped-{index}").touch()
    end, head = time.monotonic() + CATCH_UP_SECONDS, folder / "head"  # written when nobody writes any more
    while not head.exists() or any(page.cursor < int(head.read_text()) for page in open_pages):
        if time.monotonic() > end:
            return 1
        pause.wait(0.05)
    return 0


if __name__ == "__main__":
    code = main(Path(sys.argv[1]), *map(int, sys.argv[2:6]), sys.argv[6] == "1")
    os._exit(code)
