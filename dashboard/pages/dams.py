"""Dams: the inventory as a table."""

from components.dam_table import DamTable, read_view
from dashboard import arguments
from dashboard.shell import serve_page
from data import reads, spelling


def build(page):
    table = DamTable(
        look=lambda wanted, **order: page.read(reads.dams_page, wanted, **order),
        send=page.send,
        may_delete=page.actor.may_delete,
        count=lambda name, wanted: page.read(reads.facet, name, wanted),
        correct=lambda wanted: page.read(spelling.correct, wanted),
        left_out=arguments.left_out("sort", "down", "rows", "page"),
        **read_view(arguments.every()),
    )
    page.on_refresh(table.load)
    return [table]


serve_page("dams", "Dams", build)
