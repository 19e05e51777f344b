"""Takes a dam's hydrograph away, after asking."""

import panel as pn
import panel_material_ui as pmui
import param

from components.question import Question
from components.sending import Send, send_and_tell
from data.commands import RemoveHydrograph, new_submit_key


class RemoveHydrographButton(pn.viewable.Viewer):
    """Asks, then hands a RemoveHydrograph to ``send``."""

    file_name = param.String(doc="The file that the hydrograph came from; empty: there is none to remove.")

    def __init__(self, dam_id: int, send: Send, **params):
        self._dam_id, self._send = dam_id, send
        super().__init__(**params)
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._question = Question("Remove Hydrograph", "Remove")
        self._button = pmui.Button(
            label="Remove hydrograph", variant="outlined", color="error", on_click=lambda _: self._ask()
        )

    def _ask(self) -> None:
        key = new_submit_key()
        words = f"Remove the hydrograph from {self.file_name}? That it was here stays in the log."
        self._question.ask(
            words, lambda why: self._remove(RemoveHydrograph(dam_id=self._dam_id, submit_key=key, why=why))
        )

    def _remove(self, command: RemoveHydrograph) -> None:
        send_and_tell(self._send, command, self._message, "The hydrograph has been removed.")

    @param.depends("file_name")
    def _shown(self) -> pmui.Button | None:
        return self._button if self.file_name else None

    def __panel__(self):
        return pn.Column(self._message, self._shown, self._question, sizing_mode="stretch_width", margin=0)
