"""What a process counts and times, in the text form of Prometheus. No user and no address is a label."""

import re
import time
from typing import Any

import prometheus_client as prometheus
import sqlalchemy as sa

from dashboard.hub import Hub

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
KINDS = ("select", "insert", "update", "delete", "begin", "other")  #: Of statements.
REFUSALS = ("Rejected", "NotAllowed", "Changed", "Unchanged", "ImportConflicts")

_COMMAND_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
_QUERY_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5)
_LAG_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)
_FIRST_WORD = re.compile(r"\s*(\w+)")

prometheus.disable_created_metrics()  # a second line for each counter, which nobody asks for


class Metrics:
    """The numbers of one ``Services``; safe from any thread."""

    def __init__(self) -> None:
        self._registry = every = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=every)
        gauge, counter, histogram = prometheus.Gauge, prometheus.Counter, prometheus.Histogram
        self._pages = gauge("dams_pages_open", "Pages open in this process.", registry=every)
        self._streams = gauge("dams_streams_open", "Readers of /events in this process.", registry=every)
        self._up = gauge("dams_database_up", "1 when the database answered this request, else 0.", registry=every)
        self._head = gauge("dams_log_head", "Newest event number, as last known.", registry=every)
        self._dams = gauge("dams_inventory_dams", "Dams in the inventory, as last known.", registry=every)
        self._behind = gauge(
            "dams_events_behind",
            "Committed events that this process has yet to take in; 0 while nobody listens.",
            registry=every,
        )
        self._commands = counter("dams_commands", "Commands.", ["command", "outcome"], registry=every)
        self._refusals = counter("dams_refusals", "Refused commands, by reason.", ["reason"], registry=every)
        self._command_seconds = histogram(
            "dams_command_seconds", "From a command to its outcome.", buckets=_COMMAND_SECONDS, registry=every
        )
        self._lag = histogram(
            "dams_event_lag_seconds",
            "From when an event was recorded to when a page was told: one observation a page and batch, its oldest.",
            buckets=_LAG_SECONDS,
            registry=every,
        )
        queries = histogram(
            "dams_query_seconds", "Statements to the database.", ["kind"], buckets=_QUERY_SECONDS, registry=every
        )
        self._queries = {kind: queries.labels(kind) for kind in KINDS}
        self._queries["with"] = self._queries["select"]
        for reason in REFUSALS:
            self._refusals.labels(reason)

    def command(self, name: str, outcome: str, seconds: float) -> None:
        """A command came to its end."""
        self._commands.labels(name, outcome).inc()
        self._command_seconds.observe(seconds)

    def refusal(self, reason: str) -> None:
        """A command was refused for ``reason``, a class of Rejected."""
        self._refusals.labels(reason).inc()

    def lag(self, seconds: float) -> None:
        """A page was told of an event so long after it was recorded; clocks of two hosts may differ."""
        self._lag.observe(max(0.0, seconds))

    def watch(self, engine: sa.Engine) -> None:
        """Time every statement of ``engine``."""
        sa.event.listen(engine, "before_cursor_execute", _begin)
        sa.event.listen(engine, "after_cursor_execute", self._end)

    def _end(self, connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        seconds = time.perf_counter() - connection.info["dams_began"]
        word = _FIRST_WORD.match(statement)
        kind = word[1].lower() if word else "other"
        self._queries.get(kind, self._queries["other"]).observe(seconds)

    def exposition(self, hub: Hub, log: tuple[int, int] | None) -> bytes:
        """All of it. ``log`` is the newest event's number and the number of dams, None when nobody could tell."""
        listening = hub.kinds()
        self._pages.set(listening["page"])
        self._streams.set(listening["stream"])
        self._up.set(log is not None)
        if log is not None:
            self._head.set(log[0])
            self._dams.set(log[1])
            self._behind.set(hub.behind(log[0]))
        return prometheus.generate_latest(self._registry)


def _begin(connection: sa.Connection, *_: Any) -> None:
    connection.info["dams_began"] = time.perf_counter()
