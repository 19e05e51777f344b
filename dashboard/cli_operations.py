"""``dams user``, ``dams doctor``, ``dams backup`` and ``dams restore``: what whoever runs the dashboard does."""

import argparse
import contextlib
import datetime as dt
import difflib
import getpass
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dashboard.cli_services import services
from dashboard.settings import Settings, SettingsError

ME = "local"  #: Who whoever can run programs on the machine acts as.


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the commands to ``dams``."""
    user = commands.add_parser("user", help="add, list, invite and remove users", description="Users and their roles.")
    doing = user.add_subparsers(required=True, metavar="ACTION")
    add = doing.add_parser("add", help="add a user", description="Add a user; prints a link that sets the password.")
    add.add_argument("name")
    add.add_argument("--role", default="diviewer", help="admin, diadmin, diviewer (the default) or one made on /admin")
    add.add_argument("--state", action="append", default=[], help="only dams in this state; can be repeated")
    add.add_argument("--owner", action="append", default=[], help="only dams of this owner; can be repeated")
    add.add_argument("--password", action="store_true", help="ask for a password instead, or read it from a pipe")
    _add_url(add)
    add.set_defaults(run=_add)
    listing = doing.add_parser("list", help="list users")
    listing.add_argument("--json", action="store_true", help="as one JSON array")
    listing.set_defaults(run=_list)
    invite = doing.add_parser("invite", help="print a new link that sets a user's password")
    invite.add_argument("name")
    _add_url(invite)
    invite.set_defaults(run=_invite)
    remove = doing.add_parser("remove", help="remove a user; the dams stay")
    remove.add_argument("name")
    remove.set_defaults(run=_remove)
    doctor = commands.add_parser("doctor", help="check what is stored", description="Check that what is stored holds "
                                 "together, and name the first event that was tampered with.")  # fmt: skip
    doctor.add_argument("--json", action="store_true", help="as one JSON object")
    doctor.set_defaults(run=_doctor)
    backup = commands.add_parser(
        "backup",
        help="write everything to a file, also while the dashboard runs",
        description="Write everything of the database at DAMS_DATABASE_URL to a file, also while the dashboard runs.",
    )
    backup.add_argument("file", type=Path)
    backup.add_argument("--force", action="store_true", help="replace a file that is there")
    backup.set_defaults(run=_backup)
    log = commands.add_parser("log", help="write the log of changes, one JSON object a line")
    log.add_argument("--after", type=int, default=0, metavar="NUMBER", help="only events after this number")
    log.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to (standard output)")
    log.set_defaults(run=_log)
    restore = commands.add_parser(
        "restore",
        help="put a backup into an empty database of either kind",
        description="Put a backup into the empty database at DAMS_DATABASE_URL, SQLite or PostgreSQL; all or nothing.",
    )
    restore.add_argument("file", type=Path)
    restore.set_defaults(run=_restore)


def _add_url(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", default="http://localhost:5006/", help="where the dashboard is, for the link")


def _add(options: argparse.Namespace) -> int:
    from data import accounts
    from data.commands import AddUser

    with services() as app:
        _require_states(app, options.state)
        kept = ""
        if options.password:
            password = _ask_password()
            if wrong := accounts.password_problem(password, name=options.name):
                raise SettingsError(wrong)
            kept = accounts.hash_password(password)
        command = AddUser(
            name=options.name,
            role_name=options.role,
            password_hash=kept,
            states=tuple(options.state),
            owners=tuple(options.owner),
        )
        app.send(command, user_name=ME)
        print(f"{options.name} is added as {options.role}.")
        if not options.password:
            _print_link(app, options)
    return 0


def _require_states(app: Any, given: list[str]) -> None:
    """Raises SettingsError for a state that no dam has and that is none of the United States: a slip of the pen."""
    from data import reads
    from data.states import state_names

    with app.reading() as db:
        known = {*state_names(), *reads.facet(db, "state")} if given else set()
    for state in given:
        if state not in known:
            near = difflib.get_close_matches(state, known, 1)
            raise SettingsError(f"No dam is in {state!r}{f'; did you mean {near[0]}?' if near else '.'}")


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password again: ") != password:
        raise SettingsError("The two passwords are not the same.")
    return password


def _invite(options: argparse.Namespace) -> int:
    with services() as app:
        _print_link(app, options)
    return 0


def _print_link(app: Any, options: argparse.Namespace) -> None:
    from dashboard import invitations
    from data import accounts

    if app.settings.auth == "oauth":
        print("Users come in by the provider (DAMS_AUTH is 'oauth'): there is no password to set.")
        return
    command, address = invitations.new(app, options.name)
    app.send(command, user_name=ME)
    link = f"{options.url.rstrip('/')}/{address}"
    print(f"Within {accounts.INVITATION.days} days, once, this sets the password: {link}")


def _list(options: argparse.Namespace) -> int:
    from data import reads

    with services() as app, app.reading() as db:
        users = reads.users(db, now=app.clock())
    if options.json:
        print(json.dumps(users, default=dt.datetime.isoformat))
        return 0
    for user in users:
        word = "disabled" if user["disabled"] else "password set" if user["password"] else "no password"
        scope = "; ".join(", ".join(user[name]) for name in ("states", "owners") if user[name])
        print(f"{user['name']:24} {user['role_name']:12} {word:13} {user['dam_count']:5,} dams  {scope}".rstrip())
    return 0


def _remove(options: argparse.Namespace) -> int:
    from data.commands import RemoveUser

    with services() as app:
        app.send(RemoveUser(name=options.name), user_name=ME)
    print(f"{options.name} is removed; the dams stay.")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from data import chain, check

    with services(there=True) as app, app.reading() as db:
        found = check.look_over(db)
        number, newest = chain.newest(db)
        where = app.settings.shown_database()
    wrong = [one.wrong for one in found if one.wrong]
    if options.json:
        told = {"events": number, "newest_hash": newest, "problems": wrong}
        print(json.dumps(told | {"looked_at": [one.what for one in found]}))
    else:
        for one in found:
            print(f"{'no' if one.wrong else 'ok':3} {one.what}")
        print(f"{where}: newest event {number}, hash {newest}")
    for words in wrong:
        print(words, file=sys.stderr)
    return 1 if wrong else 0


def _log(options: argparse.Namespace) -> int:
    from data import log_file

    with services(there=True) as app, app.reading() as db:
        if options.output is None:
            try:
                log_file.write(db, sys.stdout.buffer, after=options.after)
                sys.stdout.flush()
            except BrokenPipeError:  # who reads it has read enough
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        with _whole(options.output) as file:
            count = log_file.write(db, file, after=options.after)
    print(f"{options.output}: {count:,} events", file=sys.stderr)
    return 0


def _backup(options: argparse.Namespace) -> int:
    from data import backup

    folder = options.file.resolve().parent
    if not folder.is_dir():
        raise SettingsError(f"There is no folder {folder}: make it first, or name another file.")
    if options.file.exists() and not options.force:
        raise SettingsError(f"{options.file} is there already: name another file, or replace it with --force.")
    with services(there=True) as app, _whole(options.file) as file:
        made = backup.write(app.engine, file)
        where = app.settings.shown_database()
    size = options.file.stat().st_size / 1e3
    words = f"{made.rows:,} rows of {where}, {size:,.0f} kB, to event {made.number}, hash {made.hash}"
    print(f"{options.file}: {words}")
    return 0


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Any]:
    """A file that only its owner reads, and that takes its name when it is whole."""
    try:
        handle, name = tempfile.mkstemp(dir=path.resolve().parent, prefix=".backup-")
    except OSError as problem:
        raise SettingsError(f"{path} cannot be written: {problem.strerror}.") from problem
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as problem:
        raise SettingsError(f"{path} could not be written: {problem.strerror}.") from problem
    finally:
        Path(name).unlink(missing_ok=True)


@contextlib.contextmanager
def _engine(settings: Settings) -> Iterator[Any]:
    from data import store

    engine = store.open_engine(settings.database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _restore(options: argparse.Namespace) -> int:
    from sqlalchemy.exc import SQLAlchemyError

    from data import backup, store

    settings = Settings.from_environment()
    try:
        file = options.file.open("rb")
    except OSError as problem:
        raise SettingsError(f"{options.file} cannot be read: {problem.strerror}.") from problem
    try:
        with file, _engine(settings) as engine:
            made = backup.restore(engine, file)
    except backup.NotRestored as refusal:
        raise SettingsError(f"{options.file}: {refusal} Nothing was stored.") from refusal
    except (SQLAlchemyError, store.WrongSchema, OSError) as problem:
        raise SettingsError(f"The database {settings.shown_database()} cannot be used: {problem}") from problem
    print(f"{made.rows:,} rows are restored, to event {made.number}; the chain of events holds, hash {made.hash}")
    return 0
