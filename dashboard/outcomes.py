"""What became of each command: one line in the log, and counted."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dashboard.metrics import Metrics
from data.commands import Command, Failed, NotAllowed, Rejected
from data.writes import Done

log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """``done`` is set by whoever carries the command out."""

    done: Done | None = None


@contextmanager
def told(command: Command, metrics: Metrics, *, user_name: str, page_id: str) -> Iterator[Outcome]:
    """Log and count what becomes of ``command`` in the block; its values are not told. Raises what the block raises."""
    name, began = type(command).__name__, time.perf_counter()

    def tell(level: int, words: str, outcome: str, **more: object) -> None:
        seconds = time.perf_counter() - began
        metrics.command(name, outcome, seconds)
        told = {"user": user_name, "command": name, "ms": round(seconds * 1000, 1), "outcome": outcome}
        fault = outcome == "failed"
        log.log(level, f"{name} {words}", extra=told | {"page": page_id[:8]} | more, exc_info=fault)

    result = Outcome()
    try:
        yield result
    except NotAllowed as refusal:
        metrics.refusal(type(refusal).__name__)
        tell(logging.INFO, "was not allowed", "not_allowed", reason=type(refusal).__name__)
        raise
    except Exception as problem:
        reason = type(problem).__name__
        if isinstance(problem, Failed) or not isinstance(problem, Rejected):
            tell(logging.ERROR, "was not carried out", "failed", reason=reason)
        else:
            metrics.refusal(reason)
            tell(logging.INFO, "was refused", "refused", reason=reason)
        raise
    if result.done is not None:
        outcome = "repeated" if result.done.repeated else "done"
        tell(logging.INFO, "was done already" if result.done.repeated else "done", outcome, event=result.done.number)
