"""The read contract: the tables and reports handed to the screen, without SQLAlchemy.

A component is built and tested with plain frames of these forms. An empty table has the same
columns and dtypes as a full one. Missing is NaN (numbers) or "" (text), never zero.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

#: One row a dam, index ``dam_id`` (int64). ``date_built`` is ISO text of the precision that was
#: given ("1941", "1941-06" or "1941-06-15", "" unknown), so that text order is date order.
#: Longitude and latitude are degrees WGS 84. ``revision`` counts the dam's changes.
DAMS = {
    "name": "str",
    "owner": "str",
    "river": "str",
    "date_built": "str",
    "hazard": "str",
    "nid_id": "str",
    "longitude": "float64",
    "latitude": "float64",
    "created_by": "str",
    "has_hydrograph": "bool",
    "revision": "int64",
}

#: Flow against hours since the file's zero hour, in file order with time strictly increasing.
#: A missing flow is NaN: it stays in the table and breaks the line.
HYDROGRAPH = {"time_hours": "float64", "flow_cfs": "float64"}

#: A measured series: index ``time`` (datetime64, UTC, increasing), one column.
SERIES = {"value": "float64"}


def empty(contract: dict[str, str]) -> pd.DataFrame:
    """A frame of ``contract``'s columns and dtypes without rows."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in contract.items()})


@dataclass(frozen=True)
class SeriesInfo:
    """What a measured series is: its words for the screen, its unit and where it comes from."""

    key: str
    title: str
    parameter: str
    unit: str
    source: str
    step: pd.Timedelta


@dataclass(frozen=True)
class Event:
    """A committed fact of the log. ``origin`` is the page that asked for it, "" for none."""

    number: int
    kind: str
    recorded_at: dt.datetime
    user_name: str
    origin: str
    dam_id: int
    dam_name: str
    body: dict[str, Any]


@dataclass(frozen=True)
class StoredHydrograph:
    """A dam's hydrograph as it is kept: its points (HYDROGRAPH) and where they came from."""

    dam_id: int
    dam_name: str
    file_name: str
    assigned_by: str
    assigned_at: dt.datetime
    note_counts: dict[str, int]
    points: pd.DataFrame


@dataclass(frozen=True)
class LineNote:
    """One thing a reader of a file met: where, what stood there, why it matters, what was done.

    ``line`` counts from 1 in the file as an editor shows it; None is the file as a whole.
    ``done`` is "refused" (the line is left out), "read as missing", or "kept".
    """

    line: int | None
    field: str
    value: str
    reason: str
    done: str


@dataclass(frozen=True)
class FileReport:
    """What was read of a file and what was not.

    ``problem`` is the sentence why the whole file is refused, None when ``rows_read`` > 0 can be
    used. ``notes`` holds at most the first 200 notes, ``note_counts`` counts all of them by what
    was done.
    """

    file_name: str
    format: str
    encoding: str
    rows_in_file: int
    rows_read: int
    problem: str | None = None
    notes: tuple[LineNote, ...] = ()
    note_counts: dict[str, int] = field(default_factory=dict)

    @property
    def understood(self) -> bool:
        """True when every line was read as it stands: nothing refused, nothing taken as missing."""
        return self.problem is None and not any(self.note_counts.get(k) for k in ("refused", "read as missing"))


@dataclass(frozen=True)
class HydrographFile:
    """A file read as a hydrograph: the report and, when it can be used, its points (HYDROGRAPH)."""

    report: FileReport
    points: pd.DataFrame
