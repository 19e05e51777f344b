"""The tables. Constraints are named, so that a migration can change them."""

import datetime as dt
import random
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from data.commands import LENGTHS
from data.sqltypes import UTCDateTime


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


class Role(Base):
    """A group of users: what they may do. Staff have no quota and may delete what others added."""

    __tablename__ = "roles"

    name: Mapped[str] = mapped_column(sa.String(LENGTHS["role"]), primary_key=True)
    staff: Mapped[bool]
    rights: Mapped[list[str]] = mapped_column(sa.JSON)


class User(Base):
    """Who acts. The counts are held here so that a quota is decided under this row's lock.

    ``states`` and ``owners`` narrow the rights to dams of these; empty is all. ``max_dams`` and ``max_bytes`` are
    limits of this user's own, NULL for those of the settings.
    """

    __tablename__ = "users"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(LENGTHS["user_name"]), unique=True)
    dam_count: Mapped[int] = mapped_column(default=0)
    role_name: Mapped[str] = mapped_column(sa.ForeignKey("roles.name"))
    disabled: Mapped[bool] = mapped_column(default=False)
    password_hash: Mapped[str] = mapped_column(sa.String(200), default="")  # "": no password opens it
    states: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    owners: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    max_dams: Mapped[int | None]
    max_bytes: Mapped[int | None] = mapped_column(BIG)
    byte_count: Mapped[int] = mapped_column(BIG, default=0)
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)

    role: Mapped[Role] = relationship(lazy="joined", innerjoin=True)

    @property
    def staff(self) -> bool:
        return self.role.staff

    @property
    def rights(self) -> frozenset[str]:
        """Empty for one who is disabled."""
        return frozenset() if self.disabled else frozenset(self.role.rights)


class SignIn(Base):
    """A browser that is signed in; its cookie is not kept, only the cookie's SHA-256."""

    __tablename__ = "sign_ins"

    sign_in_id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    began_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(sa.String(60))


class Invitation(Base):
    """A link that lets its holder set a user's password, once."""

    __tablename__ = "invitations"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class SignInTries(Base):
    """Wrong passwords of late, for a name at an address and for a name; whether there is such a user or not."""

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, index=True)


class Secret(Base):
    """What only this installation knows, such as the key that signs sessions. Never part of a backup."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(200))


class Dam(Base):
    """A dam as it is now; what it was before is in the events."""

    __tablename__ = "dams"
    __table_args__ = (
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place"),
        sa.Index(None, "longitude", "latitude"),
        sa.Index(None, "state", "county"),
        {"sqlite_autoincrement": True},  # an event names its dam: a deleted dam's id is never given again
    )

    dam_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(LENGTHS["name"]), index=True)
    owner: Mapped[str] = mapped_column(sa.String(LENGTHS["owner"]))
    river: Mapped[str] = mapped_column(sa.String(LENGTHS["river"]))
    date_built: Mapped[str] = mapped_column(sa.String(10))  # ISO text of the precision given
    hazard: Mapped[str] = mapped_column(sa.String(LENGTHS["hazard"]), index=True)
    nid_id: Mapped[str] = mapped_column(sa.String(LENGTHS["nid_id"]))
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    created_by: Mapped[str] = mapped_column(sa.String(100))  # a user's name, "" for what ships with the program
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    revision: Mapped[int] = mapped_column(default=1)

    # What a national inventory tells besides; "" and NULL where it does not. Lists are joined by ";".
    source_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)  # of its record in the source
    other_structure_id: Mapped[str] = mapped_column(sa.String(40), default="")
    other_names: Mapped[str] = mapped_column(sa.Text, default="")
    state: Mapped[str] = mapped_column(sa.String(100), default="")
    county: Mapped[str] = mapped_column(sa.String(100), default="")
    city: Mapped[str] = mapped_column(sa.String(200), default="")
    owner_types: Mapped[str] = mapped_column(sa.String(200), default="")
    purposes: Mapped[str] = mapped_column(sa.String(500), default="")
    dam_types: Mapped[str] = mapped_column(sa.String(500), default="")
    condition: Mapped[str] = mapped_column(sa.String(40), default="", index=True)
    condition_date: Mapped[str] = mapped_column(sa.String(10), default="")  # dates are ISO text
    eap: Mapped[str] = mapped_column(sa.String(40), default="")
    eap_date: Mapped[str] = mapped_column(sa.String(10), default="")
    last_inspection: Mapped[str] = mapped_column(sa.String(10), default="", index=True)
    inspection_frequency_years: Mapped[float | None]
    height_ft: Mapped[float | None] = mapped_column(index=True)  # NID height: the largest of the three below
    dam_height_ft: Mapped[float | None]
    hydraulic_height_ft: Mapped[float | None]
    structural_height_ft: Mapped[float | None]
    length_ft: Mapped[float | None]
    volume_cubic_yards: Mapped[float | None]
    storage_acre_ft: Mapped[float | None] = mapped_column(index=True)  # NID storage: the larger of the two below
    max_storage_acre_ft: Mapped[float | None]
    normal_storage_acre_ft: Mapped[float | None]
    surface_area_acres: Mapped[float | None]
    drainage_area_sq_miles: Mapped[float | None]
    max_discharge_cfs: Mapped[float | None]
    spillway_width_ft: Mapped[float | None]

    # Made of the others: what a search looks through, and a fixed lot that thins a crowded map fairly.
    name_key: Mapped[str] = mapped_column(sa.Text, index=True)
    year_completed: Mapped[int | None] = mapped_column(index=True)
    search_text: Mapped[str] = mapped_column(sa.Text)
    draw_order: Mapped[int] = mapped_column(default=lambda: random.getrandbits(31), index=True)

    since: Mapped[dt.datetime] = mapped_column(UTCDateTime)  # when this revision came to be


#: Dams as they were, each from its ``since`` until another revision took its place or the dam was deleted.
DAM_VERSIONS = sa.Table(
    "dam_versions",
    Base.metadata,
    sa.Column("version_id", BIG, primary_key=True),
    *(sa.Column(column.name, column.type, nullable=column.nullable) for column in Dam.__table__.columns),
    sa.Column("until", UTCDateTime, nullable=False, index=True),
    sa.Index(None, "dam_id"),
)


@sa.event.listens_for(Dam, "before_insert")
@sa.event.listens_for(Dam, "before_update")
def _make_the_made(_mapper: Any, _connection: sa.Connection, dam: Dam) -> None:
    for name, value in made_of(vars(dam)).items():
        setattr(dam, name, value)
    dam.since = dam.since or dam.created_at


SEARCHED = ("name", "other_names", "nid_id", "river", "owner", "county", "state")  #: What a search looks through.


def made_of(dam: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that are made of a dam's others."""
    made = make(dam["name"], dam["date_built"], [dam.get(name) or "" for name in SEARCHED])
    return dict(zip(("name_key", "year_completed", "search_text"), made, strict=True))


def make(name: str, built: str, searched: Sequence[str]) -> tuple[str, int | None, str]:
    """Name key, year completed and search text. A name is sorted without case, a missing one last."""
    return name.casefold() or "\U0010ffff", int(built[:4]) if built else None, fold(" | ".join(searched))


def fold(text: str) -> str:
    """Text as it is searched: without case and accents, white space as one blank."""
    if text.isascii():
        plain = text.lower()
        return " ".join(plain.split()) if "  " in plain or not plain.isprintable() else plain.strip()
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())


class Import(Base):
    """An inventory file that was taken in; ``number`` is that of its event, known when all else is done."""

    __tablename__ = "imports"

    import_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int | None] = mapped_column(BIG, unique=True)
    system: Mapped[str] = mapped_column(sa.String(40))  # whose list it is: releases of one system follow each other
    file_name: Mapped[str] = mapped_column(sa.String(255))
    sha256: Mapped[str] = mapped_column(sa.String(64))
    format: Mapped[str] = mapped_column(sa.String(100))
    encoding: Mapped[str] = mapped_column(sa.String(100))
    last_updated: Mapped[str] = mapped_column(sa.String(10))  # ISO text, "" unknown
    columns: Mapped[list[str]] = mapped_column(sa.JSON)
    report: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    imported_by: Mapped[str] = mapped_column(sa.String(100))
    imported_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    keeps_records: Mapped[bool] = mapped_column(default=True)  # those that it took the place of: since schema 0006
    undoes: Mapped[int | None] = mapped_column(sa.ForeignKey("imports.import_id"), unique=True)  # this is its undoing


class SourceRecord(Base):
    """A dam's record as it stands in its file: ``cells`` as in ``data.cells``, in the order of the columns."""

    __tablename__ = "source_records"

    dam_id: Mapped[int] = mapped_column(sa.ForeignKey("dams.dam_id", ondelete="CASCADE"), primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.import_id"), index=True)
    line: Mapped[int]
    cells: Mapped[str] = mapped_column(sa.Text)


class RecordVersion(Base):
    """A dam's record whose place an import took, or that went with its dam; ``cells`` is None where they stayed."""

    __tablename__ = "record_versions"

    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.import_id"), primary_key=True)
    dam_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    of_import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.import_id"))
    line: Mapped[int]
    cells: Mapped[str | None] = mapped_column(sa.Text)


class DamChange(Base):
    """What one import changed of one dam; a dam that came with it has none."""

    __tablename__ = "dam_changes"

    import_id: Mapped[int] = mapped_column(sa.ForeignKey("imports.import_id"), primary_key=True)
    dam_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    after: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    revision: Mapped[int | None]  # of the dam when it was changed: since schema 0006


class Hydrograph(Base):
    """A dam's hydrograph: the file it came from and what was read of it."""

    __tablename__ = "hydrographs"

    hydrograph_id: Mapped[int] = mapped_column(primary_key=True)
    dam_id: Mapped[int] = mapped_column(sa.ForeignKey("dams.dam_id", ondelete="CASCADE"), unique=True)
    file_name: Mapped[str] = mapped_column(sa.String(255))
    format: Mapped[str] = mapped_column(sa.String(100))
    rows_in_file: Mapped[int]
    note_counts: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    assigned_by: Mapped[str] = mapped_column(sa.String(100))
    assigned_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    size: Mapped[int] = mapped_column(BIG)  # bytes that count for the quota of who assigned it


class HydrographPoint(Base):
    """One ordinate; a missing flow is NULL, never 0."""

    __tablename__ = "hydrograph_points"

    hydrograph_id: Mapped[int] = mapped_column(
        sa.ForeignKey("hydrographs.hydrograph_id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    time_hours: Mapped[float]
    flow_cfs: Mapped[float | None]


class Series(Base):
    """A series of a dam: what it is, where it came from, and its points as ``data.series_points`` packs them."""

    __tablename__ = "series"
    __table_args__ = (sa.UniqueConstraint("dam_id", "source_id"),)

    series_id: Mapped[int] = mapped_column(primary_key=True)
    dam_id: Mapped[int] = mapped_column(sa.ForeignKey("dams.dam_id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(sa.String(20))  # one of data.commands.SERIES_ROLES
    source_id: Mapped[str] = mapped_column(sa.String(200))  # its id in the source: a newer file of it adds to it
    name: Mapped[str] = mapped_column(sa.String(300))
    parameter: Mapped[str] = mapped_column(sa.String(100))
    unit: Mapped[str] = mapped_column(sa.String(40))
    timezone: Mapped[str] = mapped_column(sa.String(100))
    datum: Mapped[str] = mapped_column(sa.String(100))
    source: Mapped[str] = mapped_column(sa.String(200))
    statistic: Mapped[str] = mapped_column(sa.String(40))
    file_name: Mapped[str] = mapped_column(sa.String(255))
    format: Mapped[str] = mapped_column(sa.String(100))
    assigned_by: Mapped[str] = mapped_column(sa.String(100))
    assigned_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    report: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # refused rows and warnings of its last file
    points: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    size: Mapped[int] = mapped_column(BIG)  # bytes that count for the quota of who assigned it


class Kept(Base):
    """What a change took away, whole, so that the change can be undone: ``content`` as ``data.keeping`` packs it."""

    __tablename__ = "kept"

    kept_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int | None] = mapped_column(BIG, index=True)  # of the change's event
    dam_id: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(20))  # one of data.keeping.KINDS
    columns: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))


class LogHead(Base):
    """One row: the newest event's number and the number of dams.

    It is updated last in every writing transaction. Its lock is held to the commit, so numbers
    are committed in order and without gaps, and the cap on dams cannot be passed.
    """

    __tablename__ = "log_head"

    log_head_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger)
    dam_count: Mapped[int]
    last_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)  # of the newest event: times never go back
    versions_from: Mapped[dt.datetime] = mapped_column(UTCDateTime)  # dam_versions are whole from here on


class Event(Base):
    """A committed fact. ``origin`` is the page that asked for it, "" for none.

    The dam is told by value, name, owner and place as they were then: the event outlives it.
    """

    __tablename__ = "events"

    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(sa.String(40))
    recorded_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    user_name: Mapped[str] = mapped_column(sa.String(100))
    origin: Mapped[str] = mapped_column(sa.String(40))
    submit_key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    dam_id: Mapped[int] = mapped_column(index=True)
    dam_name: Mapped[str] = mapped_column(sa.String(LENGTHS["name"]))
    body: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    owner: Mapped[str] = mapped_column(sa.String(LENGTHS["owner"]))
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    why: Mapped[str] = mapped_column(sa.String(LENGTHS["why"]), default="")
    hash: Mapped[str] = mapped_column(sa.String(64))  # of this event and the one before: data.chain
