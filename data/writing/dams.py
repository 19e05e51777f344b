"""Adds, changes and deletes dams."""

from typing import Any

import sqlalchemy as sa

from data import keeping, models
from data.commands import AddDam, Changed, Clash, Clashed, DeleteDam, EditDam, NotAllowed, Rejected
from data.states import state_at
from data.writing.base import Change, Work, about

FIELDS = ("name", "owner", "river", "date_built", "hazard", "nid_id", "longitude", "latitude")
PLACE = ("longitude", "latitude")


def add_dam(work: Work, command: AddDam) -> Change:
    values = {name: getattr(command, name) for name in FIELDS}
    state = state_of(values)
    work.within(command.name, state, command.owner)
    work.charge(work.user.name, dams=1)
    dam = models.Dam(**values, state=state, created_by=work.user.name, created_at=work.now, since=work.now)
    work.db.add(dam)
    work.db.flush()
    return Change("dam_added", about(dam), {"after": values}, added=1)


def edit_dam(work: Work, command: EditDam) -> Change:
    """Changes that others made meanwhile to other fields stay; to the same fields they are a Clash."""
    dam = work.dam(command.dam_id)
    wanted = {name: getattr(command, name) for name in FIELDS}
    if dam.revision != command.revision:
        wanted = _merged(work, dam, command.revision, wanted)
    return change_dam(work, dam, wanted)


def change_dam(work: Work, dam: models.Dam, wanted: dict[str, Any]) -> Change:
    """Give a dam these values."""
    before = {name: getattr(dam, name) for name, value in wanted.items() if getattr(dam, name) != value}
    if not before:
        raise Rejected({"": "Nothing was changed."})
    after = {name: wanted[name] for name in before}
    made: dict[str, Any] = {"revision": dam.revision + 1, "since": work.now}
    if dam.source_key is None and before.keys() & {*PLACE}:
        made["state"] = state_of({name: getattr(dam, name) for name in PLACE} | after)
    work.put_away(dam)
    for name, value in (after | made).items():
        setattr(dam, name, value)
    work.within(dam.name, dam.state, dam.owner)
    work.db.flush()
    return Change("dam_edited", about(dam), {"before": before, "after": after})


def _merged(work: Work, dam: models.Dam, revision: int, mine: dict[str, Any]) -> dict[str, Any]:
    """Three ways, field by field, the coordinates as one: what stood at ``revision``, what stands now, what is wanted.

    Raises Changed where what stood then is not known, and Clashed where both changed a value and not alike.
    """
    table = models.DAM_VERSIONS
    rows = sa.select(*(table.c[name] for name in FIELDS))
    was = work.db.execute(rows.where(table.c.dam_id == dam.dam_id, table.c.revision == revision)).mappings().first()
    if was is None:
        raise Changed({"": f'"{dam.name}" was changed by somebody else since you opened it: load it again.'})
    merged, clashes = {}, []
    for names in (*((name,) for name in FIELDS if name not in PLACE), PLACE):
        then, now, will = (tuple(values[name] for name in names) for values in (was, vars(dam), mine))
        chosen = now if will == then else will
        if will not in (then, now) and now != then:
            clashes.append(Clash("place" if names == PLACE else names[0], *map(_one, (then, now, will))))
        merged.update(zip(names, chosen, strict=True))
    if clashes:
        raise Clashed(dam.name, dam.revision, clashes, merged)
    return merged


def delete_dam(work: Work, command: DeleteDam) -> Change:
    dam = work.dam(command.dam_id)
    if not may_delete(work.user, dam.created_by):
        raise NotAllowed({"": "You are not the creator of this dam."})
    return remove_dam(work, dam)


def remove_dam(work: Work, dam: models.Dam) -> Change:
    """Delete a dam and all that belongs to it; everything is kept, so that it can be brought back."""
    before, told = {name: getattr(dam, name) for name in FIELDS}, about(dam)
    work.put_away(dam)
    kept = keeping.keep_all(work.db, dam.dam_id)
    work.kept += kept
    sizes: dict[str, int] = {}
    for one in kept:
        if by := one.columns.get("assigned_by"):
            sizes[by] = sizes.get(by, 0) - one.columns["size"]
    work.charge(dam.created_by, dams=-1)
    work.charge_all(sizes)
    work.db.execute(sa.delete(models.Dam).where(models.Dam.dam_id == dam.dam_id))
    return Change("dam_deleted", told, {"before": before}, added=-1)


def may_delete(user: models.User, created_by: str) -> bool:
    """Whether ``user`` may delete a dam that ``created_by`` added: staff any, others their own."""
    return "delete" in user.rights and (user.staff or created_by == user.name)


def state_of(values: dict[str, Any]) -> str:
    """The state that holds a place, "" for none: a dam that was entered by hand has no other."""
    longitude, latitude = (values[name] for name in PLACE)
    return "" if longitude is None or latitude is None else state_at(longitude, latitude)


def _one(values: tuple) -> Any:
    return values[0] if len(values) == 1 else list(values)
