"""One page is built at a time, and who asks for many waits behind those who ask for one."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

MOST_WAITING = 30  #: Pages that may wait for one user or address.


class TooMany(Exception):
    """More is asked for at once than may wait."""


class Turnstile:
    """Building a page takes some tenths of a second of the server's only thread; turns go round by ``key``.

    So somebody's one page waits for the page that is being built, not for the hundred that another wants.
    """

    def __init__(self, most: int = MOST_WAITING):
        self._most, self._busy = most, False
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, key: str, *, still: Callable[[], bool] = lambda: True) -> AsyncIterator[bool]:
        """Wait for a turn. Raises TooMany; False when ``still`` says that nobody waits for the page any more."""
        if self._busy:
            queue = self._waiting.setdefault(key, deque())
            if len(queue) >= self._most:
                raise TooMany
            mine = asyncio.get_running_loop().create_future()
            queue.append(mine)
            await mine
        self._busy = True
        try:
            yield still()
        finally:
            # What else is ready is done first: others' clicks are not to wait for a row of pages.
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        while self._waiting:
            key, queue = self._waiting.popitem(last=False)
            mine = queue.popleft()
            if queue:
                self._waiting[key] = queue  # behind the others
            if not mine.done():
                mine.set_result(None)
                return
        self._busy = False
