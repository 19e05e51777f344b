"""How users and dams are called on the screen."""

from collections.abc import Mapping
from typing import Any

_CALLED = {"": "the program", "setup": "the program", "local": "the local user"}


def called(user_name: str) -> str:
    """The user's name; those that are nobody's get words of their own."""
    return _CALLED.get(user_name, user_name)


def dam_called(name: str) -> str:
    """A dam's name; some sources give none."""
    return name or "Unnamed dam"


def import_counts(body: Mapping[str, Any]) -> str:
    """What an import or its undoing did, of its event's body: "92,766 dams added, 3 changed"."""
    words = ("added", "changed", "removed", "brought_back", "adopted")
    told = [f"{body[word]:,} {_OF_IMPORTS.get(word, word)}" for word in words if body.get(word)]
    if not told:
        return "nothing changed"
    number, _, rest = told[0].partition(" ")
    return ", ".join([f"{number} {'dam' if number == '1' else 'dams'} {rest}", *told[1:]])


_OF_IMPORTS = {"adopted": "that were here given a record", "brought_back": "brought back"}
