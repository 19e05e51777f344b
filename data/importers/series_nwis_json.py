"""WaterML as JSON, as the NWIS services dv and iv of the US Geological Survey answer with ``format=json``.

Source: https://waterservices.usgs.gov/docs/instantaneous-values and its sample answers.
"""

import html
import re
from collections.abc import Iterator
from typing import Any

from data.importers import series_build as build
from data.importers import series_lists as lists
from data.importers.hydrograph_text import Refused
from data.importers.json_text import first, listing, load, mapping, scalar
from data.importers.series_text import Findings
from data.series import About, Series

FORMAT = "NWIS WaterML-JSON"


def looks_like(head: str) -> bool:
    """Whether a text begins as an answer of NWIS in JSON."""
    start = head.lstrip("\ufeff \t\n")
    return start.startswith("{") and bool(
        re.search(r'"timeSeriesResponseType"|"org\.cuahsi\.waterml|"value"\s*:\s*\{\s*"(?:timeSeries|queryInfo)"', head)
    )


def read(text: str, findings: Findings) -> tuple[str, list[Series]]:
    """The format's name and the series, those without values among them. Raises Refused for another JSON."""
    answer = mapping(mapping(load(text)).get("value"))
    if "timeSeries" not in answer:
        raise Refused("The JSON has no list value.timeSeries, as an answer of NWIS (dv or iv) has.")
    made = [series for one in listing(answer["timeSeries"]) for series in _series(mapping(one), findings)]
    if not made:
        findings.warn("empty")
    lists.say_places(findings)
    return FORMAT, made


def _series(one: dict[str, Any], findings: Findings) -> Iterator[Series]:
    """One series a method: a site may measure the same thing by two."""
    variable = mapping(one.get("variable"))
    blocks = [mapping(block) for block in listing(one.get("values"))]
    for block in blocks:
        method = scalar(first(block.get("method")).get("methodID"))
        about = _about(one, variable, method if len(blocks) > 1 else "")
        rows = [mapping(row) for row in listing(block.get("value"))]
        yield lists.from_texts(
            about,
            [scalar(row.get("dateTime")) for row in rows],
            [scalar(row.get("value")) for row in rows],
            [" ".join(filter(None, map(scalar, listing(row.get("qualifiers"))))) for row in rows],
            findings,
            no_data=scalar(variable.get("noDataValue")),
        )


def _about(one: dict[str, Any], variable: dict[str, Any], method: str) -> About:
    source = mapping(one.get("sourceInfo"))
    code, site = first(variable.get("variableCode")), first(source.get("siteCode"))
    option = first(mapping(variable.get("options")).get("option"))
    described = html.unescape(scalar(variable.get("variableDescription")) or scalar(variable.get("variableName")))
    agency, place = scalar(site.get("agencyCode")), scalar(site.get("value"))
    parameter, statistic = scalar(code.get("value")), scalar(option.get("optionCode"))
    name = scalar(one.get("name")) or ":".join(filter(None, (agency, place, parameter, statistic)))
    return About(
        id=":".join(filter(None, (name, method))),
        name=": ".join(filter(None, (html.unescape(scalar(source.get("siteName"))), described))),
        parameter=parameter,
        unit=build.unit_of(html.unescape(scalar(mapping(variable.get("unit")).get("unitCode")))),
        datum=build.datum_of(described),
        source="US Geological Survey, NWIS",
        statistic=lists.statistic(statistic),
    )
