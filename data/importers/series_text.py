"""What the readers of series share: a file's text, its lines as columns, and the report on the way."""

import gzip
import io
import warnings
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pandas as pd

from data.frames import RefusedRow
from data.importers.hydrograph_text import Notes, Refused, Sheet, decode, shown
from data.series import SeriesWarning

MOST_BYTES = 500_000_000  #: Of an unpacked file; 112 years of 15 minutes have a fifth of that.
_GZIP = b"\x1f\x8b"
_MARK = "\x01"  #: Keeps labels text: of a column of digits alone, read_csv makes categories that are numbers.

MESSAGES = {
    "encoding": "The text is not plain UTF-8; letters may be wrong, digits are not.",
    "no_timezone": "The file names no time zone: times are given as they stand, as if they were UTC.",
    "dates": "Days, not instants: the file says no hour and no offset; a day stands at its 00:00, as if it were UTC.",
    "no_date": "Times are hours since a start whose date the file does not give.",
    "pacific": "The file does not say whether times are Pacific standard or daylight time. They are read as standard "
    "time (UTC-08:00); in the months of daylight saving the instants may be an hour later than the true ones.",
    "no_unit": "The header names no unit.",
    "assumed_cfs": "The header names no unit; flow is read as cfs.",
    "assumed_ft": "The header names no unit; a level in a US vertical datum is read as feet.",
    "other_times": "A second column of times disagrees with the one that was read.",
    "group_names": "The name of a group changes while its times go on: it is read as one series.",
    "no_parameter": "The file names neither what was measured nor its unit.",
    "disorder": "Rows were not in the order of time; they are put in it.",
    "newest_first": "The file gives the newest row first; the points are put in the order of time.",
    "repeated": "A row repeats an earlier one; it is taken once.",
    "negative": "Negative flow, as with tide or backwater; it is kept.",
    "gap": "Rows are missing; nothing is filled in.",
    "irregular": "The steps are too uneven for gaps to be told.",
    "volume_part": "The volume leaves out what lies in gaps or beside missing values.",
    "missing_marker": "A mark for missing stands in place of a value; it is read as missing.",
    "censored": "A value given as below or above a limit: the limit is taken, the sign stays as its flag.",
    "trailing": "Empty cells after the last column; they are left out.",
    "more_pages": "The file says that there are more pages: this is a part of the series.",
    "empty": "The file holds no values.",
    "two_digit_years": "Years of two digits are read as the latest that is not in the future.",
    "month_first": "Every date could be month first or day first; they are read month first.",
    "hour_24": "24:00 is read as the midnight at the end of its day.",
    "thousands": "A comma inside a number parts thousands.",
    "other_column": "A column of words; it is no series and is left out.",
    "places": "The file has no lines of values: a line here is a place in the list of one series, from 1.",
    "other_answer": "An answer that holds no series of values; it is left out.",
    "kept": "A note of the reader of hydrographs.",
}


class Findings:
    """Rows left out and warnings, collected while a file is read."""

    def __init__(self) -> None:
        self._rejected: list[RefusedRow] = []
        self._warnings: dict[tuple[str, str], tuple[int | None, int]] = {}

    def reject(self, line: int, reason: str, value: str = "") -> None:
        """Leave a line out."""
        self._rejected.append(RefusedRow(int(line), reason, shown(value)))

    def warn(self, code: str, line: int | None = None, *, count: int = 1, detail: str = "") -> None:
        """One more of ``code``; the first line of each stays. ``detail`` tells kinds of one code apart."""
        first, before = self._warnings.get((code, detail), (line, 0))
        self._warnings[code, detail] = (first, before + int(count))

    @property
    def rejected(self) -> tuple[RefusedRow, ...]:
        """By line."""
        return tuple(sorted(self._rejected, key=lambda row: row.line))

    @property
    def warnings(self) -> tuple[SeriesWarning, ...]:
        """In the order in which they were met."""
        return tuple(
            SeriesWarning(int(line) if line else None, code, " ".join(filter(None, (MESSAGES[code], detail))), count)
            for (code, detail), (line, count) in self._warnings.items()
        )


def content(path: Path) -> bytes:
    """A file's bytes, unpacked where it is gzip. Raises Refused for what is too large or damaged, and OSError."""
    with path.open("rb") as raw:
        return _unpacked(raw)


def unpacked(found: bytes) -> bytes:
    """The bytes of an upload, unpacked where they are gzip. Raises Refused for what is too large or damaged."""
    return _unpacked(io.BytesIO(found)) if found[:2] == _GZIP or len(found) > MOST_BYTES else found


def _unpacked(raw: BinaryIO) -> bytes:
    packed = raw.read(2) == _GZIP
    raw.seek(0)
    try:
        found = (gzip.GzipFile(fileobj=raw) if packed else raw).read(MOST_BYTES + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
        raise Refused(f"The file is a damaged or incomplete gzip: {fault}. Download it again.") from None
    if len(found) > MOST_BYTES:
        raise Refused(f"The file has more than {MOST_BYTES:,} bytes: give a part of the series, such as one station.")
    return found


def text_of(found: bytes, findings: Findings) -> str:
    """The text with ``\\n`` line ends. Raises Refused for what is no text."""
    plain = found.isascii() and b"\r" not in found and b"\0" not in found
    if plain and found[:4].decode().isprintable() and not found.startswith(b"%PDF"):
        return found.decode("ascii")  # ten times as fast as what follows, and the same
    notes = Notes()
    text, _ = decode(found, notes)
    for note in notes.first:
        if note.value != "byte order mark":
            findings.warn("encoding", note.line)
    return text


class Block(NamedTuple):
    """Lines of one form: ``lines`` (int64) of each row, and its cells as text, columns 0, 1, …"""

    lines: np.ndarray
    cells: pd.DataFrame

    def rows(self, which: np.ndarray) -> "Block":
        """Those rows: positions in their order, or whether each is wanted."""
        if which.dtype == bool:
            return self if which.all() else self.rows(np.flatnonzero(which))
        if len(which) == len(self.lines) and (np.diff(which) == 1).all():
            return self
        return Block(self.lines[which], self.cells.iloc[which])


def block(
    text: str, first: int, separator: str, width: int, findings: Findings, times: tuple[int, ...] = (),
    numbers: tuple[int, ...] = (),
) -> Block:  # fmt: skip
    """``text``, whose first line is number ``first``, as ``width`` columns; lines of another width are refused.

    Columns are categories, but ``times`` are text, and ``numbers`` are numbers where all of them are plain, else text.
    """
    text = text.rstrip("\n")
    if _MARK in text:
        line = text.count("\n", 0, text.index(_MARK)) + first
        raise Refused(f"The file is no plain text: line {line} holds a control character (U+0001).")
    if separator == "\t" or '"' not in text:
        return _plain(text, first, separator, width, findings, times, numbers)
    found = list(_records(text, first, separator, width, findings))
    made = pd.DataFrame([cells for _, cells in found], columns=range(width), dtype="str")
    kinds = {name: "category" for name in made.columns if name not in times and name not in numbers}
    return Block(np.array([line for line, _ in found], dtype="int64"), made.astype(kinds))


def _plain(
    text: str, first: int, separator: str, width: int, findings: Findings, times: tuple[int, ...],
    numbers: tuple[int, ...],
) -> Block:  # fmt: skip
    """Lines in which no quote means anything."""
    body = text.encode()
    count = _count(body, "\n") + 1 if body else 0
    lines = np.arange(first, first + count)
    if _count(body, separator) == (width - 1) * count:
        with suppress(pd.errors.ParserError):  # for a longer line; a shorter one there is then too
            return Block(lines, _frame(body, separator, width, times, numbers))
    odd = _separators(body, separator) != width - 1
    kept, rows = [], text.split("\n")
    for at in np.flatnonzero(odd).tolist():
        rows[at] = mended = _mended(rows[at], separator, width, first + at, findings)
        if mended:
            kept.append(at)
    odd[kept] = False
    body = "\n".join(row for row, left_out in zip(rows, odd, strict=True) if not left_out).encode()
    lines = lines[~odd]
    return Block(lines, _frame(body if len(lines) else b"", separator, width, times, numbers))


def _count(body: bytes, mark: str) -> int:
    return int(np.count_nonzero(np.frombuffer(body, dtype="uint8") == ord(mark)))


def _separators(body: bytes, separator: str) -> np.ndarray:
    """How many separators each line has."""
    characters = np.frombuffer(body, dtype="uint8")
    marks = np.flatnonzero(characters == ord(separator))
    ends = np.append(np.flatnonzero(characters == 10), len(characters))
    return np.diff(np.searchsorted(marks, ends), prepend=0)


def _mended(row: str, separator: str, width: int, line: int, findings: Findings) -> str:
    """The row without empty cells after its last column; "" where it is blank or has another number of cells."""
    cells = row.split(separator)
    if not row.strip():
        return ""
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        findings.warn("trailing", line)
        return separator.join(cells[:width])
    findings.reject(line, f"{len(cells)} cells, where the header has {width}.", row.replace("\t", " "))
    return ""


def _frame(
    body: bytes, separator: str, width: int, times: tuple[int, ...], numbers: tuple[int, ...]
) -> pd.DataFrame:  # fmt: skip
    if not body:
        kinds = {at: "str" if at in times or at in numbers else "category" for at in range(width)}
        return pd.DataFrame({at: pd.Series(dtype=kind) for at, kind in kinds.items()})
    kinds = {at: "object" if at in times else "category" for at in range(width) if at not in numbers}
    marks = separator.join("0" if at in numbers else _MARK for at in range(width)) + "\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)  # of numbers in one part and words in another
        made = pd.read_csv(
            io.BytesIO(marks.encode() + body), sep=separator, header=None, names=range(width), index_col=False,
            dtype=kinds, na_filter=False, quoting=3, skip_blank_lines=False, lineterminator="\n",
        )  # fmt: skip
    index, columns = pd.RangeIndex(len(made) - 1), {}
    for at in range(width):
        cells = made[at].iloc[1:]
        cells.index = index
        if at in numbers:
            cells = cells if cells.dtype.kind in "iuf" else cells.astype("str")
        columns[at] = cells if at in numbers or at in times else _without_mark(cells)
    return pd.DataFrame(columns, copy=False)


def _without_mark(cells: pd.Series) -> pd.Series:
    """Categories less the mark; ten times as fast as ``remove_categories``."""
    labels, codes = cells.cat.categories, cells.cat.codes.to_numpy()
    mark = labels.get_loc(_MARK)
    made = pd.Categorical.from_codes(codes - (codes > mark), labels.delete(mark), validate=False)
    return pd.Series(made, index=cells.index)


def _records(text: str, first: int, separator: str, width: int, findings: Findings) -> Iterator[tuple[int, list[str]]]:
    for start, last, cells in Sheet(text, separator).records():
        line = start + first - 1
        if cells is None:
            findings.reject(line, "Quotes stand inside a value.")
        elif last > start:
            raise Refused(
                f"The quote opened on line {line} is closed only on line {last + first - 1}. Correct the quotes."
            )
        elif len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            findings.warn("trailing", line)
            yield line, cells[:width]
        elif len(cells) == width:
            yield line, cells
        elif any(cell.strip() for cell in cells):
            findings.reject(line, f"{len(cells)} cells, where the header has {width}.", separator.join(cells))
