"""What administrators are told of users and roles, and nobody else: on pages, on return, and on ``/events``."""

import asyncio
import json
import re
from pathlib import Path

import pytest
import websockets.sync.client as websocket
from own_loop import in_a_loop_of_its_own
from panel.tests.util import wait_until

from dashboard import session
from dashboard.hub import Hub
from dashboard.stream import Reader, array_frame, sse_text
from data import events
from data.commands import AddDam, AddUser, ChangeRole, ChangeUser, EndSignIns, RemoveUser
from data.events import ADMIN_KINDS, KINDS

ROOT = Path(__file__).parents[2]


def dam(name):
    return AddDam(name=name, owner="Other", river="River", date_built="1950", longitude=-90.0, latitude=35.0)


@pytest.fixture
def asked():
    """Who a page that opens is; ``asked["user"]`` can be changed."""
    return {"user": "diviewer"}


@pytest.fixture
def app(make_app, asked):
    return make_app(identify=lambda: asked["user"])


def log(app):
    with app.reading() as db:
        return events.read_after(db, 0)


def test_every_kind_of_event_is_for_everyone_or_for_administrators():
    assert not KINDS.keys() & ADMIN_KINDS.keys()
    writers = [ROOT / "data" / "writes.py", *(ROOT / "data" / "writing").glob("*.py")]
    written = {kind for path in writers for kind in re.findall(r'[cC]hange\((?:work, )?"(\w+)"', path.read_text())}
    assert written == KINDS.keys() | ADMIN_KINDS.keys()


def fill(app):
    """After the seed's two: 3 a user, 4 a dam, 5 the user is removed."""
    app.send(AddUser(name="ada", role_name="diviewer"), user_name="local")
    app.send(dam("Dam"), user_name="local")
    app.send(RemoveUser(name="ada"), user_name="local")


def test_some_kinds_are_read_and_counted_and_the_limit_is_of_these(app):
    fill(app)
    with app.reading() as db:
        assert [one.number for one in events.read_before(db, kinds=KINDS, limit=2)] == [4, 2]
        assert [one.number for one in events.read_before(db, kinds=ADMIN_KINDS)] == [5, 3]
        assert [one.number for one in events.read_after(db, 1, kinds=KINDS, limit=2)] == [2, 4]
        assert events.counts_after(db, 0) == {"dam_added": 3}


def opened(app):
    page = session.OpenPage(app)
    loads = {"refresh": 0, "admin": 0}
    page.on_refresh(lambda: loads.update(refresh=loads["refresh"] + 1))
    page.on_event(lambda event: not events.for_all(event), lambda: loads.update(admin=loads["admin"] + 1))
    return page, loads


def test_a_page_is_not_refreshed_by_users_and_takes_its_cursor_on(app):
    page, loads = opened(app)
    app.send(AddUser(name="ada", role_name="diviewer"), user_name="local")
    page.tick()
    assert loads == {"refresh": 0, "admin": 1}
    assert page.cursor == 3 and page.notices.waiting == []
    app.send(dam("Dam"), user_name="local")
    page.tick()
    assert [event.number for event in page.notices.waiting] == [4]


def test_on_return_users_are_not_counted(app, monkeypatch):
    fill(app)
    page = session.OpenPage(app)
    assert page._happened(2).counts == {"dam_added": 1}
    monkeypatch.setattr(session, "MOST_READ", 1)
    assert not page._happened(2).of_all


def test_a_page_asks_anew_what_its_user_may(app, asked):
    asked["user"] = "local"
    page = session.OpenPage(app)
    assert page.may("admin")
    app.send(AddUser(name="ada", role_name="admin"), user_name="local")
    app.send(ChangeUser(name="local", role_name="diviewer"), user_name="ada")
    assert page.actor.may("admin") and not page.may("admin")


def test_the_two_audiences_of_the_same_events_get_their_own(app):
    fill(app)
    found = log(app)
    for form in (sse_text, array_frame):
        for admin in (True, False, True, False):
            text = form(found, admin)
            assert (b"user_added" in text) is admin and b'"dam_name": "Dam"' in text
        assert form(found[2:3], False) == b""


class Listener:
    """A reader without a server, on a hub that has read the log."""

    def __init__(self, app, *, is_admin=None, push=False):
        self.told, self.asked, self.answers = [], 0, is_admin
        hub = Hub(app._read_after, app._head)
        hub._cursor = 0
        hub._look()
        form = lambda found, admin: json.dumps([one.number for one in found if admin or events.for_all(one)]).encode()  # noqa: E731
        self.reader = Reader(hub, "test", 2, form, self._send, self._push if push else None, is_admin and self._look)

    def _look(self):
        self.asked += 1
        return self.answers()

    async def _send(self, message):
        self.told += json.loads(message)

    def _push(self, message):
        self.told += json.loads(message)
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    async def ticked(self):
        self.reader.tick()
        if self.reader._sending is not None:
            await self.reader._sending
        return self


@pytest.mark.parametrize("push", [False, True])
def test_a_listener_is_told_what_it_may_know_and_its_cursor_moves_over_the_rest(app, push):
    fill(app)

    async def listen(**options):
        return await Listener(app, push=push, **options).ticked()

    everyone = in_a_loop_of_its_own(listen)
    assert everyone.told == [4] and everyone.reader.cursor == 5
    admin = in_a_loop_of_its_own(lambda: listen(is_admin=lambda: True))
    assert admin.told == [3, 4, 5] and admin.asked == 1
    no_more = in_a_loop_of_its_own(lambda: listen(is_admin=lambda: False))
    assert no_more.told == [4] and no_more.reader.cursor == 5


def test_an_administrators_right_is_not_looked_up_for_dams(app):
    app.send(dam("Dam"), user_name="local")

    async def listen():
        return await Listener(app, push=True, is_admin=lambda: True).ticked()

    found = in_a_loop_of_its_own(listen)
    assert found.told == [3] and found.asked == 0 and found.reader._sending is None  # the fast path


def test_what_cannot_be_looked_up_is_told_later_and_not_left_out(app):
    fill(app)

    def away():
        raise OSError("away")

    async def listen():
        listener = await Listener(app, is_admin=away).ticked()
        assert listener.told == [] and listener.reader.cursor == 2
        listener.answers = lambda: True
        return await listener.ticked()

    assert in_a_loop_of_its_own(listen).told == [3, 4, 5]


def test_the_feed_tells_each_in_words(app):
    from components.event_feed import details, sentence

    app.send(ChangeRole(name="guard", staff=False, rights=("view", "edit")), user_name="local")
    app.send(ChangeRole(name="guard", staff=True, rights=("view",)), user_name="local")
    app.send(AddUser(name="ada", role_name="guard", states=("Utah",), max_dams=0), user_name="local")
    app.send(ChangeUser(name="ada", role_name="diviewer", max_bytes=2_500_000, disabled=True), user_name="local")
    app.send(EndSignIns(name="ada"), user_name="local")
    app.send(RemoveUser(name="ada"), user_name="local")
    told = [(sentence(event), "".join(details(event))) for event in log(app)[2:]]
    assert told == [
        ("The local user made the role guard.", "may: change dams, look at dams"),
        ("The local user changed the role guard.",
         "staff from no to yes; may from change dams, look at dams to look at dams"),
        ("The local user added the user ada as guard.", "states: Utah; dams: 0"),
        ("The local user changed the user ada.",
         "role from guard to diviewer; disabled from no to yes; states from Utah to all; "
         "dams from 0 to as the settings say; MB from as the settings say to 2.5"),
        ("The local user signed ada out everywhere (0 sign-ins).", ""),
        ("The local user removed the user ada.", "role: diviewer; disabled: yes; MB: 2.5"),
    ]  # fmt: skip


@pytest.mark.parametrize(("user", "expected"), [("local", [3, 4, 5, 6, 7]), ("diviewer", [4, 7])])
def test_events_over_the_wire_are_for_the_audience_of_who_listens(serve, make_app, user, expected):
    app = make_app(user=user)
    fill(app)
    url = serve({"activity": "dashboard/pages/activity.py"}, app)
    with websocket.connect(f"ws{url[4:]}events?after=2", open_timeout=20) as listener:
        found = json.loads(listener.recv(20))
        app.send(AddUser(name="bob", role_name="diviewer"), user_name="local")
        app.send(dam("After"), user_name="local")
        while found[-1]["number"] < 7:
            found += json.loads(listener.recv(20))
    assert [event["number"] for event in found] == expected
    wait_until(lambda: app.hub.listening == 0, timeout=20_000)


def test_the_log_as_a_file_has_events_about_users_for_administrators_alone(make_app, serve):
    import json
    import urllib.request

    kinds = {}
    for user in ("local", "diviewer"):
        app = make_app(user=user)
        if user == "local":
            app.send(AddUser(name="jo", role_name="diadmin"), user_name="local")
        with urllib.request.urlopen(serve({f"hello{user}": lambda: "hello"}, app) + "log?after=1") as answer:
            assert answer.headers["Content-Disposition"].endswith('.jsonl"')
            lines = [json.loads(line) for line in answer.read().splitlines()]
        kinds[user] = [line["kind"] for line in lines]
        assert lines[0]["number"] == 2 and all(len(line["hash"]) == 64 for line in lines)
    assert kinds == {"local": ["dam_added", "user_added"], "diviewer": ["dam_added"]}
