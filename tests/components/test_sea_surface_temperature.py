"""The sea surface temperature component and its plain twin, without a browser."""

import numpy as np
import pandas as pd
import pytest
from bokeh.document import Document
from bokeh.models import ColumnDataSource, Slider

from components.sea_surface_temperature import (
    MISSING,
    SeaSurfaceTemperature,
    decimal_grid,
    encode,
    in_words,
    lone_positions,
    y_limits,
)
from components.sea_surface_temperature_bokeh import SLIDER_LABEL, TITLE, modify_doc
from data import sample_series


def shown(view):
    """The figure of ``view`` as it is handed to a browser."""
    root = view.__panel__().get_root()
    return next(model for model in root.references() if model.__class__.__name__ == "figure")


def lines(figure):
    """The source of the figure's line."""
    return figure.renderers[0].data_source


def decoded(figure):
    """What the browser makes of the data sent last."""
    wire = lines(figure).tags[0]
    low, step = (lambda args: (args["low"], args["step"]))(wire.js_property_callbacks["change:data"][0].args)
    codes = wire.data["code"]
    return np.where(codes == MISSING, np.nan, low + step * codes) if codes.dtype == "uint16" else codes


def plain_page():
    """The plain handler's document: its slider and its source."""
    doc = Document()
    modify_doc(doc)
    return doc.select_one({"type": Slider}), doc.select_one({"type": ColumnDataSource})


def test_R1_title_label_and_range_are_the_reference_s():
    figure = shown(SeaSurfaceTemperature())
    assert figure.title.text == TITLE == "Sea Surface Temperature at 43.18, -70.43"
    assert figure.yaxis.axis_label == "Temperature (Celsius)"
    assert (figure.y_range.start, figure.y_range.end) == (0, 25)


def test_R2_the_slider_runs_from_0_to_30_by_1_and_starts_at_0():
    window_size = SeaSurfaceTemperature.param.window_size
    assert (window_size.default, window_size.bounds, window_size.step) == (0, (0, 30), 1)
    assert window_size.label == SLIDER_LABEL == "Smoothing by N Days"
    slider, _ = plain_page()
    assert (slider.start, slider.end, slider.step, slider.value, slider.title) == (0, 30, 1, 0, SLIDER_LABEL)


@pytest.mark.parametrize("days", [0, 1, 7, 30])
def test_R2_zero_gives_the_raw_series_and_n_the_rolling_mean(days):
    raw = sample_series.load("sea_surface_temperature")[0]["value"]
    wanted = raw if days == 0 else raw.rolling(f"{days}D").mean()
    view = SeaSurfaceTemperature()
    figure = shown(view)
    view.window_size = days
    pd.testing.assert_series_equal(view.smoothed(), wanted)
    values = decoded(figure)
    np.testing.assert_allclose(values[~np.isnan(values)], wanted, atol=0.0005 + 1e-9, rtol=0)


@pytest.mark.parametrize("days", [0, 7, 30])
def test_R2_the_plain_page_gives_the_same_numbers(days):
    view = SeaSurfaceTemperature()
    figure = shown(view)
    view.window_size = days
    slider, source = plain_page()
    slider.value = days
    np.testing.assert_array_equal(lines(figure).data["time"], source.data["time"])
    np.testing.assert_allclose(decoded(figure), source.data["value"], atol=0.0005 + 1e-9, rtol=0)


@pytest.mark.parametrize("sent", [float("nan"), -3, 31, float("inf")])
def test_the_plain_page_takes_no_window_outside_its_slider(sent):
    slider, source = plain_page()
    slider.value = sent
    assert np.isfinite(source.data["value"]).sum() == 19_226


def test_a_move_sends_all_points_in_one_column_of_two_bytes_each():
    view = SeaSurfaceTemperature()
    figure = shown(view)
    before = lines(figure).data["time"]
    view.window_size = 7
    codes = lines(figure).tags[0].data["code"]
    assert codes.nbytes == 2 * len(before) == 2 * (19_226 + 2)
    assert lines(figure).data["time"] is before


@pytest.mark.parametrize(
    ("days", "window", "words"),
    [
        (0, "trailing", "Readings as published"),
        (7, "trailing", "7-day trailing mean (lags by half a window)"),
        (7, "centred", "7-day centred mean"),
    ],
)
def test_defect_10_the_plot_says_which_mean_is_drawn(days, window, words):
    view = SeaSurfaceTemperature()
    figure = shown(view)
    view.param.update(window_size=days, window=window)
    assert figure.above[-1].text == words


@pytest.mark.parametrize("days", [0, 7])
def test_defect_10_a_gap_and_a_missing_value_break_the_line_at_every_smoothing(days):
    view = SeaSurfaceTemperature(series="ndbc_44013")
    figure = shown(view)
    view.window_size = days
    assert np.isnan(decoded(figure)).sum() == 368 + 43


def test_a_reading_between_two_missing_ones_is_shown_as_a_dot():
    assert lone_positions(np.array([1, np.nan, 2, np.nan, 3, 4])).tolist() == [0, 2]
    line, dots = shown(SeaSurfaceTemperature(series="ndbc_44013")).renderers
    assert dots.data_source is line.data_source and len(dots.view.filter.indices) == 5


@pytest.mark.parametrize("key", sample_series.names())
def test_defect_10_no_value_lies_outside_the_axis(key):
    figure = shown(SeaSurfaceTemperature(series=key))
    values = sample_series.load(key)[0]["value"]
    assert figure.y_range.start <= values.min() and values.max() <= figure.y_range.end


def test_defect_10_a_temperature_outside_0_to_25_widens_the_axis():
    _, info = sample_series.load("ndbc_44013")
    assert y_limits(pd.Series([1.0, 24.0]), info) == (0, 25)
    low, high = y_limits(pd.Series([-1.5, 27.0]), info)
    assert low < -1.5 and high > 27


def test_defect_9_two_instances_share_nothing():
    mine, other = SeaSurfaceTemperature(), SeaSurfaceTemperature()
    figure = shown(other)
    before = decoded(figure).copy()
    mine.window_size = 20
    assert other.window_size == 0
    np.testing.assert_array_equal(decoded(figure), before)


def test_another_series_is_drawn_with_its_own_words():
    view = SeaSurfaceTemperature()
    view.series = "john_martin_inflow"
    figure = shown(view)
    assert figure.title.text == "Daily mean inflow, John Martin Dam, Colorado"
    assert figure.yaxis.axis_label == "Inflow (cfs)"
    assert np.nanmax(decoded(figure)) == 87_300


def test_a_plot_shown_after_a_move_starts_with_what_was_chosen():
    view = SeaSurfaceTemperature(window_size=9)
    drawn = lines(shown(view)).data["value"]
    np.testing.assert_allclose(drawn[~np.isnan(drawn)], view.smoothed(), atol=0.001)


def test_the_grid_holds_every_published_value_exactly_or_there_is_none():
    assert decimal_grid(np.array([3.612, np.nan, 22.15])) == (3.612, 0.001)
    assert decimal_grid(np.array([3.0, 87_300.0])) is None
    assert decimal_grid(np.array([np.pi, 1.0])) is None
    assert decimal_grid(np.array([np.nan])) == (0.0, 0.001)


def test_missing_is_a_code_of_its_own():
    assert encode(np.array([1.0, np.nan, 1.002]), (1.0, 0.001)).tolist() == [0, MISSING, 2]
    assert np.isnan(encode(np.array([np.nan]), None)).all()


@pytest.mark.parametrize(("step", "words"), [("1D", "day"), ("30min", "30 minutes"), ("2D", "2 days")])
def test_a_step_is_told_in_words(step, words):
    assert in_words(pd.Timedelta(step)) == words


def test_every_parameter_is_documented():
    own = [name for name in SeaSurfaceTemperature.param if name != "name"]
    assert own == ["series", "window_size", "window"]
    assert all(SeaSurfaceTemperature.param[name].doc for name in own)
