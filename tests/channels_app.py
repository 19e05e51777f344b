"""The peer of ``benchmarks/fanout.py``: Django Channels with one group, which each listener joins.

    python tests/channels_app.py PORT [REDIS_URL]

``/inside/add?number=`` sends one event to the group; without a Redis the layer is the one in memory.
The event is of the form and size of ours; nothing is stored.
"""

import json
import sys
from urllib.parse import parse_qs

import django
import uvicorn
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

GROUP = "dams"


def event(name: str, number: int) -> dict:
    """What ``dashboard.stream.as_json`` gives for a dam that was added."""
    place = {"longitude": -90.0, "latitude": 35.0}
    after = {"name": name, "owner": "Other", "river": "River", "date_built": "1950", "hazard": "", "nid_id": ""}
    return {
        "number": number, "kind": "dam_added", "recorded_at": "2026-11-24T16:06:19.711124+00:00", "user": "local",
        "dam_id": number, "dam_name": name, "owner": "Other", **place, "body": {"after": after | place},
    }  # fmt: skip


class Listener(AsyncWebsocketConsumer):
    """Sends each message of the group as JSON."""

    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def notice(self, message: dict) -> None:
        await self.send(text_data=json.dumps(message["event"]))


async def add(scope, receive, send) -> None:
    """Answers once the event is sent to the group."""
    asked = parse_qs(scope["query_string"].decode())
    name = asked.get("name", [""])[0]
    if name:
        await get_channel_layer().group_send(GROUP, {"type": "notice", "event": event(name, 1)})
    body = b"{}"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main(port: int, redis_url: str) -> None:
    layer: dict = {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    if redis_url:
        # redis 8 gives up reading after 5 s, which ends every consumer of channels-redis 4.3 that waits longer.
        host = {"address": redis_url, "socket_timeout": None}
        layer = {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [host]}}
    settings.configure(CHANNEL_LAYERS={"default": layer}, ALLOWED_HOSTS=["*"], SECRET_KEY="none")
    django.setup()
    listen = URLRouter([path("events", Listener.as_asgi())])
    application = ProtocolTypeRouter({"http": add, "websocket": listen})
    uvicorn.run(application, host="127.0.0.1", port=port, log_level="warning", lifespan="off", timeout_keep_alive=3600)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "")
