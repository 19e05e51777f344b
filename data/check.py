"""Whether what is stored holds together: the chain of events, the counts, and what was kept."""

import hashlib
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import chain, imports, models, reads


class Finding(NamedTuple):
    """One thing that was looked at; ``wrong`` is a sentence, "" where it holds."""

    what: str
    wrong: str


def look_over(db: Session) -> list[Finding]:
    """Look at everything, in the caller's transaction."""
    return [
        Finding("chain of events", _chain(db)),
        Finding("number of dams", _dam_count(db)),
        Finding("dams and bytes of each user", _user_counts(db)),
        Finding("what changes took away", _kept(db)),
        Finding("what imports changed", _imports(db)),
        Finding("dams as the log tells them", _values(db)),
    ]


def _chain(db: Session) -> str:
    broken = chain.first_broken(db)
    return f"The chain is broken: {broken.reason}." if broken else ""


def _dam_count(db: Session) -> str:
    said, there = db.scalar(sa.select(models.LogHead.dam_count)) or 0, _count(db, models.Dam)
    return "" if said == there else f"The log's head counts {said:,} dams, the table has {there:,}."


def _user_counts(db: Session) -> str:
    for user in db.scalars(sa.select(models.User).order_by(models.User.name)):
        dams, sizes = reads.held_by(db, user.name)
        if (user.dam_count, user.byte_count) != (dams, sizes):
            return (
                f"{user.name} is counted with {user.dam_count:,} dams and {user.byte_count:,} bytes, "
                f"and has {dams:,} and {sizes:,}."
            )
    return ""


def _kept(db: Session) -> str:
    """Each thing that was kept is the one that its event tells of."""
    bodies: dict[int, list[str]] = {}
    for row in db.execute(sa.select(models.Kept.number, models.Kept.sha256, models.Kept.content).order_by("kept_id")):
        if hashlib.sha256(row.content).hexdigest() != row.sha256:
            return f"What change {row.number} took away is not what it was."
        bodies.setdefault(row.number, []).append(row.sha256)
    for number, hashes in bodies.items():
        body = db.scalar(sa.select(models.Event.body).where(models.Event.number == number)) or {}
        if sorted(hashes) != sorted(one["sha256"] for one in body.get("kept", [])):
            return f"What was kept of change {number} is not what its event tells of."
    return ""


def _imports(db: Session) -> str:
    for made in db.scalars(sa.select(models.Import)):
        body = db.scalar(sa.select(models.Event.body).where(models.Event.number == made.number)) or {}
        if "changes" in body and body["changes"] != imports.seal(db, made.import_id):
            return f"What import {made.number} changed is not what its event tells of."
    return ""


def _values(db: Session) -> str:
    """The values of each dam that was last changed by a person are those that its last event left."""
    event, dam = models.Event, models.Dam
    kinds = ("dam_added", "dam_edited")
    last = sa.select(event.dam_id, sa.func.max(event.number).label("number")).where(event.kind.in_(kinds))
    found = last.group_by(event.dam_id).subquery()
    rows = sa.select(event.number, event.body, dam).join(found, found.c.number == event.number)
    for number, body, row in db.execute(rows.join(dam, dam.dam_id == event.dam_id)):
        changed = sa.select(sa.exists().where(models.DamChange.dam_id == row.dam_id))
        wrong = [name for name, value in body["after"].items() if getattr(row, name) != value]
        if wrong and not db.scalar(changed):
            return f'The {", ".join(wrong)} of "{row.name}" is not what event {number} left.'
    return ""


def _count(db: Session, table: type[models.Base]) -> int:
    return db.scalar(sa.select(sa.func.count()).select_from(table)) or 0
