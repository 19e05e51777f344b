"""What an address asks for, after the question mark."""

import panel as pn


def number(name: str) -> int | None:
    """The whole number of argument ``name``, None when it is missing or is none."""
    given = pn.state.session_args.get(name, [b""])[0].decode("utf-8", "replace")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def every() -> dict[str, list[str]]:
    """All arguments, name to values."""
    return {
        name: [value.decode("utf-8", "replace") for value in values] for name, values in pn.state.session_args.items()
    }
