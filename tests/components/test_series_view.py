"""Panels of series: what is sent, what is said of it, and that text of a file stays text."""

import numpy as np
import pandas as pd
import pytest

from components.series_line import MARKED, PROVISIONAL, flag_kind
from components.series_panel import unit_words
from components.series_view import SeriesView
from components.series_zones import offset_ms, zones_of
from data.importers import series_rdb
from data.importers.series_text import Findings, content, text_of
from data.series import About, Series
from data.series_curves import running_volume

HOSTILE = "<img src=x onerror=alert(1)> @flag{safe} $$x$$"
QUARTER_HOURS = 1_200_000


def made(values, *, start="2020-01-01", step="1h", flags=None, gap=None, unit="cfs", zone="", statistic=""):
    """A series of even steps, without the rows of ``gap`` (a slice)."""
    index = pd.date_range(start, periods=len(values), freq=step, tz="UTC", name="time").as_unit("us")
    flag = pd.Categorical(flags if flags is not None else [""] * len(values))
    points = pd.DataFrame({"value": np.array(values, dtype="float64"), "flag": flag}, index)
    if gap:
        points = points.drop(points.index[gap])
    return Series(About(id="made", unit=unit, timezone=zone, statistic=statistic), points)


@pytest.fixture
def freeport(shared_data):
    """15 minutes, all provisional, one gap of 13 steps."""
    findings = Findings()
    path = shared_data / "usgs" / "rdb_iv_11447650_freeport_2019_dst.rdb"
    return series_rdb.read(text_of(content(path), findings), findings)[1][0]


def panel(view, at=0):
    """A panel that is shown."""
    return [one for one in view._panels.values() if one.curves][at]


def sent(view, at=0, line=0):
    """Name of each source of a line -> its columns as they were sent."""
    return {name: dict(source.data) for name, source in panel(view, at)._lines[line]._sources.items()}


def points(view, at=0, line=0):
    """Time -> value of all that was sent of a line."""
    found = {}
    for name in ("solid", "dashed", "lone"):
        data = sent(view, at, line)[name]
        found |= {t: v for t, v in zip(data["time"], data["value"], strict=True) if t == t}
    return found


def words(view, at=0):
    """What stands below a panel."""
    return panel(view, at)._words.object


def look(view, start, end, kind="dated"):
    """Show a window as a reader does, and send what is due."""
    view._axes[kind].range.update(start=start, end=end)
    view._draw()


def ms(text):
    return pd.Timestamp(text, tz="UTC").timestamp() * 1000


def test_a_series_of_any_length_is_sent_as_two_points_a_pixel_with_its_extremes():
    values = np.sin(np.arange(QUARTER_HOURS) / 5000)
    values[[700_001, 800_001]] = 9, -9
    view = SeriesView([("Long", made(values, step="15min"))])
    found = points(view)
    assert len(found) <= 2 * panel(view).pixels + 4
    assert (max(found.values()), min(found.values())) == (9, -9)
    assert f"1,200,000 values, {len(found):,} drawn: smallest and largest of each pixel; 0 gaps" in words(view)


def test_a_narrower_window_is_decimated_anew_until_every_point_is_there():
    view = SeriesView([("Long", made(np.arange(QUARTER_HOURS), step="15min"))])
    look(view, ms("2020-01-03"), ms("2020-01-04"))
    assert list(points(view).values()) == list(range(2 * 96 - 1, 3 * 96 + 2))  # and the points next to the window
    assert "97 values, all drawn" in words(view)


def test_a_gap_is_a_break_and_is_counted(freeport):
    view = SeriesView([("Freeport", freeport)])
    look(view, ms("2019-11-22"), ms("2019-11-23"))
    times = sent(view)["dashed"]["time"]
    at = int(np.flatnonzero(np.isnan(times))[0])
    assert np.isnan(times).sum() == 1
    assert (times[at - 1], times[at + 1]) == (ms("2019-11-22 12:45"), ms("2019-11-22 16:15"))
    assert "1 gap;" in words(view)


def test_provisional_values_are_dashed_and_others_solid():
    view = SeriesView([("A", made([1, 2, 3, 4, 5], flags=["A", "A", "P", "P", "A"]))])
    data = sent(view)
    assert data["solid"]["value"].tolist() == [1, 2]
    assert data["dashed"]["value"].tolist() == [2, 3, 4, 5]  # what touches a provisional value is provisional
    assert data["dashed"]["flag"] == ["A", "P", "P", "A"]
    assert "dashed: provisional P" in words(view)


def test_an_estimate_among_a_million_is_marked_beside_its_value():
    flags = np.full(QUARTER_HOURS, "A", dtype=object)
    flags[500_000] = "A:e"
    view = SeriesView([("Long", made(np.sin(np.arange(QUARTER_HOURS)), step="15min", flags=flags))])
    marks = sent(view)["marks"]
    assert marks["flag"] == ["A:e"] and marks["value"].tolist() == [np.sin(500_000)]
    assert "diamonds: flag A:e" in words(view)


def test_a_flag_on_most_points_marks_none():
    view = SeriesView([("A", made([1, 2, 3], flags=["1", "1", "70"]))])
    assert sent(view)["marks"]["flag"] == ["70"]


def test_a_missing_value_keeps_its_flag_in_words():
    view = SeriesView([("A", made([1, np.nan, 3, 4], flags=["A", "Ice", "A", "A"]))])
    assert "1 missing value (flag Ice)" in words(view)
    assert sent(view)["lone"]["value"].tolist() == [1] and sent(view)["solid"]["value"].tolist() == [3, 4]


@pytest.mark.parametrize(
    ("flag", "kind"),
    [
        ("", 0), ("A", 0), ("Approved", 0), ("P", PROVISIONAL), ("Provisional", PROVISIONAL), ("A:e", MARKED),
        ("A e", MARKED), ("Ice", MARKED), ("P:~", PROVISIONAL | MARKED), ("P Eqp", PROVISIONAL | MARKED),
    ],
)  # fmt: skip
def test_a_flag_s_words_tell_how_it_is_drawn(flag, kind):
    assert flag_kind(flag) == kind


def test_peaks_of_years_are_points_that_no_line_joins():
    view = SeriesView([("Peaks", made([5, 9, 7], step="365D", statistic="peak"))])
    assert sent(view)["lone"]["value"].tolist() == [5, 9, 7] and not len(sent(view)["solid"]["time"])


def test_series_of_one_unit_share_a_panel_and_all_panels_one_time_axis():
    view = SeriesView([("A", made([1, 2])), ("B", made([3, 4])), ("C", made([5, 6], unit="ft"))])
    assert [len(panel(view, at).curves) for at in (0, 1)] == [2, 1]
    assert panel(view, 0).plot.x_range is panel(view, 1).plot.x_range


def test_hours_without_a_date_stand_on_an_axis_of_their_own():
    index = pd.to_timedelta([0, 1, 2], unit="h").as_unit("us")
    hours = Series(
        About(id="h", unit="cfs"), pd.DataFrame({"value": [1.0, 2, 3], "flag": pd.Categorical([""] * 3)}, index)
    )
    view = SeriesView([("A", made([1, 2])), ("Hours", hours)])
    assert panel(view, 1).plot.x_range is not panel(view, 0).plot.x_range
    assert list(points(view, 1)) == [0, 1, 2] and panel(view, 1).plot.xaxis[0].axis_label == "time, hours"


def test_the_zones_are_utc_and_the_offsets_that_files_state():
    given = [made([1], zone="UTC-07:00/UTC-08:00 (PDT, PST)"), made([1], zone=""), made([1], zone="UTC+05:30")]
    assert zones_of(given) == ["UTC", "UTC-07:00", "UTC-08:00", "UTC+05:30"]
    assert [offset_ms(zone) / 3.6e6 for zone in zones_of(given)] == [0, -7, -8, 5.5]


def test_another_zone_moves_the_clock_and_not_the_window():
    view = SeriesView([("A", made([1, 2, 3, 4], zone="UTC-08:00"))])
    look(view, ms("2020-01-01 00:30"), ms("2020-01-01 02:30"))
    before = points(view)
    assert panel(view).plot.xaxis[0].axis_label == "time, UTC"
    view.zone = "UTC-08:00"
    assert panel(view).plot.xaxis[0].axis_label == "time, UTC-08:00"
    assert view._axes["dated"].window == (ms("2019-12-31 16:30"), ms("2019-12-31 18:30"))
    assert points(view) == {t - 8 * 3.6e6: v for t, v in before.items()}
    view.zone = "UTC"
    assert points(view) == before


def test_new_data_keep_the_window_that_the_reader_chose():
    view = SeriesView([("A", made([1, 2, 3, 4]))])
    look(view, ms("2020-01-01 01:00"), ms("2020-01-01 02:00"))
    plot = panel(view).plot
    view.update([("A", made([1, 2, 30, 4, 5, 6, 7]))])
    assert view._axes["dated"].window == (ms("2020-01-01 01:00"), ms("2020-01-01 02:00"))
    assert panel(view).plot is plot and points(view)[ms("2020-01-01 02:00")] == 30
    view.show_all()
    assert list(points(view).values()) == [1, 2, 30, 4, 5, 6, 7]


def test_without_a_chosen_window_new_data_are_shown_in_full():
    view = SeriesView([("A", made([1, 2]))])
    view.update([("A", made([1, 2, 3, 4, 5]))])
    assert list(points(view).values()) == [1, 2, 3, 4, 5]


def test_the_buttons_move_and_zoom_the_window():
    view = SeriesView([("A", made(np.arange(100)))])
    look(view, ms("2020-01-02"), ms("2020-01-03"))
    view.move(0.5)
    assert view._axes["dated"].window == (ms("2020-01-02 12:00"), ms("2020-01-03 12:00"))
    view.zoom(0.5)
    assert view._axes["dated"].window == (ms("2020-01-02 18:00"), ms("2020-01-03 06:00"))
    view.zoom(2)
    view.move(-0.5)
    assert view._axes["dated"].window == (ms("2020-01-02"), ms("2020-01-03"))


def test_the_y_axis_has_room_for_the_window_and_not_for_what_lies_beside_it():
    view = SeriesView([("A", made([1000, 1, 2, 1000]))])
    look(view, ms("2020-01-01 00:30"), ms("2020-01-01 02:30"))
    assert panel(view).plot.y_range.end < 3


@pytest.mark.parametrize("window", [(float("nan"), 5.0), (5.0, 5.0), (9.0, 5.0), (0.0, float("inf"))])
def test_a_window_that_is_none_sends_nothing_and_breaks_nothing(window):
    view = SeriesView([("A", made([1, 2, 3]))])
    before = points(view)
    look(view, *window)
    assert points(view) == before


@pytest.mark.parametrize("width", [[1e12], [float("nan")], [-5]])
def test_a_client_that_claims_any_width_gets_no_more_than_a_screen_holds(width):
    view = SeriesView([("Long", made(np.sin(np.arange(100_000))))])
    panel(view).plot.tags = width
    view._draw()
    assert len(points(view)) <= 8_004


def test_a_rolling_mean_is_drawn_over_the_readings():
    view = SeriesView([("A", made(np.arange(96)))], mean_days=1)
    assert panel(view).curves[1].label == "1-day mean of A"
    assert points(view, line=1)[ms("2020-01-04 23:00")] == np.arange(72, 96).mean()
    assert min(points(view, line=1)) == ms("2020-01-01 23:00")  # the first day that is whole
    assert "trailing, begins when its window is full" in words(view)
    view.mean_days = 0
    assert len(panel(view).curves) == 1


def test_the_running_volume_says_what_it_leaves_out(freeport):
    view = SeriesView([("Freeport", freeport)], volume=True)
    total, hours = freeport.volume
    assert max(points(view, 1).values()) == np.nanmax(running_volume(freeport)[1])
    assert f"{total:,.6g} acre-ft in all; {hours:g} h in gaps or beside missing values are left out" in words(view, 1)


def test_what_is_no_flow_gets_no_running_volume():
    view = SeriesView([("A", made([1, 2], unit="ft"))], volume=True)
    assert sum(bool(one.curves) for one in view._panels.values()) == 1


def test_floods_are_laid_over_each_other_at_their_peaks():
    view = SeriesView([("A", made([1, 5, 2])), ("B", made([1, 2, 3, 9, 1], start="2021-01-01"))])
    view.compare = ["A", "B"]
    assert points(view, 1, 0) == {-1: 1, 0: 5, 1: 2}
    assert points(view, 1, 1) == {-3: 1, -2: 2, -1: 3, 0: 9, 1: 1}
    assert "peak 9 cfs at 2021-01-01T03:00:00Z is hour 0" in words(view, 1)
    assert panel(view, 1).plot.xaxis[0].axis_label == "hours from peak"


def test_windows_of_one_series_that_were_kept_are_compared():
    view = SeriesView([("A", made([1, 5, 1, 1, 1, 9, 1]))])
    look(view, ms("2020-01-01 00:00"), ms("2020-01-01 02:00"))
    view.keep_window()
    look(view, ms("2020-01-01 04:00"), ms("2020-01-01 06:00"))
    view.keep_window()
    assert view.compare == [
        "A, 2020-01-01 00:00Z to 2020-01-01 02:00Z", "A, 2020-01-01 04:00Z to 2020-01-01 06:00Z"
    ]  # fmt: skip
    assert points(view, 1, 0) == {-1: 1, 0: 5, 1: 1} and points(view, 1, 1) == {-1: 1, 0: 9, 1: 1}
    view.update([("A", made([1, 5, 1, 1, 1, 9, 1, 1]))])
    assert len(view.compare) == 2
    view.update([("B", made([1, 2]))])
    assert view.compare == []


def test_a_flood_in_another_unit_is_left_out_and_said():
    view = SeriesView([("A", made([1, 5, 2])), ("B", made([1, 2], unit="ft")), ("C", made([2, 3]))])
    view.compare = ["A", "B", "C"]
    assert len(panel(view, 2).curves) == 2
    assert "B is in ft, not cfs, and is left out" in words(view, 2)


def test_labels_that_are_alike_are_told_apart():
    view = SeriesView([("A", made([1, 2])), ("A", made([3, 4]))])
    assert [curve.label for curve in panel(view).curves] == ["A", "A (2)"]


def test_text_of_a_file_stays_text():
    series = made([1, 2, 3], flags=[HOSTILE, "A", "A"], unit=HOSTILE)
    view = SeriesView([(HOSTILE, series), ("B", made([1, 2], unit="x@flag{safe}"))], volume=True)
    assert "<img" not in words(view) and "&lt;img" in words(view)
    tips = [tip for one in (panel(view, 0), panel(view, 1)) for _, tip in one._hover.tooltips]
    assert not any(mark in tip for tip in tips for mark in ("{safe}", "<", "$$"))
    assert sum(tip.count("@") for tip in tips) == 6  # value, flag and time of each panel: none from a unit


def test_a_unit_loses_what_bokeh_takes_for_a_command():
    assert unit_words("cfs") == "cfs" and unit_words("µS/cm @ 25°C {safe} <b>") == "µS/cm  25°C safe b"


def test_nothing_to_draw_is_said():
    view = SeriesView([])
    assert "No series to draw" in view._body[0].object
    view.update([("A", made([1, 2]))])
    assert list(points(view).values()) == [1, 2]
    view.update([])
    assert "No series to draw" in view._body[0].object


def test_a_series_without_a_value_is_said():
    assert "A: no values in this window" in words(SeriesView([("A", made([np.nan, np.nan])), ("B", made([1, 2]))]))
