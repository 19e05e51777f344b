"""Asks an OAuth 2.0 or OpenID Connect provider who is at a browser, and gives its users a name and a role here.

Panel's login handlers know each provider: its addresses, scopes, headers and the claim that names a user. The way
there and back is told here, since that of Panel 1.9.4 leaves tokens in cookies, takes an empty state for the right one,
writes the provider's answer to the log, and does not ask for groups once there is a name. Of what comes back only name
and role are kept.
"""

import json
import logging
import re
from typing import Any, NamedTuple
from urllib.parse import quote, unquote, urlencode

import sqlalchemy as sa
from panel.auth import AUTH_PROVIDERS, RESERVED_OAUTH_PARAMS
from panel.config import config
from panel.util import decode_token
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.httputil import url_concat
from tornado.web import HTTPError, RequestHandler

from dashboard import services, visitors
from dashboard.settings import Settings
from data import accounts, models
from data.commands import AdmitUser, Rejected

log = logging.getLogger(__name__)

UNDER_WAY = "dams_provider"  #: The cookie of a sign-in under way: its state, its PKCE verifier, where to go then.
WITHIN_DAYS = 10 / (24 * 60)  #: How long a browser keeps it: ten minutes.
LONGEST = 2000  #: Characters of an address to go to then; with a longer one it is the map.
SECONDS = 10.0  #: How long the provider may take for an answer.

ELSEWHERE = "This sign-in was not begun in this browser, or too long ago: begin again."
DECLINED = "The provider did not let you sign in."
UNCONFIRMED = "The provider did not confirm who you are: begin again."
UNVERIFIED = "The provider has not verified your email address: verify it there, then begin again."
NO_ACCOUNT = "You have no account here: ask an administrator."
NO_GROUP = "You are in no group that may use this dashboard: ask an administrator."


class Told(NamedTuple):
    """Of who came back: the name, the role ("" for none), and where they wanted to go."""

    name: str
    role: str
    next_: str


def begin(page: RequestHandler, next_: str) -> str:
    """The address at the provider to send the browser to; what it must come back with goes along as a cookie."""
    settings = services.current().settings
    known, state = _known(page, settings), accounts.new_token()
    verifier, challenge = known.get_code()  # RFC 7636: a code that was caught is worth nothing without the verifier
    where = quote(next_, safe="")
    kept = f"{state}.{verifier}.{where if len(where) <= LONGEST else ''}"
    visitors.set_cookie(page, UNDER_WAY, kept, days=WITHIN_DAYS)
    asked = {
        "response_type": "code",
        "client_id": settings.oauth_key,
        "redirect_uri": _own_address(page),
        # nothing is done with a token once it has told who it is, so none is asked for that lasts
        "scope": " ".join(scope for scope in known._SCOPE if scope != "offline_access"),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    more = {name: value for name, value in settings.oauth_params if name not in RESERVED_OAUTH_PARAMS}
    return url_concat(known._OAUTH_AUTHORIZE_URL, more | asked)


async def end(page: RequestHandler) -> Told:
    """Who came back from the provider.

    Raises Rejected with a sentence for the reader, HTTPError 503 when the provider does not answer.
    """
    settings = services.current().settings
    known = _known(page, settings)
    state, _, rest = visitors.cookie(page, UNDER_WAY, longest=LONGEST + 200).partition(".")
    verifier, _, where = rest.partition(".")
    page.clear_cookie(UNDER_WAY)  # a second try begins anew
    if not state or page.get_query_argument("state", "") != state:
        raise Rejected({"": ELSEWHERE})
    code = page.get_query_argument("code", "")
    if not code:
        log.warning("The provider let nobody sign in: %s", _word(page.get_query_argument("error", "")))
        raise Rejected({"": DECLINED})
    claims = await _claims(known, code, verifier, _own_address(page))
    name = _name(claims, settings.oauth_user or known._USER_KEY)
    return Told(name, role_of(claims, settings), unquote(where))


def admit(name: str, role: str) -> None:
    """Add the user, or give the role to one who is known. Raises Rejected, with "" for who may not come in.

    Where no group has a role, whoever is known keeps the role that was given here.
    """
    app, command = services.current(), AdmitUser(name=name, role_name=role)
    command.check()  # also where nothing is to be changed
    now = _role_now(app, name)
    if now is not None and not app.settings.oauth_roles:
        return
    if not role:
        raise Rejected({"": NO_GROUP if app.settings.oauth_roles else NO_ACCOUNT})
    if now != role:
        try:
            app.send(command, user_name="setup")
        except Rejected:
            if _role_now(app, name) != role:  # else another browser of theirs was as quick
                raise


def role_of(claims: dict[str, Any], settings: Settings) -> str:
    """The role of the first setting that fits a group, "" for nobody of ours."""
    told = claims.get(settings.oauth_groups)
    groups = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    return next((role for group, role in settings.oauth_roles if group in groups), settings.oauth_role)


def _known(page: RequestHandler, settings: Settings) -> Any:
    """Panel's handler of the provider, to be asked what it knows; it answers nobody."""
    urls = {f"{name.upper()}_URL": url for name, url in settings.oauth_urls}
    params = dict(settings.oauth_params)
    scope = {"scope": params["scope"].split()} if "scope" in params else {}
    config.oauth_extra_params = params | scope | urls  # type: ignore[misc]
    return AUTH_PROVIDERS[settings.oauth_provider](page.application, page.request)


def _own_address(page: RequestHandler) -> str:
    """Where the provider sends the browser back to, as the browser's address line has it."""
    return f"{page.request.protocol}://{page.request.host}{page.request.path}"


def _name(claims: dict[str, Any], claim: str) -> str:
    name = claims.get(claim)
    if not (isinstance(name, str) and name):
        raise Rejected({"": f"The provider did not say who you are: there is no claim {claim!r}."})
    if name == claims.get("email") and claims.get("email_verified") in (False, "false"):
        raise Rejected({"": UNVERIFIED})
    return name


async def _claims(known: Any, code: str, verifier: str, own_address: str) -> dict[str, Any]:
    """Those of the id token, and those of the user's address where there is one. Raises as ``end``."""
    settings = services.current().settings
    form = known._EXTRA_TOKEN_PARAMS | {
        "client_id": settings.oauth_key,
        "client_secret": settings.oauth_secret,
        "redirect_uri": own_address,
        "code": code,
        "code_verifier": verifier,
    }
    headers = known._API_BASE_HEADERS
    told = await _ask(known._OAUTH_ACCESS_TOKEN_URL, method="POST", body=urlencode(form), headers=headers)
    token, claims = told.get("access_token"), {}
    if not (isinstance(token, str) and token):
        log.warning("The provider gave no token: %s", _word(told.get("error")))
        raise Rejected({"": UNCONFIRMED})
    if id_token := told.get("id_token"):
        claims = _of_id_token(id_token, settings.oauth_key)
    if address := getattr(known, "_OAUTH_USER_URL", ""):
        if shape := known._access_token_header:
            headers = headers | {"Authorization": shape.format(token)}
        else:
            address += quote(token)
        more = await _ask(address, headers=headers)
        if "sub" in claims and more.get("sub") != claims["sub"]:  # OpenID Connect Core 1.0, 5.3.2
            log.warning("The provider's user address told of another user than its token")
            raise Rejected({"": UNCONFIRMED})
        claims |= more
    return claims


def _of_id_token(id_token: Any, client_id: str) -> dict[str, Any]:
    """Its claims. It came from the token address itself by TLS, which stands in for the signature (Core, 3.1.3.7)."""
    try:
        claims = decode_token(id_token)
        audience, expires = claims["aud"], float(claims["exp"])
    except (ValueError, TypeError, KeyError, AttributeError):
        log.warning("The provider gave a token that cannot be read")
        raise Rejected({"": UNCONFIRMED}) from None
    now = services.current().clock().timestamp()
    if client_id not in (audience if isinstance(audience, list) else [audience]) or not expires > now - 60:
        log.warning("The provider gave a token that is for another program, or too old")
        raise Rejected({"": UNCONFIRMED})
    return claims


async def _ask(url: str, **options: Any) -> dict[str, Any]:
    """The JSON object that the provider answers. Raises Rejected, HTTPError 503 where there is no such answer."""
    request = HTTPRequest(url, request_timeout=SECONDS, connect_timeout=SECONDS, follow_redirects=False, **options)
    try:
        answer = await AsyncHTTPClient().fetch(request, raise_error=False)
        if answer.code == 599 or answer.code >= 500:
            raise ConnectionError(f"status {answer.code}")
        told = json.loads(answer.body)
        if not isinstance(told, dict):
            raise ValueError
    except (HTTPClientError, OSError) as fault:
        log.warning("The provider does not answer: %s", type(fault).__name__)
        raise HTTPError(503, reason="The provider does not answer. Please try again in a moment") from None
    except ValueError:
        log.warning("The provider answered with what is no JSON object")
        raise Rejected({"": UNCONFIRMED}) from None
    if answer.code != 200:
        log.warning("The provider refused with status %d: %s", answer.code, _word(told.get("error")))
        raise Rejected({"": UNCONFIRMED})
    return told


def _word(error: Any) -> str:
    """An error code of the provider for the log, such as invalid_client; nothing else of what it says."""
    return error if isinstance(error, str) and re.fullmatch(r"[a-z_]{1,40}", error) else "no reason"


def _role_now(app: services.Services, name: str) -> str | None:
    with app.reading() as db:
        return db.scalar(sa.select(models.User.role_name).where(models.User.name == name))
