"""Runs the migrations on the engine that ``data.store`` hands over."""

from alembic import context

from data.models import Base

engine = context.config.attributes["engine"]
sqlite = engine.dialect.name == "sqlite"

with engine.execution_options(writes=True).connect() as connection:
    driver = connection.connection.driver_connection
    if sqlite:  # a table is changed by a copy; dropping the old one would delete what belongs to its rows
        driver.execute("PRAGMA foreign_keys=OFF")
    try:
        # One transaction holds the look at the revision and all changes, so that of two programs that start together
        # the second finds nothing to do.
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True, transactional_ddl=True
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise RuntimeError(f"The migration would leave rows of {lost[0][0]} without what they belong to.")
    finally:
        if sqlite:
            driver.execute("PRAGMA foreign_keys=ON")
