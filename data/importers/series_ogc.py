"""Answers of the Water Data APIs of the US Geological Survey, GeoJSON by the OGC API Features.

Collections with values are read: continuous, daily, latest-continuous, latest-daily, peaks, field-measurements. Source:
https://api.waterdata.usgs.gov/ogcapi/v0/ (its ``/collections``).
"""

import re
from collections.abc import Iterator
from typing import Any

from data.importers import series_build as build
from data.importers import series_lists as lists
from data.importers.hydrograph_text import Refused, shown
from data.importers.json_text import listing, load, mapping, scalar
from data.importers.series_text import Findings
from data.series import About, Series

FORMAT = "USGS Water Data OGC API"
_SERIES_ID = ("time_series_id", "field_measurements_series_id")
_NAMES = {"00060": "Discharge", "00065": "Gage height"}


def looks_like(head: str) -> bool:
    """Whether a text begins as a collection of features of the Water Data APIs, or as several of them by name."""
    start = head.lstrip("\ufeff \t\n")
    return start.startswith("{") and bool(
        re.search(r'"FeatureCollection"|"features"\s*:', head)
        and re.search(
            r'"monitoring_location_|"numberReturned"|"time_series_id"|waterdata\.usgs\.gov|"agency_name"', head
        )
    )


def read(text: str, findings: Findings) -> tuple[str, list[Series]]:
    """The format's name and the series. Raises Refused for an answer without values of its kind."""
    found = mapping(load(text))
    one = "features" in found
    collections = {"": found} if one else {name: mapping(value) for name, value in found.items()}
    if not any("features" in collection for collection in collections.values()):
        raise Refused("The JSON has no list of features, as an answer of the Water Data APIs has.")
    made: list[Series] = []
    for name, collection in collections.items():
        made += _collection(name, collection, findings, one)
    if not made:
        findings.warn("empty")
    lists.say_places(findings)
    return FORMAT, made


def _collection(name: str, collection: dict[str, Any], findings: Findings, one: bool) -> Iterator[Series]:
    features = [mapping(feature) for feature in listing(collection.get("features"))]
    rows = [mapping(feature.get("properties")) for feature in features]
    if features and not any("value" in row and "time" in row for row in rows):
        if one:
            keys = shown(", ".join(list(rows[0])[:6]), 120)
            raise Refused(f"The features hold no values with times, but {keys}: daily or continuous values would do.")
        findings.warn("other_answer", detail=f"It is {shown(name, 40)}.")
        return
    if told := _more(collection, len(features)):
        findings.warn("more_pages", detail=" ".join(filter(None, (f"{name}:" if name else "", told))))
    for about, group in _groups(name, rows).items():
        yield lists.from_texts(
            about,
            [scalar(row.get("time")) for row in group],
            [scalar(row.get("value")) for row in group],
            [_flag(row) for row in group],
            findings,
        )


def _more(collection: dict[str, Any], held: int) -> str:
    if any(mapping(link).get("rel") == "next" for link in listing(collection.get("links"))) or collection.get("next"):
        return "It has a link to the next page."
    matched = collection.get("numberMatched")
    return f"{matched:,} features match, {held:,} are here." if type(matched) is int and matched > held else ""


def _groups(collection: str, rows: list[dict[str, Any]]) -> dict[About, list[dict[str, Any]]]:
    """Features by series, in the order of the first of each."""
    made: dict[About, list[dict[str, Any]]] = {}
    for row in rows:
        made.setdefault(_about(collection, row), []).append(row)
    return made


def _flag(row: dict[str, Any]) -> str:
    """Approval and qualifiers; ``qualifier`` is null, a text or a list."""
    marks = row.get("qualifier")
    return " ".join(filter(None, [scalar(row.get("approval_status")), *map(scalar, listing(marks) or [marks])]))


def _about(collection: str, row: dict[str, Any]) -> About:
    site, parameter = scalar(row.get("monitoring_location_id")), scalar(row.get("parameter_code"))
    statistic = scalar(row.get("statistic_id"))
    series = next((scalar(row[key]) for key in _SERIES_ID if scalar(row.get(key))), "")
    peak = "peak_since" in row or collection == "peaks"
    described = _NAMES.get(parameter, "")
    datum = scalar(row.get("vertical_datum"))
    return About(
        id=":".join(filter(None, (site, parameter, statistic, collection, series))),
        name=": ".join(filter(None, (site, described + " (annual peak)" * (peak and bool(described))))),
        parameter=parameter,
        unit=build.unit_of(scalar(row.get("unit_of_measure"))),
        datum=build.datum_of(datum) or ("gauge datum" if parameter == "00065" else ""),
        source="US Geological Survey, Water Data API",
        statistic="peak" if peak else lists.statistic(statistic),
    )
