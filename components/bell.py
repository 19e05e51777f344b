"""The bell in the header: opens the choice of notices, and is crossed out while they are muted."""

from collections.abc import Callable
from typing import Any

import panel as pn
import param

_LOOK = """
:host { flex: none; }
button { display: flex; padding: 8px; border: none; border-radius: 50%; background: none; color: #fff;
  cursor: pointer; }
button:hover { background: rgba(255, 255, 255, 0.16); }
button:focus-visible { outline: 2px solid #fff; outline-offset: -2px; }
svg { width: 24px; height: 24px; fill: currentColor; }
"""


class Bell(pn.custom.JSComponent):
    """``ring()`` is called at a click. pmui 0.16.6 draws the first icon of an IconButton for good, hence this one."""

    muted = param.Boolean(doc="Nothing is told.")

    # Material icons (Apache-2.0), 24 x 24.
    _esm = """
    const BELL = "M12 22c1.1 0 2-.9 2-2h-4c0 1.1.89 2 2 2zm6-6v-5c0-3.07-1.64-5.64-4.5-6.32V4c0-.83-.67-1.5-1.5-1.5s" +
      "-1.5.67-1.5 1.5v.68C7.63 5.36 6 7.92 6 11v5l-2 2v1h16v-1l-2-2z"
    const CROSSED_OUT = "M20 18.69L7.84 6.14 5.27 3.49 4 4.76l2.8 2.8v.01c-.52.99-.8 2.16-.8 3.42v5l-2 2v1h13.73l2 2L" +
      "21 19.72l-1-1.03zM12 22c1.11 0 2-.89 2-2h-4c0 1.11.89 2 2 2zm6-7.32V11c0-3.08-1.64-5.64-4.5-6.32V4c0-.83-.67" +
      "-1.5-1.5-1.5s-1.5.67-1.5 1.5v.68c-.15.03-.29.08-.42.12-.1.03-.2.07-.3.11-.24.09-.48.2-.71.32L18 14.68z"

    export function render({ model }) {
      const button = document.createElement("button")
      button.type = "button"
      button.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path/></svg>'
      button.onclick = () => model.send_msg("ring")
      const draw = () => {
        button.querySelector("path").setAttribute("d", model.muted ? CROSSED_OUT : BELL)
        button.title = model.muted ? "Notices (muted)" : "Notices"
        button.setAttribute("aria-label", button.title)
      }
      model.on("muted", draw)
      draw()
      return button
    }
    """

    def __init__(self, ring: Callable[[], None], **params):
        super().__init__(**{"margin": 0, "align": "center", "stylesheets": [_LOOK]} | params)
        self._ring = ring

    def _handle_msg(self, message: Any) -> None:
        if message == "ring":
            self._ring()
