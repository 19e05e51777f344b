"""Reading hydrograph files: nothing is left out, changed or taken as missing without a word (R12, defect 7)."""

import gzip
import io
import math
import time
import tracemalloc
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.frames import HYDROGRAPH
from data.hydrograph_facts import csv_text
from data.importers import hydrograph_csv
from data.importers.hydrograph_csv import read

NAN = math.nan
HEAD = b"time [hr],flow [cfs]\n"


def points_of(content):
    found = read("made_up.csv", content)
    return found.report, list(found.points.itertuples(index=False, name=None))


def same(found, expected):
    return len(found) == len(expected) and np.allclose(found, expected, rtol=0, atol=0, equal_nan=True)


def zipped():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("hydrograph.csv", "0,1\n")
    return made.getvalue()


#: name: (content, words of the sentence)
REFUSED_WHOLE = {
    "nothing": (b"", "file is empty"),
    "blank lines": (b"\r\n \r\n", "file is empty"),
    "a mark and nothing": (b"\xef\xbb\xbf", "file is empty"),
    "header alone": (HEAD, "header and no rows"),
    "no numeric line": (b"hello,world\nmore,words\n", "No line holds a time in hours and a flow in cfs"),
    "prose": (b"The river rose.\nIt fell again.\n", "One column"),
    "one column": (b"20\n45\n60\n", "One column"),
    "parted by blanks": (b"0 20\n1 45\n", "One column"),
    "three columns": (b"0,1,2\n1,2,3\n", "3 columns"),
    "three named columns": (
        b"time [hr],flow [cfs],stage [ft]\n0,1,2\n",
        "3 columns (time [hr], flow [cfs], stage [ft])",
    ),
    "dates": (b"12/07/2021,12.2\n12/08/2021,13.8\n", "A date, where hours"),
    "ISO dates": (b"2021-12-07 00:00,12.2\n", "A date, where hours"),
    "named months": (b"07Dec2021,12.2\n", "A date, where hours"),
    "clock times": (b"0:00,12\n0:15,13\n", "clock time"),
    "dates as numbers": (b"20211207,12\n20211208,13\n", "date or time stamp"),
    "header of dates": (b"date,flow [cfs]\n0,1\n", "not dates"),
    "minutes": (b"time [min],flow [cfs]\n0,1\n", "expected in hours"),
    "days": (b"time (days),flow (cfs)\n0,1\n", "expected in hours"),
    "seconds": (b"seconds,cfs\n0,1\n", "expected in hours"),
    "cubic metres": (b"time [hr],flow [m3/s]\n0,1\n", "expected in cfs"),
    "cubic metres, Windows-1252": ("hr,Q (m³/s)\n0,1\n".encode("cp1252"), "expected in cfs"),
    "cms": (b"hours,flow_cms\n0,1\n", "expected in cfs"),
    "thousands of cfs": (b"hours,flow [kcfs]\n0,1\n", "expected in cfs"),
    "million gallons a day": (b"hours,flow mgd\n0,1\n", "expected in cfs"),
    "cubic feet a day": (b"hours,flow [ft3/day]\n0,1\n", "expected in cfs"),
    "stage": (b"hours,stage [ft]\n0,1\n", "expected in cfs"),
    "swapped": (b"flow [cfs],time [hr]\n1,0\n", "other order"),
    "wrong units below a header": (b"time,flow\nmin,m3/s\n0,1\n", "expected in hours"),
    "NUL bytes": (b"0,1\n1,\x002\n", "line 2 holds a NUL"),
    "UTF-16 without a mark": ("0,1\n1,2\n".encode("utf-16-le"), "UTF-16"),
    "bytes that are no UTF-16": (b"\xff\xfe0\x00,\x001", "says by its byte order mark"),
    "control bytes": (b"\x89PNG\r\n\x1a\n\x01\xff\x02", "no text"),
    "zip": (zipped(), "zip archive or an Excel workbook"),
    "gzip": (gzip.compress(b"0,1\n"), "compressed"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel workbook"),
    "PDF": (b"%PDF-1.7\n", "a PDF"),
    "a quote never closed": (b'0,1\n1,2\n2,"3\n4,5\n', "quote opened on line 3 is never closed"),
    "a quote closed lines later": (b'0,1\n1,"2\n3,4"\n5,6\n', "opened on line 2 is closed only on line 3"),
    "a long quote never closed": (b'0,1\n"' + b"1,2\n" * 50_000, "quote opened on line 2"),
    "backwards": (b"0,1\n2,3\n1,2\n", "go backwards once, first on line 3: 1 after 2"),
    "two hydrographs": (b"0,1\n1,2\n0,3\n1,4\n", "second hydrograph"),
    "last first": (b"3,1\n2,1\n1,1\n", "go backwards 2 times"),
    "no flow at all": (b"0,\n1,NaN\n", "No line has a flow"),
    "no times": (b",5\n,6\n", "There is no time"),
    "decimal commas, semicolons": (b"0;1,5\n1;2,5\n", "decimal comma"),
    "decimal commas in quotes": (b'0,"1,5"\n1,"2,5"\n', "decimal comma"),
    "only contradictions": (b"1,5\n1,6\n", "No line has a flow"),
}


@pytest.mark.parametrize("name", REFUSED_WHOLE)
def test_R12_a_file_that_cannot_be_used_is_refused_with_a_sentence(name):
    content, words = REFUSED_WHOLE[name]
    report, points = points_of(content)
    assert report.problem is not None and words in report.problem
    assert points == [] and report.rows_read == 0 and not report.understood


#: name: (content, points, line, what was done, words of the reason)
NOTED = {
    "a thousands comma without quotes": (b"0,5\n1,1,234\n2,6\n", [(0, 5), (2, 6)], 2, "refused", "thousands comma"),
    "a thousands comma in quotes": (b'0,5\n1,"1,234"\n', [(0, 5), (1, 1234)], 2, "kept", "read as 1234"),
    "two thousands commas": (b'0;5\n1;"1,234,567.5"\n', [(0, 5), (1, 1234567.5)], 2, "kept", "read as 1234567.5"),
    "a comma that may be either": (b"0;5\n1;1,234\n", [(0, 5)], 2, "refused", "decimal comma"),
    "thousands beside decimals": (b'0,5\n1,"1,234"\n2,"1,5"\n', [(0, 5)], 2, "refused", "decimal comma"),
    "a blank flow": (b"0,5\n1,\n2,6\n", [(0, 5), (1, NAN), (2, 6)], 2, "read as missing", "No flow"),
    "NaN": (b"0,5\n1,NaN\n", [(0, 5), (1, NAN)], 2, "read as missing", "missing value"),
    "NA": (b"0,5\n1,NA\n", [(0, 5), (1, NAN)], 2, "read as missing", "missing value"),
    "a dash": (b"0,5\n1, - \n", [(0, 5), (1, NAN)], 2, "read as missing", "missing value"),
    "MM": (b"0,5\n1,MM\n", [(0, 5), (1, NAN)], 2, "read as missing", "missing value"),
    "USGS's mark": (b"0,5\n1,-999999\n", [(0, 5), (1, NAN)], 2, "read as missing", "marks a missing value"),
    "HEC-DSS's mark": (b"0,5\n1,-901.0\n", [(0, 5), (1, NAN)], 2, "read as missing", "HEC-DSS"),
    "the lowest float32": (b"0,5\n1,-3.4028235e+38\n", [(0, 5), (1, NAN)], 2, "read as missing", "HEC-DSS"),
    "infinity": (b"0,5\n1,inf\n", [(0, 5)], 2, "refused", "Infinite"),
    "minus infinity": (b"0,5\n1,-Infinity\n", [(0, 5)], 2, "refused", "Infinite"),
    "a number too large": (b"0,5\n1,1e999\n", [(0, 5)], 2, "refused", "Larger than any number"),
    "a flow that no river carries": (b"0,5\n1,1e12\n", [(0, 5)], 2, "refused", "no river"),
    "an infinite time": (b"0,5\ninf,6\n", [(0, 5)], 2, "refused", "Infinite"),
    "a missing time": (b"0,5\n,6\n", [(0, 5)], 2, "refused", "no time"),
    "a marked time": (b"0,5\n-9999,6\n", [(0, 5)], 2, "refused", "no time"),
    "a negative time": (b"-1,5\n0,6\n", [(-1, 5), (0, 6)], 1, "kept", "zero hour"),
    "a negative flow": (b"0,5\n1,-6\n", [(0, 5), (1, -6)], 2, "kept", "tide"),
    "a repeated line": (b"0,5\n1,6\n1,6.0\n2,7\n", [(0, 5), (1, 6), (2, 7)], 3, "refused", "Repeats line 2"),
    "a repeated missing flow": (b"0,5\n1,\n1,\n", [(0, 5), (1, NAN)], 3, "refused", "Repeats line 2"),
    "two flows at one time": (b"0,5\n1,6\n1,7\n2,8\n", [(0, 5), (2, 8)], 3, "refused", "Lines 2, 3"),
    "a flow and none at one time": (b"0,5\n1,6\n1,\n2,8\n", [(0, 5), (2, 8)], 3, "refused", "different flows"),
    "a word for a flow": (b"0,5\n1,ice\n", [(0, 5)], 2, "refused", "Not a number"),
    "a flag after the flow": (b"0,5\n1,6e\n", [(0, 5)], 2, "refused", "Not a number"),
    "an underscore": (b"0,5\n1,1_000\n", [(0, 5)], 2, "refused", "Not a number"),
    "other digits": ("0,5\n1,٣\n".encode(), [(0, 5)], 2, "refused", "Not a number"),
    "a hexadecimal number": (b"0,5\n1,0x10\n", [(0, 5)], 2, "refused", "Not a number"),
    "a unit after the flow": (b"0,5\n1,6 cfs\n", [(0, 5)], 2, "refused", "Not a number"),
    "quotes inside": (b'0,5\n1,"6"7\n', [(0, 5)], 2, "refused", "Quotes"),
    "a formula": (b"0,5\n1,=1+1\n", [(0, 5)], 2, "refused", "Not a number"),
    "one value": (b"0,5\n1\n", [(0, 5)], 2, "refused", "One column"),
    "a comment": (b"# made up\n0,5\n", [(0, 5)], 1, "refused", "One column"),
    "a trailing comma": (b"0,5\n1,6,\n", [(0, 5)], 2, "refused", "3 columns"),
    "a gap": (b"0,5\n1,6\n2,7\n5,8\n", [(0, 5), (1, 6), (2, 7), (5, 8)], 4, "kept", "No lines for 3 h"),
    "a blank line between": (b"0,5\n\n1,6\n", [(0, 5), (1, 6)], 2, "kept", "blank line"),
    "a header without units": (b"time,flow [cfs]\n0,5\n", [(0, 5)], 1, "kept", "read as hours"),
    "a byte order mark": (b"\xef\xbb\xbf0,5\n1,6\n", [(0, 5), (1, 6)], 1, "kept", "byte order mark"),
    "UTF-16": ("0,5\n1,6\n".encode("utf-16"), [(0, 5), (1, 6)], 1, "kept", "byte order mark"),
    "Windows-1252": ("hr,Q (ft³/s)\n0,5\n".encode("cp1252"), [(0, 5)], 1, "kept", "Windows-1252"),
}


@pytest.mark.parametrize("name", NOTED)
def test_R12_what_is_not_plain_is_noted_with_its_line(name):
    content, expected, line, done, words = NOTED[name]
    report, points = points_of(content)
    assert report.problem is None
    assert same(points, expected)
    assert [n for n in report.notes if n.line == line and n.done == done and words in n.reason], report.notes
    assert report.understood == (not report.note_counts.keys() - {"kept"})
    assert report.rows_in_file == report.rows_read + report.note_counts.get("refused", 0)


@pytest.mark.parametrize(
    "head",
    ["time [hr],flow [cfs]", "Time (hours),Discharge (ft3/s)", "HOURS,CFS", "time_hr,flow_cfs", "timeHours,flowCfs",
     '"Time, hours","Flow, ft³/s"', "elapsed time (h),Q (cubic feet per second)", '"time\n[hr]","flow\n[cfs]"',
     "time since start of date [hr],inflow [ft^3 s-1]"],
)  # fmt: skip
def test_R12_headers_that_say_hours_and_cfs_need_no_word(head):
    report, points = points_of(f"{head}\n0,5\n0.25,6.5\n".encode())
    assert report.understood and report.notes == () and points == [(0, 5), (0.25, 6.5)]
    assert "header" in report.format and "no header" not in report.format


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t", ", "])
@pytest.mark.parametrize("last", [True, False])
def test_R12_line_ends_and_separators_are_recognised(end, mark, last):
    text = end.join(f"{a}{mark}{b}" for a, b in [("hr", "cfs"), (0, 1.5), (1, 2)]) + end * last
    report, points = points_of(text.encode())
    assert report.understood and report.notes == () and points == [(0, 1.5), (1, 2)]
    assert {",": "comma", ";": "semicolon", "\t": "tab"}[mark[0]] in report.format


def test_lines_are_numbered_as_an_editor_shows_them():
    report, _ = points_of(b"hr,cfs\r\n0,1\r\n\r\n1,x\r\n2,3\r\n")
    assert [(n.line, n.value) for n in report.notes if n.done == "refused"] == [(4, "x")]


@pytest.mark.parametrize(
    ("name", "peak"), [("hydrograph1", 60), ("hydrograph2", 72), ("hydrograph3", 120), ("hydrograph4", 160.8)]
)
def test_R12_the_reference_files_are_read_whole(shared_data, name, peak):
    content = (shared_data / "hydrographs" / f"{name}.csv").read_bytes()
    found = read(f"{name}.csv", content)
    assert found.report.understood and found.report.notes == () and found.report.rows_read == 13
    assert found.report.file_name == f"{name}.csv" and found.report.encoding == "UTF-8"
    assert found.points.dtypes.astype(str).to_dict() == HYDROGRAPH
    assert found.points["time_hours"].tolist() == list(range(13)) and found.points["flow_cfs"].max() == peak
    assert csv_text(found.points).encode() == content + b"\r\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("jmd_hydro_april1999.csv", "4 columns (Ordinate, Date, Time, Flow)"),
        ("jmd_hydro_june1921.csv", "4 columns"),
        ("jmd_hydro_june1965_15min.csv", "4 columns"),
        ("cougar_dec1964_15min.csv", "5 columns (Ord, Date, Time, Flow, Hydro)"),
        ("stream_height_measurements.csv", "not dates"),
        ("jmd_inflow_daily_1912_2024.csv.gz", "compressed"),
    ],
)
def test_R12_real_files_of_other_forms_are_refused_with_what_is_wrong(shared_data, name, words):
    found = read(name, (shared_data / "hydrographs" / name).read_bytes())
    assert words in found.report.problem and found.points.empty


def test_defect_7_bom_does_not_lose_the_first_row():
    report, points = points_of(b"\xef\xbb\xbf0,20\n1,45\n")
    assert points == [(0, 20), (1, 45)] and report.understood
    assert report.encoding == "UTF-8, byte order mark removed"


def test_defect_7_a_comma_in_a_number_never_cuts_it():
    for content in (b"0,1,234\n1,5\n", b'0,"1,234"\n1,5\n', b"0;1,234\n1;5\n"):
        _, points = points_of(content)
        assert (0, 1) not in points


def test_defect_7_times_keep_their_fractions():
    assert points_of(b"0.25,1\n0.5,2\n1e0,3\n")[1] == [(0.25, 1), (0.5, 2), (1, 3)]


def test_the_first_200_notes_are_kept_and_all_are_counted():
    lines = [f"{i},{'' if i % 2 else 'x'}" for i in range(1000)]
    report, _ = points_of("\n".join(["0,1", *lines]).encode())
    assert [n.line for n in report.notes] == list(range(2, 202))
    assert report.problem is None and report.note_counts["refused"] == 500
    assert report.note_counts["read as missing"] == 500


def test_notes_found_last_come_in_the_order_of_lines():
    text = "\n".join(["0,1", "0,1", *(f"{i},-5" for i in range(1, 500))])
    notes = points_of(text.encode())[0].notes
    assert notes[0].line == 2 and notes[0].done == "refused" and len(notes) == 200
    assert [n.line for n in notes] == sorted(n.line for n in notes)


def test_values_in_notes_are_short_and_visible():
    report, _ = points_of(("0,1\n1," + "x" * 500 + "\n2,\u202e7\x1b\n").encode())
    assert [n.value for n in report.notes] == ["x" * 79 + "…", "\\u202e7\\u001b"]


def test_a_million_rows_are_read_fast_and_in_bounded_memory():
    content = HEAD + b"".join(b"%.2f,%.3f\n" % (i / 4, i % 977 / 3) for i in range(1_000_000))
    for made, best in ((content, 6.0), (content.replace(b"500.25,", b"500.25 ,", 1), 12.0)):
        started = time.perf_counter()
        found = read("big.csv", made)
        assert time.perf_counter() - started < best  # several times what an idle machine needs
        assert found.report.rows_read == 1_000_000 and found.report.understood
    tracemalloc.start()
    read("big.csv", content[:2_000_000])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * 2_000_000


def fulfils_the_contract(found):
    report, points = found.report, found.points
    assert points.dtypes.astype(str).to_dict() == HYDROGRAPH
    assert isinstance(points.index, pd.RangeIndex) and len(points) == report.rows_read
    assert len(report.notes) == min(200, sum(report.note_counts.values()))
    assert all(
        n.done in ("refused", "read as missing", "kept") and n.reason and len(n.value) <= 1000 for n in report.notes
    )
    if report.problem is not None:
        return points.empty
    times = points["time_hours"].to_numpy()
    return len(times) > 0 and np.isfinite(times).all() and (np.diff(times) > 0).all()


@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
@settings(max_examples=400, deadline=None)
def test_any_bytes_are_refused_or_fulfil_the_contract(content):
    assert fulfils_the_contract(read("any", content))


CELLS = st.sampled_from(
    ["", "0", "1", "2.5", "-3", "1e3", "NaN", "-999999", "inf", '"1,234"', '"', "x", "1,2", "12/07/2021"]
)
LINES = st.lists(st.lists(CELLS, max_size=3).map(",".join), max_size=12)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
@settings(max_examples=400, deadline=None)
def test_files_of_odd_cells_are_refused_or_fulfil_the_contract(lines, end, header):
    found = read("any", end.join(["hr,cfs"] * header + lines).encode())
    assert fulfils_the_contract(found)
    if found.report.problem is None:
        assert found.report.rows_in_file == found.report.rows_read + found.report.note_counts.get("refused", 0)


FLOWS = st.one_of(st.just(NAN), st.floats(0, 1e9), st.floats(-900, 0, exclude_max=True))


@given(
    st.lists(
        st.tuples(st.floats(-2e6, 2e6).filter(lambda t: t not in (-9999, -99999, -999999)), FLOWS),
        min_size=1,
        unique_by=lambda row: row[0],
    )
)
@settings(max_examples=300, deadline=None)
def test_R13_what_is_written_is_read_back_exactly(rows):
    points = pd.DataFrame(sorted(rows, key=lambda row: row[0]), columns=list(HYDROGRAPH)).astype(HYDROGRAPH)
    found = read("again.csv", csv_text(points).encode())
    if points["flow_cfs"].isna().all():
        assert "No line has a flow" in found.report.problem
    else:
        pd.testing.assert_frame_equal(found.points, points, check_exact=True)
        assert not found.report.note_counts.get("refused")


NUMBERS = st.one_of(
    st.integers(0, 3000).map(str), st.floats(0, 1e9).map(repr), st.sampled_from([".5", "7.", "+3", "007", "1E2"])
)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30), st.sampled_from([",", ";", "\t"]), st.booleans())
@settings(max_examples=300, deadline=None)
def test_the_fast_way_and_the_careful_way_give_the_same(rows, mark, header):
    content = "\n".join([mark.join(("hr", "cfs"))] * header + [mark.join(row) for row in rows]).encode()
    with pytest.MonkeyPatch.context() as patch:
        fast = read("a", content)
        patch.setattr(hydrograph_csv._Reading, "_read_plain", lambda self, sheet: False)
        careful = read("a", content)
    assert fast.report == careful.report
    pd.testing.assert_frame_equal(fast.points, careful.points, check_exact=True)
