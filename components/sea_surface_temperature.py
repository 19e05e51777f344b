"""A measured series with a smoothing slider: a slider move sends the data, never the plot."""

from functools import partial
from typing import ClassVar
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models import CDSView, ColumnDataSource, CustomJS, IndexFilter, NoOverlap
from bokeh.models.annotations import Title

from components.plain import plain_pane
from components.sea_surface_temperature_bokeh import (
    MAX_DAYS,
    SERIES,
    SLIDER_LABEL,
    TITLE,
    Y_LABEL,
    Y_RANGE,
    milliseconds,
    smoothing_words,
)
from components.theme import LINE
from data import sample_series
from data.frames import SeriesInfo
from data.hydrology import break_at_gaps, gap_starts, smooth
from data.units import LABELS

MISSING = 65_535  #: The code of a missing value.
GREY = "#7d8590"  #: Text and axes: readable on white (3.8:1) and on Material's dark ground (4.9:1).

# Fills the drawn column in place, so that nothing is sent back to the server.
_DECODE = """
const codes = wire.data.code, values = drawn.data.value
for (let i = 0; i < codes.length; i++) {
  values[i] = codes[i] === missing ? NaN : low + step * codes[i]
}
drawn.change.emit()
"""


def decimal_grid(values: np.ndarray) -> tuple[float, float] | None:
    """Lowest value and step of the finest decimal grid of 65,535 points that holds every value exactly.

    None where there is no such grid. Missing values are left out.
    """
    known = values[~np.isnan(values)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 0.0)
    for step in (0.001, 0.01, 0.1, 1.0):
        steps = (known - low) / step
        if (high - low) / step < MISSING and np.abs(steps - np.rint(steps)).max(initial=0) < 1e-6:
            return float(low), step
    return None


def encode(values: np.ndarray, grid: tuple[float, float] | None) -> np.ndarray:
    """``values`` as 16-bit steps of ``grid``, half the size of float32; as float32 where there is no grid."""
    if grid is None:
        return values.astype("float32")
    low, step = grid
    return np.where(np.isnan(values), MISSING, np.rint((values - low) / step)).astype("uint16")


class PromptSlider(pmui.IntSlider):
    """A slider whose moves are answered at once, as a plain Bokeh handler answers them.

    Panel 1.9 waits 50 ms for further changes of a widget, and marks the page as busy: right for work that
    takes long. Here an answer takes less than a frame.
    """

    _busy__ignore: ClassVar[list[str]] = ["value"]

    def _server_change(self, doc, ref, subpath, attr, old, new) -> None:
        if attr == "value" and doc.session_context and attr not in self._changing.get(ref, []):
            self._events[attr] = new
            self._change_event(doc)  # Bokeh holds the document's lock for us: this is the browser's own message
        else:
            super()._server_change(doc, ref, subpath, attr, old, new)


class SeaSurfaceTemperature(pn.viewable.Viewer):
    """A sample series against time, with a rolling mean of as many days as a slider says.

    Shown by putting it last in a notebook cell, or in a page. The plot is drawn once a series; a
    move replaces one column of the drawn data, all points of it, as 16-bit steps of the finest decimal
    grid that holds the readings exactly (0.001 °C), else as float32.
    """

    series = param.Selector(
        default=SERIES,
        objects={title: key for key, title in sample_series.names().items()},
        label="Series",
        doc="Which of the sample series is drawn, by its key.",
    )
    window_size = param.Integer(
        default=0,
        bounds=(0, MAX_DAYS),
        step=1,
        label=SLIDER_LABEL,
        doc="Days of the rolling mean; 0 draws the readings as published.",
    )
    window = param.Selector(
        default="trailing",
        objects={"Trailing": "trailing", "Centred": "centred"},
        label="Window of the mean",
        doc='"trailing" ends at each reading and lags by half a window, "centred" has it in the middle.',
    )

    def __init__(self, **params):
        super().__init__(**params)
        # Every place where the plot stands now: the source that carries its data to the words above it.
        self._shown: WeakKeyDictionary[ColumnDataSource, Title] = WeakKeyDictionary()
        self._plot = pn.pane.HoloViews(sizing_mode="stretch_width", min_height=420, css_classes=["series-plot"])
        self._about = pn.Column(sizing_mode="stretch_width", margin=(0, 10))
        self._draw()

    @property
    def words(self) -> str:
        """What is drawn: the readings, or which mean and how far it lags."""
        return smoothing_words(self.window_size, centred=self.window == "centred")

    def smoothed(self) -> pd.Series:
        """What is drawn, at the published times and in the published unit."""
        return smooth(self._values, self.window_size, centred=self.window == "centred")

    def _codes(self) -> np.ndarray:
        """What is drawn as it is sent, a missing value in each gap as ``break_at_gaps`` puts it."""
        return np.insert(encode(self.smoothed().to_numpy(), self._grid), self._gaps + 1, self._missing)

    @property
    def _missing(self) -> float:
        return np.nan if self._grid is None else MISSING

    @param.depends("series", watch=True)
    def _draw(self) -> None:
        """Draws the chosen series anew."""
        # Here, since they take a second that a page without a plot need not wait.
        import holoviews as hv
        import holoviews.plotting.bokeh
        from hvplot import hvPlot

        hv.Store.set_current_backend("bokeh")  # as hv.extension does, which also writes into a notebook's cell
        frame, info = sample_series.load(self.series)
        self._values = frame["value"]
        self._times = milliseconds(frame.index)
        self._grid = decimal_grid(self._values.to_numpy())
        self._gaps = gap_starts(self._times)
        self._shown.clear()
        times, values = break_at_gaps(self._times, self._values.to_numpy())
        unit = LABELS[info.unit]
        table = pd.DataFrame({"time": times.astype("datetime64[ms]"), "value": values})
        line = hvPlot(table).line(
            x="time",
            y="value",
            title=TITLE if self.series == SERIES else info.title,
            xlabel="Time (UTC)",
            ylabel=Y_LABEL if self.series == SERIES else f"{info.parameter} ({unit})",
            ylim=y_limits(self._values, info),
            color=LINE,
            line_width=1.5,
            line_join="round",
            fontsize={"title": "12px", "labels": "12px", "ticks": "11px"},
            grid=True,
            hover=False,
            responsive=True,
            min_height=420,
        )
        self._plot.object = line.opts(
            hooks=[self._take_over],
            tools=["hover"],
            hover_mode="vline",
            hover_tooltips=[("Time", "@time{%F %H:%M} UTC"), (info.parameter, f"@value{{0,0.[000]}} {unit}")],
            hover_formatters={"@time": "datetime"},
        )
        gaps, missing = len(self._gaps), int(self._values.isna().sum())
        breaks = f"{gaps:,} longer steps and {missing:,} missing values break the line" if gaps or missing else "No gap"
        words = f"{len(frame):,} readings, one every {in_words(info.step)}. {breaks}. Source: {info.source}"
        self._about[:] = [plain_pane(words, styles={"color": GREY}, sizing_mode="stretch_width")]

    def _take_over(self, plot, element) -> None:
        """Readies a drawn plot for moves: its data as they are now, and a source that later ones come through."""
        drawn = plot.handles["source"]
        low, step = self._grid or (0.0, 1.0)
        codes = self._codes()
        known = np.where(codes == self._missing, np.nan, low + step * codes)
        times, _ = break_at_gaps(self._times, self._values.to_numpy())
        drawn.data = {"time": times, "value": known.astype("float32")}
        lone = CDSView(filter=IndexFilter(indices=lone_positions(known).tolist()))
        plot.state.scatter("time", "value", source=drawn, view=lone, size=3, color=LINE)  # a line cannot show them
        wire = ColumnDataSource({"code": codes})
        args = {"wire": wire, "drawn": drawn, "low": low, "step": step, "missing": self._missing}
        decode = CustomJS(args=args, code=_DECODE)
        wire.js_on_change("data", decode)
        drawn.tags = [wire]  # makes it part of the document
        words = Title(text=self.words, text_font_style="normal", text_font_size="12px")
        plot.state.add_layout(words, "above")
        plot.state.xaxis.major_label_policy = NoOverlap()
        self._shown[wire] = words

    @param.depends("window_size", "window", watch=True)
    def _send(self) -> None:
        """Sends the chosen mean, and the words for it, to each place where the plot stands."""
        codes = self._codes()
        for wire, title in list(self._shown.items()):
            change = partial(_change, wire, title, codes, self.words)
            doc = wire.document
            if doc is not None and doc.session_context and doc is not pn.state.curdoc:
                doc.add_next_tick_callback(change)  # set from outside the page's callbacks: a tick holds the lock
            else:
                pn.state.execute(change)
        pn.io.push_notebook(self._plot)

    def __panel__(self):
        return pn.Column(
            pn.FlexBox(
                pmui.Select.from_param(self.param.series, sizing_mode="stretch_width", max_width=460, margin=(10, 20)),
                pmui.RadioButtonGroup.from_param(self.param.window, margin=(10, 20)),
                align_items="center",
            ),
            PromptSlider.from_param(
                self.param.window_size, sizing_mode="stretch_width", max_width=640, margin=(10, 20), tooltips=False
            ),
            self._plot,
            self._about,
            sizing_mode="stretch_width",
        )


def _change(wire: ColumnDataSource, title: Title, codes: np.ndarray, words: str) -> None:
    wire.data["code"] = codes
    title.text = words


def lone_positions(values: np.ndarray) -> np.ndarray:
    """Where a value stands between two missing ones."""
    missing = np.concatenate(([True], np.isnan(values), [True]))
    return np.flatnonzero(missing[:-2] & ~missing[1:-1] & missing[2:])


def y_limits(values: pd.Series, info: SeriesInfo) -> tuple[float, float]:
    """The reference's 0 to 25 for a temperature that stays in it, else room for every value."""
    low, high = values.min(), values.max()
    if info.unit == "degC" and Y_RANGE[0] <= low and high <= Y_RANGE[1]:
        return Y_RANGE
    room = 0.05 * (high - low)
    return (low - room if low < 0 else 0.0, high + room)


def in_words(step: pd.Timedelta) -> str:
    """A step of whole days or minutes: "day", "30 minutes"."""
    count, unit = (step.days, "day") if step.days else (int(step / pd.Timedelta(minutes=1)), "minute")
    return unit if count == 1 else f"{count} {unit}s"
