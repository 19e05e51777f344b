"""In which state of the United States a place lies, by the outlines that the maps draw."""

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from data import outline_shapes


class _Ring(NamedTuple):
    """One closed outline of a state: its points and its bounds (west, south, east, north), degrees."""

    state: str
    points: np.ndarray
    bounds: tuple[float, ...]


@cache
def state_names() -> tuple[str, ...]:
    """States, the District of Columbia and the territories, sorted."""
    return tuple(sorted(outline_shapes.state_rings()))


@lru_cache(maxsize=4096)
def state_at(longitude: float, latitude: float) -> str:
    """The state that holds a place (degrees, WGS 84), "" for one in none.

    The outlines are drawn at 1:10 million: within about 1 km of a border or a shore the answer may be the neighbour's.
    """
    for ring in _rings():
        west, south, east, north = ring.bounds
        if south <= latitude <= north:
            for x in (longitude, longitude - 360, longitude + 360):  # Alaska's rings run on past longitude 180
                if west <= x <= east and _holds(ring.points, x, latitude):
                    return ring.state
    return ""


@cache
def _rings() -> tuple[_Ring, ...]:
    return tuple(
        _Ring(name, ring, (*map(float, ring.min(axis=0)), *map(float, ring.max(axis=0))))
        for name, rings in outline_shapes.state_rings().items()
        for ring in rings
    )


def _holds(ring: np.ndarray, x: float, y: float) -> bool:
    """Whether a closed ring holds a place: an odd number of its edges lies east of it (Shimrat, 1962)."""
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    crossed = np.flatnonzero((y0 > y) != (y1 > y))
    x0, y0, x1, y1 = x0[crossed], y0[crossed], x1[crossed], y1[crossed]
    return bool(np.sum(x < (x1 - x0) * (y - y0) / (y1 - y0) + x0) % 2)
