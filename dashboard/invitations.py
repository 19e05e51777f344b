"""Links that let a user set a password, once."""

from data import accounts
from data.commands import InviteUser


def new(app, name: str) -> tuple[InviteUser, str]:
    """The command that makes an invitation of a user, and its address within the dashboard, kept by nobody."""
    token = accounts.new_token()
    expires = app.clock() + accounts.INVITATION
    command = InviteUser(name=name, token_hash=accounts.token_hash(token), expires_at=expires)
    return command, f"invitation?token={token}"
