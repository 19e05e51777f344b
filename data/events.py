"""The event log, read by cursor. A number is given under the lock of the log's head, so numbers
are committed in order and without gaps, and a reader that asks for "after N" misses none."""

from collections.abc import Sequence

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
}


def head(db: Session) -> int:
    """Number of the newest event, 0 for an empty log: where a new page starts."""
    return db.scalar(sa.select(models.LogHead.number)) or 0


def read_after(db: Session, cursor: int, *, limit: int = 500) -> tuple[Event, ...]:
    """Events with a number above ``cursor``, oldest first."""
    rows = sa.select(models.Event).where(models.Event.number > cursor).order_by(models.Event.number).limit(limit)
    return tuple(map(_event, db.scalars(rows)))


def read_before(
    db: Session, number: int | None = None, *, dam_id: int | None = None, limit: int = 50
) -> tuple[Event, ...]:
    """Events with a number below ``number`` (all for None), newest first; of one dam when ``dam_id`` is given."""
    rows = sa.select(models.Event).order_by(models.Event.number.desc()).limit(limit)
    if number is not None:
        rows = rows.where(models.Event.number < number)
    if dam_id is not None:
        rows = rows.where(models.Event.dam_id == dam_id)
    return tuple(map(_event, db.scalars(rows)))


def _event(row: models.Event) -> Event:
    return Event(row.number, row.kind, row.recorded_at, row.user_name, row.origin, row.dam_id, row.dam_name, row.body)


def latest(events: Sequence[Event], cursor: int) -> int:
    """The cursor after ``events``."""
    return max((event.number for event in events), default=cursor)
