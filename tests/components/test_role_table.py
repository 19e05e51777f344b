"""Roles, who is online and what is stored, without a browser."""

import datetime as dt

import panel as pn
import panel_material_ui as pmui

from components.online_table import OnlineTable
from components.role_table import RoleTable
from components.storage_facts import StorageFacts
from data.commands import RIGHTS, ChangeRole, EndSignIns, Rejected, RemoveRole

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
ROLES = [
    {"name": "admin", "staff": True, "rights": list(RIGHTS), "users": 2},
    {"name": "spare", "staff": False, "rights": ["edit", "view"], "users": 0},
]


class Desk:
    """A component, and what it sent."""

    def __init__(self, make):
        self.sent, self.refuse = [], None
        self.made = make(self.send)
        self.layout = self.made.__panel__()

    def send(self, command, then):
        self.sent.append(command)
        then(None, self.refuse)

    def click(self, act, key):
        self.made._rows._handle_msg({"act": act, "key": key})

    @property
    def told(self):
        return "".join(pane.object for pane in self.made._message.select(pn.pane.HTML))


def press(layout, label):
    next(b for b in layout.select(pmui.Button) if b.label == label).clicks += 1


def roles():
    return Desk(lambda send: RoleTable(send, roles=ROLES))


def test_roles_stand_against_rights_with_how_many_have_them():
    desk = roles()
    assert [label for label, _ in desk.made._rows.columns][:5] == ["Role", "Users", "Staff", "Look at dams", "Add dams"]
    assert [row.cells for row in desk.made._rows.rows] == [
        ["admin", "2", "yes", *["yes"] * len(RIGHTS)],
        ["spare", "0", "no", "yes", "–", "yes", "–", "–", "–", "–"],
    ]


def test_a_role_is_changed_with_what_it_has_and_its_name_stays():
    desk = roles()
    desk.click("change", "spare")
    form = desk.made._form
    assert form.__panel__().open and form._name.disabled
    form._rights.value = [*form._rights.value, "add_dams"]
    form._staff.value = True
    press(form.__panel__(), "Save")
    (sent,) = desk.sent
    assert type(sent) is ChangeRole and (sent.name, sent.staff) == ("spare", True)
    assert sorted(sent.rights) == ["add_dams", "edit", "view"]
    assert not form.__panel__().open and "it counts at once" in desk.told


def test_a_new_role_is_refused_beside_its_name_and_what_was_chosen_stays():
    desk = roles()
    press(desk.layout, "Add Role")
    form = desk.made._form
    form._rights.value = ["edit"]
    press(form.__panel__(), "Save")
    assert desk.sent == [] and form._name.error_state and form._rights.value == ["edit"]
    form._name.value = "crew"
    desk.refuse = Rejected({"rights": "You cannot take your own administration away."})
    press(form.__panel__(), "Save")
    assert form.__panel__().open and len(form._beside) == 1 and not form._name.error_state
    desk.refuse = None
    press(form.__panel__(), "Save")
    assert len(form._beside) == 0 and not form.__panel__().open


def test_a_role_that_somebody_has_cannot_be_removed_and_another_asks_first():
    desk = roles()
    desk.click("remove", "admin")
    assert not desk.made._question.__panel__().open
    desk.click("remove", "spare")
    press(desk.made._question.__panel__(), "Remove")
    assert [(type(one), one.name) for one in desk.sent] == [(RemoveRole, "spare")]
    assert "The role spare is removed." in desk.told


def test_who_is_signed_in_can_be_signed_out():
    one = {"user": "<b>ada</b>", "began_at": NOON, "seen_at": NOON, "address": "192.0.2.1"}
    desk = Desk(lambda send: OnlineTable(send, sign_ins=[one, one | {"address": "192.0.2.2"}], pages_open=1))
    moment = "2026-05-01 12:00 UTC"
    assert desk.made._rows.rows[1].cells == ["<b>ada</b>", moment, moment, "192.0.2.2"]
    assert "2 sign-ins in all processes. 1 page open in this process." in desk.made._count.object
    desk.click("end", "<b>ada</b>")
    assert [(type(one), one.name) for one in desk.sent] == [(EndSignIns, "<b>ada</b>")]
    assert "&lt;b&gt;ada&lt;/b&gt; is signed out everywhere." in desk.told
    desk.made.param.update(sign_ins=[], pages_open=0)
    assert "0 sign-ins in all processes. 0 pages" in desk.made._count.object and not desk.made._rows.visible


def test_storage_is_told_in_rows_and_the_largest_holder_comes_first():
    asked = []
    facts = StorageFacts(lambda: asked.append(1))
    layout = facts.__panel__()
    press(layout, "Count again")
    assert asked == [1]
    users = [{"name": name, "byte_count": size} for name, size in (("a", 0), ("<i>b</i>", 5_000_000), ("c", 9_000_000))]
    facts.param.update(
        found={"bytes": 12_345_678, "rows": {"Dams": 92_766}, "number": 7, "hash": "f" * 64}, users=users
    )
    shown = "".join(pane.object for pane in layout.select(pn.pane.HTML))
    for words in ("12.3 MB", "92,766", "f" * 64, "dams backup FILE"):
        assert f">{words}" in shown
    assert shown.index(">c<") < shown.index("&lt;i&gt;b&lt;/i&gt;") and ">a<" not in shown
