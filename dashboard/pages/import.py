"""Import: an inventory file is read, looked at, and taken in."""

import tempfile
from pathlib import Path

import panel as pn

from components import feedback
from components.import_form import ImportForm
from dashboard.background import Beside
from dashboard.shell import serve_page
from data.importers import inventory


def read(name, content, progress):
    """The file that was sent, read from a temporary file."""
    packed = not name.lower().endswith((".gz", ".zip"))  # the browser packs the others
    with tempfile.NamedTemporaryFile(prefix="dams-import-") as sent:
        sent.write(content)
        sent.flush()
        return inventory.read(Path(sent.name), file_name=name, progress=progress, packed_on_the_way=packed)


def build(page):
    if not page.actor.may("import"):
        return [feedback.refused(f"{page.actor.name} may not import inventories.")]
    page.kept = "A file that is not imported yet must be chosen again."
    beside, app = Beside(), page.services
    me = {"user_name": page.actor.name, "sign_in": page.actor.sign_in_id}
    form = ImportForm(
        read=read,
        compare=lambda command: app.rehearse(command, **me),
        send=lambda command: app.send_import(command, **me, origin=page.page_id),
        background=beside.run,
        tell=beside.tell,
        limit_mb=app.settings.upload_limit_mb,
    )
    if pn.state.curdoc is not None:
        pn.state.curdoc.on_session_destroyed(lambda _context: form.close())
    return [form]


serve_page("import", "Import", build)
