"""Elevation-storage-discharge tables as CSV: one reservoir or, by a column of names, several."""

import re
from dataclasses import dataclass, field

import numpy as np

from data import provenance
from data.importers import series_build as build
from data.importers.hydrograph_text import Refused, Sheet, shown
from data.rating_curve import Curve
from data.stage_storage import StorageCurves
from data.units import convert

FORMAT = "elevation-storage table, CSV"
_KINDS = {
    "elevation": ("elev", "elevation", "stage", "pool", "level"),
    "storage": ("stor", "storage", "volume", "capacity"),
    "outflow": ("outflow", "discharge", "flow", "release"),
    "name": ("reservoir", "model", "dam", "name", "lake"),
    "row": ("ordinate", "row", "no", ""),
}
_UNITS = {"acft": "acre-ft", "cms": "m3/s"}  # as headers write them, where ``unit_of`` does not know
_OURS = {"elevation": "ft", "storage": "acre-ft", "outflow": "cfs"}
_DATUM = re.compile(r"(ngvd|navd)_?(29|88)")
#: Big Cliff's storages begin at 1,000,000 and rise by 5,280: such a start is no water. A true table may begin high
#: where it covers the top of a lake only, hence a round start as well.
_OFFSET_SHARE, _OFFSET_ROUND = 10, 100_000


@dataclass
class _Table:
    """Rows of one reservoir, and the lines that they stand on."""

    lines: list[int] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in _OURS})


@dataclass(frozen=True)
class _Column:
    at: int
    unit: str
    stated: bool
    datum: str


def read(text: str, called: str) -> tuple[tuple[StorageCurves, ...], tuple[str, ...]]:
    """The reservoirs in the order of the file, and notes; ``called`` is the name where the file has no column of names.

    A header that names no unit is read as feet, acre-feet and cfs, and told. Raises Refused for a row that is not whole
    or does not rise.
    """
    sheet = Sheet.of(text)
    records = ((line, cells) for line, _, cells in sheet.records() if cells != [])
    first, header = next(records, (1, None))
    if not header:
        raise Refused("The file has no header of columns such as elev_ft, stor_acft and outflow_cfs.")
    columns = _columns(header)
    tables: dict[str, _Table] = {}
    for line, cells in records:
        if cells is None or len(cells) != len(header):
            count = "quotes inside a value" if cells is None else f"{len(cells)} cells"
            raise Refused(f"Line {line} has {count}, where the header on line {first} has {len(header)} columns.")
        name = cells[columns["name"].at].strip() if "name" in columns else called
        _add(tables.setdefault(name, _Table()), columns, line, cells)
    if not tables:
        raise Refused("The file has a header and no rows.")
    notes = list(_notes(columns, tables))
    return tuple(_reservoir(name, table, columns) for name, table in tables.items()), tuple(notes)


def _columns(header: list[str]) -> dict[str, _Column]:
    """Kind to its column. Raises Refused for a table without elevation or storage."""
    found: dict[str, _Column] = {}
    for at, title in enumerate(header):
        words = title.strip().strip("_").lower().replace("(", "_").replace(")", "")
        stem, _, rest = re.sub(r"[\s_]+", "_", words).partition("_")
        kind = next((kind for kind, names in _KINDS.items() if stem in names), "")
        if not kind:
            continue
        if kind in found:
            raise Refused(f"Two columns of the header hold {kind}: {shown(', '.join(header), 120)}.")
        datum = _DATUM.search(rest)
        unit = _DATUM.sub("", rest).strip("_")
        unit = _UNITS.get(unit, build.unit_of(unit)) if unit else ""
        found[kind] = _Column(at, unit, bool(unit), f"{datum[1]}{datum[2]}".upper() if datum else "")
    for kind in ("elevation", "storage"):
        if kind not in found:
            raise Refused(
                f"No column of the header holds {kind} ({', '.join(_KINDS[kind][:3])}, with its unit): "
                f"{shown(', '.join(header), 120)}."
            )
    return found


def _add(table: _Table, columns: dict[str, _Column], line: int, cells: list[str]) -> None:
    table.lines.append(line)
    for kind in _OURS:
        if kind in columns:
            table.values[kind].append(_number(cells[columns[kind].at], kind, columns[kind], line))


def _number(text: str, kind: str, column: _Column, line: int) -> float:
    plain = text.strip()
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", plain, re.ASCII):
        plain = plain.replace(",", "")
    try:
        found = float(plain)
    except ValueError:
        found = float("nan")
    if not np.isfinite(found):
        raise Refused(
            f"Line {line}: {kind} is no number: {shown(text, 20)!r}. Each row of a table needs all its values."
        )
    try:
        return convert(found, column.unit or _OURS[kind], _OURS[kind])
    except ValueError:
        raise Refused(
            f"The header gives {kind} in {column.unit!r}; {_OURS[kind]} or its metric unit would do."
        ) from None


def _notes(columns: dict[str, _Column], tables: dict[str, _Table]):
    bare = [f"{kind} as {_OURS[kind]}" for kind in _OURS if kind in columns and not columns[kind].stated]
    if bare:
        yield f"The header names no unit: {', '.join(bare)}."
    turned = [
        f"{kind} from {columns[kind].unit} to {_OURS[kind]}"
        for kind in _OURS
        if kind in columns and columns[kind].stated and columns[kind].unit != _OURS[kind]
    ]
    if turned:
        yield f"Units are turned: {', '.join(turned)}."
    if not columns["elevation"].datum:
        yield "The file names no vertical datum."
    for name in tables:
        if re.search(r"\s_|_\s|\s\s", name):
            yield f"The name {shown(name, 60)!r} has a stray space; it is kept, and found without it too."


def _reservoir(name: str, table: _Table, columns: dict[str, _Column]) -> StorageCurves:
    elevation, storage, outflow = (np.array(table.values[kind]) for kind in _OURS)
    for kind, values in (("elevation", elevation), ("storage", storage)):
        low = np.flatnonzero(np.diff(values) <= 0)
        if len(low):
            at = int(low[0])
            raise Refused(
                f"{shown(name, 60)}: {kind} does not rise from line {table.lines[at]} "
                f"({values[at]:.10g}) to line {table.lines[at + 1]} ({values[at + 1]:.10g})."
            )
    offset = _offset(storage)
    began = f"begin at {offset:,.0f} acre-ft and rise by {storage[-1] - storage[0]:,.0f}"
    notes = (f"Storages of {shown(name, 60)} {began}: the start is taken for an offset, not water.",) if offset else ()
    try:
        curve = Curve(x=elevation, y=storage)
    except provenance.Refused as fault:
        raise Refused(f"{shown(name, 60)}: {fault}") from None
    return StorageCurves(
        name=name,
        curves=(curve,),
        outflow_cfs=outflow if "outflow" in columns else None,
        datum=columns["elevation"].datum,
        offset_acre_ft=offset,
        notes=notes,
    )


def _offset(storage: np.ndarray) -> float:
    """What stands in all storages without being water; 0 for none."""
    base = float(storage[0])
    round_start = base >= _OFFSET_ROUND and base % _OFFSET_ROUND == 0
    return base if round_start and base >= _OFFSET_SHARE * float(storage[-1] - storage[0]) else 0.0
