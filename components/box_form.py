"""A form in a box of its own, which collects one command; a refusal stands in it and what was typed stays."""

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.question import answers
from components.sending import Send
from data.commands import Rejected


class BoxForm(pn.viewable.Viewer):
    """``done(command)`` is called when the command was taken, ``closed()`` however the box was closed.

    The box gets its title when it is opened. A subclass makes its fields before it calls this ``__init__`` with them,
    gives the command of what is typed (``_command``, which may raise Rejected) and shows ``problems`` beside the
    fields (``_show_beside``).
    """

    problems = param.Dict(default={}, doc="Field to sentence, from the last refusal.")

    def __init__(self, send: Send, *fields: Any, done: Callable[[Any], None], closed: Callable[[], None], **params):
        self._send, self._done, self._sent = send, done, False
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        super().__init__(**params)
        cancel = pmui.Button(label="Cancel", variant="text", on_click=lambda _: self._close())
        save = pmui.Button(label="Save", color="primary", on_click=lambda _: self._submit())
        self._dialog = pmui.Dialog(
            self._message, *fields, answers(cancel, save), close_on_click=True, width_option="sm"
        )
        self._dialog.param.watch(lambda event: None if event.new else closed(), "open")

    def _command(self) -> Any:
        raise NotImplementedError

    def _show_beside(self) -> None:
        raise NotImplementedError

    def _taken(self) -> None:
        """The command was taken, and the box is about to close."""

    def _submit(self) -> None:
        if self._sent or not self._dialog.open:  # a second click, before the first has its answer
            return
        try:
            command = self._command()
        except Rejected as refusal:
            self.problems = refusal.problems
            return
        self._sent, self.problems = True, {}
        self._message[:] = [feedback.storing()]
        self._send(command, lambda _done, refusal: self._answered(command, refusal))

    def _answered(self, command: Any, refusal: Rejected | None) -> None:
        self._sent = False
        self._message[:] = []
        self.problems = refusal.problems if refusal else {}
        if refusal is None:
            self._taken()
            self._close()
            self._done(command)

    def _close(self) -> None:
        self._dialog.open = False

    @param.depends("problems", watch=True)
    def _show_problems(self) -> None:
        self._show_beside()
        self._message[:] = feedback.problems(self.problems)

    def __panel__(self):
        return self._dialog
