"""The sheet that slides out beside the map with a dam's hydrograph."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.plain import links
from data.frames import HYDROGRAPH, StoredHydrograph, empty

_STYLE = """
:host { flex: 0 0 420px; overflow: auto; box-sizing: border-box; padding: 6px 10px 16px;
  border-left: 1px solid color-mix(in srgb, currentColor 20%, transparent); animation: slide 0.2s ease-out; }
@keyframes slide { from { transform: translateX(60px); opacity: 0; } }
@media (max-width: 800px) {
  :host { position: absolute; left: 0; right: 0; bottom: 0; max-height: 62%; z-index: 30; border-left: none;
    border-top: 1px solid color-mix(in srgb, currentColor 30%, transparent);
    background: var(--panel-background-color, #fff); box-shadow: 0 -6px 20px rgba(0, 0, 0, 0.3); }
}
@media (prefers-reduced-motion: reduce) { :host { animation: none; } }
"""


class HydrographSheet(pn.viewable.Viewer):
    """Shows the hydrograph of ``dam_id``; ``read`` gives it, None without one."""

    dam_id = param.Integer(
        default=None, allow_None=True, doc="The dam whose hydrograph is shown; None closes the sheet."
    )

    def __init__(self, read: Callable[[int], tuple[pd.Series | None, StoredHydrograph | None]], **params):
        super().__init__(**params)
        self._read = read
        self._view: Any = None
        self._body = pn.Column(sizing_mode="stretch_width", margin=0)
        close = pmui.IconButton(
            icon="close", description="Close the hydrograph", size="small", margin=0, on_click=lambda _: self._close()
        )
        self._page = pn.Column(align="center", margin=0)
        self._sheet = pn.Column(
            pn.Row(self._page, pn.Spacer(sizing_mode="stretch_width"), close, sizing_mode="stretch_width", margin=0),
            self._body,
            visible=False,
            stylesheets=[_STYLE],
            margin=0,
            scroll=True,
        )

    @param.depends("dam_id", watch=True)
    def load(self) -> None:
        """Read the hydrograph again and show it."""
        dam, kept = self._read(self.dam_id) if self.dam_id is not None else (None, None)
        if dam is None:
            self.dam_id = None
            self._sheet.visible = False
            return
        if self._view is None:
            from components.hydrograph import HydrographView  # HoloViews: 0.8 s that a closed sheet does not need

            self._view = HydrographView(compact=True)
            self._body[:] = [self._view]
        self._page[:] = [links({"Full page": f"hydrograph?dam={dam.name}"})]
        if kept is None and dam["has_hydrograph"]:
            self._body[:] = [feedback.bar("note", "This dam has series, which the full page draws.", margin=(4, 0))]
            self._sheet.visible = True
            return
        self._body[:] = [self._view]
        points = kept.points if kept else empty(HYDROGRAPH)
        self._view.param.update(points=points, dam_name=dam["name"], file_name=kept.file_name if kept else "")
        self._sheet.visible = True

    def _close(self) -> None:
        self.dam_id = None

    def __panel__(self):
        return self._sheet
