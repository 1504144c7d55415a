"""Our channel and the emulated Telegram, over real HTTP, and a person to talk through it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from bot.channels.telegram import Telegram, TelegramSettings
from bot.sandbox.clock import SandboxClock
from bot.sandbox.telegram import TelegramEmulator
from bot.sandbox.telegram.demo import HARBOUR_TOKEN

SECRET = "webhook_secret-1"
GROUP = "-1001001"

LONGEST_WAIT = 20.0
"""Seconds after which a test gives up waiting for what does not happen."""

SETTINGS = TelegramSettings("harbour", HARBOUR_TOKEN, webhook_secrets=(SECRET,), username="harbour_demo_bot")


class Emulated:
    """The test's hands: the channel under test, and the control API."""

    def __init__(self, settings: TelegramSettings, session: aiohttp.ClientSession, *, server: BaseTestServer) -> None:
        self.settings = settings
        self.session = session
        self.channel = Telegram(settings, session)
        self._server = server
        self.person = 0
        self.chat = ""

    def rebuild(self, **changes: Any) -> Telegram:
        """Another channel of the same bot with other settings."""
        return Telegram(replace(self.settings, **changes), self.session)

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        async with self.session.request(method, self._server.make_url(f"/control/telegram/{path}"), json=body) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def act(self, verb: str, *, chat: str = "", **wish: Any) -> Any:
        """Somebody does something in a chat; the first customer in their own chat unless said otherwise."""
        return await self.ask("POST", f"1001/chats/{chat or self.chat}/{verb}", {"person": self.person, **wish})

    async def look(self, chat: str = "") -> list[dict[str, Any]]:
        """What the bot has written there, oldest first."""
        room = await self.ask("GET", f"1001/chats/{chat or self.chat}")
        return [message for message in room["messages"] if message["from_bot"]]

    async def list_calls(self, method: str) -> list[dict[str, Any]]:
        log = (await self.ask("GET", "calls"))["log"]
        return [call for call in log if call["method"] == method]

    async def break_down(self, operation: str, kind: str, **wish: Any) -> None:
        await self.ask("POST", "faults", {"operation": operation, "kind": kind, **wish})


@asynccontextmanager
async def run_emulated(*, starts: bool = True, flood: bool = False, **changes: Any) -> AsyncIterator[Emulated]:
    emulator = TelegramEmulator(SandboxClock(), lambda _: None)
    app = web.Application(client_max_size=2**26)
    app.add_subapp("/telegram", emulator.app())
    app.add_subapp("/control/telegram", emulator.control())
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        settings = replace(SETTINGS, api_url=str(server.make_url("/telegram")), **changes)
        emulated = Emulated(settings, session, server=server)
        await emulated.ask("PUT", "switches", {"flood": flood})
        people = await emulated.ask("GET", "people")
        emulated.person = people[0]["id"]
        emulated.chat = str(people[0]["id"])
        if starts:
            await emulated.act("start")
        yield emulated
