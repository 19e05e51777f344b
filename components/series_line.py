"""One line of a plot of series: solid, dashed where provisional, open at gaps, with marks where a flag says more."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from data import decimation
from data.decimation import Trace
from data.series import Series

#: After Okabe and Ito (2008), for colour-blind readers; each can be told from a white and from a dark ground.
COLOURS = ("#0080ff", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
PROVISIONAL, MARKED = 1, 2
_PROVISIONAL = {"p", "prov", "provisional"}  #: NWIS writes P, the newer services of the USGS the whole word.
_PLAIN = {"", "a", "approved", "working", "r", "revised"}
_LONGEST = 80  #: Letters of a label.


def flag_kind(flag: str) -> int:
    """PROVISIONAL, MARKED (estimated, ice, … : any word that is none of an approval), both added, or 0."""
    words = {word.casefold() for word in re.split(r"[\s:;,|/]+", flag)}
    return PROVISIONAL * bool(words & _PROVISIONAL) + MARKED * bool(words - _PROVISIONAL - _PLAIN)


@dataclass(frozen=True, eq=False)
class Curve:
    """What a line draws. ``times`` in units of its axis, increasing; ``values`` with NaN for missing.

    ``flags`` are one for each value, or None; ``gap_starts`` the positions before a gap; ``how`` is what to say of
    the making beside the numbers.
    """

    label: str
    times: np.ndarray
    values: np.ndarray
    gap_starts: np.ndarray
    flags: pd.Categorical | None = None
    how: str = ""
    joined: bool = True  #: False draws points that no line joins, such as the peaks of years.
    colour: str = COLOURS[0]
    width: float = 1.5
    alpha: float = 1.0
    trace: Trace = field(init=False)
    kinds: np.ndarray = field(init=False)  #: Of each of the flags' categories.

    def __post_init__(self) -> None:
        flags = self.flags
        labels = [] if flags is None else [str(label) for label in flags.categories]
        kinds = np.array([flag_kind(label) for label in labels], dtype="int8")
        marked = np.zeros(0, dtype=bool)
        if flags is not None and (kinds & MARKED).any():
            counts = np.bincount(flags.codes[flags.codes >= 0], minlength=len(labels))
            kinds[counts * 2 > len(flags)] &= ~MARKED  # marks on most points would mark none
            marked = self._kinds_of(kinds, flags.codes) & MARKED > 0
        ends = self.gap_starts if self.joined else np.arange(len(self.values))
        found = decimation.trace(self.times, self.values, gap_starts=ends, marked=marked)
        object.__setattr__(self, "trace", found)
        object.__setattr__(self, "kinds", kinds)

    @staticmethod
    def _kinds_of(kinds: np.ndarray, codes: np.ndarray) -> np.ndarray:
        return np.append(kinds, np.int8(0))[codes]  # the code of no flag is -1

    def kinds_at(self, rows: np.ndarray) -> np.ndarray:
        """Kind of the flag at each of ``rows``."""
        return np.zeros(len(rows), "int8") if self.flags is None else self._kinds_of(self.kinds, self.flags.codes[rows])

    def flags_at(self, rows: np.ndarray) -> np.ndarray:
        """Text of the flag at each of ``rows``."""
        if self.flags is None:
            return np.full(len(rows), "", dtype=object)
        labels = np.append(np.array([str(label)[:_LONGEST] for label in self.flags.categories], dtype=object), "")
        return labels[self.flags.codes[rows]]

    def window(self, start: float, end: float) -> slice:
        """Positions in the trace between two times."""
        times = self.trace.times
        return slice(int(np.searchsorted(times, start, "left")), int(np.searchsorted(times, end, "right")))

    def words(self, start: float, end: float, drawn: np.ndarray) -> str:
        """How what is shown between two times was made; ``drawn`` are the rows that were sent."""
        shown = self.window(start, end)
        count = shown.stop - shown.start
        if not count:
            return f"{self.label}: no values in this window"
        first, last = self.trace.rows[[shown.start, shown.stop - 1]].tolist()
        gaps = int(np.diff(np.searchsorted(self.gap_starts, [first, last]))[0])
        how = "all drawn" if len(drawn) >= count else f"{len(drawn):,} drawn: smallest and largest of each pixel"
        parts = [f"{_counted(count, 'value')}, {how}", _counted(gaps, "gap")]
        if missing := last - first + 1 - count:
            parts.append(_counted(missing, "missing value") + self._flags_of_missing(first, last))
        return f"{self.label}: {'; '.join([*parts, *filter(None, [self.how]), *self._flags_of(drawn)])}"

    def _flags_of_missing(self, first: int, last: int) -> str:
        missing = first + np.flatnonzero(~np.isfinite(self.values[first : last + 1]))
        return f" ({_listed('flag ', self.flags_at(missing))})" if any(self.flags_at(missing)) else ""

    def _flags_of(self, rows: np.ndarray) -> list[str]:
        kinds, flags = self.kinds_at(rows), self.flags_at(rows)
        means = ((PROVISIONAL, "dashed: provisional "), (MARKED, "diamonds: flag "))
        return [_listed(words, flags[kinds & kind > 0]) for kind, words in means if (kinds & kind).any()]


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _listed(words: str, flags: np.ndarray) -> str:
    names = sorted({str(flag) for flag in flags if flag})
    return words + ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")


def curve_of(label: str, series: Series, colour: str, **look) -> Curve:
    """A series as it was read; times are milliseconds since 1970 UTC, or hours where it has no dates."""
    return Curve(
        clipped(label), axis_times(series, series.seconds), series.values, series.gap_starts,
        series.points["flag"].array, joined=series.about.statistic != "peak", colour=colour, **look,
    )  # fmt: skip


def axis_times(series: Series, seconds: np.ndarray) -> np.ndarray:
    """Seconds of a series in the units of its axis: milliseconds, or hours where it has no dates."""
    return seconds * 1000 if isinstance(series.points.index, pd.DatetimeIndex) else seconds / 3600


def clipped(label: str) -> str:
    """A label no longer than can be read."""
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"


class SeriesLine:
    """The renderers of one line; they stay, and their data are replaced."""

    def __init__(self, plot: figure):
        self.curve: Curve | None = None
        self._sources = {name: ColumnDataSource(_columns()) for name in ("solid", "dashed", "lone", "marks")}
        on: dict[str, Any] = {"x": "time", "y": "value"}
        self.renderers: list[Any] = [
            plot.line(source=self._sources["solid"], line_join="round", **on),
            plot.line(source=self._sources["dashed"], line_dash=[5, 4], **on),
            plot.scatter(source=self._sources["lone"], size=4, **on),
        ]
        self._marks = plot.scatter(
            source=self._sources["marks"], marker="diamond", size=9, fill_color=None, line_width=1.3, **on
        )

    def show(self, curve: Curve | None) -> None:
        """Take a curve to draw; None empties the line."""
        self.curve = curve
        for renderer in [*self.renderers, self._marks]:
            renderer.name = curve.label if curve else ""
            if curve:
                renderer.glyph.update(line_color=curve.colour, line_alpha=curve.alpha)
        if curve:
            for renderer in self.renderers[:2]:
                renderer.glyph.line_width = curve.width
            self.renderers[2].glyph.update(fill_color=curve.colour, fill_alpha=curve.alpha)
        else:
            for source in self._sources.values():
                source.data = _columns()

    def draw(self, start: float, end: float, pixels: int, offset: float) -> str:
        """Send what a window shows, times moved by ``offset``; gives the words for it."""
        curve = self.curve
        if curve is None:
            return ""
        at = decimation.decimate(curve.trace, start, end, pixels)
        rows = curve.trace.rows[at]
        kinds = curve.kinds_at(rows)
        points = (curve.trace.times[at] + offset, curve.trace.values[at], curve.flags_at(rows))
        broken = decimation.breaks(curve.trace, at)
        styles = _styles(kinds & PROVISIONAL > 0, broken)
        parts = {"solid": _stretches(styles, 0), "dashed": _stretches(styles, 1)}
        parts["lone"] = decimation.lone(broken, len(at)) if len(at) else at
        parts["marks"] = np.flatnonzero(kinds & MARKED)
        for name, places in parts.items():
            made = _taken(points, places)
            if len(made["time"]) or len(self._sources[name].data["time"]):
                self._sources[name].data = made
        return curve.words(start, end, rows)


def _columns() -> dict:
    return {"time": np.zeros(0), "value": np.zeros(0), "flag": []}


def _styles(provisional: np.ndarray, broken: np.ndarray) -> np.ndarray:
    """Of each step from a point to the next: 0 solid, 1 dashed (it touches a provisional value), -1 none."""
    styles = (provisional[1:] | provisional[:-1]).astype("int8")
    styles[broken] = -1
    return styles


def _stretches(styles: np.ndarray, style: int) -> np.ndarray:
    """Places of the points on steps of ``style``, -1 between stretches that are not joined."""
    on = styles == style
    places = np.flatnonzero(np.append(on, False) | np.append(False, on))
    apart = np.flatnonzero(~on[places[:-1]]) if len(places) else places
    return np.insert(places, apart + 1, -1)


def _taken(points: tuple, places: np.ndarray) -> dict:
    """The points at ``places``; -1 is a break: a point without time, which no hover finds."""
    times, values, flags = points
    known = places >= 0
    return {
        "time": np.where(known, times[places], np.nan) if len(places) else np.zeros(0),
        "value": np.where(known, values[places], np.nan) if len(places) else np.zeros(0),
        "flag": np.where(known, flags[places], "").tolist() if len(places) else [],
    }
