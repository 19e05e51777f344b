"""Queries to the tables of ``data/frames.py``; an empty result has the same form as a full one."""

from typing import NamedTuple, cast

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import frames, models
from data.frames import StoredHydrograph

Box = tuple[float, float, float, float]  #: west, south, east, north, degrees WGS 84

SORTABLE = ("name", "owner", "river", "date_built", "hazard", "has_hydrograph")

_HAS_HYDROGRAPH = sa.exists().where(models.Hydrograph.dam_id == models.Dam.dam_id).label("has_hydrograph")
_DAM_COLUMNS = (
    models.Dam.dam_id,
    *(getattr(models.Dam, name) for name in frames.DAMS if name != "has_hydrograph"),
    _HAS_HYDROGRAPH,
)


class Page(NamedTuple):
    """One page of a table and the number of rows on all of them."""

    dams: pd.DataFrame
    total: int


class Places(NamedTuple):
    """Where the dams are: their box (None without any), how many have a place, how many have none."""

    box: Box | None
    placed: int
    without_place: int


def dams_page(
    db: Session,
    *,
    search: str = "",
    owner: str = "",
    hazard: str = "",
    sort: str = "name",
    descending: bool = False,
    offset: int = 0,
    limit: int | None = 25,
) -> Page:
    """Dams whose name, river, owner or NID ID holds ``search``, sorted; unknown values last."""
    dam = models.Dam
    where = []
    for word in search.split():
        pattern = f"%{_escaped(word)}%"
        where.append(
            sa.or_(*(column.ilike(pattern, escape="\\") for column in (dam.name, dam.river, dam.owner, dam.nid_id)))
        )
    if owner:
        where.append(dam.owner == owner)
    if hazard:
        where.append(dam.hazard == hazard)
    if sort not in SORTABLE:
        raise ValueError(f"Dams cannot be sorted by {sort!r}; by {', '.join(SORTABLE)}.")
    column = _HAS_HYDROGRAPH if sort == "has_hydrograph" else getattr(dam, sort)
    key = column if sort in ("date_built", "has_hydrograph") else sa.func.lower(column)
    order = [key.desc() if descending else key.asc(), dam.dam_id]
    if sort != "has_hydrograph":
        order.insert(0, column == "")
    total = db.scalar(sa.select(sa.func.count()).select_from(dam).where(*where)) or 0
    rows = sa.select(*_DAM_COLUMNS).where(*where).order_by(*order).offset(offset).limit(limit)
    return Page(_dams(db, rows), total)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def dams_in_box(db: Session, box: Box, *, limit: int = 5000) -> Page:
    """Up to ``limit`` dams in ``box`` and how many lie there; which are drawn does not depend on the order of entry."""
    dam = models.Dam
    west, south, east, north = box
    where = (dam.longitude.between(west, east), dam.latitude.between(south, north))
    total = db.scalar(sa.select(sa.func.count()).select_from(dam).where(*where)) or 0
    rows = sa.select(*_DAM_COLUMNS).where(*where)
    if total > limit:
        # A fixed scramble of the ids (Knuth's multiplicative hash): the same dams at every look, no class preferred.
        rows = rows.order_by(dam.dam_id * 2654435761 % 4294967296)
    return Page(_dams(db, rows.limit(limit)), total)


def places(db: Session) -> Places:
    """The box of all dams and how many have coordinates."""
    dam = models.Dam
    west, south, east, north, placed, every = db.execute(
        sa.select(
            sa.func.min(dam.longitude),
            sa.func.min(dam.latitude),
            sa.func.max(dam.longitude),
            sa.func.max(dam.latitude),
            sa.func.count(dam.longitude),
            sa.func.count(),
        )
    ).one()
    box = cast(Box, (west, south, east, north)) if placed else None
    return Places(box, placed, every - placed)


def dam(db: Session, dam_id: int) -> pd.Series | None:
    """The dam's row of DAMS, None when it is not in the inventory."""
    found = _dams(db, sa.select(*_DAM_COLUMNS).where(models.Dam.dam_id == dam_id))
    return None if found.empty else found.iloc[0]


def dam_choices(db: Session) -> dict[str, int]:
    """Label to dam_id, sorted by name; dams that share a name are told apart by river and id."""
    rows = db.execute(
        sa.select(models.Dam.dam_id, models.Dam.name, models.Dam.river).order_by(sa.func.lower(models.Dam.name))
    ).all()
    names = pd.Series([row.name for row in rows], dtype="str")
    doubled = names.duplicated(keep=False)
    return {
        f"{row.name} ({row.river}, {row.dam_id})" if twice else row.name: row.dam_id
        for row, twice in zip(rows, doubled, strict=True)
    }


def hydrograph(db: Session, dam_id: int) -> StoredHydrograph | None:
    """The dam's hydrograph, None without one."""
    table, point = models.Hydrograph, models.HydrographPoint
    row = db.execute(
        sa.select(table, models.Dam.name)
        .join(models.Dam, models.Dam.dam_id == table.dam_id)
        .where(table.dam_id == dam_id)
    ).one_or_none()
    if row is None:
        return None
    kept, dam_name = row
    points = db.execute(
        sa.select(point.time_hours, point.flow_cfs)
        .where(point.hydrograph_id == kept.hydrograph_id)
        .order_by(point.ordinal)
    ).all()
    values = np.array([(time, np.nan if flow is None else flow) for time, flow in points], dtype="float64").reshape(
        -1, 2
    )
    return StoredHydrograph(
        dam_id,
        dam_name,
        kept.file_name,
        kept.assigned_by,
        kept.assigned_at,
        kept.note_counts,
        pd.DataFrame(values, columns=list(frames.HYDROGRAPH)),
    )


def _dams(db: Session, rows: sa.Select) -> pd.DataFrame:
    found = pd.DataFrame(db.execute(rows).all(), columns=["dam_id", *_NAMES])
    return found.set_index("dam_id").astype(frames.DAMS)[list(frames.DAMS)].rename_axis("dam_id")


_NAMES = [name for name in frames.DAMS if name != "has_hydrograph"] + ["has_hydrograph"]
