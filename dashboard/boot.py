"""For ``panel serve --setup``: makes the services ready and starts the hub before the first page.

With several processes a page may come first; nothing depends on this having run.
"""

import logging

from dashboard import services

app = services.current()
logging.getLogger("dashboard").setLevel(app.settings.log_level)
app.hub.start()
