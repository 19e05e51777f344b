"""Frequency factors against Bulletin 17B's table and closed forms; gamma and noncentral t against their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.distributions import frequency_factor, incomplete_gamma, noncentral_t_above, normal_cdf

#: Skew -> exceedance -> K, Bulletin 17B, 1982, appendix 3.
BULLETIN_17B = {
    0.0: {0.1: 1.28155, 0.02: 2.05375, 0.01: 2.32635, 0.002: 2.87816},
    0.2: {0.1: 1.30105, 0.02: 2.15935, 0.01: 2.47226, 0.002: 3.12169},
    0.5: {0.1: 1.32309, 0.02: 2.31084, 0.01: 2.68572},
    1.0: {0.99: -1.58838, 0.5: -0.16397, 0.2: 0.75752, 0.1: 1.34039, 0.02: 2.54206, 0.01: 3.02256, 0.002: 4.08802},
    2.0: {0.5: -0.30685, 0.1: 1.30259, 0.02: 2.91202, 0.01: 3.60517},
    3.0: {0.5: -0.39554, 0.1: 1.18006, 0.02: 3.15193, 0.01: 4.05138},
    -1.0: {0.99: -3.02256, 0.5: 0.16397, 0.1: 1.12762, 0.02: 1.49188, 0.01: 1.58838},
}


@pytest.mark.parametrize(("skew", "factors"), BULLETIN_17B.items())
def test_frequency_factors_are_those_of_bulletin_17b(skew, factors):
    for exceedance, factor in factors.items():
        assert round(frequency_factor(exceedance, skew), 5) == factor


@settings(deadline=None)
@given(st.floats(1e-5, 1 - 1e-5))
def test_a_skew_of_two_is_the_exponential_distribution(exceedance):
    assert frequency_factor(exceedance, 2.0) == pytest.approx(-math.log(exceedance) - 1, abs=1e-9)


@settings(deadline=None)
@given(st.floats(-4, 4), st.floats(0.001, 0.499))
def test_a_factor_falls_with_its_probability_and_turns_with_its_skew(skew, exceedance):
    rare, common = frequency_factor(exceedance, skew), frequency_factor(exceedance + 0.5, skew)
    assert rare >= common
    assert frequency_factor(1 - exceedance, -skew) == pytest.approx(-rare, abs=1e-7)


@pytest.mark.parametrize("exceedance", [0.99, 0.5, 0.01, 0.001])
def test_a_factor_does_not_jump_where_its_method_changes(exceedance):
    for sign in (1, -1):
        below, above = (frequency_factor(exceedance, sign * skew) for skew in (0.000999999, 0.001000001))
        assert above == pytest.approx(below, abs=2e-8)


@pytest.mark.parametrize("exceedance", [0, 1, -0.1, math.nan])
def test_a_probability_outside_zero_to_one_has_no_factor(exceedance):
    with pytest.raises(ValueError, match="not between 0 and 1"):
        frequency_factor(exceedance, 0.1)


@settings(deadline=None)
@given(st.integers(1, 20), st.floats(0, 60))
def test_the_gamma_function_of_a_whole_shape_is_poissons_sum(shape, x):
    above = sum(math.exp(-x) * x**k / math.factorial(k) for k in range(shape))
    below, found = incomplete_gamma(shape, x)
    assert found == pytest.approx(above, rel=1e-10, abs=1e-14)
    assert below + found == pytest.approx(1)


def test_noncentral_t_is_a_shifted_normal_value_over_the_root_of_a_chi_square_share():
    rng = np.random.default_rng(17)
    t, freedom, centre = np.array([3.0, 12.0, 1.0]), np.array([10.0, 30.0, 5.0]), np.array([1.0, 9.0, -0.5])
    found = noncentral_t_above(t, freedom, centre)
    for at in range(3):
        values = (rng.standard_normal(400_000) + centre[at]) / np.sqrt(
            rng.chisquare(freedom[at], 400_000) / freedom[at]
        )
        assert found[at] == pytest.approx((values > t[at]).mean(), abs=0.002)


def test_noncentral_t_without_a_centre_is_students():
    # Two degrees of freedom have a closed form: P(T > t) = (1 - t / sqrt(2 + t^2)) / 2.
    t = np.array([0.5, 2.0, 6.0])
    assert noncentral_t_above(t, np.full(3, 2.0), np.zeros(3)) == pytest.approx(
        (1 - t / np.sqrt(2 + t**2)) / 2, rel=1e-3
    )


def test_the_normal_tail_keeps_its_digits():
    assert normal_cdf(np.array([-10.0]))[0] == pytest.approx(7.61985302416e-24, rel=1e-10)
