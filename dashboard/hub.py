"""The shared queue of a process: reads the log once for all its open pages and wakes them.

A page joins when its browser has loaded and leaves when its session ends. It keeps a cursor and
takes what lies past it; a wake carries no data, so one that is lost, doubled or late loses and
doubles nothing. The log is looked at when this process has committed (``wake``) and by a poll,
which also finds what other processes commit.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from bokeh.document import Document

from data.frames import Event

log = logging.getLogger(__name__)

KEPT = 5000  #: Events held in memory; a page further behind reads the database.
LONGEST_PAUSE = 1.0  #: Seconds between looks when nothing happens.


class Follower(Protocol):
    """An open page, as the hub knows it. ``due`` is the hub's: a tick is scheduled and has not begun."""

    page_id: str
    doc: Document
    cursor: int
    due: bool

    def tick(self) -> None:
        """Take in what lies past the cursor; runs in the page's own context."""


class Hub:
    """One a process. ``read_after(cursor)`` gives the log's next events, ``head()`` its newest number."""

    def __init__(
        self, read_after: Callable[[int], Sequence[Event]], head: Callable[[], int], *, poll_seconds: float = 0.25
    ):
        self._read_after, self._head, self._poll_seconds = read_after, head, poll_seconds
        self._members: dict[str, Follower] = {}
        self._queue: deque[Event] = deque(maxlen=KEPT)
        self._cursor = -1  # not yet known
        self._lock = threading.Lock()
        self._nudged = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def listening(self) -> int:
        """How many pages are open in this process."""
        return len(self._members)

    def start(self) -> None:
        """Start the poll; a second call does nothing."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="dams-hub", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the poll and wait for it."""
        self._stopping = True
        self._nudged.set()
        if self._thread is not None:
            self._thread.join()

    def join(self, member: Follower) -> None:
        """``member.tick`` will run in its own context whenever the log has grown past its cursor."""
        self.start()
        with self._lock:
            self._members[member.page_id] = member
            listening = len(self._members)
        log.info("Page %s joined; %d listening", member.page_id[:8], listening)
        self.wake()

    def leave(self, member: Follower) -> None:
        """The page is gone; a second call does nothing."""
        with self._lock:
            gone = self._members.pop(member.page_id, None)
            listening = len(self._members)
        if gone:
            log.info("Page %s left; %d listening", member.page_id[:8], listening)

    def wake(self) -> None:
        """Look at the log at once. Safe from any thread, and cheap."""
        self._nudged.set()

    def after(self, cursor: int) -> tuple[Event, ...]:
        """Events past ``cursor``, oldest first: from memory, or the database for a page far behind."""
        with self._lock:
            if 0 <= self._cursor <= cursor:
                return ()
            if self._queue and self._queue[0].number <= cursor + 1:
                return tuple(event for event in self._queue if event.number > cursor)
        found: list[Event] = []
        while batch := self._read_after(found[-1].number if found else cursor):
            found.extend(batch)
        return tuple(found)

    def _run(self) -> None:
        pause = self._poll_seconds
        while not self._stopping:
            # Without a page nobody waits for news: sleep until one joins.
            self._nudged.wait(pause if self._members else None)
            self._nudged.clear()
            try:
                news = self._look()
            except Exception:  # a database that is away comes back; the poll must be there when it does
                log.exception("The event log could not be read; trying again")
                news = False
            pause = self._poll_seconds if news else max(self._poll_seconds, min(pause * 2, LONGEST_PAUSE))
            self._deliver()

    def _look(self) -> bool:
        """Take the log's new events into the queue; true when there were any."""
        if self._cursor < 0:
            head = self._head()
            with self._lock:
                self._cursor = head
            return False
        news = False
        while batch := self._read_after(self._cursor):
            with self._lock:
                self._queue.extend(batch)
                self._cursor = batch[-1].number
            news = True
        return news

    def _deliver(self) -> None:
        """Schedule one tick on every page that is behind and not due already."""
        with self._lock:
            behind = [member for member in self._members.values() if not member.due and member.cursor < self._cursor]
        for member in behind:
            member.due = True
            try:
                member.doc.add_next_tick_callback(partial(_tick, member))
            except Exception:
                log.exception("Page %s could not be woken", member.page_id[:8])
                self.leave(member)


def _tick(member: Follower) -> None:
    member.due = False  # before the body: a wake during it must count
    try:
        member.tick()
    except Exception:  # one page must not stop the rest
        log.exception("Page %s failed to take in events", member.page_id[:8])
