"""What one open page counts of the time that this browser was away."""

import json

import pytest

from components.absence import Happened, summary
from dashboard import session
from data.commands import AddDam, DeleteDam, EditDam


def fields(name, owner="Other", longitude=-90.0):
    river = {"river": "Made-up River", "date_built": "1950"}
    return {"name": name, "owner": owner, "longitude": longitude, "latitude": 35.0, **river}


@pytest.fixture
def page(app):
    """An open page that began with three dams added, one of them moved, one deleted, after event 2."""
    ids = [app.send(AddDam(**fields(f"Dam {i}")), user_name="local").dam_id for i in range(3)]
    app.send(EditDam(dam_id=ids[0], revision=1, **fields("Dam 0", longitude=-91.0)), user_name="local")
    app.send(DeleteDam(dam_id=ids[1]), user_name="local")
    opened = session.OpenPage(app)
    opened.ids = ids
    app.send(AddDam(**fields("After the page began")), user_name="local")
    return opened


def test_a_page_counts_by_kind_what_it_began_with(page):
    assert page._happened(2) == Happened({"dam_added": 3, "dam_edited": 1, "dam_deleted": 1})
    assert page._happened(5) == Happened({"dam_edited": 1, "dam_deleted": 1})


def test_a_page_does_not_count_kinds_that_are_off_nor_anything_when_muted(page):
    page.notices.kinds = ["dam_deleted"]
    assert page._happened(2) == Happened({"dam_deleted": 1})
    page.notices.following.mute = True
    assert page._happened(2) == Happened({})


def test_a_page_counts_of_the_followed_dams_alone(page):
    page.notices.following.param.update(by="dams", dams=[page.ids[0]])
    assert summary(page._happened(2)) == "Since you were last here: 1 dam added, 1 dam changed."
    page.notices.following.param.update(by="state", state="Utah")
    assert summary(page._happened(2)) == ""


def test_of_too_many_events_all_are_counted_and_it_is_said(page, monkeypatch):
    monkeypatch.setattr(session, "MOST_READ", 4)
    page.notices.following.param.update(by="dams", dams=[page.ids[0]])
    assert page._happened(2) == Happened({"dam_added": 3, "dam_edited": 1, "dam_deleted": 1}, of_all=True)


def test_the_page_tells_when_both_its_number_and_the_choice_of_notices_have_come(page):
    page.absence.param.update(kept=2, loads=1)
    assert page.absence.words == ""
    page.notices._remember({"off": ["dam_added"]})
    assert "1 dam changed, 1 dam deleted." in page.absence.words


def test_the_number_moves_with_the_page(page, app):
    page.absence.param.update(kept=2, loads=1)
    page.notices._remember({})
    assert page.absence.seen == 7
    page.tick()
    assert page.cursor == 8
    assert json.loads(page.notices._box._wire.text)["seen"] == 8  # what goes to the browser
