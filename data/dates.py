"""Dates of known precision: a year, a month or a day, kept as ISO text that sorts right."""

import calendar
import datetime as dt
import re

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_FORMS = (
    r"(?P<y>\d{4})",
    r"(?P<y>\d{4})-(?P<m>\d{1,2})(-(?P<d>\d{1,2}))?",
    r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})",
    r"(?P<name>[a-z]+)\.? +((?P<d>\d{1,2})(st|nd|rd|th)?,? +)?(?P<y>\d{4})",
    r"(?P<d>\d{1,2}) +(?P<name>[a-z]+)\.? +(?P<y>\d{4})",
)


def read_date(text: str) -> str:
    """ISO text of the precision given: "1941", "1941-06" or "1941-06-15".

    Takes those forms, US month/day/year, and English month names ("April 12, 1993",
    "Sept 1941", "12 April 1993"). Raises ValueError with a sentence for the reader.
    """
    words = " ".join(text.split()).lower()
    for form in _FORMS:
        if found := re.fullmatch(form, words):
            parts = found.groupdict()
            break
    else:
        raise ValueError(f"{text!r} is not a date: write a year, 1941, a month, 1941-06, or a day, 1941-06-15.")
    name = parts.get("name")
    if name and name not in _MONTHS:
        raise ValueError(f"{name!r} in {text!r} is not a month.")
    month = _MONTHS[name] if name else int(parts.get("m") or 0)
    year, day = int(parts["y"]), int(parts.get("d") or 0)
    try:
        dt.date(year, month or 1, day or 1)
    except ValueError:
        raise ValueError(f"There is no such date as {text!r}.") from None
    return f"{year:04d}" + (f"-{month:02d}" if month else "") + (f"-{day:02d}" if day else "")


def earliest(iso: str) -> dt.date:
    """The first day that a date as given by ``read_date`` can mean."""
    year, month, day = (*map(int, iso.split("-")), 1, 1)[:3]
    return dt.date(year, month, day)


def show_date(iso: str) -> str:
    """For reading: "1941", "June 1941" or "June 15, 1941"; "" stays ""."""
    parts = iso.split("-")
    if len(parts) < 2:
        return iso
    month = calendar.month_name[int(parts[1])]
    return f"{month} {parts[0]}" if len(parts) == 2 else f"{month} {int(parts[2])}, {parts[0]}"
