import datetime as dt

import pytest

from data.dates import earliest, read_date, show_date


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("1941", "1941"),
        ("1941-6", "1941-06"),
        ("1941-06-05", "1941-06-05"),
        ("April 12, 1993", "1993-04-12"),
        ("april  12 1993", "1993-04-12"),
        ("12 April 1993", "1993-04-12"),
        ("Sept. 1941", "1941-09"),
        ("6/15/1941", "1941-06-15"),
        ("June 1st, 1941", "1941-06-01"),
        ("2000-02-29", "2000-02-29"),
    ],
)
def test_defect_11_a_date_keeps_the_precision_it_was_given(typed, iso):
    assert read_date(typed) == iso


@pytest.mark.parametrize(
    "typed", ["", "41", "1941-13", "1941-02-30", "Aprl 1993", "soon", "1900-02-29", "0000", "15/6/1941"]
)
def test_defect_11_what_is_no_date_is_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match=r"not a date|not a month|no such date"):
        read_date(typed)


def test_defect_11_text_order_is_date_order():
    dates = ["1993-04-12", "1941", "1941-06", "0987", "1941-06-15", "1993"]
    assert sorted(dates) == ["0987", "1941", "1941-06", "1941-06-15", "1993", "1993-04-12"]
    assert [earliest(iso) for iso in sorted(dates)] == sorted(earliest(iso) for iso in dates)


@pytest.mark.parametrize(
    ("iso", "shown"), [("", ""), ("1941", "1941"), ("1941-06", "June 1941"), ("1941-06-05", "June 5, 1941")]
)
def test_a_date_is_shown_with_the_precision_it_has(iso, shown):
    assert show_date(iso) == shown


def test_the_earliest_day_of_a_year_is_its_first():
    assert earliest("1941") == dt.date(1941, 1, 1)
