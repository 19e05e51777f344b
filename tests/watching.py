"""What readers see of a server that is in trouble: how soon a sentence comes, and how soon other pages answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import cycle
from typing import Any

from raw_page import Http, RawPage

from data.store import LOCK_SECONDS

ENOUGH = 25  #: Answers of others that are looked at, before a fault and while it lasts.
PAUSE = 0.1  #: Seconds between what others do.
PATIENCE = 30.0  #: Seconds after which a test gives up; what it asserts is shorter.


class Seen(RawPage):
    """An open page that keeps what its server sends."""

    def __init__(self, port: int, path: str):
        super().__init__(port, path, self._take)
        self._text, self._news = "", asyncio.Event()

    def _take(self, part: bytes) -> None:
        self._text += part.decode("utf-8", "replace")
        self._news.set()

    async def shows(self, *words: str, seconds: float = PATIENCE) -> float:
        """Wait until one of ``words`` has come since ``forget``; how long it took, s. Raises TimeoutError."""
        begun = time.monotonic()
        async with asyncio.timeout(seconds):
            while not any(one in self._text for one in words):
                self._news.clear()
                await self._news.wait()
        return time.monotonic() - begun

    async def __aenter__(self):
        await self.open()
        return self

    async def __aexit__(self, *_exception) -> None:
        await self.close()

    def forget(self) -> None:
        """What has come until now does not count."""
        self._text = ""


class AddPage(Seen):
    """The page Add Dam, filled by ``add``."""

    def __init__(self, port: int):
        super().__init__(port, "add_dam")

    def add(self, name: str) -> None:
        """Fill the form and click."""
        self.forget()
        fields = {"Name": name, "River": "River", "Date Built": "1950", "Latitude": "40.5", "Longitude": "-111.5"}
        for label, text in fields.items():
            self.fill(label, text)
        self.click("Add")

    def again(self) -> None:
        """Click on the form as it is."""
        self.forget()
        self.click("Add")


def _nine_in_ten(seconds: list[float]) -> tuple[float, float]:
    """Within how many seconds nine of ten came, and all."""
    ranked = sorted(seconds)
    return ranked[len(ranked) * 9 // 10], ranked[-1]


class Others:
    """What others do meanwhile, again and again; ``took`` keeps how long each answer took, s.

    Those before the fault say how busy the machine is.
    """

    def __init__(self, port: int, *, pages: tuple[str, ...] = ("healthz", "dams")):
        self._port, self._pages = port, pages
        self.took: list[float] = []
        self._moves, self._usual = 0, [0.0]
        self._addresses = cycle(f"127.0.0.{last}" for last in range(2, 200))  # each is somebody else
        self._enough = asyncio.Event()

    @asynccontextmanager
    async def at_work(self):
        """While this lasts, each page is asked for and a slider moves."""
        stop = asyncio.Event()
        await self._ask("hydrograph?dam=1")  # what the server loads after its start is loaded then
        async with Seen(self._port, "sea_surface_temperature") as slider, asyncio.TaskGroup() as group:
            for page in self._pages:
                group.create_task(self._keep(lambda page=page: self._ask(page), stop))
            group.create_task(self._keep(lambda: self._move(slider), stop))
            try:
                await asyncio.wait_for(self._enough.wait(), PATIENCE)
                self.starts()
                yield self
            finally:
                stop.set()

    def starts(self) -> None:
        """The fault begins now."""
        self._usual, self.took = self.took, []

    @property
    def burden(self) -> float:
        """Seconds that a busy machine adds, by its slowest answer before the fault; 0 for one that is free."""
        return 3 * max(0.0, max(self._usual) - 0.5)

    def were_served(self) -> bool:
        """Nine answers of ten came within half a second and none took as long as a writer waits for a lock.

        On a machine that was slower before the fault it may be more.
        """
        (usual, worst), (during, slowest) = _nine_in_ten(self._usual), _nine_in_ten(self.took)
        print(f"others: {len(self.took)} answers, nine in ten within {during:.2f} s, slowest {slowest:.2f} s;", end=" ")
        print(f"before the fault {usual:.2f} s and {worst:.2f} s")
        in_time = during < 0.5 + 3 * max(0.0, usual - 0.2)
        return len(self.took) >= ENOUGH and in_time and slowest < LOCK_SECONDS + self.burden

    async def _keep(self, act: Callable[[], Awaitable[Any]], stop: asyncio.Event) -> None:
        while not stop.is_set():
            begun = time.monotonic()
            await act()
            self.took.append(time.monotonic() - begun)
            if len(self.took) >= ENOUGH:
                self._enough.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE)

    async def ask_until(self, path: str, status: int) -> None:
        """Ask again and again until the answer is ``status``, 200 or 503."""
        async with asyncio.timeout(PATIENCE):
            while await self._ask(path) != status:
                await asyncio.sleep(PAUSE)

    async def _ask(self, path: str) -> int:
        connection = await Http.connect(self._port, source=next(self._addresses))
        try:
            status = (await connection.ask("GET", f"/{path}")).status
        finally:
            connection.close()
        if status not in (200, 503):
            raise ConnectionError(f"/{path}: {status}")
        return status

    async def _move(self, slider: Seen) -> None:
        slider.forget()
        self._moves += 1
        slider.fill("Smoothing by N Days", 5 + self._moves % 20)
        await slider.shows("PATCH-DOC", "code")
