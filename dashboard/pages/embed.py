"""Embed: how to show a live page of the dashboard inside another web site."""

import panel as pn

from components.plain import plain
from dashboard.shell import serve_page

_STYLE = """
:host { font: 400 15px/1.5 Roboto, system-ui, sans-serif; max-width: 780px; }
pre { padding: 12px 14px; border-radius: 6px; overflow: auto;
  background: color-mix(in srgb, currentColor 8%, transparent); }
"""

SNIPPET = """from bokeh.embed import server_document

script = server_document("http://localhost:5006/sea_surface_temperature")
# put this script tag into the body of your own page, as it is"""

ALLOW = "DAMS_ALLOW_ORIGINS=localhost:8000 ./dams serve"

HOST = ".venv/bin/python docs/embed_host.py http://localhost:5006/sea_surface_temperature"


def build(_page):
    parts = [
        plain("Every page here can live inside a page of another web server: a plot in a report, a map in a portal."),
        plain("1. Make the script tag with Bokeh, in whatever program writes your page:"),
        plain(SNIPPET, "pre"),
        plain("2. Allow the other server's host to open the live connection. Without it the page stays empty:"),
        plain(ALLOW, "pre"),
        plain("3. To try it, a checkout has a tiny web server of its own; then open http://localhost:8000/:"),
        plain(HOST, "pre"),
    ]
    return [pn.pane.HTML("".join(parts), stylesheets=[_STYLE], sizing_mode="stretch_width")]


serve_page("embed", "Embed a page", build)
