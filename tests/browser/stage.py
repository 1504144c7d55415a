"""The demo page in a browser, in front of a sandbox on a free port, with a bot whose lines the test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import ClientSession, web
from playwright.async_api import Locator, Page

from bot.sandbox.server import Sandbox
from bot.sandbox.telegram.demo import HARBOUR_TOKEN
from bot.sandbox.zenoti.demo import KEY_HARBOUR
from tests.browser.browser import DESKTOP, SharedBrowser

PATIENCE = timedelta(seconds=15)
"""Until something that the page never sends fails the test."""
BOT = HARBOUR_TOKEN.partition(":")[0]
Rows = list[list[dict[str, str]]]


@dataclass
class StandIn:
    """A bot that hears everything and says what it is told to."""

    http: ClientSession
    api: str
    updates: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    async def call(self, method: str, **parameters: Any) -> Any:
        async with self.http.post(f"{self.api}/{method}", json=parameters) as response:
            reply = await response.json()
        assert reply["ok"], reply
        return reply["result"]

    async def send(self, chat: int, text: str, *rows: list[str], **parameters: Any) -> int:
        """Say something with buttons under it, whose data is their label; the message's id."""
        keyboard = {"inline_keyboard": show_rows(rows)} if rows else None
        message = await self.call("sendMessage", chat_id=chat, text=text, reply_markup=keyboard, **parameters)
        return int(message["message_id"])

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next update, which is of this kind."""
        async with asyncio.timeout(PATIENCE.total_seconds()):
            update = await self.updates.get()
        assert kind in update, update
        return dict(update[kind])

    async def take_update(self, request: web.Request) -> web.Response:
        self.updates.put_nowait(await request.json())
        return web.Response()


def show_rows(rows: tuple[list[str], ...]) -> Rows:
    return [[{"text": label, "callback_data": label} for label in row] for row in rows]


@dataclass
class Stage:
    """What a test works with."""

    page: Page
    url: str
    http: ClientSession
    bot: StandIn
    requests: list[str]
    """Every address the browser has asked for."""
    vendor: str = "zenoti"

    async def vendor_control(self, method: str, path: str, **body: Any) -> Any:
        return await self.control(method, f"/{self.vendor}{path}", **body)

    async def control(self, method: str, path: str, **body: Any) -> Any:
        async with self.http.request(method, f"{self.url}/control{path}", json=body or None) as response:
            assert response.ok, await response.text()
            return await response.json()

    async def zenoti(self, method: str, path: str, body: Any = None) -> Any:
        """A call as Harbour's bot makes it."""
        headers = {"Authorization": f"apikey {KEY_HARBOUR}"}
        async with self.http.request(method, f"{self.url}/zenoti{path}", json=body, headers=headers) as response:
            return await response.json()

    async def find_person(self, name: str) -> int:
        people = await self.control("GET", "/telegram/people")
        return next(int(person["id"]) for person in people if person["name"] == name)

    async def meet(self, name: str = "Mia Walker") -> int:
        """A customer writes first, as Telegram demands; their id, which is their chat's."""
        person = await self.find_person(name)
        await self.control("POST", f"/telegram/{BOT}/chats/{person}/say", person=person, text="/start")
        assert (await self.bot.hear("message"))["text"] == "/start"
        return person

    async def find_group(self, title: str) -> int:
        chats = await self.control("GET", f"/telegram/{BOT}/chats")
        return next(int(chat["id"]) for chat in chats if chat["title"] == title)

    @property
    def phone(self) -> Locator:
        return self.page.locator("#phone")

    @property
    def staff(self) -> Locator:
        return self.page.locator("#staff")

    @property
    def calendar(self) -> Locator:
        return self.page.locator("#calendar")


@asynccontextmanager
async def open_stage(browser: SharedBrowser, size: tuple[int, int] = DESKTOP, *, vendor: str = "zenoti") -> AsyncIterator[Stage]:
    async with ClientSession() as http, serve(Sandbox(vendors=(vendor,)).app()) as url:
        bot = StandIn(http, f"{url}/telegram/bot{HARBOUR_TOKEN}")
        ears = web.Application()
        ears.router.add_post("/", bot.take_update)
        async with serve(ears) as ears_url, browser.open_page(size) as page:
            await bot.call("setWebhook", url=f"{ears_url}/", secret_token="whatever")
            requests: list[str] = []
            page.on("request", lambda request: requests.append(request.url))
            await page.goto(url)
            # Complete, so that what appears later has come through the stream.
            await page.locator("#phone-start").wait_for()
            await page.locator("#calendar .day-grid").wait_for(state="attached")
            yield Stage(page, url, http, bot, requests, vendor)


@asynccontextmanager
async def serve(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """On this machine, on any free port unless one is wished for; the address."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
