"""What analyses of whole series share: the series that is meant, its flow in cfs, and the routing of one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from data.provenance import Refused
from data.routing import Orifice, Routed, StorageTable, Weir, route, with_outlets
from data.series import Series
from data.stage_storage import StorageCurves
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


def routed(
    series: Series,
    table: StorageTable,
    *,
    start_elevation_ft: float,
    crest_ft: float | None = None,
    outlets: Sequence[Weir | Orifice] = (),
) -> Routed:
    """Route a series of flow; ``outlets`` take the place of the table's outflow.

    Raises Refused for a series with gaps, missing values or uneven steps, and says where.
    """
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
    used = with_outlets(table.elevation_ft, table.storage_acre_ft, outlets) if outlets else table
    found = route(hours(series), flows, used, start_elevation_ft=start_elevation_ft, crest_ft=crest_ft)
    if not outlets:
        return found
    how = replace(
        found.how,
        method=f"{found.how.method}; outflow by equations: weir C L H^1.5 above its crest, orifice C A (2 g H)^0.5 "
        "above its centre (ft, ft², ft³/s)",
        parameters={**found.how.parameters, "outlets": [repr(one) for one in outlets]},
        used=f"{len(flows):,} inflows, {len(table.elevation_ft):,} rows of elevation and storage, of which "
        f"{len(used.elevation_ft):,} were made by interpolation, 0.01 ft apart, for the equations",
    )
    return replace(found, how=how)


def time_of(series: Series, at: int) -> str | float:
    """A point's time as a report has it: ISO text, or the hours of a file without dates."""
    time = series.points.index[at]
    return time / pd.Timedelta(hours=1) if isinstance(time, pd.Timedelta) else series.time_text(at)


def table_of(curves: StorageCurves, outlets: Sequence[Weir | Orifice]) -> StorageTable:
    """A reservoir's table for routing; its own outflow is left out where ``outlets`` take its place."""
    fine = curves.routing_table(outlets)  # refuses what cannot be routed
    if not outlets:
        return fine
    curve = curves.curve_at()
    return StorageTable(curve.x, curve.y - curves.offset_acre_ft, np.zeros(len(curve.x)))


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


def between(series: Series, start: str, end: str) -> Series:
    """The points from ``start`` to ``end``, both in it, as typed; "" is no bound.

    Days or times, UTC where they name no offset; hours for a series without dates. Raises Refused for others, for an
    end before the start, and for a period without a point.
    """
    read = _hours if isinstance(series.points.index, pd.TimedeltaIndex) else _instant
    first, last = read(start.strip()), read(end.strip())
    if first is None and last is None:
        return series
    if first is not None and last is not None and first > last:
        raise Refused(f"The period ends ({end.strip()}) before it begins ({start.strip()}).")
    points = series.points.loc[first:last]
    if not len(points):
        raise Refused(
            f"The period holds no value of the series, which goes from {series.time_text(0)} to {series.time_text(-1)}."
        )
    return Series(series.about, points, len(points))


def _hours(text: str) -> pd.Timedelta | None:
    if not text:
        return None
    try:
        return pd.Timedelta(hours=float(text.removesuffix("h")))
    except ValueError:
        raise Refused(
            f"{text!r} is no number of hours: the series has hours and no dates; write 12, or 36.5."
        ) from None


def _instant(text: str) -> pd.Timestamp | None:
    if not text:
        return None
    try:
        found = pd.Timestamp(text)
    except ValueError:
        found = pd.NaT
    if found is pd.NaT or (text.replace(".", "").isdigit() and len(text) < 4):
        raise Refused(f"{text!r} is not a time: write 2014-03-01 or 2014-03-01T12:00.")
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
