"""XML from outside, read with entities off: a document type is refused before it is parsed."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from data.importers.hydrograph_text import Refused

_PROLOG = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->)", re.DOTALL)


def parse(text: str) -> ElementTree.Element:
    """The root. Raises Refused for a document type (it may define entities that grow without end) and for no XML."""
    place = 0
    text = text.lstrip("\ufeff")
    while found := _PROLOG.match(text, place):
        place = found.end()
    if text[place:].lstrip()[:9].upper() == "<!DOCTYPE":
        raise Refused("The XML has a document type (<!DOCTYPE), which may define entities: take that line out.")
    try:
        return ElementTree.fromstring(text.lstrip())
    except ElementTree.ParseError as fault:
        line, column = fault.position
        raise Refused(
            f"The file is no whole XML: line {line}, column {column + 1}: {str(fault).split(':')[0]}. "
            "Download it again."
        ) from None


def name(element: ElementTree.Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def each(element: ElementTree.Element, path: str) -> Iterator[ElementTree.Element]:
    """Elements below ``element`` along names parted by "/", of any namespace; "//" stands before the first."""
    lead = "" if not path.startswith("//") else ".//"
    yield from element.iterfind(lead + "/".join("{*}" + part for part in path.lstrip("/").split("/")))


def text_at(element: ElementTree.Element, path: str) -> str:
    """The text of the first such element, "" where there is none."""
    found = next(each(element, path), None)
    return (found.text or "").strip() if found is not None else ""


def attribute(element: ElementTree.Element | None, wanted: str) -> str:
    """An attribute of any namespace, "" where there is none."""
    if element is None:
        return ""
    return next((text.strip() for key, text in element.attrib.items() if key.rpartition("}")[2] == wanted), "")
