"""Time series of the CWMS Data API of the US Army Corps of Engineers, as JSON.

Values are ``[epoch milliseconds, value, quality code]``. Source: https://cwms-data.usace.army.mil/cwms-data/ (its
``/timeseries``); the parts of a name are location, parameter, type, interval, duration and version.
"""

import base64
import re
from typing import Any

import numpy as np

from data.importers import series_build as build
from data.importers import series_lists as lists
from data.importers.hydrograph_text import Refused, shown
from data.importers.json_text import listing, load, mapping, scalar
from data.importers.series_text import Findings
from data.series import About, Series

FORMAT = "CWMS JSON"
_TYPES = {"Inst": "", "Ave": "mean", "Max": "maximum", "Min": "minimum", "Total": "sum", "Const": ""}
_COLUMNS = ("date-time", "value", "quality-code")
_LATEST_MS = 253_402_300_800_000  #: The end of the year 9999.


def looks_like(head: str) -> bool:
    """Whether a text begins as a time series of CWMS."""
    start = head.lstrip("\ufeff \t\n")
    return start.startswith("{") and '"office-id"' in head and bool(
        re.search(r'"(?:value-columns|values|date-version-type|units)"\s*:', head)
    )  # fmt: skip


def read(text: str, findings: Findings) -> tuple[str, list[Series]]:
    """The format's name and the one series. Raises Refused for another JSON."""
    answer = mapping(load(text))
    if not isinstance(answer.get("values"), list) or not scalar(answer.get("name")):
        raise Refused("The JSON has no name with a list of values, as a time series of CWMS has.")
    rows = [row if isinstance(row, list) else [] for row in answer["values"]]
    times, values, flags = ([_cell(row, at) for row in rows] for at in _places(answer))
    at = _instants(times)
    about = _about(answer)
    made = lists.from_instants(about, at, [scalar(time) for time in times], _texts(values), _texts(flags), findings)
    if told := _more(answer, at):
        findings.warn("more_pages", detail=told)
    lists.say_places(findings)
    return FORMAT, [made]


def _texts(cells: list[Any]) -> list[str]:
    return [scalar(cell) for cell in cells]


def _places(answer: dict[str, Any]) -> list[int]:
    """Where times, values and codes stand in a row; as the file's ``value-columns`` say, else in this order."""
    columns = [scalar(mapping(column).get("name")) for column in listing(answer.get("value-columns"))]
    if not columns:
        return [0, 1, 2]
    for wanted in _COLUMNS[:2]:
        if wanted not in columns:
            raise Refused(f"The value-columns name no {wanted}: {shown(', '.join(columns), 80)}.")
    return [columns.index(wanted) if wanted in columns else len(columns) for wanted in _COLUMNS]


def _cell(row: list[Any], at: int) -> Any:
    return row[at] if at < len(row) else None


def _instants(times: list[Any]) -> np.ndarray:
    """Milliseconds since 1970 UTC as datetime64[us]; NaT for what is none."""
    made = np.full(len(times), np.datetime64("NaT", "us"))
    good = [at for at, time in enumerate(times) if type(time) is int and abs(time) < _LATEST_MS]
    made[good] = np.array([times[at] for at in good], dtype="datetime64[ms]")
    return made


def _about(answer: dict[str, Any]) -> About:
    name, office = scalar(answer["name"]), scalar(answer.get("office-id"))
    parts = [*name.split("."), "", "", ""]
    version = scalar(answer.get("version-date"))
    unit = build.unit_of(scalar(answer.get("units")))
    return About(
        id=":".join(filter(None, (office, name))) + (f"@{version}" if version else ""),
        name=f"{parts[0]}: {parts[1]}" + (f", version of {version}" if version else ""),
        parameter=parts[1],
        unit=unit,
        timezone="UTC",
        datum="gauge datum" if parts[1].split("-")[0] == "Stage" else "",
        source=f"US Army Corps of Engineers, CWMS{f', {office}' if office else ''}",
        statistic=_TYPES.get(parts[2], "other"),
    )


def _more(answer: dict[str, Any], at: np.ndarray) -> str:
    """Words for what tells of values on other pages, "" for nothing.

    A file of joined pages keeps the cursor of its first: what that points to is then among the values. The file's
    ``total`` is a hint only; on a page it may be wrong.
    """
    cursor, total = scalar(answer.get("next-page")), answer.get("total")
    if cursor:
        start = _cursor_ms(cursor)
        if start is None or not len(at) or not (at == np.datetime64(start, "ms").astype("datetime64[us]")).any():
            return "It names a next-page."
    if type(total) is int and total > len(at):
        return f"It says a total of {total:,} values and holds {len(at):,}."
    return ""


def _cursor_ms(cursor: str) -> int | None:
    """The first instant of the page that a cursor points to: base64 of "milliseconds||…"."""
    try:
        start = base64.b64decode(cursor, validate=True).decode("ascii").split("||")[0]
        return int(start) if len(start) < 16 else None
    except ValueError:
        return None
