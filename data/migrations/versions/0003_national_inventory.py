"""what a national inventory tells of a dam, and the files it came from"""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

from data.sqltypes import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = {
    "other_structure_id": sa.String(40),
    "other_names": sa.Text(),
    "state": sa.String(100),
    "county": sa.String(100),
    "city": sa.String(200),
    "owner_types": sa.String(200),
    "purposes": sa.String(500),
    "dam_types": sa.String(500),
    "condition": sa.String(40),
    "condition_date": sa.String(10),
    "eap": sa.String(40),
    "eap_date": sa.String(10),
    "last_inspection": sa.String(10),
}
NUMBERS = (
    "inspection_frequency_years",
    "height_ft",
    "dam_height_ft",
    "hydraulic_height_ft",
    "structural_height_ft",
    "length_ft",
    "volume_cubic_yards",
    "storage_acre_ft",
    "max_storage_acre_ft",
    "normal_storage_acre_ft",
    "surface_area_acres",
    "drainage_area_sq_miles",
    "max_discharge_cfs",
    "spillway_width_ft",
)
INDEXES = (
    ("state", "county"),
    ("name_key",),
    ("hazard",),
    ("condition",),
    ("last_inspection",),
    ("year_completed",),
    ("height_ft",),
    ("storage_acre_ft",),
    ("draw_order",),
)


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


def upgrade() -> None:
    with _dams() as dams:
        dams.add_column(sa.Column("source_key", sa.String(60), nullable=True))
        for name, kind in TEXTS.items():
            dams.add_column(sa.Column(name, kind, nullable=False, server_default=""))
        for name in NUMBERS:
            dams.add_column(sa.Column(name, sa.Double(), nullable=True))
        dams.add_column(sa.Column("name_key", sa.Text(), nullable=False, server_default=""))
        dams.add_column(sa.Column("year_completed", sa.Integer(), nullable=True))
        dams.add_column(sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
        dams.add_column(sa.Column("draw_order", sa.Integer(), nullable=False, server_default="0"))
    _make_the_made()
    with _dams() as dams:
        for name in (*TEXTS, "name_key", "search_text", "draw_order"):
            dams.alter_column(name, server_default=None)
        dams.alter_column("owner", type_=sa.String(300))
        dams.create_unique_constraint(op.f("uq_dams_source_key"), ["source_key"])
        for columns in INDEXES:
            dams.create_index(op.f(f"ix_dams_{'_'.join(columns)}"), list(columns))
    with op.batch_alter_table("events") as events:
        events.alter_column("owner", type_=sa.String(300))
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", NUMBER, nullable=True),
        sa.Column("system", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("format", sa.String(100), nullable=False),
        sa.Column("encoding", sa.String(100), nullable=False),
        sa.Column("last_updated", sa.String(10), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("imported_by", sa.String(100), nullable=False),
        sa.Column("imported_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_imports")),
        sa.UniqueConstraint("number", name=op.f("uq_imports_number")),
    )
    op.create_table(
        "source_records",
        sa.Column("dam_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dam_id"], ["dams.dam_id"], name=op.f("fk_source_records_dam_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.import_id"], name=op.f("fk_source_records_import_id")),
        sa.PrimaryKeyConstraint("dam_id", name=op.f("pk_source_records")),
    )
    op.create_index(op.f("ix_source_records_import_id"), "source_records", ["import_id"])
    op.create_table(
        "dam_changes",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("dam_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.import_id"], name=op.f("fk_dam_changes_import_id")),
        sa.PrimaryKeyConstraint("import_id", "dam_id", name=op.f("pk_dam_changes")),
    )
    op.create_index(op.f("ix_dam_changes_dam_id"), "dam_changes", ["dam_id"])


def _make_the_made() -> None:
    """Columns made of others, and the right to import for staff who hold every other right."""
    connection = op.get_bind()
    names = ("dam_id", "name", "nid_id", "river", "owner", "date_built")
    made = ("draw_order", "name_key", "year_completed", "search_text")
    dams = sa.table("dams", *map(sa.column, (*names, *made)))
    for row in connection.execute(sa.select(*(dams.c[name] for name in names))).all():
        words = " | ".join((row.name, "", row.nid_id, row.river, row.owner, "", ""))
        plain = "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))
        values = {
            "draw_order": row.dam_id * 2654435761 % 2**31,  # Knuth's multiplicative hash: a fixed lot
            "name_key": row.name.casefold() or "\U0010ffff",
            "year_completed": int(row.date_built[:4]) if row.date_built else None,
            "search_text": " ".join(plain.casefold().split()),
        }
        connection.execute(sa.update(dams).where(dams.c.dam_id == row.dam_id).values(**values))
    users = sa.table("users", sa.column("user_id"), sa.column("staff", sa.Boolean), sa.column("rights", sa.JSON))
    for user in connection.execute(sa.select(users).where(users.c.staff)).all():
        if {"add_dams", "edit", "delete", "assign_hydrograph"} <= {*user.rights}:
            rights = [*user.rights, "import"]
            connection.execute(sa.update(users).where(users.c.user_id == user.user_id).values(rights=rights))


def downgrade() -> None:
    for name in ("dam_changes", "source_records", "imports"):
        op.drop_table(name)
    with op.batch_alter_table("events") as events:
        events.alter_column("owner", type_=sa.String(100))
    with _dams() as dams:
        dams.alter_column("owner", type_=sa.String(100))
        for columns in INDEXES:
            dams.drop_index(op.f(f"ix_dams_{'_'.join(columns)}"))
        dams.drop_constraint(op.f("uq_dams_source_key"), type_="unique")
        for name in (
            "draw_order",
            "search_text",
            "year_completed",
            "name_key",
            *reversed(NUMBERS),
            *reversed(TEXTS),
            "source_key",
        ):
            dams.drop_column(name)
