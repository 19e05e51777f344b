"""Clocks for a time axis: UTC, and the fixed offsets that files state."""

import re
from collections.abc import Iterable

from data.series import Series

UTC = "UTC"
_OFFSET = re.compile(r"UTC([+-])(\d{2}):(\d{2})")


def zones_of(series: Iterable[Series]) -> list[str]:
    """UTC, and each offset that a series names in ``About.timezone``, such as UTC-08:00."""
    return list(dict.fromkeys([UTC, *(x[0] for one in series for x in _OFFSET.finditer(one.about.timezone))]))


def offset_ms(zone: str) -> float:
    """Milliseconds that a clock of ``zone``, one of ``zones_of``, is ahead of UTC."""
    found = _OFFSET.fullmatch(zone)
    minutes = int(found[2]) * 60 + int(found[3]) if found else 0
    return minutes * 60_000.0 * (-1 if found and found[1] == "-" else 1)
