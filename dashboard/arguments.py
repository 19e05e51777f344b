"""What an address asks for, after the question mark."""

import panel as pn

from data.exports import read_filter

_OF_PANEL = ("bokeh-", "resources")  #: How the names of arguments begin that the server's own scripts add.


def number(name: str) -> int | None:
    """The whole number of argument ``name``, None when it is missing or is none."""
    given = pn.state.session_args.get(name, [b""])[0].decode("utf-8", "replace")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def every() -> dict[str, list[str]]:
    """All arguments, name to values."""
    return {
        name: [value.decode("utf-8", "replace") for value in values] for name, values in pn.state.session_args.items()
    }


def left_out(*others: str) -> str:
    """What of the address no filter can be read of, in sentences, "" for nothing; ``others`` are the page's own."""
    told = []
    for name, values in every().items():
        if name in others or name.startswith(_OF_PANEL):
            continue
        try:
            read_filter({name: values})
        except ValueError as why:
            told.append(str(why))
    return f"Left out of the filter: {' '.join(told)}" if told else ""
