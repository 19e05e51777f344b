"""``/events?after=N``: the log for programs, as it grows; server-sent events, or a websocket.

The same rules as for a page: a cursor, every event once and in order, none missed. A reader that
comes back asks for what is after the last number it has taken in.
"""

import asyncio
import json
import logging
from asyncio import Future
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from dashboard import direct, guard, services, visitors
from dashboard.guard import Guarded
from dashboard.hub import Hub
from data.events import for_all
from data.frames import Event

log = logging.getLogger(__name__)

BEAT_SECONDS = 15.0  #: A comment is sent after so long without an event: proxies close what is silent.
GONE = (StreamClosedError, WebSocketClosedError)


def as_json(event: Event) -> dict[str, Any]:
    """The event as it goes to programs; degrees WGS 84, time ISO 8601 UTC, null for unknown."""
    return {
        "number": event.number,
        "kind": event.kind,
        "recorded_at": event.recorded_at.isoformat(),
        "user": event.user_name,
        "dam_id": event.dam_id,
        "dam_name": event.dam_name,
        "owner": event.owner,
        "longitude": event.longitude,
        "latitude": event.latitude,
        "body": event.body,
    }


# Both are made once for all of an audience who are at the same place of the log; b"" for what is not for it.
@lru_cache(maxsize=16)
def sse_text(events: tuple[Event, ...], admin: bool) -> bytes:
    """Events as blocks of server-sent events."""
    blocks = (
        f"id: {event.number}\nevent: {event.kind}\ndata: {json.dumps(as_json(event))}\n\n"
        for event in events
        if admin or for_all(event)
    )
    return "".join(blocks).encode()


@lru_cache(maxsize=16)
def array_frame(events: tuple[Event, ...], admin: bool) -> bytes:
    """Events as one JSON array, in a websocket's frame."""
    told = [as_json(event) for event in events if admin or for_all(event)]
    return direct.frame(json.dumps(told).encode()) if told else b""


class Reader:
    """One listening program, as the hub knows it. ``send(bytes)`` waits until they are on their way.

    ``push(bytes)``, where there is one, writes at once and gives the future of that. ``is_admin``, None for who is
    none, says anew whether what administrators are told may go here: it is asked each time that there is some.
    """

    due, ailing = False, False
    kind = "stream"

    def __init__(
        self,
        hub: Hub,
        page_id: str,
        cursor: int,
        form: Callable[[tuple[Event, ...], bool], bytes],
        send: Callable[[bytes], Awaitable[None]],
        push: Callable[[bytes], Future | None] | None = None,
        is_admin: Callable[[], bool] | None = None,
    ):
        self.page_id, self.cursor = page_id, cursor
        self.doc = self  # the hub schedules a tick on it, as on a page's document
        self._hub, self._form, self._send, self._push, self._is_admin = hub, form, send, push, is_admin
        self.loop = asyncio.get_running_loop()
        self._sending: asyncio.Task | None = None

    def add_next_tick_callback(self, callback: Callable[[], None]) -> None:
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is self.loop:
            callback()
        else:
            self.loop.call_soon_threadsafe(callback)

    def tick(self) -> None:
        """Send what lies past the cursor. One batch at a time is under way: a slow reader holds up nobody."""
        if self._sending is None or self._sending.done():
            found = self._hub.recent(self.cursor)
            if found == ():
                return
            pushed = None
            if self._push and found and (self._is_admin is None or all(map(for_all, found))):
                message = self._form(tuple(found), False)
                if not message:
                    self.cursor = found[-1].number
                    return
                pushed = self._push(message)
            if pushed is None:
                self._sending = self.loop.create_task(self._send_on())
                return
            self.cursor = found[-1].number  # type: ignore[index]
            if not pushed.done():
                self._sending = self.loop.create_task(self._send_on(pushed))

    async def _send_on(self, pushed: Future | None = None) -> None:
        try:
            if pushed is not None:
                await pushed
            while True:
                found: Sequence[Event] | None = self._hub.recent(self.cursor)
                if found is None:
                    found = await self.loop.run_in_executor(None, self._hub.read_after, self.cursor)
                if not found:
                    return
                if message := self._form(tuple(found), await self._tells_all(found)):
                    await self._send(message)
                self.cursor = found[-1].number
        except GONE:
            self._hub.leave(self)
        except (sa.exc.SQLAlchemyError, OSError) as fault:  # the hub's next round tries again
            log.warning("What a listener is to be told could not be read: %s", type(fault).__name__)

    async def _tells_all(self, found: Sequence[Event]) -> bool:
        """Whether also what administrators are told goes here."""
        if self._is_admin is None or all(map(for_all, found)):
            return False
        return await self.loop.run_in_executor(None, self._is_admin)


class Events(Guarded, WebSocketHandler):
    """A websocket when the request asks for one, else server-sent events.

    Pages of other origins get neither: the websocket refuses their Origin, and server-sent events
    carry no leave to be read elsewhere.
    """

    _reader: Reader | None = None
    _is_admin: Callable[[], bool] | None = None

    async def get(self, *args: Any, **kwargs: Any) -> None:
        app = services.current()
        hub, visit = app.hub, self.visit

        def is_admin() -> bool:
            return "admin" in app.rights(visit.name, visit.sign_in_id)

        self._is_admin = is_admin if await visitors.beside(is_admin) else None
        try:
            self._after = await self._asked(hub)
        except (sa.exc.SQLAlchemyError, OSError):
            raise HTTPError(503) from None
        if self.request.headers.get("Upgrade", "").lower() == "websocket":
            await super().get(*args, **kwargs)
        else:
            await self._server_sent(hub)

    async def _asked(self, hub: Hub) -> int:
        """The number to begin after: Last-Event-ID of a reader that comes back, else ``after``, else the newest."""
        text = self.request.headers.get("Last-Event-ID") or self.get_query_argument("after", "")
        if not text:
            return await asyncio.get_running_loop().run_in_executor(None, hub.head)
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise HTTPError(400, reason="after must be a whole number: that of the last event taken in")
        return int(text)

    async def _server_sent(self, hub: Hub) -> None:
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")  # nginx would hold events back
        self.write("retry: 1000\n\n")
        await self.flush()
        self._listen(hub, sse_text, self._write_out)
        while self._reader is not None:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._write_out(b": still here\n\n")
            except GONE:
                break

    async def _write_out(self, text: bytes) -> None:
        if self._reader is None:
            raise StreamClosedError
        self.write(text)
        await self.flush()

    def open(self, *args: str, **kwargs: str) -> None:
        self._listen(services.current().hub, array_frame, self._send_frame, self._push_frame)

    def _push_frame(self, message: bytes) -> Future | None:
        """Write a whole frame at once: Tornado 6.6 makes a task of each message; None when it cannot be."""
        if self.ws_connection is None:
            return None
        return direct.write(self.ws_connection.stream, message)

    async def _send_frame(self, message: bytes) -> None:
        pushed = self._push_frame(message)
        if pushed is None:
            raise WebSocketClosedError
        await pushed

    def on_message(self, message: str | bytes) -> None:
        """A listener has nothing to say."""

    def _listen(self, hub: Hub, form: Callable, send: Callable, push: Callable | None = None) -> None:
        name = f"stream-{id(self):x}"
        self._reader = Reader(hub, name, self._after, form, send, push, self._is_admin)
        hub.join(self._reader)
        self._reader.tick()
        guard.watch(self)

    def dams_is_open(self) -> bool:
        """Whether somebody listens."""
        return self._reader is not None

    def dams_end(self) -> None:
        """The sign-in has ended, and so has the leave to listen."""
        self._leave()
        if self.ws_connection is not None:
            self.close(4401, "You have been signed out")
        else:
            self.finish()

    def _leave(self) -> None:
        if self._reader is not None:
            services.current().hub.leave(self._reader)
            self._reader = None

    def on_close(self) -> None:
        self._leave()

    def on_connection_close(self) -> None:
        self._leave()
        super().on_connection_close()

    def data_received(self, chunk: bytes) -> None:
        """Nothing is taken."""
