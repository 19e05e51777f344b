"""What happened since this browser was last here, said once at the top of the page."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import panel as pn
import param

#: Kind -> (one, several).
WORDS = {
    "dam_added": ("dam added", "dams added"),
    "dam_edited": ("dam changed", "dams changed"),
    "dam_deleted": ("dam deleted", "dams deleted"),
    "hydrograph_assigned": ("hydrograph assigned", "hydrographs assigned"),
    "hydrograph_removed": ("hydrograph removed", "hydrographs removed"),
    "series_assigned": ("file of series assigned", "files of series assigned"),
    "series_removed": ("series removed", "series removed"),
    "inventory_imported": ("inventory imported", "inventories imported"),
    "import_undone": ("import undone", "imports undone"),
}

_BAR = """
[role=status] { font: 400 0.95rem/1.45 Roboto, system-ui, sans-serif; }
.bar { display: flex; align-items: center; gap: 8px; margin-bottom: 8px; padding: 4px 4px 4px 14px; border-radius: 4px;
  --ink: var(--mui-palette-primary-main, #244C96); border-left: 4px solid var(--ink);
  background: color-mix(in srgb, var(--ink) 12%, transparent); color: var(--panel-on-background-color, inherit); }
.bar p { flex: 1; margin: 0; }
.bar a { color: var(--ink); font-weight: 500; white-space: nowrap; }
.bar button { flex: none; width: 36px; height: 36px; border: none; border-radius: 50%; background: none; color: inherit;
  font: inherit; font-size: 1.2rem; line-height: 1; cursor: pointer; }
.bar button:hover { background: color-mix(in srgb, currentColor 12%, transparent); }
.bar :focus-visible { outline: 2px solid var(--ink); outline-offset: 1px; }
"""


class Happened(NamedTuple):
    """Kind to number of events; ``of_all`` when they could not be narrowed to the dams that are followed."""

    counts: Mapping[str, int]
    of_all: bool = False


def summary(happened: Happened) -> str:
    """What happened, in one sentence, "" for nothing."""
    groups = [f"{n:,} {WORDS[kind][n > 1]}" for kind, n in happened.counts.items() if n]
    if not groups:
        return ""
    return f"Since you were last here: {', '.join(groups)}{' (of all dams)' if happened.of_all else ''}."


class Absence(pn.custom.JSComponent):
    """Says what happened between the newest event kept in the browser and the one the page began with.

    The browser keeps the number of the newest event that its pages have taken in. It only grows, so
    that of two tabs the one that is further counts. A number above ``began`` is of a database that
    was put back to an earlier state, or of a tab that is a moment ahead: this page then begins anew.

    The bar is drawn in the browser: Bokeh 3.9 warns "reference already known" of a click on a button
    that came after the page.
    """

    log = param.String(doc="What tells this database's log from another's at the same address.")
    began = param.Integer(default=0, doc="Number of the newest event when the page was built.")
    kept = param.Integer(default=-1, bounds=(-1, None), doc="What was kept when the page opened, -1 for nothing.")
    loads = param.Integer(default=0, doc="How often the browser's number has arrived.")
    arrived = param.Boolean(doc="The browser's number is here, and the page has loaded.")
    words = param.String(doc="What is said, as text; empty for nothing.")
    seen = param.Integer(default=-1, doc="The newest event this page has taken in.")

    _esm = """
    export function render({ model }) {
      const key = `dams.seen.${model.log}`
      const read = () => {
        const text = localStorage.getItem(key) ?? ""
        return /^[0-9]{1,15}$/.test(text) ? Number(text) : -1
      }
      const make = (tag, properties) => Object.assign(document.createElement(tag), properties)
      const root = make("div", { role: "status" })
      const say = () => {
        root.replaceChildren()
        if (!model.words) return
        const bar = make("div", { className: "bar" }), text = make("p"), close = make("button", { textContent: "✕" })
        const link = make("a", { href: `activity?after=${model.kept}`, textContent: "See them" })
        close.setAttribute("aria-label", "Close")
        close.onclick = () => root.replaceChildren()
        text.append(make("span", { textContent: model.words }), " ", link)
        bar.append(text, close)
        root.append(bar)
      }
      if (model.seen < 0) {
        if (read() > model.began) localStorage.removeItem(key)
        model.kept = read()
        model.loads = model.loads + 1
      }
      model.on("words", say)
      model.on("seen", () => { if (model.seen > read()) localStorage.setItem(key, String(model.seen)) })
      say()
      return root
    }
    """

    def __init__(self, count: Callable[[int], Happened], **params):
        """``count`` gives what happened after a number."""
        super().__init__(**{"sizing_mode": "stretch_width", "margin": 0, "stylesheets": [_BAR]} | params)
        self._count, self._cursor, self._told = count, self.began, False
        self.param.watch(lambda _: pn.state.onload(self._arrive), "loads")

    def _arrive(self) -> None:
        self.arrived = True

    def tell(self) -> None:
        """Say it, once; only then the browser's number moves on."""
        if self._told:
            return
        self._told = True
        words = summary(self._count(self.kept)) if 0 <= self.kept < self.began else ""
        self.param.update(words=words, seen=self._cursor)

    def move(self, cursor: int) -> int:
        """The page has taken in all events up to ``cursor``. Gives the number to be kept now, with the news.

        It is -1 while what happened before is not told yet.
        """
        self._cursor = cursor
        return cursor if self._told else -1
