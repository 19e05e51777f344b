"""Hydrograph: one dam's hydrograph, at ``hydrograph?dam=``."""

from components import feedback
from components.hydrograph import HydrographView
from components.plain import links
from dashboard.arguments import number
from dashboard.shell import serve_page
from data import frames, reads


def build(page):
    dam_id = number("dam")
    dam = None if dam_id is None else page.read(reads.dam, dam_id)
    if dam is None:
        return [feedback.empty("No such dam is in the inventory; it may have been deleted."), _back()]
    view = HydrographView(dam_name=dam["name"])

    def load():
        kept = page.read(reads.hydrograph, dam_id)
        if kept:
            view.param.update(points=kept.points, dam_name=kept.dam_name, file_name=kept.file_name)
        else:
            view.param.update(points=frames.empty(frames.HYDROGRAPH), file_name="")

    load()
    page.on_refresh(load)
    return [view, _back()]


def _back():
    return links({"Back": "dams"})


serve_page("hydrograph", "Hydrograph", build)
