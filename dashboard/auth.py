"""For ``panel serve --auth-module``: who is let in to pages and sockets is decided in ``dashboard/guard.py``."""

from dashboard.guard import get_user_async

__all__ = ["get_user_async", "login_url"]

login_url = "/sign_in"
