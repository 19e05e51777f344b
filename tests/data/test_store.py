import pytest
import sqlalchemy as sa

from data import store
from data.models import Base


@pytest.fixture
def engine(tmp_path):
    made = store.open_engine(f"sqlite:///{tmp_path / 'folder' / 'dams.sqlite'}")
    yield made
    made.dispose()


def schema(engine):
    """Tables, columns, constraints and indexes, as the database itself tells them."""
    look = sa.inspect(engine)
    return {
        table: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)],
            "key": look.get_pk_constraint(table),
            "foreign": look.get_foreign_keys(table),
            "unique": sorted(look.get_unique_constraints(table), key=lambda u: u["name"]),
            "checks": sorted(look.get_check_constraints(table), key=lambda c: c["name"]),
            "indexes": sorted(look.get_indexes(table), key=lambda i: i["name"]),
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }


def test_a_new_database_and_a_migrated_one_have_the_same_schema(engine, tmp_path):
    store.migrate(engine)
    new = store.open_engine(f"sqlite:///{tmp_path / 'new.sqlite'}")
    Base.metadata.create_all(new)
    assert schema(engine) == schema(new)
    assert "dams" in schema(engine)
    new.dispose()


def test_the_models_ask_for_nothing_that_the_migrations_lack(engine):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    store.migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_every_migration_can_be_taken_back(engine):
    from alembic import command

    store.migrate(engine)
    command.downgrade(store.alembic_config(engine), "base")
    assert schema(engine) == {}


def test_migrating_twice_changes_nothing(engine):
    store.migrate(engine)
    before = schema(engine)
    store.migrate(engine)
    assert schema(engine) == before


def test_a_database_of_a_newer_program_is_refused(engine):
    store.migrate(engine)
    with engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(store.WrongSchema, match="newer than this program"):
        store.migrate(engine)


def test_sqlite_checks_foreign_keys_and_keeps_a_write_ahead_log(engine):
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_password_in_the_address_is_not_shown():
    from dashboard.settings import Settings

    assert "secret" not in Settings(database_url="postgresql+psycopg://dams:secret@localhost/dams").shown_database()
