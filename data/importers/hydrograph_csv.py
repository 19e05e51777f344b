"""Hydrograph files: two columns, time in hours and flow in cfs, read strictly and line by line.

Nothing is left out, changed or taken as missing without a note. What is decided here:

- A comma inside a number is a thousands comma only where its form allows no other reading, or where
  commas part the columns too and no number of the file has a decimal comma. Decimal commas are refused.
- Flow: blank, NaN, NA, "-" and their like, and the marks of HEC-DSS and USGS, are missing.
- Negative flow (tide, backwater) and negative time (before the zero hour) are kept.
- A repeated line is refused, and so are all lines of a time that has two flows.
- Times that go backwards refuse the file: two hydrographs pasted together look the same as disorder.
"""

import io
import re
from array import array

import numpy as np
import pandas as pd

from data.frames import HYDROGRAPH, FileReport, HydrographFile, empty
from data.hydrology import gap_starts, usual_step
from data.importers.hydrograph_header import read_header
from data.importers.hydrograph_number import (
    MAX_CFS,
    MAX_HOURS,
    NUMBER,
    DecimalCommas,
    Note,
    NotTaken,
    read_flow,
    read_time,
)
from data.importers.hydrograph_text import Notes, Refused, Sheet, decode

_PLAIN = b"0123456789.+-eE\n"  #: All that a file which needs no word holds, besides its separator.


def read(file_name: str, content: bytes) -> HydrographFile:
    """``content`` as a hydrograph, with a report of what was read and what was not. Never raises for bad input."""
    reading = _Reading()
    problem = None
    try:
        points = reading.points(content)
    except Refused as why:
        problem, points = str(why), empty(HYDROGRAPH)
    report = FileReport(
        file_name=file_name,
        format=reading.format,
        encoding=reading.encoding,
        rows_in_file=reading.rows,
        rows_read=len(points),
        problem=problem,
        notes=reading.notes.first,
        note_counts=dict(reading.notes.counts),
    )
    return HydrographFile(report, points)


class _Reading:
    """One file on its way: what is known so far is in the attributes when ``points`` raises Refused."""

    def __init__(self) -> None:
        self.notes = Notes()
        self.format, self.encoding = "hydrograph, time (hours) and flow (cfs)", "unknown"
        self.rows = 0
        self._has_header = False
        self._lines, self._times, self._flows = array("q"), array("d"), array("d")

    def points(self, content: bytes) -> pd.DataFrame:
        """HYDROGRAPH. Raises Refused with the sentence why the file cannot be used."""
        if not content.strip():
            raise Refused("The file is empty.")
        text, self.encoding = decode(content, self.notes)
        sheet = Sheet.of(text.rstrip("\n"))
        self.format += f", {sheet.separator_name}-separated"
        if not sheet.text.strip():
            raise Refused("The file is empty.")
        if not self._read_plain(sheet):
            self._read_carefully(sheet)
        self.format += ", header" if self._has_header else ", no header"
        lines, times, flows = np.array(self._lines), np.array(self._times), np.array(self._flows)
        if not len(times):
            raise Refused(self._nothing_read())
        kept = self._in_order_and_once(sheet, lines, times, flows)
        lines, times, flows = lines[kept], times[kept], flows[kept]
        if not np.isfinite(flows).any():
            raise Refused("No line has a flow that can be used.")
        self._note_gaps(lines, times)
        return pd.DataFrame({"time_hours": times, "flow_cfs": flows}).astype(HYDROGRAPH)

    def _read_plain(self, sheet: Sheet) -> bool:
        """Reads a file in which every line is two plain numbers, at most one header above; False if it is not so."""
        first, _, rest = sheet.text.partition("\n")
        drop = _PLAIN + sheet.separator.encode()
        header = bool(first.encode("utf-8").translate(None, drop))
        body = rest if header else sheet.text
        if not body or body[0] == "\n" or "\n\n" in body or body.encode("utf-8").translate(None, drop):
            return False
        try:
            pairs = np.loadtxt(io.StringIO(body), delimiter=sheet.separator, comments=None, ndmin=2)
        except ValueError:
            return False
        if pairs.shape[1] != 2 or not ((pairs >= 0) & (pairs <= (MAX_HOURS, MAX_CFS))).all():
            return False
        if header:
            record = next(sheet.records())
            if record[1] != 1 or record[2] is None or not self._read_header(1, record[2]):
                return False
        self.rows = len(pairs)
        self._lines = array("q", range(1 + header, 1 + header + len(pairs)))
        self._times, self._flows = array("d", pairs[:, 0].tobytes()), array("d", pairs[:, 1].tobytes())
        return True

    def _read_carefully(self, sheet: Sheet) -> None:
        """Reads line by line; each line is taken, or refused with a note."""
        commas = DecimalCommas.of(sheet)
        blank = 0  # the first line of blank ones that may stand between rows
        for line, last, cells in sheet.records():
            if cells is not None and len(cells) == 2 and not blank and self._take_plain(line, cells[0], cells[1]):
                continue
            found = [cell.strip() for cell in cells or ()]
            if cells is not None and not any(found) and len(found) < 2:
                blank = blank or line
                continue
            if not self.rows and cells and self._read_header(line, found):
                blank = 0
                continue
            if last > line:
                raise Refused(
                    f"The quote opened on line {line} is closed only on line {last}, so that the lines between would "
                    "be one value. Correct the quotes."
                )
            if blank and self.rows:
                self.notes.add(blank, "line", "", "A blank line between rows; nothing stood in it.", "kept")
            blank = 0
            self.rows += 1
            self._read_row(sheet, line, found if cells is not None else None, commas)

    def _take_plain(self, line: int, time: str, flow: str) -> bool:
        """Takes a row of two plain numbers of which nothing need be said; a million rows go faster so."""
        if not (NUMBER.fullmatch(time) and NUMBER.fullmatch(flow)):
            return False
        hours, cfs = float(time), float(flow)
        if not (0 <= hours <= MAX_HOURS and 0 <= cfs <= MAX_CFS):
            return False
        self.rows += 1
        self._take(line, hours, cfs)
        return True

    def _take(self, line: int, hours: float, cfs: float) -> None:
        self._lines.append(line)
        self._times.append(hours)
        self._flows.append(cfs)

    def _read_header(self, line: int, cells: list[str]) -> bool:
        notes = read_header([cell.strip() for cell in cells])
        for field, value, reason in notes or ():
            self.notes.add(line, field, value, reason, "kept")
        self._has_header |= notes is not None
        return notes is not None

    def _read_row(self, sheet: Sheet, line: int, cells: list[str] | None, commas: DecimalCommas) -> None:
        notes: list[Note] = []
        try:
            if cells is None:
                raise NotTaken("line", "", "Quotes stand inside a value.")
            if len(cells) != 2:
                raise _wrong_columns(sheet, cells)
            time = read_time(cells[0], commas, notes)
            flow = read_flow(cells[1], commas, notes)
        except NotTaken as why:
            self.notes.add(line, why.field, why.value, why.reason, "refused")
            return
        for field, value, reason, done in notes:
            self.notes.add(line, field, value, reason, done)
        self._take(line, time, flow)

    def _nothing_read(self) -> str:
        if not self.rows:
            return "The file holds a header and no rows." if self._has_header else "The file is empty."
        first = next(note for note in self.notes.first if note.done == "refused")
        place = f"Line {first.line}" if first.field == "line" else f"Line {first.line}, {first.field}"
        found = f" {first.value!r}" if first.value else ""
        return f"No line holds a time in hours and a flow in cfs. {place}{found}: {first.reason}"

    def _in_order_and_once(self, sheet: Sheet, lines: np.ndarray, times: np.ndarray, flows: np.ndarray) -> np.ndarray:
        """Which rows to keep, so that times strictly increase. Raises Refused for times that go backwards."""
        back = np.flatnonzero(np.diff(times) < 0) + 1
        for i in back.tolist():
            reason = f"Time goes backwards: line {lines[i - 1]} has {sheet.cell(lines[i - 1], 0).strip()}."
            self.notes.add(int(lines[i]), "time", sheet.cell(lines[i], 0).strip(), reason, "refused")
        if len(back):
            places = "once" if len(back) == 1 else f"{len(back):,} times"
            raise Refused(
                f"Times go backwards {places}, first on line {lines[back[0]]}: {sheet.cell(lines[back[0]], 0).strip()} "
                f"after {sheet.cell(lines[back[0] - 1], 0).strip()}. Sort the lines by time; if a second hydrograph "
                "begins there, keep one to a file."
            )
        kept = np.ones(len(times), dtype=bool)
        starts = np.flatnonzero(np.append(True, np.diff(times) > 0))
        ends = np.append(starts[1:], len(times))
        for start, end in zip(starts[ends - starts > 1], ends[ends - starts > 1], strict=True):
            same = flows[start:end]
            alike = bool((same == same[0]).all() or np.isnan(same).all())
            kept[start + alike : end] = False
            for i in range(start + alike, end):
                value = f"{sheet.cell(lines[i], 0).strip()}, {sheet.cell(lines[i], 1).strip()}"
                reason = f"Repeats line {lines[start]}." if alike else _conflict(lines[start:end])
                self.notes.add(int(lines[i]), "time", value, reason, "refused")
        return kept

    def _note_gaps(self, lines: np.ndarray, times: np.ndarray) -> None:
        usual = usual_step(times)
        for i in gap_starts(times).tolist():
            reason = (
                f"No lines for {times[i + 1] - times[i]:g} h, where {usual:g} h is the usual step; "
                "the gap stays a gap in the plot and in the volume."
            )
            self.notes.add(int(lines[i + 1]), "time", f"{times[i]:g} to {times[i + 1]:g}", reason, "kept")


def _wrong_columns(sheet: Sheet, cells: list[str]) -> NotTaken:
    value = sheet.separator.join(cells)
    if len(cells) < 2:
        reason = "One column, where a time in hours and a flow in cfs are expected, parted by a comma."
    else:
        reason = f"{len(cells)} columns, where a time in hours and a flow in cfs are expected."
        if sheet.separator == "," and re.search(r"\d,\d{3}(?!\d)", value):
            reason += " A thousands comma must stand in quotes or be left out."
    return NotTaken("line", value, reason)


def _conflict(lines: np.ndarray) -> str:
    named = ", ".join(str(line) for line in lines[:5]) + (", …" if len(lines) > 5 else "")
    return f"Lines {named} give this time different flows; none of them is taken."
