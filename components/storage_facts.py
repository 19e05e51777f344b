"""What the database holds, and how to keep a copy of it."""

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui
import param

from components.facts_table import facts_table

BACKUP = (
    "dams backup FILE writes everything to a file, also while the dashboard runs; when the last was made is not known"
)


class StorageFacts(pn.viewable.Viewer):
    """Sizes and counts; ``load`` is called to count anew, which takes a moment in a large database."""

    found = param.Dict(default={}, doc="As ``administration.storage`` gives it; empty before it was asked for.")
    users = param.List(default=[], doc="Users, as ``reads.users`` gives them: who holds how much.")

    def __init__(self, load: Callable[[], None], **params):
        self._body = pn.Column(sizing_mode="stretch_width", margin=0)
        self._again = pmui.Button(label="Count again", variant="outlined", on_click=lambda _: load())
        super().__init__(**params)

    @param.depends("found", "users", watch=True)
    def _show(self) -> None:
        if not self.found:
            return
        facts = [("Database", f"{self.found['bytes'] / 1e6:,.1f} MB")]
        facts += [(words, f"{number:,}") for words, number in self.found["rows"].items()]
        facts += [("Newest event", f"{self.found['number']:,}"), ("Its hash", self.found["hash"]), ("Backup", BACKUP)]
        holders = sorted(self.users, key=lambda user: (-user["byte_count"], user["name"]))
        rows = [(user["name"], f"{user['byte_count'] / 1e6:,.3g} MB") for user in holders if user["byte_count"]]
        self._body[:] = [
            facts_table("What is stored", ("What", "How much"), facts),
            facts_table("Hydrographs and series, by user", ("User", "Size"), rows or [("Nobody has any", "")]),
        ]

    def __panel__(self):
        return pn.Column(self._body, self._again, sizing_mode="stretch_width", margin=0)
