"""The table of dams: search, filter, sort, pages, and what can be done with each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.plain import plain
from data.commands import HAZARDS, OWNERS, DeleteDam, Rejected, new_submit_key
from data.dates import show_date

COLUMNS = [
    ("name", "Name"),
    ("owner", "Owner"),
    ("river", "River"),
    ("date_built", "Date Built"),
    ("has_hydrograph", "Hydrograph"),
    ("", "Manage"),
]
PAGE_SIZES = {"10": 10, "25": 25, "50": 50, "All": None}
ANY = "Any"

_STYLE = """
:host { width: 100%; }
table { width: 100%; border-collapse: collapse; font: 400 15px/1.4 Roboto, system-ui, sans-serif; color: inherit; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; padding: 8px 12px;
  border-bottom: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
th { font-weight: 600; white-space: nowrap; }
tbody tr:hover { background: color-mix(in srgb, currentColor 5%, transparent); }
a { color: var(--mui-palette-primary-main, #244C96); font-weight: 500; }
td { overflow-wrap: anywhere; }
button { font: 500 13px/1.2 Roboto, system-ui, sans-serif; padding: 7px 12px; border-radius: 6px; cursor: pointer;
  white-space: nowrap;
  color: inherit; background: transparent; border: 1px solid color-mix(in srgb, currentColor 35%, transparent); }
button:hover { background: color-mix(in srgb, currentColor 10%, transparent); }
button:focus-visible, a:focus-visible { outline: 2px solid #6ea0ff; outline-offset: 1px; }
button[aria-disabled] { opacity: 0.5; cursor: not-allowed; }
.sorter { border: none; padding: 4px 0; font: inherit; font-weight: 600; }
@media (max-width: 700px) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { display: block; padding: 8px 0; border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
  td { display: flex; gap: 12px; padding: 4px; border: none; align-items: center; }
  td::before { content: attr(data-label); flex: 0 0 7.5em; font-weight: 600; font-size: 13px; opacity: 0.8; }
}
"""


@dataclass(frozen=True)
class TableQuery:
    """What the table asks for; ``limit`` None is every row."""

    search: str
    owner: str
    hazard: str
    sort: str
    descending: bool
    offset: int
    limit: int | None


class DamRows(pn.custom.JSComponent):
    """The drawn rows; every cell is text."""

    columns = param.List(default=COLUMNS, doc="Sort key (empty: not sortable) and label of each column.")
    rows = param.List(default=[], doc="One dictionary a dam, ready to be shown.")
    sort = param.String(default="name", doc="Key of the column that the rows are sorted by.")
    descending = param.Boolean(default=False, doc="From last to first.")

    _esm = Path(__file__).with_name("dam_rows.js")

    def __init__(self, act: Callable[[dict[str, Any]], None], **params):
        super().__init__(stylesheets=[_STYLE], **params)
        self._act = act

    def _handle_msg(self, message: Any) -> None:
        if isinstance(message, dict):
            self._act(message)


class DamTable(pn.viewable.Viewer):
    """Dams a page at a time. ``look`` gives the rows (DAMS) and their total, ``send`` deletes.

    ``may_delete`` says, by who added a dam, whether its button can be used; the command decides.
    """

    search = param.String(doc="Words that the name, river, owner or NID ID must hold.")
    owner = param.Selector(default=ANY, objects=[ANY, *OWNERS], doc="Only this owner's dams.")
    hazard = param.Selector(default=ANY, objects=[ANY, *HAZARDS], doc="Only dams of this hazard potential.")
    sort = param.Selector(default="name", objects=[key for key, _ in COLUMNS if key], doc="Column to sort by.")
    descending = param.Boolean(default=False, doc="From last to first.")
    page_size = param.Selector(default=25, objects=PAGE_SIZES, doc="Rows on one page.")
    page = param.Integer(default=1, bounds=(1, None), doc="The page shown, from 1.")

    def __init__(
        self,
        look: Callable[[TableQuery], tuple[pd.DataFrame, int]],
        send: Callable[[DeleteDam], object],
        may_delete: Callable[[str], bool],
        **params,
    ):
        super().__init__(**params)
        self._look, self._send, self._may_delete = look, send, may_delete
        self._names: dict[int, str] = {}
        self._rows = DamRows(self._acted, sizing_mode="stretch_width")
        self._state = pn.Column(sizing_mode="stretch_width", margin=0)
        self._count = pn.pane.HTML("", align="center")
        self._back = pmui.Button(label="Previous", variant="outlined", on_click=lambda _: self._turn(-1))
        self._on = pmui.Button(label="Next", variant="outlined", on_click=lambda _: self._turn(1))
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._build_question()
        self._build_filters()
        self.load()

    def _build_filters(self) -> None:
        search = pmui.TextInput.from_param(
            self.param.search, label="Search", placeholder="Name, river, owner or NID ID", description="", width=280
        )
        search.param.watch(lambda event: self.param.update(search=event.new), "value_input")
        self._filters = pn.FlexBox(
            search,
            pmui.Select.from_param(self.param.owner, label="Owner", description="", width=150),
            pmui.Select.from_param(self.param.hazard, label="Hazard potential", description="", width=170),
            pmui.Select.from_param(self.param.page_size, label="Rows a page", description="", width=120),
            align_items="center",
        )

    def _build_question(self) -> None:
        self._question = pn.pane.HTML("", sizing_mode="stretch_width")
        self._asked: DeleteDam | None = None
        keep = pmui.Button(label="Cancel", variant="text", on_click=lambda _: self._ask(None))
        delete = pmui.Button(label="Delete", color="error", on_click=lambda _: self._delete())
        self._dialog = pmui.Dialog(
            self._question,
            pn.Row(pn.Spacer(sizing_mode="stretch_width"), keep, delete, sizing_mode="stretch_width"),
            title="Delete Dam",
            close_on_click=True,
            width_option="xs",
        )

    @param.depends("search", "owner", "hazard", "page_size", watch=True)
    def _narrowed(self) -> None:
        if self.page == 1:
            self.load()
        else:
            self.page = 1

    @param.depends("sort", "descending", "page", watch=True)
    def load(self) -> None:
        """Ask for the rows again and show them."""
        size = self.page_size
        narrow = {name: "" if getattr(self, name) == ANY else getattr(self, name) for name in ("owner", "hazard")}
        offset = (self.page - 1) * (size or 0)
        found, total = self._look(
            TableQuery(
                search=self.search, sort=self.sort, descending=self.descending, offset=offset, limit=size, **narrow
            )
        )
        if found.empty and self.page > 1:  # rows were deleted since
            self.page = 1
            return
        self._names = found["name"].to_dict()
        self._rows.param.update(rows=self._shown(found), sort=self.sort, descending=self.descending)
        pages = -(-total // size) if size else 1
        first = offset + 1 if total else 0
        self._count.object = plain(f"{first:,}–{offset + len(found):,} of {total:,} dams", "span", role="status")
        self._back.disabled, self._on.disabled = self.page <= 1, self.page >= pages
        self._state[:] = [] if total else [feedback.empty(self._nothing())]
        self._rows.visible = bool(total)

    def _nothing(self) -> str:
        if self.search or (self.owner, self.hazard) != (ANY, ANY):
            return "No dam matches. Change the search or the filters."
        return "The inventory holds no dam yet. Add one with Add Dam."

    def _shown(self, found: pd.DataFrame) -> list[dict[str, Any]]:
        rows = found.assign(
            date_built=[show_date(text) for text in found["date_built"]],
            may_delete=[self._may_delete(by) for by in found["created_by"]],
        ).reset_index()
        keep = ["dam_id", "name", "owner", "river", "date_built", "has_hydrograph", "may_delete"]
        return rows[keep].astype(object).to_dict("records")

    def _turn(self, step: int) -> None:
        self.page = max(1, self.page + step)

    def _acted(self, message: dict[str, Any]) -> None:
        key, dam_id = message.get("key"), message.get("dam_id")
        if message.get("act") == "sort" and key in self.param.sort.objects:
            self.param.update(sort=key, descending=key == self.sort and not self.descending)
        elif message.get("act") == "delete" and dam_id in self._names:
            self._ask(DeleteDam(dam_id=dam_id, submit_key=new_submit_key()))

    def _ask(self, command: DeleteDam | None) -> None:
        self._asked = command
        if command:
            name = self._names[command.dam_id]
            self._question.object = plain(f"Delete {name} and its hydrograph? Its history stays in the activity log.")
        self._dialog.open = command is not None

    def _delete(self) -> None:
        command, name = self._asked, self._names.get(self._asked.dam_id) if self._asked else None
        self._ask(None)
        if command is None:
            return
        try:
            self._send(command)
        except Rejected as refusal:
            self._message[:] = [feedback.refused(*refusal.problems.values())]
        else:
            self._message[:] = [feedback.done(f"{name} Dam has been successfully deleted.")]

    def __panel__(self):
        pager = pn.FlexBox(self._back, self._on, self._count, align_items="center")
        return pn.Column(
            self._message, self._filters, self._state, self._rows, pager, self._dialog, sizing_mode="stretch_width"
        )
