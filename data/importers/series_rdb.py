"""RDB, the tab-separated form of the US Geological Survey (NWIS): comments, names, widths, rows; also several of them.

Source: https://help.waterdata.usgs.gov/faq/about-tab-delimited-output. Read are daily and instantaneous values, the
unit values of NWIS-I (2011), and annual peaks. Ratings and statistics are no series and are refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data.importers import series_build as build
from data.importers import series_times
from data.importers.hydrograph_text import Refused, shown
from data.importers.series_text import Block, Findings, block
from data.series import About, Series

_WIDTHS = re.compile(r"\d+[sdnSDN](?:\t\d+[sdnSDN])*\t*")
_PARAMETER = re.compile(r"#\s+(\d+)\s+(\d{5})(?:\s+(\d{5}))?\s{2,}(\S.*)")
_SITE = re.compile(r"#\s+([A-Z]+)\s+(\d{8,15})\s+(\S.*)")
_STATISTICS = {"00003": "mean", "00001": "maximum", "00002": "minimum", "00006": "sum", "00008": "median"}


@dataclass
class _Section:
    """Names and rows below one header; ``first`` is the line of the first row."""

    names: list[str]
    first: int
    rows: str
    comments: dict[str, dict] = field(default_factory=dict)


def looks_like(head: str) -> bool:
    """Whether a text begins with comments or names and then a line of widths such as 5s, 15s, 20d."""
    lines = [line for line in head.split("\n") if line and not line.startswith("#")]
    return bool(
        (len(lines) > 1 and _WIDTHS.fullmatch(lines[1].strip()) and "\t" in lines[1])
        or (
            head.startswith("#")
            and re.search(r"# //UNITED STATES GEOLOGICAL SURVEY|^#.*waterdata\.usgs\.gov", head, re.M)
        )
    )


def read(text: str, findings: Findings) -> tuple[str, list[Series]]:
    """The format's name and the series. Raises Refused for what is no series."""
    made: list[Series] = []
    sections = list(_sections(text))
    if not sections:
        raise Refused(_nothing(text))
    for section in sections:
        made += _series(section, findings)
    return "USGS RDB", made


def _nothing(text: str) -> str:
    if re.search(r"no sites|no data", text, re.IGNORECASE):
        said = next(line for line in text.split("\n") if re.search(r"no sites|no data", line, re.IGNORECASE))
        return f"The file holds no rows; it says {shown(said.strip('# '), 120)!r}."
    return "The file begins as RDB, but has no line of column names with a line of widths (5s, 15s, …) below it."


def _sections(text: str) -> Iterator[_Section]:
    comments: dict[str, dict] = {"parameters": {}, "sites": {}, "words": {}}
    place, line, end = 0, 1, len(text)
    while place < end:
        stop = text.find("\n", place)
        stop = end if stop < 0 else stop
        row = text[place:stop]
        if row.startswith("#"):
            _comment(row, comments)
        elif row.strip():
            below = text.find("\n", stop + 1)
            below = end if below < 0 else below
            if not _WIDTHS.fullmatch(text[stop + 1 : below].strip(" ")):
                raise Refused(
                    f"Line {line} begins as RDB, but the line below it gives no widths (5s, 15s, …): "
                    f"{shown(row.replace(chr(9), ' '), 60)!r}."
                )
            after = text.find("\n#", below) if text.find("#", below) >= 0 else end
            after = end if after < 0 else after
            rows = text[below + 1 : after]
            yield _Section([name.strip() for name in row.rstrip("\t").split("\t")], line + 2, rows, comments)
            line += text.count("\n", place, after) + 1 if after < end else 0
            place = after + 1
            continue
        place, line = stop + 1, line + 1


def _comment(row: str, comments: dict[str, dict]) -> None:
    if found := _PARAMETER.match(row):
        comments["parameters"][found[1], found[2], found[3] or ""] = found[4].strip()
    elif found := _SITE.match(row):
        comments["sites"][found[2]] = found[3].strip()
    elif row.startswith("# //"):
        for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', row):
            subject = row[4:].split()[0]
            comments["words"][f"{subject} {name}"] = (quoted or bare).strip()


def _series(section: _Section, findings: Findings) -> list[Series]:
    names = [name.lower() for name in section.names]
    if "indep" in names and "dep" in names:
        raise Refused("The file is a rating table (INDEP, DEP), no series: it has no times.")
    if "month_nu" in names or "year_nu" in names:
        raise Refused(
            "The file holds statistics by day, month or year (month_nu, …), no series of values against time."
        )
    time = next((at for at, name in enumerate(names) if name in ("datetime", "date", "peak_dt")), None)
    if time is None:
        raise Refused(f"No column of times (datetime, DATE or peak_dt) among {shown(', '.join(section.names), 200)}.")
    clock = next((at for at, name in enumerate(names) if name in ("time", "peak_tm")), None)
    times = tuple(at for at in (time, clock) if at is not None)
    numbers = tuple(at for at, _ in _columns(names))
    found = block(section.rows, section.first, "\t", len(names), findings, times, numbers)
    at, zone = _times(found, names, time, clock, findings)
    found, at = found.rows(~np.isnat(at)), at[~np.isnat(at)]
    made = []
    for site, which in _sites(found, names):
        part = found.rows(which)
        for column, flag in _columns(names):
            about = _about(section, site, column, zone)
            made.append(_one(about, part, at[which], column, flag, findings))
    return made


def _times(found: Block, names: list[str], time: int, clock: int | None, findings: Findings) -> tuple[np.ndarray, str]:
    texts, cells = found.cells[time], found.cells
    if names[time] == "peak_dt":
        at = series_times.read_iso(texts)
        clock = None
    else:
        if clock is not None:
            texts = texts + " " + cells[clock]
        iso = clock is None and (not len(texts) or str(texts.iloc[0])[4:5] == "-")
        at = series_times.read_iso(texts) if iso else series_times.read(texts, found.lines, findings).at
    build.reject_where(np.isnat(at), found.lines, texts, f"There is no such time ({names[time]}).", findings)
    zone = next((x for x, name in enumerate(names) if name in ("tz_cd", "tzcd")), None)
    if zone is None:
        findings.warn("dates" if clock is None else "no_timezone", found.lines[0] if len(found.lines) else None)
        return at, ""
    return series_times.from_zones(at, cells[zone], found.lines, findings)


def _sites(found: Block, names: list[str]) -> Iterator[tuple[str, np.ndarray]]:
    if "site_no" not in names or not len(found.lines):
        yield "", np.arange(len(found.lines))
        return
    sites = found.cells[names.index("site_no")]
    codes = sites.cat.codes.to_numpy()
    for place, site in enumerate(sites.cat.categories):
        which = np.flatnonzero(codes == place)
        if len(which):
            yield str(site).strip(), which


def _columns(names: list[str]) -> Iterator[tuple[int, int | None]]:
    """Each column of values, and that of its flags."""
    for at, name in enumerate(names):
        if re.fullmatch(r"\d+_\d{5}(_\d{5})?", name):
            yield at, names.index(f"{name}_cd") if f"{name}_cd" in names else None
        elif name == "value":
            yield at, next((x for x, flag in enumerate(names) if flag == "remark"), None)
        elif name == "peak_va" and "peak_cd" in names:
            yield at, names.index("peak_cd")
        elif name == "gage_ht" and "gage_ht_cd" in names:
            yield at, names.index("gage_ht_cd")


def _about(section: _Section, site: str, column: int, zone: str) -> About:
    name, words = section.names[column], section.comments["words"]
    site = site or words.get("STATION NUMBER", "")
    called = section.comments["sites"].get(site) or words.get("STATION NAME", "")
    statistic = ""
    if name.lower() == "peak_va":
        parameter, described, statistic = "00060", "Discharge, cubic feet per second (annual peak)", "peak"
    elif name.lower() == "gage_ht":
        parameter, described, statistic = "00065", "Gage height, feet (at the annual peak)", "peak"
    elif name.lower() == "value":
        parameter, described = words.get("PARAMETER CODE", ""), words.get("PARAMETER LNAME", "")
    else:
        parts = [*name.split("_"), ""][:3]
        parameter, statistic = parts[1], _STATISTICS.get(parts[2], parts[2] and "other")
        described = section.comments["parameters"].get((parts[0], parts[1], parts[2]), "")
    return About(
        id=f"USGS:{site}:{name}",
        name=": ".join(filter(None, (called, described))),
        parameter=parameter,
        unit=_unit(parameter, described, words.get("DD LABEL", "")),
        timezone=zone,
        datum=build.datum_of(described),
        source="US Geological Survey, NWIS",
        statistic=statistic,
    )


def _unit(parameter: str, described: str, label: str) -> str:
    """From the description, whose last part is the unit; codes that describe themselves need none."""
    if found := re.search(r"\(([^()]*)\)\s*$", label):
        return build.unit_of(found[1])
    plain = re.sub(r"\s*\([^()]*\)\s*$", "", described)
    if "," in plain:
        return build.unit_of(plain.rpartition(",")[2])
    return {"00060": "cfs", "00065": "ft", "00010": "degC"}.get(parameter, "")


def _one(about: About, part: Block, at: np.ndarray, column: int, flag: int | None, findings: Findings) -> Series:
    texts = part.cells[column]
    flags: pd.Series | None = part.cells[flag] if flag is not None else None
    values, marks, good = build.read_values(texts, flags, part.lines, findings)
    build.reject_where(~good, part.lines, texts, f"Not a number ({about.id}).", findings)
    return build.make(
        about, part.lines[good], at[good], values[good], marks[good], findings, rows=len(part.lines)
    )  # fmt: skip
