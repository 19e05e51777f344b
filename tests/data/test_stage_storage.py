"""Storage from elevation and back, and discharge from stage, by the rule of each table."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.importers import storage_table
from data.provenance import Refused
from data.rating_curve import Curve
from data.stage_storage import StorageCurves

OLD, NEW = dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(2010, 1, 1, tzinfo=dt.UTC)
BEFORE = Curve(x=[0, 10, 20], y=[0, 100, 300], effective_at=OLD)
AFTER = Curve(x=[0, 5, 20], y=[0, 20, 260], effective_at=NEW)
SILTED = StorageCurves(name="Silted", curves=(BEFORE, AFTER), between_dates="linear")


@pytest.fixture(scope="module")
def reservoirs(shared_data):
    return shared_data / "reservoirs"


@pytest.fixture(scope="module")
def arbuckle(reservoirs):
    return storage_table.read(reservoirs / "arbu_elev_stor_rating.xml.gz").reservoir()


@pytest.fixture(scope="module")
def cougar(reservoirs):
    return storage_table.read(reservoirs / "willamette_elev_stor.csv").reservoir("Cougar")


@pytest.fixture(scope="module")
def fort_peck(reservoirs):
    return storage_table.read(reservoirs / "fort_peck_elev_stor_rating.xml.gz").reservoir()


@pytest.fixture(scope="module")
def patuxent(shared_data):
    (rating,) = storage_table.read(shared_data / "usgs" / "rdb_rating_01594440.txt").ratings
    return rating


def test_each_row_of_a_table_gives_its_own_storage_and_elevation(cougar, fort_peck, arbuckle):
    for lake in (cougar, fort_peck):
        curve = lake.curves[0]
        assert (lake.storage(curve.x).storage_acre_ft == curve.y).all()
        assert (lake.elevation(curve.y).elevation_ft == curve.x).all()
    for curve in arbuckle.curves:
        assert (arbuckle.storage(curve.x, at=curve.effective_at).storage_acre_ft == curve.y).all()
        assert (arbuckle.elevation(curve.y, at=curve.effective_at).elevation_ft == curve.x).all()


def test_cougars_daily_pool_has_storages_and_its_45_missing_days_stay_missing(reservoirs, cougar):
    stage = pd.read_csv(reservoirs / "cougar_daily_stage.csv")["Stage_ngvd29"].to_numpy()
    found = cougar.storage(stage, full_elevation_ft=1699)
    assert len(stage) == 18_553 and np.isnan(found.storage_acre_ft).sum() == np.isnan(found.percent_full).sum() == 45
    assert np.nanmin(found.storage_acre_ft) == pytest.approx(5848.8)  # at 1,398.4 ft
    assert np.nanmax(found.storage_acre_ft) == pytest.approx(195_940)  # at 1,695.7 ft
    assert np.nanmax(found.percent_full) == pytest.approx(97.97)
    assert "45 missing values stay missing." in found.how.left_out
    back = cougar.elevation(found.storage_acre_ft)
    assert np.nanmax(np.abs(back.elevation_ft - stage)) < 1e-9


def test_cougars_daily_pool_is_refused_by_a_table_that_begins_above_its_low_pools(reservoirs):
    stage = pd.read_csv(reservoirs / "cougar_daily_stage.csv")["Stage_ngvd29"].to_numpy()
    model = storage_table.read(reservoirs / "cougar_resmodel.csv").reservoir("CGR_MaxCapacity")
    with pytest.raises(Refused, match=r"1,038 of 18,553 values are.*brought to the table's datum by \+4.4 ft"):
        model.storage(stage, datum="NGVD29", shift_ft=-4.4)


def test_arbuckles_storage_depends_on_the_date(arbuckle):
    def at(day):
        return float(arbuckle.storage(872, at=day).storage_acre_ft)

    assert (at("1986-03-07T06:00Z"), at("2012-04-10T06:00Z"), at("2020-01-01T00:00Z")) == (72_400, 72_399, 72_399)
    middle = arbuckle.curves[0].effective_at + (arbuckle.curves[1].effective_at - arbuckle.curves[0].effective_at) / 2
    assert at(middle) == pytest.approx(72_399.5)
    with pytest.raises(Refused, match="effective from 1986-03-07, 2012-04-10: give the date"):
        arbuckle.storage(872)


def test_a_time_before_the_first_table_takes_it_only_where_the_file_says_so_and_is_told(arbuckle):
    found = arbuckle.storage([872, 872], at=pd.DatetimeIndex(["1980-01-01", "2020-01-01"], tz="UTC"))
    assert found.storage_acre_ft.tolist() == [72_400, 72_399]
    assert any(text.startswith("1 times are before the first table") for text in found.how.left_out)
    with pytest.raises(Refused, match="1999-01-01 is before the first table of Silted, effective from 2000-01-01"):
        SILTED.storage(5, at="1999-01-01T00:00Z")


def test_the_tables_own_datum_shift_is_used_and_said_to_be_an_estimate(arbuckle):
    found = arbuckle.storage(872.2073, at="2020-01-01T00:00Z", datum="NAVD88")
    assert float(found.storage_acre_ft) == pytest.approx(72_399)
    parameters = found.how.parameters
    assert parameters["table_datum"] == "NGVD29" and parameters["elevation_datum"] == "NAVD88"
    assert parameters["shift_ft"] == 0.2073 and parameters["shift_from"] == "the file, as an estimate"
    back = arbuckle.elevation(72_399, at="2020-01-01T00:00Z", datum="NAVD88")
    assert float(back.elevation_ft) == pytest.approx(872.2073)


def test_an_unknown_datum_needs_a_shift_and_a_shift_needs_a_datum(cougar, arbuckle):
    with pytest.raises(Refused, match="Elevations in NAVD88 cannot be read in the table of Cougar, whose datum is not"):
        cougar.storage(1500, datum="NAVD88")
    with pytest.raises(Refused, match="Elevations in local cannot be read in the table of ARBU, whose datum is NGVD29"):
        arbuckle.storage(872, datum="local", at="2020-01-01T00:00Z")
    with pytest.raises(Refused, match="needs the name of the elevations' datum"):
        cougar.storage(1500, shift_ft=4.4)
    with pytest.raises(Refused, match="is no number: nan"):
        cougar.storage(1500, datum="NAVD88", shift_ft=float("nan"))
    assert cougar.storage(1500).how.parameters["elevation_datum"] == "that of the table (not stated)"


def test_the_rounding_of_a_shift_does_not_put_the_ends_of_a_table_outside(cougar):
    for shift in np.linspace(0.01, 9.99, 500):
        found = cougar.storage([1299 + shift, 1699 + shift], datum="NAVD88", shift_ft=shift)
        assert found.storage_acre_ft == pytest.approx([0, 200_000], abs=1e-6)
    with pytest.raises(Refused, match="outside the table"):
        cougar.storage(1699.000001)


@pytest.mark.parametrize("elevation", [1298.99, 1699.01, np.inf, -np.inf])
def test_nothing_is_extrapolated_upwards_or_downwards(cougar, elevation):
    with pytest.raises(Refused, match=r"Elevation \S+ ft is outside the table, which goes from 1299 to 1699 ft"):
        cougar.storage(elevation)
    with pytest.raises(Refused, match=r"Storage 200000\.1 acre-ft is outside the table, which goes from 0 to 200000"):
        cougar.elevation(200_000.1)


def test_the_files_own_rule_outside_its_rows_is_told_and_not_followed(arbuckle, fort_peck):
    with pytest.raises(Refused, match="nothing is extrapolated"):
        arbuckle.storage(921, at="2020-01-01T00:00Z")
    how = arbuckle.storage(900, at="2020-01-01T00:00Z").how
    assert how.parameters["outside_rows"] == "refused (the file's own rule is NEAREST)"
    assert fort_peck.storage(2200).how.parameters["outside_rows"] == "refused (the file's own rule is NULL)"


def test_percent_full_needs_one_full_pool_that_holds_water(cougar):
    assert cougar.storage(1500).percent_full is None
    assert float(cougar.storage(1699, full_acre_ft=100_000).percent_full) == 200
    with pytest.raises(Refused, match="given twice"):
        cougar.storage(1500, full_acre_ft=1, full_elevation_ft=1699)
    with pytest.raises(Refused, match="holds no water"):
        cougar.storage(1500, full_elevation_ft=1299)


def test_percent_full_is_of_the_water_without_an_offset_and_of_the_table_of_its_date(reservoirs):
    big_cliff = storage_table.read(reservoirs / "willamette_elev_stor.csv").reservoir("Big Cliff")
    found = big_cliff.storage([1106, 1210], full_elevation_ft=1210)
    assert found.percent_full.tolist() == [0, 100]
    assert found.how.parameters["offset_taken_off_acre_ft"] == 1_000_000
    assert float(big_cliff.elevation(5280).elevation_ft) == 1210
    times = np.array(["2000-01-01", "2010-01-01"], dtype="datetime64[us]")
    assert SILTED.storage([20, 20], at=times, full_elevation_ft=20).percent_full.tolist() == [100, 100]


def test_the_rule_previous_takes_the_row_at_or_below_and_back(fort_peck):
    steps = dataclasses.replace(fort_peck, curves=(dataclasses.replace(fort_peck.curves[0], rule="previous"),))
    low, high = fort_peck.curves[0].y[:2]
    assert steps.storage([2140, 2140.009, 2140.01]).storage_acre_ft.tolist() == [low, low, high]
    assert fort_peck.storage(2140.005).storage_acre_ft == pytest.approx((low + high) / 2)
    assert steps.elevation([low, high - 1, high]).elevation_ft.tolist() == [2140, 2140, 2140.01]
    assert "step table" in steps.storage(2140).how.method
    with pytest.raises(Refused, match="read by the rule previous"):
        steps.routing_table()


def test_between_dates_previous_keeps_the_older_table():
    older = dataclasses.replace(SILTED, between_dates="previous")
    assert float(older.storage(20, at="2009-12-31T00:00Z").storage_acre_ft) == 300
    assert float(older.storage(20, at="2010-01-01T00:00Z").storage_acre_ft) == 260


@given(st.lists(st.floats(0, 20), min_size=1, max_size=20), st.floats(0, 1))
def test_between_dates_both_tables_are_weighed_forwards_and_backwards(elevations, share):
    time = np.datetime64(OLD.replace(tzinfo=None), "us") + np.timedelta64(int((NEW - OLD).total_seconds() * share), "s")
    weight = (time - np.datetime64(OLD.replace(tzinfo=None), "us")) / np.timedelta64(NEW - OLD)
    at = np.full(len(elevations), time)
    found = SILTED.storage(elevations, at=at).storage_acre_ft
    apart = np.interp(elevations, AFTER.x, AFTER.y), np.interp(elevations, BEFORE.x, BEFORE.y)
    assert found == pytest.approx(apart[0] * weight + apart[1] * (1 - weight), abs=1e-9)
    assert SILTED.elevation(found, at=at).elevation_ft == pytest.approx(elevations, abs=1e-6)
    table = SILTED.curve_at(pd.Timestamp(time, tz="UTC"))
    assert np.interp(elevations, table.x, table.y) == pytest.approx(found, abs=1e-9)


def test_times_must_be_aware_and_one_each():
    with pytest.raises(Refused, match="names no zone"):
        SILTED.storage(5, at=dt.datetime(2005, 1, 1))
    with pytest.raises(Refused, match=r"2 times are given for values of the shape \(3,\)"):
        SILTED.storage([1, 2, 3], at=pd.DatetimeIndex(["2005-01-01", "2006-01-01"], tz="UTC"))
    with pytest.raises(Refused, match="A time is missing"):
        SILTED.storage([1], at=pd.DatetimeIndex([pd.NaT], tz="UTC"))


def test_every_result_says_how_it_was_computed(cougar, patuxent):
    for how in (cougar.storage(1500).how, cougar.elevation(5).how, patuxent.flow(5).how, patuxent.stage(500).how):
        report = how.as_json()
        assert report["method"] and report["source"] and "rows of the" in report["data_used"]
    assert "without shifts" in " ".join(patuxent.flow(5).how.left_out)


def test_a_logarithmic_rating_follows_log_flow_against_log_of_stage_less_the_offset(patuxent):
    """By hand between 9 ft, 1,175 cfs and 13 ft, 4,350 cfs with e = 2: linear would give 2,762.5 cfs at 11 ft."""
    by_hand = 1175 * (9 / 7) ** (np.log(4350 / 1175) / np.log(11 / 7))
    assert float(patuxent.flow(11).flow_cfs) == pytest.approx(by_hand) and by_hand == pytest.approx(2433, abs=1)
    assert (patuxent.flow(patuxent.curve.x).flow_cfs == patuxent.curve.y).all()
    assert (patuxent.stage(patuxent.curve.y).stage_ft == patuxent.curve.x).all()


@given(stage=st.floats(2.99, 27.9))
def test_a_ratings_stage_of_a_flow_is_the_stage_that_gave_it(patuxent, stage):
    assert float(patuxent.stage(patuxent.flow(stage).flow_cfs).stage_ft) == pytest.approx(stage, abs=1e-9)


def test_a_rating_is_refused_outside_its_rows_and_its_periods(patuxent):
    with pytest.raises(Refused, match=r"Stage 2.9 ft is outside the table, which goes from 2.99 to 27.9 ft"):
        patuxent.flow(2.9)
    with pytest.raises(Refused, match=r"2015-01-01 is outside the periods of rating USGS:01594440:20\.0"):
        patuxent.flow(5, at="2015-01-01T00:00Z")
    assert float(patuxent.flow(5, at="2018-01-01T00:00Z").flow_cfs) == 225
    assert np.isnan(patuxent.flow([5, np.nan]).flow_cfs).tolist() == [False, True]


def test_where_a_row_has_no_logarithm_or_the_offset_changes_nothing_is_computed_between():
    names = {"names": ("Stage", "Discharge"), "units": ("ft", "cfs"), "rule": "logarithmic"}
    dry = Curve(x=[2, 3, 4], y=[0, 10, 40], offsets=(2.0,), **names)
    assert dry.value([2, 3]).tolist() == [0, 10]
    with pytest.raises(Refused, match="Between rows 1 and 2, 2 and 3 ft, this table has no logarithm"):
        dry.value([2.5])
    at_offset = Curve(x=[2, 3], y=[5, 10], offsets=(2.0,), **names)
    with pytest.raises(Refused, match="this table has no logarithm"):
        at_offset.value([2.5])
    parted = Curve(x=[3, 4, 5], y=[10, 40, 90], offsets=(2.0, 1.0), breakpoints=(4.5,), **names)
    assert parted.value([3.5]) == pytest.approx(10 * 1.5 ** (np.log(4) / np.log(2)))
    with pytest.raises(Refused, match="or its offset changes"):
        parted.value([4.2])
    on_row = Curve(x=[3, 4, 5], y=[10, 40, 90], offsets=(2.0, 1.0), breakpoints=(4,), **names)
    assert on_row.value([4.5]) == pytest.approx(40 * (3.5 / 3) ** (np.log(90 / 40) / np.log(4 / 3)))


def test_a_flat_stretch_is_left_at_its_lower_end():
    assert Curve(x=[0, 1, 2, 3], y=[0, 5, 5, 8]).inverse([5, 0, 6.5]).tolist() == [1, 0, 2.5]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"x": [1], "y": [1]}, "two rows or more"),
        ({"x": [1, 2], "y": [1]}, "two rows or more"),
        ({"x": [1, 1], "y": [1, 2]}, "elevation does not rise from row 1 to 2"),
        ({"x": [1, 2], "y": [2, 1]}, "storage does not rise from row 1 to 2"),
        ({"x": [1, np.nan], "y": [1, 2]}, "Row 2 of the table has no elevation"),
        ({"x": [1, 2], "y": [1, 2], "rule": "cubic"}, "'cubic' between rows is not one of"),
        ({"x": [1, 2], "y": [1, 2], "offsets": (1.0, 2.0)}, "2 offsets need 1 breakpoints"),
    ],
)
def test_rows_that_give_no_one_answer_are_refused(rows, words):
    with pytest.raises(Refused, match=words):
        Curve(**rows)
