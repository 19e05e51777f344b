"""Level-pool routing against HEC-HMS, and what no routing may break.

Cherry Creek: inflow, table and HEC-HMS answer from USACE-RMC/rfaR. Cougar: HEC-HMS answers and the tables of
danmcgraw94/willamette-loading.
"""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.provenance import Refused
from data.routing import Orifice, StorageTable, Weir, route, with_outlets

TABLE = StorageTable([0, 10, 20], [0, 100, 300], [0, 50, 400])


@pytest.fixture(scope="module")
def cherry_creek(shared_data):
    folder = shared_data / "known_answers"
    table, inflow, answer = (
        pd.read_csv(folder / f"routing_cherry_creek_{name}.csv") for name in ("resmodel", "inflow", "hms_answer")
    )
    return StorageTable(table["elev_ft"], table["stor_acft"], table["outflow_cfs"]), inflow, answer


def test_cherry_creek_agrees_with_hec_hms_at_every_step(cherry_creek):
    table, inflow, answer = cherry_creek
    found = route(inflow["time_hr"], inflow["inflow_cfs"], table, start_elevation_ft=5565)
    assert np.abs(found.elevation_ft - answer["elevation_ft"]).max() < 5.1e-5  # the answer has four decimals
    assert np.abs(found.outflow_cfs - answer["outflow_cfs"]).max() < 5.1e-5
    assert np.abs(found.storage_acre_ft - answer["storage_acft"]).max() < 5.1e-5
    assert round(found.peak("elevation_ft")[0], 4) == 5572.9426
    assert round(found.peak("outflow_cfs")[0], 4) == 1617.8195
    assert round(found.peak("storage_acre_ft")[0], 4) == 39580.7666
    assert abs(found.mass_balance_error) < 1e-12


def test_the_pool_first_falls_where_it_starts_above_what_the_inflow_holds(cherry_creek):
    table, inflow, _ = cherry_creek
    found = route(inflow["time_hr"][:10], inflow["inflow_cfs"][:10], table, start_elevation_ft=5565)
    assert (np.diff(found.elevation_ft) < 0).all()
    assert found.peak("outflow_cfs") == (750, 0)
    assert any("Peak outflow, 750 cfs, is above peak inflow, 15 cfs: the pool starts high" in w for w in found.warnings)


def test_cougars_answers_keep_the_mass_that_the_method_keeps(shared_data):
    """Its outflow table is not given, so that only I - O = dS/dt can be checked, to the 0.1 that it is rounded to."""
    answer = pd.read_csv(shared_data / "known_answers" / "routing_cougar_hms_answer.csv")
    for _, flood in answer.groupby(answer["Hydro"].replace("Dec-1964", "Dec-64")):
        net = flood["Inflow"] - flood["Outflow"]
        change = (net + net.shift()).iloc[1:] / 2 * 900 / 43_560
        assert np.abs(np.diff(flood["Storage"]) - change).max() < 0.11


def test_cougars_tables_route_its_flood_and_keep_mass(shared_data):
    rows = pd.read_csv(shared_data / "reservoirs" / "cougar_resmodel.csv")
    flow = pd.read_csv(shared_data / "hydrographs" / "cougar_dec1964_15min.csv")["Flow"]
    for _, model in rows.groupby("Model"):
        table = StorageTable(model["Stage_FT"], model["Storage_ACFT"], model["Discharge_CFS"])
        found = route(np.arange(len(flow)) / 4, flow, table, start_elevation_ft=1532)
        assert abs(found.mass_balance_error) < 1e-12


@given(
    flows=st.lists(st.floats(0, 500), min_size=2, max_size=60),
    start=st.floats(0, 15),
    step=st.sampled_from([0.25, 1.0, 6.0]),
)
def test_routing_conserves_mass_and_stays_between_the_rows(flows, start, step):
    table = StorageTable([0, 5, 10, 20, 90], [0, 30, 100, 300, 90_000], [0, 0, 50, 400, 90_000])
    found = route(np.arange(len(flows)) * step, flows, table, start_elevation_ft=start)
    assert abs(found.mass_balance_error_acre_ft) < 1e-6
    assert np.interp(found.elevation_ft, table.elevation_ft, table.storage_acre_ft) == pytest.approx(
        found.storage_acre_ft, abs=1e-6
    )
    assert (found.outflow_cfs >= 0).all()


@given(st.floats(0.1, 19.9), st.integers(2, 50))
def test_inflow_equal_to_outflow_keeps_the_pool_where_it_is(start, steps):
    outflow = TABLE.at(start)[1]
    found = route(np.arange(steps), np.full(steps, outflow), TABLE, start_elevation_ft=start)
    assert found.elevation_ft == pytest.approx(np.full(steps, start), rel=1e-9)


def test_a_reservoir_without_outlet_keeps_all_that_comes():
    closed = StorageTable([0, 10], [0, 100], [0, 0])
    found = route([0, 1, 2], [0, 12.1, 12.1], closed, start_elevation_ft=0)
    assert found.storage_acre_ft == pytest.approx([0, 0.5, 1.5])
    assert found.elevation_ft == pytest.approx([0, 0.05, 0.15])


@pytest.mark.parametrize(
    ("times", "flows", "start", "words"),
    [
        ([0, 1, 2], [0, 1e6, 1e6], 5, "above the table's last row, elevation 20 ft, at 1 h"),
        ([0, 1, 2], [-1e5, -1e5, 0], 5, "below the table's first row, elevation 0 ft, at 1 h"),
        ([0, 1, 2], [0, 1, 2], 21, "Elevation 21 ft is outside the table, which goes from 0 to 20 ft"),
        ([0, 1, 2], [0, 1, 2], np.nan, "Elevation nan ft is outside"),
        ([0, 1, 3], [0, 1, 2], 5, "Steps are uneven: 1 h from value 1 to 2"),
        ([0, 1, 2], [0, np.nan, 2], 5, "The inflow is missing at value 2 of 3"),
        ([0], [0], 5, "two inflows or more"),
        ([2, 1, 0], [0, 1, 2], 5, "Steps are uneven"),
    ],
)
def test_what_cannot_be_routed_is_refused_with_a_sentence(times, flows, start, words):
    with pytest.raises(Refused, match=words):
        route(times, flows, TABLE, start_elevation_ft=start)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([0, 1, 1], [0, 1, 2], [0, 1, 2]), "elevation does not rise from row 2 to 3: 1, then 1"),
        (([0, 1, 2], [0, 2, 1], [0, 1, 2]), "storage does not rise from row 2 to 3"),
        (([0, 1, 2], [0, 1, 2], [0, -1, 2]), "Row 2 of the table has a negative outflow, -1 cfs"),
        (([0, 1, 2], [0, np.nan, 2], [0, 1, 2]), "Row 2 of the table has no storage"),
        (([0], [0], [0]), "two rows or more"),
    ],
)
def test_a_table_that_gives_no_one_answer_is_refused(columns, words):
    with pytest.raises(Refused, match=words):
        StorageTable(*columns)


def test_outflow_that_falls_faster_than_storage_fills_asks_for_a_shorter_step():
    table = StorageTable([0, 1, 2], [0, 1, 2], [0, 500, 0])
    with pytest.raises(Refused, match="from row 2 to 3 of the table that a step of 1 h has two answers"):
        route([0, 1], [0, 0], table, start_elevation_ft=0)


def test_a_step_too_long_for_the_outlet_and_a_rise_in_few_steps_are_told():
    quick = StorageTable([0, 1, 2], [0, 1, 2], [0, 500, 1000])
    found = route([0, 1, 2, 3], [300, 400, 300, 300], quick, start_elevation_ft=0.6)
    assert any("longer than twice dS/dO between 0 and 1 ft" in w for w in found.warnings)
    assert any("rises to its peak in 1 steps" in w for w in found.warnings)


def test_freeboard_is_up_to_the_crest_and_overtopping_is_told():
    found = route([0, 1, 2], [0, 50, 50], TABLE, start_elevation_ft=10, crest_ft=10.5)
    assert found.freeboard_ft == pytest.approx(10.5 - found.elevation_ft.max())
    assert route([0, 1], [0, 0], TABLE, start_elevation_ft=10).freeboard_ft is None
    over = route([0, 1, 2], [0, 900, 900], TABLE, start_elevation_ft=10, crest_ft=10.5)
    assert over.freeboard_ft < 0 and any("overtopped" in w for w in over.warnings)


def test_a_weir_and_an_orifice_follow_their_equations():
    elevations = np.array([0.0, 4.0, 8.0])
    assert Weir(4, 10, 3.1).outflow_cfs(elevations) == pytest.approx([0, 0, 3.1 * 10 * 8])
    assert Orifice(0, 2, 0.6).outflow_cfs(elevations) == pytest.approx(
        [0, 1.2 * (8 * 32.174) ** 0.5, 1.2 * (16 * 32.174) ** 0.5]
    )
    table = with_outlets([0, 10], [0, 100], [Weir(4, 10, 3.1), Orifice(0, 2, 0.6)])
    assert table.at(8)[1] == pytest.approx(248 + 1.2 * (16 * 32.174) ** 0.5, rel=1e-6)
    assert table.at(8)[0] == pytest.approx(80) and len(table.elevation_ft) == 1001


def test_the_result_says_how_it_was_computed():
    how = route([0, 1], [0, 0], TABLE, start_elevation_ft=10).how.as_json()
    assert "modified Puls" in how["method"] and "Chow" in how["source"]
    assert how["parameters"]["start_elevation_ft"] == 10 and how["parameters"]["step_hours"] == 1
    assert set(how["versions"]) == {"python", "dam-inventory", "numpy", "pandas"}


@pytest.mark.slow
def test_a_hundred_thousand_steps_take_less_than_50_ms(cherry_creek):
    table, inflow, _ = cherry_creek
    flows = np.resize(inflow["inflow_cfs"], 100_000)
    taken = []
    for _ in range(5):
        start = time.process_time()
        route(np.arange(100_000.0), flows, table, start_elevation_ft=5565)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.05
