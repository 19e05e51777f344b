"""Assign Hydrograph: read a file, show the report, give it to a dam."""

from functools import partial

from components import feedback
from components.assign_hydrograph import AssignHydrographForm
from dashboard.shell import serve_page
from data import reads
from data.importers import assigned


def build(page):
    if not page.actor.may("assign_hydrograph"):
        return [feedback.refused(f"{page.actor.name} may not assign hydrographs.")]
    page.kept = "A file that is not assigned yet must be chosen again."
    form = AssignHydrographForm(
        read=assigned.read,
        send=page.send,
        dams=partial(page.read, reads.dam_choices),
        limit_mb=page.services.settings.upload_limit_mb,
    )
    page.on_refresh(form.load)
    return [form]


serve_page("assign_hydrograph", "Assign Hydrograph", build)
