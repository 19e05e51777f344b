"""The table of users: who they are, what they may have, and what can be done with each."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.one_time_link import OneTimeLink
from components.plain import plain
from components.question import Question
from components.sending import Answer, Send, send_and_tell
from components.server_search import Find
from components.text_rows import TableRow, TextRows
from components.user_form import UserForm
from data.commands import AddUser, EndSignIns, Rejected, RemoveUser

MOST_ROWS = 200  #: Users that are listed; a search finds the others.
NEAR = 0.8  #: Of a limit: from here on it is said.
COLUMNS = [("Name", ""), ("Role", ""), ("Only dams of", ""), ("Dams", "number"), ("MB", "number"), ("Password", ""),
           ("Last seen", "")]  # fmt: skip
#: ``invite(name, then)`` makes a link; ``then(address, refusal)`` gets it, or the refusal.
Invite = Callable[[str, Answer], None]


def when(moment: dt.datetime | None) -> str:
    """A time as it is read in a table."""
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def of_limit(held: str, share: float, most: str) -> str:
    """What is held of a limit, with a word where it is nearly or wholly used."""
    return f"{held} of {most}" + (" (full)" if share >= 1 else " (near the limit)" if share >= NEAR else "")


def _share(held: float, most: float) -> float:
    return held / most if most else 1.0


class UserTable(pn.viewable.Viewer):
    """Users that can be searched, added, changed, invited, signed out and removed, each by a command.

    Without ``invite`` nobody signs in by a password, and no link is made.
    """

    users = param.List(default=[], doc="Users, as ``administration.users`` gives them.")
    roles = param.List(default=[], doc="Roles, as ``reads.roles`` gives them.")
    search = param.String(doc="Part of the name of the users that are shown.")

    def __init__(self, send: Send, *, states: Find, owners: Find, invite: Invite | None = None, **params):
        super().__init__(**params)
        self._send, self._invite = send, invite
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._count = pn.pane.HTML("", align="center")
        self._link = OneTimeLink()
        self._question = Question("Remove User", "Remove")
        self._form = UserForm(send, states=states, owners=owners, done=self._saved, closed=self._give_back)
        acts = [("change", "Change"), ("invite", "New link"), ("end", "Sign out"), ("remove", "Remove")]
        self._acts = [act for act in acts if invite is not None or act[0] in ("change", "remove")]
        self._rows = TextRows(self._acted, caption="Users", columns=COLUMNS, acts=self._acts)
        self._question_open()
        self._show()

    def _question_open(self) -> None:
        self._question.__panel__().param.watch(lambda event: None if event.new else self._give_back(), "open")

    def _give_back(self) -> None:
        """A box was closed: the button that opened it has the focus again."""
        self._rows.back += 1

    @param.depends("users", "roles", "search", watch=True)
    def _show(self) -> None:
        wanted = self.search.strip().casefold()
        found = [user for user in self.users if wanted in user["name"].casefold()]
        acts = {act: "" for act, _ in self._acts}
        with pn.io.hold():
            self._form.roles = self.roles
            self._rows.rows = [TableRow(user["name"], _cells(user), acts) for user in found[:MOST_ROWS]]
            self._rows.visible = bool(found)
            more = f", the first {MOST_ROWS:,} are listed" if len(found) > MOST_ROWS else ""
            words = f"{len(found):,} of {len(self.users):,} users{more}" if found else "No user has this in the name."
            self._count.object = plain(words, "span", role="status")

    def _acted(self, act: str, name: str) -> None:
        user = next(user for user in self.users if user["name"] == name)
        self._link.forget()
        if act == "change":
            self._form.change(user)
        elif act == "remove":
            words = f"Remove {name}? The dams of {name} stay, and so does what the log tells."
            self._question.ask(words, lambda why: self._order(RemoveUser(name=name, why=why), f"{name} is removed."))
        elif act == "end":
            self._order(EndSignIns(name=name), f"{name} is signed out everywhere.")
        elif act == "invite":
            self._new_link(name)

    def _order(self, command: Any, words: str) -> None:
        send_and_tell(self._send, command, self._message, words)

    def _saved(self, command: AddUser) -> None:
        added = type(command) is AddUser
        self._tell(feedback.done(f"{command.name} is {'added' if added else 'changed'}."))
        if added and self._invite is not None:
            self._new_link(command.name)

    def _new_link(self, name: str) -> None:
        assert self._invite is not None

        def answered(address: str, refusal: Rejected | None) -> None:
            if refusal:
                self._tell(feedback.refused(*refusal.problems.values()))
                return
            words = f"This link sets the password of {name}, once. It is shown here and never again: hand it over."
            self._link.offer(address, words)

        self._invite(name, answered)

    def _tell(self, words: pn.viewable.Viewable) -> None:
        self._message[:] = [words]

    def __panel__(self):
        search = pmui.TextInput(label="Search by name", width=260)
        search.param.watch(lambda event: setattr(self, "search", event.new), "value_input")
        add = pmui.Button(label="Add User", color="primary", on_click=lambda _: self._add())
        top = pn.FlexBox(search, add, self._count, align_items="center", gap="10px")
        parts = (self._message, self._link, top, self._rows, self._question, self._form)
        return pn.Column(*parts, sizing_mode="stretch_width", margin=0)

    def _add(self) -> None:
        self._link.forget()
        self._form.add()


def _cells(user: Mapping[str, Any]) -> list[str]:
    most, most_bytes = user["most_dams"], user["most_bytes"]
    dams, mb = f"{user['dam_count']:,}", f"{user['byte_count'] / 1e6:,.3g}"
    if most is not None:
        dams = of_limit(dams, _share(user["dam_count"], most), f"{most:,}")
    if most_bytes is not None:
        mb = of_limit(mb, _share(user["byte_count"], most_bytes), f"{most_bytes / 1e6:,.4g}")
    password = "set" if user["password"] else "invited" if user["invited"] else "none"
    if user["password"] and user["invited"]:
        password = "set, new link"
    scope = ", ".join([*user["states"], *user["owners"]]) or "all"
    return [user["name"] + (" (disabled)" if user["disabled"] else ""), user["role_name"], scope, dams, mb, password,
            when(user["seen_at"])]  # fmt: skip
