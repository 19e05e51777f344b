"""CSV of values against time, by the names and the look of its columns.

Read are dates in one column or two (date, time), hours since a start, one or more columns of values, their flags, and
several series below each other, told apart by a column of names. Comment lines (#) may stand above, as AQUARIUS
writes them; hours and flow in two columns are read as on the page Assign Hydrograph.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from data.importers import hydrograph_csv, series_times
from data.importers import series_build as build
from data.importers.hydrograph_text import Refused, shown
from data.importers.series_columns import Columns, Layout, columns_of, layout_of
from data.importers.series_groups import groups
from data.importers.series_text import Block, Findings, block
from data.series import About, Series

_US_DATUMS = ("NGVD29", "NAVD88")  #: Heights in them are published in feet (NOAA, National Geodetic Survey).


def looks_like(head: str) -> bool:
    """Whether the columns hold times and values."""
    layout = layout_of(head)
    return bool(layout and columns_of(layout))


def read(text: str, findings: Findings) -> tuple[str, list[Series]]:
    """The format's name and the series. Raises Refused for a table without times or without values."""
    layout = layout_of(text)
    columns = columns_of(layout) if layout else None
    if not layout or not columns:
        raise Refused("The file is no table of values against time: no column holds dates or hours.")
    if columns.hydrograph:
        return _hydrograph(text, findings)
    at = (columns.time, columns.clock, columns.other_time)
    times = tuple(one for one in at if one is not None)
    numbers = tuple(column for column, _ in columns.values) + ((columns.time,) if columns.hours else ())
    found = block(layout.rows, layout.first, layout.separator, layout.width, findings, times, numbers)
    if not len(found.lines):
        raise Refused("The file has a header and no rows that can be read below it.")
    instants, zone = _hours(found, columns, findings) if columns.hours else _times(found, layout, columns, findings)
    good = np.flatnonzero(~np.isnat(instants))
    if not len(good):
        raise Refused(f"No line has a time that can be read ({shown(layout.name(columns.time), 40)}).")
    found, instants = Block(found.lines[good], found.cells.iloc[good]), instants[good]
    return _format(layout), list(_series(found, instants, layout, columns, zone, findings))


def _format(layout: Layout) -> str:
    if layout.said("Time series identifier"):
        return "AQUARIUS CSV"
    return f"CSV{'' if layout.names else ' without a header'}"


def _hours(found: Block, columns: Columns, findings: Findings) -> tuple[np.ndarray, str]:
    """timedelta64[us] since the start."""
    texts = found.cells[columns.time]
    hours, _, good = build.read_values(texts, None, found.lines, findings)
    good &= np.isfinite(hours) & (np.abs(hours) <= hydrograph_csv.MAX_HOURS)
    build.reject_where(~good, found.lines, texts, "No number of hours.", findings)
    findings.warn("no_date", int(found.lines[0]))
    at = np.rint(np.where(good, hours, 0.0) * 3.6e9).astype("int64").astype("timedelta64[us]")
    at[~good] = np.timedelta64("NaT")
    return at, ""


def _times(found: Block, layout: Layout, columns: Columns, findings: Findings) -> tuple[np.ndarray, str]:
    """datetime64[us], UTC where the file names an offset, and the zone of the file's times."""
    texts = _joined(found, columns)
    read_now = series_times.read(texts, found.lines, findings)
    at, zone = read_now.at, read_now.zone
    build.reject_where(np.isnat(at), found.lines, texts, "There is no such time.", findings)
    if not zone:
        at, zone = _shifted(at, found, layout, columns, findings)
    if columns.other_time is not None:
        _compare(at, found, layout, columns.other_time, findings)
    if not zone:
        findings.warn("dates" if read_now.day_only else "no_timezone", int(found.lines[0]))
    return at, layout.said("UTC offset").strip("()") or zone


def _joined(found: Block, columns: Columns) -> pd.Series:
    texts = found.cells[columns.time].astype("str")
    return texts if columns.clock is None else texts.str.strip() + " " + found.cells[columns.clock].str.strip()


def _shifted(
    at: np.ndarray, found: Block, layout: Layout, columns: Columns, findings: Findings
) -> tuple[np.ndarray, str]:  # fmt: skip
    """Times of a zone that a column, or the header of the times, names."""
    if columns.zone is not None:
        return series_times.from_zones(at, found.cells[columns.zone], found.lines, findings)
    name = " ".join(layout.name(one) for one in (columns.time, columns.clock) if one is not None)
    hours, words = series_times.zone_of(name)
    return (at, "") if hours is None else (at - np.timedelta64(round(hours * 60), "m"), words)


def _compare(at: np.ndarray, found: Block, layout: Layout, other: int, findings: Findings) -> None:
    """A second column of the same times says how far they can be trusted."""
    hours, _ = series_times.zone_of(layout.name(other))
    if hours is None:
        return
    second = series_times.read(found.cells[other], found.lines, Findings())
    shift = np.timedelta64(0 if second.zone else round(hours * 60), "m")
    apart = np.flatnonzero((second.at - shift != at) & ~np.isnat(at) & ~np.isnat(second.at))
    if len(apart):
        detail = f"{shown(layout.name(other), 40)}."
        findings.warn("other_times", int(found.lines[apart[0]]), count=len(apart), detail=detail)


def _series(
    found: Block, at: np.ndarray, layout: Layout, columns: Columns, zone: str, findings: Findings
) -> Iterator[Series]:  # fmt: skip
    told: set[int] = set()
    for group, which in groups(found, at, layout, columns, findings):
        part = Block(found.lines[which], found.cells.iloc[which])
        for column, flag_columns in columns.values:
            about = _about(layout, columns, column, group, zone)
            if not about.unit and column not in told:
                _no_unit(layout, column, about.datum, findings)
                told.add(column)
            if not about.unit and layout.is_flow(column):
                about = replace(about, unit="cfs")
            elif not about.unit and about.datum in _US_DATUMS:
                about = replace(about, unit="ft")
            texts = part.cells[column]
            values, marks, good = build.read_values(texts, _flags(part, layout, flag_columns), part.lines, findings)
            build.reject_where(~good, part.lines, texts, f"Not a number ({shown(about.id, 60)}).", findings)
            yield build.make(
                about, part.lines[good], at[which][good], values[good], marks[good], findings, rows=len(which)
            )  # fmt: skip


def _no_unit(layout: Layout, column: int, datum: str, findings: Findings) -> None:
    if not layout.names:
        findings.warn("no_parameter", detail=f"Column {column + 1}.")
        return
    code = "assumed_cfs" if layout.is_flow(column) else "assumed_ft" if datum in _US_DATUMS else "no_unit"
    findings.warn(code, layout.first - 1, detail=f"{shown(layout.name(column), 60)}.")


def _about(layout: Layout, columns: Columns, column: int, group: dict[str, str], zone: str) -> About:
    parameter, unit, datum = layout.described(column)
    unit = build.unit_of(group.get("unit", "")) or unit or build.unit_of(layout.said("Value units"))
    words = [word for kind, word in group.items() if kind != "unit" and word]
    one = layout.said("Time series identifier")
    return About(
        id=one or ":".join([*words, layout.name(column) or f"column {column + 1}"]),
        name=layout.said("Location") or " ".join([*words, parameter]).strip(),
        parameter=layout.said("Value parameter") or group.get("parameter", "") or parameter,
        unit=unit,
        timezone=zone,
        datum=datum,
        source="AQUARIUS" if one else "",
    )


def _flags(part: Block, layout: Layout, columns: tuple[int, ...]) -> pd.Series | None:
    """One flag of several columns, "; " between; numbers of another kind than approval keep their column's name."""
    if len(columns) < 2:
        return part.cells[columns[0]] if columns else None
    made = pd.Series("", index=part.cells.index)
    for column in columns:
        texts = part.cells[column].astype("str").str.strip()
        if texts.str.fullmatch(r"[-+.\d]+").any():
            texts = texts.where(texts == "", f"{layout.name(column)} " + texts)
        made += np.where((made != "") & (texts != ""), "; ", "") + texts
    return made.astype("category")


def _hydrograph(text: str, findings: Findings) -> tuple[str, list[Series]]:
    """Hours and flow in two columns, by their own reader; its notes become findings."""
    file = hydrograph_csv.read("", text.encode())
    report = file.report
    if report.problem:
        raise Refused(report.problem)
    duplicates, gap_lines = 0, list[int]()
    for note in report.notes:
        if note.done == "refused":
            findings.reject(note.line or 0, note.reason, note.value)
            duplicates += note.reason.startswith(("Repeats line", "Lines "))
        elif note.reason.startswith("No lines for "):
            gap_lines.append(note.line or 0)
        else:
            findings.warn("missing_marker" if note.done == "read as missing" else "kept", note.line, detail=note.reason)
    if (more := report.note_counts.get("refused", 0)) > sum(note.done == "refused" for note in report.notes):
        findings.warn("kept", detail=f"{more:,} lines are refused, of which the first 200 are listed.")
    findings.warn("no_date")
    series = _of_hours(file.points, report.rows_in_file, duplicates)
    if series.gaps:
        missing = sum(gap.missing_steps for gap in series.gaps)
        findings.warn("gap", min(gap_lines, default=None), count=len(series.gaps), detail=f"{missing:,} steps.")
    if series.volume and series.volume[1]:
        findings.warn("volume_part", detail=f"{series.volume[1]:g} h.")
    return "hydrograph CSV (hours, cfs)", [series]


def _of_hours(points: pd.DataFrame, rows: int, duplicates: int) -> Series:
    at = np.rint(points["time_hours"].to_numpy() * 3.6e9).astype("int64").astype("timedelta64[us]")
    about = About(id="flow", name="Hydrograph", parameter="flow", unit="cfs")
    none = pd.Categorical.from_codes(np.zeros(len(at), dtype="int8"), [""])
    index = pd.TimedeltaIndex(at, name="time")
    made = pd.DataFrame({"value": points["flow_cfs"].to_numpy(), "flag": none}, index=index)
    return Series(about, made, rows, duplicates)
