"""In which state a place lies."""

import math

import pandas as pd
import pytest

from data.states import state_at, state_names


@pytest.mark.parametrize(
    ("longitude", "latitude", "state"),
    [
        (-111.529133, 40.406624, "Utah"),  # Deer Creek dam
        (-114.7377, 36.0161, "Nevada"),  # west bank at Hoover Dam
        (-149.9, 61.2, "Alaska"),  # Anchorage
        (173.1, 52.9, "Alaska"),  # Attu, past longitude 180
        (-157.85, 21.33, "Hawaii"),  # Honolulu
        (-66.1, 18.3, "Puerto Rico"),
        (-77.02, 38.92, "District of Columbia"),
        (-84.7, 43.6, "Michigan"),
        (-75.7, 46.0, ""),  # Gatineau, Canada
        (-99.1, 19.4, ""),  # Mexico City
        (-140.0, 30.0, ""),  # the Pacific
        (-87.0, 42.8, ""),  # Lake Michigan
        (0.0, 0.0, ""),
        (math.nan, 40.0, ""),
        (-111.5, math.nan, ""),
    ],
)
def test_a_place_lies_in_the_state_whose_outline_holds_it(longitude, latitude, state):
    assert state_at(longitude, latitude) == state


def test_the_states_are_named_once_and_in_order():
    names = state_names()
    assert len(names) == 56  # 50 states, the District of Columbia, five territories
    assert list(names) == sorted(set(names))
    assert {"Utah", "Alaska", "Puerto Rico", "Guam"} <= set(names)


def test_nearly_every_dam_of_a_published_sample_lies_in_the_state_of_its_record(shared_data):
    codes = {"UT": "Utah", "CO": "Colorado", "TX": "Texas", "KS": "Kansas", "GA": "Georgia", "MT": "Montana"}
    dams = pd.read_csv(shared_data / "nid" / "nid_2019_sample500.csv", dtype=str)
    dams = dams[dams["state"].isin(codes) & (dams["longitude"].astype(float) != 0)]
    found = [state_at(float(row.longitude), float(row.latitude)) for row in dams.itertuples()]
    same = [have == codes[code] for have, code in zip(found, dams["state"], strict=True)]
    assert len(same) > 100
    assert sum(same) / len(same) > 0.98
