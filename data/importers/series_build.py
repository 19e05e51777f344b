"""From columns of text to a series: values with their flags, times in order and once."""

import re

import numpy as np
import pandas as pd

from data.importers.hydrograph_text import shown
from data.importers.series_text import Findings
from data.series import About, Series

#: Marks that say no more than that a value is missing; others, such as Ice, stay as its flag.
BLANK_MARKS = {"", "-", "--", "---", "nan", "na", "n/a", "#n/a", "null", "none", "missing", "m", "mm"}
#: NWIS: ice, equipment, backwater, dry, discontinued, seasonal, maintenance, rating being developed, and others.
_WORDS = {"ice", "eqp", "bkw", "dry", "dis", "ssn", "mnt", "rat", "fld", "zfl", "pr", "tst", "prv", "un", "***", "****"}
#: -901 and -902 are HEC-DSS's marks for missing, -999999 USGS's, -9998 and -9997 CDEC's.
SENTINELS = {-901.0, -902.0, -9998.0, -9997.0, *(-(10.0**n - 1) for n in range(3, 9))}
_MARKS = np.array(sorted(SENTINELS))
_LOWEST_FLOAT32 = -3.4e38  #: HEC-DSS 7 marks missing by the lowest float32.
_CENSORED = re.compile(r"([<>])\s*(\S+)")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", re.ASCII)

_UNITS = {
    "cfs": ("cfs", "ft3/s", "ft^3/s", "ft³/s", "cubic feet per second", "cubic feet/second", "ft3/sec", "[ft_i]3/s"),
    "m3/s": ("cms", "m3/s", "m^3/s", "m³/s", "cubic meters per second", "cumecs"),
    "ft": ("ft", "feet", "foot"),
    "m": ("m", "meters", "metres"),
    "degC": ("degc", "deg c", "celsius", "degrees celsius", "°c", "deg_c"),
    "acre-ft": ("acre-ft", "ac-ft", "acft", "af", "acre-feet", "acre feet"),
}
_KNOWN_UNITS = {word: unit for unit, words in _UNITS.items() for word in words}


def unit_of(words: str) -> str:
    """Our name of a unit where it is one that ``units`` knows, else as it stands."""
    return _KNOWN_UNITS.get(" ".join(words.lower().split()), words.strip())


def known_unit(words: str) -> str:
    """Our name of a unit that ``units`` knows, "" for other words."""
    return _KNOWN_UNITS.get(" ".join(words.lower().split()), "")


def datum_of(words: str) -> str:
    """The vertical datum that a name or a description states, "" for none."""
    if found := re.search(r"(NGVD|NAVD)\s*(?:of\s*)?(?:19)?_?(29|88)", words, re.IGNORECASE):
        return found[1].upper() + found[2]
    return "gauge datum" if re.match(r"gage height", words, re.IGNORECASE) else ""


def read_values(texts: pd.Series, flags: pd.Series | None, lines: np.ndarray, findings: Findings) -> tuple:
    """Values (float64, NaN missing), flags (Categorical), and which rows hold a value or a mark for none.

    ``texts`` are text, categories, or numbers where all are plain; ``flags`` are categories. A mark in place of a
    value that says why, such as Ice, joins the flag.
    """
    numbers, good = _numbers(texts), np.ones(len(texts), dtype=bool)
    marked: list[tuple[np.ndarray, str]] = []
    odd = np.flatnonzero(~np.isfinite(numbers) | (numbers <= _LOWEST_FLOAT32) | np.isin(numbers, _MARKS))
    codes, labels = pd.factorize(texts.iloc[odd].astype("str").str.strip())
    for code, label in enumerate(labels):
        at = odd[codes == code]
        numbers[at], word, kind = _special(label)
        good[at] = kind is not None
        if word:
            marked.append((at, word))
        if kind:
            detail = f"It is {shown(label, 20)!r}." if kind == "missing_marker" else ""
            findings.warn(kind, lines[at[0]], count=len(at), detail=detail)
    return numbers, _flags(flags, len(texts), marked), good


def _numbers(texts: pd.Series) -> np.ndarray:
    if isinstance(texts.dtype, pd.CategoricalDtype):
        return _numbers(pd.Series(texts.cat.categories, dtype="object"))[texts.cat.codes.to_numpy()]
    return pd.to_numeric(texts, errors="coerce").to_numpy(dtype="float64", copy=True)


def _special(text: str) -> tuple[float, str, str | None]:
    """Value, word that joins the flag, and code of the warning; None as the code where it is none of these."""
    plain = text.casefold()
    if plain in BLANK_MARKS:
        return np.nan, "", "missing_marker" if text else ""
    if plain in _WORDS:
        return np.nan, text, "missing_marker"
    if found := _CENSORED.fullmatch(text):
        number = pd.to_numeric(found[2], errors="coerce")
        return (float(number), found[1], "censored") if np.isfinite(number) else (np.nan, "", None)
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", "")), "", "thousands"
    number = pd.to_numeric(text, errors="coerce")
    if np.isfinite(number) and (number in SENTINELS or number <= _LOWEST_FLOAT32):
        return np.nan, "", "missing_marker"
    return np.nan, "", None


def _flags(flags: pd.Series | None, rows: int, marked: list[tuple[np.ndarray, str]]) -> pd.Categorical:
    """The flags, with the words that stood in place of values behind them."""
    if flags is None:
        made = pd.Categorical.from_codes(np.zeros(rows, dtype="int8"), [""])
    else:
        labels = [str(label).strip() for label in flags.cat.categories]
        unique = list(dict.fromkeys(labels))
        place = np.array([unique.index(label) for label in labels], dtype="int64")
        at = flags.cat.codes.to_numpy()
        made = pd.Categorical.from_codes(place[at] if labels != unique else at, unique)
    if not marked:
        return made
    text = np.asarray(made, dtype="object")
    for at, word in marked:
        text[at] = [
            f"{flag} {word}".strip() if word.casefold() not in str(flag).casefold() else flag for flag in text[at]
        ]
    return pd.Categorical(text)


def reject_where(bad: np.ndarray, lines: np.ndarray, texts, reason: str, findings: Findings) -> None:
    """Leave out the rows that are ``bad``, each with its text."""
    for at in np.flatnonzero(bad).tolist():
        findings.reject(lines[at], reason, str(texts.iloc[at]))


def make(
    about: About, lines: np.ndarray, times: np.ndarray, values: np.ndarray, flags: pd.Categorical,
    findings: Findings, *, rows: int,
) -> Series:  # fmt: skip
    """A series of points whose times are known (datetime64[us], or timedelta64[us] for hours since a start).

    Rows that repeat another are taken once; where rows give one instant different values or flags, none is taken.
    """
    steps = np.diff(times.view("int64"))
    if (back := np.flatnonzero(steps < 0)).size:
        code = "newest_first" if len(back) == len(steps) and len(steps) > 1 else "disorder"
        findings.warn(code, lines[back[0] + 1], count=len(back), detail=about.id)
        order = np.argsort(times, kind="stable")
        lines, times, values, flags = lines[order], times[order], values[order], flags[order]
        steps = np.diff(times.view("int64"))
    duplicates = int((steps == 0).sum())
    if duplicates:
        kept = _once(about, lines, times, values, flags, findings)
        lines, times, values, flags = lines[kept], times[kept], values[kept], flags[kept]
    index = pd.Index(times, name="time")
    if isinstance(index, pd.DatetimeIndex):
        index = index.tz_localize("UTC")
    points = pd.DataFrame({"value": values, "flag": flags}, index=index)
    series = Series(about, points, rows, duplicates)
    _say(series, lines, findings)
    return series


def _once(about: About, lines, times, values, flags: pd.Categorical, findings: Findings) -> np.ndarray:
    kept = np.ones(len(times), dtype=bool)
    marks = flags.codes
    starts = np.flatnonzero(np.append(True, np.diff(times.view("int64")) > 0))
    ends = np.append(starts[1:], len(times))
    for start, end in zip(starts[ends - starts > 1].tolist(), ends[ends - starts > 1].tolist(), strict=True):
        same = values[start:end]
        alike = (np.isnan(same).all() or (same == same[0]).all()) and (marks[start:end] == marks[start]).all()
        kept[start + bool(alike) : end] = False
        if alike:
            findings.warn("repeated", lines[start + 1], count=end - start - 1, detail=about.id)
            continue
        named = ", ".join(map(str, sorted(lines[start:end].tolist())[:5])) + (", …" if end - start > 5 else "")
        for at in range(start, end):
            reason = f"Lines {named} give this instant different values or flags; none of them is taken ({about.id})."
            findings.reject(lines[at], reason, f"{str(times[at])[:19]} {values[at]:g} {flags[at]}")
    return kept


def _say(series: Series, lines: np.ndarray, findings: Findings) -> None:
    """The warnings that follow from the points."""
    about, values = series.about, series.values
    if not np.isfinite(values).any():
        findings.warn("empty", detail=about.id)
        return
    below = np.flatnonzero(values < 0)
    if len(below) and about.is_flow:
        findings.warn("negative", lines[below[0]], count=len(below), detail=about.id)
    if series.gaps:
        missing = sum(gap.missing_steps for gap in series.gaps)
        line = int(lines[series.gap_starts[0] + 1])
        findings.warn("gap", line, count=len(series.gaps), detail=f"{about.id}: {missing:,} steps.")
    elif len(values) > 2 and series.step_s != series.step_s and about.statistic != "peak":
        findings.warn("irregular", detail=about.id)
    if series.volume and series.volume[1]:
        findings.warn("volume_part", detail=f"{about.id}: {series.volume[1]:g} h.")
