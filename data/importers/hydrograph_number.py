"""One cell of a hydrograph file as a number, a missing value, or the reason why it is neither."""

import math
import re
from dataclasses import dataclass

from data.importers.hydrograph_text import Sheet

MAX_HOURS = 2_000_000  #: 228 years; above it a date or a time stamp written as a number is likelier.
MAX_CFS = 1e9  #: The Amazon in flood carries about 1e7 cfs.

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_COMMA_IN_QUOTES = re.compile(r'"\s*([+-]?\d[\d.]*(?:,\d+)+(?:\.\d*)?)\s*"', re.ASCII)
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?!\d)|[A-Za-z]{3,9}\.? \d|\d{1,2}[- ]?[A-Za-z]{3,9}[- ]?\d", re.ASCII
)
_CLOCK = re.compile(r"\d{1,3}:\d{2}", re.ASCII)
_MISSING = {"", "nan", "na", "n/a", "#n/a", "null", "none", "missing", "m", "mm", "-", "--", "---", "—", "–", "."}
#: -901 and -902 are HEC-DSS's marks for missing, -999999 USGS's; HEC-DSS 7 has the lowest float32.
_SENTINELS = {-901.0, -902.0, *(-(10.0**n - 1) for n in range(3, 9))}
_LOWEST_FLOAT32 = -3.4e38

Note = tuple[str, str, str, str]  #: field, value, reason, done


class NotTaken(Exception):
    """A line that is refused: field, value and reason for its note."""

    def __init__(self, field: str, value: str, reason: str):
        super().__init__(reason)
        self.field, self.value, self.reason = field, value, reason


@dataclass(frozen=True)
class DecimalCommas:
    """How commas inside the numbers of a file can be read."""

    thousands: bool

    @classmethod
    def of(cls, sheet: Sheet) -> "DecimalCommas":
        """Thousands when commas part the columns and no number in quotes has a comma of another kind."""
        if sheet.separator != ",":
            return cls(False)
        return cls(all(_THOUSANDS.fullmatch(found) for found in _COMMA_IN_QUOTES.findall(sheet.text)))


def read_time(text: str, commas: DecimalCommas, notes: list[Note]) -> float:
    """Hours; adds to ``notes``. Raises NotTaken."""
    if text.casefold() in _MISSING:
        raise NotTaken("time", text, "There is no time.")
    if _DATE.match(text):
        raise NotTaken("time", text, "A date, where hours since the start of the hydrograph are expected.")
    if _CLOCK.match(text):
        raise NotTaken("time", text, "A clock time, where hours since the start of the hydrograph are expected: 1.5.")
    hours = _number("time", text, commas, notes)
    if (hours in _SENTINELS and hours <= -9999) or hours <= _LOWEST_FLOAT32:
        raise NotTaken("time", text, "There is no time: this number marks a missing value.")
    if abs(hours) > MAX_HOURS:
        raise NotTaken("time", text, f"More than {MAX_HOURS:,} hours (228 years): a date or time stamp, not hours.")
    if hours < 0:
        notes.append(("time", text, "A time before the zero hour.", "kept"))
    return hours


def read_flow(text: str, commas: DecimalCommas, notes: list[Note]) -> float:
    """Flow in cfs, NaN for missing; adds to ``notes``. Raises NotTaken."""
    if text.casefold() in _MISSING:
        reason = "No flow is given." if not text else "This stands for a missing value."
        notes.append(("flow", text, reason, "read as missing"))
        return math.nan
    cfs = _number("flow", text, commas, notes)
    if cfs in _SENTINELS or cfs <= _LOWEST_FLOAT32:
        reason = "This number marks a missing value in files of HEC-DSS, USGS and others."
        notes.append(("flow", text, reason, "read as missing"))
        return math.nan
    if abs(cfs) > MAX_CFS:
        raise NotTaken("flow", text, "More than 1,000,000,000 cfs: no river carries that.")
    if cfs < 0:
        notes.append(("flow", text, "A negative flow, as with tide or backwater.", "kept"))
    return cfs


def _number(field: str, text: str, commas: DecimalCommas, notes: list[Note]) -> float:
    if "," in text:
        number = _with_commas(field, text, commas, notes)
    elif NUMBER.fullmatch(text):
        number = float(text)
    elif re.fullmatch(r"[+-]?inf(inity)?", text, re.IGNORECASE):
        raise NotTaken(field, text, "Infinite, which no measurement is.")
    else:
        raise NotTaken(field, text, "Not a number.")
    if math.isinf(number):
        raise NotTaken(field, text, "Larger than any number that can be kept.")
    return number


def _with_commas(field: str, text: str, commas: DecimalCommas, notes: list[Note]) -> float:
    sure = text.count(",") > 1 or "." in text
    if _THOUSANDS.fullmatch(text) and (sure or commas.thousands):
        number = float(text.replace(",", ""))
        notes.append((field, text, f"The comma parts thousands: read as {number:.15g}.", "kept"))
        return number
    if re.fullmatch(r"[+-]?\d[\d.]*,\d+", text, re.ASCII):
        raise NotTaken(field, text, "The comma may be a decimal comma: write numbers with a decimal point, 12.5.")
    raise NotTaken(field, text, "Not a number.")
