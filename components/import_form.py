"""The form that takes an inventory file in: read, look at the report, decide, accept."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.file_choice import ChosenFile, FileChoice
from components.import_conflicts import ConflictChoice
from components.import_report import import_report
from components.names import import_counts
from components.plain import links, plain, plain_label
from data.commands import ImportInventory, Rejected, Unchanged, new_submit_key
from data.frames import ImportConflict, InventoryReport

FAILED = "The file could not be taken in, and nothing was changed. Please try again."
#: Panel 1.9.4 makes a column no taller than its parent, and what follows would lie over it.
_FULL_HEIGHT = {"max-height": "none"}
_OLDER = "The older file is meant: its values replace the newer ones, as if it were the next release"
_HINT = "p { margin: 4px 2px 0; font-size: 0.85rem; line-height: 1.45; opacity: 0.85; }"


class ReadFile(Protocol):
    """A file that was read, as ``data.importers.inventory`` gives it."""

    report: InventoryReport

    @property
    def hazard(self) -> Mapping[str, int]: ...

    def close(self) -> None: ...


class Compared(Protocol):
    """What an import would do; ``data.imports.Taken`` says what each is."""

    conflicts: list[ImportConflict]
    whole: bool
    withheld: int
    held: int

    def counts(self) -> dict[str, int]: ...


class Cancelled(Exception):
    """The reader has stopped the work."""


Background = Callable[[Callable[[], Any], Callable[[Any, BaseException | None], None]], None]


class ImportForm(pn.viewable.Viewer):
    """Collects one ImportInventory and hands it to ``send``; whether it can be done is decided there.

    ``read(name, content, progress)`` gives the file, ``compare`` what would be done, ``send`` does it and gives what
    was done, counted. ``background(work, then)`` runs long work beside the page and calls ``then(result, fault)`` in
    it; ``tell(function)`` runs a function in the page from such work.
    """

    limit_mb = param.Number(20.0, bounds=(0, None), doc="Largest file that is sent, packed, MB of 1,000,000 bytes.")
    busy = param.String(doc="What is being done; empty for nothing.")

    def __init__(
        self,
        read: Callable[[str, bytes, Callable[[int], None]], ReadFile],
        compare: Callable[[ImportInventory], Compared],
        send: Callable[[ImportInventory], Mapping[str, Any]],
        background: Background,
        tell: Callable[[Callable[[], None]], None],
        **params,
    ):
        super().__init__(**params)
        self._read, self._compare, self._send, self._background, self._tell = read, compare, send, background, tell
        self._file: ReadFile | None = None
        self._key = new_submit_key()
        self._said_whole: bool | None = None
        self._stop = threading.Event()
        self._choice = FileChoice(
            label="Choose Inventory File",
            accept=".csv,.gz,.json,.geojson,.txt",
            limit_bytes=int(self.limit_mb * 1_000_000),
            pack=True,
            sizing_mode="stretch_width",
            margin=0,
        )
        # What is shown before a page has loaded would not reach its browser.
        self._choice.param.watch(lambda event: pn.state.onload(lambda: self._take_file(event)), "chosen")
        self._progress = pn.pane.HTML("", sizing_mode="stretch_width", margin=(4, 0))
        self._cancel = pmui.Button(label="Cancel", variant="outlined", visible=False, margin=(4, 0))
        self._cancel.on_click(lambda _: self._stop.set())
        self._report = pn.Column(sizing_mode="stretch_width", margin=0, styles=_FULL_HEIGHT)
        self._whole = pmui.Checkbox(label="", visible=False, margin=(4, 0), sizing_mode="stretch_width")
        self._whole.param.watch(self._say_whole, "value")
        self._older = pmui.Checkbox(label=_OLDER, visible=False, margin=(4, 0), sizing_mode="stretch_width")
        self._older.param.watch(lambda _: self._look_again(), "value")
        self._would = pn.Column(sizing_mode="stretch_width", margin=0, styles=_FULL_HEIGHT)
        self._conflicts = ConflictChoice()
        self._accept = pmui.Button(label="Accept and import", variant="contained", visible=False, margin=(8, 8, 8, 0))
        self._accept.on_click(self._submit)
        self._outcome = pn.Column(sizing_mode="stretch_width", margin=0)

    def close(self) -> None:
        """Let go of the file, and stop what is being done with it."""
        self._stop.set()
        if self._file is not None and not self.busy:
            self._file.close()
            self._file = None

    def _take_file(self, event: param.parameterized.Event) -> None:
        chosen: ChosenFile | None = event.new
        if chosen is None or self.busy:
            return
        self.close()
        self._forget()
        self._outcome[:] = []
        if chosen.content is None:
            words = (
                f"{chosen.name} has {chosen.size / 1e6:,.1f} MB packed; at most {self.limit_mb:g} MB are taken here."
            )
            self._outcome[:] = [feedback.refused(words, "Import it with the command: dams import FILE.")]
            return
        name, content = chosen.name, chosen.content
        self._choice.chosen = None  # the bytes are in good hands
        self._work("Reading", lambda: self._read(name, content, self._count("rows read")), self._show_file)

    def _forget(self) -> None:
        """Show nothing of a file, and decide anew about the next."""
        self._key = new_submit_key()
        self._said_whole = None
        self._would[:], self._report[:] = [], []
        self._conflicts.conflicts = []
        self._whole.visible = self._older.visible = self._accept.visible = False
        self._older.value = False

    def _work(self, what: str, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        self._stop.clear()
        self.busy = what
        self._whole.disabled = self._older.disabled = True
        self._say(f"{what}…")

        def done(result: Any, fault: BaseException | None) -> None:
            self.busy = ""
            self._whole.disabled = self._older.disabled = False
            self._say("")
            if isinstance(fault, Cancelled):
                self._outcome[:] = [feedback.bar("note", "Stopped; nothing was changed.")]
            elif isinstance(fault, Rejected):
                self._show_refusal(fault)
            elif fault is not None:
                self._outcome[:] = [feedback.failed(FAILED)]
            else:
                then(result)

        self._background(work, done)

    def _count(self, what: str) -> Callable[[int], None]:
        """A function that shows how far the work is, and ends it when the reader has cancelled."""

        def progress(rows: int) -> None:
            if self._stop.is_set():
                raise Cancelled
            self._tell(lambda: self._say(f"{rows:,} {what}…"))

        return progress

    def _say(self, words: str) -> None:
        self._progress.object = plain(words, "span", role="status") if words else ""
        self._cancel.visible = bool(self.busy)

    def _show_file(self, file: ReadFile) -> None:
        self._file = file
        report = file.report
        self._report[:] = [import_report(report, file.hazard)]
        if not report.problem:
            self._look_again()

    def _show_refusal(self, refusal: Rejected) -> None:
        if isinstance(refusal, Unchanged):
            self.close()
            self._forget()
        self._older.visible = self._older.visible or "older" in refusal.problems
        kind = "note" if isinstance(refusal, Unchanged) else "refused"
        self._outcome[:] = [feedback.bar(kind, *refusal.problems.values())]

    def _say_whole(self, event: param.parameterized.Event) -> None:
        if self._whole.visible and event.new is not self._said_whole:
            self._said_whole = event.new
            self._look_again()

    def _look_again(self) -> None:
        if self._file is None or self.busy or self._file.report.problem:
            return
        self._outcome[:], self._would[:] = [], []
        self._conflicts.conflicts = []
        self._accept.visible = False
        command = self._command(self._count("dams compared"))
        self._work("Comparing", lambda: self._compare(command), self._show_comparison)

    def _command(self, progress: Callable[[int], None]) -> ImportInventory:
        return ImportInventory(
            file=self._file,
            whole=self._said_whole,
            older=bool(self._older.value),
            decisions=self._conflicts.decisions(),
            otherwise=self._conflicts.otherwise,
            submit_key=self._key,
            progress=progress,
        )

    def _show_comparison(self, compared: Compared) -> None:
        counts = compared.counts()
        words = [f"Importing it means: {import_counts(counts)}."]
        words[0] += f" {counts['unchanged']:,} are as they were." if counts["unchanged"] else ""
        if compared.withheld:
            words.append(
                f"{compared.withheld:,} of {compared.held:,} dams would be removed if this file were the whole list. "
                "It is taken for a part, and they stay."
            )
        self._would[:] = [feedback.bar("note", *words, margin=(4, 0))]
        self._show_whole(compared.whole)
        self._conflicts.conflicts = compared.conflicts
        self._accept.visible = True

    def _show_whole(self, whole: bool) -> None:
        """The box as the comparison took it: what was assumed is from now on what the reader accepts."""
        report = self._file.report  # type: ignore[union-attr]
        states = [state for state in report.states if state]
        where = f"the {len(states)} states in it" if len(states) > 3 else " and ".join(states) or "its source"
        words = f"This file is the whole list of {where}: dams of its last release that are missing here are removed"
        self._said_whole = whole
        self._whole.param.update(label=plain_label(words), value=whole, visible=not report.more_pages)

    def _submit(self, _event: object) -> None:
        if self._file is None or self.busy:
            return
        command = self._command(self._count("dams taken in"))
        self._work("Importing", lambda: self._send(command), self._show_done)

    def _show_done(self, body: Mapping[str, Any]) -> None:
        words = f'"{body["file_name"]}" was imported: {import_counts(body)}.'
        self.close()
        self._choice.clear()
        self._forget()
        addresses = {"See the dams": "dams", "On the map": "map", "Overview": "overview"}
        self._outcome[:] = [feedback.done(words), links(addresses, margin=(4, 0))]

    def __panel__(self):
        hint = (
            "A CSV of the National Inventory of Dams or of one state, a CSV or GeoJSON list with NID IDs, plain or "
            f"packed (.gz). The browser packs it; at most {self.limit_mb:g} MB packed."
        )
        return pn.Column(
            self._choice,
            pn.pane.HTML(plain(hint), stylesheets=[_HINT], sizing_mode="stretch_width", margin=0),
            pn.Row(self._progress, self._cancel, sizing_mode="stretch_width", margin=0),
            self._outcome,
            self._older,
            self._report,
            self._whole,
            self._would,
            self._conflicts,
            self._accept,
            sizing_mode="stretch_width",
            max_width=1000,
            css_classes=["import-form"],
            styles=_FULL_HEIGHT,
        )
