"""The rows of a rating or an elevation-storage table, read forwards and backwards by the table's own rule.

Arrays in, arrays out. Missing stays missing; nothing is extrapolated.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from data.provenance import Refused

Rule = Literal["linear", "logarithmic", "previous"]
Instant: TypeAlias = dt.datetime | str | np.ndarray | pd.DatetimeIndex | None

_ROUNDING = 1e-12  #: Relative, for an end of a table.

#: Rule to its words in a method.
RULES = {
    "linear": "linear interpolation between the table's rows",
    "logarithmic": "interpolation of logarithms between the table's rows, of stage less the offset",
    "previous": "the row at or below (step table)",
}
#: Rule to its source.
SOURCES = {
    "linear": "linear between rows, as in HEC-HMS and CWMS (US Army Corps of Engineers, HEC)",
    "previous": "lookup method PREVIOUS of CWMS (US Army Corps of Engineers, HEC)",
    "logarithmic": "Kennedy, 1984, Discharge ratings at gaging stations, USGS TWRI book 3, chapter A10: a straight "
    "line of log Q against log (G - e)",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """The rows of a table, ``x`` rising and ``y`` never falling, and the ``rule`` between them.

    ``offsets`` are those of a logarithmic table, subtracted from x (Kennedy's e): one, or one more than ``breakpoints``
    that part them. ``effective_at`` is aware, None where the file gives no date.
    """

    x: np.ndarray
    y: np.ndarray
    rule: Rule = "linear"
    offsets: tuple[float, ...] = (0.0,)
    breakpoints: tuple[float, ...] = ()
    names: tuple[str, str] = ("Elevation", "Storage")
    units: tuple[str, str] = ("ft", "acre-ft")
    effective_at: dt.datetime | None = None

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype="float64"))
        self._check()

    def _check(self) -> None:
        """Raises Refused for rows that give no one answer."""
        if self.x.shape != self.y.shape or self.x.ndim != 1 or len(self.x) < 2:
            raise Refused(f"A table of {self._pair} needs two rows or more, each with both.")
        if self.rule not in RULES:
            raise Refused(f"The rule {self.rule!r} between rows is not one of {', '.join(RULES)}.")
        if len(self.offsets) != len(self.breakpoints) + 1:
            raise Refused(f"{len(self.offsets)} offsets need {len(self.offsets) - 1} breakpoints between them.")
        for name, values in zip(self.names, (self.x, self.y), strict=True):
            if not np.isfinite(values).all():
                raise Refused(f"Row {_first(~np.isfinite(values))} of the table has no {name.lower()}.")
        for name, bad in ((self.names[0], np.diff(self.x) <= 0), (self.names[1], np.diff(self.y) < 0)):
            if bad.any():
                row = _first(bad)
                raise Refused(f"The table's {name.lower()} does not rise from row {row} to {row + 1}.")

    @property
    def _pair(self) -> str:
        return f"{self.names[0].lower()} and {self.names[1].lower()}"

    def value(self, x: np.ndarray) -> np.ndarray:
        """y of each x. Raises Refused for an x outside the table."""
        x = self._inside(np.asarray(x, dtype="float64"), self.x, 0)
        if self.rule == "linear":
            return np.interp(x, self.x, self.y)
        if self.rule == "previous":
            at = np.clip(np.searchsorted(self.x, x, side="right") - 1, 0, len(self.x) - 1)
            return np.where(np.isnan(x), np.nan, self.y[at])
        at = np.clip(np.searchsorted(self.x, x, side="right") - 1, 0, len(self.x) - 2)
        return self._logarithmic(x, at, back=False)

    def inverse(self, y: np.ndarray) -> np.ndarray:
        """The lowest x of each y; by the rule "previous", the highest row of which y is not above the one asked.

        Raises Refused for a y outside the table.
        """
        y = self._inside(np.asarray(y, dtype="float64"), self.y, 1)
        if self.rule == "previous":
            at = np.clip(np.searchsorted(self.y, y, side="right") - 1, 0, len(self.y) - 1)
            return np.where(np.isnan(y), np.nan, self.x[at])
        rising = np.append(True, np.diff(self.y) > 0)  # a flat stretch is left at its lower end
        if self.rule == "linear":
            return self._back(y, rising)
        at = np.clip(np.searchsorted(self.y, y, side="left") - 1, 0, len(self.y) - 2)
        return self._logarithmic(y, at, back=True)

    def _back(self, y: np.ndarray, rising: np.ndarray) -> np.ndarray:
        at = np.clip(np.searchsorted(self.y, y, side="left"), 1, len(self.y) - 1)
        low, high = self.y[at - 1], self.y[at]
        share = np.divide(y - low, high - low, out=np.zeros_like(y), where=high > low)
        found = self.x[at - 1] + share * (self.x[at] - self.x[at - 1])
        exact = self.y[at] == y  # the first row of that value, without rounding
        found = np.where(exact, self.x[at], found)
        found = np.where(y == self.y[0], self.x[0], found)
        return np.where(np.isnan(y), np.nan, found)

    def _inside(self, values: np.ndarray, rows: np.ndarray, which: int) -> np.ndarray:
        """The values, those beyond an end by no more than rounding put on it. Raises Refused for others outside."""
        values = on_ends(values, rows[0], rows[-1])
        out = np.flatnonzero((values < rows[0]) | (values > rows[-1]))
        if len(out):
            flat = values.reshape(-1)
            many = f" ({len(out):,} of {flat.size:,} values are)" if flat.size > 1 else ""
            raise Refused(
                f"{self.names[which]} {flat[out[0]]:.10g} {self.units[which]} is outside the table{many}, which goes "
                f"from {rows[0]:.10g} to {rows[-1]:.10g} {self.units[which]}; nothing is extrapolated."
            )
        return values

    def _logarithmic(self, values: np.ndarray, at: np.ndarray, *, back: bool) -> np.ndarray:
        """Between rows ``at`` and ``at + 1``, by log y against log (x - offset)."""
        zone = np.searchsorted(np.array(self.breakpoints), self.x[:-1], side="right")
        e = np.array(self.offsets)[zone]
        parted = np.array([((self.x[:-1] < b) & (b < self.x[1:])) for b in self.breakpoints]).any(axis=0)
        usable = (self.x[:-1] - e > 0) & (self.y[:-1] > 0) & ~parted & (self.y[1:] > self.y[:-1])
        rows = self.y if back else self.x
        on_row = np.isin(values, rows)
        bad = ~usable[at] & ~on_row & ~np.isnan(values)
        if bad.any():
            row = int(at.reshape(-1)[np.flatnonzero(bad)[0]])
            raise Refused(
                f"Between rows {row + 1} and {row + 2}, {self.x[row]:.10g} and {self.x[row + 1]:.10g} {self.units[0]}, "
                "this table has no logarithm, or its offset changes; nothing is computed there."
            )
        safe = np.where(usable, 1.0, np.nan)
        log_x0, log_x1 = np.log((self.x[:-1] - e) * safe), np.log((self.x[1:] - e) * safe)
        log_y0, log_y1 = np.log(self.y[:-1] * safe), np.log(self.y[1:] * safe)
        slope = (log_y1 - log_y0) / (log_x1 - log_x0)
        with np.errstate(invalid="ignore", divide="ignore"):
            if back:
                found = np.exp(log_x0[at] + (np.log(values) - log_y0[at]) / slope[at]) + e[at]
            else:
                found = np.exp(log_y0[at] + slope[at] * (np.log(values - e[at]) - log_x0[at]))
        place = np.clip(np.searchsorted(rows, values), 0, len(rows) - 1)
        return np.where(on_row, (self.x if back else self.y)[place], found)


def blended(low: Curve, high: Curve, weight: np.ndarray, values: np.ndarray, *, back: bool) -> np.ndarray:
    """y of each x (or, ``back``, x of each y) by both tables, ``weight`` of each value being that of ``high``."""
    rows, y_low, y_high = _both(low, high)
    if not back:
        return _weighed(low.value(values), high.value(values), weight)
    inside = _weighed(y_low[0], y_high[0], weight), _weighed(y_low[-1], y_high[-1], weight)
    values = on_ends(values, *inside)
    out = np.flatnonzero((values < inside[0]) | (values > inside[1]))
    if len(out):
        raise Refused(
            f"{low.names[1]} {values[out[0]]:.10g} {low.units[1]} is outside the tables of its date, which go from "
            f"{inside[0][out[0]]:.10g} to {inside[1][out[0]]:.10g} {low.units[1]}; nothing is extrapolated."
        )
    first, last = np.zeros(values.shape, dtype="int64"), np.full(values.shape, len(rows) - 1)
    while (first < last).any():  # the first row whose y reaches the value
        middle = (first + last) // 2
        below = _weighed(y_low[middle], y_high[middle], weight) < values
        first, last = np.where(below, middle + 1, first), np.where(below, last, middle)
    before = np.maximum(first - 1, 0)
    start, end = (_weighed(y_low[at], y_high[at], weight) for at in (before, first))
    if low.rule == "previous":
        return np.where(np.isnan(values), np.nan, rows[np.where(end == values, first, before)])
    share = np.divide(values - start, end - start, out=np.zeros(values.shape), where=end > start)
    return np.where(np.isnan(values), np.nan, rows[before] + share * (rows[first] - rows[before]))


def blend(low: Curve, high: Curve, weight: float) -> Curve:
    """Both tables weighed, on the rows of both where they overlap."""
    if low is high or weight == 0:
        return low
    if weight == 1:
        return high
    rows, y_low, y_high = _both(low, high)
    y = _weighed(y_low, y_high, weight)
    return Curve(x=rows, y=y, rule=low.rule, names=low.names, units=low.units, effective_at=low.effective_at)


def _weighed(low, high, weight):
    return low * (1 - weight) + high * weight


def on_ends(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Values beyond an end by rounding alone, as a shift of datum leaves it, put on that end."""
    slack = _ROUNDING * np.maximum(np.abs(low), np.abs(high))
    values = np.where((values < low) & (values >= low - slack), low, values)
    return np.where((values > high) & (values <= high + slack), high, values)


def _both(low: Curve, high: Curve) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if "logarithmic" in (low.rule, high.rule) or low.rule != high.rule:
        raise Refused("Between tables of two dates that are logarithmic, or of two rules, nothing is interpolated.")
    rows = np.union1d(low.x, high.x)
    rows = rows[(rows >= max(low.x[0], high.x[0])) & (rows <= min(low.x[-1], high.x[-1]))]
    return rows, low.value(rows), high.value(rows)


def times(at: Instant, shape: tuple[int, ...]) -> np.ndarray | None:
    """Instants as datetime64[us] in UTC. Raises Refused for a time without a zone, and for another number of them."""
    if at is None:
        return None
    if isinstance(at, np.ndarray | pd.DatetimeIndex | pd.Series):
        index = pd.DatetimeIndex(at)
        index = index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index
        found = index.as_unit("us").to_numpy()
        if found.shape != shape:
            raise Refused(f"{len(found):,} times are given for values of the shape {shape}; one each would do.")
    else:
        time = pd.Timestamp(at)
        if time.tzinfo is None and not isinstance(at, str):
            raise Refused(f"The time {at} names no zone: an aware one would do.")
        found = np.asarray(utc(time.to_pydatetime(warn=False)))
    if np.isnat(found).any():
        raise Refused("A time is missing; each elevation needs its own, as the table depends on it.")
    return found


def utc(time: dt.datetime | np.datetime64 | None) -> np.datetime64:
    """An instant as datetime64[us]."""
    if isinstance(time, dt.datetime) and time.tzinfo is not None:
        time = time.astimezone(dt.UTC).replace(tzinfo=None)
    found: np.datetime64 = np.datetime64(time, "us")  # type: ignore[call-overload]
    return found


def day(time: dt.datetime | np.datetime64 | None) -> str:
    """Its day, ISO text."""
    return str(np.datetime_as_string(utc(time), unit="D"))


def _first(where: np.ndarray) -> int:
    """The first True, counted from 1."""
    return int(np.flatnonzero(where)[0]) + 1
