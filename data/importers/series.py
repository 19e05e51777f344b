"""Any file of a time series, recognised by what stands in it, never by its name."""

import json
import re
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from data.importers import (
    series_cdec,
    series_csv,
    series_cwms,
    series_ndbc,
    series_nwis_json,
    series_ogc,
    series_rdb,
    series_waterml,
)
from data.importers.hydrograph_text import Refused, shown
from data.importers.series_columns import Layout, layout_of
from data.importers.series_text import Findings, content, text_of, unpacked
from data.series import SeriesFile

#: Each has ``looks_like(head) -> bool`` and ``read(text, findings) -> (format, series)``. The first that knows a file
#: reads it; CSV comes last, since it goes by columns alone.
READERS: tuple[ModuleType, ...] = (
    series_rdb, series_cdec, series_ndbc, series_nwis_json, series_ogc, series_cwms, series_waterml,
)  # fmt: skip
FORMS = (
    "USGS RDB, JSON or WaterML, USACE CWMS JSON, CDEC CSV, NDBC text, or CSV with dates or hours in one column and "
    "values in others"
)
INVENTORY = "an inventory of dams"
_HEAD = 100_000  #: Characters by which a file is recognised.
_LEVEL, _STORED, _FLOW = r"\b(?:elev\w*|stage|pool)\b", r"\b(?:stor\w*|capacity)\b", r"\b(?:out)?flow\b|\bdischarge\b"
_OTHER = (
    (r"\bnid ?id\b|\bdam name\b|\bfederal id\b", INVENTORY),
    (r"\blatitude\b.*\blongitude\b|\blongitude\b.*\blatitude\b", "a list of places"),
    (r"exceedance", "a duration curve"),
)


class Unknown(Refused):
    """Nothing in the file says what it is."""


class OtherTable(Refused):
    """The file is known, but is no series; ``what`` it is, such as "a rating table"."""

    def __init__(self, what: str, names: str = "", why: str = "it has no times"):
        super().__init__(f"The file is {what}{f' ({names})' if names else ''}, no series: {why}.")
        self.what = what


def read(path: Path) -> SeriesFile:
    """The series of a file, plain or gzip. Raises Refused with a sentence for the reader, and OSError."""
    return _read(path.name, content(path))


def read_bytes(file_name: str, content: bytes) -> SeriesFile:
    """The series of an upload, plain or gzip; the name is only shown. Raises Refused with a sentence for the reader."""
    return _read(file_name, unpacked(content))


def _read(file_name: str, found: bytes) -> SeriesFile:
    findings = Findings()
    text = text_of(found, findings)
    if not text or text.isspace():
        raise Refused("The file is empty.")
    head = text[:_HEAD]
    reader = next((reader for reader in READERS if reader.looks_like(head)), None) or _csv(text)
    form, series = reader.read(text, findings)
    return SeriesFile(file_name, form, tuple(series), findings.rejected, findings.warnings)


def _csv(text: str) -> ModuleType:
    """The reader of CSV. Raises Refused for a table of another kind, Unknown for what is no table of a series."""
    start = text[:_HEAD].lstrip("\ufeff \n")
    if start[:1] == "<":
        _refuse_markup(start)
    if start[:1] in "{[":
        _refuse_json(text)
    layout, timed = layout_of(text), series_csv.looks_like(text)
    if layout:
        _refuse_other(layout, timed)
    if layout and not layout.rows.strip():
        raise Refused(f"The file has one line and no rows below it: {_start(text)}.")
    if not timed:
        raise Unknown(f"No series is recognised in the file, which begins {_start(text)}; {FORMS} would do.")
    return series_csv


def _start(text: str) -> str:
    return repr(shown(text.strip().partition("\n")[0], 80))


def _refuse_other(layout: Layout, timed: bool) -> None:
    words = " | ".join(layout.words)
    names = ", ".join(shown(name, 30) for name in layout.names[:8]) + (", …" if len(layout.names) > 8 else "")
    for pattern, what in _OTHER:
        if re.search(pattern, words):
            raise OtherTable(what, names, "it has no values against time")
    if timed or not re.search(_LEVEL, words):
        return
    if re.search(_STORED, words):
        raise OtherTable("a storage table", names)
    if re.search(_FLOW, words):
        raise OtherTable("a rating table", names)


def _refuse_markup(start: str) -> NoReturn:
    if re.search(r"<(?:\w+:)?(?:[\w-]+-)?ratings?\b|<rating-points", start):
        raise OtherTable("a rating table", "CWMS rating XML")
    if re.search(r"<html|<!doctype html", start, re.IGNORECASE):
        raise Refused("The file is a page of HTML, as a server gives in place of a file: download it again.")
    raise Unknown(f"The file is XML of a kind that is not known here, beginning {_start(start)}; {FORMS} would do.")


def _refuse_json(text: str) -> NoReturn:
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as fault:
        raise Refused(f"The file begins as JSON, but is not: {shown(str(fault), 120)}.") from None
    names = ", ".join(shown(str(name), 30) for name in list(found)[:8]) if isinstance(found, dict) else "a list"
    raise Unknown(f"The file is JSON of a kind that is not known here ({names}); {FORMS} would do.")
