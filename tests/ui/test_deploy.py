"""Several processes behind a proxy: nothing depends on which one answers. docs/deploy is used as it is shipped."""

import http.client
import importlib.util
import json
import os
import socket
import ssl
import subprocess
import threading
import urllib.request
from pathlib import Path

import nginx_setup
import pytest
from panel.tests.util import wait_until
from serving import free_port, wait_for

from dashboard import settings, shell
from dashboard.services import Services
from dashboard.settings import Settings
from dashboard.sign_in import begin_sign_in
from dashboard.visitors import SIGN_IN
from data.accounts import hash_password
from data.commands import AddDam, AddUser

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect
pytestmark = pytest.mark.ui

ROOT = Path(__file__).parents[2]
#: What the browser itself says of a server that is away.
AWAY = ("ERR_", "Failed to", "WebSocket connection", "not connected", "Could not open websocket")
PASSWORD = "four words in a row"
MADE_UP = AddDam(
    name="Made-up Dam", owner="Other", river="Made-up River", date_built="1950", longitude=-90.0, latitude=35.0
)
TYPED = {
    "Name": "Made-up Dam",
    "River": "Made-up River",
    "Date Built": "1950",
    "Latitude": "35",
    "Longitude": "-90",
}
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Process:
    """``dams serve`` as docs/deploy/dams@.service starts it; ``alone`` without accounts and without a proxy."""

    def __init__(
        self, database_url: str, *, origin: str, port: int = 0, options: str = "", prefix: str = "", alone: bool = True
    ):
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}/{prefix + '/' if prefix else ''}"
        options = f"{options} --prefix {prefix}" if prefix else options
        environment = nginx_setup.shipped_environment(database_url, origin) | {"DAMS_LOG_LEVEL": "WARNING"}
        shipped = environment.pop("SERVE_OPTIONS")
        if alone:
            environment["DAMS_AUTH"] = "none"
        else:
            options = f"{shipped} {options}"
        command = nginx_setup.serve_command(self.port, options)
        self._process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=subprocess.DEVNULL)

    def pages_open(self) -> int:
        with urllib.request.urlopen(f"{self.url}healthz", timeout=30) as answer:
            return json.load(answer)["pages_open"]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


class Crossing:
    """A proxy that gives every websocket to the second of two servers and all else to the first."""

    def __init__(self):
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.origin = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.ports: tuple[int, int] = (0, 0)
        self.websockets = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            head = client.recv(65536)
            is_websocket = b"upgrade: websocket" in head.lower()
            self.websockets += is_websocket
            with socket.create_connection(("127.0.0.1", self.ports[is_websocket])) as server:
                server.sendall(head)
                back = threading.Thread(target=self._pass_on, args=(server, client), daemon=True)
                back.start()
                self._pass_on(client, server)
                back.join()

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            target.close()  # one side is gone

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def start(database_url):
    """``start(origin=, port=0, options="", prefix="")`` gives a process on this test's database; killed afterwards."""
    made = []

    def one(**options) -> Process:
        made.append(Process(database_url, **options))
        return made[-1]

    yield one
    for process in made:
        process.kill()


@pytest.fixture
def crossed(start):
    """``crossed(prefix="")`` gives the address at which pages come from one process and websockets go to another."""
    crossing = Crossing()

    def make(prefix: str = "", origins: str = "") -> str:
        allowed, pair = ",".join(filter(None, (crossing.origin, origins))), []
        for _ in range(2):  # one after the other: the first makes the SQLite file
            pair.append(start(origin=allowed, prefix=prefix))
            wait_for(f"{pair[-1].url}healthz")
        crossing.ports = (pair[0].port, pair[1].port)
        return f"http://{crossing.origin}/{prefix + '/' if prefix else ''}"

    yield make
    crossing.close()
    assert crossing.websockets


def has_come_up(page):
    """It is drawn, and takes clicks."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("#loader")).to_be_hidden()


ADDRESSES = [address for address, *_ in (*shell.MAIN, *shell.MORE)] + ["dam?id=1", "hydrograph?dam=1"]
SOME = ["map", "dams", "admin", "hydrograph?dam=1", "sea_surface_temperature_bokeh"]


@pytest.mark.parametrize(
    "addresses", [pytest.param(ADDRESSES, marks=pytest.mark.slow), SOME], ids=["every page", "one of a kind"]
)
def test_a_page_works_when_another_process_has_sent_it(crossed, new_page, addresses):
    page = new_page(crossed())
    for address in addresses:
        page.goto(address)
        if address == "sea_surface_temperature_bokeh":  # a plain Bokeh page, without the shell
            expect(page.locator("canvas").first).to_be_visible()
        else:
            has_come_up(page)
        if address == "map":
            expect(page.get_by_text("2 of 2 dams drawn")).to_be_visible()
        if address == "dams":  # a button that the server answers
            page.get_by_role("button", name="Delete Dam: Jordanelle").click()
            expect(page.get_by_role("button", name="Delete", exact=True)).to_be_visible()


def test_a_page_under_a_prefix_works_when_another_process_has_sent_it(crossed, new_page):
    page = new_page(crossed(prefix="office"))
    page.goto("map")
    expect(page.get_by_text("2 of 2 dams drawn")).to_be_visible()


@pytest.mark.slow
def test_a_page_of_another_web_server_works_when_another_process_has_sent_it(crossed, new_page):
    spec = importlib.util.spec_from_file_location("embed_host", ROOT / "docs" / "embed_host.py")
    embed_host = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(embed_host)
    port = free_port()
    host = embed_host.host(crossed(prefix="office", origins=f"127.0.0.1:{port}") + "map", port)
    threading.Thread(target=host.serve_forever, daemon=True).start()
    try:
        page = new_page(f"http://127.0.0.1:{port}/")
        page.goto("")
        expect(page.get_by_text("2 of 2 dams drawn").first).to_be_visible()
    finally:
        host.shutdown()
        host.server_close()


def test_a_process_that_has_sent_no_page_yet_has_the_files_of_all_pages(start):
    process = start(origin="localhost")
    wait_for(f"{process.url}healthz")
    wait_for(f"{process.url}static/extensions/panel-material-ui/panel-material-ui.bundle.css", seconds=1)


@pytest.mark.parametrize(
    ("path", "words", "more"),
    [
        ("map", "2 of 2 dams drawn", ""),
        pytest.param("map", "2 of 2 dams drawn", "&bokeh-autoload-element=x", marks=pytest.mark.slow),
        pytest.param("sea_surface_temperature_bokeh", "Smoothing by N Days", "", marks=pytest.mark.slow),
        pytest.param(
            "sea_surface_temperature_bokeh", "Smoothing by N Days", "&bokeh-autoload-element=x", marks=pytest.mark.slow
        ),
    ],
)
def test_a_link_that_names_another_server_takes_nothing_from_there(crossed, new_page, path, words, more):
    """Panel 1.9 would run that server's scripts in our page."""
    page = new_page(crossed())
    page.goto(f"{path}?bokeh-absolute-url=https://elsewhere.example/{path}{more}")
    expect(page.get_by_text(words).first).to_be_visible()


@pytest.mark.slow
def test_pages_of_two_processes_at_one_port_all_come_up(start, new_page):
    process = start(origin="localhost", options="--num-procs 2")
    wait_for(f"{process.url}healthz")
    page = new_page(process.url)
    for _ in range(5):
        page.goto("map")
        expect(page.get_by_text("2 of 2 dams drawn")).to_be_visible()


def test_the_shipped_settings_are_settings():
    assert settings.misspelt(nginx_setup.shipped_environment("sqlite://", "localhost")) == []


class Office:
    """nginx as shipped, and the two processes behind it."""

    def __init__(self, nginx: nginx_setup.Nginx, processes: list[Process]):
        self.nginx, self.processes = nginx, processes

    def with_the_only_page_and_without(self) -> tuple[Process, Process]:
        """Waits until one page is open, and gives its process and the other."""
        wait_until(lambda: sum(process.pages_open() for process in self.processes) == 1, timeout=15_000)
        have, have_not = sorted(self.processes, key=Process.pages_open, reverse=True)
        return have, have_not


@pytest.fixture
def office(start, tmp_path, database_url):
    """``office(https=True, prefix="")`` starts an Office on this test's database; ``ada`` may add dams."""
    if why := nginx_setup.missing():
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    running = []

    def make(*, https: bool = True, prefix: str = "") -> Office:
        nginx = nginx_setup.Nginx(tmp_path / "nginx", https=https, prefix=prefix)
        processes = [start(port=port, origin=nginx.origin, prefix=prefix, alone=False) for port in nginx.process_ports]
        nginx.start()
        running.append(nginx)
        for process in processes:
            wait_for(f"{process.url}healthz")
        store = Services(Settings(database_url=database_url))
        store.send(AddUser(name="ada", role_name="admin", password_hash=hash_password(PASSWORD)), user_name="local")
        store.close()
        return Office(nginx, processes)

    yield make
    for nginx in running:
        nginx.stop()


def opened(new_page, office, path, **options):
    page = new_page(office.nginx.url, ignore_https_errors=True, **options)
    signed_in(page, path)
    return page


def signed_in(page, path):
    """The page of ``path``, which leads to the sign-in page first."""
    page.goto(path)
    page.get_by_label("Name", exact=True).fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**/{path}")


def add_made_up_dam(page):
    signed_in(page, "add_dam")
    expect(page.locator("#loader")).to_be_hidden()
    for label, value in TYPED.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Made-up Dam").first).to_be_visible()


def notice(page):
    return page.get_by_role("dialog", name="Dam Notification")


@pytest.mark.services
@on_postgresql
@pytest.mark.parametrize(
    "place",
    [{"https": True}, pytest.param({"https": False, "prefix": "dams"}, marks=pytest.mark.slow)],
    ids=["https", "prefix"],
)
def test_a_page_behind_nginx_comes_up_and_is_told_of_what_another_process_has_stored(office, new_page, place):
    there = office(**place)
    page = opened(new_page, there, "map")
    expect(page.get_by_text("2 of 2 dams drawn")).to_be_visible()
    _, other = there.with_the_only_page_and_without()
    add_made_up_dam(new_page(other.url))
    expect(notice(page)).to_contain_text('"Made-up Dam" was added by ada.')
    page = opened(new_page, there, "map")
    expect(page.get_by_text("3 of 3 dams drawn")).to_be_visible()


@pytest.mark.services
@on_postgresql
def test_pages_of_a_killed_process_come_back_on_the_other_with_what_was_typed(office, new_page):
    there = office()
    page = opened(new_page, there, "add_dam", allow=AWAY)
    expect(page.locator("#loader")).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("Half-typed")
    page.evaluate("window.stillTheOldPage = true")
    killed, left = there.with_the_only_page_and_without()
    killed.kill()
    page.wait_for_function("!window.stillTheOldPage", timeout=30_000)
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half-typed")
    wait_until(lambda: left.pages_open() == 1, timeout=15_000)


@pytest.mark.services
@on_postgresql
def test_nginx_redirects_to_https_and_passes_on_who_asks_and_events_at_once(office, database_url):
    there = office()
    plain = http.client.HTTPConnection("localhost", there.nginx.http_port, timeout=30)
    plain.request("GET", "/dams?search=x")
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/dams?search=x")
    plain.close()

    for path, status in (("/map", 302), ("/events", 403), ("/export?format=csv", 403), ("/sign_in", 200)):
        asked = _connection(there)
        asked.request("GET", path, headers={"X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1"})
        assert asked.getresponse().status == status, path
        asked.close()

    store = Services(Settings(database_url=database_url))
    token = begin_sign_in(store, "ada", "")
    signed = {"Cookie": f"{SIGN_IN}={token}"}

    asked = _connection(there)
    asked.request("GET", "/metrics", headers=signed)
    assert asked.getresponse().status == 404  # it is for inside
    asked.close()

    listening = _connection(there)
    listening.request("GET", "/events", headers=signed)
    stream = listening.getresponse()
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert stream.readline().startswith(b"retry")
    store.send(MADE_UP, user_name="local")
    store.close()
    while not (line := stream.readline()).startswith(b"data:"):
        assert line
    assert json.loads(line[5:])["dam_name"] == "Made-up Dam"
    stream.close()
    listening.close()


def _connection(there: Office) -> http.client.HTTPSConnection:
    unverified = ssl.create_default_context()
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection("localhost", there.nginx.port, timeout=30, context=unverified)
