"""About which dams a person is told."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import param

from data.frames import OF_MANY, Event
from data.states import state_at, state_names

Box = tuple[float, float, float, float]  #: West, south, east, north: degrees, WGS 84.

#: What is chosen by, and its words for the reader.
CHOICES = {
    "all": "All dams",
    "dams": "Chosen dams",
    "state": "Dams in a state",
    "owner": "Dams of an owner",
    "area": "Dams in a drawn area",
}
MOST_DAMS = 1000  #: Dams that can be chosen one by one.
LONGEST_OWNER = 255  #: Characters.


class Following(param.Parameterized):
    """The dams that are followed, and whether anything is told at all.

    A choice that is not complete (by state, but none chosen) is of all dams: nobody is to miss what
    they did not turn off.
    """

    mute = param.Boolean(doc="Nothing is told; pages still take everything in.")
    by = param.Selector(default="all", objects=list(CHOICES), doc="What the dams are chosen by, a key of CHOICES.")
    dams = param.List(default=[], item_type=int, doc="dam_id of the chosen dams.")
    state = param.String(doc="Name of a state, as in data.states.")
    owner = param.String(doc="An owner, as the dams have it.")
    area = param.Parameter(default=None, doc="West, south, east, north, degrees WGS 84; None for no area.")

    def wants(self, event: Event) -> bool:
        """Whether to tell of this event: of an edit also when the dam was followed before it."""
        return not self.mute and self.follows(event)

    def follows(self, event: Event) -> bool:
        """Whether it is of what is followed, muted or not."""
        if self.tells_of_all or event.kind in OF_MANY:
            return True
        if self.by == "dams":
            return event.dam_id in self.dams
        if self.by == "owner":
            return self.owner in (event.owner, _before(event).get("owner"))
        if self.by == "state":
            return any(state_at(*place) == self.state for place in _places(event))
        return any(inside(self.area, *place) for place in _places(event))

    @property
    def tells_of_all(self) -> bool:
        """Whether no dam is left out."""
        return self.by == "all" or not getattr(self, self.by)

    def to_keep(self) -> dict[str, Any]:
        """The choice as JSON values."""
        return {name: getattr(self, name) for name in ("mute", "by", "dams", "state", "owner")} | {
            "area": None if self.area is None else list(self.area)
        }

    def take(self, kept: object) -> None:
        """Take over what ``to_keep`` gave; it comes from a browser, and what is wrong in it counts as not chosen."""
        values: Mapping[Any, Any] = kept if isinstance(kept, dict) else {}
        by, state, owner = (values.get(name) for name in ("by", "state", "owner"))
        self.param.update(
            mute=values.get("mute") is True,
            by=by if isinstance(by, str) and by in CHOICES else "all",
            dams=_checked_dams(values.get("dams")),
            state=state if isinstance(state, str) and state in state_names() else "",
            owner=owner if isinstance(owner, str) and len(owner) <= LONGEST_OWNER else "",
            area=checked_area(values.get("area")),
        )


def inside(area: Box, longitude: float, latitude: float) -> bool:
    """Whether a place lies in an area or on its edge."""
    west, south, east, north = area
    return west <= longitude <= east and south <= latitude <= north


def checked_area(values: object) -> Box | None:
    """Four numbers as a box of degrees, None for anything else."""
    if not isinstance(values, (list, tuple)) or len(values) != 4:
        return None
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return None
    if not all(math.isfinite(value) for value in values):
        return None
    west, south, east, north = values
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        return None
    return (float(west), float(south), float(east), float(north))


def _checked_dams(values: object) -> list[int]:
    found = values if isinstance(values, list) else []
    ids = [value for value in found if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53]
    return list(dict.fromkeys(ids))[:MOST_DAMS]


def _before(event: Event) -> Mapping[str, Any]:
    """The fields that an edit has changed, as they were."""
    return event.body.get("before", {})


def _places(event: Event) -> Iterator[tuple[float, float]]:
    """Where the dam was at the event, and before it: longitudes and latitudes."""
    before = _before(event)
    for longitude, latitude in {
        (event.longitude, event.latitude),
        (before.get("longitude", event.longitude), before.get("latitude", event.latitude)),
    }:
        if longitude is not None and latitude is not None:
            yield longitude, latitude
