"""What the header of a hydrograph file says of its columns' order and units."""

import re

from data.importers.hydrograph_text import Refused, shown

_TIME = r"time|hours?|hrs?|h|t|elapsed|duration"
_FLOW = r"flows?|discharge|inflow|outflow|streamflow|runoff|q|cfs|cms|hydrograph"
_DATE = r"dates?|datetime|timestamp|day of (?:month|year)"
_HOURS = r"hours?|hrs?|h"
_OTHER_TIME = r"min|mins|minutes?|s|secs?|seconds?|ms|d|days?|weeks?|months?|years?|yrs?"
_PER_SECOND = r"\s*(?:/|per|·)?\s*s(?:ec(?:ond)?)?(?:\s*\^?-1)?"
_CFS = rf"cfs|cusecs?|ft\s*\^?[3³]{_PER_SECOND}|(?:cubic|cu\.?) (?:feet|foot|ft){_PER_SECOND}"
_MANY_CFS = r"kcfs|thousands?|1,?000|10\^?3|cfs ?(?:days?|d|hours?|/)|csm|per (?:square )?mi(?:le|2)?"
_CUBIC = r"\s*\^?[3³]\W?\s*\w*(?:\s*\^?-1)?"
_OTHER_FLOW = (
    rf"m{_CUBIC}|ft{_CUBIC}|cms|cumecs?|cubic met(?:er|re)s?|l|liters?|litres?|lps|gpm|gpd|mgd|gal(?:lons)?|"
    r"af|acre ?(?:feet|foot|ft)|ac ?ft|stage|height|elevation|depth|storage|volume|precip\w*|rain\w*|temp\w*|"
    r"ft|feet|foot|m|inch(?:es)?|in$|mm"
)


def read_header(cells: list[str]) -> list[tuple[str, str, str]] | None:
    """Notes (field, value, reason) on a header line's ``cells``; None when the line is no header.

    Raises Refused for a header with another number of columns, the columns in the other order, or
    units other than hours and cfs.
    """
    words = [_words(cell) for cell in cells]
    named = [cell for cell in cells if cell]
    if len(named) < 2 or any(re.fullmatch(r"[-+.,\d\s]*", cell) for cell in named):
        return None
    units = len(words) == 2 and _all(f"{_HOURS}|{_OTHER_TIME}", words[0]) and _all(f"{_CFS}|{_OTHER_FLOW}", words[1])
    if not units and not any(_has(f"{_TIME}|{_FLOW}|{_DATE}", word) for word in words):
        return None
    if len(cells) != 2:
        names = ", ".join(shown(cell, 30) or "blank" for cell in cells[:8]) + (", …" if len(cells) > 8 else "")
        raise Refused(
            f"The file has {len(cells)} columns ({names}); a hydrograph file has two, time in hours and flow in cfs."
        )
    if _has(_FLOW, words[0]) and _has(f"{_TIME}|{_DATE}", words[1]) and not _has(_TIME, words[0]):
        raise Refused(
            f"The columns are in the other order ({shown(cells[0], 30)}, {shown(cells[1], 30)}): "
            "time in hours comes first, then flow in cfs."
        )
    return _time_notes(cells[0], words[0]) + _flow_notes(cells[1], words[1])


def _time_notes(cell: str, words: str) -> list[tuple[str, str, str]]:
    unit = _unit(words)
    if _has(_HOURS, unit):
        return []
    if _has(_DATE, words):
        raise Refused(
            f"The first column is called {shown(cell, 30)!r}: hours since the start of the hydrograph are expected, "
            "not dates."
        )
    if _has(_OTHER_TIME, unit):
        raise Refused(
            f"The first column is called {shown(cell, 30)!r}: time is expected in hours, not in another unit."
        )
    return [("time", cell, "The header names no unit; the column is read as hours.")]


def _flow_notes(cell: str, words: str) -> list[tuple[str, str, str]]:
    unit = _unit(words)
    if not _has(_MANY_CFS, unit):
        if _has(_CFS, unit):
            return []
        if not _has(_OTHER_FLOW, unit) and not (unit != words and _has(r"stage|height|elevation|depth", words)):
            return [("flow", cell, "The header names no unit; the column is read as cfs.")]
    raise Refused(f"The second column is called {shown(cell, 30)!r}: flow is expected in cfs (ft³/s), nothing else.")


def _words(cell: str) -> str:
    """Lower case, with underscores and capitals inside a word parted: "flowCfs" and "flow_cfs" are two words."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell)
    return " ".join(re.sub(r"[_-](?!1\b)", " ", parted).lower().split())


def _unit(words: str) -> str:
    """What stands in the last brackets, where units are written, else all of it."""
    inside = re.findall(r"[\[({]([^\])}]+)[\])}]", words)
    return inside[-1] if inside else words


def _has(pattern: str, words: str) -> bool:
    return bool(re.search(rf"(?<![\w])(?:{pattern})(?![\w³])", words))


def _all(pattern: str, words: str) -> bool:
    """Whether ``words`` are a unit alone, in brackets or not."""
    return bool(re.fullmatch(pattern, words.strip("[](){} ")))
