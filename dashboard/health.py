"""``/healthz`` and ``/metrics``: is the database there, and what this process counts."""

from tornado.web import RequestHandler

from dashboard import metrics, services


class Healthz(RequestHandler):
    """200 and JSON when the database answers, else 503."""

    async def get(self) -> None:
        app = services.current()
        state = await app.probe.state()
        self.set_header("Cache-Control", "no-store")
        if state is None:
            self.set_status(503)
            self.finish({"status": "the database does not answer"})
        else:
            self.finish({"status": "ok", "event": state[0], "pages_open": app.hub.listening})


class MetricsText(RequestHandler):
    """The numbers of this process; of the database what was known last, when it is away."""

    async def get(self) -> None:
        app = services.current()
        state = await app.probe.state()
        self.set_header("Content-Type", metrics.CONTENT_TYPE)
        self.set_header("Cache-Control", "no-store")
        self.finish(app.metrics.exposition(app.hub, state))
