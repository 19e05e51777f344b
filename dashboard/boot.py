"""For ``panel serve --setup``: makes the services ready and starts the hub before the first page.

With several processes a page may come first; nothing depends on this having run.
"""

import importlib
import threading

from dashboard import logs, services

app = services.current()
logs.install(app.settings)
app.hub.start()

# HoloViews takes a second to load: in the background, so that the first page does not wait for it
# and the first hydrograph finds it there.
_warm = threading.Timer(2.0, importlib.import_module, ["components.hydrograph"])
_warm.daemon = True
_warm.start()
