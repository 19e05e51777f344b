import csv
import datetime as dt
import gzip
import io
import itertools
import json
import math

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from servers import each_database

from data import export_nid, export_rows, exports, models, reads, seed, store, writes
from data.cells import pack, unpack
from data.commands import ImportInventory
from data.importers import inventory
from data.inventory import Filter

NOW = dt.datetime(2026, 11, 24, 19, 5, tzinfo=dt.UTC)
NO_LIMITS = writes.Limits(dams_per_user=None)
EVERY = tuple(exports.FORMATS)


@pytest.fixture
def db(database_url):
    engine = store.open_engine(database_url)
    store.migrate(engine)
    _, writing = store.make_sessions(engine)
    with writing() as session:
        seed.seed(session, now=NOW)
        session.commit()
        yield session
    engine.dispose()


def add(db, name, **values):
    """A dam of which nothing else is known, as only a file brings it."""
    texts = dict.fromkeys(("owner", "river", "date_built", "hazard", "nid_id", "created_by"), "")
    db.add(models.Dam(name=name, created_at=NOW, **texts | values))
    db.flush()


def take_in(db, path, **options):
    with inventory.read(path, **options) as file:
        command = ImportInventory(file=file, whole=True, progress=lambda _: None)
        writes.carry_out(db, command, user_name="local", origin="", now=NOW, limits=NO_LIMITS)
    db.commit()


def exported(db, form, wanted=Filter(), **options):  # noqa: B008 - a Filter is frozen
    file = io.BytesIO()
    written = exports.write(db, file, form, wanted, now=NOW, **options)
    db.commit()
    return file.getvalue(), written


def table(content):
    """Head, header and rows of our CSV."""
    lines = content.decode().split("\r\n", exports.HEAD_LINES)
    assert all(line.startswith("# ") for line in lines[:-1])
    header, *rows = csv.reader(io.StringIO(lines[-1], newline=""))
    return lines[:-1], header, [dict(zip(header, row, strict=True)) for row in rows]


def parquet(content, tmp_path):
    import fastparquet

    path = tmp_path / "made.parquet"
    path.write_bytes(content)
    with path.open("rb") as file:
        read = fastparquet.ParquetFile(file)
        return read, read.to_pandas()


def real(shared_data, name):
    return shared_data / "nid" / name


@each_database
def test_each_form_has_exactly_the_dams_that_are_counted(db, shared_data, tmp_path):
    take_in(db, real(shared_data, "nid_2019_sample500.csv"))
    for wanted in (Filter(), Filter(hazard=("High",)), Filter(state=("Texas", "Ohio"), on_map=True), Filter(eap=("",))):
        count = reads.count(db, wanted)
        assert len(table(exported(db, "csv", wanted)[0])[2]) == count
        assert len(json.loads(exported(db, "geojson", wanted)[0])["features"]) == count
        assert len(parquet(exported(db, "parquet", wanted)[0], tmp_path)[1]) == count
        content, written = exported(db, "nid", wanted)
        assert written == (count, 0, 0)
        assert len(list(csv.reader(io.StringIO(content.decode(), newline="")))) - 2 == count


def test_csv_is_in_the_order_of_the_table(db):
    add(db, "abc")
    found = reads.dams_page(db, sort="name", descending=True, limit=None).dams
    _, _, rows = table(exported(db, "csv", sort="name", descending=True)[0])
    assert [row["name"] for row in rows] == list(found["name"])
    assert [int(row["dam_id"]) for row in rows] == list(found.index)


def test_csv_says_what_it_is_before_its_header(db, shared_data):
    take_in(db, real(shared_data, "nid_2019_sample500.csv"))
    head, header, _ = table(exported(db, "csv", Filter(hazard=("High",), state=("", "Ohio")))[0])
    assert len(head) == exports.HEAD_LINES
    assert head[0].endswith("502 dams exported 2026-11-24 19:05 UTC")
    assert head[1] == "# Vintage: 2018-11-02"
    assert "NID nid_2019_sample500.csv" in head[2]
    assert head[3].endswith("Hazard potential: High AND State: Not given or Ohio | hazard=High&state=&state=Ohio")
    assert "apostrophe" in head[5]
    assert header == list(export_rows.COLUMNS)
    assert not {"created_by", "revision", "source_key"} & set(header)


def test_missing_is_empty_or_null_and_numbers_keep_their_digits(db, tmp_path):
    add(db, "Bare")
    add(db, "Placed", longitude=-90.1, latitude=35.0)
    _, _, rows = table(exported(db, "csv")[0])
    bare = next(row for row in rows if row["name"] == "Bare")
    assert {name for name, text in bare.items() if text} == {"dam_id", "name"}
    placed = next(row for row in rows if row["name"] == "Placed")
    assert (placed["longitude"], placed["latitude"]) == ("-90.1", "35")
    features = {f["properties"]["name"]: f for f in json.loads(exported(db, "geojson")[0])["features"]}
    assert features["Bare"]["geometry"] is None
    assert {value for name, value in features["Bare"]["properties"].items() if name != "name"} == {None}
    assert features["Placed"]["geometry"] == {"type": "Point", "coordinates": [-90.1, 35.0]}
    frame = parquet(exported(db, "parquet")[0], tmp_path)[1].set_index("name")
    assert frame.loc["Bare"].drop("dam_id").isna().all()
    assert frame["longitude"].dtype == "float64" and frame["dam_id"].dtype == "int64"


@pytest.mark.parametrize("form", EVERY)
def test_an_empty_result_is_a_valid_file(db, form, tmp_path):
    content, written = exported(db, form, Filter(search="no such dam"))
    assert written == (0, 0, 0)
    if form == "csv":
        assert table(content)[2] == []
    elif form == "geojson":
        assert json.loads(content)["features"] == []
        assert json.loads(content)["metadata"]["count"] == 0
    elif form == "parquet":
        read, frame = parquet(content, tmp_path)
        assert list(frame.columns) == list(export_rows.COLUMNS)
        assert read.key_value_metadata["dams.filter"] == "search=no+such+dam"
    else:
        assert next(csv.reader(io.StringIO(content.decode())))[0] == "Dam Name"


def test_geojson_and_parquet_carry_what_they_are(db, shared_data, tmp_path):
    take_in(db, real(shared_data, "nid_2019_sample500.csv"))
    wanted = Filter(hazard=("High",))
    said = json.loads(exported(db, "geojson", wanted)[0])["metadata"]
    assert said["source"][0]["file_name"] == "nid_2019_sample500.csv"
    assert said["entered_by_hand"] == 2
    assert (said["filter"], said["filter_words"]) == ("hazard=High", ["Hazard potential: High"])
    assert said["exported_at"] == "2026-11-24T19:05:00+00:00"
    assert said["count"] == reads.count(db, wanted) and said["of"] == 502
    read, _ = parquet(exported(db, "parquet", wanted)[0], tmp_path)
    kept = {name: read.key_value_metadata[f"dams.{name}"] for name in said}
    assert kept == {name: value if isinstance(value, str) else json.dumps(value) for name, value in said.items()}


HOSTILE = st.text(
    st.one_of(
        st.sampled_from("=+-@\t\r\n,;\"'|#＝＠0159.eE "),
        st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
    ),
    max_size=30,
)


@given(st.lists(HOSTILE, min_size=1, max_size=4))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_text_is_never_a_formula_and_comes_back_as_it_is(db, texts):
    for text in texts:
        add(db, text, owner=text)
    every = sorted([*texts, "Deer Creek", "Jordanelle"])
    wanted, file = Filter(search=texts[0]), io.BytesIO()
    exports.write(db, file, "csv", wanted, now=NOW)
    head, _, rows = table(file.getvalue())
    assert not any(mark in line for line in head for mark in ',;"\t')
    assert len(rows) == reads.count(db, wanted)
    assert not any(export_rows.runs(row[name]) for row in rows for name in ("name", "owner"))
    file = io.BytesIO()
    written = exports.write(db, file, "nid", now=NOW)
    lines = list(csv.reader(io.StringIO(file.getvalue().decode(), newline="")))
    cells = [row[0] for row in lines[-written.dams :]]
    assert (written.harmless > 0) == lines[0][0].startswith("Data Last Updated: (")
    assert not any(map(export_rows.runs, cells))
    assert sorted(cell[1:] if cell[:1] == "'" and export_rows.runs(cell[1:]) else cell for cell in cells) == every
    file = io.BytesIO()
    exports.write(db, file, "geojson", now=NOW)
    names = [feature["properties"]["name"] for feature in json.loads(file.getvalue())["features"]]
    assert sorted(name or "" for name in names) == every
    db.rollback()


@pytest.mark.parametrize(
    ("cell", "run"),
    [("=1+1", True), ("+A1", True), ("-A1", True), ("@SUM(A1)", True), ("\t=1", True), ("\r=1", True), ("＝1", True),
     ("-", True), ("-1-1", True), ("-inf", True), ("-1_0", True), ("", False), ("-90.1", False), ("+1e5", False),
     ("-.5", False), ("a=1", False), ("'=1", False)],
)  # fmt: skip
def test_what_a_spreadsheet_would_run(cell, run):
    assert export_rows.runs(cell) is run
    assert export_rows.harmless(cell) == ("'" * run + cell)


@given(st.lists(st.one_of(HOSTILE, st.none(), st.floats(allow_nan=False)), min_size=2, max_size=5))
@example(["a", "-1.2.3"])
@example(["a", "-5\n"])
@example(["-.", None])
@example([None, -math.inf])
def test_no_cell_that_is_run_is_overlooked_in_a_record(cells):
    text = pack(cells)
    run = any(map(export_rows.runs, map(export_nid._text, unpack(text))))
    assert not run or export_nid._SUSPECT.search(text)


@pytest.mark.parametrize("cells", [["-90.1", "+1e5", "-.5", "a=b"], ["x", "5-", ""]])
def test_a_record_without_such_a_cell_is_not_looked_at(cells):
    assert not export_nid._SUSPECT.search(pack(cells))


def cells_of(path):
    """Header and rows, by the csv module alone."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        first = next(reader)
        return (next(reader) if first[0].startswith("Data Last Updated") else first), list(reader)


@pytest.mark.parametrize("name", ["nid_2019_sample500.csv", "nid_ms_2024.csv", "nid_linked_excel_bom.csv"])
def test_a_file_comes_back_cell_for_cell(db, shared_data, tmp_path, name):
    check_round_trip(db, real(shared_data, name), tmp_path)


@pytest.mark.slow
def test_the_national_file_comes_back_cell_for_cell(db, shared_data, tmp_path):
    check_round_trip(db, real(shared_data, "nid_2019_national.csv.gz"), tmp_path)


def check_round_trip(db, path, tmp_path):
    for dam in db.scalars(sa.select(models.Dam)):  # those of the first start
        db.delete(dam)
    db.commit()
    take_in(db, path)
    content, written = exported(db, "nid")
    made = tmp_path / "made.csv"
    made.write_bytes(content)
    with inventory.read(path) as was, inventory.read(made) as now:
        refused = {row.line for row in was.report.rejected}  # of the linked file: keys that an earlier row has
        assert (len(refused), len(now.report.rejected)) == (3 if "linked" in path.name else 0, 0)
        assert now.report.last_updated == was.report.last_updated
    header, rows = cells_of(path)
    kept = [row for line, row in enumerate(rows, 2) if line not in refused]
    assert cells_of(made) == (header, kept)
    assert written == (len(kept), 0, 0)


def test_dams_entered_by_hand_stand_in_the_columns_that_are_known(db, shared_data):
    take_in(db, real(shared_data, "nid_ms_2024.csv"))
    content, _ = exported(db, "nid", Filter(search="jordanelle"))
    header, row = list(csv.reader(io.StringIO(content.decode())))[1:]
    said = {name: cell for name, cell in zip(header, row, strict=True) if cell}
    assert said == {
        "Dam Name": "Jordanelle", "NID ID": "UT10204", "Owner Names": "Reclamation", "Latitude": "40.598168",
        "Longitude": "-111.424055", "River or Stream Name": "Provo River", "Year Completed": "1993",
        "Hazard Potential Classification": "High", "State": "Utah",
    }  # fmt: skip


def inventory_file(tmp_path, name, header, *rows):
    path = tmp_path / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


HEADER = ["NID ID", "Dam Name", "Latitude", "Longitude", "Notes"]


def test_columns_of_several_imports_are_joined_and_missing_cells_are_empty(db, tmp_path):
    old = inventory_file(tmp_path, "old.csv", ["Dam Name", "NID ID", "Remark", "Remark"], ["A", "ZZ00001", "r", "s"])
    new = inventory_file(tmp_path, "new.csv", HEADER, ["ZZ00002", "B", "35", "-90", "n"])
    take_in(db, old)
    with inventory.read(new) as file:
        command = ImportInventory(file=file, whole=False, progress=lambda _: None)
        writes.carry_out(db, command, user_name="local", origin="", now=NOW, limits=NO_LIMITS)
    db.commit()
    content, written = exported(db, "nid", Filter(search="zz0000"))
    assert list(csv.reader(io.StringIO(content.decode()))) == [
        [*HEADER, "Remark", "Remark"],
        ["ZZ00002", "B", "35", "-90", "n", "", ""],
        ["ZZ00001", "A", "", "", "", "r", "s"],
    ]
    assert written.dams == 2


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless_and_counted(db, tmp_path):
    path = inventory_file(
        tmp_path,
        "nid.csv",
        HEADER,
        ["ZZ00001", "=cmd|' /C calc'!A0", "35", "-90.1", "-1"],
        ["ZZ00002", "B", "", "", "@x"],
    )
    take_in(db, path)
    content, written = exported(db, "nid", Filter(search="zz0000"))
    head, *rows = content.decode().splitlines()
    assert written == (2, 0, 2)
    assert head.startswith("Data Last Updated: (2 cells: ")
    assert list(csv.reader(rows)) == [
        HEADER, ["ZZ00001", "'=cmd|' /C calc'!A0", "35", "-90.1", "-1"], ["ZZ00002", "B", "", "", "'@x"]
    ]  # fmt: skip
    made = tmp_path / "made.csv"
    made.write_bytes(content)
    with inventory.read(made) as file:
        assert file.report.accepted == 2


def test_dams_of_another_list_are_left_out_and_counted(db, shared_data, tmp_path):
    from data.importers.inventory_mapping import Mapped

    take_in(db, real(shared_data, "nid_2019_sample500.csv"))
    other = inventory_file(tmp_path, "other.csv", ["code", "title"], ["X1", "Elsewhere"])
    take_in(db, other, mapping=Mapped("OTHER", {"nid_id": "code", "name": "title"}))
    assert exported(db, "nid")[1] == (502, 1, 0)
    assert len(table(exported(db, "csv")[0])[2]) == 503


def test_a_form_that_is_none_is_refused(db):
    with pytest.raises(ValueError, match="format is 'xlsx'; csv, geojson, parquet, nid would do"):
        exports.write(db, io.BytesIO(), "xlsx", now=NOW)


@pytest.mark.parametrize(
    ("given_", "said"),
    [({"hazrd": ["High"]}, "'hazrd' is no filter; 'hazard' is one."), ({"near": ["x"]}, "near is 'x'"),
     ({"height_ft": ["10~x"]}, "height_ft is '10~x'"), ({"height_ft": ["10"]}, "10~50"),
     ({"on_map": ["maybe"]}, "yes or no"), ({"search": ["a", "b"]}, "search is given 2 times")],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused(given_, said):
    with pytest.raises(ValueError, match=said):
        exports.read_filter(given_)


def test_every_filter_comes_back_from_its_address():
    from urllib.parse import parse_qs

    for wanted in (Filter(), Filter(hazard=("", "High"), height_ft=(10, None), on_map=False, search="a & b")):
        assert exports.read_filter(parse_qs(wanted.query(), keep_blank_values=True)) == wanted


def test_a_file_is_named_by_what_is_in_it():
    wanted = Filter(hazard=("High",), state=("New York",), search='"; evil/../é')
    assert exports.file_name("csv", wanted, NOW) == "dams-high-new-york-evil-2026-11-24.csv"
    assert exports.file_name("nid", Filter(), NOW) == "nid-2026-11-24.csv"


def test_rows_are_fetched_a_part_at_a_time(db, monkeypatch):
    monkeypatch.setattr(export_rows, "CHUNK", 1)
    assert [len(part) for part in itertools.islice(export_rows.dams(db, Filter()), 5)] == [1, 1]
