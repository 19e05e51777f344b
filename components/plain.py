"""Text is text: the one way from a string of unknown origin to the screen.

Panel and pmui interpret strings in many places (Markdown, HTML, Alert, Typography, card titles).
Text from a user or a file goes through here, or into a property known to escape by itself.
"""

import html
import re
from collections.abc import Mapping

import panel as pn
from bokeh.models import PlainText


def plain(text: str, tag: str = "p", css_class: str = "", **attributes: str) -> str:
    """One HTML element that shows ``text`` as it is; ``attributes`` are escaped too.

    ``aria_live="polite"`` gives ``aria-live="polite"``. ``tag`` and ``css_class`` are ours, never a user's.
    """
    return wrapped(html.escape(text), tag, css_class, **attributes)


def wrapped(inner: str, tag: str, css_class: str = "", **attributes: str) -> str:
    """One HTML element around HTML that was made here; the rest as in ``plain``."""
    if css_class:
        attributes["class"] = css_class
    inside = "".join(f' {name.replace("_", "-")}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{inside}>{inner}</{tag}>"


def plain_pane(text: str, tag: str = "p", css_class: str = "", **params) -> pn.pane.HTML:
    """A pane that shows ``text`` as it is."""
    return pn.pane.HTML(plain(text, tag, css_class), **params)


def plain_label(text: str) -> str:
    """``text`` for a label, an option or a hint of pmui, where 0.16 draws ":material/name:" as an icon.

    A space of no width parts what would be one.
    """
    return text.replace(":material/", ":\u200bmaterial/")


def plain_words(text: str) -> str | PlainText:
    """``text`` for an axis of a figure: BokehJS sets a string with $$, \\( or \\[ as TeX.

    A model costs more than a string, so that only what needs one gets one.
    """
    return PlainText(text=text) if "$$" in text or "\\" in text else text


def plain_title(text: str) -> str:
    """``text`` for the title of a HoloViews plot.

    BokehJS 3.9 takes ``$$…$$``, ``\\[…\\]`` and ``\\(…\\)`` for TeX: a space of no width parts them. HoloViews
    1.23 calls ``str.format`` on a title: braces are doubled.
    """
    return re.sub(r"(\$|\\)(?=[$\[(])", "\\1\u200b", text).replace("{", "{{").replace("}", "}}")


_LINKS = """
:host { font: 400 15px/1.5 Roboto, system-ui, sans-serif; }
a { color: var(--mui-palette-primary-main, #244C96); font-weight: 500; }
"""


def links(addresses: Mapping[str, str], **params) -> pn.pane.HTML:
    """Words to addresses (ours, never a user's), in a row."""
    row = " · ".join(plain(words, "a", href=address) for words, address in addresses.items())
    return pn.pane.HTML(row, stylesheets=[_LINKS], **params)
