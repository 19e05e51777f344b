import datetime as dt
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from servers import each_database

from data import events, models, store
from data.models import Base

ROOT = Path(__file__).parents[2]


@pytest.fixture
def engine(database_url):
    made = store.open_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def empty_engine(request, tmp_path, engine):
    """Another empty database of the same kind."""
    postgres = engine.dialect.name == "postgresql"
    url = request.getfixturevalue("postgres").new_database() if postgres else f"sqlite:///{tmp_path / 'new.sqlite'}"
    made = store.open_engine(url)
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


@each_database
def test_a_new_database_and_a_migrated_one_have_the_same_schema(engine, empty_engine):
    store.migrate(engine)
    Base.metadata.create_all(empty_engine)
    assert schema(engine) == schema(empty_engine)
    assert "dams" in schema(engine)


@each_database
def test_the_models_ask_for_nothing_that_the_migrations_lack(engine):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    store.migrate(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


@each_database
def test_every_migration_can_be_taken_back(engine):
    from alembic import command

    store.migrate(engine)
    command.downgrade(store.alembic_config(engine), "base")
    assert schema(engine) == {}


@each_database
def test_events_written_before_they_kept_a_place_get_the_one_of_their_dam(engine):
    from alembic import command

    command.upgrade(store.alembic_config(engine), "0001")
    with engine.execution_options(writes=True).begin() as connection:
        dam = "1, 'Old', 'Other', 'R', '1950', '', '', -90.0, 35.0, 'local', '2024-05-01 12:00:00', 1"
        columns = "dam_id, name, owner, river, date_built, hazard, nid_id, longitude, latitude, created_by, created_at"
        connection.exec_driver_sql(f"INSERT INTO dams ({columns}, revision) VALUES ({dam})")
        for number, dam_id in ((1, 1), (2, 7)):  # 7 is deleted
            event = (
                f"{number}, 'dam_added', '2024-05-01 12:00:00', 'local', '', 'key-{number}', {dam_id}, 'Old', '{{}}'"
            )
            connection.exec_driver_sql(f"INSERT INTO events VALUES ({event})")
    store.migrate(engine)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT owner, longitude, latitude FROM events ORDER BY number").all()
    assert [tuple(row) for row in rows] == [("Other", -90.0, 35.0), ("", None, None)]


@each_database
def test_a_migrated_database_does_not_give_the_id_of_a_deleted_dam_again(engine):
    from alembic import command

    command.upgrade(store.alembic_config(engine), "0002")
    with engine.execution_options(writes=True).begin() as connection:
        for _ in range(2):
            connection.exec_driver_sql(
                "INSERT INTO dams (name, owner, river, date_built, hazard, nid_id, created_by, created_at, revision) "
                "VALUES ('Old', 'Other', 'R', '1950', '', '', 'local', '2024-05-01 12:00:00', 1)"
            )
        connection.exec_driver_sql("DELETE FROM dams")
    store.migrate(engine)
    _, writing = store.make_sessions(engine)
    with writing.begin() as db:
        about = {"name": "New", "owner": "", "river": "", "date_built": "", "hazard": "", "nid_id": ""}
        dam = models.Dam(**about, created_by="", created_at=dt.datetime.now(dt.UTC))
        db.add(dam)
        db.flush()
        assert dam.dam_id == 3


@each_database
def test_a_migrated_database_keeps_what_belongs_to_its_dams(engine):
    from alembic import command

    command.upgrade(store.alembic_config(engine), "0001")
    with engine.execution_options(writes=True).begin() as connection:
        for statement in (
            "INSERT INTO dams (dam_id, name, owner, river, date_built, hazard, nid_id, created_by, created_at, "
            "revision) VALUES (1, 'Old', 'Other', 'R', '1950', '', '', 'local', '2024-05-01 12:00:00', 1)",
            "INSERT INTO users (user_id, name, staff, rights, dam_count) VALUES (1, 'local', true, '[\"edit\"]', 1)",
            "INSERT INTO hydrographs VALUES (1, 1, 'a.csv', 'CSV', 2, '{}', 'local', '2024-05-01 12:00:00')",
            "INSERT INTO hydrograph_points VALUES (1, 0, 0.0, 60.0), (1, 1, 1.0, 72.0)",
        ):
            connection.exec_driver_sql(statement)
    store.migrate(engine)
    with engine.connect() as connection:
        points = connection.exec_driver_sql("SELECT flow_cfs FROM hydrograph_points ORDER BY ordinal").scalars().all()
        size = connection.exec_driver_sql("SELECT size FROM hydrographs").scalar()
        user = connection.exec_driver_sql("SELECT role_name, dam_count, byte_count FROM users").one()
    assert points == [60.0, 72.0] and size == 32
    assert tuple(user) == ("admin", 1, 32)


@each_database
def test_migrating_twice_changes_nothing(engine):
    store.migrate(engine)
    before = schema(engine)
    store.migrate(engine)
    assert schema(engine) == before


@each_database
def test_programs_that_start_together_prepare_one_database_once(database_url, engine):
    source = "from dashboard import services; services.current().close()"
    environment = os.environ | {"DAMS_DATABASE_URL": database_url}
    programs = [subprocess.Popen([sys.executable, "-c", source], cwd=ROOT, env=environment) for _ in range(3)]
    assert [program.wait() for program in programs] == [0] * 3
    reading, _ = store.make_sessions(engine)
    with reading() as db:
        assert events.head(db) == 2


@each_database
def test_who_prepares_waits_longer_for_other_programs_than_a_command_does(database_url):
    with store.preparing(database_url) as engine, engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "1min"
        else:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 60_000


def test_a_new_file_that_another_program_is_just_writing_is_waited_for(tmp_path, monkeypatch):
    other = sqlite3.connect(tmp_path / "new.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    asked = threading.Event()
    monkeypatch.setattr(store, "_pause", lambda _: (asked.set(), other.execute("COMMIT")))
    engine = store.open_engine(f"sqlite:///{tmp_path / 'new.sqlite'}", lock_seconds=0.01)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert asked.is_set()
    engine.dispose()
    other.close()


@each_database
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


@each_database
def test_an_error_does_not_repeat_the_values_of_its_statement(engine):
    with pytest.raises(sa.exc.DBAPIError) as caught, engine.begin() as db:
        db.execute(sa.text("SELECT :typed FROM nowhere"), {"typed": "what somebody typed"})
    assert "nowhere" in str(caught.value)
    assert "what somebody typed" not in str(caught.value)
