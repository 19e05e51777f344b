"""The tables. Constraints are named, so that a migration can change them."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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


class User(Base):
    """Who acts. ``dam_count`` is held here so that the quota is decided under this row's lock."""

    __tablename__ = "users"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100), unique=True)
    staff: Mapped[bool]
    rights: Mapped[list[str]] = mapped_column(sa.JSON)
    dam_count: Mapped[int] = mapped_column(default=0)


class Dam(Base):
    """A dam as it is now; what it was before is in the events."""

    __tablename__ = "dams"
    __table_args__ = (
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place"),
        sa.Index(None, "longitude", "latitude"),
        {"sqlite_autoincrement": True},  # an event names its dam: a deleted dam's id is never given again
    )

    dam_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(LENGTHS["name"]), index=True)
    owner: Mapped[str] = mapped_column(sa.String(LENGTHS["owner"]))
    river: Mapped[str] = mapped_column(sa.String(LENGTHS["river"]))
    date_built: Mapped[str] = mapped_column(sa.String(10))  # ISO text of the precision given
    hazard: Mapped[str] = mapped_column(sa.String(LENGTHS["hazard"]))
    nid_id: Mapped[str] = mapped_column(sa.String(LENGTHS["nid_id"]))
    longitude: Mapped[float | None]
    latitude: Mapped[float | None]
    created_by: Mapped[str] = mapped_column(sa.String(100))  # a user's name, "" for what ships with the program
    created_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    revision: Mapped[int] = mapped_column(default=1)


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


class HydrographPoint(Base):
    """One ordinate; a missing flow is NULL, never 0."""

    __tablename__ = "hydrograph_points"

    hydrograph_id: Mapped[int] = mapped_column(
        sa.ForeignKey("hydrographs.hydrograph_id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    time_hours: Mapped[float]
    flow_cfs: Mapped[float | None]


class LogHead(Base):
    """One row: the newest event's number and the number of dams.

    It is updated last in every writing transaction. Its lock is held to the commit, so numbers
    are committed in order and without gaps, and the cap on dams cannot be passed.
    """

    __tablename__ = "log_head"

    log_head_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger)
    dam_count: Mapped[int]


class Event(Base):
    """A committed fact. ``origin`` is the page that asked for it, "" for none.

    The dam is named by value: the event outlives it.
    """

    __tablename__ = "events"

    number: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(sa.String(40))
    recorded_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    user_name: Mapped[str] = mapped_column(sa.String(100))
    origin: Mapped[str] = mapped_column(sa.String(40))
    submit_key: Mapped[str] = mapped_column(sa.String(40), unique=True)
    dam_id: Mapped[int] = mapped_column(index=True)
    dam_name: Mapped[str] = mapped_column(sa.String(LENGTHS["name"]))
    body: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
