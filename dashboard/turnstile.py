"""One page is built at a time, and who asks for many waits behind those who ask for one."""

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

MOST_WAITING = 30  #: Pages that may wait for one user or address.
BURST = 10  #: Pages that one may have as fast as the server makes them, while others ask too.
PER_SECOND = 2.0  #: Pages a second that one may have after that.
OTHERS_SECONDS = 10.0  #: How long after its last page somebody else counts as asking too.
FORGOTTEN = 60.0  #: Seconds after which nothing is remembered of one who asks no more.


class TooMany(Exception):
    """More is asked for at once than may wait."""


@dataclass
class _Asker:
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)
    left: float = BURST  # turns, as of ``at``
    at: float = 0.0  # when ``left`` was counted
    last: float = -math.inf  # when the last turn was given

    def refill(self, now: float) -> float:
        self.left, self.at = min(BURST, self.left + (now - self.at) * PER_SECOND), now
        return self.left


class Turnstile:
    """Building a page takes some tenths of a second of the server's only thread.

    Of those who wait, by ``key``, the one is next who has had no turn for longest: somebody's one page waits for the
    page that is being built, not for the hundred that another wants.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock, self._busy = clock, False
        self._askers: dict[str, _Asker] = {}
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self, key: str, *, still: Callable[[], bool] = lambda: True) -> AsyncIterator[bool]:
        """Wait for a turn. Raises TooMany; False when ``still`` says that nobody waits for the page any more."""
        asker = self._askers.setdefault(key, _Asker(at=self._clock()))
        if len(asker.waiting) >= MOST_WAITING:
            raise TooMany
        mine = asyncio.get_running_loop().create_future()
        asker.waiting.append(mine)
        self._next()
        await mine
        try:
            yield still()
        finally:
            # What else is ready is done first: others' clicks are not to wait for a row of pages.
            asyncio.get_running_loop().call_soon(self._end)

    def _end(self) -> None:
        self._busy = False
        self._next()

    def _next(self) -> None:
        """Give the turn to who is next, or come back when somebody may have one."""
        if self._busy:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock()
        for key, asker in list(self._askers.items()):
            if not asker.waiting and now - asker.last > FORGOTTEN:
                del self._askers[key]
        waiting = [asker for asker in self._askers.values() if asker.waiting]
        if not waiting:
            return
        asking = sum(bool(asker.waiting) or now - asker.last < OTHERS_SECONDS for asker in self._askers.values())
        ready = [asker for asker in waiting if asker.refill(now) >= 1 or asking == 1]
        if not ready:
            pause = min((1 - asker.left) / PER_SECOND for asker in waiting)
            self._timer = asyncio.get_running_loop().call_later(pause, self._next)
            return
        asker = min(ready, key=lambda one: one.last)
        mine = asker.waiting.popleft()
        if mine.done():  # given up
            self._next()
            return
        asker.left, asker.last, self._busy = max(0.0, asker.left - 1), now, True
        mine.set_result(None)


class Pace:
    """How fast somebody's messages are taken in, by ``key``: some at once, then so many a second. None is lost."""

    def __init__(self, burst: float, per_second: float, clock: Callable[[], float] = time.monotonic):
        self._burst, self._per_second, self._clock = burst, per_second, clock
        self._free: dict[str, float] = {}  #: When a key's next message would have been taken at the even pace.

    def wait(self, key: str) -> float:
        """Count one message; the seconds to wait before it is taken."""
        now = self._clock()
        if len(self._free) > 10_000:
            self._free = {other: at for other, at in self._free.items() if at > now}
        at = max(self._free.get(key, 0.0), now) + 1 / self._per_second
        self._free[key] = at
        return max(0.0, at - now - self._burst / self._per_second)
