"""Pure analysis of series: smoothing and gaps."""

import numpy as np
import pandas as pd
import pytest

from data import sample_series
from data.hydrology import break_at_gaps, gap_starts, smooth, usual_step


def daily(*values):
    return pd.Series(
        values, index=pd.date_range("2024-05-01", periods=len(values), freq="D", tz="UTC"), dtype="float64"
    )


@pytest.mark.parametrize("days", [1, 7, 30])
def test_R2_zero_gives_the_raw_series_and_n_the_rolling_mean(days):
    values = sample_series.load("sea_surface_temperature")[0]["value"]
    pd.testing.assert_series_equal(smooth(values, 0), values)
    pd.testing.assert_series_equal(smooth(values, days), values.rolling(f"{days}D").mean())


def test_defect_10_a_trailing_mean_lags_by_half_a_window_and_a_centred_one_does_not():
    hump = daily(0, 0, 0, 1, 2, 3, 2, 1, 0, 0, 0)
    assert smooth(hump, 3).idxmax() == hump.idxmax() + pd.Timedelta(days=1)
    assert smooth(hump, 3, centred=True).idxmax() == hump.idxmax()


def test_defect_10_a_missing_value_stays_missing_and_is_left_out_of_the_means_around_it():
    smoothed = smooth(daily(2, np.nan, 4), 3)
    assert smoothed.isna().tolist() == [False, True, False]
    assert smoothed.iloc[2] == 3


def test_the_usual_step_is_the_median_and_unknown_for_one_time():
    assert usual_step(np.array([0.0, 1, 2, 9])) == 1
    assert np.isnan(usual_step(np.array([5.0])))


def test_defect_10_a_missing_value_is_put_into_the_middle_of_each_gap():
    times, values = break_at_gaps(np.array([0.0, 1, 2, 6, 7]), np.array([1, 2, 3, 4, 5]))
    assert times.tolist() == [0, 1, 2, 4, 6, 7]
    np.testing.assert_array_equal(values, [1, 2, 3, np.nan, 4, 5])


@pytest.mark.parametrize("times", [[], [1.0], [1.0, 2.0], [0.0, 1.0, 2.4]])
def test_a_series_without_a_gap_is_left_as_it_is(times):
    times = np.array(times)
    assert gap_starts(times).size == 0
    assert break_at_gaps(times, times)[1].tolist() == times.tolist()
