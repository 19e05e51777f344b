"""A page's ``send`` without a page: the answer comes before it returns."""

from collections.abc import Callable
from typing import Any

from components.sending import Answer, Send
from data.commands import Rejected


def at_once(carry_out: Callable[[Any], Any]) -> Send:
    """``carry_out(command)`` gives what was done, or raises Rejected."""

    def send(command: Any, then: Answer) -> None:
        try:
            done, refusal = carry_out(command), None
        except Rejected as refused:
            done, refusal = None, refused
        then(done, refusal)

    return send
