"""Says when the server is away, and loads the page again when it is back."""

import panel as pn
import param


class Connection(pn.custom.JSComponent):
    """A bar at the foot of the page, shown only while the connection is lost.

    After a gap Bokeh 3.9 replays nothing, and a re-pulled document loses what was typed. So the
    page is loaded anew once the server answers and nobody is typing; what was typed comes back
    from the browser (``components/browser_store.py``).
    """

    kept = param.String(default="", doc="What becomes of what was typed or chosen here; a sentence, empty for nothing.")

    lost = param.Boolean(default=False, doc="Whether the page was made without its database, and waits for it.")

    _esm = """
    export function render({ model, view, el }) {
      const bar = document.createElement("div")
      bar.setAttribute("role", "alert")
      bar.style.cssText = "position:fixed;bottom:0;left:0;right:0;z-index:20000;padding:10px 16px;" +
        "background:#7a1020;color:#fff;font:500 15px/1.4 system-ui,sans-serif;display:none;text-align:center"
      document.body.appendChild(bar)
      const WORDS = {
        lost: `The connection to the server is lost. ${model.kept} Trying again …`,
        away: "Waiting for the database …",
        back: "The server is back; loading the page again …",
      }
      let lost = false, typed = 0
      addEventListener("keydown", () => { typed = Date.now() }, true)
      const check = async () => {
        try {
          const answer = await fetch(new URL("healthz", document.baseURI), { cache: "no-store" })
          if (answer.status < 500) {
            bar.textContent = WORDS.back
            if (Date.now() - typed > 1000) { location.reload(); return }
          }
        } catch { bar.textContent = WORDS.lost }
        setTimeout(check, 1000)
      }
      const wait = (words) => {
        if (lost) return
        lost = true
        bar.textContent = words
        bar.style.display = "block"
        setTimeout(check, 1000)
      }
      view.model.document.on_event("connection_lost", () => wait(WORDS.lost))
      if (model.lost) wait(WORDS.away)
      model.on("remove", () => bar.remove())
    }
    """

    def __init__(self, **params):
        super().__init__(**{"width": 0, "height": 0, "margin": 0} | params)
