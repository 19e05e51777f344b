"""A series as it is kept: its points as bytes for a column of the database, and two lists of points made one."""

import datetime as dt
import io
import json
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data.series import Series


@dataclass(frozen=True)
class StoredSeries:
    """A series of a dam as it is kept; ``report`` tells what its last file had refused and warned of."""

    series_id: int
    dam_id: int
    role: str
    file_name: str
    format: str
    assigned_by: str
    assigned_at: dt.datetime
    report: dict[str, Any]
    series: Series


def pack(points: pd.DataFrame) -> bytes:
    """``points`` (POINTS of ``data.series``): times in µs, values, codes of flags, and the flags; packed by zlib."""
    flags = points["flag"].cat.remove_unused_categories()
    index = points.index
    kind = "hours" if isinstance(index, pd.TimedeltaIndex) else "utc"
    made = io.BytesIO()
    arrays = (
        index.as_unit("us").asi8,
        points["value"].to_numpy("float64"),
        flags.cat.codes.to_numpy("int32"),
        np.frombuffer(json.dumps([kind, *map(str, flags.cat.categories)]).encode(), "uint8"),
    )
    for array in arrays:
        np.save(made, array, allow_pickle=False)
    return zlib.compress(made.getvalue(), 1)


def unpack(packed: bytes) -> pd.DataFrame:
    """The points that ``pack`` packed."""
    file = io.BytesIO(zlib.decompress(packed))
    times, values, codes, words = (np.load(file, allow_pickle=False) for _ in range(4))
    kind, *flags = json.loads(words.tobytes())
    index = pd.Index(times.view("datetime64[us]" if kind == "utc" else "timedelta64[us]"), name="time")
    if isinstance(index, pd.DatetimeIndex):
        index = index.tz_localize("UTC")
    return pd.DataFrame({"value": values, "flag": pd.Categorical.from_codes(codes, flags)}, index=index)


def joined(old: pd.DataFrame, new: pd.DataFrame) -> tuple[pd.DataFrame, int, int]:
    """``old`` with the points of ``new`` in it, how many are new and how many have another value or flag now."""
    both = old.index.intersection(new.index)
    before, after = old.loc[both], new.loc[both]
    same = (before["value"] == after["value"]) | (before["value"].isna() & after["value"].isna())
    same &= before["flag"].astype("str") == after["flag"].astype("str")
    kept = old.loc[old.index.difference(new.index)]
    made = pd.concat([kept.astype({"flag": "str"}), new.astype({"flag": "str"})]).sort_index()
    return made.astype({"flag": "category"}), len(new) - len(both), int((~same).sum())
