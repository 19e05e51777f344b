"""A free port, a server that answers."""

import socket
import threading
import urllib.error
import urllib.request


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


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
