"""Takes a dam's hydrograph away, after asking."""

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.plain import plain
from data.commands import Rejected, RemoveHydrograph, new_submit_key


class RemoveHydrographButton(pn.viewable.Viewer):
    """Asks, then hands a RemoveHydrograph to ``send``."""

    file_name = param.String(doc="The file that the hydrograph came from; empty: there is none to remove.")

    def __init__(self, dam_id: int, send: Callable[[RemoveHydrograph], object], **params):
        self._dam_id, self._send = dam_id, send
        super().__init__(**params)
        self._command = RemoveHydrograph(dam_id=dam_id)
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._question = pn.pane.HTML("", sizing_mode="stretch_width")
        keep = pmui.Button(label="Cancel", variant="text", on_click=lambda _: self._ask(False))
        remove = pmui.Button(label="Remove", color="error", on_click=lambda _: self._remove())
        self._dialog = pmui.Dialog(
            self._question,
            pn.Row(pn.Spacer(sizing_mode="stretch_width"), keep, remove, sizing_mode="stretch_width"),
            title="Remove Hydrograph",
            close_on_click=True,
            width_option="xs",
        )
        self._button = pmui.Button(
            label="Remove hydrograph", variant="outlined", color="error", on_click=lambda _: self._ask(True)
        )

    def _ask(self, ask: bool) -> None:
        self._command = RemoveHydrograph(dam_id=self._dam_id, submit_key=new_submit_key())
        self._question.object = plain(
            f"Remove the hydrograph from {self.file_name}? That it was here stays in the log."
        )
        self._dialog.open = ask

    def _remove(self) -> None:
        command = self._command
        self._ask(False)
        try:
            self._send(command)
        except Rejected as refusal:
            self._message[:] = [feedback.refused(*refusal.problems.values())]
        else:
            self._message[:] = [feedback.done("The hydrograph has been removed.")]

    @param.depends("file_name")
    def _shown(self) -> pmui.Button | None:
        return self._button if self.file_name else None

    def __panel__(self):
        return pn.Column(self._message, self._shown, self._dialog, sizing_mode="stretch_width", margin=0)
