"""``dams import`` and ``dams inspect``: inventory files, and series for the latter, from the command line."""

import argparse
import contextlib
import gc
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.cli_services import services
from dashboard.settings import SettingsError

if TYPE_CHECKING:  # pandas takes a quarter of a second, which no other command needs
    from data.frames import InventoryReport, RefusedRow

SHOWN = 20  #: Refused rows that are printed one by one.


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add both commands to ``dams``."""
    take = commands.add_parser(
        "import",
        help="take inventory files in",
        description="Read inventory files (CSV or GeoJSON, plain or gzip) and take them in, each wholly or not "
        "at all. Pages of one GeoJSON list are given together. With --dam, a file of time series is given to that dam.",
    )
    take.add_argument("files", nargs="+", type=Path, metavar="FILE")
    take.add_argument("--dry-run", action="store_true", help="read, compare and report; store nothing")
    extent = take.add_mutually_exclusive_group()
    extent.add_argument("--part", action="store_true", help="the file is a part of the list: remove no dam for it")
    extent.add_argument(
        "--whole",
        action="store_true",
        help="the file is the whole list of its states: remove what it lacks, however much (assumed only for little)",
    )
    take.add_argument("--older", action="store_true", help="take a file though what is in is newer than it")
    take.add_argument(
        "--conflicts",
        choices=("ours", "theirs"),
        default="",
        help="where a release and people here changed the same value: which one counts (else nothing is stored)",
    )
    take.add_argument("--mapping", type=Path, metavar="TOML", help="how the columns of another country's list are read")
    series = take.add_argument_group("series of one dam", "A file of time series, such as USGS RDB, is given to a dam.")
    series.add_argument("--dam", default="", metavar="DAM", help="its number here, or its NID ID")
    series.add_argument(
        "--role", default="", metavar="ROLE", help="inflow, outflow, stage, elevation, storage or other"
    )
    series.add_argument("--series", default="", metavar="ID", help="which of several series (dams inspect lists them)")
    take.add_argument("--user", default="", help="who imports (the user of DAMS_USER)")
    take.set_defaults(run=_import)
    look = commands.add_parser(
        "inspect",
        help="report on a file without a database",
        description="Report on an inventory file or a file of time series, known by its content, plain or gzip.",
    )
    look.add_argument("file", type=Path, metavar="FILE")
    look.add_argument("--mapping", type=Path, metavar="TOML", help="how the columns of another country's list are read")
    look.add_argument("--json", action="store_true", help="one JSON object")
    look.set_defaults(run=_inspect)


def _inspect(options: argparse.Namespace) -> int:
    with _read([options.file], options.mapping) as file:
        report, hazard = file.report, file.hazard
    if report.problem and not report.rows and not options.mapping:
        return _inspect_series(options, report)
    if options.json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _print(report, hazard)
    return _refused(options.file, report)


def _inspect_series(options: argparse.Namespace, inventory: "InventoryReport") -> int:
    """A file that is no inventory: its series, or why it is neither."""
    from dashboard import cli_series
    from data.importers import series
    from data.importers.hydrograph_text import Refused

    try:
        file = series.read(options.file)
    except series.Unknown as why:
        report = replace(inventory, problem=f"{why} As an inventory: {inventory.problem}")
        found, problem = report.as_json(), report.problem
    except Refused as why:
        known = isinstance(why, series.OtherTable) and why.what == series.INVENTORY
        found = inventory.as_json() if known else cli_series.refused(options.file.name, str(why))
        problem = inventory.problem if known else str(why)
    except OSError as fault:
        raise SettingsError(f"{fault.filename}: {fault.strerror}.") from None
    else:
        cli_series.print_report(file, as_json=options.json)
        print_rejected(options.file, file.rejected)
        return 0
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
    print(f"{options.file}: {problem}", file=sys.stderr)
    return 1


@contextlib.contextmanager
def _read(paths: Sequence[Path], mapping: Path | None) -> Iterator:
    from data.importers import inventory, inventory_mapping
    from data.importers.hydrograph_text import Refused

    try:
        mapped = inventory_mapping.read(mapping) if mapping else inventory_mapping.NID
        with inventory.read(list(paths), mapping=mapped, progress=_progress) as file:
            _progress(0)
            yield file
    except Refused as why:
        raise SettingsError(str(why)) from None
    except OSError as fault:
        raise SettingsError(f"{fault.filename}: {fault.strerror}.") from None


def _refused(path: Path, report: "InventoryReport") -> int:
    """The status of a file that was read; its refused rows on standard error, one line each."""
    if report.problem:
        print(f"{path}: {report.problem}", file=sys.stderr)
        return 1
    print_rejected(path, report.rejected)
    return 0


def print_rejected(path: Path, rejected: Sequence["RefusedRow"]) -> None:
    """The rows that are left out on standard error, one line each."""
    for row in rejected[:SHOWN]:
        print(f"{path}:{row.line}: {row.reason} ({row.value})", file=sys.stderr)
    if len(rejected) > SHOWN:
        print(f"{path}: {len(rejected) - SHOWN:,} more rows are refused; --json lists all.", file=sys.stderr)


def _print(report: "InventoryReport", hazard: Mapping[str, int]) -> None:
    if report.problem:
        return
    print(f"{report.file_name}: {report.format}, {report.encoding}, {_updated(report)}.")
    print(f"{report.rows:,} rows: {report.accepted:,} accepted, {len(report.rejected):,} refused.")
    print(f"{report.on_map:,} on the map, {report.off_map:,} without a place.")
    if hazard:
        print("Hazard potential: " + ", ".join(f"{label or 'blank'} {n:,}" for label, n in hazard.items()) + ".")
    for warning in report.warnings:
        where = f", first on line {warning.line}" if warning.line else ""
        print(f"  {warning.count:,} times{where}: {warning.message}")


def _updated(report: "InventoryReport") -> str:
    return f"last updated {report.last_updated}" if report.last_updated else "no date of update"


def _progress(count: int, what: str = "rows read") -> None:
    """One line that is written over, on a terminal; 0 clears it."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{count:,} {what}" if count else "\r\x1b[K", end="", file=sys.stderr, flush=True)


def _import(options: argparse.Namespace) -> int:
    from data.importers import inventory_text

    geo = len(options.files) > 1 and all(inventory_text.is_geojson(path) for path in options.files if path.is_file())
    lists = [options.files] if geo else [[path] for path in options.files]
    gc.disable()  # a hundred thousand rows without a ring among them: looking for some takes a twentieth of the time
    with services() as app:
        if options.dam or options.role or options.series:
            from dashboard import cli_series

            return max([cli_series.import_one(app, path, options) for path in options.files])
        return max([_import_one(app, paths, options) for paths in lists])


def _import_one(app, paths: list[Path], options: argparse.Namespace) -> int:
    from data.commands import ImportConflicts, ImportInventory, Rejected, Unchanged

    with _read(paths, options.mapping) as file:
        report = file.report
        _print(report, file.hazard)
        status = _refused(paths[0], report)
        if status:
            from dashboard import cli_series

            if not report.rows and (words := cli_series.hint(paths[0])):
                print(words, file=sys.stderr)
            return status
        what = "dams compared" if options.dry_run else "dams taken in"
        command = ImportInventory(
            file=file,
            whole=options.whole if options.whole or options.part else None,
            older=options.older,
            otherwise=options.conflicts,
            progress=lambda count: _progress(count, what),
        )
        user = options.user or app.settings.user
        try:
            body = (
                app.rehearse(command, user_name=user).counts()
                if options.dry_run
                else app.send_import(command, user_name=user)
            )
        except Unchanged as nothing:
            print(str(nothing))
            return 0
        except ImportConflicts as open_:
            _progress(0)
            print(f"{paths[0]}: {open_} Nothing was stored; --conflicts ours or theirs decides all.", file=sys.stderr)
            for one in open_.conflicts[:SHOWN]:
                words = f"last release {one.before!r}, this one {one.theirs!r}, here {one.ours!r}"
                print(f"  {one.key.rstrip('/')} {one.name}, {one.field}: {words}", file=sys.stderr)
            return 1
        except Rejected as refusal:
            remedy = " --older takes it all the same." * ("older" in refusal.problems)
            _progress(0)
            print(f"{paths[0]}: {refusal}{remedy}", file=sys.stderr)
            return 1
    from components.names import import_counts

    _progress(0)
    words = import_counts(body)
    words += f", {body['unchanged']:,} as they were" if body["unchanged"] else ""
    words += f", {body['kept']:,} values kept as they are here" if body["kept"] else ""
    print(("Would be done: " if options.dry_run else "Done: ") + words + ".")
    if body.get("withheld"):
        print(
            f"{body['withheld']:,} of {body['held']:,} dams would be removed if this file were the whole list: it is "
            "taken for a part, and they stay; --whole removes them."
        )
    return 0
