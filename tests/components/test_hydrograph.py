"""The hydrograph view, without a browser (R13)."""

import math

import pandas as pd
import panel as pn
import pytest
from bokeh.models import GlyphRenderer, HoverTool, Line, Plot, SaveTool, Scatter

from components import hydrograph
from components.hydrograph import HydrographView
from data.frames import HYDROGRAPH, empty
from data.importers.hydrograph_csv import read

NAN = math.nan
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "=1+1",
    "{0} {x} {{y}}",
    "$$\\frac{1}{2}$$",
    "\\(x\\) \\[y\\]",
    "**bold** `code`",
]


def made(*rows):
    return pd.DataFrame(rows, columns=list(HYDROGRAPH)).astype(HYDROGRAPH)


def plot_of(view):
    return view.__panel__().get_root().select_one({"type": Plot})


def line_of(plot):
    return next(found for found in plot.select(GlyphRenderer) if isinstance(found.glyph, Line))


def texts(view):
    return " ".join(str(pane.object) for pane in view.__panel__().select(pn.pane.HTML))


@pytest.fixture
def flood():
    return made((0, 0), (1, 20), (2, 45), (3, 60), (4, 10))


def test_R13_line_title_and_axes_are_those_of_the_reference(flood):
    plot = plot_of(HydrographView(points=flood, dam_name="Deer Creek"))
    assert plot.title.text == "Hydrograph for Deer Creek"
    assert [axis.axis_label for axis in (*plot.below, *plot.left)] == ["Time (hr)", "Flow (cfs)"]
    line = line_of(plot)
    assert line.glyph.line_color == "#0080ff"
    assert line.data_source.data["flow_cfs"].tolist() == [0, 20, 45, 60, 10]


def test_R13_gaps_stay_gaps():
    plot = plot_of(HydrographView(points=made((0, 1), (1, 2), (2, NAN), (3, 4), (4, 5), (9, 6), (10, 7))))
    data = line_of(plot).data_source.data
    broken = [time for time, flow in zip(data["time_hours"], data["flow_cfs"], strict=True) if math.isnan(flow)]
    assert broken == [2, 6.5]


def test_R13_a_measured_point_between_missing_ones_is_drawn():
    plot = plot_of(HydrographView(points=made((0, NAN), (1, 5), (2, NAN), (3, 1), (4, 2))))
    dots = next(found for found in plot.select(GlyphRenderer) if isinstance(found.glyph, Scatter))
    assert dots.data_source.data["time_hours"].tolist() == [1]


def test_R13_figures_are_shown_with_how_they_were_computed(shared_data):
    content = (shared_data / "hydrographs" / "hydrograph4.csv").read_bytes()
    shown = texts(HydrographView(points=read("h", content).points, file_name="hydrograph4.csv"))
    for words in ("160.8 cfs", "at 5 h", "66.909 acre-ft", "over 12 h", ">13<", "How computed", "trapezoid", "43,560"):
        assert words in shown
    assert "From hydrograph4.csv" in shown


def test_R13_a_gap_is_told_beside_the_volume():
    shown = texts(HydrographView(points=made((0, 1), (1, 1), (2, 1), (5, 1), (6, 1))))
    assert "volume excludes 1 gap of 3 h" in shown and "2 to 5 h" in shown
    assert "volume excludes 2 gaps, 5 h in all" in texts(
        HydrographView(points=made((0, 1), (1, 1), (2, NAN), (3, 1), (4, 1), (7, 1), (8, 1)))
    )


def test_without_points_it_says_so():
    for nothing in (None, empty(HYDROGRAPH)):
        assert "No hydrograph assigned" in texts(HydrographView(points=nothing, dam_name="Deer Creek"))


def test_points_may_come_and_go(flood):
    view = HydrographView(dam_name="Deer Creek")
    root = view.__panel__().get_root()
    assert root.select_one({"type": Plot}) is None
    view.points = flood
    assert root.select_one({"type": Plot}) is not None
    view.points = None
    assert root.select_one({"type": Plot}) is None and "No hydrograph assigned" in texts(view)
    view.points = flood
    assert root.select_one({"type": Plot}) is not None


def test_new_points_go_into_the_plot_that_is_there(flood):
    view = HydrographView(points=flood, dam_name="Deer Creek")
    plot = plot_of(view)
    source = line_of(plot).data_source
    view.param.update(points=made((0, 0), (100, 900)), dam_name="Jordanelle")
    assert line_of(plot).data_source is source and source.data["flow_cfs"].tolist() == [0, 900]
    assert plot.title.text == "Hydrograph for Jordanelle"
    assert plot.x_range.end >= 100 and plot.y_range.end >= 900


def test_new_points_leave_the_ranges_that_the_reader_chose(flood):
    view = HydrographView(points=flood, dam_name="Deer Creek")
    plot = plot_of(view)
    plot.x_range.update(start=1.0, end=2.0)
    view.points = made((0, 0), (50, 80), (100, 900))
    assert (plot.x_range.start, plot.x_range.end) == (1, 2)
    assert plot.x_range.reset_end >= 100 and plot.y_range.reset_end >= 900


@pytest.mark.parametrize("name", HOSTILE)
def test_defect_2_a_name_is_text_everywhere(flood, name):
    view = HydrographView(points=flood, dam_name=name, file_name=name)
    plot = plot_of(view)
    assert plot.title.text.replace("\u200b", "") == f"Hydrograph for {name}"
    assert "$$" not in plot.title.text and "\\(" not in plot.title.text and "\\[" not in plot.title.text
    assert "<img" not in texts(view)
    for tool in plot.select(HoverTool):
        assert all("{safe}" not in str(value) and name not in str(value) for _, value in tool.tooltips)
    view.dam_name = f"{name} again"
    assert plot.title.text.replace("\u200b", "") == f"Hydrograph for {name} again"


def test_files_are_named_after_the_dam_in_letters_and_digits(flood):
    view = HydrographView(points=flood, dam_name="=cmd|'/c calc'!A1 ../Lac d'Orédon")
    assert plot_of(view).select_one(SaveTool).filename == "hydrograph_cmd_c_calc_A1_Lac_d_Orédon"
    download = view.__panel__().select(lambda found: type(found).__name__ == "FileDownload")[0]
    assert download.filename == "hydrograph_cmd_c_calc_A1_Lac_d_Orédon.csv"


def test_the_download_gives_the_points_back(flood):
    points = pd.concat([flood, made((5.1, NAN), (6.3, 0.1))], ignore_index=True)
    view = HydrographView(points=points)
    download = view.__panel__().select(lambda found: type(found).__name__ == "FileDownload")[0]
    content = download.callback().getvalue()
    assert content.startswith(b"time [hr],flow [cfs]\r\n0,0\r\n")
    pd.testing.assert_frame_equal(read("again", content).points, points, check_exact=True)


def test_a_long_series_sends_few_points_and_keeps_its_peak_and_gap(monkeypatch):
    monkeypatch.setattr(hydrograph, "MOST_DRAWN", 40)
    flows = [float(i % 7) for i in range(1000)]
    flows[777] = 500.0
    flows[300:310] = [NAN] * 10
    view = HydrographView(points=made(*enumerate(flows)))
    data = line_of(plot_of(view)).data_source.data
    assert len(data["flow_cfs"]) < 50
    assert 500 in data["flow_cfs"] and any(math.isnan(flow) for flow in data["flow_cfs"])


def test_one_view_may_be_shown_twice(flood):
    view = HydrographView(points=flood, dam_name="Deer Creek")
    first, second = plot_of(view), plot_of(view)
    view.dam_name = "Jordanelle"
    assert first is not second and first.title.text == second.title.text == "Hydrograph for Jordanelle"


NOTEBOOK = (
    "import os; os.environ['PANEL_INLINE'] = 'true'\nimport panel as pn\npn.extension(inline=True)",
    "import pandas as pd\nfrom components.hydrograph import HydrographView",
    "points = pd.DataFrame({'time_hours': [0.0, 1, 2], 'flow_cfs': [0.0, 5, 1]})",
    "view = HydrographView(points=points, dam_name='Deer Creek')\nview",
    "view",
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # 2026-11: of pyzmq and nbclient, in starting a kernel
def test_it_shows_as_the_last_expression_of_a_cell_without_a_server():
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in NOTEBOOK])
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=300).execute()
    for cell in notebook.cells[-2:]:
        shown = [out.data["text/html"] for out in cell.outputs if out.output_type == "execute_result"]
        assert len(shown) == 1 and "Hydrograph for Deer Creek" in shown[0] and "#0080ff" in shown[0]


def test_the_compact_form_is_lower_and_leaves_the_wheel_to_the_sheet(flood):
    plot = plot_of(
        HydrographView(points=flood, dam_name="A name of a dam that is very long, longer than the sheet", compact=True)
    )
    assert plot.height == 260 and plot.toolbar.active_scroll in (None, "auto") and "\n" in plot.title.text


def test_every_parameter_is_documented():
    own = [name for name in HydrographView.param if name != "name"]
    assert own and all(HydrographView.param[name].doc for name in own)
