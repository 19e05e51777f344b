"""What can be said of a hydrograph that was read: peak, volume, centroid, time above a value, rise and recession."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.annual_peaks import counted
from data.provenance import How, Refused
from data.series import GAP_FACTOR, Series

LIMB = 0.05  #: Share of the peak's height above the lowest value, at which a rise begins and a recession ends.
SOURCE = "Chow, Maidment and Mays, Applied Hydrology, 1988, section 5.1; volumes by the trapezoid rule (DLMF 3.5.1)"


@dataclass(frozen=True, eq=False)
class SeriesFacts:
    """Figures of one series; None where the values do not allow one. Times are text as ``Series.time_text`` has them.

    Hours count from the first known value. ``volume_acre_ft`` leaves out ``volume_left_out_hours``; the centroid is
    that of the same volume. ``above_hours`` is the time at or above ``above``, ``unknown_hours`` the time of which
    that is not known. Rise and recession are between ``LIMB`` of the peak's height and the peak.
    """

    unit: str
    values: int
    missing: int
    peak: float
    peak_time: str
    peaks: int
    time_to_peak_hours: float
    volume_acre_ft: float | None
    volume_left_out_hours: float | None
    centroid_hours: float | None
    above: float | None
    above_hours: float | None
    unknown_hours: float
    rise_hours: float | None
    recession_hours: float | None
    warnings: tuple[str, ...]
    how: How

    def as_json(self) -> dict[str, Any]:
        """For a report."""
        plain = {name: value for name, value in vars(self).items() if name not in ("warnings", "how")}
        return plain | {"warnings": list(self.warnings), "how": self.how.as_json()}


def facts(series: Series, *, above: float | None = None) -> SeriesFacts:
    """Facts of a series; ``above`` is in its unit. Raises Refused where it has no value."""
    known = np.isfinite(series.values)
    if not known.any():
        raise Refused(f"{series.about.id or 'The series'} has no value.")
    if above is not None and not np.isfinite(above):
        raise Refused(f"The value {above!r} to be above is not a number.")
    hours = (series.seconds - series.seconds[known][0]) / 3600
    top = int(np.nanargmax(series.values))
    joined = _joined(series)
    limbs = _limbs(hours, series.values, joined, top)
    unknown = float(np.diff(hours)[~joined].sum())
    volume = series.volume
    return SeriesFacts(
        unit=series.about.unit,
        values=int(known.sum()),
        missing=int((~known).sum()),
        peak=float(series.values[top]),
        peak_time=series.time_text(top),
        peaks=int((series.values == series.values[top]).sum()),
        time_to_peak_hours=float(hours[top]),
        volume_acre_ft=volume[0] if volume else None,
        volume_left_out_hours=volume[1] if volume else None,
        centroid_hours=_centroid(series, hours, joined) if volume else None,
        above=above,
        above_hours=None if above is None else _above(series, hours, joined, above),
        unknown_hours=unknown,
        rise_hours=limbs[0],
        recession_hours=limbs[1],
        warnings=tuple(_warnings(series, top, joined, limbs)),
        how=How(
            method="facts of a hydrograph, from its own values; nothing is filled in",
            source=SOURCE,
            parameters={"above": above, "limb_share": LIMB, "statistic": series.about.statistic},
            used=f"{int(known.sum()):,} values",
            left_out=(f"{unknown:,.6g} h in gaps or beside missing values",) if unknown else (),
        ),
    )


def _joined(series: Series) -> np.ndarray:
    """For each step, whether both its values are known and it is no gap."""
    known = np.isfinite(series.values)
    return known[1:] & known[:-1] & ~(np.diff(series.seconds) > GAP_FACTOR * series.step_s)


def _is_mean(series: Series) -> bool:
    return series.about.statistic == "mean" and series.step_s == series.step_s


def _centroid(series: Series, hours: np.ndarray, joined: np.ndarray) -> float | None:
    """Hours to the centre of the volume. A mean has its weight in the middle of its step."""
    flows = series.values
    if _is_mean(series):
        known = np.isfinite(flows)
        weights, moments = flows[known], flows[known] * (hours[known] + series.step_s / 7200)
    else:
        step, a, b = np.diff(hours)[joined], flows[:-1][joined], flows[1:][joined]
        weights = step * (a + b) / 2
        moments = weights * hours[:-1][joined] + step**2 * (a + 2 * b) / 6
    total = float(weights.sum())
    return float(moments.sum()) / total if total > 0 else None


def _above(series: Series, hours: np.ndarray, joined: np.ndarray, above: float) -> float:
    """Hours at or above a value: a mean's whole step, else with a straight line between values."""
    values = series.values
    if _is_mean(series):
        return float((values >= above).sum() * series.step_s / 3600)
    step, a, b = np.diff(hours)[joined], values[:-1][joined], values[1:][joined]
    low, high = np.minimum(a, b), np.maximum(a, b)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.where(high > low, np.clip((high - above) / (high - low), 0, 1), high >= above)
    return float((step * share).sum())


def _limbs(hours: np.ndarray, values: np.ndarray, joined: np.ndarray, top: int) -> tuple[float | None, float | None]:
    """Hours of rise and of recession, within the stretch without a gap that holds the peak."""
    breaks = np.flatnonzero(~joined)
    start = int(breaks[breaks < top].max(initial=-1)) + 1
    stop = int(breaks[breaks >= top].min(initial=len(values) - 1)) + 1
    rise = _limb(hours[start : top + 1][::-1], values[start : top + 1][::-1])
    return rise, _limb(hours[top:stop], values[top:stop])


def _limb(hours: np.ndarray, values: np.ndarray) -> float | None:
    """Hours from the peak, which is first, to where the value first comes down to ``LIMB`` of its height."""
    level = values.min() + LIMB * (values[0] - values.min())
    at = np.flatnonzero(values <= level)
    if not len(at) or values[0] <= values.min():
        return None
    i = int(at[0])
    share = (values[i - 1] - level) / (values[i - 1] - values[i])
    return float(abs(hours[i - 1] + share * (hours[i] - hours[i - 1]) - hours[0]))


def _warnings(series: Series, top: int, joined: np.ndarray, limbs: tuple[float | None, float | None]) -> Iterator[str]:
    missing = int((~np.isfinite(series.values)).sum())
    if series.gaps or missing:
        yield (
            f"{counted(len(series.gaps), 'gap')} and {counted(missing, 'missing value')}: the peak may lie in one of "
            "them, and rise and recession are of the stretch around the highest value that is known."
        )
    if top == 0 or not joined[:top].any():
        yield "The highest value is the first: the true peak may lie before."
    if top == len(series.values) - 1:
        yield "The highest value is the last: the true peak may lie after."
    if limbs[0] is None and top:
        yield "No rise to the peak is known."
