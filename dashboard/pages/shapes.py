"""Shapes: a Param class whose choice decides what is drawn, one for each open page."""

from components.shapes import ShapeViewer
from dashboard.shell import serve_page

serve_page("shapes", "Shapes", lambda _page: [ShapeViewer()])
