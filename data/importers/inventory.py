"""Inventory files, such as the National Inventory of Dams: read by the names of their columns, row by row.

What a row is refused for: an id that is blank or a placeholder, a key that an earlier row has, cells that do not
fit the header. All else is taken with a warning; a value that cannot be right is left out of our own columns, and
stays in the record, which keeps every cell as it stands.
"""

import hashlib
import json
import marshal
import math
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

from data.cells import pack, unpack
from data.frames import InventoryReport, InventoryWarning, RefusedRow
from data.importers import inventory_columns as known
from data.importers import inventory_text
from data.importers.hydrograph_text import Refused, shown
from data.importers.inventory_cells import BLANK, PLACEHOLDERS, Convert, Found, converters, date
from data.importers.inventory_mapping import NID, Mapped

#: What a record gives of a dam, in this order; the names are columns of ``models.Dam``.
VALUES = (
    "source_key", "nid_id", "name", "owner", "river", "date_built", "hazard", "longitude", "latitude",
    "other_structure_id", "other_names", "state", "county", "city", "owner_types", "purposes", "dam_types",
    "condition", "condition_date", "eap", "eap_date", "last_inspection", *known.NUMBERS,
)  # fmt: skip
CHUNK = 2000
MOST_KEPT = 50_000  #: Texts of a column whose values are remembered.
_EXCEL = re.compile(r"[+-]?\d(?:\.\d+)?E[+]\d+", re.IGNORECASE)
_SPLIT_ID = re.compile(r"([A-Z]{2}[A-Z0-9]{5,6}?)(S\d{3})")
_NID_ID = re.compile(r"[A-Z]{2}[A-Z0-9]{5,6}")
_AT = {name: place for place, name in enumerate(VALUES)}
_LONGITUDE, _LATITUDE, _STATE, _NAME = (_AT[name] for name in ("longitude", "latitude", "state", "name"))
_STORAGE, _MOST, _NORMAL = (_AT[f"{kind}storage_acre_ft"] for kind in ("", "max_", "normal_"))
_BUILT, _OTHER_NAMES = _AT["date_built"], _AT["other_names"]
_GIVES = {"year_completed": "date_built", "former_names": "other_names"}
_NOTHING: list[Any] = [None if name in (*known.NUMBERS, "longitude", "latitude") else "" for name in VALUES]
REASONS = {
    "no_place": "No coordinates: in the table, not on the map.",
    "bad_place": "Coordinates that no dam has (0, or outside the world): in the table, not on the map.",
    "off_state": "The place lies far off its state.",
    "not_a_number": "No number: read as missing; the cell is kept.",
    "zero_unknown": "0, which stands for unknown here: read as missing; the cell is kept.",
    "bad_date": "No date that is known: read as missing; the cell is kept.",
    "odd_year": "A year of completion before 1700 or in the future.",
    "max_below_normal": "Maximum storage is below normal storage.",
    "huge_storage": "More storage than any reservoir of the country has, such as all of a Great Lake: it swamps sums.",
    "odd_height": "A height that no dam in the world has.",
    "no_name": "The dam has no name.",
    "no_hazard": "Hazard potential is blank or not given.",
    "odd_hazard": "A hazard potential that is not known here; kept as it stands.",
    "odd_id": "An id that is not two letters and five or six characters; kept as it stands.",
    "excel": "Identifiers destroyed by Excel, which wrote them as rounded powers of ten: they cannot be got back.",
    "undecodable": "Bytes that are not UTF-8 were read as Windows-1252; letters may be wrong.",
    "cut": "A text longer than our column is cut there; the cell is kept.",
    "repeated_id": "A NID ID stands more than once and the file has no Other Structure ID: told apart by record.",
    "more_pages": "The file says that there are more pages: this is a part of the list only.",
    "no_column": "No column for it was found in the file.",
}


class Record(NamedTuple):
    """One accepted row: its line, its values in the order of VALUES, its cells as they stand (``data.cells``)."""

    line: int
    values: tuple[Any, ...]
    cells: str


class InventoryFile:
    """A file that was read: the report, and the records in a temporary file until ``close``."""

    def __init__(self, report: InventoryReport, mapping: Mapped, spool: Any, keys: frozenset[str]):
        self.report, self.mapping, self._spool = report, mapping, spool
        self.keys = keys  #: Of the records; the first of VALUES.

    @property
    def fields(self) -> dict[str, str]:
        """Our field -> the column of the file that it was read from."""
        columns = self.report.columns
        return {field: columns[place] for field, place in known.places(columns, self.mapping.columns or None).items()}

    @property
    def hazard(self) -> dict[str, int]:
        """Hazard potentials as the file writes them, a code with its word ("L (Low)"), the most frequent first."""
        codes, found = self.mapping.codes("hazard", known.HAZARD), {}
        for code, count in sorted(self.report.hazard.items(), key=lambda item: -item[1]):
            word = known.label(code.strip(), codes)
            found[code if word == code.strip() else f"{code} ({word})"] = count
        return found

    @property
    def looks_whole(self) -> bool:
        """Whether it can be the whole list of its states: a list linked to something else has few columns."""
        return not self.report.more_pages and {"hazard", "state", "year_completed"} <= set(self.fields)

    def chunks(self) -> Iterator[list[Record]]:
        """The records, some thousands at a time, in the order of the file."""
        self._spool.seek(0)
        while True:
            size = self._spool.read(8)
            if not size:
                return
            yield [Record(*part) for part in marshal.loads(self._spool.read(int.from_bytes(size)))]

    def close(self) -> None:
        self._spool.close()

    def __enter__(self) -> "InventoryFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read(
    paths: Path | Sequence[Path],
    *,
    file_name: str = "",
    mapping: Mapped = NID,
    progress: Callable[[int], None] | None = None,
    packed_on_the_way: bool = False,
) -> InventoryFile:
    """Read a file, or the pages of one list, as an inventory. ``progress`` gets the rows read now and then.

    ``packed_on_the_way``: a browser put a gzip round the file that is none of its own.

    Never raises for what stands in the file: a file that is refused has ``report.problem`` and no records.
    """
    paths = [paths] if isinstance(paths, Path) else list(paths)
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - the InventoryFile closes it
    reading = _Reading(
        file_name or ", ".join(path.name for path in paths), mapping, spool, progress or (lambda _: None)
    )
    try:
        with ExitStack() as stack:
            for path in paths:
                with inventory_text.as_sent(path, packed_on_the_way=packed_on_the_way) as sent:
                    reading.sign(sent)
                rows = inventory_text.opened(path, packed_on_the_way=packed_on_the_way)
                reading.take(path, stack.enter_context(rows))
        reading.end()
    except Refused as why:
        reading.problem = str(why)
        spool.truncate(0)
    except BaseException:
        spool.close()
        raise
    return InventoryFile(reading.report(), mapping, spool, reading.keys())


class _Reading:
    def __init__(self, file_name: str, mapping: Mapped, spool: Any, progress: Callable[[int], None]):
        self.file_name, self.mapping, self._spool, self._progress = file_name, mapping, spool, progress
        self.problem: str | None = None
        self.columns: list[str] = []
        self.rows = self.accepted = self.on_map = 0
        self.kind, self.encoding, self.last_updated = "", "", ""
        self._refused: list[RefusedRow] = []
        self._warned: dict[str, list[Any]] = {}
        self._hazard: Counter[str] = Counter()
        self._states: Counter[str] = Counter()
        self._keys: dict[str, int] = {}
        self._storage: list[float] = []
        self._years: list[int] = []
        self._box = [math.inf, math.inf, -math.inf, -math.inf]
        self._hash = hashlib.sha256()
        self._chunk: list[tuple[Any, ...]] = []
        self._updated: set[str] = set()
        self._more = False

    def sign(self, sent: IO[bytes]) -> None:
        """Count a file's bytes into the signature of all."""
        while part := sent.read(1 << 20):
            self._hash.update(part)

    def take(self, path: Path, rows: inventory_text.Rows) -> None:
        """One file, or page."""
        if self.columns and rows.columns != self.columns:
            raise Refused(f"The columns of {path.name} are not those of the first page: give it alone.")
        self.columns, self.kind = rows.columns, rows.kind
        self.prepare(rows.columns, csv=rows.kind == "CSV")
        self._check_columns(rows)
        self.last_updated = date(rows.last_updated) or self.last_updated
        width, geo = len(rows.columns), rows.kind == "GeoJSON"
        for line, cells in rows.rows:
            self.rows += 1
            place = cells.pop() if geo and cells else None
            if cells is None or len(cells) != width:
                self._refuse_width(line, cells, width)
                continue
            self._row(line, cells, [_text(cell) for cell in cells] if geo else cells, place)
            if not self.rows % CHUNK:
                self._flush()
                self._progress(self.rows)
        for where, code, _ in rows.notes:
            self._warn(code, where, "")
        self.encoding = rows.encoding
        self._more = rows.more_pages

    def prepare(self, columns: Sequence[str], *, csv: bool) -> None:
        """Find our fields among the columns of a file."""
        self.at = known.places(columns, self.mapping.columns or None)
        self._identifiers = known.identifiers(columns) if csv else []
        self._hazard_at = self.at.get("hazard")
        self._names = [self.at[name] for name in ("other_names", "former_names") if name in self.at]
        self._plan: list[tuple[int, int, dict[str, Found], Convert]] = [
            (_AT["date_built" if name == "year_completed" else name], self.at[name], {}, convert)
            for name, convert in converters(self.mapping).items()
            if name in self.at
        ]

    def forget(self) -> None:
        """Forget the rows so far."""
        for rows in (self._keys, self._storage, self._years, self._refused, self._chunk, self._updated):
            rows.clear()

    def _refuse_width(self, line: int, cells: list[Any] | None, width: int) -> None:
        if cells is None:
            self._refuse(line, "Quotes stand wrong in this line.", "")
        else:
            reason = f"The line has {len(cells)} cells, the header {width}."
            self._refuse(line, reason, shown(",".join(map(str, cells)), 60))

    def _check_columns(self, rows: inventory_text.Rows) -> None:
        if not {"nid_id", "joined_id"} & self.at.keys():
            head = shown(", ".join(rows.columns), 160)
            raise Refused(
                f"No column holds an id of the dams (such as {self.mapping.columns.get('nid_id', 'NID ID')!r}); "
                f"the columns are: {head}."
            )
        for name in ("latitude", "longitude"):
            if name not in self.at and rows.kind == "CSV":
                self._warn("no_column", None, name)

    def end(self) -> None:
        self._flush()
        if self._more:
            self._warn("more_pages", None, "exceededTransferLimit")
        if not self.rows:
            raise Refused("The file has a header and no rows.")
        if not self.accepted:
            first = self._refused[0]
            raise Refused(f"No row can be taken; the first, line {first.line}, is refused: {first.reason}")

    def _flush(self) -> None:
        if self._chunk:
            packed = marshal.dumps(self._chunk)  # from a file, marshal reads byte by byte
            self._spool.write(len(packed).to_bytes(8) + packed)
            self._chunk = []

    def _warn(self, code: str, line: int | None, value: str) -> None:
        entry = self._warned.get(code)
        if entry is None:
            self._warned[code] = [line, value, 1]
        else:
            entry[2] += 1

    def _refuse(self, line: int, reason: str, value: str) -> None:
        self._refused.append(RefusedRow(line, reason, shown(value)))

    def _row(self, line: int, kept: list[Any], cells: list[str], place: Any) -> None:
        if self._hazard_at is not None:
            self._hazard[cells[self._hazard_at]] += 1
        packed = pack(kept)
        if "\0" in packed:
            self._refuse(line, "A cell holds a NUL byte, as binary files do.", "")
            return
        if self._identifiers and "E+" in packed:
            self._find_excel(line, cells)
        ids = self._ids(line, cells)
        if ids is None:
            return
        values = _NOTHING.copy()
        values[0:2], values[_AT["other_structure_id"]] = (ids[2], ids[0]), ids[1]
        for target, source, memo, convert in self._plan:
            text = cells[source]
            try:
                values[target], code, words = memo[text]
            except KeyError:
                values[target], code, words = found = convert(text.strip())
                if len(memo) < MOST_KEPT:
                    memo[text] = found
            if code:
                self._warn(code, line, words or ids[2])
        if self._names:
            names = [cells[at].strip() for at in self._names if cells[at]]
            values[_OTHER_NAMES] = "; ".join(dict.fromkeys(name for name in names if name.casefold() not in BLANK))
        most, normal = values[_MOST], values[_NORMAL]
        if most is not None and normal is not None and most < normal:
            self._warn("max_below_normal", line, f"{most:g} < {normal:g}")
        values[_LONGITUDE], values[_LATITUDE] = self._place(line, cells, place, values[_STATE])
        self._count(values, cells)
        self._chunk.append((line, tuple(values), packed))
        self.accepted += 1

    def _find_excel(self, line: int, cells: list[str]) -> None:
        for place in self._identifiers:
            if "E+" in cells[place] and _EXCEL.fullmatch(cells[place]):
                self._warn("excel", line, f"{self.columns[place]}: {cells[place]}")

    def _get(self, cells: list[str], name: str) -> str:
        place = self.at.get(name)
        return "" if place is None else cells[place].strip()

    def _ids(self, line: int, cells: list[str]) -> tuple[str, str, str] | None:
        """NID ID, Other Structure ID and key; None for a row that is refused."""
        nid_id, other = self._get(cells, "nid_id"), self._get(cells, "other_structure_id")
        if other.casefold() in PLACEHOLDERS:
            other = ""
        if nid_id.casefold() in PLACEHOLDERS:
            joined = self._get(cells, "joined_id")
            if joined.casefold() in PLACEHOLDERS:
                self._refuse(
                    line, "The id is blank or a placeholder: nothing tells which dam this is.", nid_id or joined
                )
                return None
            parts = _SPLIT_ID.fullmatch(joined)
            nid_id, other = (parts[1], parts[2]) if parts else (joined, other)
        if len(nid_id) > self.mapping.longest_id:
            self._refuse(
                line, f"The id has {len(nid_id)} characters; at most {self.mapping.longest_id} are kept.", nid_id
            )
            return None
        if self.mapping is NID and not _NID_ID.fullmatch(nid_id):
            self._warn("odd_id", line, nid_id)
        key = f"{nid_id}/{other}"
        if key in self._keys and "other_structure_id" not in self.at and "joined_id" not in self.at:
            self._warn("repeated_id", line, nid_id)
            key = f"{nid_id}/#{self._get(cells, 'record_id') or self._keys[key] + 1}"
            self._keys[f"{nid_id}/{other}"] += 1
        if key in self._keys:
            self._refuse(line, f"The key {key.rstrip('/')} stands in an earlier line.", key)
            return None
        self._keys[key] = 1
        return nid_id, other, key

    def _place(self, line: int, cells: list[str], place: Any, state: str) -> tuple[float | None, float | None]:
        text = self._get(cells, "longitude"), self._get(cells, "latitude")
        try:
            longitude, latitude = float(text[0]), float(text[1])
            given = longitude == longitude and latitude == latitude
        except ValueError:
            longitude = latitude = math.nan
            given = not any(part.casefold() in PLACEHOLDERS for part in text)
        if not given:
            if place is None:
                self._warn("no_place", line, "")
                return None, None
            longitude, latitude = place
        if not (abs(longitude) <= 180 and abs(latitude) <= 90) or longitude == 0 or latitude == 0:
            self._warn("bad_place", line, f"{text[1]}, {text[0]}")
            return None, None
        if not _near(state, longitude, latitude):
            self._warn("off_state", line, f"{latitude:g}, {longitude:g}: {state}")
        return longitude, latitude

    def _count(self, values: list[Any], cells: list[str]) -> None:
        x, y = values[_LONGITUDE], values[_LATITUDE]
        if x is not None:
            self.on_map += 1
            west, south, east, north = self._box
            if not (west <= x <= east and south <= y <= north):
                self._box = [min(west, x), min(south, y), max(east, x), max(north, y)]
        if values[_STORAGE] is not None:
            self._storage.append(values[_STORAGE])
        if values[_BUILT]:
            self._years.append(int(values[_BUILT][:4]))
        self._states[values[_STATE]] += 1
        if updated := self._get(cells, "last_updated"):
            self._updated.add(updated)

    def keys(self) -> frozenset[str]:
        """Of the records that were accepted."""
        return frozenset(() if self.problem else self._keys)

    def report(self) -> InventoryReport:
        warnings = tuple(
            InventoryWarning(line, code, REASONS[code] + (f" First: {shown(value, 60)}." if value else ""), count)
            for code, (line, value, count) in sorted(self._warned.items(), key=lambda item: -item[1][2])
        )
        return InventoryReport(
            file_name=self.file_name,
            system=self.mapping.system,
            format=f"{self.kind}, {len(self.columns)} columns" if self.kind else "",
            encoding=self.encoding,
            columns=tuple(self.columns),
            sha256=self._hash.hexdigest(),
            rows=self.rows,
            accepted=0 if self.problem else self.accepted,
            rejected=tuple(self._refused),
            warnings=warnings,
            hazard=dict(self._hazard),
            states=dict(self._states),
            year_min=min(self._years, default=None),
            year_max=max(self._years, default=None),
            bbox=tuple(self._box) if self.on_map else None,  # type: ignore[arg-type]
            on_map=self.on_map,
            off_map=self.accepted - self.on_map,
            storage_acre_ft_sum=round(math.fsum(self._storage), 2) if self._storage else None,
            last_updated=self.last_updated or max(map(date, self._updated), default=""),
            more_pages=self._more,
            problem=self.problem,
        )


def _text(cell: Any) -> str:
    """A JSON value as text."""
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else json.dumps(cell)


_boxes: dict[str, tuple[float, float, float, float]] = {}


def _near(state: str, longitude: float, latitude: float, margin: float = 1.0) -> bool:
    """Whether a place lies within about a degree of its state's bounds; true for a state that is not known."""
    if not _boxes:
        from data import outline_shapes

        for name, rings in outline_shapes.state_rings().items():
            ends = [(*ring.min(axis=0), *ring.max(axis=0)) for ring in rings]
            _boxes[name] = (
                min(e[0] for e in ends), min(e[1] for e in ends), max(e[2] for e in ends), max(e[3] for e in ends)
            )  # fmt: skip
    box = _boxes.get(state)
    if box is None:
        return True
    west, south, east, north = box
    inside = any(west - margin <= x <= east + margin for x in (longitude, longitude - 360, longitude + 360))
    return inside and south - margin <= latitude <= north + margin


def given(columns: Sequence[str], mapping: Mapped = NID) -> frozenset[str]:
    """Which of VALUES a file with these columns gives."""
    fields = known.places(columns, mapping.columns or None)
    return frozenset({_GIVES.get(name, name) for name in fields} & set(VALUES))


def row_date(columns: Sequence[str], mapping: Mapped = NID) -> Callable[[str], str]:
    """What gives the date of update that a record's packed cells name themselves: ISO text, "" for none."""
    place = known.places(columns, mapping.columns or None).get("last_updated")
    memo: dict[str, str] = {}

    def read_it(packed: str) -> str:
        cell = "" if place is None else _text(unpack(packed)[place])
        if cell not in memo:
            memo[cell] = date(cell)
        return memo[cell]

    return read_it


class Typed:
    """Called with the cells of a record of these columns: what they give of a dam, as ``read`` takes them.

    VALUES by name, "" and None where they give none. ``given`` are the names that the columns give.
    """

    def __init__(self, columns: Sequence[str], mapping: Mapped = NID):
        self.given = given(columns, mapping)
        self._reading = _Reading("", mapping, None, lambda _: None)
        self._reading.columns = list(columns)
        self._reading.prepare(columns, csv=False)

    def __call__(self, cells: Sequence[Any]) -> dict[str, Any]:
        reading, place, texts = self._reading, None, [_text(cell) for cell in cells]
        if reading.columns[-1] == "geometry" and isinstance(cells[-1], dict):
            place = inventory_text.degrees(cells[-1])
        reading.forget()
        reading._row(0, list(cells), texts, place)
        return dict(zip(VALUES, reading._chunk[0][1], strict=True))
