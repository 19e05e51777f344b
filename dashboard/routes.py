"""Addresses that are not pages, for ``panel serve --plugins``."""

# Its files are served from when it is loaded: the page that asks for them may have come from another process.
import panel_material_ui  # noqa: F401
from bokeh.server.views.multi_root_static_handler import MultiRootStaticHandler
from tornado.web import RequestHandler

from dashboard import guard, sign_in
from dashboard.download import Export, Log
from dashboard.health import Healthz, MetricsText
from dashboard.stream import Events

ROUTES = [
    ("/healthz", Healthz),
    ("/metrics", MetricsText),
    ("/events", Events),
    ("/export", Export),
    ("/log", Log),
    *sign_in.ROUTES,
]

guard.install()


def _readable_elsewhere(self: RequestHandler) -> None:
    self.set_header("Access-Control-Allow-Origin", "*")


# Bokeh 3.9 serves extensions without this header, and the browser then refuses pmui's script to a page of
# another web server that embeds one of ours. They are public program code, the same for everyone.
MultiRootStaticHandler.set_default_headers = _readable_elsewhere  # type: ignore[method-assign]
