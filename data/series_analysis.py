"""What analyses of whole series share: the series that is meant, its flow in cfs, and the routing of one."""

from typing import Any

import numpy as np
import pandas as pd

from data.provenance import Refused
from data.routing import Routed, StorageTable, route
from data.series import Series
from data.units import convert

PEAKS = {
    "inflow": "inflow_cfs",
    "outflow": "outflow_cfs",
    "elevation": "elevation_ft",
    "storage": "storage_acre_ft",
}


def hours(series: Series) -> np.ndarray:
    """Hours from the first point; those of the file itself where it has no dates."""
    seconds = series.seconds if len(series.points) else np.zeros(0)
    start = 0.0 if isinstance(series.points.index, pd.TimedeltaIndex) or not len(seconds) else seconds[0]
    return (seconds - start) / 3600


def flow_cfs(series: Series) -> np.ndarray:
    """The values in cfs. Raises Refused for what is no flow."""
    if series.about.unit not in ("cfs", "m3/s"):
        unit = series.about.unit or "no unit"
        raise Refused(f"{series.about.id or 'The series'} is in {unit}, which is no flow: cfs or m³/s would do.")
    return np.asarray(convert(series.values, series.about.unit, "cfs"))


def elevation_ft(series: Series) -> np.ndarray:
    """The values in feet. Raises Refused for what is no elevation."""
    unit = series.about.unit
    if unit not in ("ft", "m"):
        raise Refused(f"{series.about.id or 'The series'} is in {unit or 'no unit'}, which is no elevation: ft or m.")
    return np.asarray(convert(series.values, unit, "ft"))


def routed(series: Series, table: StorageTable, *, start_elevation_ft: float, crest_ft: float | None = None) -> Routed:
    """Route a series of flow. Raises Refused for one with gaps, missing values or uneven steps, and says where."""
    flows = flow_cfs(series)
    if series.gaps:
        gap = series.gaps[0]
        raise Refused(
            f"The inflow has {len(series.gaps):,} gaps, the first from {gap.start} to {gap.end}; routing needs every "
            "step, none is made up. Choose a period between gaps."
        )
    missing = np.flatnonzero(~np.isfinite(flows))
    if len(missing):
        raise Refused(
            f"The inflow is missing at {len(missing):,} of {len(flows):,} times, first at "
            f"{series.time_text(int(missing[0]))}; routing needs every step, none is made up. Choose a period without."
        )
    return route(hours(series), flows, table, start_elevation_ft=start_elevation_ft, crest_ft=crest_ft)


def time_of(series: Series, at: int) -> str | float:
    """A point's time as a report has it: ISO text, or the hours of a file without dates."""
    time = series.points.index[at]
    return time / pd.Timedelta(hours=1) if isinstance(time, pd.Timedelta) else series.time_text(at)


def route_report(found: Routed, series: Series) -> dict[str, Any]:
    """The form of ``dams route --json``."""
    report: dict[str, Any] = {}
    for name, column in PEAKS.items():
        value, at = found.peak(column)
        report[f"peak_{column}"] = value
        report[f"peak_{name}_time"] = time_of(series, at)
    return report | {
        "volume_in_acre_ft": found.volume_in_acre_ft,
        "volume_out_acre_ft": found.volume_out_acre_ft,
        "storage_change_acre_ft": found.storage_change_acre_ft,
        "mass_balance_error": found.mass_balance_error,
        "freeboard_ft": found.freeboard_ft,
        "warnings": list(found.warnings),
        "how": found.how.as_json(),
    }


def route_frame(found: Routed, series: Series) -> pd.DataFrame:
    """Time and the four columns of a routing, a row a step."""
    times = [time_of(series, at) for at in range(len(series.points))]
    columns = {name: getattr(found, name) for name in ("inflow_cfs", "storage_acre_ft", "elevation_ft", "outflow_cfs")}
    return pd.DataFrame({"time": times} | columns)


def between(series: Series, start: pd.Timestamp | None, end: pd.Timestamp | None) -> Series:
    """The points from ``start`` to ``end``, both in it; None is no bound."""
    points = series.points.loc[start:end]
    if not len(points):
        raise Refused("The period holds no value of the series: choose another.")
    return Series(series.about, points, len(points))


def instant(text: str) -> pd.Timestamp | None:
    """A day or time as typed, UTC where it names no offset; None for none. Raises Refused for what is no time."""
    if not text.strip():
        return None
    try:
        found = pd.Timestamp(text.strip())
    except ValueError:
        found = pd.NaT
    if found is pd.NaT:
        raise Refused(f"{text.strip()!r} is not a time: write 2014-03-01 or 2014-03-01T12:00.")
    return found.tz_localize("UTC") if found.tzinfo is None else found.tz_convert("UTC")


def the_peaks(found: tuple[Series, ...], wanted: str = "") -> Series:
    """The series of annual peaks of flow, or the one whose id is ``wanted``. Raises Refused where that is not one."""
    peaks = tuple(one for one in found if one.about.statistic == "peak" and one.about.unit in ("cfs", "m3/s"))
    return the_flow(peaks or found, wanted)


def the_level(found: tuple[Series, ...], wanted: str = "") -> Series:
    """The one series of elevation, or the one whose id is ``wanted``. Raises Refused where that is not one."""
    return _the_one(found, ("ft", "m"), "elevation in ft or m", wanted)


def the_flow(found: tuple[Series, ...], wanted: str = "") -> Series:
    """The one series of flow, or the one whose id is ``wanted``. Raises Refused where that is not one."""
    return _the_one(found, ("cfs", "m3/s"), "flow in cfs or m³/s", wanted)


def _the_one(found: tuple[Series, ...], units: tuple[str, ...], words: str, wanted: str) -> Series:
    chosen = [one for one in found if (one.about.id == wanted if wanted else one.about.unit in units)]
    if len(chosen) == 1:
        return chosen[0]
    ids = ", ".join(one.about.id for one in chosen or found)
    if wanted or not chosen:
        raise Refused(f"The file has no series {wanted or f'of {words}'}; it has {ids or 'none'}.")
    raise Refused(f"The file has {len(chosen)} series of {words}: say with --series which one ({ids}).")
