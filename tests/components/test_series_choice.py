"""What a person sees of a file of series, and what each series is taken for."""

import panel as pn
import panel_material_ui as pmui
import pytest

from components.series_choice import LEFT_OUT, SeriesChoice, likely_role
from data.importers import series_text
from data.importers.series_rdb import read
from data.series import About, SeriesFile


def rdb(shared_data, name):
    findings = series_text.Findings()
    text = series_text.text_of(series_text.content(shared_data / "usgs" / name), findings)
    format_, found = read(text, findings)
    return SeriesFile(name, format_, tuple(found), findings.rejected, findings.warnings)


def words(choice):
    return " ".join(pane.object for pane in choice.__panel__().select(pn.pane.HTML))


@pytest.mark.parametrize(
    ("about", "role"),
    [
        (About(id="a", name="Chattooga: Discharge, cubic feet per second (Mean)", unit="cfs"), "inflow"),
        (About(id="a", name="Folsom reservoir outflow", unit="cfs"), "outflow"),
        (About(id="a", name="Gage height, feet", unit="ft"), "stage"),
        (About(id="a", name="Lake elevation above NGVD 1929", unit="ft"), "elevation"),
        (About(id="a", name="", unit="acre-ft"), "storage"),
        (About(id="a", name="Temperature, water", unit="degC"), "other"),
    ],
)
def test_a_series_is_taken_for_what_its_source_says(about, role):
    assert likely_role(about) == role


def test_of_a_file_of_several_the_first_is_taken_and_the_rest_waits_for_a_word(shared_data):
    asked = []
    choice = SeriesChoice(rdb(shared_data, "rdb_iv_03401385_2014_dst_spring.txt"), lambda: asked.append(1))
    selects = choice.__panel__().select(pmui.Select)
    assert len(selects) == 6
    assert len(choice.roles) == 1
    selects[1].value = "stage"
    assert asked and len(choice.roles) == 2
    selects[0].value = LEFT_OUT
    assert list(choice.roles.values()) == ["stage"]


def test_the_report_tells_values_gaps_flags_and_refused_lines(shared_data):
    file = rdb(shared_data, "rdb_iv_11447650_freeport_2019_dst.rdb")
    told = words(SeriesChoice(file))
    assert "8,810 values, none missing" in told
    assert "1 gaps (13 steps are missing)" in told
    assert "Flags: P 8,810" in told
    refused = rdb(shared_data, "rdb_dv_03290500_estimated.txt")
    assert "A:e 7" in words(SeriesChoice(refused))


def test_text_of_a_file_is_never_markup():
    import pandas as pd

    from data.frames import RefusedRow
    from data.series import Series

    index = pd.date_range("2014-03-01", periods=2, tz="UTC", unit="us", name="time")
    points = pd.DataFrame({"value": [1.0, 2.0], "flag": pd.Categorical(["<b>", "<b>"])}, index)
    bad = "<img src=x onerror=alert(1)>"
    one = Series(About(id=bad, name=bad, unit=bad, timezone=bad, source=bad, datum=bad), points, 2)
    told = words(SeriesChoice(SeriesFile(bad, bad, (one,), (RefusedRow(1, bad, bad),))))
    assert "<img" not in told and "<b>" not in told
