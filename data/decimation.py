"""Decimation: of a series of any length, the points that a plot of so many pixels can show.

Of each pixel the smallest and the largest value are kept, so that no peak is lost (the M4 aggregation of Jugel,
Jerzak, Hackenbroich and Markl, 2014, doi:10.14778/2732951.2732953). Its first and last value are kept where a gap
lies beside them: that is where a line must end at its own point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

BLOCK = 16  #: Points whose extremes are found once for all views.
_NONE = np.zeros(0, dtype="int64")


@dataclass(frozen=True, eq=False)
class Trace:
    """The known values of a series, made ready for drawing.

    ``times`` (float64, strictly increasing), ``values`` (float64, finite) and ``rows`` (int64, where each stands in
    the series) have one length. ``holes`` are the positions after which the line breaks, ``marked`` those of which
    each pixel shows one at least; both int64 and increasing.
    """

    times: np.ndarray
    values: np.ndarray
    rows: np.ndarray
    holes: np.ndarray
    marked: np.ndarray

    def __len__(self) -> int:
        return len(self.times)

    @cached_property
    def lowest(self) -> "BlockRanks":
        """Of each block its smallest value."""
        blocks = _blocks(self.values)
        return BlockRanks.of(self.values, blocks.argmin(axis=1), 1)

    @cached_property
    def highest(self) -> "BlockRanks":
        """Of each block its largest value."""
        blocks = _blocks(self.values)
        return BlockRanks.of(self.values, blocks.argmax(axis=1), -1)


class BlockRanks(NamedTuple):
    """Which of the blocks of BLOCK points has the better extreme: a view of all then need not read all.

    ``at`` are the positions of the extremes, best first; ``ranks`` the place of each block among them, and a last one
    that is no block's. A last block that is not full has none.
    """

    at: np.ndarray
    ranks: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, places: np.ndarray, sign: int) -> "BlockRanks":
        """Of the place of each block's extreme in it; ``sign`` is 1 for the smallest, -1 for the largest."""
        at = places + np.arange(len(places)) * BLOCK
        order = np.argsort(sign * values[at], kind="stable")
        ranks = np.full(len(at) + 1, len(at), dtype="int32")  # half as much to read in each view
        ranks[order] = np.arange(len(at))
        return cls(at[order], ranks)

    def best(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Position of the best value from each block ``first`` to before ``last``; -1 where none lies between."""
        some = np.flatnonzero(last > first)
        found = np.full(len(first), -1, dtype="int64")
        if len(some):
            ends = np.stack([first[some], last[some]], axis=1).ravel()
            found[some] = self.at[np.minimum.reduceat(self.ranks, ends)[::2]]
        return found


def _blocks(values: np.ndarray) -> np.ndarray:
    return values[: len(values) // BLOCK * BLOCK].reshape(-1, BLOCK)


def trace(
    times: np.ndarray, values: np.ndarray, *, gap_starts: Sequence[int] | np.ndarray = (), marked: np.ndarray = _NONE
) -> Trace:
    """A series without its missing values, each of which breaks the line as a gap does.

    ``gap_starts`` are the positions before a gap; ``marked``, bool of the series' length or empty, tells points that
    must not vanish among others of their pixel. Raises ValueError for times that do not increase.
    """
    times, values = np.asarray(times, dtype="float64"), np.asarray(values, dtype="float64")
    if len(times) != len(values) or not (np.diff(times) > 0).all():
        raise ValueError("A trace needs one time for each value, and times that increase.")
    known = np.isfinite(values)
    gaps = np.asarray(gap_starts, dtype="int64")
    rows = np.arange(len(values)) if known.all() else np.flatnonzero(known)
    if len(rows) < len(values):
        times, values = times[rows], values[rows]
        before = np.searchsorted(rows, gaps, side="right") - 1
        gaps = np.union1d(before, np.flatnonzero(np.diff(rows) > 1))
    holes = gaps[(gaps >= 0) & (gaps < len(rows) - 1)]
    at = np.flatnonzero(marked[rows]) if len(marked) else _NONE
    return Trace(times, values, rows, holes, at)


def decimate(found: Trace, start: float, end: float, pixels: int) -> np.ndarray:
    """Positions (int64, increasing) of the points of ``found`` to draw from ``start`` to ``end`` on so many pixels.

    They are at most two a pixel, two more for each gap that is wider than a pixel, and one for a marked point; and
    the points next to the window, to which its line goes on. Where no more lie in the window, all are given. Raises
    ValueError for a window without width or pixels.
    """
    if not start < end or pixels < 1:
        raise ValueError(f"A window needs a width: {start:g} to {end:g} on {pixels} pixels has none.")
    first = int(np.searchsorted(found.times, start, side="left"))
    stop = int(np.searchsorted(found.times, end, side="right"))
    sides = max(first - 1, 0), min(stop + 1, len(found)) - 1
    if stop - first <= 2 * pixels:
        return np.arange(sides[0], sides[1] + 1)
    edges = pixel_edges(found.times, start, end, pixels)
    beside = edges[_contains(found.holes, edges - 1)]
    seen = np.append(found.marked, len(found))[np.searchsorted(found.marked, edges[:-1])]
    seen = seen[seen < edges[1:]]
    kept = np.sort(np.concatenate([_extremes(found, edges), beside - 1, beside, seen, sides]))
    return kept[np.append(True, kept[1:] > kept[:-1])]  # numpy 2.4's unique takes ten times as long


def pixel_edges(times: np.ndarray, start: float, end: float, pixels: int) -> np.ndarray:
    """Positions at which the points of a pixel begin, of the pixels that have any, and where the last one's end."""
    edges = np.searchsorted(times, np.linspace(start, end, pixels + 1), side="left")
    edges[-1] = np.searchsorted(times, end, side="right")
    return edges[np.append(True, np.diff(edges) > 0)]


def _extremes(found: Trace, edges: np.ndarray) -> np.ndarray:
    """Positions of the smallest and the largest value from each of ``edges`` to the next."""
    if edges[-1] - edges[0] >= 4 * BLOCK * len(edges):
        return _extremes_by_blocks(found, edges)
    # A slice at a time, so that the second look at it finds it in the processor's cache.
    parts = [found.values[low:high] for low, high in pairwise(edges.tolist())]
    places = np.array([(part.argmin(), part.argmax()) for part in parts])
    return (places + edges[:-1, None]).ravel()


def _extremes_by_blocks(found: Trace, edges: np.ndarray) -> np.ndarray:
    """The same, of each stretch: its points before the first whole block, the whole blocks, and the points after."""
    starts, stops = edges[:-1], edges[1:]
    first, last = -(-starts // BLOCK), stops // BLOCK
    rest = np.concatenate([starts, np.maximum(last * BLOCK, starts)])
    ends = np.concatenate([np.minimum(first * BLOCK, stops), stops])
    at = rest[:, None] + np.arange(BLOCK)
    beside, out = found.values.take(at, mode="clip"), at >= ends[:, None]
    made = []
    for ranks, place, worst in ((found.lowest, np.argmin, np.inf), (found.highest, np.argmax, -np.inf)):
        np.copyto(beside, worst, where=out)
        choices = np.stack([*np.split(rest + place(beside, axis=1), 2), ranks.best(first, last)])
        inside = (choices >= starts) & (choices < stops)
        values = np.where(inside, found.values.take(choices, mode="clip"), worst)
        made.append(choices[place(values, axis=0), np.arange(len(starts))])
    return np.concatenate(made)


def breaks(found: Trace, positions: np.ndarray) -> np.ndarray:
    """Between which of ``positions`` and the next (int64, places in ``positions``) a gap or a missing value lies."""
    return np.flatnonzero(np.diff(np.searchsorted(found.holes, positions)) > 0)


def lone(broken: np.ndarray, count: int) -> np.ndarray:
    """Places of the points, of ``count``, that stand between two breaks: a line cannot show them."""
    starts, ends = np.append(-1, broken) + 1, np.append(broken, count - 1)
    return starts[starts == ends]


def _contains(ordered: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Which of ``wanted`` stand in ``ordered``."""
    return np.searchsorted(ordered, wanted, side="right") > np.searchsorted(ordered, wanted, side="left")
