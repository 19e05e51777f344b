"""Of a long series every pixel keeps its smallest and largest value, and no line crosses a gap."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.decimation import breaks, decimate, lone, trace
from data.importers import series_rdb
from data.importers.series_text import Findings, content, text_of
from data.provenance import Refused
from data.series import About, Series
from data.series_curves import hours_from_peak, running_volume


@st.composite
def windows(draw):
    """Times with gaps, values of which some are missing, marks, a window and its pixels."""
    count = draw(st.integers(1, 300))
    seed = draw(st.integers(0, 2**32 - 1))
    chance = np.random.default_rng(seed)
    times = np.cumsum(np.where(chance.random(count) < draw(st.sampled_from([0, 0.05, 0.5])), 9, 1)).astype("float64")
    values = chance.integers(-5, 6, count).astype("float64")
    values[chance.random(count) < draw(st.sampled_from([0, 0.1, 0.9, 1.0]))] = np.nan
    gaps = np.flatnonzero(np.diff(times) > 1)
    marked = chance.random(count) < draw(st.sampled_from([0, 0.02, 1.0]))
    start = draw(st.integers(-5, int(times[-1])))
    end = start + draw(st.integers(1, int(times[-1]) + 10))
    return times, values, gaps, marked, start, end, draw(st.integers(1, 40))


def pixels_of(times, start, end, pixels):
    """The pixel of each time that lies in the window, -1 for others."""
    at = np.digitize(times, np.linspace(start, end, pixels + 1)[1:-1])
    return np.where((times >= start) & (times <= end), at, -1)


@given(windows())
def test_every_pixel_keeps_its_smallest_and_largest_value(made):
    times, values, gaps, marked, start, end, pixels = made
    found = trace(times, values, gap_starts=gaps, marked=marked)
    kept = found.rows[decimate(found, start, end, pixels)]
    at = pixels_of(times, start, end, pixels)
    for pixel in set(at[(at >= 0) & np.isfinite(values)].tolist()):
        there, shown = values[at == pixel], values[kept[at[kept] == pixel]]
        assert (shown.min(), shown.max()) == (np.nanmin(there), np.nanmax(there))


@given(windows())
def test_a_line_breaks_where_and_only_where_a_gap_or_a_missing_value_lies(made):
    times, values, gaps, marked, start, end, pixels = made
    found = trace(times, values, gap_starts=gaps, marked=marked)
    at = decimate(found, start, end, pixels)
    broken = set(breaks(found, at).tolist())
    rows = found.rows[at].tolist()
    for place, (row, following) in enumerate(pairwise(rows)):
        open_here = np.isnan(values[row:following]).any() or any(row <= gap < following for gap in gaps.tolist())
        assert (place in broken) == open_here


@given(windows())
def test_a_gap_wider_than_a_pixel_ends_at_its_own_points(made):
    times, values, gaps, marked, start, end, pixels = made
    found = trace(times, values, gap_starts=gaps, marked=marked)
    kept = set(decimate(found, start, end, pixels).tolist())
    at = pixels_of(found.times, start, end, pixels)
    for hole in found.holes.tolist():
        ends = [place for place in (hole, hole + 1) if at[place] >= 0]
        if at[hole] != at[hole + 1]:
            assert kept.issuperset(ends)


@given(windows())
def test_a_marked_point_is_seen_in_each_pixel_that_has_one(made):
    times, values, gaps, marked, start, end, pixels = made
    found = trace(times, values, gap_starts=gaps, marked=marked)
    kept = found.rows[decimate(found, start, end, pixels)]
    at = pixels_of(times, start, end, pixels)
    assert set(at[marked & np.isfinite(values) & (at >= 0)]) == set(at[kept[marked[kept] & (at[kept] >= 0)]])


@given(windows())
def test_what_is_drawn_are_points_of_the_series_and_few(made):
    times, values, gaps, marked, start, end, pixels = made
    found = trace(times, values, gap_starts=gaps, marked=marked)
    at = decimate(found, start, end, pixels)
    assert (np.diff(at) > 0).all() and len(at) <= 5 * pixels + 4
    np.testing.assert_array_equal(values[found.rows[at]], found.values[at])
    np.testing.assert_array_equal(times[found.rows[at]], found.times[at])


def test_a_lone_point_is_told():
    found = trace(np.arange(7.0), [1, np.nan, 3, np.nan, 5, 6, 7], gap_starts=[5])
    at = decimate(found, 0, 6, 10)
    assert found.rows[at].tolist() == [0, 2, 4, 5, 6]
    assert found.rows[at[lone(breaks(found, at), len(at))]].tolist() == [0, 2, 6]


def test_a_peak_of_one_value_in_a_million_is_drawn():
    values = np.zeros(1_000_000)
    values[654_321] = 9.0
    found = trace(np.arange(1e6), values)
    at = decimate(found, 0, 1e6 - 1, 500)
    assert 654_321 in at and len(at) <= 1_002


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(2_000, 9_000), st.booleans())
def test_many_points_a_pixel_keep_the_same_extremes_as_few(seed, pixels, count, uneven):
    chance = np.random.default_rng(seed)
    times = np.cumsum(chance.choice([1, 500] if uneven else [1], count, p=[0.99, 0.01] if uneven else [1.0]) * 1.0)
    values = chance.integers(-50, 50, count).astype("float64")
    found = trace(times, values)
    start, end = times[int(count * 0.1)], times[int(count * 0.95)]
    kept = decimate(found, start, end, pixels)
    at = pixels_of(times, start, end, pixels)
    assert len(kept) <= 2 * pixels + 2
    for pixel in set(at[at >= 0].tolist()):
        there, shown = values[at == pixel], values[kept[at[kept] == pixel]]
        assert (shown.min(), shown.max()) == (there.min(), there.max())


@pytest.mark.parametrize(("start", "end", "pixels"), [(1, 1, 10), (2, 1, 10), (float("nan"), 1, 10), (0, 1, 0)])
def test_a_window_without_width_is_refused(start, end, pixels):
    with pytest.raises(ValueError, match="has none"):
        decimate(trace([0.0, 1.0], [0.0, 1.0]), start, end, pixels)


@pytest.mark.parametrize("times", [[0.0, 0.0], [1.0, 0.0], [0.0, float("nan")], [0.0]])
def test_times_that_do_not_increase_are_refused(times):
    with pytest.raises(ValueError, match="increase"):
        trace(times, [1.0, 2.0])


def rdb(path):
    """The series of a file of NWIS."""
    findings = Findings()
    return series_rdb.read(text_of(content(path), findings), findings)[1]


def made_up(values, *, hours, statistic="", unit="cfs"):
    """A series at these hours after the start of 2020."""
    index = pd.DatetimeIndex(pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(hours, unit="h"), name="time")
    points = pd.DataFrame(
        {"value": np.array(values, dtype="float64"), "flag": pd.Categorical([""] * len(values))}, index
    )
    return Series(About(id="made up", unit=unit, statistic=statistic), points)


@pytest.mark.parametrize("name", ["rdb_iv_11447650_freeport_2019_dst.rdb", "rdb_dv_03290500_estimated.txt"])
def test_the_running_volume_ends_at_the_volume_of_the_series(shared_data, name):
    series = next(one for one in rdb(shared_data / "usgs" / name) if one.about.is_flow)
    seconds, acre_ft = running_volume(series)
    assert len(seconds) == len(series.points)
    assert acre_ft[np.isfinite(acre_ft)][-1] == pytest.approx(series.volume[0], rel=1e-12)


def test_a_gap_and_a_missing_value_add_nothing_to_the_running_volume():
    series = made_up([12.1, 12.1, 12.1, np.nan, 12.1, 12.1], hours=[0, 1, 9, 10, 11, 12])
    _, acre_ft = running_volume(series)
    np.testing.assert_allclose(acre_ft, [0, 1, 1, np.nan, 1, 2])  # 12.1 cfs for an hour are 1 acre-foot


def test_a_mean_counts_for_its_whole_step():
    seconds, acre_ft = running_volume(made_up([12.1, np.nan, 12.1], hours=[0, 24, 48], statistic="mean"))
    np.testing.assert_allclose(acre_ft, [24, np.nan, 48])
    assert np.diff(seconds).tolist() == [86400, 86400] and seconds[0] == made_up([1], hours=[24]).seconds[0]


def test_what_is_no_flow_has_no_running_volume():
    assert running_volume(made_up([1, 2], hours=[0, 1], unit="ft")) is None


def test_the_first_highest_value_is_hour_zero():
    assert hours_from_peak(np.array([0, 3600, 7200, 9000]), np.array([1, 5, np.nan, 5])).tolist() == [-1, 0, 1, 1.5]


def test_a_window_without_values_has_no_peak():
    with pytest.raises(Refused, match="has no peak"):
        hours_from_peak(np.array([0.0]), np.array([np.nan]))
