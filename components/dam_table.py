"""The table of dams: search, filters, sort, pages, and what can be done with each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.dam_filter import DamFilter
from components.dam_rows import COLUMNS, DamRows, as_rows
from components.names import dam_called
from components.plain import plain
from components.question import Question
from components.sending import Send, send_and_tell
from data.commands import DeleteDam, new_submit_key
from data.inventory import ALL, Filter

MOST_ROWS = 500  #: Of one page, whatever is chosen: a national inventory has a hundred thousand.
PAGE_SIZES = {"10": 10, "25": 25, "50": 50, "All": MOST_ROWS}
SORTS = [key for key, _, kind in COLUMNS if kind != "manage"]

#: The search that was meant by one that finds nothing, and its unknown and known words; None without any.
Correct = Callable[[Filter], tuple[str, str, str] | None]

#: The rows (DAMS) of a filter, by ``sort``, ``descending``, ``offset`` and ``limit``, and their total.
Look = Callable[..., tuple[pd.DataFrame, int]]


def read_view(arguments: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What an address asks a DamTable to show, as its parameters; what cannot be read is left out."""
    sort, down, rows, page = (next(iter(arguments.get(name, ())), "") for name in ("sort", "down", "rows", "page"))
    found: dict[str, Any] = {"wanted": Filter.read(arguments), "descending": down == "yes"}
    if sort in SORTS:
        found["sort"] = sort
    if rows.capitalize() in PAGE_SIZES:
        found["page_size"] = PAGE_SIZES[rows.capitalize()]
    if page.isascii() and page.isdigit() and int(page[:9]) > 0:
        found["page"] = int(page[:9])
    return found


class DamTable(pn.viewable.Viewer):
    """Dams a page at a time. ``look`` gives the rows, ``send`` deletes, ``count`` the values of a facet.

    ``may_delete`` says, by who added a dam, whether its button can be used; the command decides.
    """

    wanted = param.ClassSelector(class_=Filter, default=ALL, doc="Which dams are shown.")
    sort = param.Selector(default="name", objects=SORTS, doc="Column to sort by.")
    descending = param.Boolean(default=False, doc="From last to first.")
    page_size = param.Selector(default=25, objects=PAGE_SIZES, doc="Rows on one page.")
    page = param.Integer(default=1, bounds=(1, None), doc="The page shown, from 1.")

    def __init__(
        self,
        look: Look,
        send: Send,
        may_delete: Callable[[str], bool],
        count: Callable[[str, Filter], Mapping[str, int]],
        correct: Correct = lambda _: None,
        left_out: str = "",
        **params,
    ):
        """``left_out`` says what of the address is no filter."""
        super().__init__(**params)
        self._look, self._send, self._may_delete, self._correct = look, send, may_delete, correct
        self._as_typed = ""  # a search that is not to be corrected
        self._names: dict[int, str] = {}
        self._rows = DamRows(self._acted, sizing_mode="stretch_width")
        self._state = pn.Column(sizing_mode="stretch_width", margin=0)
        self._count = pn.pane.HTML("", align="center")
        self._back = pmui.Button(label="Previous", variant="outlined", on_click=lambda _: self._turn(-1))
        self._on = pmui.Button(label="Next", variant="outlined", on_click=lambda _: self._turn(1))
        self._size = pmui.Select.from_param(self.param.page_size, label="Rows a page", description="", width=120)
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._question = Question("Delete Dam", "Delete")
        self._filter = DamFilter(count, left_out=left_out, wanted=self.wanted)
        self._filter.param.watch(lambda event: self._want(event.new), "wanted")
        self._filter.param.watch(lambda _: self._take_as_typed(), "as_typed")
        self.load()

    @property
    def address(self) -> str:
        """What is shown, as the arguments of an address; ``read_view`` takes it back."""
        size = next(label.lower() for label, rows in PAGE_SIZES.items() if rows == self.page_size)
        paged = _unusual({"rows": size, "page": str(self.page)})
        return "&".join(part for part in (self.wanted.query(), self._order, paged) if part)

    @property
    def _order(self) -> str:
        """How the rows are sorted, as the arguments of an address."""
        return _unusual({"sort": self.sort, "down": "yes" if self.descending else ""})

    def _want(self, wanted: Filter) -> None:
        if wanted != self.wanted:  # to Param 2.4 a value of our own is always another one
            self.wanted = wanted

    @param.depends("wanted", "page_size", watch=True)
    def _narrowed(self) -> None:
        if self._filter.wanted != self.wanted:
            self._filter.wanted = self.wanted
        if self.page == 1:
            self.load()
        else:
            self.page = 1

    @param.depends("sort", "descending", "page", watch=True)
    def load(self) -> None:
        """Ask for the rows again and show them."""
        size = self.page_size
        shown, told = self.wanted, None
        found, total = self._ask(shown)
        if not total and shown.search and shown.search != self._as_typed and (meant := self._correct(shown)):
            shown, told = replace(shown, search=meant[0]), meant
            found, total = self._ask(shown)
        pages = max(1, -(-total // size))
        if self.page > pages:  # rows were deleted since, or a link asks for too much
            self.page = pages
            return
        self._names = {dam_id: dam_called(name) for dam_id, name in found["name"].items()}
        first = (self.page - 1) * size + 1 if total else 0
        counted = f"{first:,}–{first + len(found) - 1:,} of {total:,} dams" if total else "No dams"
        with pn.io.hold():
            self._rows.param.update(
                rows=as_rows(found, self._may_delete), sort=self.sort, descending=self.descending, address=self.address
            )
            self._count.object = plain(counted, "span", role="status")
            self._back.disabled, self._on.disabled = self.page <= 1, self.page >= pages
            self._filter.tell(shown, told, self._order)
            self._state[:] = [] if total else [feedback.empty(self._nothing())]
            self._rows.visible = bool(total)

    def _ask(self, wanted: Filter) -> tuple[pd.DataFrame, int]:
        offset = (self.page - 1) * self.page_size
        return self._look(wanted, sort=self.sort, descending=self.descending, offset=offset, limit=self.page_size)

    def _take_as_typed(self) -> None:
        self._as_typed = self.wanted.search
        self.load()

    def _nothing(self) -> str:
        if self.wanted:
            return "No dam matches. Change the search or the filters."
        return "The inventory holds no dam yet. Add one with Add Dam."

    def _turn(self, step: int) -> None:
        self.page = max(1, self.page + step)

    def _acted(self, message: dict[str, Any]) -> None:
        key, dam_id = message.get("key"), message.get("dam_id")
        if message.get("act") == "sort" and key in self.param.sort.objects:
            self.param.update(sort=key, descending=key == self.sort and not self.descending)
        elif message.get("act") == "delete" and isinstance(dam_id, int) and dam_id in self._names:
            name, key = self._names[dam_id], new_submit_key()
            words = f"Delete {name}, its hydrograph and its series? Its history stays, and the deletion can be undone."
            self._question.ask(words, lambda why: self._delete(DeleteDam(dam_id=dam_id, submit_key=key, why=why), name))

    def _delete(self, command: DeleteDam, name: str) -> None:
        send_and_tell(self._send, command, self._message, f"{name} Dam has been successfully deleted.")

    def __panel__(self):
        pager = pn.FlexBox(self._back, self._on, self._size, self._count, align_items="center")
        return pn.Column(
            self._message, self._filter, self._state, self._rows, pager, self._question, sizing_mode="stretch_width"
        )


def _unusual(view: Mapping[str, str]) -> str:
    """What of a view has to be said in an address."""
    usual = {"sort": "name", "down": "", "rows": "25", "page": "1"}
    return urlencode({name: text for name, text in view.items() if text != usual[name]})
