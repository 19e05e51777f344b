"""What one open page owns: its user, its cursor, its tick and its teardown."""

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import panel as pn
from bokeh.document import Document

from components import feedback
from components.absence import Absence, Happened
from components.notices import NoticeBox
from components.sending import Answer
from dashboard import curdoc, panel_writes, services
from dashboard.background import Beside
from dashboard.services import Services
from data import reads
from data.as_of import TooEarly
from data.commands import Command, Failed, Rejected
from data.events import KINDS, counts_after, for_all, head, latest, log_id, read_after
from data.frames import Event
from data.inventory import ALL, Filter, read_moment
from data.store import NO_ANSWER, in_words

log = logging.getLogger(__name__)

T = TypeVar("T")

FAULT = "That did not work: the server has a fault, and has written it down."
MOST_READ = 5000  #: Events read one by one to tell those of the dams that are followed.

curdoc.mend()
panel_writes.mend()


class OpenPage:
    """One open page. Make it before reading any table: an event seen twice is harmless, one missed is not.

    ``on_refresh`` functions load the page's tables again. They run at once for the page's own
    changes and for those that the reader does not want to be told of, and for all others when the
    reader asks.
    """

    due, ailing = False, False
    kind = "page"
    loop: asyncio.AbstractEventLoop | None = None
    kept = ""  #: What becomes of what is typed or chosen here when the server goes away.
    title = ""  #: The page's heading, where what it shows has a name of its own.

    def __init__(self, app: Services):
        self.services = app
        self.page_id = uuid.uuid4().hex
        self._beside = Beside()
        self.actor = app.actor()
        with app.reading() as db:
            self.cursor = self._began = head(db)
            log = log_id(db)
        self.absence = Absence(self._happened, log=log, began=self.cursor)
        dams, owners = partial(self.read, reads.dam_choices), partial(self.read, reads.owners)
        self.notices = NoticeBox(KINDS, log=log, dams=dams, owners=owners)
        self.notices.param.watch(lambda _: self.refresh(), "refresh")
        self.notices.param.watch(lambda _: self._greet(), "remembered")
        self.absence.param.watch(lambda _: self._greet(), "arrived")
        self.trouble = pn.Column(sizing_mode="stretch_width", margin=0)
        self._loaders: list[Callable[[], None]] = []
        self._followers: list[tuple[Callable[[Event], bool], Callable[[], None]]] = []
        document = pn.state.curdoc
        if document is not None:
            self.doc: Document = document
            # In the page's body a client that never loads would join too.
            pn.state.onload(self._join)
            document.on_session_destroyed(self._leave)

    def send(self, command: Command, then: Answer) -> None:
        """Carry ``command`` out as this page's user, beside the page: a database that makes it wait holds up no page.

        ``then(done, refusal)`` is called in the page; one of the two is None.
        """
        me, send = self.actor, self.services.send
        work = partial(send, command, user_name=me.name, origin=self.page_id, sign_in=me.sign_in_id)
        self._beside.run(work, partial(_answer, then))

    def may(self, right: str) -> bool:
        """Whether this page's user has the right by now, unlike ``actor``, which is as it was when the page opened."""
        return right in self.services.rights(self.actor.name, self.actor.sign_in_id)

    def read(self, query: Callable[..., T], *args: object, **options: object) -> T:
        """``query(db, ...)`` in a database session of its own, which sees the dams of the time that a filter names."""
        wanted = next((one for one in args if isinstance(one, Filter)), ALL)
        return self.read_as_of(wanted.as_of, query, *args, **options)

    def read_as_of(self, moment: str, query: Callable[..., T], *args: object, **options: object) -> T:
        """``query(db, ...)`` on the dams of a moment (``Filter.as_of``), "" for now.

        Where that is not known whole the page says so.
        """
        then = read_moment(moment)
        if then is not None:
            try:
                with self.services.reading(as_of=then) as db:
                    return query(db, *args, **options)
            except TooEarly as why:
                self.trouble[:] = [feedback.refused(f"{why} What is shown may lack dams and changes.")]
                with self.services.reading(as_of=then, strict=False) as db:
                    return query(db, *args, **options)
        with self.services.reading() as db:
            return query(db, *args, **options)

    def on_refresh(self, load: Callable[[], None]) -> None:
        """Call ``load`` whenever the page's tables should be read again."""
        self._loaders.append(load)

    def on_event(self, wanted: Callable[[Event], bool], load: Callable[[], None]) -> None:
        """Call ``load`` as soon as an event that is ``wanted`` is in the log, whoever caused it."""
        self._followers.append((wanted, load))

    def refresh(self) -> None:
        """Read the page's tables again, in place."""
        with pn.io.hold():
            for load in self._loaders:
                load()

    def fail(self, fault: BaseException) -> None:
        """Say that something here did not work; a page that could not read is loaded again when it can."""
        log.error("Page %s: what a reader did has failed", self.page_id[:8], exc_info=fault)
        words = FAULT
        if isinstance(fault, NO_ANSWER):
            self.ailing, words = True, f"{in_words(fault)} This page is loaded again when that is over."
        self.trouble[:] = [feedback.failed(words)]

    def tick(self) -> None:
        """Take in what lies past the cursor; the hub calls it in this page's context."""
        if self.ailing:
            self.refresh()
            self.trouble[:], self.ailing = [], False
        found = self.services.hub.after(self.cursor)
        if not found:
            return
        of_dams = [event for event in found if for_all(event)]
        shown = [event for event in of_dams if event.origin != self.page_id and self.notices.wants(event)]
        if len(shown) < len(of_dams):
            self.refresh()
        else:
            for wanted, load in self._followers:
                if any(map(wanted, found)):
                    with pn.io.hold():
                        load()
        self.cursor = latest(found, self.cursor)
        self.notices.tell(shown, self.absence.move(self.cursor))

    def _greet(self) -> None:
        """Tell what happened meanwhile, when it is known what is to be told and since when."""
        if self.notices.remembered and self.absence.arrived:
            self.absence.tell()

    def _happened(self, number: int) -> Happened:
        """What is to be told of the events after ``number`` that this page began with."""
        notices, until = self.notices, self._began
        if notices.following.mute:
            return Happened({})
        found = self.read(counts_after, number, until=until)
        counts = {kind: found[kind] for kind in KINDS if kind in found and kind in notices.kinds}
        if notices.following.tells_of_all or not counts:
            return Happened(counts)
        if sum(found.values()) > MOST_READ:
            return Happened(counts, of_all=True)
        events = self.read(read_after, number, until=until, limit=MOST_READ, kinds=KINDS)
        wanted = Counter(event.kind for event in events if notices.wants(event))
        return Happened({kind: wanted[kind] for kind in counts})

    def _join(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.services.hub.join(self)

    def _leave(self, _context: object) -> None:
        self.services.hub.leave(self)


def _answer(then: Answer, done: object, fault: BaseException | None) -> None:
    if fault is not None and not isinstance(fault, Rejected):
        log.error("A command was not carried out", exc_info=fault)
        fault = Failed({"": "The server has a fault, and nothing was changed. Please try again."})
    then(done, fault)


def open_page() -> OpenPage:
    """The page that is being built, on this process's services."""
    return OpenPage(services.current())
