"""Who gets in by a password, how guessing is slowed, and what ends a sign-in."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa
from office import PASSWORD, post, run, sign_in, visitor

from data import accounts, events, models
from data.commands import AddDam, ChangeUser, InviteUser, NotAllowed, RemoveUser


def log(app):
    with app.reading() as db:
        return events.read_after(db, 0)


def count(app, table):
    with app.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(table))


def test_a_page_leads_who_is_not_signed_in_to_the_sign_in_page_and_back(office):
    async def come():
        async with visitor(office.port) as http:
            refused = await http.ask("GET", "/dams?hazard=High")
            assert refused.status == 302
            assert refused.headers["location"] == "./sign_in?next=%2Fdams%3Fhazard%3DHigh"
            form = await http.ask("GET", refused.headers["location"].removeprefix("."))
            assert form.status == 200 and b'value="/dams?hazard=High"' in form.body
            done = await sign_in(http, "vic", next="/dams?hazard=High")
            assert (done.status, done.headers["location"]) == (303, "/dams?hazard=High")
            assert (await http.ask("GET", "/dams")).status == 200

    run(come())
    assert log(office)[-1].kind == "signed_in" and log(office)[-1].user_name == "vic"


@pytest.mark.parametrize(
    "next_", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_address_of_another_site_is_led_to(office, next_):
    async def come():
        async with visitor(office.port) as http:
            return await sign_in(http, "vic", next=next_)

    assert run(come()).headers["location"] == "map"


@pytest.mark.parametrize(("name", "password"), [("vic", "wrong"), ("nobody", PASSWORD), ("local", ""), ("setup", "")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_sentence_and_no_cookie(office, name, password):
    async def come():
        async with visitor(office.port) as http:
            answer = await sign_in(http, name, password)
            assert answer.status == 401 and b"Name or password is not right." in answer.body
            assert "dams_sign_in" not in http.cookies
            assert f'value="{name}"'.encode() in answer.body  # what was typed stays, the password does not
            assert not password or password.encode() not in answer.body

    run(come())
    assert count(office, models.SignIn) == 0


def test_cookies_are_for_this_site_and_not_for_scripts_and_go_encrypted_where_they_came_so(make_office):
    office = make_office(xheaders=True)

    async def come(**headers):
        async with visitor(office.port) as http:
            await sign_in(http, "vic", **headers)
            return http.set_cookies

    plain = run(come())
    assert set(plain) == {"dams_form", "dams_sign_in", "dams_visit"}
    for name in ("dams_form", "dams_sign_in"):
        assert "HttpOnly" in plain[name] and "SameSite" in plain[name] and "Secure" not in plain[name]
    assert "SameSite=Lax" in plain["dams_sign_in"]
    behind_tls = run(come(X_Forwarded_Proto="https"))
    assert all("Secure" in behind_tls[name] for name in ("dams_form", "dams_sign_in"))


def test_a_form_without_the_token_of_its_page_is_refused(office):
    async def come():
        async with visitor(office.port) as http:
            body = f"name=vic&password={PASSWORD.replace(' ', '+')}".encode()
            kind = {"Content_Type": "application/x-www-form-urlencoded"}
            bare = await http.ask("POST", "/sign_in", body, **kind)
            await http.ask("GET", "/sign_in")
            forged = await http.ask("POST", "/sign_in", body + b"&_xsrf=0123", **kind)
            return bare, forged, dict(http.cookies)

    bare, forged, cookies = run(come())
    assert (bare.status, forged.status) == (403, 403)
    assert b"nothing was done" in bare.body and b"nothing was done" in forged.body
    assert "dams_sign_in" not in cookies


# Guessing


def test_after_five_wrong_passwords_the_right_one_has_to_wait_and_the_wait_grows(make_office):
    clock = [dt.datetime(2026, 5, 1, tzinfo=dt.UTC)]
    office = make_office(clock=lambda: clock[0])

    async def come(password, source="127.0.0.1"):
        async with visitor(office.port, source=source) as http:
            return await sign_in(http, "vic", password)

    assert [run(come("wrong")).status for _ in range(5)] == [401] * 5
    late = run(come(PASSWORD))
    assert late.status == 429 and b"Too many wrong passwords: wait 2 s" in late.body
    assert late.headers["retry-after"] == "2"
    assert run(come(PASSWORD, source="127.0.0.3")).status == 303  # others, from elsewhere, are not locked out
    clock[0] += dt.timedelta(seconds=2)
    assert run(come("wrong")).status == 401
    assert b"wait 4 s" in run(come(PASSWORD)).body
    clock[0] += dt.timedelta(seconds=4)
    assert run(come(PASSWORD)).status == 303
    assert run(come("wrong")).status == 401  # who was in begins anew


def test_tries_at_once_are_counted_one_by_one(office):
    async def come():
        async with visitor(office.port) as http:
            form = await http.ask("GET", "/sign_in")
            assert form.status == 200

        async def guess():
            async with visitor(office.port) as one:
                return (await sign_in(one, "vic", "wrong")).status

        return await asyncio.gather(*(guess() for _ in range(12)))

    found = run(come())
    assert found.count(401) == accounts.FREE_TRIES and found.count(429) == 12 - accounts.FREE_TRIES


# What ends a sign-in


def test_signing_out_ends_the_cookie_on_the_server(office):
    async def come():
        async with visitor(office.port, name="vic") as http:
            stolen = dict(http.cookies)
            assert (await post(http, "sign_out")).status == 200
            assert http.cookies["dams_sign_in"] == ""
            http.cookies = stolen
            return await http.ask("GET", "/dams")

    assert run(come()).status == 302
    assert log(office)[-1].kind == "signed_out"


def test_a_sign_in_ends_by_itself(make_office):
    clock = [dt.datetime(2026, 5, 1, tzinfo=dt.UTC)]
    office = make_office(sign_in_hours=1.0, clock=lambda: clock[0])

    async def come():
        async with visitor(office.port, name="vic") as http:
            before = (await http.ask("GET", "/dams")).status
            clock[0] += dt.timedelta(hours=1)
            return before, (await http.ask("GET", "/dams")).status

    assert run(come()) == (200, 302)


def change(app, name, **values):
    with app.reading() as db:
        user = db.scalar(sa.select(models.User).where(models.User.name == name))
    return app.send(ChangeUser(**{"name": name, "role_name": user.role_name} | values), user_name="local")


@pytest.mark.parametrize(
    "end",
    [lambda app: change(app, "vic", disabled=True), lambda app: app.send(RemoveUser(name="vic"), user_name="local")],
    ids=["disabled", "removed"],
)
def test_a_user_who_is_disabled_or_removed_is_out_at_once_and_cannot_come_in(office, end):
    async def come():
        async with visitor(office.port, name="vic") as http:
            end(office)
            assert (await http.ask("GET", "/dams")).status == 302
            return await sign_in(http, "vic")

    assert run(come()).status == 401


def test_a_user_without_the_right_to_look_gets_no_page_no_file_and_no_event(office):
    async def come():
        async with visitor(office.port, name="nil") as http:
            return [(await http.ask("GET", path)).status for path in ("/dams", "/export?format=csv", "/events?after=0")]

    assert run(come()) == [403, 403, 403]


# Passwords


def test_a_changed_password_ends_the_other_sign_ins_and_keeps_this_one(office):
    async def come():
        async with visitor(office.port, name="vic") as other, visitor(office.port, name="vic") as http:
            fields = {"new": "another row of words", "again": "another row of words"}
            wrong = await post(http, "account", password="wrong", **fields)
            assert wrong.status == 400 and b"present password is not right" in wrong.body
            short = await post(http, "account", password=PASSWORD, new="short", again="short")
            assert short.status == 400 and b"at least 12 characters" in short.body
            unlike = await post(http, "account", password=PASSWORD, new="another row of words", again="another")
            assert b"not the same" in unlike.body
            done = await post(http, "account", password=PASSWORD, **fields)
            assert done.status == 200 and b"The password is changed" in done.body
            assert (await http.ask("GET", "/dams")).status == 200
            assert (await other.ask("GET", "/dams")).status == 302
            assert (await sign_in(other, "vic")).status == 401
            assert (await sign_in(other, "vic", fields["new"])).status == 303

    run(come())


def test_an_invitation_sets_the_password_once(office):
    token = accounts.new_token()
    expires = office.clock() + accounts.INVITATION
    office.send(InviteUser(name="vic", token_hash=accounts.token_hash(token), expires_at=expires), user_name="local")
    words = {"token": token, "password": "a third row of words", "again": "a third row of words"}
    form = f"invitation?token={token}"

    async def come():
        async with visitor(office.port, name="vic") as before, visitor(office.port) as http:
            assert b"Welcome, vic" in (await http.ask("GET", f"/{form}")).body
            weak = await post(http, "invitation", form, **words | {"password": "victorious words", "again": "x"})
            assert weak.status == 400 and b"does not hold the user" in weak.body
            done = await post(http, "invitation", form, **words)
            assert done.status == 303 and (await http.ask("GET", "/dams")).status == 200
            assert (await before.ask("GET", "/dams")).status == 302  # older sign-ins end
            again = await http.ask("GET", f"/{form}")
            assert again.status == 404 and b"ended or was used" in again.body
            async with visitor(office.port, name="vic", password=words["password"]):
                return await post(http, "invitation", "account", **words)

    assert run(come()).status == 404


def test_an_invitations_link_is_not_in_the_log(office, caplog):
    async def come():
        async with visitor(office.port) as http:
            await http.ask("GET", "/invitation?token=never-to-be-seen")

    run(come())
    assert "/invitation?" in caplog.text and "never-to-be-seen" not in caplog.text


def test_nothing_that_is_kept_or_logged_opens_an_account(office, caplog):
    async def come():
        async with visitor(office.port, name="vic") as http:
            await sign_in(http, "vic", "a wrong row of words")
            return http.cookies["dams_sign_in"]

    cookie = run(come())
    with office.reading() as db:
        hashes = list(db.scalars(sa.select(models.User.password_hash)))
        kept = repr([tuple(row) for row in db.execute(sa.select(models.SignIn.__table__))])
        told = repr([(event.kind, event.body) for event in events.read_after(db, 0)])
    assert all(one.startswith("$argon2id$v=19$m=65536,t=3,") for one in hashes if one)
    for secret in (cookie, PASSWORD, "a wrong row of words", *filter(None, hashes)):
        assert secret not in kept and secret not in told and secret not in caplog.text


# Rights, at the time of the command


def test_a_command_of_a_sign_in_that_has_ended_is_refused(office):
    with office.writing() as db:
        user = db.scalar(sa.select(models.User).where(models.User.name == "dan"))
        now = office.clock()
        row = models.SignIn(
            token_hash="f" * 64, user_id=user.user_id, began_at=now, seen_at=now,
            expires_at=now + dt.timedelta(hours=1), address="",
        )  # fmt: skip
        db.add(row)
        db.flush()
        number = row.sign_in_id
    dam = {"owner": "Other", "river": "R", "date_built": "1941", "longitude": -111.5, "latitude": 40.5}
    office.send(AddDam(name="One", **dam), user_name="dan", sign_in=number)
    with pytest.raises(NotAllowed, match="signed out"):
        office.send(AddDam(name="Two", **dam), user_name="vic", sign_in=number)  # another's
    with office.writing() as db:
        db.execute(sa.delete(models.SignIn))
    with pytest.raises(NotAllowed, match="signed out"):
        office.send(AddDam(name="Two", **dam), user_name="dan", sign_in=number)


def test_without_accounts_there_are_no_such_pages(serve, app):
    url = serve({"hello": lambda: "hello"}, app)
    port = int(url.rsplit(":", 1)[1].strip("/"))

    async def come():
        async with visitor(port) as http:
            return [(await http.ask("GET", f"/{page}")).status for page in ("sign_in", "sign_out", "account")]

    assert run(come()) == [404, 404, 404]
