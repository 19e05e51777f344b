"""One dam, at ``dam?id=``: facts, hydrograph, changes, and the form to change it."""

import panel as pn
import panel_material_ui as pmui

from components import feedback
from components.dam_form import EditDamForm
from components.dam_profile import DamProfile
from components.event_feed import EventFeed
from components.names import dam_called
from components.plain import links
from dashboard.arguments import number
from dashboard.hydrograph_body import hydrograph_body
from dashboard.shell import serve_page
from data import events, reads


def build(page):
    dam_id = number("id")
    dam = None if dam_id is None else page.read(reads.dam, dam_id)
    if dam_id is None or dam is None:
        why = f"Dam {dam_id} is not in the inventory: it may have been deleted." if dam_id else "No dam was asked for."
        return [feedback.empty(why), links({"All dams": "dams"})]
    page.title = dam_called(dam["name"])
    page.kept = "Changes that you have not saved are kept in this browser."
    profile = DamProfile(dam=dam)
    feed = EventFeed(lambda before, limit: page.read(events.read_before, before, dam_id=dam_id, limit=limit))
    gone = pn.Column(sizing_mode="stretch_width", margin=0)

    def load():
        feed.load()
        now = page.read(reads.dam, dam_id)
        if now is None:
            gone[:] = [feedback.refused("This dam has been deleted since; what is shown is what was known of it.")]
            return
        others, record = page.read(reads.associated, dam_id), page.read(reads.source_record, dam_id)
        profile.param.update(dam=now, others=others, record=record)

    load()
    page.on_refresh(load)
    may_remove = page.actor.may("assign_hydrograph")
    tabs = [
        ("Profile", profile),
        ("Hydrograph", hydrograph_body(page, dam_id, dam_called(dam["name"]), may_remove=may_remove)),
        ("History", feed),
    ]
    if page.actor.may("edit"):
        form = EditDamForm(dam, page.send, reload=lambda: page.read(reads.dam, dam_id))
        tabs.insert(1, ("Edit", form))
    return [
        gone,
        links({"Show on the map": f"map?dam={dam_id}"}),
        pmui.Tabs(*tabs, sizing_mode="stretch_width", sx={"& .MuiTab-root": {"minWidth": 72, "px": 1.25}}),
    ]


serve_page("dam", "Dam", build)
