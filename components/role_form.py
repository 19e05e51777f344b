"""The form of a role: its name, whether it is staff, and its rights."""

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.plain import plain_label
from components.question import answers
from components.sending import Send
from data.commands import RIGHTS, ChangeRole, Rejected


class RoleForm(pn.viewable.Viewer):
    """A box that collects one ChangeRole; ``done(command)`` is called when it was taken, ``closed()`` at each close."""

    problems = param.Dict(default={}, doc="Field to sentence, from the last refusal.")

    def __init__(
        self, send: Send, *, done: Callable[[ChangeRole], None], closed: Callable[[], None] = lambda: None, **params
    ):
        self._send, self._done, self._sent = send, done, False
        self._name = pmui.TextInput(label="Name", sizing_mode="stretch_width", margin=(8, 0))
        self._staff = pmui.Checkbox(label="Staff: no quota, may delete what others added", margin=(8, 0))
        rights = {words[:1].upper() + words[1:]: right for right, words in RIGHTS.items()}
        self._rights = pmui.CheckBoxGroup(
            label="May", options={plain_label(words): right for words, right in rights.items()}, value=[], margin=(8, 0)
        )
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._beside = pn.Column(sizing_mode="stretch_width", margin=0)
        super().__init__(**params)
        self._dialog = pmui.Dialog(
            self._message,
            self._name,
            self._staff,
            self._rights,
            self._beside,
            answers(
                pmui.Button(label="Cancel", variant="text", on_click=lambda _: self._close()),
                pmui.Button(label="Save", color="primary", on_click=lambda _: self._submit()),
            ),
            title="Role",
            close_on_click=True,
            width_option="sm",
        )
        self._dialog.param.watch(lambda event: None if event.new else closed(), "open")

    def open(self, role: Mapping[str, Any] | None) -> None:
        """Open the box with a role of ``reads.roles``, or for a new one."""
        known = role or {"name": "", "staff": False, "rights": ["view"]}
        self.problems = {}
        self._name.param.update(value=known["name"], disabled=role is not None)
        self._staff.value, self._rights.value = known["staff"], list(known["rights"])
        self._dialog.param.update(title="Change a Role" if role else "Add a Role", open=True)

    def _submit(self) -> None:
        if self._sent or not self._dialog.open:
            return
        rights = tuple(right for right in RIGHTS if right in (self._rights.value or []))
        command = ChangeRole(name=self._name.value.strip(), staff=self._staff.value, rights=rights)
        try:
            command.check()
        except Rejected as refusal:
            self.problems = refusal.problems
            return
        self._sent, self.problems = True, {}
        self._message[:] = [feedback.storing()]
        self._send(command, lambda _done, refusal: self._answered(command, refusal))

    def _answered(self, command: ChangeRole, refusal: Rejected | None) -> None:
        self._sent = False
        self._message[:] = []
        self.problems = refusal.problems if refusal else {}
        if refusal is None:
            self._close()
            self._done(command)

    def _close(self) -> None:
        self._dialog.open = False

    @param.depends("problems", watch=True)
    def _show_problems(self) -> None:
        name, rights = (self.problems.get(field, "") for field in ("name", "rights"))
        self._name.param.update(error_state=bool(name), helper_text=plain_label(name))
        self._beside[:] = [feedback.refused(rights)] if rights else []  # pmui 0.16 has no place for it in the group
        self._message[:] = feedback.problems(self.problems)

    def __panel__(self):
        return self._dialog
