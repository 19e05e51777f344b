"""The card that opens beside a dam on the map."""

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from components.map_parts import FLOATING
from components.plain import plain
from data.dates import show_date

NOT_GIVEN = "not given"

_STYLE = """
dl { display: grid; grid-template-columns: auto 1fr; gap: 3px 12px; margin: 0; font-size: 0.88rem; line-height: 1.4; }
dt { opacity: 0.75; } dd { margin: 0; overflow-wrap: anywhere; }
dd:first-of-type { font-size: 1rem; font-weight: 650; padding-right: 26px; }
"""
#: On a narrow screen the card lies along the map's lower edge, and leaves room above it for its dam.
_PLACE = """
@media (max-width: 700px) {
  :host { left: 8px !important; right: 8px !important; top: auto !important; bottom: 8px; width: auto !important;
    max-height: calc(100% - 60px); padding: 8px 12px !important; overflow: auto; }
}
:host(:focus-visible) { outline: 2px solid var(--panel-primary-color, #244C96); }
"""

#: Keeps the card beside its dam as the map moves and inside the map; takes the focus when it opens and gives it
#: back when it closes; Esc closes.
_FOLLOW = """
const { index } = cb_context, el = index.find_one(card)?.el
if (el == null) return
const focused = () => {
  let found = document.activeElement
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement
  return found
}
const place = () => {
  if (!card.visible || !dam.data.x.length) return
  const { x_range: x, y_range: y, inner_width: w, inner_height: h } = plot
  const px = w * (dam.data.x[0] - x.start) / (x.end - x.start)
  const py = h * (y.end - dam.data.y[0]) / (y.end - y.start)
  const [cw, ch] = [el.offsetWidth, el.offsetHeight]
  const left = px + 18 + cw < w - 56 ? px + 18 : px - 18 - cw
  el.style.left = `${Math.max(8, Math.min(left, w - cw - 8))}px`
  el.style.top = `${Math.max(8, Math.min(py - ch / 2, h - ch - 8))}px`
  el.style.visibility = px >= 0 && px <= w && py >= 0 && py <= h ? "" : "hidden"
}
if (el.role !== "dialog") {
  el.role = "dialog"
  el.ariaLabel = "Dam"
  el.tabIndex = -1
  new ResizeObserver(place).observe(el)
  for (const model of [plot.x_range, plot.y_range, dam]) model.change.connect(place)
  index.find_one(area).el.addEventListener("keydown", (event) => {
    if (event.key === "Escape") card.visible = false
  })
}
if (card.visible) {
  el.opener = focused()
  requestAnimationFrame(() => { place(); el.focus({ preventScroll: true }) })
} else {
  el.opener?.focus({ preventScroll: true })
}
"""


class DamCard(pn.viewable.Viewer):
    """What is known of one dam, with the ways on from it."""

    dam = param.Parameter(doc="Row of a PROFILE frame (its ``name`` is the dam_id), None when the card is closed.")
    show_hydrograph = param.Event(doc="The reader asks for the dam's hydrograph.")

    def __init__(self, **params):
        super().__init__(**params)
        self._facts = pn.pane.HTML(stylesheets=[_STYLE], sizing_mode="stretch_width", margin=0)
        self._hydrograph = pmui.Button(
            label="Hydrograph", size="small", margin=0, on_click=lambda _: self.param.trigger("show_hydrograph")
        )
        self._profile = pmui.Button(label="Profile", variant="outlined", size="small", margin=0)
        close = pmui.IconButton(
            icon="close", description="Close", size="small", margin=0, width=34, on_click=lambda _: self._close(),
            styles={"position": "absolute", "top": "6px", "right": "6px"},
        )  # fmt: skip
        self._card = pn.Column(
            self._facts,
            pn.Row(self._hydrograph, self._profile, margin=(10, 0, 0, 0), styles={"gap": "8px"}),
            close,
            visible=False,
            width=270,
            margin=0,
            css_classes=["dam-card"],
            stylesheets=[_PLACE],
            styles={"position": "absolute", "padding": "12px 14px"} | FLOATING,
        )
        self._card.param.watch(self._closed_in_browser, "visible")

    def follow(self, plot: figure, area: pn.Column, dam: ColumnDataSource) -> None:
        """Stay beside the place in ``dam`` (x, y: metres) on ``plot``, inside ``area``."""
        args = {"plot": plot, "area": area, "card": self._card, "dam": dam}
        self._card.jscallback(args=args, visible=_FOLLOW)

    @param.depends("dam", watch=True)
    def _show(self):
        if self.dam is not None:
            dam_id = int(self.dam.name)
            self._facts.object = _facts(dam_id, self.dam)
            has_hydrograph = bool(self.dam["has_hydrograph"])
            self._hydrograph.param.update(
                disabled=not has_hydrograph, description=None if has_hydrograph else "No hydrograph assigned"
            )
            self._profile.href = f"dam?id={dam_id}"
        self._card.visible = self.dam is not None

    def _close(self) -> None:
        self.dam = None

    def _closed_in_browser(self, event: param.parameterized.Event) -> None:
        if not event.new:
            self._close()

    def __panel__(self):
        return self._card


def _facts(dam_id: int, dam: pd.Series) -> str:
    """Rows of label and value, as HTML whose every word is escaped."""
    facts = {
        "Name": dam["name"],
        "Id": str(dam_id),
        "Owner": dam["owner"],
        "River": dam["river"],
        "Date Built": show_date(dam["date_built"]),
        "Hazard potential": dam["hazard"],
    }
    if dam["nid_id"]:
        facts["NID ID"] = dam["nid_id"]
    return "<dl>" + "".join(plain(k, "dt") + plain(v or NOT_GIVEN, "dd") for k, v in facts.items()) + "</dl>"
