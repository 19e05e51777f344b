"""Stage-discharge ratings of the US Geological Survey as RDB (INDEP, DEP, STOR, and # //RATING comments).

Source: https://waterdata.usgs.gov/nwisweb/get_ratings; for the logarithmic expansion and its offsets Kennedy, 1984,
Discharge ratings at gaging stations, USGS TWRI book 3, chapter A10.
"""

import datetime as dt
import re

import numpy as np

from data import provenance
from data.importers import series_build as build
from data.importers.hydrograph_text import Refused, shown
from data.rating_curve import Curve, Rule
from data.stage_discharge import Rating
from data.units import convert

FORMAT = "USGS rating RDB"
_RULES: dict[str, Rule] = {"logarithmic": "logarithmic", "linear": "linear"}


def looks_like(head: str) -> bool:
    """Whether a text begins as a rating of NWIS."""
    return head.startswith("#") and bool(re.search(r"NWIS RATING|^# //RATING |^INDEP\t", head, re.MULTILINE))


def read(text: str) -> Rating:
    """The rating, in ft and cfs. Raises Refused for a row that is not whole and an expansion that is not read."""
    lines = text.split("\n")
    words = _words(lines)
    rows = [(at, line) for at, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if len(rows) < 2 or "INDEP" not in rows[0][1].split("\t") or "DEP" not in rows[0][1].split("\t"):
        raise Refused("The rating has no line of names INDEP and DEP.")
    names = [name.strip() for name in rows[0][1].split("\t")]
    stage, flow = (
        [_number(line, at, names, name) for at, line in rows[2:]] for name in ("INDEP", "DEP")
    )  # rows[1] gives the widths
    units = _unit(words, "RATING_INDEP", "ft"), _unit(words, "RATING_DEP", "cfs")
    expansion = words.get("RATING EXPANSION", "").lower()
    if expansion not in _RULES:
        raise Refused(
            f"The rating's EXPANSION is {shown(expansion, 20)!r}; logarithmic and linear are read, and none is guessed."
        )
    site, number = words.get("STATION NUMBER", ""), words.get("RATING ID", "")
    try:
        curve = Curve(
            x=convert(np.array(stage), units[0], "ft"),
            y=convert(np.array(flow), units[1], "cfs"),
            rule=_RULES[expansion],
            offsets=_numbered(words, "OFFSET") or (0.0,),
            breakpoints=_numbered(words, "BREAKPOINT"),
            names=("Stage", "Discharge"),
            units=("ft", "cfs"),
        )
    except (ValueError, provenance.Refused) as fault:
        raise Refused(f"Rating {shown(number, 20)} of {shown(site, 20)}: {fault}") from None
    return Rating(
        id=f"USGS:{site}:{number}",
        name=words.get("STATION NAME", site),
        curve=curve,
        periods=_periods(lines),
        source="US Geological Survey, NWIS",
        notes=tuple(_notes(text)),
    )


def _words(lines: list[str]) -> dict[str, str]:
    """Names of the comments with their values: "RATING EXPANSION" -> "logarithmic"."""
    made: dict[str, str] = {}
    for line in lines:
        if line.startswith("# //"):
            subject = line[4:].split(" ")[0].strip()
            for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', line):
                made.setdefault(f"{subject} {name}", (quoted or bare).strip())
    return made


def _number(line: str, at: int, names: list[str], name: str) -> float:
    cells = line.rstrip("\r\t").split("\t")
    try:
        return float(cells[names.index(name)])
    except (IndexError, ValueError):
        raise Refused(
            f"Line {at} of the rating has no number as {name}: {shown(line.replace(chr(9), ' '), 60)!r}."
        ) from None


def _unit(words: dict[str, str], subject: str, ours: str) -> str:
    """From "Gage height (ft)"."""
    found = re.search(r"\(([^()]*)\)\s*$", words.get(f"{subject} PARAMETER", ""))
    return build.unit_of(found[1]) if found else ours


def _numbered(words: dict[str, str], name: str) -> tuple[float, ...]:
    """OFFSET1, OFFSET2, … in their order."""
    found = []
    while (text := words.get(f"RATING {name}{len(found) + 1}")) is not None:
        try:
            found.append(float(text))
        except ValueError:
            raise Refused(f"The rating's {name}{len(found) + 1} is no number: {shown(text, 20)!r}.") from None
    return tuple(found)


def _periods(lines: list[str]) -> tuple[tuple[dt.datetime, dt.datetime | None], ...]:
    """When the rating was in use; an END of dashes is still open."""
    made = []
    for line in lines:
        found = re.match(r"# //RATING_DATETIME BEGIN=(\d{14}) BZONE=(\S+) END=(\S+) EZONE=(\S+)", line)
        if found:
            begin = _time(found[1], found[2])
            end = _time(found[3], found[4]) if found[3].isdigit() else None
            if begin:
                made.append((begin, end))
    return tuple(made)


def _time(text: str, zone: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(f"{text} {zone}", "%Y%m%d%H%M%S %z").astimezone(dt.UTC)
    except ValueError:
        return None


def _notes(text: str):
    if "does not include any shifts" in text:
        yield "The rating is without shifts, so that discharges may differ from those that USGS publishes."
    if "PROVISIONAL" in text:
        yield "The file calls its data provisional."
