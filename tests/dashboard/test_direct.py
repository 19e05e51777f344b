"""A tick that runs at once: what the browser gets of it, and when the page must wait for its turn."""

import asyncio
import json
import threading

import pytest
from own_loop import in_a_loop_of_its_own
from panel.io.state import state
from raw_page import RawPage

from dashboard import direct
from data.commands import AddDam

TOLD = "has been added"


def made_up(name):
    return AddDam(name=name, owner="Other", river="River", date_built="1950", longitude=-90.0, latitude=35.0)


@pytest.fixture
def port(serve, app):
    return int(serve({"activity": "dashboard/pages/activity.py"}, app)[:-1].rpartition(":")[2])


class Told:
    """A page's parts, as they come."""

    def __init__(self):
        self.parts, self.more = [], asyncio.Event()

    def __call__(self, part):
        self.parts.append(part.decode())
        self.more.set()

    async def until(self, *words):
        """The message whose content holds all ``words``: header, metadata, content."""
        while True:
            for place, part in enumerate(self.parts):
                if all(word in part for word in words):
                    return self.parts[place - 2 : place + 1]
            self.more.clear()
            await asyncio.wait_for(self.more.wait(), 30)


@pytest.fixture
def ran(monkeypatch):
    """What ``direct.run`` answered, one by one."""
    answers, real = [], direct.run

    def run(doc, work):
        answers.append(real(doc, work))
        return answers[-1]

    monkeypatch.setattr(direct, "run", run)
    return answers


def test_a_tick_at_once_sends_one_whole_message_of_bokeh(port, app, ran):
    async def visit():
        told = Told()
        page = await RawPage(port, "activity", told).open()
        await asyncio.to_thread(joined, app)
        await asyncio.to_thread(app.send, made_up("First"), user_name="local")
        header, metadata, content = await told.until("First", TOLD)
        await page.close()
        return json.loads(header), json.loads(metadata), json.loads(content), page.models

    header, metadata, content, models = in_a_loop_of_its_own(visit)
    assert ran[-1] is True
    assert (header["msgtype"], header["num_buffers"], metadata) == ("PATCH-DOC", 0, {})
    (change,) = content["events"]
    assert (change["kind"], change["attr"]) == ("ModelChanged", "text")
    assert change["model"]["id"] in models


def test_a_page_that_is_at_work_takes_its_turn_and_misses_nothing(port, app, ran):
    async def visit():
        told, held, release = Told(), threading.Event(), threading.Event()
        page = await RawPage(port, "activity", told).open()
        await asyncio.to_thread(joined, app)
        (member,) = app.hub._members.values()
        session = member.doc.session_context.session

        async def work():
            held.set()
            await asyncio.to_thread(release.wait, 30)

        session._loop.add_callback(session.with_document_locked, work)
        await asyncio.to_thread(held.wait, 30)
        await asyncio.to_thread(app.send, made_up("Second"), user_name="local")
        await asyncio.to_thread(answered, ran)
        release.set()
        await told.until("Second", TOLD)
        await page.close()

    in_a_loop_of_its_own(visit)
    assert False in ran


def test_what_has_no_document_takes_its_turn():
    assert not direct.run(object(), lambda: None)
    assert not state.curdoc


def wait_for(holds):
    pause = threading.Event()
    for _ in range(600):
        if holds():
            return
        pause.wait(0.05)
    raise TimeoutError


def joined(app):
    wait_for(lambda: app.hub.listening == 1)


def answered(answers):
    wait_for(lambda: answers)
