"""A result as a runnable Python script, with its data in it, that gives the same digits."""

import base64
import textwrap
from collections.abc import Mapping

from data import series_points
from data.provenance import How
from data.series import Series

_HEAD = '''"""{title}

Made by Dam Inventory {version}. Method: {method}
Source: {source}
Run it with the Python of a checkout: .venv/bin/python {file_name}
"""

import base64
import json

from data import series_points
from data.series import About, Series

#: Times (UTC), values and flags, as ``data.series_points.pack`` packs them.
POINTS = base64.b64decode("""
{points}
""")

series = Series(About(**{about!r}), series_points.unpack(POINTS))

{body}
'''


def script(title: str, file_name: str, series: Series, how: How, body: str) -> str:
    """``body`` works on ``series`` and prints; ``title`` and what the series says of itself are text, never code."""
    packed = base64.b64encode(series_points.pack(series.points)).decode()
    versions: Mapping[str, str] = how.as_json()["versions"]
    return _HEAD.format(
        title=_text(title),
        version=versions.get("dam-inventory", "?"),
        method=_text(how.method),
        source=_text(how.source),
        file_name=_text(file_name),
        points="\n".join(textwrap.wrap(packed, 110)),
        about={name: str(value) for name, value in vars(series.about).items()},
        body=body.strip(),
    )


def _text(words: str) -> str:
    """Words for a docstring: what could end it is left out."""
    return "".join(c for c in words if c.isprintable() and c not in '"\\')
