"""Flood frequency: log-Pearson III of annual peaks, by moments or by expected moments, with its low outliers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data import annual_peaks, log_pearson, low_outliers
from data import frequency_fits as fits
from data.annual_peaks import AnnualPeaks
from data.frequency_fits import MAP_MSE, SOURCES, Fitted, Low, Skew, Threshold
from data.log_pearson import Curve
from data.provenance import How, Refused
from data.series import Series

#: Annual exceedance probabilities, those of PeakFQ.
AEPS = (0.995, 0.99, 0.95, 0.9, 0.8, 0.6667, 0.5, 0.4292, 0.2, 0.1, 0.04, 0.02, 0.01, 0.005, 0.002)
LEAST_PEAKS = 10  #: Bulletin 17B, 1982, page 2.
POSITIONS = {"weibull": 0.0, "cunnane": 0.4}  #: a in (i - a)/(n + 1 - 2a) (Bulletin 17C, 2019, eq. 15).


@dataclass(frozen=True, eq=False)
class FloodFrequency:
    """A frequency curve. Probabilities are of exceedance in a year; flows cfs.

    ``n`` peaks were used, ``low_outliers`` (water year, cfs) among them, all below ``low_threshold_cfs``.
    ``station_skew`` is the peaks' own, ``curve`` has the skew that was used. ``positions`` has a row a peak, the
    highest first: water_year, peak_cfs, rank, exceedance, low_outlier.
    """

    n: int
    curve: Curve
    station_skew: float
    station_skew_mse: float
    regional_skew: float | None
    regional_skew_mse: float | None
    quantiles: dict[float, float]
    limits: dict[float, tuple[float, float]]
    confidence: float
    low_outliers: tuple[tuple[int, float], ...]
    low_threshold_cfs: float | None
    positions: pd.DataFrame
    warnings: tuple[str, ...]
    how: How

    @property
    def method(self) -> str:
        """In words, with what was not done."""
        return self.how.method

    def as_json(self) -> dict[str, Any]:
        """The form of ``dams frequency --json``."""
        return {
            "n": self.n,
            "mean_log10": self.curve.mean,
            "sd_log10": self.curve.sd,
            "skew": self.curve.skew,
            "station_skew": self.station_skew,
            "station_skew_mse": self.station_skew_mse,
            "regional_skew": self.regional_skew,
            "regional_skew_mse": self.regional_skew_mse,
            "quantiles": {_text(p): flow for p, flow in self.quantiles.items()},
            "confidence": self.confidence,
            "confidence_limits": {
                _text(p): [None if np.isnan(limit) else limit for limit in limits] for p, limits in self.limits.items()
            },
            "low_outliers": [{"water_year": year, "peak_cfs": flow} for year, flow in self.low_outliers],
            "low_outlier_threshold_cfs": self.low_threshold_cfs,
            "plotting_positions": self.positions.to_dict("records"),
            "method": self.method,
            "warnings": list(self.warnings),
            "how": self.how.as_json(),
        }


def analyse(
    peaks: pd.DataFrame | Series,
    *,
    regional_skew: float | None = None,
    regional_skew_mse: float | None = None,
    skew: str = "",
    method: str = "moments",
    low_threshold_cfs: float | None = None,
    thresholds: Sequence[Threshold] = (),
    position: str = "weibull",
    confidence: float = 0.9,
    aeps: Sequence[float] = AEPS,
    use_regulated: bool = False,
) -> FloodFrequency:
    """Fit log-Pearson III to annual peaks (``annual_peaks.PEAKS``, or a series of them).

    ``skew`` is "station", "weighted" or "regional"; without, weighted where a regional skew is given. ``method``
    "moments" is Bulletin 17B's, with its conditional probability adjustment where there are low outliers; "ema" are
    expected moments, which also take ``thresholds``, and peaks known only to be below or above a value or historic.
    ``low_threshold_cfs`` takes the place of the test for low outliers; 0 is no low outlier but years without flow.
    Raises Refused for fewer than 10 peaks and for settings that do not go together.
    """
    _check_words(skew, method, position)
    _check_numbers(skew, regional_skew, regional_skew_mse, (*aeps, confidence))
    if thresholds and method != "ema":
        raise Refused("Perception thresholds need expected moments: choose the method ema.")
    frame = annual_peaks.of_series(peaks) if isinstance(peaks, Series) else peaks
    found = annual_peaks.sort(frame, use_regulated=use_regulated)
    if len(found.systematic) < LEAST_PEAKS:
        raise Refused(
            f"Flood frequency needs {LEAST_PEAKS} annual peaks or more (Bulletin 17B), there are "
            f"{len(found.systematic)} that can be used. {' '.join(one.text for one in found.left_out)}".strip()
        )
    low = fits.low(found.systematic, low_threshold_cfs)
    chosen = Skew(skew or ("station" if regional_skew is None else "weighted"), regional_skew, regional_skew_mse)
    by_ema = method == "ema"
    fitted = fits.by_ema(found, low, thresholds, chosen) if by_ema else fits.by_moments(found, low, chosen)
    settings: dict[str, Any] = {"confidence": confidence, "plotting_position": position, "use_regulated": use_regulated}
    if thresholds:
        settings["thresholds"] = [one._asdict() for one in thresholds]
    return _result(found, low, chosen, fitted, settings, aeps)


def _check_words(skew: str, method: str, position: str) -> None:
    """Raises Refused for a word that is none of those known."""
    for value, allowed, name in (
        (skew, ("", "station", "weighted", "regional"), "skew"),
        (method, tuple(SOURCES), "method"),
        (position, tuple(POSITIONS), "plotting position"),
    ):
        if value not in allowed:
            raise Refused(f"The {name} {value!r} is not one of {', '.join(filter(None, allowed))}.")


def _check_numbers(
    skew: str, regional_skew: float | None, regional_skew_mse: float | None, probabilities: Sequence[float]
) -> None:
    """Raises Refused for numbers that have no answer."""
    if skew in ("weighted", "regional") and regional_skew is None:
        raise Refused(f"A {skew} skew needs a regional skew.")
    if regional_skew_mse is not None and regional_skew is None:
        raise Refused("A mean square error without a regional skew says nothing; give both.")
    if regional_skew is not None and not -4 < regional_skew < 4:
        raise Refused(f"The regional skew {regional_skew!r} is not between -4 and 4.")
    if regional_skew_mse is not None and not 0 < regional_skew_mse < np.inf:
        raise Refused(f"The mean square error {regional_skew_mse!r} of the regional skew is not above 0.")
    for value in probabilities:
        if not 0 < value < 1:
            raise Refused(f"The probability {value!r} is not between 0 and 1.")


def _result(
    found: AnnualPeaks, low: Low, skew: Skew, fitted: Fitted, settings: dict[str, Any], aeps: Sequence[float]
) -> FloodFrequency:
    curve, peaks, confidence = fitted.curve, found.systematic, settings["confidence"]
    quantiles = {float(p): curve.at(p) for p in aeps}
    outliers = peaks[low.is_low]
    first, last = peaks["water_year"].iloc[[0, -1]]
    return FloodFrequency(
        n=len(peaks),
        curve=curve,
        station_skew=fitted.station_skew,
        station_skew_mse=fitted.station_mse,
        regional_skew=skew.regional,
        regional_skew_mse=skew.mse,
        quantiles=quantiles,
        limits={p: log_pearson.confidence_limits(curve, fitted.years, p, confidence) for p in quantiles},
        confidence=confidence,
        low_outliers=tuple(zip(outliers["water_year"].tolist(), outliers["peak_cfs"].tolist(), strict=True)),
        low_threshold_cfs=low.threshold_cfs,
        positions=positions(peaks, low.is_low, settings["plotting_position"]),
        warnings=(*found.warnings, *low.warnings, *fitted.warnings, *_warnings(found, low, skew, curve)),
        how=How(
            method=fitted.method,
            source=f"{fitted.source}; low outliers: {low_outliers.SOURCE}",
            parameters=settings
            | {
                "skew": skew.option,
                "regional_skew": skew.regional,
                "regional_skew_mse": skew.mse,
                "low_outlier_threshold_cfs": low.threshold_cfs,
            },
            used=f"{len(peaks):,} annual peaks, water years {first} to {last}{fitted.used}",
            left_out=tuple(one.text for one in fitted.left_out),
        ),
    )


def positions(peaks: pd.DataFrame, is_low: np.ndarray, kind: str = "weibull") -> pd.DataFrame:
    """Rank and exceedance probability of each peak, the highest first: (i - a)/(n + 1 - 2a), see ``POSITIONS``."""
    a = POSITIONS[kind]
    ranked = peaks.assign(low_outlier=is_low).sort_values("peak_cfs", ascending=False, kind="stable")
    rank = np.arange(1, len(ranked) + 1)
    return pd.DataFrame(
        {
            "water_year": ranked["water_year"].to_numpy(),
            "peak_cfs": ranked["peak_cfs"].to_numpy(),
            "rank": rank,
            "exceedance": (rank - a) / (len(ranked) + 1 - 2 * a),
            "low_outlier": ranked["low_outlier"].to_numpy(dtype=bool),
        }
    )


def _warnings(found: AnnualPeaks, low: Low, skew: Skew, curve: Curve) -> Iterator[str]:
    if skew.regional is not None and skew.given_mse is None and skew.option == "weighted":
        yield f"No mean square error of the regional skew is given; that of Bulletin 17B's map, {MAP_MSE}, is taken."
    kept = found.systematic[~low.is_low]
    own = log_pearson.moments(np.log10(kept["peak_cfs"].to_numpy()))
    high = 10 ** (own.mean + log_pearson.outlier_distance(len(kept)) * own.sd)
    for row in kept[kept["peak_cfs"] > high].itertuples():
        yield (
            f"The peak of {row.water_year}, {row.peak_cfs:.10g} cfs, is a high outlier (above {high:.5g} cfs, Bulletin "
            "17B, 10 %); it is kept: look for historic information."
        )
    if curve.skew < 0:
        bound = 10 ** (curve.mean - 2 * curve.sd / curve.skew)
        if kept["peak_cfs"].max() > bound:
            yield (
                f"The curve ends at {bound:.5g} cfs, below the highest peak, {kept['peak_cfs'].max():.10g} cfs: it "
                "does not describe these peaks."
            )


def _text(probability: float) -> str:
    return f"{probability:.10g}"
