"""What one open page owns: its user, its cursor, its tick and its teardown."""

import uuid
from collections.abc import Callable
from typing import TypeVar

import panel as pn
from bokeh.document import Document

from components.notices import NoticeBox
from dashboard import services
from dashboard.services import Services
from data.commands import Command
from data.events import KINDS, head, latest
from data.writes import Done

T = TypeVar("T")


class OpenPage:
    """One open page. Make it before reading any table: an event seen twice is harmless, one missed is not.

    ``on_refresh`` functions load the page's tables again. They run at once for the page's own
    changes and for kinds whose notices are off, and for all others when the reader asks.
    """

    due = False
    kept = ""  #: What becomes of what is typed or chosen here when the server goes away.
    title = ""  #: The page's heading, where what it shows has a name of its own.

    def __init__(self, app: Services):
        self.services = app
        self.page_id = uuid.uuid4().hex
        self.actor = app.actor()
        with app.reading() as db:
            self.cursor = head(db)
        self.notices = NoticeBox(KINDS)
        self.notices.param.watch(lambda _: self.refresh(), "refresh")
        self._loaders: list[Callable[[], None]] = []
        document = pn.state.curdoc
        if document is not None:
            self.doc: Document = document
            # In the page's body a client that never loads would join too.
            pn.state.onload(self._join)
            document.on_session_destroyed(self._leave)

    def send(self, command: Command) -> Done:
        """Carry ``command`` out as this page's user."""
        return self.services.send(command, user_name=self.actor.name, origin=self.page_id)

    def read(self, query: Callable[..., T], *args: object, **options: object) -> T:
        """``query(db, ...)`` in a database session of its own."""
        with self.services.reading() as db:
            return query(db, *args, **options)

    def on_refresh(self, load: Callable[[], None]) -> None:
        """Call ``load`` whenever the page's tables should be read again."""
        self._loaders.append(load)

    def refresh(self) -> None:
        """Read the page's tables again, in place."""
        with pn.io.hold():
            for load in self._loaders:
                load()

    def tick(self) -> None:
        """Take in what lies past the cursor; the hub calls it in this page's context."""
        found = self.services.hub.after(self.cursor)
        if not found:
            return
        foreign = [event for event in found if event.origin != self.page_id]
        shown = [event for event in foreign if self.notices.wants(event)]
        with pn.io.hold():
            if len(shown) < len(found):
                self.refresh()
            if shown:
                self.notices.tell(shown)
        self.cursor = latest(found, self.cursor)

    def _join(self) -> None:
        self.services.hub.join(self)

    def _leave(self, _context: object) -> None:
        self.services.hub.leave(self)


def open_page() -> OpenPage:
    """The page that is being built, on this process's services."""
    return OpenPage(services.current())
