"""What readers see of a server that is in trouble: how soon a sentence comes, and how soon other pages answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from raw_page import Http, RawPage

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


class Others:
    """What others do meanwhile, again and again; ``took`` keeps how long each answer took, s.

    It counts once the server has come to rest after its start: five quick answers of each in a row.
    """

    def __init__(self, port: int, *, pages: tuple[str, ...] = ("healthz", "dams")):
        self._port, self._pages = port, pages
        self.took: list[float] = []
        self._moves, self._quick = 0, dict.fromkeys((*pages, "slider"), 0)
        self._calm = asyncio.Event()

    @asynccontextmanager
    async def at_work(self):
        """While this lasts, each page is asked for and a slider moves."""
        stop = asyncio.Event()
        await self._ask("hydrograph?dam=1")  # what the server loads after its start is loaded then
        async with Seen(self._port, "sea_surface_temperature") as slider, asyncio.TaskGroup() as group:
            for page in self._pages:
                group.create_task(self._keep(page, lambda page=page: self._ask(page), stop))
            group.create_task(self._keep("slider", lambda: self._move(slider), stop))
            try:
                await asyncio.wait_for(self._calm.wait(), PATIENCE)
                self.took.clear()
                yield self
            finally:
                stop.set()

    def were_served(self) -> bool:
        """Nine answers of ten came within half a second, and none waited; a busy machine may be slow now and then."""
        ranked = sorted(self.took)
        nine_in_ten, slowest = ranked[len(ranked) * 9 // 10], ranked[-1]
        print(f"others: {len(ranked)} answers, nine in ten within {nine_in_ten:.2f} s, slowest {slowest:.2f} s")
        return len(ranked) > 20 and nine_in_ten < 0.5 and slowest < 1.5

    async def _keep(self, name: str, act: Callable[[], Awaitable[Any]], stop: asyncio.Event) -> None:
        while not stop.is_set():
            begun = time.monotonic()
            await act()
            took = time.monotonic() - begun
            self.took.append(took)
            self._quick[name] = self._quick[name] + 1 if took < 0.4 else 0
            if min(self._quick.values()) >= 5:
                self._calm.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE)

    async def _ask(self, path: str) -> None:
        connection = await Http.connect(self._port)
        try:
            await connection.get(f"/{path}")
        except ConnectionError as refusal:
            if " 503 " not in str(refusal):
                raise
        finally:
            connection.close()

    async def _move(self, slider: Seen) -> None:
        slider.forget()
        self._moves += 1
        slider.fill("Smoothing by N Days", 5 + self._moves % 20)
        await slider.shows("PATCH-DOC", "code")
