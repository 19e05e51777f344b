"""One line an event, ``key=value`` or JSON, for every logger of a server's process, its libraries' included.

Text of users cannot begin a line of its own. Secrets and what was typed do not get in: of the attributes of
a record only ``FIELDS`` are written, what looks like a password, a token, a cookie or a query is masked, and of
errors that repeat a value only the kind and the place are told.
"""

import json
import logging
import os
import re
import sys
import threading
import traceback
import warnings
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from dashboard.settings import Settings

OURS = ("data", "components", "dashboard")
FIELDS = ("user", "command", "event", "ms", "outcome", "reason", "page", "listening")  #: Given by ``extra=``.
LONGEST = 16_000  #: Characters of one field; a longer text loses its middle.
SHORTEST_SECRET = 6  #: A shorter password is masked where it stands as one, but not wherever its letters occur.

_PLAIN = re.compile(r"[\w.:/+@,;-]+")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")
_MASKS = (
    (re.compile(r"(://[^\s/:@]*):\S+@"), r"\1:***@"),  # an address with a password
    (re.compile(r"(?i)(cookie|authorization)(['\"]?\s*[:=]).*"), r"\1\2 ***"),
    (
        re.compile(
            r"(?i)(passw(?:or)?d|pwd|secret|token|submit_?key|api_?key|session[-_]?id)(['\"]?\s*[:=]\s*)"
            r"('[^'\n]*'|\"[^\"\n]*\"|[^\s&,;)}\]]+)"
        ),
        r"\1\2***",
    ),
    (re.compile(r"([?&](?:code|state|key|sig)=)[^\s&'\"]+"), r"\1***"),
    (re.compile(r"(?=[\w-]*\d)[A-Za-z0-9_-]{40,}"), "***"),  # a session's id, a token
)
_QUERY = re.compile(r"\?[^\s'\",)]+")
_DATABASE = ("sqlalchemy", "psycopg", "sqlite3")


class Lines(logging.Formatter):
    """``form`` is ``text`` (logfmt) or ``json``; ``secrets`` are masked wherever they occur."""

    def __init__(self, form: str, secrets: Collection[str] = ()):
        super().__init__()
        self._json = form == "json"
        self._secrets = sorted(secrets, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname.lower(),
            "what": self._masked(_message(record)),
        }
        for name in FIELDS:
            if (value := getattr(record, name, None)) not in (None, ""):
                fields[name] = self._masked(value) if isinstance(value, str) else value
        fields |= {"logger": record.name, "process": record.process}
        if record.exc_info and (error := record.exc_info[1]) is not None:
            fields["traceback"] = self._masked(_traceback(error))
        if self._json:
            return json.dumps(fields)  # ASCII alone: whatever is not is escaped
        return " ".join(f"{name}={_logfmt(value)}" for name, value in fields.items())

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        for pattern, mask in _MASKS:
            text = pattern.sub(mask, text)
        half = LONGEST // 2
        return text if len(text) <= LONGEST else f"{text[:half]} … {text[-half:]}"


def _logfmt(value: object) -> str:
    text = str(value)
    if _PLAIN.fullmatch(text) and not _UNSEEN.search(text):
        return text
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _message(record: logging.LogRecord) -> str:
    if record.name.startswith("bokeh.server") and record.exc_info:
        return re.split("[:%\n]", str(record.msg))[0].strip()  # what follows is the browser's message, as it came
    args: Any = record.args
    if isinstance(args, tuple):
        args = tuple(_words(arg) if isinstance(arg, BaseException) else arg for arg in args)
    text = str(record.msg) % args if args else str(record.msg)
    return _QUERY.sub("?***", text) if record.name.startswith("tornado") else text


def _words(error: BaseException) -> str:
    """The error's kind, and what it says where that is not a value that somebody typed."""
    kind = type(error).__name__
    if isinstance(error, ValueError):
        return kind
    text = str(error)
    if type(error).__module__.split(".")[0] in _DATABASE:
        text = text.partition("\n")[0]  # then come PostgreSQL's DETAIL, with the row, and SQLAlchemy's parameters
    return f"{kind}: {text}" if text else kind


def _traceback(error: BaseException) -> str:
    """As Python prints it, the first cause first, with ``_words`` for what each error says."""
    parts: list[str] = []
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        parts.append("".join(traceback.format_tb(one.__traceback__)) + _words(one))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n\nwhich led to:\n\n".join(reversed(parts))


def secrets(settings: Settings, environment: Mapping[str, str] = os.environ) -> set[str]:
    """What must not be written wherever it occurs: passwords of addresses, and keys from the environment."""
    named = re.compile("PASSWORD|SECRET|TOKEN|_KEY$")
    found = {value for name, value in environment.items() if named.search(name.upper())}
    for address in (settings.database_url, settings.redis_url):
        password = sa.make_url(address).password if address else None
        if password:
            found |= {str(password), quote(str(password), safe="")}
    return {secret for secret in found if len(secret) >= SHORTEST_SECRET}


def install(settings: Settings) -> None:
    """From here on every logger of this process writes lines to standard error; a second call changes nothing.

    Before Panel is loaded it is for the start itself, and afterwards for Panel's and Param's loggers too.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(settings.log_format, secrets(settings)))
    level = logging.getLevelName(settings.log_level)
    root = logging.getLogger()
    for logger in (root, *map(logging.getLogger, ("bokeh", "panel", "param", "tornado", "alembic"))):
        for other in logger.handlers[:]:
            if type(other) is logging.StreamHandler:  # what Bokeh, Panel and Param print with
                logger.removeHandler(other)
        logger.propagate = True
    root.addHandler(handler)
    logging.getLogger("param").addHandler(logging.NullHandler())  # with none it makes one, when it is first used
    logging.getLogger("panel").setLevel(max(level, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    warnings.formatwarning = _warning
    threading.excepthook = _thread_ended


def _warning(message: Warning | str, category: type[Warning], filename: str, lineno: int, line: object = None) -> str:
    return f"{filename}:{lineno}: {category.__name__}: {message}"


def _thread_ended(ended: Any) -> None:
    if ended.exc_value is not None and not issubclass(ended.exc_type, SystemExit):
        name = ended.thread.name if ended.thread else "?"
        log = logging.getLogger(__name__)
        log.error("Thread %s ended by a fault", name, exc_info=(ended.exc_type, ended.exc_value, ended.exc_traceback))
