"""The database of the settings, for a command."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dashboard.settings import Settings, SettingsError


@contextlib.contextmanager
def services(*, there: bool = False) -> Iterator[Any]:
    """Services on the database of the settings, prepared and closed afterwards; ``there``: it holds something already.

    Raises SettingsError, a sentence, for a database that cannot be used and for what is refused.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    from dashboard.services import Services
    from data.commands import Rejected
    from data.store import WrongSchema, stored_revision

    settings = Settings.from_environment()
    path = make_url(settings.database_url)
    if there and path.get_backend_name() == "sqlite" and not Path(path.database or "").is_file():
        raise SettingsError(f"There is no database at {settings.shown_database()}: set DAMS_DATABASE_URL.")
    try:
        app = Services(settings)
    except OSError as problem:
        raise SettingsError(f"The database {settings.shown_database()} cannot be used: {problem}") from problem
    try:
        if there and not stored_revision(app.engine):
            raise SettingsError(f"There is nothing at {settings.shown_database()}: set DAMS_DATABASE_URL.")
        app.prepare()
        yield app
    except Rejected as refusal:
        raise SettingsError(str(refusal)) from refusal
    except (SQLAlchemyError, WrongSchema) as problem:
        reason = getattr(problem, "orig", None) or problem
        raise SettingsError(f"The database {settings.shown_database()} cannot be used: {reason}") from problem
    finally:
        app.close()
