"""Who gets in by a provider, as whom, and that nothing of what the provider hands out is left lying about."""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import sqlalchemy as sa
from office import post, run, visitor
from own_provider import CLIENT, SECRET, Provider
from raw_page import Http
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application, RequestHandler

from dashboard import services
from dashboard.provider import begin
from dashboard.settings import PROVIDERS, Settings, SettingsError
from data import events, models
from data.commands import AddUser, AdmitUser, ChangeUser, InviteUser, NotAllowed, Rejected

ANN = "ann@example.org"


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def make_office(make_office, provider):
    """``make_office(**settings)``: a dashboard whose users are the provider's, besides the four of the others."""
    return lambda **settings: make_office(**provider.settings | settings)


@pytest.fixture
def office(make_office):
    return make_office()


def user(app, name=ANN):
    with app.reading() as db:
        return db.scalar(sa.select(models.User).where(models.User.name == name))


def sign_ins(app):
    with app.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(models.SignIn))


def newest(app, count):
    with app.reading() as db:
        return [(event.kind, event.user_name, event.body) for event in events.read_after(db, 0)[-count:]]


async def to_provider(provider, http, next="", **headers):
    """Begin; the address here that the provider sends the browser back to."""
    begun = await http.ask("GET", f"/sign_in?{urlencode({'next': next})}", **headers)
    assert begun.status == 302, begun
    assert begun.headers["location"].startswith(f"{provider.url}/authorize?")
    theirs = await Http.connect(provider.port)
    answer = await theirs.ask("GET", begun.headers["location"].removeprefix(provider.url))
    theirs.close()
    assert answer.status == 302, answer
    return answer.headers["location"]


async def through(provider, http, next="", **headers):
    """Begin, go to the provider, come back."""
    back = urlsplit(await to_provider(provider, http, next, **headers))
    return await http.ask("GET", f"{back.path}?{back.query}", **headers)


def come(provider, office, **options):
    """One browser's sign-in: the answer, and the browser's cookies."""

    async def once():
        async with visitor(office.port) as http:
            return await through(provider, http, **options), {name: one for name, one in http.cookies.items() if one}

    return run(once())


def is_refused(office, answer, cookies, words):
    """A plain sentence, and no sign-in."""
    body = answer.body.decode()
    assert re.sub(r"&#x27;", "'", body).count(words) == 1, body
    assert "Traceback" not in body and "script" not in body and "http" not in body
    return "dams_sign_in" not in cookies and sign_ins(office) == 0


# Who gets in


def test_a_page_leads_to_the_provider_and_back_to_the_page(provider, office):
    provider.claims["groups"] = ["readers"]

    async def come():
        async with visitor(office.port) as http:
            refused = await http.ask("GET", "/dams?hazard=High")
            where = parse_qs(urlsplit(refused.headers["location"]).query)["next"][0]
            done = await through(provider, http, next=where)
            assert (done.status, done.headers["location"]) == (303, "/dams?hazard=High")
            assert (await http.ask("GET", "/dams")).status == 200
            account = await http.ask("GET", "/account")
            assert ANN.encode() in account.body and b"diviewer" in account.body and b"password" not in account.body
            return http.cookies, http.set_cookies

    cookies, as_sent = run(come())
    assert {name for name, value in cookies.items() if value} == {"dams_sign_in"}  # nothing of Panel's, no token
    assert set(as_sent) == {"dams_sign_in", "dams_provider", "dams_visit"}
    assert "HttpOnly" in as_sent["dams_sign_in"] and "SameSite=Lax" in as_sent["dams_sign_in"]
    added, signed_in = newest(office, 2)
    assert added[:2] == ("user_added", "setup") and added[2]["user"] == ANN
    assert signed_in[:2] == ("signed_in", ANN)


def test_the_provider_is_asked_with_a_challenge_and_for_no_token_that_lasts(provider, office):
    provider.claims["groups"] = ["readers"]
    assert come(provider, office)[0].status == 303
    asked = provider.asked["/authorize"]
    assert asked["scope"] == "openid email profile" and "client_secret" not in asked
    assert asked["redirect_uri"] == f"http://127.0.0.1:{office.port}/sign_in"
    assert len(provider.asked["/token"]["code_verifier"]) >= 43


def test_scopes_and_what_else_the_provider_wants_are_settings(provider, make_office):
    office = make_office(oauth_params=(("scope", "openid groups"), ("prompt", "login")), oauth_role="diviewer")
    assert come(provider, office)[0].status == 303
    assert (provider.asked["/authorize"]["scope"], provider.asked["/authorize"]["prompt"]) == ("openid groups", "login")


def test_behind_a_proxy_the_provider_sends_back_to_its_address_and_cookies_go_encrypted(provider, make_office):
    office = make_office(xheaders=True, oauth_role="diviewer")

    async def come():
        async with visitor(office.port) as http:
            back = await to_provider(provider, http, X_Forwarded_Proto="https", Host="dams.example.org")
            return back, http.set_cookies["dams_provider"]

    back, cookie = run(come())
    assert back.startswith("https://dams.example.org/sign_in?")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))


def test_below_a_prefix_the_way_back_is_below_it_too(provider, serve, make_app):
    app = make_app(**provider.settings, oauth_role="diviewer")
    port = urlsplit(serve({"hello": lambda: "hello"}, app, prefix="office")).port

    async def come():
        async with visitor(port) as http:
            begun = await http.ask("GET", "/office/sign_in")
            return parse_qs(urlsplit(begun.headers["location"]).query)["redirect_uri"]

    assert run(come()) == [f"http://127.0.0.1:{port}/office/sign_in"]


@pytest.mark.parametrize(
    "next_", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/" + 3000 * "x"]
)
def test_no_address_of_another_site_is_led_to(provider, make_office, next_):
    office = make_office(oauth_role="diviewer")
    assert come(provider, office, next=next_)[0].headers["location"] == "map"


# Groups and roles


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["readers"], "diviewer"),
        (["others", "engineers"], "diadmin"),
        (["readers", "wardens"], "admin"),  # the first of the setting, not of the claim
        ("engineers", "diadmin"),
        ([{"name": "wardens"}, 7, "readers"], "diviewer"),
    ],
)
def test_groups_give_the_role(provider, office, groups, role):
    provider.claims["groups"] = groups
    assert come(provider, office)[0].status == 303
    assert user(office).role_name == role


def test_groups_may_come_from_the_users_address_alone_or_from_the_token_alone(provider, make_office):
    provider.claims["groups"] = ["engineers"]
    provider.id_token = {"groups": None}
    office = make_office()
    assert come(provider, office)[0].status == 303
    assert user(office).role_name == "diadmin"
    provider.id_token, provider.user = {"groups": ["readers"]}, {"sub": "1"}
    assert come(provider, office)[0].status == 303
    assert user(office).role_name == "diviewer"
    assert newest(office, 2)[0] == (
        "user_changed",
        "setup",
        {"user": ANN, "before": {"role_name": "diadmin"}, "after": {"role_name": "diviewer"}},
    )


def test_without_a_users_address_the_token_is_enough(provider, make_office):
    urls = tuple(pair for pair in provider.settings["oauth_urls"] if pair[0] != "user")
    office = make_office(oauth_urls=urls, oauth_groups="teams", oauth_user="sub")
    provider.claims |= {"teams": ["readers"], "sub": "0815"}
    assert come(provider, office)[0].status == 303
    assert user(office, "0815").role_name == "diviewer" and "/userinfo" not in provider.asked


def test_a_role_follows_the_groups_at_each_sign_in_and_what_is_narrowed_here_stays(provider, office):
    provider.claims["groups"] = ["engineers"]
    come(provider, office)
    office.send(
        ChangeUser(name=ANN, role_name="diadmin", states=("Utah",), owners=("Other",), max_dams=9), user_name="local"
    )
    provider.claims["groups"] = ["readers"]
    come(provider, office)
    ann = user(office)
    assert (ann.role_name, ann.states, ann.owners, ann.max_dams) == ("diviewer", ["Utah"], ["Other"], 9)
    count = newest(office, 1000)
    come(provider, office)  # nothing to change
    assert [kind for kind, *_ in newest(office, 1000)[len(count) :]] == ["signed_in"]


def test_a_user_who_is_added_meanwhile_by_another_browser_of_theirs_gets_in(provider, office, monkeypatch):
    provider.claims["groups"] = ["readers"]
    send = office.send

    def after_another(command, **who):
        if isinstance(command, AdmitUser):
            send(AdmitUser(name=command.name, role_name=command.role_name), **who)
        return send(command, **who)

    monkeypatch.setattr(office, "send", after_another)
    assert come(provider, office)[0].status == 303
    assert [body["user"] for kind, _, body in newest(office, 3) if kind == "user_added"].count(ANN) == 1


def test_who_is_in_no_group_of_ours_is_refused_and_not_added(provider, office):
    provider.claims["groups"] = ["cooks"]
    assert is_refused(office, *come(provider, office), "You are in no group that may use this dashboard")
    assert user(office) is None


def test_who_is_in_no_group_of_ours_gets_the_role_for_all_where_there_is_one(provider, make_office):
    office = make_office(oauth_role="diviewer")
    assert come(provider, office)[0].status == 303
    assert user(office).role_name == "diviewer"


def test_without_groups_that_have_a_role_only_who_is_known_gets_in_with_the_role_given_here(provider, make_office):
    office = make_office(oauth_roles=())
    provider.claims["groups"] = ["wardens"]
    assert is_refused(office, *come(provider, office), "You have no account here")
    office.send(AddUser(name=ANN, role_name="diadmin"), user_name="local")
    assert come(provider, office)[0].status == 303
    assert user(office).role_name == "diadmin"


def test_without_groups_that_have_a_role_who_is_new_may_have_one_and_who_is_known_keeps_theirs(provider, make_office):
    office = make_office(oauth_roles=(), oauth_role="diviewer")
    assert come(provider, office)[0].status == 303
    assert user(office).role_name == "diviewer"
    office.send(ChangeUser(name=ANN, role_name="diadmin"), user_name="local")
    assert come(provider, office)[0].status == 303
    assert user(office).role_name == "diadmin"


@pytest.mark.parametrize("groups", [["readers"], ["engineers"]])
def test_a_user_who_is_disabled_here_stays_out_whatever_the_groups(provider, office, groups):
    provider.claims["groups"] = groups
    office.send(AddUser(name=ANN, role_name="diviewer", disabled=True), user_name="local")
    assert is_refused(office, *come(provider, office), "This account is disabled")
    assert user(office).role_name == "diviewer"


# Names


@pytest.mark.parametrize("claims", [{"email": None}, {"email": ""}, {"email": ["a"]}, {"email": 7}])
def test_without_the_claim_that_names_the_user_nobody_gets_in(provider, office, claims):
    provider.claims |= {"groups": ["wardens"]} | claims
    assert is_refused(office, *come(provider, office), "The provider did not say who you are")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("local", "one of this program's own"),
        ("setup", "one of this program's own"),
        ("DiAdmin", "one of this program's own"),
        ("x" * 101, "1 to 100 characters"),
        ("a\u202eb@example.org", "1 to 100 characters"),
        ("ADA", "There is a user"),
    ],
)
def test_a_name_that_no_user_can_have_is_refused(provider, make_office, name, words):
    office = make_office(oauth_user="preferred_username")
    provider.claims |= {"groups": ["wardens"], "preferred_username": name}
    assert is_refused(office, *come(provider, office), words)


@pytest.mark.parametrize("name", ["o'brien@example.org", '"><b>@example.org', "ann@exämple.org"])
def test_a_name_is_text_as_the_provider_has_it(provider, office, name):
    provider.claims |= {"groups": ["readers"], "email": name}
    assert come(provider, office)[0].status == 303
    assert user(office, name) is not None


@pytest.mark.parametrize("verified", [False, "false"])
def test_an_address_that_the_provider_has_not_verified_names_nobody(provider, office, verified):
    provider.claims |= {"groups": ["wardens"], "email_verified": verified}
    assert is_refused(office, *come(provider, office), "has not verified your email address")


# The way there and back


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query | {"state": "another"},
        lambda query: query | {"state": ""},
        lambda query: {"code": query["code"]},
        lambda query: {"error": "access_denied", "error_description": "your words here"},
    ],
    ids=["other", "empty", "none", "an error without a state"],
)
def test_an_answer_without_the_state_of_this_browser_is_refused(provider, office, change):
    provider.claims["groups"] = ["wardens"]

    async def come(own_cookie):
        async with visitor(office.port) as http:
            back = urlsplit(await to_provider(provider, http))
            query = change({name: values[0] for name, values in parse_qs(back.query).items()})
            if not own_cookie:
                http.cookies.clear()
            return await http.ask("GET", f"/sign_in?{urlencode(query)}"), dict(http.cookies)

    for own_cookie in (True, False):
        answer, cookies = run(come(own_cookie))
        assert is_refused(office, answer, cookies, "was not begun in this browser")
        assert b"your words here" not in answer.body
    assert "/token" not in provider.asked


def test_another_browser_cannot_come_back_with_the_answer(provider, office):
    provider.claims["groups"] = ["wardens"]

    async def come():
        async with visitor(office.port) as mine, visitor(office.port) as theirs:
            back = urlsplit(await to_provider(provider, mine))
            await to_provider(provider, theirs)
            return await theirs.ask("GET", f"/sign_in?{back.query}"), dict(theirs.cookies)

    assert is_refused(office, *run(come()), "was not begun in this browser")


def test_an_answer_counts_once(provider, office):
    provider.claims["groups"] = ["readers"]

    async def come():
        async with visitor(office.port) as http:
            back = urlsplit(await to_provider(provider, http))
            kept = dict(http.cookies)
            first = await http.ask("GET", f"/sign_in?{back.query}")
            again = await http.ask("GET", f"/sign_in?{back.query}")
            http.cookies = kept  # one who has copied cookie and answer
            return first.status, again, await http.ask("GET", f"/sign_in?{back.query}")

    first, again, copied = run(come())
    assert (first, again.status, copied.status) == (303, 403, 403)
    assert b"was not begun in this browser" in again.body and b"did not confirm who you are" in copied.body
    assert sign_ins(office) == 1


def test_who_declines_at_the_provider_gets_a_sentence_and_a_link_to_begin_again(provider, office):
    provider.error = "access_denied"
    answer, cookies = come(provider, office)
    assert is_refused(office, answer, cookies, "The provider did not let you sign in")
    assert b'href="sign_in"' in answer.body and b"alert(1)" not in answer.body


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/token", 400, '{"error": "invalid_grant"}'),
        ("/token", 200, '{"error": "bad_verification_code"}'),
        ("/token", 200, "{}"),
        ("/token", 200, "[]"),
        ("/token", 200, "<html>Welcome</html>"),
        ("/token", 200, '{"access_token": "t", "id_token": "no.token.at.all"}'),
        ("/token", 200, '{"access_token": "t", "id_token": 7}'),
        ("/token", 302, "{}"),
        ("/userinfo", 401, '{"error": "invalid_token"}'),
        ("/userinfo", 200, "ann"),
    ],
)
def test_a_provider_that_does_not_confirm_lets_nobody_in(provider, office, path, status, body):
    provider.claims["groups"] = ["wardens"]
    provider.answers[path] = status, body
    assert is_refused(office, *come(provider, office), "The provider did not confirm who you are")


@pytest.mark.parametrize(
    ("id_token", "user"),
    [
        ({"aud": "another program"}, None),
        ({"aud": ["another program"]}, None),
        ({"aud": None}, None),
        ({"exp": 1}, None),
        ({"exp": None}, None),
        ({}, {"sub": "2", "email": ANN, "groups": ["wardens"]}),
        ({}, {"email": ANN, "groups": ["wardens"]}),
    ],
)
def test_a_token_of_another_program_time_or_user_lets_nobody_in(provider, office, id_token, user):
    provider.claims["groups"] = ["wardens"]
    provider.id_token, provider.user = id_token, user
    assert is_refused(office, *come(provider, office), "The provider did not confirm who you are")


@pytest.mark.parametrize("away", [lambda provider: None, lambda provider: provider.close()], ids=["503", "closed"])
def test_a_provider_that_is_away_is_told_in_a_sentence(provider, office, away):
    async def come():
        async with visitor(office.port) as http:
            back = urlsplit(await to_provider(provider, http))
            provider.answers["/token"] = 503, "busy"
            away(provider)
            return await http.ask("GET", f"/sign_in?{back.query}"), dict(http.cookies)

    answer, cookies = run(come())
    assert answer.status == 503
    assert is_refused(office, answer, cookies, "The provider does not answer")


def test_what_the_provider_hands_out_and_the_clients_secret_are_not_in_the_log(provider, office, caplog):
    caplog.set_level("DEBUG")
    provider.claims["groups"] = ["readers"]
    assert come(provider, office)[0].status == 303
    provider.claims["email"] = None
    come(provider, office)
    provider.answers["/token"] = 400, f'{{"error": "invalid_client", "error_description": "not {SECRET}"}}'
    come(provider, office)
    assert "invalid_client" in caplog.text and "/sign_in" in caplog.text
    code, verifier = provider.asked["/token"]["code"], provider.asked["/token"]["code_verifier"]
    for secret in (SECRET, code, verifier, provider.asked["/authorize"]["state"], *provider.tokens):
        assert secret not in caplog.text
    assert SECRET not in repr(office.settings)


# Out again, and what there is not


def test_signing_out_ends_the_sign_in_and_links_to_the_providers_page(provider, office):
    provider.claims["groups"] = ["readers"]

    async def come():
        async with visitor(office.port) as http:
            await through(provider, http)
            answer = await post(http, "sign_out")
            return answer, (await http.ask("GET", "/dams")).status

    answer, after = run(come())
    assert answer.status == 200 and f'href="{provider.url}/logout"'.encode() in answer.body
    assert after == 302 and sign_ins(office) == 0


def test_no_password_and_no_invitation_opens_an_account(provider, office):
    expires = office.clock().replace(year=2999)
    office.send(InviteUser(name="vic", token_hash="0" * 64, expires_at=expires), user_name="local")

    async def come():
        async with visitor(office.port) as http:
            await http.ask("GET", "/sign_out")  # has the form's token
            answers = [await http.ask("GET", "/invitation?token=0")]
            for path in ("sign_in", "invitation", "account"):
                answers.append(await post(http, path, "sign_out", name="vic", password="four words in a row"))
            return [answer.status for answer in answers], http.cookies

    statuses, cookies = run(come())
    assert statuses == [404] * 4 and "dams_sign_in" not in cookies


def test_dams_user_prints_no_link_that_would_set_a_password(provider, office, monkeypatch, capsys):
    from dashboard.cli import main

    for name, value in (WHOLE | {"DAMS_DATABASE_URL": office.settings.database_url}).items():
        monkeypatch.setenv(name, value)
    assert main(["user", "add", ANN, "--state", "Utah"]) == 0
    told = capsys.readouterr().out
    assert "invitation" not in told and "by the provider" in told
    provider.claims["groups"] = ["engineers"]
    assert come(provider, office)[0].status == 303
    assert (user(office).role_name, user(office).states) == ("diadmin", ["Utah"])


def test_only_the_program_itself_admits_users(office):
    for name in ("local", "ada", "vic"):
        with pytest.raises(NotAllowed, match="may not manage users"):
            office.send(AdmitUser(name="vic", role_name="admin"), user_name=name)
    with pytest.raises(Rejected, match="There is no role 'king'"):
        office.send(AdmitUser(name="vic", role_name="king"), user_name="setup")
    assert user(office, "vic").role_name == "diviewer"


# Settings

WHOLE = {
    "DAMS_AUTH": "oauth",
    "DAMS_OAUTH_PROVIDER": "generic",
    "DAMS_OAUTH_KEY": CLIENT,
    "DAMS_OAUTH_SECRET": SECRET,
    "DAMS_OAUTH_URLS": "authorize=https://id.example.org/a?x=1, token=https://id.example.org/t",
    "DAMS_OAUTH_ROLES": "cn=wardens=admin, readers=diviewer",
}


def test_pairs_are_read_and_kept_in_their_order():
    settings = Settings.from_environment(WHOLE)
    assert settings.oauth_roles == (("cn=wardens", "admin"), ("readers", "diviewer"))
    assert dict(settings.oauth_urls)["authorize"] == "https://id.example.org/a?x=1"


@pytest.mark.parametrize("name", [name for name in WHOLE if name not in ("DAMS_AUTH", "DAMS_OAUTH_ROLES")])
def test_dams_serve_does_not_start_without_what_signing_in_needs(name, monkeypatch, capsys):
    from dashboard.cli import main

    for other in set(WHOLE) - {name}:
        monkeypatch.setenv(other, WHOLE[other])
    assert main(["serve"]) == 1
    told = capsys.readouterr().err
    assert name in told and SECRET not in told


@pytest.mark.parametrize("provider_name", PROVIDERS)
def test_each_provider_of_panels_has_all_that_is_asked_of_it_and_says_what_it_needs(provider_name):
    from panel.auth import AUTH_PROVIDERS

    kind = AUTH_PROVIDERS[provider_name]
    names = ("_OAUTH_AUTHORIZE_URL", "_OAUTH_ACCESS_TOKEN_URL", "_API_BASE_HEADERS", "_EXTRA_TOKEN_PARAMS")
    assert [name for name in (*names, "_USER_KEY", "_access_token_header") if not hasattr(kind, name)] == []
    bare = {name: WHOLE[name] for name in WHOLE if name != "DAMS_OAUTH_URLS"} | {"DAMS_OAUTH_PROVIDER": provider_name}
    for setting, name in PROVIDERS[provider_name]:
        with pytest.raises(SettingsError, match=f"needs {name}=... in DAMS_{setting.upper()}"):
            Settings.from_environment(bare)


class NoConnection:
    context = None

    def set_close_callback(self, _callback):
        pass


@pytest.mark.parametrize(
    ("name", "params", "begins", "scope"),
    [
        ("auth0", {"subdomain": "office"}, "https://office.auth0.com/authorize?", "openid email profile"),
        ("azurev2", {"tenant": "0-1"}, "https://login.microsoftonline.com/0-1/oauth2/v2.0/", "openid email profile"),
        ("github", {"scope": "read:user"}, "https://github.com/login/oauth/authorize?", "read:user"),
        ("gitlab", {"url": "git.example.org"}, "https://git.example.org/oauth/authorize?", "openid email profile"),
        ("google", {}, "https://accounts.google.com/o/oauth2/v2/auth?", "openid email profile"),
        ("okta", {"url": "office.okta.com"}, "https://office.okta.com/oauth2/default/v1/", "openid email profile"),
    ],
)
def test_each_provider_of_panels_is_gone_to_at_its_own_address(make_app, monkeypatch, name, params, begins, scope):
    app = make_app(auth="oauth", oauth_provider=name, oauth_key=CLIENT, oauth_params=tuple(params.items()))
    monkeypatch.setattr(services, "current", lambda: app)
    line, headers = RequestStartLine("GET", "/sign_in", "HTTP/1.1"), HTTPHeaders({"Host": "dams.example.org"})
    request = HTTPServerRequest(start_line=line, headers=headers, connection=NoConnection())
    address = begin(RequestHandler(Application(), request), "")
    assert address.startswith(begins)
    query = parse_qs(urlsplit(address).query)
    assert query["scope"] == [scope] and query["client_id"] == [CLIENT] and query["code_challenge_method"] == ["S256"]
    assert not {"tenant", "url", "subdomain"} & query.keys()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DAMS_OAUTH_PROVIDER", "pam", "it can be generic"),
        ("DAMS_OAUTH_URLS", "authorize", "NAME=VALUE"),
        ("DAMS_OAUTH_URLS", "home=https://id.example.org", "authorize, token, user and logout"),
        ("DAMS_OAUTH_URLS", "token=http://id.example.org", "https:// address"),
        ("DAMS_OAUTH_URLS", "logout=javascript:alert(1)", "https:// address"),
        ("DAMS_OAUTH_ROLES", "readers", "GROUP=ROLE"),
        ("DAMS_OAUTH_ROLES", "readers=", "GROUP=ROLE"),
    ],
)
def test_a_wrong_value_is_refused(name, value, words):
    with pytest.raises(SettingsError, match=re.escape(words)):
        Settings.from_environment(WHOLE | {name: value})


@pytest.mark.ui
def test_in_a_browser_one_signs_in_on_the_providers_page_and_out_again(provider, office, new_page):
    """The provider is at localhost, the dashboard at 127.0.0.1: two sites, as far as cookies go."""
    expect = pytest.importorskip("playwright.sync_api").expect
    provider.page = True
    provider.claims["groups"] = ["readers"]
    page = new_page(office.url)
    page.goto("dams?hazard=High")
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    page.get_by_role("link", name="Ann").click()
    expect(page.get_by_text("Deer Creek").first).to_be_visible()
    assert page.url.endswith("/dams?hazard=High")
    assert {one["name"] for one in page.context.cookies()} <= {"dams_sign_in", "dams_form"}
    page.goto("sign_out")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign out at the provider too").click()
    expect(page.get_by_role("heading", name="Signed out")).to_be_visible()
