"""Several dams, chosen by name."""

import panel as pn
import panel_material_ui as pmui
import param

from components.plain import plain_label
from components.server_search import Find, ServerSearch


class DamChoice(pn.viewable.Viewer):
    """A list to choose from, and the chosen ones, each with a box to take it off again.

    ``find(search="", limit=)`` gives label to dam_id, ``find(among=)`` the labels of some.
    """

    value = param.List(default=[], item_type=int, doc="dam_id of the chosen dams, in the order of choice.")

    def __init__(self, find: Find, *, most: int, **params):
        super().__init__(**params)
        self._most, self._named = most, find
        self._find = ServerSearch(find, label="Add a dam", sizing_mode="stretch_width", margin=(8, 0))
        self._labels = {dam_id: words for words, dam_id in self._find.options.items()}
        self._chosen = pmui.CheckBoxGroup(label="Chosen", sizing_mode="stretch_width", margin=0)
        self._list()
        self._find.param.watch(self._add, "value")
        self._chosen.param.watch(self._take_off, "value")

    def _list(self) -> None:
        """Show what is chosen; what was taken off stays listed, to be ticked again."""
        ids = list(dict.fromkeys([*self._chosen.options.values(), *self.value] if self._chosen.options else self.value))
        unnamed = [dam_id for dam_id in ids if dam_id not in self._labels]
        if unnamed and self._find.searched:
            self._labels |= {dam_id: words for words, dam_id in self._named(among=unnamed).items()}
        gone = "Dam {}, no longer in the inventory"
        options = {plain_label(self._labels.get(dam_id, gone.format(dam_id))): dam_id for dam_id in ids}
        self._chosen.param.update(options=options, value=list(self.value), visible=bool(options))

    def _add(self, event: param.parameterized.Event) -> None:
        if event.new is None:
            return
        full = len(self.value) >= self._most and event.new not in self.value
        if not full:
            self._labels[event.new] = self._find.label_of(event.new)
            self.value = list(dict.fromkeys([*self.value, event.new]))
            self._list()
        told = f"At most {self._most:,} dams can be chosen." if full else ""
        self._find.param.update(value=None, error_state=full, helper_text=told)

    def _take_off(self, event: param.parameterized.Event) -> None:
        self.value = list(event.new)

    def __panel__(self):
        return pn.Column(self._find, self._chosen, sizing_mode="stretch_width", margin=0)
