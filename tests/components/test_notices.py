"""The notice box without a browser: what it is told to show, and what it makes of the answers."""

import datetime as dt
import json

import pytest

from components.notices import LISTED, NoticeBox
from data.frames import Event

NOON = dt.datetime(2024, 5, 1, 12, tzinfo=dt.UTC)
KINDS = {"dam_added": "Dams added", "dam_deleted": "Dams deleted"}


def event(number, kind="dam_added"):
    return Event(number, kind, NOON, "diadmin", "", number, f"Dam {number}", {})


@pytest.fixture
def notices():
    return NoticeBox(KINDS, log="", dams=dict, owners=list)


def shown(notices):
    return json.loads(notices._box._wire.text)


def test_R21_what_waits_is_shown_with_its_number_to_be_kept(notices):
    notices.tell([event(3), event(4, "dam_deleted")], 4)
    assert shown(notices) == {
        "told": {
            "summary": "A new dam has been added. A dam has been deleted. Refresh this page to load them.",
            "lines": ['"Dam 3" was added by diadmin.', '"Dam 4" was deleted by diadmin.'],
            "more": 0,
            "last": 4,
        },
        "seen": 4,
    }


def test_a_long_list_is_cut_and_says_how_many_more_there_are(notices):
    for number in range(1, 71):
        notices.tell([event(number)], number)
    told = shown(notices)["told"]
    assert told["summary"].startswith("70 new dams have been added.")
    assert (len(told["lines"]), told["more"], told["last"]) == (LISTED, 20, 70)


def test_an_answer_takes_away_only_what_was_shown(notices):
    refreshed = []
    notices.param.watch(refreshed.append, "refresh")
    notices.tell([event(3)], 3)
    notices.tell([event(4)], 4)
    notices._box._handle_msg({"act": "dismiss", "last": 3})  # event 4 came while the answer was under way
    assert [waiting.number for waiting in notices.waiting] == [4]
    assert shown(notices)["told"]["lines"] == ['"Dam 4" was added by diadmin.']
    notices._box._handle_msg({"act": "refresh", "last": 4})
    assert notices.waiting == [] and len(refreshed) == 1


@pytest.mark.parametrize("message", [None, "refresh", {}, {"act": "drop", "last": 3}, {"act": "refresh", "last": "3"}])
def test_what_no_browser_of_ours_would_answer_is_ignored(notices, message):
    notices.tell([event(3)], 3)
    notices._box._handle_msg(message)
    assert len(notices.waiting) == 1


def test_pages_that_wait_for_other_events_with_the_same_numbers_are_told_their_own(notices):
    other = NoticeBox(KINDS, log="", dams=dict, owners=list)
    notices.tell([event(3)], 3)
    other.tell([event(3, "dam_deleted")], 3)
    assert "added" in shown(notices)["told"]["summary"] and "deleted" in shown(other)["told"]["summary"]
