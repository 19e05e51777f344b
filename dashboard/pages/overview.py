"""Overview: counts and distributions of the dams, in plots that filter each other."""

import datetime as dt
from urllib.parse import parse_qs

from components.address import Address
from components.overview import OverviewPlots
from dashboard import arguments
from dashboard.shell import serve_page
from data import overview
from data.inventory import Filter


def build(page):
    plots = OverviewPlots(
        look=lambda wanted: page.read(overview.read, wanted, today=dt.datetime.now(dt.UTC).date()),
        wanted=Filter.read(arguments.every()),
    )
    address = Address(page="overview", query=plots.wanted.query())

    def tell(_event):
        address.query = plots.wanted.query()

    def go(event):
        wanted = Filter.read(parse_qs(event.new, keep_blank_values=True))
        if wanted != plots.wanted:  # the browser went back or on
            plots.wanted = wanted

    plots.param.watch(tell, "wanted")
    address.param.watch(go, "query")
    page.on_refresh(plots.load)
    return [plots, address]


serve_page("overview", "Overview", build)
