"""Carries commands out: rows and their event in the caller's transaction, all or nothing.

The writers are in ``data/writing``, by subject; locks are taken in the order told in ``data/writing/base.py``.
"""

import datetime as dt
import unicodedata
from collections.abc import Callable
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import chain, commands, keeping, models
from data.commands import RIGHTS, Command, NotAllowed, Rejected
from data.writing import dams, inventory, series, undo, users
from data.writing.base import Change, Limits, Work

__all__ = ["RIGHTS", "WRITERS", "Done", "Limits", "carry_out", "check", "find_done"]


class Done(NamedTuple):
    """A command that is in the log. ``repeated``: it already was, by the same submit key."""

    number: int
    dam_id: int
    repeated: bool


def carry_out(
    db: Session,
    command: Command,
    *,
    user_name: str,
    origin: str,
    now: dt.datetime,
    limits: Limits,
    sign_in: int | None = None,
) -> Done:
    """Check the right and the rules, change the rows, append the event.

    ``sign_in`` is that of the browser that asks; None where there are no accounts, and for programs of this machine.
    Raises Rejected (NotAllowed, Changed) with the sentences for the reader; the caller's transaction then rolls back
    and nothing is stored.
    """
    if prior := find_done(db, command.submit_key):
        return prior
    user = check(db, command, user_name, sign_in=sign_in, now=now)
    last_at = db.scalar(sa.select(models.LogHead.last_at))
    work = Work(db, user, limits, max(now, last_at or now))  # times never go back, whatever the clock does
    who = user.name
    change = WRITERS[type(command)](work, command)
    return Done(_append(work, who, command, origin, change), change.about["dam_id"], False)


def check(
    db: Session, command: Command, user_name: str, *, sign_in: int | None = None, now: dt.datetime | None = None
) -> models.User:
    """The user, who has the right now, for a command that meets its rules. Raises NotAllowed, Rejected."""
    user = db.scalar(sa.select(models.User).where(models.User.name == user_name))
    if sign_in is not None and not _signed_in(db, user, sign_in, now or dt.datetime.now(dt.UTC)):
        raise NotAllowed({"": "You have been signed out: sign in again. What you typed stays here meanwhile."})
    if user is None or (command.right and command.right not in user.rights):
        doing = RIGHTS[command.right] if command.right else "do this"
        raise NotAllowed({"": f"{user_name or 'Who is not signed in'} may not {doing}."})
    if len(command.why) > commands.LENGTHS["why"]:
        raise Rejected({"why": f"The reason has {len(command.why)} characters; at most 500 are kept."})
    if any(unicodedata.category(c) in ("Cs", "Co") or c == "\0" for c in command.why):
        raise Rejected({"why": "The reason holds a character that cannot be shown; type it without."})
    command.check()
    return user


def _signed_in(db: Session, user: models.User | None, sign_in: int, now: dt.datetime) -> bool:
    row = db.get(models.SignIn, sign_in)
    return row is not None and user is not None and row.user_id == user.user_id and row.expires_at > now


def find_done(db: Session, submit_key: str) -> Done | None:
    """What the command with this submit key did, if it is in the log."""
    row = db.execute(
        sa.select(models.Event.number, models.Event.dam_id).where(models.Event.submit_key == submit_key)
    ).one_or_none()
    return Done(*row, True) if row else None


def _append(work: Work, user_name: str, command: Command, origin: str, change: Change) -> int:
    """Number the change and add its event to the chain; the number."""
    db, body = work.db, change.body
    if work.kept:
        body = body | {"kept": keeping.told(work.kept)}
    number, at = _take_number(work, change)
    event = {
        "number": number,
        "kind": change.kind,
        "recorded_at": at,
        "user_name": user_name,
        "origin": origin,
        "submit_key": command.submit_key,
        "body": body,
        "why": command.why.strip(),
        **change.about,
    }
    before = db.scalar(sa.select(models.Event.hash).where(models.Event.number == number - 1)) or chain.FIRST
    db.add(models.Event(**event, hash=chain.digest(before, event)))
    told: tuple[Any, ...] = (*work.kept, *filter(None, (change.made,)))
    for row in told:
        row.number = number
    db.flush()
    return number


def _take_number(work: Work, change: Change) -> tuple[int, dt.datetime]:
    """The next event number and its time, the last lock of the transaction; the count of dams moves with it."""
    head, most = models.LogHead, work.limits.max_dams
    fits: sa.ColumnElement[bool] = sa.true()
    if change.added > 0 and most is not None:
        fits = head.dam_count + change.added <= most
    now = sa.literal(work.now, head.last_at.type)
    taken = work.db.execute(
        sa.update(head)
        .where(fits)
        .values(
            number=head.number + 1,
            dam_count=head.dam_count + change.added,
            last_at=sa.case((head.last_at > now, head.last_at), else_=now),
        )
        .returning(head.number, head.last_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        raise Rejected({"": f"Unable to add {change.what}, because the inventory is full."})
    return taken.number, taken.last_at


WRITERS: dict[type[Command], Callable[..., Change]] = {
    commands.AddDam: dams.add_dam,
    commands.EditDam: dams.edit_dam,
    commands.DeleteDam: dams.delete_dam,
    commands.AssignHydrograph: series.assign_hydrograph,
    commands.RemoveHydrograph: series.remove_hydrograph,
    commands.AssignSeries: series.assign_series,
    commands.RemoveSeries: series.remove_series,
    commands.ImportInventory: inventory.import_inventory,
    commands.Undo: undo.undo,
    commands.AddUser: users.add_user,
    commands.ChangeUser: users.change_user,
    commands.AdmitUser: users.admit_user,
    commands.RemoveUser: users.remove_user,
    commands.ChangeRole: users.change_role,
    commands.RemoveRole: users.remove_role,
    commands.InviteUser: users.invite_user,
    commands.AcceptInvitation: users.accept_invitation,
    commands.SetPassword: users.set_password,
    commands.SignIn: users.sign_in,
    commands.SignOut: users.sign_out,
    commands.EndSignIns: users.end_sign_ins,
}
