"""A free port, a server that answers."""

import secrets
import socket
import threading
import urllib.error
import urllib.request

BELOW_THE_SYSTEMS = range(12_000, 32_000)
"""Ports that no system gives to a connection (Linux gives 32768 and above, others 49152 and above)."""


def free_port() -> int:
    """A port that nothing listens on, and that no connection is given before a server has taken it."""
    while True:
        port = BELOW_THE_SYSTEMS[secrets.randbelow(len(BELOW_THE_SYSTEMS))]
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def answers(url: str) -> bool:
    """Whether ``url`` gives an answer without an error."""
    try:
        urllib.request.urlopen(url, timeout=30).close()
    except urllib.error.HTTPError as refusal:
        refusal.close()
        raise
    except OSError:
        return False
    return True


def wait_for(url: str, *, seconds: float = 60) -> None:
    """Until ``url`` answers. Raises TimeoutError, or HTTPError for an answer that is one."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if answers(url):
            return
        pause.wait(0.05)
    raise TimeoutError(f"{url} does not answer")
