"""The box "Dam Notification" on the page, and the short way on which news reach it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import panel as pn
import param
from bokeh.models import CustomJS
from bokeh.models.annotations import Title

_LOOK = """
dialog { width: min(520px, calc(100vw - 32px)); box-sizing: border-box; max-height: 80vh; padding: 18px 22px 14px;
  border: none; border-radius: 8px; box-shadow: 0 10px 40px rgba(0, 0, 0, 0.45);
  background: var(--panel-surface-color, #fff); color: var(--panel-on-surface-color, #222);
  font: 400 15px/1.5 Roboto, system-ui, sans-serif; }
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: rgba(0, 0, 0, 0.45); }
h2 { font-size: 1.2rem; font-weight: 600; margin: 0 0 6px; }
p { margin: 0 0 6px; }
ul { overflow: auto; margin: 0; padding-left: 22px; overflow-wrap: anywhere; }
.row { display: flex; justify-content: flex-end; gap: 8px; margin-top: 14px; flex: none; }
button { font: 500 14px/1.2 Roboto, system-ui, sans-serif; padding: 9px 16px; border-radius: 6px; cursor: pointer;
  border: none; background: none; color: var(--mui-palette-primary-main, #244C96); }
button.first { background: var(--mui-palette-primary-main, #244C96);
  color: var(--mui-palette-primary-contrastText, #fff); }
button:hover { filter: brightness(1.12); }
button:focus-visible { outline: 2px solid #6ea0ff; outline-offset: 2px; }
"""
_TAKE = "box.setv({ news: cb_obj.text }, { sync: false })"


class NoticeDialog(pn.custom.JSComponent):
    """Shows what ``put`` was given; ``answered(act, last)`` hears "refresh" or "dismiss" and the newest event shown.

    An event reaches hundreds of open pages at once, so its way is short: one string of one Bokeh
    model, which costs a tenth of a change of a Panel component, carries all that is shown.
    """

    log = param.String(doc="What tells this database's log from another's at the same address.")
    news = param.String(doc="What is shown and kept, JSON: told {summary, lines, more, last} or null, seen.")

    _esm = Path(__file__).with_name("notice_dialog.js")

    def __init__(self, answered: Callable[[str, int], None], **params):
        super().__init__(**{"width": 0, "height": 0, "margin": 0, "stylesheets": [_LOOK]} | params)
        self._answered = answered
        self._wire = Title(visible=False)  # any model with a text; it is drawn nowhere

    def put(self, told: str, seen: int) -> None:
        """``told`` is JSON, "null" to close the box; ``seen`` (-1: none) is kept in the browser if it is the newest.

        To be called with the document's lock, as a tick has it.
        """
        self._wire.text = f'{{"told": {told}, "seen": {seen}}}'

    def _get_model(self, *args: Any, **options: Any) -> Any:
        model: Any = super()._get_model(*args, **options)
        self._wire.js_on_change("text", CustomJS(args={"box": model.data}, code=_TAKE))
        model.tags = [*model.tags, self._wire]  # makes it part of the document
        return model

    def _handle_msg(self, message: Any) -> None:
        match message:
            case {"act": "refresh" | "dismiss" as act, "last": int(last)}:
                self._answered(act, last)


def as_told(summary: str, lines: list[str], more: int, last: int) -> str:
    """What ``put`` takes."""
    return json.dumps({"summary": summary, "lines": lines, "more": more, "last": last})
