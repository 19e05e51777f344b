"""Analyses as the pages and the command line show them: figures in words, rows, curves, a report and a script."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data import baseflow, flow_statistics, frequency, series_facts
from data.importers import storage_table
from data.importers.hydrograph_text import Refused as RefusedFile
from data.provenance import How, Refused
from data.routing import Orifice, StorageTable, Weir
from data.scripts import script
from data.series import Series
from data.series_analysis import PEAKS, elevation_ft, hours, route_frame, route_report, routed, time_of
from data.units import LABELS

_DRAWN = 50_000  #: Points of a plot beside the facts; the Hydrograph page draws more.
Curves = Mapping[str, tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Plot:
    """Name -> x and y of each curve, and of each set of dots; with ``dated``, x is datetime64 in UTC."""

    x_label: str
    y_label: str
    curves: Curves
    dots: Curves = field(default_factory=dict)
    dated: bool = False
    x_log: bool = False
    y_log: bool = False


@dataclass(frozen=True, eq=False)
class Analysis:
    """What an analysis gives: figures in words, rows, its report as JSON, and itself as a script."""

    title: str
    figures: dict[str, str]
    rows: pd.DataFrame
    plots: tuple[Plot, ...]
    report: dict[str, Any]
    how: How
    warnings: tuple[str, ...]
    script: str


def _times(series: Series) -> tuple[np.ndarray, str, bool]:
    """x of a plot against time, its label, and whether these are dates."""
    if isinstance(series.points.index, pd.DatetimeIndex):
        return series.points.index.tz_localize(None).to_numpy(), "time, UTC", True
    return hours(series), "time, hours", False


def _title(what: str, series: Series) -> str:
    return f"{what} of {series.about.name or series.about.id}"


def _call(name: str, **given: Any) -> str:
    """The lines of a script that call one of the functions here and print its report."""
    words = "".join(f", {key}={value!r}" for key, value in given.items())
    return f"""
from data.analyses import {name}

found = {name}(series{words})
print(json.dumps(found.report, ensure_ascii=False))
"""


def analyse_routing(
    series: Series,
    table: StorageTable,
    *,
    start_elevation_ft: float,
    crest_ft: float | None = None,
    outlets: Sequence[Weir | Orifice] = (),
) -> Analysis:
    """Route and tell. Raises Refused as ``routed`` does."""
    found = routed(series, table, start_elevation_ft=start_elevation_ft, crest_ft=crest_ft, outlets=outlets)
    report = route_report(found, series)
    figures = {
        f"Peak {name}": f"{report[f'peak_{column}']:,.2f} {unit} at {series.time_text(found.peak(column)[1])}"
        for (name, column), unit in zip(PEAKS.items(), ("cfs", "cfs", "ft", "acre-ft"), strict=True)
    }
    figures["Volume in"] = f"{found.volume_in_acre_ft:,.1f} acre-ft"
    figures["Volume out"] = f"{found.volume_out_acre_ft:,.1f} acre-ft"
    figures["Change of storage"] = f"{found.storage_change_acre_ft:,.1f} acre-ft"
    figures["Mass balance error"] = f"{found.mass_balance_error:.1e} of the volume in"
    if found.freeboard_ft is not None:
        figures["Freeboard to the crest"] = f"{found.freeboard_ft:,.2f} ft"
    x, label, dated = _times(series)
    body = f"""
from data.routing import Orifice, StorageTable, Weir
from data.series_analysis import route_report, routed

table = StorageTable(
    elevation_ft={table.elevation_ft.tolist()!r},
    storage_acre_ft={table.storage_acre_ft.tolist()!r},
    outflow_cfs={table.outflow_cfs.tolist()!r},
)
outlets = {list(outlets)!r}
found = routed(series, table, start_elevation_ft={start_elevation_ft!r}, crest_ft={crest_ft!r}, outlets=outlets)
print(json.dumps(route_report(found, series), ensure_ascii=False))
"""
    title = _title("Routing", series)
    return Analysis(
        title=title,
        figures=figures,
        rows=route_frame(found, series),
        plots=(
            Plot(label, "flow, cfs", {"inflow": (x, found.inflow_cfs), "outflow": (x, found.outflow_cfs)}, dated=dated),
            Plot(label, "elevation, ft", {"elevation": (x, found.elevation_ft)}, dated=dated),
        ),
        report=report,
        how=found.how,
        warnings=found.warnings,
        script=script(title, "routing.py", series, found.how, body),
    )


def analyse_facts(series: Series, *, above: float | None = None) -> Analysis:
    """Peak, volume and shape of a series. Raises Refused as ``data.series_facts.facts`` does."""
    found = series_facts.facts(series, above=above)
    unit = LABELS.get(found.unit, found.unit)
    figures = {
        "Peak": f"{found.peak:,.6g} {unit} at {found.peak_time}",
        "Time to peak": f"{found.time_to_peak_hours:,.6g} h from the first value",
        "Values": f"{found.values:,}, {found.missing:,} missing",
    }
    if found.volume_acre_ft is not None:
        figures["Volume"] = f"{found.volume_acre_ft:,.6g} acre-ft; {found.volume_left_out_hours:,.6g} h are left out"
    for name, hours_ in (
        ("Centroid", found.centroid_hours),
        ("Rise", found.rise_hours),
        ("Recession", found.recession_hours),
    ):
        figures[name] = "not known" if hours_ is None else f"{hours_:,.6g} h"
    if found.above_hours is not None:
        known = f"; not known for {found.unknown_hours:,.6g} h" if found.unknown_hours else ""
        figures[f"At or above {above:,g} {unit}"] = f"{found.above_hours:,.6g} h{known}"
    x, label, dated = _times(series)
    rows = pd.DataFrame({"figure": list(figures), "value": list(figures.values())})
    title = _title("Facts", series)
    return Analysis(
        title=title,
        figures=figures,
        rows=rows,
        plots=(Plot(label, unit or "value", {"value": (x, series.values)}, dated=dated),) if len(x) <= _DRAWN else (),
        report=found.as_json(),
        how=found.how,
        warnings=found.warnings,
        script=script(title, "facts.py", series, found.how, _call("analyse_facts", above=above)),
    )


def analyse_storage(
    series: Series,
    table: tuple[str, bytes],
    *,
    reservoir: str = "",
    datum: str = "",
    shift_ft: float | None = None,
    full_elevation_ft: float | None = None,
) -> Analysis:
    """Storage and percent full of a series of elevation, by a table's own rule.

    ``table`` is the name and the content of its file (``data.importers.storage_table``); ``datum`` is that of the
    series where it states none. Raises Refused as ``StorageCurves.storage`` does; nothing is extrapolated.
    """
    given = {"reservoir": reservoir, "datum": datum, "shift_ft": shift_ft, "full_elevation_ft": full_elevation_ft}
    name, content = table
    try:
        curves = storage_table.read_bytes(name, content).reservoir(reservoir)
    except RefusedFile as why:
        raise Refused(f"{name}: {why}") from None
    x, label, dated = _times(series)
    found = curves.storage(
        elevation_ft(series),
        at=x if dated and any(curve.effective_at is not None for curve in curves.curves) else None,
        datum=datum or (series.about.datum if series.about.datum not in ("", "gauge datum") else ""),
        shift_ft=shift_ft,
        full_elevation_ft=full_elevation_ft,
    )
    rows = pd.DataFrame({"time": [time_of(series, at) for at in range(len(x))], "elevation_ft": found.elevation_ft})
    rows["storage_acre_ft"] = found.storage_acre_ft
    if found.percent_full is not None:
        rows["percent_full"] = found.percent_full
    known = np.flatnonzero(np.isfinite(found.storage_acre_ft))
    if not len(known):
        raise Refused(f"{series.about.id or 'The series'} has no value.")
    low, high = (int(known[pick(found.storage_acre_ft[known])]) for pick in (np.argmin, np.argmax))
    figures = {
        words: f"{found.storage_acre_ft[at]:,.0f} acre-ft at {found.elevation_ft[at]:,.2f} ft, {series.time_text(at)}"
        + (f", {found.percent_full[at]:.1f} % full" if found.percent_full is not None else "")
        for words, at in (("Least storage", low), ("Most storage", high), ("Last storage", int(known[-1])))
    }
    figures["Values"] = f"{len(known):,}, {len(x) - len(known):,} missing"
    report = {
        "values": len(known),
        "missing": len(x) - len(known),
        "storage_min_acre_ft": float(found.storage_acre_ft[low]),
        "storage_min_time": time_of(series, low),
        "storage_max_acre_ft": float(found.storage_acre_ft[high]),
        "storage_max_time": time_of(series, high),
        "storage_last_acre_ft": float(found.storage_acre_ft[known[-1]]),
        "percent_full_last": None if found.percent_full is None else float(found.percent_full[known[-1]]),
        "warnings": list(curves.notes),
        "how": found.how.as_json(),
    }
    body = f"""
from data.analyses import analyse_storage

#: The file of the reservoir's table.
TABLE = base64.b64decode({base64.b64encode(content).decode()!r})
found = analyse_storage(series, ({name!r}, TABLE){"".join(f", {key}={value!r}" for key, value in given.items())})
print(json.dumps(found.report, ensure_ascii=False))
"""
    title = _title("Storage", series)
    return Analysis(
        title=title,
        figures=figures,
        rows=rows,
        plots=(Plot(label, "storage, acre-ft", {"storage": (x, found.storage_acre_ft)}, dated=dated),),
        report=report,
        how=found.how,
        warnings=curves.notes,
        script=script(title, "storage.py", series, found.how, body),
    )


def analyse_frequency(
    series: Series,
    *,
    regional_skew: float | None = None,
    regional_skew_mse: float | None = None,
    method: str = "moments",
) -> Analysis:
    """Flood frequency of a series of annual peaks. Raises Refused as ``data.frequency.analyse`` does."""
    given = {"regional_skew": regional_skew, "regional_skew_mse": regional_skew_mse, "method": method}
    found = frequency.analyse(series, **given)  # type: ignore[arg-type]
    share = f"{found.confidence:.0%} limits"
    figures = {"Annual peaks used": f"{found.n}"}
    for probability in (0.5, 0.1, 0.02, 0.01, 0.002):
        low, high = found.limits[probability]
        limits = f" ({share} {low:,.0f} to {high:,.0f})" if np.isfinite([low, high]).all() else ""
        figures[f"{1 / probability:g}-year flood"] = f"{found.quantiles[probability]:,.0f} cfs{limits}"
    figures["Mean and deviation of log10"] = f"{found.curve.mean:.4f}, {found.curve.sd:.4f}"
    figures["Skew"] = f"{found.curve.skew:.3f} (of the station alone {found.station_skew:.3f})"
    outliers = ", ".join(f"{flow:,.0f} cfs in {year}" for year, flow in found.low_outliers)
    figures["Low outliers"] = outliers or "none"
    rows = pd.DataFrame(
        {
            "exceedance": list(found.quantiles),
            "return_period_years": [1 / p for p in found.quantiles],
            "peak_cfs": list(found.quantiles.values()),
            "lower_cfs": [found.limits[p][0] for p in found.quantiles],
            "upper_cfs": [found.limits[p][1] for p in found.quantiles],
        }
    )
    years = rows["return_period_years"].to_numpy()
    curves = {
        "fitted": (years, rows["peak_cfs"].to_numpy()),
        f"lower of the {share}": (years, rows["lower_cfs"].to_numpy()),
        f"upper of the {share}": (years, rows["upper_cfs"].to_numpy()),
    }
    seen = found.positions
    dots = {"peaks": (1 / seen["exceedance"].to_numpy(), seen["peak_cfs"].to_numpy("float64"))}
    title = _title("Flood frequency", series)
    return Analysis(
        title=title,
        figures=figures,
        rows=rows,
        plots=(Plot("return period, years", "peak flow, cfs", curves, dots, x_log=True, y_log=True),),
        report=found.as_json(),
        how=found.how,
        warnings=found.warnings,
        script=script(title, "frequency.py", series, found.how, _call("analyse_frequency", **given)),
    )


def analyse_baseflow(
    series: Series, *, method: str = "lyne-hollick", a: float | None = None, bfi_max: float = 0.8
) -> Analysis:
    """Baseflow of a daily flow. Raises Refused as ``data.baseflow.separate`` does."""
    found = baseflow.separate(series, method=method, alpha=a, bfi_max=bfi_max)
    x, label, dated = _times(series)
    unit = LABELS.get(found.unit, found.unit)
    rows = found.points.copy()
    if dated:
        rows["time"] = [series.time_text(at) for at in range(len(rows))]
    curves = {name: (x, rows[name].to_numpy("float64")) for name in ("flow", "baseflow")}
    title = _title("Baseflow", series)
    index = "none, since nothing flows" if found.bfi is None else f"{found.bfi:.4f}"
    return Analysis(
        title=title,
        figures={"Baseflow index": index, "Days used": f"{found.days:,} of {len(rows):,}"},
        rows=rows,
        plots=(Plot(label, f"flow, {unit}", curves, dated=dated),),
        report=found.as_json(),
        how=found.how,
        warnings=found.warnings,
        script=script(
            title, "baseflow.py", series, found.how, _call("analyse_baseflow", method=method, a=a, bfi_max=bfi_max)
        ),
    )


def analyse_statistics(series: Series, *, low_flow_days: int = 7, low_flow_years: float = 10.0) -> Analysis:
    """Flow duration, years and low flows of a daily flow. Raises Refused as ``data.flow_statistics.analyse`` does."""
    found = flow_statistics.analyse(series)
    unit = LABELS.get(found.unit, found.unit)
    figures = {
        "Days used": f"{found.days:,}, {found.missing:,} missing",
        "Mean, median": f"{found.mean:,.6g}, {found.median:,.6g} {unit}",
        "Smallest, largest day": f"{found.minimum:,.6g}, {found.maximum:,.6g} {unit}",
    }
    for percent in (5.0, 50.0, 95.0):
        if np.isfinite(found.duration[percent]):
            figures[f"Reached on {percent:g} % of days"] = f"{found.duration[percent]:,.6g} {unit}"
    report, warnings = found.as_json(), found.warnings
    try:
        low = flow_statistics.low_flow(series, low_flow_days, low_flow_years)
    except Refused as why:
        figures[f"{low_flow_days}Q{low_flow_years:g}"] = str(why)
        report["low_flow"] = None
    else:
        figures[low.name] = f"{low.value:,.6g} {unit}, of {len(low.minima.used)} climatic years"
        report["low_flow"], warnings = low.as_json(), (*warnings, *low.warnings)
    known = {percent: flow for percent, flow in found.duration.items() if np.isfinite(flow)}
    curve = {"flow duration": (np.array(list(known)), np.array(list(known.values())))}
    above = min(known.values(), default=0.0) > 0
    title = _title("Statistics", series)
    call = _call("analyse_statistics", low_flow_days=low_flow_days, low_flow_years=low_flow_years)
    return Analysis(
        title=title,
        figures=figures,
        rows=found.annual,
        plots=(Plot("days on which the flow is reached, %", f"flow, {unit}", curve, y_log=above),),
        report=report,
        how=found.how,
        warnings=warnings,
        script=script(title, "statistics_of_flow.py", series, found.how, call),
    )
