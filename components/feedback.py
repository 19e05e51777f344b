"""Empty, refused, failed and done: drawn the same everywhere; loading is the bar of ``dashboard/shell.py``.

Each is a short sentence in a coloured bar that a screen reader announces.
"""

from collections.abc import Mapping

import panel as pn

from components.plain import plain

_BAR = """
p { margin: 0; padding: 10px 14px; border-left: 4px solid var(--edge); border-radius: 4px;
    background: color-mix(in srgb, var(--edge) 12%, transparent); font-size: 0.95rem; line-height: 1.45; }
p + p { margin-top: 6px; }
.empty { --edge: #6b7785; } .refused { --edge: #b45309; }
.failed { --edge: #b2182b; } .done { --edge: #1b7f4b; } .note { --edge: #244C96; }
"""


def bar(kind: str, *sentences: str, **params) -> pn.pane.HTML:
    """Sentences as text in a bar. ``kind``: empty, note, done, refused or failed."""
    role = "alert" if kind in ("refused", "failed") else "status"
    body = "".join(plain(sentence, "p", kind) for sentence in sentences)
    return pn.pane.HTML(
        f'<div role="{role}">{body}</div>',
        stylesheets=[_BAR],
        css_classes=[f"feedback-{kind}"],
        sizing_mode="stretch_width",
        **params,
    )


def empty(sentence: str) -> pn.pane.HTML:
    """Nothing to show, and what would change that."""
    return bar("empty", sentence)


def refused(*sentences: str) -> pn.pane.HTML:
    """The input was not taken; what was typed stays."""
    return bar("refused", *sentences)


def problems(found: Mapping[str, str]) -> list[pn.pane.HTML]:
    """What is said above a form that was refused: the sentence for the whole; those of fields stand beside them."""
    whole = [found[""]] if found.get("") else []
    words = [*whole, *(["Please fix errors."] if any(found) else [])]
    return [refused(*words)] if words else []


def failed(sentence: str = "That did not work, and nothing was changed. Please try again.") -> pn.pane.HTML:
    """A fault of ours, in one line; the log has the rest."""
    return bar("failed", sentence)


def storing() -> pn.pane.HTML:
    """A command is under way; its answer takes this one's place."""
    return bar("note", "Storing …")


def done(sentence: str) -> pn.pane.HTML:
    """What was asked has happened."""
    return bar("done", sentence)
