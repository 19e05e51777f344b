"""The shared queue of a process: reads the log once for all its open pages and wakes them.

A page joins when its browser has loaded and leaves when its session ends. It keeps a cursor and
takes what lies past it; a wake carries no data, so one that is lost, doubled or late loses and
doubles nothing. The log is looked at when this process has committed (``wake``), when another has
announced (``data/wakes.py``), and by a poll, which finds what no wake-up told.
"""

import asyncio
import datetime as dt
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import takewhile
from typing import Any, Protocol
from weakref import WeakSet

from dashboard import direct
from data.frames import Event
from data.wakes import Source

log = logging.getLogger(__name__)

KEPT = 5000  #: Events held in memory; a page further behind reads the database.
LONGEST_TURN = 0.005  #: Seconds of ticks after which requests get their turn; what they commit goes along.
LONGEST_PAUSE = 1.0  #: Seconds between looks when nothing happens.


class Follower(Protocol):
    """An open page or a listening program. ``due`` is the hub's: a tick is scheduled and has not begun.

    ``kind`` says which it is, "page" or "stream". One that is ``ailing`` could not read the database: it gets a tick
    at each look that finds the database there.

    ``doc.add_next_tick_callback`` runs a function in its context; it can be called from any thread.
    """

    page_id: str
    doc: Any
    cursor: int
    due: bool
    kind: str
    ailing: bool

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop of its server, None where there is none."""

    def tick(self) -> None:
        """Take in what lies past the cursor; runs in the page's own context."""


class Hub:
    """One a process. ``read_after(cursor)`` gives the log's next events, ``head()`` its newest number.

    ``told`` is given, for each tick of a page, the seconds since the oldest event that it took in was recorded.
    """

    def __init__(
        self,
        read_after: Callable[[int], Sequence[Event]],
        head: Callable[[], int],
        *,
        poll_seconds: float = 0.25,
        source: Source | None = None,
        told: Callable[[float], None] | None = None,
    ):
        self.read_after, self.head = read_after, head
        self._poll_seconds, self._source = poll_seconds, source
        self._told = told
        self._members: dict[str, Follower] = {}
        self._queue: deque[Event] = deque(maxlen=KEPT)
        self._rounds: WeakSet[asyncio.AbstractEventLoop] = WeakSet()  #: Loops that are at their pages' ticks.
        self._cursor = -1  # not yet known
        self._lock = threading.Lock()
        self._nudged = threading.Event()
        self.away = False  #: The log could not be read when it was last tried.
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def listening(self) -> int:
        """How many pages are open in this process."""
        return len(self._members)

    def kinds(self) -> Counter[str]:
        """How many of each kind listen."""
        with self._lock:
            return Counter(member.kind for member in self._members.values())

    def behind(self, head: int) -> int:
        """How many events up to ``head`` are yet to be taken in; 0 while nobody listens, for the hub then sleeps."""
        return max(0, head - self._cursor) if self._members and self._cursor >= 0 else 0

    def start(self) -> None:
        """Start the poll; a second call does nothing."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="dams-hub", daemon=True)
                self._thread.start()
                if self._source is not None:
                    self._source.start(self.wake)

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
        log.info("Page %s joined; %d listening", member.page_id[:8], listening, extra=_fields(member, listening))
        self.wake()

    def leave(self, member: Follower) -> None:
        """The page is gone; a second call does nothing."""
        with self._lock:
            gone = self._members.pop(member.page_id, None)
            listening = len(self._members)
        if gone:
            log.info("Page %s left; %d listening", member.page_id[:8], listening, extra=_fields(member, listening))

    def missed(self) -> None:
        """Somebody has waited for the database in vain: until the hub has read the log nobody else need wait."""
        if self._thread is not None:
            self.away = True
            self.wake()

    def wake(self) -> None:
        """Look at the log at once. Safe from any thread, and cheap."""
        self._nudged.set()

    def after(self, cursor: int) -> tuple[Event, ...]:
        """Events past ``cursor``, oldest first: from memory, or the database for a page far behind."""
        recent = self.recent(cursor)
        if recent is not None:
            return recent
        found: list[Event] = []
        while batch := self.read_after(found[-1].number if found else cursor):
            found.extend(batch)
        return tuple(found)

    def recent(self, cursor: int) -> tuple[Event, ...] | None:
        """Events past ``cursor`` from memory, None when they are not all there."""
        with self._lock:
            if 0 <= self._cursor <= cursor:
                return ()
            if not self._queue or self._queue[0].number > cursor + 1:
                return None
            newest_first = takewhile(lambda event: event.number > cursor, reversed(self._queue))
            return tuple(newest_first)[::-1]

    def _run(self) -> None:
        pause = self._poll_seconds
        while not self._stopping:
            # Without a page nobody waits for news: sleep until one joins.
            self._nudged.wait(pause if self._members or self.away else None)
            self._nudged.clear()
            try:
                news = self._look()
                self.away = False
            except Exception:  # a database that is away comes back; the poll must be there when it does
                log.exception("The event log could not be read; trying again")
                news, self.away = False, True
            pause = self._poll_seconds if news else max(self._poll_seconds, min(pause * 2, LONGEST_PAUSE))
            self._deliver(heal=not self.away)

    def _look(self) -> bool:
        """Take the log's new events into the queue; true when there were any."""
        if self._cursor < 0:
            head = self.head()
            with self._lock:
                self._cursor = head
            return False
        news = False
        while batch := self.read_after(self._cursor):
            with self._lock:
                self._queue.extend(batch)
                self._cursor = batch[-1].number
            news = True
        return news

    def _deliver(self, *, heal: bool = False) -> None:
        """Schedule one tick on every page that is behind and not due already; ``heal``: also on those that are ailing.

        In a server's loop one round is under way at a time: what is committed meanwhile is carried by the next,
        so that a burst costs a tick a round, not one an event.
        """
        rounds: dict[asyncio.AbstractEventLoop | None, list[Follower]] = {}
        with self._lock:
            for member in self._members.values():
                loop = member.loop
                wanting = member.cursor < self._cursor or (heal and member.ailing)
                if wanting and not member.due and (loop is None or loop not in self._rounds):
                    member.due = True
                    rounds.setdefault(loop, []).append(member)
            self._rounds.update(loop for loop in rounds if loop is not None)
        for loop, members in rounds.items():
            if loop is None:
                self._schedule(None, members)
                continue
            # One call to the server's loop for all: hundreds of calls from this thread would fight with it.
            with suppress(RuntimeError):  # it has ended, and its pages with it
                loop.call_soon_threadsafe(self._schedule, loop, members)

    def _schedule(self, loop: asyncio.AbstractEventLoop | None, members: Sequence[Follower]) -> None:
        """Tick each, at once where it can be; after a while the loop's other work gets its turn."""
        until = time.monotonic() + LONGEST_TURN
        for place, member in enumerate(members):
            work = partial(self._tick, member)
            try:
                if loop is None or not direct.run(member.doc, work):
                    member.doc.add_next_tick_callback(work)
            except Exception:
                log.exception("Page %s could not be woken", member.page_id[:8])
                self.leave(member)
            if loop is not None and time.monotonic() > until:
                loop.call_soon(self._schedule, loop, members[place + 1 :])
                return
        if loop is not None:
            with self._lock:
                self._rounds.discard(loop)
            self._deliver()

    def _tick(self, member: Follower) -> None:
        member.due = False  # before the body: a wake during it must count
        cursor = member.cursor
        try:
            member.tick()
        except Exception:  # one page must not stop the rest
            page = member.page_id[:8]
            log.exception("Page %s failed to take in events", page, extra={"page": page})
        if self._told is not None and member.kind == "page" and member.cursor > cursor:
            recorded_at = self._recorded_at(cursor + 1)
            if recorded_at is not None:
                self._told((dt.datetime.now(dt.UTC) - recorded_at).total_seconds())

    def _recorded_at(self, number: int) -> dt.datetime | None:
        """When the event was recorded; None when it is no longer in memory."""
        with self._lock:
            place = number - self._queue[0].number if self._queue else -1
            return self._queue[place].recorded_at if 0 <= place < len(self._queue) else None


def _fields(member: Follower, listening: int) -> dict[str, object]:
    return {"page": member.page_id[:8], "listening": listening}
