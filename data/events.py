"""The event log, read by cursor. A number is given under the lock of the log's head, so numbers
are committed in order and without gaps, and a reader that asks for "after N" misses none."""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import models
from data.frames import Event

KINDS = {
    "dam_added": "Dams added",
    "dam_edited": "Dams changed",
    "dam_deleted": "Dams deleted",
    "hydrograph_assigned": "Hydrographs assigned",
    "hydrograph_removed": "Hydrographs removed",
    "series_assigned": "Series assigned",
    "series_removed": "Series removed",
    "inventory_imported": "Inventories imported",
    "import_undone": "Imports undone",
}

#: What is told to administrators alone.
ADMIN_KINDS = {
    "user_added": "Users added",
    "user_changed": "Users changed",
    "user_removed": "Users removed",
    "role_changed": "Roles changed",
    "role_removed": "Roles removed",
    "user_invited": "Users invited",
    "password_set": "Passwords set",
    "signed_in": "Sign-ins",
    "signed_out": "Sign-outs",
}

_FIELDS = [field.name for field in fields(Event)]


def head(db: Session) -> int:
    """Number of the newest event, 0 for an empty log: where a new page starts."""
    return db.scalar(sa.select(models.LogHead.number)) or 0


def state(db: Session) -> tuple[int, int]:
    """Number of the newest event, and of the dams in the inventory."""
    found = db.execute(sa.select(models.LogHead.number, models.LogHead.dam_count)).one_or_none()
    return (found.number, found.dam_count) if found else (0, 0)


def for_all(event: Event) -> bool:
    """Whether everyone who may look at dams may be told of it."""
    return event.kind not in ADMIN_KINDS


def read_after(
    db: Session, cursor: int, *, until: int | None = None, limit: int = 500, kinds: Collection[str] | None = None
) -> tuple[Event, ...]:
    """Events with a number above ``cursor``, up to ``until`` and of ``kinds`` where given, oldest first."""
    rows = sa.select(models.Event).where(models.Event.number > cursor).order_by(models.Event.number).limit(limit)
    if until is not None:
        rows = rows.where(models.Event.number <= until)
    if kinds is not None:
        rows = rows.where(models.Event.kind.in_(kinds))
    return tuple(map(_event, db.scalars(rows)))


def read_before(
    db: Session,
    number: int | None = None,
    *,
    dam_id: int | None = None,
    after: int = 0,
    limit: int = 50,
    kinds: Collection[str] | None = None,
) -> tuple[Event, ...]:
    """Events with a number below ``number`` (all for None), newest first.

    ``dam_id`` gives those of one dam, ``after`` those with a number above it, ``kinds`` those of some. An import that
    brought a dam or changed it is among that dam's; its body then has ``before`` and ``after`` of this dam.
    """
    rows = sa.select(models.Event).where(models.Event.number > after)
    rows = rows.order_by(models.Event.number.desc()).limit(limit)
    if number is not None:
        rows = rows.where(models.Event.number < number)
    if kinds is not None:
        rows = rows.where(models.Event.kind.in_(kinds))
    if dam_id is None:
        return tuple(map(_event, db.scalars(rows)))
    changes = _changes(db, dam_id)
    rows = rows.where(sa.or_(models.Event.dam_id == dam_id, models.Event.number.in_(changes)))
    found = map(_event, db.scalars(rows))
    return tuple(replace(one, body=one.body | changes[one.number]) if one.number in changes else one for one in found)


def _changes(db: Session, dam_id: int) -> dict[int, dict[str, Any]]:
    """Number of each import that brought a dam or changed it -> before and after, both empty when it came."""
    made, change = models.Import, models.DamChange
    changed = sa.select(made.number, change.before, change.after).join(made, made.import_id == change.import_id)
    since = (
        sa.select(one.created_at).where(one.dam_id == dam_id, one.created_by == "", one.source_key.is_not(None))
        for one in (models.Dam, models.DAM_VERSIONS.c)
    )
    came = sa.select(made.number).where(made.imported_at.in_(sa.union(*since)), made.undoes.is_(None))
    found: dict[int | None, dict[str, Any]] = {
        number: {"before": before, "after": after}
        for number, before, after in db.execute(changed.where(change.dam_id == dam_id))
    }
    found |= {number: {"before": {}, "after": {}} for number in db.scalars(came) if number not in found}
    return {number: what for number, what in found.items() if number is not None}


def counts_after(db: Session, cursor: int, *, until: int | None = None) -> dict[str, int]:
    """Kind of KINDS to the number of events above ``cursor``, up to ``until`` where given; 0 is left out."""
    table = models.Event
    rows = sa.select(table.kind, sa.func.count()).where(table.number > cursor, table.kind.in_(KINDS))
    rows = rows.group_by(table.kind)
    if until is not None:
        rows = rows.where(table.number <= until)
    return dict(db.execute(rows).all())


def log_id(db: Session) -> str:
    """What tells this database's log from another's: the time of its first event, ISO text, "" for an empty log."""
    first = db.scalar(sa.select(models.Event.recorded_at).where(models.Event.number == 1))
    return first.isoformat() if first else ""


def _event(row: models.Event) -> Event:
    return Event(**{name: getattr(row, name) for name in _FIELDS})


def latest(events: Sequence[Event], cursor: int) -> int:
    """The cursor after ``events``."""
    return max((event.number for event in events), default=cursor)
