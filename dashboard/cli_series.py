"""Time series on the command line: what ``dams inspect`` prints of a file, and ``dams import`` of one for a dam."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.importers.hydrograph_text import shown
from data.series import Series, SeriesFile

if TYPE_CHECKING:
    from dashboard.services import Services

SHOWN_GAPS = 5  #: Gaps of a series that are printed one by one.


def refused(file_name: str, problem: str) -> dict[str, Any]:
    """The JSON object of a file that is refused."""
    return SeriesFile(file_name, "").as_json() | {"problem": problem}


def print_report(file: SeriesFile, *, as_json: bool) -> None:
    """A file that was read, as one JSON object or in words."""
    if as_json:
        print(json.dumps(file.as_json(), ensure_ascii=False, allow_nan=False))
        return
    refused_ = f", {len(file.rejected):,} lines refused" if file.rejected else ""
    print(f"{file.file_name}: {file.format}, {len(file.series):,} series{refused_}.")
    for series in file.series:
        for line in _lines(series):
            print(line)
    for warning in file.warnings:
        where = f", first on line {warning.line}" if warning.line else ""
        print(f"  {warning.count:,} times{where}: {shown(warning.message, 400)}")


def _lines(series: Series) -> list[str]:
    about, found = series.about, series.as_json()
    unit = f" {shown(about.unit, 40)}" if about.unit else ""
    measure = ", ".join(filter(None, (unit.strip() or "no unit", about.datum)))
    lines = [
        f"{shown(about.id)}: {shown(about.name or about.parameter or 'no name')} ({measure})",
        f"  {found['rows']:,} rows: {found['values']:,} values, {found['missing']:,} missing, "
        f"{found['duplicates']:,} repeated.",
    ]
    if len(series.points):
        zone = f"; the file's times are {shown(about.timezone, 60)}" if about.timezone else ""
        lines.append(f"  {series.time_text(0)} to {series.time_text(-1)}{zone}.")
    if found["values"]:
        top = series.time_text(int(series.points["value"].argmax()))
        lines.append(f"  {found['min']:,.10g} to {found['max']:,.10g}{unit}, highest at {top}.")
    if found.get("volume_acre_ft") is not None:
        lines.append(f"  Volume {found['volume_acre_ft']:,.0f} acre-ft.")
    for gap in series.gaps[:SHOWN_GAPS]:
        lines.append(f"  Gap: {gap.start} to {gap.end}, {gap.missing_steps:,} steps missing.")
    if len(series.gaps) > SHOWN_GAPS:
        lines.append(f"  {len(series.gaps) - SHOWN_GAPS:,} more gaps; --json lists all.")
    if found["flags"]:
        flags = ", ".join(f"{shown(label, 40)} {n:,}" for label, n in found["flags"].items())
        lines.append(f"  Flags: {flags}.")
    return lines


def hint(path: Path) -> str:
    """What to do with a file that is no inventory, "" where it is no file of series either."""
    from data.importers import series
    from data.importers.hydrograph_text import Refused

    try:
        file = series.read(path)
    except (Refused, OSError):
        return ""
    return f"It is {file.format} with {len(file.series):,} series: give one to a dam with --dam and --role."


def import_one(app: "Services", path: Path, options: argparse.Namespace) -> int:
    """Give the series of a file to a dam; 0 when that is done, or would be, 1 with the reason when it is refused."""
    from dashboard.cli_inventory import print_rejected
    from data import events, reads
    from data.commands import SERIES_ROLES, AssignSeries, Rejected, Unchanged
    from data.importers import series
    from data.importers.hydrograph_text import Refused

    try:
        file = series.read(path)
    except Refused as why:
        print(f"{path}: {why}", file=sys.stderr)
        return 1
    except OSError as fault:
        print(f"{fault.filename}: {fault.strerror}.", file=sys.stderr)
        return 1
    print_rejected(path, file.rejected)
    ids = [one.about.id for one in file.series if len(one.points)]
    wanted = options.series or (ids[0] if len(ids) == 1 else "")
    if wanted not in ids:
        print(f"{path}: say with --series which one of {', '.join(ids) or 'none'}.", file=sys.stderr)
        return 1
    if options.role not in SERIES_ROLES:
        given = f"; {options.role!r} is none of these" if options.role else ""
        print(
            f"{path}: say with --role what {wanted} is to the dam: {', '.join(SERIES_ROLES)}{given}.", file=sys.stderr
        )
        return 1
    with app.reading() as db:
        dam_id = reads.dam_id_of(db, options.dam)
    if dam_id is None:
        print(
            f"Dam {shown(options.dam, 40)!r} is not one dam of the inventory: give its number or NID ID.",
            file=sys.stderr,
        )
        return 1
    # Refused rows were listed above: whoever runs the command has the report before them.
    command = AssignSeries(dam_id=dam_id, file=file, roles={wanted: options.role}, accepted=True)
    user = options.user or app.settings.user
    try:
        if options.dry_run:
            app.check(command, user_name=user)
            print(f"Would be done: {wanted} given to dam {dam_id} as {options.role}.")
            return 0
        done = app.send(command, user_name=user)
    except Unchanged as nothing:
        print(str(nothing))
        return 0
    except Rejected as refusal:
        print(f"{path}: {refusal}", file=sys.stderr)
        return 1
    with app.reading() as db:
        (told,) = events.read_after(db, done.number - 1, until=done.number)
    (one,) = told.body["series"]
    counts = f"{one['added']:,} new values, {one['changed']:,} changed"
    print(f'Done: {wanted} given to "{told.dam_name}" (dam {dam_id}) as {options.role}: {counts}.')
    return 0
