"""Discharge of a stream from its stage by a rating, and back. Arrays in, arrays out; nothing is extrapolated."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from data.provenance import How, Refused
from data.rating_curve import RULES, SOURCES, Curve, Instant, day, times, utc


@dataclass(frozen=True, eq=False)
class StageDischarge:
    """Stages (ft) and discharges (cfs), as arrays."""

    stage_ft: np.ndarray
    flow_cfs: np.ndarray
    how: How


@dataclass(frozen=True, kw_only=True, eq=False)
class Rating:
    """A stream's stage-discharge rating. ``periods`` are when it was in use, aware; None is still."""

    id: str
    name: str
    curve: Curve
    periods: tuple[tuple[dt.datetime, dt.datetime | None], ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()

    def flow(self, stage_ft, *, at: Instant = None) -> StageDischarge:
        """Discharge of stages. Raises Refused outside the table and, with ``at``, outside its periods."""
        given = np.asarray(stage_ft, dtype="float64")
        self._in_use(times(at, given.shape))
        return StageDischarge(given, self.curve.value(given), self._how("discharge from stage", given))

    def stage(self, flow_cfs, *, at: Instant = None) -> StageDischarge:
        """Stage of discharges. Raises Refused as ``flow`` does."""
        given = np.asarray(flow_cfs, dtype="float64")
        self._in_use(times(at, given.shape))
        return StageDischarge(self.curve.inverse(given), given, self._how("stage from discharge", given))

    def _in_use(self, when: np.ndarray | None) -> None:
        if when is None or not self.periods:
            return
        used = np.zeros(when.shape, dtype=bool)
        for start, end in self.periods:
            used |= (when >= utc(start)) & ((when < utc(end)) if end else True)
        if not used.all():
            raise Refused(
                f"{day(when[~used].min())} is outside the periods of rating {self.id} ({self._spans()}); the rating "
                "of that time would do."
            )

    def _spans(self) -> str:
        return "; ".join(f"{day(start)} to {day(end) if end else 'now'}" for start, end in self.periods)

    def _how(self, what: str, given: np.ndarray) -> How:
        missing = int(np.isnan(given).sum())
        return How(
            method=f"{what}: {RULES[self.curve.rule]}",
            source="; ".join(filter(None, (SOURCES[self.curve.rule], self.source))),
            parameters={
                "rating": self.id, "rule_between_rows": self.curve.rule, "offsets_ft": list(self.curve.offsets),
                "breakpoints_ft": list(self.curve.breakpoints), "in_use": self._spans() or "not stated",
            },
            used=f"{given.size:,} values, {len(self.curve.x):,} rows of the rating of {self.name}",
            left_out=((f"{missing:,} missing values stay missing.",) if missing else ()) + self.notes,
        )  # fmt: skip
