"""The form that gives a dam the hydrograph or the series of a file."""

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.file_choice import ChosenFile, FileChoice
from components.file_report import file_report
from components.hydrograph import HydrographView
from components.plain import links, plain, plain_label
from components.sending import Send
from components.series_choice import SeriesChoice
from components.server_search import Find, ServerSearch
from data.commands import AssignHydrograph, AssignSeries, Failed, Rejected, new_submit_key
from data.frames import HydrographFile
from data.series import SeriesFile

FAILED = "Unable to assign hydrograph. Please try again."

_WHAT = {AssignHydrograph: "hydrograph", AssignSeries: "series"}

#: Panel 1.9.4 makes a column no taller than its parent, and what follows would lie over it.
_FULL_HEIGHT = {"max-height": "none"}
_HINT = """
p { margin: 4px 2px 0; font-size: 0.85rem; line-height: 1.45; opacity: 0.85; }
p.error { color: var(--mui-palette-error-main, #b2182b); opacity: 1; }
"""


class AssignHydrographForm(pn.viewable.Viewer):
    """Collects one AssignHydrograph or AssignSeries and hands it to ``send``, which decides whether it can be done.

    What was chosen stays when the command is refused. ``read`` makes a HydrographFile or a SeriesFile of
    a file's name and content. ``dams`` gives label to dam_id: ``dams(search="", limit=)``, or ``dams(among=)`` of some.
    """

    limit_mb = param.Number(20.0, bounds=(0, None), doc="Largest file that is read, MB of 1,000,000 bytes.")
    cancel_href = param.String("dams", doc="Where Cancel leads, relative to the page.")

    def __init__(
        self,
        read: Callable[[str, bytes], HydrographFile | SeriesFile],
        send: Send,
        dams: Find,
        **params,
    ):
        super().__init__(**params)
        self._read, self._send, self._dams = read, send, dams
        self._sent = False
        self._file: HydrographFile | SeriesFile | None = None
        self._series: SeriesChoice | None = None
        self._key = new_submit_key()
        self._done: AssignHydrograph | AssignSeries | None = None
        self._filled: tuple | None = None
        self._filled_file: HydrographFile | SeriesFile | None = None
        self._make_widgets()
        self._preview = HydrographView(compact=True)
        self._report = pn.Column(sizing_mode="stretch_width", margin=0, styles=_FULL_HEIGHT)
        self._outcome = pn.Column(sizing_mode="stretch_width", margin=0)
        self._say_file()

    def _make_widgets(self) -> None:
        self._dam = ServerSearch(self._dams, label="Dam", sizing_mode="stretch_width", margin=(8, 0))
        self._dam.param.watch(self._changed, "value")
        self._hint = pn.pane.HTML(stylesheets=[_HINT], sizing_mode="stretch_width", margin=0)
        self._choice = FileChoice(
            label="Choose Hydrograph File",
            accept=".csv,.txt,.rdb,.json,.xml,.gz",
            limit_bytes=int(self.limit_mb * 1_000_000),
            sizing_mode="stretch_width",
            margin=0,
        )
        self._choice.param.watch(self._take_file, "chosen")
        self._accepted = pmui.Checkbox(label="I have read the report; take what was read", visible=False, margin=(4, 0))
        self._accepted.param.watch(self._changed, "value")
        self._assign = pmui.Button(label="Assign", variant="contained", margin=(8, 8, 8, 0))
        self._assign.on_click(self._submit)
        self._cancel = pmui.Button(label="Cancel", variant="text", href=self.cancel_href, margin=(8, 0))

    def load(self) -> None:
        """Ask for the dams again; the choice and the file stay as they are."""
        chosen = self._dam.value
        self._dam.relist(chosen, {} if chosen is None else self._dams(among=[chosen]))
        if self._dam.value is not None:
            self._dam.param.trigger("value")  # shows the label of the chosen dam anew, should it have changed
        elif chosen is not None:
            self._say_dam("This dam is no longer in the inventory; choose another.")

    def _take_file(self, event: param.parameterized.Event) -> None:
        chosen: ChosenFile | None = event.new
        if chosen is None:
            return
        if chosen.content is None:
            self._file = None
            size = chosen.size / 1_000_000
            self._say_file(f"{chosen.name} has {size:,.1f} MB; at most {self.limit_mb:g} MB are read.")
        else:
            self._file = self._read(chosen.name, chosen.content)
            self._say_file()
        self._show_file()
        self._changed()  # with the roles that the file is shown with

    def _show_file(self) -> None:
        """The report, the preview and the box to accept with, for the file that is chosen."""
        self._accepted.value = False
        self._series = None
        if isinstance(self._file, SeriesFile):
            self._series = SeriesChoice(self._file, self._changed)
            self._accepted.visible = bool(self._file.rejected)
            self._report[:] = [self._series]
            return
        report = self._file.report if self._file else None
        self._accepted.visible = bool(report and not report.problem and not report.understood)
        if self._file is None or report is None:
            self._report[:] = []
            return
        self._preview.param.update(points=self._file.points, file_name=report.file_name, dam_name=self._dam_label())
        self._report[:] = [file_report(report), *([] if report.problem else [self._preview])]

    def _dam_label(self) -> str:
        return self._dam.label_of(self._dam.value) or "the dam to be chosen"

    def _changed(self, *_events) -> None:
        """Another filled form: it gets a key of its own, and what was said of the last one goes."""
        roles = tuple(self._series.roles.items()) if self._series else ()
        filled = (self._dam.value, self._accepted.value, roles)
        if filled == self._filled and self._file is self._filled_file:
            return
        self._filled_file = self._file
        self._filled = filled
        self._key, self._done = new_submit_key(), None
        self._outcome[:] = []
        self._say_dam()
        self._preview.dam_name = self._dam_label()

    def _say_dam(self, problem: str = "") -> None:
        self._dam.param.update(error_state=bool(problem), helper_text=plain_label(problem))

    def _say_file(self, problem: str = "") -> None:
        error = plain(problem, "p", "error", role="alert") if problem else ""
        hint = (
            "CSV of two columns, time (hours) and flow (cfs), or a file of series: USGS RDB, JSON or WaterML, CDEC, "
            f"WDL, CWMS, NDBC, or a CSV with dates; at most {self.limit_mb:g} MB."
        )
        self._hint.object = error + plain(hint)

    def _submit(self, _event) -> None:
        """Sends the command. A second click on a form that is done sends the same one, which counts once."""
        if self._sent:  # the first has no answer yet
            return
        command = self._done or self._command()
        self._sent = True
        self._outcome[:] = [feedback.storing()]
        self._send(command, lambda _done, refusal: self._answered(command, refusal))

    def _answered(self, command: AssignHydrograph | AssignSeries, refusal: Rejected | None) -> None:
        self._sent = False
        if isinstance(refusal, Failed):
            self._outcome[:] = [feedback.bar("failed", FAILED, margin=(4, 0))]
        elif refusal is not None:
            self._say_refused(refusal.problems)
        elif command.submit_key not in (self._key, self._done and self._done.submit_key):
            # Another dam or file was chosen meanwhile: that stays.
            self._outcome[:] = [feedback.bar("done", f"Successfully assigned {_WHAT[type(command)]}.", margin=(4, 0))]
        else:
            self._clear(command)

    def _command(self) -> AssignHydrograph | AssignSeries:
        filled = {"dam_id": self._dam.value, "accepted": self._accepted.value, "submit_key": self._key}
        if isinstance(self._file, SeriesFile) and self._series is not None:
            return AssignSeries(file=self._file, roles=self._series.roles, **filled)
        return AssignHydrograph(file=self._file if isinstance(self._file, HydrographFile) else None, **filled)

    def _say_refused(self, problems: dict[str, str]) -> None:
        self._say_dam(problems.get("dam", ""))
        self._say_file(problems.get("file", ""))
        others = [sentence for field, sentence in problems.items() if field not in ("dam", "file") and sentence]
        self._outcome[:] = [feedback.bar("refused", *others, margin=(4, 0))] if others else []

    def _clear(self, command: AssignHydrograph | AssignSeries) -> None:
        file = command.file
        assert file is not None and command.dam_id is not None  # it was carried out
        name = file.file_name if isinstance(file, SeriesFile) else file.report.file_name
        words = f'"{name}" now belongs to {self._dam_label()}.'
        addresses = {"Show its plot": f"hydrograph?dam={command.dam_id}", "Open the dam": f"dam?id={command.dam_id}"}
        self._file = None
        self._choice.clear()
        self._show_file()
        self._changed()
        self._say_file()
        self._done = command
        self._outcome[:] = [
            feedback.bar("done", f"Successfully assigned {_WHAT[type(command)]}.", words, margin=(4, 0)),
            links(addresses, margin=(4, 0)),
        ]

    def __panel__(self):
        return pn.Column(
            self._dam,
            pn.Column(self._choice, self._hint, sizing_mode="stretch_width", margin=(8, 0)),
            self._report,
            self._accepted,
            self._outcome,
            pn.Row(self._assign, self._cancel, margin=0),
            sizing_mode="stretch_width",
            max_width=900,
            css_classes=["assign-hydrograph"],
            styles=_FULL_HEIGHT,
        )
