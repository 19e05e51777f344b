"""Dams: the inventory as a table."""

from dataclasses import asdict

from components.dam_table import DamTable
from dashboard.shell import serve_page
from data import reads


def build(page):
    table = DamTable(
        look=lambda query: page.read(reads.dams_page, **asdict(query)),
        send=page.send,
        may_delete=page.actor.may_delete,
    )
    page.on_refresh(table.load)
    return [table]


serve_page("dams", "Dams", build)
