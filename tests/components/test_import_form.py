"""The form of an import, without a server: work runs at once, and what is said can be read off."""

from types import SimpleNamespace

import pytest

from components.file_choice import ChosenFile
from components.import_form import ImportForm
from data.commands import Failed
from data.frames import ImportConflict, InventoryReport, RefusedRow


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
        self.report, self.looks_whole, self.closed = report(**values), True, False

    def close(self):
        self.closed = True


class Desk:
    """A form whose work runs at once; ``sent`` are the commands that reached ``send``."""

    def __init__(self, file=None, conflicts=(), **params):
        self.file, self.sent, self.conflicts, self.fault = file or File(), [], list(conflicts), None
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
        counts = {"added": 2, "changed": 0, "removed": 0, "unchanged": 0, "adopted": 0, "kept": 0}
        return SimpleNamespace(conflicts=self.conflicts, counts=lambda: counts)

    def send(self, command):
        self.sent.append(command)
        if self.fault:
            raise self.fault
        return {"file_name": "f.csv", "added": 2}

    def choose(self, content=b"x", size=1):
        self.form._choice.chosen = ChosenFile("f.csv", size, content)

    def accept(self):
        self.form._submit(None)

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
