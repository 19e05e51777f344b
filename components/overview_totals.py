"""The numbers at the top of an overview, each with what must be said with it."""

from components.plain import plain
from data.frames import OverviewTotals

#: The style sheet of ``totals``.
LOOK = """
:host { font: 400 0.9rem/1.45 Roboto, system-ui, sans-serif; color: var(--panel-on-surface-color, #222); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 8px; margin: 0 0 6px; }
dl div { border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: 6px; padding: 8px 10px; }
dt { font-size: 0.84rem; opacity: 0.85; }
dd { margin: 2px 0 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; }
dd small { display: block; font-size: 0.82rem; font-weight: 400; line-height: 1.4; overflow-wrap: anywhere; }
p { margin: 0; font-size: 0.82rem; opacity: 0.85; }
"""
HOW = (
    "Counted from the dams that the filter asks for, as the inventory has them now. With an action plan: those whose "
    "source says Yes. Storage: the sum of NID storage (the larger of maximum and normal storage) of the dams that give "
    "it; one that gives none is left out and is not 0."
)


def totals(found: OverviewTotals) -> str:
    """HTML, for use with ``LOOK``."""
    rows = "".join(
        f"<div>{plain(term, 'dt')}<dd>{plain(value, 'span')}{plain(more, 'small')}</dd></div>"
        for term, value, more in _rows(found)
    )
    return f"<dl>{rows}</dl>{plain(HOW)}"


def _rows(found: OverviewTotals) -> list[tuple[str, str, str]]:
    of = "in the inventory" if found.dams == found.every else f"of {found.every:,} in the inventory"
    storage = "not given" if found.storage_acre_ft is None else f"{found.storage_acre_ft:,.0f} acre-ft"
    return [
        ("Dams", f"{found.dams:,}", of),
        ("High hazard potential", f"{found.high:,}", _share(found.high, found.dams)),
        ("With an emergency action plan", f"{found.eap:,}", _share(found.eap, found.dams)),
        ("Without a place", f"{found.without_place:,}", "in the table, not on the map"),
        ("NID storage", storage, _storage(found)),
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%} of these dams".replace("%", "\u00a0%") if whole else "of no dam"


def _storage(found: OverviewTotals) -> str:
    given = f"given for {found.with_storage:,} of {found.dams:,} dams"
    if not found.huge or not found.storage_acre_ft:
        return given
    names = ", ".join(dict.fromkeys(name or "a dam without a name" for name, _ in found.huge))
    held = sum(number for _, number in found.huge)
    records = f"{len(found.huge)} records" if len(found.huge) > 1 else "1 record"
    return (
        f"{given}; {held / found.storage_acre_ft:.0%} of it is {records} of more than any reservoir of the country "
        f"holds, such as all of a Great Lake ({names}): {found.storage_acre_ft - held:,.0f} without"
    ).replace("%", "\u00a0%")
