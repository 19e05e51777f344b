"""What people can ask for: one frozen dataclass an intention, and the rules it must meet.

A command is checked here, carried out in ``data/writes.py`` and sent through
``dashboard/services.py``; a page or a component never decides.
"""

import datetime as dt
import math
import unicodedata
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Self

from data.dates import earliest, read_date
from data.frames import HydrographFile, ImportConflict
from data.series import SeriesFile

OWNERS = ("Reclamation", "Army Corp", "Other")
HAZARDS = ("High", "Significant", "Low", "Undetermined")

SERIES_ROLES = ("inflow", "outflow", "stage", "elevation", "storage", "other")  #: What a series is to its dam.

#: Longest text that is taken, characters, by field; the columns of ``data/models.py`` are as wide.
LENGTHS = {
    "name": 200, "owner": 300, "river": 200, "nid_id": 8, "hazard": 20, "why": 500, "user_name": 100, "role": 40,
}  # fmt: skip


class Rejected(ValueError):
    """A refused command; ``problems`` maps each field ("" for the whole) to a sentence for the reader."""

    def __init__(self, problems: Mapping[str, str]):
        super().__init__(" ".join(problems.values()))
        self.problems = dict(problems)


class NotAllowed(Rejected):
    """The user lacks the right that the command needs."""


class Changed(Rejected):
    """The dam was changed by somebody else since the reader opened it."""


class Clash(NamedTuple):
    """A field that two people changed: its value before both, the one that stands now, and the one that is wanted.

    ``field`` is "place" for the coordinates, whose values are [longitude, latitude].
    """

    field: str
    before: Any
    now: Any
    wanted: Any


class Clashed(Changed):
    """Somebody else changed the same fields meanwhile: the reader decides each.

    ``merged`` are the values that would be stored if what was wanted counted everywhere; an edit of ``revision`` with
    these values, or others in the clashing fields, is what the reader decided.
    """

    def __init__(self, name: str, revision: int, clashes: Sequence[Clash], merged: Mapping[str, Any]):
        fields = ", ".join(FIELD_WORDS.get(clash.field, clash.field) for clash in clashes)
        super().__init__({"": f'Somebody else changed "{name}" meanwhile, and the same as you: {fields}. Decide each.'})
        self.revision, self.clashes, self.merged = revision, tuple(clashes), dict(merged)


class Unchanged(Rejected):
    """Nothing was to be done: what the command asks for is there already."""


class ImportConflicts(Rejected):
    """A release and people here changed the same values: a person must decide each."""

    def __init__(self, conflicts: Sequence[ImportConflict]):
        first = conflicts[0]
        super().__init__(
            {
                "decisions": f"{len(conflicts):,} values were changed by this release and by people here, first the "
                f"{first.field} of {first.name or first.key}: say for each which one counts."
            }
        )
        self.conflicts = tuple(conflicts)


class Failed(Rejected):
    """A fault of the system: nothing was stored, and trying again may help."""


def new_submit_key() -> str:
    """One for each filled form: a command sent twice with it is carried out once."""
    return uuid.uuid4().hex


@dataclass(frozen=True, kw_only=True)
class Command:
    """Any intention. ``right`` is what its user must hold ("" any user), ``why`` the reason, where one is given."""

    right: ClassVar[str]
    submit_key: str = field(default_factory=new_submit_key)
    why: str = ""

    def check(self) -> None:
        """Raises one Rejected with every problem found, not the first alone."""


@dataclass(frozen=True, kw_only=True)
class AddDam(Command):
    """Add a dam. ``date_built`` is ISO text as ``data.dates.read_date`` gives it; degrees are WGS 84."""

    right: ClassVar[str] = "add_dams"
    name: str
    owner: str
    river: str
    date_built: str
    longitude: float | None
    latitude: float | None
    hazard: str = ""
    nid_id: str = ""

    @classmethod
    def typed(cls, fields: Mapping[str, str], **known: Any) -> Self:
        """From what was typed, field to text; raises Rejected with every problem of form and of rule."""
        values, problems = _read_fields(fields)
        command = cls(**values, **known)
        try:
            command.check()
        except Rejected as refusal:
            problems = refusal.problems | problems
        problems = {name: problems[name] for name in (*_ORDER, *problems) if problems.get(name)}
        if problems:
            raise Rejected(problems)
        return command

    def check(self) -> None:
        problems = _text_problems(self) | _date_problem(self.date_built) | _place_problems(self)
        if problems:
            raise Rejected(problems)


@dataclass(frozen=True, kw_only=True)
class EditDam(AddDam):
    """Put these values in place of those that a dam had at ``revision``; what others changed since in fields that
    are not changed here stays."""

    right: ClassVar[str] = "edit"
    dam_id: int
    revision: int


@dataclass(frozen=True, kw_only=True)
class DeleteDam(Command):
    """Delete a dam and its hydrograph."""

    right: ClassVar[str] = "delete"
    dam_id: int


@dataclass(frozen=True, kw_only=True)
class AssignHydrograph(Command):
    """Give a dam the hydrograph that was read from a file; an older one is replaced.

    A file that was not understood line by line is taken only when its report was ``accepted``.
    """

    right: ClassVar[str] = "assign_hydrograph"
    dam_id: int | None
    file: HydrographFile | None
    accepted: bool = False

    def check(self) -> None:
        problems = {}
        if self.dam_id is None:
            problems["dam"] = "Dam is Required."
        if self.file is None:
            problems["file"] = "Hydrograph File is Required."
        elif self.file.report.problem:
            problems["file"] = self.file.report.problem
        elif not self.file.report.understood and not self.accepted:
            problems["file"] = "Not every line was understood: read the report, then accept it or choose another file."
        if problems:
            raise Rejected(problems)


@dataclass(frozen=True, kw_only=True)
class AssignSeries(Command):
    """Give a dam series that were read from a file; ``roles`` says of each by its id what it is to the dam.

    A series that is not in ``roles`` is left out. One that the dam has already is added to: its newer file counts
    where both give an instant. A file with refused rows is taken only when its report was ``accepted``.
    """

    right: ClassVar[str] = "assign_hydrograph"
    dam_id: int | None
    file: SeriesFile | None
    roles: Mapping[str, str]
    accepted: bool = False

    def check(self) -> None:
        problems = {}
        if self.dam_id is None:
            problems["dam"] = "Dam is Required."
        if self.file is None:
            problems["file"] = "Hydrograph File is Required."
        elif self.file.rejected and not self.accepted:
            problems["file"] = "Not every line was understood: read the report, then accept it or choose another file."
        else:
            known = {one.about.id for one in self.file.series if len(one.points)}
            wrong = [role for role in self.roles.values() if role not in SERIES_ROLES]
            if wrong:
                problems["roles"] = f"{wrong[0]!r} is not one of {', '.join(SERIES_ROLES)}."
            elif not self.roles:
                problems["roles"] = "Say of one series at least what it is to the dam."
            elif missing := [key for key in self.roles if key not in known]:
                problems["roles"] = f"The file has no series {missing[0]!r} with points."
        if problems:
            raise Rejected(problems)


@dataclass(frozen=True, kw_only=True)
class RemoveSeries(Command):
    """Take a series away from its dam."""

    right: ClassVar[str] = "assign_hydrograph"
    series_id: int


@dataclass(frozen=True, kw_only=True)
class RemoveHydrograph(Command):
    """Take a dam's hydrograph away."""

    right: ClassVar[str] = "assign_hydrograph"
    dam_id: int


@dataclass(frozen=True, kw_only=True)
class ImportInventory(Command):
    """Take in an inventory file that was read (``data/importers/inventory.py``).

    ``whole``: the file is the whole list of the states in it, so that what the last release had and this one has
    not is removed; None leaves it to the comparison, which assumes it unless many dams would go. ``older``: the file
    is meant though what is in is newer. ``decisions`` says by (key, field) whether "theirs" or "ours" counts where
    the release and people here both changed a value; ``otherwise`` decides what they leave open, "" is nobody.
    ``progress`` gets the rows done.
    """

    right: ClassVar[str] = "import"
    file: Any
    whole: bool | None = None
    older: bool = False
    decisions: Mapping[tuple[str, str], str] = field(default_factory=dict)
    otherwise: str = ""
    progress: Callable[[int], None] = lambda _: None

    def check(self) -> None:
        if self.file.report.problem:
            raise Rejected({"file": self.file.report.problem})
        if self.whole and self.file.report.more_pages:
            raise Rejected({"whole": "The file says that it has more pages: it is a part of the list, not the whole."})


#: Kinds of events that can be undone, and the right that it takes.
UNDO_RIGHTS = {
    "dam_added": "delete",
    "dam_edited": "edit",
    "dam_deleted": "delete",
    "hydrograph_assigned": "assign_hydrograph",
    "hydrograph_removed": "assign_hydrograph",
    "series_assigned": "assign_hydrograph",
    "series_removed": "assign_hydrograph",
    "inventory_imported": "import",
}


@dataclass(frozen=True, kw_only=True)
class Undo(Command):
    """Undo the change with this event number by a new change. What right it takes depends on the change."""

    right: ClassVar[str] = ""
    number: int


@dataclass(frozen=True, kw_only=True)
class AddUser(Command):
    """Add a user, who can sign in when a password is set. ``states`` and ``owners`` narrow the rights; () is all."""

    right: ClassVar[str] = "admin"
    name: str
    role_name: str
    disabled: bool = False
    states: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    max_dams: int | None = None
    max_bytes: int | None = None
    password_hash: str = field(default="", repr=False)

    @classmethod
    def typed(cls, *, max_dams: str, max_mb: str, **known: Any) -> Self:
        """With the limits as they were typed; raises Rejected with every problem of form and of rule."""
        problems: dict[str, str] = {}
        values: dict[str, Any] = {}
        for name, text, read in (("max_dams", max_dams, int), ("max_bytes", max_mb, _read_megabytes)):
            try:
                values[name] = read(text.strip().replace(",", "")) if text.strip() else None
            except (ValueError, OverflowError):
                what = "a whole number" if name == "max_dams" else "a number of megabytes"
                problems[name] = f"{text.strip()!r} is not {what}; leave it empty for the setting."
        command = cls(**known, **values)
        try:
            command.check()
        except Rejected as refusal:
            problems = refusal.problems | problems
        if problems:
            raise Rejected(problems)
        return command

    def check(self) -> None:
        problems = _name_problem("name", self.name, "user")
        for name, word in (("max_dams", "Dams"), ("max_bytes", "Bytes")):
            value = getattr(self, name)
            if value is not None and not 0 <= value < 2**53:
                problems[name] = f"{word} {value} is not a whole number, 0 or more; leave it empty for the setting."
        for name, word, longest in (("states", "State", 100), ("owners", "Owner", LENGTHS["owner"])):
            if wrong := [value for value in getattr(self, name) if not value.strip() or len(value) > longest]:
                problems[name] = f"{word} {wrong[0]!r} is not 1 to {longest} characters."
        if problems:
            raise Rejected(problems)


@dataclass(frozen=True, kw_only=True)
class ChangeUser(AddUser):
    """Put these values in place of a user's; the name stays, and so does the password.

    ``was``: the values that the form began with, by field. What it left as it was is then left as it is by now, and
    where somebody else has changed what it changes the command is refused. None puts every value in place.
    """

    was: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class AdmitUser(Command):
    """Add the user whom a provider names, or give one who is known the role that its groups say.

    Only ``setup`` may: whoever sends this has been told by the provider.
    """

    right: ClassVar[str] = ""
    name: str
    role_name: str

    def check(self) -> None:
        problems = _name_problem("name", self.name, "user")
        if self.name.lower() in OWN_USERS:
            problems["name"] = f"The name {self.name} is one of this program's own: nobody signs in by it."
        if problems:
            raise Rejected(problems)


@dataclass(frozen=True, kw_only=True)
class RemoveUser(Command):
    """Remove a user. The dams stay."""

    right: ClassVar[str] = "admin"
    name: str


@dataclass(frozen=True, kw_only=True)
class ChangeRole(Command):
    """Make a role or change it."""

    right: ClassVar[str] = "admin"
    name: str
    staff: bool
    rights: tuple[str, ...]

    def check(self) -> None:
        problems = _name_problem("name", self.name, "role")
        if unknown := [right for right in self.rights if right not in RIGHTS]:
            problems["rights"] = f"There is no right {unknown[0]!r}; there are {', '.join(RIGHTS)}."
        if problems:
            raise Rejected(problems)


@dataclass(frozen=True, kw_only=True)
class RemoveRole(Command):
    """Remove a role that nobody has."""

    right: ClassVar[str] = "admin"
    name: str


@dataclass(frozen=True, kw_only=True)
class InviteUser(Command):
    """Let whoever holds the token (its SHA-256 is given) set a user's password until ``expires_at``."""

    right: ClassVar[str] = "admin"
    name: str
    token_hash: str = field(repr=False)
    expires_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class AcceptInvitation(Command):
    """Set the password of the user who was invited; the invitation ends."""

    right: ClassVar[str] = ""
    token_hash: str = field(repr=False)
    password_hash: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SetPassword(Command):
    """Set one's own password; every sign-in ends except ``but``."""

    right: ClassVar[str] = ""
    password_hash: str = field(repr=False)
    but: int | None = None


@dataclass(frozen=True, kw_only=True)
class SignIn(Command):
    """Begin a sign-in whose cookie has this SHA-256; whoever sends this has checked who it is."""

    right: ClassVar[str] = ""
    token_hash: str = field(repr=False)
    expires_at: dt.datetime
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class SignOut(Command):
    """End one's own sign-in."""

    right: ClassVar[str] = ""
    sign_in_id: int


@dataclass(frozen=True, kw_only=True)
class EndSignIns(Command):
    """End every sign-in of a user."""

    right: ClassVar[str] = "admin"
    name: str


#: Every right, and what it lets one do, in words.
RIGHTS = {
    "view": "look at dams",
    "add_dams": "add dams",
    "edit": "change dams",
    "delete": "delete dams",
    "assign_hydrograph": "assign or remove hydrographs and series",
    "import": "import inventories",
    "admin": "manage users",
}

#: Users that every database has; no password and no provider opens them.
OWN_USERS = ("setup", "local", "diadmin", "diviewer")


def _name_problem(field_name: str, name: str, what: str) -> dict[str, str]:
    longest = LENGTHS["user_name" if what == "user" else "role"]
    if not (name and name == name.strip() and len(name) <= longest and name.isprintable()):
        return {field_name: f"The name of a {what} is 1 to {longest} characters that can be shown, got {name!r}."}
    return {}


def _read_megabytes(text: str) -> int:
    return int(float(text) * 1e6)


_ORDER = ("name", "owner", "river", "date_built", "hazard", "nid_id", "location", "latitude", "longitude")
_WORDS = {"name": "Name", "owner": "Owner", "river": "River", "nid_id": "NID ID", "hazard": "Hazard potential"}
FIELD_WORDS = _WORDS | {"date_built": "Date Built", "place": "Location"}  #: What can be changed of a dam, in words.


def _read_fields(fields: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Values from typed text, and the problems of form; a value that cannot be read is left empty."""
    values: dict[str, Any] = {name: fields.get(name, "").strip() for name in _WORDS}
    problems = {}
    typed_date = fields.get("date_built", "").strip()
    values["date_built"] = ""
    if typed_date:
        try:
            values["date_built"] = read_date(typed_date)
        except ValueError as problem:
            problems["date_built"] = str(problem)
    for name, bound in (("latitude", 90), ("longitude", 180)):
        text = fields.get(name, "").strip()
        values[name] = None
        if not text:
            continue
        try:
            values[name] = float(text.replace("−", "-"))
        except ValueError:
            problems[name] = (
                f"{name.capitalize()} {text!r} is not a number: write degrees, such as {_EXAMPLE[name]}, "
                f"from -{bound} to {bound}."
            )
    if {"latitude", "longitude"} & problems.keys():
        problems["location"] = ""  # the place was given, only wrongly: say that beside its field alone
    return values, problems


_EXAMPLE = {"latitude": "40.4066", "longitude": "-111.5291"}


def _text_problems(command: AddDam) -> dict[str, str]:
    problems = {}
    for name in _WORDS:
        value = getattr(command, name)
        if not value.strip() and name in ("name", "owner", "river"):
            problems[name] = f"{_WORDS[name]} is required."
        elif len(value) > LENGTHS[name]:
            problems[name] = f"{_WORDS[name]} has {len(value)} characters; at most {LENGTHS[name]} are kept."
        elif any(unicodedata.category(c) in ("Cc", "Cs", "Co") for c in value):
            problems[name] = f"{_WORDS[name]} holds a character that cannot be shown; type it without."
    if command.hazard and command.hazard not in HAZARDS:
        problems["hazard"] = f"Hazard potential {command.hazard!r} is not one of {', '.join(HAZARDS)}."
    nid_id = command.nid_id
    if nid_id and not (7 <= len(nid_id) <= 8 and nid_id[:2].isalpha() and nid_id.isalnum() and nid_id.isupper()):
        problems["nid_id"] = f"NID ID {nid_id!r} is not two capital letters and five or six characters."
    return problems


def _date_problem(iso: str) -> dict[str, str]:
    if not iso:
        return {"date_built": "Date Built is required."}
    try:
        built = earliest(read_date(iso))
    except ValueError as problem:
        return {"date_built": str(problem)}
    if built > dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1):  # a day's grace for zones ahead of UTC
        return {"date_built": f"Date Built {iso} is in the future."}
    return {}


def _place_problems(command: AddDam) -> dict[str, str]:
    latitude, longitude = command.latitude, command.longitude
    if latitude is None and longitude is None:
        return {"location": "Location is required."}
    problems = {}
    for name, value, bound in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        word = name.capitalize()
        if value is None:
            problems[name] = f"{word} is required with the other coordinate."
        elif not math.isfinite(value) or abs(value) > bound:
            problems[name] = f"{word} {value:g} is not between -{bound} and {bound} degrees."
    if latitude == 0 and longitude == 0:
        problems["location"] = "Latitude 0, longitude 0 lies in the Atlantic Ocean: give the dam's own place."
    return problems
