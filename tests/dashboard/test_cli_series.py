"""``dams import --dam`` and the analyses on the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(database_url):
    def start(*arguments):
        command = [sys.executable, "-m", "dashboard.cli", *map(str, arguments)]
        environment = os.environ | {"DAMS_DATABASE_URL": database_url}
        return subprocess.run(
            command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False, timeout=120
        )

    return start


def test_a_series_is_given_to_a_dam_once(run, shared_data):
    file = shared_data / "usgs" / "rdb_dv_02177000.txt"
    given = ("import", "--dam", "ut10117", "--role", "inflow", file)
    dry = run(*given, "--dry-run")
    assert (dry.returncode, dry.stdout) == (
        0,
        "Would be done: USGS:02177000:01_00060_00003 given to dam 1 as inflow.\n",
    ), dry.stderr
    words = 'given to "Deer Creek" (dam 1) as inflow: 31 new values, 0 changed.'
    assert run(*given).stdout == f"Done: USGS:02177000:01_00060_00003 {words}\n"
    again = run(*given)
    assert (again.returncode, again.stdout) == (0, '"Deer Creek" has every value of rdb_dv_02177000.txt already.\n')


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--dam", "99", "--role", "inflow"), "'99' is not one dam of the inventory"),
        (
            ("--dam", "1", "--role", "flood"),
            "inflow, outflow, stage, elevation, storage, other; 'flood' is none of these",
        ),
        (("--dam", "1"), "say with --role what USGS:02177000:01_00060_00003 is to the dam: inflow, outflow"),
        ((), "It is USGS RDB with 1 series: give one to a dam with --dam and --role."),
        (("--dam", "1", "--role", "inflow", "--series", "x"), "say with --series which one of USGS:02177000:01_00060"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(run, shared_data, arguments, words):
    ran = run("import", *arguments, shared_data / "usgs" / "rdb_dv_02177000.txt")
    assert ran.returncode == 1
    assert words in ran.stderr and "Traceback" not in ran.stderr


def test_route_prints_what_hec_hms_prints(run, shared_data, tmp_path):
    folder, out, script = shared_data / "known_answers", tmp_path / "out.csv", tmp_path / "again.py"
    ran = run(
        "route", folder / "routing_cherry_creek_inflow.csv",
        "--table", folder / "routing_cherry_creek_resmodel.csv",
        "--start-elevation", 5565, "--crest", 5640, "--json", "-o", out, "--script", script,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert round(found["peak_elevation_ft"], 4) == 5572.9426
    assert round(found["peak_outflow_cfs"], 4) == 1617.8195
    assert round(found["peak_storage_acre_ft"], 4) == 39580.7666
    assert found["peak_inflow_time"] == 42.0
    assert found["freeboard_ft"] == pytest.approx(5640 - 5572.9426, abs=1e-4)
    rows, answer = pd.read_csv(out), pd.read_csv(folder / "routing_cherry_creek_hms_answer.csv")
    assert list(rows) == ["time", "inflow_cfs", "storage_acre_ft", "elevation_ft", "outflow_cfs"]
    assert np.abs(rows["elevation_ft"] - answer["elevation_ft"]).max() < 5.1e-5
    again = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(again.stdout) == found


def test_route_by_a_weir_in_place_of_the_tables_outflow(run, shared_data):
    folder = shared_data / "known_answers"
    ran = run(
        "route", folder / "routing_cherry_creek_inflow.csv", "--table", folder / "routing_cherry_creek_resmodel.csv",
        "--start-elevation", 5565, "--weir", 5580, 200, 3.1, "--json",
    )  # fmt: skip
    found = json.loads(ran.stdout)
    assert found["peak_outflow_cfs"] == 0  # the pool stays below the weir, and all is stored
    assert found["storage_change_acre_ft"] == pytest.approx(found["volume_in_acre_ft"])


def test_frequency_and_baseflow_print_their_reports(run, shared_data, tmp_path):
    ran = run("frequency", shared_data / "usgs" / "rdb_peaks_01594440.txt", "--json")
    found = json.loads(ran.stdout)
    assert {"n", "mean_log10", "sd_log10", "skew", "quantiles", "low_outliers", "method", "warnings"} <= found.keys()
    assert found["quantiles"]["0.01"] > found["quantiles"]["0.1"] > found["quantiles"]["0.5"] > 0
    out = tmp_path / "base.csv"
    flow = shared_data / "usgs" / "rdb_dv_03290500_estimated.txt"
    ran = run("baseflow", flow, "--method", "ukih", "--json", "-o", out)
    found = json.loads(ran.stdout)
    assert {"bfi", "days", "method", "warnings"} <= found.keys()
    assert list(pd.read_csv(out)) == ["time", "flow", "baseflow"]


def test_storage_and_flows_print_their_reports(run, shared_data):
    folder = shared_data / "reservoirs"
    ran = run(
        "storage", folder / "cougar_daily_stage.csv", "--table", folder / "willamette_elev_stor.csv",
        "--reservoir", "Cougar", "--shift", 0, "--json",
    )  # fmt: skip
    assert json.loads(ran.stdout)["storage_max_acre_ft"] == pytest.approx(195_940, abs=1)
    ran = run("flows", shared_data / "hydrographs" / "jmd_inflow_daily_1912_2024.csv.gz", "--json")
    found = json.loads(ran.stdout)
    assert (found["days"], found["maximum"], len(found["annual"])) == (40908, 87300, 112)
    assert found["low_flow"]["value"] == pytest.approx(13.68, abs=0.01)


def test_an_analysis_that_is_not_right_is_refused_in_a_sentence(run, shared_data):
    ran = run("frequency", shared_data / "usgs" / "rdb_dv_02177000.txt")
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr and "give a file of annual peaks" in ran.stderr
    ran = run("baseflow", shared_data / "usgs" / "rdb_iv_11447650_freeport_2019_dst.rdb", "--method", "ukih")
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
