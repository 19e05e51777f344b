"""Log-Pearson III of annual peaks: moments of the logarithms, skews and their weights, quantiles, confidence limits."""

import math
from dataclasses import dataclass

import numpy as np

from data.distributions import NORMAL, frequency_factor
from data.provenance import Refused

SYNTHETIC_SKEWS = (-2.0, 2.5)  #: Between them the synthetic skew holds (Bulletin 17B, 1982, appendix 5).


@dataclass(frozen=True)
class Curve:
    """Mean, standard deviation and skew of log10 of the peaks."""

    mean: float
    sd: float
    skew: float

    def log10_at(self, exceedance: float) -> float:
        """log10 of the peak that is exceeded with that probability in a year."""
        return self.mean + frequency_factor(exceedance, self.skew) * self.sd

    def at(self, exceedance: float) -> float:
        """That peak, in the unit of the peaks."""
        return float(10 ** self.log10_at(exceedance))


def moments(logs: np.ndarray) -> Curve:
    """Of three logarithms or more (Bulletin 17B, 1982, eqs. 2 to 4a). Raises Refused where all are equal."""
    n = len(logs)
    mean, sd = float(logs.mean()), float(logs.std(ddof=1))
    if not sd > 1e-9 * max(abs(mean), 1):
        raise Refused("All peaks are equal, so that no distribution can be fitted; give a record that varies.")
    skew = n / ((n - 1) * (n - 2)) * float((((logs - mean) / sd) ** 3).sum())
    return Curve(mean, sd, skew)


def skew_mse(n: int, skew: float) -> float:
    """Mean square error of the skew of ``n`` peaks (Wallis, Matalas and Slack, 1974; Bulletin 17B, eq. 6)."""
    size = abs(skew)
    a = -0.33 + 0.08 * size if size <= 0.9 else -0.52 + 0.3 * size
    b = 0.94 - 0.26 * size if size <= 1.5 else 0.55
    return float(10 ** (a - b * math.log10(n / 10)))


def weighted_skew(station: float, station_mse: float, regional: float, regional_mse: float) -> float:
    """Both skews, each weighted by the mean square error of the other (Bulletin 17B, eq. 5; 17C, eq. 12)."""
    return (regional_mse * station + station_mse * regional) / (regional_mse + station_mse)


def conditional(curve: Curve, share: float) -> Curve:
    """The curve of all years, from that of the peaks above a threshold, which is a ``share`` of the years.

    The conditional probability adjustment (Bulletin 17B, 1982, appendix 5): a probability p of all years is p/share
    of those above; the synthetic moments are those of the curve through the peaks of 0.50, 0.10 and 0.01. Raises
    Refused where half of the years or fewer are above, or where the skew is out of the formula's range.
    """
    if share <= 0.5:
        raise Refused(
            f"Only {share:.0%} of the peaks are above the threshold of low outliers; the conditional probability "
            "adjustment needs more than half. Expected moments (ema) or a lower threshold would do."
        )
    rare, middle, common = (curve.log10_at(p / share) for p in (0.01, 0.1, 0.5))
    skew = -2.5 + 3.12 * (rare - middle) / (middle - common)
    low, high = SYNTHETIC_SKEWS
    if not low <= skew <= high:
        raise Refused(
            f"The synthetic skew is {skew:.3f}, outside {low:g} to {high:g}, where Bulletin 17B's formula holds; "
            "expected moments (ema) would do."
        )
    sd = (rare - common) / (frequency_factor(0.01, skew) - frequency_factor(0.5, skew))
    return Curve(common - frequency_factor(0.5, skew) * sd, sd, skew)


def confidence_limits(curve: Curve, n: int, exceedance: float, confidence: float) -> tuple[float, float]:
    """Lower and upper limit of a peak, between which it lies with ``confidence`` (0.9: 5 % beyond each).

    By the approximate noncentral t of Bulletin 17B, 1982, appendix 9, which takes the skew as known; NaN where ``n``
    is too small for it.
    """
    z = NORMAL.inv_cdf((1 + confidence) / 2)
    k = frequency_factor(exceedance, curve.skew)
    a, b = 1 - z**2 / (2 * (n - 1)), k**2 - z**2 / n
    inside = k**2 - a * b
    if a <= 0 or inside < 0:
        return float("nan"), float("nan")
    root = math.sqrt(inside)
    low, high = (float(10 ** (curve.mean + factor * curve.sd)) for factor in ((k - root) / a, (k + root) / a))
    return low, high


def outlier_distance(n: int) -> float:
    """Standard deviations from the mean beyond which one of ``n`` normal values is an outlier at 10 %, one-sided.

    K_N of Grubbs and Beck (1972), by the approximation in Stedinger, Vogel and Foufoula-Georgiou, Handbook of
    Hydrology, 1993, eq. 18.3.12, for 5 to 150 values.
    """
    return -0.9043 + 3.345 * math.sqrt(math.log10(n)) - 0.4046 * math.log10(n)
