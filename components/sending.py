"""How a component hands over a command: it is carried out beside the page, and its answer comes later.

A database can make a command wait, for another writer or for itself to come back; the pages of everyone would wait
with it if it were carried out where the click is taken in.
"""

from collections.abc import Callable
from typing import Any

import panel as pn

from components import feedback
from data.commands import Rejected

Answer = Callable[[Any, Rejected | None], None]  #: Gets what was done, or the refusal; the other is None.
Send = Callable[[Any, Answer], None]  #: ``send(command, then)`` returns at once; ``then`` is called once, in the page.


def send_and_tell(send: Send, command: Any, message: pn.Column, done: str) -> None:
    """Hand ``command`` over; ``message`` says that it is under way, then ``done``, or why it was refused."""

    def answered(_done: Any, refusal: Rejected | None) -> None:
        message[:] = [feedback.refused(*refusal.problems.values()) if refusal else feedback.done(done)]

    message[:] = [feedback.storing()]
    send(command, answered)
