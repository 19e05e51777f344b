"""WaterML 1.1 (CUAHSI) and WaterML 2.0 (OGC 10-126r4), XML read with entities off.

Source: https://www.cuahsi.org/waterML/1.1/ and https://www.ogc.org/standard/waterml.
"""

import html
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from data.importers import series_build as build
from data.importers import series_lists as lists
from data.importers.hydrograph_text import Refused, shown
from data.importers.series_text import Findings
from data.importers.xml_text import attribute, each, name, parse, text_at
from data.series import About, Series

_FIRST = re.compile(r"^\ufeff?\s*<")
_ROOTS = re.compile(r"<(?:\w+:)?(?:timeSeriesResponse|Collection|OM_Observation)[\s>]")


def looks_like(head: str) -> bool:
    """Whether a text begins as WaterML."""
    return bool(_FIRST.match(head) and (re.search(r"waterml", head, re.IGNORECASE) or _ROOTS.search(head)))


def read(text: str, findings: Findings) -> tuple[str, list[Series]]:
    """The format's name and the series. Raises Refused for a document type and for another XML."""
    root = parse(text)
    if name(root) == "timeSeriesResponse":
        kind, made = "WaterML 1.1", [series for one in each(root, "timeSeries") for series in _first(one, findings)]
    elif name(root) in ("Collection", "OM_Observation"):
        found = [root] if name(root) == "OM_Observation" else list(each(root, "//OM_Observation"))
        kind, made = "WaterML 2.0", [_second(one, root, findings) for one in found]
    else:
        raise Refused(
            f"The XML begins with {shown(name(root), 40)!r}; WaterML begins with timeSeriesResponse or Collection."
        )
    if not made:
        findings.warn("empty")
    lists.say_places(findings)
    return kind, made


def _first(one: Element, findings: Findings) -> Iterator[Series]:
    """WaterML 1.1: one series a block of values, of which a method has one each."""
    blocks = list(each(one, "values"))
    for block in blocks:
        method = attribute(next(each(block, "method"), None), "methodID") if len(blocks) > 1 else ""
        rows = list(each(block, "value"))
        yield lists.from_texts(
            _about_first(one, method),
            [attribute(row, "dateTime") + attribute(row, "timeOffset") for row in rows],
            ["" if attribute(row, "nil") == "true" else (row.text or "").strip() for row in rows],
            [" ".join(filter(None, (attribute(row, "qualifiers"), attribute(row, "censorCode")))) for row in rows],
            findings,
            no_data=text_at(one, "variable/noDataValue"),
        )


def _about_first(one: Element, method: str) -> About:
    described = html.unescape(text_at(one, "variable/variableDescription") or text_at(one, "variable/variableName"))
    site = next(each(one, "sourceInfo/siteCode"), None)
    parameter, statistic = text_at(one, "variable/variableCode"), ""
    for option in each(one, "variable/options/option"):
        if attribute(option, "name") == "Statistic":
            statistic = attribute(option, "optionCode")
    agency = attribute(site, "agencyCode") or attribute(site, "network")
    named = ":".join(filter(None, (agency, text_at(one, "sourceInfo/siteCode"), parameter, statistic)))
    unit = text_at(one, "variable/unit/unitCode") or text_at(one, "variable/unit/unitAbbreviation")
    return About(
        id=":".join(filter(None, (attribute(one, "name") or named, method))),
        name=": ".join(filter(None, (html.unescape(text_at(one, "sourceInfo/siteName")), described))),
        parameter=parameter,
        unit=build.unit_of(html.unescape(unit)),
        datum=build.datum_of(described),
        source=_source(agency),
        statistic=lists.statistic(statistic),
    )


def _source(agency: str) -> str:
    return "US Geological Survey, NWIS" if agency in ("USGS", "NWIS") else agency


def _second(one: Element, root: Element, findings: Findings) -> Series:
    """WaterML 2.0: points with the metadata that all share unless a point has its own."""
    series = next((found for found in each(one, "//MeasurementTimeseries")), None)
    points = list(each(series, "point/MeasurementTVP")) if series is not None else []
    shared = next(each(one, "//defaultPointMetadata/DefaultTVPMeasurementMetadata"), None)
    offset = text_at(one, "//zoneOffset") or text_at(root, "//zoneOffset")
    return lists.from_texts(
        _about_second(one, root, shared),
        [_time(text_at(point, "time"), offset) for point in points],
        [text_at(point, "value") for point in points],
        [_flag(point, shared) for point in points],
        findings,
    )


def _time(text: str, offset: str) -> str:
    """With the file's own offset from UTC where the time, not a date, names none."""
    return text + offset if offset and re.search(r"T[\d:.]+$", text) else text


def _flag(point: Element, shared: Element | None) -> str:
    own = next(each(point, "metadata/TVPMeasurementMetadata"), None)
    words = _words(own)
    return words or _words(shared)


def _words(metadata: Element | None) -> str:
    """Qualifiers as the file writes them, and the reason for a missing value."""
    if metadata is None:
        return ""
    words = [
        text_at(found, "Category/value") or attribute(found, "title") or attribute(found, "href").rpartition("/")[2]
        for kind in ("qualifier", "nilReason", "censoredReason")
        for found in each(metadata, kind)
    ]
    return " ".join(filter(None, words))


def _about_second(one: Element, root: Element, shared: Element | None) -> About:
    observed = next(each(one, "observedProperty"), None)
    where = next(each(one, "featureOfInterest"), None)
    parameter = _code(attribute(observed, "href"), "parmCd") or attribute(observed, "title")
    links = [attribute(found, "href") for found in each(one, "//parameter")]
    statistic = next((code for code in (_code(link, "statCd") for link in links) if code), "")
    site = (text_at(root, "identifier") or attribute(where, "href").rpartition("/")[2]).replace(".", ":", 1)
    unit = next(each(shared, "uom"), None) if shared is not None else None
    described = attribute(observed, "title")
    return About(
        id=":".join(filter(None, (site, parameter, statistic))) or attribute(one, "id"),
        name=": ".join(filter(None, (attribute(where, "title"), described))),
        parameter=parameter,
        unit=build.unit_of(attribute(unit, "title") or attribute(unit, "code")),
        datum=build.datum_of(described),
        source=_source(site.partition(":")[0]),
        statistic=lists.statistic(statistic),
    )


def _code(link: str, key: str) -> str:
    found = re.search(rf"[?&]{key}=(\w+)", link)
    return found[1] if found else ""
