"""A button that chooses one file, with the file's name beside it."""

from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import panel as pn
import param

_LOOK = """
:host { width: 100%; font: 400 15px/1.4 Roboto, system-ui, sans-serif; }
.zone { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; padding: 10px; border-radius: 6px;
  border: 1px dashed color-mix(in srgb, currentColor 35%, transparent); }
.zone.over { background: color-mix(in srgb, currentColor 8%, transparent); }
label { position: relative; padding: 8px 14px; border-radius: 6px; cursor: pointer; font-weight: 500;
  border: 1px solid var(--mui-palette-primary-main, #244C96); color: var(--mui-palette-primary-main, #244C96); }
label:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
label:focus-within { outline: 2px solid #6ea0ff; outline-offset: 1px; }
input { position: absolute; inset: 0; opacity: 0; cursor: pointer; font-size: 0; }
span { overflow-wrap: anywhere; }
"""


class ChosenFile(NamedTuple):
    """A file as the browser handed it over; ``content`` is None when it is above the limit and was not sent."""

    name: str
    size: int  # bytes
    content: bytes | None


class FileChoice(pn.custom.JSComponent):
    """Chooses one file, by button or by dropping it, and hands it over in ``chosen``.

    An empty file is handed over too: pmui 0.16 and Panel 1.9 say nothing of it. What is above the
    limit stays in the browser, which would lose its connection over it. Name, size and content come
    from a browser: the size is counted again here.
    """

    label = param.String(default="Choose file", doc="The button's words.")
    accept = param.String(default="", doc="What the browser offers first, such as .csv; nothing is refused by it.")
    limit_bytes = param.Integer(default=20_000_000, bounds=(0, None), doc="Larger files are named and not sent.")
    pack = param.Boolean(
        default=False, doc="The browser packs the file (gzip) before it is sent; the limit is of that."
    )
    file_name = param.String(doc="The name of the file that the browser shows as chosen.")
    cleared = param.Integer(default=0, doc="Counts how often the choice was taken back.")
    chosen = param.ClassSelector(default=None, class_=ChosenFile, doc="The file chosen last.")

    _rename: ClassVar = {"chosen": None}
    _esm = Path(__file__).with_name("file_choice.js")

    def __init__(self, **params):
        super().__init__(stylesheets=[_LOOK], **params)

    def clear(self) -> None:
        """Take the choice back; the button stays and keeps the focus."""
        self.chosen = None
        self.file_name = ""
        self.cleared += 1

    def _handle_msg(self, message: Any) -> None:
        match message:
            case {"name": str(name), "content": bytes(content)}:
                kept = content if len(content) <= self.limit_bytes else None
                self.chosen = ChosenFile(name, len(content), kept)
            case {"name": str(name), "size": int(size)}:
                self.chosen = ChosenFile(name, size, None)
