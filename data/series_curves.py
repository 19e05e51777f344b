"""Curves made of a series: the running volume of a flow, and floods laid over each other at their peaks."""

import numpy as np

from data.provenance import Refused
from data.series import GAP_FACTOR, Series
from data.units import CUBIC_FEET_PER_ACRE_FT, convert


def running_volume(series: Series) -> tuple[np.ndarray, np.ndarray] | None:
    """Seconds and acre-feet since the start, of the series' length; None where it is no flow.

    The rule is that of ``Series.volume``, which the last known value gives: a mean counts for its whole step, at
    whose end the sum stands; between values at a time it is the trapezoid's. What lies in a gap or beside a missing
    value adds nothing; where the value is missing, so is the sum.
    """
    if not series.about.is_flow or (series.about.statistic == "mean" and series.volume is None):
        return None
    cfs, seconds, step = convert(series.values, series.about.unit, "cfs"), series.seconds, series.step_s
    known, steps = np.isfinite(cfs), np.diff(series.seconds)
    if series.about.statistic == "mean":
        cubic_feet = np.where(known, cfs, 0.0).cumsum() * step
        seconds = seconds + step
    else:
        used = known[1:] & known[:-1] & ~(steps > GAP_FACTOR * step)
        parts = np.where(used, steps * (cfs[1:] + cfs[:-1]) / 2, 0.0)
        cubic_feet = np.append(0.0, parts.cumsum())[: len(cfs)]
    return seconds, np.where(known, cubic_feet / CUBIC_FEET_PER_ACRE_FT, np.nan)


def hours_from_peak(seconds: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Hours before (negative) and after the first highest value. Raises Refused where every value is missing."""
    if not np.isfinite(values).any():
        raise Refused("There is no value in this window, so that it has no peak; choose another one.")
    return (seconds - seconds[int(np.nanargmax(values))]) / 3600
