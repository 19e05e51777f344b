"""The composition root: settings, database, hub, and the one way a command is carried out."""

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from dashboard.hub import Hub
from dashboard.settings import Settings
from data import events, imports, models, seed, store, wakes, writes
from data.commands import Command, Failed, ImportInventory

log = logging.getLogger(__name__)

AT_ONCE = 6  #: Commands that a process carries out at once: fewer than its connections, so that reading goes on.
QUEUE_SECONDS = 0.5  #: How long one more waits for its turn.
LONG_SECONDS = 0.5  #: A read that fails after so long is not tried by the next page: the hub looks first.
NOTHING = "Nothing was changed; please try again in a moment."
UNSURE = "Whether this was stored is not known: please send it again, it is stored once."


@dataclass(frozen=True)
class Actor:
    """Who a page acts as, as it was when the page opened: for drawing. Commands look again."""

    name: str
    staff: bool
    rights: frozenset[str]

    def may(self, right: str) -> bool:
        return right in self.rights

    def may_delete(self, created_by: str) -> bool:
        """Staff may delete any dam, others their own."""
        return self.may("delete") and (self.staff or created_by == self.name)


class Services:
    """Everything a page needs. ``identify`` says, inside a page, who its user is."""

    def __init__(self, settings: Settings, *, identify: Callable[[], str] | None = None):
        self.settings = settings
        self.identify = identify or (lambda: settings.user)
        self.engine = store.open_engine(settings.database_url)
        self._read, self._write = store.make_sessions(self.engine)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._limits = writes.Limits(max_dams=settings.max_dams, dams_per_user=settings.dams_per_user)
        self._wakes = wakes.source(settings.database_url, settings.redis_url)
        self.hub = Hub(self._read_after, self._head, poll_seconds=settings.poll_seconds, source=self._wakes)

    def prepare(self) -> None:
        """Bring the schema up to date and put in what a new database holds."""
        with store.preparing(self.settings.database_url) as engine:
            store.migrate(engine)
            read, write = store.make_sessions(engine)
            with read() as db:
                if seed.is_whole(db):
                    return
            with write.begin() as db:
                seed.seed(db, now=dt.datetime.now(dt.UTC))

    def prepare_and_close(self) -> None:
        """Prepare before other processes are started; they must not inherit open connections."""
        self.prepare()
        self.engine.dispose()

    def close(self) -> None:
        self.hub.stop()
        if self._wakes is not None:
            self._wakes.stop()
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A database session to read with. While the database is known to be away it raises OperationalError at once.

        Pages are served where this waits: each would wait anew for a host that does not answer.
        """
        if self.hub.away:
            raise sa.exc.OperationalError("SELECT", {}, ConnectionError("the log could not be read a moment ago"))
        begun = time.monotonic()
        try:
            with self._read() as db:
                yield db
        except store.NO_ANSWER:
            if time.monotonic() - begun > LONG_SECONDS:
                self.hub.missed()
            raise

    def actor(self) -> Actor:
        """The user of the page that asks; without a name in the database, one who may only look."""
        name = self.identify()
        with self.reading() as db:
            user = db.scalar(sa.select(models.User).where(models.User.name == name))
        return Actor(name, bool(user and user.staff), frozenset(user.rights if user else ()))

    def send(self, command: Command, *, user_name: str, origin: str = "") -> writes.Done:
        """Carry ``command`` out in one transaction, then wake the pages of this process.

        Raises Rejected with the sentences for the reader, or Failed when the database could not
        do it. Nothing is stored then, unless Failed says that this is not known; the same submit key makes sure.
        May wait for a database: not for where pages are served (``OpenPage.send``).
        """
        if self.hub.away:
            raise Failed({"": f"{store.AWAY} {NOTHING}"})
        if not self._turns.acquire(timeout=QUEUE_SECONDS):
            raise Failed({"": f"{store.BUSY} {NOTHING}"})
        try:
            done = self._carry_out(command, user_name, origin)
        except sa.exc.SQLAlchemyError as fault:
            log.exception("%s was not carried out", type(command).__name__)
            raise Failed({"": f"{store.in_words(fault)} {NOTHING}"}) from fault
        finally:
            self._turns.release()
        log.info("%s by %s is event %d%s", type(command).__name__, user_name, done.number, " again" * done.repeated)
        self.hub.wake()
        if self._wakes is not None:
            self._wakes.announce()
        return done

    def send_import(self, command: ImportInventory, *, user_name: str, origin: str = "") -> dict[str, Any]:
        """Carry an import out; what it did, counted. Raises as ``send``."""
        done = self.send(command, user_name=user_name, origin=origin)
        with self.reading() as db:
            return events.read_after(db, done.number - 1, until=done.number)[0].body

    def rehearse(self, command: ImportInventory, *, user_name: str) -> imports.Taken:
        """What an import would do; nothing is stored and no lock is held. Raises Rejected as ``send`` does."""
        with self.reading() as db:
            writes.check(db, command, user_name)
            return imports.compare(db, command)

    def check(self, command: Command, *, user_name: str) -> None:
        """Raises Rejected where ``send`` would for the right or the rules; the database is not asked for more."""
        with self.reading() as db:
            writes.check(db, command, user_name)

    def _carry_out(self, command: Command, user_name: str, origin: str) -> writes.Done:
        done = None
        try:
            with self._write.begin() as db:
                done = writes.carry_out(
                    db, command, user_name=user_name, origin=origin, now=dt.datetime.now(dt.UTC), limits=self._limits
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
