"""What the columns of a CSV of a series are: times, values, flags, names, by their header and by what they hold."""

import csv
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from data.importers import series_build as build
from data.importers.hydrograph_header import read_header
from data.importers.hydrograph_text import Refused

_SAMPLE = 60  #: Rows from which the look of a column is told.
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?!\d)|\d{1,2}[- ]?[A-Za-z]{3,9}\.?[-, ]*\d{2,4}\b|"
    r"[A-Za-z]{3,9}\.? \d{1,2},? \d{4}\b|"
    r"(?:1[5-9]|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?: ?\d{4})?$",
    re.ASCII,
)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp][Mm])?", re.ASCII)
_PLAIN_CLOCK = re.compile(r"(?:[01]?\d|2[0-4])?[0-5]\d", re.ASCII)
_NUMBER = re.compile(r"[<>]?\s*[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_ORDINAL = re.compile(r"|ord|ordinate|time ?step|index|row|no\.?|nr|#|unnamed: 0|objectid|fid", re.IGNORECASE)
_HOURS = re.compile(r"(?:elapsed |relative )?(?:time|t)?\W*(?:hours?|hrs?|h)\W*", re.IGNORECASE)
_FLAG = re.compile(r"flags?|qualif\w*|quality|qc|codes?|cd|remarks?|approv\w*|grade|status|estimated", re.IGNORECASE)
_ZONE = re.compile(r"tz(?: ?cd)?|time ?zone", re.IGNORECASE)
_KINDS = {
    "station": re.compile(
        r"station(?: ?(?:id|no|name))?|site(?: ?(?:id|no|name))?|location|monitoring location id|gage"
    ),
    "parameter": re.compile(r"parameter(?: ?(?:cd|code|name))?|sensor(?: ?type)?|variable|characteristic"),
    "statistic": re.compile(r"statistic(?: ?id)?"),
    "unit": re.compile(r"units?|unit of measure"),
}
_FLOW = re.compile(r"(?:mean |daily |net |total )*(?:in|out|stream|over|spill|regulated )?(?:flow|discharge)s?", re.I)
_DATUM = re.compile(r"(?:NGVD|NAVD)[ _]?(?:19)?(?:29|88)", re.IGNORECASE)
_BRACKETS = re.compile(r"[\[(]([^\])]*)[\])]\s*$")


@dataclass(frozen=True)
class Layout:
    """A table's parts: what comments say, names ([] where there is no header), and rows from line ``first`` on."""

    said_above: dict[str, str]
    separator: str
    names: list[str]
    width: int
    first: int
    rows: str
    sample: list[list[str]] = field(repr=False)

    def said(self, name: str) -> str:
        """What a comment line "# name: words" says."""
        return self.said_above.get(name, "")

    def name(self, column: int) -> str:
        """A column's name, "" for none."""
        return self.names[column] if self.names else ""

    @cached_property
    def words(self) -> list[str]:
        """Names in small letters, with spaces for underscores; "" each where there is no header."""
        return [" ".join(self.name(at).replace("_", " ").lower().split()) for at in range(self.width)]

    def cells(self, column: int) -> list[str]:
        """Those of the sample that hold something."""
        found = (row[column].strip() for row in self.sample)
        return [cell for cell in found if cell.casefold() not in build.BLANK_MARKS]

    def share(self, column: int, pattern: re.Pattern, *, whole: bool = True) -> float:
        """Which part of a column's cells looks so; 0 where all are empty."""
        cells = self.cells(column)
        test = pattern.fullmatch if whole else pattern.match
        return sum(bool(test(cell)) for cell in cells) / len(cells) if cells else 0.0

    def described(self, column: int) -> tuple[str, str, str]:
        """Parameter, unit and datum that a column's name gives, such as "Stream Height (feet)" or "flow_cfs"."""
        name, unit = self.name(column), ""
        datum = build.datum_of(name)
        name = _DATUM.sub("", name).strip(" _")
        if found := _BRACKETS.search(name):
            return name[: found.start()].strip(" _"), build.unit_of(found[1]), datum
        parts = re.split(r"[_\s]+", name)
        for at in range(max(1, len(parts) - 4), len(parts)):
            if (unit := build.known_unit(" ".join(parts[at:]))) and at:
                return " ".join(parts[:at]).strip(" ,"), unit, datum
        return name, "", datum

    def is_flow(self, column: int) -> bool:
        """Whether a column is called flow, and no unit of it is named."""
        parameter, unit, _ = self.described(column)
        return not unit and bool(_FLOW.fullmatch(parameter.replace("_", " ").strip()))


class Columns(NamedTuple):
    """Which column is what; ``values`` are columns with those of their flags, ``names`` those that tell series apart.

    ``hours``: ``time`` holds hours and no dates. ``hydrograph``: the file is hours and flow in two columns.
    """

    time: int
    clock: int | None
    other_time: int | None
    zone: int | None
    values: list[tuple[int, tuple[int, ...]]]
    names: dict[int, str]
    hours: bool = False
    hydrograph: bool = False


def layout_of(text: str) -> Layout | None:
    """The parts of a table; None where no separator makes columns of it."""
    said, place, line = _above(text)
    lines = [row for row in text[place : place + 200_000].split("\n")[:400] if row.strip()]
    separator = max(",;\t", key=lambda mark: min((row.count(mark) for row in lines[:20]), default=0))
    if not lines or separator not in lines[0]:
        return None
    rows = [_cells(row, separator) for row in lines]
    header = not any(_is_value(cell) for cell in rows[0] if cell)
    width = len(rows[0]) if header else max(len(row) for row in rows[:20])
    names = [name.strip().strip("\ufeff") for name in rows[0]] if header else []
    while header and width > 2 and not names[width - 1]:
        width -= 1
    body = [row for row in rows[header:] if len(row) >= width]
    if width < 2 or not (header or body):
        return None
    sample = body[:: max(1, len(body) // _SAMPLE)]
    while text[place : place + 1] == "\n":
        place, line = place + 1, line + 1
    below = text[place:]
    if header:
        below, line = below.partition("\n")[2], line + 1
    return Layout(said, separator, names[:width], width, line, below, sample)


def _above(text: str) -> tuple[dict[str, str], int, int]:
    """What comment lines above the table say, and where (character, line) they end."""
    said, place, line = {}, 0, 1
    while text[place : place + 1] == "#" and (end := text.find("\n", place)) >= 0:
        name, colon, words = text[place + 1 : end].partition(":")
        if colon:
            said.setdefault(name.strip(), words.strip())
        place, line = end + 1, line + 1
    return said, place, line


def _cells(row: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([row], delimiter=separator, skipinitialspace=separator != "\t", strict=True))
    except csv.Error:
        return []


def _is_value(cell: str) -> bool:
    cell = cell.strip()
    return bool(_NUMBER.fullmatch(cell) or _DATE.match(cell) or _CLOCK.fullmatch(cell) or cell.lower() == "nan")


def columns_of(layout: Layout) -> Columns | None:
    """What each column is; None where no column holds times, or none holds values."""
    dates = [at for at in range(layout.width) if layout.share(at, _DATE, whole=False) > 0.5]
    if not dates:
        return _by_hours(layout)
    time = _first_time(layout, dates)
    clock = next((at for at in range(layout.width) if at != time and _is_clock(layout, at, time)), None)
    zone = next((at for at, words in enumerate(layout.words) if _ZONE.fullmatch(words)), None)
    taken = {*dates, clock, zone}
    values, names = _rest(layout, taken)
    if not values:
        return None
    other = next((at for at in dates if at != time), None) if layout.said("UTC offset") else None
    return Columns(time, clock, other, zone, values, names)


def _first_time(layout: Layout, dates: list[int]) -> int:
    """The first that has an offset, else the first that is called a time, else the first."""
    offset = re.compile(r".*\d(?:Z|[+-]\d{2}:?\d{2})")
    with_offset = [at for at in dates if layout.share(at, offset) > 0.5]
    called = [at for at in with_offset or dates if re.search(r"time|date", layout.words[at])]
    return (called or with_offset or dates)[0]


def _is_clock(layout: Layout, at: int, time: int) -> bool:
    if layout.share(time, re.compile(r".*(?::|\d \d{4}).*")) > 0.5:
        return False
    if layout.share(at, _CLOCK) > 0.5:
        return True
    return bool(re.fullmatch(r"time|hour|hhmm", layout.words[at])) and layout.share(at, _PLAIN_CLOCK) == 1.0


def _rest(layout: Layout, taken: set) -> tuple[list[tuple[int, tuple[int, ...]]], dict[int, str]]:
    """Columns of values with those of their flags, and columns of names with what kind of name each has."""
    values: dict[int, list[int]] = {}
    names: dict[int, str] = {}
    waiting: list[int] = []
    for at in range(layout.width):
        if at in taken or _is_ordinal(layout, at):
            continue
        words = layout.words[at]
        kind = next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(words)), "")
        if kind:
            names[at] = kind
        elif _is_flag(layout, at, bool(values)):
            (values[max(values)] if values else waiting).append(at)
        elif layout.share(at, _NUMBER) > 0.5 or not layout.cells(at):
            values[at] = []
        else:
            names[at] = ""
    plain = [at for at in values if layout.words[at] in ("value", "result value")]
    if plain and any(names.values()):
        values = {plain[0]: values[plain[0]]}
    if values:
        values[min(values)] += waiting
    return [(at, tuple(flags)) for at, flags in values.items()], names


def _is_ordinal(layout: Layout, at: int) -> bool:
    return bool(layout.names) and bool(_ORDINAL.fullmatch(layout.words[at]))


def _is_flag(layout: Layout, at: int, after_values: bool) -> bool:
    """By name; without a header whole numbers or words of few kinds, behind the values, are flags."""
    if layout.names:
        return bool(re.search(rf"\b(?:{_FLAG.pattern})\b", layout.words[at], re.IGNORECASE))
    cells = layout.cells(at)
    return after_values and len(set(cells)) <= 5 and all(re.fullmatch(r"\d{1,3}|[A-Za-z_:]+", cell) for cell in cells)


def _by_hours(layout: Layout) -> Columns | None:
    """Hours in the first column that is called so; of two columns without a header in the first."""
    numbers = [at for at in range(layout.width) if layout.share(at, _NUMBER) > 0.5]
    time = next((at for at in numbers if _HOURS.fullmatch(layout.words[at]) and layout.words[at]), None)
    if layout.width == 2 and 0 in numbers and time in (None, 0) and _is_hydrograph(layout, time is not None):
        return Columns(0, None, None, None, [(1, ())], {}, hours=True, hydrograph=True)
    if time is None:
        return None
    values, names = _rest(layout, {time})
    return Columns(time, None, None, None, values, names, hours=True) if values else None


def _is_hydrograph(layout: Layout, called_hours: bool) -> bool:
    if not layout.names:
        return True
    if re.search(r"elev|stage|pool|level|stor|height|depth", layout.words[0]):
        return False
    try:
        return read_header(layout.names) is not None
    except Refused:
        return not called_hours and bool(re.match(r"time|day|min|sec|t\b", layout.words[0]))
