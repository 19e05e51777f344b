"""Texts of dates and times as instants: the forms that the files of gauges have.

A form is chosen for a whole column, by which most of it can be read; what has another form is given back as NaT.
"""

import datetime as dt
import re
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from data.importers.hydrograph_text import shown
from data.importers.series_text import Findings

_SAMPLE = 300
_CLOCKS = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %H%M", " %I:%M %p", " %I:%M:%S %p", " %I:%M%p", " %I:%M:%S%p"
)  # fmt: skip
_YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y")
_DAY_FIRST = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y")
_NAMED = ("%d %b %Y", "%d%b%Y", "%d-%b-%Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%y", "%d %b %y")
_END_OF_DAY = r"(?<=[\s\dT])24:?00(?::00(?:\.0+)?)?$"
_OFFSET = re.compile(r"(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})$")

#: Hours from UTC of the abbreviations of NWIS and its like.
ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7,
    "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10, "HAST": -10, "HDT": -9, "HADT": -9,
    "SST": -11, "NST": -3.5, "NDT": -2.5, "GST": 10, "CHST": 10,
}  # fmt: skip


class Times(NamedTuple):
    """``at`` is datetime64[us], NaT where no date was read; ``zone`` is "" where the texts name none.

    ``day_only`` tells that no text has an hour.
    """

    at: np.ndarray
    zone: str
    day_only: bool


def offset_name(hours: float) -> str:
    """ "UTC-08:00", "UTC" for none."""
    minutes = round(abs(hours) * 60)
    return f"UTC{'-' if hours < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}" if minutes else "UTC"


def zones_name(names: list[str]) -> str:
    """Words for the abbreviations of a file: "UTC-07:00/UTC-08:00 (PDT, PST)"."""
    known = [name for name in names if name in ZONES]
    offsets = "/".join(dict.fromkeys(offset_name(ZONES[name]) for name in known))
    words = ", ".join(name for name in known if name not in ("UTC", "Z"))
    return f"{offsets} ({words})" if words else offsets


def zone_of(words: str) -> tuple[float | None, str]:
    """Hours from UTC and name of the zone that stands in a column's name: "time (UTC)", "Timestamp (UTC-08:00)"."""
    if found := re.search(r"\b(?:UTC|GMT)\s*([+-])(\d{1,2}):?(\d{2})?", words):
        hours = float(found[1] + "1") * (int(found[2]) + int(found[3] or 0) / 60)
        return hours, offset_name(hours)
    found = re.search(r"(?:^|[\s_(\[])(" + "|".join(ZONES) + r")(?:$|[\s_)\]])", words)
    return (ZONES[found[1]], zones_name([found[1]])) if found else (None, "")


def from_zones(at: np.ndarray, zones: pd.Series, lines: np.ndarray, findings: Findings) -> tuple[np.ndarray, str]:
    """Times in UTC by a column (categories) of abbreviations such as EDT; lines of others are left out (NaT)."""
    codes = zones.cat.codes.to_numpy()
    labels = [str(label).strip().upper() for label in zones.cat.categories]
    for place, label in enumerate(labels):
        if label not in ZONES:
            bad = (codes == place) & ~np.isnat(at)
            for one in np.flatnonzero(bad).tolist():
                reason = (
                    f"The time zone {shown(label, 20)!r} is not known here: PST, EDT, UTC or another US one would do."
                )
                findings.reject(lines[one], reason, str(at[one]))
            at = np.where(bad, np.datetime64("NaT", "us"), at)
    if len(labels) == 0:
        return at, ""
    minutes = np.array([round(ZONES.get(label, 0) * 60) for label in labels], dtype="timedelta64[m]")
    shifts = minutes.astype("timedelta64[us]")
    return at - (shifts[codes] if len(set(shifts.tolist())) > 1 else shifts[0]), zones_name(list(dict.fromkeys(labels)))


def read_iso(texts: pd.Series) -> np.ndarray:
    """ISO texts, with an offset or without (then as if UTC), as datetime64[us] UTC; NaT for others."""
    found = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True, cache=False)
    return found.dt.as_unit("us").dt.tz_localize(None).to_numpy()


def read(texts: pd.Series, lines: np.ndarray, findings: Findings, *, today: dt.date | None = None) -> Times:
    """Texts of one column as times; what each form means beyond its letters is told in ``findings``."""
    texts = texts.astype("str").str.strip()
    sample = texts.iloc[:: max(1, len(texts) // _SAMPLE)]
    if _share(
        sample.str.contains(_OFFSET) & sample.str.contains(r"\d:?\d", regex=True) & ~sample.str.contains(_END_OF_DAY)
    ):
        return _with_offset(texts)
    texts = texts.str.replace(r"\s*,\s*|\s+|(?<=\d)T(?=\d)", " ", regex=True)
    late = texts.str.contains(_END_OF_DAY).to_numpy()
    if late.any():
        where = np.flatnonzero(late)
        findings.warn("hour_24", lines[where[0]], count=len(where))
        texts.iloc[where] = texts.iloc[where].str.replace(_END_OF_DAY, "00:00", regex=True)
    form, at = _best(texts, sample.index)
    if form.startswith("%m") and _either(texts):
        findings.warn("month_first", lines[0] if len(lines) else None, count=len(texts))
    if "%y" in form:
        at = _past(at, today or dt.date.today())
        findings.warn("two_digit_years", lines[0] if len(lines) else None, count=int((~np.isnat(at)).sum()))
    at = np.where(late, at + np.timedelta64(1, "D"), at)
    return Times(at, "", not texts.str.contains(":").any() and not form.endswith("%H%M"))


def _share(which: pd.Series) -> bool:
    return bool(len(which)) and which.mean() > 0.5


def _with_offset(texts: pd.Series) -> Times:
    plain = texts.str.replace(r"\s*(?:UTC|GMT)$", "Z", regex=True)
    names = plain.str.extract(r"(Z|[+-]\d{2}:?\d{2})$")[0].dropna().str.replace(":", "").unique()
    offsets = [0.0 if name == "Z" else float(name[0] + "1") * (int(name[1:3]) + int(name[3:5]) / 60) for name in names]
    return Times(read_iso(plain), "/".join(dict.fromkeys(map(offset_name, offsets))), False)


def _parsed(texts: pd.Series, form: str) -> np.ndarray:
    found = pd.to_datetime(texts, format=form, errors="coerce")
    return found.dt.as_unit("us").to_numpy()


def _best(texts: pd.Series, sample: pd.Index) -> tuple[str, np.ndarray]:
    """The form by which most texts are read, and the texts read by it and by its siblings of other clocks."""
    few = texts.loc[sample].drop_duplicates()
    day, first, most = "", "", 0
    for group in (_YEAR_FIRST, _MONTH_FIRST, _DAY_FIRST, _NAMED):
        for form, clock in product(group, _CLOCKS):
            read_now = int((~np.isnat(_parsed(few, form + clock))).sum())
            if read_now > most:
                day, first, most = form, clock, read_now
        if most == len(few):
            break
    if not day:
        return "", np.full(len(texts), np.datetime64("NaT", "us"))
    at = _parsed(texts, day + first).copy()
    for clock in _CLOCKS:
        left = np.flatnonzero(np.isnat(at))
        if not len(left):
            break
        at[left] = _parsed(texts.iloc[left], day + clock)
    return day + first, at


def _either(texts: pd.Series) -> bool:
    """Whether no date of the column tells months from days."""
    parts = texts.drop_duplicates().str.extract(r"^(\d{1,2})\D(\d{1,2})\D").astype("float64")
    return bool(len(parts) and (parts[0] <= 12).all() and (parts[1] <= 12).all() and parts[1].nunique() > 1)


def _past(at: np.ndarray, today: dt.date) -> np.ndarray:
    """Centuries put back so that no time is in the future."""
    days = at.astype("datetime64[D]")
    years = days.astype("datetime64[Y]")
    future = days > np.datetime64(today)
    moved = (years[future] - 100) + (at[future] - years[future].astype("datetime64[us]"))
    made = at.copy()
    leap = (at[future] - years[future].astype("datetime64[us]")) >= np.timedelta64(59, "D")
    shorter = _days(years[future] - 100).astype("int64") - _days(years[future]).astype("int64")
    made[future] = moved.astype("datetime64[us]") + np.where(leap, shorter, 0).astype("timedelta64[D]")
    return made


def _days(years: np.ndarray) -> np.ndarray:
    """Days of February."""
    return (years.astype("datetime64[M]") + 2).astype("datetime64[D]") - (years.astype("datetime64[M]") + 1).astype(
        "datetime64[D]"
    )
