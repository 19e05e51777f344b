"""A panel of series in one unit: a Bokeh figure on a range that panels share, and words below it."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import panel as pn
from bokeh.models import (
    BoxZoomTool,
    CustomJS,
    DatetimeTickFormatter,
    HoverTool,
    NoOverlap,
    NumeralTickFormatter,
    PanTool,
    Range1d,
    ResetTool,
    SaveTool,
    WheelZoomTool,
)
from bokeh.plotting import figure

from components.plain import plain, plain_words
from components.series_line import Curve, SeriesLine
from data.units import LABELS

FIRST_WIDTH = 1000  #: Pixels, until the browser has told how wide a plot is.
WIDEST = 4000  #: Pixels; a wider plot, or a client that claims one, gets no more points.

_LOOK = """
:host { font: 400 0.86rem/1.45 Roboto, system-ui, sans-serif; color: var(--panel-on-surface-color, #222); }
p { margin: 0 0 2px; overflow-wrap: anywhere; }
i { display: inline-block; width: 14px; height: 4px; margin-right: 6px; vertical-align: middle; }
"""
_WIDTH = "if (plot.inner_width > 1) plot.tags = [plot.inner_width]"


@dataclass(frozen=True)
class Axis:
    """The x axis that panels share: "dated" counts milliseconds since 1970 UTC, the others hours."""

    kind: str
    range: Range1d

    @property
    def window(self) -> tuple[float, float] | None:
        """What is shown; None where a browser has sent no window at all."""
        start: Any = self.range.start  # a browser may send anything
        end: Any = self.range.end
        good = all(isinstance(x, int | float) and math.isfinite(x) for x in (start, end))
        return (float(start), float(end)) if good and start < end else None

    def show(self, start: Any, end: Any) -> None:
        """Show this window, unless it is too narrow or too far for its numbers to tell points apart."""
        if math.isfinite(start) and math.isfinite(end) and end - start > 1e-9 * max(abs(start), abs(end), 1e-3):
            self.range.update(start=start, end=end)

    def shift(self, by: float) -> None:
        """Move the window, and all that there is, by so much."""
        home: Any = (self.range.reset_start, self.range.reset_end)
        window = self.window
        if home[0] is not None:
            self.range.update(reset_start=home[0] + by, reset_end=home[1] + by)
        if window:
            self.range.update(start=window[0] + by, end=window[1] + by)

    def fit(self, home: tuple[float, float], *, keep: bool) -> None:
        """Take ``home`` as all there is, and show it, unless ``keep`` and the reader has chosen a window."""
        before: Any = (self.range.reset_start, self.range.reset_end)
        moved = keep and before[0] is not None and (self.range.start, self.range.end) != before
        self.range.update(reset_start=home[0], reset_end=home[1])
        if not moved:
            self.range.update(start=home[0], end=home[1])


def unit_words(unit: str) -> str:
    """A unit for an axis and a hover line: ours, or the file's without what Bokeh would take for a command."""
    return LABELS.get(unit) or re.sub(r"[^\w /^.%°µ³²·*()-]", "", unit)[:30]


class SeriesPanel:
    """Curves of one unit, which are replaced while the figure stays."""

    def __init__(self, axis: Axis, label: str, unit: str, *, height: int = 260):
        self.axis = axis
        self._unit = unit_words(unit)
        self.plot = self._figure(label, height)
        self._lines: list[SeriesLine] = []
        self._hover = HoverTool(mode="vline", renderers=[], point_policy="snap_to_data", line_policy="nearest")
        self.plot.add_tools(self._hover)
        self._words = pn.pane.HTML("", stylesheets=[_LOOK], sizing_mode="stretch_width", margin=(0, 10, 10, 10))
        self.view = pn.Column(
            pn.pane.Bokeh(self.plot, sizing_mode="stretch_width", margin=0), self._words, margin=0,
            sizing_mode="stretch_width", css_classes=["series-panel"], styles={"max-height": "none"},
        )  # fmt: skip
        self.name_axis("")

    def _figure(self, label: str, height: int) -> figure:
        wheel = WheelZoomTool(dimensions="width", modifiers="ctrl")  # alone, the wheel scrolls the page
        plot = figure(
            x_range=self.axis.range, y_range=Range1d(), height=height, sizing_mode="stretch_width",
            x_axis_type="datetime" if self.axis.kind == "dated" else "linear",
            tools=[PanTool(dimensions="width"), BoxZoomTool(dimensions="width"), wheel, ResetTool(), SaveTool()],
            active_scroll=wheel, toolbar_location="above", min_border_left=68, min_border_right=12, lod_threshold=None,
        )  # fmt: skip
        plot.toolbar.logo = None
        plot.xaxis.major_label_policy = NoOverlap()
        plot.yaxis.axis_label = plain_words(label)
        plot.yaxis.formatter = NumeralTickFormatter(format="0,0.[000]")
        plot.js_on_change("inner_width", CustomJS(args={"plot": plot}, code=_WIDTH))
        if self.axis.kind == "dated":
            plot.xaxis.formatter = DatetimeTickFormatter(
                minutes="%H:%M", hourmin="%H:%M", hours="%H:%M", days="%Y-%m-%d", months="%Y-%m", years="%Y"
            )
        return plot

    def name_axis(self, zone: str) -> None:
        """Name the x axis and the times of the hover lines; ``zone`` is one of ours, such as UTC-08:00."""
        formatters: dict[str, Any] = {"@value": "printf"}
        unit = f" {self._unit}".rstrip()
        if self.axis.kind == "dated":
            self.plot.xaxis.axis_label, at = f"time, {zone}", f"@time{{%F %H:%M:%S}} {zone}"
            formatters["@time"] = "datetime"
        else:
            words = "hours from peak" if self.axis.kind == "peak" else "time, hours"
            self.plot.xaxis.axis_label, at = words, "@time{0,0.[00]} " + words.replace("time, ", "")
        self._hover.formatters = formatters
        self._hover.tooltips = [
            ("series", "$name"), ("value", f"@value{{%.7g}}{unit}"), ("flag", "@flag"), ("time", at)
        ]  # fmt: skip

    @property
    def pixels(self) -> int:
        """How wide the figure's frame is."""
        width = self.plot.tags[0] if self.plot.tags else FIRST_WIDTH
        good = isinstance(width, int | float) and math.isfinite(width)
        return min(max(int(width), 50), WIDEST) if good else FIRST_WIDTH

    @property
    def curves(self) -> list[Curve]:
        """What is drawn."""
        return [line.curve for line in self._lines if line.curve]

    def show(self, curves: Sequence[Curve]) -> None:
        """Take other curves to draw."""
        while len(self._lines) < len(curves):
            self._lines.append(SeriesLine(self.plot))
        self._hover.renderers = [one for line in self._lines for one in line.renderers]
        for at, line in enumerate(self._lines):
            line.show(curves[at] if at < len(curves) else None)

    def draw(self, offset: float, notes: Sequence[str] = ()) -> None:
        """Send what the axis shows now; its times are ``offset`` later than those of the curves."""
        window = self.axis.window
        if window is None:
            return
        start, end = window[0] - offset, window[1] - offset
        self._fit_values(start, end)
        said = [(line.curve.colour, line.draw(start, end, self.pixels, offset)) for line in self._lines if line.curve]
        self._words.object = "".join(
            [plain(words).replace("<p>", f'<p><i style="background:{colour}"></i>', 1) for colour, words in said]
            + [plain(note) for note in notes]
        )

    def _fit_values(self, start: float, end: float) -> None:
        """Room up and down for the values in the window; where it has none, the axis stays."""
        parts = [curve.trace.values[curve.window(start, end)] for curve in self.curves]
        ends = [(part.min(), part.max()) for part in parts if len(part)]
        if ends:
            low, high = min(end[0] for end in ends), max(end[1] for end in ends)
            room = float(high - low or abs(high) or 1.0) * 0.06
            self.plot.y_range.update(start=float(low) - room, end=float(high) + room)
