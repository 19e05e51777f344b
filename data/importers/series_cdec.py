"""The CSV of California's Data Exchange Center (CDEC, CSVDataServlet): a row a value, stations and sensors mixed."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from data.importers import series_build as build
from data.importers import series_times
from data.importers.hydrograph_text import Refused
from data.importers.series_text import Block, Findings, block
from data.series import About, Series

_NAMES = ["STATION_ID", "DURATION", "SENSOR_NUMBER", "SENSOR_TYPE", "DATE TIME", "OBS DATE", "VALUE", "DATA_FLAG"]
_STATION, _DURATION, _SENSOR, _TYPE, _TIME, _OBSERVED, _VALUE, _FLAG, _UNIT = range(9)
_PACIFIC_STANDARD = np.timedelta64(8, "h")


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"').replace("DATE_TIME", "DATE TIME") for cell in line.split(",")]


def looks_like(head: str) -> bool:
    """Whether the first line has CDEC's column names."""
    return _cells(head.lstrip().partition("\n")[0].upper())[: len(_NAMES)] == _NAMES


def read(text: str, findings: Findings) -> tuple[str, list[Series]]:
    """The format's name and a series a station, duration and sensor. Raises Refused for a file without rows."""
    blank = len(text) - len(text.lstrip("\n"))
    header, _, rows = text[blank:].partition("\n")
    width = len(_cells(header))
    if width <= _UNIT:
        raise Refused(f"The header has {width} columns, where CDEC's has 9: UNITS stands last.")
    found = block(rows, blank + 2, ",", width, findings, (_TIME,), (_VALUE,))
    if not len(found.lines):
        raise Refused("The file has CDEC's header and no rows below it.")
    at, good = _times(found, findings)
    made = []
    for about, which in _sensors(found):
        which = which[good[which]]
        part = Block(found.lines[which], found.cells.iloc[which])
        texts, flags = part.cells[_VALUE], part.cells[_FLAG]
        values, marks, read_ones = build.read_values(texts, flags, part.lines, findings)
        build.reject_where(~read_ones, part.lines, texts, f"Not a number ({about.id}).", findings)
        made.append(
            build.make(
                about, part.lines[read_ones], at[which][read_ones], values[read_ones], marks[read_ones], findings,
                rows=len(which),
            )
        )  # fmt: skip
    return "CDEC CSV", made


def _times(found: Block, findings: Findings) -> tuple[np.ndarray, np.ndarray]:
    texts = found.cells[_TIME]
    read = series_times.read(texts, found.lines, findings)
    bad = np.isnat(read.at)
    build.reject_where(bad, found.lines, texts, "There is no such time (DATE TIME).", findings)
    findings.warn("pacific", int(found.lines[0]), count=int((~bad).sum()))
    return read.at + _PACIFIC_STANDARD, ~bad


def _sensors(found: Block) -> Iterator[tuple[About, np.ndarray]]:
    names = found.cells[[_STATION, _DURATION, _SENSOR, _TYPE, _UNIT]]
    for (station, duration, sensor, kind, unit), rows in names.groupby(list(names.columns), observed=True, sort=False):
        known = build.unit_of(unit)
        daily_flow = known == "cfs" and duration in ("D", "M")
        yield (
            About(
                id=f"CDEC:{station}:{sensor}:{duration}",
                name=f"{station} {kind}",
                parameter=kind,
                unit=known,
                timezone=series_times.offset_name(-8),
                source="California Data Exchange Center",
                statistic="mean" if daily_flow else "",
            ),
            np.flatnonzero(_within(rows.index, len(found.lines))),
        )


def _within(index: pd.Index, rows: int) -> np.ndarray:
    which = np.zeros(rows, dtype=bool)
    which[index.to_numpy()] = True
    return which
