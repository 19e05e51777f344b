"""A link that is shown once, to be copied and handed over."""

from typing import Any

import panel as pn
import param

_LOOK = """
:host { width: 100%; }
section { box-sizing: border-box; width: 100%; margin: 6px 0;
  font: 400 15px/1.45 Roboto, system-ui, sans-serif; padding: 10px 14px; border-radius: 4px;
  border-left: 4px solid #1b7f4b; background: color-mix(in srgb, #1b7f4b 12%, transparent); }
p { margin: 0 0 8px; overflow-wrap: anywhere; }
div { display: flex; gap: 8px; flex-wrap: wrap; align-items: center; }
input { flex: 1 1 220px; min-width: 0; font: 400 14px/1.3 ui-monospace, monospace; padding: 8px; border-radius: 6px;
  color: inherit; background: transparent; border: 1px solid color-mix(in srgb, currentColor 45%, transparent); }
button { font: 500 14px/1.2 Roboto, system-ui, sans-serif; padding: 9px 14px; border-radius: 6px; cursor: pointer;
  color: inherit; background: transparent; border: 1px solid color-mix(in srgb, currentColor 45%, transparent); }
button:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
button:focus-visible, input:focus-visible { outline: 2px solid #6ea0ff; outline-offset: 1px; }
"""


class OneTimeLink(pn.custom.JSComponent):
    """Shows ``address`` in full, as seen from the page, with ``words`` above it; nothing while it is empty.

    The browser knows under which name the dashboard is reached, the server behind a proxy may not.
    """

    address = param.String(doc="The link, relative to the page; empty for none.")
    words = param.String(doc="Whose it is, and what it is good for.")

    _esm = """
    export function render({ model, el }) {
      const section = document.createElement("section"), words = document.createElement("p")
      const row = document.createElement("div"), field = document.createElement("input")
      const copy = document.createElement("button"), done = document.createElement("button")
      const said = document.createElement("span")
      Object.assign(field, { readOnly: true, type: "text" })
      field.setAttribute("aria-label", "Link")
      copy.type = done.type = "button"
      copy.textContent = "Copy"
      done.textContent = "Done"
      said.setAttribute("role", "status")
      row.append(field, copy, done, said)
      section.append(words, row)
      el.append(section)
      const draw = () => {
        section.hidden = !model.address
        words.textContent = model.words
        field.value = model.address ? new URL(model.address, document.baseURI).href : ""
        said.textContent = ""
        if (model.address) field.focus()
      }
      field.onfocus = () => field.select()
      copy.onclick = async () => {
        try {
          await navigator.clipboard.writeText(field.value)
        } catch {  // without TLS there is no clipboard
          field.select()
          document.execCommand("copy")
        }
        said.textContent = "Copied"
      }
      done.onclick = () => model.send_msg("done")
      let due = false
      model.on(["address", "words"], () => {  // once for what changes together
        if (!due) queueMicrotask(() => { due = false; draw() })
        due = true
      })
      draw()
    }
    """

    def __init__(self, **params):
        super().__init__(**{"stylesheets": [_LOOK], "sizing_mode": "stretch_width"} | params)

    def offer(self, address: str, words: str) -> None:
        """Show a link in place of an older one."""
        self.param.update(address=address, words=words)

    def forget(self) -> None:
        """Take the link away; it cannot be had again."""
        self.offer("", "")

    def _handle_msg(self, message: Any) -> None:
        if message == "done":
            self.forget()
