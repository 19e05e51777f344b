"""The form of an import, without a server: work runs at once, and what is said can be read off."""

from types import SimpleNamespace

import pytest

from components.file_choice import ChosenFile
from components.import_form import ImportForm
from data.commands import Failed, Rejected, Unchanged
from data.frames import ImportConflict, InventoryReport, RefusedRow
from data.importers import inventory


def report(**values):
    about = {
        "file_name": "f.csv", "system": "NID", "format": "CSV, 3 columns", "encoding": "UTF-8", "columns": ("a",),
        "sha256": "", "rows": 2, "accepted": 2, "rejected": (), "warnings": (), "hazard": {}, "states": {"Utah": 2},
        "year_min": None, "year_max": None, "bbox": None, "on_map": 2, "off_map": 0, "storage_acre_ft_sum": None,
        "last_updated": "",
    }  # fmt: skip
    return InventoryReport(**about | values)


class File:
    def __init__(self, **values):
        self.report, self.hazard, self.closed = report(**values), {}, False

    def close(self):
        self.closed = True


class Desk:
    """A form whose work runs at once; ``sent`` are the commands that reached ``send``."""

    def __init__(self, file=None, conflicts=(), **params):
        self.file, self.sent, self.conflicts, self.fault = file or File(), [], list(conflicts), None
        self.compared, self.withheld, self.refusal = [], 0, None
        self.form = ImportForm(
            self.read, self.compare, self.send, self.background, lambda function: function(), **params
        )

    def background(self, work, then):
        try:
            result, fault = work(), None
        except Exception as raised:
            result, fault = None, raised
        then(result, fault)

    def read(self, name, content, progress):
        progress(10)
        return self.file

    def compare(self, command):
        self.compared.append(command)
        if self.refusal and not command.older:
            raise self.refusal
        whole = not self.withheld if command.whole is None else command.whole
        counts = {"added": 2, "changed": 0, "removed": 0, "unchanged": 0, "adopted": 0, "kept": 0}
        return SimpleNamespace(
            conflicts=self.conflicts,
            counts=lambda: counts,
            whole=whole,
            withheld=0 if whole else self.withheld,
            held=91467,
        )

    def send(self, command):
        self.sent.append(command)
        if self.fault:
            raise self.fault
        return {"file_name": "f.csv", "added": 2}

    def choose(self, content=b"x", size=1):
        self.form._choice.chosen = ChosenFile("f.csv", size, content)

    def accept(self):
        self.form._submit(None)

    def would(self):
        return " ".join(pane.object for pane in self.form._would)

    def said(self):
        return " ".join(pane.object for pane in self.form._outcome if hasattr(pane, "object"))


def test_nothing_is_sent_before_it_is_accepted_and_the_file_is_let_go_of():
    desk = Desk()
    desk.choose()
    assert desk.form._accept.visible and desk.sent == []
    desk.accept()
    assert len(desk.sent) == 1 and desk.sent[0].whole
    assert "was imported: 2 dams added." in desk.said()
    assert desk.file.closed and not desk.form._accept.visible
    desk.accept()
    assert len(desk.sent) == 1


def test_work_that_is_cancelled_says_so_and_changes_nothing():
    desk = Desk()
    desk.read = lambda name, content, progress: (desk.form._stop.set(), progress(10))
    desk.form._read = desk.read
    desk.choose()
    assert "Stopped; nothing was changed." in desk.said()
    assert not desk.form._accept.visible and desk.form.busy == ""


def test_after_a_fault_the_same_form_can_be_sent_again_with_its_key():
    desk = Desk()
    desk.choose()
    desk.fault = Failed({"": "The database could not take this."})
    desk.accept()
    assert "The database could not take this." in desk.said()
    desk.fault = None
    desk.accept()
    assert [command.submit_key for command in desk.sent] == [desk.sent[0].submit_key] * 2


def test_a_file_that_is_refused_cannot_be_accepted():
    desk = Desk(File(problem="No column holds an id of the dams."))
    desk.choose()
    assert not desk.form._accept.visible


def test_a_file_above_the_limit_is_named_with_another_way():
    desk = Desk(limit_mb=1)
    desk.choose(content=None, size=2_500_000)
    assert "2.5 MB packed" in desk.said() and "dams import FILE" in desk.said()


def test_a_list_that_lacks_many_dams_is_sent_as_a_part_unless_the_box_is_ticked():
    desk = Desk()
    desk.withheld = 84449
    desk.choose()
    assert desk.form._whole.visible and not desk.form._whole.value
    assert "84,449 of 91,467 dams would be removed" in desk.would()
    desk.form._whole.value = True
    assert [command.whole for command in desk.compared] == [None, True]
    assert "would be removed" not in desk.would() and desk.form._whole.value
    desk.form._whole.value = False
    desk.accept()
    assert desk.sent[0].whole is False


def test_what_was_assumed_and_shown_is_what_is_sent():
    desk = Desk()
    desk.choose()
    assert len(desk.compared) == 1 and desk.compared[0].whole is None and desk.form._whole.value
    desk.accept()
    assert desk.sent[0].whole is True


def test_an_older_file_can_be_accepted_only_when_it_is_said_to_be_meant():
    desk = Desk()
    desk.refusal = Rejected({"older": "The file is of 2020-01-07, what is in of 2024-01-11."})
    desk.choose()
    assert "2024-01-11" in desk.said()
    assert desk.form._older.visible and not desk.form._accept.visible and not desk.form._whole.visible
    desk.form._older.value = True
    assert desk.said() == "" and desk.form._accept.visible and desk.form._whole.visible
    desk.form._older.value = False
    assert "2024-01-11" in desk.said() and not desk.form._accept.visible
    desk.form._older.value = True
    desk.accept()
    assert desk.sent[0].older
    desk.refusal = None
    desk.choose()
    assert not desk.form._older.visible and not desk.compared[-1].older


def test_of_a_file_that_is_in_already_nothing_more_is_said():
    desk = Desk()
    desk.refusal = Unchanged({"": "This file was imported on 2025-01-01: nothing was changed."})
    desk.choose()
    assert "nothing was changed" in desk.said()
    assert list(desk.form._report) == list(desk.form._would) == []
    assert not desk.form._whole.visible and not desk.form._older.visible and not desk.form._accept.visible
    assert desk.file.closed


def test_codes_of_hazard_potential_are_shown_with_their_words_and_words_as_they_are(shared_data):
    for name, words in (
        ("nid_2019_sample500.csv", "L (Low) 298, H (High) 83, S (Significant) 55, N (Not Available) 40, U (Undet"),
        ("nid_ms_2024.csv", "Low 4,510, Undetermined 1,166, High 347, Significant 70."),
    ):
        with inventory.read(shared_data / "nid" / name) as file:
            desk = Desk(file)
            desk.choose()
            shown = " ".join(pane.object for pane in desk.form._report[0])
        assert f"Hazard potential: {words}" in shown


def test_what_comes_from_the_file_is_shown_as_text():
    hostile = "<img src=x onerror=alert(1)>"
    desk = Desk(File(file_name=hostile, rejected=(RefusedRow(3, hostile, hostile),), states={hostile: 2}))
    desk.choose()
    shown = " ".join(pane.object for pane in desk.form._report[0] if hasattr(pane, "object"))
    assert "<img" not in shown and "&lt;img" in shown


@pytest.mark.parametrize("count", [1, 51])
def test_each_value_in_question_is_decided_and_so_many_are_decided_together(count):
    conflicts = [ImportConflict(i, f"K{i}/", f"Dam {i}", "hazard", "Low", "High", "Significant") for i in range(count)]
    desk = Desk(conflicts=conflicts)
    desk.choose()
    choice = desk.form._conflicts
    assert set(choice.decisions().values()) == {"ours"}
    choice.otherwise = "theirs"
    desk.accept()
    (command,) = desk.sent
    assert set(command.decisions.values()) == {"theirs"} and command.otherwise == "theirs"
    assert len(command.decisions) == min(count, 50)
