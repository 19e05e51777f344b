"""What can be asked of the inventory: one frozen ``Filter``, its form in an address, and the words of the codes.

No database is needed here; ``data/reads.py`` turns a filter into queries.
"""

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple
from urllib.parse import urlencode

#: Fields with a few values each, counted by ``reads.facet``: name -> label. "" is a value too: not given.
FACETS = {
    "hazard": "Hazard potential",
    "condition": "Condition",
    "state": "State",
    "county": "County",
    "owner_types": "Owner type",
    "purposes": "Purpose",
    "dam_types": "Dam type",
    "eap": "Emergency action plan",
}
LISTS = ("owner_types", "purposes", "dam_types")  #: Facets of which a dam can have several, joined by ";".
RANGES = {
    "year_completed": "Year completed",
    "height_ft": "Height (ft)",
    "storage_acre_ft": "Storage (acre-ft)",
}
NOT_GIVEN = "Not given"

#: Hazard potential is what a failure would do, not how likely one is (FEMA 333, 2004; NID data dictionary, 2018).
HAZARD_MEANING = {
    "High": "Failure or misoperation will probably cause loss of human life.",
    "Significant": "No probable loss of life, but economic or environmental loss, or disruption of lifelines.",
    "Low": "No probable loss of life, and losses mainly to the owner's property.",
    "Undetermined": "No hazard potential has been assigned yet.",
    "Not Available": "The source gives none.",
}
#: Condition is independent of hazard potential (NID data dictionary, 2018).
CONDITION_MEANING = {
    "Satisfactory": "No existing or potential dam safety deficiency is recognized.",
    "Fair": "No deficiency under normal loads; rare or extreme events may show one.",
    "Poor": "A deficiency for loads that may realistically occur, or an analysis that is uncertain.",
    "Unsatisfactory": "A deficiency that needs immediate or emergency remedial action.",
    "Not Rated": "Not inspected, or inspected and not rated.",
    "Not Available": "The source does not say.",
}


class Near(NamedTuple):
    """A circle: degrees WGS 84 and kilometres."""

    longitude: float
    latitude: float
    km: float


@dataclass(frozen=True)
class Filter:
    """Which dams. Fields narrow together; the values of one facet widen ("" is a dam without one).

    Ranges are (from, to), None for an open end. ``box`` is west, south, east, north in degrees.
    ``not_inspected_since`` is an ISO date: dams whose last known inspection is before it, or that have none.
    ``as_of`` is an ISO date (its end, UTC) or time: dams as they were then (``data/as_of.py``).
    """

    search: str = ""
    hazard: tuple[str, ...] = ()
    condition: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    county: tuple[str, ...] = ()
    owner_types: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    dam_types: tuple[str, ...] = ()
    eap: tuple[str, ...] = ()
    owner: str = ""
    river: str = ""
    year_completed: tuple[float | None, float | None] = (None, None)
    height_ft: tuple[float | None, float | None] = (None, None)
    storage_acre_ft: tuple[float | None, float | None] = (None, None)
    not_inspected_since: str = ""
    box: tuple[float, float, float, float] | None = None
    near: Near | None = None
    on_map: bool | None = None
    as_of: str = ""

    def __bool__(self) -> bool:
        """Whether it narrows anything."""
        return self != Filter()

    def without(self, name: str) -> "Filter":
        """This filter without one field."""
        return replace(self, **{name: getattr(Filter(), name)})

    def query(self) -> str:
        """Its form in an address, "" for no filter; ``Filter.read`` takes it back."""
        found: list[tuple[str, str]] = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value == getattr(ALL, field.name):
                continue
            if field.name in FACETS:
                found += [(field.name, item) for item in value]
            elif field.name in RANGES:
                found.append((field.name, "~".join("" if end is None else f"{end:.15g}" for end in value)))
            elif field.name in ("box", "near"):
                found.append((field.name, ",".join(f"{number:.8g}" for number in value)))
            elif field.name == "on_map":
                found.append((field.name, "yes" if value else "no"))
            else:
                found.append((field.name, value))
        return urlencode(found)

    @classmethod
    def read(cls, arguments: Mapping[str, Sequence[str]]) -> "Filter":
        """From an address's arguments, name to values; what is no filter, or cannot be read, is left out."""
        found: dict[str, object] = {}
        for name, values in arguments.items():
            text = values[0][:200] if values else ""
            if name in FACETS:
                found[name] = tuple(dict.fromkeys(value[:200] for value in values[:100]))
            elif name in RANGES:
                if ends := re.fullmatch(r"([^~]*)~([^~]*)", text):
                    found[name] = (_number(ends[1]), _number(ends[2]))
            elif name in ("search", "owner", "river"):
                found[name] = text
            elif name == "as_of":
                found[name] = text if read_moment(text) else ""
            elif name == "not_inspected_since":
                found[name] = text if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else ""
            elif name in ("box", "near"):
                numbers = [_number(part) for part in text.split(",")]
                if None not in numbers and len(numbers) == (4 if name == "box" else 3):
                    found[name] = tuple(numbers) if name == "box" else Near(*numbers)  # type: ignore[arg-type]
            elif name == "on_map" and text in ("yes", "no"):
                found[name] = text == "yes"
        return cls(**found)  # type: ignore[arg-type]

    def words(self) -> list[str]:
        """What it asks for, in words, one of each field."""
        found = []
        for field in fields(self):
            value = getattr(self, field.name)
            if value == getattr(ALL, field.name):
                continue
            if field.name in FACETS:
                found.append(f"{FACETS[field.name]}: {' or '.join(item or NOT_GIVEN for item in value)}")
            elif field.name in RANGES:
                found.append(f"{RANGES[field.name]}: {range_words(*value)}")
            elif field.name == "not_inspected_since":
                found.append(f"No known inspection since {value}")
            elif field.name == "as_of":
                then = read_moment(value)
                at = f"{then:%Y-%m-%d %H:%M:%S}" if then and "T" in value else f"the end of {value}"
                found.append(f"Dams as they were at {at} UTC")
            elif field.name == "box":
                found.append("In an area")
            elif field.name == "near":
                found.append(f"Within {value.km:g} km of {value.latitude:.4f}, {value.longitude:.4f}")
            elif field.name == "on_map":
                found.append("With a place on the map" if value else "Without a place on the map")
            else:
                found.append(f"{field.name.capitalize()}: {value}")
        return found


ALL = Filter()  #: Every dam.


def read_moment(text: str) -> dt.datetime | None:
    """The moment that a day (its end, UTC) or an ISO date and time (UTC without a zone) means; None for neither."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        text += "T23:59:59.999999"
    elif not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text, re.ASCII):
        return None
    try:
        found = dt.datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def range_words(low: float | None, high: float | None) -> str:
    """A range in words."""
    if low is None:
        return f"at most {high:,.15g}"
    return f"at least {low:,.15g}" if high is None else f"{low:,.15g} to {high:,.15g}"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


_DEGREES = re.compile(
    r"\s*([-+−]?\d{1,3}(?:\.\d+)?)\s*°?\s*([NSns]?)\s*[, ]\s*([-+−]?\d{1,3}(?:\.\d+)?)\s*°?\s*([EWew]?)\s*"
)


def read_place(text: str) -> tuple[float, float] | None:
    """Longitude and latitude of a text like "40.4, -111.5" or "40.4 N 111.5 W"; None for any other."""
    if not (found := _DEGREES.fullmatch(text)) or not re.search(r"[.,°NSEWnsew]", text):
        return None
    latitude, longitude = (float(found[i].replace("−", "-")) for i in (1, 3))
    latitude *= -1 if found[2] in ("S", "s") else 1
    longitude *= -1 if found[4] in ("W", "w") else 1
    return (longitude, latitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
