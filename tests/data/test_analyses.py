"""Analyses of whole series, and the scripts that give their digits again."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data import analyses, series_analysis
from data.provenance import Refused
from data.routing import Orifice, StorageTable, Weir
from data.series import About, Series

ROOT = Path(__file__).parents[2]
FLOW = About(id='USGS:1"""', name='Chattooga """ import os \\', unit="cfs", timezone="UTC-05:00")
TABLE = StorageTable([0, 10, 20], [0, 100, 300], [0, 50, 400])


def series(values, about=FLOW, step="1h"):
    index = pd.date_range("2014-03-01", periods=len(values), freq=step, tz="UTC", unit="us", name="time")
    points = pd.DataFrame({"value": np.array(values, "float64"), "flag": pd.Categorical(["A"] * len(values))}, index)
    return Series(about, points, len(points))


def run(script, tmp_path):
    file = tmp_path / "script.py"
    file.write_text(script)
    done = subprocess.run([sys.executable, file], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def test_a_routing_as_a_script_gives_the_same_digits(tmp_path):
    found = analyses.analyse_routing(series([1 / 3, 40, 80.1, 20, 5]), TABLE, start_elevation_ft=1.1, crest_ft=18.0)
    assert run(found.script, tmp_path) == found.report
    assert found.report["peak_inflow_cfs"] == 80.1
    assert found.report["peak_inflow_time"] == "2014-03-01T02:00:00Z"


def one_of(path):
    from data.importers.series import read

    return read(path).series[0]


def test_flood_frequency_as_a_script_gives_the_same_digits(shared_data, tmp_path):
    peaks = one_of(shared_data / "usgs" / "rdb_peaks_01594440.txt")
    found = analyses.analyse_frequency(peaks, regional_skew=0.5, regional_skew_mse=0.3)
    assert run(found.script, tmp_path) == found.report
    assert found.report["n"] == 19
    assert found.figures["100-year flood"].startswith(f"{found.report['quantiles']['0.01']:,.0f} cfs (90% limits")


def test_baseflow_as_a_script_gives_the_same_digits(shared_data, tmp_path):
    flow = one_of(shared_data / "usgs" / "rdb_dv_03290500_estimated.txt")
    found = analyses.analyse_baseflow(flow, method="eckhardt", a=0.97, bfi_max=0.7)
    assert run(found.script, tmp_path) == found.report
    assert (found.rows["baseflow"] <= found.rows["flow"]).all()
    assert found.rows["time"].iloc[0] == "2012-07-01T00:00:00Z"


def test_statistics_as_a_script_give_the_same_digits_and_say_why_there_is_no_low_flow(shared_data, tmp_path):
    flow = one_of(shared_data / "usgs" / "rdb_dv_03290500_estimated.txt")
    found = analyses.analyse_statistics(flow)
    assert run(found.script, tmp_path) == found.report
    assert found.report["maximum"] == 46400
    assert "a low-flow frequency needs 10" in found.figures["7Q10"]


def test_facts_as_a_script_give_the_same_digits(shared_data, tmp_path):
    flow = one_of(shared_data / "usgs" / "rdb_dv_03290500_estimated.txt")
    found = analyses.analyse_facts(flow, above=10_000.0)
    assert run(found.script, tmp_path) == found.report
    assert found.figures["Peak"] == "46,400 cfs at 2013-04-20T00:00:00Z"


def cougar(shared_data):
    folder = shared_data / "reservoirs"
    table = folder / "willamette_elev_stor.csv"
    return one_of(folder / "cougar_daily_stage.csv"), (table.name, table.read_bytes())


def test_storage_as_a_script_gives_the_same_digits(shared_data, tmp_path):
    stage, table = cougar(shared_data)
    found = analyses.analyse_storage(stage, table, reservoir="Cougar", shift_ft=0.0, full_elevation_ft=1690.0)
    assert run(found.script, tmp_path) == found.report
    assert (found.report["values"], found.report["missing"]) == (18508, 45)
    assert found.rows["storage_acre_ft"].isna().sum() == 45
    assert found.figures["Most storage"] == "195,940 acre-ft at 1,695.70 ft, 1990-04-30T00:00:00Z, 103.7 % full"


def test_a_level_in_another_datum_than_the_tables_is_not_read_without_a_shift(shared_data):
    stage, table = cougar(shared_data)
    with pytest.raises(Refused, match="Elevations in NGVD29 cannot be read in the table of Cougar"):
        analyses.analyse_storage(stage, table, reservoir="Cougar")


def test_a_reservoir_that_the_table_has_not_is_refused_by_name(shared_data):
    stage, table = cougar(shared_data)
    with pytest.raises(Refused, match=r"willamette_elev_stor\.csv: The file has no reservoir 'Hoover'"):
        analyses.analyse_storage(stage, table, reservoir="Hoover", shift_ft=0.0)


def test_cubic_metres_are_routed_as_cubic_feet():
    metric = series([1, 2, 1, 1, 1, 1], About(id="m", unit="m3/s"))
    found = series_analysis.routed(metric, TABLE, start_elevation_ft=1.0)
    assert found.peak("inflow_cfs")[0] == pytest.approx(70.6293334)  # 2 / 0.3048**3


def test_a_gap_in_the_inflow_is_refused_and_named():
    whole = series(range(1, 20))
    part = Series(FLOW, whole.points.drop(whole.points.index[5:8]), 16)
    with pytest.raises(Refused, match=r"1 gaps, the first from 2014-03-01T04:00:00Z to 2014-03-01T08:00:00Z"):
        series_analysis.routed(part, TABLE, start_elevation_ft=1.0)
    rest = series_analysis.between(part, "2014-03-01T08:00Z", "")
    assert len(series_analysis.routed(rest, TABLE, start_elevation_ft=1.0).outflow_cfs) == 11


def test_a_missing_inflow_is_refused_and_named():
    with pytest.raises(Refused, match="missing at 1 of 3 times, first at 2014-03-01T01:00:00Z"):
        series_analysis.routed(series([1, np.nan, 3]), TABLE, start_elevation_ft=1.0)


def test_what_is_no_flow_is_refused():
    with pytest.raises(Refused, match="is in ft, which is no flow"):
        series_analysis.routed(series([1, 2], About(id="USGS:1:00065", unit="ft")), TABLE, start_elevation_ft=1.0)


def test_an_empty_period_is_refused():
    with pytest.raises(Refused, match=r"holds no value of the series, which goes from 2014-03-01T00:00:00Z to 2014"):
        series_analysis.between(series([1, 2]), "2020-01-01", "")


def test_a_period_of_hours_is_given_in_hours_and_one_of_dates_in_dates():
    index = pd.to_timedelta([0, 1, 2, 3], unit="h").as_unit("us").rename("time")
    points = pd.DataFrame({"value": [1.0, 2, 3, 4], "flag": pd.Categorical([""] * 4)}, index)
    of_hours = Series(FLOW, points, 4)
    assert series_analysis.between(of_hours, "1", "2.5").values.tolist() == [2, 3]
    with pytest.raises(Refused, match="'2000-01-01' is no number of hours: the series has hours and no dates"):
        series_analysis.between(of_hours, "2000-01-01", "")
    with pytest.raises(Refused, match="'40' is not a time: write 2014-03-01"):
        series_analysis.between(series([1, 2]), "40", "")
    with pytest.raises(Refused, match=r"The period ends \(1\) before it begins \(2\)"):
        series_analysis.between(of_hours, "2", "1")


def test_a_routing_by_equations_says_which_and_gives_the_same_digits_as_a_script(tmp_path):
    outlets = [Weir(5.0, 20.0, 3.1), Orifice(1.0, 2.0, 0.6)]
    found = analyses.analyse_routing(series([1, 40, 80, 20, 5, 5]), TABLE, start_elevation_ft=1.1, outlets=outlets)
    assert run(found.script, tmp_path) == found.report
    told = found.report["how"]
    assert told["parameters"]["outlets"] == [
        "Weir(crest_ft=5.0, length_ft=20.0, coefficient=3.1)",
        "Orifice(centre_ft=1.0, area_ft2=2.0, coefficient=0.6)",
    ]
    assert "weir C L H^1.5" in told["method"] and "3 rows of elevation and storage" in told["data_used"]


def test_a_weir_without_a_length_is_refused():
    with pytest.raises(Refused, match="The length of the weir, -100, is not above 0"):
        Weir(5.0, -100.0, 3.1)


def test_of_several_flows_one_must_be_named():
    two = (series([1], About(id="a", unit="cfs")), series([1], About(id="b", unit="cfs")))
    with pytest.raises(Refused, match=r"2 series of flow in cfs or m³/s: say with --series which one \(a, b\)"):
        series_analysis.the_flow(two)
    assert series_analysis.the_flow(two, "b") is two[1]
    with pytest.raises(Refused, match="no series of flow"):
        series_analysis.the_flow((series([1], About(id="c", unit="ft")),))
