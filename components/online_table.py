"""Who is signed in now, in all processes, and how many pages are open in this one."""

import panel as pn
import param

from components.plain import plain
from components.sending import Send, send_and_tell
from components.text_rows import TableRow, TextRows
from components.user_table import when
from data.commands import EndSignIns

COLUMNS = [("User", ""), ("Since", ""), ("Last seen", ""), ("Address", "")]


class OnlineTable(pn.viewable.Viewer):
    """Sign-ins that stand, the last seen first; all of a user can be ended."""

    sign_ins = param.List(default=[], doc="Sign-ins, as ``administration.sign_ins`` gives them.")
    pages_open = param.Integer(default=0, doc="Pages that are open in this process.")

    def __init__(self, send: Send, **params):
        super().__init__(**params)
        self._send = send
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._count = pn.pane.HTML("", sizing_mode="stretch_width")
        self._rows = TextRows(self._acted, caption="Who is signed in", columns=COLUMNS, acts=[("end", "Sign out")])
        self._show()

    @param.depends("sign_ins", "pages_open", watch=True)
    def _show(self) -> None:
        acts = {"end": ""}
        with pn.io.hold():
            self._rows.rows = [
                TableRow(one["user"], [one["user"], when(one["began_at"]), when(one["seen_at"]), one["address"]], acts)
                for one in self.sign_ins
            ]
            self._rows.visible = bool(self.sign_ins)
            number, pages = len(self.sign_ins), self.pages_open
            self._count.object = plain(
                f"{number:,} sign-in{'' if number == 1 else 's'} in all processes. "
                f"{pages:,} page{'' if pages == 1 else 's'} open in this process. "
                "Last seen is noted every half a minute while a page is open.",
                role="status",
            )

    def _acted(self, _act: str, name: str) -> None:
        send_and_tell(self._send, EndSignIns(name=name), self._message, f"{name} is signed out everywhere.")

    def __panel__(self):
        return pn.Column(self._message, self._count, self._rows, sizing_mode="stretch_width", margin=0)
