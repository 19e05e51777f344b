"""What a profile says of a dam, section by section: pure text, from a row of PROFILE."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from components.names import called, dam_called
from data.dates import earliest, show_date
from data.inventory import CONDITION_MEANING, HAZARD_MEANING
from data.units import LABELS, METRIC, convert

DAYS_PER_YEAR = 365.2425  #: Mean of the Gregorian calendar.
NOT_LIKELIHOOD = "It says what a failure would do, not how likely one is."
NOT_HAZARD = "It is rated independently of the hazard potential."

#: Label, column and published unit of each measure.
STRUCTURE = (
    ("NID height", "height_ft", "ft"),
    ("Dam height", "dam_height_ft", "ft"),
    ("Hydraulic height", "hydraulic_height_ft", "ft"),
    ("Structural height", "structural_height_ft", "ft"),
    ("Length", "length_ft", "ft"),
    ("Volume", "volume_cubic_yards", "yd3"),
)
HYDRAULICS = (
    ("NID storage", "storage_acre_ft", "acre-ft"),
    ("Maximum storage", "max_storage_acre_ft", "acre-ft"),
    ("Normal storage", "normal_storage_acre_ft", "acre-ft"),
    ("Surface area", "surface_area_acres", "acre"),
    ("Drainage area", "drainage_area_sq_miles", "mi2"),
    ("Maximum discharge", "max_discharge_cfs", "cfs"),
    ("Spillway width", "spillway_width_ft", "ft"),
)
#: What the source tells of who regulates a dam: columns of NID.
REGULATORS = (
    "State Regulated Dam",
    "State Jurisdictional Dam",
    "State Regulatory Agency",
    "Federally Regulated Dam",
    "Federal Agency Owners",
    "Federal Agency Involvement Regulatory",
    "Source Agency",
)

Facts = dict[str, str]  #: Label to text, "" for what the source does not give.


def sections(
    dam: pd.Series, cells: Mapping[str, Any], *, metric: bool, today: dt.date, imported_by: str = ""
) -> dict[str, Facts]:
    """Title to facts. ``cells`` are those of the dam's source record, if it has one; who imported it then counts."""
    by = {"Added by": called(dam["created_by"])}
    if imported_by and not dam["created_by"]:
        by = {"Imported by": called(imported_by)}
    regulators = {name: str(cells[name]) for name in REGULATORS if cells.get(name)}
    return {
        "Identity": {
            "Name": dam_called(dam["name"]),
            "Other names": listed(dam["other_names"]),
            "NID ID": dam["nid_id"],
            "Other structure ID": dam["other_structure_id"],
            **by,
            "Id": str(dam.name),
        },
        "Place": _place(dam),
        "Hazard and condition": _ratings(dam),
        "Inspections": _inspections(dam, today),
        "Emergency action plan": {"Prepared": dam["eap"], "Last revised": show_date(dam["eap_date"])},
        "Structure": {
            "Date Built": show_date(dam["date_built"]),
            "Dam types": listed(dam["dam_types"]),
            "Purposes": listed(dam["purposes"]),
            **_measures(dam, STRUCTURE, metric),
        },
        "Hydraulics": _measures(dam, HYDRAULICS, metric),
        "Owner and regulators": {
            "Owner": dam["owner"],
            "Owner types": listed(dam["owner_types"]),
            **regulators,
        },
    }


def _place(dam: pd.Series) -> Facts:
    placed = pd.notna(dam["latitude"])
    return {
        "State": dam["state"],
        "County": dam["county"],
        "Nearest city downstream": dam["city"],
        "River": dam["river"],
        "Latitude": f"{dam['latitude']:.6f}° (WGS 84)" if placed else "",
        "Longitude": f"{dam['longitude']:.6f}° (WGS 84)" if placed else "",
    }


def _ratings(dam: pd.Series) -> Facts:
    hazard, condition = dam["hazard"], dam["condition"]
    facts = {"Hazard potential": hazard}
    if hazard:
        facts["What it means"] = f"{HAZARD_MEANING.get(hazard, '')} {NOT_LIKELIHOOD}".strip()
    facts["Condition"] = condition
    if condition:
        facts["What that means"] = f"{CONDITION_MEANING.get(condition, '')} {NOT_HAZARD}".strip()
    return facts | {"Condition assessed": show_date(dam["condition_date"])}


def _inspections(dam: pd.Series, today: dt.date) -> Facts:
    last, every = dam["last_inspection"], dam["inspection_frequency_years"]
    facts = {"Last known inspection": show_date(last), "Frequency": ""}
    years = (today - earliest(last)).days / DAYS_PER_YEAR if last else None
    if years is not None:
        facts["Last known inspection"] += f" ({age(years)})"
    if pd.notna(every):
        facts["Frequency"] = f"every {every:g} {'year' if every == 1 else 'years'}" if every else "none scheduled"
    if years is not None and every > 0 and years > every:
        facts["Note"] = "That is longer ago than this frequency; the source may not have a later inspection yet."
    return facts


def age(years: float) -> str:
    """How long ago, in words."""
    if years < 0:
        return "after today"
    return f"{years:.1f} years ago" if years >= 1 else "less than a year ago"


def _measures(dam: pd.Series, measures: tuple[tuple[str, str, str], ...], metric: bool) -> Facts:
    return {label: measure(dam[column], unit, metric=metric) for label, column, unit in measures}


def measure(value: float, unit: str, *, metric: bool) -> str:
    """A value with its unit: as it was published, or to four figures in a metric unit; "" for NaN."""
    if pd.isna(value):
        return ""
    if not metric:
        return f"{value:,.15g} {LABELS[unit]}"
    to = METRIC[unit]
    converted = convert(float(value), unit, to)
    if to == "m3" and abs(converted) >= 1e6:
        to, converted = "hm3", convert(float(value), unit, "hm3")
    return f"{float(f'{converted:.4g}'):,.15g} {LABELS[to]}"


def listed(text: str) -> str:
    """A list that the source joins by ";", to be read."""
    return ", ".join(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))
