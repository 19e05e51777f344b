"""Reservoir tables and ratings from files: elevation-storage-discharge as CSV, rating XML of CWMS, rating RDB of USGS.

The tables are those of ``data.stage_storage`` and ``data.stage_discharge``: for what they hold, look there.
"""

from dataclasses import dataclass
from pathlib import Path

from data.importers import rating_cwms, rating_rdb, storage_csv
from data.importers.hydrograph_text import Refused, shown
from data.importers.series_text import Findings, content, text_of, unpacked
from data.stage_discharge import Rating
from data.stage_storage import StorageCurves


@dataclass(frozen=True)
class StorageFile:
    """A file that was read: reservoirs in its order, or a stream's rating; ``notes`` are sentences for the reader."""

    file_name: str
    format: str
    reservoirs: tuple[StorageCurves, ...] = ()
    ratings: tuple[Rating, ...] = ()
    notes: tuple[str, ...] = ()

    def reservoir(self, name: str = "") -> StorageCurves:
        """The reservoir, or operating assumption, of that name; spaces and letter case do not count.

        Without a name, the only one. Raises Refused where there is none, or more.
        """
        if not name and len(self.reservoirs) == 1:
            return self.reservoirs[0]
        names = [one.name for one in self.reservoirs]
        if not name:
            raise Refused(f"The file has {len(names):,} reservoirs: name one of {shown(', '.join(names), 300)}.")
        for one in self.reservoirs:
            if _plain(one.name) == _plain(name):
                return one
        raise Refused(f"The file has no reservoir {shown(name, 40)!r}: {shown(', '.join(names), 300)}.")


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def read(path: Path) -> StorageFile:
    """A file of reservoir tables or a rating, gzip or not. Raises Refused for any other, and OSError."""
    return _read(path.name, content(path))


def read_bytes(file_name: str, found: bytes) -> StorageFile:
    """An upload of such a file; the name is only shown. Raises Refused for any other."""
    return _read(file_name, unpacked(found))


def _read(name: str, found: bytes) -> StorageFile:
    findings = Findings()
    text = text_of(found, findings).lstrip("\ufeff")
    notes = tuple(warning.message for warning in findings.warnings)
    head = text[:4000]
    if rating_cwms.looks_like(head):
        rating = rating_cwms.read(text)
        return StorageFile(name, rating_cwms.FORMAT, reservoirs=rating.reservoirs, notes=notes + rating.notes)
    if rating_rdb.looks_like(head):
        return StorageFile(name, rating_rdb.FORMAT, ratings=(rating_rdb.read(text),), notes=notes)
    reservoirs, more = storage_csv.read(text, name.partition(".")[0])
    return StorageFile(name, storage_csv.FORMAT, reservoirs=reservoirs, notes=notes + more)
