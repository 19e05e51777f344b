"""events keep the dam's owner and place"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("events") as events:
        events.add_column(sa.Column("owner", sa.String(length=100), nullable=False, server_default=""))
        events.add_column(sa.Column("longitude", sa.Double(), nullable=True))
        events.add_column(sa.Column("latitude", sa.Double(), nullable=True))
    # What is known of dams that still stand; of a deleted one an older event says nothing.
    for name in ("owner", "longitude", "latitude"):
        op.execute(
            f"UPDATE events SET {name} = (SELECT dams.{name} FROM dams WHERE dams.dam_id = events.dam_id) "
            "WHERE dam_id IN (SELECT dam_id FROM dams)"
        )
    with op.batch_alter_table("events") as events:
        events.alter_column("owner", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("events") as events:
        for name in ("latitude", "longitude", "owner"):
            events.drop_column(name)
