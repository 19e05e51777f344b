"""Writes what an import finds, many rows at a time, and keeps what they were.

What a dam was is a version of it, what changed is told in ``dam_changes``, and the record that another takes the place
of is kept, so that the import can be undone.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import keeping, models
from data.importers.inventory import VALUES, Record

T = TypeVar("T")

_DAM = models.Dam
DAM_VALUES = sa.select(_DAM.dam_id, _DAM.revision, *(getattr(_DAM, name) for name in VALUES))
BATCH = 500  #: Dams in one statement.
MANY = 5000  #: New dams for which indexes are built afterwards.
_NAME, _BUILT = VALUES.index("name"), VALUES.index("date_built")


def parts(values: Sequence[T]) -> Iterator[list[T]]:
    """At most BATCH at a time."""
    for start in range(0, len(values), BATCH):
        yield list(values[start : start + BATCH])


class Renewed(NamedTuple):
    """A record that takes the place of another of the same dam; ``kept`` is the row of that."""

    dam_id: int
    record: Record
    kept: Any


class Store:
    """Writes what was found, in the caller's transaction."""

    def __init__(self, db: Session, made: models.Import, now: Any):
        self._db, self._made, self._now = db, made, now
        self._connection = db.connection()
        self._sqlite = self._connection.dialect.name == "sqlite"
        self._next_id = self._highest_id() + 1 if self._sqlite else 0
        self.kept: list[models.Kept] = []

    def insert(self, records: list[Record]) -> None:
        """New dams and their records, by the driver itself: a hundred thousand rows of fifty columns."""
        if not records:
            return
        ids = self._ids(len(records))
        made = ("name_key", "year_completed", "search_text", "draw_order")
        fixed = (("created_by", ""), ("created_at", self._bound_time()), ("revision", 1), ("since", self._bound_time()))
        tail = tuple(value for _, value in fixed)
        searched = itemgetter(*map(VALUES.index, models.SEARCHED))
        rows = []
        for dam_id, record in zip(ids, records, strict=True):
            values = record.values
            derived = models.make(values[_NAME], values[_BUILT], searched(values))
            lot = dam_id * 2654435761 % 2**31  # Knuth's multiplicative hash
            rows.append((dam_id, *values, *derived, lot, *tail))
        self._many("dams", ("dam_id", *VALUES, *made, *(name for name, _ in fixed)), rows)
        self.records(list(zip(ids, records, strict=True)))

    @contextmanager
    def indexed_afterwards(self, rows: int) -> Iterator[None]:
        """Build the indexes of dams once, after many rows: half the time. On PostgreSQL that would lock readers out."""
        kept: Sequence[Any] = []
        if self._sqlite and rows > MANY:
            about = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'dams' AND sql IS NOT NULL"
            kept = self._connection.exec_driver_sql(about).all()
        for name, _ in kept:
            self._connection.exec_driver_sql(f"DROP INDEX {name}")
        if kept:
            self._connection.exec_driver_sql("PRAGMA cache_size = -65536")  # KiB: pages are written once, not often
        yield
        for _, statement in kept:
            self._connection.exec_driver_sql(statement)
        if kept:
            self._connection.exec_driver_sql("PRAGMA cache_size = -2000")  # SQLite's default

    def records(self, found: list[tuple[int, Record]]) -> None:
        """Records of dams that had none."""
        number = self._made.import_id
        rows = [(dam_id, number, record.line, record.cells) for dam_id, record in found]
        self._many("source_records", ("dam_id", "import_id", "line", "cells"), rows)

    def renew(self, found: list[Renewed]) -> None:
        """Records of dams that had one; what they were is kept, their cells where they are others."""
        if not found:
            return
        table, number = models.SourceRecord, self._made.import_id
        was = [
            (number, one.dam_id, kept.import_id, kept.line, None if kept.cells == one.record.cells else kept.cells)
            for one in found
            for kept in (one.kept,)
        ]
        self._many("record_versions", ("import_id", "dam_id", "of_import_id", "line", "cells"), was)
        values = {"import_id": number, "line": sa.bindparam("at"), "cells": sa.bindparam("now")}
        rows = [{"which": one.dam_id, "at": one.record.line, "now": one.record.cells} for one in found]
        self._connection.execute(sa.update(table).where(table.dam_id == sa.bindparam("which")).values(**values), rows)

    def change(self, dam: Any, after: dict[str, Any]) -> None:
        """Give a dam other values, and keep what changed."""
        values = (
            after | models.made_of(dict(dam._mapping) | after) | {"revision": _DAM.revision + 1, "since": self._now}
        )
        keeping.keep_versions(self._connection, [dam.dam_id], until=self._now)
        self._connection.execute(sa.update(_DAM).where(_DAM.dam_id == dam.dam_id).values(**values))
        told = {name: value for name, value in after.items() if name != "source_key"}
        row = {"import_id": self._made.import_id, "dam_id": dam.dam_id, "kind": "changed", "after": told}
        row |= {"before": {name: dam._mapping[name] for name in told}, "revision": dam.revision + 1}
        self._connection.execute(sa.insert(models.DamChange).values(**row))

    def remove(self, dam_ids: list[int]) -> None:
        """Delete dams, at most BATCH of them, and keep what they were."""
        if not dam_ids:
            return
        dams = self._connection.execute(DAM_VALUES.add_columns(_DAM.created_by).where(_DAM.dam_id.in_(dam_ids))).all()
        user = models.User
        for name, count in Counter(dam.created_by for dam in dams).items():
            self._connection.execute(sa.update(user).where(user.name == name).values(dam_count=user.dam_count - count))
        about = {"import_id": self._made.import_id, "kind": "removed", "after": {}}
        gone = [about | {"dam_id": dam.dam_id, "before": {name: dam._mapping[name] for name in VALUES}} for dam in dams]
        self._connection.execute(sa.insert(models.DamChange), gone)
        keeping.keep_versions(self._connection, dam_ids, until=self._now)
        if self._made.undoes is None:  # an undoing is not undone
            self._keep_records(dam_ids)
        self._keep(dam_ids)
        self._connection.execute(sa.delete(_DAM).where(_DAM.dam_id.in_(dam_ids)))

    def bring_back(self, dam_ids: Sequence[int]) -> None:
        """Dams that were removed are as they were last, under their numbers; at most BATCH of them."""
        if not dam_ids:
            return
        was, dam = models.DAM_VERSIONS.c, _DAM.__table__.c
        last = sa.select(sa.func.max(was.version_id)).where(was.dam_id.in_(dam_ids)).group_by(was.dam_id)
        anew = {"revision": was.revision + 1, "since": sa.literal(self._now, was.since.type)}
        rows = sa.select(*(anew.get(column.name, was[column.name]) for column in dam)).where(was.version_id.in_(last))
        self._connection.execute(sa.insert(_DAM).from_select([column.name for column in dam], rows))
        back = self._connection.execute(DAM_VALUES.where(_DAM.dam_id.in_(dam_ids))).all()
        about = {"import_id": self._made.import_id, "kind": "brought_back", "before": {}}
        told = [about | {"dam_id": dam.dam_id, "after": {name: dam._mapping[name] for name in VALUES}} for dam in back]
        self._connection.execute(sa.insert(models.DamChange), told)

    def _keep_records(self, dam_ids: list[int]) -> None:
        record, kept = models.SourceRecord, models.RecordVersion
        number = sa.literal(self._made.import_id)
        rows = sa.select(number, record.dam_id, record.import_id, record.line, record.cells)
        names = ["import_id", "dam_id", "of_import_id", "line", "cells"]
        self._connection.execute(sa.insert(kept).from_select(names, rows.where(record.dam_id.in_(dam_ids))))

    def _keep(self, dam_ids: list[int]) -> None:
        """Keep hydrographs and series of dams that go, and give their bytes back to who assigned them."""
        sizes: Counter[str] = Counter()
        kinds: tuple[tuple[str, Any], ...] = (("hydrograph", models.Hydrograph), ("series", models.Series))
        for kind, table in kinds:
            for row in self._db.scalars(sa.select(table).where(table.dam_id.in_(dam_ids))):
                self.kept.append(keeping.keep(self._db, kind, row))
                sizes[row.assigned_by] += row.size
        user = models.User
        for name, size in sorted(sizes.items()):
            less = {"byte_count": user.byte_count - size}
            self._connection.execute(sa.update(user).where(user.name == name).values(**less))

    def _highest_id(self) -> int:
        given = self._connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'dams'").scalar() or 0
        return max(given, self._db.scalar(sa.select(sa.func.max(_DAM.dam_id))) or 0)

    def _ids(self, count: int) -> list[int]:
        if self._sqlite:  # the write lock is held: nobody else can take these
            self._next_id += count
            return list(range(self._next_id - count, self._next_id))
        serial = "SELECT nextval(pg_get_serial_sequence('dams', 'dam_id')) FROM generate_series(1, %(count)s)"
        return list(self._connection.exec_driver_sql(serial, {"count": count}).scalars())

    def _bound_time(self) -> Any:
        dialect = self._connection.dialect
        bind = models.Dam.__table__.c.created_at.type.dialect_impl(dialect).bind_processor(dialect)
        return bind(self._now) if bind else self._now

    def _many(self, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        sign = "?" if self._sqlite else "%s"
        text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join([sign] * len(columns))})"
        self._connection.exec_driver_sql(text, rows)
