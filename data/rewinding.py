"""What a dam had at a moment: from what each change since then has taken away.

A change keeps what it takes away (``data.keeping``). So what stood before it is what it kept, and nothing where it put
something in the place of none.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import keeping, models

_EVENT, _CHANGE = models.Event, models.DamChange
_OF_DAM = ("dam_added", "dam_deleted")  # a dam comes, or comes back, and goes with all that it has
_KINDS = {
    "hydrograph": ("hydrograph_assigned", "hydrograph_removed"),
    "series": ("series_assigned", "series_removed"),
}


class Then(NamedTuple):
    """``other`` is what stood then in the place of what stands now, by key: None for nothing. The key of a series is
    its id in its source, that of a hydrograph is "".

    ``only``: there was nothing else; otherwise what is not told of stands as it did.
    """

    other: dict[str, models.Kept | None]
    only: bool


def then(db: Session, dam_id: int, moment: dt.datetime, kind: str) -> Then:
    """What the dam had at ``moment`` of a kind, "hydrograph" or "series"."""
    found: dict[str, models.Kept | None] = {}
    for event in _since(db, dam_id, moment, kind):
        for one in keeping.of_event(db, event.number):
            if (one.dam_id, one.kind) == (dam_id, kind):
                found.setdefault(_key(one), one)
        if event.kind not in _KINDS[kind]:
            return Then(found, True)
        for key in _assigned(event):
            found.setdefault(key, None)
    return Then(found, False)


def _since(db: Session, dam_id: int, moment: dt.datetime, kind: str) -> Iterator[Any]:
    """The events after a moment that touched what the dam has, oldest first; imports that removed it or brought it."""
    with_dams = sa.select(models.Import.number).join(_CHANGE, _CHANGE.import_id == models.Import.import_id)
    with_dams = with_dams.where(_CHANGE.dam_id == dam_id, _CHANGE.kind.in_(("removed", "brought_back")))
    of_dam = sa.and_(_EVENT.dam_id == dam_id, _EVENT.kind.in_((*_OF_DAM, *_KINDS[kind])))
    rows = sa.select(_EVENT.number, _EVENT.kind, _EVENT.body).where(_EVENT.recorded_at > moment)
    yield from db.execute(rows.where(sa.or_(of_dam, _EVENT.number.in_(with_dams))).order_by(_EVENT.number))


def _key(kept: models.Kept) -> str:
    return kept.columns.get("source_id", "")


def _assigned(event: Any) -> list[str]:
    """Keys of what an event has put in its place."""
    return [""] if event.kind == "hydrograph_assigned" else [one["id"] for one in event.body.get("series", [])]
