"""Runs the migrations on the engine that ``data.store`` hands over."""

from alembic import context

from data.models import Base

engine = context.config.attributes["engine"]

with engine.execution_options(writes=True).connect() as connection:
    # SQLite changes a table only by copying it (render_as_batch). One transaction holds the look at the
    # revision and all changes, so that of two programs that start together the second finds nothing to do.
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()
