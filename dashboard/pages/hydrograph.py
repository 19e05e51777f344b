"""Hydrograph: one dam's hydrograph and series, at ``hydrograph?dam=``."""

from components import feedback
from components.names import dam_called
from components.plain import links
from dashboard.arguments import number
from dashboard.hydrograph_body import hydrograph_body
from dashboard.shell import serve_page
from data import reads


def build(page):
    dam_id = number("dam")
    dam = None if dam_id is None else page.read(reads.dam, dam_id)
    if dam_id is None or dam is None:
        return [feedback.empty("No such dam is in the inventory; it may have been deleted."), _back()]
    page.title = f"Hydrograph of {dam_called(dam['name'])}"
    return [hydrograph_body(page, dam_id, dam_called(dam["name"]), may_remove=False), _back()]


def _back():
    return links({"Back": "dams"})


serve_page("hydrograph", "Hydrograph", build)
