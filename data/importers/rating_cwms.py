"""Elevation-storage ratings of the US Army Corps of Engineers, as the XML of CWMS; read with entities off.

The template's lookup methods hold between the rows of a table, those of the specification between the effective dates
of its tables. Source: https://www.hec.usace.army.mil/xmlSchema/cwms/Ratings.xsd; hec-python-library (HEC), classes
RatingTemplate and RatingSpecification.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple
from xml.etree.ElementTree import Element

import numpy as np

from data import provenance
from data.importers import series_build as build
from data.importers.hydrograph_text import Refused, shown
from data.importers.xml_text import attribute, each, name, parse, text_at
from data.rating_curve import Curve, Rule
from data.stage_storage import DatumShift, StorageCurves
from data.units import convert

FORMAT = "CWMS rating XML"
_ROWS: dict[str, Rule] = {
    "LINEAR": "linear", "LOGARITHMIC": "logarithmic", "PREVIOUS": "previous", "LOWER": "previous",
}  # fmt: skip
_DATES: dict[str, Literal["previous", "linear"]] = {"PREVIOUS": "previous", "LOWER": "previous", "LINEAR": "linear"}
_SPEC, _TEMPLATE = "rating-spec", "rating-template"


class Found(NamedTuple):
    """Reservoirs in the order of the file, and notes."""

    reservoirs: tuple[StorageCurves, ...]
    notes: tuple[str, ...]


def looks_like(head: str) -> bool:
    """Whether a text begins as CWMS ratings."""
    return bool(re.match(r"\s*<", head) and re.search(r"<(?:\w+:)?ratings[\s>]", head))


def read(text: str) -> Found:
    """The reservoirs. Raises Refused for a document type, and where no table gives storage from elevation."""
    root = parse(text)
    if name(root) != "ratings":
        raise Refused(f"The XML begins with {shown(name(root), 40)!r}; ratings of CWMS begin with ratings.")
    tables: dict[str, list[Element]] = {}
    notes = []
    for child in root:
        if name(child) in (_SPEC, _TEMPLATE):
            continue
        why = _unread(child)
        if why:
            notes.append(
                f"{shown(name(child), 40)} of {shown(text_at(child, 'rating-spec-id'), 80)} is left out: {why}."
            )
        else:
            tables.setdefault(text_at(child, "rating-spec-id"), []).append(child)
    if not tables:
        raise Refused(" ".join(["The XML holds no table of storage by elevation.", *notes]))
    return Found(tuple(_reservoir(root, spec, parts) for spec, parts in tables.items()), tuple(notes))


def _unread(rating: Element) -> str:
    """Why a rating is not read; "" for none."""
    if name(rating) != "simple-rating":
        return "of the kinds of ratings, simple-rating is read"
    if text_at(rating, "active").lower() == "false":
        return "it is not active"
    parameters = text_at(rating, "rating-spec-id").split(".")[1:2]
    if not re.fullmatch(r"Elev(?:-[^;,]*)?;Stor(?:-[^;,]*)?", parameters[0] if parameters else ""):
        return "it does not give storage (Stor) from elevation (Elev)"
    if next(each(rating, "rating-points/point"), None) is None:
        return "it has no points (a formula, or none)"
    return ""


def _reservoir(root: Element, spec_id: str, parts: list[Element]) -> StorageCurves:
    spec = next((one for one in each(root, _SPEC) if text_at(one, "rating-spec-id") == spec_id), None)
    wanted = text_at(spec, "template-id") if spec is not None else ".".join(spec_id.split(".")[1:3])
    template = next((one for one in each(root, _TEMPLATE) if _template_id(one) == wanted), None)
    low, within, high = _methods(template, "ind-parameter-specs/ind-parameter-spec/")
    rule = _known(_ROWS, within or "LINEAR", f"between rows of {spec_id}")
    curves = sorted((_curve(one, spec_id, rule) for one in parts), key=_start)
    starts = [_start(curve) for curve in curves]
    if len(set(starts)) < len(starts):
        raise Refused(f"Two tables of {shown(spec_id, 80)} have one effective date: a file with one each would do.")
    before, between, after = _methods(spec, "")
    datum, shifts = _datum(parts[-1])
    if any(_datum(one) != (datum, shifts) for one in parts):
        raise Refused(f"The tables of {shown(spec_id, 80)} have different vertical datums: give one file each.")
    return StorageCurves(
        name=text_at(spec, "location-id") if spec is not None else spec_id.split(".")[0],
        curves=tuple(curves),
        datum=datum,
        shifts=shifts,
        between_dates=_known(_DATES, between or "PREVIOUS", f"between dates of {spec_id}"),
        outside_dates=(_outside(before, "NEAREST NEXT HIGHER"), _outside(after or "NEAREST", "NEAREST PREVIOUS LOWER")),
        outside_rows="/".join(dict.fromkeys(filter(None, (low, high)))),
        source=f"CWMS rating {spec_id}",
        notes=tuple(_notes(parts)),
    )


def _template_id(template: Element) -> str:
    return f"{text_at(template, 'parameters-id')}.{text_at(template, 'version')}"


def _methods(element: Element | None, path: str) -> tuple[str, str, str]:
    """Lookup methods below, within and above the range."""
    if element is None:
        return "", "", ""
    low, within, high = (
        text_at(element, f"{path}{part}-method").upper() for part in ("out-range-low", "in-range", "out-range-high")
    )
    return low, within, high


def _known(methods: dict, method: str, where: str):
    if method not in methods:
        raise Refused(
            f"The lookup method {shown(method, 20)} {shown(where, 90)} is not read: {', '.join(methods)} are."
        )
    return methods[method]


def _outside(method: str, near: str) -> Literal["nearest", "refused"]:
    return "nearest" if method in (*near.split(), "CLOSEST") else "refused"


def _start(curve: Curve) -> dt.datetime:
    return curve.effective_at or dt.datetime.min.replace(tzinfo=dt.UTC)


def _curve(rating: Element, spec_id: str, rule: Rule) -> Curve:
    units = [build.unit_of(unit) for unit in text_at(rating, "units-id").split(";")]
    if len(units) != 2:
        raise Refused(f"A table of {shown(spec_id, 80)} has no units of two (units-id, such as ft;ac-ft).")
    points = list(each(rating, "rating-points/point"))
    columns = []
    for part, unit, ours in (("ind", units[0], "ft"), ("dep", units[1], "acre-ft")):
        try:
            values = np.array([float(text_at(point, part)) for point in points])
            columns.append(convert(values, unit, ours))
        except ValueError as fault:
            raise Refused(
                f"A table of {shown(spec_id, 80)} cannot be read ({part}): {shown(str(fault), 120)}."
            ) from None
    try:
        return Curve(x=columns[0], y=columns[1], rule=rule, effective_at=_date(rating, spec_id))
    except provenance.Refused as fault:
        raise Refused(f"{shown(spec_id, 80)}: {fault}") from None


def _date(rating: Element, spec_id: str) -> dt.datetime:
    if text_at(rating, "transition-start-date"):
        raise Refused(f"A table of {shown(spec_id, 80)} has a transition-start-date; such tables are not read.")
    text = text_at(rating, "effective-date")
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"A table of {shown(spec_id, 80)} has no effective-date but {shown(text, 40)!r}.") from None
    if found.tzinfo is None:
        raise Refused(f"The effective-date {text} of {shown(spec_id, 80)} names no offset from UTC (Z would do).")
    return found.astimezone(dt.UTC)


def _datum(rating: Element) -> tuple[str, dict[str, DatumShift]]:
    """The table's datum, and what to add for others, ft."""
    info = next(each(rating, "vertical-datum-info"), None)
    if info is None:
        return "", {}
    own, shifts = _datum_name(text_at(info, "native-datum")), {}
    for offset in each(info, "offset"):
        other = _datum_name(text_at(offset, "to-datum"))
        try:
            feet = convert(float(text_at(offset, "value")), build.unit_of(attribute(info, "unit")), "ft")
        except ValueError as fault:
            raise Refused(f"The shift to {shown(other, 40)!r} cannot be read: {shown(str(fault), 120)}.") from None
        if other != own:
            shifts[other] = DatumShift(feet, attribute(offset, "estimate") == "true")
    return own, shifts


def _datum_name(text: str) -> str:
    return build.datum_of(text.replace("-", "")) or text


def _notes(parts: list[Element]) -> Iterator[str]:
    extra = sum(1 for one in parts for _ in each(one, "extension-points/point"))
    if extra:
        yield f"{extra:,} extension points, beyond the surveyed rows, are not used."
