"""Several series in one table: which rows belong together."""

from collections.abc import Iterator

import numpy as np

from data.importers.hydrograph_text import shown
from data.importers.series_columns import Columns, Layout
from data.importers.series_text import Block, Findings
from data.series import GAP_FACTOR


def groups(
    found: Block, at: np.ndarray, layout: Layout, columns: Columns, findings: Findings
) -> Iterator[tuple[dict[str, str], np.ndarray]]:  # fmt: skip
    """Kind of name -> the name, and the rows (int64) that have it, in their order.

    Columns of stations, parameters and units part the rows by what they hold. Another column of words parts them only
    where times repeat from one name to the next; it is left out otherwise, with a warning.
    """
    kinds = {column: kind for column, kind in columns.names.items() if kind}
    for names, which in _by_names(found, kinds):
        other = next((column for column, kind in columns.names.items() if not kind), None)
        yield from (
            (names | more, which[rows]) for more, rows in _by_words(found, at, layout, other, which, findings)
        )  # fmt: skip


def _by_names(found: Block, kinds: dict[int, str]) -> Iterator[tuple[dict[str, str], np.ndarray]]:
    if not kinds:
        yield {}, np.arange(len(found.lines))
        return
    keys = found.cells[list(kinds)]
    numbers = keys.groupby(list(kinds), observed=True, sort=False).ngroup().to_numpy()
    for number in range(int(numbers.max()) + 1):
        which = np.flatnonzero(numbers == number)
        first = keys.iloc[which[0]]
        yield {kind: str(first[column]).strip() for column, kind in kinds.items()}, which


def _by_words(
    found: Block, at: np.ndarray, layout: Layout, column: int | None, which: np.ndarray, findings: Findings
) -> Iterator[tuple[dict[str, str], np.ndarray]]:  # fmt: skip
    everything = np.arange(len(which))
    if column is None:
        yield {}, everything
        return
    words = found.cells[column].iloc[which].astype("str").str.strip().to_numpy()
    times = at[which].view("int64")
    if len(np.unique(times)) == len(times):
        labels = list(dict.fromkeys(words.tolist()))
        if len(labels) > 1:
            detail = f"{shown(layout.name(column) or f'column {column + 1}', 40)}."
            findings.warn("other_column", int(found.lines[which[0]]), detail=detail)
        yield {"name": labels[0]} if len(labels) == 1 else {}, everything
        return
    changes = np.flatnonzero(words[1:] != words[:-1]) + 1
    if len(changes) + 1 > 2 * len(set(words.tolist())):
        for word in dict.fromkeys(words.tolist()):
            yield {"name": word}, np.flatnonzero(words == word)
        return
    step = np.median(np.abs(np.diff(times)))
    goes_on = [0 < times[one] - times[one - 1] <= GAP_FACTOR * step for one in changes]
    for one in changes[np.array(goes_on, dtype=bool)].tolist():
        pair = f"{shown(words[one - 1], 30)!r}, then {shown(words[one], 30)!r}."
        findings.warn("group_names", int(found.lines[which[one]]), detail=pair)
    for rows in np.split(everything, changes[~np.array(goes_on, dtype=bool)]):
        found_words, counts = np.unique(words[rows].astype("str"), return_counts=True)
        yield {"name": str(found_words[counts.argmax()])}, rows
