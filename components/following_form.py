"""The form in which a person chooses about which dams they are told."""

from collections.abc import Sequence

import panel as pn
import panel_material_ui as pmui
import param

from components.area_picker import AreaPicker
from components.dam_choice import DamChoice
from components.following import CHOICES, LONGEST_OWNER, MOST_DAMS, Following
from components.plain import plain
from components.server_search import Find, ServerSearch
from data.states import state_names

_HINT = "p { margin: 4px 2px 0; font-size: 0.85rem; line-height: 1.45; opacity: 0.85; }"
_WIDE = {"sizing_mode": "stretch_width", "margin": (8, 0)}


class FollowingForm(pn.viewable.Viewer):
    """Edits a Following.

    ``dams`` gives label to dam_id and ``owners`` owner to owner, as a ServerSearch asks for them; each is
    asked when first needed.
    """

    def __init__(self, following: Following, dams: Find, owners: Find, **params):
        super().__init__(**params)
        self._following, self._dams, self._owners = following, dams, owners
        self._parts: dict[str, pn.viewable.Viewable | pn.viewable.Viewer] = {}
        mute = pmui.Checkbox.from_param(
            following.param.mute, label="Mute: nothing opens the box", description="", margin=0
        )
        by = pmui.RadioBoxGroup(
            label="Tell me about",
            options={label: choice for choice, label in CHOICES.items()},
            value=following.by,
            margin=(8, 0, 0, 0),
        )
        by.link(following, value="by")
        until = plain("Until you choose here, you are told about all dams.")
        self._until = pn.pane.HTML(until, stylesheets=[_HINT], margin=0)
        self._part = pn.Column(sizing_mode="stretch_width", margin=0)
        self._layout = pn.Column(mute, by, self._part, sizing_mode="stretch_width", margin=0)
        self._show_part()
        following.param.watch(lambda _: self._show_part(), "by")
        following.param.watch(lambda *_: self._say_until(), ["by", "dams", "state", "owner", "area"])

    def _show_part(self) -> None:
        by = self._following.by
        self._part[:] = [] if by == "all" else [self._made(by), self._until]
        self._say_until()

    def _say_until(self) -> None:
        self._until.visible = self._following.tells_of_all

    def _made(self, by: str) -> pn.viewable.Viewable | pn.viewable.Viewer:
        """The widget for one way of choosing, made when it is first asked for."""
        if by not in self._parts:
            self._parts[by] = getattr(self, f"_make_{by}")()
        return self._parts[by]

    def _make_dams(self) -> DamChoice:
        choice = DamChoice(self._dams, most=MOST_DAMS, value=self._following.dams)
        choice.param.watch(lambda event: self._following.param.update(dams=event.new), "value")
        return choice

    def _make_state(self) -> pmui.AutocompleteInput:
        return self._one_of("State", "state", _among(state_names()), restrict=True)

    def _make_owner(self) -> pmui.AutocompleteInput:
        return self._one_of("Owner", "owner", self._owners, restrict=False)

    def _one_of(self, label: str, name: str, options: Find, *, restrict: bool) -> pmui.AutocompleteInput:
        find = ServerSearch(
            options, label=label, value=getattr(self._following, name) or None, restrict=restrict, **_WIDE
        )

        def take(event: param.parameterized.Event) -> None:
            setattr(self._following, name, (event.new or "").strip()[:LONGEST_OWNER])

        find.param.watch(take, "value")
        return find

    def _make_area(self) -> AreaPicker:
        picker = AreaPicker(self._following.area)
        picker.param.watch(lambda event: self._following.param.update(area=event.new), "area")
        return picker

    def __panel__(self):
        return self._layout


def _among(names: Sequence[str]) -> Find:
    return lambda **_: {name: name for name in names}
