"""Takes back what an import did, by a change of its own: dams that it brought go, others are as they were before it.

Only the last import can be undone, and only while what it left still stands.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from data import keeping, models
from data.commands import Rejected
from data.import_store import DAM_VALUES, Store, parts
from data.importers.inventory import VALUES

_DAM, _CHANGE, _RECORD, _WAS = models.Dam, models.DamChange, models.SourceRecord, models.RecordVersion
_VERSION = models.DAM_VERSIONS
SHOWN = 3  #: Names in a sentence that tells of many dams.


class Undoing:
    """The import whose event has this number, to be taken back; raises Rejected where that cannot be."""

    def __init__(self, db: Session, number: int):
        self._db = db
        self.was = db.scalars(sa.select(models.Import).where(models.Import.number == number)).one()
        self._number = self.was.import_id
        self._require_possible()
        rows = sa.select(_CHANGE.dam_id, _CHANGE.kind, _CHANGE.revision).where(_CHANGE.import_id == self._number)
        changes = db.execute(rows.order_by(_CHANGE.dam_id)).all()
        #: Dams that it changed -> the revision that it left.
        self.changed: dict[int, int] = {row.dam_id: row.revision for row in changes if row.kind == "changed"}
        self.removed: list[int] = [row.dam_id for row in changes if row.kind == "removed"]
        records = sa.select(_RECORD.dam_id).where(_RECORD.import_id == self._number, ~self._kept_record())
        self.added: list[int] = sorted(set(db.scalars(records)) - self.changed.keys())
        self._require_untouched()

    def carry_out(self, *, user_name: str, now: Any) -> models.Import:
        """Do it, in the caller's transaction; its own row among the imports, whose event is the caller's."""
        was = self.was
        made = models.Import(
            system=was.system, file_name=was.file_name, sha256=was.sha256, format="", encoding="",
            last_updated=was.last_updated, columns=[], report={},
            imported_by=user_name, imported_at=now, undoes=was.import_id,
        )  # fmt: skip
        self._db.add(made)
        self._db.flush()
        store = Store(self._db, made, now)
        for part in parts(self.added):
            store.remove(part)
        for part in parts(list(self.changed)):
            self._change_back(store, part)
        for part in parts(self.removed):
            store.bring_back(part)
        self._records_back()
        return made

    def states(self) -> list[str]:
        """The states of the dams that it is about, as they are and as they were last; "" for those in none."""
        found: set[str] = set()
        for part in parts([*self.added, *self.changed, *self.removed]):
            for table in (_DAM.__table__, _VERSION):
                found.update(self._db.scalars(sa.select(table.c.state).where(table.c.dam_id.in_(part)).distinct()))
        return sorted(found)

    def owed(self) -> dict[str, int]:
        """User -> dams of theirs that have come back."""
        found = Counter[str]()
        for part in parts(self.removed):
            found.update(self._db.scalars(sa.select(_DAM.created_by).where(_DAM.dam_id.in_(part))))
        return dict(sorted(found.items()))

    def kept(self) -> list[models.Kept]:
        """Hydrographs and series that went with dams, to be put back."""
        return keeping.of_event(self._db, self.was.number or 0)

    def _require_possible(self) -> None:
        made, undoing = models.Import, aliased(models.Import)
        if by := self._db.scalar(sa.select(made.number).where(made.undoes == self._number)):
            raise Rejected({"": f'The import of "{self.was.file_name}" was undone already, by change {by}.'})
        stands = sa.and_(made.undoes.is_(None), ~sa.exists().where(undoing.undoes == made.import_id))
        later = sa.select(made.number, made.file_name).where(stands, made.import_id > self._number)
        if row := self._db.execute(later.order_by(made.import_id.desc()).limit(1)).one_or_none():
            raise Rejected({"": f'"{row.file_name}" was imported since, by change {row.number}: undo that first.'})
        if not self.was.keeps_records:
            words = "was imported before the records that an import takes the place of were kept"
            way = "import the release before it again, as an older one that is meant"
            raise Rejected({"": f'"{self.was.file_name}" {words}: {way}.'})

    def _require_untouched(self) -> None:
        """Raises Rejected where people have since changed, deleted or given something to what the import left."""
        touched: dict[int, str] = {}
        for part in parts(self.added):
            given = [sa.exists().where(table.dam_id == _DAM.dam_id) for table in (models.Hydrograph, models.Series)]
            rows = sa.select(_DAM.dam_id, _DAM.name).where(_DAM.dam_id.in_(part), sa.or_(*given))
            touched.update((row.dam_id, row.name) for row in self._db.execute(rows))
        left = self.changed | dict.fromkeys(self.added, 1)
        for part in parts(list(left)):
            touched.update(self._changed_since({dam_id: left[dam_id] for dam_id in part}))
        if touched:
            names = ", ".join(f'"{name}"' for name in list(touched.values())[:SHOWN])
            more = f" and {len(touched) - SHOWN:,} more" if len(touched) > SHOWN else ""
            what = "was changed since, or given a hydrograph or series"
            raise Rejected({"": f"{names}{more}, which it brought or changed, {what}: undo that first."})

    def _changed_since(self, left: dict[int, int]) -> dict[int, str]:
        """Of dams and the revisions that were left of them those that are others now or gone, and what they are called.

        The dams are locked to the end of the transaction where rows can be.
        """
        rows = DAM_VALUES.where(_DAM.dam_id.in_(left)).with_for_update(of=_DAM)
        now = {row.dam_id: row for row in self._db.execute(rows)}
        moved = {dam_id: was for dam_id, was in left.items() if dam_id not in now or now[dam_id].revision != was}
        as_left = self._versions(moved)
        found = {}
        for dam_id in moved:
            was, is_now = as_left.get(dam_id), now.get(dam_id)
            if was is None or is_now is None or any(was[name] != is_now._mapping[name] for name in VALUES):
                found[dam_id] = was["name"] if was else is_now.name if is_now else f"dam {dam_id}"
        return found

    def _versions(self, wanted: dict[int, int]) -> dict[int, Any]:
        """Dam -> its values in its revision, by name."""
        rows = sa.select(_VERSION.c.dam_id, _VERSION.c.revision, *(_VERSION.c[name] for name in VALUES))
        found = self._db.execute(rows.where(_VERSION.c.dam_id.in_(wanted))).mappings()
        return {row["dam_id"]: row for row in found if wanted[row["dam_id"]] == row["revision"]}

    def _change_back(self, store: Store, dam_ids: Sequence[int]) -> None:
        before = self._versions({dam_id: self.changed[dam_id] - 1 for dam_id in dam_ids})
        for dam in self._db.execute(DAM_VALUES.where(_DAM.dam_id.in_(dam_ids))).all():
            was = before[dam.dam_id]
            store.change(dam, {name: was[name] for name in VALUES if was[name] != dam._mapping[name]})

    def _records_back(self) -> None:
        """The records are those of the imports before: renewed ones, those of dams that went; given ones go."""
        mine = _RECORD.import_id == self._number
        self._db.execute(sa.delete(_RECORD).where(mine, ~self._kept_record()))
        was = sa.select(_WAS.of_import_id, _WAS.line, _WAS.cells)
        was = was.where(_WAS.import_id == self._number, _WAS.dam_id == _RECORD.dam_id)
        number, line, cells = (was.with_only_columns(column).scalar_subquery() for column in was.selected_columns)
        renewed = sa.update(_RECORD).where(mine)
        renewed = renewed.values(import_id=number, line=line, cells=sa.func.coalesce(cells, _RECORD.cells))
        self._db.execute(renewed.execution_options(synchronize_session=False))
        gone = sa.select(_CHANGE.dam_id).where(_CHANGE.import_id == self._number, _CHANGE.kind == "removed")
        rows = sa.select(_WAS.dam_id, _WAS.of_import_id, _WAS.line, _WAS.cells)
        rows = rows.where(_WAS.import_id == self._number, _WAS.dam_id.in_(gone))
        self._db.execute(sa.insert(_RECORD).from_select(["dam_id", "import_id", "line", "cells"], rows))

    def _kept_record(self) -> sa.ColumnElement[bool]:
        """Whether a record took the place of another in this import."""
        return sa.exists().where(_WAS.import_id == self._number, _WAS.dam_id == _RECORD.dam_id)
