"""Series from JSON and XML: NWIS, the Water Data APIs, WaterML and CWMS, on the files whose README names traps."""

import json

import numpy as np
import pytest

from data.importers import series_cwms, series_nwis_json, series_ogc, series_waterml
from data.importers.hydrograph_text import Refused
from data.importers.series_text import Findings

READERS = (series_nwis_json, series_ogc, series_cwms, series_waterml)
CWMS_ID = "NWDM:Test.Stage.Inst.15Minutes.0.TEST_PAGING"


@pytest.fixture
def usgs(shared_data):
    return shared_data / "usgs"


def read(reader, text):
    findings = Findings()
    kind, series = reader.read(text, findings)
    return kind, {one.about.id: one for one in series}, findings


def codes(findings):
    return {warning.code for warning in findings.warnings}


def of(series):
    """The only one."""
    (found,) = series.values()
    return found


@pytest.mark.parametrize(
    ("pattern", "reader"),
    [
        ("nwis_json_*.json", series_nwis_json),
        ("waterdata_ogc_*.json", series_ogc),
        ("cwms_ts_*.json", series_cwms),
        ("waterml*.xml", series_waterml),
    ],
)
def test_each_file_is_known_by_its_own_reader_alone(usgs, pattern, reader):
    files = list(usgs.glob(pattern))
    assert files
    for path in files:
        head = path.read_text()[:4000]
        assert [one for one in READERS if one.looks_like(head)] == [reader], path.name


def test_other_text_is_known_by_none(usgs, shared_data):
    others = [*usgs.glob("*.csv"), *usgs.glob("rdb_*.txt"), shared_data / "hydrographs" / "hydrograph1.csv"]
    for path in others:
        assert not any(one.looks_like(path.read_text()[:4000]) for one in READERS), path.name
    for text in ("", "{}", "[]", '{"type": "FeatureCollection", "features": []}', "<html></html>", '{"value": 1}'):
        assert not any(one.looks_like(text) for one in READERS), text


def test_nwis_daily_answer_has_ten_series_of_which_eight_are_empty(usgs):
    kind, series, findings = read(series_nwis_json, (usgs / "nwis_json_dv.json").read_text())
    assert kind == "NWIS WaterML-JSON" and len(series) == 10
    empty = [one for one in series.values() if not len(one.points)]
    assert len(empty) == 8 and sum(w.code == "empty" for w in findings.warnings) == 8
    flow = series["USGS:01645000:00060:00003"]
    assert flow.values.tolist() == [179, 136] and flow.flag_counts() == {"P": 2}
    assert flow.about.unit == "cfs" and flow.about.parameter == "00060" and flow.about.statistic == "mean"
    assert flow.about.name == "SENECA CREEK AT DAWSONVILLE, MD: Discharge, cubic feet per second"
    assert series["USGS:01491000:00010:00001"].about.unit == "degC"


def test_nwis_daily_dates_without_an_offset_are_told_as_days(usgs):
    _, series, findings = read(series_nwis_json, (usgs / "nwis_json_dv.json").read_text())
    assert "dates" in codes(findings) and "no_timezone" not in codes(findings)
    flow = series["USGS:01645000:00060:00003"]
    assert flow.about.timezone == "" and flow.time_text(0) == "2020-02-14T00:00:00Z"


def test_nwis_instantaneous_answer_has_four_series_of_their_own_steps_in_utc(usgs):
    _, series, findings = read(series_nwis_json, (usgs / "nwis_json_iv.json").read_text())
    assert {one.about.id: one.step_s / 60 for one in series.values()} == {
        "USGS:01491000:00060:00000": 15,
        "USGS:01491000:00065:00000": 15,
        "USGS:01645000:00060:00000": 5,
        "USGS:01645000:00065:00000": 5,
    }
    flow = series["USGS:01491000:00060:00000"]
    assert flow.values.tolist() == [974, 974, 966, 963, 955] and flow.flag_counts() == {"A": 5}
    assert flow.about.timezone == "UTC-05:00" and flow.time_text(0) == "2019-02-14T05:00:00Z"
    assert flow.about.statistic == "" and series["USGS:01491000:00065:00000"].about.datum == "gauge datum"
    assert not findings.warnings


def test_an_answer_with_nothing_in_it_is_no_series_and_is_told(usgs):
    _, series, findings = read(series_nwis_json, (usgs / "nwis_json_empty.json").read_text())
    assert not series and codes(findings) == {"empty"}


def changed_iv(usgs, change):
    answer = json.loads((usgs / "nwis_json_iv.json").read_text())
    answer["value"]["timeSeries"] = answer["value"]["timeSeries"][:1]
    change(answer["value"]["timeSeries"][0])
    return read(series_nwis_json, json.dumps(answer))


def test_the_no_data_value_of_an_answer_is_missing_whatever_its_number(usgs):
    def change(one):
        one["variable"]["noDataValue"] = -12345.0
        one["values"][0]["value"][1]["value"] = "-12345"

    _, series, findings = changed_iv(usgs, change)
    assert np.isnan(of(series).values).tolist() == [False, True, False, False, False]
    assert "missing_marker" in codes(findings)
    _, series, _ = changed_iv(usgs, lambda one: one["values"][0]["value"][1].update(value="-999999"))
    assert np.isnan(of(series).values).sum() == 1


def test_words_in_place_of_values_stay_as_flags_and_bad_entries_are_left_out_by_their_place(usgs):
    def change(one):
        rows = one["values"][0]["value"]
        rows[0].update(value="Ice", qualifiers=["P"])
        rows[1]["value"] = "many"
        rows[2]["dateTime"] = "2019-02-30T00:00:00.000-05:00"
        rows[3]["dateTime"] = "2019-02-14T00:45:00.000"
        rows[4] = "no object"

    _, series, findings = changed_iv(usgs, change)
    assert of(series).flag_counts() == {"P Ice": 1} and np.isnan(of(series).values).all()
    assert [row.line for row in findings.rejected] == [2, 3, 4, 5]
    reasons = [row.reason for row in findings.rejected]
    assert "Not a number" in reasons[0] and "no such time" in reasons[1]
    assert "names no offset" in reasons[2] and "has no time" in reasons[3]
    assert "places" in codes(findings)


def test_two_methods_of_one_parameter_are_two_series(usgs):
    def change(one):
        second = json.loads(json.dumps(one["values"][0]))
        second["method"][0]["methodID"] = 7
        one["values"].append(second)

    _, series, _ = changed_iv(usgs, change)
    assert list(series) == ["USGS:01491000:00060:00000:69512", "USGS:01491000:00060:00000:7"]


def test_the_water_data_collections_with_values_are_series_and_the_others_are_told(usgs):
    kind, series, findings = read(series_ogc, (usgs / "waterdata_ogc_fixtures.json").read_text())
    assert kind == "USGS Water Data OGC API" and len(series) == 10
    left_out = [w.message.rpartition("It is ")[2] for w in findings.warnings if w.code == "other_answer"]
    assert left_out == [
        "agency-codes.", "channel-measurements.", "combined-metadata.", "field-measurements-metadata.",
        "monitoring-locations.", "observationIntervals.", "observationNormals.", "time-series-metadata.",
    ]  # fmt: skip
    daily = next(one for one in series.values() if ":daily:" in one.about.id)
    assert daily.about.unit == "cfs" and daily.about.statistic == "mean" and daily.values.tolist() == [20.2, 27.1]
    assert daily.flag_counts() == {"Provisional": 2} and daily.about.timezone == ""
    continuous = next(one for one in series.values() if ":continuous:" in one.about.id)
    assert continuous.about.timezone == "UTC" and continuous.time_text(1) == "2025-01-01T00:15:00Z"
    assert continuous.about.statistic == "" and continuous.about.datum == "gauge datum"
    assert "dates" in codes(findings)


def test_peaks_of_the_water_data_api_are_peaks_with_their_list_of_qualifiers(usgs):
    answer = json.loads((usgs / "waterdata_ogc_fixtures.json").read_text())["peaks"]
    answer["features"][1]["properties"]["qualifier"] = ["REGULATED", "HISTORIC"]
    _, series, _ = read(series_ogc, json.dumps(answer))
    flow = series["USGS-02238500:00060:a085297138aa44aa9fa70207f838cf3b"]
    assert flow.about.statistic == "peak" and flow.flag_counts() == {"REGULATED HISTORIC": 1}
    assert flow.values.tolist() == [1060] and not flow.about.is_flow


def test_field_measurements_have_no_step_and_no_datum_where_it_says_none(usgs):
    answer = json.loads((usgs / "waterdata_ogc_fixtures.json").read_text())["field-measurements"]
    _, series, _ = read(series_ogc, json.dumps(answer))
    assert [one.about.datum for one in series.values()] == ["gauge datum", ""]
    assert [one.time_text(0) for one in series.values()] == ["2014-06-19T16:00:27Z", "2023-11-01T14:49:30Z"]


def test_a_page_of_features_says_that_there_are_more(usgs):
    answer = json.loads((usgs / "waterdata_ogc_fixtures.json").read_text())["continuous"]
    assert "more_pages" not in codes(read(series_ogc, json.dumps(answer))[2])
    answer["links"] = [{"rel": "next", "href": "https://api.waterdata.usgs.gov/"}]
    assert "more_pages" in codes(read(series_ogc, json.dumps(answer))[2])
    del answer["links"]
    answer["numberMatched"] = 3
    assert "more_pages" in codes(read(series_ogc, json.dumps(answer))[2])


def test_features_without_values_are_refused_by_what_they_hold(usgs):
    answer = json.loads((usgs / "waterdata_ogc_fixtures.json").read_text())["monitoring-locations"]
    with pytest.raises(Refused, match="hold no values with times, but agency_code"):
        read(series_ogc, json.dumps(answer))


def test_waterml_1_is_read_in_utc_with_its_qualifiers(usgs):
    kind, series, findings = read(series_waterml, (usgs / "waterml1_example.xml").read_text())
    flow = series["USGS:01491000:00060:00000"]
    assert kind == "WaterML 1.1" and len(flow.points) == 192 and flow.flag_counts() == {"A": 192}
    assert flow.about.unit == "cfs" and flow.about.timezone == "UTC-05:00"
    assert (flow.time_text(0), flow.time_text(-1)) == ("2012-05-12T05:00:00Z", "2012-05-14T04:45:00Z")
    assert (flow.values.min(), flow.values.max()) == (60, 85) and not findings.warnings


def test_waterml_2_takes_the_shared_flag_and_leaves_the_point_without_a_time_out(usgs):
    kind, series, findings = read(series_waterml, (usgs / "waterml2_example.xml").read_text())
    flow = series["USGS:01646500:00060:00003"]
    assert kind == "WaterML 2.0" and flow.values.tolist() == [2690, 2750, 2990, 3180, 2940, 3100, 2620, 2300]
    assert flow.flag_counts() == {"P": 8} and flow.about.statistic == "mean" and flow.about.unit == "cfs"
    assert [(row.line, "has no time" in row.reason) for row in findings.rejected] == [(1, True)]
    assert {"dates", "places"} <= codes(findings)


def test_a_points_own_qualifier_and_the_zone_of_a_waterml_2_file_hold(usgs):
    text = (usgs / "waterml2_example.xml").read_text()
    own = (
        "<wml2:MeasurementTVP><wml2:metadata><wml2:TVPMeasurementMetadata><wml2:qualifier><swe:Category><swe:value>A e"
        "</swe:value></swe:Category></wml2:qualifier></wml2:TVPMeasurementMetadata></wml2:metadata>"
    )
    plain = "<wml2:MeasurementTVP>\n              <wml2:time>2014-09-02<"
    assert plain in text
    text = text.replace(plain, f"{own}<wml2:time>2014-09-02<").replace("</wml2:time>", "T00:00:00</wml2:time>")
    zone = "<wml2:TimeZone><wml2:zoneOffset>-05:00</wml2:zoneOffset></wml2:TimeZone>"
    text = text.replace("<wml2:version ", f"{zone}<wml2:version ", 1)
    _, series, _ = read(series_waterml, text)
    assert of(series).flag_counts() == {"P": 7, "A e": 1}
    assert of(series).about.timezone == "UTC-05:00" and of(series).time_text(0) == "2014-09-01T05:00:00Z"


@pytest.mark.parametrize("name", ["waterml1_example.xml", "waterml2_example.xml"])
@pytest.mark.parametrize(
    "before", ["", "\n<!-- a comment -->\n", '<?xml-stylesheet href="a"?>'], ids=["bare", "comment", "instruction"]
)
def test_xml_with_a_document_type_is_refused_before_it_is_parsed(usgs, name, before):
    text = (usgs / name).read_text()
    start = text.index("?>") + 2 if text.startswith("<?xml") else 0
    bomb = '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]>'
    with pytest.raises(Refused, match="document type"):
        read(series_waterml, text[:start] + before + bomb + text[start:])


@pytest.mark.parametrize(
    ("reader", "text", "words"),
    [
        (series_waterml, "<timeSeriesResponse>", "no whole XML: line 1"),
        (series_waterml, "<html></html>", "begins with 'html'"),
        (series_waterml, "<timeSeriesResponse>&x;</timeSeriesResponse>", "no whole XML"),
        (series_nwis_json, '{"value": {', "no whole JSON: line 1, column 12"),
        (series_nwis_json, "[" * 100_000, "nested deeper"),
        (series_nwis_json, '{"value": []}', "no list value.timeSeries"),
        (series_ogc, '{"a": 1}', "no list of features"),
        (series_cwms, '{"name": "a"}', "no name with a list of values"),
        (series_cwms, '{"name": "a", "values": [], "value-columns": [{"name": "value"}]}', "name no date-time"),
    ],
)
def test_what_is_no_such_file_is_refused_with_a_sentence(reader, text, words):
    with pytest.raises(Refused, match=words):
        read(reader, text)


def test_cwms_instants_are_utc_whatever_zone_the_file_names(usgs):
    kind, series, findings = read(series_cwms, (usgs / "cwms_ts_allpages.json").read_text())
    stage = series[CWMS_ID]
    assert kind == "CWMS JSON" and len(stage.points) == 30 and stage.step_s == 900
    assert (stage.time_text(0), stage.time_text(-1)) == ("2024-10-03T11:15:00Z", "2024-10-03T18:30:00Z")
    assert stage.about.timezone == "UTC" and stage.about.unit == "ft" and stage.about.parameter == "Stage"
    assert stage.flag_counts() == {"0": 30} and stage.about.datum == "gauge datum"
    assert not findings.warnings  # its next-page, kept from the first page, is among the values


def test_cwms_pages_are_told_to_be_parts_and_make_up_the_whole(usgs):
    found = []
    for page in (1, 2, 3):
        _, series, findings = read(series_cwms, (usgs / f"cwms_ts_page{page}.json").read_text())
        assert codes(findings) == {"more_pages"}, page
        found.append(series[CWMS_ID].points)
    _, whole, _ = read(series_cwms, (usgs / "cwms_ts_allpages.json").read_text())
    assert [len(points) for points in found] == [10, 10, 10]
    assert np.concatenate([points["value"] for points in found]).tolist() == whole[CWMS_ID].values.tolist()


def test_the_last_page_alone_with_a_right_total_is_told_to_be_a_part(usgs):
    answer = json.loads((usgs / "cwms_ts_page3.json").read_text())
    _, _, findings = read(series_cwms, json.dumps(answer))
    assert "a total of 30 values and holds 10" in findings.warnings[0].message
    del answer["total"]
    assert not read(series_cwms, json.dumps(answer))[2].warnings


def test_cwms_without_a_zone_or_an_interval_is_read_and_its_capital_unit_known(usgs):
    _, series, findings = read(series_cwms, (usgs / "cwms_ts_unversioned.json").read_text())
    flow = of(series)
    assert flow.about.unit == "cfs" and flow.values.tolist() == [1, 2, 3, 4] and flow.about.is_flow
    assert flow.time_text(0) == "2008-05-01T15:00:00Z" and not findings.warnings


def test_a_cwms_version_is_part_of_the_series_id(usgs):
    """The version's form is that of cwms-python's versioned_num_ts.json."""
    answer = json.loads((usgs / "cwms_ts_unversioned.json").read_text())
    answer["version-date"] = "2021-06-20T08:00:00-0000[UTC]"
    del answer["value-columns"]
    _, series, _ = read(series_cwms, json.dumps(answer))
    assert list(series) == ["SWT:TEST.Flow.Inst.1Hour.0.MockTest@2021-06-20T08:00:00-0000[UTC]"]


def test_cwms_without_values_is_an_empty_series(usgs):
    _, series, findings = read(series_cwms, (usgs / "cwms_ts_empty.json").read_text())
    assert len(of(series).points) == 0 and codes(findings) == {"empty"}


def test_cwms_nulls_are_missing_and_rows_that_are_none_are_left_out(usgs):
    answer = json.loads((usgs / "cwms_ts_unversioned.json").read_text())
    answer["values"][1][1:] = [None, 5]
    answer["values"][2][0] = "yesterday"
    answer["values"][3] = {"a": 1}
    answer["values"].append([10**30, 1, 0])
    _, series, findings = read(series_cwms, json.dumps(answer))
    assert np.isnan(of(series).values).tolist() == [False, True] and of(series).flag_counts() == {"0": 1, "5": 1}
    assert [row.line for row in findings.rejected] == [3, 4, 5]
