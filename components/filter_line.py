"""The line that says what of the inventory a map shows, with the ways to change it and to take it away."""

import panel as pn
import panel_material_ui as pmui

from components import ways
from components.map_filter import MapFilter
from components.plain import plain

_LOOK = """
:host { font: 400 0.88rem/1.5 Roboto, system-ui, sans-serif; color: var(--panel-on-surface-color, #222); }
div { display: flex; flex-wrap: wrap; gap: 0 12px; }
p { margin: 0; overflow-wrap: anywhere; }
nav { display: flex; flex-wrap: wrap; gap: 0 12px; }
b { font-weight: 650; }
a, summary { color: var(--mui-palette-primary-main, #244C96); font-weight: 500; white-space: nowrap; cursor: pointer; }
details { display: none; }
details a { display: inline-block; padding: 6px 12px 6px 0; }
@media (max-width: 700px) { nav a + a { display: none; } details { display: block; } }
"""


class FilterLine(pn.viewable.Viewer):
    """Says the words of ``shown``, and leads to the page that narrows it and to its files."""

    def __init__(self, shown: MapFilter, *, left_out: str = "", **params):
        """``left_out`` says what was asked for that is no filter, until another one is chosen."""
        super().__init__(**params)
        self._shown = shown
        self._words = pn.pane.HTML("", stylesheets=[_LOOK], margin=0)
        self._clear = pmui.Button(
            label="Clear", size="small", variant="outlined", margin=0, on_click=lambda _: shown.clear()
        )
        parts = (self._words, self._clear)
        self._line = pn.FlexBox(*parts, gap="4px 12px", align_items="center", margin=(0, 10, 8, 10))
        shown.param.watch(lambda _: self._say(), "wanted")
        self._say(left_out)

    def _say(self, left_out: str = "") -> None:
        wanted, query = self._shown.wanted, self._shown.wanted.query()
        self._clear.visible = bool(wanted)
        only = plain("; ".join(wanted.words()), "span")
        words = f'<p role="status"><b>Only</b> {only}</p>' if wanted else plain("Every dam.", role="status")
        told = plain(left_out, role="status") if left_out else ""
        way = plain("Filter", "a", href=ways.page("dams", query))
        files = "".join(plain(words, "a", href=address) for words, address in ways.exports(query).items())
        folded = f"<details><summary>Export</summary>{files}</details>"  # where there is little room
        self._words.object = f'{told}<div>{words}<nav aria-label="These dams">{way}{files}</nav>{folded}</div>'

    def __panel__(self):
        return self._line
