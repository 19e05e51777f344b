"""Dams as they were: within a session that looks back, every query on dams sees those of that moment.

The hydrograph and the series of a dam are those of that moment where ``reads`` gives them (``data.rewinding``). Which
dams have one, and source records, are not looked back at: of them a session sees what there is now.
"""

import datetime as dt
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, Session

from data import models
from data.models import DAM_VERSIONS

_MOMENT = "as_of"


class TooEarly(ValueError):
    """A moment before the history of values begins, in a sentence."""


def require_known(db: Session, moment: dt.datetime) -> None:
    """Raises TooEarly for a moment at which the values of dams are not known."""
    begins = db.scalar(sa.select(models.LogHead.versions_from))
    if begins is not None and moment < begins:
        raise TooEarly(f"What dams were is known from {begins:%Y-%m-%d %H:%M} UTC on, not at {moment:%Y-%m-%d %H:%M}.")


def look_back(db: Session, moment: dt.datetime, *, strict: bool = True) -> None:
    """From here on ``db`` sees the dams of ``moment``, as far as it is known.

    With ``strict`` it raises TooEarly where that is not known whole.
    """
    if strict:
        require_known(db, moment)
    db.info[_MOMENT] = moment
    then = _dams_at(moment, db.get_bind().dialect.name)

    def replace(state: ORMExecuteState) -> None:
        if state.is_select:
            state.statement = state.statement.add_cte(then)  # type: ignore[attr-defined]

    sa.event.listen(db, "do_orm_execute", replace)


def moment_of(db: Session) -> dt.datetime | None:
    """The moment that ``db`` looks back at, None for now."""
    return db.info.get(_MOMENT)


@cache
def _table(dialect: str) -> Any:
    """The table of dams, by a name that the expression in its place does not hide."""
    # SQLite takes a name within its own expression for recursion, unless it says which schema it is of.
    table: Any = models.Dam.__table__
    return table.to_metadata(sa.MetaData(), schema="main" if dialect == "sqlite" else None)


def _dams_at(moment: dt.datetime, dialect: str) -> Any:
    """A common table expression that takes the place of the table ``dams``, by having its name."""
    now = _table(dialect)
    at = sa.literal(moment, now.c.since.type)
    was = DAM_VERSIONS
    standing = sa.select(*now.c).where(now.c.since <= at)
    gone = sa.select(*(was.c[column.name] for column in now.c)).where(was.c.since <= at, at < was.c.until)
    return sa.union_all(standing, gone).cte("dams")
