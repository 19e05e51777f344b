"""The series that ship with the program: their form, and what their sources say of them."""

import pandas as pd
import pytest

from data import sample_series
from data.frames import SERIES


@pytest.mark.parametrize("key", sample_series.names())
def test_a_series_has_the_form_that_the_screen_reads(key):
    frame, info = sample_series.load(key)
    assert frame.dtypes.astype(str).to_dict() == SERIES
    assert frame.index.name == "time" and str(frame.index.tz) == "UTC"
    assert frame.index.is_monotonic_increasing
    assert info.key == key and info.title == sample_series.names()[key]
    assert info.step == frame.index.to_series().diff().median()


def test_R1_the_sea_surface_temperature_is_the_published_one():
    frame, _ = sample_series.load("sea_surface_temperature")
    assert len(frame) == 19_226 and frame["value"].notna().all()
    assert (frame["value"].min(), frame["value"].max()) == (3.612, 22.15)
    assert frame.index[0] == pd.Timestamp("2016-02-15T00:00Z") and frame.index[-1] == pd.Timestamp("2017-03-22T00:00Z")


def test_both_readings_of_the_one_repeated_instant_are_kept_in_file_order():
    frame, _ = sample_series.load("sea_surface_temperature")
    repeated = frame[frame.index.duplicated(keep=False)]
    assert list(repeated.index) == [pd.Timestamp("2017-03-21T16:30Z")] * 2
    assert list(repeated["value"]) == [4.276, 4.289]


@pytest.mark.parametrize("key", ["ndbc_44013", "john_martin_inflow"])
def test_no_other_series_repeats_an_instant(key):
    frame, _ = sample_series.load(key)
    assert frame.index.is_unique


def test_a_value_written_MM_is_missing_and_stays_in_its_place():
    frame, _ = sample_series.load("ndbc_44013")
    assert len(frame) == 6_508 and frame["value"].isna().sum() == 368
    assert frame["value"].idxmax() == pd.Timestamp("2022-05-29T17:10Z") and frame["value"].max() == 16.5


def test_days_before_1950_and_1970_keep_their_century():
    frame, info = sample_series.load("john_martin_inflow")
    assert len(frame) == 40_908 and info.unit == "cfs"
    assert frame["value"].idxmax() == pd.Timestamp("1921-06-05T00:00Z") and frame["value"].max() == 87_300


def test_an_unknown_series_is_refused_by_name():
    with pytest.raises(ValueError, match="'sst' is not one of sea_surface_temperature"):
        sample_series.load("sst")
