"""Flood frequency against PeakFQ (Presque Isle River, 04031500) and the worked examples of Bulletin 17C."""

import json
import re

import bulletin_17c
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data import annual_peaks, expected_moments, log_pearson
from data.frequency import Threshold, analyse
from data.importers.series import read
from data.log_pearson import Curve
from data.provenance import Refused
from data.series import About, Series


def peaks_of(values, first_year=1932, codes=""):
    years = range(first_year, first_year + len(values))
    return pd.DataFrame({"water_year": years, "peak_cfs": np.array(values, "float64"), "code": codes})


@pytest.fixture(scope="module")
def printed(shared_data):
    return (shared_data / "known_answers" / "lp3_04031500_peakfq.prt").read_text()


@pytest.fixture(scope="module")
def presque_isle(printed):
    rows = re.findall(r"^     (\d{4})\s+(\d+\.\d)\s*$", printed, re.MULTILINE)
    return peaks_of([float(value) for _, value in rows], first_year=int(rows[0][0]))


def test_peakfqs_moments_are_met_in_every_printed_digit(presque_isle):
    found = analyse(presque_isle)
    assert found.n == 38
    assert [round(found.curve.mean, 4), round(found.curve.sd, 4), round(found.curve.skew, 3)] == [3.0817, 0.1851, 0.144]
    assert round(found.station_skew_mse, 4) == 0.1439
    assert found.low_outliers == () and found.warnings == ()


def test_peakfqs_floods_are_met_in_every_printed_digit(presque_isle, printed):
    """But for 0.4292, which PeakFQ prints as 1290 where its own moments give 1289.47."""
    table = re.findall(r"^   (0\.\d{4})\s+([\d.]+)\s+([\d.]+)\s+0\.\d{4}", printed, re.MULTILINE)
    assert len(table) == 15
    found = analyse(presque_isle).quantiles
    for probability, flood, _ in table:
        ours, digits = found[float(probability)], len(flood.partition(".")[2])
        if probability == "0.4292":
            assert ours == pytest.approx(1289.47, abs=0.005)
        else:
            assert round(ours, digits) == float(flood), probability


def test_the_weighted_skew_is_the_one_that_peakfq_prints(presque_isle, printed):
    assert "17B WEIGHTED SKEW REPLACED BY USER OPTION.     0.060     0.144" in printed
    found = analyse(presque_isle, regional_skew=-0.117, regional_skew_mse=0.55**2)
    assert [round(found.curve.skew, 3), round(found.station_skew, 3)] == [0.06, 0.144]
    assert analyse(presque_isle, regional_skew=-0.117, skew="regional").curve.skew == -0.117
    assert analyse(presque_isle, regional_skew=-0.117, skew="station").curve.skew == found.station_skew


def test_without_low_outliers_expected_moments_are_the_moments(presque_isle):
    moments, ema = analyse(presque_isle), analyse(presque_isle, method="ema")
    assert vars(ema.curve) == pytest.approx(vars(moments.curve), rel=1e-12)
    assert "not by expected moments (EMA)" in moments.method and "by expected moments (EMA" in ema.method


def test_moose_river_is_as_bulletin_17c_prints_it():
    found = analyse(peaks_of(bulletin_17c.MOOSE, 1947), aeps=(0.1, 0.04, 0.02, 0.01, 0.005, 0.002))
    assert tuple(vars(found.curve).values()) == pytest.approx(bulletin_17c.MOOSE_ANSWER, abs=1e-9)
    assert [round(flow) for flow in found.quantiles.values()] == [3261, 3911, 4422, 4957, 5519, 6313]
    assert round(found.station_skew_mse, 3) == 0.101
    weighted = analyse(peaks_of(bulletin_17c.MOOSE, 1947), regional_skew=0.44, regional_skew_mse=0.078)
    assert round(weighted.curve.skew, 3) == 0.421


def test_orestimba_creek_with_30_low_outliers_is_as_bulletin_17c_prints_it():
    found = analyse(peaks_of(bulletin_17c.ORESTIMBA), method="ema")
    assert tuple(vars(found.curve).values()) == pytest.approx(bulletin_17c.ORESTIMBA_ANSWER, abs=3e-6)
    assert len(found.low_outliers) == 30 and found.low_threshold_cfs == 782
    for probability, flood in bulletin_17c.ORESTIMBA_FLOODS.items():
        assert float(f"{found.quantiles[probability]:.4g}") == flood
    assert any("finds 30 low outliers as PeakFQ computes it, 38 with the exact" in w for w in found.warnings)


def test_years_below_a_perception_threshold_count_as_in_bulletin_17c():
    peaks = pd.DataFrame({"water_year": bulletin_17c.BACK_CREEK_YEARS, "peak_cfs": bulletin_17c.BACK_CREEK})
    gaps = [Threshold(1932, 1938, 21_000), Threshold(1976, 1992, 21_000), Threshold(1999, 2003, 21_000)]
    found = analyse(peaks, method="ema", low_threshold_cfs=2000, thresholds=gaps)
    assert tuple(vars(found.curve).values()) == pytest.approx(bulletin_17c.BACK_CREEK_ANSWER, abs=1e-8)
    assert "28 years below a threshold" in found.how.used


def test_historic_years_and_low_outliers_together_are_as_in_bulletin_17c():
    before = [Threshold(1927, 1948, 12_000)]
    found = analyse(peaks_of(bulletin_17c.SANTA_CRUZ, 1949), method="ema", thresholds=before)
    assert tuple(vars(found.curve).values()) == pytest.approx(bulletin_17c.SANTA_CRUZ_ANSWER, abs=1e-8)


def test_floods_known_within_limits_are_fitted_as_in_bulletin_17c():
    lower, upper, counts = (np.array(column, "float64") for column in zip(*bulletin_17c.ARKANSAS_LIMITS, strict=True))
    exact = bulletin_17c.ARKANSAS
    with np.errstate(divide="ignore"):
        limits = np.log10(np.append(exact, lower)), np.log10(np.append(exact, upper))
    found = expected_moments.fit(*limits, np.append(np.ones(len(exact)), counts))
    assert tuple(vars(found).values()) == pytest.approx(bulletin_17c.ARKANSAS_ANSWER, abs=1e-8)


def test_a_historic_peak_within_a_threshold_takes_the_place_of_its_year():
    peaks = pd.concat([peaks_of(bulletin_17c.MOOSE, 1947), peaks_of([9000], 1927, "7")])
    found = analyse(peaks, method="ema", thresholds=[Threshold(1920, 1946, 6000)])
    assert "1 historic" in found.how.used and "26 years below a threshold" in found.how.used
    assert found.how.left_out == ()
    without = analyse(peaks, method="ema")
    assert "1927: historic" in without.how.left_out[0]
    assert any("1 historic peak left out: a perception threshold" in w for w in without.warnings)


def test_the_moments_of_bulletin_17b_example_4_before_its_adjustment():
    """Orestimba Creek 1932 to 1973: 36 peaks with flow (Bulletin 17B, 1982, appendix 12, example 4)."""
    flows = bulletin_17c.ORESTIMBA[:42]
    found = log_pearson.moments(np.log10(flows[flows > 0]))
    assert [round(found.mean, 4), round(found.sd, 4), round(found.skew, 4)] == [3.0786, 0.6443, -0.836]


def test_low_outliers_under_moments_enter_by_the_conditional_probability_adjustment():
    flows = bulletin_17c.ORESTIMBA[:42]
    found = analyse(peaks_of(flows), low_threshold_cfs=24)
    above = log_pearson.moments(np.log10(flows[flows >= 24]))
    assert len(found.low_outliers) == 7 and found.n == 42
    for probability in (0.5, 0.01):  # the synthetic curve goes through these floods of the years above
        assert found.quantiles[probability] == pytest.approx(above.at(probability * 42 / 35), rel=1e-12)
    assert "conditional probability adjustment for 7 of 42 years" in found.method


@settings(deadline=None)
@given(st.floats(-1.4, 1.9), st.floats(0.51, 1.0))
def test_the_adjusted_curve_passes_the_floods_of_one_half_and_one_percent(skew, share):
    curve = Curve(3.0, 0.2, skew)
    try:
        found = log_pearson.conditional(curve, share)
    except Refused:
        assume(False)
    assert found.log10_at(0.5) == pytest.approx(curve.log10_at(0.5 / share), abs=1e-9)
    assert found.log10_at(0.01) == pytest.approx(curve.log10_at(0.01 / share), abs=1e-9)


def test_the_synthetic_skew_is_the_formula_of_bulletin_17b():
    """By hand, with K of its appendix 3 for a skew of 0: -2.50 + 3.12 (2.32635 - 1.28155) / 1.28155."""
    assert log_pearson.conditional(Curve(3.0, 0.2, 0.0), 1.0).skew == pytest.approx(0.04361, abs=1e-4)


def test_more_low_outliers_than_half_have_no_adjustment():
    with pytest.raises(Refused, match="needs more than half"):
        analyse(peaks_of(bulletin_17c.ORESTIMBA), low_threshold_cfs=1500)


def test_fewer_than_three_quarters_above_the_low_outliers_are_told():
    found = analyse(peaks_of(bulletin_17c.ORESTIMBA))
    assert any("Only 63% of the years are above the low outliers" in w for w in found.warnings)


def test_confidence_limits_are_those_of_bulletin_17b_appendix_9():
    """By hand, with K of its appendix 3 for a skew of 0.2."""
    curve = Curve(3.0, 0.25, 0.2)
    z = 1.6448536
    k = 2.47226
    a, b = 1 - z**2 / 98, k**2 - z**2 / 50
    root = (k**2 - a * b) ** 0.5
    expected = (10 ** (3 + 0.25 * (k - root) / a), 10 ** (3 + 0.25 * (k + root) / a))
    assert log_pearson.confidence_limits(curve, 50, 0.01, 0.9) == pytest.approx(expected, rel=1e-5)


@settings(deadline=None)
@given(st.floats(-1.5, 1.5), st.integers(10, 150), st.floats(0.5, 0.99))
def test_a_flood_lies_between_its_limits_and_more_confidence_is_wider(skew, n, confidence):
    curve = Curve(3.0, 0.3, skew)
    for probability in (0.5, 0.1, 0.01):
        low, high = log_pearson.confidence_limits(curve, n, probability, confidence)
        wide_low, wide_high = log_pearson.confidence_limits(curve, n, probability, confidence + 0.005)
        assert wide_low < low < curve.at(probability) < high < wide_high


def test_plotting_positions_are_weibulls_or_cunnanes(presque_isle, printed):
    found = analyse(presque_isle).positions
    assert found["water_year"].iloc[0] == 1960 and found["exceedance"].iloc[0] == 1 / 39
    table = re.findall(r"^    (\d{4})\s+\d+\.\d\s+(0\.\d{4})$", printed, re.MULTILINE)
    assert len(table) == 38  # Hirsch and Stedinger's, which without thresholds are close to Weibull's
    assert np.abs(found["exceedance"] - sorted(float(position) for _, position in table)).max() < 2e-4
    cunnane = analyse(presque_isle, position="cunnane").positions
    assert cunnane["exceedance"].iloc[0] == pytest.approx(0.6 / 38.2)


@settings(deadline=None)
@given(st.lists(st.floats(1, 1e6), min_size=12, max_size=60, unique=True))
def test_a_rarer_flood_is_not_smaller_and_positions_fall_with_the_peaks(values):
    assume(np.std(np.log10(values)) > 1e-3)
    try:
        found = analyse(peaks_of(values), low_threshold_cfs=0)
    except Refused:
        assume(False)
    floods = [found.quantiles[p] for p in sorted(found.quantiles, reverse=True)]
    assert np.all(np.diff(floods) >= 0)
    assert found.positions["peak_cfs"].is_monotonic_decreasing and found.positions["exceedance"].is_monotonic_increasing


@settings(deadline=None)
@given(st.lists(st.floats(1, 1e4), min_size=12, max_size=40, unique=True), st.floats(0.1, 100))
def test_peaks_in_another_unit_give_the_same_curve_in_it(values, factor):
    assume(np.std(np.log10(values)) > 1e-2)
    one, other = (analyse(peaks_of(np.array(values) * scale), low_threshold_cfs=0) for scale in (1, factor))
    assert other.curve.skew == pytest.approx(one.curve.skew, abs=1e-6)
    assert other.quantiles[0.01] == pytest.approx(one.quantiles[0.01] * factor, rel=1e-5)


def test_coded_peaks_are_not_used_silently(shared_data):
    """Patuxent River near Bowie, 01594440: 20 peaks, all regulated to an unknown degree, one "2,5,8"."""
    series = next(
        one for one in read(shared_data / "usgs" / "rdb_peaks_01594440.txt").series if one.about.unit == "cfs"
    )
    found = analyse(series)
    assert found.n == 19
    assert found.how.left_out == ("2002: greater than the value given (code 8).",)
    assert "All peaks used are affected to an unknown degree by regulation or diversion (code 5)." in found.warnings
    assert 2004 in found.positions["water_year"].to_list()  # the peak of 2003-12-12
    ema = analyse(series, method="ema")
    assert ema.how.left_out == () and "1 known only within limits" in ema.how.used


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("3", "1950: affected by a dam failure (code 3)."),
        ("6", "1950: affected by regulation or diversion (code 6)."),
        ("7", "1950: historic, from outside the systematic record (code 7)."),
        ("8", "1950: greater than the value given (code 8)."),
        ("C", "1950: affected by urbanization, mining or another change of the basin (code C)."),
        ("O", "1950: opportunistic, from outside the systematic record (code O)."),
        ("4", "1950: less than the value given (code 4)."),
        ("2,3", "1950: affected by a dam failure (code 3)."),
    ],
)
def test_a_code_that_keeps_a_peak_out_is_named_with_its_year(code, words):
    peaks = peaks_of(bulletin_17c.MOOSE, 1947)
    peaks.loc[peaks["water_year"] == 1950, "code"] = code
    found = analyse(peaks)
    assert found.n == 67 and words in found.how.left_out
    assert 1950 not in found.positions["water_year"].to_list()


@pytest.mark.parametrize("code", ["1", "2", "A"])
def test_a_code_that_keeps_a_peak_in_is_told(code):
    peaks = peaks_of(bulletin_17c.MOOSE, 1947)
    peaks.loc[peaks["water_year"] == 1950, "code"] = code
    found = analyse(peaks)
    assert found.n == 68 and any(f"(code {code}): 1950." in w for w in found.warnings)


def test_codes_of_the_date_and_of_the_weather_change_nothing():
    peaks = peaks_of(bulletin_17c.MOOSE, 1947, "9,Bd,R,F")
    assert analyse(peaks).warnings == () and analyse(peaks).n == 68


def test_regulated_peaks_are_used_where_that_is_asked_for():
    peaks = peaks_of(bulletin_17c.MOOSE, 1947, "6")
    with pytest.raises(Refused, match=r"there are 0 that can be used\. 1947, 1948, .* and 58 more: affected by regul"):
        analyse(peaks)
    found = analyse(peaks, use_regulated=True)
    assert found.n == 68 and "All peaks used are affected by regulation or diversion (code 6)." in found.warnings


def test_a_peak_below_what_can_be_recorded_counts_as_a_low_outlier():
    peaks = peaks_of(bulletin_17c.MOOSE, 1947)
    peaks.loc[peaks["water_year"] == 1950, ["peak_cfs", "code"]] = [1000.0, "4"]
    found = analyse(peaks)
    assert any("1 peak known only to be below a value (code 4): taken as low" in w for w in found.warnings)
    assert "adjustment for 1 of 68 years" in found.method
    peaks.loc[peaks["water_year"] == 1950, "peak_cfs"] = 3000.0
    assert any("left out, so that the curve is high" in w for w in analyse(peaks).warnings)


def test_of_two_peaks_in_a_water_year_the_higher_is_used():
    found = analyse(pd.concat([peaks_of(bulletin_17c.MOOSE, 1947), peaks_of([5000.0], 1950)]))
    assert found.n == 68 and found.how.left_out == ("1950: 2940 cfs, the lower of two peaks of that year.",)


def test_missing_years_and_missing_values_are_told():
    peaks = peaks_of(bulletin_17c.MOOSE, 1947)
    peaks.loc[3, "peak_cfs"] = np.nan
    found = analyse(peaks.drop(index=[10, 11]))
    assert "1950: no value." in found.how.left_out
    assert any(
        "2 water years between 1947 and 2014 without a peak in the record: 1957, 1958" in w for w in found.warnings
    )


def test_a_high_outlier_is_kept_and_told():
    found = analyse(peaks_of([*bulletin_17c.MOOSE, 60_000], 1947))
    assert any("The peak of 2015, 60000 cfs, is a high outlier" in w for w in found.warnings)
    assert found.n == 69


@pytest.mark.parametrize(
    ("change", "settings", "words"),
    [
        (lambda p: p[:9], {}, "needs 10 annual peaks or more"),
        (lambda p: p.assign(peak_cfs=100.0), {}, "All peaks are equal"),
        (lambda p: p.assign(peak_cfs=-p["peak_cfs"]), {}, "The peak of water year 1947 is -2080"),
        (lambda p: p.assign(peak_cfs=np.inf), {}, "The peak of water year 1947 is inf"),
        (lambda p: p.assign(peak_cfs="a lot"), {}, "The peak of water year 1947 is 'a lot'"),
        (lambda p: p.assign(water_year=1947.5), {}, "Row 1 has the water year 1947.5"),
        (lambda p: p.drop(columns="peak_cfs"), {}, "peak_cfs is not there"),
        (lambda p: p, {"skew": "weighted"}, "A weighted skew needs a regional skew"),
        (lambda p: p, {"regional_skew_mse": 0.3}, "without a regional skew says nothing"),
        (lambda p: p, {"regional_skew": 0.1, "regional_skew_mse": 0.0}, "is not above 0"),
        (lambda p: p, {"regional_skew": np.nan}, "The regional skew nan"),
        (lambda p: p, {"method": "guess"}, "'guess' is not one of moments, ema"),
        (lambda p: p, {"position": "hazen"}, "'hazen' is not one of weibull, cunnane"),
        (lambda p: p, {"aeps": (0.0,)}, "The probability 0.0 is not between"),
        (lambda p: p, {"low_threshold_cfs": np.nan}, "threshold of low outliers is nan"),
        (lambda p: p, {"low_threshold_cfs": 1e9}, "Every peak is below the threshold"),
        (lambda p: p, {"thresholds": [Threshold(1900, 1940, 5e3)]}, "need expected moments: choose the method ema"),
        (lambda p: p, {"method": "ema", "thresholds": [Threshold(1, 10**9, 5e3)]}, "takes 1 to 100,000 years"),
        (
            lambda p: p,
            {"method": "ema", "regional_skew": 0.1, "thresholds": [Threshold(1900, 1940, 5e3)]},
            "not computed here: use the station skew",
        ),
    ],
)
def test_what_has_no_right_answer_is_refused_with_a_sentence(change, settings, words):
    with pytest.raises(Refused, match=words):
        analyse(change(peaks_of(bulletin_17c.MOOSE, 1947)), **settings)


def test_a_daily_series_and_a_series_without_dates_are_no_annual_peaks():
    days = pd.date_range("2000-01-01", periods=800, tz="UTC", unit="us", name="time")
    daily = pd.DataFrame({"value": 1.0, "flag": pd.Categorical([""] * 800)}, index=days)
    with pytest.raises(Refused, match="800 values in 3 water years"):
        analyse(Series(About(id="d", unit="cfs"), daily))
    with pytest.raises(Refused, match="is in ft, which is no flow"):
        analyse(Series(About(id="d", unit="ft"), daily))
    hours = daily.set_axis(pd.to_timedelta(np.arange(800), unit="h"))
    with pytest.raises(Refused, match="hours but no dates"):
        analyse(Series(About(id="d", unit="cfs"), hours))


def test_the_report_has_the_keys_of_the_command_and_is_plain_json():
    report = analyse(peaks_of(bulletin_17c.ORESTIMBA), regional_skew=-0.6).as_json()
    wanted = {"n", "mean_log10", "sd_log10", "skew", "quantiles", "low_outliers", "method", "warnings", "how"}
    assert wanted | {"confidence_limits", "plotting_positions"} <= set(report)
    assert set(report["quantiles"]) >= {"0.5", "0.2", "0.1", "0.04", "0.02", "0.01", "0.005", "0.002"}
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert len(report["plotting_positions"]) == 82
    assert any("Bulletin 17B's map, 0.302" in w for w in report["warnings"])


def test_water_years_begin_in_october():
    days = pd.DatetimeIndex(["2003-09-30", "2003-10-01", "2004-01-01"])
    assert annual_peaks.water_year(days).tolist() == [2003, 2004, 2004]
