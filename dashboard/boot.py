"""For ``panel serve --setup``: makes the services ready and starts the hub before the first page.

With several processes a page may come first; nothing depends on this having run.
"""

import importlib
import logging
import threading

from dashboard import services

app = services.current()
logging.getLogger("dashboard").setLevel(app.settings.log_level)
app.hub.start()

# HoloViews takes a second to load: in the background, so that the first page does not wait for it
# and the first hydrograph finds it there.
_warm = threading.Timer(2.0, importlib.import_module, ["components.hydrograph"])
_warm.daemon = True
_warm.start()
