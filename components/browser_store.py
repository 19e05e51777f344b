"""Values kept in the browser, so that they outlive the page's session on the server."""

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import param

#: Keeps one field of a widget in the browser at each key stroke, also while the server is away.
_KEEP = """
const store = window[scope], kept = JSON.parse(store.getItem(key) || "{}");
kept[field] = (source.data || source)[attribute];
store.setItem(key, JSON.stringify(kept));
"""


class BrowserStore(pn.custom.JSComponent):
    """A dictionary in the browser's storage under ``key``.

    Once what stands beside it is drawn, it reads what is there into ``values`` and counts ``loads`` up;
    later ``values`` are added to what is kept, so that nothing typed meanwhile is lost; ``replace``
    forgets the rest.
    What comes back is text from a browser: treat it as typed by the user.
    """

    key = param.String(doc="Name under which the browser keeps the values.")
    scope = param.Selector(
        default="sessionStorage",
        objects=["sessionStorage", "localStorage"],
        doc="sessionStorage: this tab until it closes; localStorage: this browser.",
    )
    values = param.Dict(default={}, doc="What is kept.")
    loads = param.Integer(default=0, doc="How often the browser's values have arrived.")

    _esm = """
    // Drawn by React, and not yet following its model: what that is given now would never be seen.
    const deaf = (view) =>
      (view.react_root !== undefined && view.el.isConnected && !Object.keys(view.model._esm_watchers).length)
      || (view.child_views || []).some(deaf)

    export async function render({ model, view }) {
      const store = window[model.scope]
      const read = () => {
        let kept = null
        try { kept = JSON.parse(store.getItem(model.key)) } catch { /* not ours: as if nothing were kept */ }
        return kept !== null && typeof kept === "object" && !Array.isArray(kept) ? kept : {}
      }
      model.on("values", () => {
        const { only, ...values } = model.values
        store.setItem(model.key, JSON.stringify(only ? values : { ...read(), ...values }))
      })
      for (let i = 0; i < 500 && view.parent && deaf(view.parent); i++) {
        await new Promise((go) => setTimeout(go, 20))
      }
      model.values = read()
      model.loads = model.loads + 1
    }
    """

    def __init__(self, **params):
        super().__init__(**{"width": 0, "height": 0, "margin": 0} | params)

    def replace(self, values: Mapping[str, Any]) -> None:
        """Keep ``values`` and nothing else."""
        self.values = {**values, "only": True}

    def on_load(self, take: Callable[[dict[str, Any]], None]) -> None:
        """Call ``take(values)`` when the browser's values have arrived.

        They can come before the page has loaded, when a change of another model would be lost.
        """
        self.param.watch(lambda _: pn.state.onload(lambda: take(self.values)), "loads")

    def keep(self, widgets: Mapping[str, Any], attribute: str = "value") -> None:
        """Keep each widget's ``attribute`` under its name as it changes in the browser."""
        for field, widget in widgets.items():
            widget.jscallback(
                args={"field": field, "key": self.key, "scope": self.scope, "attribute": attribute},
                **{attribute: _KEEP},
            )


class Appearance(pn.custom.JSComponent):
    """Light or dark: as this browser last chose, else as its system prefers."""

    dark = param.Boolean(doc="The page is dark.")

    _esm = """
    export function render({ model }) {
      const kept = localStorage.getItem("dams.dark")
      model.dark = kept === null ? matchMedia("(prefers-color-scheme: dark)").matches : kept === "true"
      model.on("dark", () => localStorage.setItem("dams.dark", String(model.dark)))
    }
    """

    def __init__(self, **params):
        super().__init__(**{"width": 0, "height": 0, "margin": 0} | params)
