"""Series of any length, in linked panels by unit: what a screen shows is decimated anew at each move."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import panel as pn
import param
from bokeh.models import Range1d

from components import feedback
from components.map_figure import held
from components.plain import plain_label
from components.series_controls import controls
from components.series_floods import Flood, compared, part_of
from components.series_line import COLOURS, Curve, axis_times, clipped, curve_of
from components.series_panel import Axis, SeriesPanel, unit_words
from components.series_zones import UTC, offset_ms, zones_of
from data.hydrology import smooth
from data.series import Series
from data.series_curves import running_volume
from data.units import LABELS

SETTLED = 80  #: Milliseconds between a move in the browser and the points for it; further moves join it.
MAX_DAYS = 366
_LONGEST_WORDS = 30  #: Letters along a y axis.
Labelled = tuple[str, Series]


class SeriesView(pn.viewable.Viewer):
    """Draws series in panels by unit that share one time axis; gaps stay open, flags stay beside their values.

    ``update(list)`` takes new data and keeps the window the reader chose. Only the smallest and largest value of each
    pixel are sent, for the window that is shown. Times are drawn in UTC or at a fixed offset that a file states.
    """

    series = param.List(default=[], doc="Pairs of a label, shown as text, and a data.series.Series.")
    zone = param.Selector(default=UTC, objects=[UTC], label="Times in", doc="UTC, or an offset that a file states.")
    mean_days = param.Integer(
        default=0, bounds=(0, MAX_DAYS), label="Rolling mean (days)", doc="Days of a trailing mean; 0 draws none."
    )
    volume = param.Boolean(default=False, label="Running volume of flows", doc="A panel of acre-feet since the start.")
    floods = param.List(default=[], doc="Each a Flood: whole series, and windows that the reader kept.")
    compare = param.ListSelector(
        default=[], objects=[], label="Compare, aligned at the peak", doc="Names of the floods laid over each other."
    )

    def __init__(self, series: Sequence[Labelled] = (), **params):
        super().__init__(series=list(series), **params)
        self._named: dict[str, Series] = {}
        self._axes = {kind: Axis(kind, Range1d()) for kind in ("dated", "hours", "peak")}
        self._panels: dict[tuple[str, str], SeriesPanel] = {}
        self._notes: dict[tuple[str, str], list[str]] = {}
        self._due, self._drawn_offset = False, 0.0
        for axis in self._axes.values():
            for end in ("start", "end"):
                axis.range.on_change(end, lambda _attr, _old, _new: self._moved())
        self._body = pn.Column(sizing_mode="stretch_width", margin=0, styles={"max-height": "none"})
        self._moves, self._choices = controls(self)
        self._take()

    def update(self, series: Sequence[Labelled]) -> None:
        """Draw other series, or more of the same; a window that the reader chose stays."""
        self.series = list(series)

    @param.depends("series", watch=True)
    def _take(self) -> None:
        self._named = _named(self.series)
        zones = zones_of(self._named.values())
        self.param.zone.objects = zones
        if self.zone not in zones:
            self.zone = UTC
        kept = [flood for flood in self.floods if flood.is_part and flood.label in self._named]
        self.floods = [*(Flood(label, label) for label in self._named), *kept]
        self._show()

    @param.depends("floods", watch=True)
    def _offer(self) -> None:
        names = [flood.name for flood in self.floods]
        left = [name for name in self.compare if name in names]
        self.param.compare.objects = {plain_label(name): name for name in names}
        self.compare = left

    def keep_window(self) -> None:
        """Make the part that is shown, of each series that has values in it, one that can be compared."""
        window = self._axes["dated"].window
        if window is None:
            return
        start, end = (at - self._offset("dated") for at in window)
        parts = [part_of(label, one, start, end) for label, one in self._named.items() if _kind(one) == "dated"]
        there = {flood.name for flood in self.floods}
        new = [part for part in parts if part and part.name not in there]
        self.floods = [*self.floods, *new]
        self.compare = [*self.compare, *(part.name for part in new)]

    def move(self, share: float) -> None:
        """Move the window by a share of its width, later for a positive one."""
        self._change_window(lambda start, end: (start + share * (end - start), end + share * (end - start)))

    def zoom(self, factor: float) -> None:
        """Make the window so many times as wide, about its middle."""
        self._change_window(
            lambda start, end: ((start + end - factor * (end - start)) / 2, (start + end + factor * (end - start)) / 2)
        )

    def show_all(self) -> None:
        """Show all that there is."""
        for axis in self._axes.values():
            if axis.range.reset_start is not None:
                axis.show(axis.range.reset_start, axis.range.reset_end)
        self._draw()

    def _change_window(self, change: Callable[[float, float], tuple[float, float]]) -> None:
        for kind in ("dated", "hours"):
            axis = self._axes[kind]
            if axis.window and axis.range.reset_start is not None:
                axis.show(*change(*axis.window))
        self._draw()

    @param.depends("mean_days", "volume", "compare", watch=True)
    @held
    def _show(self) -> None:
        """Make the curves anew and put them into their panels; panels that are there stay."""
        wanted = self._curves()
        for key in list(self._panels):
            if key not in wanted:
                self._panels[key].show([])
        for key, (label, unit, curves) in wanted.items():
            if key not in self._panels:
                self._panels[key] = SeriesPanel(self._axes[key[0]], label, unit)
                self._panels[key].plot.on_change("tags", self._sized)
            self._panels[key].show(curves)
        self._fit()
        self._draw()
        shown = [self._panels[key].view for key in wanted]
        wanted_body = [self._moves, *shown, self._choices] if shown else [feedback.empty("No series to draw")]
        if list(self._body) != wanted_body:
            self._body[:] = wanted_body

    def _curves(self) -> dict[tuple[str, str], tuple[str, str, list[Curve]]]:
        """Axis and subject of each panel -> words of its y axis, unit, curves."""
        found: dict[tuple[str, str], tuple[str, str, list[Curve]]] = {}
        self._notes = {}
        for at, (label, one) in enumerate(self._named.items()):
            kind, colour = _kind(one), COLOURS[at % len(COLOURS)]
            unit = one.about.unit
            panel = found.setdefault((kind, f"unit {unit}"), (_y_words(one), unit, []))[2]
            panel.append(curve_of(label, one, colour, alpha=0.45 if self.mean_days else 1.0))
            if self.mean_days:
                panel.append(_mean(label, one, colour, self.mean_days))
        if self.volume:
            for at, (label, one) in enumerate(self._named.items()):
                self._add_volume(found, label, one, COLOURS[at % len(COLOURS)])
        if len(self.compare) > 1:
            chosen = [flood for flood in self.floods if flood.name in self.compare]
            unit, curves, notes = compared(chosen, self._named)
            key = ("peak", "floods")
            found[key] = (f"floods aligned ({unit_words(unit)})", unit, curves)
            self._notes[key] = notes
        return found

    def _add_volume(self, found: dict, label: str, series: Series, colour: str) -> None:
        made, total = running_volume(series), series.volume
        if made is None or total is None:
            return
        key = (_kind(series), "volume")
        seconds, acre_ft = made
        left_out = (
            f"{total[1]:,.6g} h in gaps or beside missing values are left out" if total[1] else "nothing left out"
        )
        how = f"{total[0]:,.6g} acre-ft in all; {left_out}"
        times, flags = axis_times(series, seconds), series.points["flag"].array
        panel = found.setdefault(key, ("running volume (acre-ft)", "acre-ft", []))[2]
        panel.append(Curve(label, times, acre_ft, series.gap_starts, flags, how=how, colour=colour))

    def _fit(self) -> None:
        """Tell each axis all that there is; one that the reader moved stays."""
        for kind, axis in self._axes.items():
            traces = [c.trace for key, p in self._panels.items() if key[0] == kind for c in p.curves if len(c.trace)]
            if traces:
                low = min(one.times[0] for one in traces) + self._offset(kind)
                high = max(one.times[-1] for one in traces) + self._offset(kind)
                room = (high - low) * 0.005 or 1.0
                axis.fit((float(low - room), float(high + room)), keep=True)

    def _offset(self, kind: str) -> float:
        return offset_ms(self.zone) if kind == "dated" else 0.0

    @param.depends("zone", watch=True)
    @held
    def _move_clock(self) -> None:
        """Draw the same window at another offset."""
        self._axes["dated"].shift(offset_ms(self.zone) - self._drawn_offset)
        self._draw()

    @held
    def _draw(self) -> None:
        """Send what each panel shows now."""
        self._due = False
        self._drawn_offset = offset_ms(self.zone)
        for key, panel in self._panels.items():
            if panel.curves:
                panel.name_axis(self.zone)
                panel.draw(self._offset(key[0]), self._notes.get(key, ()))

    def _moved(self) -> None:
        """A range has changed: send its points soon, once for all changes until then."""
        doc = next((axis.range.document for axis in self._axes.values() if axis.range.document), None)
        if doc is None or not doc.session_context:
            return  # nobody looks; what is drawn first is drawn by _show
        if not self._due:
            self._due = True
            doc.add_timeout_callback(self._draw, SETTLED)

    def _sized(self, _attr: str, old: list, new: list) -> None:
        self._moved()

    def __panel__(self):
        return self._body


def _named(series: Sequence[Labelled]) -> dict[str, Series]:
    """Label to series; of labels that are alike, the second is told by its number."""
    found: dict[str, Series] = {}
    for label, one in series:
        name, number = clipped(label), 2
        while name in found:
            name, number = f"{clipped(label)} ({number})", number + 1
        found[name] = one
    return found


def _kind(series: Series) -> str:
    return "dated" if isinstance(series.points.index, pd.DatetimeIndex) else "hours"


def _y_words(series: Series) -> str:
    """What the y axis says: what was measured where the file says it in words, and the unit."""
    about = series.about
    said = about.parameter if about.parameter.strip("0123456789_ ") else about.name.rpartition(": ")[2]
    what = "flow" if about.is_flow else said[:_LONGEST_WORDS] or "value"
    return f"{what} ({LABELS.get(about.unit, about.unit)[:_LONGEST_WORDS] or 'unit not stated'})"


def _mean(label: str, series: Series, colour: str, days: int) -> Curve:
    """The trailing mean, without flags: it is no reading."""
    means = smooth(series.points["value"], days).to_numpy(copy=True)
    seconds = series.seconds
    step = series.step_s if series.step_s == series.step_s else 0.0
    means[seconds < seconds[:1] + days * 86_400 - step - 0.5] = np.nan  # the first windows are not full
    return Curve(
        f"{days}-day mean of {label}", axis_times(series, series.seconds), means, series.gap_starts,
        how="trailing, begins when its window is full; missing values are left out of it", colour=colour, width=2.5,
    )  # fmt: skip
