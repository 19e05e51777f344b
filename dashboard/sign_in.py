"""Signing in with a password or at a provider, signing out, invitations, and one's own account."""

import asyncio
import datetime as dt
import logging
import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import sqlalchemy as sa
from tornado.web import HTTPError

from dashboard import plain_page, provider, services, visitors
from dashboard.plain_page import PlainPage, facts, field, hidden, note, problem
from data import accounts, models
from data.commands import AcceptInvitation, Rejected, SetPassword, SignIn, SignOut

log = logging.getLogger(__name__)

#: A password takes 64 MiB and a tenth of a second of a core on purpose: two at a time, the others wait.
_AT_WORK = ThreadPoolExecutor(2, "passwords")
WRONG = "Name or password is not right."


async def _beside(work, *arguments):
    """Work off the server's loop. Raises HTTPError 503 when the database does not answer."""
    try:
        return await asyncio.get_running_loop().run_in_executor(_AT_WORK, work, *arguments)
    except (sa.exc.SQLAlchemyError, OSError) as fault:
        log.warning("An account could not be looked up: %s", type(fault).__name__)
        raise HTTPError(503, reason="The database does not answer. Please try again") from None


class Entrance(PlainPage):
    """What the pages about accounts share."""

    async def prepare(self) -> None:
        await super().prepare()
        if self._finished:
            return
        if services.current().settings.auth == "none":
            raise HTTPError(404, reason="This dashboard has no accounts")

    def typed(self, name: str) -> str:
        """A field of the form, as typed."""
        return self.get_body_argument(name, "", strip=False)[:1000]

    async def enter(self, name: str) -> None:
        """Begin a sign-in of the user of this name; its cookie goes with the answer. Raises Rejected."""
        token = await _beside(begin_sign_in, services.current(), name, self.request.remote_ip or "")
        visitors.set_cookie(self, visitors.SIGN_IN, token)
        self.clear_cookie(visitors.VISIT)

    def wanted(self, given: str) -> str:
        """Where to go then: an address of this server, the map where none was asked for."""
        parts = urlsplit(given)
        plain = given.startswith("/") and not given.startswith("//") and "\\" not in given and given.isprintable()
        return given if plain and not parts.scheme and not parts.netloc else "map"


def _require_passwords() -> None:
    if services.current().settings.auth != "password":
        raise HTTPError(404, reason="This dashboard has no passwords")


def begin_sign_in(app: services.Services, name: str, address: str) -> str:
    """Begin a sign-in of the user of this name; the secret of its cookie. Raises Rejected."""
    token = accounts.new_token()
    expires = app.clock() + dt.timedelta(hours=app.settings.sign_in_hours)
    command = SignIn(token_hash=accounts.token_hash(token), expires_at=expires, address=address)
    app.send(command, user_name=name)
    return token


class SignInPage(Entrance):
    """``/sign_in?next=``: name and password, or the way to the provider, which sends the browser back here."""

    async def get(self) -> None:
        next_ = self.get_query_argument("next", "")
        if services.current().settings.auth == "password":
            self._show(next_=next_)
        elif {"code", "state", "error"} & self.request.query_arguments.keys():
            await self._come_back()
        else:
            self.redirect(provider.begin(self, next_))

    async def _come_back(self) -> None:
        address = self.request.remote_ip or ""
        try:
            told = await provider.end(self)
            await _beside(provider.admit, told.name, told.role)
            await self.enter(told.name)
        except Rejected as refusal:
            log.warning("A sign-in from %s was refused: %s", address, refusal)
            self.answer("Sign in", problem(str(refusal)), _link("sign_in", "Begin again"), status=403)
            return
        self.redirect(self.wanted(told.next_), status=303)

    async def post(self) -> None:
        _require_passwords()
        name, password = self.typed("name").strip(), self.typed("password")
        address, next_ = self.request.remote_ip or "", self.typed("next")
        wait = await _beside(_begin_try, name, address)
        if wait > 0:
            services.current().metrics.refusal("TooManyTries")
            log.warning("A sign-in from %s had to wait", address)
            words = f"Too many wrong passwords: wait {_in_words(wait)}, then try again."
            self.set_header("Retry-After", str(math.ceil(wait)))
            self._show(name, words, next_, status=429)
            return
        if not await _beside(_is_password, name, password):
            services.current().metrics.refusal("WrongPassword")
            log.warning("A sign-in from %s was refused", address)
            self._show(name, WRONG, next_, status=401)
            return
        try:
            await _beside(_end_tries, name, address)
            await self.enter(name)
        except Rejected as refusal:
            self._show(name, str(refusal), next_, status=403)
            return
        self.redirect(self.wanted(next_), status=303)

    def _show(self, name: str = "", wrong: str = "", next_: str = "", status: int = 200) -> None:
        fields = (
            field("name", "Name", value=name, fill="username", wrong=bool(wrong), first=not wrong),
            field("password", "Password", secret=True, fill="current-password", wrong=bool(wrong), first=bool(wrong)),
            hidden("next", next_),
        )
        form = self.form("sign_in", "Sign in", *fields)
        self.answer("Sign in", problem(wrong), form, note("No account, or a lost password? Ask an administrator."),
                  status=status)  # fmt: skip


class SignOutPage(Entrance):
    """``/sign_out``: asks, and ends the sign-in on the server: its cookie is worth nothing then."""

    def get(self) -> None:
        self.answer("Sign out", self.form("sign_out", "Sign out"))

    async def post(self) -> None:
        app = services.current()
        visit = await visitors.visit_of(self, app)
        logout = dict(app.settings.oauth_urls).get("logout", "") if app.settings.auth == "oauth" else ""
        if visit is not None and visit.sign_in_id is not None:
            command = SignOut(sign_in_id=visit.sign_in_id)
            await _beside(lambda: _ignoring_rejected(app, command, visit.name))
        self.clear_cookie(visitors.SIGN_IN)
        links = [_link("sign_in", "Sign in"), _link(logout, "Sign out at the provider too") if logout else ""]
        self.answer("Signed out", note("You are signed out, in all pages of this browser."), *links)


class InvitationPage(Entrance):
    """``/invitation?token=``: its holder sets the password of the user who was invited, once."""

    async def prepare(self) -> None:
        await super().prepare()
        _require_passwords()

    async def get(self) -> None:
        await self._show(self.get_query_argument("token", ""))

    async def post(self) -> None:
        token, password = self.typed("token"), self.typed("password")
        name = await _beside(_invited, token)
        wrong = _password_wrong(password, self.typed("again"), name)
        if not name or wrong:
            await self._show(token, wrong)
            return
        app = services.current()
        kept = await _beside(accounts.hash_password, password)
        command = AcceptInvitation(token_hash=accounts.token_hash(token), password_hash=kept)
        try:
            await _beside(partial(app.send, command, user_name=name))
            await self.enter(name)
        except Rejected as refusal:
            await self._show(token, str(refusal))
            return
        self.redirect("map", status=303)

    async def _show(self, token: str, wrong: str = "") -> None:
        name = await _beside(_invited, token)
        if not name:
            words = "This invitation has ended or was used: ask an administrator for a new one."
            self.answer("Invitation", problem(words), status=404)
            return
        form = self.form("invitation", "Set password", *_new_password(), hidden("token", token),
                         hidden("username", name))  # fmt: skip
        self.answer(f"Welcome, {name}", problem(wrong), note(_RULE), form, status=400 if wrong else 200)


class AccountPage(Entrance):
    """``/account``: who is signed in, what of the quotas is used, and another password."""

    async def get(self) -> None:
        await self._show()

    async def post(self) -> None:
        _require_passwords()
        app = services.current()
        visit = await self._visit()
        address = self.request.remote_ip or ""
        wait = await _beside(_begin_try, visit.name, address)
        if wait > 0:
            await self._show(f"Too many wrong passwords: wait {_in_words(wait)}, then try again.", status=429)
            return
        if not await _beside(_is_password, visit.name, self.typed("password")):
            await self._show("The present password is not right.", status=400)
            return
        await _beside(_end_tries, visit.name, address)
        if wrong := _password_wrong(self.typed("new"), self.typed("again"), visit.name):
            await self._show(wrong, status=400)
            return
        kept = await _beside(accounts.hash_password, self.typed("new"))
        try:
            command = SetPassword(password_hash=kept, but=visit.sign_in_id)
            await _beside(partial(app.send, command, user_name=visit.name, sign_in=visit.sign_in_id))
        except Rejected as refusal:
            await self._show(str(refusal), status=400)
            return
        await self._show(done="The password is changed. Every other browser of yours is signed out.")

    async def _visit(self) -> visitors.Visit:
        visit = await visitors.visit_of(self, services.current())
        if visit is None or visit.sign_in_id is None:
            raise HTTPError(403, reason="Sign in first")
        return visit

    async def _show(self, wrong: str = "", *, done: str = "", status: int = 200) -> None:
        visit = await self._visit()
        known = await _beside(_account, visit.name)
        parts = [problem(wrong), note(done) if done else "", facts(**known)]
        if services.current().settings.auth == "password":
            present = field("password", "Present password", secret=True, fill="current-password")
            user = hidden("username", visit.name)
            parts += [note(_RULE), self.form("account", "Change password", user, present, *_new_password("new"))]
        parts += [_link("sign_out", "Sign out"), _link("map", "Back to the map")]
        self.answer(visit.name, *parts, status=status)


_RULE = f"At least {accounts.SHORTEST} characters, without your name; a few words in a row are easy to remember."


def _new_password(name: str = "password") -> tuple[str, str]:
    return (
        field(name, "New password", secret=True, fill="new-password"),
        field("again", "New password again", secret=True, fill="new-password"),
    )


def _password_wrong(password: str, again: str, name: str) -> str:
    if found := accounts.password_problem(password, name=name):
        return found
    return "" if password == again else "The two passwords are not the same."


def _link(address: str, label: str) -> str:
    return f'<p><a href="{plain_page.escape(address)}">{plain_page.escape(label)}</a></p>'


def _in_words(seconds: float) -> str:
    return f"{math.ceil(seconds)} s" if seconds < 90 else f"{math.ceil(seconds / 60)} minutes"


def _begin_try(name: str, address: str) -> float:
    app = services.current()
    with app.writing() as db:
        return accounts.begin_try(db, name, address, now=app.clock())


def _is_password(name: str, password: str) -> bool:
    with services.current().reading() as db:
        kept = accounts.kept_password(db, name)
    return accounts.is_password(kept, password)


def _end_tries(name: str, address: str) -> None:
    with services.current().writing() as db:
        accounts.end_tries(db, name, address)


def _invited(token: str) -> str:
    app = services.current()
    with app.reading() as db:
        return accounts.invited(db, token, now=app.clock())


def _ignoring_rejected(app: services.Services, command: SignOut, name: str) -> None:
    try:
        app.send(command, user_name=name)
    except Rejected as refusal:
        log.info("A sign-out was not needed: %s", refusal)


def _account(name: str) -> dict[str, str]:
    settings = services.current().settings
    with services.current().reading() as db:
        user = db.scalar(sa.select(models.User).where(models.User.name == name))
    if user is None:
        raise HTTPError(403, reason="Sign in first")
    most = user.max_dams if user.max_dams is not None else settings.dams_per_user
    room = user.max_bytes / 1e6 if user.max_bytes is not None else settings.mb_per_user
    of = {"Dams": "" if user.staff or most is None else f" of {most:,}",
          "MB": "" if user.staff or room is None else f" of {room:,.4g}"}  # fmt: skip
    known = {"Role": user.role_name, "Dams added": f"{user.dam_count:,}{of['Dams']}"}
    known["Hydrographs and series (MB)"] = f"{user.byte_count / 1e6:,.3g}{of['MB']}"
    for word, values in (("States", user.states), ("Owners", user.owners)):
        if values:
            known[f"{word} whose dams may be changed"] = ", ".join(values)
    return known


ROUTES = [
    ("/sign_in", SignInPage),
    ("/sign_out", SignOutPage),
    ("/invitation", InvitationPage),
    ("/account", AccountPage),
]
