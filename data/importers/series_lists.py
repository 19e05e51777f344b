"""Series from lists of times, values and flags, as JSON and XML give them.

Such files have no rows of their own: a "line" is the place in the list of one series, counted from 1.
"""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from data.importers import series_build as build
from data.importers import series_times
from data.importers.series_text import Findings
from data.series import About, Series

#: NWIS's codes of a statistic; 00011 is an instantaneous value.
STATISTICS = {
    "": "", "00000": "", "00011": "", "00003": "mean", "00001": "maximum", "00002": "minimum", "00006": "sum",
    "00008": "median",
}  # fmt: skip
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_MIDNIGHT = re.compile(r"(?:[T ]00:00(?::00(?:\.0+)?)?)?$")


class Instants(NamedTuple):
    """``at`` is datetime64[us], NaT where there is no such time; ``zone`` as in About; ``bare``: which name no zone."""

    at: np.ndarray
    zone: str
    bare: np.ndarray
    day_only: bool


def statistic(code: str) -> str:
    """Our word for a code of NWIS."""
    return STATISTICS.get(code, "other")


def instants(texts: list[str]) -> Instants:
    """ISO dates and times. Those without an offset stand as if UTC."""
    found = [_ISO.fullmatch(text) for text in texts]
    zones = [(match["zone"] or "") if match else None for match in found]
    at = series_times.read_iso(
        pd.Series([text if match else None for text, match in zip(texts, found, strict=True)], dtype="str")
    )
    names = [_zone_name(zone) for zone in dict.fromkeys(zones) if zone]
    bare = np.array([zone == "" for zone in zones], dtype=bool)
    day_only = all(_MIDNIGHT.search(text[10:]) for text in texts)
    return Instants(at, "/".join(dict.fromkeys(names)), bare, day_only)


def _zone_name(zone: str) -> str:
    if zone == "Z":
        return "UTC"
    return series_times.offset_name(float(f"{zone[0]}1") * (int(zone[1:3]) + int(zone[-2:]) / 60))


def from_texts(
    about: About, times: list[str], values: list[str], flags: list[str], findings: Findings, *, no_data: str = ""
) -> Series:
    """A series of ISO times; its time zone is the one that they name."""
    when = instants(times)
    at = when.at
    if when.bare.any():
        if when.bare.all() or not when.zone:
            findings.warn("dates" if when.day_only else "no_timezone")
        else:
            reason = f"The time names no offset from UTC, where others of {about.id} do."
            build.reject_where(when.bare, np.arange(1, len(at) + 1), pd.Series(times), reason, findings)
            at = np.where(when.bare, np.datetime64("NaT", "us"), at)
    zoned = About(**{**vars(about), "timezone": when.zone})
    skip = when.bare if when.zone and not when.bare.all() else np.zeros(len(at), dtype=bool)
    return from_instants(zoned, at, times, values, flags, findings, no_data=no_data, told=skip)


def from_instants(
    about: About, at: np.ndarray, times: list[str], values: list[str], flags: list[str], findings: Findings,
    *, no_data: str = "", told: np.ndarray | None = None,
) -> Series:  # fmt: skip
    """A series of instants (datetime64[us], NaT where ``times`` is none). ``no_data`` is the file's mark for missing.

    Places that are ``told`` have been rejected already.
    """
    lines, lost = np.arange(1, len(at) + 1), np.isnat(at)
    bad = lost if told is None else lost & ~told
    none = np.array([not time for time in times], dtype=bool)
    build.reject_where(bad & none, lines, pd.Series(values), f"It has no time ({about.id}).", findings)
    build.reject_where(bad & ~none, lines, pd.Series(times), f"There is no such time ({about.id}).", findings)
    texts, marks = pd.Series(values, dtype="category"), pd.Series(flags, dtype="category")
    found, joined, good = build.read_values(texts, marks, lines, findings)
    build.reject_where(~good & ~lost, lines, texts, f"Not a number ({about.id}).", findings)
    found = _without(found, no_data, lines, findings)
    kept = good & ~lost
    return build.make(about, lines[kept], at[kept], found[kept], joined[kept], findings, rows=len(at))


def _without(values: np.ndarray, no_data: str, lines: np.ndarray, findings: Findings) -> np.ndarray:
    """Values that are the file's own mark for missing become NaN."""
    mark = pd.to_numeric(no_data, errors="coerce") if no_data else np.nan
    at = np.flatnonzero(values == mark)
    if len(at):
        findings.warn("missing_marker", int(lines[at[0]]), count=len(at), detail=f"It is {no_data!r}.")
    return np.where(values == mark, np.nan, values)


def say_places(findings: Findings) -> None:
    """Tell what a line is, where one is named."""
    if findings.rejected or any(warning.line for warning in findings.warnings):
        findings.warn("places")
