"""Addresses that are not pages, for ``panel serve --plugins``."""

import sqlalchemy as sa
from tornado.ioloop import IOLoop
from tornado.web import RequestHandler

from dashboard import services
from data import events


class Healthz(RequestHandler):
    """200 and JSON when the database answers, else 503."""

    async def get(self) -> None:
        try:
            body = await IOLoop.current().run_in_executor(None, _state)
        except (sa.exc.SQLAlchemyError, OSError):
            self.set_status(503)
            body = {"status": "the database does not answer"}
        self.set_header("Cache-Control", "no-store")
        self.finish(body)


def _state() -> dict[str, object]:
    app = services.current()
    with app.reading() as db:
        return {"status": "ok", "event": events.head(db), "pages_open": app.hub.listening}


ROUTES = [("/healthz", Healthz)]
