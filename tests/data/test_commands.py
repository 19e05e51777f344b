import dataclasses

import pytest

from data.commands import AddDam, AssignHydrograph, Rejected
from data.frames import HYDROGRAPH, FileReport, HydrographFile, empty

TYPED = {
    "name": "Made-up Dam",
    "owner": "Other",
    "river": "Made-up River",
    "date_built": "June 1941",
    "latitude": "40.5",
    "longitude": "-111.5",
}


def problems_of(**changes):
    with pytest.raises(Rejected) as caught:
        AddDam.typed(TYPED | changes)
    return caught.value.problems


def test_what_was_typed_becomes_typed_values():
    command = AddDam.typed(TYPED | {"name": "  Made-up Dam ", "latitude": "−40.5"})  # a real minus sign
    assert (command.name, command.date_built, command.latitude, command.longitude) == (
        "Made-up Dam",
        "1941-06",
        -40.5,
        -111.5,
    )


def test_R9_an_empty_form_is_told_every_missing_field_in_the_words_of_the_reference():
    with pytest.raises(Rejected) as caught:
        AddDam.typed({})
    assert caught.value.problems == {
        "name": "Name is required.",
        "owner": "Owner is required.",
        "river": "River is required.",
        "date_built": "Date Built is required.",
        "location": "Location is required.",
    }


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "   "}, "name", "Name is required."),
        ({"name": "x" * 201}, "name", "201 characters"),
        ({"name": "a\x00b"}, "name", "cannot be shown"),
        ({"latitude": "north"}, "latitude", "Latitude 'north' is not a number"),
        ({"latitude": "nan"}, "latitude", "not between -90 and 90"),
        ({"latitude": "1e400"}, "latitude", "not between -90 and 90"),
        ({"longitude": "181"}, "longitude", "not between -180 and 180"),
        ({"longitude": ""}, "longitude", "required with the other"),
        ({"latitude": "0", "longitude": "0"}, "location", "Atlantic"),
        ({"date_built": "2999"}, "date_built", "in the future"),
        ({"date_built": "yesterday"}, "date_built", "'yesterday' is not a date"),
        ({"hazard": "Severe"}, "hazard", "High, Significant, Low, Undetermined"),
        ({"nid_id": "ca35"}, "nid_id", "NID ID 'ca35' is not two capital letters"),
    ],
)
def test_R9_a_refusal_names_the_field_the_value_and_what_would_do(changes, field, words):
    problems = problems_of(**changes)
    assert list(problems) == [field]
    assert words in problems[field]


def test_R9_problems_of_form_and_of_rule_are_told_together():
    assert list(problems_of(name="", date_built="soon", latitude="91")) == ["name", "date_built", "latitude"]


def test_a_command_cannot_be_changed_after_it_was_made():
    with pytest.raises(dataclasses.FrozenInstanceError):
        AddDam.typed(TYPED).name = "Another"


def test_two_filled_forms_have_different_submit_keys():
    assert AddDam.typed(TYPED).submit_key != AddDam.typed(TYPED).submit_key


def file(problem=None, **counts):
    return HydrographFile(FileReport("a.csv", "hours", "utf-8", 2, 2, problem, (), counts), empty(HYDROGRAPH))


@pytest.mark.parametrize(
    ("command", "problems"),
    [
        (
            AssignHydrograph(dam_id=None, file=None),
            {"dam": "Dam is Required.", "file": "Hydrograph File is Required."},
        ),
        (AssignHydrograph(dam_id=1, file=file("a.csv is empty.")), {"file": "a.csv is empty."}),
        (
            AssignHydrograph(dam_id=1, file=file(refused=1)),
            {"file": "Not every line was understood: read the report, then accept it or choose another file."},
        ),
    ],
)
def test_R12_an_assignment_is_refused_with_the_words_of_the_reference(command, problems):
    with pytest.raises(Rejected) as caught:
        command.check()
    assert caught.value.problems == problems


def test_R12_a_file_that_was_refused_cannot_be_accepted():
    with pytest.raises(Rejected):
        AssignHydrograph(dam_id=1, file=file("It is empty."), accepted=True).check()


def test_R12_a_report_with_refused_lines_can_be_accepted():
    AssignHydrograph(dam_id=1, file=file(refused=1), accepted=True).check()
