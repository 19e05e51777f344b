"""Asks the database whether it is there, for those who will not wait long."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

PATIENCE = 2.5  #: Seconds; whoever asks for health waits three.

log = logging.getLogger(__name__)

State = tuple[int, int]


class Probe:
    """Asks the database in a thread of its own, one at a time: one that hangs costs one thread, not one a call."""

    def __init__(self, ask: Callable[[], State]):
        self._ask = ask
        self._asking: Future[State | None] | None = None

    async def state(self) -> State | None:
        """What ``ask`` gives, None when it fails or is not there in time. To be called in one loop."""
        if self._asking is None or self._asking.done():
            self._asking = Future()
            threading.Thread(target=self._answer, args=[self._asking], name="dams-probe", daemon=True).start()
        answer = asyncio.wrap_future(self._asking)
        done, _ = await asyncio.wait({answer}, timeout=PATIENCE)
        return answer.result() if done else None

    def _answer(self, asking: "Future[State | None]") -> None:
        try:
            found = self._ask()
        except Exception:
            log.debug("The database does not answer", exc_info=True)
            asking.set_result(None)
        else:
            asking.set_result(found)
