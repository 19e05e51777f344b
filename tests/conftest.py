"""What every test may use: the real files, and the services on a database of the test's own."""

import os
import shutil
import subprocess
import sys
import urllib.error
from contextlib import suppress
from pathlib import Path

import pytest
import servers
from browser_pages import browser, new_page  # noqa: F401
from serving import free_port, wait_for

KEPT = ("DAMS_CHROMIUM", "DAMS_TEST_POSTGRES_URL")
for name in [name for name in os.environ if name.startswith(("PANEL_", "BOKEH_", "DAMS_")) and name not in KEPT]:
    del os.environ[name]  # a developer's settings must not decide a test


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files from public repositories, each folder with its origins; they lie beside the checkout."""
    return Path(__file__).parents[2] / "shared" / "data"


def require(missing: str) -> None:
    """Skip for want of a server, or fail where everything must be there."""
    if missing:
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)


@pytest.fixture(scope="session")
def postgres():
    """A running PostgreSQL; tests make databases of their own on it."""
    require(servers.Postgres.missing())
    made = servers.Postgres()
    yield made
    made.close()


@pytest.fixture
def own_postgres():
    """A server that only this test uses, so that it may be crashed."""
    require(servers.Postgres.missing())
    made = servers.Postgres()
    yield made
    made.close()


@pytest.fixture
def redis_server():
    """A running Redis of the test's own."""
    require(servers.Redis.missing())
    made = servers.Redis()
    yield made
    made.stop()


@pytest.fixture
def database_url(request, tmp_path):
    """An empty database of the test's own: a SQLite file, or PostgreSQL with ``servers.each_database``."""
    if getattr(request, "param", "sqlite") == "postgresql":
        return request.getfixturevalue("postgres").new_database()
    return f"sqlite:///{tmp_path / 'dams.sqlite'}"


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory):
    """A SQLite file as a first start makes it, to be copied: making one takes a third of a second."""
    path = tmp_path_factory.mktemp("seeded") / "dams.sqlite"
    _seed(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def seeded_postgres(postgres):
    """The address of a database of PostgreSQL as a first start makes it, to be copied."""
    url = postgres.new_database()
    _seed(url)
    return url


def _seed(url):
    from dashboard.services import Services
    from dashboard.settings import Settings

    app = Services(Settings(database_url=url))
    app.prepare()
    app.close()


@pytest.fixture
def seed(request, database_url):
    """Make the test's own database what a first start makes of an empty one."""

    def copy():
        file = Path(database_url.removeprefix("sqlite:///"))
        if file.exists():  # a database of the test's own making
            return
        if database_url.startswith("sqlite"):
            shutil.copy(request.getfixturevalue("seeded_file"), file)
        else:
            like = request.getfixturevalue("seeded_postgres")
            request.getfixturevalue("postgres").replace(database_url, like)

    return copy


@pytest.fixture
def make_app(database_url, seed):
    """``make_app(user=None, **settings)``: services on a seeded database of the test's own, closed afterwards.

    Two calls with the same ``database_url`` share the database, as two processes do. With a ``clock`` of the test's own
    the database is made by it.
    """
    from dashboard.services import Services
    from dashboard.settings import Settings

    made = []

    def make(*, identify=None, clock=None, **settings) -> Services:
        settings = {"database_url": database_url, "poll_seconds": 0.05} | settings
        if not made and clock is None and settings["database_url"] == database_url:
            seed()
        app = Services(Settings(**settings), identify=identify, **{"clock": clock} if clock else {})
        app.prepare()
        made.append(app)
        return app

    yield make
    for app in made:
        app.close()


@pytest.fixture
def app(make_app):
    """Services with default settings."""
    return make_app()


@pytest.fixture
def serve(monkeypatch, make_app):
    """``serve({name: callable or path}, app=None)`` gives the base address of a server in this process.

    The pages use the services ``app``, or those of a database of the test's own: never a developer's.
    """
    import panel as pn
    from bokeh.server.auth_provider import AuthModule
    from panel.io.state import state

    from dashboard import auth, routes, services

    def start(pages, app=None, **options):
        app = app or make_app()
        monkeypatch.setattr(services, "current", lambda: app)
        app.hub.start()
        port = free_port()
        pn.serve(
            pages,
            port=port,
            address="127.0.0.1",
            threaded=True,
            show=False,
            extra_patterns=routes.ROUTES,
            auth_provider=AuthModule(auth.__file__),
            **{"websocket_origin": [f"127.0.0.1:{port}"]} | options,
        )
        with suppress(urllib.error.HTTPError):  # an answer too, such as that the database is away
            wait_for(f"http://127.0.0.1:{port}/")
        return f"http://127.0.0.1:{port}/"

    yield start
    state.reset()  # also stops the servers; without it pytest never exits


class DamsServe:
    """The real command in a process of its own, on one port and one database, to start and to kill."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self.port = free_port()
        self.url = f"http://localhost:{self.port}/"
        database = {"DAMS_DATABASE_URL": f"sqlite:///{folder / 'dams.sqlite'}", "DAMS_LOG_LEVEL": "WARNING"}
        self._environment = os.environ | database | environment
        self._process = None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "dashboard.cli", "serve", "--port", str(self.port)]
        root = Path(__file__).parents[1]
        self._process = subprocess.Popen(command, cwd=root, env=self._environment, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"{self.url}healthz")
        except BaseException:
            self.kill()
            raise

    @property
    def process_id(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def dams_serve(tmp_path):
    """``dams_serve(**environment)`` starts ``dams serve``; it is killed after the test."""
    servers = []

    def start(**environment):
        servers.append(DamsServe(tmp_path, environment))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
