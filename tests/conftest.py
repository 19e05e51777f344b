"""What every test may use: the real files, and the services on a database of the test's own."""

import os
from pathlib import Path

import pytest

for name in [name for name in os.environ if name.startswith(("PANEL_", "BOKEH_", "DAMS_")) and name != "DAMS_CHROMIUM"]:
    del os.environ[name]  # a developer's settings must not decide a test


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real files from public repositories, each folder with its origins; they lie beside the checkout."""
    return Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def make_app(tmp_path):
    """``make_app(user=None, **settings)``: services on a seeded SQLite file of the test's own, closed afterwards.

    Two calls with the same ``database_url`` share the database, as two processes do.
    """
    from dashboard.services import Services
    from dashboard.settings import Settings

    made = []

    def make(*, identify=None, **settings) -> Services:
        settings = {"database_url": f"sqlite:///{tmp_path / 'dams.sqlite'}", "poll_seconds": 0.05} | settings
        app = Services(Settings(**settings), identify=identify)
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
