"""A field to choose from many things of which the browser holds few."""

from collections.abc import Callable, Mapping
from typing import Any

import panel_material_ui as pmui

from components.plain import plain_label

LISTED = 500  #: Up to so many are listed at once; more are searched on the server, from two characters on.
FOUND = 50  #: Most that a search offers.
KEPT = 500  #: Offers that are remembered: one may be chosen when the next search is under way.

#: ``find(search="", limit=)`` gives label to value, the best first.
Find = Callable[..., Mapping[str, Any]]


class ServerSearch(pmui.AutocompleteInput):
    """Offers what ``find`` gives, all of it or what fits the text that is typed."""

    def __init__(self, find: Find, value: Any = None, **params):
        self._find, self._many = find, False
        given = {"search_strategy": "includes", "case_sensitive": False, "min_characters": 0}
        super().__init__(**given | params)
        self.relist(value)

    def relist(self, value: Any = None, known: Mapping[str, Any] | None = None) -> None:
        """Ask anew what there is, and choose ``value`` if it is there; ``known`` is its label, should there be many."""
        listed = _safe(self._find(limit=LISTED + 1))
        self._many = len(listed) > LISTED
        options = _safe(known or {}) if self._many else listed
        self.param.update(
            options=options,
            value=value if value in options.values() or not self.restrict else None,
            lazy_search=self._many,
            min_characters=2 if self._many else 0,
            placeholder="Type two letters" if self._many else "",
        )

    @property
    def searched(self) -> bool:
        """Whether there are too many to list."""
        return self._many

    def label_of(self, value: Any) -> str:
        """The label of a value that was offered, "" of any other."""
        return next((label for label, known in self.options.items() if known == value), "")

    def _filter_options(self, query: str, *options: Any) -> list[str]:
        """pmui 0.16.6 asks here, on the server, what fits ``query``."""
        if not self._many:
            return super()._filter_options(query, *options)
        if len(query.strip()) < self.min_characters:
            return []
        found = _safe(self._find(search=query[:200], limit=FOUND))
        others = {label: value for label, value in self.options.items() if label not in found}
        chosen = {label: value for label, value in others.items() if value == self.value}
        self.options = chosen | dict(list(others.items())[-KEPT:]) | found
        return list(found)


def _safe(found: Mapping[str, Any]) -> dict[str, Any]:
    return {plain_label(words): value for words, value in found.items()}
