"""``dams serve`` with addresses that tell of its inside and add dams, for tests and benchmarks.

    python tests/inside.py PORT [OPTION OF PANEL SERVE ...]

``/inside/add?name=`` adds a dam and answers when it is committed; ``/inside/report`` counts what lives.
"""

import argparse
import gc
import sys
import time
from collections import Counter

import psutil
from tornado.ioloop import IOLoop
from tornado.web import RequestHandler

from dashboard import logs, routes, services
from dashboard.cli import serve_arguments
from dashboard.settings import Settings
from data.commands import AddDam


class Add(RequestHandler):
    """Adds a dam of the given name, as a program would that shares the process."""

    async def get(self) -> None:
        command = AddDam(
            name=self.get_query_argument("name"),
            owner="Other", river="River", date_built="1950", longitude=-90.0, latitude=35.0,
        )  # fmt: skip
        done = await IOLoop.current().run_in_executor(None, add, command)
        self.finish({"number": done.number})


def add(command: AddDam):
    return services.current().send(command, user_name="local")


class Report(RequestHandler):
    """What lives in this process, after a garbage collection."""

    def get(self) -> None:
        self.finish(report())


class Count(RequestHandler):
    """How many sessions Bokeh holds; cheap, to be asked again and again."""

    def get(self) -> None:
        contexts = self.application._applications.values()
        self.finish({"sessions": sum(len(list(context.sessions)) for context in contexts)})


def report() -> dict[str, object]:
    from bokeh.document import Document
    from bokeh.model import Model
    from bokeh.server.session import ServerSession
    from panel.io.state import state

    gc.collect()
    kinds: Counter = Counter()
    models: Counter = Counter()
    for thing in gc.get_objects():
        kind = type(thing)
        if kind in (Document, ServerSession) or kind.__name__ == "OpenPage":
            kinds[kind.__name__] += 1
        elif issubclass(kind, Model):
            models[kind.__name__] += 1
    process = psutil.Process()
    return {
        "documents": kinds["Document"],
        "sessions": kinds["ServerSession"],
        "pages": kinds["OpenPage"],
        "models": sum(models.values()),
        "models_by_kind": dict(models.most_common(12)),
        "objects": len(gc.get_objects()),
        "views": len(state._views),
        "periodic": sum(map(len, state._periodic.values())),
        "watchers": len(state.param.watchers.get("busy", {}).get("value", ())),
        "listening": services.current().hub.listening,
        "threads": process.num_threads(),
        "rss_mib": process.memory_info().rss / 2**20,
        "cpu_seconds": time.process_time(),
    }


ROUTES = [("/inside/add", Add), ("/inside/report", Report), ("/inside/count", Count)]


def main(port: int, options: list[str]) -> None:
    """Serve until ended."""
    from panel.command import main as panel

    settings = Settings.from_environment()
    logs.install(settings)
    routes.ROUTES.extend(ROUTES)
    given = argparse.Namespace(
        port=port, address="localhost", num_procs=1, prefix="", allow_websocket_origin=[], use_xheaders=False
    )
    sys.argv = ["panel", *serve_arguments(given, settings), *options]
    panel()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
