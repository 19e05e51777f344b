"""A small still map: a dam in the outline of its state."""

import math

import numpy as np

from components.plain import plain
from data import outline_shapes
from data.states import state_at

WIDE, HIGH = 300, 180  #: Most of a picture, pixels.


def place_map(longitude: float, latitude: float, colour: str) -> str:
    """An SVG of the state that holds the place (degrees, WGS 84), "" where none does."""
    state = state_at(longitude, latitude)
    if not state:
        return ""
    turned = [_near(ring, longitude) for ring in outline_shapes.state_rings()[state]]
    rings = [np.column_stack(outline_shapes.to_mercator(ring[:, 0], ring[:, 1])) for ring in turned]
    low, high = np.concatenate(rings).min(axis=0), np.concatenate(rings).max(axis=0)
    scale = min((WIDE - 16) / (high[0] - low[0]), (HIGH - 16) / (high[1] - low[1]))
    width, height = (math.ceil(span * scale) + 16 for span in high - low)
    paths = "".join(_path(_drawn(ring, low, high, scale)) for ring in rings)
    x, y = _drawn(np.array([outline_shapes.to_mercator(longitude, latitude)], dtype=float), low, high, scale)[0]
    title = plain(f"The place of the dam in {state}", "title")
    return (
        f'<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">{title}'
        f'<path d="{paths}" class="land"/><circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour}" class="dot"/></svg>'
    )


def _near(ring: np.ndarray, longitude: float) -> np.ndarray:
    """A ring on the dam's side of the date line: Alaska's run on past it."""
    shift = 360 * round((longitude - float(ring[:, 0].mean())) / 360)
    return np.add(ring, (shift, 0))


def _drawn(points: np.ndarray, low: np.ndarray, high: np.ndarray, scale: float) -> np.ndarray:
    return np.column_stack(((points[:, 0] - low[0]) * scale + 8, (high[1] - points[:, 1]) * scale + 8))


def _path(points: np.ndarray) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"
