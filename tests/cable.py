"""A cable between browser and server that can be cut, as when a laptop sleeps or a network goes."""

import socket
import threading
from contextlib import suppress


class Cable:
    """Passes on what comes to ``port``; cut, it drops every connection and takes no new one."""

    def __init__(self, server: int | str):
        """``server`` is a port of this machine, or the path of a socket."""
        self._server = server
        self._waiting: list[socket.socket] = []
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Let everything through again."""
        self.cut()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def cut(self) -> None:
        """Drop what is connected; new connections are refused."""
        listener, self._listener = self._listener, None
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            _close(one)
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
            listener.close()
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            _close(end)

    def lose(self) -> None:
        """Drop what is connected; who connects anew gets no answer, as from a host that has gone."""
        self.cut()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=0)
        for _ in range(4):  # nobody takes them, and Linux drops what comes when a few wait
            self._waiting.append(socket.socket())
            self._waiting[-1].setblocking(False)
            self._waiting[-1].connect_ex(("127.0.0.1", self.port))

    def _connect(self) -> socket.socket:
        if isinstance(self._server, int):
            return socket.create_connection(("127.0.0.1", self._server))
        far = socket.socket(socket.AF_UNIX)
        far.connect(self._server)
        return far

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = self._connect()
            except OSError:
                return
            with self._lock:
                self._ends |= {near, far}
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=[source, target], daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        with self._lock:
            self._ends -= {source, target}
        _close(source)
        _close(target)


def _close(end: socket.socket) -> None:
    with suppress(OSError):  # closed already
        end.shutdown(socket.SHUT_RDWR)
    end.close()
