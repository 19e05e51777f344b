"""The form that assigns a hydrograph, without a browser (R12)."""

import panel as pn
import panel_material_ui as pmui
import pytest
from answering import at_once

from components.assign_hydrograph import FAILED, AssignHydrographForm
from components.file_choice import FileChoice
from data.commands import AssignHydrograph, Failed, Rejected
from data.importers import assigned
from data.importers.hydrograph_csv import read

GOOD = b"time [hr],flow [cfs]\n0,0\n1,20\n2,45\n"
DOUBTFUL = b"0,0\n1,<b>x</b>\n2,45\n3,\n"
BAD = b"time [min],flow [cfs]\n0,0\n"
DAMS = {"Deer Creek": 1, "Jordanelle": 2}


class Desk:
    """A form, what it sent, and what a reader sees of it."""

    def __init__(self, send=None, **params):
        self.sent = []
        self.answer = send or (lambda command: command.check())
        self.dams = params.pop("dams", DAMS)
        self.form = AssignHydrographForm(
            read=params.pop("read", read), send=at_once(self.send), dams=self.find_dams, **params
        )
        self.panel = self.form.__panel__()

    def send(self, command):
        self.sent.append(command)
        return self.answer(command)

    def find_dams(self, search="", among=None, limit=None):
        found = {label: dam_id for label, dam_id in self.dams.items() if search in label}
        if among is not None:
            found = {f"{label} ({dam_id})": dam_id for label, dam_id in found.items() if dam_id in among}
        return dict(list(found.items())[:limit])

    def find(self, kind, label=None):
        return next(found for found in self.panel.select(kind) if label is None or found.label == label)

    def choose_dam(self, dam_id=1):
        self.find(pmui.AutocompleteInput).value = dam_id

    def choose_file(self, content=GOOD, name="flood.csv"):
        choice = next(iter(self.panel.select(FileChoice)))
        choice._handle_msg({"name": name, "content": content})  # as the browser hands it over

    def accept(self):
        self.find(pmui.Checkbox).value = True

    def assign(self):
        self.find(pmui.Button, "Assign").clicks += 1

    def fill(self, content=GOOD):
        self.choose_dam()
        self.choose_file(content)

    @property
    def shown(self):
        return " ".join(str(pane.object) for pane in self.panel.select(pn.pane.HTML))


@pytest.fixture
def desk():
    return Desk()


def test_R12_a_filled_form_is_sent_and_said_to_be_done(desk):
    desk.fill()
    desk.assign()
    (command,) = desk.sent
    assert isinstance(command, AssignHydrograph) and command.dam_id == 1 and not command.accepted
    assert command.file.report.file_name == "flood.csv" and len(command.file.points) == 3
    assert "Successfully assigned hydrograph." in desk.shown


def test_R12_an_empty_form_is_sent_too_and_each_field_says_what_it_lacks(desk):
    desk.assign()
    dam = desk.find(pmui.AutocompleteInput)
    assert len(desk.sent) == 1
    assert dam.error_state and dam.helper_text == "Dam is Required."
    assert "Hydrograph File is Required." in desk.shown


def test_R12_what_was_chosen_stays_when_it_is_refused(desk):
    desk.choose_file()
    desk.assign()
    assert desk.find(pmui.AutocompleteInput).helper_text == "Dam is Required."
    assert "Hydrograph File is Required." not in desk.shown and "3 of 3 rows read" in desk.shown
    desk.choose_dam(2)
    assert not desk.find(pmui.AutocompleteInput).error_state
    desk.assign()
    assert desk.sent[-1].dam_id == 2 and "Successfully assigned hydrograph." in desk.shown


def test_R12_the_report_is_told_line_by_line(desk):
    desk.choose_file(DOUBTFUL)
    for words in ("3 of 4 rows read", "1 line refused, 1 line read as missing", "<th", 'scope="col"', "Not a number."):
        assert words in desk.shown
    assert "&lt;b&gt;x&lt;/b&gt;" in desk.shown and "<b>x</b>" not in desk.shown


def test_R12_a_file_that_was_not_understood_is_taken_only_when_its_report_was_accepted(desk):
    desk.fill(DOUBTFUL)
    assert desk.find(pmui.Checkbox).visible
    desk.assign()
    assert "Not every line was understood: read the report" in desk.shown
    desk.accept()
    desk.assign()
    assert [command.accepted for command in desk.sent] == [False, True]
    assert "Successfully assigned hydrograph." in desk.shown


def test_R12_a_report_that_was_accepted_is_not_accepted_for_the_next_file(desk):
    desk.fill(DOUBTFUL)
    desk.accept()
    desk.choose_file(DOUBTFUL + b"4,1\n", "other.csv")
    assert not desk.find(pmui.Checkbox).value


def test_R12_a_file_that_cannot_be_used_is_refused_by_the_command(desk):
    desk.fill(BAD)
    assert not desk.find(pmui.Checkbox).visible and "time is expected in hours" in desk.shown
    desk.assign()
    assert len(desk.sent) == 1 and "Successfully" not in desk.shown


def test_R12_a_fault_is_one_sentence_and_the_form_stays():
    def fail(command):
        raise Failed({"": "secret"})

    desk = Desk(fail)
    desk.fill()
    desk.assign()
    assert FAILED == "Unable to assign hydrograph. Please try again." and FAILED in desk.shown
    assert "secret" not in desk.shown and "3 of 3 rows read" in desk.shown
    desk.assign()
    assert desk.sent[0].submit_key == desk.sent[1].submit_key


def test_a_click_before_the_answer_sends_nothing_and_what_is_chosen_meanwhile_stays():
    desk, answers = Desk(), []
    desk.form._send = lambda command, then: answers.append(lambda: then(None, None))
    desk.fill()
    desk.assign()
    desk.assign()
    assert len(answers) == 1 and "Storing …" in desk.shown
    desk.choose_dam(2)
    answers[0]()
    assert "Successfully assigned hydrograph." in desk.shown and "3 of 3 rows read" in desk.shown
    desk.assign()
    assert len(answers) == 2


def test_a_refusal_of_the_whole_is_shown_as_text():
    def refuse(command):
        raise Rejected({"": "You may not <b>assign</b>."})

    desk = Desk(refuse)
    desk.fill()
    desk.assign()
    assert "You may not &lt;b&gt;assign&lt;/b&gt;." in desk.shown


def test_a_double_click_sends_the_same_key(desk):
    desk.fill()
    desk.assign()
    desk.assign()
    assert desk.sent[0] is desk.sent[1] or desk.sent[0].submit_key == desk.sent[1].submit_key
    assert "Successfully assigned hydrograph." in desk.shown and "Required" not in desk.shown


def test_each_filled_form_has_a_key_of_its_own(desk):
    desk.fill()
    desk.assign()
    desk.choose_file()
    desk.assign()
    desk.choose_dam(2)
    desk.choose_file()
    desk.assign()
    assert len({command.submit_key for command in desk.sent}) == 3


def test_the_file_is_cleared_after_success_and_the_dam_stays(desk):
    desk.fill()
    (choice,) = desk.panel.select(FileChoice)
    desk.assign()
    assert choice.chosen is None and choice.cleared == 1
    assert "rows read" not in desk.shown and desk.find(pmui.AutocompleteInput).value == 1
    desk.choose_dam(2)
    desk.assign()
    assert "Hydrograph File is Required." in desk.shown and "Successfully" not in desk.shown


def test_new_dams_leave_the_choice_and_the_file(desk):
    desk.fill()
    desk.dams = {"Strawberry": 3, **DAMS}
    desk.form.load()
    dam = desk.find(pmui.AutocompleteInput)
    assert dam.value == 1 and list(dam.options) == ["Strawberry", "Deer Creek", "Jordanelle"]
    desk.assign()
    assert desk.sent[0].dam_id == 1 and desk.sent[0].file is not None
    desk.dams = {"Deer Creek Dam": 1, "Jordanelle": 2}
    desk.form.load()
    assert dam.value == 1 and dam.value_input == "Deer Creek Dam"
    assert "Successfully assigned hydrograph." in desk.shown


SERIES = b"time,Outflow (cfs)\n2020-01-01T00:00:00Z,1\n2020-01-02T00:00:00Z,2\n2020-01-03T00:00:00Z,3\n"


@pytest.mark.parametrize("content", [GOOD, SERIES])
def test_dams_that_are_asked_for_anew_before_the_answer_are_no_other_choice(content):
    desk = Desk(lambda _command: desk.form.load(), read=assigned.read)
    desk.fill(content)
    desk.assign()
    assert "Successfully assigned" in desk.shown and "Show its plot" in desk.shown
    desk.assign()
    assert len({command.submit_key for command in desk.sent}) == 1


def test_a_chosen_dam_that_is_deleted_is_told(desk):
    desk.fill()
    desk.dams = {"Jordanelle": 2}
    desk.form.load()
    dam = desk.find(pmui.AutocompleteInput)
    assert dam.value is None and "no longer in the inventory" in dam.helper_text
    assert "3 of 3 rows read" in desk.shown


def test_many_dams_are_searched_on_the_server():
    desk = Desk(dams={f"Dam {i}": i for i in range(2000)})
    dam = desk.find(pmui.AutocompleteInput)
    assert dam.lazy_search and dam.min_characters == 2 and dam.options == {}
    assert dam._filter_options("D") == []
    assert len(dam._filter_options("Dam")) == 50
    assert dam._filter_options("Dam 1999") == ["Dam 1999"]
    desk.choose_dam(1999)
    desk.form.load()
    assert dam.value == 1999 and dam.value_input == "Dam 1999 (1999)"
    del desk.dams["Dam 1999"]
    desk.form.load()
    assert dam.value is None and "no longer in the inventory" in dam.helper_text


def test_labels_are_text_for_the_list_too():
    dam = Desk(dams={":material/home: <b>x</b>": 7}).find(pmui.AutocompleteInput)
    assert ":material/" not in next(iter(dam.options)) and list(dam.options.values()) == [7]


def test_a_file_over_the_limit_is_not_read():
    desk = Desk(limit_mb=0.0001)
    desk.fill(b"0,1\n" * 100)
    assert "flood.csv has 0.0 MB; at most 0.0001 MB are read." in desk.shown
    assert "rows read" not in desk.shown
    desk.assign()
    assert desk.sent[0].file is None


def test_an_empty_file_is_refused_with_a_sentence_of_its_own():
    desk = Desk()
    desk.fill(b"")
    assert "flood.csv" in desk.shown and "empty" in desk.shown
    desk.assign()
    assert "Successfully" not in desk.shown and "Hydrograph File is Required." not in desk.shown


@pytest.mark.parametrize("message", [None, "x", {}, {"name": 3, "content": b"0,1"}, {"name": "a.csv", "content": "0"}])
def test_what_no_browser_of_ours_would_send_as_a_file_is_ignored(message):
    desk = Desk()
    next(iter(desk.panel.select(FileChoice)))._handle_msg(message)
    assert "rows read" not in desk.shown


def test_after_success_the_file_the_dam_and_the_way_to_its_plot_are_named(desk):
    desk.fill()
    desk.assign()
    assert "&quot;flood.csv&quot; now belongs to Deer Creek." in desk.shown
    assert 'href="hydrograph?dam=1"' in desk.shown


def test_every_parameter_is_documented():
    own = [name for name in AssignHydrographForm.param if name != "name"]
    assert own and all(AssignHydrographForm.param[name].doc for name in own)
