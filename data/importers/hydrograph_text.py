"""The text of a hydrograph file: bytes to lines, lines to cells, and the notes made on the way."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NoReturn

from data.frames import LineNote

NOTES_KEPT = 200
VALUE_LENGTH = 80  #: Characters of a value that a note shows.

_BOMS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32 little-endian"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32 big-endian"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 little-endian"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 big-endian"),
)
_NOT_TEXT = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook: unpack it, or save the sheet as CSV"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "compressed (gzip): unpack it"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV"),
    (b"%PDF", "a PDF: save the table as CSV"),
)
_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\r\f\x1a")


class Refused(Exception):
    """The file as a whole cannot be used; its text is the sentence for the reader."""


def shown(text: str, length: int = VALUE_LENGTH) -> str:
    """``text`` with invisible characters written out, cut to ``length`` characters."""
    head = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: length + 1])
    return head if len(head) <= length else head[: length - 1] + "…"


@dataclass
class Notes:
    """The first 200 notes by line, and a count of all by what was done."""

    counts: dict[str, int] = field(default_factory=dict)
    _kept: list[LineNote] = field(default_factory=list)

    def add(self, line: int | None, field_name: str, value: str, reason: str, done: str) -> None:
        """One more note; ``value`` is shown cut to 80 characters."""
        self.counts[done] = self.counts.get(done, 0) + 1
        if len(self._kept) >= NOTES_KEPT and _place(self._kept[-1]) <= (line or 0):
            return
        self._kept.append(LineNote(line, field_name, shown(value), reason, done))
        if len(self._kept) >= NOTES_KEPT:
            self._kept = list(self.first)

    @property
    def first(self) -> tuple[LineNote, ...]:
        """At most 200, by line; notes of one line in the order they were made."""
        return tuple(sorted(self._kept, key=_place)[:NOTES_KEPT])


def _place(note: LineNote) -> int:
    return note.line or 0


def decode(content: bytes, notes: Notes) -> tuple[str, str]:
    """The text with ``\\n`` line ends, and words for its encoding. Raises Refused for what is not text."""
    for start, what in _NOT_TEXT:
        if content.startswith(start):
            raise Refused(f"The file is no text but {what}.")
    for bom, codec, name in _BOMS:
        if content.startswith(bom):
            reason = "A byte order mark stood before the first line; it is left out and the line is read whole."
            notes.add(1, "encoding", "byte order mark", reason, "kept")
            text, encoding = _decoded(content[len(bom) :], codec, name), f"{name}, byte order mark removed"
            break
    else:
        text, encoding = _without_bom(content, notes)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Refused(
            f"The file is no text: line {line} holds a NUL byte, as binary files do, and UTF-16 text without a "
            "byte order mark. Save it as CSV in UTF-8."
        )
    return text, encoding


def _decoded(content: bytes, codec: str, name: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as fault:
        raise Refused(
            f"The file says by its byte order mark that it is {name}, but byte {fault.start + 1} after the mark is not."
        ) from None


def _without_bom(content: bytes, notes: Notes) -> tuple[str, str]:
    try:
        return content.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as fault:
        if len(content.translate(None, _CONTROL)) < len(content):
            raise Refused("The file is no text: it holds control bytes, as binary files do. Save it as CSV.") from None
        line = content.count(b"\n", 0, fault.start) + 1
        reason = "The file is not UTF-8; it is read as Windows-1252. Digits are the same in both."
        notes.add(line, "encoding", f"byte 0x{content[fault.start]:02x}", reason, "kept")
        return content.decode("cp1252", errors="replace"), "Windows-1252 (not UTF-8)"


@dataclass(frozen=True)
class Sheet:
    """A decoded file whose columns are parted by ``separator``."""

    text: str
    separator: str

    @classmethod
    def of(cls, text: str) -> "Sheet":
        """With the separator that parts most of the first 100 lines in two: tab, semicolon, else comma."""
        head = [line for line in text[:100_000].split("\n")[:100] if line.strip()]
        twos = {mark: sum(_cells(line, mark) == 2 for line in head) for mark in ("\t", ";", ",")}
        best = max(twos, key=lambda mark: twos[mark])
        return cls(text, best if twos[best] else max((",", ";", "\t"), key=text[:100_000].count))

    @property
    def separator_name(self) -> str:
        """For the report."""
        return {",": "comma", ";": "semicolon", "\t": "tab"}[self.separator]

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def cell(self, line: int, column: int) -> str:
        """A cell of a record that was read, as it stands in the file."""
        return next(_reader([self._lines[line - 1]], self.separator))[column]

    def records(self) -> Iterator[tuple[int, int, list[str] | None]]:
        """First line, last line and cells of each record; cells are None where quotes stand wrong.

        Raises Refused for a quote that is never closed.
        """
        rows = _reader(io.StringIO(self.text, newline="\n"), self.separator)
        while True:
            first = rows.line_num + 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as fault:
                if "unexpected end" in str(fault) or rows.line_num > first:
                    _never_closed(first)
                yield first, first, None
            else:
                yield first, rows.line_num, cells


def _reader(lines, separator: str):
    return csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=separator != "\t")


def _cells(line: str, separator: str) -> int:
    try:
        return len(next(_reader([line], separator)))
    except csv.Error:
        return 0


def _never_closed(line: int) -> NoReturn:
    raise Refused(
        f"The quote opened on line {line} is never closed, so that all that follows would be one value. "
        "Close it or take it out."
    )
