"""``dams inspect``: inventory files and series, known by content, in words and as JSON."""

import json
import shutil

import pytest

from dashboard import cli


@pytest.fixture
def inspect(capsys):
    def run(path, *options):
        status = cli.main(["inspect", str(path), *options])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_an_inventory_file_is_still_one(inspect, shared_data):
    status, out, err = inspect(shared_data / "nid" / "nid_2019_sample500.csv", "--json")
    found = json.loads(out)
    assert (status, err, found["kind"], found["rows"], found["accepted"]) == (0, "", "inventory", 500, 500)


def test_a_series_is_one_json_object(inspect, shared_data):
    status, out, err = inspect(shared_data / "usgs" / "rdb_iv_11447650_freeport_2019_dst.rdb", "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert (found["kind"], found["format"], found["rejected"]) == ("series", "USGS RDB", [])
    assert found.keys() == {"kind", "format", "series", "rejected", "warnings"}
    (one,) = found["series"]
    assert one.keys() == {
        "id", "name", "parameter", "unit", "timezone", "rows", "values", "missing", "duplicates", "gaps", "start_utc",
        "end_utc", "min", "max", "max_at_utc", "volume_acre_ft", "flags",
    }  # fmt: skip
    assert (one["rows"], one["max"], one["max_at_utc"]) == (8810, 26800, "2019-12-11T06:45:00Z")
    assert one["gaps"] == [{"start": "2019-11-22T12:45:00Z", "end": "2019-11-22T16:15:00Z", "missing_steps": 13}]
    assert {warning["code"] for warning in found["warnings"]} == {"disorder", "gap", "volume_part"}


def test_the_name_of_a_file_does_not_matter(inspect, shared_data, tmp_path):
    copy = tmp_path / "dams.geojson"
    shutil.copyfile(shared_data / "usgs" / "cdec_jer_ec_event.csv.gz", copy)
    status, out, _ = inspect(copy, "--json")
    assert (status, json.loads(out)["format"]) == (0, "CDEC CSV")


def test_the_report_in_words_tells_gaps_flags_and_warnings(inspect, shared_data):
    status, out, _ = inspect(shared_data / "usgs" / "wdl_b91560_discharge.csv.gz")
    assert status == 0
    assert "21,338 rows: 21,324 values, 14 missing, 0 repeated." in out
    assert "Gap: 2009-06-04T02:16:02Z to 2009-06-04T03:01:01Z, 2 steps missing." in out
    assert "1 more gaps; --json lists all." in out
    assert "no_flag 4" in out
    assert "names no time zone" in out


def test_hours_without_a_date_are_told_as_hours(inspect, shared_data):
    _, out, _ = inspect(shared_data / "hydrographs" / "hydrograph1.csv")
    assert "0 h to 12 h." in out
    assert "0 to 60 cfs, highest at 3 h." in out


def test_rows_that_are_left_out_stand_on_standard_error_with_their_line(inspect, tmp_path):
    path = tmp_path / "written.csv"
    path.write_text("date,flow_cfs\n2024-01-01,1\n2024-01-02,many\n2024-01-03,3\n")
    status, _, err = inspect(path)
    assert (status, err) == (0, f"{path}:3: Not a number (flow_cfs). (many)\n")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("usgs/rdb_rating_01594440.txt", "a rating table"),
        ("reservoirs/willamette_elev_stor.csv", "a storage table"),
        ("known_answers/lp3_04031500_peakfq.prt", "No series is recognised"),
    ],
)
def test_what_is_neither_is_refused_in_one_line(inspect, shared_data, name, words):
    path = shared_data / name
    status, out, err = inspect(path, "--json")
    assert (status, err.count("\n")) == (1, 1)
    assert err.startswith(f"{path}: ")
    assert words in err
    assert json.loads(out)["problem"] in err
    assert inspect(path) == (1, "", err)


def test_an_inventory_without_rows_is_refused_as_an_inventory(inspect, tmp_path):
    path = tmp_path / "written.csv"
    path.write_text("NID ID,Dam Name\n")
    status, _, err = inspect(path)
    assert (status, err) == (1, f"{path}: The file has a header and no rows.\n")


def test_a_file_that_is_not_there_is_refused_in_one_line(inspect, tmp_path):
    status, out, err = inspect(tmp_path / "gone.csv", "--json")
    assert (status, out) == (1, "")
    assert err.endswith("gone.csv: No such file or directory.\n")


def test_control_characters_of_a_file_do_not_reach_the_terminal(inspect, tmp_path):
    path = tmp_path / "written.csv"
    path.write_text("date,\x1b[31mflow (cfs)\n2024-01-01,1\n2024-01-02,2\n")
    _, out, _ = inspect(path)
    assert "\x1b" not in out
    assert "flow" in out
