"""A dam's hydrograph: the plot, what can be said of it, and its points as a file."""

import io
import re
import textwrap

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models import NumeralTickFormatter, SaveTool

from components import feedback
from components.hydrograph_figures import LOOK, figures
from components.plain import plain, plain_pane, plain_title
from components.theme import LINE
from data.frames import HYDROGRAPH, empty
from data.hydrograph_facts import csv_text, facts, lone_points, thinned
from data.hydrology import break_at_gaps

MOST_DRAWN = 6_000  #: Points sent to the browser; of more, the highest and lowest of each slice of time are drawn.

_HIDDEN = "h2 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); margin: 0; }"


class HydrographView(pn.viewable.Viewer):
    """Draws ``points`` with gaps left open, states peak and volume, and gives the points back as CSV.

    New data goes into the plot that is there; where the reader has zoomed, the ranges stay.
    """

    points = param.DataFrame(
        empty(HYDROGRAPH),
        columns=set(HYDROGRAPH),
        allow_None=True,
        doc="HYDROGRAPH of data.frames; None or without rows: none is assigned.",
    )
    dam_name = param.String("", doc="The dam's name, shown as text.")
    file_name = param.String("", doc="The file that the points were read from, shown as text; empty: not said.")
    compact = param.Boolean(False, doc="For a narrow sheet (380 px): a lower plot, and the wheel scrolls the sheet.")

    def __init__(self, **params):
        super().__init__(**params)
        self._plot = pn.pane.HoloViews(None, sizing_mode="stretch_width", linked_axes=False, margin=0)
        self._drawn_thin: bool | None = None
        self._heading = pn.pane.HTML("", stylesheets=[_HIDDEN], margin=0)
        self._figures = pn.pane.HTML("", stylesheets=[LOOK], sizing_mode="stretch_width", margin=0)
        self._download = pmui.FileDownload(callback=self._csv, label="Download CSV", size="small", margin=(4, 0))
        self._download.variant = "outlined"  # in the constructor Panel 1.9.4 warns of button_style, which it added
        self._origin = plain_pane("", margin=(0, 12), styles={"font-size": "0.9rem"})
        # Panel 1.9.4 makes a column no taller than its parent, and what follows would lie over it.
        self._body = pn.Column(
            sizing_mode="stretch_width", css_classes=["hydrograph-view"], styles={"max-height": "none"}
        )
        self._show()

    @param.depends("points", "dam_name", "file_name", "compact", watch=True)
    def _show(self) -> None:
        if self._points.empty:
            self._body[:] = [feedback.empty("No hydrograph assigned")]
            return
        thin = len(self._points) > MOST_DRAWN
        if self._plot.object is None or thin != self._drawn_thin:
            self._plot.object, self._drawn_thin = self._dynamic_map(thin), thin
        self._heading.object = plain(self._title, "h2")
        self._figures.object = figures(facts(self._points))
        self._download.filename = f"{self._file_stem}.csv"
        self._origin.object = plain(f"From {self.file_name}") if self.file_name else ""
        actions = pn.FlexBox(self._download, self._origin, align_items="center", margin=(4, 0))
        if self._plot not in self._body:
            self._body[:] = [self._heading, self._plot, self._figures, actions]

    @property
    def _points(self) -> pd.DataFrame:
        return empty(HYDROGRAPH) if self.points is None else self.points

    @property
    def _title(self) -> str:
        return f"Hydrograph for {self.dam_name}"

    @property
    def _file_stem(self) -> str:
        """A name for files of this hydrograph, of letters, digits and underscores alone."""
        return "_".join(["hydrograph", *re.findall(r"[^\W_]+", self.dam_name)])[:80]

    def _csv(self) -> io.BytesIO:
        return io.BytesIO(csv_text(self._points).encode())

    def _dynamic_map(self, thin: bool):
        import holoviews as hv  # here, since hvPlot takes a second that a page without a plot need not wait
        import holoviews.plotting.bokeh

        hv.Store.set_current_backend("bokeh")  # as hv.extension does, which also writes into a notebook's cell
        return hv.DynamicMap(self._draw, streams=[hv.streams.RangeX()] if thin else [])

    @param.depends("points", "dam_name", "compact")
    def _draw(self, x_range: tuple[float, float] | None = None):
        from hvplot import hvPlot

        size = {"responsive": True, "height": 260 if self.compact else 400}
        shared = {"x": "time_hours", "y": "flow_cfs", "color": LINE, "hover_tooltips": _TOOLTIPS, **size}
        line = hvPlot(thinned(_open_at_gaps(self._points), MOST_DRAWN, x_range)).line(line_width=2, **shared)
        dots = hvPlot(thinned(lone_points(self._points), MOST_DRAWN, x_range)).scatter(size=30, **shared)
        return (line * dots).opts(
            title=plain_title(textwrap.fill(self._title, 42 if self.compact else 90)),
            xlabel="Time (hr)",
            ylabel="Flow (cfs)",
            toolbar="below",
            **size,
            active_tools=["box_zoom"] if self.compact else ["box_zoom", "wheel_zoom"],
            apply_ranges=False,
            show_grid=True,
            hooks=[self._after_drawing],
        )

    def _after_drawing(self, plot, element) -> None:
        """Names the exported image, and follows the data with the ranges unless the reader has zoomed."""
        if "home" not in plot.handles:
            plot.state.toolbar.logo = None
            for axis in plot.state.axis:
                axis.formatter = NumeralTickFormatter(format="0,0.[000]")
        plot.state.select(SaveTool).update(filename=self._file_stem)
        ranges = plot.handles["x_range"], plot.handles["y_range"]
        shown = [(found.start, found.end) for found in ranges]
        wanted = _extents(self._points)
        if "home" not in plot.handles or shown == plot.handles["home"]:
            for found, (start, end) in zip(ranges, wanted, strict=True):
                found.update(start=start, end=end)
        for found, (start, end) in zip(ranges, wanted, strict=True):
            found.update(reset_start=start, reset_end=end)
        plot.handles["home"] = wanted

    def __panel__(self):
        return self._body


_TOOLTIPS = [("Time (hr)", "@time_hours{0,0.[0000]}"), ("Flow (cfs)", "@flow_cfs{0,0.[000]}")]


def _open_at_gaps(points: pd.DataFrame) -> pd.DataFrame:
    times, flows = break_at_gaps(points["time_hours"].to_numpy(), points["flow_cfs"].to_numpy())
    return pd.DataFrame({"time_hours": times, "flow_cfs": flows})


def _extents(points: pd.DataFrame) -> list[tuple[float, float]]:
    """Start and end of both axes: all times, and all flows with zero and some room."""
    times, flows = points["time_hours"], points["flow_cfs"]
    if points.empty:
        return [(0.0, 1.0), (0.0, 1.0)]
    low, high = (0.0, 1.0) if flows.isna().all() else (min(0.0, flows.min()), max(0.0, flows.max()))
    room = (high - low or 1.0) * 0.06
    edge = (times.iloc[-1] - times.iloc[0] or 1.0) * 0.01
    return [
        (float(times.iloc[0] - edge), float(times.iloc[-1] + edge)),
        (float(low - (room if low < 0 else room / 4)), float(high + room)),
    ]
