"""``/events`` for programs, from a real server: server-sent events and websocket, with the cursor's rules."""

import json
import socket
import urllib.error
import urllib.request

import pytest
import websockets.sync.client as websocket
from panel.tests.util import wait_until
from servers import each_database

from data.commands import AddDam, DeleteDam

TIMEOUT = 20


def made_up(name="Made-up Dam"):
    return AddDam(name=name, owner="Other", river="River", date_built="1950", longitude=-90.0, latitude=35.0)


@pytest.fixture
def url(serve, app):
    return serve({"activity": "dashboard/pages/activity.py"}, app)


def events_of(answer):
    """The events of a server-sent stream, one at a time: (id, kind, data)."""
    fields = {}
    for line in answer:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif "data" in fields:
            yield int(fields["id"]), fields["event"], json.loads(fields["data"])
            fields = {}


def stream(url, after="", **headers):
    return urllib.request.urlopen(urllib.request.Request(f"{url}events{after}", headers=headers), timeout=TIMEOUT)


def socket_of(url, after="", **options):
    return websocket.connect(f"ws{url[4:]}events{after}", open_timeout=TIMEOUT, **options)


def test_everything_from_the_first_event_on_and_then_as_it_happens(url, app):
    with stream(url, "?after=0") as answer:
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        found = events_of(answer)
        assert [next(found)[:2] for _ in range(2)] == [(1, "dam_added"), (2, "dam_added")]
        app.send(made_up(), user_name="local")
        app.send(DeleteDam(dam_id=3), user_name="local")
        assert [next(found)[:2] for _ in range(2)] == [(3, "dam_added"), (4, "dam_deleted")]


def test_an_event_says_what_happened_to_which_dam_by_whom_when_and_where(url, app):
    with stream(url, "?after=2") as answer:
        app.send(made_up("<b>Dam</b>"), user_name="local")
        number, kind, data = next(events_of(answer))
    assert (number, kind) == (3, "dam_added")
    assert data.pop("recorded_at").endswith("+00:00")
    assert data.pop("body")["after"]["river"] == "River"
    assert data == {
        "number": 3, "kind": "dam_added", "user": "local", "dam_id": 3, "dam_name": "<b>Dam</b>", "owner": "Other",
        "longitude": -90.0, "latitude": 35.0,
    }  # fmt: skip


def test_without_a_number_it_begins_with_what_happens_next(url, app):
    with stream(url) as answer:
        assert answer.readline() == b"retry: 1000\n"
        app.send(made_up(), user_name="local")
        assert next(events_of(answer))[0] == 3


def test_a_reader_that_comes_back_goes_on_after_its_last_event(url, app):
    with stream(url, "?after=0") as answer:
        last = next(events_of(answer))[0]
    app.send(made_up(), user_name="local")
    with stream(url, "?after=0", **{"Last-Event-ID": str(last)}) as answer:
        found = events_of(answer)
        assert [next(found)[0] for _ in range(2)] == [2, 3]


def test_a_websocket_gets_the_same_in_arrays(url, app):
    with socket_of(url, "?after=0") as listener:
        assert [event["number"] for event in json.loads(listener.recv(TIMEOUT))] == [1, 2]
        app.send(made_up(), user_name="local")
        (event,) = json.loads(listener.recv(TIMEOUT))
        assert (event["number"], event["dam_name"]) == (3, "Made-up Dam")


def test_a_reader_far_behind_misses_nothing_of_what_memory_no_longer_holds(url, app, monkeypatch):
    monkeypatch.setattr(app.hub, "_queue", type(app.hub._queue)(maxlen=10))
    for number in range(40):
        app.send(made_up(f"Dam {number}"), user_name="local")
    with stream(url, "?after=0") as answer:
        found = events_of(answer)
        assert [next(found)[0] for _ in range(42)] == list(range(1, 43))


def test_a_number_that_is_none_is_refused(url):
    for wrong in ("x", "-1", "1.5", "1e3", "9" * 30, "%D9%A3"):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            stream(url, f"?after={wrong}")
        assert refusal.value.code == 400
        assert "after must be a whole number: that of the last event taken in" in refusal.value.reason
        refusal.value.close()


def test_a_page_of_another_origin_gets_no_websocket(url):
    with pytest.raises(websocket.InvalidStatus, match="403"):
        socket_of(url, origin="https://elsewhere.example")


def test_a_listener_that_is_gone_is_forgotten(url, app):
    with stream(url, "?after=0") as answer, socket_of(url):
        next(events_of(answer))
        wait_until(lambda: app.hub.listening == 2, timeout=20_000)
    app.send(made_up(), user_name="local")  # what finds out that nobody reads
    wait_until(lambda: app.hub.listening == 0, timeout=20_000)


def test_a_listener_that_does_not_read_holds_up_nobody(url, app):
    host, port = url[7:-1].split(":")
    with socket.create_connection((host, int(port))) as deaf:
        deaf.sendall(b"GET /events?after=0 HTTP/1.1\r\nHost: x\r\n\r\n")
        with stream(url, "?after=2") as answer:
            found = events_of(answer)
            for number in range(60):
                app.send(made_up("D" * 200), user_name="local")
                assert next(found)[0] == number + 3


@each_database
def test_the_stream_of_each_database_is_the_log(serve, make_app):
    app = make_app()
    url = serve({"activity": "dashboard/pages/activity.py"}, app)
    with stream(url, "?after=0") as answer:
        found = events_of(answer)
        app.send(made_up(), user_name="local")
        assert [next(found)[0] for _ in range(3)] == [1, 2, 3]
