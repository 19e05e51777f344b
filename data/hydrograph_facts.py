"""What can be said of a hydrograph, and its text as CSV: frames in, no input or output."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.hydrology import gap_starts
from data.units import CUBIC_FEET_PER_ACRE_FT

SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Gap:
    """A stretch without measured flow, from the last point before it to the first after it, hours."""

    start_hours: float
    end_hours: float

    @property
    def hours(self) -> float:
        """Its length."""
        return self.end_hours - self.start_hours


@dataclass(frozen=True)
class HydrographFacts:
    """Figures of one hydrograph; a figure is None where no point or no step allows it.

    ``points`` counts those with a flow, ``missing`` those without. ``peaks`` is how often the peak
    is reached. ``measured_hours`` is the time that ``volume_acre_ft`` covers, ``gaps`` what it leaves out.
    """

    points: int
    missing: int
    peak_cfs: float | None
    peak_hours: float | None
    peaks: int
    volume_acre_ft: float | None
    measured_hours: float
    gaps: tuple[Gap, ...]

    @property
    def gap_hours(self) -> float:
        """Hours without measured flow."""
        return sum(gap.hours for gap in self.gaps)


def facts(points: pd.DataFrame) -> HydrographFacts:
    """Peak, volume and gaps of ``points`` (HYDROGRAPH).

    The peak is the highest measured flow, at the first time it is reached. The volume is the
    integral of flow over time by the trapezoid rule, sum of (q[i] + q[i+1]) / 2 · (t[i+1] - t[i])
    (NIST Digital Library of Mathematical Functions, eq. 3.5.1, applied to each step), over steps
    between two measured flows that are no gap as ``data.hydrology.gap_starts`` has it.
    """
    times, flows = _arrays(points)
    measured = np.isfinite(flows)
    good = _measured_steps(times, flows)
    steps = np.diff(times)
    means = (flows[:-1] + flows[1:]) / 2
    peak = float(flows[measured].max()) if measured.any() else None
    cubic_feet = float((means[good] * steps[good]).sum()) * SECONDS_PER_HOUR
    return HydrographFacts(
        points=int(measured.sum()),
        missing=int((~measured).sum()),
        peak_cfs=peak,
        peak_hours=float(times[flows == peak][0]) if measured.any() else None,
        peaks=int((flows == peak).sum()) if measured.any() else 0,
        volume_acre_ft=cubic_feet / CUBIC_FEET_PER_ACRE_FT if good.any() else None,
        measured_hours=float(steps[good].sum()),
        gaps=_runs(times, ~good),
    )


def lone_points(points: pd.DataFrame) -> pd.DataFrame:
    """The measured points with no measured step on either side, which a line alone would not show."""
    times, flows = _arrays(points)
    good = _measured_steps(times, flows)
    joined = np.zeros(len(times), dtype=bool)
    joined[:-1] |= good
    joined[1:] |= good
    return points[np.isfinite(flows) & ~joined]


def csv_text(points: pd.DataFrame) -> str:
    """``points`` (HYDROGRAPH) as RFC 4180 text in the form that they are read from.

    Each number is the shortest text that gives the same float64 back; a missing flow is blank.
    """
    lines = ["time [hr],flow [cfs]"]
    times, flows = _arrays(points)
    lines += [f"{_shortest(time)},{_shortest(flow)}" for time, flow in zip(times.tolist(), flows.tolist(), strict=True)]
    return "\r\n".join(lines) + "\r\n"


def _shortest(number: float) -> str:
    return "" if math.isnan(number) else repr(number).removesuffix(".0")


def _arrays(points: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return points["time_hours"].to_numpy("float64"), points["flow_cfs"].to_numpy("float64")


def _measured_steps(times: np.ndarray, flows: np.ndarray) -> np.ndarray:
    """For each step, whether both its flows are measured and it is no gap."""
    good = np.isfinite(flows[:-1]) & np.isfinite(flows[1:])
    good[gap_starts(times)] = False
    return good


def _runs(times: np.ndarray, without: np.ndarray) -> tuple[Gap, ...]:
    """Each run of neighbouring steps ``without`` measured flow."""
    edges = np.diff(np.concatenate([[0], without.astype(int), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return tuple(Gap(float(times[a]), float(times[b])) for a, b in zip(starts, ends, strict=True))


def thinned(points: pd.DataFrame, most: int, window: tuple[float, float] | None = None) -> pd.DataFrame:
    """At most about ``most`` of the points within ``window`` (hours), for drawing.

    They are cut into slices of equal count; of each the first point and the first lowest, highest
    and missing flow are kept, so that peaks stay and a line breaks where it did. ``points`` are
    given back unchanged when there are no more than ``most``.
    """
    if len(points) <= most:
        return points
    times, flows = _arrays(points)
    first, last = 0, len(times)
    if window is not None:
        first = max(int(np.searchsorted(times, window[0])) - 1, 0)
        last = min(int(np.searchsorted(times, window[1], side="right")) + 1, len(times))
    if last - first <= most:
        return points.iloc[first:last]
    size = -(-(last - first) // (most // 4))
    inside = np.full((-(-(last - first) // size), size), np.nan)
    inside.flat[: last - first] = flows[first:last]
    starts = first + np.arange(len(inside)) * size
    absent = np.isnan(inside)
    keep = [
        starts + np.where(absent, np.inf, inside).argmin(axis=1),
        starts + np.where(absent, -np.inf, inside).argmax(axis=1),
        starts + absent.argmax(axis=1),
        starts,
        [last - 1],
    ]
    chosen = np.unique(np.concatenate(keep))
    return points.iloc[chosen[chosen < last]]
