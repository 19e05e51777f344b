"""A fault in a page's callback leaves nothing of the page behind."""

import bokeh.io
import panel as pn
import pytest
from bokeh.document import Document
from bokeh.document.callbacks import invoke_with_curdoc

from dashboard import session


def fail():
    raise ZeroDivisionError


def test_code_of_no_page_is_of_no_page_after_a_fault_in_one():
    assert session.curdoc  # which mends it
    before, page = bokeh.io.curdoc(), Document()
    with pytest.raises(ZeroDivisionError):
        invoke_with_curdoc(page, fail)
    assert bokeh.io.curdoc() is before and pn.state.curdoc is None


def test_a_fault_within_another_page_leaves_that_one_current():
    outer, inner, seen = Document(), Document(), []

    def work():
        with pytest.raises(ZeroDivisionError):
            invoke_with_curdoc(inner, fail)
        seen.append(bokeh.io.curdoc())

    invoke_with_curdoc(outer, work)
    assert seen == [outer]
