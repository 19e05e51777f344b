"""What a profile says of a dam, without a browser."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from components.dam_facts import measure, sections
from components.dam_place import place_map
from components.dam_profile import DamProfile
from data import frames
from data.dates import show_date

TODAY = dt.date(2026, 11, 24)
HOSTILE = "<img src=x onerror=alert(1)>"


def dam(**known):
    """A row of PROFILE of which nothing but ``known`` is known."""
    nothing = {
        name: "" if kind == "str" else np.nan if kind == "float64" else 0 for name, kind in frames.PROFILE.items()
    }
    return pd.Series(nothing | {"name": "Made-up"} | known, name=7, dtype=object)


def said(metric=False, cells=None, **known):
    return sections(dam(**known), cells or {}, metric=metric, today=TODAY)


def shown(profile):
    return profile._facts.object + profile._source.object


def record(**cells):
    about = {"file_name": "nation.csv", "system": "NID", "last_updated": "2026-09-23", "imported_by": "local"}
    return SimpleNamespace(**about, line=4711, cells=cells)


def test_what_is_not_known_is_empty_and_never_zero():
    facts = said()
    assert set(facts["Hydraulics"].values()) == {""} and set(facts["Inspections"].values()) == {""}
    assert not any("0" in text for section in facts.values() for text in section.values())
    html = shown(DamProfile(dam=dam(), today=lambda: TODAY))
    assert html.count("not given") > 30 and "nan" not in html.lower()


@pytest.mark.parametrize(
    ("value", "unit", "published", "metric"),
    [
        (726.4, "ft", "726.4 ft", "221.4 m"),
        (0.0, "acre-ft", "0 acre-ft", "0 m³"),  # a dry flood dam: a value, not an unknown one
        (35.4, "acre-ft", "35.4 acre-ft", "43,670 m³"),
        (30237000.0, "acre-ft", "30,237,000 acre-ft", "37,300 million m³"),
        (0.14, "mi2", "0.14 mi²", "0.3626 km²"),
        (12.0, "acre", "12 acres", "4.856 ha"),
        (146000.0, "cfs", "146,000 cfs", "4,134 m³/s"),
        (3250.0, "yd3", "3,250 yd³", "2,485 m³"),
        (np.nan, "ft", "", ""),
    ],
)
def test_a_measure_is_given_as_published_or_in_metric_units(value, unit, published, metric):
    assert measure(value, unit, metric=False) == published
    assert measure(value, unit, metric=True) == metric


def test_hazard_and_condition_say_what_they_mean_and_what_they_do_not():
    facts = said(hazard="High", condition="Poor")["Hazard and condition"]
    assert "loss of human life" in facts["What it means"] and "not how likely" in facts["What it means"]
    assert "independently of the hazard potential" in facts["What that means"]
    assert "What it means" not in said()["Hazard and condition"]


@pytest.mark.parametrize(
    ("last", "every", "words", "frequency", "noted"),
    [
        ("2021-11-24", 5.0, "5.0 years ago", "every 5 years", False),
        ("2016-05-01", 5.0, "10.6 years ago", "every 5 years", True),
        ("2026-10-01", 1.0, "less than a year ago", "every 1 year", False),
        ("2026-12-01", np.nan, "after today", "", False),
        ("1990", 0.0, "36.9 years ago", "none scheduled", False),
        ("", 5.0, "", "every 5 years", False),
    ],
)
def test_an_inspection_has_its_age_and_is_compared_with_the_frequency(last, every, words, frequency, noted):
    facts = said(last_inspection=last, inspection_frequency_years=every)["Inspections"]
    assert facts["Last known inspection"] == (f"{show_date(last)} ({words})" if last else "")
    assert facts["Frequency"] == frequency
    assert ("Note" in facts) == noted


def test_lists_are_read_once_each_and_regulators_come_from_the_source_record():
    facts = said(cells={"State Regulated Dam": "Yes", "Source Agency": ""}, owner_types="State;Private;State")
    assert facts["Owner and regulators"] == {
        "Owner": "",
        "Owner types": "State, Private",
        "State Regulated Dam": "Yes",
    }


def test_a_dam_of_a_file_was_imported_by_somebody_and_any_other_added_by_somebody():
    def identity(created_by, record):
        return shown(DamProfile(dam=dam(created_by=created_by), record=record))

    assert "<dt>Imported by</dt><dd>the local user</dd>" in identity("", record())
    assert "Added by" not in identity("", record())
    assert "<dt>Added by</dt><dd>diadmin</dd>" in identity("diadmin", record())  # its record came later
    assert "<dt>Added by</dt><dd>the program</dd>" in identity("setup", None)


def test_the_source_record_is_shown_cell_by_cell_as_text():
    profile = DamProfile(dam=dam(), record=record(**{"Dam Name": HOSTILE, "City": "", "Years Modified": "1999S"}))
    html = shown(profile)
    assert "Line 4,711 of nation.csv (NID), data last updated 2026-09-23." in html
    assert "all 3 columns" in html and "&lt;img src=x" in html and "<img" not in html and "blank" in html
    assert "came from no inventory file" in shown(DamProfile(dam=dam()))


def test_text_of_a_dam_is_never_html():
    profile = DamProfile(
        dam=dam(
            **{name: HOSTILE for name, kind in frames.PROFILE.items() if kind == "str"}
            | {"date_built": "", "last_inspection": "", "eap_date": "", "condition_date": ""}
        ),
        others=[(8, HOSTILE, HOSTILE)],
    )
    assert "<img" not in shown(profile) and 'href="dam?id=8"' in shown(profile)


def test_the_units_are_chosen_and_kept_in_the_browser():
    profile = DamProfile(dam=dam(height_ft=100.0))
    assert "100 ft" in shown(profile)
    profile._remember({"units": "metric"})
    assert "30.48 m" in shown(profile) and profile._store.values == {"units": "metric"}
    profile._remember({"units": ["x"]})
    assert profile.units == "metric"


def test_a_place_is_drawn_in_its_state_and_not_outside_the_united_states():
    assert "The place of the dam in Utah" in place_map(-111.529133, 40.406624, "#b2182b")
    assert "The place of the dam in Alaska" in place_map(-150.0, 61.5, "#b2182b")
    assert place_map(-75.7, 46.0, "#b2182b") == ""
