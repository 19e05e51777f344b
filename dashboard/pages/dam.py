"""One dam, at ``dam?id=``: facts, hydrograph, changes, and the form to change it; with ``as_of=`` as it was then."""

from functools import partial

import panel as pn
import panel_material_ui as pmui

from components import feedback
from components.dam_form import EditDamForm
from components.dam_profile import DamProfile
from components.event_feed import EventFeed
from components.names import dam_called
from components.plain import links
from dashboard.arguments import every, number
from dashboard.hydrograph_body import hydrograph_body
from dashboard.shell import serve_page
from data import events, reads
from data.frames import OF_MANY
from data.inventory import Filter


def build(page):
    dam_id, then = number("id"), Filter.read(every()).as_of
    read = partial(page.read_as_of, then, reads.dam, dam_id)
    dam = None if dam_id is None else read()
    if dam_id is None:
        return [feedback.empty("No dam was asked for."), links({"All dams": "dams"})]
    feed = history(page, dam_id)
    page.on_refresh(feed.load)
    if dam is None:
        return gone(page, dam_id, then, feed)
    page.title = dam_called(dam["name"])
    page.kept = "Changes that you have not saved are kept in this browser."
    profile = DamProfile(dam=dam)
    notes = pn.Column(sizing_mode="stretch_width", margin=0)

    def load():
        now = read()
        if now is None:
            said = (
                "This dam has been deleted since; what is shown is what was known of it. Its history can bring it back."
            )
            notes[:] = [feedback.refused(said)]
            return
        notes[:] = [back_then(dam_id, then)] if then else []
        others, record = page.read(reads.associated, dam_id), page.read(reads.source_record, dam_id)
        profile.param.update(dam=now, others=others, record=None if then else record)

    load()
    page.on_refresh(load)
    may_remove = page.actor.may("assign_hydrograph") and not then
    tabs = [
        ("Profile", profile),
        ("Hydrograph", hydrograph_body(page, dam_id, dam_called(dam["name"]), may_remove=may_remove, as_of=then)),
        ("History", feed),
    ]
    if page.actor.may("edit") and not then:
        tabs.insert(1, ("Edit", EditDamForm(dam, page.send, reload=read)))
    return [
        notes,
        links({"Show on the map": f"map?dam={dam_id}"}),
        pmui.Tabs(*tabs, sizing_mode="stretch_width", sx={"& .MuiTab-root": {"minWidth": 72, "px": 1.25}}),
    ]


def history(page, dam_id):
    """The dam's changes, with a way to the dam as it was then; those of this dam alone can be undone here."""
    return EventFeed(
        lambda before, limit: page.read(events.read_before, before, dam_id=dam_id, limit=limit, kinds=events.KINDS),
        send=page.send,
        undoable=lambda event: event.kind not in OF_MANY and page.actor.may_undo(event),
        more=lambda event: {"As it was then": f"dam?id={dam_id}&as_of={event.recorded_at:%Y-%m-%dT%H:%M:%S.%f}"},
        page_size=20,
    )


def back_then(dam_id, then):
    words = Filter(as_of=then).words()[0]
    said = feedback.bar("note", f"{words}. Its other structures are those of now.")
    return pn.Column(said, links({"As it is now": f"dam?id={dam_id}"}), sizing_mode="stretch_width", margin=0)


def gone(page, dam_id, then, feed):
    """A dam that is not there: its history, which can bring it back."""
    if not feed.events:
        return [feedback.empty(f"Dam {dam_id} is not in the inventory."), links({"All dams": "dams"})]
    page.title = dam_called(feed.events[0].dam_name)
    said = (
        "was not in the inventory then. Its changes are below."
        if then
        else "has been deleted. Its changes are below; undo the deletion to bring it back."
    )
    words = feedback.bar("note", f"Dam {dam_id} {said}")
    return [words, links({"As it is now": f"dam?id={dam_id}"} if then else {"All dams": "dams"}), feed]


serve_page("dam", "Dam", build)
