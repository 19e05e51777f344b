"""Pure analysis of series and hydrographs: frames in, frames out, no input or output."""

import numpy as np
import pandas as pd

GAP_FACTOR = 1.5  #: A step longer than this many usual steps is a gap.


def smooth(values: pd.Series, days: int, *, centred: bool = False) -> pd.Series:
    """Rolling mean over ``days`` calendar days; 0 gives ``values`` back unchanged.

    ``values`` has an increasing time index. Trailing (the mean of the last N days, which lags by
    half a window) unless ``centred``. Missing values are left out of each mean; where every value
    of the window is missing, or the value itself is, the result is missing.
    """
    if days == 0:
        return values
    return values.rolling(f"{days}D", center=centred).mean().where(values.notna())


def usual_step(times: np.ndarray) -> float:
    """The median step between consecutive ``times`` (increasing), NaN for fewer than two."""
    return float(np.median(np.diff(times))) if len(times) > 1 else float("nan")


def gap_starts(times: np.ndarray) -> np.ndarray:
    """Positions i where the step from ``times[i]`` to ``times[i + 1]`` is a gap."""
    return np.flatnonzero(np.diff(times) > GAP_FACTOR * usual_step(times))


def break_at_gaps(times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``times`` and ``values`` with a missing value put into each gap, so that a line breaks there."""
    at = gap_starts(times)
    between = times[at] + (times[at + 1] - times[at]) / 2
    return np.insert(times, at + 1, between), np.insert(values.astype("float64"), at + 1, np.nan)
