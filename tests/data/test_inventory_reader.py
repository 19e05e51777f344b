"""The reader of inventory files: what the real files hold, and what stands wrong in files that are broken."""

import codecs
import csv
import gzip
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.cells import unpack
from data.importers import inventory, inventory_cells, inventory_columns, inventory_mapping
from data.importers.hydrograph_text import Refused

HEADER = "Dam Name,NID ID,Other Structure ID,State,Latitude,Longitude,Hazard Potential Classification,Year Completed"
ROW = "Made-up Dam,ZZ00001,,Mississippi,33.0,-90.0,High,1950"


@pytest.fixture
def nid(shared_data):
    return shared_data / "nid"


@pytest.fixture
def read(tmp_path):
    """``read(text or bytes or path)`` gives the report and the records."""
    opened = []

    def read_it(content, **options):
        path = content
        if isinstance(content, str | bytes):
            path = tmp_path / "file.csv"
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        file = inventory.read(path, **options)
        opened.append(file)
        return file.report, [record for chunk in file.chunks() for record in chunk]

    yield read_it
    for file in opened:
        file.close()


def table(*rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


def values(record):
    return dict(zip(inventory.VALUES, record.values, strict=True))


def counts(report):
    return {warning.code: warning.count for warning in report.warnings}


def test_mississippi_2024_is_what_its_readme_states(nid, read):
    report, records = read(nid / "nid_ms_2024.csv")
    assert (report.rows, report.accepted, report.rejected) == (6093, 6093, ())
    assert report.hazard == {"Low": 4510, "Undetermined": 1166, "High": 347, "Significant": 70}
    assert (report.year_min, report.year_max, report.on_map, report.off_map) == (1903, 2022, 6093, 0)
    assert [round(end, 4) for end in report.bbox] == [-91.4941, 30.3922, -88.1615, 34.9942]
    assert report.storage_acre_ft_sum == 12342730.62
    assert counts(report)["max_below_normal"] == 8
    every = [values(record) for record in records]
    assert max(dam["storage_acre_ft"] or 0 for dam in every) == 3_016_000
    assert max(dam["height_ft"] or 0 for dam in every) == 120
    assert sum(not dam["date_built"] for dam in every) == 4609
    assert len({dam["source_key"] for dam in every}) == 6093
    assert len(every) - len({dam["nid_id"] for dam in every}) == 5


def test_the_national_file_of_2019_is_what_its_readme_states(nid, read):
    report, records = read(nid / "nid_2019_national.csv.gz")
    assert (report.rows, report.accepted, report.encoding) == (91457, 91457, "UTF-8, gzip")
    assert report.hazard == {"L": 54463, "H": 14254, "S": 10741, "N": 7193, "U": 4806}
    assert (report.year_min, report.year_max, len(report.states)) == (1640, 2018, 52)
    assert report.storage_acre_ft_sum == 1486777472.74
    found = counts(report)
    assert (found["repeated_id"], found["no_name"], found["no_hazard"], found["huge_storage"]) == (806, 4323, 7193, 1)
    assert (found["no_place"], report.on_map + report.off_map) == (234, 91457)
    every = [values(record) for record in records]
    assert sum(len(dam["nid_id"]) == 8 for dam in every) == 2788
    assert sum(not dam["date_built"] for dam in every) == 15425
    guam = next(dam for dam in every if dam["nid_id"] == "GU82301")
    assert guam["longitude"] > 0 and guam["state"] == "Guam"
    assert sum(dam["longitude"] is not None and dam["longitude"] > 0 for dam in every) == 1
    cooper = every[0]
    assert (cooper["hazard"], cooper["owner_types"], cooper["dam_types"], cooper["purposes"], cooper["eap"]) == (
        "High", "Private", "Earth", "Hydroelectric", "Yes",
    )  # fmt: skip
    assert cooper["volume_cubic_yards"] is None  # 0 stands for unknown
    assert report.last_updated.startswith("20")


def test_a_linked_file_that_excel_saved_says_which_identifiers_are_destroyed(nid, read):
    report, records = read(nid / "nid_linked_excel_bom.csv")
    assert report.rows == 2026
    assert report.encoding == "UTF-8 with byte order mark"
    assert next(w for w in report.warnings if w.code == "excel").message.endswith("First: ReachCode: 1.11201E+13.")
    assert len(report.rejected) == 3  # repeated SourceID
    assert {"TX05845", "CA00281"} <= {values(record)["nid_id"] for record in records}


def test_a_page_of_geojson_without_geometry_and_with_more_pages_to_come(nid, read):
    report, records = read(nid / "nid_arcgis_page1_wgs84.geojson")
    assert (report.rows, report.more_pages) == (2000, True)
    assert sum(row.reason.startswith("The id is blank") for row in report.rejected) == 213
    assert report.accepted == 2000 - 213 - 2  # two ids stand twice
    assert "more_pages" in counts(report)
    saddle = [values(record) for record in records if values(record)["other_structure_id"]]
    assert len(saddle) == 55
    assert all(dam["source_key"] == f"{dam['nid_id']}/{dam['other_structure_id']}" for dam in saddle)
    churchill = values(records[0])
    assert (churchill["nid_id"], churchill["state"], churchill["storage_acre_ft"]) == ("ME00237", "Maine", 99000)


def test_coordinates_in_metres_become_degrees_by_the_crs_of_the_file(nid, read, tmp_path):
    report, _ = read(nid / "nid_linked_epsg3857.geojson")
    assert (report.rows, report.accepted, len(report.rejected)) == (2026, 2023, 3)
    west, south, east, north = report.bbox
    assert -125 < west < east < -67 and 26 < south < north < 49
    content = json.loads((nid / "nid_linked_epsg3857.geojson").read_text())
    for feature in content["features"]:
        del feature["properties"]["Latitude"], feature["properties"]["Longitude"]
    path = tmp_path / "bare.geojson"
    path.write_text(json.dumps(content))
    bare, _ = read(path)
    # The geometry lies on the river that the dam is linked to, some metres beside the dam.
    assert bare.on_map == 2023 and bare.bbox == pytest.approx(report.bbox, abs=0.01)


def test_pages_of_one_list_are_read_as_one(nid, read, tmp_path):
    content = json.loads((nid / "nid_arcgis_page1_wgs84.geojson").read_text())
    pages = []
    for number, (features, more) in enumerate(((content["features"][:900], True), (content["features"][900:], False))):
        pages.append(tmp_path / f"page{number}.geojson")
        pages[-1].write_text(
            json.dumps(content | {"features": features, "properties": {"exceededTransferLimit": more}})
        )
    report, _ = read(pages)
    assert (report.rows, report.more_pages) == (2000, False)


@pytest.mark.parametrize("name", ["nation_csv_2026_84", "state_export_2026_86", "nation_csv_2024_85"])
def test_every_known_field_is_found_in_the_headers_of_each_vintage(nid, name):
    columns = json.loads((nid / "headers.json").read_text())[name]
    places = inventory_columns.places(columns)
    missing = set(inventory_columns.NAMES) - set(places)
    assert missing == {"record_id"}
    assert len(set(places.values())) == len(places)
    assert {field: columns[place] for field, place in places.items()} | {
        "height_ft": "NID Height (Ft)",
        "storage_acre_ft": "NID Storage (Acre-Ft)",
        "dam_height_ft": "Dam Height (Ft)",
        "owner_types": "Owner Types",
        "purposes": "Purposes",
        "last_updated": "Data Last Updated",
        "state": "State",
        "condition": "Condition Assessment",
    } == {field: columns[place] for field, place in places.items()}


def test_every_cell_is_kept_as_it_stands(nid, read):
    for name in ("nid_ms_2024.csv", "nid_2019_sample500.csv", "nid_linked_excel_bom.csv"):
        report, records = read(nid / name)
        with (nid / name).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        assert list(report.columns) == rows[0]
        kept = {tuple(unpack(record.cells)) for record in records}
        assert len(kept) + len(report.rejected) == len(rows) - 1
        assert kept <= {tuple(row) for row in rows[1:]}


def test_none_and_not_applicable_are_values(nid, read):
    report, records = read(nid / "nid_ms_2024.csv")
    columns = report.columns
    spillway, gates = columns.index("Spillway Type"), columns.index("Outlet Gate Type")
    assert sum(unpack(record.cells)[spillway] == "None" for record in records) == 2
    assert sum(unpack(record.cells)[gates] == "None" for record in records) == 171


def test_a_preamble_is_looked_for_and_not_taken_for_granted(read):
    with_it, records = read("Data Last Updated: 2026-9-23\n" + table(ROW))
    assert (with_it.last_updated, with_it.accepted, records[0].line) == ("2026-09-23", 1, 3)
    said, _ = read("Data Last Updated: 2026-9-23 (2 cells: made harmless)\n" + table(ROW))
    assert said.last_updated == "2026-09-23"
    without, records = read(table(ROW))
    assert (without.last_updated, without.accepted, records[0].line) == ("", 1, 2)


@pytest.mark.parametrize(
    ("text", "iso"),
    [("02/10/2023", "2023-02-10"), ("2022-02-10", "2022-02-10"), ("05-AUG-18", "2018-08-05"),
     ("12/29/11 0:00", "2011-12-29"),
     ("05-AUG-78", "1978-08-05"), ("2012-03-07T00:00:00Z", "2012-03-07"), ("31/31/2020", ""), ("soon", "")],
)  # fmt: skip
def test_dates_of_four_exporters(read, text, iso):
    _, records = read(table(f"{ROW},{text}", header=f"{HEADER},Last Inspection Date"))
    assert values(records[0])["last_inspection"] == iso


def test_names_of_2013_and_units_in_brackets_are_found(read):
    _, records = read("DAM_NAME,NIDID,RIVER,NID_STORAGE,HAZARD,EAP,DAM_HEIGHT\nOld,ZZ00002,Creek,12.5,S,NR,30\n")
    dam = values(records[0])
    assert (dam["river"], dam["storage_acre_ft"], dam["hazard"], dam["eap"], dam["dam_height_ft"]) == (
        "Creek", 12.5, "Significant", "Not Required", 30.0,
    )  # fmt: skip
    _, records = read("Dam Name,Federal ID,Volume (Cubic Yards)\nSaddle,CA00281S001,7\n")
    dam = values(records[0])
    assert (dam["nid_id"], dam["other_structure_id"], dam["volume_cubic_yards"]) == ("CA00281", "S001", 7)


@pytest.mark.parametrize(
    ("cells", "code", "on_map"),
    [("33.0,-90.0", None, 1), ("0,0", "bad_place", 0), ("33,0", "bad_place", 0), ("95,-90", "bad_place", 0),
     ("33,-190", "bad_place", 0), ("x,-90", "bad_place", 0), (",", "no_place", 0), ("33,", "no_place", 0),
     ("45.0,-70.0", "off_state", 1), ("nan,inf", "no_place", 0)],
)  # fmt: skip
def test_coordinates_that_no_dam_has_leave_it_in_the_table_and_off_the_map(read, cells, code, on_map):
    report, records = read(table(f"Dam,ZZ00001,,Mississippi,{cells},High,1950"))
    assert (report.accepted, report.on_map) == (1, on_map)
    assert (values(records[0])["longitude"] is not None) == bool(on_map)
    assert code is None or code in counts(report)


@pytest.mark.parametrize("wrong", ["", "NA", "N/A", "None", "  ", "UNKNOWN"])
def test_an_id_that_is_blank_or_a_placeholder_refuses_its_row(read, wrong):
    report, records = read(table(ROW, f"Other,{wrong},,Mississippi,33,-90,Low,1950"))
    assert [row.line for row in report.rejected] == [3]
    assert len(records) == 1


def test_a_row_of_another_width_and_a_wrong_quote_are_refused_with_their_line(read):
    report, _ = read(
        table(ROW, "Short,ZZ00002", 'Quo"te,ZZ00003,"a"b,Mississippi,33,-90,Low,1950', ROW.replace("1,", "4,", 1))
    )
    assert [(row.line, row.reason) for row in report.rejected] == [
        (3, "The line has 2 cells, the header 8."),
        (4, "Quotes stand wrong in this line."),
    ]
    assert report.accepted == 2


def test_bytes_that_are_no_utf_8_are_read_and_said(read):
    report, records = read(table(ROW).encode() + "Peña,ZZ00002,,Mississippi,33,-90,Low,1950\n".encode("cp1252"))
    assert values(records[1])["name"] == "Peña"
    assert counts(report)["undecodable"] == 1 and "1 lines of Windows-1252" in report.encoding


def test_saddle_dams_are_dams_of_their_own(read):
    report, records = read(
        table(ROW, ROW.replace("ZZ00001,,", "ZZ00001,S001,"), ROW.replace("ZZ00001,,", "ZZ00001,S002,"))
    )
    assert report.accepted == 3
    assert [values(record)["source_key"] for record in records] == ["ZZ00001/", "ZZ00001/S001", "ZZ00001/S002"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (
            b"No export currently available. Check back in approx. 5 minutes for a new export report",
            "no header of a table",
        ),
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b"PK\x03\x04rest", "zip"),
        (b"\x1f\x8b\x08broken", "gzip"),
        (b'{"type": "FeatureCollection"', "not"),
        (b'{"error": {"code": 400}}', "no list of features"),
        (b"a,b\n1,2\n", "No column holds an id"),
        (b"NID ID,Dam Name\n", "no rows"),
        (b"NID ID,Dam Name\nNA,x\n", "No row can be taken"),
        (b'NID ID,Dam Name\nZZ00001,"never closed\n', "never closed"),
        (b"a\0b,c\0d", "NUL"),
        (b'{"features": [], "crs": {"properties": {"name": "EPSG:2163"}}}', "EPSG:2163"),
    ],
)
def test_a_file_that_is_no_inventory_is_refused_with_a_sentence(read, content, words):
    report, records = read(content)
    assert words in report.problem and report.problem.endswith((".", "}"))
    assert (report.accepted, records) == (0, [])


def test_a_packed_file_is_known_by_its_content(read):
    report, _ = read(gzip.compress(table(ROW).encode()))
    assert (report.accepted, report.encoding) == (1, "UTF-8, gzip")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.sampled_from([b"", codecs.BOM_UTF8, b"Data Last Updated: 2026-9-23\n", codecs.BOM_UTF16_LE]),
    cells=st.lists(
        st.lists(st.text(max_size=12) | st.sampled_from(["NA", "1e309", "-0", "ZZ00009"]), max_size=9), max_size=6
    ),
    tail=st.binary(max_size=40),
)
def test_no_content_makes_the_reader_fail(read, start, cells, tail):
    text = table(*[",".join(row) for row in cells])
    report, records = read(start + text.encode("utf-8", "surrogatepass") + tail)
    assert report.accepted == len(records) and (report.problem or report.accepted)
    for record in records:
        dam = values(record)
        assert dam["longitude"] is None or (abs(dam["longitude"]) <= 180 and abs(dam["latitude"]) <= 90)
        assert all(value is None or math.isfinite(value) for value in dam.values() if isinstance(value, float | None))
        assert all(len(dam[name]) <= length for name, length in inventory_cells.LENGTHS.items())


MAPPING = """
system = "SNISB"
[columns]
nid_id = "Codigo"
name = "Nome da barragem"
height_ft = "Altura (m)"
storage_acre_ft = "Capacidade (hm3)"
latitude = "Latitude"
longitude = "Longitude"
hazard = "Dano Potencial"
[units]
height_ft = "m"
storage_acre_ft = "hm3"
[words.hazard]
Alto = "High"
Baixo = "Low"
"""


def test_another_country_s_list_is_read_by_a_mapping_file(read, tmp_path):
    path = tmp_path / "snisb.toml"
    path.write_text(MAPPING)
    text = "Codigo;Nome da barragem;Altura (m);Capacidade (hm3);Latitude;Longitude;Dano Potencial\n"
    text += "7;Açude;30.48;1.2334818;-5.1;-37.2;Alto\n"
    report, records = read(text, mapping=inventory_mapping.read(path))
    dam = values(records[0])
    assert (report.system, dam["source_key"], dam["name"], dam["hazard"]) == ("SNISB", "7/", "Açude", "High")
    assert (dam["height_ft"], dam["storage_acre_ft"]) == (pytest.approx(100.0), pytest.approx(1000.0))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [('system = "SNISB"', "", "whose list"), ("nid_id =", "id =", "nid_id"), ('"hm3"', '"gal"', "'gal'"),
     ("name =", "nam =", "'nam'"), ("[units]", "[units", "no TOML")],
)  # fmt: skip
def test_a_wrong_mapping_file_is_refused_with_a_sentence(tmp_path, old, new, words):
    path = tmp_path / "wrong.toml"
    path.write_text(MAPPING.replace(old, new, 1))
    with pytest.raises(Refused, match=words):
        inventory_mapping.read(path)
