"""first schema"""

import sqlalchemy as sa
from alembic import op

from data.sqltypes import UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dams",
        sa.Column("dam_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("river", sa.String(length=200), nullable=False),
        sa.Column("date_built", sa.String(length=10), nullable=False),
        sa.Column("hazard", sa.String(length=20), nullable=False),
        sa.Column("nid_id", sa.String(length=8), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_dams_place")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_dams_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_dams_longitude")),
        sa.PrimaryKeyConstraint("dam_id", name=op.f("pk_dams")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("dams", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dams_longitude_latitude"), ["longitude", "latitude"], unique=False)
        batch_op.create_index(batch_op.f("ix_dams_name"), ["name"], unique=False)

    op.create_table(
        "events",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("user_name", sa.String(length=100), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("submit_key", sa.String(length=40), nullable=False),
        sa.Column("dam_id", sa.Integer(), nullable=False),
        sa.Column("dam_name", sa.String(length=200), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_events")),
        sa.UniqueConstraint("submit_key", name=op.f("uq_events_submit_key")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_dam_id"), ["dam_id"], unique=False)

    op.create_table(
        "log_head",
        sa.Column("log_head_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("dam_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("log_head_id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "users",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("dam_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "hydrographs",
        sa.Column("hydrograph_id", sa.Integer(), nullable=False),
        sa.Column("dam_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("format", sa.String(length=100), nullable=False),
        sa.Column("rows_in_file", sa.Integer(), nullable=False),
        sa.Column("note_counts", sa.JSON(), nullable=False),
        sa.Column("assigned_by", sa.String(length=100), nullable=False),
        sa.Column("assigned_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["dam_id"], ["dams.dam_id"], name=op.f("fk_hydrographs_dam_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hydrograph_id", name=op.f("pk_hydrographs")),
        sa.UniqueConstraint("dam_id", name=op.f("uq_hydrographs_dam_id")),
    )
    op.create_table(
        "hydrograph_points",
        sa.Column("hydrograph_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time_hours", sa.Double(), nullable=False),
        sa.Column("flow_cfs", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["hydrograph_id"],
            ["hydrographs.hydrograph_id"],
            name=op.f("fk_hydrograph_points_hydrograph_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hydrograph_id", "ordinal", name=op.f("pk_hydrograph_points")),
    )


def downgrade() -> None:
    op.drop_table("hydrograph_points")
    op.drop_table("hydrographs")
    op.drop_table("users")
    op.drop_table("log_head")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_dam_id"))

    op.drop_table("events")
    with op.batch_alter_table("dams", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dams_name"))
        batch_op.drop_index(batch_op.f("ix_dams_longitude_latitude"))

    op.drop_table("dams")
