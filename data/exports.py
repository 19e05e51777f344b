"""The inventory as a file, of exactly the dams that are asked for: CSV, GeoJSON, Parquet, and the source's own form.

Every file says what it is: the sources and their dates, the filter, when it was made and how many dams it has. Rows
are read and written some thousands at a time.
"""

import csv
import datetime as dt
import difflib
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import IO, Any

from sqlalchemy.orm import Session

from data import export_nid, export_rows
from data.export_rows import APOSTROPHES, COLUMNS, About, Written, harmless, number_text
from data.inventory import ALL, FACETS, RANGES, Filter

_TEXT = [kind == "str" for kind in COLUMNS.values()]
_COMMENT = "# "  #: Before each line at the head of our CSV.
HEAD_LINES = 6  #: Lines before the header of our CSV, whatever they say.


def write(
    db: Session,
    file: IO[bytes],
    form: str,
    wanted: Filter = ALL,
    *,
    now: dt.datetime,
    sort: str = "name",
    descending: bool = False,
) -> Written:
    """Write the wanted dams as ``form``, one of FORMATS; the form "nid" has the order of its source.

    Raises ValueError for a form or a column to sort by that is not known.
    """
    check_format(form)
    if db.get_bind().dialect.name == "postgresql" and not db.in_transaction():
        # One look at the database for all queries, as a transaction of SQLite is.
        db.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    if form == "nid":
        return export_nid.write(db, file, wanted)
    told = export_rows.about(db, wanted, now)
    rows = export_rows.dams(db, wanted, sort=sort, descending=descending)
    return _WRITERS[form](file, told, rows)


def check_format(form: str) -> None:
    """Raises ValueError with a sentence for what is none of FORMATS."""
    if form not in FORMATS:
        raise ValueError(f"format is {form!r}; {', '.join(FORMATS)} would do.")


def read_filter(arguments: Mapping[str, Sequence[str]]) -> Filter:
    """The filter of an address's arguments. Raises ValueError with a sentence where a page would leave a part out.

    A page shows what it was asked for and a reader sees what was left out; a file is read later, elsewhere.
    """
    known = [field.name for field in fields(Filter)]
    for name, values in arguments.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise ValueError(f"{name!r} is no filter" + (f"; {near[0]!r} is one." if near else "."))
        if len(values) > 1 and name not in FACETS:
            raise ValueError(f"{name} is given {len(values)} times; once would do.")
        if not _is_read(name, values):
            raise ValueError(f"{name} is {values[0]!r}, which cannot be read: {_FORMS.get(name, 'a text')} would do.")
    return Filter.read(arguments)


def _is_read(name: str, values: Sequence[str]) -> bool:
    read = getattr(Filter.read({name: values}), name)
    if name in RANGES:
        return sum(end is not None for end in read) == sum(map(bool, values[0].split("~"))) and values[0] != "~"
    return not any(values) or read != getattr(ALL, name)


_RANGE = "10~50, 10~ or ~50"
_FORMS = dict.fromkeys(RANGES, _RANGE) | {
    "not_inspected_since": "a date such as 2020-01-31",
    "box": "four degrees, west,south,east,north,",
    "near": "longitude,latitude,kilometres",
    "on_map": "yes or no",
    "as_of": "a date such as 2026-01-31",
}


def file_name(form: str, wanted: Filter, now: dt.datetime) -> str:
    """A name that tells what is in the file: dams-high-mississippi-2026-11-24.csv."""
    words = " ".join(value for name in ("hazard", "condition", "state", "county") for value in getattr(wanted, name))
    slug = re.sub(r"[^a-z0-9]+", "-", f"{words} {wanted.search}".lower())[:60].strip("-")
    stem = "-".join(filter(None, ("nid" if form == "nid" else "dams", slug, f"{now:%Y-%m-%d}")))
    return f"{stem}.{'csv' if form == 'nid' else form}"


def _one_line(text: str) -> str:
    """Words for a line of our head: nothing in it parts cells or lines, whatever a spreadsheet takes as a comma."""
    return re.sub(r'[,;"\s\x00-\x1f]+', " ", text).strip()


def head(told: About) -> list[str]:
    """The lines before the header of our CSV."""
    words = " AND ".join(told.wanted.words()) or "none: every dam"
    sources = [
        f"{one.system} {one.file_name} last updated {one.last_updated or 'not given'}: {one.dams} dams"
        for one in told.sources
    ]
    if told.by_hand:
        sources.append(f"entered by hand: {told.by_hand} dams")
    lines = [
        f"Dam Inventory: {told.count} of {told.total} dams exported {told.exported_at:%Y-%m-%d %H:%M} UTC",
        f"Vintage: {told.vintage or 'not given'}",
        f"Source: {' | '.join(sources) or 'none'}",
        f"Filter: {words}" + (f" | {told.wanted.query()}" if told.wanted else ""),
        "Units: as the columns are named | longitude and latitude in degrees WGS 84 | empty is not given and never 0",
        APOSTROPHES,
    ]
    return [_COMMENT + _one_line(line) for line in lines]


def _csv(file: IO[bytes], told: About, rows: export_rows.Chunks) -> Written:
    text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="", write_through=True)
    text.writelines(f"{line}\r\n" for line in head(told))
    table = csv.writer(text, lineterminator="\r\n")  # so that the writer quotes both signs of a line's end
    table.writerow(COLUMNS)
    for part in rows:
        table.writerows(
            [
                harmless(value) if is_text else number_text(value)
                for value, is_text in zip(row, _TEXT, strict=True)
            ]
            for row in part
        )  # fmt: skip
    text.detach()
    return Written(told.count)


def _geojson(file: IO[bytes], told: About, rows: export_rows.Chunks) -> Written:
    """RFC 7946: degrees WGS 84, longitude first; a missing value is null, also the geometry."""
    names = list(COLUMNS)
    x, y = names.index("longitude"), names.index("latitude")
    said = json.dumps(told.as_json(), ensure_ascii=False)
    file.write(f'{{"type": "FeatureCollection", "metadata": {said}, "features": ['.encode())
    before = "\n"
    for part in rows:
        features = []
        for row in part:
            values = {name: _json(value) for name, value in zip(names, row, strict=True)}
            placed = row[x] is not None and row[y] is not None
            geometry = {"type": "Point", "coordinates": [row[x], row[y]]} if placed else None
            del values["longitude"], values["latitude"]
            number = values.pop("dam_id")
            features.append(
                json.dumps(
                    {"type": "Feature", "id": number, "geometry": geometry, "properties": values}, ensure_ascii=False
                )
            )
        file.write((before + ",\n".join(features)).encode("utf-8", "replace"))
        before = ",\n"
    file.write(b"\n]}\n")
    return Written(told.count)


def _json(value: Any) -> Any:
    if value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _parquet(file: IO[bytes], told: About, rows: export_rows.Chunks) -> Written:
    from data import export_parquet  # loads a library that nothing else needs

    return export_parquet.write(file, told, rows)


#: Format -> its media type.
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    "nid": "text/csv; charset=utf-8",
}
_WRITERS: dict[str, Callable[[IO[bytes], About, export_rows.Chunks], Written]] = {
    "csv": _csv,
    "geojson": _geojson,
    "parquet": _parquet,
}
