"""A box that asks before something is done."""

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

from components.plain import plain
from data.commands import LENGTHS


def answers(*buttons: pmui.Button) -> pn.Row:
    """A dialog's buttons, at its right edge."""
    return pn.Row(pn.Spacer(sizing_mode="stretch_width"), *buttons, sizing_mode="stretch_width")


def reason_field() -> pmui.TextInput:
    """Where the reason of a change is typed; the log keeps it."""
    return pmui.TextInput(
        label="Reason (optional)", max_length=LENGTHS["why"], sizing_mode="stretch_width", description=""
    )


class Question(pn.viewable.Viewer):
    """Asks once for each ``ask``; ``do`` runs when the answer is ``action``, and nothing on Cancel or Esc.

    ``do`` gets the reason that was typed, "" for none.
    """

    def __init__(self, title: str, action: str, **params):
        super().__init__(**params)
        self._do: Callable[[str], None] | None = None
        self.reason = reason_field()
        self._words = pn.pane.HTML("", sizing_mode="stretch_width")
        self._dialog = pmui.Dialog(
            self._words,
            self.reason,
            answers(
                pmui.Button(label="Cancel", variant="text", on_click=lambda _: self._close()),
                pmui.Button(label=action, color="error", on_click=lambda _: self._agreed()),
            ),
            title=title,
            close_on_click=True,
            width_option="xs",
        )
        self._dialog.param.watch(lambda event: None if event.new else self._forget(), "open")

    def ask(self, words: str, do: Callable[[str], None]) -> None:
        """Show ``words`` and wait; ``do`` is called once, if at all."""
        self._do, self.reason.value = do, ""
        self._words.object = plain(words)
        self._dialog.open = True

    def _agreed(self) -> None:
        do, why = self._do, self.reason.value_input or self.reason.value
        self._close()
        if do is not None:
            do(why)

    def _close(self) -> None:
        self._forget()
        self._dialog.open = False

    def _forget(self) -> None:
        self._do = None

    def __panel__(self):
        return self._dialog
