"""The line that says which dams an overview counts, with the ways to them."""

from components import ways
from components.plain import plain
from data.inventory import Filter

#: The style sheet of ``links_to``.
LOOK = """
:host { font: 400 0.92rem/1.6 Roboto, system-ui, sans-serif; color: var(--panel-on-surface-color, #222); }
p, nav { display: inline; margin: 0; overflow-wrap: anywhere; } b { font-weight: 650; }
a { color: var(--mui-palette-primary-main, #244C96); font-weight: 500; margin-left: 12px; white-space: nowrap; }
"""


def line(wanted: Filter) -> str:
    """HTML: the words of the filter, and links to the same dams in the table, on the map and as files."""
    query = wanted.query()
    words = f"<b>Only</b> {plain('; '.join(wanted.words()), role='status')}" if wanted else (
        f"{plain('Every dam of the inventory.', role='status')}"
    )  # fmt: skip
    addresses = {"In the table": ways.page("dams", query), "On the map": ways.page("map", query)} | ways.exports(query)
    links = "".join(plain(label, "a", href=address) for label, address in addresses.items())
    return f'{words}<nav aria-label="These dams">{links}</nav>'
