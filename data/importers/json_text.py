"""JSON from outside: loaded, and looked into without trust in what is where."""

import json
from typing import Any

from data.importers.hydrograph_text import Refused, shown


def load(text: str) -> Any:
    """What a text holds. Raises Refused for what is no JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as fault:
        raise Refused(
            f"The file is no whole JSON: line {fault.lineno}, column {fault.colno}: {fault.msg}. Download it again."
        ) from None
    except RecursionError:
        raise Refused("The JSON is nested deeper than any answer of a gauge service: give such an answer.") from None
    except ValueError as fault:  # a number of more than 4,300 digits
        raise Refused(f"The JSON holds a number that is none: {shown(str(fault), 120)}.") from None


def mapping(value: Any) -> dict[str, Any]:
    """The object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """The array, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def first(value: Any) -> dict[str, Any]:
    """The first object of an array, or an empty one."""
    found = listing(value)
    return mapping(found[0]) if found else {}


def scalar(value: Any) -> str:
    """A text or number as text, digit for digit; "" for null and for what is neither."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | float) else ""
