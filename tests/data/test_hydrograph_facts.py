"""Figures of a hydrograph, and its text (R13)."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.frames import HYDROGRAPH, empty
from data.hydrograph_facts import Gap, csv_text, facts, lone_points, thinned
from data.importers.hydrograph_csv import read

NAN = math.nan


def made(*rows):
    return pd.DataFrame(rows, columns=list(HYDROGRAPH)).astype(HYDROGRAPH)


@pytest.mark.parametrize(
    ("name", "acre_ft", "peak", "hour"),
    [
        ("hydrograph1", 20.909, 60, 3),
        ("hydrograph2", 25.091, 72, 3),
        ("hydrograph3", 41.818, 120, 5),
        ("hydrograph4", 66.909, 160.8, 5),
    ],
)
def test_R13_peak_and_volume_of_the_reference_files(shared_data, name, acre_ft, peak, hour):
    found = facts(read(name, (shared_data / "hydrographs" / f"{name}.csv").read_bytes()).points)
    assert round(found.volume_acre_ft, 3) == acre_ft
    assert (found.peak_cfs, found.peak_hours, found.points, found.missing, found.gaps) == (peak, hour, 13, 0, ())


def test_one_cfs_for_an_hour_is_3600_cubic_feet():
    assert facts(made((0, 1), (1, 1))).volume_acre_ft == pytest.approx(3600 / 43_560, rel=1e-15)


def test_R13_a_gap_is_left_out_of_the_volume_and_told():
    found = facts(made((0, 10), (1, 10), (2, 10), (5, 10), (6, 10)))
    assert found.gaps == (Gap(2, 5),) and found.gap_hours == 3 and found.measured_hours == 3
    assert found.volume_acre_ft == pytest.approx(30 * 3600 / 43_560)


def test_R13_a_missing_flow_is_a_gap_and_never_zero():
    found = facts(made((0, 10), (1, 10), (2, NAN), (3, NAN), (4, 10), (5, 10)))
    assert found.gaps == (Gap(1, 4),) and found.missing == 2 and found.points == 4
    assert found.volume_acre_ft == pytest.approx(20 * 3600 / 43_560)


def test_uneven_steps_are_weighed_by_their_length():
    assert facts(made((0, 0), (1, 10), (2.25, 10), (3, 0))).volume_acre_ft == pytest.approx(
        (5 + 12.5 + 3.75) * 3600 / 43_560
    )


def test_a_peak_reached_twice_is_told_at_its_first_time():
    found = facts(made((0, 5), (1, 9), (2, 9), (3, 1)))
    assert (found.peak_cfs, found.peak_hours, found.peaks) == (9, 1, 2)


@pytest.mark.parametrize("points", [empty(HYDROGRAPH), made((0, NAN)), made((0, NAN), (1, NAN))])
def test_no_flow_has_no_peak_and_no_volume(points):
    found = facts(points)
    assert found.peak_cfs is None and found.peak_hours is None and found.volume_acre_ft is None and found.peaks == 0


def test_one_point_has_a_peak_and_no_volume():
    found = facts(made((2, 7)))
    assert found.peak_cfs == 7 and found.volume_acre_ft is None and found.gaps == ()


def test_points_without_a_measured_step_are_lone():
    points = made((0, 1), (1, NAN), (2, 3), (3, NAN), (4, 5), (5, 6), (9, 7))
    assert lone_points(points)["time_hours"].tolist() == [0, 2, 9]
    assert lone_points(empty(HYDROGRAPH)).empty and lone_points(made((0, 1)))["time_hours"].tolist() == [0]


def test_text_has_shortest_numbers_and_no_cell_that_a_spreadsheet_runs():
    text = csv_text(made((0, 0.1), (0.25, 1e16), (1, NAN), (2, -3.5)))
    assert text == "time [hr],flow [cfs]\r\n0,0.1\r\n0.25,1e+16\r\n1,\r\n2,-3.5\r\n"
    assert all(cell[:1] not in "=+@\t" or cell == "" for line in text.split("\r\n") for cell in line.split(","))


@given(st.lists(st.one_of(st.just(NAN), st.floats(-1e9, 1e9)), min_size=1, max_size=300), st.integers(8, 40))
def test_thinned_points_keep_the_extremes_and_the_breaks(flows, most):
    points = pd.DataFrame({"time_hours": np.arange(len(flows), dtype=float), "flow_cfs": flows})
    kept = thinned(points, most)
    assert len(kept) <= max(most + 5, 8) or len(points) <= most
    assert kept["time_hours"].is_monotonic_increasing and kept["time_hours"].is_unique
    assert kept["flow_cfs"].isna().any() == points["flow_cfs"].isna().any()
    if points["flow_cfs"].notna().any():
        assert kept["flow_cfs"].max() == points["flow_cfs"].max() and kept["flow_cfs"].min() == points["flow_cfs"].min()


def test_thinning_a_window_shows_it_in_full():
    points = pd.DataFrame({"time_hours": np.arange(1000.0), "flow_cfs": np.arange(1000.0)})
    assert thinned(points, 100, (200, 240))["time_hours"].tolist() == list(range(199, 242))
    assert len(thinned(points, 100, (-50, 5000))) <= 105
    assert thinned(points, 2000, (200, 240)) is points
