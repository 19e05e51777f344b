"""The box that asks first, without a browser."""

import panel as pn
import panel_material_ui as pmui
import pytest

from components.question import Question


@pytest.fixture
def question():
    return Question("Delete Dam", "Delete")


def press(question, label):
    next(b for b in question.__panel__().select(pmui.Button) if b.label == label).clicks += 1


def test_it_asks_in_text_and_does_it_once(question):
    done = []
    question.ask("Delete <b>x</b>?", done.append)
    question.reason.value = "breached"
    assert question.__panel__().open
    assert "Delete &lt;b&gt;x&lt;/b&gt;?" in next(iter(question.__panel__().select(pn.pane.HTML))).object
    press(question, "Delete")
    press(question, "Delete")  # a raw client can click a button that is not shown
    assert done == ["breached"] and not question.__panel__().open


def test_each_question_begins_without_a_reason(question):
    question.ask("Delete?", lambda why: None)
    question.reason.value = "breached"
    question.ask("Delete?", lambda why: None)
    assert question.reason.value == ""


@pytest.mark.parametrize("leave", [lambda q: press(q, "Cancel"), lambda q: q.__panel__().param.update(open=False)])
def test_cancel_and_escape_do_nothing_and_are_final(question, leave):
    done = []
    question.ask("Delete?", done.append)
    leave(question)
    press(question, "Delete")
    assert done == [] and not question.__panel__().open
