"""The form of a user: to add one, and to change one."""

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from components.box_form import BoxForm
from components.plain import plain, plain_label
from components.sending import Send
from components.server_search import Find
from components.text_choice import TextChoice
from data.commands import AddUser, ChangeUser

_HINT = "p { margin: 10px 2px 0; font-size: 0.85rem; line-height: 1.45; opacity: 0.85; }"
_WIDE = {"sizing_mode": "stretch_width", "margin": (8, 0)}


class UserForm(BoxForm):
    """A box that collects one AddUser or ChangeUser."""

    roles = param.List(default=[], doc="Roles, as ``reads.roles`` gives them.")

    def __init__(
        self,
        send: Send,
        *,
        states: Find,
        owners: Find,
        done: Callable[[AddUser], None],
        closed: Callable[[], None] = lambda: None,
        **params,
    ):
        self._changed: Mapping[str, Any] | None = None  # the user who is changed, as the box was opened
        self._name = pmui.TextInput(label="Name", **_WIDE)
        self._role = pmui.Select(label="Role", options={}, **_WIDE)
        self._states = TextChoice(states, "Only dams in these states")
        self._owners = TextChoice(owners, "Only dams of these owners")
        self._max_dams = pmui.TextInput(label="Most dams", placeholder="As the settings say", **_WIDE)
        self._max_mb = pmui.TextInput(
            label="Most MB of hydrographs and series", placeholder="As the settings say", **_WIDE
        )
        self._disabled = pmui.Checkbox(label="Disabled: may do nothing, and is signed out", margin=(8, 0))
        hint = pn.pane.HTML(plain("Without a choice the rights are for every dam."), stylesheets=[_HINT], margin=0)
        scope = (hint, self._states, self._owners, self._max_dams, self._max_mb, self._disabled)
        self._fields = {"name": self._name, "role_name": self._role, "max_dams": self._max_dams,
                        "max_bytes": self._max_mb}  # fmt: skip
        super().__init__(send, self._name, self._role, *scope, done=done, closed=closed, **params)
        self._fill({})

    def add(self) -> None:
        """Open the box for a new user, with what was typed there and not saved."""
        if self._changed is not None:
            self._fill({})
        self._open("Add a User", None)

    def change(self, user: Mapping[str, Any]) -> None:
        """Open the box with a user of ``reads.users``."""
        self._fill(user)
        self._open("Change a User", user)

    def _open(self, title: str, changed: Mapping[str, Any] | None) -> None:
        self._changed, self.problems = changed, {}
        names, fresh = [role["name"] for role in self.roles], not self._role.options
        self._role.options = {plain_label(name): name for name in names}
        if fresh:  # a select takes the first by itself, which is the administrators' role
            self._role.value = "diviewer" if "diviewer" in names else names[-1]
        self._name.disabled = changed is not None
        self._dialog.param.update(title=title, open=True)

    def _fill(self, user: Mapping[str, Any]) -> None:
        mb = user.get("max_bytes")
        self._name.value = user.get("name", "")
        if user:
            self._role.options = {plain_label(role["name"]): role["name"] for role in self.roles}
            self._role.value = user["role_name"]
        else:
            self._role.options = {}
        self._states.value, self._owners.value = list(user.get("states", [])), list(user.get("owners", []))
        self._max_dams.value = "" if user.get("max_dams") is None else str(user["max_dams"])
        self._max_mb.value = "" if mb is None else f"{mb / 1e6:.12g}"
        self._disabled.value = bool(user.get("disabled"))

    def _command(self) -> AddUser:
        typed: dict[str, Any] = {
            "role_name": self._role.value,
            "states": tuple(self._states.value),
            "owners": tuple(self._owners.value),
            "max_dams": self._max_dams.value,
            "max_mb": self._max_mb.value,
            "disabled": self._disabled.value,
        }
        if self._changed is None:
            return AddUser.typed(name=self._name.value.strip(), **typed)
        return ChangeUser.typed(name=self._changed["name"], was=self._changed, **typed)

    def _taken(self) -> None:
        self._fill({})

    def _show_beside(self) -> None:
        for name, widget in self._fields.items():
            sentence = self.problems.get(name, "")
            widget.param.update(error_state=bool(sentence), helper_text=plain_label(sentence))
        for name, choice in (("states", self._states), ("owners", self._owners)):
            choice.tell(self.problems.get(name, ""))
