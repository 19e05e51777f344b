"""Bokeh 3.9 forgets to put ``curdoc`` back when what ran in a document's name has failed: this does not.

``patch_curdoc`` keeps a list for the whole process and takes its entry away only where nothing was raised. After a
fault in a callback, code of no page at all, such as a timer or another thread, was taken for that of the page.
"""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bokeh.application.handlers.code
import bokeh.io.doc
import panel.io.handlers

_USERS: tuple[Any, ...] = (bokeh.io.doc, bokeh.application.handlers.code, panel.io.handlers)


@contextmanager
def patch_curdoc(doc: Any) -> Iterator[None]:
    """``curdoc()`` is ``doc`` meanwhile."""
    entries, entry = bokeh.io.doc._PATCHED_CURDOCS, weakref.ref(doc)
    entries.append(entry)
    del doc
    try:
        yield
    finally:
        del entries[max(place for place, one in enumerate(entries) if one is entry)]


def mend() -> None:
    """Put the mended function in place; a second call does nothing."""
    for module in _USERS:
        module.patch_curdoc = patch_curdoc
