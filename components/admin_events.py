"""What administrators did, and who signed in, in words: the events that only administrators see."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from components.names import called
from data.commands import RIGHTS
from data.frames import Event

#: Field of a user or role -> what it is called, and how its value is told.
_FIELDS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "role_name": ("role", str),
    "disabled": ("disabled", lambda value: "yes" if value else "no"),
    "states": ("states", lambda values: _list(values, "all")),
    "owners": ("owners", lambda values: _list(values, "all")),
    "max_dams": ("dams", lambda value: "as the settings say" if value is None else f"{value:,}"),
    "max_bytes": ("MB", lambda value: "as the settings say" if value is None else f"{value / 1e6:,.6g}"),
    "staff": ("staff", lambda value: "yes" if value else "no"),
    "rights": ("may", lambda values: _list([RIGHTS.get(value, value) for value in values], "nothing")),
}


def sentence(event: Event) -> str:
    """What happened, in one sentence; "" for an event of another kind."""
    who, body = called(event.user_name), event.body
    who = who[:1].upper() + who[1:] if who != event.user_name else who
    user = body.get("user", "")
    match event.kind:
        case "user_added":
            return f"{who} added the user {user} as {body['after']['role_name']}."
        case "user_changed":
            return f"{who} changed the user {user}."
        case "user_removed":
            return f"{who} removed the user {user}."
        case "role_changed":
            return f"{who} {'changed' if body['before'] else 'made'} the role {user}."
        case "role_removed":
            return f"{who} removed the role {user}."
        case "user_invited":
            return f"{who} made {user} a link that sets a password."
        case "password_set":
            return f"{user} set a new password."
        case "signed_in":
            return f"{user} signed in."
        case "signed_out" if "after" in body:
            number = body["after"]["ended"]
            return f"{who} signed {user} out everywhere ({number:,} sign-in{'' if number == 1 else 's'})."
        case "signed_out":
            return f"{user} signed out."
    return ""


def details(event: Event) -> str:
    """What changed, field by field, "" when the sentence has said it all."""
    before, after = event.body.get("before", {}), event.body.get("after", {})
    match event.kind:
        case "user_changed":
            return _changes(before, after)
        case "role_changed" if before:
            return _changes(before, after)
        case "user_added":
            return _values(after, but="role_name")
        case "role_changed":
            return _values(after)
        case "user_removed" | "role_removed":
            return _values(before)
        case "user_invited":
            return f"It ends on {after['expires_at'][:16].replace('T', ' ')} UTC."
        case "signed_in":
            return f"From {after['address']}." if after["address"] else ""
    return ""


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    told = []
    for name in after:
        if before.get(name) != after[name]:
            words, tell = _FIELDS.get(name, (name, str))
            told.append(f"{words} from {tell(before.get(name))} to {tell(after[name])}")
    return "; ".join(told)


def _values(values: Mapping[str, Any], but: str = "") -> str:
    """The values that say something: what is empty, or no, is as usual."""
    shown = {name: words for name, words in _FIELDS.items() if name != but and _says_something(values.get(name))}
    return "; ".join(f"{words}: {tell(values[name])}" for name, (words, tell) in shown.items())


def _says_something(value: Any) -> bool:
    return value is not None and value is not False and value != []


def _list(values: Sequence[str], nothing: str) -> str:
    return ", ".join(values) or nothing
