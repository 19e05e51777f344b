"""A program that listens to ``/events`` for ``tests/history.py``; it drops its connection and comes back."""

import http.client
import json
import random
import threading

import websockets.exceptions
import websockets.sync.client as websocket

FAULTS = (OSError, http.client.HTTPException, websockets.exceptions.WebSocketException, TimeoutError, ValueError)


class StreamReader:
    """Keeps the numbers that it has taken in, each as it came; asks for what is after the last."""

    def __init__(self, ports: list[int], cursor: int, kind: str, *, seed: int):
        self.kind, self.numbers = kind, []
        self._ports, self._cursor, self._chance = ports, cursor, random.Random(seed)
        self._stopping, self._moved = False, threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop_at(self, number: int, *, seconds: float = 30) -> list[int]:
        """The list, when it has reached ``number`` or time is up."""
        with self._moved:
            self._moved.wait_for(lambda: self._cursor >= number, timeout=seconds)
        self._stopping = True
        self._thread.join(30)
        return self.numbers

    def _run(self) -> None:
        pause = threading.Event()
        while not self._stopping:
            port, patience = self._chance.choice(self._ports), self._chance.randint(20, 200)
            try:
                (self._websocket if self.kind == "websocket" else self._events)(port, patience)
            except FAULTS:
                pause.wait(0.1)

    def _take(self, number: int) -> None:
        with self._moved:
            self.numbers.append(number)
            self._cursor = number
            self._moved.notify_all()

    def _websocket(self, port: int, patience: int) -> None:
        with websocket.connect(f"ws://localhost:{port}/events?after={self._cursor}", open_timeout=5) as listener:
            while patience > 0 and not self._stopping:
                try:
                    message = listener.recv(1)
                except TimeoutError:
                    continue
                for event in json.loads(message):
                    self._take(event["number"])
                    patience -= 1

    def _events(self, port: int, patience: int) -> None:
        connection = http.client.HTTPConnection("localhost", port, timeout=2)
        try:
            connection.request("GET", "/events", headers={"Last-Event-ID": str(self._cursor)})
            answer = connection.getresponse()
            while patience > 0 and not self._stopping and (line := answer.readline()):
                if line.startswith(b"data: "):
                    self._take(json.loads(line[6:])["number"])
                    patience -= 1
        finally:
            connection.close()
