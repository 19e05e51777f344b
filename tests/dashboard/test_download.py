import csv
import datetime as dt
import io
import json
import urllib.error
import urllib.request
from email.message import Message

import pytest

from data import exports
from data.commands import DeleteDam


def asked(url):
    """Status, headers and body."""
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.headers, refusal.read()


@pytest.fixture
def url(serve, app):
    return serve({"hello": lambda: "hello"}, app)


@pytest.mark.parametrize("form", exports.FORMATS)
def test_a_file_of_each_form_is_sent_with_a_name(url, form):
    status, headers, body = asked(f"{url}export?format={form}&hazard=High&search=jordan&rows=10&page=3")
    assert status == 200
    assert headers["Content-Type"] == exports.FORMATS[form]
    told = Message()
    told["content-disposition"] = headers["Content-Disposition"]
    assert told.get_content_disposition() == "attachment"
    assert told.get_filename().startswith(("nid" if form == "nid" else "dams") + "-high-jordan-20")
    assert told.get_filename().endswith(".csv" if form in ("csv", "nid") else f".{form}")
    assert int(headers["Content-Length"]) == len(body)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert b"Jordanelle" in body and b"Deer Creek" not in body


def test_the_dams_are_those_of_the_filter_in_the_order_of_the_table(url):
    _, _, body = asked(f"{url}export?format=csv&hazard=High&sort=date_built&down=yes")
    rows = list(csv.reader(io.StringIO(body.decode(), newline="")))[exports.HEAD_LINES + 1 :]
    assert [row[1] for row in rows] == ["Jordanelle", "Deer Creek"]


def test_an_empty_result_is_a_file(url):
    status, _, body = asked(f"{url}export?format=geojson&search=no+such+dam")
    assert (status, json.loads(body)["features"]) == (200, [])


@pytest.mark.parametrize(
    ("query", "said"),
    [("", "format is ''; csv, geojson, parquet, nid would do."), ("format=xlsx", "format is 'xlsx'"),
     ("format=csv&hazrd=High", "'hazrd' is no filter; 'hazard' is one."), ("format=csv&box=1,2", "box is '1,2'"),
     ("format=csv&sort=password", "sort is 'password'"), ("format=%3Cb%3E", "format is '<b>'")],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_a_sentence(url, query, said):
    status, headers, body = asked(f"{url}export?{query}")
    assert status == 400
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert body.decode().startswith(said)


def test_a_database_that_does_not_answer_is_no_half_file(url, app, monkeypatch):
    from contextlib import contextmanager

    import sqlalchemy as sa

    @contextmanager
    def away(**_):
        raise sa.exc.OperationalError("SELECT", {}, Exception("gone"))
        yield

    monkeypatch.setattr(app, "reading", away)
    status, headers, body = asked(f"{url}export?format=csv")
    assert (status, headers["Content-Disposition"]) == (503, None)
    assert body.decode() == "The database does not answer. Please try again.\n"


def test_a_file_of_the_dams_as_they_were_and_what_is_not_known_is_refused(serve, make_app):
    clock = [dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)]
    app = make_app(clock=lambda: clock[-1])
    clock.append(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))
    app.send(DeleteDam(dam_id=1), user_name="local")
    url = serve({"hello": lambda: "hello"}, app)
    assert b"Deer Creek" in asked(f"{url}export?format=csv&as_of=2026-03-01")[2]
    assert b"Deer Creek" not in asked(f"{url}export?format=csv&as_of=2026-03-02")[2]
    status, _, body = asked(f"{url}export?format=csv&as_of=2026-02-01")
    assert status == 400 and body.startswith(b"What dams were is known from 2026-03-01 12:00 UTC on")
    status, _, body = asked(f"{url}export?format=csv&as_of=yesterday")
    assert status == 400 and b"a date such as 2026-01-31 would do" in body
