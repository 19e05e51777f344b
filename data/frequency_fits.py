"""The fits of flood frequency: peaks and their low outliers in, a log-Pearson III curve out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from data import expected_moments, log_pearson, low_outliers
from data.annual_peaks import AnnualPeaks, LeftOut, counted
from data.log_pearson import Curve
from data.provenance import Refused

MAP_MSE = 0.302  #: Mean square error of the skew map of Bulletin 17B (plate I).
_MOST_YEARS = 100_000
SOURCES = {
    "moments": "Interagency Advisory Committee on Water Data, 1982, Bulletin 17B",
    "ema": expected_moments.SOURCE,
}


class Threshold(NamedTuple):
    """Water years in which a peak above ``peak_cfs`` would be known, had there been one (a perception threshold)."""

    first_year: int
    last_year: int
    peak_cfs: float


@dataclass(frozen=True)
class Low:
    """Which systematic peaks are low: below ``threshold_cfs``, or 0. ``words`` say how that was decided."""

    threshold_cfs: float | None
    is_low: np.ndarray
    words: str
    warnings: tuple[str, ...] = ()


def low(peaks: pd.DataFrame, threshold_cfs: float | None) -> Low:
    """By the threshold, or by the multiple Grubbs-Beck test where that is None. A year without flow is always low."""
    flows = peaks["peak_cfs"].to_numpy()
    if threshold_cfs is not None:
        if not 0 <= threshold_cfs < np.inf:
            raise Refused(f"The threshold of low outliers is {threshold_cfs!r}; 0 cfs or more would do.")
        words, warnings = f"below {threshold_cfs:.10g} cfs, as given", _disagreement(0, 0)
    else:
        tested, exact = low_outliers.find(flows).count, low_outliers.find(flows, exact=True).count
        threshold_cfs = float(np.sort(flows)[tested]) if tested else 0.0
        words, warnings = "by the multiple Grubbs-Beck test", _disagreement(tested, exact)
    is_low = (flows < threshold_cfs) | (flows <= 0)
    if is_low.all():
        raise Refused("Every peak is below the threshold of low outliers; a lower one would do.")
    base = max(threshold_cfs, 0.0) or float(flows[~is_low].min())
    return Low(base if is_low.any() else None, is_low, words, warnings)


def _disagreement(tested: int, exact: int) -> tuple[str, ...]:
    if tested == exact:
        return ()
    return (
        f"The multiple Grubbs-Beck test finds {counted(tested, 'low outlier')} as PeakFQ computes it, {exact} with the "
        "exact noncentral t distribution; compare both by giving a threshold.",
    )


@dataclass(frozen=True)
class Skew:
    """Which skew to use: ``option`` "station", "weighted" or "regional"."""

    option: str
    regional: float | None
    given_mse: float | None

    @property
    def mse(self) -> float | None:
        """Of the regional skew; the map's where none is given."""
        return None if self.regional is None else self.given_mse or MAP_MSE

    def of(self, station: float, station_mse: float) -> float:
        """The skew to use for the station's."""
        if self.option == "station" or self.regional is None:
            return station
        if self.option == "regional":
            return self.regional
        return log_pearson.weighted_skew(station, station_mse, self.regional, self.mse or MAP_MSE)


@dataclass(frozen=True)
class Fitted:
    """A curve; ``years`` is the size of the record for its confidence limits."""

    curve: Curve
    station_skew: float
    station_mse: float
    years: int
    used: str
    method: str
    source: str
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]


def by_moments(found: AnnualPeaks, low: Low, skew: Skew) -> Fitted:
    """Bulletin 17B's moments; years below the threshold enter by the conditional probability adjustment."""
    kept = found.systematic["peak_cfs"].to_numpy()[~low.is_low]
    if len(kept) < 3:
        raise Refused(f"Only {counted(len(kept), 'peak')} above the low outliers; a lower threshold would do.")
    below = found.below["peak_cfs"].to_numpy() <= kept.min()
    n = len(found.systematic) + int(below.sum())
    own = log_pearson.moments(np.log10(kept))
    method = "log-Pearson III by moments of log10 (Bulletin 17B), not by expected moments (EMA)"
    if len(kept) < n:
        own = log_pearson.conditional(own, len(kept) / n)
        method += f"; conditional probability adjustment for {n - len(kept)} of {n} years, low outliers {low.words}"
    mse = log_pearson.skew_mse(n, own.skew)
    return Fitted(
        curve=Curve(own.mean, own.sd, skew.of(own.skew, mse)),
        station_skew=own.skew,
        station_mse=mse,
        years=n,
        used="",
        method=method,
        source=SOURCES["moments"],
        left_out=found.left_out,
        warnings=tuple(_moment_warnings(found, len(kept) / n, below)),
    )


def _moment_warnings(found: AnnualPeaks, share: float, below: np.ndarray) -> Iterator[str]:
    if share < 0.75:
        yield (
            f"Only {share:.0%} of the years are above the low outliers; Bulletin 17B's adjustment is meant for 75 % or "
            "more: expected moments (ema) would do."
        )
    left = int((~below).sum())
    if below.any():
        yield f"{counted(int(below.sum()), 'peak')} known only to be below a value (code 4): taken as low outliers."
    if left:
        yield f"{counted(left, 'peak')} known only to be below a value (code 4): left out, so that the curve is high."
    if len(found.above):
        peaks = counted(len(found.above), "peak")
        yield f"{peaks} above the value given (code 8): left out, which can make the curve low."
    if len(found.historic):
        yield (
            f"{counted(len(found.historic), 'historic peak')} left out; expected moments (ema) with a perception "
            "threshold would use what is known of that time."
        )


def by_ema(found: AnnualPeaks, low: Low, thresholds: Sequence[Threshold], skew: Skew) -> Fitted:
    """Expected moments of peaks within limits. Raises Refused for a weighted skew where peaks are censored."""
    rows, historic, empty = _limits(found, low, thresholds)
    lower, upper, counts = (np.array(column, "float64") for column in zip(*rows, strict=True))
    with np.errstate(divide="ignore"):
        lower, upper = np.log10(lower), np.log10(upper)
    within = len(found.below) + len(found.above)
    if skew.option == "weighted" and (within or historic or empty):
        raise Refused(
            "With historic or censored peaks the weight of a regional skew needs the mean square error of the skew "
            "that expected moments give, which is not computed here: use the station skew, or moments."
        )
    years, known = int(counts.sum()), int(counts[lower == upper].sum())
    own = expected_moments.fit(lower, upper, counts)
    curve = own
    if skew.option != "station":
        curve = expected_moments.fit(
            lower, upper, counts, weigh=lambda found: skew.of(found, log_pearson.skew_mse(years, found))
        )
    method = "log-Pearson III by expected moments (EMA, Bulletin 17C)"
    if low.is_low.any():
        method += f"; {counted(int(low.is_low.sum()), 'low outlier')} {low.words}, known only to be below it"
    parts = ((within, "known only within limits"), (len(historic), "historic"), (empty, "years below a threshold"))
    warnings = ["Confidence limits are by Bulletin 17B, appendix 9, for as many known peaks, not EMA's own."]
    if len(found.historic) > len(historic):
        warnings.append(
            f"{counted(len(found.historic) - len(historic), 'historic peak')} left out: a perception threshold for "
            "those years would let them in."
        )
    if thresholds:
        warnings.append("Plotting positions are of the systematic peaks alone.")
    return Fitted(
        curve=curve,
        station_skew=own.skew,
        station_mse=log_pearson.skew_mse(known if within or historic or empty else years, own.skew),
        years=known,
        used="".join(f", {count:,} {words}" for count, words in parts if count),
        method=method,
        source=SOURCES["ema"],
        left_out=_still_left(found, historic),
        warnings=tuple(warnings),
    )


def _limits(
    found: AnnualPeaks, low: Low, thresholds: Sequence[Threshold]
) -> tuple[list[tuple[float, float, int]], set[int], int]:
    """Rows of lower and upper limit (cfs) and count, the years of the historic peaks used, and how many have none."""
    floor = low.threshold_cfs or 0.0
    rows: list[tuple[float, float, int]] = [
        (0.0, floor, 1) if is_low else (flow, flow, 1)
        for flow, is_low in zip(found.systematic["peak_cfs"].tolist(), low.is_low.tolist(), strict=True)
    ]
    rows += [(0.0, max(flow, floor), 1) for flow in found.below["peak_cfs"].tolist()]
    rows += [(max(flow, floor), np.inf, 1) for flow in found.above["peak_cfs"].tolist()]
    taken = {year for part in (found.systematic, found.below, found.above) for year in part["water_year"].tolist()}
    past = dict(zip(found.historic["water_year"].tolist(), found.historic["peak_cfs"].tolist(), strict=True))
    historic, empty = set(), 0
    for first, last, flow in thresholds:
        if not (first <= last < first + _MOST_YEARS and 0 < flow < np.inf):
            raise Refused(
                f"The perception threshold {first} to {last} of {flow:.10g} cfs is none: it takes 1 to {_MOST_YEARS:,} "
                "years and a flow above 0."
            )
        years = set(range(first, last + 1)) - taken
        with_peak = years & past.keys()
        rows += [(past[year], past[year], 1) for year in sorted(with_peak)]
        if len(years) > len(with_peak):
            rows.append((0.0, max(flow, floor), len(years) - len(with_peak)))
        taken |= years
        historic |= with_peak
        empty += len(years) - len(with_peak)
    return rows, historic, empty


def _still_left(found: AnnualPeaks, historic: set[int]) -> tuple[LeftOut, ...]:
    """What expected moments leave out too."""
    used = historic | {year for part in (found.below, found.above) for year in part["water_year"].tolist()}
    rest = [LeftOut(tuple(year for year in one.years if year not in used), one.why) for one in found.left_out]
    return tuple(one for one in rest if one.years)
