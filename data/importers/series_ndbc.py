"""Standard meteorological data of NOAA's National Data Buoy Center: columns parted by spaces, times in UTC.

Source: https://www.ndbc.noaa.gov/faq/measdes.shtml. The realtime form marks missing by MM, the yearly files by nines.
"""

import re

import numpy as np
import pandas as pd

from data.importers import series_build as build
from data.importers.hydrograph_text import Refused
from data.importers.series_text import Block, Findings, block
from data.series import About, Series

_HEADER = re.compile(r"#?\s*(?:YY|YYYY)\s+MM\s+DD\s+hh(\s+mm)?\s+(?=\S)", re.ASCII)
_NAMES = {
    "WDIR": "Wind direction", "WD": "Wind direction", "WSPD": "Wind speed", "GST": "Gust speed",
    "WVHT": "Significant wave height", "DPD": "Dominant wave period", "APD": "Average wave period",
    "MWD": "Mean wave direction", "PRES": "Sea-level pressure", "BAR": "Sea-level pressure", "ATMP": "Air temperature",
    "WTMP": "Sea surface temperature", "DEWP": "Dew point", "VIS": "Visibility", "PTDY": "Pressure tendency",
    "TIDE": "Water level",
}  # fmt: skip
#: What the yearly files write for missing.
_NINES = {
    **dict.fromkeys(("WDIR", "WD", "MWD", "ATMP", "WTMP", "DEWP"), 999.0), **dict.fromkeys(("PRES", "BAR"), 9999.0),
    **dict.fromkeys(("WSPD", "GST", "WVHT", "DPD", "APD", "VIS", "TIDE"), 99.0),
}  # fmt: skip


def looks_like(head: str) -> bool:
    """Whether the first line names year, month, day and hour, and a parameter."""
    return bool(_HEADER.match(head.lstrip()))


def read(text: str, findings: Findings) -> tuple[str, list[Series]]:
    """The format's name and a series a parameter. Raises Refused for a file without rows."""
    header, _, rest = text.partition("\n")
    found = _HEADER.match(header.lstrip())
    if not found:
        raise Refused("The first line does not name YY MM DD hh, as NDBC's files do.")
    parts = 5 if found[1] else 4
    names = header.lstrip("# ").split()
    units, first = [""] * len(names), 2
    if rest.startswith("#"):
        line, _, rest = rest.partition("\n")
        units, first = [*line.lstrip("# ").split(), *units][: len(names)], 3
    rows = block(_spaced(rest), first, " ", len(names), findings, (), tuple(range(parts)))
    if not len(rows.lines):
        raise Refused("The file has NDBC's header and no rows below it.")
    at = _times(rows, parts, findings)
    good = ~np.isnat(at)
    order = np.flatnonzero(good)
    if len(order) > 1 and (np.diff(at[order]) < np.timedelta64(0)).all():
        findings.warn("newest_first", int(rows.lines[order[1]]), count=len(order) - 1)
        order = order[::-1]
    rows, at = Block(rows.lines[order], rows.cells.iloc[order]), at[order]
    realtime = any("MM" in rows.cells[column].cat.categories for column in range(parts, len(names)))
    made = [
        _one(_about(names[column], units[column]), rows, at, column, realtime, findings)
        for column in range(parts, len(names))
    ]
    return f"NDBC {'realtime' if realtime else 'historical'} meteorological data", made


def _spaced(rows: str) -> str:
    return re.sub(r"^ | $", "", re.sub(r"[ \t]+", " ", rows), flags=re.MULTILINE)


def _times(rows: Block, parts: int, findings: Findings) -> np.ndarray:
    """datetime64[us] UTC, NaT where the columns are no time."""
    numbers = [pd.to_numeric(rows.cells[column], errors="coerce") for column in range(parts)]
    year = numbers[0].where(numbers[0] >= 100, numbers[0] + 1900)  # two digits were written up to 1998
    minute = numbers[4] if parts == 5 else 0
    columns = {"year": year, "month": numbers[1], "day": numbers[2], "hour": numbers[3], "minute": minute}
    at = pd.to_datetime(pd.DataFrame(columns), errors="coerce").dt.as_unit("us").to_numpy()
    texts = rows.cells.iloc[:, :parts].astype("str").agg(" ".join, axis=1) if np.isnat(at).any() else rows.cells[0]
    build.reject_where(np.isnat(at), rows.lines, texts, "There is no such time (YY MM DD hh mm).", findings)
    return at


def _about(name: str, unit: str) -> About:
    return About(
        id=f"NDBC:{name}",
        name=_NAMES.get(name, name),
        parameter=name,
        unit=build.unit_of(unit),
        timezone="UTC",
        source="NOAA National Data Buoy Center",
    )


def _one(about: About, rows: Block, at: np.ndarray, column: int, realtime: bool, findings: Findings) -> Series:
    texts = rows.cells[column]
    values, marks, good = build.read_values(texts, None, rows.lines, findings)
    if not realtime and about.parameter in _NINES:
        nines = np.flatnonzero(values == _NINES[about.parameter])
        if len(nines):
            detail = f"It is {_NINES[about.parameter]:g} ({about.parameter})."
            findings.warn("missing_marker", int(rows.lines[nines[0]]), count=len(nines), detail=detail)
        values[nines] = np.nan
    build.reject_where(~good, rows.lines, texts, f"Not a number ({about.id}).", findings)
    return build.make(about, rows.lines[good], at[good], values[good], marks[good], findings, rows=len(rows.lines))
