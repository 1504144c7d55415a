"""Our channel and the emulated WhatsApp, over real HTTP and a real Redis, and a person to talk through it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer
from prometheus_client import CollectorRegistry

from bot.channels.whatsapp import CallMetrics, Whatsapp, WhatsappSettings
from bot.redisclient import SharingRedis, connect
from bot.sandbox.clock import SandboxClock
from bot.sandbox.whatsapp import WhatsappEmulator
from bot.sandbox.whatsapp.demo import APP_SECRET, NUMBERS, VERIFY_TOKEN

NUMBER = NUMBERS[0]


class Emulated:
    """The test's hands: the channel under test, the emulator's control API, and what the channel read."""

    def __init__(
        self, emulator: WhatsappEmulator, session: aiohttp.ClientSession, redis: SharingRedis, *, server: BaseTestServer
    ) -> None:
        self.emulator = emulator
        self.session = session
        self.redis = redis
        self.registry = CollectorRegistry()
        self._server = server
        self.channel = self.build()
        self.person = next(iter(emulator.platform.people))

    def build(self, **changes: Any) -> Whatsapp:
        wish = {
            "slug": "harbour",
            "number_id": str(NUMBER.id),
            "access_token": NUMBER.token,
            "app_secrets": (APP_SECRET,),
            "verify_token": VERIFY_TOKEN,
            "graph_url": str(self._server.make_url("/graph/v25.0")),
        }
        settings = WhatsappSettings(**{**wish, **changes})
        registry = self.registry if not changes else CollectorRegistry()
        metrics = CallMetrics(registry)
        return Whatsapp(settings, self.session, self.redis, metrics=metrics, now=self.emulator.platform.now)

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        async with self.session.request(method, self._server.make_url(f"/control/whatsapp{path}"), json=body) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def look(self) -> list[dict[str, Any]]:
        """What the bot has written to the person, oldest first."""
        room = await self.ask("GET", f"/{NUMBER.id}/chats/{self.person}")
        return [message for message in room["messages"] if message["from_bot"]]

    async def greet(self, person: int = 0) -> str:
        """Somebody writes, and the bot hears of it; returns their chat."""
        who = self.emulator.platform.people[person or self.person]
        await self.ask("POST", f"/{NUMBER.id}/chats/{who.id}/say", {"person": who.id, "text": "hello"})
        stamp = str(int(self.emulator.platform.now().timestamp()))
        row = {"id": f"wamid.{stamp}.{who.id}", "timestamp": stamp, "type": "text", "text": {"body": "hello"}, **who.sender()}
        (arrival,) = await self.channel.read(wrap(messages=[row]))
        return arrival.chat  # type: ignore[union-attr]

    async def break_down(self, kind: str, **wish: Any) -> None:
        await self.ask("POST", "/faults", {"operation": "messages", "kind": kind, **wish})


def wrap(*, number: str = str(NUMBER.id), field: str = "messages", **value: Any) -> bytes:
    """A webhook's body with one change, escaped as Meta does it."""
    metadata = {"display_phone_number": "1", "phone_number_id": number}
    change = {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    return write(change)


def write(*changes: object) -> bytes:
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": list(changes)}]}).encode()


@asynccontextmanager
async def run_emulated(redis_url: str) -> AsyncIterator[Emulated]:
    emulator = WhatsappEmulator(SandboxClock(), lambda _: None)
    app = web.Application(client_max_size=2**23)
    app.add_subapp("/graph/v25.0", emulator.app())
    app.add_subapp("/control/whatsapp", emulator.control())
    redis = connect(redis_url)
    try:
        async with TestServer(app) as server, aiohttp.ClientSession() as session:
            yield Emulated(emulator, session, redis, server=server)
    finally:
        await redis.aclose()
