"""Activity."""

import panel as pn

from dashboard.session import open_page
from dashboard.shell import shell

pn.extension()
page = open_page()
shell("activity", "Activity", page, pn.pane.HTML("hi")).servable()
