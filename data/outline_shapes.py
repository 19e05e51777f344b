"""Outlines of states, counties and countries to draw under a map, so that it needs no tile server.

Coordinates are metres of Web Mercator (EPSG:3857) unless a name says degrees (WGS 84). The files
and where they come from: ``data/outlines/README.md``. Decoding them takes half a second, so what is
drawn lies ready in ``prepared.npz``; ``python -m data.outline_shapes`` makes it anew, and a test
compares the two.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

RADIUS = 6378137.0  #: Metres: the semi-major axis of WGS 84, taken as a sphere's by EPSG:3857.
MAX_LATITUDE = 85.051129  #: Degrees: where Web Mercator ends, so that the world is a square.

#: Degrees west, south, east, north within which countries keep their detail: what lies round the United States.
_NEAR = (-141.0, 14.0, -52.0, 62.0)


class Outlines(NamedTuple):
    """Rings as one path, metres (float32, read-only), with a NaN after each ring."""

    x: np.ndarray
    y: np.ndarray


def to_mercator(longitude, latitude):
    """Metres east and north (float64) of degrees. Formula: IOGP Guidance Note 7-2 (2019), method 1024."""
    lat = np.radians(np.clip(latitude, -MAX_LATITUDE, MAX_LATITUDE))
    return np.radians(longitude) * RADIUS, np.log(np.tan(np.pi / 4 + lat / 2)) * RADIUS


def to_degrees(x, y):
    """Longitude and latitude of metres: the inverse of ``to_mercator``."""
    return np.degrees(np.asarray(x) / RADIUS), np.degrees(2 * np.arctan(np.exp(np.asarray(y) / RADIUS)) - np.pi / 2)


@cache
def states() -> Outlines:
    """The states and territories of the United States."""
    return _frozen(_prepared()["states"])


@cache
def state_rings() -> dict[str, list[np.ndarray]]:
    """Outer rings, each longitudes and latitudes in degrees, by the name of the state or territory."""
    topology = _read("states-10m.json")
    arcs = _arcs(topology)
    shapes = topology["objects"]["states"]["geometries"]
    return {shape["properties"]["name"]: _outer_rings(shape, arcs) for shape in shapes}


@cache
def countries() -> Outlines:
    """The other countries but Antarctica; coarser far from the United States."""
    return _frozen(_prepared()["countries"])


@cache
def _prepared() -> dict[str, np.ndarray]:
    with (files("data") / "outlines" / "prepared.npz").open("rb") as file, np.load(file) as arrays:
        return dict(arrays)


def _frozen(points: np.ndarray) -> Outlines:
    points.flags.writeable = False
    return Outlines(points[:, 0], points[:, 1])


def prepare() -> dict[str, np.ndarray]:
    """Everything that is drawn, from the published files: paths of states and countries, rings of counties."""
    names, rings = _read_counties()
    return {
        "states": np.column_stack(_outlines("states-10m.json", "states", smallest=0.15)),
        "countries": np.column_stack(_read_countries()),
        "county_names": np.array(names),
        "county_points": np.concatenate(rings).astype("float32"),
        "county_ends": np.cumsum([len(ring) for ring in rings]),
    }


def _read_countries() -> Outlines:
    return _outlines(
        "countries-50m.json",
        "countries",
        smallest=1,
        near=0.1,
        far=1,
        without=("United States of America", "Antarctica"),
    )


class Counties(NamedTuple):
    """Counties that touch a box: their rings, and for each the name and a place amid it for the name (metres)."""

    outlines: Outlines
    names: list[str]
    x: np.ndarray
    y: np.ndarray


def counties(west: float, south: float, east: float, north: float) -> Counties:
    """The counties of the United States whose bounds touch a box of degrees."""
    names, rings, bounds = _all_counties()
    (left, right), (bottom, top) = to_mercator(np.array([west, east]), np.array([south, north]))
    touch = (bounds[:, 0] < right) & (bounds[:, 2] > left) & (bounds[:, 1] < top) & (bounds[:, 3] > bottom)
    found = np.flatnonzero(touch)
    middle = np.array([_centroid(rings[i]) for i in found]).reshape(-1, 2)
    return Counties(_path([rings[i] for i in found]), [names[i] for i in found], middle[:, 0], middle[:, 1])


@cache
def _all_counties() -> tuple[list[str], list[np.ndarray], np.ndarray]:
    """Names, rings (metres) and bounds (west, south, east, north) of every county's main ring and large islands."""
    prepared = _prepared()
    rings = np.split(prepared["county_points"].astype("float64"), prepared["county_ends"][:-1])
    bounds = np.array([[*ring.min(axis=0), *ring.max(axis=0)] for ring in rings])
    return prepared["county_names"].tolist(), rings, bounds


def _read_counties() -> tuple[list[str], list[np.ndarray]]:
    topology = _read("counties-10m.json")
    arcs = _arcs(topology)
    named = [
        (shape["properties"]["name"], np.column_stack(to_mercator(*ring.T)))
        for shape in topology["objects"]["counties"]["geometries"]
        for ring in _outer_rings(shape, arcs)
        if np.ptp(ring, axis=0).max() >= 0.05
    ]
    return [name for name, _ in named], [ring for _, ring in named]


def _centroid(ring: np.ndarray) -> np.ndarray:
    """Centre of gravity of a closed ring's area. Formula: Bourke (1988), Calculating the area and centroid."""
    near_origin = ring - ring[0]
    a, b = near_origin[:-1], near_origin[1:]
    cross = a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]
    return ring[0] + ((a + b) * cross[:, None]).sum(axis=0) / (3 * cross.sum())


def _outlines(
    file_name: str, layer: str, *, smallest: float, near: float = 0, far: float = 0, without: tuple[str, ...] = ()
) -> Outlines:
    """Outer rings wider or higher than ``smallest`` degrees, thinned to ``near`` and ``far`` degrees a point."""
    topology = _read(file_name)
    arcs = [_thin(arc, near, far) for arc in _arcs(topology)]
    return _path(
        [
            np.column_stack(to_mercator(*ring.T))
            for shape in topology["objects"][layer]["geometries"]
            if shape["properties"]["name"] not in without
            for ring in _outer_rings(shape, arcs)
            if np.ptp(ring, axis=0).max() >= smallest
        ]
    )


def _path(rings: list[np.ndarray]) -> Outlines:
    """Rings (metres) as one path."""
    gap = [[np.nan, np.nan]]
    return _frozen(np.concatenate([part for ring in rings for part in (ring, gap)] or [gap]).astype("float32"))


def _read(file_name: str) -> dict[str, Any]:
    return json.loads((files("data") / "outlines" / file_name).read_text("utf-8"))


def _arcs(topology: dict[str, Any]) -> list[np.ndarray]:
    """Each arc of a quantised TopoJSON as longitudes and latitudes (TopoJSON specification 1.0, 2.1.2 and 2.1.3)."""
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    return [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]


def _outer_rings(shape: dict[str, Any], arcs: list[np.ndarray]) -> list[np.ndarray]:
    """A geometry's outer rings; arc ``~i`` is arc i backwards, and a ring's arcs share their end points."""
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    rings = [
        np.concatenate([(arcs[i] if i >= 0 else arcs[~i][::-1])[bool(place) :] for place, i in enumerate(polygon[0])])
        for polygon in polygons
    ]
    for ring in rings:  # one that passes longitude 180 runs on past it, not back round the world
        ring[:, 0] = np.unwrap(ring[:, 0], period=360)
    return rings


def _thin(arc: np.ndarray, near: float, far: float) -> np.ndarray:
    """One point for each cell of a grid the arc passes; its ends stay, so that neighbours still meet."""
    if not near:
        return arc
    west, south, east, north = _NEAR
    longitude, latitude = arc.T
    is_near = (west < longitude) & (longitude < east) & (south < latitude) & (latitude < north)
    cells = np.round(arc / np.where(is_near, near, far)[:, None])
    keep = np.r_[True, (np.diff(cells, axis=0) != 0).any(axis=1)]
    keep[-1] = True
    return arc[keep]


if __name__ == "__main__":
    from pathlib import Path

    np.savez_compressed(Path(__file__).parent / "outlines" / "prepared.npz", **prepare())  # type: ignore[arg-type]
