"""A backup of everything in one file, made while others write, and its way back into an empty database of either kind.

The file is gzip of JSON lines: a head (format, schema revision, number and hash of the newest event), one line a row,
and a foot with the counts. What must not outlive an installation (sign-ins, invitations, its secrets) is not in it.
"""

import base64
import datetime as dt
import gzip
import json
from typing import IO, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from data import chain, models, store
from data.sqltypes import UTCDateTime

FORMAT = "dam-inventory-backup/1"
LEFT_OUT = ("sign_ins", "invitations", "sign_in_tries", "secrets")
BATCH = 1000


class NotRestored(ValueError):
    """Why a backup was not taken, in a sentence; nothing was stored."""


class Backup(NamedTuple):
    """What a backup holds: rows in all, and number and hash of its newest event."""

    rows: int
    number: int
    hash: str


def tables() -> list[sa.Table]:
    """The tables of a backup, each after those that it refers to."""
    return [table for table in models.Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def write(engine: Engine, file: IO[bytes]) -> Backup:
    """Write everything to ``file``, as it is at one moment; nobody is held up."""
    isolated = engine.execution_options(isolation_level="REPEATABLE READ") if _postgresql(engine) else engine
    counts: dict[str, int] = {}
    with isolated.connect() as connection, gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
        number, newest = chain.newest(Session(connection))
        head = {"format": FORMAT, "revision": store.newest_revision(), "number": number, "hash": newest}
        packed.write(_line(head))
        for table in tables():
            counts[table.name] = 0
            packed.write(_line({"table": table.name, "columns": [column.name for column in table.columns]}))
            rows = sa.select(table).order_by(*table.primary_key)  # each import after that which it undoes
            for row in connection.execution_options(yield_per=BATCH).execute(rows):
                packed.write(_line([_out(value) for value in row]))
                counts[table.name] += 1
        packed.write(_line({"end": counts}))
    return Backup(sum(counts.values()), number, newest)


def restore(engine: Engine, file: IO[bytes]) -> Backup:
    """Put a backup into an empty database, wholly or not at all, and go through its chain of events.

    Raises NotRestored for a file that is none or is not whole, a database that holds something, a schema that is
    another, and a chain that does not hold.
    """
    store.migrate(engine)
    with engine.execution_options(writes=True).begin() as connection:
        with Session(connection) as db:
            _require_empty(db)
        try:
            with gzip.GzipFile(fileobj=file, mode="rb") as packed:
                made = _take(connection, packed)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as problem:
            if isinstance(problem, NotRestored):
                raise
            raise NotRestored("The file is no backup of this program, or it is cut off or damaged.") from problem
        except sa.exc.SQLAlchemyError as problem:
            raise NotRestored(f"A row of the backup was not taken: {type(problem).__name__}.") from problem
        _continue_numbers(connection)
        with Session(connection) as db:
            if broken := chain.first_broken(db):
                raise NotRestored(f"The backup's chain of events does not hold: {broken.reason}.")
            if chain.newest(db) != (made.number, made.hash):
                raise NotRestored("The newest event is not the one that the backup names.")
    return made


def _require_empty(db: Session) -> None:
    for table in tables():
        if db.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise NotRestored("The database is not empty: a backup is restored into one that holds nothing.")


def _take(connection: Connection, packed: Any) -> Backup:
    lines = map(json.loads, packed)
    head = next(lines)
    if head.get("format") != FORMAT:
        raise NotRestored("The file is no backup of this program.")
    if head["revision"] != store.newest_revision():
        words = f"The backup is of schema {head['revision']}, this program's is {store.newest_revision()}"
        raise NotRestored(f"{words}: restore it with the program that made it, then upgrade.")
    counts: dict[str, int] = {}
    table: Any = None
    rows: list[dict[str, Any]] = []
    columns: list[tuple[str, Any]] = []
    known = {one.name: one for one in tables()}
    for line in lines:
        if isinstance(line, list):
            rows.append({name: _back(value, kind) for value, (name, kind) in zip(line, columns, strict=True)})
        if rows and (len(rows) == BATCH or isinstance(line, dict)):
            connection.execute(sa.insert(table), rows)
            counts[table.name] += len(rows)
            rows = []
        if isinstance(line, dict) and "end" in line:
            if counts != line["end"]:
                raise NotRestored("The backup does not hold as many rows as it says: it is damaged.")
            return Backup(sum(counts.values()), head["number"], head["hash"])
        if isinstance(line, dict):
            table = known[line["table"]]
            columns = [(name, table.c[name].type) for name in line["columns"]]
            counts[table.name] = 0
    raise NotRestored("The backup is cut off.")


def _continue_numbers(connection: Connection) -> None:
    """Numbers go on after the highest that was ever given: that of a deleted dam is not given again."""
    given = (models.Dam.dam_id, models.DAM_VERSIONS.c.dam_id, models.Event.dam_id)
    dams = max(connection.scalar(sa.select(sa.func.max(column))) or 0 for column in given)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'dams'")
        connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES ('dams', ?)", (dams,))
        return
    for table in tables():
        for column in table.primary_key.columns:
            name = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name)))
            if name:
                highest = dams if table.name == "dams" else connection.scalar(sa.select(sa.func.max(column)))
                connection.execute(sa.select(sa.func.setval(name, highest or 1, bool(highest))))


def _postgresql(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


def _line(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _out(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return {"time": value.isoformat()} if isinstance(value, dt.datetime) else value


def _back(value: Any, kind: Any) -> Any:
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value["base64"])
    if isinstance(kind, UTCDateTime) and value is not None:
        return dt.datetime.fromisoformat(value["time"])
    return value
