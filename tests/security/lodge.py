"""Everything around a bot in a process of its own: emulators, Redis, settings with secrets that no two businesses share."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from json import dumps
from pathlib import Path

import aiohttp
from redis.asyncio import Redis

from bot.channels.tokens import TokenCodec, derive_secret
from bot.redisclient import connect
from bot.redisserver import RedisServer
from bot.sandbox.demo import SECRET, write_demo_settings
from bot.sandbox.telegram.chats import Chat
from bot.sandbox.telegram.demo import CLINIC_TOKEN, HARBOUR_TOKEN
from bot.sandbox.telegram.people import People
from bot.sandbox.zenoti.demo import KEY_HARBOUR, KEY_HARBOUR_SECOND, KEY_RIVERSIDE
from tests.faults.process import find_port
from tests.journeys.talk import House, open_sandbox
from tests.security.child import Child, run_child

HARBOUR_SECRET = "harbour-hook-7Qx2mVb9"
CLINIC_SECRET = "clinic-hook-Zk81pLw4"
OLD_SECRET = "harbour-hook-before-3Fd6"
"""Accepted beside the new one while it is being replaced; the clinic has none."""
RETIRED_SECRET = "harbour-hook-retired-9Ty5"
"""Taken out of the settings some time ago."""
SECRETS = {"harbour": HARBOUR_SECRET, "clinic": CLINIC_SECRET}
TOKENS = {"harbour": HARBOUR_TOKEN, "clinic": CLINIC_TOKEN}
ALL_SECRETS = (HARBOUR_SECRET, CLINIC_SECRET, OLD_SECRET, RETIRED_SECRET, *TOKENS.values(), KEY_HARBOUR_SECOND, KEY_RIVERSIDE)
BOT = 1001


@dataclass
class Lodge:
    """A running bot and what it runs on."""

    child: Child
    house: House
    redis: Redis
    server: RedisServer
    config: Path

    def codec(self, business: str = "harbour") -> TokenCodec:
        """Seals buttons as the business's bot does."""
        return TokenCodec(derive_secret(TOKENS[business], business))

    def add_people(self, count: int) -> list[int]:
        """Customers who have opened a chat with Harbour's bot."""
        platform = self.house.sandbox.telegram.platform
        account = platform.accounts[BOT]
        people = [platform.add_person(first_name=f"Guest{number}", phone=f"+35191{number:07d}") for number in range(count)]
        for person in people:
            platform.private_chat(account, person)
        return [person.id for person in people]

    def chats(self) -> dict[int, Chat]:
        return self.house.sandbox.telegram.platform.accounts[BOT].chats

    def say(self, person: int, text: str) -> None:
        """A customer writes to Harbour's bot."""
        platform = self.house.sandbox.telegram.platform
        account, who = platform.accounts[BOT], platform.people[person]
        People(platform).say(account, platform.private_chat(account, who), who, text=text)


def write_settings(
    folder: Path, sandbox_url: str, redis_url: str, *, port: int, vendor_timeout: float = 10.0, clinic_secret: str = ""
) -> Path:
    """The demo's settings with keys and secrets that can be told from other text, and from each other's."""
    file = write_demo_settings(
        folder / "frontdesk.toml",
        sandbox_url,
        port=port,
        redis_url=redis_url,
        pace_seconds=0.001,
        vendor_timeout_seconds=vendor_timeout,
    )
    text = file.read_text(encoding="utf-8").replace(f'api_key = "{KEY_HARBOUR}"', f'api_key = "{KEY_HARBOUR_SECOND}"')
    harbour, clinic, rest = text.split(f'webhook_secret = "{SECRET}"')
    last = f"webhook_secret = {clinic_secret or dumps(CLINIC_SECRET)}"
    text = f'{harbour}webhook_secret = ["{HARBOUR_SECRET}", "{OLD_SECRET}"]{clinic}{last}{rest}'
    file.write_text(text, encoding="utf-8")
    return file


@asynccontextmanager
async def open_lodge(
    *, level: str = "debug", role: str = "all", vendor_timeout: float = 10.0, clinic_secret: str = ""
) -> AsyncIterator[Lodge]:
    """Harbour's bot can be talked to; no emulator limits how fast. `clinic_secret`: as it stands in the settings."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = await stack.enter_async_context(RedisServer(folder / "redis", appendfsync="no"))
        sandbox, url = await stack.enter_async_context(open_sandbox())
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        house = House(sandbox, url, None, session)
        stack.push_async_callback(house.bell.close)
        await house.control("PUT", "/telegram/switches", flood=False)
        await house.control("PUT", "/telegram/delivery", retry_base_seconds=0.05)
        await house.control("PUT", "/zenoti/switches", calls_per_minute=1_000_000)
        port = find_port()
        config = write_settings(folder, url, server.url, port=port, vendor_timeout=vendor_timeout, clinic_secret=clinic_secret)
        child = await stack.enter_async_context(run_child(config, port=port, log=folder / "log", level=level, role=role))
        for business, token in TOKENS.items():
            hook = {"url": f"http://127.0.0.1:{port}/telegram/{business}", "secret_token": SECRETS[business]}
            async with session.post(f"{url}/telegram/bot{token}/setWebhook", json=hook) as answer:
                assert answer.status == 200, await answer.text()
        redis = connect(server.url)
        stack.push_async_callback(redis.aclose)
        yield Lodge(child, house, redis, server, config)
