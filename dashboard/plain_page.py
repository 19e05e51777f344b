"""Pages without a session: a sentence or a form, in the look of the rest, without a script."""

import secrets
from html import escape
from typing import Any

from tornado.web import HTTPError, RequestHandler

from components.theme import PRIMARY

_STYLE = f"""
:root {{ color-scheme: light dark; }}
body {{ margin: 0; font: 400 16px/1.5 Roboto, system-ui, sans-serif; background: Canvas; color: CanvasText; }}
header {{ background: {PRIMARY}; color: #fff; padding: 14px 18px; font-weight: 650; font-size: 18px; }}
header a {{ color: #fff; text-decoration: none; }}
main {{ max-width: 420px; margin: 32px auto; padding: 0 16px; }}
h1 {{ font: 600 1.6rem/1.3 Roboto, system-ui, sans-serif; margin: 0 0 16px; }}
label {{ display: block; margin: 14px 0 4px; font-weight: 500; }}
input {{ box-sizing: border-box; width: 100%; padding: 10px 12px; font: inherit; border: 1px solid GrayText;
  border-radius: 4px; background: Field; color: FieldText; }}
input[aria-invalid] {{ border-color: #b3261e; }}
button {{ margin: 20px 12px 0 0; padding: 10px 18px; font: inherit; font-weight: 500; border: 0; border-radius: 4px;
  background: {PRIMARY}; color: #fff; cursor: pointer; }}
:is(a, button, input):focus-visible {{ outline: 2px solid #5b8def; outline-offset: 2px; }}
.problem {{ margin: 0 0 12px; padding: 10px 12px; border-radius: 4px; background: #f9dedc; color: #410e0b; }}
.note {{ opacity: .8; font-size: 14px; }}
dt {{ font-weight: 500; }} dd {{ margin: 0 0 8px; }}
"""


class PlainPage(RequestHandler):
    """Writes such pages. A form's answer must come from a page of ours: Tornado's token in a cookie and in the form."""

    async def prepare(self) -> None:
        secure = self.request.protocol == "https"
        self.settings["xsrf_cookie_kwargs"] = {"httponly": True, "samesite": "Strict", "secure": secure}
        self.settings["xsrf_cookie_name"] = "dams_form"
        if self.request.method == "POST":
            self.check_xsrf_cookie()

    def answer(self, title: str, *parts: str, status: int = 200) -> None:
        """Answer with a page. ``parts`` are made by the functions below, which take any text as text."""
        nonce = secrets.token_urlsafe(16)
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        policy = f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; base-uri 'none'"
        self.set_header("Content-Security-Policy", f"{policy}; frame-ancestors 'none'")
        self.finish(
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · Dam Inventory</title>'
            f'<meta name="viewport" content="width=device-width"><style nonce="{nonce}">{_STYLE}</style></head><body>'
            f'<header><a href="map">Dam Inventory</a></header><main><h1>{escape(title)}</h1>{"".join(parts)}'
            "</main></body></html>"
        )

    def form(self, action: str, button: str, *fields: str) -> str:
        """A form that is sent to ``action``, an address of ours."""
        token = self.xsrf_form_html()
        parts = f"{token.decode() if isinstance(token, bytes) else token}{''.join(fields)}"
        return f'<form method="post" action="{escape(action)}">{parts}<button>{escape(button)}</button></form>'

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        fault = kwargs.get("exc_info", (None, None))[1]
        if status_code == 403 and isinstance(fault, HTTPError) and "xsrf" in (fault.log_message or "").lower():
            words = "This form is too old or came from another site: nothing was done. Open the page again."
        elif isinstance(fault, HTTPError) and fault.reason:
            words = f"{fault.reason}."
        else:
            words = "The server could not do this. Please try again."
        self.answer("This did not work", problem(words), status=status_code)


def problem(sentence: str) -> str:
    """A sentence about what is wrong, "" for none."""
    return f'<p class="problem" role="alert">{escape(sentence)}</p>' if sentence else ""


def note(sentence: str) -> str:
    """A sentence of help."""
    return f'<p class="note">{escape(sentence)}</p>'


def facts(**known: str) -> str:
    """Words and their values."""
    pairs = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in known.items())
    return f"<dl>{pairs}</dl>"


def field(
    name: str,
    label: str,
    *,
    value: str = "",
    secret: bool = False,
    fill: str = "",
    wrong: bool = False,
    first: bool = False,
) -> str:
    """A field of a form; ``fill`` is what a browser may put in (the HTML autocomplete attribute)."""
    kind = "password" if secret else "text"
    more = f' value="{escape(value)}"' if value else ""
    more += ' aria-invalid="true"' if wrong else ""
    more += " autofocus" if first else ""
    return (
        f'<label for="{name}">{escape(label)}</label>'
        f'<input id="{name}" name="{name}" type="{kind}" autocomplete="{fill or "off"}" required{more}>'
    )


def hidden(name: str, value: str) -> str:
    """A value that a form carries along."""
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'
