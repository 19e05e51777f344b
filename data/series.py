"""The contract of a series that was read: what it is, its points, and what was not taken.

A series keeps the unit, parameter, time zone, datum, flags and source that its file states; "" is not stated.
Missing is NaN. Nothing is filled in.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from data.frames import RefusedRow
from data.units import CUBIC_FEET_PER_ACRE_FT, convert

_DAY_S = 86_400
GAP_FACTOR = 1.5  #: A step longer than this many of the series' own steps is a gap.

#: Index ``time``, strictly increasing: datetime64[us, UTC]; timedelta64[us] where a file gives hours and no date.
POINTS = {"value": "float64", "flag": "category"}


class Gap(NamedTuple):
    """A stretch without rows: the last time before it, the first after it, and the steps that are missing."""

    start: str
    end: str
    missing_steps: int


@dataclass(frozen=True)
class SeriesWarning:
    """What was met ``count`` times, first on ``line`` (None: the file as a whole)."""

    line: int | None
    code: str
    message: str
    count: int


@dataclass(frozen=True, kw_only=True)
class About:
    """What a file says of a series. ``parameter`` is the source's own word or code for what was measured.

    ``unit`` is one of ``units.LABELS`` where it is one of those, else as the file writes it. ``timezone`` is that of
    the file's own times; the points are UTC, or as the file writes them where it names no zone. ``statistic`` is
    "mean" of a step, "peak", another such word, or "" for a value at a time.
    """

    id: str
    name: str = ""
    parameter: str = ""
    unit: str = ""
    timezone: str = ""
    datum: str = ""
    source: str = ""
    statistic: str = ""

    @property
    def is_flow(self) -> bool:
        """Whether a volume can be made of it."""
        return self.unit in ("cfs", "m3/s") and self.statistic in ("", "mean")


@dataclass(frozen=True, eq=False)
class Series:
    """One series of a file. ``rows`` of the file speak of it; ``duplicates`` of them repeat an instant."""

    about: About
    points: pd.DataFrame
    rows: int = 0
    duplicates: int = 0

    @property
    def values(self) -> np.ndarray:
        return self.points["value"].to_numpy()

    @cached_property
    def seconds(self) -> np.ndarray:
        """The times as seconds, for steps."""
        return self.points.index.as_unit("us").asi8 / 1e6

    @cached_property
    def step_s(self) -> float:
        """The series' own step: the median one; NaN where steps are so uneven that it has none."""
        steps = np.diff(self.seconds)
        if not len(steps) or self.about.statistic == "peak":
            return float("nan")
        usual = float(np.median(steps))
        even = (steps > usual / GAP_FACTOR) & (steps < usual * GAP_FACTOR)
        return usual if even.mean() >= 0.5 else float("nan")

    @cached_property
    def gap_starts(self) -> np.ndarray:
        """Positions of the points before a gap; empty for a series that has no step of its own."""
        return np.flatnonzero(np.diff(self.seconds) > GAP_FACTOR * self.step_s)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Where rows are missing."""
        at = self.gap_starts
        missing = np.rint(np.diff(self.seconds)[at] / self.step_s).astype("int64") - 1
        return tuple(
            Gap(self.time_text(i), self.time_text(i + 1), int(n)) for i, n in zip(at.tolist(), missing, strict=True)
        )

    def time_text(self, at: int) -> str:
        """A point's time: ISO text with Z, or "3 h" for hours."""
        time = self.points.index[at]
        if isinstance(time, pd.Timedelta):
            return f"{time / pd.Timedelta(hours=1):.15g} h"
        return str(np.datetime_as_string(time.to_datetime64(), unit="us" if time.microsecond else "s")) + "Z"

    def _utc(self, at: int) -> str | None:
        return self.time_text(at) if len(self.points) and isinstance(self.points.index, pd.DatetimeIndex) else None

    @cached_property
    def volume(self) -> tuple[float, float] | None:
        """Acre-feet, and the hours of the series that they leave out; None where it is no flow.

        A mean counts for its whole step; between values at a time the rule is the trapezoid's. What lies in a gap or
        beside a missing value is left out.
        """
        if not self.about.is_flow:
            return None
        cfs = convert(self.values, self.about.unit, "cfs")
        known, steps = np.isfinite(cfs), np.diff(self.seconds)
        if self.about.statistic == "mean":
            # Of what time a mean is can be told by its step alone; two days that lie apart have none.
            if self.step_s != self.step_s or (len(steps) < 2 and self.step_s > _DAY_S):
                return None
            counted = known.sum() * self.step_s
            left_out = ((~known).sum() + sum(gap.missing_steps for gap in self.gaps)) * self.step_s
            cubic_feet = float(cfs[known].sum() * self.step_s)
        else:
            used = known[1:] & known[:-1] & ~(steps > GAP_FACTOR * self.step_s)
            counted, left_out = steps[used].sum(), steps[~used].sum()
            cubic_feet = float((steps[used] * (cfs[1:] + cfs[:-1])[used] / 2).sum())
        return (cubic_feet / CUBIC_FEET_PER_ACRE_FT, float(left_out) / 3600) if counted else None

    def flag_counts(self) -> dict[str, int]:
        """Flag as the file writes it -> how many points have it; points without one are not counted.

        A flag of several columns, "; " between, counts for each.
        """
        found: dict[str, int] = {}
        for label, count in self.points["flag"].value_counts().items():
            for part in str(label).split("; "):
                if part and count:
                    found[part] = found.get(part, 0) + int(count)
        return found

    def as_json(self) -> dict[str, Any]:
        """One of ``series`` in ``dams inspect --json``."""
        about, values = self.about, self.values
        known = np.isfinite(values)
        top = int(np.nanargmax(values)) if known.any() else None
        found = {
            "id": about.id,
            "name": about.name,
            "parameter": about.parameter,
            "unit": about.unit,
            "timezone": about.timezone,
            "rows": self.rows,
            "values": int(known.sum()),
            "missing": int((~known).sum()),
            "duplicates": self.duplicates,
            "gaps": [gap._asdict() for gap in self.gaps],
            "start_utc": self._utc(0),
            "end_utc": self._utc(-1),
            "min": float(np.nanmin(values)) if known.any() else None,
            "max": float(values[top]) if top is not None else None,
            "max_at_utc": self._utc(top) if top is not None else None,
        }
        if about.is_flow:
            found["volume_acre_ft"] = self.volume[0] if self.volume else None
        return found | {"flags": self.flag_counts()}


@dataclass(frozen=True)
class SeriesFile:
    """A file that was read: its series, the rows that are left out, and what else was met."""

    file_name: str
    format: str
    series: tuple[Series, ...] = ()
    rejected: tuple[RefusedRow, ...] = ()
    warnings: tuple[SeriesWarning, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The form of ``dams inspect --json``."""
        return {
            "kind": "series",
            "format": self.format,
            "series": [one.as_json() for one in self.series],
            "rejected": [vars(row) for row in self.rejected],
            "warnings": [vars(warning) for warning in self.warnings],
        }
