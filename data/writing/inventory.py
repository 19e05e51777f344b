"""Takes inventory files in, and takes back what that did."""

from collections.abc import Iterable
from typing import Any

from data import imports, models
from data.commands import ImportInventory, NotAllowed
from data.frames import Event
from data.import_undo import Undoing
from data.writing.base import NO_DAM, Change, Work


def import_inventory(work: Work, command: ImportInventory) -> Change:
    _require_reach(work, command.file.report.states)
    made, taken, work.kept = imports.take_in(work.db, command, user_name=work.user.name, now=work.now)
    counts = {"sha256": made.sha256, **taken.counts()}
    return _change(work, "inventory_imported", made, counts, added=taken.added - taken.removed)


def undo_import(work: Work, event: Event) -> Change:
    """What the import brought goes, what it changed and removed is as before, with what was kept of it."""
    undoing = Undoing(work.db, event.number)
    _require_reach(work, undoing.states())
    made = undoing.carry_out(user_name=work.user.name, now=work.now)
    for name, dams in undoing.owed().items():
        work.charge(name, dams=dams)
    work.put_back(undoing.kept())
    added, removed = len(undoing.added), len(undoing.removed)
    counts = {"removed": added, "changed": len(undoing.changed), "brought_back": removed}
    return _change(work, "import_undone", made, counts, added=removed - added)


def _change(work: Work, kind: str, made: models.Import, counts: dict[str, Any], *, added: int) -> Change:
    told = {"file_name": made.file_name, "system": made.system, "last_updated": made.last_updated}
    body = told | {"changes": imports.seal(work.db, made.import_id)} | counts
    return Change(kind, NO_DAM | {"dam_name": made.file_name[:200]}, body, added=added, made=made)


def _require_reach(work: Work, found: Iterable[str]) -> None:
    """Raises NotAllowed for a user of some states or owners whose import would reach others."""
    states = work.user.states
    if work.user.owners:
        raise NotAllowed({"": f"{work.user.name} may only change dams of some owners, and an import changes any."})
    if outside := [state for state in found if states and state not in states]:
        raise NotAllowed({"": f"{work.user.name} may only import dams of {', '.join(states)}; this has {outside[0]}."})
