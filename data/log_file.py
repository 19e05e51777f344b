"""The log of events as a file: one JSON object a line, oldest first, with what seals each event in the chain."""

import json
from typing import IO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import models

_LEFT_OUT = ("submit_key", "origin")  # of a form and an open page; ``data.chain`` needs them, readers do not


def write(db: Session, file: IO[bytes], *, after: int = 0, without: frozenset[str] = frozenset()) -> int:
    """Write the events after a number but those of the kinds ``without``; how many there were.

    Degrees are WGS 84, times ISO 8601 in UTC.
    """
    table, count = models.Event.__table__, 0
    columns = [column for column in table.columns if column.name not in _LEFT_OUT]
    rows = sa.select(*columns).where(table.c.number > after, table.c.kind.not_in(without)).order_by(table.c.number)
    for row in db.execute(rows.execution_options(yield_per=1000)).mappings():
        event = dict(row) | {"recorded_at": row["recorded_at"].isoformat()}
        file.write(json.dumps(event, ensure_ascii=False).encode() + b"\n")
        count += 1
    return count
