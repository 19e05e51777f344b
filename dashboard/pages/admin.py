"""Administration: users, roles, quotas, settings, who is online and what is stored, for administrators."""

import panel as pn
import panel_material_ui as pmui

from components import feedback
from components.event_feed import EventFeed
from components.facts_table import facts_table
from components.online_table import OnlineTable
from components.role_table import RoleTable
from components.storage_facts import StorageFacts
from components.user_table import UserTable
from dashboard import invitations
from dashboard.shell import serve_page
from data import administration, events, reads
from data.states import state_names

LOOK_MS = 10_000  #: How often it is looked who is online: that is no event.
NOBODY = "This dashboard has no accounts (DAMS_AUTH=none): nobody signs in, and who opens it is {}."


def build(page):
    app = page.services
    if not page.may("admin"):
        return [_no_administrator(page)]
    page.kept = "What you typed into a box of this page must be typed again."

    def invite(name, then):
        command, address = invitations.new(app, name)
        page.send(command, lambda _done, refusal: then("" if refusal else address, refusal))

    by_password = app.settings.auth == "password"
    states = {name: name for name in state_names()}
    people = UserTable(
        page.send,
        states=lambda **_: states,
        owners=lambda **asked: page.read(reads.owners, **asked),
        invite=invite if by_password else None,
    )
    roles, online = RoleTable(page.send), OnlineTable(page.send)
    storage = StorageFacts(lambda: load())
    log = EventFeed(_log(page))
    quotas = pn.Column(sizing_mode="stretch_width", margin=0)

    def users():
        return page.read(administration.users, now=app.clock(), limits=app.limits)

    def load_people():
        people.param.update(users=users(), roles=page.read(reads.roles))
        quotas[:] = [feedback.bar("note", _quotas(page))]

    def load_roles():
        roles.roles = page.read(reads.roles)

    def load_online():
        online.param.update(
            sign_ins=page.read(administration.sign_ins, now=app.clock()), pages_open=app.hub.kinds()["page"]
        )

    def load_storage():
        storage.param.update(found=page.read(administration.storage), users=users())

    settings = [tuple(one.values()) for one in app.settings.in_force()]
    heads = ("Setting", "Value", "From", "What it is")
    tabs = pmui.Tabs(
        ("Users", pn.Column(quotas, people, sizing_mode="stretch_width", margin=0)),
        ("Roles", roles),
        ("Online", online),
        ("Storage", storage),
        ("Settings", facts_table("Settings in force", heads, settings)),
        ("Log", log),
        sizing_mode="stretch_width",
        sx={"& .MuiTab-root": {"minWidth": 0, "px": 1.25}},
    )
    loads = (load_people, load_roles, load_online, load_storage, lambda: None, log.load)
    body = pn.Column(tabs, sizing_mode="stretch_width", margin=0)
    if app.settings.auth == "none":
        body.insert(0, feedback.bar("note", NOBODY.format(app.settings.user)))

    def load():
        if page.may("admin"):
            loads[tabs.active]()
        else:
            body[:] = [_no_administrator(page)]

    def look_again():
        if loads[tabs.active] is load_online:
            load()

    def start_looking():
        pn.state.add_periodic_callback(look_again, period=LOOK_MS)

    load()
    tabs.param.watch(lambda _: load(), "active")
    page.on_refresh(load)
    page.on_event(lambda event: not events.for_all(event), load)
    pn.state.onload(start_looking)
    return [body]


def _no_administrator(page):
    return feedback.refused(f"{page.actor.name or 'Who is not signed in'} may not manage users.")


def _log(page):
    def read(before, limit):
        if not page.may("admin"):
            return ()
        return page.read(events.read_before, before, kinds=events.ADMIN_KINDS, limit=limit)

    return read


def _quotas(page):
    """The limits of the settings, and how full the inventory is."""
    settings, (_, dams) = page.services.settings, page.read(events.state)
    cap = "no limit" if settings.max_dams is None else f"at most {settings.max_dams:,}"
    each = "any number of dams" if settings.dams_per_user is None else f"{settings.dams_per_user:,} dams"
    room = "any size" if settings.mb_per_user is None else f"{settings.mb_per_user:,.6g} MB"
    return (
        f"The inventory holds {dams:,} dams ({cap}). Who is not staff may have {each} and {room} of hydrographs and "
        "series, where the user has no limits of their own."
    )


serve_page("admin", "Administration", build)
