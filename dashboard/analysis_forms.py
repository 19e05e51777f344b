"""The forms of the Analyses page: each asks, computes by ``data.analyses``, and shows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import panel_material_ui as pmui

from components.analysis import AnalysisForm
from components.file_choice import ChosenFile, FileChoice
from components.series_list import label_of
from data import analyses, series_analysis
from data.analyses import Analysis
from data.importers import storage_table
from data.importers.hydrograph_text import Refused as RefusedFile
from data.provenance import Refused
from data.routing import Orifice, Weir
from data.series import Series
from data.series_points import StoredSeries

Typed = Mapping[str, Any]
FLOWS = ("cfs", "m3/s")


def forms(stored: Sequence[StoredSeries], limit_bytes: int) -> list[tuple[str, AnalysisForm]]:
    """Name and form of each analysis."""
    flows = _labels(one for one in stored if one.series.about.unit in FLOWS)
    peaks = {label: one for label, one in flows.items() if one.about.statistic == "peak"}
    levels = _labels(one for one in stored if one.series.about.unit in ("ft", "m"))
    running = {label: one for label, one in flows.items() if label not in peaks}
    return [
        ("Facts", _facts(_labels(stored))),
        ("Route", _routing(running, limit_bytes)),
        ("Storage", _storage(levels, limit_bytes)),
        ("Flood frequency", _frequency(peaks)),
        ("Baseflow", _baseflow(running)),
        ("Statistics", _statistics(running)),
    ]


def _labels(stored) -> dict[str, Series]:
    """Label -> series; of two alike the second has its id behind it."""
    found: dict[str, Series] = {}
    for one in stored:
        label = label_of(one)
        found[label if label not in found else f"{label} ({one.series.about.id})"] = one.series
    return found


def _form(
    flows: Mapping[str, Series], fields: Mapping[str, Any], analyse: Callable[[Series, Typed], Analysis], **words: str
) -> AnalysisForm:
    def compute(label: str, typed: Typed) -> Analysis:
        if label not in flows:
            raise Refused("No series is chosen: assign one that this analysis can use to this dam first.")
        return analyse(series_analysis.between(flows[label], typed["from"] or "", typed["to"] or ""), typed)

    return AnalysisForm(list(flows), fields, compute, **words)


def _text(label: str, placeholder: str = "", **more: Any) -> pmui.TextInput:
    return pmui.TextInput(label=label, placeholder=placeholder, width=230, **more)


def number(typed: Typed, name: str, words: str, *, needed: bool = False) -> float | None:
    """A number as typed; None for none. Raises Refused for what is no number."""
    text = str(typed[name] or "").strip().replace("−", "-")
    if not text:
        if needed:
            raise Refused(f"{words} is required.")
        return None
    try:
        return float(text)
    except ValueError:
        raise Refused(f"{words} {text!r} is not a number.") from None


def numbers(text: str, count: int, words: str) -> list[list[float]]:
    """Groups of ``count`` numbers, parted by semicolons. Raises Refused for others."""
    groups = []
    for part in filter(None, map(str.strip, text.split(";"))):
        try:
            group = [float(one) for one in part.replace(",", " ").split()]
        except ValueError:
            group = []
        if len(group) != count:
            raise Refused(f"{words} {part!r} is not {count} numbers, such as 5580 120 3.1.")
        groups.append(group)
    return groups


def _facts(series: Mapping[str, Series]) -> AnalysisForm:
    fields = {"above": _text("Time at or above", "a value, in its unit")}

    def analyse(one: Series, typed: Typed) -> Analysis:
        return analyses.analyse_facts(one, above=number(typed, "above", "The value"))

    words = "Peak, volume, centroid, time above a value, rise and recession; what gaps leave open is told."
    return _form(series, fields, analyse, words=words, button="Compute")


def _routing(flows: Mapping[str, Series], limit_bytes: int) -> AnalysisForm:
    fields = {
        "table": FileChoice(
            label="Choose the table of elevation, storage and outflow", accept=".csv,.xml,.gz,.txt",
            limit_bytes=limit_bytes, sizing_mode="stretch_width",
        ),
        "reservoir": _text("Reservoir", "of a table of several"),
        "start": _text("Starting elevation, ft", "e.g.: 5565"),
        "crest": _text("Top of the dam, ft", "tells the freeboard"),
        "weirs": _text("Weirs: crest ft, length ft, C", "5580 120 3.1; in place of outflows"),
        "orifices": _text("Orifices: centre ft, area ft², C", "5500 20 0.6"),
    }  # fmt: skip

    def analyse(series: Series, typed: Typed) -> Analysis:
        chosen: ChosenFile | None = typed["table"]
        if chosen is None or chosen.content is None:
            raise Refused("A table of the reservoir is required: elevation, storage and outflow, as CSV.")
        outlets: list[Weir | Orifice] = [Weir(*group) for group in numbers(typed["weirs"] or "", 3, "Weir")]
        outlets += [Orifice(*group) for group in numbers(typed["orifices"] or "", 3, "Orifice")]
        try:
            file = storage_table.read_bytes(chosen.name, chosen.content)
            table = series_analysis.table_of(file.reservoir((typed["reservoir"] or "").strip()), outlets)
        except RefusedFile as why:
            raise Refused(f"{chosen.name}: {why}") from None
        start = number(typed, "start", "Starting elevation", needed=True)
        assert start is not None
        return analyses.analyse_routing(
            series, table, start_elevation_ft=start, crest_ft=number(typed, "crest", "Top of the dam"), outlets=outlets
        )

    return _form(
        flows,
        fields,
        analyse,
        words="Level-pool routing of an inflow through the reservoir. Storage and outflow come from the table, or the "
        "outflow from weirs and orifices.",
        button="Route",
    )


def _storage(levels: Mapping[str, Series], limit_bytes: int) -> AnalysisForm:
    fields = {
        "table": FileChoice(
            label="Choose the table of elevation and storage", accept=".csv,.xml,.gz,.txt", limit_bytes=limit_bytes,
            sizing_mode="stretch_width",
        ),
        "reservoir": _text("Reservoir", "of a table of several"),
        "datum": _text("Datum of the elevations", "that of the table, or NAVD88"),
        "shift": _text("Shift, ft", "added to the table's, where it gives none"),
        "full": _text("Elevation of the full pool, ft", "tells percent full"),
    }  # fmt: skip

    def analyse(series: Series, typed: Typed) -> Analysis:
        chosen: ChosenFile | None = typed["table"]
        if chosen is None or chosen.content is None:
            raise Refused("A table of the reservoir is required: elevation and storage, as CSV or rating XML.")
        return analyses.analyse_storage(
            series,
            (chosen.name, chosen.content),
            reservoir=(typed["reservoir"] or "").strip(),
            datum=(typed["datum"] or "").strip(),
            shift_ft=number(typed, "shift", "The shift"),
            full_elevation_ft=number(typed, "full", "The elevation of the full pool"),
        )

    words = "Storage and percent full of a series of elevation, by the table's own rule; nothing is extrapolated."
    return _form(levels, fields, analyse, words=words, button="Read storage")


def _frequency(peaks: Mapping[str, Series]) -> AnalysisForm:
    fields = {
        "skew": _text("Regional skew", "none: the station's alone"),
        "mse": _text("Its mean square error", "0.302 of Bulletin 17B's map"),
        "method": pmui.Select(label="Method", options={"Moments (Bulletin 17B)": "moments",
                              "Expected moments (Bulletin 17C)": "ema"}, value="moments", width=260),
    }  # fmt: skip

    def analyse(series: Series, typed: Typed) -> Analysis:
        return analyses.analyse_frequency(
            series,
            regional_skew=number(typed, "skew", "Regional skew"),
            regional_skew_mse=number(typed, "mse", "The mean square error"),
            method=typed["method"],
        )

    words = "Log-Pearson III of annual peaks, with a test for low outliers. Assign a file of annual peaks (USGS RDB)."
    return _form(peaks, fields, analyse, words=words, button="Compute")


def _baseflow(flows: Mapping[str, Series]) -> AnalysisForm:
    options = {"Lyne-Hollick": "lyne-hollick", "Eckhardt": "eckhardt", "UKIH smoothed minima": "ukih"}
    fields = {
        "method": pmui.Select(label="Method", options=options, value="lyne-hollick", width=260),
        "a": _text("Filter parameter a", "0.925, of Eckhardt 0.98"),
        "bfi_max": _text("Largest baseflow index", "0.8; of Eckhardt alone"),
    }

    def analyse(series: Series, typed: Typed) -> Analysis:
        largest = number(typed, "bfi_max", "The largest baseflow index")
        return analyses.analyse_baseflow(
            series,
            method=typed["method"],
            a=number(typed, "a", "The filter parameter"),
            bfi_max=0.8 if largest is None else largest,
        )

    words = "The part of a daily flow that comes from storage in the ground. Stretches between gaps stand alone."
    return _form(flows, fields, analyse, words=words, button="Separate")


def _statistics(flows: Mapping[str, Series]) -> AnalysisForm:
    fields = {"days": _text("Days of the low flow", "7"), "years": _text("Return period, years", "10")}

    def analyse(series: Series, typed: Typed) -> Analysis:
        days, years = number(typed, "days", "Days of the low flow"), number(typed, "years", "The return period")
        if days is not None and not days.is_integer():
            raise Refused(f"Days of the low flow {days:g} is not a whole number.")
        return analyses.analyse_statistics(
            series, low_flow_days=7 if days is None else int(days), low_flow_years=10.0 if years is None else years
        )

    words = "Flow duration, water years (October to September), and low flows by log-Pearson III of climatic years."
    return _form(flows, fields, analyse, words=words, button="Compute")
