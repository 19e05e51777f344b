"""Potentially influential low floods: the multiple Grubbs-Beck test."""

import math
from dataclasses import dataclass

import numpy as np

from data.distributions import NORMAL, noncentral_t_above, normal_cdf
from data.provenance import Refused

LEAST_PEAKS = 10  #: Below it the test is not defined (Cohn and others, 2013).
OUTWARD, INWARD = 0.005, 0.10  #: Significance of the sweeps from the median and from the smallest peak (17C, app. 6).
_NO_FLOW = 1e-8  #: cfs that stand for 0, of which there is no logarithm.
_MANY = 20  #: Degrees of freedom above which PeakFQ takes noncentral t as normal.
SOURCE = (
    "Cohn and others, 2013, Water Resources Research 49, 5047-5058; England and others, 2019, Bulletin 17C, appendix 6"
)


@dataclass(frozen=True)
class LowOutliers:
    """How many of the smallest peaks are low outliers; the significance of each of the smallest half."""

    count: int
    p_values: tuple[float, ...]


def find(peaks_cfs: np.ndarray, *, exact: bool = False) -> LowOutliers:
    """The multiple Grubbs-Beck test on peaks of any order, 0 or above. Raises Refused for fewer than 10.

    Outward from the median at 0.5 %: the largest that is found counts with all below it. Then inward from the
    smallest at 10 %, up to the first that is not. The higher count holds (Bulletin 17C, appendix 6). ``exact`` is
    that of ``p_value``.
    """
    if len(peaks_cfs) < LEAST_PEAKS:
        raise Refused(
            f"The test for low outliers needs {LEAST_PEAKS} peaks or more, there are {len(peaks_cfs)}: give a longer "
            "record, or ask for no test."
        )
    logs = np.log10(np.sort(np.maximum(peaks_cfs, _NO_FLOW)))
    values = []
    for rank in range(1, len(logs) // 2 + 1):
        above = logs[rank:]
        spread = above.std(ddof=1)
        omega = (logs[rank - 1] - above.mean()) / spread if spread > 0 else 0.0
        values.append(p_value(len(logs), rank, omega, exact=exact))
    outward = max((rank for rank, p in enumerate(values, 1) if p < OUTWARD), default=0)
    inward = next((i for i, p in enumerate(values) if p >= INWARD), len(values))
    return LowOutliers(max(outward, inward), tuple(values))


def p_value(n: int, rank: int, omega: float, *, exact: bool = False, nodes: int = 64) -> float:
    """Probability that the ``rank``-th smallest of ``n`` normal values lies so far below the mean of those above it.

    ``omega`` is its distance from that mean in standard deviations of those above. Mean and standard deviation are
    made uncorrelated and taken as normal and as the root of a gamma value, given the order statistic; the mean over
    that is a quadrature (Cohn and others, 2013, appendix). Noncentral t with more than 20 degrees of freedom is taken
    as normal (Abramowitz and Stegun, 1964, eq. 26.7.10), as in PeakFQ, whose counts are those of Bulletin 17C;
    ``exact`` does without, which is nearer to simulations and may find more. PeakFQ shifts omega for 40 peaks or
    fewer by a table of simulations; that is not done here.
    """
    x, weights = np.polynomial.legendre.leggauss(nodes)
    share = rank / (n + 1)
    middle = NORMAL.inv_cdf(share)
    spread = math.sqrt(share * (1 - share) / (n + 2)) / NORMAL.pdf(middle)
    z = middle + 9 * spread * x
    below, above = normal_cdf(z), normal_cdf(-z)
    log_weight = (rank - 1) * np.log(below) + (n - rank) * np.log(above) - z**2 / 2
    weight = weights * np.exp(log_weight - log_weight.max())
    return float((weight * _given(n - rank, z, above, omega, exact)).sum() / weight.sum())


def _given(count: int, z: np.ndarray, above: np.ndarray, omega: float, exact: bool) -> np.ndarray:
    """The probability, the order statistic being ``z`` and ``count`` values lying above it."""
    hazard = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) / above
    first, second = hazard, 1 + z * hazard
    third = 2 * first + z**2 * hazard
    fourth = 3 * second + z**3 * hazard
    variance = second - first**2
    skewed = third - 3 * first * second + 2 * first**3
    peaked = fourth - 4 * third * first + 6 * second * first**2 - 3 * first**4
    of_mean = variance / count
    of_variance = (peaked - variance**2) / count + 2 * variance**2 / (count * (count - 1))
    shape = variance**2 / of_variance
    expected = np.sqrt(variance / shape) * np.array([math.exp(math.lgamma(a + 0.5) - math.lgamma(a)) for a in shape])
    both = skewed / math.sqrt(count * (count - 1)) / (2 * expected)
    slope = both / (variance - expected**2)
    mean = first - slope * expected
    deviation = np.sqrt(of_mean - both * slope)
    t = -np.sqrt(variance) / deviation * (omega + slope)
    freedom, centre = 2 * shape, (mean - z) / deviation
    found = normal_cdf((centre - t * (1 - 1 / (4 * freedom))) / np.sqrt(1 + t**2 / (2 * freedom)))
    few = np.ones_like(t, dtype=bool) if exact else freedom <= _MANY
    if few.any():
        found[few] = noncentral_t_above(t[few], freedom[few], centre[few])
    return found
