"""What administrators look at: quotas, who is signed in, and what the database holds."""

import datetime as dt
import math
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import chain, models, reads
from data.writing.base import Limits

#: What is counted, in words -> its table.
TABLES = {
    "Dams": models.Dam.__table__,
    "Earlier versions of dams": models.DAM_VERSIONS,
    "Hydrographs": models.Hydrograph.__table__,
    "Series": models.Series.__table__,
    "Events": models.Event.__table__,
    "Kept to undo changes": models.Kept.__table__,
}


def users(db: Session, *, now: dt.datetime, limits: Limits) -> list[dict[str, Any]]:
    """As ``reads.users``, with ``most_dams`` and ``most_bytes``: the limits in force, None for none."""
    known = {user.name: user for user in db.scalars(sa.select(models.User))}
    return [
        user | {"most_dams": limits.dams_of(known[user["name"]]), "most_bytes": limits.bytes_of(known[user["name"]])}
        for user in reads.users(db, now=now)
    ]


def sign_ins(db: Session, *, now: dt.datetime) -> list[dict[str, Any]]:
    """Every sign-in that stands: ``user``, ``began_at``, ``seen_at``, ``address``; the last seen first."""
    table = models.SignIn
    rows = sa.select(models.User.name, table.began_at, table.seen_at, table.address)
    rows = rows.join(models.User, models.User.user_id == table.user_id).where(table.expires_at > now)
    names = ("user", "began_at", "seen_at", "address")
    return [
        dict(zip(names, row, strict=True)) for row in db.execute(rows.order_by(table.seen_at.desc(), table.sign_in_id))
    ]


def storage(db: Session) -> dict[str, Any]:
    """``bytes`` of the database, ``rows`` by what they are, the newest event's ``number`` and ``hash``."""
    counts = {words: db.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for words, table in TABLES.items()}
    number, newest = chain.newest(db)
    return {"bytes": _size(db), "rows": counts, "number": number, "hash": newest}


def _size(db: Session) -> int:
    if db.get_bind().dialect.name == "sqlite":
        asked = (db.connection().exec_driver_sql(f"PRAGMA {name}") for name in ("page_count", "page_size"))
        return math.prod(one.scalar_one() for one in asked)
    return db.scalar(sa.select(sa.func.pg_database_size(sa.func.current_database()))) or 0
