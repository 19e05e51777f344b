"""any number of series of a dam"""

import sqlalchemy as sa
from alembic import op

from data.sqltypes import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXTS = {
    "role": 20,
    "source_id": 200,
    "name": 300,
    "parameter": 100,
    "unit": 40,
    "timezone": 100,
    "datum": 100,
    "source": 200,
    "statistic": 40,
    "file_name": 255,
    "format": 100,
    "assigned_by": 100,
}


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("dam_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(length), nullable=False) for name, length in TEXTS.items()),
        sa.Column("assigned_at", UTCDateTime(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["dam_id"], ["dams.dam_id"], name=op.f("fk_series_dam_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("series_id", name=op.f("pk_series")),
        sa.UniqueConstraint("dam_id", "source_id", name=op.f("uq_series_dam_id_source_id")),
    )


def downgrade() -> None:
    op.drop_table("series")
