"""Baseflow against the CSIRO test series of Eckhardt's filter, and what no separation may break."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import baseflow
from data.importers.series import read
from data.provenance import Refused
from data.series import About, Series

METHODS = tuple(baseflow.WORDS)
DAILY = About(id="Q", unit="m3/s", statistic="mean")


def daily(values, about=DAILY, drop=(), step="D"):
    index = pd.date_range("2015-01-01", periods=len(values), freq=step, tz="UTC", unit="us", name="time")
    points = pd.DataFrame({"value": np.array(values, "float64"), "flag": pd.Categorical([""] * len(values))}, index)
    return Series(about, points.drop(points.index[list(drop)]))


@pytest.fixture(scope="module")
def published(shared_data):
    """From IRSTEA, by way of csiro-hydroinformatics/hydrodiy."""
    return pd.read_csv(shared_data / "known_answers" / "baseflow_eckhardt_answer.csv", comment="#")


@pytest.fixture(scope="module")
def john_martin(shared_data):
    return read(shared_data / "hydrographs" / "jmd_inflow_daily_1912_2024.csv.gz").series[0]


ALPHA = float(np.exp(-24 / 100))


def test_the_unlimited_variant_is_the_csiro_answer(published):
    found = baseflow.separate(daily(published["Q"]), method="eckhardt", alpha=ALPHA, variant="unlimited")
    assert np.abs(found.points["baseflow"] - published["Qb"]).max() < 1e-9
    assert round(found.bfi, 6) == 0.787278 and found.days == 1096
    assert "hydrodiy" in found.method


def test_the_published_variant_differs_from_it_by_what_its_readme_says(published):
    """But for the start, of which Eckhardt says nothing: here BFImax times the first flow."""
    flow = published["Q"].to_numpy()
    found = baseflow.eckhardt(flow, ALPHA, 0.8)
    assert round(np.abs(found - published["Qb"])[60:].max(), 4) == 0.0913
    assert found[0] == 0.8 * flow[0]


@settings(deadline=None)
@given(st.floats(0.5, 0.99), st.floats(0.1, 0.9), st.floats(0.01, 1e6))
def test_a_steady_flow_has_eckhardts_largest_index(alpha, bfi_max, flow):
    found = baseflow.eckhardt(np.full(50, flow), alpha, bfi_max)
    assert found == pytest.approx(np.full(50, bfi_max * flow), rel=1e-9)


def test_a_steady_flow_is_all_baseflow_by_the_other_methods():
    assert baseflow.lyne_hollick(np.full(60, 7.0)) == pytest.approx(np.full(60, 7.0))
    found = baseflow.ukih(np.full(60, 7.0))
    assert found[np.isfinite(found)] == pytest.approx(np.full(46, 7.0))


def test_lyne_hollick_is_the_recursion_by_hand():
    """One pass, no quickflow at the start: f = 0.9 f + 0.95 (q - q of the day before)."""
    flow = np.concatenate([np.full(40, 10.0), [30.0, 20.0, 15.0, 12.0], np.full(40, 12.0)])
    found = baseflow.lyne_hollick(flow, 0.9, passes=1)
    rise = 0.95 * 20
    quick = [rise, 0.9 * rise - 9.5]
    quick.append(0.9 * quick[1] - 4.75)
    assert found[40:43] == pytest.approx([30 - quick[0], 20 - quick[1], 15 - max(quick[2], 0)])


def test_more_passes_leave_less_baseflow(john_martin):
    indices = [baseflow.separate(john_martin, passes=passes).bfi for passes in (1, 3, 5)]
    assert indices == sorted(indices, reverse=True)


def test_ukih_joins_the_turning_points_of_five_day_minima():
    """Minima of five blocks 10, 4, 9, 5, 11: 0.9 x 4 and 0.9 x 5 are below their neighbours, 0.9 x 9 is not."""
    flow = np.full(25, 20.0)
    flow[[2, 7, 12, 17, 22]] = [10, 4, 9, 5, 11]
    found = baseflow.ukih(flow)
    assert found[7:18] == pytest.approx(np.linspace(4, 5, 11))
    assert np.isnan(found[:7]).all() and np.isnan(found[18:]).all()


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e5), min_size=60, max_size=200), st.sampled_from(METHODS))
def test_baseflow_is_never_above_the_flow_nor_below_zero(values, method):
    try:
        found = baseflow.separate(daily(values), method=method)
    except Refused:
        return
    known = found.points.dropna()
    assert (known["baseflow"] <= known["flow"]).all() and (known["baseflow"] >= 0).all()
    assert found.bfi is None or 0 <= found.bfi <= 1
    assert found.days == len(known)


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 1e4), min_size=80, max_size=120), st.sampled_from(METHODS), st.integers(1, 20))
def test_baseflow_grows_with_the_unit(values, method, factor):
    try:
        one = baseflow.separate(daily(values), method=method)
    except Refused:
        return
    other = baseflow.separate(daily(np.array(values) * 2.0**factor), method=method)
    assert other.points["baseflow"].to_numpy() == pytest.approx(
        one.points["baseflow"].to_numpy() * 2.0**factor, rel=1e-9, nan_ok=True
    )


@pytest.mark.parametrize("method", METHODS)
def test_each_stretch_is_separated_as_if_it_stood_alone(john_martin, method):
    flow = john_martin.values[:400]
    whole = baseflow.separate(daily(flow, drop=range(150, 160)), method=method)
    first, second = (baseflow.separate(daily(part), method=method) for part in (flow[:150], flow[160:]))
    alone = np.concatenate([first.points["baseflow"], second.points["baseflow"]])
    assert whole.points["baseflow"].to_numpy() == pytest.approx(alone, nan_ok=True)
    assert whole.days == first.days + second.days
    assert "10 days have no flow" in whole.warnings[0] and "none is filled" in whole.warnings[0]


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_value_is_a_gap(john_martin, method):
    flow = john_martin.values[:400].copy()
    flow[200] = np.nan
    with_value = baseflow.separate(daily(flow), method=method)
    with_gap = baseflow.separate(daily(flow, drop=[200]), method=method)
    assert np.delete(with_value.points["baseflow"].to_numpy(), 200) == pytest.approx(
        with_gap.points["baseflow"].to_numpy(), nan_ok=True
    )
    assert np.isnan(with_value.points["baseflow"][200])


def test_a_stretch_that_is_too_short_is_left_out_and_named(john_martin):
    found = baseflow.separate(daily(john_martin.values[:200], drop=[100, 120]))
    assert found.days == 100 + 79
    assert found.points["baseflow"][100:119].isna().all()
    assert found.how.left_out == ("2015-04-12T00:00:00Z to 2015-04-30T00:00:00Z: 19 days, too short",)
    assert any("1 stretch of 19 days, too short (31 days needed)" in w for w in found.warnings)


def test_a_real_century_is_separated_by_each_method(john_martin):
    for method in METHODS:
        found = baseflow.separate(john_martin, method=method)
        assert 0.4 < found.bfi < 0.7 and found.days > 40_800
        assert found.points.columns.to_list() == ["time", "flow", "baseflow"]


@pytest.mark.parametrize(
    ("series", "settings", "words"),
    [
        (daily([1.0] * 50, About(id="stage", unit="ft")), {}, "stage is in ft, which is no flow"),
        (daily([1.0] * 50, step="h"), {}, "Q has a step of 1 h; baseflow is separated from daily flow"),
        (daily([1.0] * 10), {}, "has 10 days; Lyne-Hollick filter, three passes needs 31 days"),
        (daily(0.5 ** np.arange(40)), {"method": "ukih"}, "no two turning points"),
        (daily([1.0] * 40 + [-1.0]), {}, "1 negative flow, the first -1 at 2015-02-10T00:00:00Z"),
        (daily([np.nan] * 40), {}, "has 0 days"),
        (daily([]), {}, "has no values"),
        (daily([1.0] * 40), {"method": "boughton"}, "'boughton' is not one of lyne-hollick, eckhardt, ukih"),
        (daily([1.0] * 40), {"alpha": 1.0}, "The filter parameter a, 1.0 is not between 0 and 1"),
        (daily([1.0] * 40), {"bfi_max": 0.0}, "The largest baseflow index 0.0 is not between"),
        (daily([1.0] * 40), {"variant": "mine"}, "'mine' is not one of published, unlimited"),
        (daily([1.0] * 40), {"passes": 2}, "The passes 2 are not 1, 3, 5, 7 or 9"),
    ],
)
def test_what_cannot_be_separated_is_refused_with_a_sentence(series, settings, words):
    with pytest.raises(Refused, match=words):
        baseflow.separate(series, **settings)


def test_the_report_has_the_keys_of_the_command_and_is_plain_json(john_martin):
    report = baseflow.separate(john_martin, method="eckhardt").as_json()
    assert {"bfi", "days", "method", "warnings", "how"} <= set(report)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["how"]["parameters"] == {"alpha_per_day": 0.98, "bfi_max": 0.8, "variant": "published"}
    assert "Eckhardt, 2005" in report["how"]["source"]


def test_a_dry_record_has_no_index():
    assert baseflow.separate(daily([0.0] * 60), method="eckhardt").bfi is None
