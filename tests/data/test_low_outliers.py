"""The multiple Grubbs-Beck test against PeakFQ, the R package MGBT and simulated records."""

import bulletin_17c
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import low_outliers
from data.provenance import Refused

#: 08385600, 1952 to 2015, as listed in the manual of the R package MGBT (Asquith and others, 2019).
PEAKS_08385600 = np.array(
    [
        "8100",
        "3300",
        "680",
        "14800",
        "25",
        "7310",
        "2150",
        "1110",
        "5200",
        "900",
        "1150",
        "1050",
        "880",
        "2100",
        "2280",
        "2620",
        "830",
        "4900",
        "970",
        "560",
        "790",
        "1900",
        "830",
        "255",
        "2900",
        "2100",
        "0",
        "550",
        "1200",
        "1300",
        "246",
        "700",
        "870",
        "4350",
        "870",
        "435",
        "3000",
        "880",
        "2650",
        "185",
        "620",
        "1650",
        "680",
        "22900",
        "3290",
        "584",
        "7290",
        "1690",
        "2220",
        "217",
        "4110",
        "853",
        "275",
        "1780",
        "1330",
        "3170",
        "7070",
        "2660",
    ],
    "float64",
)


def test_orestimba_creek_has_the_30_low_outliers_of_bulletin_17c():
    found = low_outliers.find(bulletin_17c.ORESTIMBA)
    assert found.count == 30
    assert np.sort(bulletin_17c.ORESTIMBA)[found.count] == 782
    assert round(found.p_values[29], 4) == 0.0007


@pytest.mark.parametrize(
    ("peaks", "count"),
    [
        (bulletin_17c.MOOSE, 0),
        (bulletin_17c.ARKANSAS, 0),
        (bulletin_17c.SANTA_CRUZ, 10),
    ],
)
def test_the_other_examples_of_bulletin_17c_have_its_counts(peaks, count):
    assert low_outliers.find(peaks).count == count


def test_a_record_on_which_other_programs_failed_has_peakfqs_threshold_and_probability():
    found = low_outliers.find(PEAKS_08385600)
    assert np.sort(PEAKS_08385600)[found.count] == 185
    assert round(found.p_values[1], 4) == 0.0002  # of 25 cfs


def test_without_peakfqs_normal_approximation_a_probability_is_that_of_the_r_package():
    assert low_outliers.p_value(58, 2, -3.561143, exact=True) == pytest.approx(0.001000002, rel=5e-4)


@pytest.mark.parametrize(("n", "rank", "omega"), [(20, 1, -2.6), (50, 5, -2.127), (82, 31, -1.70491268)])
def test_a_probability_is_that_of_simulated_records(n, rank, omega):
    records = np.sort(np.random.default_rng(17).standard_normal((40_000, n)), axis=1)
    above = records[:, rank:]
    share = ((records[:, rank - 1] - above.mean(axis=1)) / above.std(axis=1, ddof=1) < omega).mean()
    assert low_outliers.p_value(n, rank, omega, exact=True) == pytest.approx(share, abs=0.006)


@settings(deadline=None)
@given(st.integers(10, 150), st.data())
def test_a_probability_is_one_and_rises_with_the_distance(n, data):
    rank = data.draw(st.integers(1, n // 2))
    omega = data.draw(st.floats(-6, -0.1))
    low, high = (low_outliers.p_value(n, rank, x, exact=True) for x in (omega - 0.5, omega))
    assert 0 <= low <= high + 1e-12 <= 1 + 1e-9


@settings(deadline=None)
@given(st.lists(st.floats(1, 1e6), min_size=10, max_size=60), st.randoms())
def test_the_order_of_the_peaks_does_not_matter_and_half_stay_at_least(peaks, random):
    found = low_outliers.find(np.array(peaks))
    random.shuffle(peaks)
    assert low_outliers.find(np.array(peaks)) == found
    assert found.count <= len(peaks) // 2


def test_equal_peaks_have_no_outlier():
    assert low_outliers.find(np.full(12, 100.0)).count == 0


def test_fewer_than_ten_peaks_are_refused():
    with pytest.raises(Refused, match="needs 10 peaks or more, there are 9"):
        low_outliers.find(np.arange(1.0, 10.0))
