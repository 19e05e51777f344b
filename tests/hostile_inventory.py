"""An inventory in which every text that people or files can give is hostile, each piece with a mark of its own."""

import csv
import datetime as dt
import io
from dataclasses import dataclass, field, replace
from pathlib import Path

from hostile_text import KINDS, Marks

from data import models, reads
from data.commands import (
    AddDam,
    AssignHydrograph,
    AssignSeries,
    DeleteDam,
    EditDam,
    ImportInventory,
    RemoveHydrograph,
    RemoveSeries,
)
from data.importers import hydrograph_csv, inventory, series_csv
from data.importers.series_text import Findings
from data.inventory import Filter
from data.series import About, Series, SeriesFile

#: Text of these columns of an inventory file is kept, up to so many characters.
KEPT = {
    "Dam Name": 200, "Other Names": 2000, "Former Names": 2000, "Owner Names": 300, "Owner Types": 200,
    "River or Stream Name": 200, "State": 100, "County": 100, "City": 200, "Purposes": 500, "Dam Types": 500,
    "Hazard Potential Classification": 20, "Condition Assessment": 40, "EAP Prepared": 40, "Other Structure ID": 40,
    "State Regulatory Agency": 2000, "Source Agency": 2000,
}  # fmt: skip
#: What cannot be read here is told, and kept with the record.
ODD = ("NID Height (Ft)", "Condition Assessment Date", "Year Completed", "Website URL")
HYDROGRAPH = b"0,1\n1,5\n2,3\n3,1\n"


def inventory_csv(
    marks: Marks, kind: str, *ids: str, updated: str = "2025-1-1", **known: str
) -> tuple[bytes, list[dict[str, str]]]:
    """A file of dams, every cell of which is of ``kind``; and their cells. It also has a column of such a name.

    ``known`` are cells that are given.
    """
    column, rows = marks.put(kind, "name of a column"), []
    for nid_id in ids:
        cells = {name: marks.put(kind, f"cell {name}") for name in (*KEPT, *ODD, column)}
        place = {"Latitude": f"{40 + int(nid_id[-2:]) / 100}", "Longitude": f"{-111.7 + 0.05 * int(nid_id[-1])}"}
        rows.append(cells | {"NID ID": nid_id} | place | known)
    text = io.StringIO()
    text.write(f"Data Last Updated: {updated}\n")
    csv.writer(text).writerows([list(rows[0]), *(list(cells.values()) for cells in rows)])
    return text.getvalue().encode(), rows


def series_of(about: About, flag: str, days: int = 40) -> Series:
    """A series of daily values, read from a file of another name, with ``about`` and ``flag``."""
    start = dt.date(2020, 1, 1)
    rows = "".join(f"{start + dt.timedelta(day)},{5 + day % 7},{'x' if day == 3 else ''}\n" for day in range(days))
    _, (made,) = series_csv.read(f"date,flow (cfs),flag\n{rows}", Findings())
    points = made.points.assign(flag=made.points["flag"].cat.rename_categories({"x": flag}))
    return replace(made, about=about, points=points)


@dataclass
class Hostile:
    """What was put in: kind -> text. ``dams`` came from files and were changed here since, ``typed`` by hand."""

    marks: Marks = field(default_factory=Marks)
    users: dict[str, str] = field(default_factory=dict)
    typed: dict[str, int] = field(default_factory=dict)
    dams: dict[str, int] = field(default_factory=dict)
    filed: dict[str, dict[str, str]] = field(default_factory=dict)  #: cells of dams that nobody has changed
    filed_ids: dict[str, int] = field(default_factory=dict)
    cells: dict[str, dict[str, str]] = field(default_factory=dict)  #: of ``dams`` in their files
    edited: dict[str, dict[str, str]] = field(default_factory=dict)  #: what stands in the place of cells
    files: dict[str, str] = field(default_factory=dict)  #: inventory files
    hydrographs: dict[str, str] = field(default_factory=dict)  #: their files
    replaced: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    deleted: dict[str, str] = field(default_factory=dict)
    series: dict[str, About] = field(default_factory=dict)  #: of flow, of the first dam of a file
    series_files: dict[str, str] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    units: dict[str, About] = field(default_factory=dict)  #: of odd units, of the second dam of a file
    removed_series: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> dict[str, str]:
        """What a dam of ``dams`` shows of itself now: column -> text. A person here gave it no hazard potential."""
        shown = as_shown(self.cells[kind]) | self.edited[kind]
        del shown["Hazard Potential Classification"]
        return shown

    def as_filed(self, kind: str) -> dict[str, str]:
        """What a dam of ``filed`` shows of itself: column -> text."""
        return as_shown(self.filed[kind])


def as_shown(cells: dict[str, str]) -> dict[str, str]:
    """What is kept of cells, as a dam has it."""
    return {name: cells[name][:length] for name, length in KEPT.items()}


def take_in(app, content: bytes, name: str, user: str, folder: Path) -> None:
    """Import a file of this content and name."""
    path = folder / "inventory.csv"
    path.write_bytes(content)
    with inventory.read(path, file_name=name) as file:
        assert file.report.problem is None
        app.send_import(ImportInventory(file=file, whole=False), user_name=user)


def fill(app, folder: Path) -> Hostile:
    """Put hostile text of every kind into each field that takes text."""
    made = Hostile()
    put = made.marks.put
    with app._write.begin() as db:
        for kind in KINDS:
            made.users[kind] = put(kind, "a user's name")
            db.add(models.User(name=made.users[kind], role_name="admin", created_at=app.clock()))
    for number, kind in enumerate(KINDS):
        _by_hand(app, made, kind, number)
        _from_file(app, made, kind, number, folder)
    _with_series(app, made)
    return made


def _about(made: Hostile, kind: str) -> dict[str, str]:
    return {name: made.marks.put(kind, f"{name} of a dam") for name in ("name", "owner", "river")}


def _by_hand(app, made: Hostile, kind: str, number: int) -> None:
    user, put = made.users[kind], made.marks.put
    place = {"date_built": "1950", "longitude": -111.7 + 0.05 * number, "latitude": 40.6}
    made.typed[kind] = app.send(AddDam(**_about(made, kind), **place), user_name=user).dam_id
    gone = AddDam(**_about(made, kind), **place)
    made.deleted[kind] = gone.name
    app.send(DeleteDam(dam_id=app.send(gone, user_name=user).dam_id), user_name=user)
    made.removed[kind] = put(kind, "hydrograph file")
    given = hydrograph_csv.read(made.removed[kind], HYDROGRAPH)
    app.send(AssignHydrograph(dam_id=made.typed[kind], file=given), user_name=user)
    app.send(RemoveHydrograph(dam_id=made.typed[kind]), user_name=user)


def _from_file(app, made: Hostile, kind: str, number: int, folder: Path) -> None:
    user, put = made.users[kind], made.marks.put
    ids = f"ZZ{number:05d}", f"ZZ{number + 10:05d}"
    content, (made.cells[kind], made.filed[kind]) = inventory_csv(made.marks, kind, *ids)
    made.files[kind] = put(kind, "inventory file")
    take_in(app, content, made.files[kind], user, folder)
    with app.reading() as db:
        (dam_id,) = reads.dams_page(db, Filter(search=ids[0])).dams.index
        dam = reads.dam(db, int(dam_id))
        (made.filed_ids[kind],) = map(int, reads.dams_page(db, Filter(search=ids[1])).dams.index)
    made.dams[kind] = int(dam_id)
    words = _about(made, kind)
    made.edited[kind] = dict(zip(("Dam Name", "Owner Names", "River or Stream Name"), words.values(), strict=True))
    app.send(
        EditDam(dam_id=int(dam_id), revision=int(dam["revision"]), **words, date_built="1950", nid_id=ids[0],
                longitude=float(dam["longitude"]), latitude=float(dam["latitude"])),
        user_name=user,
    )  # fmt: skip
    for files in (made.replaced, made.hydrographs):
        files[kind] = put(kind, "hydrograph file")
        given = hydrograph_csv.read(files[kind], HYDROGRAPH)
        app.send(AssignHydrograph(dam_id=int(dam_id), file=given), user_name=user)


def _with_series(app, made: Hostile) -> None:
    put, (flows, levels, *_) = made.marks.put, made.dams.values()
    words = ("id", "name", "parameter", "timezone", "datum", "source")
    for kind in KINDS:
        user = made.users[kind]
        made.flags[kind] = put(kind, "flag of a value")
        made.series_files[kind] = put(kind, "series file")
        of_flow = About(**{name: put(kind, f"{name} of a series") for name in words}, unit="cfs", statistic="mean")
        of_unit = About(**{name: put(kind, f"{name} of a series") for name in ("unit", *words)})
        gone = About(id=put(kind, "id of a series"), name=put(kind, "name of a series"), unit="cfs", source="x")
        made.series[kind], made.units[kind], made.removed_series[kind] = of_flow, of_unit, gone.id
        for about, dam_id in ((of_flow, flows), (of_unit, levels), (gone, levels)):
            file = SeriesFile(made.series_files[kind], "CSV", (series_of(about, made.flags[kind]),))
            app.send(AssignSeries(dam_id=dam_id, file=file, roles={about.id: "other"}), user_name=user)
        with app.reading() as db:
            (series_id,) = (one.series_id for one in reads.series(db, levels) if one.series.about.id == gone.id)
        app.send(RemoveSeries(series_id=series_id), user_name=user)
