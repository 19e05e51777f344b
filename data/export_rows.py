"""What every export has in common: which columns, which rows, what the file says about itself, and safe cells."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from data import frames, models, reads
from data.inventory import Filter

INTERNAL = ("created_by", "revision", "source_key", "has_hydrograph")  #: Of this database, not of a dam.
#: Our columns in an export: the dam's number here, then those of PROFILE.
COLUMNS = {"dam_id": "int64"} | {name: kind for name, kind in frames.PROFILE.items() if name not in INTERNAL}
CHUNK = 2000  #: Rows that are in memory at a time.
Chunks = Iterator[Sequence[sa.Row]]
#: Cells that begin so are run as a formula by a spreadsheet (OWASP, CSV Injection), the wide signs by some.
_RUNS = "=+-@\t\r\n＝＋－＠"
UNSIGNED = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"  #: A number, as a pattern.
_NUMBER = re.compile(rf"[+-]?{UNSIGNED}")
APOSTROPHES = "Cells beginning with = + - @ tab or line break that are no number have an apostrophe before them"


class Source(NamedTuple):
    """An inventory file that some of the exported dams came from."""

    system: str
    file_name: str
    last_updated: str
    dams: int


@dataclass(frozen=True)
class About:
    """What an export says about itself. ``count`` dams of ``total`` were asked for; ``by_hand`` have no source."""

    wanted: Filter
    count: int
    total: int
    sources: tuple[Source, ...]
    by_hand: int
    exported_at: dt.datetime

    @property
    def vintage(self) -> str:
        """The newest date of its sources, ISO text, "" unknown."""
        return max((source.last_updated for source in self.sources), default="")

    def as_json(self) -> dict[str, Any]:
        """For the files that can carry it."""
        return {
            "source": [source._asdict() for source in self.sources],
            "entered_by_hand": self.by_hand,
            "vintage": self.vintage or None,
            "filter": self.wanted.query(),
            "filter_words": self.wanted.words(),
            "exported_at": self.exported_at.isoformat(timespec="seconds"),
            "count": self.count,
            "of": self.total,
            "units": "as the columns are named; longitude and latitude in degrees WGS 84; dates ISO 8601",
        }


class Written(NamedTuple):
    """Dams in the file, dams that were asked for and have no place in it, cells that were made harmless."""

    dams: int
    left_out: int = 0
    harmless: int = 0


def about(db: Session, wanted: Filter, now: dt.datetime) -> About:
    """What an export of ``wanted`` will say about itself."""
    record, made, number = models.SourceRecord, models.Import, sa.func.count()
    rows = (
        sa.select(made.system, made.file_name, made.last_updated, number)
        .select_from(models.Dam)
        .join(record, record.dam_id == models.Dam.dam_id)
        .join(made, made.import_id == record.import_id)
        .where(*reads.narrowed(wanted))
        .group_by(made.import_id)
        .order_by(made.import_id.desc())
    )
    sources = tuple(Source(*row) for row in db.execute(rows))
    count = reads.count(db, wanted)
    by_hand = count - sum(source.dams for source in sources)
    return About(wanted, count, reads.count(db), sources, by_hand, now)


def chunks(db: Session, query: sa.Select) -> Chunks:
    """What ``query`` finds, CHUNK rows at a time."""
    return db.execute(query, execution_options={"yield_per": CHUNK}).partitions()


def dams(db: Session, wanted: Filter, *, sort: str = "name", descending: bool = False) -> Chunks:
    """The wanted dams in the order of their table, COLUMNS of each."""
    columns = [getattr(models.Dam, name) for name in COLUMNS]
    return chunks(db, sa.select(*columns).where(*reads.narrowed(wanted)).order_by(*reads._order(sort, descending)))


def number_text(value: float | None) -> str:
    """A number with the digits that it was given with; "" for none."""
    if value is None or value != value:
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def runs(cell: str) -> bool:
    """Whether a spreadsheet would take a cell as a formula."""
    return cell[:1] in _RUNS and cell != "" and not _NUMBER.fullmatch(cell)


def harmless(cell: str) -> str:
    """The cell as a spreadsheet shows it and does not run it."""
    return f"'{cell}" if runs(cell) else cell
