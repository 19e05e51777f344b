"""A page of another web server that embeds a page of the dashboard by ``server_document``.

python docs/embed_host.py [ADDRESS OF THE PAGE] [PORT]

Serves http://localhost:8000/ with the standard library. The dashboard must allow that origin:
DAMS_ALLOW_ORIGINS=localhost:8000 dams serve
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bokeh.embed import server_document

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Another web site</title></head>
<body><h1>Another web site</h1><p>The plot below is live: it comes from the dam dashboard.</p>{script}</body>
</html>
"""


def host(embedded: str, port: int) -> ThreadingHTTPServer:
    """A server whose every page embeds ``embedded``; call its ``serve_forever``."""
    body = PAGE.format(script=server_document(embedded)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: the page is all there is to see."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    address = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:5006/sea_surface_temperature_bokeh"
    with host(address, int(sys.argv[2]) if len(sys.argv) > 2 else 8000) as server:
        print(f"http://localhost:{server.server_port}/ embeds {address}")
        server.serve_forever()
