"""Which reader a file for the Assign Hydrograph page gets."""

import pytest

from data.frames import HydrographFile
from data.importers.assigned import read
from data.series import SeriesFile


@pytest.mark.parametrize("name", ["hydrograph1.csv", "hydrograph4.csv"])
def test_hours_and_flow_are_a_hydrograph(shared_data, name):
    found = read(name, (shared_data / "hydrographs" / name).read_bytes())
    assert isinstance(found, HydrographFile)
    assert found.report.problem is None and len(found.points)


@pytest.mark.parametrize(
    "name",
    [
        "usgs/rdb_dv_02177000.txt",
        "usgs/waterml2_example.xml",
        "usgs/cwms_ts_allpages.json",
        "usgs/wdl_b91560_discharge.csv.gz",
        "hydrographs/cougar_dec1964_15min.csv",
    ],
)
def test_dates_are_series_whatever_the_file_is_called(shared_data, name):
    found = read("hydrograph.csv", (shared_data / name).read_bytes())
    assert isinstance(found, SeriesFile)
    assert found.file_name == "hydrograph.csv" and len(found.series[0].points)


@pytest.mark.parametrize(
    ("name", "words"),
    [("known_answers/routing_cherry_creek_resmodel.csv", "no series"), ("usgs/rdb_rating_01594440.txt", "rating")],
)
def test_a_table_or_a_rating_is_refused_by_name(shared_data, name, words):
    found = read("table.csv", (shared_data / name).read_bytes())
    assert isinstance(found, HydrographFile)
    assert words in found.report.problem


def test_what_no_reader_knows_gets_the_sentence_of_the_hydrographs():
    found = read("flood.csv", b"time [min],flow [cfs]\n0,0\n1,2\n")
    assert isinstance(found, HydrographFile)
    assert "min" in found.report.problem
