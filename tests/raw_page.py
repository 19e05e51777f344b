"""An open page without a browser: the page's HTML, its websocket, and what BokehJS says on it.

The websocket is parsed by hand, as little as will do, so that hundreds of them leave the processor
to the server that is measured.
"""

import asyncio
import json
import os
import re
import time
import weakref
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

_TOKEN = re.compile(rb'"token":"([^"]+)"')
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PATIENCE = 60.0  #: Seconds for one answer, on a machine that is busy.


living: weakref.WeakSet[Any] = weakref.WeakSet()  #: Transports that nobody closed yet, among others.


class Refused(ConnectionError):
    """The server's answer to the handshake was no."""


class Socket(asyncio.Protocol):
    """A websocket client. ``on_message(bytes)`` gets each message as it comes; none is kept."""

    def __init__(
        self, path: str, host: str, subprotocols: str, on_message: Callable[[bytes], None], more: Mapping[str, str]
    ):
        loop = asyncio.get_running_loop()
        self.on_message = on_message
        self.open: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self._rest = b""
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}",
            *(f"{name}: {value}" for name, value in ({"Origin": f"http://{host}"} | more).items() if value),
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
        ]
        if subprotocols:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocols}")
        self._request = "\r\n".join([*lines, "", ""]).encode()

    @classmethod
    async def connect(
        cls,
        port: int,
        path: str,
        on_message: Callable[[bytes], None],
        *,
        subprotocols: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> "Socket":
        """Open one; a header of "" is not sent. Raises Refused when the server does not switch protocols."""
        host, more = f"127.0.0.1:{port}", headers or {}
        make = asyncio.get_running_loop().create_connection
        _, made = await make(lambda: cls(path, host, subprotocols, on_message, more), "127.0.0.1", port)
        await asyncio.wait_for(made.open, PATIENCE)
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        living.add(transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        if not self.open.done():
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self.open.set_exception(Refused(head.decode("latin-1").splitlines()[0]))
                return
            self.open.set_result(None)
        at, end = 0, len(data)
        while end - at >= 2:
            opcode, size, begin = data[at] & 15, data[at + 1] & 127, at + 2
            if size > 125:
                begin = at + (4 if size == 126 else 10)
                if begin > end:
                    break
                size = int.from_bytes(data[at + 2 : begin])
            if begin + size > end:
                break
            at = begin + size
            if opcode in (TEXT, BINARY):
                self.on_message(data[begin:at])
            elif opcode == PING:
                self.write(data[begin:at], PONG)
            elif opcode == CLOSE:
                self.transport.close()
        self._rest = data[at:]

    def write(self, message: bytes, opcode: int = TEXT) -> None:
        """Send one message; the mask is zero, which leaves it as it is."""
        size = len(message)
        if size < 126:
            length = bytes([128 | size])
        elif size < 65536:
            length = bytes([128 | 126]) + size.to_bytes(2)
        else:
            length = bytes([128 | 127]) + size.to_bytes(8)
        self.transport.write(bytes([128 | opcode]) + length + b"\0\0\0\0" + message)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(Refused("the connection was closed"))
        if not self.closed.done():
            self.closed.set_result(None)

    async def close(self) -> None:
        """Say goodbye as a tab does, and wait until the server has closed."""
        if not self.transport.is_closing():
            self.write((1001).to_bytes(2), CLOSE)
            self.transport.write_eof()
        await asyncio.wait_for(self.closed, PATIENCE)


class Answer(NamedTuple):
    """Of a request; names of headers in small letters, each with its last value."""

    status: int
    headers: dict[str, str]
    body: bytes


class Http:
    """One kept-alive connection for small requests, one at a time; it keeps the server's ``cookies``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int):
        self._reader, self._writer, self._host = reader, writer, f"127.0.0.1:{port}"
        self.cookies: dict[str, str] = {}
        self.set_cookies: dict[str, str] = {}  #: as the server sent them, with what may be done with them

    @classmethod
    async def connect(cls, port: int, *, source: str = "127.0.0.1") -> "Http":
        """``source`` is the address that the server sees."""
        made = await asyncio.open_connection("127.0.0.1", port, limit=2**24, local_addr=(source, 0))
        living.add(made[1].transport)
        return cls(*made, port)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """One request; a header of "" is not sent, and _ in a name stands for -."""
        known = {"Host": self._host, "Cookie": self.cookie, "Content-Length": str(len(body)) if body else ""}
        known |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in known.items() if value)]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 4 * PATIENCE)).decode("latin-1")
        pairs = [line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line]
        fields = {name.lower(): value for name, value in pairs}
        for name, value in pairs:
            if name.lower() == "set-cookie":
                key, _, text = value.partition(";")[0].partition("=")
                self.cookies[key], self.set_cookies[key] = text.strip('"'), value
        content = await self._reader.readexactly(int(fields.get("content-length", 0)))
        return Answer(int(head.split()[1]), fields, content)

    async def get(self, path: str) -> bytes:
        """The answer's body. Raises ConnectionError for a status other than 200."""
        answer = await self.ask("GET", path)
        if answer.status != 200:
            raise ConnectionError(f"{path}: {answer.status}")
        return answer.body

    def close(self) -> None:
        self._writer.close()


async def get(port: int, path: str) -> bytes:
    """The body of one answer."""
    connection = await Http.connect(port)
    try:
        return await connection.get(path)
    finally:
        connection.close()


class RawPage:
    """A page that has loaded. ``on_part(bytes)`` gets each part of a message of the server once it has."""

    def __init__(self, port: int, path: str, on_part: Callable[[bytes], None] | None = None):
        self.port, self.path, self.on_part = port, path, on_part or (lambda part: None)
        self._parts: asyncio.Queue[bytes] = asyncio.Queue()
        self.models: dict[str, dict[str, Any]] = {}  #: id -> what the document's JSON says of a model

    async def open(self, browser: Http | None = None) -> "RawPage":
        """Ask for the page, open its websocket, take its document, and say that it is drawn.

        ``browser`` is whose cookies go along; None for a new one.
        """
        own = browser or await Http.connect(self.port)
        try:
            token = await self.ask(own)
        finally:
            if browser is None:
                own.close()
        await self.connect(token, cookie=own.cookie)
        return self

    async def ask(self, browser: Http) -> str:
        """Ask for the page; the token that its websocket is opened with."""
        token = _TOKEN.search(await browser.get(f"/{self.path}"))
        if token is None:
            raise ConnectionError(f"/{self.path} holds no token")
        return token[1].decode()

    async def connect(self, token: str, *, cookie: str = "", **headers: str) -> None:
        """Open the websocket and take the document. Raises Refused, and TimeoutError when nothing comes."""
        name = self.path.partition("?")[0]
        self.socket = await Socket.connect(
            self.port,
            f"/{name}/ws",
            self._parts.put_nowait,
            subprotocols=f"bokeh, {token}",
            headers={"Cookie": cookie} | headers,
        )
        await self._receive()  # ACK
        self.send("PULL-DOC-REQ", {})
        self.models = {model["id"]: model for model in _objects(await self._receive())}
        self.socket.on_message = self.on_part
        self.patch(message("document_ready"), *self._first_words())

    async def _receive(self) -> Any:
        """One whole message's content."""
        header, _, content = [json.loads(await self._part()) for _ in range(3)]
        for _ in range(2 * header.get("num_buffers", 0)):
            await self._part()
        return content

    async def _part(self) -> bytes:
        """The next part of a message. Raises Refused when the server closes, TimeoutError when nothing comes."""
        part = asyncio.ensure_future(self._parts.get())
        await asyncio.wait({part, self.socket.closed}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if part.done():
            return part.result()
        part.cancel()
        if self.socket.closed.done():
            raise Refused("the server has closed the websocket")
        raise TimeoutError

    def _first_words(self) -> Iterator[dict[str, Any]]:
        """What the page's own scripts tell the server once they are drawn: a browser that has kept nothing."""
        for model in self.models.values():
            if model["name"].rstrip("0123456789") in ("Absence", "BrowserStore"):
                yield change(model["id"], "loads", 1)

    def send(self, kind: str, content: dict[str, Any]) -> None:
        for part in ({"msgid": str(time.monotonic_ns()), "msgtype": kind}, {}, content):
            self.socket.write(json.dumps(part).encode())

    def patch(self, *events: dict[str, Any]) -> None:
        """Tell the server of changes in the browser."""
        for event in events:
            self.send("PATCH-DOC", {"events": [event]})

    def tell(self, component: str, told: dict[str, Any]) -> None:
        """What ``model.send_msg`` does in the script of the first component of that class."""
        found = next(m["id"] for m in self.models.values() if m["attributes"].get("class_name") == component)
        data = {"type": "map", "entries": [list(item) for item in told.items()]}
        self.patch(message("data_event", ["model", {"id": found}], ["data", data]))

    def fill(self, label: str, value: Any) -> None:
        """Change the value of the widget with this label, as its script does."""
        self.patch(change(self._labelled(label), "value", value))

    def click(self, label: str) -> None:
        """Click the button with this label."""
        data = self._labelled(label)
        button = next(m["id"] for m in self.models.values() if _refers(m["attributes"].get("data"), data))
        self.patch(message("dom_event", ["model", {"id": button}], ["node", "click"], ["data", None]))

    def _labelled(self, label: str) -> str:
        return next(m["id"] for m in self.models.values() if m["attributes"].get("label") == label)

    async def close(self) -> None:
        await self.socket.close()


def _refers(value: Any, model_id: str) -> bool:
    return isinstance(value, dict) and value.get("id") == model_id


def change(model_id: str, attribute: str, value: Any) -> dict[str, Any]:
    """One changed property."""
    return {"kind": "ModelChanged", "model": {"id": model_id}, "attr": attribute, "new": value}


def message(name: str, *entries: list[Any]) -> dict[str, Any]:
    """An event of the browser, such as a click."""
    data = {"type": "event", "name": name, "values": {"type": "map", "entries": list(entries)}}
    return {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": data}


def _objects(part: Any) -> Iterator[dict[str, Any]]:
    """Every model in a document's JSON."""
    if isinstance(part, dict):
        if "attributes" in part and "id" in part:
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _objects(inner)


async def in_batches(makers: list[Callable[[], Any]], size: int = 10) -> list[Any]:
    """What each maker gives when awaited, ``size`` at a time."""
    made: list[Any] = []
    for first in range(0, len(makers), size):
        made += await asyncio.gather(*(make() for make in makers[first : first + size]))
    return made
