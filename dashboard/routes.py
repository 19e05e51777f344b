"""Addresses that are not pages, for ``panel serve --plugins``."""

# Its files are served from when it is loaded: the page that asks for them may have come from another process.
import panel_material_ui  # noqa: F401
import sqlalchemy as sa
from bokeh.server.views.multi_root_static_handler import MultiRootStaticHandler
from tornado.ioloop import IOLoop
from tornado.web import RequestHandler

from dashboard import guard, services, sign_in
from dashboard.download import Export
from dashboard.stream import Events
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


ROUTES = [("/healthz", Healthz), ("/events", Events), ("/export", Export), *sign_in.ROUTES]

guard.install()


def _readable_elsewhere(self: RequestHandler) -> None:
    self.set_header("Access-Control-Allow-Origin", "*")


# Bokeh 3.9 serves extensions without this header, and the browser then refuses pmui's script to a page of
# another web server that embeds one of ours. They are public program code, the same for everyone.
MultiRootStaticHandler.set_default_headers = _readable_elsewhere  # type: ignore[method-assign]
