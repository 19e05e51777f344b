"""What floats on a map or stands below it."""

from collections.abc import Callable, Mapping

import panel as pn
import panel_material_ui as pmui

from components.plain import plain, wrapped

#: A card that floats on a map.
FLOATING = {
    "background": "var(--panel-surface-color, #fff)",
    "color": "var(--panel-on-surface-color, #222)",
    "border-radius": "8px",
    "box-shadow": "0 1px 6px rgba(0, 0, 0, 0.35)",
    "z-index": "5",
}

LEGEND = """
:host { font-size: 0.86rem; line-height: 1.5; color: var(--panel-on-surface-color, #222); }
ul { display: inline-flex; flex-wrap: wrap; gap: 0 14px; list-style: none; margin: 0 14px 0 0; padding: 0;
  vertical-align: top; }
li { display: inline-flex; align-items: center; gap: 6px; white-space: nowrap; }
i { width: 11px; height: 11px; border-radius: 50%; background: var(--dot); border: 1px solid #fff; flex: none; }
p { display: inline; margin: 0; opacity: 0.8; }
"""


def zoom_buttons(zoom: Callable[[float], None], home: Callable[[], None]) -> pn.Column:
    """Buttons for the top right corner: the wheel's job, for the keyboard. ``zoom`` takes a factor."""
    actions = (
        ("Zoom in", "add", lambda _: zoom(0.5)),
        ("Zoom out", "remove", lambda _: zoom(2.0)),
        ("Show all", "home", lambda _: home()),
    )
    buttons = [
        pmui.IconButton(icon=icon, description=words, size="small", margin=0, width=36, on_click=act)
        for words, icon, act in actions
    ]
    return pn.Column(*buttons, styles={"position": "absolute", "top": "10px", "right": "10px"} | FLOATING, margin=0)


def legend(title: str, colours: Mapping[str, str], meaning: str) -> str:
    """What each colour means, in words, as HTML for the style LEGEND; ``colours`` maps label to colour."""
    dot = '<li><i style="--dot: {}"></i>{}</li>'
    items = "".join(dot.format(colour, plain(label, "span")) for label, colour in colours.items())
    return (wrapped(items, "ul", aria_label=title) if items else "") + (plain(meaning) if meaning else "")


def drawn_words(drawn: int, in_view: int, without_place: int) -> str:
    """How many dams of those in view are drawn, and where the others are."""
    sentence = f"{drawn:,} of {in_view:,} dams drawn in this view"
    if drawn < in_view:
        sentence += ", zoom in for the others"
    if without_place:
        has, is_ = ("dam has", "is") if without_place == 1 else ("dams have", "are")
        sentence += f". {without_place:,} {has} no place and {is_} not on the map"
    return f"{sentence}."
