"""Users, roles, invitations and signing in; each is an event, none holds a password or a cookie."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from data import models, reads
from data.commands import (
    RIGHTS,
    AcceptInvitation,
    AddUser,
    AdmitUser,
    ChangeRole,
    ChangeUser,
    EndSignIns,
    InviteUser,
    NotAllowed,
    Rejected,
    RemoveRole,
    RemoveUser,
    SetPassword,
    SignIn,
    SignOut,
)
from data.writing.base import NO_DAM, Change, Work

DISABLED = "This account is disabled."
SHOWN = ("role_name", "disabled", "states", "owners", "max_dams", "max_bytes")


def add_user(work: Work, command: AddUser) -> Change:
    values = _values(command)
    _require_role(work, command.role_name)
    if work.db.scalar(sa.select(sa.exists().where(sa.func.lower(models.User.name) == command.name.lower()))):
        raise Rejected({"name": f"There is a user {command.name!r} already."})
    dams, size = reads.held_by(work.db, command.name)  # of one of this name who was removed
    counts = {"dam_count": dams, "byte_count": size}
    work.db.add(
        models.User(name=command.name, password_hash=command.password_hash, created_at=work.now, **values, **counts)
    )
    work.db.flush()
    return _change("user_added", command.name, after=values)


def change_user(work: Work, command: ChangeUser) -> Change:
    user, values = _user(work, command.name), _values(command)
    if command.was is not None:
        values = _of_form(user, values, command.was)
    _require_role(work, values["role_name"])
    before = {name: getattr(user, name) for name, value in values.items() if getattr(user, name) != value}
    if not before:
        raise Rejected({"": "Nothing was changed."})
    role = work.db.get_one(models.Role, values["role_name"])
    if user.user_id == work.user.user_id and (values["disabled"] or "admin" not in role.rights):
        raise Rejected({"role_name": "You cannot take your own administration away: another administrator can."})
    for name in before:
        setattr(user, name, values[name])
    if values["disabled"]:
        _end_sign_ins(work, user)
    work.db.flush()
    work.db.refresh(user)
    return _change("user_changed", user.name, before=before, after={name: values[name] for name in before})


def admit_user(work: Work, command: AdmitUser) -> Change:
    """What is narrowed or limited on /admin stays."""
    if work.user.name != "setup":
        raise NotAllowed({"": f"{work.user.name} may not {RIGHTS['admin']}."})
    user = work.db.scalar(sa.select(models.User).where(models.User.name == command.name))
    if user is None:
        return add_user(work, AddUser(name=command.name, role_name=command.role_name))
    if user.disabled:
        raise NotAllowed({"": DISABLED})
    _require_role(work, command.role_name)
    if user.role_name == command.role_name:
        raise Rejected({"": "Nothing was changed."})
    before, user.role_name = user.role_name, command.role_name
    work.db.flush()
    return _change("user_changed", user.name, before={"role_name": before}, after={"role_name": user.role_name})


def remove_user(work: Work, command: RemoveUser) -> Change:
    """The user's dams stay, and so does the name in the log."""
    user = _user(work, command.name)
    if user.user_id == work.user.user_id:
        raise Rejected({"": "You cannot remove yourself: another administrator can."})
    before = {name: getattr(user, name) for name in SHOWN}
    for table in (models.SignIn, models.Invitation):
        work.db.execute(sa.delete(table).where(table.user_id == user.user_id))
    work.db.delete(user)
    return _change("user_removed", command.name, before=before)


def change_role(work: Work, command: ChangeRole) -> Change:
    """Make a role, or give it other rights; they count at once for everyone who has it."""
    role = work.db.get(models.Role, command.name)
    after = {"staff": command.staff, "rights": sorted(command.rights)}
    before: dict[str, Any] = {}
    if role is None:
        role = models.Role(name=command.name, **after)
        work.db.add(role)
    else:
        before = {"staff": role.staff, "rights": sorted(role.rights)}
        if before == after:
            raise Rejected({"": "Nothing was changed."})
        if role.name == work.user.role_name and "admin" not in command.rights:
            raise Rejected({"rights": "You cannot take your own administration away: another administrator can."})
        role.staff, role.rights = command.staff, sorted(command.rights)
    work.db.flush()
    return _change("role_changed", command.name, before=before, after=after)


def remove_role(work: Work, command: RemoveRole) -> Change:
    role = work.db.get(models.Role, command.name)
    if role is None:
        raise Rejected({"name": f"There is no role {command.name!r}."})
    users = list(work.db.scalars(sa.select(models.User.name).where(models.User.role_name == role.name).limit(4)))
    if users:
        raise Rejected({"name": f"{', '.join(users)} still has the role {role.name}."})
    before = {"staff": role.staff, "rights": role.rights}
    work.db.delete(role)
    return _change("role_removed", command.name, before=before)


def invite_user(work: Work, command: InviteUser) -> Change:
    """An older invitation of the user ends."""
    user = _user(work, command.name)
    work.db.execute(sa.delete(models.Invitation).where(models.Invitation.user_id == user.user_id))
    values = {"token_hash": command.token_hash, "expires_at": command.expires_at}
    work.db.add(models.Invitation(user_id=user.user_id, **values))
    return _change("user_invited", user.name, after={"expires_at": command.expires_at.isoformat()})


def accept_invitation(work: Work, command: AcceptInvitation) -> Change:
    table = models.Invitation
    held = sa.delete(table).where(table.token_hash == command.token_hash, table.expires_at > work.now)
    owner = work.db.scalar(held.returning(table.user_id))
    if owner != work.user.user_id or work.user.disabled:
        raise NotAllowed({"": "This invitation has ended or was used: ask an administrator for a new one."})
    work.user.password_hash = command.password_hash
    _end_sign_ins(work, work.user)
    return _change("password_set", work.user.name)


def set_password(work: Work, command: SetPassword) -> Change:
    """A new password; every sign-in of the user ends but the one it was set from."""
    work.user.password_hash = command.password_hash
    _end_sign_ins(work, work.user, but=command.but)
    return _change("password_set", work.user.name)


def sign_in(work: Work, command: SignIn) -> Change:
    if work.user.disabled:
        raise NotAllowed({"": DISABLED})
    table = models.SignIn
    work.db.execute(sa.delete(table).where(table.expires_at <= work.now))
    values = {"token_hash": command.token_hash, "expires_at": command.expires_at, "address": command.address[:60]}
    work.db.add(table(user_id=work.user.user_id, began_at=work.now, seen_at=work.now, **values))
    return _change("signed_in", work.user.name, after={"address": command.address[:60]})


def sign_out(work: Work, command: SignOut) -> Change:
    table = models.SignIn
    mine = sa.delete(table).where(table.sign_in_id == command.sign_in_id, table.user_id == work.user.user_id)
    if work.db.execute(mine).rowcount == 0:  # type: ignore[attr-defined]
        raise Rejected({"": "You are signed out already."})
    return _change("signed_out", work.user.name)


def end_sign_ins(work: Work, command: EndSignIns) -> Change:
    user = _user(work, command.name)
    return _change("signed_out", user.name, after={"ended": _end_sign_ins(work, user)})


def _end_sign_ins(work: Work, user: models.User, *, but: int | None = None) -> int:
    table = models.SignIn
    rows = sa.delete(table).where(table.user_id == user.user_id)
    if but is not None:
        rows = rows.where(table.sign_in_id != but)
    return work.db.execute(rows).rowcount  # type: ignore[attr-defined]


def _values(command: AddUser) -> dict[str, Any]:
    return {name: list(value) if isinstance(value := getattr(command, name), tuple) else value for name in SHOWN}


def _of_form(user: models.User, wanted: dict[str, Any], was: Mapping[str, Any]) -> dict[str, Any]:
    """What the form changes of what stands now; raises Rejected where somebody else changed it meanwhile."""
    stands = {name: getattr(user, name) for name in SHOWN}
    values = {name: stands[name] if wanted[name] == was[name] else wanted[name] for name in SHOWN}
    if others := [name for name in SHOWN if stands[name] != was[name] and values[name] != stands[name]]:
        words = "was changed by somebody else meanwhile: close this, and open it again to see to what."
        raise Rejected(dict.fromkeys(others, f"This {words}") | {"": f"{user.name} {words}"})
    return values


def _user(work: Work, name: str) -> models.User:
    user = work.db.scalar(sa.select(models.User).where(models.User.name == name))
    if user is None or user.name == "setup":
        raise Rejected({"name": f"There is no user {name!r}."})
    return user


def _require_role(work: Work, name: str) -> None:
    if name == "setup" or work.db.get(models.Role, name) is None:
        known = sa.select(models.Role.name).where(models.Role.name != "setup").order_by(models.Role.name)
        names = ", ".join(work.db.scalars(known))
        raise Rejected({"role_name": f"There is no role {name!r}; there are {names}."})


def _change(kind: str, who: str, **body: Any) -> Change:
    return Change(kind, NO_DAM, {"user": who, **body})
