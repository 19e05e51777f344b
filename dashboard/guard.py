"""In front of every page, socket and address: who may come in, from where, and how much.

Panel and Bokeh guard none of this by themselves; what is put in their place here is told in ``docs/security.md``.
``install`` is called by ``dashboard/routes.py``, before the server is made.
"""

import asyncio
import gzip
import io
import logging
import re
import secrets
import weakref
from base64 import b64decode
from typing import Any
from urllib.parse import urlsplit

import bokeh.server.contexts
import sqlalchemy as sa
import tornado.httpserver
import tornado.web
from bokeh.application import Application
from bokeh.core.serialization import DeserializationError, Deserializer
from bokeh.protocol.exceptions import ProtocolError
from bokeh.protocol.messages.error import Error, error
from bokeh.server.util import check_allowlist
from bokeh.util.token import get_token_payload
from panel.io.server import DocHandler, WSHandler
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from dashboard import services, visitors
from dashboard.turnstile import Pace, TooMany, Turnstile
from data import accounts

log = logging.getLogger(__name__)

SMALL_MESSAGE = 1_000_000  #: Bytes that one who may not upload can send at a time.
MOST_INFLATED = 32_000_000  #: Bytes that packed values of one message may have unpacked.
MOST_BODY = 1_000_000  #: Bytes of an HTTP request; files come through the websocket.
MOST_UNUSED = 30  #: Pages of one user or address that have been asked for and whose websocket has not come.
LOOK_SECONDS = 1.0  #: How often it is looked at whether sign-ins of open pages still stand.
SEEN_SECONDS = 30.0  #: How often it is noted that they are open.

_pace = Pace(burst=500, per_second=200)  #: Messages of one user or address.
_sockets: weakref.WeakSet[Any] = weakref.WeakSet()
_watching: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
#: For everything that is not a page: nothing may run.
NOTHING = "default-src 'none'; frame-ancestors 'none'"


def page_policy(nonce: str, tiles: str) -> str:
    """The content policy of a page. BokehJS makes functions of text ('unsafe-eval') and loads modules from blobs."""
    images = {"auto": "https://tile.openstreetmap.org https://server.arcgisonline.com", "off": ""}
    at = images.get(tiles)
    if at is None:
        parts = urlsplit(tiles)
        at = f"{parts.scheme}://{parts.netloc}"
    scripts = f"script-src 'self' 'nonce-{nonce}' 'unsafe-eval' blob:"
    return (
        f"default-src 'self'; {scripts}; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        f"img-src 'self' data: blob: {at}; connect-src 'self' blob: {at}; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )


async def get_user_async(handler: RequestHandler) -> str | None:
    """For Bokeh: the visitor's name, None for one who must sign in.

    Raises HTTPError 403 for a foreign host, a script or socket without leave, and who may not look.
    """
    app, path = services.current(), handler.request.path
    await _harden(handler.application, app)
    _require_host(handler, app.settings.auth)
    visit = await visitors.visit_of(handler, app)
    if visit is None and path.endswith(("/ws", "/autoload.js")):
        raise HTTPError(403, reason="Sign in first")
    if visit is not None and "view" not in visit.rights:
        raise HTTPError(403, reason="This user may not look at dams")
    if path.endswith("/ws") and app.settings.auth != "none" and "Origin" not in handler.request.headers:
        raise HTTPError(403, reason="A websocket names its origin")
    return None if visit is None else visit.name or "anonymous"


def login_url(path: str = "sign_in") -> str:
    """Where to sign in, for Bokeh, which puts the prefix before it."""
    return f"/{path}"


async def _harden(application: Any, app: services.Services) -> None:
    """Sign sessions, whoever started the server, and keep cookies out of the tokens that pages carry."""
    if getattr(application, "dams_hardened", False):
        return
    application._secret_key = await visitors.beside(lambda: app.key)
    application._sign_sessions = True
    application._include_cookies = []
    application._exclude_headers = ["Cookie", "Authorization", "Proxy-Authorization"]
    application._include_headers = None
    application.dams_hardened = True


def _require_host(handler: RequestHandler, auth: str) -> None:
    """Without accounts whoever reaches the server has every right: a name of a stranger that leads here must not."""
    allowed = getattr(handler.application, "websocket_origins", None)
    host = (handler.request.host or "").lower()
    if auth == "none" and allowed and not check_allowlist(host, allowed):
        raise HTTPError(403, reason="This server does not go by that name")


class Guarded(RequestHandler):
    """An address of our own: for those who may look, never with a traceback."""

    visit: visitors.Visit

    async def prepare(self) -> None:
        app = services.current()
        _require_host(self, app.settings.auth)
        visit = await visitors.visit_of(self, app)
        if visit is None or "view" not in visit.rights:
            raise HTTPError(403, reason="Sign in first" if visit is None else "This user may not look at dams")
        self.visit = visit

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{self._reason}.\n" if status_code != 500 else "The server could not do this.\n")


# What Panel and Bokeh do, and do otherwise here -----------------------------------------------------------


def _process_request(self: Any, request: Any) -> dict[str, Any]:
    """Put who asked into the signed token that the page carries."""
    visit = getattr(request, "dams_visit", None)
    if request.headers.get("Upgrade", "").lower() == "websocket":
        visit = None  # its page's token says who asked for it
    told = {} if visit is None else {"dams_visit": {"tie": visit.tie, "sign_in_id": visit.sign_in_id}}
    return _plain_process_request(self, request) | told


async def _async_open(self: Any, token: str) -> None:
    """A websocket joins only a page of its own browser: a token alone, however it was come by, does not open one."""
    visit, kept = self.request.dams_visit, get_token_payload(token).get("dams_visit") or {}
    embedded = kept.get("tie") == "" and kept.get("sign_in_id") is None
    mine = kept.get("tie") in visitors.ties(self, visit) and kept.get("sign_in_id") == visit.sign_in_id
    if not (mine or embedded):
        log.warning("A websocket came with a token of another browser")
        self.close(4403, "This page belongs to another browser")
        return
    watch(self)
    await _plain_async_open(self, token)
    if self.connection is not None:
        self.connection.session.dams_was_open = True


async def _create_session(self: Any, session_id: Any, request: Any = None, token: str | None = None) -> Any:
    """Pages are built in turn, and one visitor has only so many that nobody looks at."""
    visit = getattr(request, "dams_visit", None)
    if visit is None or session_id in self._sessions or session_id in self._pending_sessions:
        return await _plain_create_session(self, session_id, request, token)
    gate = _gates.setdefault(asyncio.get_running_loop(), _Gate())
    stream = getattr(request.connection, "stream", None)
    try:
        async with gate.turnstile.turn(visit.key, still=lambda: stream is None or not stream.closed()) as wanted:
            if not wanted:
                raise StreamClosedError
            if gate.unused(visit.key) >= MOST_UNUSED:
                raise TooMany
            session: Any = await _plain_create_session(self, session_id, request, token)
    except TooMany:
        log.warning("Too many pages at once were asked for by %s", visit.key)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            raise ProtocolError("Too many pages at once") from None
        raise HTTPError(429, reason="Too many pages at once: please wait a few seconds") from None
    session.dams_key = visit.key
    gate.sessions.add(session)
    return session


class _Gate:
    """What one server has under way."""

    def __init__(self) -> None:
        self.turnstile = Turnstile()
        self.sessions: weakref.WeakSet[Any] = weakref.WeakSet()

    def unused(self, key: str) -> int:
        """How many pages of somebody wait for their websocket; those that were open and are closed do not."""
        mine = (session for session in self.sessions if session.dams_key == key and not session.destroyed)
        return sum(not getattr(session, "dams_was_open", False) for session in mine)


_gates: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Gate] = weakref.WeakKeyDictionary()


async def _on_message(self: Any, fragment: str | bytes) -> None:
    """Parts of a message are counted until it is whole: a header may announce any number of them."""
    self.dams_pending = getattr(self, "dams_pending", 0) + len(fragment)
    if self.dams_pending > self.max_message_size + SMALL_MESSAGE:
        log.warning("A message of more than %d bytes was not taken", self.max_message_size)
        self.close(1009, "The message is too large")
        return
    await _plain_on_message(self, fragment)


async def _receive(self: Any, fragment: str | bytes) -> Any:
    message = await _plain_receive(self, fragment)
    if message is not None:
        self.dams_pending = 0
        # The next is not read meanwhile, so who sends too much waits with it.
        if pause := _pace.wait(self.request.dams_visit.key):
            await asyncio.sleep(pause)
    return message


def _max_message_size(self: Any) -> int:
    visit = getattr(self.request, "dams_visit", None)
    most = self.settings.get("websocket_max_message_size", 10_000_000)
    return most if visit is not None and visit.may_upload else min(SMALL_MESSAGE, most)


def _decode_bytes(self: Any, obj: Any) -> Any:
    """Packed values are unpacked up to a limit: half a megabyte can hold gigabytes."""
    data = obj["data"]
    if not isinstance(data, str):
        return _plain_decode_bytes(self, obj)
    left = MOST_INFLATED - getattr(self, "_dams_inflated", 0)
    with gzip.open(io.BytesIO(b64decode(data))) as packed:
        found = packed.read(left + 1)
    if len(found) > left:
        raise DeserializationError("the values are too large")
    self._dams_inflated = MOST_INFLATED - left + len(found)
    return found


def _create_error(cls: Any, request_id: Any, text: str, **metadata: Any) -> Any:
    """What went wrong is in the log; a client is not told how the server is made."""
    header = cls.create_header(request_id=request_id)
    return cls(header, metadata, Error(text="The server could not do this.", traceback=None))


def _clear(self: RequestHandler) -> None:
    _plain_clear(self)
    for name, value in HEADERS.items():
        self.set_header(name, value)
    if not self.request.path.startswith(("/static/", "/components/")):
        self.set_header("Content-Security-Policy", NOTHING)
    self.clear_header("Server")


def _write_page(self: Any, chunk: Any) -> None:
    """A page's own scripts carry a nonce; what is slipped into the page later has none and does not run."""
    if isinstance(chunk, str) and "<script" in chunk:
        nonce = secrets.token_urlsafe(16)
        chunk = re.sub(r"<script(?=[\s>])", f'<script nonce="{nonce}"', chunk)
        self.set_header("Content-Security-Policy", page_policy(nonce, services.current().settings.tiles))
    super(DocHandler, self).write(chunk)


def _initialize_server(self: Any, *args: Any, **kwargs: Any) -> None:
    limits = {"max_body_size": MOST_BODY, "body_timeout": 30.0, "idle_connection_timeout": 120.0}
    _plain_initialize_server(self, *args, **limits | kwargs)


def watch(connection: Any) -> None:
    """End a connection when the sign-in of its request has ended: ``dams_is_open()`` and ``dams_end()`` are called."""
    _sockets.add(connection)
    _watch(asyncio.get_running_loop())


def _is_open(self: Any) -> bool:
    return self.ws_connection is not None


def _end(self: Any) -> None:
    self.close(4401, "You have been signed out")


def _watch(loop: asyncio.AbstractEventLoop) -> None:
    if loop not in _watching:
        _watching.add(loop)
        _watchers.add(task := loop.create_task(_look_after(loop)))
        task.add_done_callback(_watchers.discard)


_watchers: set[asyncio.Task] = set()


async def _look_after(loop: asyncio.AbstractEventLoop) -> None:
    """Close the pages of sign-ins that have ended, and note which are open."""
    noted = 0.0
    try:
        while here := [one for one in _sockets if one.dams_is_open()]:
            ids = sorted({one.request.dams_visit.sign_in_id for one in here} - {None})
            seen = loop.time() - noted > SEEN_SECONDS
            try:
                stand = await loop.run_in_executor(None, _standing, ids, seen) if ids else set()
            except (sa.exc.SQLAlchemyError, OSError):
                stand = set(ids)  # a database that is away ends nobody's sign-in
            noted = loop.time() if seen else noted
            for one in here:
                number = one.request.dams_visit.sign_in_id
                if number is not None and number not in stand:
                    one.dams_end()
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        _watching.discard(loop)


def _standing(ids: list[int], seen: bool) -> set[int]:
    app = services.current()
    with app.reading() as db:
        found = accounts.standing(db, ids, now=app.clock())
    if seen:
        app.note_open(sorted(found))
    return found


class _WithoutSecrets(logging.Filter):
    """Takes out of an access log what a link to sign in by holds."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_LINK.sub(r"\1…", value) if isinstance(value, str) else value for value in record.args)
        return True


_without_secrets = _WithoutSecrets()
_LINK = re.compile(r"(/(?:invitation|sign_in)\?)\S+")
_plain_process_request = Application.process_request
_plain_async_open = WSHandler._async_open
_plain_on_message = WSHandler.on_message
_plain_receive = WSHandler._receive
_plain_create_session = bokeh.server.contexts.ApplicationContext.create_session_if_needed
_plain_decode_bytes = Deserializer._decode_bytes
_plain_clear = RequestHandler.clear
_plain_initialize_server = tornado.httpserver.HTTPServer.initialize


def install() -> None:
    """Put this in front of every server that is made from here on. A second call changes nothing."""
    for owner, name, ours in (
        (Application, "process_request", _process_request),
        (WSHandler, "_async_open", _async_open),
        (WSHandler, "on_message", _on_message),
        (WSHandler, "_receive", _receive),
        (WSHandler, "dams_is_open", _is_open),
        (WSHandler, "dams_end", _end),
        (WSHandler, "max_message_size", property(_max_message_size)),
        (bokeh.server.contexts.ApplicationContext, "create_session_if_needed", _create_session),
        (Deserializer, "_decode_bytes", _decode_bytes),
        (error, "create", classmethod(_create_error)),
        (RequestHandler, "clear", _clear),
        (DocHandler, "write", _write_page),
        (tornado.httpserver.HTTPServer, "initialize", _initialize_server),
    ):
        setattr(owner, name, ours)
    for logger in ("tornado.access", "tornado.general"):
        logging.getLogger(logger).addFilter(_without_secrets)
