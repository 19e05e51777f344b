"""Takes an inventory file in: what is new, changed and gone since the last release, in the caller's transaction.

A newer release is compared three ways, field by field: what the last release said, what this one says, and what
stands here. What only the release changed is taken, what only people here changed stays, and where both did, a
person decides. Dams that were entered by hand stay as they are; one with the same NID ID gets the record, and what
it lacked. A file of another system, such as a list linked to rivers, fills in what is missing and takes nothing over.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import models
from data.cells import unpack
from data.commands import ImportConflicts, ImportInventory, Unchanged
from data.frames import ImportConflict
from data.importers import inventory
from data.importers.inventory import VALUES, Record

_DAM = models.Dam
_VALUES = sa.select(_DAM.dam_id, *(getattr(_DAM, name) for name in VALUES))
_IDENTITY = ("source_key", "nid_id", "other_structure_id")
_NAME, _BUILT = VALUES.index("name"), VALUES.index("date_built")
MANY = 5000  #: New dams for which indexes are built afterwards.
_PLACE = ("longitude", "latitude")
FIELDS = tuple(name for name in VALUES if name not in _IDENTITY)


@dataclass
class Taken:
    """What an import did, counted; ``changes`` are (dam_id, kind, before, after)."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    adopted: int = 0
    kept: int = 0
    conflicts: list[ImportConflict] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """For the event and the report."""
        return {name: getattr(self, name) for name in ("added", "changed", "removed", "unchanged", "adopted", "kept")}


def take_in(db: Session, command: ImportInventory, *, user_name: str, now: Any) -> tuple[models.Import, Taken]:
    """Carry an import out; its event is the caller's.

    Raises Unchanged for a file that is in already, ImportConflicts where a person must decide.
    """
    _refuse_again(db, command)
    report = command.file.report
    made = models.Import(
        system=report.system,
        file_name=report.file_name[:255],
        sha256=report.sha256,
        format=report.format,
        encoding=report.encoding,
        last_updated=report.last_updated,
        columns=list(report.columns),
        report=report.as_json() | {"rejected": [vars(row) for row in report.rejected[:1000]]},
        imported_by=user_name,
        imported_at=now,
    )
    db.add(made)
    db.flush()
    store = _Store(db, made, now)
    taking = _Taking(db, command, store)
    with store.indexed_afterwards(report.accepted if taking.first else 0):
        taking.run()
    if taking.open:
        raise ImportConflicts(tuple(taking.open))
    return made, taking.taken


def compare(db: Session, command: ImportInventory) -> Taken:
    """What an import would do, without a lock; conflicts that nobody decided count as kept.

    Raises Unchanged for a file that is in already.
    """
    _refuse_again(db, command)
    taking = _Taking(db, command, None)
    taking.run()
    return taking.taken


def _refuse_again(db: Session, command: ImportInventory) -> None:
    report, table = command.file.report, models.Import
    rows = sa.select(table).where(table.system == report.system).order_by(table.import_id.desc()).limit(1)
    last = db.scalar(rows)
    if last is not None and last.sha256 == report.sha256:
        raise Unchanged(
            {"": f"This file was imported on {last.imported_at:%Y-%m-%d} as {last.file_name!r}: nothing was changed."}
        )


class _Taking:
    """Goes through a file's records; ``store`` writes what is found, None compares only."""

    def __init__(self, db: Session, command: ImportInventory, store: "_Store | None"):
        self._db, self._command, self._store = db, command, store
        self.taken = Taken()
        self.open: list[ImportConflict] = []
        self._system = command.file.report.system
        fields = command.file.fields
        self._names = {name for name in fields if name in VALUES}
        self._names |= {"date_built" for name in fields if name == "year_completed"}
        self._names |= {"other_names" for name in fields if name == "former_names"}
        self._columns: dict[int, tuple[str, list[str]]] = {
            row.import_id: (row.system, row.columns)
            for row in db.execute(sa.select(models.Import.import_id, models.Import.system, models.Import.columns))
        }
        self.first = not db.scalar(sa.select(sa.exists().where(_DAM.source_key.is_not(None))))
        self._seen: set[str] = set()

    def run(self) -> None:
        for chunk in self._command.file.chunks():
            self._chunk(chunk)
            taken = self.taken
            self._command.progress(taken.added + taken.changed + taken.unchanged + taken.adopted)
        if self._command.whole:
            self._remove_the_rest()

    def _chunk(self, records: Sequence[Record]) -> None:
        there = {} if self.first else self._known([record.values[0] for record in records])
        by_hand = self._by_hand(records)
        new: list[Record] = []
        seen: list[tuple[int, Record]] = []
        for record in records:
            key = record.values[0]
            self._seen.add(key)
            if key in there:
                if self._again(record, *there[key]):
                    seen.append((there[key][0].dam_id, record))
            elif key.endswith("/") and record.values[1] in by_hand:
                self._adopt(record, by_hand.pop(record.values[1]))
            else:
                new.append(record)
        self.taken.added += len(new)
        if self._store:
            self._store.insert(new)
            self._store.renew(seen)

    def _known(self, keys: list[str]) -> dict[str, tuple[Any, Any]]:
        """Key -> the dam's row and its record."""
        table = models.SourceRecord
        dams = {row.source_key: row for row in self._in(_VALUES, _DAM.source_key, keys)}
        rows = sa.select(table.dam_id, table.import_id, table.cells)
        records = {row.dam_id: row for row in self._in(rows, table.dam_id, [dam.dam_id for dam in dams.values()])}
        return {key: (dam, records[dam.dam_id]) for key, dam in dams.items()}

    def _in(self, rows: sa.Select, column: Any, values: list[Any]) -> Iterator[Any]:
        for start in range(0, len(values), 500):
            yield from self._db.execute(rows.where(column.in_(values[start : start + 500])))

    def _by_hand(self, records: Iterable[Record]) -> dict[str, Any]:
        """NID ID -> the row of a dam that was entered by hand."""
        ids = [record.values[1] for record in records if record.values[0].endswith("/")]
        rows = _VALUES.where(_DAM.source_key.is_(None), _DAM.nid_id != "")
        if self.first:  # there are few: one query instead of many
            found = {row.nid_id: row for row in self._db.execute(rows)}
            return {key: found[key] for key in ids if key in found}
        return {row.nid_id: row for row in self._in(rows, _DAM.nid_id, ids)}

    def _again(self, record: Record, dam: Any, kept: Any) -> bool:
        """A dam that is there; whether its record is renewed."""
        system, columns = self._columns[kept.import_id]
        if system != self._system:
            self._fill(record, dam, {})
            return False
        if record.cells == kept.cells and columns == list(self._command.file.report.columns):
            self.taken.unchanged += 1
            return True
        base = inventory.typed(columns, unpack(kept.cells), self._command.file.mapping)
        after = self._merge(record, dam, base, dict(zip(VALUES, record.values, strict=True)))
        self.taken.changed += bool(after)
        self.taken.unchanged += not after
        self._change(dam, after)
        return True

    def _merge(self, record: Record, dam: Any, base: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
        """The values to take: three ways, field by field, the coordinates as one."""
        after = {}
        for names in (*((name,) for name in FIELDS if name not in _PLACE), _PLACE):
            if not self._names.issuperset(names):
                continue
            was, will, here = (tuple(row[name] for name in names) for row in (base, theirs, dam._mapping))
            if will in (was, here):
                continue
            if (
                here != was
                and self._decide(record, dam, names[0] if len(names) == 1 else "place", was, will, here) != "theirs"
            ):
                self.taken.kept += 1
                continue
            after |= dict(zip(names, will, strict=True))
        return after

    def _decide(self, record: Record, dam: Any, name: str, was: tuple, will: tuple, here: tuple) -> str:
        conflict = ImportConflict(dam.dam_id, record.values[0], dam.name, name, *map(_one, (was, will, here)))
        self.taken.conflicts.append(conflict)
        decided = self._command.decisions.get((conflict.key, name)) or self._command.otherwise
        if not decided:
            self.open.append(conflict)
        return decided

    def _adopt(self, record: Record, dam: Any) -> None:
        """A dam that was entered by hand gets the record; what it has stays, what it lacks is filled in."""
        self._fill(record, dam, {"source_key": record.values[0]})
        if self._store:
            self._store.records([(dam.dam_id, record)])

    def _fill(self, record: Record, dam: Any, more: dict[str, Any]) -> None:
        theirs = dict(zip(VALUES, record.values, strict=True))
        names = [name for name in FIELDS if dam._mapping[name] in ("", None) and name not in _PLACE]
        names += _PLACE * (dam.longitude is None)
        lacking = {name: theirs[name] for name in names if theirs[name] not in ("", None)}
        self.taken.adopted += bool(more or lacking)
        self.taken.unchanged += not (more or lacking)
        self._change(dam, lacking | more)

    def _change(self, dam: Any, after: dict[str, Any]) -> None:
        if after and self._store:
            self._store.change(dam, after)

    def _remove_the_rest(self) -> None:
        """Dams that the last release had and this one has no more, in the states that it covers."""
        table, states = models.SourceRecord, list(self._command.file.report.states)
        same = [number for number, (system, _) in self._columns.items() if system == self._system]
        rows = sa.select(table.dam_id, table.import_id, table.cells, _DAM.source_key)
        rows = rows.join(_DAM, _DAM.dam_id == table.dam_id).where(table.import_id.in_(same), _DAM.state.in_(states))
        keys = self._db.execute(rows.with_only_columns(_DAM.dam_id, _DAM.source_key)).all()
        gone = [row.dam_id for row in keys if row.source_key not in self._seen]
        for row in list(self._in(rows, table.dam_id, gone)):
            dam = self._db.execute(_VALUES.where(_DAM.dam_id == row.dam_id)).one()
            base = inventory.typed(self._columns[row.import_id][1], unpack(row.cells), self._command.file.mapping)
            touched = [name for name in FIELDS if base[name] != dam._mapping[name]]
            has_hydrograph = sa.exists().where(models.Hydrograph.dam_id == row.dam_id)
            touched += ["hydrograph"] * bool(self._db.scalar(sa.select(has_hydrograph)))
            touched += ["series"] * bool(
                self._db.scalar(sa.select(sa.exists().where(models.Series.dam_id == row.dam_id)))
            )
            if touched:
                record = Record(0, tuple(dam._mapping[name] for name in VALUES), "")
                words = ("in the last release",), ("not in this release",), (f"changed here: {', '.join(touched)}",)
                if self._decide(record, dam, "removed", *words) != "theirs":
                    self.taken.kept += 1
                    continue
            self.taken.removed += 1
            if self._store:
                self._store.remove(dam)


class _Store:
    """Writes what was found, in the caller's transaction."""

    def __init__(self, db: Session, made: models.Import, now: Any):
        self._db, self._made, self._now = db, made, now
        self._connection = db.connection()
        self._sqlite = self._connection.dialect.name == "sqlite"
        self._next_id = self._highest_id() + 1 if self._sqlite else 0

    def insert(self, records: list[Record]) -> None:
        """New dams and their records, by the driver itself: a hundred thousand rows of fifty columns."""
        if not records:
            return
        ids = self._ids(len(records))
        made = ("name_key", "year_completed", "search_text", "draw_order")
        fixed = (("created_by", ""), ("created_at", self._bound_time()), ("revision", 1))
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

    def renew(self, found: list[tuple[int, Record]]) -> None:
        """Records of dams that had one."""
        if not found:
            return
        table = models.SourceRecord
        values = {"import_id": self._made.import_id, "line": sa.bindparam("at"), "cells": sa.bindparam("now")}
        rows = [{"which": dam_id, "at": record.line, "now": record.cells} for dam_id, record in found]
        self._connection.execute(sa.update(table).where(table.dam_id == sa.bindparam("which")).values(**values), rows)

    def change(self, dam: Any, after: dict[str, Any]) -> None:
        """Give a dam other values, and keep what changed."""
        values = after | models.made_of(dict(dam._mapping) | after) | {"revision": _DAM.revision + 1}
        self._connection.execute(sa.update(_DAM).where(_DAM.dam_id == dam.dam_id).values(**values))
        told = {name: value for name, value in after.items() if name != "source_key"}
        self._tell(dam.dam_id, "changed", {name: dam._mapping[name] for name in told}, told)

    def remove(self, dam: Any) -> None:
        """Delete a dam, and keep what it was."""
        user, owner = models.User, sa.select(_DAM.created_by).where(_DAM.dam_id == dam.dam_id).scalar_subquery()
        self._connection.execute(sa.update(user).where(user.name == owner).values(dam_count=user.dam_count - 1))
        self._tell(dam.dam_id, "removed", {name: dam._mapping[name] for name in VALUES}, {})
        self._connection.execute(sa.delete(_DAM).where(_DAM.dam_id == dam.dam_id))

    def _tell(self, dam_id: int, kind: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        row = {"import_id": self._made.import_id, "dam_id": dam_id, "kind": kind, "before": before, "after": after}
        self._connection.execute(sa.insert(models.DamChange).values(**row))

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


def _one(values: tuple) -> Any:
    return values[0] if len(values) == 1 else list(values)
