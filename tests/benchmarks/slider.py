"""A slider move to data at the client: SeaSurfaceTemperature against a plain Bokeh handler, alternated in one run.

Both are served by one Panel server in a process of its own, on the same 19,226 readings. A raw websocket
client makes the same gesture on both: it sets the slider's value, and waits for the readings' new mean.
Bytes are all that the server sends for one move: data, words, busy marks and replies.

    python tests/benchmarks/slider.py [--moves 60]
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from bokeh.util.token import generate_jwt_token, generate_session_id
from tornado.websocket import websocket_connect

sys.path.insert(0, str(Path(__file__).parents[1]))

import bench_table
from serving import free_port, wait_for

from components.sea_surface_temperature import decimal_grid
from components.sea_surface_temperature_bokeh import SERIES, SLIDER_LABEL, milliseconds
from data import sample_series
from data.hydrology import break_at_gaps, smooth

WARM_UP = 5  #: Moves that are not counted.
QUIET = 0.15  #: Seconds without a message after which a move is over; not part of its time.


def peer(doc) -> None:
    """The reference's handler: it builds the whole table anew and sets it as the source's data."""
    from bokeh.layouts import column
    from bokeh.models import ColumnDataSource, Slider
    from bokeh.plotting import figure

    frame, _ = sample_series.load(SERIES)
    source = ColumnDataSource(frame)
    plot = figure(x_axis_type="datetime", y_range=(0, 25))
    plot.line("time", "value", source=source)
    slider = Slider(start=0, end=30, value=0, step=1, title=SLIDER_LABEL)

    def moved(attr, old, new):
        source.data = ColumnDataSource.from_df(frame if new == 0 else frame.rolling(f"{new}D").mean())

    slider.on_change("value", moved)
    doc.add_root(column(slider, plot))


def serve(port: int) -> None:
    """Both pages, until the process is ended."""
    import panel as pn
    from bokeh.application import Application
    from bokeh.application.handlers.function import FunctionHandler

    from components.sea_surface_temperature import SeaSurfaceTemperature

    pages = {"ours": SeaSurfaceTemperature, "peer": Application(FunctionHandler(peer))}
    pn.serve(pages, port=port, address="127.0.0.1", websocket_origin=[f"127.0.0.1:{port}"], show=False)


class Client:
    """One open page, as a websocket without a browser."""

    async def open(self, port: int, page: str) -> "Client":
        self.socket = await websocket_connect(
            f"ws://127.0.0.1:{port}/{page}/ws",
            subprotocols=["bokeh", generate_jwt_token(generate_session_id())],
            max_message_size=2**28,
        )
        self.socket.protocol.stream.set_nodelay(True)  # as a browser does: the three parts of a move leave at once
        await self._receive()
        await self._send("PULL-DOC-REQ", {})
        reply, _, _ = await self._receive()
        self.slider = next(
            model["id"]
            for model in _objects(reply)
            if SLIDER_LABEL in (model["attributes"].get("label"), model["attributes"].get("title"))
        )
        # What a browser sends once it has drawn the page; until then Panel puts every change off by a tick.
        ready = {"type": "event", "name": "document_ready", "values": {"type": "map", "entries": []}}
        event = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": ready}
        await self._send("PATCH-DOC", {"events": [event]})
        self.arrived: asyncio.Queue[tuple] = asyncio.Queue()
        self.reading = asyncio.create_task(self._keep_reading())
        return self

    async def _send(self, kind: str, content: dict) -> None:
        for part in ({"msgid": str(time.monotonic_ns()), "msgtype": kind}, {}, content):
            await self.socket.write_message(json.dumps(part))

    async def _keep_reading(self) -> None:
        while True:
            message = await self._receive()
            self.arrived.put_nowait((time.perf_counter(), *message))

    async def _receive(self) -> tuple[dict, dict[str, bytes], int]:
        """One whole message: its content, its buffers and its size in bytes."""
        parts = [await self.socket.read_message() for _ in range(3)]
        header, _, content = map(json.loads, parts)
        buffers = {}
        for _ in range(header.get("num_buffers", 0)):
            parts += [await self.socket.read_message(), await self.socket.read_message()]
            buffers[json.loads(parts[-2])["id"]] = parts[-1]
        return content, buffers, sum(len(part.encode() if isinstance(part, str) else part) for part in parts)

    async def move(self, days: int) -> tuple[float, int, np.ndarray]:
        """Milliseconds until the values are here, bytes received for the move, and the values as they came."""
        change = {"kind": "ModelChanged", "model": {"id": self.slider}, "attr": "value", "new": days}
        started = time.perf_counter()
        await self._send("PATCH-DOC", {"events": [change]})
        values, took, size = None, 0.0, 0
        while True:
            try:
                at, content, buffers, more = await asyncio.wait_for(self.arrived.get(), 10 if values is None else QUIET)
            except TimeoutError:
                if values is None:
                    raise
                return took, size, values
            size += more
            if (found := _values(content, buffers)) is not None:
                values, took = found, 1000 * (at - started)


def _objects(part):
    """Every model in a document's JSON."""
    if isinstance(part, dict):
        if "attributes" in part:
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _objects(inner)


def _values(content: dict, buffers: dict[str, bytes]) -> np.ndarray | None:
    """The column of measured values in a message, None where it has none."""
    for event in content.get("events", ()):
        if event.get("attr") == "data":
            table = event.get("data") or event.get("new")
            for name, column in table["entries"] if isinstance(table, dict) else table:
                if name in ("value", "code"):
                    return np.frombuffer(buffers[column["array"]["data"]["id"]], dtype=column["dtype"])
    return None


async def compare(port: int, moves: int) -> list[dict]:
    """Alternates both pages, and checks that both got every reading's mean."""
    frame, _ = sample_series.load(SERIES)
    grid = decimal_grid(frame["value"].to_numpy())
    breaks = np.isnan(break_at_gaps(milliseconds(frame.index), frame["value"].to_numpy())[1])
    pages = {name: await Client().open(port, name) for name in ("ours", "peer")}
    times, sizes = {name: [] for name in pages}, {name: [] for name in pages}
    worst = 0.0
    for number in range(moves + WARM_UP):
        days = 1 + number % 30
        for name, client in sorted(pages.items(), reverse=bool(number % 2)):
            took, size, values = await client.move(days)
            if name == "ours":
                values = (grid[0] + grid[1] * values)[~breaks]
            wanted = smooth(frame["value"], days).to_numpy()
            assert values.shape == wanted.shape, f"{name}: {values.shape} values instead of {wanted.shape}"
            worst = max(worst, float(np.abs(values - wanted).max()))
            if number >= WARM_UP:
                times[name].append(took)
                sizes[name].append(size)
    assert worst <= grid[1] / 2 + 1e-9, f"a mean was off by {worst}"
    for client in pages.values():
        client.reading.cancel()
        client.socket.close()
    p50 = {name: statistics.median(found) for name, found in times.items()}
    p95 = {name: statistics.quantiles(found, n=20)[-1] for name, found in times.items()}
    kilobytes = {name: statistics.median(found) / 1000 for name, found in sizes.items()}
    return [
        row("slider move to data, p50", p50, "ms", "at most 1.2", 1.2),
        row("slider move to data, p95", p95, "ms", "none: for information", None),
        row("sent a move, p50", kilobytes, "kB", "at most 0.2", 0.2),
        row("readings at the client", dict.fromkeys(pages, len(frame)), "points", "the same", 1.0),
        row("largest error of a mean", {"ours": worst, "peer": 0.0}, "degC", f"at most {grid[1] / 2}", None)
        | {"met": worst <= grid[1] / 2 * 1.001},
    ]


def row(what: str, found: dict[str, float], unit: str, goal: str, most: float | None) -> dict:
    """One line of the result; ``most`` is the largest ratio of ours to the peer that meets the goal."""
    ratio = found["ours"] / found["peer"] if found["peer"] else None
    return {
        "what": what,
        "ours": round(found["ours"], 4),
        "peer": round(found["peer"], 4),
        "unit": unit,
        "ratio": ratio and round(ratio, 3),
        "goal": goal,
        "met": None if most is None else ratio is not None and ratio <= most,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--serve", type=int, metavar="PORT", help="be the server")
    given = parser.parse_args()
    if given.serve:
        serve(given.serve)
        return
    port = free_port()
    server = subprocess.Popen([sys.executable, __file__, "--serve", str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        rows = asyncio.run(compare(port, given.moves))
    finally:
        server.terminate()
        server.wait()
    bench_table.show("slider", rows)


if __name__ == "__main__":
    main()
