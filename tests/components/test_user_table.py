"""Users, their form and their link, without a browser."""

import datetime as dt

import panel as pn
import panel_material_ui as pmui
import pytest

from components.user_table import MOST_ROWS, UserTable
from data.commands import AddUser, ChangeUser, EndSignIns, Rejected, RemoveUser

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
ROLES = [{"name": name, "staff": False, "rights": ["view"], "users": 1} for name in ("admin", "crew", "diviewer")]


def user(name, **values):
    return {
        "name": name, "role_name": "diviewer", "staff": False, "disabled": False, "states": [], "owners": [],
        "max_dams": None, "max_bytes": None, "dam_count": 0, "byte_count": 0, "password": False, "invited": False,
        "seen_at": None, "most_dams": 3, "most_bytes": None,
    } | values  # fmt: skip


class Desk:
    """A table of users and what it sent; ``refuse`` answers in place of taking a command."""

    def __init__(self, *users, by_password=True):
        self.sent, self.invited, self.refuse = [], [], None
        known = {"Utah": "Utah", "Ohio": "Ohio"}
        self.table = UserTable(
            self.send, states=lambda **_: known, owners=lambda **_: {"Other": "Other"},
            invite=self.invite if by_password else None, users=list(users), roles=ROLES,
        )  # fmt: skip
        self.form, self.rows, self.link = self.table._form, self.table._rows, self.table._link
        self.layout = self.table.__panel__()

    def send(self, command, then):
        self.sent.append(command)
        then(None, self.refuse)

    def invite(self, name, then):
        self.invited.append(name)
        then("" if self.refuse else f"invitation?token={name}", self.refuse)

    def click(self, act, key):
        self.rows._handle_msg({"act": act, "key": key})

    def press(self, label):
        next(b for b in self.layout.select(pmui.Button) if b.label == label).clicks += 1

    def save(self):
        next(b for b in self.form.__panel__().select(pmui.Button) if b.label == "Save").clicks += 1

    @property
    def cells(self):
        return [row.cells for row in self.rows.rows]

    @property
    def told(self):
        return "".join(pane.object for pane in self.table._message.select(pn.pane.HTML))


def test_each_user_is_told_with_limits_password_and_when_last_seen():
    desk = Desk(
        user("ada", role_name="admin", most_dams=None, dam_count=12, password=True, seen_at=NOON),
        user("bob", states=["Utah"], owners=["Other"], dam_count=2, byte_count=900_000, most_bytes=1_000_000,
             invited=True, disabled=True),
        user("cyd", dam_count=3, byte_count=1, most_bytes=0),
        user("dee", password=True, invited=True),
    )  # fmt: skip
    assert desk.cells == [
        ["ada", "admin", "all", "12", "0", "set", "2026-05-01 12:00 UTC"],
        ["bob (disabled)", "diviewer", "Utah, Other", "2 of 3", "0.9 of 1 (near the limit)", "invited", "never"],
        ["cyd", "diviewer", "all", "3 of 3 (full)", "1e-06 of 0 (full)", "none", "never"],
        ["dee", "diviewer", "all", "0 of 3", "0", "set, new link", "never"],
    ]


def test_a_search_is_by_name_and_says_how_many_there_are():
    desk = Desk(*(user(f"user {number:04d}") for number in range(MOST_ROWS + 10)), user("<b>Ada</b>"))
    assert len(desk.rows.rows) == MOST_ROWS
    assert "211 of 211 users, the first 200 are listed" in desk.table._count.object
    desk.table.search = " ADA"
    assert desk.cells[0][0] == "<b>Ada</b>" and "1 of 211 users" in desk.table._count.object
    desk.table.search = "nobody"
    assert "No user has this in the name." in desk.table._count.object and not desk.rows.visible


def test_a_new_user_is_sent_whole_and_the_link_is_shown_until_it_is_dismissed():
    desk = Desk(user("ada"))
    desk.press("Add User")
    assert desk.form.__panel__().open
    desk.form._name.value, desk.form._role.value = " bob ", "crew"
    desk.form._states._find.value = "Utah"
    desk.form._owners._find.value = "Other"
    desk.form._max_dams.value, desk.form._max_mb.value = "7", "1.5"
    desk.save()
    (sent,) = desk.sent
    assert type(sent) is AddUser
    assert (sent.name, sent.role_name, sent.states, sent.owners) == ("bob", "crew", ("Utah",), ("Other",))
    assert (sent.max_dams, sent.max_bytes, sent.disabled) == (7, 1_500_000, False)
    assert not desk.form.__panel__().open and "bob is added." in desk.told
    assert desk.invited == ["bob"] and desk.link.address == "invitation?token=bob" and "bob" in desk.link.words
    desk.link._handle_msg("done")
    assert desk.link.address == "" and desk.link.words == ""


def test_a_link_is_gone_with_the_next_thing_that_is_done():
    desk = Desk(user("ada"), user("bob"))
    for act in ("change", "remove", "end"):
        desk.click("invite", "ada")
        assert desk.link.address
        desk.click(act, "bob")
        assert desk.link.address == ""
    desk.click("invite", "ada")
    desk.press("Add User")
    assert desk.link.address == ""


def test_a_user_is_changed_with_the_values_that_the_form_begins_with():
    bob = user("bob", role_name="crew", states=["Utah", "Ohio"], max_dams=0, max_bytes=2_500_000, disabled=True)
    desk = Desk(user("ada"), bob)
    desk.click("change", "bob")
    assert desk.form._name.disabled and desk.form._name.value == "bob"
    desk.form._states._chosen.value = ["Ohio"]
    desk.form._name.value = "mallory"  # a raw client can set what is disabled
    desk.save()
    (sent,) = desk.sent
    assert type(sent) is ChangeUser
    assert (sent.name, sent.role_name, sent.states) == ("bob", "crew", ("Ohio",))
    assert (sent.max_dams, sent.max_bytes, sent.disabled) == (0, 2_500_000, True)
    assert "bob is changed." in desk.told and desk.invited == []


def test_a_refusal_stands_beside_its_field_and_what_was_typed_stays():
    desk = Desk(user("ada"))
    desk.press("Add User")
    desk.form._name.value, desk.form._max_dams.value, desk.form._max_mb.value = "bob", "many", "-1"
    desk.save()
    assert desk.sent == [] and desk.form._max_dams.error_state and "whole number" in desk.form._max_dams.helper_text
    assert desk.form._max_mb.error_state and not desk.form._name.error_state
    desk.form._max_dams.value, desk.form._max_mb.value = "", ""
    desk.refuse = Rejected({"name": "There is a user 'bob' already.", "states": "State '' is not 1."})
    desk.save()
    form = desk.form
    assert form.__panel__().open and form._name.value == "bob" and not form._max_dams.error_state
    assert form._name.error_state and form._name.helper_text == "There is a user 'bob' already."
    assert form._states._find.error_state and desk.invited == []
    desk.refuse = None
    desk.save()
    assert not form.__panel__().open and not form._name.error_state


def test_what_was_typed_of_a_new_user_is_there_again_until_it_is_saved():
    desk = Desk(user("ada"))
    desk.press("Add User")
    desk.form._name.value = "bob"
    desk.form.__panel__().open = False
    desk.press("Add User")
    assert desk.form._name.value == "bob"
    desk.save()
    desk.press("Add User")
    assert desk.form._name.value == ""
    desk.form.__panel__().open = False
    desk.click("change", "ada")
    desk.form.__panel__().open = False
    desk.press("Add User")
    assert desk.form._name.value == "" and not desk.form._name.disabled


def test_a_second_click_before_the_answer_sends_nothing_more():
    desk = Desk(user("ada"))
    answers = []
    desk.form._send = lambda command, then: answers.append(then)
    desk.press("Add User")
    desk.form._name.value = "bob"
    desk.save()
    desk.save()
    assert len(answers) == 1
    answers[0](None, None)
    desk.save()  # a raw client can click in a box that is closed
    assert len(answers) == 1


def test_removing_asks_first_and_signing_out_does_not():
    desk = Desk(user("ada"), user("<i>bob</i>"))
    desk.click("remove", "<i>bob</i>")
    assert desk.sent == []
    question = desk.table._question.__panel__()
    assert "Remove &lt;i&gt;bob&lt;/i&gt;?" in next(iter(question.select(pn.pane.HTML))).object
    desk.table._question.reason.value = "left"
    next(b for b in question.select(pmui.Button) if b.label == "Remove").clicks += 1
    assert type(desk.sent[0]) is RemoveUser and (desk.sent[0].name, desk.sent[0].why) == ("<i>bob</i>", "left")
    desk.click("end", "ada")
    assert type(desk.sent[1]) is EndSignIns and "ada is signed out everywhere." in desk.told
    desk.refuse = Rejected({"": "You cannot remove <b>yourself</b>."})
    desk.click("end", "ada")
    assert "You cannot remove &lt;b&gt;yourself&lt;/b&gt;." in desk.told


def test_without_passwords_no_link_is_offered_and_none_can_be_made():
    desk = Desk(user("ada"), by_password=False)
    assert [act for act, _ in desk.rows.acts] == ["change", "remove"]
    desk.click("invite", "ada")
    desk.press("Add User")
    desk.form._name.value = "bob"
    desk.save()
    assert desk.link.address == "" and desk.invited == [] and len(desk.sent) == 1


@pytest.mark.parametrize("message", [None, "change", {}, {"act": "change"}, {"act": "fly", "key": "ada"},
                                     {"act": "change", "key": "nobody"}, {"act": [], "key": {}}])  # fmt: skip
def test_what_no_button_sends_is_left_alone(message):
    desk = Desk(user("ada"))
    desk.rows._handle_msg(message)
    assert not desk.form.__panel__().open and desk.sent == []


def test_the_button_that_opened_a_box_gets_the_focus_back():
    desk = Desk(user("ada"))
    desk.click("change", "ada")
    desk.form.__panel__().open = False
    desk.click("remove", "ada")
    desk.table._question.__panel__().open = False
    assert desk.rows.back == 2
