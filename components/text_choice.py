"""Several names out of many, such as states or owners."""

import panel as pn
import panel_material_ui as pmui
import param

from components.plain import plain_label
from components.server_search import Find, ServerSearch


class TextChoice(pn.viewable.Viewer):
    """A list to add from, and what was added, each with a box to take it off again."""

    value = param.List(default=[], item_type=str, doc="What is chosen, in the order of choice.")

    def __init__(self, find: Find, label: str, **params):
        super().__init__(**params)
        self._find = ServerSearch(find, label=plain_label(label), sizing_mode="stretch_width", margin=(8, 0))
        self._chosen = pmui.CheckBoxGroup(label="Chosen", sizing_mode="stretch_width", margin=0)
        self._list()
        self._find.param.watch(self._add, "value")
        self._chosen.param.watch(lambda event: setattr(self, "value", list(event.new)), "value")

    def tell(self, sentence: str) -> None:
        """Show a refusal under the field, "" for none."""
        self._find.param.update(error_state=bool(sentence), helper_text=plain_label(sentence))

    @param.depends("value", watch=True)
    def _list(self) -> None:
        options = {plain_label(name): name for name in self.value}
        self._chosen.param.update(options=options, value=list(self.value), visible=bool(options))

    def _add(self, event: param.parameterized.Event) -> None:
        if event.new:
            self.value = list(dict.fromkeys([*self.value, str(event.new)]))
            self._find.value = None

    def __panel__(self):
        return pn.Column(self._find, self._chosen, sizing_mode="stretch_width", margin=0)
