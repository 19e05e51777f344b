"""``dams route``, ``storage``, ``frequency``, ``baseflow`` and ``flows``: analyses of files from the command line."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard.settings import SettingsError

if TYPE_CHECKING:  # pandas takes a quarter of a second, which no other command needs
    from data.analyses import Analysis
    from data.routing import Orifice, Weir
    from data.series import Series

METHODS = ("lyne-hollick", "eckhardt", "ukih")


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the commands to ``dams``."""
    route = _command(commands, "route", _route, "INFLOW", "route an inflow through a reservoir (level pool)")
    route.add_argument(
        "--table", type=Path, required=True, metavar="FILE", help="elevation, storage and outflow of the reservoir"
    )
    route.add_argument("--reservoir", default="", metavar="NAME", help="of a table of several reservoirs")
    route.add_argument("--start-elevation", type=float, required=True, metavar="FT", help="of the pool, feet")
    route.add_argument("--crest", type=float, metavar="FT", help="top of the dam, feet: tells the freeboard")
    numbers = {"nargs": 3, "type": float, "action": "append", "default": []}
    route.add_argument("--weir", metavar=("CREST_FT", "LENGTH_FT", "C"), help="in place of the outflows", **numbers)  # type: ignore[arg-type]
    route.add_argument("--orifice", metavar=("CENTRE_FT", "AREA_FT2", "C"), help="the same; may be repeated", **numbers)  # type: ignore[arg-type]
    storage = _command(commands, "storage", _storage, "ELEVATION", "storage and percent full of an elevation")
    storage.add_argument("--table", type=Path, required=True, metavar="FILE", help="elevation and storage")
    storage.add_argument("--reservoir", default="", metavar="NAME", help="of a table of several reservoirs")
    storage.add_argument("--datum", default="", help="of the elevations, where their file states none")
    storage.add_argument(
        "--shift", type=float, metavar="FT", help="added to the table's elevations to be in that datum"
    )
    storage.add_argument("--full-elevation", type=float, metavar="FT", help="of the full pool: tells percent full")
    frequency = _command(commands, "frequency", _frequency, "PEAKS", "flood frequency of annual peaks")
    frequency.add_argument("--regional-skew", type=float, metavar="G", help="skew of the region")
    frequency.add_argument("--regional-skew-mse", type=float, metavar="M", help="its mean square error")
    frequency.add_argument(
        "--method", choices=("moments", "ema"), default="moments", help="Bulletin 17B's (moments) or 17C's (ema)"
    )
    base = _command(commands, "baseflow", _baseflow, "FLOW", "baseflow of a daily flow")
    base.add_argument("--method", choices=METHODS, required=True)
    base.add_argument("--a", type=float, metavar="A", help="filter parameter or recession constant")
    flows = _command(commands, "flows", _flows, "FLOW", "flow duration, water years and low flows of a daily flow")
    flows.add_argument("--low-flow-days", type=int, default=7, metavar="N", help="of the low flow (7)")
    flows.add_argument("--low-flow-years", type=float, default=10.0, metavar="T", help="its return period (10)")
    base.add_argument("--bfi-max", type=float, metavar="B", help="largest baseflow index (Eckhardt)")


def _command(
    commands: argparse._SubParsersAction, name: str, run: Callable[..., "Analysis"], file: str, words: str
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=words, description=f"{words[:1].upper()}{words[1:]}.")
    made.add_argument("file", type=Path, metavar=file)
    made.add_argument("--series", default="", metavar="ID", help="which series of the file, where it has several")
    made.add_argument("--from", dest="start", default="", metavar="TIME", help="first time that is used, UTC")
    made.add_argument("--to", dest="end", default="", metavar="TIME", help="last time that is used, UTC")
    made.add_argument("--json", action="store_true", help="one JSON object")
    made.add_argument("-o", dest="out", type=Path, metavar="OUT.csv", help="write the rows")
    made.add_argument("--script", type=Path, metavar="OUT.py", help="write a Python script that gives the same digits")
    made.set_defaults(run=lambda options: _run(options, run))
    return made


def _run(options: argparse.Namespace, analyse: Callable[[argparse.Namespace], "Analysis"]) -> int:
    from data.importers.hydrograph_text import Refused as RefusedFile
    from data.provenance import Refused

    try:
        found = analyse(options)
        if options.out:
            found.rows.to_csv(options.out, index=False)
        if options.script:
            options.script.write_text(found.script)
    except RefusedFile as why:
        raise SettingsError(f"{options.file}: {why}") from None
    except Refused as why:
        raise SettingsError(str(why)) from None
    except OSError as fault:
        raise SettingsError(f"{fault.filename}: {fault.strerror}.") from None
    if options.json:
        print(json.dumps(found.report, ensure_ascii=False, allow_nan=False))
    else:
        _print(found)
    return 0


def _print(found: "Analysis") -> None:
    print(found.title)
    width = max(map(len, found.figures), default=0)
    for name, text in found.figures.items():
        print(f"  {name:{width}}  {text}")
    for warning in found.warnings:
        print(f"  Note: {warning}")
    for words in found.how.left_out:
        print(f"  Left out: {words.rstrip('.')}.")
    given = ", ".join(f"{name} = {value}" for name, value in found.how.parameters.items() if value not in (None, ""))
    print(
        f"  {found.how.method}; {found.how.source}. Used: {found.how.used}.{f' Parameters: {given}.' if given else ''}"
    )


def _series(options: argparse.Namespace, choose: Callable[[Any, str], "Series"]) -> "Series":
    """The series that is asked for; what was refused of its file is told on standard error."""
    from data.importers import series
    from data.series_analysis import between

    file = series.read(options.file)
    for row in file.rejected[:20]:
        print(f"{options.file}:{row.line}: {row.reason} ({row.value})", file=sys.stderr)
    return between(choose(file.series, options.series), options.start, options.end)


def _outlets(options: argparse.Namespace) -> list["Weir | Orifice"]:
    from data.routing import Orifice, Weir

    return [Weir(*numbers) for numbers in options.weir] + [Orifice(*numbers) for numbers in options.orifice]


def _route(options: argparse.Namespace) -> "Analysis":
    from data import analyses, series_analysis
    from data.importers import storage_table
    from data.importers.hydrograph_text import Refused as RefusedFile

    inflow = _series(options, series_analysis.the_flow)
    try:
        outlets = _outlets(options)
        table = series_analysis.table_of(storage_table.read(options.table).reservoir(options.reservoir), outlets)
    except RefusedFile as why:
        raise SettingsError(f"{options.table}: {why}") from None
    return analyses.analyse_routing(
        inflow,
        table,
        start_elevation_ft=options.start_elevation,
        crest_ft=options.crest,
        outlets=outlets,
    )


def _storage(options: argparse.Namespace) -> "Analysis":
    from data import analyses, series_analysis

    return analyses.analyse_storage(
        _series(options, series_analysis.the_level),
        (options.table.name, options.table.read_bytes()),
        reservoir=options.reservoir,
        datum=options.datum,
        shift_ft=options.shift,
        full_elevation_ft=options.full_elevation,
    )


def _frequency(options: argparse.Namespace) -> "Analysis":
    from data import analyses, series_analysis

    peaks = _series(options, series_analysis.the_peaks)
    return analyses.analyse_frequency(
        peaks,
        regional_skew=options.regional_skew,
        regional_skew_mse=options.regional_skew_mse,
        method=options.method,
    )


def _baseflow(options: argparse.Namespace) -> "Analysis":
    from data import analyses, series_analysis

    flow = _series(options, series_analysis.the_flow)
    given = {"a": options.a, "bfi_max": options.bfi_max}
    return analyses.analyse_baseflow(
        flow, method=options.method, **{name: value for name, value in given.items() if value is not None}
    )


def _flows(options: argparse.Namespace) -> "Analysis":
    from data import analyses, series_analysis

    return analyses.analyse_statistics(
        _series(options, series_analysis.the_flow),
        low_flow_days=options.low_flow_days,
        low_flow_years=options.low_flow_years,
    )
