"""Carries commands out: rows and their event in the caller's transaction, all or nothing.

Locks are taken in one order, user, dam, head of the log, so that writers never wait in a ring.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import imports, models, series_points
from data.commands import (
    AddDam,
    AssignHydrograph,
    AssignSeries,
    Changed,
    Command,
    DeleteDam,
    EditDam,
    ImportInventory,
    NotAllowed,
    Rejected,
    RemoveHydrograph,
    RemoveSeries,
    Unchanged,
)
from data.series import About
from data.states import state_at

FIELDS = ("name", "owner", "river", "date_built", "hazard", "nid_id", "longitude", "latitude")
RIGHTS = {
    "add_dams": "add dams",
    "edit": "change dams",
    "delete": "delete dams",
    "assign_hydrograph": "assign or remove hydrographs and series",
    "import": "import inventories",
}


@dataclass(frozen=True)
class Limits:
    """Caps on numbers of dams; None is no cap."""

    max_dams: int | None = None
    dams_per_user: int | None = 3


class Done(NamedTuple):
    """A command that is in the log. ``repeated``: it already was, by the same submit key."""

    number: int
    dam_id: int
    repeated: bool


@dataclass(frozen=True)
class _Change:
    """What a writer did, for the event; ``about`` is the dam as it was last."""

    kind: str
    about: dict[str, Any]
    body: dict[str, Any]
    added: int = 0
    made: models.Import | None = None

    @property
    def what(self) -> str:
        """What would be added, in words."""
        name = self.about["dam_name"]
        return f"{self.added:,} dams of {name}" if self.made is not None else f'dam "{name}"'


def _about(dam: models.Dam) -> dict[str, Any]:
    place = {"owner": dam.owner, "longitude": dam.longitude, "latitude": dam.latitude}
    return {"dam_id": dam.dam_id, "dam_name": dam.name, **place}


def carry_out(db: Session, command: Command, *, user_name: str, origin: str, now: dt.datetime, limits: Limits) -> Done:
    """Check the right and the rules, change the rows, append the event.

    Raises Rejected (NotAllowed, Changed) with the sentences for the reader; the caller's
    transaction then rolls back and nothing is stored.
    """
    if prior := find_done(db, command.submit_key):
        return prior
    user = check(db, command, user_name)
    change = WRITERS[type(command)](db, command, user, limits, now)
    number = _take_number(db, change, limits)
    db.add(
        models.Event(
            number=number,
            kind=change.kind,
            recorded_at=now,
            user_name=user.name,
            origin=origin,
            submit_key=command.submit_key,
            body=change.body,
            **change.about,
        )
    )
    if change.made is not None:
        change.made.number = number
    db.flush()
    return Done(number, change.about["dam_id"], False)


def check(db: Session, command: Command, user_name: str) -> models.User:
    """The user, who has the right now, for a command that meets its rules. Raises NotAllowed, Rejected."""
    user = db.scalar(sa.select(models.User).where(models.User.name == user_name))
    if user is None or command.right not in user.rights:
        raise NotAllowed({"": f"{user_name or 'Nobody'} may not {RIGHTS[command.right]}."})
    command.check()
    return user


def find_done(db: Session, submit_key: str) -> Done | None:
    """What the command with this submit key did, if it is in the log."""
    row = db.execute(
        sa.select(models.Event.number, models.Event.dam_id).where(models.Event.submit_key == submit_key)
    ).one_or_none()
    return Done(*row, True) if row else None


def _take_number(db: Session, change: _Change, limits: Limits) -> int:
    """The next event number, the last lock of the transaction; the count of dams moves with it."""
    head = models.LogHead
    fits: sa.ColumnElement[bool] = sa.true()
    if change.added > 0 and limits.max_dams is not None:
        fits = head.dam_count + change.added <= limits.max_dams
    number = db.scalar(
        sa.update(head)
        .where(fits)
        .values(number=head.number + 1, dam_count=head.dam_count + change.added)
        .returning(head.number)
        .execution_options(synchronize_session=False)
    )
    if number is None:
        raise Rejected({"": f"Unable to add {change.what}, because the inventory is full."})
    return number


def _add_dam(db: Session, command: AddDam, user: models.User, limits: Limits, now: dt.datetime) -> _Change:
    row = models.User
    within = sa.true() if limits.dams_per_user is None else sa.or_(row.staff, row.dam_count < limits.dams_per_user)
    counted = db.execute(sa.update(row).where(row.user_id == user.user_id, within).values(dam_count=row.dam_count + 1))
    if counted.rowcount == 0:  # type: ignore[attr-defined]
        raise Rejected(
            {"": "You have exceeded your quota on dams. Please visit the dams page and remove unneeded dams."}
        )
    values = {name: getattr(command, name) for name in FIELDS}
    dam = models.Dam(**values, state=_state(command), created_by=user.name, created_at=now)
    db.add(dam)
    db.flush()
    return _Change("dam_added", _about(dam), {"after": values}, added=1)


def _edit_dam(db: Session, command: EditDam, user: models.User, limits: Limits, now: dt.datetime) -> _Change:
    dam = _dam(db, command.dam_id)
    if dam.revision != command.revision:
        raise Changed({"": f'"{dam.name}" was changed by somebody else since you opened it: load it again.'})
    before = {name: getattr(dam, name) for name in FIELDS if getattr(dam, name) != getattr(command, name)}
    if not before:
        raise Rejected({"": "Nothing was changed."})
    after = {name: getattr(command, name) for name in before}
    made: dict[str, Any] = {"revision": dam.revision + 1}
    if dam.source_key is None and before.keys() & {"longitude", "latitude"}:
        made["state"] = _state(command)
    for name, value in (after | made).items():
        setattr(dam, name, value)
    db.flush()
    return _Change("dam_edited", _about(dam), {"before": before, "after": after})


def _state(command: AddDam) -> str:
    """The state that holds the command's place, "" for none: a dam that was entered by hand has no other."""
    if command.longitude is None or command.latitude is None:
        return ""
    return state_at(command.longitude, command.latitude)


def _delete_dam(db: Session, command: DeleteDam, user: models.User, limits: Limits, now: dt.datetime) -> _Change:
    dam = _dam(db, command.dam_id)
    if not may_delete(user, dam.created_by):
        raise NotAllowed({"": "You are not the creator of this dam."})
    before, about = {name: getattr(dam, name) for name in FIELDS}, _about(dam)
    row = models.User
    db.execute(sa.update(row).where(row.name == dam.created_by).values(dam_count=row.dam_count - 1))
    db.execute(sa.delete(models.Dam).where(models.Dam.dam_id == dam.dam_id))
    return _Change("dam_deleted", about, {"before": before}, added=-1)


def may_delete(user: models.User, created_by: str) -> bool:
    """Whether ``user`` may delete a dam that ``created_by`` added: staff any, others their own."""
    return "delete" in user.rights and (user.staff or created_by == user.name)


def _assign_hydrograph(
    db: Session, command: AssignHydrograph, user: models.User, limits: Limits, now: dt.datetime
) -> _Change:
    assert command.dam_id is not None and command.file is not None  # its check() has said so
    dam, report, points = _dam(db, command.dam_id), command.file.report, command.file.points
    replaced = _drop_hydrograph(db, dam.dam_id)
    hydrograph = models.Hydrograph(
        dam_id=dam.dam_id,
        file_name=report.file_name[:255],
        format=report.format,
        rows_in_file=report.rows_in_file,
        note_counts=report.note_counts,
        assigned_by=user.name,
        assigned_at=now,
    )
    db.add(hydrograph)
    db.flush()
    flows = points["flow_cfs"].to_numpy()
    times = points["time_hours"].to_numpy()
    rows = [
        {"hydrograph_id": hydrograph.hydrograph_id, "ordinal": i, "time_hours": t, "flow_cfs": None if missing else q}
        for i, (t, q, missing) in enumerate(zip(times.tolist(), flows.tolist(), np.isnan(flows).tolist(), strict=True))
    ]
    db.execute(sa.insert(models.HydrographPoint), rows)
    body = {"file_name": report.file_name, "points": len(rows), "notes": report.note_counts, "replaced": replaced}
    return _Change("hydrograph_assigned", _about(dam), body)


def _remove_hydrograph(
    db: Session, command: RemoveHydrograph, user: models.User, limits: Limits, now: dt.datetime
) -> _Change:
    dam = _dam(db, command.dam_id)
    file_name = _drop_hydrograph(db, dam.dam_id)
    if file_name is None:
        raise Rejected({"": f'"{dam.name}" has no hydrograph.'})
    return _Change("hydrograph_removed", _about(dam), {"file_name": file_name})


def _drop_hydrograph(db: Session, dam_id: int) -> str | None:
    """Delete the dam's hydrograph; the name of the file it came from, None when there was none."""
    table = models.Hydrograph
    return db.scalar(sa.delete(table).where(table.dam_id == dam_id).returning(table.file_name))


def _assign_series(db: Session, command: AssignSeries, user: models.User, limits: Limits, now: dt.datetime) -> _Change:
    assert command.dam_id is not None and command.file is not None  # its check() has said so
    dam, file = _dam(db, command.dam_id), command.file
    told = []
    for one in file.series:
        if one.about.id not in command.roles:
            continue
        key = _series_key(one.about, file.file_name)
        row = db.scalar(
            sa.select(models.Series).where(models.Series.dam_id == dam.dam_id, models.Series.source_id == key)
        )
        points, added, changed = one.points, len(one.points), 0
        if row is None:
            row = models.Series(dam_id=dam.dam_id, source_id=key)
            db.add(row)
        else:
            old = series_points.unpack(row.points)
            if type(old.index) is not type(points.index) or row.unit != one.about.unit[:40]:
                reason = f"{one.about.id} is kept in {row.unit or 'no unit'}, and this file has it in "
                reason += f"{one.about.unit or 'no unit'} or without dates: remove the series first."
                raise Rejected({"file": reason})
            points, added, changed = series_points.joined(old, points)
        texts = {name: getattr(one.about, name) for name in ("name", "parameter", "unit", "timezone", "datum")}
        texts |= {"source": one.about.source, "statistic": one.about.statistic, "role": command.roles[one.about.id]}
        texts |= {"file_name": file.file_name, "format": file.format, "assigned_by": user.name}
        for name, text in texts.items():
            setattr(row, name, text[: getattr(models.Series, name).type.length])
        row.assigned_at, row.points = now, series_points.pack(points)
        row.report = {
            "refused": len(file.rejected),
            "warnings": [vars(warning) for warning in file.warnings],
            "duplicates": one.duplicates,
        }
        told.append({"id": key, "role": row.role, "points": len(points), "added": added, "changed": changed})
    if not any(one["added"] or one["changed"] for one in told):
        raise Unchanged({"file": f'"{dam.name}" has every value of {file.file_name} already.'})
    db.flush()
    return _Change("series_assigned", _about(dam), {"file_name": file.file_name, "series": told})


def _series_key(about: About, file_name: str) -> str:
    """What a newer file of a series has in common with it: its id in its source.

    A column of a file that names no source, such as "Flow", is another series in every file of another name.
    """
    return about.id[:200] if about.source else f"{about.id[:100]} ({file_name[:90]})"


def _remove_series(db: Session, command: RemoveSeries, user: models.User, limits: Limits, now: dt.datetime) -> _Change:
    row = db.get(models.Series, command.series_id)
    if row is None:
        raise Rejected({"": "This series is not there: it may have been removed."})
    dam = _dam(db, row.dam_id)
    body = {"file_name": row.file_name, "id": row.source_id, "role": row.role}
    db.delete(row)
    return _Change("series_removed", _about(dam), body)


def _dam(db: Session, dam_id: int) -> models.Dam:
    """The dam, locked to the end of the transaction where the database locks rows."""
    dam = db.get(models.Dam, dam_id, with_for_update=True)
    if dam is None:
        raise Rejected({"": f"Dam {dam_id} is not in the inventory: it may have been deleted."})
    return dam


def _import_inventory(
    db: Session, command: ImportInventory, user: models.User, limits: Limits, now: dt.datetime
) -> _Change:
    made, taken = imports.take_in(db, command, user_name=user.name, now=now)
    about = {"dam_id": 0, "dam_name": made.file_name[:200], "owner": "", "longitude": None, "latitude": None}
    body = {"file_name": made.file_name, "system": made.system, "last_updated": made.last_updated, **taken.counts()}
    return _Change("inventory_imported", about, body, added=taken.added - taken.removed, made=made)


WRITERS: dict[type[Command], Callable[..., _Change]] = {
    AddDam: _add_dam,
    EditDam: _edit_dam,
    DeleteDam: _delete_dam,
    AssignHydrograph: _assign_hydrograph,
    RemoveHydrograph: _remove_hydrograph,
    AssignSeries: _assign_series,
    RemoveSeries: _remove_series,
    ImportInventory: _import_inventory,
}
