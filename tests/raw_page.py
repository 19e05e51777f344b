"""An open page without a browser: the page's HTML, its websocket, and what BokehJS says on it.

The websocket is parsed by hand, as little as will do, so that hundreds of them leave the processor
to the server that is measured.
"""

import asyncio
import json
import os
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

_TOKEN = re.compile(rb'"token":"([^"]+)"')
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PATIENCE = 60.0  #: Seconds for one answer, on a machine that is busy.


class Refused(ConnectionError):
    """The server's answer to the handshake was no."""


class Socket(asyncio.Protocol):
    """A websocket client. ``on_message(bytes)`` gets each message as it comes; none is kept."""

    def __init__(self, path: str, host: str, subprotocols: str, on_message: Callable[[bytes], None]):
        loop = asyncio.get_running_loop()
        self.on_message = on_message
        self.open: asyncio.Future[None] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self._rest = b""
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}",
            f"Origin: http://{host}",
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
        cls, port: int, path: str, on_message: Callable[[bytes], None], *, subprotocols: str = ""
    ) -> "Socket":
        """Open one. Raises Refused when the server does not switch protocols."""
        host = f"localhost:{port}"
        make = asyncio.get_running_loop().create_connection
        _, made = await make(lambda: cls(path, host, subprotocols, on_message), "127.0.0.1", port)
        await asyncio.wait_for(made.open, PATIENCE)
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
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


class Http:
    """One kept-alive connection for small requests, one at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int):
        self._reader, self._writer, self._host = reader, writer, f"localhost:{port}"

    @classmethod
    async def connect(cls, port: int) -> "Http":
        return cls(*await asyncio.open_connection("127.0.0.1", port, limit=2**24), port)

    async def get(self, path: str) -> bytes:
        """The answer's body. Raises ConnectionError for a status other than 200."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())
        head = (await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 4 * PATIENCE)).decode("latin-1")
        fields = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        body = await self._reader.readexactly(int(fields["content-length"]))
        if " 200 " not in head.splitlines()[0]:
            raise ConnectionError(f"{path}: {head.splitlines()[0]}")
        return body

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

    async def open(self) -> "RawPage":
        """Ask for the page, open its websocket, take its document, and say that it is drawn."""
        token = _TOKEN.search(await get(self.port, f"/{self.path}"))
        if token is None:
            raise ConnectionError(f"/{self.path} holds no token")
        await self.connect(token[1].decode())
        return self

    async def connect(self, token: str) -> None:
        name = self.path.partition("?")[0]
        self.socket = await Socket.connect(
            self.port, f"/{name}/ws", self._parts.put_nowait, subprotocols=f"bokeh, {token}"
        )
        await self._receive()  # ACK
        self.send("PULL-DOC-REQ", {})
        self.models = {model["id"]: model for model in _objects(await self._receive())}
        self.socket.on_message = self.on_part
        self.patch(_message("document_ready"), *self._first_words())

    async def _receive(self) -> Any:
        """One whole message's content."""
        header, _, content = [json.loads(await asyncio.wait_for(self._parts.get(), PATIENCE)) for _ in range(3)]
        for _ in range(2 * header.get("num_buffers", 0)):
            await self._parts.get()
        return content

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

    def tell(self, component: str, message: dict[str, Any]) -> None:
        """What ``model.send_msg`` does in the script of the first component of that class."""
        found = next(m["id"] for m in self.models.values() if m["attributes"].get("class_name") == component)
        data = {"type": "map", "entries": [list(item) for item in message.items()]}
        self.patch(_message("data_event", ["model", {"id": found}], ["data", data]))

    def fill(self, label: str, value: Any) -> None:
        """Change the value of the widget with this label, as its script does."""
        self.patch(change(self._labelled(label), "value", value))

    def click(self, label: str) -> None:
        """Click the button with this label."""
        data = self._labelled(label)
        button = next(m["id"] for m in self.models.values() if _refers(m["attributes"].get("data"), data))
        self.patch(_message("dom_event", ["model", {"id": button}], ["node", "click"], ["data", None]))

    def _labelled(self, label: str) -> str:
        return next(m["id"] for m in self.models.values() if m["attributes"].get("label") == label)

    async def close(self) -> None:
        await self.socket.close()


def _refers(value: Any, model_id: str) -> bool:
    return isinstance(value, dict) and value.get("id") == model_id


def change(model_id: str, attribute: str, value: Any) -> dict[str, Any]:
    """One changed property."""
    return {"kind": "ModelChanged", "model": {"id": model_id}, "attr": attribute, "new": value}


def _message(name: str, *entries: list[Any]) -> dict[str, Any]:
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
