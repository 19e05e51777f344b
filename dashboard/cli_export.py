"""``dams export``: the inventory, or the part of it that is asked for, as a file."""

import argparse
import contextlib
import datetime as dt
import difflib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import parse_qs

from dashboard.cli_services import services
from dashboard.settings import SettingsError
from data.inventory import FACETS, RANGES, Filter, read_moment

FORMATS = ("csv", "geojson", "parquet", "nid")  #: Those of data/exports.py, which --help need not load.
OTHERS = {
    "search": ("TEXT", "words in the name, other names, NID ID, river, owner, county or state; or coordinates"),
    "owner": ("NAME", "owner, as it is written"),
    "river": ("TEXT", "part of the river's name"),
    "not_inspected_since": ("DATE", "no known inspection since, such as 2020-01-31"),
    "box": ("W,S,E,N", "in a box, degrees"),
    "near": ("LON,LAT,KM", "within kilometres of a place"),
    "on_map": ("yes|no", "with or without a place"),
    "as_of": ("DATE", "as they were at the end of a day, UTC, such as 2026-01-31"),
}


def add_to(commands: argparse._SubParsersAction) -> None:
    """Add the command to ``dams``."""
    made = commands.add_parser(
        "export",
        help="write the inventory, or a part of it, to a file",
        description="Write the dams that the options ask for. Options narrow together, values of one option widen; "
        '"" is a dam without one.',
    )
    made.add_argument("--format", required=True, choices=FORMATS, help="csv and nid are both CSV, nid as its source")
    made.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to (standard output)")
    made.add_argument("--filter", default="", metavar="QUERY", help='as in an address: "hazard=High&state=Mississippi"')
    for name, label in FACETS.items():
        made.add_argument(_option(name), action="append", metavar="VALUE", help=f"{label.lower()}; can be repeated")
    for name, label in RANGES.items():
        made.add_argument(_option(name), metavar="FROM~TO", help=f"{label[:1].lower()}{label[1:]}, either end open")
    for name, (metavar, words) in OTHERS.items():
        made.add_argument(_option(name), metavar=metavar, help=words)
    made.set_defaults(run=_export, usage=made.error)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _wanted(options: argparse.Namespace) -> Filter:
    """What the options ask for; an option takes the place of the same name in --filter."""
    from data.exports import read_filter

    given = parse_qs(options.filter.removeprefix("?"), keep_blank_values=True)
    for name in (*FACETS, *RANGES, *OTHERS):
        value = getattr(options, name)
        if value is not None:
            given[name] = value if isinstance(value, list) else [value]
    try:
        return read_filter(given)
    except ValueError as why:
        options.usage(str(why))
        raise


def _export(options: argparse.Namespace) -> int:
    wanted = _wanted(options)
    if options.format == "parquet" and options.output is None and sys.stdout.isatty():
        options.usage("parquet is no text for a terminal: give -o FILE.")
    with services() as app:
        return _write(app, options, wanted)


def _write(app, options: argparse.Namespace, wanted: Filter) -> int:
    from data import exports
    from data.as_of import TooEarly

    output = options.output
    try:
        with _whole(output) as file, app.reading(as_of=read_moment(wanted.as_of)) as db:
            _warn_of_values_that_no_dam_has(db, wanted)
            written = exports.write(db, file, options.format, wanted, now=dt.datetime.now(dt.UTC))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains once more at its end
        return 1
    except TooEarly as why:
        raise SettingsError(str(why)) from why
    except OSError as fault:
        raise SettingsError(f"{output or fault.filename}: {fault.strerror}.") from None
    _tell(written, output)
    return 0


@contextlib.contextmanager
def _whole(output: Path | None) -> Iterator[IO[bytes]]:
    """A file that takes the place of ``output`` when all is written; a pipe, or None, gets it then."""
    if output and (output.is_file() or not output.exists()):
        part = output.with_name(f".{output.name}.part")
        try:
            with part.open("wb") as file:
                yield file
            part.replace(output)
        finally:
            part.unlink(missing_ok=True)
        return
    with tempfile.TemporaryFile() as file:
        yield file
        file.seek(0)
        with output.open("wb") if output else contextlib.nullcontext(sys.stdout.buffer) as target:
            shutil.copyfileobj(file, target)
            target.flush()


def _tell(written, output: Path | None) -> None:
    words = [f"{written.dams:,} {'dam' if written.dams == 1 else 'dams'} to {output or 'standard output'}"]
    if written.left_out:
        words.append(f"{written.left_out:,} of another list are not in it")
    if written.harmless:
        words.append(f"{written.harmless:,} cells that a spreadsheet would run have an apostrophe before them")
    print("; ".join(words) + ".", file=sys.stderr)


def _warn_of_values_that_no_dam_has(db, wanted: Filter) -> None:
    from data import reads

    for name, label in FACETS.items():
        there = reads.facet(db, name) if getattr(wanted, name) else {}
        for value in getattr(wanted, name):
            if value not in there:
                near = difflib.get_close_matches(value.casefold(), [one.casefold() for one in there], 1)
                known = next((one for one in there if near and one.casefold() == near[0]), "")
                hint = f" Is {known!r} meant?" if known else ""
                print(f"No dam has {label.lower()} {value!r}.{hint}", file=sys.stderr)
