"""One plot of an overview: a bar a row, its parts side by side, to click; the same numbers as a table below it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import panel as pn
import param
from bokeh.events import Tap
from bokeh.models import ColumnDataSource, CustomJS, FixedTicker, HBar, HoverTool, Range1d, Text
from bokeh.plotting import figure

from components.map_figure import held
from components.overview_table import OverviewTable
from components.plain import plain, plain_words

ROW = 22  #: Pixels a bar takes.
TALLEST = 440  #: Pixels, after which the bars are scrolled.
FADED = 0.35  #: Opacity of bars beside those that are chosen.

_LOOK = """
:host { font: 400 0.9rem/1.5 Roboto, system-ui, sans-serif; color: var(--panel-on-surface-color, #222); }
h2 { font: 600 1.05rem/1.3 Roboto, system-ui, sans-serif; margin: 0 0 4px; }
p { margin: 0; } .how { font-size: 0.82rem; opacity: 0.85; }
.keys { display: flex; flex-wrap: wrap; gap: 2px 12px; font-size: 0.84rem; }
i { display: inline-block; width: 11px; height: 11px; margin-right: 5px; background: var(--dot);
  border: 1px solid #888; }
"""
#: pmui 0.16 paints a figure's background with the theme's paper; its lightness tells the colour of the numbers.
_PAINT = """
export default ({ plot, numbers }) => {
  const ink = document.createElement("canvas").getContext("2d")
  ink.fillStyle = plot.background_fill_color
  const dark = parseInt(ink.fillStyle.slice(1, 3), 16) < 128
  numbers.glyph.setv({ text_color: dark ? "#e8eaed" : "#22282e" }, { sync: false })
}
"""


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a plot says of itself. ``columns``: part -> label and colour; ``dead``: row -> why no filter has it."""

    title: str
    how: str
    columns: Mapping[str, tuple[str, str]]
    label: Callable[[object], str] = str
    dead: Mapping[object, str] = field(default_factory=dict)


class OverviewBars(pn.viewable.Viewer):
    """Draws ``counts``; ``choose(row)`` hears of each bar, or button, that was pressed."""

    counts = param.DataFrame(doc="A row a bar, whose index tells which; a column a part.")
    chosen = param.List(default=[], doc="Rows that the filter asks for; empty for no choice.")

    def __init__(self, words: Words, choose: Callable[[object], None], **params):
        super().__init__(**params)
        self._words, self._choose = words, choose
        self._names = list(words.columns)
        self._parts, self._numbers = ColumnDataSource(), ColumnDataSource()
        self._plot = self._figure()
        self._table = OverviewTable(self._chose, caption=words.title)
        self._head = pn.pane.HTML(stylesheets=[_LOOK], margin=0)
        self._show()

    def _figure(self) -> figure:
        # A bare Plot would have fewer models, but pmui 0.16 gives its theme to figures alone.
        plot = figure(
            tools=[], toolbar_location=None, x_range=Range1d(), y_range=Range1d(), min_border=2,
            sizing_mode="stretch_width", outline_line_color=None, x_axis_location=None,
        )  # fmt: skip
        plot.grid.visible = False
        plot.yaxis.axis_line_color = plot.yaxis.major_tick_line_color = None
        bar = HBar(
            y="y", left="left", right="right", height=0.78, fill_color="colour", fill_alpha="alpha",
            line_color="#8a929a", line_alpha="alpha", line_width=0.5,  # an edge, seen on a dark page too
        )  # fmt: skip
        number = Text(x="x", y="y", text="text", x_offset=6, text_baseline="middle", text_font_size="12px")
        # One glyph for all parts: every model costs a page milliseconds, and figure.hbar makes five more of each.
        bars, numbers = plot.add_glyph(self._parts, bar), plot.add_glyph(self._numbers, number)
        plot.add_tools(HoverTool(tooltips='<div style="max-width: 280px">@tip</div>', renderers=[bars]))
        plot.on_event(Tap, self._tapped)
        plot.js_on_change("background_fill_color", CustomJS(args={"plot": plot, "numbers": numbers}, code=_PAINT))
        return plot

    def _draw(self) -> None:
        """Put the parts of the bars, and the number beside each, into their sources."""
        counts = self.counts[self._names].to_numpy().reshape(len(self.counts), len(self._names))
        right = counts.cumsum(axis=1)
        row, part = np.nonzero(counts)
        faded = [1.0 if not self.chosen or key in self.chosen else FADED for key in self.counts.index]
        tips = [self._tip(key) for key in self.counts.index]
        colours = [colour for _, colour in self._words.columns.values()]
        self._parts.data = {
            "y": row.tolist(),
            "left": (right[row, part] - counts[row, part]).tolist(),
            "right": right[row, part].tolist(),
            "colour": [colours[place] for place in part],
            "alpha": [faded[place] for place in row],
            "tip": [tips[place] for place in row],
        }
        total = counts.sum(axis=1).tolist()
        self._numbers.data = {"y": list(range(len(total))), "x": total, "text": [f"{number:,}" for number in total]}
        self._plot.height = max(1, len(total)) * ROW + 8
        self._plot.x_range.update(start=0, end=max([1, *total]) * 1.2)  # room for the number beside the longest bar
        self._plot.y_range.update(start=len(total) - 0.5, end=-0.5)

    def _tip(self, row: object) -> str:
        parts = self.counts.loc[row]
        told = [f"{label} {int(parts[name]):,}" for name, (label, _) in self._words.columns.items() if parts[name]]
        return f"{self._words.label(row)}: {int(parts.sum()):,} dams. {', '.join(told) if len(parts) > 1 else ''}"

    @param.depends("counts", "chosen", watch=True)
    @held
    def _show(self) -> None:
        self._draw()
        counts, words = self.counts, self._words
        labels = {place: plain_words(words.label(row)) for place, row in enumerate(counts.index)}
        self._plot.yaxis[0].update(ticker=FixedTicker(ticks=list(labels)), major_label_overrides=labels)
        there = [name for name in self._names if counts[name].any()] or self._names[:1]
        self._head.object = plain(words.title, "h2") + self._legend(there)
        self._table.param.update(
            columns=[list(words.columns[name]) for name in there],
            rows=[
                [str(row), words.label(row), row in self.chosen, words.dead.get(row, ""), parts]
                for row, parts in zip(counts.index, counts[there].to_numpy().tolist(), strict=True)
            ],
        )

    def _legend(self, there: list[str]) -> str:
        """The parts that any bar has, where a bar can have several."""
        if len(self._names) == 1:
            return ""
        keys = (self._words.columns[name] for name in there)
        return '<div class="keys">{}</div>'.format(
            "".join(f'<span><i style="--dot: {colour}"></i>{plain(label, "span")}</span>' for label, colour in keys)
        )

    def _tapped(self, event: Any) -> None:
        if event.y is not None and 0 <= (place := round(event.y)) < len(self.counts):
            self._chose(str(self.counts.index[place]))

    def _chose(self, key: str) -> None:
        for row in self.counts.index:
            if str(row) == key and row not in self._words.dead:
                self._choose(row)
                return

    def __panel__(self):
        words = self._words
        how = pn.pane.HTML(plain(words.how, "p", "how"), stylesheets=[_LOOK], margin=0)
        bars = pn.Column(
            pn.pane.Bokeh(self._plot, sizing_mode="stretch_width", margin=0),
            sizing_mode="stretch_width", margin=(6, 0), styles={"max-height": f"{TALLEST}px", "overflow-y": "auto"},
        )  # fmt: skip
        return pn.Column(
            self._head, bars, how, self._table, sizing_mode="stretch_width", margin=0, css_classes=["overview-plot"],
            styles={"flex": "1 1 420px", "min-width": "min(100%, 340px)"},
        )  # fmt: skip
