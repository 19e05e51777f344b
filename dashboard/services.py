"""The composition root: settings, database, hub, and the one way a command is carried out."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard import outcomes
from dashboard.hub import Hub
from dashboard.metrics import Metrics
from dashboard.probe import Probe
from dashboard.settings import Settings
from dashboard.visitors import Who, of_page
from data import accounts, events, imports, models, seed, store, wakes, writes
from data.as_of import look_back
from data.commands import UNDO_RIGHTS, Command, Failed, ImportInventory
from data.frames import Event


def utc_now() -> dt.datetime:
    """What time it is."""
    return dt.datetime.now(dt.UTC)


AT_ONCE = 6  #: Commands that a process carries out at once: fewer than its connections, so that reading goes on.
QUEUE_SECONDS = 1.0  #: How long one more waits for its turn.
LONG_SECONDS = 0.5  #: A read that fails after so long is not tried by the next page: the hub looks first.
NOTHING = "Nothing was changed; please try again in a moment."
UNSURE = "Whether this was stored is not known: please send it again, it is stored once."


@dataclass(frozen=True)
class Actor:
    """Who a page acts as, as it was when the page opened: for drawing. Commands look again."""

    name: str
    staff: bool
    rights: frozenset[str]
    sign_in_id: int | None = None

    def may(self, right: str) -> bool:
        return right in self.rights

    def may_delete(self, created_by: str) -> bool:
        """Staff may delete any dam, others their own."""
        return self.may("delete") and (self.staff or created_by == self.name)

    def may_undo(self, event: Event) -> bool:
        """To undo an add is to delete the dam; what cannot be undone nobody may."""
        mine = event.kind != "dam_added" or self.may_delete(event.user_name)
        return mine and self.may(UNDO_RIGHTS.get(event.kind, ""))


class Services:
    """Everything a page needs. ``identify`` says, inside a page, who its user is; ``clock`` what time it is, UTC."""

    def __init__(
        self,
        settings: Settings,
        *,
        identify: Callable[[], str | Who] | None = None,
        clock: Callable[[], dt.datetime] = utc_now,
    ):
        self.settings, self.clock = settings, clock
        self.identify = identify or partial(of_page, self)
        self.engine = store.open_engine(settings.database_url)
        self._read, self._write = store.make_sessions(self.engine)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self.limits = writes.Limits(
            max_dams=settings.max_dams,
            dams_per_user=settings.dams_per_user,
            bytes_per_user=None if settings.mb_per_user is None else int(settings.mb_per_user * 1e6),
        )
        self._wakes = wakes.source(settings.database_url, settings.redis_url)
        self.metrics = Metrics()
        self.metrics.watch(self.engine)
        self.probe = Probe(self._log_state)
        self.hub = Hub(
            self._read_after,
            self._head,
            poll_seconds=settings.poll_seconds,
            source=self._wakes,
            told=self.metrics.lag,
        )

    def prepare(self) -> None:
        """Bring the schema up to date and put in what a new database holds."""
        with store.preparing(self.settings.database_url) as engine:
            store.migrate(engine)
            read, write = store.make_sessions(engine)
            with read() as db:
                if seed.is_whole(db):
                    return
            with write.begin() as db:
                seed.seed(db, now=self.clock())

    def prepare_and_close(self) -> bool:
        """Prepare before other processes are started; they must not inherit open connections.

        False where accounts have passwords and no administrator has one.
        """
        self.prepare()
        with self.reading() as db:
            sound = self.settings.auth != "password" or accounts.has_administrator(db)
        self.engine.dispose()
        return sound

    def close(self) -> None:
        self.hub.stop()
        if self._wakes is not None:
            self._wakes.stop()
        self.engine.dispose()

    @contextmanager
    def reading(self, *, as_of: dt.datetime | None = None, strict: bool = True) -> Iterator[Session]:
        """A database session to read with; with ``as_of`` it sees the dams of that moment (``as_of.look_back``).

        While the database is known to be away it raises OperationalError at once: pages are served where this waits,
        and each would wait anew for a host that does not answer.
        """
        if self.hub.away:
            raise sa.exc.OperationalError("SELECT", {}, ConnectionError("the log could not be read a moment ago"))
        begun = time.monotonic()
        try:
            with self._read() as db:
                if as_of is not None:
                    look_back(db, as_of, strict=strict)
                yield db
        except store.NO_ANSWER:
            if time.monotonic() - begun > LONG_SECONDS:
                self.hub.missed()
            raise

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction for what is no command, such as counting tries to sign in."""
        with self._write.begin() as db:
            yield db

    @cached_property
    def key(self) -> str:
        """What signs the sessions of pages and the cookies of a sign-in that is under way."""
        if self.settings.secret_key:
            return self.settings.secret_key
        with self.writing() as db:
            return accounts.secret(db, "key")

    def note_open(self, sign_in_ids: list[int]) -> None:
        """Note that pages of these sign-ins are open now."""
        with self.writing() as db:
            accounts.mark_seen(db, sign_in_ids, now=self.clock())

    def actor(self) -> Actor:
        """The user of the page that asks; without a name in the database, one who may only look."""
        found = self.identify()
        who = found if isinstance(found, Who) else Who(found)
        if who.anonymous:
            return Actor("", False, frozenset({"view"}))
        with self.reading() as db:
            user = db.scalar(sa.select(models.User).where(models.User.name == who.name))
        return Actor(who.name, bool(user and user.staff), user.rights if user else frozenset(), who.sign_in_id)

    def rights(self, name: str, sign_in_id: int | None) -> frozenset[str]:
        """What the user of an open page or stream may do by now."""
        with self.reading() as db:
            return accounts.rights(db, name, sign_in_id, now=self.clock())

    def send(self, command: Command, *, user_name: str, origin: str = "", sign_in: int | None = None) -> writes.Done:
        """Carry ``command`` out in one transaction, then wake the pages of this process.

        ``sign_in`` is that of the page that asks, where there are accounts: when it has ended, so has the page's leave.
        Raises Rejected with the sentences for the reader, or Failed when the database could not
        do it. Nothing is stored then, unless Failed says that this is not known; the same submit key makes sure.
        May wait for a database: not for where pages are served (``OpenPage.send``).
        """
        with outcomes.told(command, self.metrics, user_name=user_name, page_id=origin) as outcome:
            if self.hub.away:
                raise Failed({"": f"{store.AWAY} {NOTHING}"})
            if not self._turns.acquire(timeout=QUEUE_SECONDS):
                raise Failed({"": f"{store.BUSY} {NOTHING}"})
            try:
                done = outcome.done = self._carry_out(command, user_name, origin, sign_in)
            except sa.exc.SQLAlchemyError as fault:
                raise Failed({"": f"{store.in_words(fault)} {NOTHING}"}) from fault
            finally:
                self._turns.release()
        self.hub.wake()
        if self._wakes is not None:
            self._wakes.announce()
        return done

    def send_import(
        self, command: ImportInventory, *, user_name: str, origin: str = "", sign_in: int | None = None
    ) -> dict[str, Any]:
        """Carry an import out; what it did, counted. Raises as ``send``."""
        done = self.send(command, user_name=user_name, origin=origin, sign_in=sign_in)
        with self.reading() as db:
            return events.read_after(db, done.number - 1, until=done.number)[0].body

    def rehearse(self, command: ImportInventory, *, user_name: str, sign_in: int | None = None) -> imports.Taken:
        """What an import would do; nothing is stored and no lock is held. Raises Rejected as ``send`` does."""
        with self.reading() as db:
            writes.check(db, command, user_name, sign_in=sign_in)
            return imports.compare(db, command)

    def check(self, command: Command, *, user_name: str) -> None:
        """Raises Rejected where ``send`` would for the right or the rules; the database is not asked for more."""
        with self.reading() as db:
            writes.check(db, command, user_name)

    def _carry_out(self, command: Command, user_name: str, origin: str, sign_in: int | None) -> writes.Done:
        done = None
        try:
            with self._write.begin() as db:
                done = writes.carry_out(
                    db,
                    command,
                    user_name=user_name,
                    origin=origin,
                    sign_in=sign_in,
                    now=self.clock(),
                    limits=self.limits,
                )
                if not self.settings.redis_url:
                    store.announce(db)
                return done
        except sa.exc.SQLAlchemyError as fault:
            if done is None and not isinstance(fault, sa.exc.IntegrityError):
                raise
            # Another click committed the same submit key meanwhile, or the answer to the commit was lost.
            if prior := self._stored(command.submit_key):
                return prior
            if done is not None and store.in_words(fault) == store.AWAY:
                raise Failed({"": f"{store.AWAY} {UNSURE}"}) from fault
            raise

    def _stored(self, submit_key: str) -> writes.Done | None:
        """What a command did, None where it is not in the log or the log cannot be read."""
        try:
            with self._read() as db:
                return writes.find_done(db, submit_key)
        except sa.exc.SQLAlchemyError:
            return None

    def _read_after(self, cursor: int) -> tuple[events.Event, ...]:
        with self._read() as db:
            return events.read_after(db, cursor)

    def _head(self) -> int:
        with self._read() as db:
            return events.head(db)

    def _log_state(self) -> tuple[int, int]:
        with self.reading() as db:
            return events.state(db)


_lock = threading.Lock()
_current: Services | None = None


def current() -> Services:
    """This process's services, made ready at the first call."""
    global _current
    with _lock:
        if _current is None:
            made = Services(Settings.from_environment())
            made.prepare()
            _current = made
        return _current
