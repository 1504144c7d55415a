"""Conversations as pairs of said and answered, with the real bot, the emulators and Redis behind real sockets.

async with open_house() as house:
    mia = await house.customer("Mia", phone="+351912345678")
    await mia.says("/start")
    await mia.reads("Where")
    await mia.taps("Harbour")
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.app import Running, read_clock, run_bot
from bot.sandbox.demo import write_demo_settings
from bot.sandbox.server import Sandbox
from bot.serving import register_webhooks
from bot.settings import Settings, load_settings

PATIENCE = timedelta(seconds=20)
"""Until a condition that never comes true fails the test."""
BOT = 1001
HARBOUR_DESK = -1001001
BROOKLYN_DESK = -1001002
BANDRA_DESK = -1001003


async def wait_until(condition: Callable[[], Awaitable[Any]], what: str) -> Any:
    """The condition's first true answer."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while True:
                if answer := await condition():
                    return answer
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"never came true: {what}") from None


@dataclass
class Chat:
    """One chat as the control API shows it."""

    house: "House"
    chat: int
    bot: int = BOT

    async def messages(self) -> list[dict[str, Any]]:
        room = await self.house.control("GET", f"/telegram/{self.bot}/chats/{self.chat}")
        return list(room["messages"])

    async def lines(self) -> list[str]:
        """What the bot has said, oldest first."""
        return [message["text"] for message in await self.messages() if message["from_bot"]]

    async def reads(self, part: str) -> str:
        """Wait until the bot's last message contains `part`; returns the message."""
        seen: list[str] = []

        async def has_part() -> str:
            seen[:] = await self.lines()
            return seen[-1] if seen and part in seen[-1] else ""

        try:
            return str(await wait_until(has_part, part))
        except AssertionError:
            raise AssertionError(f"expected {part!r}, the chat reads: {seen}") from None


@dataclass
class Customer(Chat):
    """Somebody with a phone."""

    taps_made: int = 0
    lines_typed: int = 0
    _version: int = field(default=-1)

    async def says(self, text: str) -> None:
        self.lines_typed += not text.startswith("/")
        await self._act("say", text=text)

    async def sends(self, kind: str) -> None:
        await self._act("send", kind=kind)

    async def shares_contact(self, of: str | int = "own") -> None:
        self.taps_made += 1
        await self._act("contact", of=of)

    async def taps(self, label: str) -> None:
        """Tap the button on the last message whose label contains `label`, as soon as it is there."""

        async def find() -> tuple[int, int, int] | None:
            messages = [message for message in await self.messages() if message["from_bot"]]
            return _find_button(messages[-1], label) if messages else None

        try:
            message_id, row, column = await wait_until(find, label)
        except AssertionError:
            raise AssertionError(f"no button {label!r}; shown: {await self.buttons()}, text: {await self.lines()}") from None
        await self.taps_at(message_id, row, column)

    async def taps_at(self, message_id: int, row: int, column: int) -> None:
        self.taps_made += 1
        await self._act("tap", message_id=message_id, row=row, column=column)

    async def buttons(self) -> list[str]:
        """The labels on the last message."""
        messages = [message for message in await self.messages() if message["from_bot"]]
        return [button["text"] for row in messages[-1]["inline_keyboard"] for button in row] if messages else []

    async def _act(self, verb: str, **wish: Any) -> None:
        await self.house.control("POST", f"/telegram/{self.bot}/chats/{self.chat}/{verb}", person=self.chat, **wish)


def _find_button(message: dict[str, Any], label: str) -> tuple[int, int, int] | None:
    for row, buttons in enumerate(message["inline_keyboard"]):
        for column, button in enumerate(buttons):
            if label in button["text"]:
                return message["message_id"], row, column
    return None


@dataclass
class House:
    """The sandbox, the bot and their Redis."""

    sandbox: Sandbox
    sandbox_url: str
    settings: Settings
    session: aiohttp.ClientSession
    running: Running | None = None

    async def control(self, method: str, path: str, **wish: Any) -> Any:
        async with self.session.request(method, f"{self.sandbox_url}/control{path}", json=wish or None) as answer:
            if answer.status >= 400:
                raise AssertionError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json()

    async def customer(
        self, first_name: str = "Mia", *, last_name: str = "Chen", language: str = "en", phone: str = "", bot: int = BOT
    ) -> Customer:
        wish = {"first_name": first_name, "last_name": last_name, "language_code": language, "phone": phone}
        person = await self.control("POST", "/telegram/people", **{key: value for key, value in wish.items() if value})
        return Customer(self, person["id"], bot)

    def staff(self, chat: int = HARBOUR_DESK, bot: int = BOT) -> Chat:
        return Chat(self, chat, bot)

    async def appointments(self) -> list[dict[str, Any]]:
        """Live appointments that came through the bot, by the vendor's own record."""
        rows = await self.control("GET", "/zenoti/appointments")
        return [row for row in rows if row["booking_id"] and row["status"] == 0]

    async def vendor_calls(self) -> dict[str, int]:
        return dict((await self.control("GET", "/zenoti/calls"))["by_operation"])

    async def forget_calls(self) -> None:
        await self.control("DELETE", "/zenoti/calls")

    async def fault(self, emulator: str, operation: str, kind: str, **more: Any) -> None:
        await self.control("POST", f"/{emulator}/faults", operation=operation, kind=kind, **more)

    async def metric(self, name: str, **labels: str) -> float:
        """A counter of the bot, summed over the labels not given."""
        assert self.running is not None
        async with self.session.get(f"http://127.0.0.1:{self.running.port}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        rows = [line for line in lines if line.split("{")[0].split(" ")[0] == name and all(part in line for part in wanted)]
        return sum(float(row.rsplit(" ", 1)[1]) for row in rows)


@asynccontextmanager
async def open_sandbox(*, seed: int = 0) -> AsyncIterator[tuple[Sandbox, str]]:
    sandbox = Sandbox(seed=seed)
    runner = web.AppRunner(sandbox.app(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield sandbox, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def open_house(
    *, now: Callable[[], datetime] = read_clock, quiet: bool = True, redis_url: str = ""
) -> AsyncIterator[House]:
    """`quiet`: the emulators' rate limits are out of the way, as a test that taps faster than a person needs."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_sandbox() as (sandbox, url), aiohttp.ClientSession() as session:
            settings = load_settings(write_demo_settings(Path(folder) / "frontdesk.toml", url, redis_url=redis_url), {})
            house = House(sandbox, url, settings, session)
            if quiet:
                await house.control("PUT", "/telegram/switches", flood=False)
                await house.control("PUT", "/zenoti/switches", calls_per_minute=100_000)
            async with run_bot(settings, now=now) as running:
                house.running = running
                await register_webhooks(running)
                yield house


def play(scenario: Callable[[House], Awaitable[None]], **options: Any) -> None:
    async def run() -> None:
        async with open_house(**options) as house:
            await scenario(house)

    asyncio.run(run())
