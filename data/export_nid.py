"""A CSV in the form of the source: its columns, and every cell as it stood, by the records that an import kept."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import models, reads
from data.cells import unpack
from data.export_rows import APOSTROPHES, UNSIGNED, Written, chunks, harmless, number_text, runs
from data.importers import inventory_columns
from data.importers.inventory import VALUES
from data.inventory import Filter

_NO_COLUMN_OF_OURS = ("joined_id", "former_names", "record_id", "last_updated")
#: What in a record's text (``data.cells``) can begin a cell that is run; only where it is found are cells looked at.
#: Of a record that is kept as JSON each cell is: -Infinity, which Python reads there, is no number to a spreadsheet.
_SUSPECT = re.compile(rf"\A\x1e|(?:\A|\x1f)(?:[=@＝＋－＠\t\r\n]|[+-](?!{UNSIGNED}(?:\x1f|\Z)))")


def write(db: Session, file: IO[bytes], wanted: Filter) -> Written:
    """Write the wanted dams of the newest import's list, and those that were entered by hand."""
    imports = _imports(db)
    header, places = _header(imports)
    where = [*reads.narrowed(wanted), *_of(imports)]
    spoilt = sum(map(runs, header)) + _count_runs(db, where) + sum(map(runs, _cells(_by_hand(db, wanted, header))))
    text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="", write_through=True)
    if head := _preamble(imports[0].last_updated if imports else "", spoilt):
        text.write(head + "\n")
    table = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerow(map(harmless, header))
    dams = 0
    for rows in (*_records(db, where, places, len(header)), _by_hand(db, wanted, header)):
        for row in rows:
            table.writerow(map(harmless, row) if spoilt else row)
            dams += 1
    text.detach()
    return Written(dams, reads.count(db, wanted) - dams, spoilt)


def _imports(db: Session) -> list[models.Import]:
    """The imports whose records are exported, newest first: those of the National Inventory, else of the newest."""
    made, record = models.Import, models.SourceRecord
    found = list(db.scalars(sa.select(made).order_by(made.import_id.desc())))
    systems = [one.system for one in found]
    system = "NID" if "NID" in systems else next(iter(systems), "")
    used = set(db.scalars(sa.select(record.import_id).distinct()))
    ours = [one for one in found if one.system == system]
    return ours[:1] + [one for one in ours[1:] if one.import_id in used]


def _of(imports: Sequence[models.Import]) -> list[sa.ColumnElement[bool]]:
    record = models.SourceRecord
    return [record.dam_id == models.Dam.dam_id, record.import_id.in_([one.import_id for one in imports])]


def _header(imports: Sequence[models.Import]) -> tuple[list[str], dict[int, list[int]]]:
    """The columns, those of the newest import first, and where the cells of each import belong in them.

    Columns of one name stand as often as the file that has the most of them gives it.
    """
    at: dict[tuple[str, int], int] = {}
    places: dict[int, list[int]] = {}
    for one in imports:
        seen: Counter[str] = Counter()
        places[one.import_id] = []
        for name in one.columns:
            places[one.import_id].append(at.setdefault((name, seen[name]), len(at)))
            seen[name] += 1
    if not at:
        names = inventory_columns.NAMES.items()
        return [known[0] for field, known in names if field not in _NO_COLUMN_OF_OURS], {}
    return [name for name, _ in at], places


def _preamble(last_updated: str, spoilt: int) -> str:
    """The first line: the date as the National Inventory writes it, and what was done to cells; "" for neither."""
    date = "-".join(part.lstrip("0") for part in last_updated.split("-"))
    said = f"({spoilt} cells: {APOSTROPHES})" if spoilt else ""
    return f"Data Last Updated: {' '.join(filter(None, (date, said)))}" if date or said else ""


def _count_runs(db: Session, where: Sequence[sa.ColumnElement[bool]]) -> int:
    rows = sa.select(models.SourceRecord.cells).select_from(models.Dam).where(*where)
    return sum(
        sum(map(runs, map(_text, unpack(cells))))
        for part in chunks(db, rows)
        for (cells,) in part
        if _SUSPECT.search(cells)
    )


def _records(
    db: Session, where: Sequence[sa.ColumnElement[bool]], places: dict[int, list[int]], width: int
) -> Iterator[Iterator[list[str]]]:
    """Rows of the file, in the order of the files that they came from."""
    record = models.SourceRecord
    rows = sa.select(record.import_id, record.cells).select_from(models.Dam).where(*where)
    for part in chunks(db, rows.order_by(record.import_id.desc(), record.line, record.dam_id)):
        yield (_placed(unpack(cells), places[import_id], width) for import_id, cells in part)


def _placed(cells: list[Any], places: list[int], width: int) -> list[str]:
    row = [""] * width
    for place, cell in zip(places, cells, strict=True):
        row[place] = _text(cell)
    return row


def _text(cell: Any) -> str:
    """A cell as text; those of GeoJSON can be JSON values."""
    if isinstance(cell, str):
        return cell
    return "" if cell is None else json.dumps(cell, ensure_ascii=False)


def _by_hand(db: Session, wanted: Filter, header: Sequence[str]) -> Iterator[list[str]]:
    """Dams without a record of any source, in the columns that are known."""
    at = inventory_columns.places(header)
    values = [getattr(models.Dam, name) for name in VALUES]
    without = ~sa.exists().where(models.SourceRecord.dam_id == models.Dam.dam_id)
    query = sa.select(*values).where(*reads.narrowed(wanted), without).order_by(models.Dam.dam_id)
    for part in chunks(db, query):
        for dam in part:
            given = dam._asdict() | {"year_completed": dam.date_built[:4]}
            if "nid_id" not in at:
                given["joined_id"] = dam.nid_id + dam.other_structure_id
            row = [""] * len(header)
            for name, place in at.items():
                value = given.get(name)
                row[place] = value if isinstance(value, str) else number_text(value)
            yield row


def _cells(rows: Iterator[list[str]]) -> Iterator[str]:
    return (cell for row in rows for cell in row)
