"""The columns of inventory files: their names through the years, and what their codes mean.

Names are compared without case, spaces and signs, with and without the unit in brackets. The 2013 and
2019 releases write codes, those of 2022 and later labels; both become labels. Sources: the field
definitions of the 2018 National Inventory of Dams (US Army Corps of Engineers) and its exports of 2013 to 2026.
"""

import re
from collections.abc import Mapping, Sequence

#: Our field -> the names a file can give it, the first choice first.
NAMES = {
    "name": ("Dam Name", "dam_name", "name"),
    "nid_id": ("NID ID", "nidid", "nid_id"),
    "other_structure_id": ("Other Structure ID",),
    "joined_id": ("Federal ID", "SourceID", "Type_NID", "NIDID_FULL"),
    "record_id": ("recordid",),
    "other_names": ("Other Names", "other_dam_name", "Other Dam Names"),
    "former_names": ("Former Names", "dam_former_name", "Former Dam Names"),
    "owner": ("Owner Names", "Owner Name"),
    "owner_types": ("Owner Types", "owner_type", "Primary Owner Type"),
    "river": ("River or Stream Name", "river", "River Name", "River or Stream"),
    "state": ("State", "STATE"),
    "county": ("County",),
    "city": ("City", "Nearest City", "Nearest Downstream City"),
    "latitude": ("Latitude", "LAT"),
    "longitude": ("Longitude", "LONG", "LON"),
    "purposes": ("Purposes", "Primary Purpose"),
    "dam_types": ("Dam Types", "dam_type", "Primary Dam Type"),
    "year_completed": ("Year Completed",),
    "hazard": ("Hazard Potential Classification", "hazard", "Hazard Potential"),
    "condition": ("Condition Assessment", "Condition"),
    "condition_date": ("Condition Assessment Date", "Condition Assess Date"),
    "eap": ("EAP Prepared", "eap"),
    "eap_date": ("EAP Last Revision Date", "EAP Last Rev Date"),
    "last_inspection": ("Last Inspection Date", "inspection_date"),
    "inspection_frequency_years": ("Inspection Frequency",),
    "height_ft": ("NID Height (Ft)",),
    "dam_height_ft": ("Dam Height (Ft)",),
    "hydraulic_height_ft": ("Hydraulic Height (Ft)",),
    "structural_height_ft": ("Structural Height (Ft)",),
    "length_ft": ("Dam Length (Ft)",),
    "volume_cubic_yards": ("Volume (Cubic Yards)", "Dam Volume"),
    "storage_acre_ft": ("NID Storage (Acre-Ft)",),
    "max_storage_acre_ft": ("Max Storage (Acre-Ft)", "Maximum Storage (Acre-Ft)"),
    "normal_storage_acre_ft": ("Normal Storage (Acre-Ft)",),
    "surface_area_acres": ("Surface Area (Acres)",),
    "drainage_area_sq_miles": ("Drainage Area (Sq Miles)",),
    "max_discharge_cfs": ("Max Discharge (Cubic Ft/Second)", "Maximum Discharge"),
    "spillway_width_ft": ("Spillway Width (Ft)",),
    "last_updated": ("Data Last Updated", "submit_date"),
}
NUMBERS = tuple(
    name for name in NAMES if name.rpartition("_")[2] in ("ft", "yards", "acres", "miles", "cfs", "years")
)  #: Fields that are numbers, besides latitude and longitude.
UNKNOWN_AT_ZERO = ("height_ft", "dam_height_ft", "hydraulic_height_ft", "structural_height_ft", "length_ft",
                   "volume_cubic_yards", "spillway_width_ft", "drainage_area_sq_miles", "surface_area_acres",
                   "max_discharge_cfs")  # fmt: skip
DATES = ("condition_date", "eap_date", "last_inspection")
#: Columns where a number in powers of ten is a number; anywhere else Excel has destroyed an identifier.
_QUANTITY = re.compile(r"ft|acre|mile|yard|height|storage|volume|length|area|discharge|width|measure|"
                       r"tolerance|distance|lat|long|^[xy]$", re.IGNORECASE)  # fmt: skip

HAZARD = {"h": "High", "s": "Significant", "l": "Low", "u": "Undetermined", "n": "Not Available"}
EAP = {"y": "Yes", "n": "No", "nr": "Not Required"}
OWNER_TYPES = {"f": "Federal", "s": "State", "l": "Local Government", "u": "Public Utility", "p": "Private",
               "x": "Not Listed", "t": "Tribal Government"}  # fmt: skip
PURPOSES = {"i": "Irrigation", "h": "Hydroelectric", "c": "Flood Risk Reduction", "n": "Navigation",
            "s": "Water Supply", "r": "Recreation", "p": "Fire Protection, Stock, Or Small Fish Pond",
            "f": "Fish and Wildlife Pond", "d": "Debris Control", "t": "Tailings", "g": "Grade Stabilization",
            "o": "Other"}  # fmt: skip
DAM_TYPES = {"re": "Earth", "er": "Rockfill", "pg": "Gravity", "cb": "Buttress", "va": "Arch", "mv": "Multi-Arch",
             "rc": "Roller-Compacted Concrete", "cn": "Concrete", "ms": "Masonry", "st": "Stone",
             "tc": "Timber Crib", "ot": "Other"}  # fmt: skip
CONDITION = {"s": "Satisfactory", "f": "Fair", "p": "Poor", "u": "Unsatisfactory", "nr": "Not Rated"}
#: Postal code -> name, of all that the inventory covers (US Postal Service, Publication 28, appendix B).
STATES = dict(
    pair.split(":")
    for pair in [
        "AL:Alabama",
        "AK:Alaska",
        "AZ:Arizona",
        "AR:Arkansas",
        "CA:California",
        "CO:Colorado",
        "CT:Connecticut",
        "DE:Delaware",
        "FL:Florida",
        "GA:Georgia",
        "GU:Guam",
        "HI:Hawaii",
        "ID:Idaho",
        "IL:Illinois",
        "IN:Indiana",
        "IA:Iowa",
        "KS:Kansas",
        "KY:Kentucky",
        "LA:Louisiana",
        "ME:Maine",
        "MD:Maryland",
        "MA:Massachusetts",
        "MI:Michigan",
        "MN:Minnesota",
        "MS:Mississippi",
        "MO:Missouri",
        "MT:Montana",
        "NE:Nebraska",
        "NV:Nevada",
        "NH:New Hampshire",
        "NJ:New Jersey",
        "NM:New Mexico",
        "NY:New York",
        "NC:North Carolina",
        "ND:North Dakota",
        "OH:Ohio",
        "OK:Oklahoma",
        "OR:Oregon",
        "PA:Pennsylvania",
        "PR:Puerto Rico",
        "RI:Rhode Island",
        "SC:South Carolina",
        "SD:South Dakota",
        "TN:Tennessee",
        "TX:Texas",
        "UT:Utah",
        "VT:Vermont",
        "VA:Virginia",
        "WA:Washington",
        "WV:West Virginia",
        "WI:Wisconsin",
        "WY:Wyoming",
        "DC:District of Columbia",
        "VI:Virgin Islands",
        "AS:American Samoa",
        "MP:Northern Mariana Islands",
    ]
)


def plain(name: str) -> str:
    """A column's name as it is compared."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _keys(name: str) -> tuple[str, str]:
    return plain(name), plain(re.sub(r"\([^)]*\)", "", name))


def places(columns: Sequence[str], own: Mapping[str, str] | None = None) -> dict[str, int]:
    """Our field -> position of its column. ``own`` (field -> name in the file) goes before the known names."""
    exact = {plain(name): place for place, name in reversed(list(enumerate(columns)))}
    bare = {_keys(name)[1]: place for place, name in reversed(list(enumerate(columns)))}
    found = {}
    for field, names in NAMES.items():
        for name in (own[field],) if own and field in own else () if own is not None else names:
            place = next((p for p in map(exact.get, _keys(name)) if p is not None), bare.get(_keys(name)[1]))
            if place is not None:
                found[field] = place
                break
    return found


def identifiers(columns: Sequence[str]) -> list[int]:
    """Positions of the columns in which a number in powers of ten can only be damage."""
    return [place for place, name in enumerate(columns) if not _QUANTITY.search(name)]


def label(text: str, codes: Mapping[str, str]) -> str:
    """A code or a label as the label."""
    return codes.get(text.casefold(), text)


def labels(text: str, codes: Mapping[str, str], *, width: int = 1) -> str:
    """Codes run together ("LP", ``width`` letters each) or labels joined by ";", as labels, each once."""
    if ";" not in text and len(text) % width == 0 and text.isalpha():
        parts = [text[i : i + width].lower() for i in range(0, len(text), width)]
        if all(part in codes for part in parts):
            return ";".join(dict.fromkeys(codes[part] for part in parts))
    return ";".join(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))
