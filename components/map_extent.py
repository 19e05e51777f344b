"""What a map of dams opens on. Boxes are west, south, east, north in degrees, WGS 84."""

from components.map_figure import Box

CONTERMINOUS_US: Box = (-125.771484, 24.527135, -66.005859, 49.667628)
SMALLEST_SPAN = 1.0  #: Degrees: an extent is never smaller, or two near dams would show nothing of what is round them.
WIDEST_SPAN = 180.0  #: Degrees: a box that is wider, from Guam by way of the date line to Maine, shows no dam apart.


def extent(bounds: Box | None, count: int) -> Box:
    """All of ``count`` dams inside ``bounds``: their box and 10 % of it on each side.

    With fewer than two dams it is the conterminous US. The box is never smaller than SMALLEST_SPAN
    degrees; the map widens it to its own aspect.
    """
    if count < 2 or bounds is None:
        return CONTERMINOUS_US
    west, south, east, north = bounds
    across = max((east - west) * 1.2, SMALLEST_SPAN) / 2
    up = max((north - south) * 1.2, SMALLEST_SPAN) / 2
    x, y = (west + east) / 2, (south + north) / 2
    return (max(x - across, -180.0), max(y - up, -85.0), min(x + across, 180.0), min(y + up, 85.0))


def opening(whole: Box) -> Box:
    """What to open on of a ``whole`` extent: the conterminous US when that is too wide to tell dams apart."""
    return CONTERMINOUS_US if whole[2] - whole[0] > WIDEST_SPAN else whole
