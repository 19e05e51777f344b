"""One cell of an inventory file as a value of ours: text, label, number or date, with a word about what was odd.

A converter takes a cell's text and gives (value, code of a warning or "", words for it). It depends on the text
alone, so that each text of a column is converted once.
"""

import datetime as dt
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from data.dates import read_date
from data.importers import inventory_columns as known
from data.importers.hydrograph_text import shown
from data.importers.inventory_mapping import Mapped

Found = tuple[Any, str, str]
Convert = Callable[[str], Found]

#: Longest texts that our columns take, characters; the record keeps the whole cell.
LENGTHS = {
    "name": 200,
    "owner": 300,
    "river": 200,
    "state": 100,
    "county": 100,
    "city": 200,
    "owner_types": 200,
    "purposes": 500,
    "dam_types": 500,
    "condition": 40,
    "eap": 40,
    "hazard": 20,
}
BLANK = {"", "na", "nan", "null"}  # in GeoJSON pages a missing text is "NA"
PLACEHOLDERS = {"", "na", "n/a", "none", "null", "nan", "unknown", "-", "0", "tbd", "#n/a", "not available"}
HUGE_ACRE_FT = 40_000_000  #: Lake Mead, the largest reservoir of the United States, holds 30 million.
HIGHEST_FT = 1100  #: The highest dam in the world stands 1,000 ft (Jinping-I).
_HAZARDS = ("High", "Significant", "Low", "Undetermined")
_SHORT = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{2})|(\d{1,2})/(\d{1,2})/(\d{2})(?: \d{1,2}:\d{2})?", re.ASCII)
_LONG = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})[T ][\d:.]+Z?|(\d{1,2}/\d{1,2}/\d{4}) \d{1,2}:\d{2}(?::\d{2})?(?: [AP]M)?", re.ASCII
)


def converters(mapping: Mapped) -> dict[str, Convert]:
    """Our field -> what converts its cells; ``year_completed`` gives ``date_built``."""
    found: dict[str, Convert] = {name: partial(_text, name) for name in ("name", "owner", "river", "county", "city")}
    found["state"] = _state
    for name, codes, width in (
        ("owner_types", known.OWNER_TYPES, 1),
        ("purposes", known.PURPOSES, 1),
        ("dam_types", known.DAM_TYPES, 2),
    ):
        found[name] = partial(_list, name, mapping.codes(name, codes), width)
    for name, codes in (("condition", known.CONDITION), ("eap", known.EAP)):
        found[name] = partial(_label, name, mapping.codes(name, codes))
    found["hazard"] = partial(_hazard, mapping.codes("hazard", known.HAZARD))
    found |= {name: partial(_dated, name) for name in known.DATES}
    found |= {name: partial(_number, name, mapping.factor(name)) for name in known.NUMBERS}
    found["year_completed"] = _year
    return found


def _cut(name: str, text: str) -> Found:
    if len(text) > LENGTHS[name]:
        return text[: LENGTHS[name]], "cut", f"{name}: {shown(text, 40)}"
    return text, "", ""


def _text(name: str, cell: str) -> Found:
    text = " ".join(cell.split())
    if name == "name" and text.casefold() in BLANK:
        return "", "no_name", ""
    return _cut(name, text)


def _state(cell: str) -> Found:
    return ("", "", "") if cell.casefold() in BLANK else _cut("state", known.STATES.get(cell, cell))


def _list(name: str, codes: Any, width: int, cell: str) -> Found:
    return ("", "", "") if cell.casefold() in BLANK else _cut(name, known.labels(cell, codes, width=width))


def _label(name: str, codes: Any, cell: str) -> Found:
    return ("", "", "") if cell.casefold() in BLANK else _cut(name, known.label(cell, codes))


def _hazard(codes: Any, cell: str) -> Found:
    text = known.label(cell, codes)
    if text.casefold() in BLANK:
        return "", "no_hazard", ""
    if text == "Not Available":
        return text, "no_hazard", text
    return (text, "", "") if text in _HAZARDS else (text[: LENGTHS["hazard"]], "odd_hazard", text)


def _dated(name: str, cell: str) -> Found:
    iso = date(cell)
    return (iso, "", "") if iso or cell.casefold() in PLACEHOLDERS else ("", "bad_date", f"{name}: {cell}")


def _number(name: str, factor: float, cell: str) -> Found:
    if not cell:
        return None, "", ""
    try:
        number = float(cell)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        odd = cell.casefold() not in PLACEHOLDERS
        return None, "not_a_number" if odd else "", f"{name}: {cell}"
    if number == 0 and name in known.UNKNOWN_AT_ZERO:
        return None, "zero_unknown", name
    number *= factor
    if name == "storage_acre_ft" and number > HUGE_ACRE_FT:
        return number, "huge_storage", f"{number:,.0f} acre-ft"
    if name == "height_ft" and not 0 < number <= HIGHEST_FT:
        return number, "odd_height", f"{number:g} ft"
    return number, "", ""


def _year(cell: str) -> Found:
    if cell.casefold() in PLACEHOLDERS or not cell.strip("0"):
        return "", "", ""
    number = re.fullmatch(r"(\d{3,4})(?:\.0)?", cell, re.ASCII)
    if not number:
        iso = date(cell)
        return iso, "" if iso else "bad_date", f"year: {cell}"
    odd = not 1700 <= int(number[1]) <= dt.datetime.now(dt.UTC).year
    return f"{int(number[1]):04d}", "odd_year" if odd else "", cell


def date(cell: str) -> str:
    """ISO text, "" for what is no date. A year of two digits is at most one ahead of this one."""
    text = cell.strip()
    if found := _LONG.fullmatch(text):
        text = found[1] or found[2]
    elif found := _SHORT.fullmatch(text):
        short = found[3] or found[6]
        ahead = dt.datetime.now(dt.UTC).year + 1
        year = 2000 + int(short) if 2000 + int(short) <= ahead else 1900 + int(short)
        text = f"{found[1]} {found[2]} {year}" if found[1] else f"{found[4]}/{found[5]}/{year}"
    try:
        return read_date(text)
    except ValueError:
        return ""
