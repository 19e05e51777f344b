"""Wake-ups from other processes and hosts: "the log has grown, look".

A wake-up carries no data. One that is lost, doubled or late loses and doubles nothing, since readers
keep a cursor and poll besides. A source runs in a thread of its own, tries again by itself when its
server goes away, and wakes once whenever it is back, for what was missed.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol

import sqlalchemy as sa

from data.store import CHANNEL

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5  #: Pause before a lost connection is tried again.
WAIT_SECONDS = 0.5  #: How long one wait for news lasts; a stop is noticed after it.

Wake = Callable[[], None]


class Source(Protocol):
    """Where wake-ups come from, and how this process sends its own."""

    def start(self, wake: Wake) -> None:
        """Call ``wake`` whenever another process has announced; from another thread, at once."""

    def announce(self) -> None:
        """This process has committed. Returns at once, and never raises."""

    def stop(self) -> None:
        """End the threads and wait for them."""


def source(database_url: str, redis_url: str = "") -> Source | None:
    """Redis where it is configured, else PostgreSQL's own; None for SQLite, whose readers poll."""
    if redis_url:
        return RedisWakes(redis_url)
    if sa.make_url(database_url).get_backend_name() == "postgresql":
        return PostgresWakes(database_url)
    return None


class _Listening:
    """The thread that listens, and listens again after a fault. ``connected`` tells whether it does now."""

    name = ""

    def __init__(self) -> None:
        self.connected = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, wake: Wake) -> None:
        self._run(lambda: self._keep_listening(wake), "listen")

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self, body: Callable[[], None], what: str) -> None:
        self._threads.append(threading.Thread(target=body, name=f"dams-{what}", daemon=True))
        self._threads[-1].start()

    def _keep_listening(self, wake: Wake) -> None:
        while not self._stopping.is_set():
            try:
                self._listen(wake)
            except self._faults() as fault:
                if self.connected.is_set():
                    log.warning("Wake-ups of %s are lost (%s); the poll does their work meanwhile", self.name, fault)
            self.connected.clear()
            self._stopping.wait(RETRY_SECONDS)

    def _now_listening(self, wake: Wake) -> None:
        self.connected.set()
        log.info("Wake-ups come from %s", self.name)
        wake()  # for what was announced before

    def _listen(self, wake: Wake) -> None:
        """Connect, and call ``wake`` until told to stop; raises one of ``_faults`` when the server goes away."""
        raise NotImplementedError

    def _faults(self) -> tuple[type[Exception], ...]:
        raise NotImplementedError


class PostgresWakes(_Listening):
    """LISTEN on a connection of its own. The announcement is part of each writing transaction (``store.announce``)."""

    name = "PostgreSQL"

    def __init__(self, database_url: str):
        super().__init__()
        plain = sa.make_url(database_url).set(drivername="postgresql")
        self._address = plain.render_as_string(hide_password=False)

    def announce(self) -> None:
        """Nothing to do: PostgreSQL has told its listeners at the commit."""

    def _faults(self) -> tuple[type[Exception], ...]:
        import psycopg

        return (psycopg.Error, OSError)

    def _listen(self, wake: Wake) -> None:
        import psycopg

        alive: dict[str, Any] = {
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "connect_timeout": 5,
        }
        with psycopg.connect(self._address, autocommit=True, application_name="dams-listen", **alive) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._now_listening(wake)
            while not self._stopping.is_set():
                for _ in connection.notifies(timeout=WAIT_SECONDS, stop_after=1):
                    wake()


class RedisWakes(_Listening):
    """Publish and subscribe by Redis. A thread publishes, so that a Redis that hangs delays no command."""

    name = "Redis"

    def __init__(self, redis_url: str):
        super().__init__()
        self._address = redis_url
        self._news = threading.Event()
        self._publishing, self._lock = False, threading.Lock()

    def stop(self) -> None:
        self._stopping.set()
        self._news.set()
        super().stop()

    def announce(self) -> None:
        with self._lock:
            if not self._publishing:  # also in a program that listens to nothing
                self._publishing = True
                self._run(self._keep_publishing, "publish")
        self._news.set()

    def _faults(self) -> tuple[type[Exception], ...]:
        import redis

        return (redis.RedisError, OSError)

    def _client(self):
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        return redis.Redis.from_url(
            self._address, socket_connect_timeout=2, socket_timeout=2, retry=Retry(NoBackoff(), 0)
        )

    def _listen(self, wake: Wake) -> None:
        with self._client() as client, client.pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(CHANNEL)
            channel.get_message(timeout=2)  # the answer to the subscription: from here on nothing is missed
            self._now_listening(wake)
            while not self._stopping.is_set():
                if channel.get_message(timeout=WAIT_SECONDS):
                    wake()

    def _keep_publishing(self) -> None:
        with self._client() as client:
            while not self._stopping.is_set():
                self._news.wait()
                self._news.clear()  # before it is published: what comes meanwhile counts
                try:
                    client.publish(CHANNEL, b"")
                except self._faults() as fault:
                    log.debug("A wake-up was not published (%s); the poll does its work", fault)
