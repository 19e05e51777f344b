"""Every setting, read from the environment once."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import platformdirs
import sqlalchemy as sa

USERS = ("local", "diadmin", "diviewer")
#: Panel's providers that can be used, and what each needs besides key and secret: a setting and a name in it.
PROVIDERS: dict[str, tuple[tuple[str, str], ...]] = {
    "generic": (("oauth_urls", "authorize"), ("oauth_urls", "token")),
    "auth0": (("oauth_params", "subdomain"),),
    "azure": (("oauth_params", "tenant"),),
    "azurev2": (("oauth_params", "tenant"),),
    "bitbucket": (),
    "github": (),
    "gitlab": (),
    "google": (),
    "okta": (("oauth_params", "url"),),
}

Pairs = tuple[tuple[str, str], ...]  #: Names and values, in the order in which they were given.


class SettingsError(ValueError):
    """A setting that cannot be used, in a sentence that names it."""


def default_database_url() -> str:
    """A SQLite file in the user's data folder."""
    return f"sqlite:///{Path(platformdirs.user_data_dir('dam-inventory')) / 'dams.sqlite'}"


@dataclass(frozen=True)
class Settings:
    """Each field is the environment variable ``DAMS_`` plus its name in capitals."""

    database_url: str = field(
        default_factory=default_database_url,
        metadata={"doc": "SQLAlchemy address of the database."},
    )
    redis_url: str = field(
        default="",
        metadata={"doc": "Redis that wakes other processes and hosts at once; empty: PostgreSQL does, or the poll."},
    )
    max_dams: int | None = field(
        default=None, metadata={"doc": "Maximum number of dams that can be created in the app."}
    )
    dams_per_user: int | None = field(
        default=3, metadata={"doc": "Dams that one user who is not staff may have; empty for no limit."}
    )
    mb_per_user: float | None = field(
        default=None,
        metadata={
            "doc": "Megabytes of hydrographs and series that one user who is not staff may have; empty for no limit."
        },
    )
    upload_limit_mb: float = field(default=20.0, metadata={"doc": "Largest file that may be uploaded, in megabytes."})
    poll_seconds: float = field(
        default=0.25,
        metadata={
            "doc": "How often the log is looked at for changes of other processes, once a process, seconds; "
            "when nothing happens the pause grows to 1 s."
        },
    )
    auth: str = field(
        default="none",
        metadata={
            "doc": "Who may come in: none (no accounts, this machine only), password (users of this dashboard) or "
            "oauth (users of a provider)."
        },
    )
    anonymous: str = field(
        default="none",
        metadata={"doc": "With accounts, what who is not signed in may do: none, or view (look at everything)."},
    )
    sign_in_hours: float = field(default=12.0, metadata={"doc": "How long a sign-in lasts, in hours."})
    oauth_provider: str = field(
        default="",
        metadata={
            "doc": "With oauth, which of Panel's providers: generic (any of OpenID Connect), auth0, azure, azurev2, "
            "bitbucket, github, gitlab, google or okta."
        },
    )
    oauth_key: str = field(default="", metadata={"doc": "The client id that the provider gave this dashboard."})
    oauth_secret: str = field(
        default="", repr=False, metadata={"doc": "The client secret that the provider gave this dashboard."}
    )
    oauth_urls: Pairs = field(
        default=(),
        metadata={
            "doc": "The provider's addresses as NAME=URL, comma between: generic needs authorize and token, user is "
            "asked too where it is given; logout, with any provider, is linked to after signing out."
        },
    )
    oauth_params: Pairs = field(
        default=(),
        metadata={
            "doc": "More for the provider as NAME=VALUE, comma between: tenant (azure and azurev2 need it), subdomain "
            "(auth0), url (okta, gitlab), scope; others, such as prompt, are passed on to its page."
        },
    )
    oauth_user: str = field(
        default="",
        metadata={
            "doc": "Claim that names the user; empty for the provider's own: email with generic, login with github."
        },
    )
    oauth_groups: str = field(default="groups", metadata={"doc": "Claim that lists the user's groups."})
    oauth_roles: Pairs = field(
        default=(),
        metadata={
            "doc": "GROUP=ROLE, comma between: who is in a group gets its role at each sign-in; the first that fits "
            "counts. Empty: roles are given here."
        },
    )
    oauth_role: str = field(
        default="",
        metadata={
            "doc": "Role of who is in none of these groups, or new here where there are none; empty: not let in."
        },
    )
    secret_key: str = field(
        default="",
        repr=False,
        metadata={
            "doc": "Key that signs the sessions of pages, 32 characters or more; empty for one kept in the database."
        },
    )
    user: str = field(
        default="local",
        metadata={
            "doc": "Without accounts, who everyone is: local (every right), diadmin (may add dams, has the quota) "
            "or diviewer (may look)."
        },
    )
    tiles: str = field(
        default="auto",
        metadata={
            "doc": "Map tiles: auto (offered, fetched when chosen), off, or a URL template with {X}, {Y} and {Z}."
        },
    )
    allow_origins: tuple[str, ...] = field(
        default=(),
        metadata={"doc": "Other hosts (HOST:PORT, comma between) that pages may be embedded in or opened from."},
    )
    log_level: str = field(default="INFO", metadata={"doc": "DEBUG, INFO, WARNING or ERROR."})
    log_format: str = field(
        default="text", metadata={"doc": "How a line of the log is written: text (key=value) or json."}
    )

    def shown_database(self) -> str:
        """The database's address without its password."""
        return _without_password(self.database_url)

    def in_force(self, environment: Mapping[str, str] = os.environ) -> list[dict[str, str]]:
        """Of each setting its ``name``, ``value`` as it may be shown, ``source`` (environment, default) and ``doc``.

        A field that is not in ``repr`` is a secret.
        """
        told = []
        for item in fields(self):
            name, value = f"DAMS_{item.name.upper()}", getattr(self, item.name)
            given = name in environment and bool(environment[name].strip() or item.name == "dams_per_user")
            told.append(
                {
                    "name": name,
                    "value": _shown(value, secret=not item.repr),
                    "source": "environment" if given else "default",
                    "doc": item.metadata["doc"],
                }
            )
        return told

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsError, one sentence a wrong setting."""
        found: dict[str, Any] = {}
        problems = []
        for item in fields(cls):
            name = f"DAMS_{item.name.upper()}"
            if name not in environment or (not environment[name].strip() and item.name != "dams_per_user"):
                continue
            text = environment[name].strip()
            try:
                found[item.name] = _READ.get(item.name, str)(text)
            except _Hidden as problem:
                problems.append(f"{problem}.")
            except ValueError as problem:
                problems.append(f"{name} is {text!r}; {problem}.")
        if not problems and found.get("auth") == "oauth":
            problems = _missing_for_oauth(found)
        if problems:
            raise SettingsError("\n".join(problems))
        return cls(**found)


def misspelt(environment: Mapping[str, str] = os.environ) -> list[str]:
    """One sentence for each ``DAMS_`` variable that no setting reads."""
    known = [f"DAMS_{item.name.upper()}" for item in fields(Settings)]
    words = []
    for name in sorted(environment):
        if name.startswith("DAMS_") and name not in known and not name.startswith(("DAMS_TEST_", "DAMS_CHROMIUM")):
            near = get_close_matches(name, known, 1)
            words.append(f"{name} is no setting and is ignored{f'; did you mean {near[0]}?' if near else '.'}")
    return words


def _shown(value: Any, *, secret: bool) -> str:
    if secret:
        return "set" if value else "not set"
    if value is None:
        return "no limit"
    if isinstance(value, float):
        return f"{value:g}"
    if not value and not isinstance(value, int):
        return "none"
    if isinstance(value, tuple):
        return ", ".join("=".join(one) if isinstance(one, tuple) else one for one in value)
    return _without_password(value) if isinstance(value, str) and "://" in value and "{X}" not in value else str(value)


def _without_password(address: str) -> str:
    """An address of a database or of Redis; the password of either can also stand behind the question mark."""
    url = sa.make_url(address)
    query = {name: "***" if "pass" in name.lower() else value for name, value in url.query.items()}
    return url.set(query=query).render_as_string(hide_password=True)


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"it can be {', '.join(choices)}")
        return text

    return read


def _number(low: float, high: float, unit: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise ValueError(f"it must be a number from {low:g} to {high:g} {unit}")
        return value

    return read


def _count(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ValueError("it must be a whole number, 0 or more")
    return int(text)


def _url(text: str) -> str:
    try:
        sa.make_url(text)
    except sa.exc.ArgumentError:
        raise ValueError("it must be an address such as sqlite:///dams.sqlite") from None
    return text


def _redis(text: str) -> str:
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("it must be an address such as redis://localhost:6379/0")
    return text


def _key(text: str) -> str:
    if len(text) < 32:
        raise _Hidden("DAMS_SECRET_KEY is too short; it must have 32 characters or more")
    return text


class _Hidden(ValueError):
    """A problem of a value that must not be shown."""


def _tiles(text: str) -> str:
    if text in ("auto", "off"):
        return text
    if not (text.startswith(("http://", "https://")) and all(part in text for part in ("{X}", "{Y}", "{Z}"))):
        raise ValueError("it can be auto, off, or a URL with {X}, {Y} and {Z}")
    return text


def _pairs(text: str) -> Pairs:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    pairs = tuple((name.strip(), value.strip()) for name, _, value in (part.partition("=") for part in parts))
    if not all(name and value for name, value in pairs):
        raise ValueError("it must be NAME=VALUE, with commas between")
    return pairs


def _roles(text: str) -> Pairs:
    """A group's name may hold an equals sign, a role's not."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    pairs = tuple((group.strip(), role.strip()) for group, _, role in (part.rpartition("=") for part in parts))
    if not all(group and role for group, role in pairs):
        raise ValueError("it must be GROUP=ROLE, with commas between")
    return pairs


def _urls(text: str) -> Pairs:
    """Only https: what the token address answers is believed because nobody in between can have changed it."""
    pairs = _pairs(text)
    for name, value in pairs:
        if name not in ("authorize", "token", "user", "logout"):
            raise ValueError("its names can be authorize, token, user and logout")
        parts = urlsplit(value)
        if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1"))):
            raise ValueError(f"{name} must be an https:// address, or http:// on this machine")
    return pairs


def _missing_for_oauth(found: Mapping[str, Any]) -> list[str]:
    """One sentence for each setting without which DAMS_AUTH=oauth lets nobody in."""
    names = [name for name in ("oauth_provider", "oauth_key", "oauth_secret") if name not in found]
    problems = [f"DAMS_AUTH is 'oauth', which needs DAMS_{name.upper()}." for name in names]
    provider = found.get("oauth_provider", "")
    for setting, name in PROVIDERS.get(provider, ()):
        if name not in dict(found.get(setting, ())):
            problems.append(f"DAMS_OAUTH_PROVIDER is {provider!r}, which needs {name}=... in DAMS_{setting.upper()}.")
    return problems


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in text.split(",") if host.strip())
    if any("/" in host or " " in host for host in hosts):
        raise ValueError("it must be hosts such as www.example.org or localhost:8000, with commas between")
    return hosts


_READ: dict[str, Callable[[str], Any]] = {
    "database_url": _url,
    "redis_url": _redis,
    "max_dams": _count,
    "dams_per_user": _count,
    "mb_per_user": _number(0, 1e6, "MB"),
    "upload_limit_mb": _number(0.001, 2000, "MB"),
    "poll_seconds": _number(0.02, 60, "seconds"),
    "auth": _one_of("none", "password", "oauth"),
    "anonymous": _one_of("none", "view"),
    "sign_in_hours": _number(0.01, 8760, "hours"),
    "oauth_provider": _one_of(*PROVIDERS),
    "oauth_urls": _urls,
    "oauth_params": _pairs,
    "oauth_roles": _roles,
    "secret_key": _key,
    "user": _one_of(*USERS),
    "tiles": _tiles,
    "allow_origins": _hosts,
    "log_level": _one_of("DEBUG", "INFO", "WARNING", "ERROR"),
    "log_format": _one_of("text", "json"),
}
