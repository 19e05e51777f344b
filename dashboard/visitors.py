"""Who asks: from the cookie of a request, and in a page from the token that its request was answered with."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from http.cookies import CookieError
from typing import Any, NamedTuple, TypeVar

import panel as pn
import sqlalchemy as sa
from tornado.web import HTTPError, RequestHandler

from data import accounts
from data.accounts import Visitor

log = logging.getLogger(__name__)

T = TypeVar("T")

SIGN_IN = "dams_sign_in"  #: The cookie of who is signed in.
VISIT = "dams_visit"  #: The cookie that tells browsers apart that are not.
OWN_DAYS = 300 / 86_400  #: How long a page of a first visit has a cookie of its own: as long as its token lasts.
UPLOADS = {"assign_hydrograph", "import"}  #: Rights that a large message is needed for.


class Who(NamedTuple):
    """A visitor of a page: the user's name, "" for who is not signed in, and the sign-in where there are accounts."""

    name: str
    sign_in_id: int | None = None
    anonymous: bool = False  #: Not signed in, and let look.


class Visit(NamedTuple):
    """A request's visitor. ``name`` is "" for one who is not signed in; ``tie`` is of the browser, kept in its pages.

    ``tie`` is "" for a page that another site embeds for one who is not signed in: that is tied to its token alone.
    ``key`` is whose share of the server the request takes: the user's, or that of the address.
    """

    name: str
    sign_in_id: int | None
    rights: frozenset[str]
    tie: str
    key: str

    @property
    def may_upload(self) -> bool:
        return bool(UPLOADS & self.rights)


async def visit_of(handler: RequestHandler, app: Any) -> Visit | None:
    """The visitor of a request, None for one who must sign in first; a browser's first visit gets its cookie.

    Raises HTTPError 503 when the database does not answer.
    """
    request: Any = handler.request
    if not hasattr(request, "dams_visit"):
        token, visit = cookie(handler, SIGN_IN), cookie(handler, VISIT)
        if app.settings.auth == "none":  # every right that its user has; commands look it up
            found: Visitor | None = Visitor(app.settings.user, 0, frozenset({"view"}) | UPLOADS)
        else:
            found = await beside(partial(_look_up, app, token))
        request.dams_visit = None if found is None else _visit(handler, found, token, visit)
    return request.dams_visit


async def beside(work: Callable[[], T]) -> T:
    """Look something up off the server's loop. Raises HTTPError 503 when the database does not answer."""
    try:
        return await asyncio.get_running_loop().run_in_executor(None, work)
    except (sa.exc.SQLAlchemyError, OSError) as fault:
        log.warning("The database did not answer to who asks: %s", type(fault).__name__)
        raise HTTPError(503, reason="The database does not answer. Please try again") from None


def _look_up(app: Any, token: str) -> Visitor | None:
    with app.reading() as db:
        if token and (found := accounts.visitor(db, token, now=app.clock())):
            return found
    return Visitor("", 0, frozenset({"view"})) if app.settings.anonymous == "view" else None


def _visit(handler: RequestHandler, found: Visitor, token: str, visit: str) -> Visit:
    if found.sign_in_id:
        tie = token
    elif handler.request.path.endswith("/autoload.js"):
        tie = ""  # another site's page asks for it without cookies, and keeps none
    else:
        if not visit:
            visit = accounts.new_token()
            set_cookie(handler, VISIT, visit)
            # Of several pages asked for at once before there is a cookie the last sets it: each has its own besides.
            set_cookie(handler, f"{VISIT}_{accounts.token_hash(visit)[:8]}", visit, days=OWN_DAYS)
        tie = visit
    key = f"user {found.name}" if found.sign_in_id else f"address {handler.request.remote_ip}"
    return Visit(found.name, found.sign_in_id or None, found.rights, _tie(tie), key)


def _tie(secret: str) -> str:
    return secret and accounts.token_hash(secret)[:32]


def ties(handler: RequestHandler, visit: Visit) -> set[str]:
    """What the pages that a websocket's browser has asked for are tied by."""
    own = (one.value for name, one in handler.request.cookies.items() if name.startswith(VISIT))
    return {visit.tie, *map(_tie, own)}


def set_cookie(handler: RequestHandler, name: str, value: str, *, days: float | None = None) -> None:
    """A cookie that no script reads, that no other site's form sends, and that goes encrypted only where it came so."""
    secure = handler.request.protocol == "https"
    handler.set_cookie(name, value, expires_days=days, httponly=True, samesite="Lax", secure=secure)


def cookie(handler: RequestHandler, name: str, *, longest: int = 200) -> str:
    """The value that came with the request, "" for none."""
    try:
        return (handler.get_cookie(name) or "")[:longest]
    except CookieError:
        return ""


def of_page(app: Any) -> Who:
    """The visitor of the page that is being built; no name where there is none, or the sign-in has ended."""
    document = pn.state.curdoc
    if app.settings.auth == "none":
        return Who(app.settings.user)
    context: Any = document.session_context if document is not None else None
    kept = (context.token_payload if context is not None else {}).get("dams_visit") or {}
    if not (number := kept.get("sign_in_id")):
        return Who("", anonymous=app.settings.anonymous == "view" and "tie" in kept)
    with app.reading() as db:
        found = accounts.visitor_by_id(db, number, now=app.clock())
    return Who(found.name, found.sign_in_id) if found else Who("")
