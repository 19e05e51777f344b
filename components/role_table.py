"""The table of roles: what each may do, and how many users have it."""

import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.question import Question
from components.role_form import RoleForm
from components.sending import Send, send_and_tell
from components.text_rows import TableRow, TextRows
from data.commands import RIGHTS, ChangeRole, RemoveRole

COLUMNS = [("Role", ""), ("Users", "number"), ("Staff", ""), *((words.capitalize(), "") for words in RIGHTS.values())]


class RoleTable(pn.viewable.Viewer):
    """Roles that can be added, changed and, when nobody has them, removed."""

    roles = param.List(default=[], doc="Roles, as ``reads.roles`` gives them.")

    def __init__(self, send: Send, **params):
        super().__init__(**params)
        self._send = send
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._question = Question("Remove Role", "Remove")
        self._form = RoleForm(send, done=self._saved, closed=self._give_back)
        acts = [("change", "Change"), ("remove", "Remove")]
        self._rows = TextRows(self._acted, caption="Roles", columns=COLUMNS, acts=acts)
        self._question.__panel__().param.watch(lambda event: None if event.new else self._give_back(), "open")
        self._show()

    def _give_back(self) -> None:
        """A box was closed: the button that opened it has the focus again."""
        self._rows.back += 1

    @param.depends("roles", watch=True)
    def _show(self) -> None:
        self._rows.rows = [
            TableRow(
                role["name"],
                [
                    role["name"],
                    f"{role['users']:,}",
                    "yes" if role["staff"] else "no",
                    *("yes" if right in role["rights"] else "–" for right in RIGHTS),
                ],
                {"change": "", "remove": "Some user still has this role" if role["users"] else ""},
            )
            for role in self.roles
        ]

    def _acted(self, act: str, name: str) -> None:
        if act == "change":
            self._form.open(next(role for role in self.roles if role["name"] == name))
        else:
            self._question.ask(f"Remove the role {name}?", lambda why: self._remove(name, why))

    def _remove(self, name: str, why: str) -> None:
        send_and_tell(self._send, RemoveRole(name=name, why=why), self._message, f"The role {name} is removed.")

    def _saved(self, command: ChangeRole) -> None:
        self._message[:] = [feedback.done(f"The role {command.name} is stored; it counts at once.")]

    def __panel__(self):
        add = pmui.Button(label="Add Role", color="primary", on_click=lambda _: self._form.open(None))
        parts = (self._message, add, self._rows, self._question, self._form)
        return pn.Column(*parts, sizing_mode="stretch_width", margin=0)
