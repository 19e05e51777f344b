"""Facts in a plain table, which nobody acts on."""

from collections.abc import Iterable, Sequence

import panel as pn

from components.plain import plain, wrapped

_LOOK = """
table { width: 100%; border-collapse: collapse; font: 400 14px/1.4 Roboto, system-ui, sans-serif; }
caption { text-align: left; font-weight: 600; font-size: 1.05rem; padding: 6px 0; }
th, td { text-align: left; vertical-align: top; padding: 6px 8px; overflow-wrap: break-word;
  border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
td:nth-child(2) { overflow-wrap: anywhere; }
tbody th { font-weight: 500; } thead th { font-weight: 600; }
@media (max-width: 700px) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr, tbody th, td { display: block; border: none; padding: 1px 4px; }
  tbody th { font-weight: 600; }
  tr { padding: 8px 0; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
}
"""


def facts_table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], **params) -> pn.pane.HTML:
    """A table of text; the first cell of each row is its head."""
    return pn.pane.HTML(facts_html(caption, heads, rows), stylesheets=[_LOOK], sizing_mode="stretch_width", **params)


def facts_html(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The table's HTML, for a pane of ``facts_table``."""
    head = wrapped("".join(plain(words, "th", scope="col") for words in heads), "tr")
    body = "".join(_row(row) for row in rows)
    return wrapped(plain(caption, "caption") + wrapped(head, "thead") + wrapped(body, "tbody"), "table")


def _row(cells: Sequence[str]) -> str:
    rest = "".join(plain(cell, "td") for cell in cells[1:])
    return wrapped(plain(cells[0], "th", scope="row") + rest, "tr")
