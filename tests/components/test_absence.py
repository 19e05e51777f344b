"""What is said of an absence, without a browser."""

import pytest

from components.absence import WORDS, Absence, Happened, summary
from data.events import KINDS


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"dam_added": 12, "hydrograph_assigned": 1}, "12 dams added, 1 hydrograph assigned"),
        ({"dam_deleted": 1}, "1 dam deleted"),
        ({"dam_added": 0, "dam_edited": 1234}, "1,234 dams changed"),
    ],
)
def test_what_happened_is_grouped_in_one_sentence(counts, words):
    assert summary(Happened(counts)) == f"Since you were last here: {words}."


def test_nothing_is_no_sentence():
    assert summary(Happened({})) == ""
    assert summary(Happened({"dam_added": 0})) == ""


def test_a_count_that_could_not_be_narrowed_to_the_followed_dams_says_so():
    assert summary(Happened({"dam_added": 9000}, of_all=True)).endswith("9,000 dams added (of all dams).")


def test_every_kind_has_its_words():
    assert WORDS.keys() == KINDS.keys()


def arrive(absence, kept):
    absence.param.update(kept=kept, loads=1)
    assert absence.arrived


def made(began=20, counts=None):
    asked = []

    def count(number):
        asked.append(number)
        return Happened({"dam_added": 3} if counts is None else counts)

    return Absence(count, log="log", began=began), asked


def test_a_return_is_told_and_the_number_moves_on():
    absence, asked = made()
    arrive(absence, 17)
    absence.tell()
    assert asked == [17]
    assert absence.words == "Since you were last here: 3 dams added."
    assert absence.seen == 20


@pytest.mark.parametrize("kept", [-1, 20, 21])
def test_a_first_visit_and_one_that_missed_nothing_are_told_nothing(kept):
    absence, asked = made()
    arrive(absence, kept)
    absence.tell()
    assert asked == []
    assert absence.words == ""
    assert absence.seen == 20


def test_when_nothing_wanted_has_happened_nothing_is_said():
    absence, _ = made(counts={})
    arrive(absence, 17)
    absence.tell()
    assert absence.words == ""
    assert absence.seen == 20


def test_it_is_told_once():
    absence, asked = made()
    arrive(absence, 17)
    absence.tell()
    absence.tell()
    assert asked == [17]


def test_a_tick_before_it_is_told_does_not_move_the_number_past_what_is_still_to_be_told():
    absence, _ = made()
    assert absence.move(25) == -1
    arrive(absence, 17)
    absence.tell()
    assert absence.seen == 25
    assert absence.move(26) == 26
