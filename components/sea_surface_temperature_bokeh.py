"""Sea surface temperature in plain Bokeh: one function that fills one document, and its words."""

import numpy as np
import pandas as pd
from bokeh.document import Document
from bokeh.layouts import column
from bokeh.models import ColumnDataSource, Range1d
from bokeh.models.annotations import Title
from bokeh.models.widgets.sliders import Slider
from bokeh.plotting import figure

from components.theme import LINE
from data import sample_series
from data.hydrology import break_at_gaps, smooth

SERIES = "sea_surface_temperature"
TITLE = "Sea Surface Temperature at 43.18, -70.43"
Y_LABEL = "Temperature (Celsius)"
Y_RANGE = (0, 25)
SLIDER_LABEL = "Smoothing by N Days"
MAX_DAYS = 30


def smoothing_words(days: int, *, centred: bool = False) -> str:
    """What is drawn, in words: the readings, or which mean and how far it lags."""
    if days == 0:
        return "Readings as published"
    if centred:
        return f"{days}-day centred mean"
    return f"{days}-day trailing mean (lags by half a window)"


def milliseconds(times: pd.DatetimeIndex) -> np.ndarray:
    """A datetime index as Bokeh's axis counts it: float64 milliseconds since 1970 UTC."""
    return times.as_unit("ms").asi8.astype("float64")


def modify_doc(doc: Document) -> None:
    """Adds the plot and its slider to ``doc``: the plain handler, served by a page or an Application.

    The slider's N gives ``rolling('ND').mean()`` of the readings, 0 the readings. A gap breaks the line.
    """
    frame, _ = sample_series.load(SERIES)
    times = milliseconds(frame.index)

    def drawn(days: int) -> dict:
        time, value = break_at_gaps(times, smooth(frame["value"], days).to_numpy())
        return {"time": time, "value": value}

    source = ColumnDataSource(drawn(0))
    plot = figure(
        title=TITLE,
        x_axis_type="datetime",
        x_axis_label="Time (UTC)",
        y_axis_label=Y_LABEL,
        y_range=Range1d(start=Y_RANGE[0], end=Y_RANGE[1]),
        height=420,
        sizing_mode="stretch_width",
    )
    plot.line("time", "value", source=source, color=LINE)
    words = Title(text=smoothing_words(0), text_font_style="normal")
    plot.add_layout(words, "above")
    slider = Slider(start=0, end=MAX_DAYS, step=1, value=0, title=SLIDER_LABEL, sizing_mode="stretch_width")

    def moved(attr: str, old: float, new: float) -> None:
        # A raw client can send any number, NaN too: the bounds of a Bokeh slider hold in the browser only.
        days = int(np.clip(np.nan_to_num(new), 0, MAX_DAYS))
        source.data = drawn(days)
        words.text = smoothing_words(days)

    slider.on_change("value", moved)
    doc.add_root(column(slider, plot, sizing_mode="stretch_width"))
    doc.title = TITLE
