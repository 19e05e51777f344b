"""Text that tries to be more than text, each piece with a mark that tells where it was put, and the look for it."""

import re
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlparse

from playwright.sync_api import TimeoutError as PlaywrightTimeout

#: Kind -> the text; ``#`` is its mark. ``hit(#)`` calls a function that a test gives every frame of the page.
PAYLOADS = {
    "script": "</script><script>hit(#)</script>",
    "img": "<img src=qZ# onerror=hit(#)>",
    "svg": "<svg id=qZ# onload=hit(#)>",
    "attribute": 'qZ#" onfocus=hit(#) autofocus tabindex=1 x="',
    "breakout": "'\"--></style></textarea><img src=qZ# onerror=hit(#)>",
    "markdown": "[qZ#](javascript:hit(#)) **qZ#**",
    "iframe": '<iframe id=qZ# srcdoc="<script>hit(#)</script>"></iframe>',
    "template": "{{hit(#)}} @name{safe} $$qZ#$$ :material/qZ#:",
    "formula": '=HYPERLINK("javascript:hit(#)","qZ#")',
}
KINDS = tuple(PAYLOADS)

#: Every root of a page, shadow roots included.
_ROOTS = """
  const roots = [document]
  for (const root of roots) {
    for (const { shadowRoot } of root.querySelectorAll("*")) if (shadowRoot) roots.push(shadowRoot)
  }
"""
#: All the text that a page shows, with what fields hold and what is said to those who do not see.
_TEXT = r"""() => {
  ROOTS
  const texts = [document.title]
  for (const root of roots) {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (!["SCRIPT", "STYLE"].includes(node.parentElement?.tagName)) texts.push(node.data)
    }
    for (const { value } of root.querySelectorAll("input, textarea, select")) texts.push(value)
    for (const { title, ariaLabel } of root.querySelectorAll("[title], [aria-label]")) texts.push(title, ariaLabel)
  }
  return texts.join("\n").replaceAll("\u200b", "").replace(/\s+/g, " ")
}""".replace("ROOTS", _ROOTS)
_ALL_SHOWN = f"(wanted) => {{ const text = ({_TEXT})(); return wanted.every((piece) => text.includes(piece)) }}"
#: What hostile text has become besides text.
MADE = r"""() => {
  ROOTS
  const marked = /qZ\d+|hit\(\d+\)/, made = []
  const ours = (address) => {  // a link of ours may carry the text behind the question mark
    const url = new URL(address, document.baseURI)
    return url.origin === location.origin && !marked.test(decodeURIComponent(url.pathname))
  }
  const attributes = (element) => {
    for (const { name, value } of element.attributes) {
      const acts = /^on|^id$|^class$|^srcdoc$|^style$/.test(name) && marked.test(value)
      const runs = acts || /^\s*javascript:/i.test(value)
      const leads = ["src", "href", "action", "formaction", "data", "xlink:href"].includes(name)
      if (runs || (leads && marked.test(value) && !ours(value))) made.push(`${element.localName} ${name}=${value}`)
    }
  }
  for (const element of roots.flatMap((root) => [...root.querySelectorAll("*")])) {
    const tag = element.localName
    attributes(element)
    if (["iframe", "object", "embed", "mjx-container", "math"].includes(tag)) made.push(element.outerHTML)
    if (tag === "script" && element.type !== "application/json" && /hit\(\d+\)/.test(element.text)) {
      made.push(element.outerHTML)
    }
    const dressed = ["strong", "em", "b"].includes(tag) || element.classList.contains("material-icons")
    if (dressed && marked.test(element.textContent)) made.push(element.outerHTML)
  }
  const managers = new Set([...(globalThis.Bokeh?.index?.roots ?? [])].map((root) => root.owner))
  const views = [...managers].flatMap((manager) => [...manager.query(() => true)])
  for (const part of views.flatMap((view) => Object.values(view))) {  // texts of a figure, each alone or in a map
    for (const text of part instanceof Map ? part.values() : [part]) {
      if (["TeX", "MathML", "Ascii"].includes(text?.model?.type)) made.push(`a figure's TeX: ${text.model.text}`)
    }
  }
  return made
}""".replace("ROOTS", _ROOTS)


class Marks:
    """Makes the pieces, and knows where each was put."""

    def __init__(self) -> None:
        self.where: dict[int, str] = {}
        self.text: dict[int, str] = {}

    def put(self, kind: str, where: str) -> str:
        """A new piece of ``kind`` that goes to ``where``."""
        number = len(self.where) + 1
        self.where[number] = f"{kind} in {where}"
        self.text[number] = PAYLOADS[kind].replace("#", str(number))
        return self.text[number]

    def every(self, where: str) -> list[str]:
        """A new piece of each kind."""
        return [self.put(kind, where) for kind in KINDS]

    def named(self, found: str) -> str:
        """``found`` with the place of each mark in it."""
        marks = dict.fromkeys(map(int, re.findall(r"(?:qZ|hit\()(\d+)", found)))
        return f"{found} -- {', '.join(self.where.get(mark, 'nowhere') for mark in marks)}"


class Watched:
    """A browser's page that notes what hostile text does in it."""

    def __init__(self, page, marks: Marks):
        self.page, self.marks = page, marks
        self.done: list[str] = []
        self._asked = "nothing yet"
        page.expose_binding("hit", lambda _source, mark=0: self._note(f"hit({mark})"))
        page.on("dialog", lambda dialog: (self._note(f"a dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", self._requested)
        page.on("popup", lambda popup: self._note(f"a window: {popup.url}"))

    def _note(self, what: str) -> None:
        self.done.append(self.marks.named(what))

    def goto(self, address: str) -> None:
        """Go to an address, which may itself be hostile."""
        self._asked = address
        self.page.goto(address)

    def _requested(self, request) -> None:
        path = urlparse(request.url).path
        if request.is_navigation_request() and request.url.endswith(self._asked):
            return
        if re.search(r"qZ\d|hit(?:\(|%28)|mathjax", path):
            self._note(f"a request: {request.url}")

    def look(self, shown: Iterable[str] = (), title: str = "") -> str:
        """Nothing has run and nothing is drawn but text; each of ``shown`` is there to be read. Gives all the text."""
        wanted = [_spaced(piece) for piece in shown]
        with suppress(PlaywrightTimeout):  # what is missing is told below
            self.page.wait_for_function(_ALL_SHOWN, arg=wanted, polling=200)
        self.quiet()
        text = self.page.evaluate(_TEXT)
        left = [self.marks.named(piece) for piece in wanted if piece not in text]
        assert not left, "not shown as text: " + "\n".join(left)
        assert title in self.page.title()
        return text

    def quiet(self) -> None:
        """Nothing has run, and nothing is drawn but text."""
        made = [self.marks.named(what) for what in self.page.evaluate(MADE)]
        assert not made, "drawn as more than text: " + "\n".join(made)
        assert not self.done, "run: " + "\n".join(self.done)


def _spaced(text: str) -> str:
    """Spaces as a reader sees them; U+200B, which parts what would be a command, is none."""
    return " ".join(text.replace("\u200b", "").split())
