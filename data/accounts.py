"""Passwords, sign-ins and what slows down who guesses; the commands about users are in ``data/writing/users.py``.

Passwords are kept as Argon2id (RFC 9106, its second recommended setting: 64 MiB, 3 passes). Cookies and invitation
tokens are 256 random bits, of which only the SHA-256 is kept.
"""

import datetime as dt
import hashlib
import secrets
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import models

SHORTEST, LONGEST = 12, 200  #: Characters of a password (at least 8 and at least 64: NIST SP 800-63B, 5.1.1.2).
FREE_TRIES = 5  #: Wrong passwords for one name from one address before there is a wait.
FREE_TRIES_OF_ALL = 50  #: Wrong passwords for one name from all addresses before there is a wait.
LONGEST_WAIT = dt.timedelta(minutes=15)
INVITATION = dt.timedelta(days=7)


class Visitor(NamedTuple):
    """Who a browser is signed in as, by which sign-in (0 for none), and the rights of the role."""

    name: str
    sign_in_id: int
    rights: frozenset[str]


def new_token() -> str:
    """A cookie's or an invitation's secret."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def password_problem(password: str, *, name: str) -> str:
    """Why a password cannot be taken, in a sentence; "" for one that can."""
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters; a few words in a row are easy to remember."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if name and name.casefold() in password.casefold():
        return "A password does not hold the user's name."
    if len(set(password)) < 5:
        return "This password repeats a few characters: use a few words in a row."
    return ""


def hash_password(password: str) -> str:
    """The password as Argon2id; takes a tenth of a second and 64 MiB on purpose."""
    return _hasher().hash(password)


def is_password(kept: str, password: str) -> bool:
    """Whether ``password`` is the one that was kept; takes as long for a user without one."""
    import argon2

    try:
        return _hasher().verify(kept or _nobodys(), password[: LONGEST + 1]) and bool(kept)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


@cache
def _hasher():
    import argon2  # loaded when somebody signs in

    return argon2.PasswordHasher()


@cache
def _nobodys() -> str:
    return hash_password(new_token())


def kept_password(db: Session, name: str) -> str:
    """What is kept of a user's password; "" for nobody's, a disabled user's, and one who has none."""
    user = models.User
    row = db.execute(sa.select(user.password_hash, user.disabled).where(user.name == name)).one_or_none()
    return "" if row is None or row.disabled else row.password_hash


def begin_try(db: Session, name: str, address: str, *, now: dt.datetime) -> float:
    """Count a try to sign in before it is looked at, so that many at once count too; seconds to wait first, 0 for none.

    A try that comes too early is not looked at and does not count.
    """
    table = models.SignInTries
    db.execute(sa.delete(table).where(table.last_at < now - dt.timedelta(days=1)))
    wait = 0.0
    rows = []
    for key, free in ((_at(name, address), FREE_TRIES), (_name(name), FREE_TRIES_OF_ALL)):
        row = db.get(table, key, with_for_update=True)
        if row is None:
            row = table(key=key, failures=0, last_at=now)
            db.add(row)
        rows.append(row)
        wait = max(wait, (row.last_at + _delay(row.failures - free) - now).total_seconds())
    if wait > 0:
        return wait
    for row in rows:
        row.failures, row.last_at = row.failures + 1, now
    return 0.0


def end_tries(db: Session, name: str, address: str) -> None:
    """Forget the wrong tries of who is in now."""
    table = models.SignInTries
    db.execute(sa.delete(table).where(table.key.in_([_at(name, address), _name(name)])))


def _delay(beyond: int) -> dt.timedelta:
    """How long to wait after so many wrong tries beyond the free ones: 2, 4, 8 ... s."""
    return min(dt.timedelta(seconds=2 ** min(beyond + 1, 20)), LONGEST_WAIT) if beyond >= 0 else dt.timedelta(0)


def _at(name: str, address: str) -> str:
    return f"{_name(name)} {address[:60]}"


def _name(name: str) -> str:
    return token_hash(name.casefold())[:40]


def visitor(db: Session, token: str, *, now: dt.datetime) -> Visitor | None:
    """Who the browser with this cookie is; None when it is not signed in, or the user is disabled."""
    return _visitor(db, models.SignIn.token_hash == token_hash(token), now)


def visitor_by_id(db: Session, sign_in_id: int, *, now: dt.datetime) -> Visitor | None:
    """As ``visitor``, for a page that was opened by this sign-in."""
    return _visitor(db, models.SignIn.sign_in_id == sign_in_id, now)


def _visitor(db: Session, which: sa.ColumnElement[bool], now: dt.datetime) -> Visitor | None:
    return next(iter(_visitors(db, which, now)), None)


def _visitors(db: Session, which: sa.ColumnElement[bool], now: dt.datetime) -> list[Visitor]:
    """Those of these sign-ins that stand: not over, and of users who are not disabled."""
    table, user = models.SignIn, models.User
    rows = sa.select(user.name, table.sign_in_id, models.Role.rights).join(user, user.user_id == table.user_id)
    rows = rows.join(models.Role, models.Role.name == user.role_name)
    found = db.execute(rows.where(which, table.expires_at > now, sa.not_(user.disabled)))
    return [Visitor(row.name, row.sign_in_id, frozenset(row.rights)) for row in found]


def rights(db: Session, name: str, sign_in_id: int | None, *, now: dt.datetime) -> frozenset[str]:
    """What a user may do by now: nothing where the sign-in (None without accounts) is over, or is another's."""
    if sign_in_id is not None:
        found = visitor_by_id(db, sign_in_id, now=now)
        return found.rights if found and found.name == name else frozenset()
    user = db.scalar(sa.select(models.User).where(models.User.name == name))
    return user.rights if user else frozenset()


def standing(db: Session, sign_in_ids: list[int], *, now: dt.datetime) -> set[int]:
    """Which of these sign-ins still stand, for users who may look."""
    found = _visitors(db, models.SignIn.sign_in_id.in_(sign_in_ids), now)
    return {one.sign_in_id for one in found if "view" in one.rights}


def mark_seen(db: Session, sign_in_ids: list[int], *, now: dt.datetime) -> None:
    """Note that pages of these sign-ins are open."""
    table = models.SignIn
    db.execute(sa.update(table).where(table.sign_in_id.in_(sign_in_ids)).values(seen_at=now))


def invited(db: Session, token: str, *, now: dt.datetime) -> str:
    """The name of the user whom an invitation is for; "" for one that has ended."""
    table = models.Invitation
    rows = sa.select(models.User.name).join(table, table.user_id == models.User.user_id)
    return db.scalar(rows.where(table.token_hash == token_hash(token), table.expires_at > now)) or ""


def has_administrator(db: Session) -> bool:
    """Whether a user who manages users can sign in by a password."""
    user = models.User
    users = db.scalars(sa.select(user).where(sa.not_(user.disabled), user.password_hash != ""))
    return any("admin" in one.rights for one in users)


def secret(db: Session, name: str) -> str:
    """This installation's secret of a name, made at the first call; ``db`` writes."""
    row = db.get(models.Secret, name)
    if row is None:
        row = models.Secret(name=name, value=secrets.token_hex(32))
        db.add(row)
        db.flush()
    return row.value
