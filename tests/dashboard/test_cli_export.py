import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import cli_export
from data import exports

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(database_url):
    """``run("export", ...)`` on a database of the test's own; bytes come back."""

    def start(*arguments):
        command = [sys.executable, "-m", "dashboard.cli", *arguments]
        environment = os.environ | {"DAMS_DATABASE_URL": database_url}
        return subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=False, timeout=60)

    return start


def test_the_formats_are_those_that_can_be_written():
    assert tuple(exports.FORMATS) == cli_export.FORMATS


def test_options_and_an_address_narrow_together(run):
    ran = run("export", "--format", "geojson", "--filter", "hazard=High&search=deer", "--search", "jordan")
    assert (ran.returncode, ran.stderr) == (0, b"1 dam to standard output.\n")
    said = json.loads(ran.stdout)
    assert [feature["properties"]["name"] for feature in said["features"]] == ["Jordanelle"]
    assert said["metadata"]["filter"] == "search=jordan&hazard=High"


def test_a_file_takes_the_place_of_one_that_is_there_and_nothing_else_is_left(run, tmp_path):
    made = tmp_path / "out" / "dams.parquet"
    made.parent.mkdir()
    made.write_bytes(b"old")
    ran = run("export", "--format", "parquet", "-o", str(made), "--hazard", "High", "--search", "provo")
    assert (ran.returncode, ran.stdout) == (0, b"")
    assert ran.stderr.decode() == f"2 dams to {made}.\n"
    assert made.read_bytes()[:4] == b"PAR1"
    assert list(made.parent.iterdir()) == [made]


def test_a_value_that_no_dam_has_is_said(run):
    ran = run("export", "--format", "csv", "--hazard", "high")
    assert ran.returncode == 0
    assert ran.stderr.decode().splitlines() == [
        "No dam has hazard potential 'high'. Is 'High' meant?", "0 dams to standard output."
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--format", "xlsx"], "invalid choice"), ([], "required: --format"),
     (["--format", "csv", "--filter", "hazrd=High"], "'hazard' is one"),
     (["--format", "csv", "--near", "x"], "near is 'x', which cannot be read")],
)  # fmt: skip
def test_wrong_usage_exits_with_2(run, arguments, said):
    ran = run("export", *arguments)
    assert ran.returncode == 2
    assert said in ran.stderr.decode()
    assert "Traceback" not in ran.stderr.decode()


def test_a_file_that_cannot_be_written_exits_with_1_and_one_sentence(run, tmp_path):
    where = tmp_path / "nowhere" / "dams.csv"
    ran = run("export", "--format", "csv", "-o", str(where))
    assert (ran.returncode, ran.stderr.decode()) == (1, f"{where}: No such file or directory.\n")


def test_a_device_is_written_to_and_never_replaced(run):
    ran = run("export", "--format", "csv", "-o", os.devnull)
    assert ran.returncode == 0
    assert not Path(os.devnull).is_file()
