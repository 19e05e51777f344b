"""A small OpenID Connect provider on a port of its own: strict about what it is asked, misbehaving when told."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from typing import Any
from urllib.parse import urlencode

from serving import free_port
from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

CLIENT, SECRET = "dam-office", "the-clients-secret-0f3a"


class Provider:
    """``claims`` are of whoever comes, ``error`` is told of them instead, ``page`` shows a page to click on first.

    ``asked`` holds by path the parameters of the last request, ``codes`` and ``tokens`` what was given out.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.claims: dict[str, Any] = {"sub": "1", "email": "ann@example.org", "email_verified": True, "groups": []}
        self.id_token: dict[str, Any] = {}  #: claims put in place of those of its id token; None for those to leave out
        self.user: dict[str, Any] | None = None  #: claims of its user address, where other than ``claims``
        self.answers: dict[str, tuple[int, str]] = {}  #: by path, a status and a body instead of its own
        self.error, self.page = "", False
        self.asked: dict[str, dict[str, str]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._ready.wait(30)

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of a dashboard that its users come to."""
        urls = (("authorize", "/authorize"), ("token", "/token"), ("user", "/userinfo"), ("logout", "/logout"))
        return {
            "auth": "oauth",
            "oauth_provider": "generic",
            "oauth_key": CLIENT,
            "oauth_secret": SECRET,
            "oauth_urls": tuple((name, f"{self.url}{path}") for name, path in urls),
            "oauth_roles": (("wardens", "admin"), ("engineers", "diadmin"), ("readers", "diviewer")),
        }

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        pages = (("/authorize", _Authorize), ("/token", _Token), ("/userinfo", _User), ("/logout", _Logout))
        app = Application([(path, kind, {"provider": self}) for path, kind in pages], log_function=lambda _: None)
        self._server = HTTPServer(app)
        self._server.listen(self.port, "localhost")
        self._loop.call_soon(self._ready.set)
        self._loop.run_forever()
        self._loop.run_until_complete(self._server.close_all_connections())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def close(self) -> None:
        """Be away from here on."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._server.stop)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()


class _Asked(RequestHandler):
    def initialize(self, provider: Provider) -> None:
        self.provider = provider

    def prepare(self) -> None:
        path = self.request.path
        self.provider.asked[path] = {name: self.get_argument(name) for name in self.request.arguments}
        if path in self.provider.answers:
            status, body = self.provider.answers[path]
            self.set_status(status)
            self.set_header("Content-Type", "application/json")
            self.finish(body)

    def require(self, kept: bool, error: str) -> None:
        if not kept:
            raise HTTPError(400, reason=error)

    def write_error(self, status_code: int, **_: Any) -> None:
        self.finish({"error": self._reason, "error_description": f"No, and the secret is {SECRET}"})


class _Authorize(_Asked):
    def get(self) -> None:
        asked = self.provider.asked["/authorize"]
        self.require(asked["client_id"] == CLIENT and asked["response_type"] == "code", "unauthorized_client")
        self.require("openid" in asked["scope"].split(), "invalid_scope")
        self.require(asked["code_challenge_method"] == "S256" and len(asked["state"]) >= 20, "invalid_request")
        if self.provider.error:
            told = {"error": self.provider.error, "error_description": "<script>alert(1)</script>"}
        else:
            told = {"code": secrets.token_urlsafe(16)}
            self.provider.codes[told["code"]] = asked
        back = f"{asked['redirect_uri']}?{urlencode(told | {'state': asked['state']})}"
        if self.provider.page:
            self.finish(f'<title>A provider</title><h1>Who are you?</h1><a href="{back.replace("&", "&amp;")}">Ann</a>')
        else:
            self.redirect(back)


class _Token(_Asked):
    def post(self) -> None:
        asked, provider = self.provider.asked["/token"], self.provider
        self.require((asked["client_id"], asked["client_secret"]) == (CLIENT, SECRET), "invalid_client")
        begun = provider.codes.pop(asked["code"], None)
        self.require(begun is not None and asked["grant_type"] == "authorization_code", "invalid_grant")
        self.require(asked["redirect_uri"] == begun["redirect_uri"], "invalid_grant")
        challenge = _base64(hashlib.sha256(asked["code_verifier"].encode()).digest())
        self.require(challenge == begun["code_challenge"], "invalid_grant")
        token, now = secrets.token_urlsafe(16), int(time.time())
        claims = {"iss": provider.url, "aud": CLIENT, "iat": now, "exp": now + 300, **provider.claims}
        claims = {name: value for name, value in (claims | provider.id_token).items() if value is not None}
        provider.tokens += [token, _jwt(claims)]
        self.finish({"access_token": token, "token_type": "Bearer", "expires_in": 300, "id_token": provider.tokens[-1]})


class _User(_Asked):
    def get(self) -> None:
        token = self.request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.require(token in self.provider.tokens, "invalid_token")
        self.finish(self.provider.claims if self.provider.user is None else self.provider.user)


class _Logout(_Asked):
    def get(self) -> None:
        self.finish("<title>A provider</title><h1>Signed out</h1>")


def _jwt(claims: dict[str, Any]) -> str:
    parts = [_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    signature = hmac.digest(SECRET.encode(), ".".join(parts).encode(), "sha256")
    return ".".join([*parts, _base64(signature)])


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
