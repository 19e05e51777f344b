"""The contract of a series: steps, gaps, volumes, flags and the JSON that is made of them."""

import json

import numpy as np
import pandas as pd
import pytest

from data.series import About, Gap, Series, SeriesFile

FLOW = About(id="made-up", parameter="flow", unit="cfs")
HOURLY = pd.date_range("2024-01-01", periods=5, freq="h", tz="UTC", unit="us", name="time")


def made(values, index=HOURLY, *, about=FLOW, flags=""):
    flag = pd.Categorical([flags] * len(values) if isinstance(flags, str) else flags)
    return Series(about, pd.DataFrame({"value": np.array(values, dtype=float), "flag": flag}, index=index))


def test_a_step_that_is_missing_is_a_gap_with_the_number_of_missing_steps():
    series = made([1, 2, 3], HOURLY[[0, 1, 4]])
    assert np.isnan(series.step_s)  # of two steps neither is the usual one
    series = made([1, 2, 3, 4], HOURLY[[0, 1, 2, 4]])
    assert series.gaps == (Gap("2024-01-01T02:00:00Z", "2024-01-01T04:00:00Z", 1),)


def test_steps_that_drift_by_seconds_are_no_gaps():
    index = pd.DatetimeIndex(["2009-02-25T11:00", "2009-02-25T11:15:24", "2009-02-25T11:30:48"], tz="UTC").as_unit("us")
    assert made([1, 2, 3], index).gaps == ()


def test_the_volume_of_values_is_the_trapezoid_and_of_means_the_step():
    assert made([0, 10, 20, 10, 0]).volume == (pytest.approx(40 * 3600 / 43560), 0.0)
    daily = About(id="d", unit="cfs", statistic="mean")
    index = pd.date_range("2024-01-01", periods=2, freq="D", tz="UTC", unit="us")
    assert made([10, 10], index, about=daily).volume == (pytest.approx(20 * 86400 / 43560), 0.0)


def test_means_of_scattered_days_have_no_volume():
    daily = About(id="d", unit="cfs", statistic="mean")
    for days in (["2024-01-01", "2024-03-24"], ["2024-01-01", "2024-01-20", "2024-03-24", "2024-03-25"]):
        index = pd.DatetimeIndex(days, tz="UTC").as_unit("us")
        assert made([10] * len(days), index, about=daily).volume is None


def test_the_volume_leaves_out_missing_values_and_gaps_and_says_how_many_hours():
    assert made([10, np.nan, 10, 10, 10]).volume == (pytest.approx(20 * 3600 / 43560), 2.0)
    assert made([10, 10, 10, 10], HOURLY[[0, 1, 2, 4]]).volume == (pytest.approx(20 * 3600 / 43560), 2.0)


@pytest.mark.parametrize(
    ("about", "flow"),
    [
        (About(id="a", unit="m3/s"), True),
        (About(id="a", unit="cfs", statistic="mean"), True),
        (About(id="a", unit="cfs", statistic="maximum"), False),
        (About(id="a", unit="cfs", statistic="peak"), False),
        (About(id="a", unit="ft"), False),
        (About(id="a"), False),
    ],
)
def test_only_a_flow_has_a_volume(about, flow):
    series = made([1, 2, 3, 4, 5], about=about)
    assert ("volume_acre_ft" in series.as_json()) is flow
    assert (series.volume is not None) is flow


def test_json_counts_flags_and_missing_values_and_gives_times_in_utc():
    series = made([3, np.nan, 7, 7, 1], flags=["A", "P Ice", "A; Grade 50", "", "A"])
    found = series.as_json()
    assert found["flags"] == {"A": 3, "P Ice": 1, "Grade 50": 1}
    assert (found["values"], found["missing"], found["min"], found["max"]) == (4, 1, 1.0, 7.0)
    assert (found["start_utc"], found["max_at_utc"]) == ("2024-01-01T00:00:00Z", "2024-01-01T02:00:00Z")
    json.dumps(SeriesFile("a", "b", (series,)).as_json(), allow_nan=False)


def test_a_series_without_values_has_no_extremes_and_is_json():
    for series in (made([], HOURLY[:0]), made([np.nan] * 5)):
        found = series.as_json()
        assert (found["min"], found["max"], found["max_at_utc"], found["volume_acre_ft"]) == (None, None, None, None)
        json.dumps(found, allow_nan=False)


def test_hours_without_a_date_have_no_instant():
    series = made([1, 2, 3, 4, 5], pd.to_timedelta([0, 1, 2, 3, 6], unit="h").as_unit("us"))
    assert (series.as_json()["start_utc"], series.as_json()["end_utc"]) == (None, None)
    assert series.gaps == (Gap("3 h", "6 h", 2),)
