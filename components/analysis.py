"""Analyses of a dam's series: what is asked, the figures, a plot, and files to take away."""

import io
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models import NumeralTickFormatter

from components import feedback
from components.file_choice import FileChoice
from components.plain import plain, plain_label, plain_pane, plain_words
from components.theme import LINE, LINE_2, MISSING
from data.analyses import Analysis, Plot
from data.provenance import Refused

log = logging.getLogger(__name__)

_LOOK = """
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 0; font-size: 0.95rem; }
dt { opacity: 0.8; } dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
@media (max-width: 600px) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 6px; } }
p, summary { font-size: 0.88rem; line-height: 1.45; margin: 4px 0; } summary { cursor: pointer; }
"""
_FULL_HEIGHT = {"max-height": "none"}


class AnalysisResult(pn.viewable.Viewer):
    """Draws one Analysis; None draws nothing."""

    analysis = param.ClassSelector(default=None, class_=Analysis, doc="What is shown.")

    def __init__(self, **params):
        super().__init__(**params)
        self._body = pn.Column(sizing_mode="stretch_width", margin=0, styles=_FULL_HEIGHT)
        self._show()

    @param.depends("analysis", watch=True)
    def _show(self) -> None:
        found = self.analysis
        if found is None:
            self._body[:] = []
            return
        pairs = "".join(plain(name, "dt") + plain(text, "dd") for name, text in found.figures.items())
        heading = plain(found.title, "h2")
        warnings = [feedback.bar("note", *found.warnings, margin=(4, 0))] if found.warnings else []
        self._body[:] = [
            pn.pane.HTML(f"{heading}<dl>{pairs}</dl>", stylesheets=[_LOOK], sizing_mode="stretch_width", margin=0),
            *warnings,
            *_plots(found),
            pn.pane.HTML(_how(found), stylesheets=[_LOOK], sizing_mode="stretch_width", margin=0),
            pn.FlexBox(
                self._download("Download the rows (CSV)", f"{_stem(found.title)}.csv", found.rows.to_csv(index=False)),
                self._download("Download the script (Python)", f"{_stem(found.title)}.py", found.script),
                gap="8px",
            ),
        ]

    @staticmethod
    def _download(label: str, file_name: str, text: str) -> pmui.FileDownload:
        made = pmui.FileDownload(
            callback=lambda: io.BytesIO(text.encode()), filename=file_name, label=label, size="small", margin=(4, 0)
        )
        made.variant = "outlined"  # in the constructor Panel 1.9.4 warns of button_style, which it added
        return made

    def __panel__(self):
        return self._body


def _stem(title: str) -> str:
    return "_".join(re.findall(r"[^\W_]+", title.lower()))[:60] or "analysis"


def _how(found: Analysis) -> str:
    how = found.how.as_json()
    parts = [f"Method: {how['method']}.", f"Source: {how['source']}.", f"Data used: {how['data_used']}."]
    parts += [f"Left out: {words.rstrip('.')}." for words in how["data_left_out"]]
    given = {name: value for name, value in how["parameters"].items() if value not in (None, "")}
    parts += ["Parameters: " + ", ".join(f"{name} = {value}" for name, value in given.items()) + "."] if given else []
    parts += ["Computed with " + ", ".join(f"{name} {version}" for name, version in how["versions"].items()) + "."]
    return f"<details open>{plain('How it was computed', 'summary')}{''.join(map(plain, parts))}</details>"


def _plots(found: Analysis) -> list[pn.viewable.Viewable]:
    """The plots of an analysis; those against dates share their axis."""
    made: list[pn.viewable.Viewable] = []
    shared = None
    for one in found.plots:
        plot = _figure(one, shared if one.dated else None)
        shared = plot.x_range if one.dated else shared
        made.append(pn.pane.Bokeh(plot, sizing_mode="stretch_width", margin=0))
    return made


def _figure(one: Plot, x_range: Any) -> Any:
    from bokeh.models import ColumnDataSource, HoverTool
    from bokeh.plotting import figure

    plot = figure(
        height=280,
        sizing_mode="stretch_width",
        x_axis_type="datetime" if one.dated else "log" if one.x_log else "linear",
        y_axis_type="log" if one.y_log else "linear",
        x_axis_label=plain_words(one.x_label),
        y_axis_label=plain_words(one.y_label),
        tools="xpan,xwheel_zoom,xbox_zoom,reset,save",
        **({} if x_range is None else {"x_range": x_range}),
    )
    plot.yaxis.formatter = NumeralTickFormatter(format="0,0.[00]")
    if not one.dated:
        plot.xaxis.formatter = NumeralTickFormatter(format="0,0.[000]")
    drawn: list[Any] = []
    for (name, (x, y)), colour in zip(one.curves.items(), (LINE, LINE_2, LINE_2), strict=False):
        source = ColumnDataSource({"x": x, "y": y})
        drawn.append(plot.line("x", "y", source=source, color=colour, line_width=2, legend_label=name, name=name))
    for name, (x, y) in one.dots.items():
        source = ColumnDataSource({"x": x, "y": y})
        drawn.append(plot.scatter("x", "y", source=source, color=MISSING, size=6, legend_label=name, name=name))
    tips = [("", "$name"), (one.x_label, "@x{%F %H:%M}" if one.dated else "@x{0,0.[000]}")]
    tips += [(one.y_label, "@y{0,0.[00]}")]
    plot.add_tools(HoverTool(renderers=drawn, tooltips=tips, formatters={"@x": "datetime"} if one.dated else {}))
    plot.legend.visible = len(drawn) > 1
    plot.legend.location = "top_left" if one.x_log else "top_right"
    return plot


class AnalysisForm(pn.viewable.Viewer):
    """Asks for what an analysis needs and shows what it gives; a refusal is a sentence and what was typed stays.

    ``compute(series_label, typed)`` makes the Analysis of the series that was chosen, or raises Refused.
    """

    def __init__(
        self,
        labels: Sequence[str],
        fields: Mapping[str, Any],
        compute: Callable[[str, Mapping[str, object]], Analysis],
        *,
        words: str,
        button: str,
        **params,
    ):
        super().__init__(**params)
        self._compute, self._fields = compute, dict(fields)
        self._series = pmui.Select(
            label="Series",
            options={plain_label(words): words for words in labels},
            sizing_mode="stretch_width",
            max_width=600,
        )
        self._start = pmui.TextInput(label="From (UTC)", placeholder="2014-03-01 or 2014-03-01T12:00", width=230)
        self._end = pmui.TextInput(label="To (UTC)", placeholder="the end of the series", width=230)
        self._run = pmui.Button(label=button, color="primary", on_click=lambda _: self.run())
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._result = AnalysisResult()
        self._words = words

    def run(self) -> None:
        """Compute what is asked."""
        typed: dict[str, object] = {
            name: field.chosen if isinstance(field, FileChoice) else field.value for name, field in self._fields.items()
        }
        typed |= {"from": self._start.value_input or self._start.value, "to": self._end.value_input or self._end.value}
        found, said = None, []
        try:
            found = self._compute(self._series.value, typed)
        except Refused as why:
            said = [feedback.bar("refused", str(why), margin=(4, 0))]
        except Exception:
            log.exception("An analysis failed")
            said = [feedback.failed("The analysis failed; the server's log has the fault.")]
        self._result.analysis, self._message[:] = found, said

    def __panel__(self):
        return pn.Column(
            plain_pane(self._words, margin=(8, 0)),
            self._series,
            pn.FlexBox(self._start, self._end, *self._fields.values(), gap="8px", sizing_mode="stretch_width"),
            self._run,
            self._message,
            self._result,
            sizing_mode="stretch_width",
            styles=_FULL_HEIGHT,
        )
