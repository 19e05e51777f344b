"""Runs a page's tick at once, and sends what it changed in one write.

A next-tick callback of Bokeh 3.9 costs a session callback, a task and a lock to begin with, and each
message three more tasks and three system calls: 0.7 ms a page, where the tick itself takes a tenth of it. So the
hub, which is in the server's loop, does at once what the callback would do later: the document's lock is free
(nobody else runs), the page's context is set, and changes are held until the tick has ended. A page that
is not free for that, or whose server is another version inside, takes the ordinary way.
"""

import json
import logging
from collections.abc import Callable
from typing import Any

from tornado.iostream import StreamClosedError

log = logging.getLogger(__name__)

PLAIN = (str, int, bool, type(None))


def run(doc: Any, work: Callable[[], None]) -> bool:
    """Run ``work`` in the context of ``doc`` and send what it changed; false when it must wait for its turn.

    To be called in the server's loop, outside any callback of a document.
    """
    from bokeh.document.callbacks import invoke_with_curdoc  # a third of a second that a command needs not
    from bokeh.document.document import Document

    if not isinstance(doc, Document):
        return False
    try:
        session = doc.session_context.session  # type: ignore[union-attr]
        streams = _open_streams(doc, session)
    except AttributeError:
        return False
    if streams is None:
        return False
    session._pending_writes = []
    doc.hold("collect")
    try:
        invoke_with_curdoc(doc, work)
    finally:
        held, doc.callbacks._held_events, doc.callbacks._hold = doc.callbacks._held_events, [], None
        _send(doc, session, streams, held)
    return True


def _open_streams(doc: Any, session: Any) -> list[tuple[Any, Any]] | None:
    """Connection and stream of each browser of this page; None when something else is under way."""
    from panel.io import document as panel_document

    if session.destroyed or session._lock._block._value == 0 or session._pending_writes is not None:
        return None
    if doc.callbacks.hold_value or doc in panel_document._WRITE_BLOCK or doc in panel_document._WRITE_MSGS:
        return None
    found = []
    for connection in session._subscribed_connections:
        socket = connection._socket
        protocol = socket.ws_connection
        if socket.write_lock._block._value == 0 or protocol is None or protocol._compressor is not None:
            return None
        found.append((connection, protocol.stream))
    return found


def _send(doc: Any, session: Any, streams: list[tuple[Any, Any]], held: list[Any]) -> None:
    from bokeh.document.events import DocumentPatchedEvent

    patches = [event for event in held if isinstance(event, DocumentPatchedEvent)]
    parts = _plain(patches)
    if parts is not None:
        message = b"".join(map(frame, parts))
        for _, stream in streams:
            write(stream, message)
        patches = []
    # What is not plain goes to all browsers as Bokeh does it, which needs the session's lock.
    for event in held:
        if event in patches or not isinstance(event, DocumentPatchedEvent):
            doc.callbacks.trigger_on_change(event)
    writes, session._pending_writes = session._pending_writes, None
    if writes:
        session._loop.add_callback(session.with_document_locked, _write_all, writes)


async def _write_all(writes: list[Any]) -> None:
    for pending in writes:
        await pending


def _plain(patches: list[Any]) -> tuple[bytes, bytes, bytes] | None:
    """The parts of Bokeh's PATCH-DOC message where each change is text or a number; else None."""
    from bokeh.document.events import ModelChangedEvent
    from bokeh.util.serialization import make_id

    changes = []
    for event in patches:
        if type(event) is not ModelChangedEvent or type(event.new) not in PLAIN:
            return None
        changes.append({"kind": "ModelChanged", "model": event.model.ref, "attr": event.attr, "new": event.new})
    if not changes:
        return None
    header = f'{{"msgid":"{make_id()}","msgtype":"PATCH-DOC","num_buffers":0}}'
    return header.encode(), b"{}", json.dumps({"events": changes}, separators=(",", ":")).encode()


def frame(text: bytes) -> bytes:
    """One whole text message of a server's websocket (RFC 6455, 5.2)."""
    size = len(text)
    if size < 126:
        return bytes((0x81, size)) + text
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2) + text
    return b"\x81\x7f" + size.to_bytes(8) + text


def write(stream: Any, message: bytes) -> Any:
    """Write to a Tornado stream; the future ends when it is out, None for a stream that is closed."""
    try:
        sent = stream.write(message)
    except StreamClosedError:
        return None  # the page's own end follows
    sent.add_done_callback(_seen)
    return sent


def _seen(sent: Any) -> None:
    if not sent.cancelled():
        sent.exception()  # of a connection that broke meanwhile
