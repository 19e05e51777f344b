"""The line that says what of the inventory a map shows, with the ways out of it."""

import panel as pn
import panel_material_ui as pmui

from components.map_filter import MapFilter
from components.plain import plain

_LOOK = """
:host { font: 400 0.88rem/1.5 Roboto, system-ui, sans-serif; color: var(--panel-on-surface-color, #222); }
p { display: inline; margin: 0; overflow-wrap: anywhere; }
b { font-weight: 650; }
a { color: var(--mui-palette-primary-main, #244C96); font-weight: 500; margin-left: 12px; white-space: nowrap; }
"""


class FilterLine(pn.viewable.Viewer):
    """Says the words of ``shown`` and leads to the same dams in the table; not there when every dam is shown."""

    def __init__(self, shown: MapFilter, **params):
        super().__init__(**params)
        self._shown = shown
        self._words = pn.pane.HTML("", stylesheets=[_LOOK], margin=0)
        clear = pmui.Button(label="Clear", size="small", variant="outlined", margin=0, on_click=lambda _: shown.clear())
        self._line = pn.FlexBox(self._words, clear, gap="4px 12px", align_items="center", margin=(0, 10, 8, 10))
        shown.param.watch(lambda _: self._say(), "wanted")
        self._say()

    def _say(self) -> None:
        wanted = self._shown.wanted
        self._line.visible = bool(wanted)
        if wanted:
            link = plain("In the table", "a", href=f"dams?{wanted.query()}")
            self._words.object = f"<b>Only</b> {plain('; '.join(wanted.words()), role='status')}{link}"

    def __panel__(self):
        return self._line
