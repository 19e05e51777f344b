"""The expected moments algorithm: log-Pearson III of peaks of which some are known only within limits."""

import math
from collections.abc import Callable

import numpy as np

from data.distributions import incomplete_gamma, normal_cdf
from data.log_pearson import Curve, moments
from data.provenance import Refused

STEPS, CLOSE = 5_000, 1e-12
_LEAST_SKEW = 0.01  #: Below it the gamma function's shape is so large that moments lose their digits.
SOURCE = (
    "Cohn, Lane and Baier, 1997, Water Resources Research 33, 2089-2096; England and others, 2019, Bulletin 17C, "
    "appendix 7"
)


def fit(
    lower: np.ndarray, upper: np.ndarray, counts: np.ndarray, *, weigh: Callable[[float], float] = lambda skew: skew
) -> Curve:
    """The curve of peaks that lie between ``lower`` and ``upper`` (log10; equal where a peak is known).

    ``counts`` is how many peaks a row stands for; a lower limit may be -inf, an upper one inf. Each step takes the
    moments that the last curve expects of the peaks within their limits, with the corrections of Cohn and others
    (1997, eqs. 12 to 14) for those that are known. ``weigh`` gives the skew to use for the skew found. Raises Refused
    for fewer than three peaks that are known, and where the steps do not settle.
    """
    known = lower == upper
    exact = np.repeat(lower[known], counts[known].astype(int))
    if len(exact) < 3:
        raise Refused(f"Expected moments need three peaks or more that are known, there are {len(exact)}.")
    low, high, weights = lower[~known], upper[~known], counts[~known]
    curve = moments(exact)
    curve = Curve(curve.mean, curve.sd, weigh(curve.skew))
    for _ in range(STEPS):
        after = _step(curve, exact, low, high, weights, weigh)
        if max(abs(after.mean - curve.mean), abs(after.sd - curve.sd), abs(after.skew - curve.skew)) < CLOSE:
            return after
        curve = after
    raise Refused(f"Expected moments do not settle within {STEPS:,} steps; moments of the known peaks would do.")


def _step(
    curve: Curve,
    exact: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    weights: np.ndarray,
    weigh: Callable[[float], float],
) -> Curve:
    """The moments that ``curve`` expects of all peaks."""
    m = len(exact)
    raw = np.array([_raw_moments(curve, a, b) for a, b in zip(low, high, strict=True)]).reshape(-1, 3)
    first, second, third = (weights[:, None] * raw).sum(axis=0)
    censored = float(weights.sum())
    n = m + censored
    mean = (exact.sum() + first) / n
    square = second - 2 * mean * first + censored * mean**2
    variance = (m / (m - 1) * ((exact - mean) ** 2).sum() + square) / n
    cube = third - 3 * mean * second + 3 * mean**2 * first - censored * mean**3
    corrected = m**2 / ((m - 1) * (m - 2)) * ((exact - mean) ** 3).sum()
    skew = (corrected + cube) / (n * variance**1.5)
    return Curve(float(mean), math.sqrt(variance), weigh(float(skew)))


def _raw_moments(curve: Curve, low: float, high: float) -> tuple[float, float, float]:
    """Means of x, x² and x³ of Pearson III given that x lies between ``low`` and ``high``."""
    if abs(curve.skew) < _LEAST_SKEW:
        standard = _normal_moments((low - curve.mean) / curve.sd, (high - curve.mean) / curve.sd)
        scale, start = curve.sd, curve.mean
    else:
        shape = 4 / curve.skew**2
        scale = curve.sd * curve.skew / 2
        start = curve.mean - shape * scale
        a, b = sorted(((low - start) / scale, (high - start) / scale))
        standard = _gamma_moments(shape, max(a, 0.0), b)
    one, two, three = standard
    return (
        start + scale * one,
        start**2 + 2 * start * scale * one + scale**2 * two,
        start**3 + 3 * start**2 * scale * one + 3 * start * scale**2 * two + scale**3 * three,
    )


def _gamma_moments(shape: float, a: float, b: float) -> tuple[float, float, float]:
    """Means of y, y² and y³ of a gamma value between ``a`` and ``b``."""
    mass = _gamma_mass(shape, a, b)
    if mass < 1e-280 or b <= a:  # the curve gives the range no probability: its nearest end is what is left
        end = b if b < shape else a
        return end, end**2, end**3
    one = shape * _gamma_mass(shape + 1, a, b) / mass
    two = shape * (shape + 1) * _gamma_mass(shape + 2, a, b) / mass
    three = shape * (shape + 1) * (shape + 2) * _gamma_mass(shape + 3, a, b) / mass
    return one, two, three


def _gamma_mass(shape: float, a: float, b: float) -> float:
    """Probability of a gamma value between two limits, from whichever tail keeps the digits."""
    below_a, above_a = incomplete_gamma(shape, a)
    below_b, above_b = incomplete_gamma(shape, b) if math.isfinite(b) else (1.0, 0.0)
    return above_a - above_b if a > shape else below_b - below_a


def _normal_moments(a: float, b: float) -> tuple[float, float, float]:
    """Means of z, z² and z³ of a normal value between ``a`` and ``b``."""
    below = normal_cdf(np.array([a, b]))
    above = normal_cdf(-np.array([a, b]))
    mass = float(above[0] - above[1] if a > 0 else below[1] - below[0])
    if mass < 1e-280:
        end = b if b < 0 else a
        return end, end**2, end**3
    f, g = (math.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) if math.isfinite(x) else 0.0 for x in (a, b))
    fa, gb = (f * a if f else 0.0), (g * b if g else 0.0)
    one = (f - g) / mass
    return one, 1 + (fa - gb) / mass, 2 * one + ((fa * a if f else 0.0) - (gb * b if g else 0.0)) / mass
