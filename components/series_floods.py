"""Floods laid over each other: whole series or windows of them, aligned at their highest value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from components.series_line import COLOURS, Curve, axis_times
from components.series_panel import unit_words
from data.provenance import Refused
from data.series import Series
from data.series_curves import hours_from_peak

FEWEST = 2  #: Values that make a curve.


@dataclass(frozen=True)
class Flood:
    """A series, by its label, or the part from ``start`` to ``end`` in units of its axis (before any offset)."""

    name: str
    label: str
    start: float = -np.inf
    end: float = np.inf

    @property
    def is_part(self) -> bool:
        """Whether it is a window that a reader kept."""
        return self.start > -np.inf or self.end < np.inf


def part_of(label: str, series: Series, start: float, end: float) -> Flood | None:
    """The flood between two times of the axis; None where fewer than two values lie there."""
    times = axis_times(series, series.seconds)
    at = np.flatnonzero((times >= start) & (times <= end) & np.isfinite(series.values))
    if len(at) < FEWEST:
        return None
    first, last = (_day(series, int(place)) for place in at[[0, -1]])
    return Flood(f"{label}, {first} to {last}", label, start, end)


def _day(series: Series, at: int) -> str:
    text = series.time_text(at)
    return text[:16].replace("T", " ") + "Z" if isinstance(series.points.index, pd.DatetimeIndex) else text


def compared(floods: Sequence[Flood], series: Mapping[str, Series]) -> tuple[str, list[Curve], list[str]]:
    """Unit, curves against hours from the peak, and what to say of those that could not be laid with the others."""
    unit, curves, notes = series[floods[0].label].about.unit, [], []
    for at, flood in enumerate(floods):
        one = series[flood.label]
        if one.about.unit != unit:
            notes.append(
                f"{flood.name} is in {unit_words(one.about.unit)}, not {unit_words(unit)}, and is left out; compare "
                "floods of one unit."
            )
            continue
        try:
            curves.append(_aligned(flood, one, COLOURS[at % len(COLOURS)]))
        except Refused as refusal:
            notes.append(f"{flood.name}: {refusal}")
    return unit, curves, notes


def _aligned(flood: Flood, series: Series, colour: str) -> Curve:
    times = axis_times(series, series.seconds)
    first, stop = np.searchsorted(times, flood.start, side="left"), np.searchsorted(times, flood.end, side="right")
    values, part = series.values[first:stop], slice(first, stop)
    hours = hours_from_peak(series.seconds[part], values)
    peak = int(first) + int(np.nanargmax(values))
    gaps = series.gap_starts[(series.gap_starts >= first) & (series.gap_starts < stop - 1)] - first
    how = f"peak {series.values[peak]:,.7g} {unit_words(series.about.unit)} at {series.time_text(peak)} is hour 0"
    return Curve(flood.name, hours, values, gaps, series.points["flag"].array[part], how=how, colour=colour)
