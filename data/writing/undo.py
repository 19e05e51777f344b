"""Undoes a change by a new change; what stands now must still be what the change left."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from data import events, keeping, models
from data.commands import FIELD_WORDS, UNDO_RIGHTS, DeleteDam, NotAllowed, Rejected, Undo
from data.frames import Event
from data.writing import dams, inventory, series
from data.writing.base import Change, Work, about


def undo(work: Work, command: Undo) -> Change:
    found = events.read_after(work.db, command.number - 1, until=command.number)
    if not found:
        raise Rejected({"": f"There is no change {command.number}."})
    event = found[0]
    if event.kind not in UNDOERS:
        why = WHY_NOT.get(event.kind, "it is about users")
        raise Rejected({"": f"Change {event.number} is not one that can be undone: {why}."})
    work.require(UNDO_RIGHTS[event.kind])
    change = UNDOERS[event.kind](work, event)
    return replace(change, body=change.body | {"undoes": event.number})


def _undo_added(work: Work, event: Event) -> Change:
    return dams.delete_dam(work, DeleteDam(dam_id=event.dam_id))


def _undo_edited(work: Work, event: Event) -> Change:
    dam = work.dam(event.dam_id)
    body = event.body
    since = [name for name, value in body["after"].items() if getattr(dam, name) != value]
    if since:
        fields = ", ".join(dict.fromkeys(FIELD_WORDS.get(name, "Location") for name in since))
        raise Rejected({"": f'"{dam.name}" was changed again since, its {fields}: undo that first.'})
    return dams.change_dam(work, dam, body["before"])


def _undo_deleted(work: Work, event: Event) -> Change:
    """The dam comes back under its own number, with its hydrograph, its series and its record."""
    if work.db.get(models.Dam, event.dam_id) is not None:
        raise Rejected({"": f'"{event.dam_name}" is back already.'})
    table = models.DAM_VERSIONS
    rows = sa.select(table).where(table.c.dam_id == event.dam_id).order_by(table.c.version_id.desc()).limit(1)
    was = work.db.execute(rows).mappings().first()
    if was is None:
        raise Rejected({"": f'Not enough is known of "{event.dam_name}": it was deleted before dams were kept whole.'})
    work.within(was["name"], was["state"], was["owner"])
    if was["created_by"] != work.user.name and not work.user.staff:
        raise NotAllowed({"": "You are not the creator of this dam."})
    work.charge(was["created_by"], dams=1)
    names = [column.name for column in models.Dam.__table__.columns]
    values = {name: was[name] for name in names} | {"revision": was["revision"] + 1, "since": work.now}
    if values["source_key"] and work.db.scalar(
        sa.select(sa.exists().where(models.Dam.source_key == values["source_key"]))
    ):
        raise Rejected({"": f'"{event.dam_name}" has come back with an import meanwhile.'})
    dam = models.Dam(**values)
    work.db.add(dam)
    work.db.flush()
    work.put_back(keeping.of_event(work.db, event.number))
    return Change("dam_added", about(dam), {"after": {name: values[name] for name in dams.FIELDS}}, added=1)


def _undo_hydrograph(work: Work, event: Event) -> Change:
    """The hydrograph that was replaced or removed comes back; one that was assigned to a dam without goes."""
    dam, sizes = work.dam(event.dam_id), dict[str, int]()
    _require_last(work, event, ("hydrograph_assigned", "hydrograph_removed"))
    gone = series.take_hydrograph(work, dam.dam_id, sizes)
    work.charge_all(sizes)
    back = keeping.of_event(work.db, event.number)
    work.put_back(back)
    if not back:
        return Change("hydrograph_removed", about(dam), {"file_name": gone})
    body = {"file_name": back[0].columns["file_name"], "points": back[0].columns["size"] // series.POINT_BYTES}
    return Change("hydrograph_assigned", about(dam), body | {"notes": {}, "replaced": gone})


def _undo_series(work: Work, event: Event) -> Change:
    dam = work.dam(event.dam_id)
    _require_last(work, event, ("series_assigned", "series_removed"))
    told = event.body.get("series") or [event.body]
    for one in told:
        row = series.find_series(work, dam.dam_id, one["id"])
        if row is not None:
            series.take_series(work, row)
    back = keeping.of_event(work.db, event.number)
    work.put_back(back)
    if not back:
        body = {"file_name": event.body["file_name"], "id": ", ".join(one["id"] for one in told), "role": ""}
        return Change("series_removed", about(dam), body)
    listed = [{"id": one.columns["source_id"], "role": one.columns["role"]} for one in back]
    return Change("series_assigned", about(dam), {"file_name": back[0].columns["file_name"], "series": listed})


def _require_last(work: Work, event: Event, kinds: tuple[str, ...]) -> None:
    """Raises Rejected where a later change of these kinds to the dam stands."""
    table = models.Event
    later = sa.select(sa.func.min(table.number)).where(
        table.dam_id == event.dam_id, table.number > event.number, table.kind.in_(kinds)
    )
    if number := work.db.scalar(later):
        raise Rejected({"": f'"{event.dam_name}" was changed again since, by change {number}: undo that first.'})


UNDOERS: dict[str, Callable[[Work, Event], Change]] = {
    "dam_added": _undo_added,
    "dam_edited": _undo_edited,
    "dam_deleted": _undo_deleted,
    "hydrograph_assigned": _undo_hydrograph,
    "hydrograph_removed": _undo_hydrograph,
    "series_assigned": _undo_series,
    "series_removed": _undo_series,
    "inventory_imported": inventory.undo_import,
}
WHY_NOT: dict[str, Any] = {"import_undone": "import the file again"}
