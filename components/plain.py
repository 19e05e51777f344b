"""Text is text: the one way from a string of unknown origin to the screen.

Panel and pmui interpret strings in many places (Markdown, HTML, Alert, Typography, card titles).
Text from a user or a file goes through here, or into a property known to escape by itself.
"""

import html
from collections.abc import Mapping

import panel as pn


def plain(text: str, tag: str = "p", css_class: str = "", **attributes: str) -> str:
    """One HTML element that shows ``text`` as it is; ``attributes`` are escaped too.

    ``aria_live="polite"`` gives ``aria-live="polite"``. ``tag`` and ``css_class`` are ours, never a user's.
    """
    if css_class:
        attributes["class"] = css_class
    inside = "".join(f' {name.replace("_", "-")}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{inside}>{html.escape(text)}</{tag}>"


def plain_pane(text: str, tag: str = "p", css_class: str = "", **params) -> pn.pane.HTML:
    """A pane that shows ``text`` as it is."""
    return pn.pane.HTML(plain(text, tag, css_class), **params)


_LINKS = """
:host { font: 400 15px/1.5 Roboto, system-ui, sans-serif; }
a { color: var(--mui-palette-primary-main, #244C96); font-weight: 500; }
"""


def links(addresses: Mapping[str, str], **params) -> pn.pane.HTML:
    """Words to addresses (ours, never a user's), in a row."""
    row = " · ".join(plain(words, "a", href=address) for words, address in addresses.items())
    return pn.pane.HTML(row, stylesheets=[_LINKS], **params)
