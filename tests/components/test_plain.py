"""Text of unknown origin on its way to the screen."""

import pytest
from bokeh.models import PlainText

from components.plain import plain, plain_label, plain_title, plain_words, wrapped

HOSTILE = "<img src=x onerror=alert(1)>\"' &amp;"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt;&quot;&#x27; &amp;amp;"


def test_text_and_attributes_of_an_element_are_escaped():
    assert plain(HOSTILE, "td", "wide", aria_label=HOSTILE) == f'<td aria-label="{ESCAPED}" class="wide">{ESCAPED}</td>'


def test_what_is_wrapped_is_html_already_and_its_attributes_are_escaped():
    assert wrapped("<b>a</b>", "p", title=HOSTILE) == f'<p title="{ESCAPED}"><b>a</b></p>'


def test_a_label_names_no_icon():
    assert ":material/" not in plain_label("a :material/home: b :material/x@size=900px:")
    assert plain_label("Deer Creek: a :material") == "Deer Creek: a :material"


@pytest.mark.parametrize("text", ["$$x^2$$", r"\(x\)", r"\[x\]", "a $$ b"])
def test_words_of_an_axis_are_no_formula(text):
    words = plain_words(text)
    assert isinstance(words, PlainText) and words.text == text
    assert not {"$$", r"\(", r"\["} & {plain_title(text)[at : at + 2] for at in range(len(text) + 4)}


def test_other_words_of_an_axis_stay_a_string():
    assert plain_words("flow, cfs ($)") == "flow, cfs ($)"
    assert plain_title("{0} {name}").format("a", name="b") == "{0} {name}"
