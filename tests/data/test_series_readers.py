"""Text files of series: the figures that the READMEs in shared/data give of each, and what a reader must face.

The files are of public repositories, named there. Texts that are written here are said to be.
"""

import contextlib
import datetime as dt
import gzip

import numpy as np
import pandas as pd
import pytest

from data.importers import series, series_times
from data.importers.hydrograph_text import Refused
from data.importers.series_text import Findings


@pytest.fixture
def door(shared_data):
    return lambda name: series.read(shared_data / name)


def only(file):
    assert len(file.series) == 1
    return file.series[0]


def codes(file):
    return {warning.code: warning for warning in file.warnings}


def of_text(text):
    return series.read_bytes("written.txt", text.encode())


# USGS RDB


def test_daily_rdb_keeps_the_leading_zero_of_a_site_and_its_approval_codes(door):
    file = door("usgs/rdb_dv_02177000.txt")
    found = only(file).as_json()
    assert file.format == "USGS RDB"
    assert found["id"] == "USGS:02177000:01_00060_00003"
    assert found["name"].startswith("CHATTOOGA RIVER NEAR CLAYTON, GA")
    assert (found["rows"], found["values"], found["unit"], found["parameter"]) == (31, 31, "cfs", "00060")
    assert (found["start_utc"], found["end_utc"]) == ("2012-09-01T00:00:00Z", "2012-10-01T00:00:00Z")
    assert found["flags"] == {"A": 30, "P": 1}
    assert codes(file)["dates"].line == 25


def test_two_tabs_too_many_are_left_out_and_estimated_values_stay_estimated(door):
    file = door("usgs/rdb_dv_03290500_estimated.txt")
    found = only(file).as_json()
    assert (found["rows"], found["missing"], found["gaps"], file.rejected) == (366, 0, [], ())
    assert found["flags"] == {"P": 202, "A": 157, "A:e": 7}
    assert (found["min"], found["max"], found["max_at_utc"]) == (120, 46400, "2013-04-20T00:00:00Z")
    flags = only(file).points["flag"]
    estimated = flags[flags == "A:e"].index.strftime("%m-%d").tolist()
    assert estimated == ["09-09", "09-10", "09-11", "09-12", "09-13", "10-10", "10-11"]
    assert only(file).points["value"][pd.Timestamp("2013-05-22", tz="UTC")] == 5000
    assert (codes(file)["trailing"].line, codes(file)["trailing"].count) == (354, 1)


def test_six_parameters_none_of_them_flow_over_the_start_of_daylight_saving(door):
    file = door("usgs/rdb_iv_03401385_2014_dst_spring.txt")
    assert [one.about.parameter for one in file.series] == ["00065", "00010", "00300", "00400", "00095", "63680"]
    assert not any(one.about.is_flow for one in file.series)
    stage = file.series[0]
    assert (stage.rows, stage.about.unit, stage.about.datum, stage.step_s) == (598, "ft", "gauge datum", 900)
    lengths = [pd.Timestamp(gap.end) - pd.Timestamp(gap.start) for gap in stage.gaps]
    assert sorted(length.seconds // 60 for length in lengths) == [60] + [75] * 10
    assert ("2014-03-09T06:00:00Z", "2014-03-09T07:15:00Z", 4) in stage.gaps  # 01:00 EST, then 03:15 EDT
    assert stage.flag_counts() == {"P": 597, "P:~": 1}


def test_the_hour_that_comes_twice_in_autumn_is_two_hours_of_utc(door):
    file = door("usgs/rdb_iv_11447650_freeport_2019_dst.rdb")
    found = only(file).as_json()
    assert (found["rows"], found["values"], found["duplicates"], found["flags"]) == (8810, 8810, 0, {"P": 8810})
    assert (found["start_utc"], found["end_utc"]) == ("2019-11-01T07:00:00Z", "2020-02-01T04:30:00Z")
    assert found["gaps"] == [{"start": "2019-11-22T12:45:00Z", "end": "2019-11-22T16:15:00Z", "missing_steps": 13}]
    assert (found["min"], found["max"], found["max_at_utc"]) == (2140, 26800, "2019-12-11T06:45:00Z")
    assert found["timezone"] == "UTC-07:00/UTC-08:00 (PDT, PST)"
    points = only(file).points
    assert points["value"].mean() == pytest.approx(15550.8, abs=0.05)
    assert points.index.is_monotonic_increasing and points.index.is_unique
    assert codes(file)["disorder"].count == 3
    twice = points.loc["2019-11-03T08:00Z":"2019-11-03T09:45Z"]
    assert len(twice) == 8


def test_the_form_of_2011_has_the_month_first_and_a_remark_that_is_a_space(door):
    found = only(door("usgs/rdb_2011_unitvalues_11303500.rdb")).as_json()
    assert (found["rows"], found["unit"], found["parameter"], found["flags"]) == (73, "degC", "00010", {})
    assert (found["start_utc"], found["timezone"]) == ("2006-10-01T08:00:00Z", "UTC-08:00 (PST)")


def test_annual_peaks_keep_several_codes_in_one_cell_and_have_no_gaps(door):
    flow, stage = door("usgs/rdb_peaks_01594440.txt").series
    assert (flow.rows, flow.about.statistic, flow.gaps, flow.volume) == (20, "peak", (), None)
    assert flow.flag_counts() == {"5": 19, "2,5,8": 1}
    assert (flow.time_text(0), flow.time_text(-1)) == ("2000-03-22T00:00:00Z", "2018-12-16T00:00:00Z")
    assert (stage.about.unit, stage.as_json()["missing"]) == ("ft", 1)


HEAD = (
    "# //UNITED STATES GEOLOGICAL SURVEY\nagency_cd\tsite_no\tdatetime\ttz_cd\t1_00060\t1_00060_cd\n"
    "5s\t15s\t20d\t6s\t14n\t10s\n"
)


def rdb(*rows):
    """Written here: NWIS has written such words, but no file with one was found under a free licence."""
    return of_text(HEAD + "".join(f"USGS\t01234567\t2024-01-0{day} 00:00\tEST\t{end}\n" for day, end in rows))


def test_ice_equipment_and_stars_are_missing_and_stay_as_flags():
    file = rdb((1, "Ice\tP"), (2, "\tP Eqp"), (3, "***\tA"), (4, "-999999\tA"), (5, "12\tA"), (6, "-3\tA"))
    found = only(file).as_json()
    assert (found["values"], found["missing"], found["min"]) == (2, 4, -3)
    assert found["flags"] == {"A": 3, "P Ice": 1, "P Eqp": 1, "A ***": 1}
    assert codes(file)["negative"].line == 9


def test_a_word_that_is_no_number_and_a_zone_that_is_not_known_are_refused_by_line():
    file = rdb((1, "12\tA"), (2, "many\tA"))
    assert [(row.line, row.value) for row in file.rejected] == [(5, "many")]
    file = of_text(HEAD + "USGS\t1\t2024-01-01 00:00\tEST\t1\tA\nUSGS\t1\t2024-01-02 00:00\tXYZ\t2\tA\n")
    assert [row.line for row in file.rejected] == [5]
    assert "'XYZ'" in file.rejected[0].reason
    assert only(file).as_json()["rows"] == 1


def test_one_instant_with_two_values_is_not_taken_and_a_repeated_row_once():
    file = rdb((1, "12\tA"), (1, "12\tA"), (2, "13\tA"), (2, "14\tA"), (3, "15\tA"))
    found = only(file).as_json()
    assert (found["rows"], found["values"], found["duplicates"]) == (5, 2, 2)
    assert [row.line for row in file.rejected] == [6, 7]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("usgs/rdb_rating_01594440.txt", "a rating table"),
        ("usgs/rdb_stats.txt.gz", "statistics"),
        ("reservoirs/willamette_elev_stor.csv", "a storage table"),
        ("reservoirs/cougar_resmodel.csv", "a storage table"),
        ("known_answers/routing_cherry_creek_resmodel.csv", "a storage table"),
        ("reservoirs/cougar_stage_duration_biop.csv.gz", "a duration curve"),
        ("reservoirs/fort_peck_elev_stor_rating.xml.gz", "a rating table"),
        ("reservoirs/arbu_elev_stor_rating.xml.gz", "a rating table"),
        ("nid/nid_ms_2024.csv", "an inventory of dams"),
        ("nid/nid_2019_national.csv.gz", "an inventory of dams"),
    ],
)
def test_a_table_that_is_no_series_is_refused_by_what_it_is(door, name, words):
    with pytest.raises(Refused, match=f"{words}.*no series"):
        door(name)


# CDEC and WDL


def test_cdec_daily_outflow_has_one_dash_and_a_blank_flag(door):
    file = door("usgs/cdec_dto_outflow_daily.csv")
    found = only(file).as_json()
    assert file.format == "CDEC CSV"
    assert (found["rows"], found["values"], found["missing"], found["flags"]) == (93, 92, 1, {})
    assert (found["unit"], found["max"], found["max_at_utc"][:10]) == ("cfs", 25242, "2019-12-06")
    assert (found["start_utc"], found["timezone"]) == ("2019-11-04T08:00:00Z", "UTC-08:00")
    assert codes(file)["pacific"].count == 93


def test_cdec_values_with_a_bare_point_are_numbers(door):
    found = only(door("usgs/cdec_fal_flow_event.csv")).as_json()
    assert (found["rows"], found["min"], found["max"], found["gaps"]) == (4, 47600, 49200, [])


def test_cdec_conductivity_is_no_flow(door):
    file = door("usgs/cdec_jer_ec_event.csv.gz")
    found = only(file).as_json()
    assert (found["rows"], found["missing"], found["unit"]) == (5950, 1, "uS/cm")
    assert "volume_acre_ft" not in found
    assert "does not say" in codes(file)["pacific"].message


def test_cdec_sensors_of_one_file_are_series_of_their_own():
    head = "STATION_ID,DURATION,SENSOR_NUMBER,SENSOR_TYPE,DATE TIME,OBS DATE,VALUE,DATA_FLAG,UNITS\n"
    rows = "AAA,E,20,FLOW,20240101 0000,20240101 0000,1, ,CFS\nAAA,E,1,RIV STG,20240101 0000,20240101 0000,2,e,FEET\n"
    file = of_text(head + rows)
    assert [(one.about.id, one.about.unit) for one in file.series] == [("CDEC:AAA:20:E", "cfs"), ("CDEC:AAA:1:E", "ft")]
    assert file.series[1].flag_counts() == {"e": 1}


def test_wdl_without_a_header_keeps_its_quality_codes_and_times_that_drift(door):
    file = door("usgs/wdl_b91560_discharge.csv.gz")
    found = only(file).as_json()
    assert (found["rows"], found["values"], found["missing"], found["duplicates"]) == (21338, 21324, 14, 0)
    assert found["flags"] == {"1": 21232, "2": 92, "151": 6, "255": 4, "no_flag": 4}
    assert (found["start_utc"], found["end_utc"]) == ("2009-02-25T10:45:00Z", "2009-10-08T07:00:13Z")
    assert only(file).time_text(2) == "2009-02-25T11:15:24Z"
    assert len(found["gaps"]) == 6
    assert {"no_timezone", "no_parameter"} <= codes(file).keys()
    assert file.rejected == ()


# AQUARIUS


def test_aquarius_takes_the_utc_of_its_two_times_and_its_parameter_from_the_comments(door):
    file = door("usgs/aquarius_2017_csv_11425500.csv")
    found = only(file).as_json()
    assert file.format == "AQUARIUS CSV"
    assert (found["rows"], found["values"], found["parameter"], found["unit"]) == (
        77,
        77,
        "Turbidity, Form Neph",
        "_FNU",
    )
    assert (found["start_utc"], found["end_utc"]) == ("2008-03-04T08:00:00Z", "2008-03-05T03:00:00Z")
    assert (found["timezone"], found["name"]) == ("UTC-08:00", "SACRAMENTO R A VERONA CA")
    assert found["flags"] == {"Approved": 77, "Grade 50": 77}
    assert codes(file) == {}


def test_aquarius_times_that_disagree_are_told(shared_data):
    text = (shared_data / "usgs/aquarius_2017_csv_11425500.csv").read_text()
    file = of_text(text.replace("Z, 2008-03-04 00:15:00.000", "Z, 2008-03-04 01:15:00.000"))
    assert (codes(file)["other_times"].line, codes(file)["other_times"].count) == (17, 1)


# NDBC


def test_ndbc_realtime_is_newest_first_and_mm_is_missing(door):
    file = door("sst/ndbc_44013_realtime_2022.txt")
    assert file.format == "NDBC realtime meteorological data"
    assert len(file.series) == 14
    water = next(one for one in file.series if one.about.parameter == "WTMP")
    found = water.as_json()
    assert (found["rows"], found["missing"], found["unit"], found["timezone"]) == (6508, 368, "degC", "UTC")
    assert (found["min"], found["max"], found["max_at_utc"]) == (6.5, 16.5, "2022-05-29T17:10:00Z")
    assert (found["start_utc"], found["end_utc"]) == ("2022-04-21T00:00:00Z", "2022-06-05T13:00:00Z")
    assert water.points.index.is_monotonic_increasing
    assert (
        np.diff(water.seconds) > 600
    ).sum() == 43  # the README counts 44: the file has 40 of 20, 1 of 40, 2 of 50 min
    assert len(found["gaps"]) == 43
    tendency = next(one for one in file.series if one.about.parameter == "PTDY")
    assert tendency.points["value"].iloc[-1] == 1.6  # the file writes +1.6
    assert [warning.code for warning in file.warnings].count("newest_first") == 1


def test_yearly_ndbc_files_mark_missing_by_nines():
    head = "#YY  MM DD hh mm WDIR WSPD WTMP\n#yr  mo dy hr mn degT m/s degC\n"
    file = of_text(head + "2020 01 01 00 00 999  4.0  9.9\n2020 01 01 00 10  99 99.0 999.0\n")
    wind, speed, water = file.series
    assert file.format == "NDBC historical meteorological data"
    assert wind.values.tolist()[1] == 99  # degrees
    assert [np.isnan(one.values).tolist() for one in file.series] == [[True, False], [False, True], [False, True]]
    assert (speed.about.unit, water.about.unit) == ("m/s", "degC")


def test_nines_of_the_realtime_form_are_values():
    head = "#YY  MM DD hh mm WDIR WSPD WTMP\n#yr  mo dy hr mn degT m/s degC\n"
    file = of_text(head + "2020 01 01 00 10  99 99.0   9.9\n2020 01 01 00 00  MM  4.0   9.9\n")
    assert [one.as_json()["values"] for one in file.series] == [1, 2, 2]


# CSV


@pytest.mark.parametrize(
    ("name", "peak_cfs", "peak_hour", "acre_ft"),
    [(1, 60, 3, 20.909), (2, 72, 3, 25.091), (3, 120, 5, 41.818), (4, 160.8, 5, 66.909)],
)
def test_hours_and_flow_are_a_series_without_a_date(door, name, peak_cfs, peak_hour, acre_ft):
    file = door(f"hydrographs/hydrograph{name}.csv")
    found = only(file).as_json()
    assert (found["rows"], found["max"], found["start_utc"], found["unit"]) == (13, peak_cfs, None, "cfs")
    assert only(file).points["value"].idxmax() == pd.Timedelta(hours=peak_hour)
    assert found["volume_acre_ft"] == pytest.approx(acre_ft, abs=5e-4)
    assert codes(file).keys() == {"no_date"}


@pytest.mark.parametrize(
    ("name", "rows", "start", "peak_cfs", "peak_at", "acre_ft"),
    [
        ("jmd_hydro_april1999", 241, "1999-04-30T00:00:00Z", 35600, "1999-05-02T23:00:00Z", 192841),
        ("jmd_hydro_june1921", 169, "1921-06-04T00:00:00Z", 184452, "1921-06-05T05:00:00Z", 385264),
        ("jmd_hydro_june1965_15min", 481, "1965-06-17T07:00:00Z", 162465, "1965-06-18T22:30:00Z", 271655),
        ("cougar_dec1964_15min", 841, "1964-12-15T00:00:00Z", 37044, "1964-12-18T01:00:00Z", 211021),
    ],
)
def test_floods_with_date_and_time_in_two_columns(door, name, rows, start, peak_cfs, peak_at, acre_ft):
    file = door(f"hydrographs/{name}.csv")
    found = only(file).as_json()
    assert (found["rows"], found["values"], found["gaps"], found["start_utc"]) == (rows, rows, [], start)
    assert (found["max"], found["max_at_utc"]) == (peak_cfs, peak_at)
    assert found["volume_acre_ft"] == pytest.approx(acre_ft, abs=0.5)
    assert {"no_timezone", "assumed_cfs"} <= codes(file).keys()


def test_112_years_of_days_begin_in_1912(door):
    found = only(door("hydrographs/jmd_inflow_daily_1912_2024.csv.gz")).as_json()
    assert (found["rows"], found["duplicates"], found["gaps"], found["unit"]) == (40908, 0, [], "cfs")
    assert (found["start_utc"], found["end_utc"]) == ("1912-10-01T00:00:00Z", "2024-09-30T00:00:00Z")
    assert (found["min"], found["max"], found["max_at_utc"]) == (3, 87300, "1921-06-05T00:00:00Z")


def test_a_stage_in_feet_is_no_flow(door):
    file = door("hydrographs/stream_height_measurements.csv")
    found = only(file).as_json()
    assert (found["rows"], found["unit"], found["parameter"]) == (26, "ft", "Stream Height")
    assert (found["start_utc"], found["end_utc"]) == ("2021-12-07T00:00:00Z", "2022-01-01T00:00:00Z")
    assert "volume_acre_ft" not in found


def test_hour_24_is_the_midnight_at_the_end_of_the_day(door):
    file = door("reservoirs/cougar_daily_stage.csv")
    found = only(file).as_json()
    assert (found["rows"], found["missing"], found["gaps"]) == (18553, 45, [])
    assert (found["start_utc"], found["end_utc"]) == ("1970-12-16T00:00:00Z", "2021-10-01T00:00:00Z")
    assert (found["min"], found["max"], only(file).about.datum) == (1398.4, 1695.7, "NGVD29")
    assert found["unit"] == "ft" and "assumed_ft" in codes(file)
    assert codes(file)["hour_24"].count == 18553


def test_the_year_3000_and_three_floods_below_each_other(door):
    file = door("known_answers/routing_cougar_hms_answer.csv")
    peaks = {one.about.id: one.as_json()["max"] for one in file.series}
    assert len(peaks) == 12
    assert [peaks[f"{flood}:Inflow"] for flood in ("Dec-64", "Feb-96", "Nov-96")] == [18888.7, 8708.2, 16767.4]
    assert [peaks[f"{flood}:Outflow"] for flood in ("Dec-64", "Feb-96", "Nov-96")] == [8631.5, 6108.5, 7751.9]
    assert [peaks[f"{flood}:Elevation"] for flood in ("Dec-64", "Feb-96", "Nov-96")] == [1564.9, 1522.3, 1548.1]
    assert {(one.rows, one.time_text(0)) for one in file.series} == {(861, "3000-01-01T00:00:00Z")}
    assert "'Dec-1964', then 'Dec-64'" in codes(file)["group_names"].message


def test_hours_and_four_columns_are_four_series(door):
    inflow, elevation, storage, outflow = door("known_answers/routing_cherry_creek_hms_answer.csv").series
    assert [one.about.unit for one in (inflow, elevation, storage, outflow)] == ["cfs", "ft", "acre-ft", "cfs"]
    assert [one.values.max() for one in (elevation, storage, outflow)] == [5572.9426, 39580.7666, 1617.8195]
    assert elevation.rows == 457


def test_baseflow_without_a_unit_below_comments(door):
    file = door("known_answers/baseflow_eckhardt_answer.csv")
    assert [(one.about.id, one.about.unit, one.rows) for one in file.series] == [("Q", "", 1096), ("Qb", "", 1096)]
    assert codes(file)["no_unit"].line == 7
    assert file.series[0].time_text(-1) == "2017-12-31T00:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "date,flow (cfs)\n2024-01-30,1\n2024-01-31,2\n",
        "date;flow (cfs)\n30.01.2024;1\n31.01.2024;2\n",
        "date\tflow (cfs)\n30/01/2024\t1\n31/01/2024\t2\n",
        "date,flow (cfs)\n30JAN2024,1\n31JAN2024,2\n",
        "date,flow (cfs)\n30-Jan-24,1\n31-Jan-24,2\n",
        'date,flow (cfs)\n"Jan 30, 2024",1\n"Jan 31, 2024",2\n',
        "date,flow (cfs)\n20240130,1\n20240131,2\n",
        "date,flow (cfs)\n1/30/24,1\n1/31/24,2\n",
        '\ufeffdate,flow (cfs)\r\n2024/01/30,1\r\n2024/01/31,"2"\r\n',
    ],
)
def test_dates_of_many_forms(text):
    series_ = only(of_text(text))
    assert [series_.time_text(at) for at in (0, 1)] == ["2024-01-30T00:00:00Z", "2024-01-31T00:00:00Z"]
    assert (series_.values.tolist(), series_.about.unit) == ([1, 2], "cfs")


@pytest.mark.parametrize(
    ("text", "start", "zone"),
    [
        ("time (UTC),t (celsius)\n2016-02-15 00:00:00,4\n2016-02-15 00:30:00,5\n", "2016-02-15T00:00:00Z", "UTC"),
        (
            "time,stage_ft\n2024-07-01T00:00:00-07:00,4\n2024-07-01T01:00:00-07:00,5\n",
            "2024-07-01T07:00:00Z",
            "UTC-07:00",
        ),
        ("time (PST),stage_ft\n2024-07-01 00:00,4\n2024-07-01 01:00,5\n", "2024-07-01T08:00:00Z", "UTC-08:00 (PST)"),
        (
            "time,tz_cd,stage_ft\n2024-07-01 00:00,EDT,4\n2024-07-01 01:00,EDT,5\n",
            "2024-07-01T04:00:00Z",
            "UTC-04:00 (EDT)",
        ),
        ("date,time,stage_ft\n7/31/2024,1:30 PM,4\n7/31/2024,2:30 PM,5\n", "2024-07-31T13:30:00Z", ""),
        ("date,time,stage_ft\n31Jul2024,2400,4\n01Aug2024,0100,5\n", "2024-08-01T00:00:00Z", ""),
    ],
)
def test_zones_and_clocks_of_many_forms(text, start, zone):
    found = only(of_text(text)).as_json()
    assert (found["start_utc"], found["timezone"], found["values"]) == (start, zone, 2)


def test_years_of_two_digits_are_never_in_the_future():
    texts, lines = pd.Series(["1/31/50", "2/28/24", "3/1/27"], dtype="str"), np.arange(1, 4)
    findings = Findings()
    at = series_times.read(texts, lines, findings, today=dt.date(2026, 11, 25)).at
    assert at.astype("datetime64[D]").astype(str).tolist() == ["1950-01-31", "2024-02-28", "1927-03-01"]
    assert [warning.code for warning in findings.warnings] == ["two_digit_years"]


def test_dates_that_could_be_either_are_read_month_first_and_told():
    file = of_text("date,flow_cfs\n01/02/2024,1\n02/02/2024,2\n")
    assert only(file).time_text(1) == "2024-02-02T00:00:00Z"
    file = of_text("date,flow_cfs\n01/02/2024,1\n01/03/2024,2\n01/04/2024,3\n")
    assert "month_first" in codes(file)


def test_a_date_that_is_none_and_a_row_of_other_width_are_refused_by_line():
    file = of_text("date,flow_cfs\n2024-02-28,1\n2024-02-30,2\n2024-03-01,3,x\n2024-03-02,4\n\n2024-03-03,5\n")
    assert [row.line for row in file.rejected] == [3, 4]
    assert only(file).values.tolist() == [1, 4, 5]


def test_a_line_too_long_beside_one_too_short_is_refused_as_both():
    file = of_text("date,flow_cfs,stage_ft\n2024-02-27,1,2\n2024-02-28,3,4,5\n2024-02-29,6\n2024-03-01,7,8\n")
    assert [row.line for row in file.rejected] == [3, 4]
    assert [one.values.tolist() for one in file.series] == [[1, 7], [2, 8]]


def test_a_line_too_short_is_refused_and_not_filled_up():
    file = of_text("date,flow_cfs,stage_ft\n2024-02-27,1,2\n2024-02-28,3\n2024-02-29,4,5\n")
    assert [row.line for row in file.rejected] == [3]
    assert [one.values.tolist() for one in file.series] == [[1, 4], [2, 5]]


def test_a_long_file_is_read_alike_where_its_flags_become_digits_and_a_value_a_word():
    times = pd.date_range("2020-01-01", periods=40_000, freq="15min").strftime("%Y-%m-%d %H:%M")
    rows = [f"{time},{at},{'A' if at < 10_000 else '01'}" for at, time in enumerate(times)]
    rows[-1] = f"{times[-1]},Ice,01"
    file = of_text("\n".join(["time,flow_cfs,flag", *rows]))
    assert only(file).as_json()["missing"] == 1
    assert only(file).values[-2] == 39998
    assert only(file).flag_counts() == {"01": 29999, "A": 10000, "01 Ice": 1}


def test_flags_that_are_digits_stay_text():
    file = of_text("date,flow_cfs,code\n2024-02-27,1,007\n2024-02-28,3,1.0\n")
    assert only(file).flag_counts() == {"007": 1, "1.0": 1}


def test_thousands_in_quotes_and_limits_are_told():
    file = of_text('date,flow_cfs\n2024-02-27,"1,200"\n2024-02-28,<5\n2024-02-29,n/a\n')
    assert only(file).values.tolist()[:2] == [1200, 5]
    assert only(file).flag_counts() == {"<": 1}
    assert {"thousands", "censored", "missing_marker"} <= codes(file).keys()


def test_stations_and_parameters_of_one_table_are_series_of_their_own():
    head = "site_no,parameter,date,value,unit,qualifier\n"
    rows = "01,Flow,2024-01-01,1,ft3/s,e\n02,Flow,2024-01-01,2,ft3/s,\n01,Flow,2024-01-02,3,ft3/s,\n"
    first, second = of_text(head + rows).series
    assert (first.about.id, first.values.tolist(), first.about.unit) == ("01:Flow:value", [1, 3], "cfs")
    assert (second.about.id, second.values.tolist(), first.flag_counts()) == ("02:Flow:value", [2], {"e": 1})


# The front door


def test_content_decides_and_not_the_name(shared_data):
    content = (shared_data / "usgs/rdb_dv_02177000.txt").read_bytes()
    plain, packed = series.read_bytes("nation.json", content), series.read_bytes("x.xls", gzip.compress(content))
    assert plain.format == packed.format == "USGS RDB"
    assert plain.as_json() == packed.as_json()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"Lorem ipsum", "would do"),
        (b"a,b\n1,x\n", "would do"),
        (b"<html><body>503</body></html>", "HTML"),
        (b'{"a": 1}', "would do"),
        (b"[1, 2", "JSON, but is not"),
        (b"PK\x03\x04", "zip archive"),
        (b"\x1f\x8bdamaged", "gzip"),
        (b"date,flow\n2024-01-01\x00,1\n", "NUL"),
        (b"date,flow_cfs\n2024-01-01,1\n2024-01-02,2\n2024-01-03,\x01\n", "line 4 holds a control character"),
        (b"date,flow\n", "no rows below it"),
        (b"elev_ft,flow_cfs\n1,2\n", "a rating table"),
        (b"# //UNITED STATES GEOLOGICAL SURVEY\n#  No sites found matching all criteria\n", "No sites found"),
    ],
)
def test_what_is_no_series_is_refused_in_a_sentence(content, words):
    with pytest.raises(Refused, match=words) as caught:
        series.read_bytes("written", content)
    assert str(caught.value).endswith(".")


def test_every_file_of_the_shared_folders_is_read_by_the_contract_or_refused(shared_data):
    read = []
    for folder in ("hydrographs", "usgs", "reservoirs", "sst", "known_answers"):
        for path in sorted((shared_data / folder).iterdir()):
            with contextlib.suppress(Refused):
                read.append(series.read(path))
    assert len(read) > 30
    for file in read:
        for one in file.series:
            assert str(one.points["value"].dtype) == "float64"
            assert isinstance(one.points["flag"].dtype, pd.CategoricalDtype)
            assert one.points.index.is_monotonic_increasing and one.points.index.is_unique
            assert one.points.index.name == "time"
            assert one.rows >= len(one.points)
