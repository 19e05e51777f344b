"""Add Dam: the form of a new dam."""

from components import feedback
from components.dam_form import AddDamForm
from dashboard.shell import serve_page


def build(page):
    if not page.actor.may("add_dams"):
        return [feedback.refused(f"{page.actor.name} may not add dams.")]
    page.kept = "What you type is kept in this browser."
    return [AddDamForm(page.send)]


serve_page("add_dam", "Add Dam", build)
