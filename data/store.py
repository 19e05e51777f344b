"""Opens the database: engine, session factory, schema revision."""

import logging
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

LOCK_SECONDS = 1.5  #: How long a writer waits for another before it is told to try again.
LOCKS = 3  #: That a command may wait for in turn on PostgreSQL: user, dam, head of the log.
PREPARE_SECONDS = 60.0  #: How long a start waits: nobody looks at it, and it comes once.
IDLE_SECONDS = 15.0  #: PostgreSQL ends a transaction that does nothing for so long: it would hold its locks.
REACH_SECONDS = 0.4  #: A PostgreSQL host that takes no connection in this time is away: pages wait for it.
CHANNEL = "dams_events"  #: PostgreSQL's and Redis' name for "the log has grown".

_pause = time.sleep
_preparing = threading.Lock()
_PREPARING = 0x44414D53  # any number, the same in every program: "DAMS"

log = logging.getLogger(__name__)

MakeDb = sessionmaker[Session]


BUSY = "Something else is being stored, and it takes long."
FULL = "The database cannot write to its disk, which may be full."
AWAY = "The database does not answer."
#: Primary result codes. A disk without room is also told as read-only, as an I/O error, or as a file that cannot open.
_SQLITE = {5: BUSY, 6: BUSY, 8: FULL, 10: FULL, 13: FULL, 14: FULL}
_POSTGRES = {"55P03": BUSY, "57014": BUSY, "40P01": BUSY, "53100": FULL}  #: SQLSTATE.

#: Faults that pass when the database can be asked again, other than those of a statement.
NO_ANSWER = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)


def in_words(fault: sa.exc.SQLAlchemyError) -> str:
    """What keeps the database from answering, a sentence for the reader; the log has the rest."""
    if isinstance(fault, sa.exc.TimeoutError):  # every connection is in use
        return BUSY
    cause = getattr(fault, "orig", None)
    known = _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF) or _POSTGRES.get(getattr(cause, "sqlstate", ""))
    return known or AWAY


class WrongSchema(RuntimeError):
    """The database's schema is not the one this program was written for."""


def open_engine(url: str, *, lock_seconds: float | None = None) -> Engine:
    """An engine for ``url``; a SQLite file's folder is made when it is missing.

    On PostgreSQL a connection that died is replaced when it is taken from the pool. A writer waits
    ``lock_seconds`` for each lock; where it is not given, LOCK_SECONDS for all together. Errors do not repeat the
    values of their statement.
    """
    address = sa.make_url(url)
    if address.get_backend_name() == "postgresql":
        lock_seconds = lock_seconds or LOCK_SECONDS / LOCKS
        limits = f"-c lock_timeout={lock_seconds * 1000:.0f}ms -c idle_in_transaction_session_timeout={IDLE_SECONDS:g}s"
        engine = sa.create_engine(
            address.set(drivername="postgresql+psycopg"),
            connect_args={
                "options": limits,
                "application_name": "dams",
                "connect_timeout": 2,  # the least that libpq takes, hence _reach
                "tcp_user_timeout": 500,  # ms; a host that has gone without a word takes nothing
            },
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=10,
            pool_timeout=LOCK_SECONDS,
            pool_recycle=1800,
        )
        sa.event.listen(engine, "do_connect", _reach)
        return engine
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, hide_parameters=True, connect_args={"timeout": lock_seconds or LOCK_SECONDS})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _reach(_dialect: object, _record: object, _arguments: object, options: dict[str, Any]) -> None:
    host = options.get("host")
    if not host or host.startswith("/") or "," in host:  # as the environment says, a socket's folder, several hosts
        return
    try:
        socket.create_connection((host, int(options.get("port") or 5432)), timeout=REACH_SECONDS).close()
    except OSError as fault:
        import psycopg

        raise psycopg.OperationalError(f"PostgreSQL cannot be reached: {fault}") from fault


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # pysqlite must not begin by itself: see _begin_sqlite
    _keep_write_ahead_log(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _keep_write_ahead_log(connection: sqlite3.Connection) -> None:
    # Of a new file SQLite does not wait for the lock that this change needs.
    for left in reversed(range(100)):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if not left:
                raise
            _pause(0.05)


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer takes the write lock at once: one that asks for it later meets "database is locked".
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def make_sessions(engine: Engine) -> tuple[MakeDb, MakeDb]:
    """Session factories to read with and to write with."""
    reading: MakeDb = sessionmaker(engine, expire_on_commit=False)
    writing: MakeDb = sessionmaker(engine.execution_options(writes=True), expire_on_commit=False)
    return reading, writing


def announce(db: Session) -> None:
    """Let PostgreSQL tell its listeners when the caller's transaction commits; elsewhere nothing happens."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


@contextmanager
def preparing(url: str) -> Iterator[Engine]:
    """An engine to prepare a database with: one program at a time, which waits for others PREPARE_SECONDS."""
    engine = open_engine(url, lock_seconds=PREPARE_SECONDS)
    try:
        with _preparing, _alone(engine):  # Alembic's context is one for a whole process
            yield engine
    finally:
        engine.dispose()


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    if engine.dialect.name != "postgresql":  # a SQLite file's writers are alone by themselves
        yield
        return
    with engine.connect() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_lock(_PREPARING)))
        connection.commit()  # the lock is the connection's; an open transaction would be ended as idle
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(_PREPARING)))


def alembic_config(engine: Engine) -> Any:
    """Alembic's configuration for this package's migrations on ``engine``."""
    from alembic.config import Config  # 0.2 s that a start with a current schema does not need

    config = Config()
    config.set_main_option("script_location", str(resources.files("data") / "migrations"))
    config.attributes["engine"] = engine
    return config


def newest_revision() -> str:
    """The revision that this program needs, without loading Alembic."""
    names = [item.name for item in (resources.files("data") / "migrations" / "versions").iterdir()]
    return max(name.split("_")[0] for name in names if name[0].isdigit())


def stored_revision(engine: Engine) -> str:
    """The database's revision, "" for an empty one."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return ""
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or ""


def migrate(engine: Engine) -> None:
    """Bring the schema to this program's revision; nothing happens when it is there already.

    Raises WrongSchema when the database was written by a newer program.
    """
    have, want = stored_revision(engine), newest_revision()
    if have == want:
        return
    if have > want:
        raise WrongSchema(f"The database is at revision {have}, newer than this program's {want}: use a newer program.")
    from alembic import command

    log.info("Schema %s -> %s", have or "none", want)
    command.upgrade(alembic_config(engine), "head")
