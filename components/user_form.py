"""The form of a user: to add one, and to change one."""

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.plain import plain, plain_label
from components.question import answers
from components.sending import Send
from components.server_search import Find
from components.text_choice import TextChoice
from data.commands import AddUser, ChangeUser, Rejected

_HINT = "p { margin: 10px 2px 0; font-size: 0.85rem; line-height: 1.45; opacity: 0.85; }"
_WIDE = {"sizing_mode": "stretch_width", "margin": (8, 0)}


class UserForm(pn.viewable.Viewer):
    """A box that collects one AddUser or ChangeUser; a refusal stands beside its field and what was typed stays.

    ``done(command)`` is called when it was taken, ``closed()`` however the box was closed.
    """

    roles = param.List(default=[], doc="Roles, as ``reads.roles`` gives them.")
    problems = param.Dict(default={}, doc="Field to sentence, from the last refusal.")

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
        self._send, self._done, self._sent = send, done, False
        self._changed: str | None = None  # the user who is changed
        self._name = pmui.TextInput(label="Name", **_WIDE)
        self._role = pmui.Select(label="Role", options={}, **_WIDE)
        self._states = TextChoice(states, "Only dams in these states")
        self._owners = TextChoice(owners, "Only dams of these owners")
        self._max_dams = pmui.TextInput(label="Most dams", placeholder="As the settings say", **_WIDE)
        self._max_mb = pmui.TextInput(
            label="Most MB of hydrographs and series", placeholder="As the settings say", **_WIDE
        )
        self._disabled = pmui.Checkbox(label="Disabled: may do nothing, and is signed out", margin=(8, 0))
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._save = pmui.Button(label="Save", color="primary", on_click=lambda _: self._submit())
        super().__init__(**params)
        self._dialog = pmui.Dialog(
            self._message,
            self._name,
            self._role,
            pn.pane.HTML(plain("Without a choice the rights are for every dam."), stylesheets=[_HINT], margin=0),
            self._states,
            self._owners,
            self._max_dams,
            self._max_mb,
            self._disabled,
            answers(pmui.Button(label="Cancel", variant="text", on_click=lambda _: self._close()), self._save),
            title="User",
            close_on_click=True,
            width_option="sm",
        )
        self._dialog.param.watch(lambda event: None if event.new else closed(), "open")
        self._fields = {"name": self._name, "role_name": self._role, "max_dams": self._max_dams,
                        "max_bytes": self._max_mb}  # fmt: skip
        self._fill({})

    def add(self) -> None:
        """Open the box for a new user, with what was typed there and not saved."""
        if self._changed is not None:
            self._fill({})
        self._open("Add a User", None)

    def change(self, user: Mapping[str, Any]) -> None:
        """Open the box with a user of ``reads.users``."""
        self._fill(user)
        self._open("Change a User", user["name"])

    def _open(self, title: str, changed: str | None) -> None:
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
        kind = AddUser if self._changed is None else ChangeUser
        return kind.typed(
            name=self._name.value.strip() if self._changed is None else self._changed,
            role_name=self._role.value,
            states=tuple(self._states.value),
            owners=tuple(self._owners.value),
            max_dams=self._max_dams.value,
            max_mb=self._max_mb.value,
            disabled=self._disabled.value,
        )

    def _submit(self) -> None:
        if self._sent or not self._dialog.open:  # a second click, before the first has its answer
            return
        try:
            command = self._command()
        except Rejected as refusal:
            self.problems = refusal.problems
            return
        self._sent, self.problems = True, {}
        self._message[:] = [feedback.storing()]
        self._send(command, lambda _done, refusal: self._answered(command, refusal))

    def _answered(self, command: AddUser, refusal: Rejected | None) -> None:
        self._sent = False
        self._message[:] = []
        self.problems = refusal.problems if refusal else {}
        if refusal is None:
            self._fill({})
            self._close()
            self._done(command)

    def _close(self) -> None:
        self._dialog.open = False

    @param.depends("problems", watch=True)
    def _show_problems(self) -> None:
        for name, widget in self._fields.items():
            sentence = self.problems.get(name, "")
            widget.param.update(error_state=bool(sentence), helper_text=plain_label(sentence))
        for name, choice in (("states", self._states), ("owners", self._owners)):
            choice.tell(self.problems.get(name, ""))
        self._message[:] = feedback.problems(self.problems)

    def __panel__(self):
        return self._dialog
