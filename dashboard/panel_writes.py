"""Panel 1.9.4 can leave a change unsent: this sends it.

A change that cannot be written at once is queued (``_WRITE_MSGS``) and a task sends the queue. While that
task waits for the network, further changes join the queue and start a task of their own; when the first one
ends it takes the mark of the queue (``_WRITE_BLOCK``) away, and the second, which finds no mark, leaves its
changes there. The browser then shows an old state until something else changes.
"""

from typing import Any

from panel.io import document

_dispatch = document._dispatch_msgs


async def _dispatch_all(doc: Any) -> None:
    await _dispatch(doc)
    if doc in document._WRITE_MSGS and doc not in document._WRITE_BLOCK:
        document._WRITE_BLOCK[doc] = True
        document._dispatch_write_task(doc, document._dispatch_msgs, doc)


def mend() -> None:
    """Put the mended task in place; a second call does nothing."""
    document._dispatch_msgs = _dispatch_all
