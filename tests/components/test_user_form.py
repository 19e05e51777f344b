"""The box of a user, without a browser."""

from answering import at_once

from components.user_form import UserForm

ROLES = [{"name": name, "staff": False, "rights": [], "users": 0} for name in ("admin", "diadmin", "diviewer")]


def form(sent):
    return UserForm(
        at_once(sent.append), states=lambda *_, **__: {}, owners=lambda *_, **__: {}, done=lambda _: None, roles=ROLES
    )


def test_a_new_user_may_only_look_until_another_role_is_chosen_each_time():
    sent = []
    made = form(sent)
    for name, role in (("ann", None), ("ben", "admin"), ("cy", None)):
        made.add()
        made._name.value = name
        if role:
            made._role.value = role
        made._submit()
    assert [(one.name, one.role_name) for one in sent] == [("ann", "diviewer"), ("ben", "admin"), ("cy", "diviewer")]


def test_what_was_chosen_stays_when_the_box_is_closed_and_a_changed_user_has_the_own_role():
    made = form([])
    made.add()
    made._role.value = "diadmin"
    made.add()
    assert made._role.value == "diadmin"
    user = {"name": "jo", "role_name": "admin", "states": [], "owners": [], "max_dams": None, "max_bytes": None}
    made.change(user | {"disabled": False})
    assert made._role.value == "admin"


def test_a_change_says_what_it_began_with():
    sent, user = [], {"name": "jo", "role_name": "admin", "states": ["Utah"], "owners": [], "max_dams": 4}
    user |= {"max_bytes": 2_500_000, "disabled": False}
    made = form(sent)
    made.change(user)
    made._max_dams.value = "5"
    made._submit()
    (command,) = sent
    assert command.was == user
    assert (command.max_dams, command.max_bytes, command.states, command.role_name) == (
        5,
        2_500_000,
        ("Utah",),
        "admin",
    )
