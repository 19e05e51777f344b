"""Long work beside an open page, which stays usable."""

import asyncio
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn

from data.commands import Rejected

log = logging.getLogger(__name__)


class Beside:
    """Runs work in a thread for the page that is being built, and what follows from it in the page's own context."""

    def __init__(self) -> None:
        self._doc: Any = pn.state.curdoc
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:  # built without a server
            self._loop = None

    def run(self, work: Callable[[], Any], then: Callable[[Any, BaseException | None], None]) -> None:
        """Call ``work()`` in a thread, then ``then(result, None)`` or ``then(None, fault)`` in the page."""

        def worker() -> None:
            try:
                result, fault = work(), None
            except Exception as raised:
                log.info("Work beside a page ended: %s", raised, exc_info=not isinstance(raised, Rejected))
                result, fault = None, raised
            self.tell(partial(then, result, fault))

        threading.Thread(target=worker, name="dams-beside", daemon=True).start()

    def tell(self, function: Callable[[], None]) -> None:
        """Run ``function`` in the page; nothing happens when it is gone. Safe from any thread."""
        if self._loop is None:
            self._add(function)
            return
        try:
            # From this thread it could fall between the changes that a notice holds back, and be overlooked.
            self._loop.call_soon_threadsafe(self._add, function)
        except RuntimeError:
            log.info("The server has ended before what followed beside its page")

    def _add(self, function: Callable[[], None]) -> None:
        session = getattr(self._doc, "session_context", None)
        if session is None or session.destroyed:
            log.info("A page was closed before what followed beside it")
            return
        self._doc.add_next_tick_callback(function)
