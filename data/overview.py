"""Counts and distributions of the wanted dams: added up by the database, and kept until the log has grown."""

import datetime as dt
import threading
from collections import OrderedDict
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import events, reads
from data.frames import CONDITIONS, HAZARDS, INSPECTIONS, Overview, OverviewTotals
from data.inventory import Filter
from data.models import Dam

USUAL_YEARS = 5  #: Between two inspections, where the source gives no frequency.
HUGE_ACRE_FT = 40_000_000  #: Lake Mead, the largest reservoir of the United States, holds 30 million.
FIRST_DECADE = 1850  #: Older dams are one class.
KEPT = 64  #: Tables that are kept for those who ask next.

_kept: OrderedDict[tuple, Any] = OrderedDict()
_lock = threading.Lock()


def read(db: Session, wanted: Filter, *, today: dt.date) -> Overview:
    """The overview of the wanted dams.

    An inspection is overdue when it is older than the dam's frequency in whole years, or than USUAL_YEARS where none
    is given; with a frequency of 0 none is scheduled (NID data dictionary, 2018). A date of which only the year or
    the month is known counts as its beginning.
    """
    state = (str(db.get_bind().engine.url), events.log_id(db), events.head(db), today)
    cube = _cube(db, state, wanted)
    return Overview(
        totals=_totals(db, state, wanted, cube),
        states=_of_state(db, state, wanted.without("state")),
        decades=_decades(_cube(db, state, wanted.without("year_completed"))),
        conditions=_conditions(_cube(db, state, wanted.without("condition"))),
        inspections=_inspections(_cube(db, state, wanted.without("hazard"))),
    )


def _keep(make: Any, db: Session, state: tuple, wanted: Filter) -> Any:
    """What ``make`` gives: the same for everyone until an event comes, or the next day."""
    key = (make.__name__, *state, wanted)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = make(db, state, wanted)
    with _lock:
        _kept[key] = made
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def _number(column: Any, classes: tuple[str, ...]) -> sa.ColumnElement[int]:
    """The place of a value among ``classes``; numbers are grouped in half the time that texts take."""
    return sa.case({name: place for place, name in enumerate(classes)}, value=column, else_=classes.index("Other"))


def _inspection(today: dt.date) -> sa.ColumnElement[int]:
    """The place of a dam among INSPECTIONS."""
    frequency, last = Dam.inspection_frequency_years, Dam.last_inspection
    years = sa.func.coalesce(sa.cast(sa.func.round(frequency), sa.Integer), USUAL_YEARS)
    before = sa.cast(today.year - years, sa.String) + today.strftime("-%m-%d")
    return sa.case((frequency == 0, 2), (last == "", 3), (last < before, 0), else_=1)


def _cube(db: Session, state: tuple, wanted: Filter) -> pd.DataFrame:
    return _keep(_read_cube, db, state, wanted)


def _of_state(db: Session, state: tuple, wanted: Filter) -> pd.DataFrame:
    return _keep(_read_states, db, state, wanted)


def _read_cube(db: Session, state: tuple, wanted: Filter) -> pd.DataFrame:
    """One row for each hazard, inspection, condition (their places) and decade that there is, and what is added up."""
    parts = {
        "hazard": (_number(Dam.hazard, HAZARDS), len(HAZARDS)),
        "inspection": (_inspection(state[-1]), len(INSPECTIONS)),
        "condition": (_number(Dam.condition, CONDITIONS), len(CONDITIONS)),
        "decade": (sa.func.coalesce(Dam.year_completed // 10, 0), 1000),
    }
    key: Any = 0
    for column, most in parts.values():
        key = key * most + column
    one, storage = sa.func.count, Dam.storage_acre_ft
    added = {
        "dams": one(),
        "placed": one(Dam.longitude),
        "eap": sa.func.sum(sa.case((Dam.eap == "Yes", 1), else_=0)),
        "storage": sa.func.coalesce(sa.func.sum(storage), 0.0),
        "with_storage": one(storage),
    }
    named = key.label("key")
    rows = db.execute(sa.select(named, *added.values()).where(*reads.narrowed(wanted)).group_by(named)).all()
    found = pd.DataFrame([tuple(row) for row in rows], columns=["key", *added])
    found = found.astype({name: "float64" if name == "storage" else "int64" for name in found})
    keys = found.pop("key").to_numpy()
    for name, (_, most) in reversed(parts.items()):
        found[name], keys = keys % most, keys // most
    return found


def _read_states(db: Session, state: tuple, wanted: Filter) -> pd.DataFrame:
    # By the bare column SQLite 3.40 walks its index, row by row over the whole file: thrice the time.
    name, hazard = (Dam.state + "").label("state"), _number(Dam.hazard, HAZARDS).label("hazard")
    query = sa.select(name, hazard, sa.func.count()).where(*reads.narrowed(wanted)).group_by(name, hazard)
    counts: dict[str, list[int]] = {}
    for state_name, place, number in db.execute(query):
        counts.setdefault(state_name, [0] * len(HAZARDS))[place] = number
    order = sorted(counts, key=lambda one: (one == "", -sum(counts[one]), one))
    return pd.DataFrame([counts[one] for one in order], order, HAZARDS, dtype="int64").rename_axis("state")


def _table(rows: np.ndarray, columns: np.ndarray, numbers: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    counts = np.zeros(shape, "int64")
    np.add.at(counts, (rows, columns), numbers)
    return counts


def _decades(cube: pd.DataFrame) -> pd.DataFrame:
    """All decades from the first to the last, those without a dam too: age is a scale."""
    years = cube["decade"].to_numpy() * 10
    decades = np.where(years == 0, -1, np.where(years < FIRST_DECADE, 0, years))
    given = decades[decades > 0]
    row = list(range(int(given.min()), int(given.max()) + 10, 10)) if len(given) else []
    row = [0] * bool((decades == 0).any()) + row + [-1] * bool((decades == -1).any())
    places = {decade: place for place, decade in enumerate(row)}
    at = np.array([places[int(decade)] for decade in decades], "int64")
    counts = _table(at, cube["hazard"].to_numpy(), cube["dams"].to_numpy(), (len(row), len(HAZARDS)))
    return pd.DataFrame(counts, pd.Index(row, dtype="int64", name="decade"), HAZARDS)


def _conditions(cube: pd.DataFrame) -> pd.DataFrame:
    high = cube[cube["hazard"] == HAZARDS.index("High")]
    at, nought = high["condition"].to_numpy(), np.zeros(len(high), "int64")
    counts = _table(at, nought, high["dams"].to_numpy(), (len(CONDITIONS), 1))
    return pd.DataFrame(counts, pd.Index(CONDITIONS, name="condition"), ["High"])


def _inspections(cube: pd.DataFrame) -> pd.DataFrame:
    at = cube["hazard"].to_numpy(), cube["inspection"].to_numpy()
    counts = _table(*at, cube["dams"].to_numpy(), (len(HAZARDS), len(INSPECTIONS)))
    return pd.DataFrame(counts, pd.Index(HAZARDS, name="hazard"), INSPECTIONS)


def _totals(db: Session, state: tuple, wanted: Filter, cube: pd.DataFrame) -> OverviewTotals:
    every = cube if not wanted else _cube(db, state, Filter())
    dams, with_storage = int(cube["dams"].sum()), int(cube["with_storage"].sum())
    return OverviewTotals(
        dams=dams,
        every=int(every["dams"].sum()),
        high=int(cube.loc[cube["hazard"] == HAZARDS.index("High"), "dams"].sum()),
        without_place=dams - int(cube["placed"].sum()),
        eap=int(cube["eap"].sum()),
        storage_acre_ft=float(cube["storage"].sum()) if with_storage else None,
        with_storage=with_storage,
        huge=_keep(_read_huge, db, state, wanted),
    )


def _read_huge(db: Session, _state: tuple, wanted: Filter) -> tuple[tuple[str, float], ...]:
    storage = Dam.storage_acre_ft
    where = [*reads.narrowed(wanted), storage > HUGE_ACRE_FT]
    rows = sa.select(Dam.name, storage).where(*where).order_by(storage.desc(), Dam.name).limit(20)
    return tuple((name, number or 0.0) for name, number in db.execute(rows))
