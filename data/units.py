"""Units: how each is written on the screen, and the only place a conversion factor appears.

Values are kept in the unit they were published in; a factor is applied once, for display. The foot
is the international foot: the one US surveying has used since 2023 (NGS and NIST, 85 FR 62698).
"""

from typing import TypeVar

import numpy as np
import pandas as pd

Values = TypeVar("Values", float, np.ndarray, pd.Series)

#: Unit to its words on an axis or in a table.
LABELS = {
    "ft": "ft",
    "m": "m",
    "acre-ft": "acre-ft",
    "m3": "m³",
    "cfs": "cfs",
    "m3/s": "m³/s",
    "hm3": "million m³",
    "yd3": "yd³",
    "acre": "acres",
    "ha": "ha",
    "mi2": "mi²",
    "km2": "km²",
    "degC": "°C",
}

CUBIC_FEET_PER_ACRE_FT = 43_560  #: 1 acre is 43,560 ft² (NIST Handbook 44, appendix C).
SQUARE_FEET_PER_ACRE, FEET_PER_MILE, FEET_PER_YARD = 43_560, 5_280, 3

#: Unit to its size in SI, exact (NIST SP 811, 2008, appendix B.8).
_IN_SI = {
    "ft": (0.3048, "m"),
    "m": (1.0, "m"),
    "acre-ft": (CUBIC_FEET_PER_ACRE_FT * 0.3048**3, "m3"),
    "m3": (1.0, "m3"),
    "cfs": (0.3048**3, "m3/s"),
    "m3/s": (1.0, "m3/s"),
    "hm3": (1e6, "m3"),
    "yd3": ((FEET_PER_YARD * 0.3048) ** 3, "m3"),
    "acre": (SQUARE_FEET_PER_ACRE * 0.3048**2, "m2"),
    "ha": (1e4, "m2"),
    "mi2": ((FEET_PER_MILE * 0.3048) ** 2, "m2"),
    "km2": (1e6, "m2"),
    "degC": (1.0, "degC"),
}

#: The metric unit in which a value of another is read.
METRIC = {"ft": "m", "acre-ft": "m3", "yd3": "m3", "cfs": "m3/s", "acre": "ha", "mi2": "km2"}


def convert(value: Values, unit: str, to: str) -> Values:
    """``value`` of ``unit`` in the unit ``to``. Raises ValueError for units of different kinds or not listed."""
    for name in (unit, to):
        if name not in _IN_SI:
            raise ValueError(f"Unit {name!r} is not one of {', '.join(_IN_SI)}.")
    (size, kind), (to_size, to_kind) = _IN_SI[unit], _IN_SI[to]
    if kind != to_kind:
        raise ValueError(f"{unit} cannot be given in {to}: they measure different things.")
    return value * (size / to_size)
