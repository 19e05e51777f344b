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
    "state": "str",
    "county": "str",
    "condition": "str",
    "purposes": "str",
    "height_ft": "float64",
    "storage_acre_ft": "float64",
    "last_inspection": "str",
    "has_hydrograph": "bool",
    "revision": "int64",
}

#: What a profile shows of one dam: all of DAMS and these. Lists are joined by ";", dates are ISO text, ""
#: and NaN where the source gives none. ``height_ft`` is NID height, the largest of dam, hydraulic and
#: structural height; ``storage_acre_ft`` is NID storage, the larger of maximum and normal storage.
PROFILE = DAMS | {
    "source_key": "str",
    "other_structure_id": "str",
    "other_names": "str",
    "city": "str",
    "owner_types": "str",
    "dam_types": "str",
    "condition_date": "str",
    "eap": "str",
    "eap_date": "str",
    "inspection_frequency_years": "float64",
    "dam_height_ft": "float64",
    "hydraulic_height_ft": "float64",
    "structural_height_ft": "float64",
    "length_ft": "float64",
    "volume_cubic_yards": "float64",
    "max_storage_acre_ft": "float64",
    "normal_storage_acre_ft": "float64",
    "surface_area_acres": "float64",
    "drainage_area_sq_miles": "float64",
    "max_discharge_cfs": "float64",
    "spillway_width_ft": "float64",
}

#: One dot a dam on the map, index ``dam_id`` (int64); degrees WGS 84.
DOTS = {"name": "str", "owner": "str", "hazard": "str", "longitude": "float64", "latitude": "float64"}

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


#: Kinds of events that are of many dams at once; in the history of one the body has its values before and after.
OF_MANY = {"inventory_imported", "import_undone"}


@dataclass(frozen=True)
class Event:
    """A committed fact of the log. ``origin`` is the page that asked for it, "" for none.

    Name, owner and place (degrees WGS 84, None unknown) are the dam's as they were then.
    """

    number: int
    kind: str
    recorded_at: dt.datetime
    user_name: str
    origin: str
    dam_id: int
    dam_name: str
    body: dict[str, Any]
    owner: str = ""
    longitude: float | None = None
    latitude: float | None = None
    why: str = ""

    def __hash__(self) -> int:
        return self.number  # cheap, and ``body`` has none: what is made of events is cached by them


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


@dataclass(frozen=True)
class RefusedRow:
    """A row of an inventory file that is left out. ``line`` is that of the file, of GeoJSON the feature's number."""

    line: int
    reason: str
    value: str


@dataclass(frozen=True)
class InventoryWarning:
    """What was met ``count`` times, first on ``line`` (None: the file as a whole)."""

    line: int | None
    code: str
    message: str
    count: int


@dataclass(frozen=True)
class ImportConflict:
    """A value that a new release and people here both changed: what the last release said, this one, and what is here.

    ``field`` is "place" for the coordinates together, and "removed" for a dam that the release has no more.
    """

    dam_id: int
    key: str
    name: str
    field: str
    before: Any
    theirs: Any
    ours: Any


@dataclass(frozen=True)
class SourceRecord:
    """A dam's record as its source file has it: ``cells`` is column -> cell, in the file's order.

    ``imported_by`` is who imported the dam first.
    """

    file_name: str
    system: str
    last_updated: str
    line: int
    cells: dict[str, Any]
    imported_by: str


@dataclass(frozen=True)
class InventoryReport:
    """What was read of an inventory file. ``problem`` is the sentence why the whole file is refused.

    ``hazard`` counts labels as the file writes them, blank as "". ``bbox`` is west, south, east, north in degrees
    of the dams that have a place. ``last_updated`` is ISO text: what the file says at its head, else its newest row.
    """

    file_name: str
    system: str
    format: str
    encoding: str
    columns: tuple[str, ...]
    sha256: str
    rows: int
    accepted: int
    rejected: tuple[RefusedRow, ...]
    warnings: tuple[InventoryWarning, ...]
    hazard: dict[str, int]
    states: dict[str, int]
    year_min: int | None
    year_max: int | None
    bbox: tuple[float, float, float, float] | None
    on_map: int
    off_map: int
    storage_acre_ft_sum: float | None
    last_updated: str
    more_pages: bool = False
    problem: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The form of ``dams inspect --json``."""
        found = {name: getattr(self, name) for name in _INSPECTED}
        found["rejected"] = [vars(row) for row in self.rejected]
        found["warnings"] = [vars(warning) for warning in self.warnings]
        return {"kind": "inventory", **found, "bbox": list(self.bbox) if self.bbox else None}


_INSPECTED = (
    "format", "rows", "accepted", "encoding", "hazard", "year_min", "year_max", "on_map", "off_map",
    "storage_acre_ft_sum", "last_updated", "problem", "sha256",
)  # fmt: skip


#: The classes of an overview, in the order in which they are drawn; a value that is none of these is "Other".
HAZARDS = ("High", "Significant", "Low", "Undetermined", "Not Available", "Other", "")
CONDITIONS = ("Satisfactory", "Fair", "Poor", "Unsatisfactory", "Not Rated", "Not Available", "Other", "")
INSPECTIONS = ("Overdue", "In time", "None scheduled", "Not known")


@dataclass(frozen=True)
class OverviewTotals:
    """Of the wanted dams. ``storage_acre_ft`` is the sum of the ``with_storage`` dams that give one, None without any.

    ``huge`` are name and storage of those that hold more than any reservoir of the country.
    """

    dams: int
    every: int
    high: int
    without_place: int
    eap: int
    storage_acre_ft: float | None
    with_storage: int
    huge: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Overview:
    """Counts (int64) of the wanted dams; of each table its own field does not narrow it.

    ``states`` (a row a state, most dams first) and ``decades`` (a row a decade: its first year, -1 not given, 0
    before 1850) have the columns HAZARDS; ``conditions`` (rows CONDITIONS) has the column High; ``inspections``
    (rows HAZARDS) the columns INSPECTIONS.
    """

    totals: OverviewTotals
    states: pd.DataFrame
    decades: pd.DataFrame
    conditions: pd.DataFrame
    inspections: pd.DataFrame
