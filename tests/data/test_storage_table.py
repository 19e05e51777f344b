"""Reservoir tables and ratings from files, each trap that their README names."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.importers import storage_table
from data.importers.hydrograph_text import Refused
from data.routing import Weir, route

CHERRY_CREEK = Path("known_answers") / "routing_cherry_creek_resmodel.csv"
ARBUCKLE = Path("reservoirs") / "arbu_elev_stor_rating.xml.gz"
FORT_PECK = Path("reservoirs") / "fort_peck_elev_stor_rating.xml.gz"
RATING = Path("usgs") / "rdb_rating_01594440.txt"


@pytest.fixture
def written(tmp_path):
    """``written(text, name)``: the file that was read from that text."""

    def write(text: str, name: str = "table.csv") -> storage_table.StorageFile:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return storage_table.read(path)

    return write


def test_cherry_creek_as_read_routes_to_the_hec_hms_answer(shared_data):
    folder = shared_data / "known_answers"
    table = storage_table.read(shared_data / CHERRY_CREEK).reservoir().routing_table()
    inflow, answer = (pd.read_csv(folder / f"routing_cherry_creek_{name}.csv") for name in ("inflow", "hms_answer"))
    found = route(inflow["time_hr"], inflow["inflow_cfs"], table, start_elevation_ft=5565)
    assert len(table.elevation_ft) == 147
    assert np.abs(found.elevation_ft - answer["elevation_ft"]).max() < 5.1e-5
    assert np.abs(found.outflow_cfs - answer["outflow_cfs"]).max() < 5.1e-5
    assert round(found.peak("storage_acre_ft")[0], 4) == 39580.7666


def test_willamette_has_thirteen_reservoirs_in_feet_and_acre_feet_that_it_does_not_name(shared_data):
    found = storage_table.read(shared_data / "reservoirs" / "willamette_elev_stor.csv")
    assert len(found.reservoirs) == 13 and sum(len(one.curves[0].x) for one in found.reservoirs) == 2568
    cougar = found.reservoir("Cougar").curves[0]
    assert (cougar.x[0], cougar.y[0], cougar.x[-1], cougar.y[-1]) == (1299, 0, 1699, 200_000)
    assert found.reservoir("detroit").curves[0].y[0] == 6
    assert found.notes == (
        "The header names no unit: elevation as ft, storage as acre-ft.",
        "The file names no vertical datum.",
    )
    assert all(one.datum == "" for one in found.reservoirs)


def test_big_cliffs_offset_is_no_water_and_told_and_no_other_reservoir_has_one(shared_data):
    found = storage_table.read(shared_data / "reservoirs" / "willamette_elev_stor.csv")
    big_cliff = found.reservoir("Big Cliff")
    assert big_cliff.curves[0].y[[0, -1]].tolist() == [1_000_000, 1_005_280]  # as published
    assert big_cliff.offset_acre_ft == 1_000_000
    assert big_cliff.storage([1106, 1210]).storage_acre_ft.tolist() == [0, 5280]
    assert any("begin at 1,000,000 acre-ft and rise by 5,280" in note for note in big_cliff.notes)
    assert big_cliff.routing_table([Weir(1190, 100, 3)]).storage_acre_ft[-1] == 5280
    assert [one.name for one in found.reservoirs if one.offset_acre_ft] == ["Big Cliff"]


def test_cougars_eleven_assumptions_are_found_with_and_without_the_stray_space(shared_data):
    found = storage_table.read(shared_data / "reservoirs" / "cougar_resmodel.csv")
    assert len(found.reservoirs) == 11 and sum(len(one.curves[0].x) for one in found.reservoirs) == 421
    stray = found.reservoir("CGR_Adjusted_Debris_NoGates")
    assert stray.name == "CGR_Adjusted _Debris_NoGates" and stray is found.reservoir(stray.name)
    assert any("stray space" in note and stray.name in note for note in found.notes)
    for one in found.reservoirs:
        curve = one.curves[0]
        assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (1500, 33_748, 1718.4, 220_580)
    assert max(one.outflow_cfs.max() for one in found.reservoirs) == 184_346


def test_cougars_tables_as_read_route_its_flood_and_keep_mass(shared_data):
    found = storage_table.read(shared_data / "reservoirs" / "cougar_resmodel.csv")
    flow = pd.read_csv(shared_data / "hydrographs" / "cougar_dec1964_15min.csv")["Flow"]
    for one in found.reservoirs:
        routed = route(np.arange(len(flow)) / 4, flow, one.routing_table(), start_elevation_ft=1532)
        assert abs(routed.mass_balance_error) < 1e-12


def test_cougars_two_tables_agree_once_their_datums_are_4_4_ft_apart(shared_data):
    """The README's "about +4.4 ft": all 65 rows that both have but the lowest two agree to the acre-foot."""
    folder = shared_data / "reservoirs"
    ngvd = storage_table.read(folder / "willamette_elev_stor.csv").reservoir("Cougar")
    model = storage_table.read(folder / "cougar_resmodel.csv").reservoir("CGR_MaxCapacity").curves[0]
    shared = model.x - 4.4 <= 1699
    found = ngvd.storage(model.x[shared], datum="NAVD88", shift_ft=4.4)
    apart = np.abs(found.storage_acre_ft - model.y[shared])
    assert shared.sum() == 65 and apart[2:].max() < 1e-6 and apart.max() < 10.1
    assert np.abs(
        ngvd.elevation(model.y[shared], datum="NAVD88", shift_ft=4.4).elevation_ft - model.x[shared]
    ).max() < (0.021)


def test_a_table_without_outflow_needs_outlets_to_route(shared_data):
    found = storage_table.read(shared_data / "reservoirs" / "willamette_elev_stor.csv").reservoir("Foster")
    with pytest.raises(ValueError, match="table of Foster has no outflow: give its outlets"):
        found.routing_table()
    table = found.routing_table([Weir(640, 400, 3)])
    assert table.at(640) == (pytest.approx(float(found.storage(640).storage_acre_ft)), 0)
    assert table.at(644)[1] == pytest.approx(3 * 400 * 8)


def test_arbuckle_has_tables_of_two_dates_and_a_datum_with_an_estimated_shift(shared_data):
    found = storage_table.read(shared_data / ARBUCKLE)
    lake = found.reservoir()
    assert found.format == "CWMS rating XML" and lake.name == "ARBU"
    assert [curve.effective_at.isoformat() for curve in lake.curves] == [
        "1986-03-07T06:00:00+00:00",
        "2012-04-10T06:00:00+00:00",
    ]
    assert sum(len(curve.x) for curve in lake.curves) == 1512
    assert lake.datum == "NGVD29" and lake.shifts["NAVD88"].ft == 0.2073 and lake.shifts["NAVD88"].estimated
    assert lake.between_dates == "linear" and lake.outside_dates == ("nearest", "nearest")


def test_fort_peck_is_linear_between_rows_and_previous_between_dates(shared_data):
    """PREVIOUS stands in the specification, where it holds for effective dates; the template says LINEAR for rows."""
    lake = storage_table.read(shared_data / FORT_PECK).reservoir()
    (curve,) = lake.curves
    assert len(curve.x) == 12_000
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (2140, 2_506_539, 2259.99, 20_997_387)
    assert curve.rule == "linear" and lake.between_dates == "previous" and lake.outside_rows == "NULL"


def test_a_template_that_says_previous_makes_a_step_table(shared_data, tmp_path):
    text = gzip.decompress((shared_data / FORT_PECK).read_bytes()).decode()
    path = tmp_path / "steps.xml"
    path.write_text(text.replace("<in-range-method>LINEAR", "<in-range-method>PREVIOUS"))
    lake = storage_table.read(path).reservoir()
    assert lake.curves[0].rule == "previous"
    assert lake.storage(2140.005).storage_acre_ft == lake.storage(2140).storage_acre_ft == 2_506_539


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("<ratings ", '<!DOCTYPE a [<!ENTITY x "y">]><ratings ', "document type"),
        ("<in-range-method>LINEAR", "<in-range-method>LIN-LOG", "lookup method LIN-LOG between rows"),
        (
            "Elev;Stor.Linear.Production</rating-spec-id>",
            "Stage;Flow.Linear.Production</rating-spec-id>",
            "no table of",
        ),
        ("<active>true</active>\n  <description/>", "<active>false</active>", "it is not active"),
        ("<effective-date>2012-04-10T06:00:00Z", "<effective-date>1986-03-07T06:00:00Z", "one effective date"),
        ("<effective-date>2012-04-10T06:00:00Z", "<effective-date>2012-04-10T06:00:00", "names no offset"),
        ("<units-id>ft;ac-ft", "<units-id>ft;gal", "cannot be read .dep.: Unit 'gal'"),
        ("<dep>6170.0", "<dep>many", "could not convert string to float: 'many'"),
        ("<dep>6170.0", "<dep>7000.0", "storage does not rise from row 1 to 2"),
        ("</ratings>", "", "no whole XML: line 6131"),
    ],
)
def test_a_rating_xml_that_cannot_be_used_is_refused(shared_data, written, before, after, words):
    text = gzip.decompress((shared_data / ARBUCKLE).read_bytes()).decode()
    assert before in text
    with pytest.raises(Refused, match=words):
        written(text.replace(before, after), "rating.xml")


def test_metres_in_a_rating_are_turned_to_feet(shared_data, written):
    text = gzip.decompress((shared_data / ARBUCKLE).read_bytes()).decode().replace("ft;ac-ft", "m;m3")
    curve = written(text, "rating.xml").reservoir().curves[0]
    assert curve.x[0] == pytest.approx(820 / 0.3048) and curve.y[0] == pytest.approx(6170 / 1233.48184, rel=1e-6)


def test_the_usgs_rating_is_logarithmic_with_its_offset_and_periods(shared_data):
    found = storage_table.read(shared_data / RATING)
    (rating,) = found.ratings
    assert found.format == "USGS rating RDB" and not found.reservoirs
    assert rating.id == "USGS:01594440:20.0" and rating.name == "PATUXENT RIVER NEAR BOWIE, MD"
    assert len(rating.curve.x) == 11 and rating.curve.rule == "logarithmic" and rating.curve.offsets == (2.0,)
    assert (rating.curve.x[0], rating.curve.y[0]) == (2.99, 30) and (rating.curve.x[-1], rating.curve.y[-1]) == (
        27.9,
        31_100,
    )
    assert [end and end.isoformat() for _, end in rating.periods] == ["2017-02-06T05:00:00+00:00", None]
    assert any("without shifts" in note for note in rating.notes)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('EXPANSION="logarithmic"', 'EXPANSION="spline"', "EXPANSION is 'spline'"),
        ('# //RATING EXPANSION="logarithmic"\n', "", "EXPANSION is ''"),
        ("5.5000000E+00\t3.0000000E+02", "5.5000000E+00\tEqp", "Line 40 of the rating has no number as DEP"),
        ("5.5000000E+00\t3.0000000E+02", "5.5000000E+00\t1.0", "discharge does not rise from row 3 to 4"),
        ("(ft^3/s)", "(gal/s)", "Unit 'gal/s'"),
        ("OFFSET1=2.000000E+00", "OFFSET1=two", "OFFSET1 is no number"),
    ],
)
def test_a_rating_that_cannot_be_used_is_refused(shared_data, written, before, after, words):
    text = (shared_data / RATING).read_text()
    assert before in text
    with pytest.raises(Refused, match=words):
        written(text.replace(before, after), "rating.txt")


def test_offsets_parted_by_a_breakpoint_are_read(shared_data, written):
    """The form is that of NWIS ratings such as 12334510's; the file has one offset."""
    text = (shared_data / RATING).read_text()
    two = "# //RATING BREAKPOINT1=5.000000E+00\n# //RATING OFFSET1=2.0 OFFSET2=1.5\n"
    (rating,) = written(text.replace("# //RATING OFFSET1=2.000000E+00\n", two), "rating.txt").ratings
    assert rating.curve.offsets == (2.0, 1.5) and rating.curve.breakpoints == (5.0,)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no header"),
        ("elev_ft,stor_acft\n", "a header and no rows"),
        ("stor_acft,outflow_cfs\n1,2\n", "No column of the header holds elevation"),
        ("elev_ft,flow_cfs\n1,2\n", "No column of the header holds storage"),
        ("elev_ft,stage_ft,stor_acft\n1,1,2\n", "Two columns of the header hold elevation"),
        ("elev_ft,stor_acft\n1,2\n2\n", "Line 3 has 1 cells, where the header on line 1 has 2"),
        ("elev_ft,stor_acft\n1,2\n2,\n", "Line 3: storage is no number: ''"),
        ("elev_ft,stor_acft\n1,2\n2,inf\n", "Line 3: storage is no number"),
        ("elev_ft,stor_acft\n1,2\n1,3\n", "elevation does not rise from line 2 .1. to line 3 .1."),
        ("lake,elev_ft,stor_acft\na,1,2\nb,1,2\na,2,2\nb,2,3\n", "a: storage does not rise from line 2 .2. to line 4"),
        ("elev_ft,stor_acft\n1,2\n", "two rows or more"),
        ("elev_ft,stor_gal\n1,2\n", "gives storage in 'gal'"),
    ],
)
def test_a_csv_that_gives_no_one_answer_is_refused_by_line(written, text, words):
    with pytest.raises(Refused, match=words):
        written(text)


def test_metric_columns_a_datum_in_the_header_and_thousands_are_read(written):
    found = written('Elevation_NAVD88 (m),Storage (m3),Outflow (cms)\n"1,000",0,0\n"1,001.5","1,233,481.83754752",1\n')
    lake = found.reservoir()
    assert lake.name == "table" and lake.datum == "NAVD88"
    assert lake.curves[0].x == pytest.approx([1000 / 0.3048, 1001.5 / 0.3048])
    assert lake.curves[0].y == pytest.approx([0, 1000]) and lake.outflow_cfs == pytest.approx([0, 35.3146667])
    assert found.notes == (
        "Units are turned: elevation from m to ft, storage from m3 to acre-ft, outflow from m3/s to cfs.",
    )


def test_a_lake_that_is_not_in_the_file_or_not_named_is_refused_with_the_names(shared_data):
    found = storage_table.read(shared_data / "reservoirs" / "willamette_elev_stor.csv")
    with pytest.raises(Refused, match="no reservoir 'Shasta': Big Cliff, Detroit, Foster"):
        found.reservoir("Shasta")
    with pytest.raises(Refused, match="has 13 reservoirs: name one of Big Cliff"):
        found.reservoir()
