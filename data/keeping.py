"""What a change takes away is kept whole, so that the change can be undone: hydrographs, series, source records."""

import datetime as dt
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import models

KINDS: dict[str, Any] = {"hydrograph": models.Hydrograph, "series": models.Series, "source_record": models.SourceRecord}
_LEFT = ("hydrograph_id", "points", "cells")  # made anew, or held in the content


def keep_versions(connection: Session | sa.Connection, dam_ids: Sequence[int], *, until: dt.datetime) -> None:
    """Keep dams as they are, before they are changed or deleted."""
    table, dam = models.DAM_VERSIONS, models.Dam.__table__.c
    was = sa.select(*dam, sa.literal(until, table.c.until.type)).where(dam.dam_id.in_(dam_ids))
    connection.execute(sa.insert(table).from_select([*dam.keys(), "until"], was))


def keep(db: Session, kind: str, row: Any) -> models.Kept:
    """Put a row and what belongs to it away; it still stands in its own table."""
    columns = {column.name: _plain(getattr(row, column.name)) for column in row.__table__.columns
               if column.name not in _LEFT}  # fmt: skip
    content = _content(db, kind, row)
    kept = models.Kept(
        dam_id=row.dam_id, kind=kind, columns=columns, content=content, sha256=hashlib.sha256(content).hexdigest()
    )
    db.add(kept)
    return kept


def keep_all(db: Session, dam_id: int) -> list[models.Kept]:
    """Put away everything that is deleted with a dam."""
    return [
        keep(db, kind, row)
        for kind, table in KINDS.items()
        for row in db.scalars(sa.select(table).where(table.dam_id == dam_id))
    ]


def put_back(db: Session, kept: models.Kept) -> Any:
    """Make the row anew from what was kept, in place of none; the row."""
    row = row_of(kept)
    if kept.kind == "series":
        row.series_id = None  # a new one
    db.add(row)
    db.flush()
    if kept.kind == "hydrograph":
        put_points(db, row.hydrograph_id, points_of(kept))
    return row


def row_of(kept: models.Kept) -> Any:
    """The row that was kept, of no session; a hydrograph is without its points."""
    table = KINDS[kept.kind]
    types = {column.name: column.type for column in table.__table__.columns}
    values = {
        name: dt.datetime.fromisoformat(value) if isinstance(types[name], models.UTCDateTime) and value else value
        for name, value in kept.columns.items()
        if name in types
    }
    if kept.kind == "series":
        values["points"] = kept.content
    elif kept.kind == "source_record":
        values["cells"] = kept.content.decode()
    return table(**values)


def points_of(kept: models.Kept) -> np.ndarray:
    """Ordinates of a hydrograph that was kept, rows of hours and cfs; NaN is a missing flow."""
    return np.frombuffer(zlib.decompress(kept.content), "<f8").reshape(-1, 2)


def put_points(db: Session, hydrograph_id: int, points: np.ndarray) -> None:
    """Ordinates of a hydrograph, rows of hours and cfs; NaN is a missing flow."""
    missing = np.isnan(points[:, 1]).tolist()
    rows = [
        {"hydrograph_id": hydrograph_id, "ordinal": i, "time_hours": t, "flow_cfs": None if absent else q}
        for i, ((t, q), absent) in enumerate(zip(points.tolist(), missing, strict=True))
    ]
    db.execute(sa.insert(models.HydrographPoint), rows)


def of_event(db: Session, number: int) -> list[models.Kept]:
    """What the change with this number took away."""
    rows = sa.select(models.Kept).where(models.Kept.number == number).order_by(models.Kept.kept_id)
    return list(db.scalars(rows))


def told(kept: Iterable[models.Kept]) -> list[dict[str, str]]:
    """What was kept as it is told in the event, which the chain of events seals."""
    return [{"kind": one.kind, "sha256": one.sha256} for one in kept]


def _content(db: Session, kind: str, row: Any) -> bytes:
    if kind == "series":
        return row.points
    if kind == "source_record":
        return row.cells.encode()
    point = models.HydrographPoint
    rows = sa.select(point.time_hours, point.flow_cfs).where(point.hydrograph_id == row.hydrograph_id)
    found = db.execute(rows.order_by(point.ordinal)).all()
    values = np.array([(t, np.nan if q is None else q) for t, q in found], dtype=float).reshape(-1, 2)
    return zlib.compress(values.astype("<f8").tobytes())


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value
