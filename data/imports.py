"""Takes an inventory file in: what is new, changed and gone since the last release, in the caller's transaction.

A newer release is compared three ways, field by field: what the last release said, what this one says, and what
stands here. What only the release changed is taken, what only people here changed stays, and where both did, a
person decides. Dams that were entered by hand stay as they are; one with the same NID ID gets the record, and what
it lacked. A file of another system, such as a list linked to rivers, fills in what is missing and takes nothing over.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from data import models
from data.cells import unpack
from data.commands import EditDam, ImportConflicts, ImportInventory, Rejected, Unchanged
from data.frames import ImportConflict, InventoryReport
from data.import_store import DAM_VALUES, Renewed, Store, parts
from data.importers import inventory
from data.importers.inventory import VALUES, Record

_DAM = models.Dam
_IDENTITY = ("source_key", "nid_id", "other_structure_id")
_UNDOING = aliased(models.Import)
_IMPORTS = sa.select(
    models.Import.import_id,
    models.Import.system,
    models.Import.file_name,
    models.Import.sha256,
    models.Import.last_updated,
    models.Import.columns,
    models.Import.imported_at,
    sa.or_(models.Import.undoes.is_not(None), sa.exists().where(_UNDOING.undoes == models.Import.import_id)).label(
        "undone"
    ),
)
FEW_GONE, SHARE_GONE = 20, 0.1  #: A list that lacks more dams and a larger share of them is not assumed to be whole.
_PLACE = ("longitude", "latitude")
FIELDS = tuple(name for name in VALUES if name not in _IDENTITY)
_EDITED = {one.name for one in fields(EditDam)}  # what people here can change


@dataclass
class Taken:
    """What an import did, counted.

    ``whole``: the file was taken for the whole list of its states. ``withheld`` are the dams that would have gone had
    it been, of the ``held`` that its states have from its system: too many to be assumed.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    adopted: int = 0
    kept: int = 0
    whole: bool = False
    withheld: int = 0
    held: int = 0
    conflicts: list[ImportConflict] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """For the event and the report; ``withheld`` and ``held`` only where dams were withheld."""
        names = ("added", "changed", "removed", "unchanged", "adopted", "kept")
        return {name: getattr(self, name) for name in (*names, *("withheld", "held") * bool(self.withheld))}


def take_in(
    db: Session, command: ImportInventory, *, user_name: str, now: Any
) -> tuple[models.Import, Taken, list[models.Kept]]:
    """Carry an import out; its event is the caller's. What was kept of dams that went is the third.

    Raises Unchanged for a file that is in already, Rejected for one older than what is in ("older"), and
    ImportConflicts where a person must decide.
    """
    taking = _Taking(db, command)
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
    store = Store(db, made, now)
    with store.indexed_afterwards(report.accepted if taking.first else 0):
        taking.run(store)
    if taking.open:
        raise ImportConflicts(tuple(taking.open))
    return made, taking.taken, store.kept


def seal(db: Session, import_id: int) -> str:
    """SHA-256 over what an import changed of each dam, and the records whose place it took, for its event."""
    change, record, made = models.DamChange, models.RecordVersion, hashlib.sha256()
    changes = sa.select(change.dam_id, change.kind, change.before, change.after).where(change.import_id == import_id)
    was = sa.select(record.dam_id, record.of_import_id, record.line, record.cells)
    was = was.where(record.import_id == import_id)
    for row in (*db.execute(changes.order_by(change.dam_id)), *db.execute(was.order_by(record.dam_id))):
        made.update(json.dumps(list(row), sort_keys=True).encode())
    return made.hexdigest()


def compare(db: Session, command: ImportInventory) -> Taken:
    """What an import would do, without a lock; conflicts that nobody decided count as kept.

    Raises Unchanged for a file that is in already, and Rejected for one older than what is in ("older").
    """
    taking = _Taking(db, command)
    taking.run(None)
    return taking.taken


def _older(mine: str, other: str) -> bool:
    """Whether an ISO date is surely before another; a year is not before a day of it, and "" before nothing."""
    length = min(len(mine), len(other))
    return length > 0 and mine[:length] < other[:length]


def _say_older(report: InventoryReport, whose: str, both: int, gone: int) -> str:
    """Why an older file is refused: how many of its dams are in from ``whose``, and how many of those it has not."""
    words = [f"{report.file_name} was last updated {report.last_updated}"]
    if both:
        words.append(f"{both:,} of its dams {'are' if both > 1 else 'is'} in from {whose}, and would get older values")
    if gone:
        of = "the newer release" if both else f"{whose},"
        words.append(f"{gone:,} {'dams' if gone > 1 else 'dam'} of {of} would be removed")
    return "; ".join(words) + ". Nothing was changed: import it only if the older file is meant."


class _Taking:
    """Goes through a file's records; the store given to ``run`` writes what is found, None compares only."""

    def __init__(self, db: Session, command: ImportInventory):
        self._db, self._command = db, command
        self._store: Store | None = None
        self.taken = Taken()
        self.open: list[ImportConflict] = []
        self._report = command.file.report
        self._system = self._report.system
        self._names = inventory.given(self._report.columns, command.file.mapping)
        self._imports = {row.import_id: row for row in db.execute(_IMPORTS)}
        self._readers: dict[int, inventory.Typed] = {}
        self.first = not db.scalar(sa.select(sa.exists().where(_DAM.source_key.is_not(None))))
        self._done = 0
        self._missing = self._find_missing()
        self._refuse_again()
        self._settle_whole()
        if not command.older:
            self._refuse_older()

    def _find_missing(self) -> list[Any]:
        """Dams of this system in the states of the file that it has not: (dam_id, source_key, revision, import_id)."""
        if self.first or self._command.whole is False:
            return []
        table, states = models.SourceRecord, list(self._report.states)
        same = [number for number, row in self._imports.items() if row.system == self._system]
        rows = sa.select(_DAM.dam_id, _DAM.source_key, _DAM.revision, table.import_id)
        rows = rows.join(table, table.dam_id == _DAM.dam_id).where(table.import_id.in_(same), _DAM.state.in_(states))
        held = self._db.execute(rows).all()
        self.taken.held = len(held)
        return [row for row in held if row.source_key not in self._command.file.keys]

    def _refuse_again(self) -> None:
        """A file that is in already changes nothing, unless a person now says that it is the whole list."""
        same = [row for row in self._imports.values() if row.system == self._system and not row.undone]
        last = max(same, key=lambda row: row.import_id, default=None)
        if last is None or last.sha256 != self._report.sha256 or (self._command.whole and self._missing):
            return
        when = f"{last.imported_at:%Y-%m-%d}"
        raise Unchanged({"": f"This file was imported on {when} as {last.file_name!r}: nothing was changed."})

    def _settle_whole(self) -> None:
        """What nobody said is assumed: whole, where the file can be and few dams would go."""
        whole, gone = self._command.whole, len(self._missing)
        if whole is None and self._command.file.looks_whole:
            whole = gone <= FEW_GONE or gone <= SHARE_GONE * self.taken.held
            self.taken.withheld = 0 if whole else gone
        self.taken.whole = bool(whole)
        if not whole:
            self._missing = []

    def _refuse_older(self) -> None:
        """Raises Rejected where a newer file of the same system gave dams that this one would change or remove."""
        mine = self._report.last_updated
        newer = {
            number: row
            for number, row in self._imports.items()
            if row.system == self._system and _older(mine, row.last_updated)
        }
        if not newer:
            return
        both, gone = self._older_values(newer), Counter[int]()
        if self._command.whole is None:  # a person who says that the list is whole means what is missing
            gone.update(row.import_id for row in self._missing if row.import_id in newer)
        if both or gone:
            newest = max((newer[number] for number in both | gone), key=lambda row: row.last_updated)
            whose = f"{newest.file_name!r}{' and others' * (len(both | gone) > 1)}, last updated {newest.last_updated}"
            raise Rejected({"older": _say_older(self._report, whose, both.total(), gone.total())})

    def _older_values(self, newer: Mapping[int, Any]) -> Counter[int]:
        """Import -> how many of its records stand otherwise in this file, and are no younger by their own date."""
        table, columns, mapping = models.SourceRecord, self._report.columns, self._command.file.mapping
        rows = sa.select(_DAM.source_key, table.import_id, table.cells).join(table, table.dam_id == _DAM.dam_id)
        rows = rows.where(table.import_id.in_(newer))
        own = inventory.row_date(columns, mapping)
        others = {number: inventory.row_date(row.columns, mapping) for number, row in newer.items()}
        found = Counter[int]()
        for chunk in self._command.file.chunks():
            cells = {record.values[0]: record.cells for record in chunk}
            for row in self._in(rows, _DAM.source_key, list(cells)):
                mine, kept = cells[row.source_key], row.cells
                if mine != kept or newer[row.import_id].columns != list(columns):
                    dates = own(mine), others[row.import_id](kept)
                    found[row.import_id] += _older(*dates) or not all(dates)
        return +found

    def run(self, store: Store | None) -> None:
        """Take every record in. Raises what ``command.progress`` raises."""
        self._store = store
        for chunk in self._command.file.chunks():
            self._chunk(chunk)
            self._progress(len(chunk))
        self._remove_missing()

    def _progress(self, more: int) -> None:
        self._done += more
        self._command.progress(self._done)

    def _chunk(self, records: Sequence[Record]) -> None:
        there = {} if self.first else self._known([record.values[0] for record in records])
        by_hand = self._by_hand(records)
        new: list[Record] = []
        seen: list[Renewed] = []
        for record in records:
            key = record.values[0]
            if key in there:
                if self._again(record, *there[key]):
                    seen.append(Renewed(there[key][0].dam_id, record, there[key][1]))
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
        dams = {row.source_key: row for row in self._in(DAM_VALUES, _DAM.source_key, keys)}
        rows = sa.select(table.dam_id, table.import_id, table.line, table.cells)
        records = {row.dam_id: row for row in self._in(rows, table.dam_id, [dam.dam_id for dam in dams.values()])}
        return {key: (dam, records[dam.dam_id]) for key, dam in dams.items()}

    def _in(self, rows: sa.Select, column: Any, values: list[Any]) -> Iterator[Any]:
        for part in parts(values):
            yield from self._db.execute(rows.where(column.in_(part)))

    def _by_hand(self, records: Iterable[Record]) -> dict[str, Any]:
        """NID ID -> the row of a dam that was entered by hand."""
        ids = [record.values[1] for record in records if record.values[0].endswith("/")]
        rows = DAM_VALUES.where(_DAM.source_key.is_(None), _DAM.nid_id != "")
        if self.first:  # there are few: one query instead of many
            found = {row.nid_id: row for row in self._db.execute(rows)}
            return {key: found[key] for key in ids if key in found}
        return {row.nid_id: row for row in self._in(rows, _DAM.nid_id, ids)}

    def _again(self, record: Record, dam: Any, kept: Any) -> bool:
        """A dam that is there; whether its record is renewed."""
        made = self._imports[kept.import_id]
        if made.system != self._system:
            self._fill(record, dam, {})
            return False
        if record.cells == kept.cells and made.columns == list(self._report.columns):
            self.taken.unchanged += 1
            return True
        base = self._last_said(dam, kept)
        after = self._merge(record, dam, base, dict(zip(VALUES, record.values, strict=True)))
        self.taken.changed += bool(after)
        self.taken.unchanged += not after
        self._change(dam, after)
        return True

    def _last_said(self, dam: Any, kept: Any) -> Mapping[str, Any]:
        """What the last release said of a dam, VALUES by name.

        Where its file had no column for a field, that is what stands here, unless people can change the field.
        """
        if dam.revision == 1:
            return dam._mapping
        read = self._readers.get(kept.import_id)
        if read is None:
            columns = self._imports[kept.import_id].columns
            read = self._readers[kept.import_id] = inventory.Typed(columns, self._command.file.mapping)
        said = read(unpack(kept.cells))
        return said | {name: dam._mapping[name] for name in FIELDS if name not in read.given | _EDITED}

    def _merge(self, record: Record, dam: Any, base: Mapping[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
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

    def _remove_missing(self) -> None:
        """Dams that the last release had and this one has no more, in the states that it covers."""
        worked = self._worked_with() if self._missing else {}
        for rows in parts(self._missing):
            asked = [row.dam_id for row in rows if row.revision > 1 or row.dam_id in worked]
            stay = self._staying(asked, worked)
            going = [row.dam_id for row in rows if row.dam_id not in stay]
            self.taken.kept += len(stay)
            self.taken.removed += len(going)
            if self._store:
                self._store.remove(going)
            self._progress(len(rows))

    def _worked_with(self) -> dict[int, list[str]]:
        """Dam -> what people here gave it."""
        found: dict[int, list[str]] = {}
        for table, what in ((models.Hydrograph, "hydrograph"), (models.Series, "series")):
            for dam_id in self._db.scalars(sa.select(table.dam_id).distinct()):
                found.setdefault(dam_id, []).append(what)
        return found

    def _staying(self, dam_ids: list[int], worked: Mapping[int, list[str]]) -> set[int]:
        """Those of these missing dams that people here changed or work with, and that do not go for all that."""
        table = models.SourceRecord
        rows = sa.select(table.dam_id, table.import_id, table.cells)
        records = {row.dam_id: row for row in self._in(rows, table.dam_id, dam_ids)}
        stay = set()
        for dam in self._in(DAM_VALUES, _DAM.dam_id, dam_ids):
            said = self._last_said(dam, records[dam.dam_id])
            touched = [name for name in FIELDS if said[name] != dam._mapping[name]] + worked.get(dam.dam_id, [])
            if touched:
                record = Record(0, tuple(dam._mapping[name] for name in VALUES), "")
                words = ("in the last release",), ("not in this release",), (f"changed here: {', '.join(touched)}",)
                if self._decide(record, dam, "removed", *words) != "theirs":
                    stay.add(dam.dam_id)
        return stay


def _one(values: tuple) -> Any:
    return values[0] if len(values) == 1 else list(values)
