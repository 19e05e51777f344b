"""The controls of a SeriesView: every move of the plot has a button, so that the keyboard reaches it."""

from typing import TYPE_CHECKING

import panel as pn
import panel_material_ui as pmui

if TYPE_CHECKING:
    from components.series_view import SeriesView

_HINT = (
    "Drag to move, Ctrl and the wheel to zoom; or use the buttons. The line is open at gaps, dashed where provisional."
)


def controls(view: "SeriesView") -> tuple[pn.Column, pn.Column]:
    """Moves of the window, for above the plot; the clock and what else is drawn, for below it."""
    moves = (
        ("Earlier", "arrow_back", lambda: view.move(-0.5)),
        ("Later", "arrow_forward", lambda: view.move(0.5)),
        ("Zoom in", "zoom_in", lambda: view.zoom(0.5)),
        ("Zoom out", "zoom_out", lambda: view.zoom(2.0)),
        ("Show all", "fit_screen", view.show_all),
    )
    buttons = [
        pmui.Button(label=label, icon=icon, variant="outlined", size="small", margin=(4, 4), on_click=_call(act))
        for label, icon, act in moves
    ]
    keep = pmui.Button(
        label="Keep this window to compare", icon="bookmark_add", variant="outlined", size="small", margin=(4, 4),
        on_click=_call(view.keep_window),
    )  # fmt: skip
    choices = pn.FlexBox(
        pmui.Select.from_param(view.param.zone, width=150, margin=(8, 10)),
        pmui.IntInput.from_param(view.param.mean_days, width=170, margin=(8, 10)),
        pmui.Checkbox.from_param(view.param.volume, margin=(8, 10)),
        align_items="center",
    )
    compare = pmui.CheckBoxGroup.from_param(
        view.param.compare, margin=(4, 10), sizing_mode="stretch_width",
        visible=view.param.floods.rx.len() > 1,
    )  # fmt: skip
    hint = pn.pane.HTML(f"<p>{_HINT}</p>", margin=(0, 10), sizing_mode="stretch_width", styles={"font-size": "0.86rem"})
    look = {"sizing_mode": "stretch_width", "margin": 0, "styles": {"max-height": "none"}}
    return pn.Column(pn.FlexBox(*buttons, margin=(4, 6)), **look), pn.Column(hint, choices, keep, compare, **look)


def _call(act):
    return lambda _event: act()
