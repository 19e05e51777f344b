"""Backup and restore, while others write, from either database into either, and what the doctor finds."""

import gzip
import io
import json
import threading

import pytest
import sqlalchemy as sa
from servers import each_database

from data import accounts, backup, chain, check, models, reads, store
from data.commands import AddDam, AddUser, AssignSeries, DeleteDam, RemoveSeries, SignIn, Undo
from data.importers import series as series_files


def add(app, name="Made-up Dam", user="local"):
    values = {"owner": "Other", "river": "R", "date_built": "1941", "longitude": -111.5, "latitude": 40.5}
    return app.send(AddDam(name=name, **values), user_name=user).dam_id


def filled(app):
    """Dams, a user who is signed in, a series, and a dam that was deleted last."""
    app.send(AddUser(name="jo", role_name="diadmin", states=("Utah",), password_hash="kept"), user_name="local")
    app.send(SignIn(token_hash="f" * 64, expires_at=app.clock().replace(year=2099)), user_name="jo")
    file = series_files.read_bytes("stage.csv", b"time,Stage (ft)\n2024-01-01,5\n2024-01-02,\n2024-01-03,7\n")
    app.send(AssignSeries(dam_id=1, file=file, roles={file.series[0].about.id: "stage"}), user_name="jo")
    app.send(DeleteDam(dam_id=add(app)), user_name="local")
    return app


def saved(app):
    file = io.BytesIO()
    made = backup.write(app.engine, file)
    file.seek(0)
    return file, made


def contents(engine):
    with engine.connect() as connection:
        return {table.name: sorted(map(repr, connection.execute(sa.select(table)).all())) for table in backup.tables()}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_engine(request, tmp_path):
    """Another database that holds nothing."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    else:
        url = f"sqlite:///{tmp_path / 'restored.sqlite'}"
    engine = store.open_engine(url)
    yield engine
    engine.dispose()


@each_database
def test_what_is_restored_is_what_was_there_from_either_database_into_either(app, empty_engine):
    filled(app)
    file, made = saved(app)
    assert backup.restore(empty_engine, file) == made
    assert contents(empty_engine) == contents(app.engine)
    reading, _ = store.make_sessions(empty_engine)
    with reading() as db:
        assert chain.newest(db) == (made.number, made.hash)
        assert [one.wrong for one in check.look_over(db)] == [""] * 6
        assert db.scalar(sa.select(sa.func.count()).select_from(models.SignIn)) == 0


@pytest.mark.services
def test_a_restored_database_goes_on_where_the_other_stopped(make_app, postgres, app):
    deleted = filled(app)
    file, made = saved(app)
    url = postgres.new_database()
    engine = store.open_engine(url)
    backup.restore(engine, file)
    engine.dispose()
    restored = make_app(database_url=url)
    assert add(restored, user="jo") == 4  # 3 is the number of the dam that was deleted
    restored.send(Undo(number=made.number), user_name="local")
    with restored.reading() as db:
        assert reads.dam(db, 3)["name"] == "Made-up Dam"
        assert chain.first_broken(db) is None
    assert add(deleted) == 4


@each_database
def test_a_backup_made_while_others_write_holds_together(app, empty_engine):
    stop, started = threading.Event(), threading.Event()

    def write():
        while not stop.is_set():
            add(app)
            started.set()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        assert started.wait(30)
        file, made = saved(app)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert backup.restore(empty_engine, file) == made
    with store.make_sessions(empty_engine)[0]() as db:
        assert [one.wrong for one in check.look_over(db)] == [""] * 6


def edited(file, change):
    """The backup with its lines changed."""
    lines = gzip.decompress(file.getvalue()).splitlines(keepends=True)
    return io.BytesIO(gzip.compress(b"".join(change(lines))))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[:-1], "cut off"),
        (
            lambda lines: lines[:1] + [line for line in lines[1:] if b"Jordanelle" not in line],
            "as many rows|does not hold",
        ),
        (lambda lines: [line.replace(b"Jordanelle", b"Jordan") for line in lines], "chain of events does not hold"),
        (
            lambda lines: [lines[0].replace(b'"hash":"', b'"hash":"f'), *lines[1:]],
            "is not the one that the backup names",
        ),
        (lambda lines: [lines[0].replace(b"backup/1", b"backup/9"), *lines[1:]], "is no backup of this program"),
        (lambda lines: [lines[0].replace(store.newest_revision().encode(), b"0009"), *lines[1:]], "is of schema 0009"),
        (lambda lines: [b"not json\n"], "no backup of this program"),
    ],
    ids=["cut off", "a row less", "a changed value", "another hash", "another format", "another schema", "no backup"],
)
def test_a_backup_that_is_not_whole_or_was_changed_is_refused_and_stores_nothing(app, tmp_path, change, words):
    file, _ = saved(filled(app))
    engine = store.open_engine(f"sqlite:///{tmp_path / 'restored.sqlite'}")
    with pytest.raises(backup.NotRestored, match=words):
        backup.restore(engine, edited(file, change))
    assert not any(contents(engine).values())
    engine.dispose()


def test_a_file_that_is_cut_in_the_middle_is_refused(app, tmp_path):
    file, _ = saved(filled(app))
    engine = store.open_engine(f"sqlite:///{tmp_path / 'restored.sqlite'}")
    with pytest.raises(backup.NotRestored, match="cut off or damaged"):
        backup.restore(engine, io.BytesIO(file.getvalue()[:-200]))
    engine.dispose()


def test_a_database_that_holds_something_is_not_restored_into(app):
    file, _ = saved(app)
    with pytest.raises(backup.NotRestored, match="not empty"):
        backup.restore(app.engine, file)


def test_a_backup_holds_no_sign_in_and_no_secret(app):
    filled(app)
    key = app.key
    with app.writing() as db:
        accounts.begin_try(db, "jo", "127.0.0.1", now=app.clock())
    text = gzip.decompress(saved(app)[0].getvalue()).decode()
    named = {json.loads(line)["table"] for line in text.splitlines() if '"table"' in line}
    assert named.isdisjoint({"sign_ins", "invitations", "secrets", "sign_in_tries"})
    assert key not in text and "f" * 64 not in text and "kept" in text


# The doctor


def findings(app):
    with app.reading() as db:
        return {one.what: one.wrong for one in check.look_over(db) if one.wrong}


@pytest.mark.parametrize(
    ("statement", "what", "words"),
    [
        ("UPDATE log_head SET dam_count = 9", "number of dams", "counts 9 dams, the table has 2"),
        ("UPDATE users SET dam_count = 7 WHERE name = 'jo'", "dams and bytes of each user", "jo is counted with 7"),
        ("UPDATE kept SET content = x'00'", "what changes took away", "is not what it was"),
        ("UPDATE kept SET sha256 = '0', content = x'00'", "what changes took away", "is not what"),
        ("UPDATE dams SET river = 'Lethe' WHERE dam_id = 1", "dams as the log tells them", 'river of "Deer Creek"'),
        ("UPDATE events SET user_name = 'x' WHERE number = 2", "chain of events", "event 2 is not"),
    ],
    ids=["dams", "user", "kept", "kept and its hash", "values", "event"],
)
def test_the_doctor_names_what_was_changed_behind_the_programs_back(app, statement, what, words):
    filled(app)
    app.send(RemoveSeries(series_id=1), user_name="local")
    assert findings(app) == {}
    with app._write.begin() as db:
        db.execute(sa.text(statement))
    assert words in findings(app)[what]
