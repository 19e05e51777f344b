"""The form of a role: its name, whether it is staff, and its rights."""

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui

from components import feedback
from components.box_form import BoxForm
from components.plain import plain_label
from components.sending import Send
from data.commands import RIGHTS, ChangeRole


class RoleForm(BoxForm):
    """A box that collects one ChangeRole."""

    def __init__(
        self, send: Send, *, done: Callable[[ChangeRole], None], closed: Callable[[], None] = lambda: None, **params
    ):
        self._name = pmui.TextInput(label="Name", sizing_mode="stretch_width", margin=(8, 0))
        self._staff = pmui.Checkbox(label="Staff: no quota, may delete what others added", margin=(8, 0))
        rights = {words[:1].upper() + words[1:]: right for right, words in RIGHTS.items()}
        self._rights = pmui.CheckBoxGroup(
            label="May", options={plain_label(words): right for words, right in rights.items()}, value=[], margin=(8, 0)
        )
        self._beside = pn.Column(sizing_mode="stretch_width", margin=0)
        fields = (self._name, self._staff, self._rights, self._beside)
        super().__init__(send, *fields, done=done, closed=closed, **params)

    def open(self, role: Mapping[str, Any] | None) -> None:
        """Open the box with a role of ``reads.roles``, or for a new one."""
        known = role or {"name": "", "staff": False, "rights": ["view"]}
        self.problems = {}
        self._name.param.update(value=known["name"], disabled=role is not None)
        self._staff.value, self._rights.value = known["staff"], list(known["rights"])
        self._dialog.param.update(title="Change a Role" if role else "Add a Role", open=True)

    def _command(self) -> ChangeRole:
        rights = tuple(right for right in RIGHTS if right in (self._rights.value or []))
        command = ChangeRole(name=self._name.value.strip(), staff=self._staff.value, rights=rights)
        command.check()
        return command

    def _show_beside(self) -> None:
        name, rights = (self.problems.get(field, "") for field in ("name", "rights"))
        self._name.param.update(error_state=bool(name), helper_text=plain_label(name))
        self._beside[:] = [feedback.refused(rights)] if rights else []  # pmui 0.16 has no place for it in the group
