"""Gives dams hydrographs and series, and takes them away; what is replaced is kept."""

import numpy as np
import sqlalchemy as sa

from data import keeping, models, series_points
from data.commands import AssignHydrograph, AssignSeries, Rejected, RemoveHydrograph, RemoveSeries, Unchanged
from data.series import About, Series, SeriesFile
from data.writing.base import Change, Work, about

POINT_BYTES = 16  #: What an ordinate of a hydrograph counts: two numbers.


def assign_hydrograph(work: Work, command: AssignHydrograph) -> Change:
    assert command.dam_id is not None and command.file is not None  # its check() has said so
    dam, report = work.dam(command.dam_id), command.file.report
    points = command.file.points[["time_hours", "flow_cfs"]].to_numpy(dtype=float)
    size = len(points) * POINT_BYTES
    sizes = {work.user.name: size}
    replaced = take_hydrograph(work, dam.dam_id, sizes)
    work.charge_all(sizes)
    hydrograph = models.Hydrograph(
        dam_id=dam.dam_id,
        file_name=report.file_name[:255],
        format=report.format,
        rows_in_file=report.rows_in_file,
        note_counts=report.note_counts,
        assigned_by=work.user.name,
        assigned_at=work.now,
        size=size,
    )
    work.db.add(hydrograph)
    work.db.flush()
    keeping.put_points(work.db, hydrograph.hydrograph_id, np.asarray(points))
    body = {"file_name": report.file_name, "points": len(points), "notes": report.note_counts, "replaced": replaced}
    return Change("hydrograph_assigned", about(dam), body)


def remove_hydrograph(work: Work, command: RemoveHydrograph) -> Change:
    dam, sizes = work.dam(command.dam_id), dict[str, int]()
    file_name = take_hydrograph(work, dam.dam_id, sizes)
    if file_name is None:
        raise Rejected({"": f'"{dam.name}" has no hydrograph.'})
    work.charge_all(sizes)
    return Change("hydrograph_removed", about(dam), {"file_name": file_name})


def take_hydrograph(work: Work, dam_id: int, sizes: dict[str, int]) -> str | None:
    """Delete the dam's hydrograph and keep it; the name of its file, None when there was none.

    Its size goes off what ``sizes`` counts for who assigned it.
    """
    row = work.db.scalar(sa.select(models.Hydrograph).where(models.Hydrograph.dam_id == dam_id))
    if row is None:
        return None
    work.keep("hydrograph", row)
    sizes[row.assigned_by] = sizes.get(row.assigned_by, 0) - row.size
    work.db.delete(row)
    work.db.flush()
    return row.file_name


def assign_series(work: Work, command: AssignSeries) -> Change:
    assert command.dam_id is not None and command.file is not None  # its check() has said so
    dam, file = work.dam(command.dam_id), command.file
    sizes = dict[str, int]()
    told = [
        _assign_one(work, dam.dam_id, file, one, command.roles[one.about.id], sizes)
        for one in file.series
        if one.about.id in command.roles
    ]
    if not any(one["added"] or one["changed"] for one in told):
        raise Unchanged({"file": f'"{dam.name}" has every value of {file.file_name} already.'})
    work.charge_all(sizes)
    work.db.flush()
    return Change("series_assigned", about(dam), {"file_name": file.file_name, "series": told})


def _assign_one(
    work: Work, dam_id: int, file: SeriesFile, one: Series, role: str, sizes: dict[str, int]
) -> dict[str, object]:
    """Store one series of a file, joined to what the dam has of it; what was done, for the event."""
    key = series_key(one.about, file.file_name)
    row = find_series(work, dam_id, key)
    points, added, changed = one.points, len(one.points), 0
    if row is None:
        row = models.Series(dam_id=dam_id, source_id=key)
        work.db.add(row)
    else:
        old = series_points.unpack(row.points)
        if type(old.index) is not type(points.index) or row.unit != one.about.unit[:40]:
            reason = f"{one.about.id} is kept in {row.unit or 'no unit'}, and this file has it in "
            reason += f"{one.about.unit or 'no unit'} or without dates: remove the series first."
            raise Rejected({"file": reason})
        points, added, changed = series_points.joined(old, points)
        work.keep("series", row)
        sizes[row.assigned_by] = sizes.get(row.assigned_by, 0) - row.size
    for name, text in _texts(one.about, file, role, work.user.name).items():
        setattr(row, name, text[: getattr(models.Series, name).type.length])
    row.assigned_at, row.points = work.now, series_points.pack(points)
    row.size = len(row.points)
    sizes[row.assigned_by] = sizes.get(row.assigned_by, 0) + row.size
    row.report = {
        "refused": len(file.rejected),
        "warnings": [vars(warning) for warning in file.warnings],
        "duplicates": one.duplicates,
    }
    return {"id": key, "role": row.role, "points": len(points), "added": added, "changed": changed}


def _texts(about: About, file: SeriesFile, role: str, user_name: str) -> dict[str, str]:
    names = ("name", "parameter", "unit", "timezone", "datum", "source", "statistic")
    made = {"role": role, "file_name": file.file_name, "format": file.format, "assigned_by": user_name}
    return {name: getattr(about, name) for name in names} | made


def find_series(work: Work, dam_id: int, key: str) -> models.Series | None:
    """A dam's series by its id in its source."""
    table = models.Series
    return work.db.scalar(sa.select(table).where(table.dam_id == dam_id, table.source_id == key))


def series_key(about: About, file_name: str) -> str:
    """What a newer file of a series has in common with it: its id in its source.

    A column of a file that names no source, such as "Flow", is another series in every file of another name.
    """
    return about.id[:200] if about.source else f"{about.id[:100]} ({file_name[:90]})"


def remove_series(work: Work, command: RemoveSeries) -> Change:
    row = work.db.get(models.Series, command.series_id)
    if row is None:
        raise Rejected({"": "This series is not there: it may have been removed."})
    dam = work.dam(row.dam_id)
    take_series(work, row)
    body = {"file_name": row.file_name, "id": row.source_id, "role": row.role}
    return Change("series_removed", about(dam), body)


def take_series(work: Work, row: models.Series) -> None:
    """Delete a series and keep it."""
    work.keep("series", row)
    work.charge(row.assigned_by, size=-row.size)
    work.db.delete(row)
    work.db.flush()
