"""Distributions that flood frequency needs and neither numpy nor the standard library has."""

import math
from statistics import NormalDist

import numpy as np

NORMAL = NormalDist()
_NEAR_NORMAL = 1e-3  #: Below this skew the gamma shape, 4/skew², is so large that its series no longer helps.
_erfc = np.vectorize(math.erfc, otypes=["float64"])


def normal_cdf(z: np.ndarray) -> np.ndarray:
    """Probability of a standard normal value below each ``z``."""
    return _erfc(np.asarray(z, "float64") / -math.sqrt(2)) / 2


def frequency_factor(exceedance: float, skew: float) -> float:
    """K of the Pearson III distribution: the standardised value that is exceeded with probability ``exceedance``.

    By the inverse of the incomplete gamma function of shape 4/skew² (Bulletin 17C, 2019, appendix 3); for a skew
    below 0.001 by the Cornish-Fisher expansion (Abramowitz and Stegun, 1964, eq. 26.2.49), right there to 1e-9.
    Raises ValueError for a probability outside 0 to 1.
    """
    if not 0 < exceedance < 1:
        raise ValueError(f"The exceedance probability {exceedance!r} is not between 0 and 1.")
    z = NORMAL.inv_cdf(1 - exceedance) if exceedance >= 0.5 else -NORMAL.inv_cdf(exceedance)
    near = z + (z**2 - 1) * skew / 6 + (z**3 - 7 * z) * skew**2 / 144
    if abs(skew) < _NEAR_NORMAL:
        return near
    shape = 4 / skew**2
    value = _gamma_quantile(shape, exceedance, upper=skew > 0, guess=shape + math.sqrt(shape) * abs(near))
    return math.copysign(1, skew) * (value - shape) / math.sqrt(shape)


def _gamma_quantile(shape: float, probability: float, *, upper: bool, guess: float) -> float:
    """x with ``probability`` above it (``upper``) or below it: Newton's steps, halved where they leave the bracket."""
    low, high, x = 0.0, math.inf, guess
    for _ in range(200):
        below, above = incomplete_gamma(shape, x)
        error = probability - above if upper else below - probability
        low, high = (low, x) if error > 0 else (x, high)
        density = math.exp((shape - 1) * math.log(x) - x - math.lgamma(shape)) if x > 0 else 0.0
        after = x - error / density if density > 0 else math.inf
        if not low < after < high:
            after = (low + high) / 2 if math.isfinite(high) else 2 * x + 1
        if abs(after - x) <= 1e-14 * x:
            return after
        x = after
    return x


def incomplete_gamma(shape: float, x: float) -> tuple[float, float]:
    """The regularised incomplete gamma functions P and Q.

    By the series (DLMF 8.11.4) up to x = shape + 1 and the continued fraction (DLMF 8.9.2) beyond.
    """
    if x <= 0:
        return 0.0, 1.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        n = shape
        while term > total * 1e-17:
            n += 1
            term *= x / n
            total += term
        return front * total, 1 - front * total
    tiny = 1e-300
    b = x + 1 - shape
    c, d = 1 / tiny, 1 / b
    h, i, change = d, 0, 0.0
    while abs(change - 1) > 1e-16 and i < 1_000_000:
        i += 1
        a = -i * (i - shape)
        b += 2
        d = 1 / (a * d + b or tiny)
        c = b + a / c or tiny
        change = c * d
        h *= change
    return 1 - front * h, front * h


def noncentral_t_above(t: np.ndarray, freedom: np.ndarray, centre: np.ndarray, *, nodes: int = 48) -> np.ndarray:
    """Probability that a noncentral t value is above each ``t``; arrays of one length.

    The mean of the normal probability over the chi-square value (Johnson, Kotz and Balakrishnan, 1995, chapter 31),
    by Gauss-Legendre quadrature in its cube root, which is near normal (Wilson and Hilferty, 1931).
    """
    x, weights = np.polynomial.legendre.leggauss(nodes)
    mean, spread = 1 - 2 / (9 * freedom), np.sqrt(2 / (9 * freedom))
    low, high = np.maximum(mean - 9 * spread, 1e-9), mean + 9 * spread
    root = low[:, None] + (high - low)[:, None] * (x + 1) / 2
    log_density = (3 * freedom[:, None] / 2 - 1) * np.log(root) - freedom[:, None] * root**3 / 2
    density = weights * np.exp(log_density - log_density.max(axis=1, keepdims=True))
    density /= density.sum(axis=1, keepdims=True)
    return (density * normal_cdf(centre[:, None] - t[:, None] * root**1.5)).sum(axis=1)
