"""Events as a chain: each holds a hash over itself and the hash of the event before (SHA-256, FIPS 180-4).

Whoever changes, removes or slips in an event breaks the chain there, and ``first_broken`` names the place. Whoever
can write the database can also make the whole chain anew: keep the newest hash (``dams doctor`` prints it, each
backup holds it) where they cannot reach it.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import models

FIRST = "0" * 64  #: What stands in place of the hash before the first event.
_FIELDS = [column.name for column in models.Event.__table__.columns if column.name != "hash"]
BATCH = 1000


class Broken(NamedTuple):
    """The first event that the chain does not hold, and why, in words."""

    number: int
    reason: str


def digest(previous: str, event: Mapping[str, Any]) -> str:
    """The hash of an event, 64 hexadecimal digits; ``previous`` is that of the event before."""
    values = {name: _plain(event[name]) for name in _FIELDS}
    return hashlib.sha256((previous + json.dumps(values, sort_keys=True)).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value as it is after a round through either database."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return json.loads(json.dumps(value)) if isinstance(value, dict) else value


def first_broken(db: Session) -> Broken | None:
    """Go through the whole chain, in the caller's transaction; None when it holds to the head of the log."""
    previous, number = FIRST, 0
    table = models.Event.__table__
    while rows := db.execute(sa.select(table).where(table.c.number > number).order_by(table.c.number).limit(BATCH)):
        found = rows.mappings().all()
        if not found:
            break
        for event in found:
            if event["number"] != number + 1:
                return Broken(number + 1, f"event {number + 1} is missing")
            if event["hash"] != digest(previous, dict(event)):
                return Broken(event["number"], f"event {event['number']} is not the one that was written")
            previous, number = event["hash"], event["number"]
    head = db.scalar(sa.select(models.LogHead.number)) or 0
    if head > number:
        return Broken(number + 1, f"event {number + 1} is missing: the log once had {head}")
    return None if head == number else Broken(number, f"event {number} is beyond the end of the log, {head}")


def newest(db: Session) -> tuple[int, str]:
    """Number and hash of the newest event; (0, FIRST) for an empty log."""
    table = models.Event
    row = db.execute(sa.select(table.number, table.hash).order_by(table.number.desc()).limit(1)).one_or_none()
    return (row.number, row.hash) if row else (0, FIRST)
