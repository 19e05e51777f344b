"""Queries to the tables of ``data/frames.py``; an empty result has the same form as a full one."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, undefer
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import UnaryExpression

from data import frames, keeping, models, series_points
from data.as_of import moment_of
from data.cells import unpack
from data.frames import SourceRecord, StoredHydrograph
from data.inventory import ALL, FACETS, LISTS, RANGES, Filter, Near, read_place
from data.rewinding import then
from data.series import About, Series
from data.series_points import StoredSeries

Box = tuple[float, float, float, float]  #: west, south, east, north, degrees WGS 84

SORTABLE = (
    "name", "nid_id", "owner", "river", "date_built", "hazard", "condition", "state", "county", "height_ft",
    "storage_acre_ft", "last_inspection", "has_hydrograph",
)  # fmt: skip
NEAR_KM = 25  #: A search for coordinates finds dams within this distance.
RARE = 0.02  #: A map is full when of the dams looked at a smaller part than this has a cell of its own.
KM_PER_DEGREE = 111.195  #: Of a great circle on a sphere of 6,371.0 km, the earth's mean radius (IUGG).

_HAS_HYDROGRAPH = sa.or_(
    sa.exists().where(models.Hydrograph.dam_id == models.Dam.dam_id),
    sa.exists().where(models.Series.dam_id == models.Dam.dam_id),
).label("has_hydrograph")


def _columns(contract: dict[str, str]) -> tuple[Any, ...]:
    return tuple(_HAS_HYDROGRAPH if name == "has_hydrograph" else getattr(models.Dam, name) for name in contract)


class Page(NamedTuple):
    """One page of a table and the number of rows on all of them."""

    dams: pd.DataFrame
    total: int


class Places(NamedTuple):
    """Where the dams are: their box (None without any), how many have a place, how many have none."""

    box: Box | None
    placed: int
    without_place: int


class Dots(NamedTuple):
    """The dams to draw (DOTS), and how many of those that are asked for lie in the view."""

    dams: pd.DataFrame
    total: int


def narrowed(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    """The conditions of ``wanted``, for a query on dams."""
    dam = models.Dam
    where: list[sa.ColumnElement[bool]] = []
    place = read_place(wanted.search)
    for word in () if place else models.fold(wanted.search).split():
        where.append(dam.search_text.contains(word, autoescape=True))
    for near in filter(None, (wanted.near, Near(*place, NEAR_KM) if place else None)):
        where += _within(near)
    for name in FACETS:
        if values := getattr(wanted, name):
            column = getattr(dam, name)
            if name in LISTS:
                listed = sa.literal(";") + column + ";"
                each = [listed.contains(f";{value};", autoescape=True) if value else column == "" for value in values]
                where.append(sa.or_(*each))
            else:
                where.append(column.in_(values))
    for name in RANGES:
        low, high = getattr(wanted, name)
        if low is not None:
            where.append(getattr(dam, name) >= low)
        if high is not None:
            where.append(getattr(dam, name) <= high)
    if wanted.owner:
        where.append(dam.owner == wanted.owner)
    if wanted.river:
        where.append(sa.func.lower(dam.river).contains(wanted.river.lower(), autoescape=True))
    if wanted.not_inspected_since:
        where.append(dam.last_inspection < wanted.not_inspected_since)
    if wanted.box:
        where += _inside(wanted.box)
    if wanted.on_map is not None:
        where.append(dam.longitude.is_not(None) if wanted.on_map else dam.longitude.is_(None))
    return where


def _inside(box: Box) -> list[sa.ColumnElement[bool]]:
    west, south, east, north = box
    return [models.Dam.longitude.between(west, east), models.Dam.latitude.between(south, north)]


def _within(near: Near) -> list[sa.ColumnElement[bool]]:
    """A circle on the plane that touches the globe at its centre: right to 1 % up to 300 km below latitude 60."""
    dam, shrink = models.Dam, max(math.cos(math.radians(near.latitude)), 0.01)
    high, wide = near.km / KM_PER_DEGREE, near.km / KM_PER_DEGREE / shrink
    x, y = (dam.longitude - near.longitude) * shrink, dam.latitude - near.latitude
    box = (near.longitude - wide, near.latitude - high, near.longitude + wide, near.latitude + high)
    return [*_inside(box), x * x + y * y <= high * high]


def dams_page(
    db: Session,
    wanted: Filter = ALL,
    *,
    sort: str = "name",
    descending: bool = False,
    offset: int = 0,
    limit: int | None = 25,
) -> Page:
    """The wanted dams, sorted, unknown values last; each row as DAMS."""
    if sort not in SORTABLE:
        raise ValueError(f"Dams cannot be sorted by {sort!r}; by {', '.join(SORTABLE)}.")
    order = _order(sort, descending)
    if wanted.search:
        return _searched(db, wanted, order, offset, limit)
    rows = sa.select(models.Dam.dam_id, *_columns(frames.DAMS)).where(*narrowed(wanted))
    return Page(_frame(db, rows.order_by(*order).offset(offset).limit(limit), frames.DAMS), count(db, wanted))


def _searched(db: Session, wanted: Filter, order: list[Any], offset: int, limit: int | None) -> Page:
    """The page and the total in one look at every dam, which is what a search for a part of a word takes."""
    dam = models.Dam
    # SQLite would walk the index of names to find few among many, which takes longer than looking at all.
    keys = [sa.func.coalesce(key, "") if key is dam.name_key else key for key in order]
    total = sa.func.count().over().label("total")
    ids = sa.select(dam.dam_id, total).where(*narrowed(wanted)).order_by(*keys).offset(offset).limit(limit).subquery()
    rows = sa.select(ids.c.total, dam.dam_id, *_columns(frames.DAMS)).join(ids, ids.c.dam_id == dam.dam_id)
    found = db.execute(rows.order_by(*order)).all()
    number = found[0].total if found else count(db, wanted) if offset else 0
    return Page(_framed([tuple(row)[1:] for row in found], frames.DAMS), number)


def best(db: Session, search: str, *, limit: int) -> pd.DataFrame:
    """Dams that a search finds, each as DAMS: first those whose NID ID it is or whose name begins as it does."""
    dam, begun = models.Dam, models.fold(search)
    begins = sa.or_(dam.nid_id == search.strip().upper(), dam.name_key.startswith(begun, autoescape=True))
    return _searched(db, Filter(search=search), [sa.not_(begins), *_order("name", False)], 0, limit).dams


def _order(sort: str, descending: bool) -> list[Any]:
    dam = models.Dam
    if sort == "name":
        if not descending:
            return [dam.name_key, dam.dam_id]
        return [dam.name == "", dam.name_key.desc(), dam.dam_id]
    column = _HAS_HYDROGRAPH if sort == "has_hydrograph" else getattr(dam, sort)
    if sort == "has_hydrograph":
        return [column.desc() if descending else column.asc(), dam.dam_id]
    number, dated = isinstance(column.type, sa.Float), sort in ("date_built", "last_inspection")
    key = column if number or dated else sa.func.lower(column)
    unknown = column.is_(None) if number else column == ""
    return [unknown, key.desc() if descending else key.asc(), dam.dam_id]


def count(db: Session, wanted: Filter = ALL) -> int:
    """How many dams are wanted."""
    return db.scalar(sa.select(sa.func.count()).select_from(models.Dam).where(*narrowed(wanted))) or 0


def facet(db: Session, name: str, wanted: Filter = ALL) -> dict[str, int]:
    """Value of a facet to the number of wanted dams that have it, most first; its own choice does not narrow it.

    "" are those without one. A dam with several values counts for each.
    """
    column = getattr(models.Dam, name)
    rows = sa.select(column, sa.func.count()).where(*narrowed(wanted.without(name))).group_by(column)
    counts: Counter[str] = Counter()
    for value, number in db.execute(rows):
        for part in dict.fromkeys(value.split(";")) if name in LISTS else (value,):
            counts[part] += number
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def dots(
    db: Session, box: Box, wanted: Filter = ALL, *, cells: tuple[int, int] = (250, 150), limit: int = 5000
) -> Dots:
    """What to draw of the wanted dams in ``box``: at most one a cell of a grid over it, and ``limit`` in all.

    Which dam stands for a cell is a fixed lot that prefers no class, the same at every look.
    """
    dam, where = models.Dam, [*_inside(box), *narrowed(wanted)]
    total = db.scalar(sa.select(sa.func.count()).select_from(dam).where(*where)) or 0
    rows = sa.select(dam.dam_id, *_columns(frames.DOTS))
    if total <= limit:
        return Dots(_frame(db, rows.where(*where), frames.DOTS), total)
    if _walks_the_lots(db, total, limit):
        where = [_without_index(condition) for condition in where]
    rows = rows.where(*where).order_by(dam.draw_order).limit(4 * limit)
    first: dict[int, tuple[Any, ...]] = {}
    # Of the connection, since a session takes three times as long to hand over the same rows.
    with db.connection().execute(rows, execution_options={"yield_per": limit // 2 + 1}) as found:
        for part in found.partitions():
            before = len(first)
            *_, longitude, latitude = (np.array(column) for column in zip(*part, strict=True))
            for row, cell in zip(part, _cells(longitude, latitude, box, cells), strict=True):
                first.setdefault(cell, tuple(row))
            if len(first) >= limit or len(first) - before < len(part) * RARE:
                break
    return Dots(_framed(list(first.values())[:limit], frames.DOTS), total)


def _walks_the_lots(db: Session, total: int, limit: int) -> bool:
    """Whether so many dams lie in a view that looking at all in the order of their lots finds enough sooner.

    SQLite 3.40 without statistics takes the index of any other condition, and sorts all that it finds: 200 ms.
    """
    if db.get_bind().dialect.name != "sqlite":
        return False
    return total * total > 2 * limit * count(db)


def _without_index(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The same condition for SQLite, no index of which is used (sqlite.org/optoverview.html, 2)."""

    def plus(element: Any, **_: Any) -> Any:
        if isinstance(element, sa.Column):
            return UnaryExpression(element, operator=operators.custom_op("+"), type_=element.type)
        return None

    return visitors.replacement_traverse(condition, {}, plus)


def _cells(longitude: np.ndarray, latitude: np.ndarray, box: Box, cells: tuple[int, int]) -> list[int]:
    """Number of the cell that each place lies in; cells are even on a Mercator map."""
    west, south, east, north = box
    across = (longitude - west) / max(east - west, 1e-9)
    y, low, high = (_mercator(degrees) for degrees in (latitude, south, north))
    up = (y - low) / max(high - low, 1e-9)
    number = np.floor(across * cells[0]).astype("int64") * cells[1] + np.floor(up * cells[1]).astype("int64")
    return number.tolist()


def _mercator(latitude: Any) -> Any:
    """Height on a Mercator map, for an earth of radius 1 (Snyder 1987, equation 7-1)."""
    return np.log(np.tan(np.pi / 4 + np.radians(np.clip(latitude, -85.0, 85.0)) / 2))


def places(db: Session, wanted: Filter = ALL) -> Places:
    """The box of the wanted dams and how many have coordinates."""
    dam = models.Dam
    west, south, east, north, placed, every = db.execute(
        sa.select(
            sa.func.min(dam.longitude),
            sa.func.min(dam.latitude),
            sa.func.max(dam.longitude),
            sa.func.max(dam.latitude),
            sa.func.count(dam.longitude),
            sa.func.count(),
        ).where(*narrowed(wanted))
    ).one()
    box = cast(Box, (west, south, east, north)) if placed else None
    return Places(box, placed, every - placed)


def dam(db: Session, dam_id: int) -> pd.Series | None:
    """The dam's row of PROFILE, None when it is not in the inventory."""
    rows = sa.select(models.Dam.dam_id, *_columns(frames.PROFILE)).where(models.Dam.dam_id == dam_id)
    found = _frame(db, rows, frames.PROFILE)
    return None if found.empty else found.iloc[0]


class Structure(NamedTuple):
    """One structure of a project, as it is told from the others."""

    dam_id: int
    name: str
    other_structure_id: str


def associated(db: Session, dam_id: int) -> list[Structure]:
    """The other structures with the dam's NID ID, such as saddle dams and dikes; the main one first."""
    dam = models.Dam
    own = sa.select(dam.nid_id).where(dam.dam_id == dam_id, dam.nid_id != "").scalar_subquery()
    rows = sa.select(dam.dam_id, dam.name, dam.other_structure_id).where(dam.nid_id == own, dam.dam_id != dam_id)
    return [Structure(*row) for row in db.execute(rows.order_by(dam.other_structure_id, dam.dam_id))]


def dam_choices(
    db: Session, *, search: str = "", among: Sequence[int] | None = None, limit: int | None = None
) -> dict[str, int]:
    """Label to dam_id: of all dams, of those that a search finds, or of some by their dam_id.

    They are sorted by name, those whose name begins as the search does first. Dams that share a name are
    told apart by river, state and id, and so is each that is not one of all.
    """
    dam, begun = models.Dam, models.fold(search)
    rows = sa.select(dam.dam_id, dam.name, dam.river, dam.state).where(*narrowed(Filter(search=search))).limit(limit)
    if among is not None:
        rows = rows.where(dam.dam_id.in_(among))
    first = [sa.not_(dam.name_key.startswith(begun, autoescape=True))] if begun else []
    found = db.execute(rows.order_by(*first, dam.name_key, dam.dam_id)).all()
    doubled = pd.Series([row.name for row in found], dtype="str").duplicated(keep=False)
    some = bool(begun) or among is not None
    return {
        _told_apart(row) if twice or some else row.name: row.dam_id for row, twice in zip(found, doubled, strict=True)
    }


def _told_apart(row: Any) -> str:
    where = ", ".join(filter(None, (row.river, row.state, str(row.dam_id))))
    return f"{row.name or 'Unnamed dam'} ({where})"


def source_record(db: Session, dam_id: int) -> SourceRecord | None:
    """The dam's record as its source file has it, None for a dam that came from no file."""
    table, source, first = models.SourceRecord, models.Import, aliased(models.Import)
    brought = sa.select(first.imported_by).join(models.Dam, models.Dam.created_at == first.imported_at)
    by = sa.func.coalesce(brought.where(models.Dam.dam_id == dam_id).limit(1).scalar_subquery(), source.imported_by)
    row = db.execute(
        sa.select(table.line, table.cells, source.file_name, source.system, source.last_updated, source.columns, by)
        .join(source, source.import_id == table.import_id)
        .where(table.dam_id == dam_id)
    ).one_or_none()
    if row is None:
        return None
    cells = dict(zip(row.columns, unpack(row.cells), strict=True))
    return SourceRecord(row.file_name, row.system, row.last_updated, row.line, cells, row[-1])


def owners(db: Session, *, search: str = "", limit: int | None = None) -> dict[str, str]:
    """Every owner of a dam as label and value, sorted; or those whose name holds the search."""
    owner = models.Dam.owner
    found = sa.select(owner).where(owner != "").distinct().order_by(owner).limit(limit)
    if search:
        found = found.where(sa.func.lower(owner).contains(search.lower(), autoescape=True))
    return {name: name for name in db.scalars(found)}


def hydrograph(db: Session, dam_id: int) -> StoredHydrograph | None:
    """The dam's hydrograph, None without one; that of then in a session that looks back."""
    if moment := moment_of(db):
        was = then(db, dam_id, moment, "hydrograph")
        if was.other or was.only:
            kept = was.other.get("")
            return None if kept is None else _kept_hydrograph(db, kept)
    return _hydrograph(db, dam_id)


def _kept_hydrograph(db: Session, kept: models.Kept) -> StoredHydrograph:
    name = db.scalar(sa.select(models.Dam.name).where(models.Dam.dam_id == kept.dam_id)) or ""
    return _stored_hydrograph(keeping.row_of(kept), name, keeping.points_of(kept))


def _hydrograph(db: Session, dam_id: int) -> StoredHydrograph | None:
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
    return _stored_hydrograph(kept, dam_name, values)


def _stored_hydrograph(row: models.Hydrograph, dam_name: str, points: np.ndarray) -> StoredHydrograph:
    return StoredHydrograph(
        row.dam_id,
        dam_name,
        row.file_name,
        row.assigned_by,
        row.assigned_at,
        row.note_counts,
        pd.DataFrame(points, columns=list(frames.HYDROGRAPH)),
    )


def dam_id_of(db: Session, text: str) -> int | None:
    """The dam of that number or, in any case, NID ID; None for none and for several."""
    dam, wanted = models.Dam, text.strip()
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        return db.scalar(sa.select(dam.dam_id).where(dam.dam_id == int(wanted)))
    found = db.scalars(sa.select(dam.dam_id).where(dam.nid_id == wanted.upper(), dam.nid_id != "").limit(2)).all()
    return found[0] if len(found) == 1 else None


def series(db: Session, dam_id: int, *, role: str | None = None) -> tuple[StoredSeries, ...]:
    """The dam's series with their points, or those of one role; in the order in which they were first assigned.

    In a session that looks back they are those of then.
    """
    table = models.Series
    rows = sa.select(table).where(table.dam_id == dam_id).order_by(table.series_id).options(undefer(table.points))
    if role is not None:
        rows = rows.where(table.role == role)
    found = list(db.scalars(rows))
    if moment := moment_of(db):
        was = then(db, dam_id, moment, "series")
        stays = [] if was.only else [row for row in found if row.source_id not in was.other]
        back = [keeping.row_of(kept) for kept in was.other.values() if kept is not None]
        found = sorted([*stays, *back], key=lambda row: row.series_id)
    return tuple(_stored_series(row) for row in found if role in (None, row.role))


def _stored_series(row: models.Series) -> StoredSeries:
    words = ("name", "parameter", "unit", "timezone", "datum", "source", "statistic")
    about = About(id=row.source_id, **{word: getattr(row, word) for word in words})
    points = series_points.unpack(row.points)
    return StoredSeries(
        row.series_id,
        row.dam_id,
        row.role,
        row.file_name,
        row.format,
        row.assigned_by,
        row.assigned_at,
        row.report,
        Series(about, points, len(points)),
    )


def _frame(db: Session, rows: sa.Select, contract: dict[str, str]) -> pd.DataFrame:
    """What ``rows`` finds (``dam_id``, then the columns of ``contract``) as a frame of it."""
    return _framed([tuple(row) for row in db.execute(rows)], contract)


def _framed(rows: list[tuple[Any, ...]], contract: dict[str, str]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["dam_id", *contract])
    return found.astype({"dam_id": "int64"} | contract).set_index("dam_id")


def held_by(db: Session, name: str) -> tuple[int, int]:
    """Dams that the user of this name added, and bytes of the hydrographs and series that he assigned."""
    dams = db.scalar(sa.select(sa.func.count()).where(models.Dam.created_by == name)) or 0
    tables = (models.Hydrograph, models.Series)
    sizes = (db.scalar(sa.select(sa.func.sum(table.size)).where(table.assigned_by == name)) for table in tables)
    return dams, sum(int(size or 0) for size in sizes)


def users(db: Session, *, now: dt.datetime) -> list[dict[str, Any]]:
    """Every user but the program's own, by name: role, limits, counts, when last seen; never a password."""
    user, seen = models.User, sa.func.max(models.SignIn.seen_at)
    last = dict(db.execute(sa.select(models.SignIn.user_id, seen).group_by(models.SignIn.user_id)).all())
    names = (
        "name", "role_name", "staff", "disabled", "states", "owners", "max_dams", "max_bytes", "dam_count",
        "byte_count",
    )  # fmt: skip
    invited = set(db.scalars(sa.select(models.Invitation.user_id).where(models.Invitation.expires_at > now)))
    return [
        {name: getattr(row, name) for name in names}
        | {"password": bool(row.password_hash), "invited": row.user_id in invited, "seen_at": last.get(row.user_id)}
        for row in db.scalars(sa.select(user).where(user.name != "setup").order_by(user.name))
    ]


def roles(db: Session) -> list[dict[str, Any]]:
    """Every role but the program's own, by name: its rights, and how many users have it."""
    counts = dict(db.execute(sa.select(models.User.role_name, sa.func.count()).group_by(models.User.role_name)).all())
    rows = db.scalars(sa.select(models.Role).where(models.Role.name != "setup").order_by(models.Role.name))
    return [
        {"name": row.name, "staff": row.staff, "rights": row.rights, "users": counts.get(row.name, 0)} for row in rows
    ]
