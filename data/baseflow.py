"""Baseflow of daily flow: frames in, frames out. Each stretch between gaps is separated by itself."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from data.annual_peaks import counted
from data.provenance import How, Refused
from data.series import Series

DAY_S = 86_400
LEAST_DAYS = {"lyne-hollick": 31, "eckhardt": 2, "ukih": 15}  #: Shorter stretches are left out.
REFLECTED = 30  #: Days mirrored at each end (Nathan and McMahon, 1990; Ladson and others, 2013).
BLOCK = 5  #: Days of a block of which UKIH takes the minimum.
TURN = 0.9  #: A minimum times this below both neighbours is a turning point (Gustard and others, 1992).
WORDS = {
    "lyne-hollick": "Lyne-Hollick filter, three passes",
    "eckhardt": "Eckhardt's two-parameter filter",
    "ukih": "smoothed minima of the UK Institute of Hydrology",
}
SOURCES = {
    "lyne-hollick": (
        "Lyne and Hollick, 1979, Institution of Engineers Australia, Hydrology and Water Resources Symposium, 89-93; "
        "passes and reflected ends of Nathan and McMahon, 1990, Water Resources Research 26, 1465-1473"
    ),
    "eckhardt": "Eckhardt, 2005, Hydrological Processes 19, 507-515, eq. 19",
    "ukih": "Gustard, Bullock and Dixon, 1992, Institute of Hydrology Report 108, section 3.2",
}
VARIANTS = {
    "published": "baseflow is limited to the flow, and the limited value is carried on (Eckhardt, 2005)",
    "unlimited": (
        "the filter is carried on as it comes, and where it is above 0.95 of the flow the flow is reported, as in the "
        "CSIRO hydrodiy test series; baseflow is then higher after floods than as published"
    ),
}


@dataclass(frozen=True, eq=False)
class Baseflow:
    """A separation. ``points`` has columns time (UTC), flow and baseflow in ``unit``, NaN where there is none.

    ``bfi`` is the volume of baseflow over that of flow on the ``days`` that have both; None where none flows.
    """

    bfi: float | None
    days: int
    unit: str
    points: pd.DataFrame
    warnings: tuple[str, ...]
    how: How

    @property
    def method(self) -> str:
        """In words."""
        return self.how.method

    def as_json(self) -> dict[str, Any]:
        """The form of ``dams baseflow --json``; the points go with it as a file."""
        return {
            "bfi": self.bfi,
            "days": self.days,
            "unit": self.unit,
            "method": self.method,
            "warnings": list(self.warnings),
            "how": self.how.as_json(),
        }


def separate(
    series: Series,
    *,
    method: str = "lyne-hollick",
    alpha: float | None = None,
    bfi_max: float = 0.8,
    variant: str = "published",
    passes: int = 3,
) -> Baseflow:
    """Baseflow of a daily flow.

    ``alpha`` is the filter's parameter a day, 0.925 for Lyne-Hollick and 0.98 for Eckhardt where it is not given;
    ``bfi_max`` is Eckhardt's largest baseflow index (0.8 perennial and porous, 0.5 ephemeral, 0.25 hard rock).
    Stretches between gaps are separated one by one; those too short for the method have no baseflow. Raises Refused
    for what is no daily flow, for a negative flow, and where no stretch is long enough.
    """
    _check(method, alpha, bfi_max, variant, passes)
    flows = _daily(series)
    filtered = _filter(method, alpha, bfi_max, variant, passes)
    found = np.full(len(flows), np.nan)
    short = []
    stretches = _stretches(series, flows)
    for start, stop in stretches:
        if stop - start < LEAST_DAYS[method]:
            short.append((start, stop))
            continue
        found[start:stop] = filtered(flows[start:stop])
    used = np.isfinite(found)
    if not used.any():
        longest = max((stop - start for start, stop in stretches), default=0)
        why = "no two turning points" if longest >= LEAST_DAYS[method] else f"{longest} days"
        raise Refused(
            f"The longest stretch of daily flow without a gap has {why}; {WORDS[method]} needs {LEAST_DAYS[method]} "
            "days or more: give a longer record or another method."
        )
    total = float(flows[used].sum())
    return Baseflow(
        bfi=float(found[used].sum()) / total if total > 0 else None,
        days=int(used.sum()),
        unit=series.about.unit,
        points=pd.DataFrame({"time": series.points.index, "flow": flows, "baseflow": found}),
        warnings=tuple(_warnings(series, flows, used, short, method)),
        how=How(
            method=WORDS[method] + ("" if method != "eckhardt" else f"; {VARIANTS[variant]}"),
            source=SOURCES[method],
            parameters=_parameters(method, alpha, bfi_max, variant, passes),
            used=f"{int(used.sum()):,} of {len(flows):,} days, {len(stretches) - len(short):,} stretches without a gap",
            left_out=tuple(
                f"{series.time_text(start)} to {series.time_text(stop - 1)}: {stop - start} days, too short"
                for start, stop in short[:20]
            ),
        ),
    )


def _check(method: str, alpha: float | None, bfi_max: float, variant: str, passes: int) -> None:
    if method not in WORDS:
        raise Refused(f"The method {method!r} is not one of {', '.join(WORDS)}.")
    if variant not in VARIANTS:
        raise Refused(f"The variant {variant!r} is not one of {', '.join(VARIANTS)}.")
    for name, value in (("filter parameter a,", alpha), ("largest baseflow index", bfi_max)):
        if value is not None and not 0 < value < 1:
            raise Refused(f"The {name} {value!r} is not between 0 and 1.")
    if passes not in (1, 3, 5, 7, 9):
        raise Refused(f"The passes {passes!r} are not 1, 3, 5, 7 or 9: the first and the last go forward.")


def _parameters(method: str, alpha: float | None, bfi_max: float, variant: str, passes: int) -> dict[str, Any]:
    if method == "lyne-hollick":
        return {"alpha_per_day": alpha or 0.925, "passes": passes, "reflected_days": REFLECTED}
    if method == "eckhardt":
        return {"alpha_per_day": alpha or 0.98, "bfi_max": bfi_max, "variant": variant}
    return {"block_days": BLOCK, "turning_factor": TURN}


def _filter(
    method: str, alpha: float | None, bfi_max: float, variant: str, passes: int
) -> Callable[[np.ndarray], np.ndarray]:
    if method == "lyne-hollick":
        return lambda flow: lyne_hollick(flow, alpha or 0.925, passes)
    if method == "eckhardt":
        return lambda flow: eckhardt(flow, alpha or 0.98, bfi_max, limited=variant == "published")
    return ukih


def _daily(series: Series) -> np.ndarray:
    """The flows of a series of one value a day. Raises Refused for another, and for a negative flow."""
    name = series.about.id or "The series"
    if series.about.unit not in ("cfs", "m3/s"):
        raise Refused(f"{name} is in {series.about.unit or 'no unit'}, which is no flow: cfs or m³/s would do.")
    if not len(series.points):
        raise Refused(f"{name} has no values.")
    if not abs(series.step_s - DAY_S) < 1:
        step = "no step of its own" if math.isnan(series.step_s) else f"a step of {series.step_s / 3600:.6g} h"
        raise Refused(f"{name} has {step}; baseflow is separated from daily flow: give daily means.")
    steps = np.diff(series.seconds)
    odd = np.flatnonzero(steps < DAY_S * 0.5)
    if len(odd):
        raise Refused(f"{name} has two values within a day, the second at {series.time_text(int(odd[0]) + 1)}.")
    negative = np.flatnonzero(series.values < 0)
    if len(negative):
        at = int(negative[0])
        raise Refused(
            f"{name} has {counted(len(negative), 'negative flow')}, the first {series.values[at]:.6g} at "
            f"{series.time_text(at)}; baseflow has no meaning there."
        )
    return series.values


def _stretches(series: Series, flows: np.ndarray) -> list[tuple[int, int]]:
    """Start and stop of each run of known flows a day apart."""
    known = np.isfinite(flows)
    breaks = np.zeros(len(flows) + 1, dtype=bool)
    breaks[0] = breaks[-1] = True
    breaks[series.gap_starts + 1] = True
    breaks[1:-1] |= known[1:] != known[:-1]
    edges = np.flatnonzero(breaks)
    return [(int(a), int(b)) for a, b in pairwise(edges) if known[a]]


def lyne_hollick(flow: np.ndarray, alpha: float = 0.925, passes: int = 3) -> np.ndarray:
    """Baseflow by the filter f(t) = α f(t-1) + (1 + α)/2 (q(t) - q(t-1)), passes forward, backward, forward.

    Quickflow f below 0 is 0; baseflow is flow less quickflow. The ends are mirrored by 30 days, or by all but one
    where there are fewer; each pass begins without quickflow.
    """
    count = min(REFLECTED, len(flow) - 1)
    padded = np.concatenate([flow[count:0:-1], flow, flow[-2 : -count - 2 : -1]]) if count else flow
    for turn in range(passes):
        padded = padded[::-1] if turn % 2 else padded
        padded = _lyne_hollick_pass(padded, alpha)
        padded = padded[::-1] if turn % 2 else padded
    return np.asarray(padded[count : count + len(flow)])


def _lyne_hollick_pass(flow: np.ndarray, alpha: float) -> np.ndarray:
    values = flow.tolist()
    half = (1 + alpha) / 2
    quick, before = 0.0, values[0]
    base = [before]
    for now in values[1:]:
        quick = alpha * quick + half * (now - before)
        base.append(now - quick if quick > 0 else now)
        before = now
    return np.clip(base, 0, flow)


def eckhardt(flow: np.ndarray, alpha: float = 0.98, bfi_max: float = 0.8, *, limited: bool = True) -> np.ndarray:
    """Baseflow b(t) = ((1 - BFImax) α b(t-1) + (1 - α) BFImax q(t)) / (1 - α BFImax), not above the flow.

    ``limited`` carries the value on that was limited to the flow (Eckhardt, 2005, eq. 19), and begins with BFImax
    times the first flow, which is what a steady flow gives. Otherwise the filter is carried on as it comes, begins
    with b(t-1) = 0, and the flow is reported where the filter is above 0.95 of it.
    """
    below = 1 - alpha * bfi_max
    keep, gain = (1 - bfi_max) * alpha / below, (1 - alpha) * bfi_max / below
    values = flow.tolist()
    base = [bfi_max * values[0] if limited else gain * values[0]]
    now = base[0]
    for value in values[1:]:
        now = keep * now + gain * value
        if limited and now > value:
            now = value
        base.append(now)
    found = np.array(base)
    return found if limited else np.where(found > 0.95 * flow, flow, found)


def ukih(flow: np.ndarray) -> np.ndarray:
    """Baseflow by lines between turning points of the minima of five-day blocks, not above the flow.

    A minimum that is, times 0.9, below those before and after it is a turning point, and so is one without flow.
    Before the first and after the last one there is no baseflow: NaN.
    """
    blocks = flow[: len(flow) // BLOCK * BLOCK].reshape(-1, BLOCK)
    at = blocks.argmin(axis=1) + np.arange(len(blocks)) * BLOCK
    lows = flow[at]
    turning = np.zeros(len(lows), dtype=bool)
    middle = lows[1:-1]
    turning[1:-1] = ((TURN * middle < lows[:-2]) & (TURN * middle < lows[2:])) | (middle == 0)
    found = np.full(len(flow), np.nan)
    places = at[turning]
    if len(places) < 2:
        return found
    days = np.arange(places[0], places[-1] + 1)
    found[days] = np.minimum(np.interp(days, places, flow[places]), flow[days])
    return found


def _warnings(
    series: Series, flows: np.ndarray, used: np.ndarray, short: list[tuple[int, int]], method: str
) -> Iterator[str]:
    missing = int((~np.isfinite(flows)).sum()) + sum(gap.missing_steps for gap in series.gaps)
    if missing:
        yield (
            f"{counted(missing, 'day has', 'days have')} no flow; each stretch between them is separated by itself, "
            "and none is filled."
        )
    if short:
        days = sum(stop - start for start, stop in short)
        yield (
            f"{counted(len(short), 'stretch', 'stretches')} of {counted(days, 'day')}, too short "
            f"({LEAST_DAYS[method]} days needed): left out."
        )
    outside = int((np.isfinite(flows) & ~used).sum()) - sum(stop - start for start, stop in short)
    if outside > 0:
        yield f"{outside:,} days before the first and after the last turning point of a stretch have no baseflow."
    if method == "eckhardt" and len(flows) and (flows[used] == 0).mean() > 0.05:
        dry = (flows[used] == 0).mean()
        yield f"{dry:.0%} of the days have no flow; the recession that the filter rests on does not hold there."
