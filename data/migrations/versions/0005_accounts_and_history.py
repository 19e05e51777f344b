"""accounts, roles and quotas; events as a chain; what a change took away is kept"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

from data.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RIGHTS = ["view", "add_dams", "edit", "delete", "assign_hydrograph", "import", "admin"]
ROLES = {
    "setup": (True, ["add_dams"]),
    "admin": (True, RIGHTS),
    "diadmin": (False, RIGHTS[:5]),
    "diviewer": (False, RIGHTS[:1]),
}
EVENT = [
    "number", "kind", "recorded_at", "user_name", "origin", "submit_key", "dam_id", "dam_name", "body", "owner",
    "longitude", "latitude", "why",
]  # fmt: skip


@contextmanager
def _dams() -> Iterator[Any]:
    """The table to change. SQLite does it by a copy, which must not forget the ids of deleted dams."""
    sqlite, last = op.get_context().dialect.name == "sqlite", None
    if sqlite:
        last = op.get_bind().exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'dams'").scalar()
    with op.batch_alter_table("dams", table_kwargs={"sqlite_autoincrement": True}) as dams:
        yield dams
    if last is not None:
        there = op.get_bind().exec_driver_sql(f"UPDATE sqlite_sequence SET seq = {last} WHERE name = 'dams'").rowcount
        if not there:
            op.execute(f"INSERT INTO sqlite_sequence (name, seq) VALUES ('dams', {last})")


def _without_defaults(table: str, *names: str) -> None:
    with op.batch_alter_table(table) as altered:
        for name in names:
            altered.alter_column(name, server_default=None)


def upgrade() -> None:
    now = dt.datetime.now(dt.UTC)
    stamp = now.strftime("%Y-%m-%d %H:%M:%S.%f") + ("+00" if op.get_context().dialect.name == "postgresql" else "")
    _make_tables()
    if op.get_bind().exec_driver_sql("SELECT count(*) FROM users").scalar():  # else they come with the first start
        roles = sa.table("roles", sa.column("name"), sa.column("staff", sa.Boolean), sa.column("rights", sa.JSON))
        rows = [{"name": name, "staff": staff, "rights": rights} for name, (staff, rights) in ROLES.items()]
        op.bulk_insert(roles, rows)
    _give_roles(stamp)
    _count_bytes()
    # SQLite adds a column without copying the table, where what there is gets a value.
    op.add_column("dams", sa.Column("since", UTCDateTime(), nullable=False, server_default=stamp))
    op.execute("UPDATE dams SET since = created_at WHERE revision = 1")
    with _dams() as dams:
        dams.alter_column("since", server_default=None)
    op.add_column("log_head", sa.Column("last_at", UTCDateTime(), nullable=False, server_default=stamp))
    op.add_column("log_head", sa.Column("versions_from", UTCDateTime(), nullable=False, server_default=stamp))
    op.execute("UPDATE log_head SET last_at = coalesce((SELECT max(recorded_at) FROM events), last_at)")
    op.add_column("events", sa.Column("why", sa.String(500), nullable=False, server_default=""))
    op.add_column("events", sa.Column("hash", sa.String(64), nullable=False, server_default=""))
    _chain()
    _without_defaults("log_head", "last_at", "versions_from")
    _without_defaults("events", "why", "hash")


def _make_tables() -> None:
    op.create_table(
        "roles",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_roles")),
    )
    op.create_table(
        "sign_ins",
        sa.Column("sign_in_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        *(sa.Column(name, UTCDateTime(), nullable=False) for name in ("began_at", "seen_at", "expires_at")),
        sa.Column("address", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name=op.f("fk_sign_ins_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sign_in_id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_sign_ins_user_id"), "sign_ins", ["user_id"])
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.user_id"], name=op.f("fk_invitations_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_user_id"), "invitations", ["user_id"])
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(op.f("ix_sign_in_tries_last_at"), "sign_in_tries", ["last_at"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )
    op.create_table(
        "kept",
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("number", BIG, nullable=True),
        sa.Column("dam_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("kept_id", name=op.f("pk_kept")),
    )
    op.create_index(op.f("ix_kept_number"), "kept", ["number"])
    op.create_table(
        "dam_versions",
        sa.Column("version_id", BIG, nullable=False),
        *VERSION,
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_dam_versions")),
    )
    for name in ("dam_id", "until"):
        op.create_index(op.f(f"ix_dam_versions_{name}"), "dam_versions", [name])


def _text(name: str, length: int | None) -> sa.Column:
    return sa.Column(name, sa.Text() if length is None else sa.String(length), nullable=False)


VERSION = [
    sa.Column("dam_id", sa.Integer(), nullable=False),
    *map(_text, ("name", "owner", "river", "date_built", "hazard", "nid_id"), (200, 300, 200, 10, 20, 8)),
    *(sa.Column(name, sa.Double(), nullable=True) for name in ("longitude", "latitude")),
    _text("created_by", 100),
    sa.Column("created_at", UTCDateTime(), nullable=False),
    sa.Column("revision", sa.Integer(), nullable=False),
    sa.Column("source_key", sa.String(60), nullable=True),
    *(
        _text(*one)
        for one in (
            ("other_structure_id", 40), ("other_names", None), ("state", 100), ("county", 100), ("city", 200),
            ("owner_types", 200), ("purposes", 500), ("dam_types", 500), ("condition", 40), ("condition_date", 10),
            ("eap", 40), ("eap_date", 10), ("last_inspection", 10),
        )
    ),
    *(
        sa.Column(name, sa.Double(), nullable=True)
        for name in (
            "inspection_frequency_years", "height_ft", "dam_height_ft", "hydraulic_height_ft", "structural_height_ft",
            "length_ft", "volume_cubic_yards", "storage_acre_ft", "max_storage_acre_ft", "normal_storage_acre_ft",
            "surface_area_acres", "drainage_area_sq_miles", "max_discharge_cfs", "spillway_width_ft",
        )
    ),
    _text("name_key", None),
    sa.Column("year_completed", sa.Integer(), nullable=True),
    _text("search_text", None),
    sa.Column("draw_order", sa.Integer(), nullable=False),
    sa.Column("since", UTCDateTime(), nullable=False),
    sa.Column("until", UTCDateTime(), nullable=False),
]  # fmt: skip


def _give_roles(stamp: str) -> None:
    """Users of the program get its roles; any others the one that their rights are nearest to."""
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("role_name", sa.String(40), nullable=False, server_default="diviewer"))
        users.add_column(sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.false()))
        users.add_column(sa.Column("password_hash", sa.String(200), nullable=False, server_default=""))
        users.add_column(sa.Column("states", sa.JSON(), nullable=False, server_default="[]"))
        users.add_column(sa.Column("owners", sa.JSON(), nullable=False, server_default="[]"))
        users.add_column(sa.Column("max_dams", sa.Integer(), nullable=True))
        users.add_column(sa.Column("max_bytes", BIG, nullable=True))
        users.add_column(sa.Column("byte_count", BIG, nullable=False, server_default="0"))
        users.add_column(sa.Column("created_at", UTCDateTime(), nullable=False, server_default=stamp))
    table = sa.table("users", *(sa.column(name) for name in ("user_id", "name", "role_name")),
                     sa.column("staff", sa.Boolean), sa.column("rights", sa.JSON))  # fmt: skip
    connection = op.get_bind()
    for user in connection.execute(sa.select(table)).all():
        role = "setup" if user.name == "setup" else "admin" if user.staff else "diadmin" if user.rights else "diviewer"
        connection.execute(sa.update(table).where(table.c.user_id == user.user_id).values(role_name=role))
    with op.batch_alter_table("users") as users:
        users.drop_column("staff")
        users.drop_column("rights")
        users.create_foreign_key(op.f("fk_users_role_name"), "roles", ["role_name"], ["name"])
        for name in ("role_name", "disabled", "password_hash", "states", "owners", "byte_count", "created_at"):
            users.alter_column(name, server_default=None)


def _count_bytes() -> None:
    op.add_column("hydrographs", sa.Column("size", BIG, nullable=False, server_default="0"))
    op.add_column("series", sa.Column("size", BIG, nullable=False, server_default="0"))
    points = "SELECT count(*) FROM hydrograph_points p WHERE p.hydrograph_id = hydrographs.hydrograph_id"
    op.execute(f"UPDATE hydrographs SET size = 16 * ({points})")
    op.execute("UPDATE series SET size = length(points)")
    for name in ("hydrographs", "series"):
        _without_defaults(name, "size")
    sums = (
        f"coalesce((SELECT sum(size) FROM {t} WHERE assigned_by = users.name), 0)" for t in ("hydrographs", "series")
    )
    op.execute(f"UPDATE users SET byte_count = {' + '.join(sums)}")


def _chain() -> None:
    """Hash what was written so far; from here on a change of it shows."""
    kinds: dict[str, Any] = {
        "recorded_at": UTCDateTime(),
        "body": sa.JSON(),
        "longitude": sa.Double(),
        "latitude": sa.Double(),
    }
    table = sa.table("events", *(sa.column(name, kinds.get(name)) for name in EVENT), sa.column("hash"))
    connection, previous = op.get_bind(), "0" * 64
    columns = [table.c[name] for name in EVENT]
    for event in connection.execute(sa.select(*columns).order_by(table.c.number)).mappings().all():
        values = dict(event) | {"recorded_at": event["recorded_at"].isoformat(timespec="microseconds")}
        previous = hashlib.sha256((previous + json.dumps(values, sort_keys=True)).encode()).hexdigest()
        connection.execute(sa.update(table).where(table.c.number == event["number"]).values(hash=previous))


def downgrade() -> None:
    for name in ("hash", "why"):
        op.drop_column("events", name)
    for name in ("versions_from", "last_at"):
        op.drop_column("log_head", name)
    with _dams() as dams:
        dams.drop_column("since")
    for name in ("series", "hydrographs"):
        op.drop_column(name, "size")
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("staff", sa.Boolean(), nullable=False, server_default=sa.false()))
        users.add_column(sa.Column("rights", sa.JSON(), nullable=False, server_default="[]"))
    connection = op.get_bind()
    table = sa.table("users", sa.column("role_name"), sa.column("staff", sa.Boolean), sa.column("rights", sa.JSON))
    roles = sa.table("roles", sa.column("name"), sa.column("staff", sa.Boolean), sa.column("rights", sa.JSON))
    for role in connection.execute(sa.select(roles)).all():
        values = {"staff": role.staff, "rights": role.rights}
        connection.execute(sa.update(table).where(table.c.role_name == role.name).values(**values))
    for name in ("sign_ins", "invitations"):
        op.drop_table(name)
    with op.batch_alter_table("users") as users:
        users.drop_constraint(op.f("fk_users_role_name"), type_="foreignkey")
        for name in ("role_name", "disabled", "password_hash", "states", "owners", "max_dams", "max_bytes",
                     "byte_count", "created_at"):  # fmt: skip
            users.drop_column(name)
        for name in ("staff", "rights"):
            users.alter_column(name, server_default=None)
    for name in ("roles", "sign_in_tries", "secrets", "kept", "dam_versions"):
        op.drop_table(name)
