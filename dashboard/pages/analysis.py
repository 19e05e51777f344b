"""Analyses of a dam's series, at ``analysis?dam=``: routing, flood frequency, baseflow, statistics of flow."""

import panel_material_ui as pmui

from components import feedback
from components.names import dam_called
from components.plain import links
from dashboard.analysis_forms import forms
from dashboard.arguments import number
from dashboard.shell import serve_page
from data import reads


def build(page):
    dam_id = number("dam")
    dam = None if dam_id is None else page.read(reads.dam, dam_id)
    if dam is None:
        sentence = "No such dam is in the inventory; it may have been deleted."
        return [feedback.empty(sentence), links({"All dams": "dams"})]
    page.title = f"Analyses of {dam_called(dam['name'])}"
    back = links({"Hydrograph": f"hydrograph?dam={dam_id}", "The dam": f"dam?id={dam_id}"})
    stored = page.read(reads.series, dam_id)
    if not stored:
        return [feedback.empty("This dam has no series. Assign a file of series to it first."), back]
    limit = int(page.services.settings.upload_limit_mb * 1_000_000)
    return [back, pmui.Tabs(*forms(stored, limit), sizing_mode="stretch_width")]


serve_page("analysis", "Analyses", build)
