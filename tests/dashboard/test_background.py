"""What follows from work beside a page reaches it, whatever the page is at."""

import asyncio
import threading

import pytest
from own_loop import in_a_loop_of_its_own
from panel.io.state import set_curdoc, state
from raw_page import RawPage

from dashboard import direct
from dashboard.background import Beside


@pytest.fixture
def port(serve, app):
    soon = {"check_unused_sessions_milliseconds": 300, "unused_session_lifetime_milliseconds": 4_000}
    return int(serve({"activity": "dashboard/pages/activity.py"}, app, **soon)[:-1].rpartition(":")[2])


def beside(doc):
    """As a page makes it that is built in ``doc``: in the server's loop."""

    async def make():
        with set_curdoc(doc):
            return Beside()

    return asyncio.run_coroutine_threadsafe(make(), doc.session_context.session._loop.asyncio_loop).result(30)


def with_an_open_page(port, app, work):
    """Run ``work(doc)`` in a thread while a page is open."""

    async def visit():
        page = await RawPage(port, "activity").open()
        await asyncio.to_thread(listening, app, 1)
        (member,) = app.hub._members.values()
        try:
            return await asyncio.to_thread(work, member.doc)
        finally:
            await page.close()

    return in_a_loop_of_its_own(visit)


def listening(app, pages):
    pause = threading.Event()
    for _ in range(600):
        if app.hub.listening == pages:
            return
        pause.wait(0.05)
    raise TimeoutError


class Late(list):
    """What a document holds back; an entry comes when the holding has just ended."""

    def __init__(self, reached, ended):
        super().__init__()
        self.reached, self.ended = reached, ended

    def append(self, entry):
        self.reached.set()
        self.ended.wait(30)
        super().append(entry)


def test_what_is_told_as_a_notice_ends_is_not_lost(port, app):
    """A notice holds back the changes of its document; whoever adds from another thread then was overlooked."""
    arrived, reached, ended, told = [], threading.Event(), threading.Event(), threading.Event()

    def take():
        arrived.append(state.curdoc)
        told.set()

    def work(doc):
        page = beside(doc)

        def tell():
            page.tell(take)
            reached.set()

        def notice():
            doc.callbacks._held_events = Late(reached, ended)
            if direct.run(doc, lambda: (threading.Thread(target=tell).start(), reached.wait(30))):
                ended.set()
            else:  # the page is at work; notices wait too
                loop.call_later(0.05, notice)

        loop = doc.session_context.session._loop
        loop.add_callback(notice)
        ended.wait(30)
        told.wait(10)
        return doc

    doc = with_an_open_page(port, app, work)
    assert arrived == [doc]


def test_a_fault_in_the_work_is_handed_over(port, app):
    got, told = [], threading.Event()

    def then(result, fault):
        got.append((result, str(fault)))
        told.set()

    def work(doc):
        beside(doc).run(lambda: 1 / 0, then)
        assert told.wait(30)

    with_an_open_page(port, app, work)
    assert got == [(None, "division by zero")]


def test_a_page_that_is_gone_is_told_nothing(port, app, caplog):
    page = with_an_open_page(port, app, beside)
    listening(app, 0)
    told = []
    with_an_open_page(port, app, lambda _: page.tell(lambda: told.append("something")))
    assert not told
    assert not [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")]
