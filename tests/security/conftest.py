"""A dashboard with accounts and four users."""

from pathlib import Path

import pytest
from office import PASSWORD

from data import accounts
from data.commands import AddUser, ChangeRole

PAGES = Path(__file__).parents[2] / "dashboard" / "pages"


@pytest.fixture(scope="session")
def kept_password():
    """What is kept of PASSWORD."""
    return accounts.hash_password(PASSWORD)


@pytest.fixture
def make_office(make_app, serve, kept_password):
    """``make_office(**settings)``: services with accounts and their server; ``.port``.

    Users: ``ada`` (admin), ``dan`` (diadmin), ``vic`` (diviewer), ``nil`` (a role without any right).
    """

    def make(pages=("dams", "map", "add_dam", "shapes"), *, xheaders=False, **settings):
        app = make_app(**{"auth": "password"} | settings)
        app.send(ChangeRole(name="nothing", staff=False, rights=()), user_name="local")
        for name, role in (("ada", "admin"), ("dan", "diadmin"), ("vic", "diviewer"), ("nil", "nothing")):
            app.send(AddUser(name=name, role_name=role, password_hash=kept_password), user_name="local")
        url = serve({page: str(PAGES / f"{page}.py") for page in pages}, app, http_server_kwargs={"xheaders": xheaders})
        app.port = int(url.rsplit(":", 1)[1].strip("/"))
        app.url = url
        return app

    return make


@pytest.fixture
def office(make_office):
    return make_office()
