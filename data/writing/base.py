"""What every writer of a command works with: who asks, the limits, and the rows that the event's number goes into.

Locks are taken in one order, dam, user, head of the log, so that writers never wait in a ring.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import keeping, models
from data.commands import RIGHTS, NotAllowed, Rejected


@dataclass(frozen=True)
class Limits:
    """Caps on what may be stored; None is no cap. Staff have only the first."""

    max_dams: int | None = None
    dams_per_user: int | None = 3
    bytes_per_user: int | None = None

    def dams_of(self, user: models.User) -> int | None:
        """How many dams a user may have."""
        return None if user.staff else _first(user.max_dams, self.dams_per_user)

    def bytes_of(self, user: models.User) -> int | None:
        """How many bytes of hydrographs and series a user may have."""
        return None if user.staff else _first(user.max_bytes, self.bytes_per_user)


@dataclass(frozen=True)
class Change:
    """What a writer did, for the event; ``about`` is the dam as it was last."""

    kind: str
    about: dict[str, Any]
    body: dict[str, Any]
    added: int = 0
    made: models.Import | None = None

    @property
    def what(self) -> str:
        """What would be added, in words."""
        name = self.about["dam_name"]
        return f"{self.added:,} dams of {name}" if self.made is not None else f'dam "{name}"'


NO_DAM: dict[str, Any] = {"dam_id": 0, "dam_name": "", "owner": "", "longitude": None, "latitude": None}


def about(dam: models.Dam) -> dict[str, Any]:
    """A dam as an event tells of it."""
    place = {"owner": dam.owner, "longitude": dam.longitude, "latitude": dam.latitude}
    return {"dam_id": dam.dam_id, "dam_name": dam.name, **place}


@dataclass
class Work:
    """One command being carried out, in the caller's transaction."""

    db: Session
    user: models.User
    limits: Limits
    now: dt.datetime
    kept: list[models.Kept] = field(default_factory=list)

    def require(self, right: str) -> None:
        """Raises NotAllowed where the user lacks a right that shows only now."""
        if right not in self.user.rights:
            raise NotAllowed({"": f"{self.user.name} may not {RIGHTS[right]}."})

    def dam(self, dam_id: int) -> models.Dam:
        """The dam, within the user's states and owners, locked to the end of the transaction where rows can be."""
        dam = self.db.get(models.Dam, dam_id, with_for_update=True)
        if dam is None:
            raise Rejected({"": f"Dam {dam_id} is not in the inventory: it may have been deleted."})
        self.within(dam.name, dam.state, dam.owner)
        return dam

    def within(self, name: str, state: str, owner: str) -> None:
        """Raises NotAllowed for a dam that is not of the user's states and owners."""
        for what, allowed, value in (("state", self.user.states, state), ("owner", self.user.owners, owner)):
            if allowed and value not in allowed:
                found = f"the {what} of this one is {value}" if value else f"this one has no {what}"
                words = f"{self.user.name} may only work on dams whose {what} is {_or(allowed)}"
                raise NotAllowed({"": f'{words}; {found} ("{name}").'})

    def put_away(self, dam: models.Dam) -> None:
        """Keep the dam as it is before it is changed or deleted."""
        keeping.keep_versions(self.db, [dam.dam_id], until=self.now)

    def keep(self, kind: str, row: Any) -> None:
        """Keep a hydrograph or series as it is before it is replaced or taken away."""
        self.kept.append(keeping.keep(self.db, kind, row))

    def put_back(self, kept: Iterable[models.Kept]) -> None:
        """Make the rows anew that were kept, and count them for who assigned them."""
        sizes: dict[str, int] = {}
        for one in kept:
            keeping.put_back(self.db, one)
            if by := one.columns.get("assigned_by"):
                sizes[by] = sizes.get(by, 0) + one.columns["size"]
        self.charge_all(sizes)

    def charge(self, name: str, *, dams: int = 0, size: int = 0) -> None:
        """Count dams and bytes for the user of this name; raises Rejected over the quota, decided under his row's lock.

        Giving back is never refused. A name that is no user's, such as that of one who was removed, counts nothing.
        """
        row = models.User
        user = self.db.scalar(sa.select(row).where(row.name == name))
        if user is None or not (dams or size):
            return
        within: list[sa.ColumnElement[bool]] = []
        most, most_bytes = self.limits.dams_of(user), self.limits.bytes_of(user)
        if dams > 0 and most is not None:
            within.append(row.dam_count + dams <= most)
        if size > 0 and most_bytes is not None:
            within.append(row.byte_count + size <= most_bytes)
        counted = self.db.execute(
            sa.update(row)
            .where(row.user_id == user.user_id, *within)
            .values(dam_count=row.dam_count + dams, byte_count=row.byte_count + size)
            .execution_options(synchronize_session=False)
        )
        if counted.rowcount == 0:  # type: ignore[attr-defined]
            if dams > 0:
                words = "You have exceeded your quota on dams. Please visit the dams page and remove unneeded dams."
                raise Rejected({"": words})
            words = f"You have exceeded your quota of {(most_bytes or 0) / 1e6:,.3g} MB on hydrographs and series:"
            raise Rejected({"file": f"{words} this one takes {size / 1e6:,.3g} MB more. Please remove unneeded ones."})

    def charge_all(self, sizes: dict[str, int]) -> None:
        """Count bytes by user's name, in one order."""
        for name in sorted(sizes):
            self.charge(name, size=sizes[name])


def _or(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
