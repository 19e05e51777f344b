"""Flow statistics of real daily flow, and low flow with and without years that run dry.

John Martin Dam's inflow 1912 to 2024 is of USACE-RMC; Freeport and Dos Rios of USGS and CDEC.
"""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import flow_statistics as statistics
from data import log_pearson
from data.importers.series import read
from data.provenance import Refused
from data.series import About, Series
from data.series_facts import facts

DAILY = About(id="Q", unit="cfs", statistic="mean")


def series(values, start="2000-10-01", about=DAILY, drop=(), step="D"):
    index = pd.date_range(start, periods=len(values), freq=step, tz="UTC", unit="us", name="time")
    points = pd.DataFrame({"value": np.array(values, "float64"), "flag": pd.Categorical([""] * len(values))}, index)
    return Series(about, points.drop(points.index[list(drop)]))


@pytest.fixture(scope="module")
def john_martin(shared_data):
    return read(shared_data / "hydrographs" / "jmd_inflow_daily_1912_2024.csv.gz").series[0]


def test_112_water_years_of_john_martin_are_whole(john_martin):
    found = statistics.analyse(john_martin)
    assert found.annual["water_year"].to_list() == list(range(1913, 2025))
    assert (found.days, found.missing, found.warnings) == (40_908, 0, ())
    assert found.annual["missing"].sum() == 0 and found.annual["days"].sum() == 40_908
    assert (found.minimum, found.maximum) == (3, 87_300)
    highest = found.annual.loc[found.annual["maximum"].idxmax()]
    assert highest["water_year"] == 1921 and highest["maximum_date"] == pd.Timestamp("1921-06-05")
    volume = john_martin.values.sum() * 86_400 / 43_560
    assert found.annual["volume_acre_ft"].sum() == pytest.approx(volume)
    assert found.monthly["volume_acre_ft"].sum() == pytest.approx(volume)


def test_months_and_years_are_the_means_of_their_days(john_martin):
    found = statistics.analyse(john_martin)
    flow = pd.Series(john_martin.values, index=john_martin.points.index)
    assert found.annual.loc[found.annual["water_year"] == 1965, "mean"].item() == flow["1964-10-01":"1965-09-30"].mean()
    june = found.monthly[(found.monthly["year"] == 1921) & (found.monthly["month"] == 6)]
    assert june["mean"].item() == pytest.approx(flow["1921-06-01":"1921-06-30"].mean())
    assert june["water_year"].item() == 1921
    assert found.by_month.set_index("month").loc[6, "mean"] == pytest.approx(flow[flow.index.month == 6].mean())
    assert found.by_month["days"].sum() == 40_908


def test_a_gap_is_counted_and_not_filled():
    found = statistics.analyse(series(np.ones(400), drop=range(100, 110)))
    assert (found.days, found.missing) == (390, 10)
    assert found.annual["days"].to_list() == [355, 35] and found.annual["missing"].to_list() == [10, 330]
    assert found.annual["volume_acre_ft"].to_list() == pytest.approx([355 * 86_400 / 43_560, 35 * 86_400 / 43_560])
    assert "2 water years without all days (missing days in brackets): 2001 (10), 2002 (330)" in found.warnings[0]
    january = found.by_month.set_index("month").loc[1]
    assert (january["days"], january["missing"]) == (21, 10)


def test_days_are_those_of_the_zone_that_the_file_states(shared_data):
    """CDEC's day begins at 08:00 UTC."""
    found = statistics.analyse(read(shared_data / "usgs" / "cdec_dto_outflow_daily.csv").series[0])
    assert found.annual["maximum_date"].item() == pd.Timestamp("2019-12-06") and found.maximum == 25_242
    assert (found.days, found.missing) == (92, 1)


def test_a_day_of_closer_values_has_a_mean_only_where_all_are_there(shared_data):
    """Freeport, 15 minutes: 13 values are missing on 2019-11-22, and the last day ends early."""
    freeport = read(shared_data / "usgs" / "rdb_iv_11447650_freeport_2019_dst.rdb").series[0]
    flow = statistics.daily(freeport)
    assert np.isnan(flow["2019-11-22"]) and np.isfinite(flow["2019-11-21"]) and np.isfinite(flow["2019-11-23"])
    assert flow.isna().sum() == 2
    day = freeport.points.loc["2019-12-01T07:00":"2019-12-02T06:45", "value"]
    assert len(day) == 96 and flow["2019-12-01"] == pytest.approx(day.mean())


def test_flow_duration_is_the_weibull_position_of_each_flow():
    found = statistics.duration(np.arange(1.0, 100.0), [1, 50, 99, 99.5])
    assert [found[1], found[50], found[99]] == [99, 50, 1]
    assert np.isnan(found[99.5])  # beyond what 99 days can tell


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_a_flow_that_is_exceeded_more_often_is_not_higher(flows):
    found = np.array(list(statistics.duration(np.array(flows)).values()))
    known = found[np.isfinite(found)]
    assert (np.diff(known) <= 0).all()
    assert ((known >= min(flows)) & (known <= max(flows))).all()


def test_extremes_of_one_day_are_the_annual_ones(john_martin):
    annual = statistics.analyse(john_martin).annual
    found = statistics.extremes(john_martin, 1, "maximum")
    assert found.years["value"].to_list() == annual["maximum"].to_list() and found.years["used"].all()
    assert found.years["year"].to_list() == annual["water_year"].to_list()


def test_climatic_years_run_from_april_and_an_incomplete_one_is_not_used(john_martin):
    found = statistics.extremes(john_martin, 7)
    years = found.years.set_index("year")
    assert years.loc[1912, "days"] == 182 and not years.loc[1912, "used"]
    assert len(found.used) == 111
    flow = pd.Series(john_martin.values, index=john_martin.points.index.tz_localize(None))
    means = flow["1934-04-01":"1935-03-31"].rolling(7).mean()
    assert years.loc[1934, "value"] == pytest.approx(means.min()) and years.loc[1934, "end"] == means.idxmin()
    assert (years["end"] - years["start"]).dt.days.eq(6).all()


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e5), min_size=365, max_size=365), st.integers(1, 60))
def test_longer_minima_are_not_below_shorter_ones_nor_maxima_above(values, days):
    flow = series(values, "2001-04-01")
    short, long = (statistics.extremes(flow, n, first_month=4).years["value"].item() for n in (days, 2 * days))
    assert long >= short * (1 - 1e-9) - 1e-9
    short, long = (
        statistics.extremes(flow, n, "maximum", first_month=4).years["value"].item() for n in (days, 2 * days)
    )
    assert long <= short * (1 + 1e-9) + 1e-9


def test_a_window_never_reaches_over_a_gap():
    values = np.full(365, 10.0)
    values[[100, 110]] = 1.0
    found = statistics.extremes(series(values, "2001-04-01", drop=range(101, 110)), 7).years.iloc[0]
    assert found["value"] == pytest.approx((6 * 10 + 1) / 7) and not found["used"] and found["missing"] == 9


def test_7q10_is_log_pearson_iii_of_the_annual_minima(john_martin):
    found = statistics.low_flow(john_martin)
    minima = statistics.extremes(john_martin, 7).used
    curve = log_pearson.moments(np.log10(minima))
    assert found.name == "7Q10" and found.zeros == 0
    assert found.value == pytest.approx(curve.at(0.9), rel=1e-12)
    assert 0.05 < (minima <= found.value).mean() < 0.15  # about one year in ten
    assert "April to March, named by its beginning" in found.how.method
    assert "1912: 183 days missing" in found.how.left_out


def by_year(minima, start=1990):
    """A flow of 50 with a week of the given minimum in July of each climatic year."""
    days = pd.date_range(f"{start}-04-01", f"{start + len(minima)}-03-31")
    flow = pd.Series(50.0, index=days)
    for year, low in enumerate(minima, start):
        flow[f"{year}-07-01" : f"{year}-07-10"] = low
    return series(flow.to_numpy(), f"{start}-04-01")


def test_years_without_flow_lower_the_low_flow_by_their_share():
    wet = [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0]
    found = statistics.low_flow(by_year([0.0, *wet]))
    curve = log_pearson.moments(np.log10(wet))
    assert found.zeros == 1
    assert found.value == pytest.approx(curve.at(1 - (0.1 - 0.05) / 0.95), rel=1e-9)
    assert any("1 year without flow for 7 days" in w for w in found.warnings)


def test_where_a_tenth_of_the_years_or_more_are_dry_7q10_is_zero():
    found = statistics.low_flow(by_year([0.0, 0.0, *range(5, 23)]))
    assert found.value == 0 and found.curve is None
    assert found.as_json()["skew"] is None


@pytest.mark.parametrize(
    ("flow", "settings", "words"),
    [
        (by_year([5.0] * 9), {}, "Only 9 climatic years of 9 have every day"),
        (by_year([5.0, 6.0] * 6), {"return_years": 1.0}, "return period of 1.0 years has no meaning"),
        (by_year([5.0, 6.0] * 6), {"n_days": 0}, "extreme of 0 days is not of 1 to 183"),
        (by_year([-5.0, 6.0] * 6), {}, "The minimum of 1990 is negative"),
        (series([1.0] * 30, about=About(id="stage", unit="ft")), {}, "stage is in ft, which is no flow"),
        (series([np.nan] * 30), {}, "has no values"),
        (series([1.0] * 30, step="7D"), {}, "has a step of 168 h; statistics are of daily flow"),
    ],
)
def test_what_has_no_low_flow_is_refused_with_a_sentence(flow, settings, words):
    with pytest.raises(Refused, match=words):
        statistics.low_flow(flow, **settings)


def test_hours_without_dates_and_other_exceedances_are_refused(shared_data):
    with pytest.raises(Refused, match="hours but no dates"):
        statistics.analyse(read(shared_data / "hydrographs" / "hydrograph1.csv").series[0])
    with pytest.raises(Refused, match="exceedance 100 % is not between"):
        statistics.analyse(series(np.ones(400)), exceedances=(50, 100))
    with pytest.raises(Refused, match="'mean' is not minimum or maximum"):
        statistics.extremes(series(np.ones(400)), 7, "mean")


def test_reports_are_plain_json(john_martin):
    for found in (statistics.analyse(john_martin), statistics.low_flow(john_martin)):
        report = found.as_json()
        assert json.loads(json.dumps(report, allow_nan=False)) == report
        assert report["how"]["versions"]


def test_cubic_metres_stay_and_their_volume_is_in_acre_feet():
    found = statistics.analyse(series(np.ones(365), about=About(id="Q", unit="m3/s", statistic="mean")))
    assert found.mean == 1 and found.unit == "m3/s"
    assert found.annual["volume_acre_ft"].item() == pytest.approx(365 * 86_400 / 0.3048**3 / 43_560)


def test_facts_of_a_triangle_are_its_geometry():
    """Rising 4 h to 80 cfs, falling 8 h: area 480 cfs h, centroid at (0 + 4 + 12)/3 h."""
    rise, fall = np.linspace(0, 80, 5), np.linspace(70, 0, 8)
    found = facts(series([*rise, *fall], about=About(id="q", unit="cfs"), step="h"), above=40.0)
    assert (found.peak, found.time_to_peak_hours, found.peaks) == (80, 4, 1)
    assert found.peak_time == "2000-10-01T04:00:00Z"
    assert found.volume_acre_ft == pytest.approx(480 * 3600 / 43_560)
    assert found.centroid_hours == pytest.approx(16 / 3)
    assert found.above_hours == pytest.approx(6)
    assert found.rise_hours == pytest.approx(4 * 0.95) and found.recession_hours == pytest.approx(8 * 0.95)
    assert found.warnings == ()


def test_facts_of_john_martins_flood_of_1921(shared_data):
    """Peak 184,452 cfs 1921-06-05 05:00, 385,264 acre-ft (README of the hydrographs)."""
    found = facts(read(shared_data / "hydrographs" / "jmd_hydro_june1921.csv").series[0])
    assert (found.peak, found.peak_time) == (184_452, "1921-06-05T05:00:00Z")
    assert round(found.volume_acre_ft) == 385_264 and found.time_to_peak_hours == 29


def test_facts_leave_out_a_gap_and_say_so(shared_data):
    found = facts(read(shared_data / "usgs" / "rdb_iv_11447650_freeport_2019_dst.rdb").series[0], above=20_000.0)
    assert found.unknown_hours == found.volume_left_out_hours == 3.5
    assert (found.peak, found.peak_time, found.peaks) == (26_800, "2019-12-11T06:45:00Z", 3)
    assert any("1 gap and 0 missing values: the peak may lie in one" in w for w in found.warnings)
    assert 0 < found.above_hours < found.values / 4


def test_a_mean_counts_for_its_whole_step():
    found = facts(series([0, 10, 0], step="D"), above=5.0)
    assert found.above_hours == 24 and found.centroid_hours == 36
    assert found.volume_acre_ft == pytest.approx(10 * 86_400 / 43_560)


def test_a_peak_at_an_end_and_a_stage_are_told_for_what_they_are():
    found = facts(series([1, 2, 3], about=About(id="h", unit="ft"), step="h"))
    assert found.volume_acre_ft is None and found.centroid_hours is None and found.recession_hours is None
    assert "The highest value is the last: the true peak may lie after." in found.warnings
    with pytest.raises(Refused, match="has no value"):
        facts(series([np.nan, np.nan]))
    with pytest.raises(Refused, match="is not a number"):
        facts(series([1, 2]), above=np.nan)


@settings(deadline=None)
@given(st.lists(st.one_of(st.floats(0, 1e5), st.just(np.nan)), min_size=2, max_size=50), st.floats(0, 1e5))
def test_facts_stay_within_the_series(values, above):
    one = series(values, about=About(id="q", unit="cfs"), step="h")
    if not np.isfinite(one.values).any():
        return
    found = facts(one, above=above)
    length = len(values) - 1
    assert 0 <= found.above_hours <= length - found.unknown_hours + 1e-9
    assert 0 <= found.time_to_peak_hours <= length
    assert found.centroid_hours is None or -1e-6 <= found.centroid_hours <= length
    assert (found.rise_hours or 0) + (found.recession_hours or 0) <= length + 1e-9
    assert json.dumps(found.as_json(), allow_nan=False)
