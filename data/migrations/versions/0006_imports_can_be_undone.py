"""imports can be undone"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "record_versions",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("dam_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("of_import_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], ["imports.import_id"], name=op.f(f"fk_record_versions_{name}"))
            for name in ("import_id", "of_import_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "dam_id", name=op.f("pk_record_versions")),
    )
    op.add_column("dam_changes", sa.Column("revision", sa.Integer(), nullable=True))
    with op.batch_alter_table("imports") as imports:
        imports.add_column(sa.Column("keeps_records", sa.Boolean(), nullable=False, server_default=sa.false()))
        imports.add_column(sa.Column("undoes", sa.Integer(), nullable=True))
        imports.create_foreign_key(op.f("fk_imports_undoes"), "imports", ["undoes"], ["import_id"])
        imports.create_unique_constraint(op.f("uq_imports_undoes"), ["undoes"])
    with op.batch_alter_table("imports") as imports:
        imports.alter_column("keeps_records", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("imports") as imports:
        imports.drop_constraint(op.f("uq_imports_undoes"), type_="unique")
        imports.drop_constraint(op.f("fk_imports_undoes"), type_="foreignkey")
        imports.drop_column("undoes")
        imports.drop_column("keeps_records")
    op.drop_column("dam_changes", "revision")
    op.drop_table("record_versions")
