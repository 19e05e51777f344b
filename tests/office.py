"""Who comes to a dashboard with accounts: clients without a screen that keep cookies, from any address."""

import asyncio
import re
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from own_loop import in_a_loop_of_its_own
from raw_page import Http, living

PASSWORD = "four words in a row"
HIDDEN = re.compile(rb'name="_xsrf" value="([^"]+)"')


@asynccontextmanager
async def visitor(port, *, source="127.0.0.1", name="", password=PASSWORD):
    """A browser without a screen; signed in where ``name`` is given."""
    http = await Http.connect(port, source=source)
    try:
        if name:
            answer = await sign_in(http, name, password)
            assert answer.status == 303, answer
        yield http
    finally:
        http.close()


async def post(http, path, form_path="", *, headers=None, **fields):
    """Send a form as a browser does: with the token that its page holds."""
    more = headers or {}
    page = await http.ask("GET", f"/{form_path or path}", **more)
    token = HIDDEN.search(page.body)
    body = urlencode({"_xsrf": token[1].decode() if token else "", **fields}).encode()
    return await http.ask("POST", f"/{path}", body, Content_Type="application/x-www-form-urlencoded", **more)


async def sign_in(http, name, password=PASSWORD, *, next="", **headers):
    return await post(http, "sign_in", headers=headers, name=name, password=password, next=next)


def run(coroutine, *, seconds=60):
    """Run a test's coroutine."""

    async def whole():
        try:
            return await asyncio.wait_for(coroutine, seconds)
        finally:
            for transport in list(living):
                transport.abort()
            await asyncio.sleep(0)  # they close at the loop's next turn
            await asyncio.sleep(0)

    return in_a_loop_of_its_own(whole)
