"""Changes that follow each other closely all reach the browser."""

import asyncio

import pytest
from own_loop import in_a_loop_of_its_own
from panel.io import document
from panel.io.document import unlocked
from panel.io.state import set_curdoc
from panel.models.markup import HTML
from raw_page import RawPage

from dashboard import panel_writes


@pytest.fixture
def port(serve, app):
    return int(serve({"activity": "dashboard/pages/activity.py"}, app)[:-1].rpartition(":")[2])


def test_a_change_made_while_an_earlier_one_is_written_is_sent(port, app, monkeypatch):
    """The second change comes when the first, which had to be queued, has just been written."""
    panel_writes.mend()

    async def visit():
        told, second = [], asyncio.Event()
        here = asyncio.get_running_loop()

        def take(part):
            told.append(part)
            if b"the second" in part:
                second.set()

        page = await RawPage(port, "activity", take).open()
        while not app.hub.listening:
            await asyncio.to_thread(app.hub._nudged.wait, 0.05)
        (member,) = app.hub._members.values()
        while not (member.absence.arrived and member.notices.remembered):  # then the page has said its first words
            await asyncio.to_thread(app.hub._nudged.wait, 0.05)
        doc = member.doc
        session = doc.session_context.session
        model = next(iter(doc.select({"type": HTML})))
        writing = document._run_write_futures

        def change(text):
            with set_curdoc(doc), unlocked():
                model.text = text

        async def write_and_change(of):
            await writing(of)
            if asyncio.current_task().get_coro().__name__.startswith("_dispatch"):  # the task of the queue
                monkeypatch.setattr(document, "_run_write_futures", writing)
                change("the second")

        async def begin():
            (connection,) = session._subscribed_connections
            monkeypatch.setattr(document, "_run_write_futures", write_and_change)
            async with _held(connection._socket.write_lock):
                change("the first")
            while tasks := document._write_tasks.get(doc):
                await asyncio.gather(*tasks)
            return doc in document._WRITE_MSGS

        left = await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(begin(), session._loop.asyncio_loop), loop=here
        )
        await asyncio.wait_for(second.wait(), 10)
        await page.close()
        return left, b"".join(told)

    left, told = in_a_loop_of_its_own(visit)
    assert not left
    assert b"the first" in told


class _held:
    """Holds a lock of Tornado's."""

    def __init__(self, lock):
        self._lock = lock

    async def __aenter__(self):
        await self._lock.acquire()

    async def __aexit__(self, *_):
        self._lock.release()
