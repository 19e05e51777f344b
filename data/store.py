"""Opens the database: engine, session factory, schema revision."""

import logging
import sqlite3
from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

LOCK_SECONDS = 2.0  #: How long a writer waits for another before it is told to try again.

log = logging.getLogger(__name__)

MakeDb = sessionmaker[Session]


class WrongSchema(RuntimeError):
    """The database's schema is not the one this program was written for."""


def open_engine(url: str) -> Engine:
    """An engine for ``url``; a SQLite file's folder is made when it is missing."""
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite":
        return sa.create_engine(address, pool_pre_ping=True)
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, connect_args={"timeout": LOCK_SECONDS})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # pysqlite must not begin by itself: see _begin_sqlite
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer takes the write lock at once: one that asks for it later meets "database is locked".
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def make_sessions(engine: Engine) -> tuple[MakeDb, MakeDb]:
    """Session factories to read with and to write with."""
    reading: MakeDb = sessionmaker(engine, expire_on_commit=False)
    writing: MakeDb = sessionmaker(engine.execution_options(writes=True), expire_on_commit=False)
    return reading, writing


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
