"""Takes inventory files in, and takes back what that did."""

from collections.abc import Iterable

from data import imports
from data.commands import ImportInventory, NotAllowed
from data.frames import Event
from data.import_undo import Undoing
from data.writing.base import NO_DAM, Change, Work


def import_inventory(work: Work, command: ImportInventory) -> Change:
    _require_reach(work, command.file.report.states)
    made, taken, work.kept = imports.take_in(work.db, command, user_name=work.user.name, now=work.now)
    body = {
        "file_name": made.file_name, "sha256": made.sha256, "changes": imports.seal(work.db, made.import_id),
        "system": made.system, "last_updated": made.last_updated, **taken.counts(),
    }  # fmt: skip
    about = NO_DAM | {"dam_name": made.file_name[:200]}
    return Change("inventory_imported", about, body, added=taken.added - taken.removed, made=made)


def undo_import(work: Work, event: Event) -> tuple[Change, Undoing]:
    """What the import brought goes, what it changed and removed is as before; what was kept is still to be put back."""
    undoing = Undoing(work.db, event.number)
    _require_reach(work, undoing.states())
    made = undoing.carry_out(user_name=work.user.name, now=work.now)
    for name, dams in undoing.owed().items():
        work.charge(name, dams=dams)
    added, removed = len(undoing.added), len(undoing.removed)
    body = {
        "file_name": made.file_name, "changes": imports.seal(work.db, made.import_id), "system": made.system,
        "last_updated": made.last_updated, "removed": added, "changed": len(undoing.changed), "brought_back": removed,
    }  # fmt: skip
    about = NO_DAM | {"dam_name": made.file_name[:200]}
    return Change("import_undone", about, body, added=removed - added, made=made), undoing


def _require_reach(work: Work, found: Iterable[str]) -> None:
    """Raises NotAllowed for a user of some states or owners whose import would reach others."""
    states = work.user.states
    if work.user.owners:
        raise NotAllowed({"": f"{work.user.name} may only change dams of some owners, and an import changes any."})
    if outside := [state for state in found if states and state not in states]:
        raise NotAllowed({"": f"{work.user.name} may only import dams of {', '.join(states)}; this has {outside[0]}."})
