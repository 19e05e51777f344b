"""An inventory file as rows of text: CSV or GeoJSON, plain or gzip, recognised by content, never by name."""

import codecs
import csv
import gzip
import io
import json
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any

from data.importers.hydrograph_text import Refused, shown

MOST_BYTES = 2_000_000_000  #: Of an unpacked file: forty times the National Inventory.
Row = tuple[int, list[Any] | None]
_GZIP = b"\x1f\x8b"
_EARTH_M = 6378137.0  #: Radius of the sphere of EPSG:3857.
_PREAMBLE = re.compile(r"\W*data last updated:?\s*([^(]*?)\W*(?:\(.*)?", re.IGNORECASE)
csv.field_size_limit(10_000_000)


@dataclass
class Rows:
    """A file's columns and its rows. ``rows`` gives (line, cells); cells are text, and JSON values of GeoJSON.

    A row whose cells do not fit the columns is given as it is, one whose quotes stand wrong as None.
    ``notes`` fills while rows are read: (line, code, message); ``encoding`` is known when the last row was read.
    """

    kind: str
    columns: list[str]
    rows: Iterator[Row]
    last_updated: str = ""
    encoding: str = "UTF-8"
    more_pages: bool = False
    notes: list[tuple[int | None, str, str]] = field(default_factory=list)


@contextmanager
def as_sent(path: Path, *, packed_on_the_way: bool = False) -> Iterator[io.BufferedReader]:
    """A file's bytes; what a browser packed on the way is unpacked. Raises Refused for a damaged gzip."""
    with path.open("rb") as raw:
        try:
            yield _unpacked(raw) if packed_on_the_way and _is_gzip(raw) else io.BufferedReader(_Limited(raw))
        except (EOFError, gzip.BadGzipFile, zlib.error) as fault:
            raise Refused(f"The file is a damaged or incomplete gzip: {fault}. Download it again.") from None


@contextmanager
def opened(path: Path, *, packed_on_the_way: bool = False) -> Iterator[Rows]:
    """The rows of a file. Raises Refused for what is no inventory; OSError as ``open`` does."""
    with as_sent(path, packed_on_the_way=packed_on_the_way) as binary:
        packed = binary.peek(2)[:2] == _GZIP
        yield _rows(_unpacked(binary) if packed else binary, ", gzip" if packed else "")


def _is_gzip(raw: IO[bytes]) -> bool:
    head = raw.read(2)
    raw.seek(0)
    return head == _GZIP


def _unpacked(source: IO[bytes]) -> io.BufferedReader:
    return io.BufferedReader(_Limited(gzip.GzipFile(fileobj=source)))  # type: ignore[arg-type]


class _Limited(io.RawIOBase):
    """A stream that ends with a refusal where a packed file has become too large."""

    def __init__(self, source: IO[bytes]):
        self._source, self._read = source, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._source.read(len(buffer))
        self._read += len(part)
        if self._read > MOST_BYTES:
            raise Refused(f"Unpacked, the file has more than {MOST_BYTES:,} bytes: no inventory is so large.")
        buffer[: len(part)] = part
        return len(part)


def is_geojson(path: Path) -> bool:
    """Whether a file begins as JSON does."""
    with path.open("rb") as raw:
        source: Any = gzip.GzipFile(fileobj=raw) if _is_gzip(raw) else raw
        return source.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _rows(binary: io.BufferedReader, packed: str) -> Rows:
    head = binary.peek(4096)[:4096]
    if not head.strip():
        raise Refused("The file is empty.")
    for magic, what in (
        (b"PK\x03\x04", "a zip archive or an Excel workbook: unpack it, or save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save the sheet as CSV"),
        (b"%PDF", "a PDF"),
        (b"SQLite format 3", "a database, such as a GeoPackage: export it as CSV or GeoJSON"),
    ):
        if head.startswith(magic):
            raise Refused(f"The file is no table of text but {what}.")
    encoding, words = _encoding(head)
    start = head.decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    if start[:1] in "{[":
        return _geojson(binary, encoding, words + packed)
    if start[:1] == "<":
        raise Refused("The file is a page of HTML or XML, as a server gives in place of a file: download it again.")
    return _csv(binary, encoding, words + packed)


def _encoding(head: bytes) -> tuple[str, str]:
    for bom, codec, words in (
        (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with byte order mark"),
        (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    ):
        if head.startswith(bom):
            return codec, words
    if b"\0" in head:
        raise Refused("The file is no text: it holds NUL bytes, as binary files do.")
    return "utf-8", "UTF-8"


def _csv(binary: io.BufferedReader, encoding: str, words: str) -> Rows:
    errors = "surrogateescape" if encoding.startswith("utf-8") else "replace"
    text = io.TextIOWrapper(binary, encoding=encoding, errors=errors, newline="")
    head = text.readline()
    if found := _PREAMBLE.fullmatch(head.strip()):
        first, updated, header = 2, found[1], text.readline()
    else:
        first, updated, header = 1, "", head
    separator = max(",;\t", key=header.count)
    reader = csv.reader(chain([header], text), delimiter=separator, strict=True)
    columns = [name.strip() for name in next(_read(reader, first - 1), (0, [""]))[1] or [""]]
    if len(columns) < 2:
        raise Refused(f"The file has no header of a table; it begins with {shown(head.strip(), 120)!r}.")
    made = Rows("CSV", columns, iter(()), updated, words)
    made.rows = _text_rows(reader, first - 1, made, encoding, words)
    return made


def _read(reader: Any, before: int) -> Iterator[tuple[int, list[str] | None]]:
    """First line of each record, and its cells; None where quotes stand wrong."""
    while True:
        line = before + reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            if "unexpected end" in str(fault):
                raise Refused(f"The quote opened on line {line} is never closed.") from None
            yield line, None


def _text_rows(reader: Any, before: int, made: Rows, encoding: str, words: str) -> Iterator[Row]:
    undecodable = 0
    for line, cells in _read(reader, before):
        if not cells:
            if cells is None:
                yield line, None
            continue
        joined = "".join(cells)
        if not joined.isascii() and encoding.startswith("utf-8") and re.search("[\udc80-\udcff]", joined):
            undecodable += 1
            cells = [_windows(cell) for cell in cells]
            made.notes.append(
                (line, "undecodable", "Bytes that are not UTF-8 were read as Windows-1252; letters may be wrong.")
            )
        yield line, cells
    if undecodable:
        made.encoding = f"{words}, {undecodable} lines of Windows-1252"


def _windows(cell: str) -> str:
    return cell.encode("utf-8", "surrogateescape").decode("cp1252", "replace") if not cell.isascii() else cell


def _geojson(binary: io.BufferedReader, encoding: str, words: str) -> Rows:
    try:
        content = json.loads(binary.read().decode(encoding))
    except UnicodeDecodeError as fault:
        raise Refused(f"The JSON holds bytes that are not UTF-8, first at byte {fault.start + 1}.") from None
    except (json.JSONDecodeError, RecursionError) as fault:
        raise Refused(f"The file begins as JSON, but is not: {shown(str(fault), 120)}.") from None
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        why = content.get("error") if isinstance(content, dict) else None
        said = f"; it says {shown(json.dumps(why), 120)}" if why else ""
        raise Refused(f"The JSON is no GeoJSON FeatureCollection: it has no list of features{said}.")
    project = _projection(content.get("crs"))
    columns = list(
        dict.fromkeys(name for one in features if isinstance(one, dict) for name in one.get("properties") or ())
    )
    more = any(
        bool(place.get("exceededTransferLimit"))
        for place in (content, content.get("properties") or {})
        if isinstance(place, dict)
    )
    made = Rows("GeoJSON", [*columns, "geometry"], iter(()), encoding=words, more_pages=more)
    made.rows = _features(features, columns, project)
    return made


def _projection(crs: Any) -> Any:
    """What turns a file's coordinates to degrees. Raises Refused for a system that is not known here."""
    name = str(((crs or {}).get("properties") or {}).get("name", "")) if isinstance(crs, dict) else ""
    code = name.rpartition(":")[2].upper()
    if not name or code in ("4326", "4269", "CRS84", "CRS83", "4979"):
        return lambda x, y: (x, y)
    if code in ("3857", "900913", "102100", "3785"):
        return lambda x, y: (
            math.degrees(x / _EARTH_M),
            math.degrees(math.atan(math.sinh(max(-20.0, min(20.0, y / _EARTH_M))))),
        )
    raise Refused(
        f"The file's coordinates are in {shown(name, 60)!r}, which is not known here: degrees (EPSG:4326) or web "
        "Mercator metres (EPSG:3857) would do."
    )


def degrees(geometry: Any) -> tuple[float, float] | None:
    """The place of a point that was kept from a file: metres are told from degrees by their size."""
    point = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if not (isinstance(point, list) and len(point) >= 2 and all(isinstance(x, int | float) for x in point[:2])):
        return None
    x, y = map(float, point[:2])
    return (x, y) if abs(x) <= 180 and abs(y) <= 90 else _projection({"properties": {"name": "EPSG:3857"}})(x, y)


def _features(features: list[Any], columns: list[str], project: Any) -> Iterator[Row]:
    """A feature's number in the file from 1, its properties in the order of ``columns``, and its place.

    The last cell is the geometry as it stands; where it is a point the place in degrees follows.
    """
    for number, feature in enumerate(features, 1):
        properties = (feature.get("properties") or {}) if isinstance(feature, dict) else {}
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        cells = [properties.get(name) for name in columns]
        point = (geometry or {}).get("coordinates") if isinstance(geometry, dict) else None
        place: tuple[float, float] | None = None
        if isinstance(point, list) and len(point) >= 2 and all(isinstance(x, int | float) for x in point[:2]):
            place = project(float(point[0]), float(point[1]))
        yield number, [*cells, geometry, place]
