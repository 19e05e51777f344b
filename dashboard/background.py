"""Long work beside an open page, which stays usable."""

import contextlib
import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn

log = logging.getLogger(__name__)


class Beside:
    """Runs work in a thread for the page that is being built, and what follows from it in the page's own context."""

    def __init__(self) -> None:
        self._doc: Any = pn.state.curdoc

    def run(self, work: Callable[[], Any], then: Callable[[Any, BaseException | None], None]) -> None:
        """Call ``work()`` in a thread, then ``then(result, None)`` or ``then(None, fault)`` in the page."""

        def worker() -> None:
            try:
                result, fault = work(), None
            except Exception as raised:
                log.info("Work beside a page ended: %s", raised, exc_info=True)
                result, fault = None, raised
            self.tell(partial(then, result, fault))

        threading.Thread(target=worker, name="dams-beside", daemon=True).start()

    def tell(self, function: Callable[[], None]) -> None:
        """Run ``function`` in the page; nothing happens when it is gone. Safe from any thread."""
        with contextlib.suppress(Exception):  # Bokeh has no one word for a document without a session
            self._doc.add_next_tick_callback(function)
