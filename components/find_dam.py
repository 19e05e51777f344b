"""A field that finds a dam by what is typed."""

from collections.abc import Callable

import pandas as pd
import panel_material_ui as pmui
import param

from components.dam_card import NOT_GIVEN
from components.plain import plain_label


class FindDam(pmui.AutocompleteInput):
    """Offers what ``find(text)`` gives (a DAMS frame) as it is typed, and sets ``found`` to the dam_id chosen."""

    found = param.Integer(default=None, allow_None=True, doc="dam_id of the dam that was chosen.")

    _rename = {"found": None}  # noqa: RUF012

    def __init__(self, find: Callable[[str], pd.DataFrame], **params):
        self._find = find
        self._choices: dict[str, int] = {}
        given = {"lazy_search": True, "min_characters": 1, "case_sensitive": False, "search_strategy": "includes"}
        super().__init__(**given | {"label": "Find a dam", "size": "small"} | params)
        self.param.watch(lambda event: self.param.update(found=self._choices.get(event.new)), "value")

    def _filter_options(self, query: str, *_: object) -> list[str]:
        """pmui 0.16.6 asks here, at the server, what fits ``query``; its own answer holds every option in memory."""
        if not query.strip():
            return []
        if query in self._choices:  # one of them was chosen, which fills the field
            return [query]
        query = query[:200]
        self._choices = labels(self._find(query), query)
        self.options = list(self._choices)
        return self.options


def labels(dams: pd.DataFrame, typed: str = "") -> dict[str, int]:
    """Words to tell each dam by, to its dam_id: name, river, state and NID ID, and the number where two are alike.

    What was ``typed`` is said of a dam that was found by other words: the browser leaves out what does not hold it.
    """
    words = dams["name"].replace("", NOT_GIVEN)
    for column in ("river", "state", "nid_id"):
        words = words + (", " + dams[column]).replace(", ", "")
    alike = words.duplicated(keep=False)
    words = words.where(~alike, words + " (no. " + dams.index.astype(str) + ")")
    said = pd.Series([typed.lower() in word.lower() for word in words], index=words.index, dtype="bool")
    words = words.where(said, words + f" · for “{typed}”")
    return dict(zip(map(plain_label, words), map(int, dams.index), strict=True))
