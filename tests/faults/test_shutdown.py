"""Asked to stop, a bot finishes what is in hand and loses nothing of the rest."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson
import pytest
from prometheus_client import CollectorRegistry

from bot.inbox.script import Scripts
from bot.redisclient import connect
from bot.redisserver import RedisServer
from bot.sandbox.demo import SECRET, write_demo_settings
from bot.sandbox.telegram.demo import HARBOUR_TOKEN
from bot.settings import load_settings
from tests.bot.inbox.proxy import Proxy
from tests.faults.process import BotProcess, find_port
from tests.journeys.talk import Customer, House, open_sandbox, wait_until

SLOW = 2.0
"""Seconds the vendor takes for one call."""
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}


@dataclass
class Scene:
    """A bot in a process of its own, and what is around it."""

    house: House
    process: BotProcess
    proxy: Proxy
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def is_ready(self) -> int:
        async with self.house.session.get(f"{self.url}/readyz") as answer:
            return answer.status

    async def says_itself(self, customer: Customer, text: str, *, number: int) -> int:
        """A webhook that Telegram sends while the bot is about to end."""
        body = write_update(customer, text, number=number)
        async with self.house.session.post(f"{self.url}/telegram/harbour", data=body, headers=HEADERS) as answer:
            return answer.status


def write_update(customer: Customer, text: str, *, number: int) -> bytes:
    chat = {"id": customer.chat, "type": "private", "first_name": "Noah"}
    message = {"message_id": 9000 + number, "date": 1, "chat": chat, "from": {**chat, "is_bot": False}, "text": text}
    return orjson.dumps({"update_id": 900_000 + number, "message": message})


@asynccontextmanager
async def open_scene(*, lease: float = 20.0, vendor_timeout: float = 10.0, processes: int = 1) -> AsyncIterator[Scene]:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), find_port()
        async with (
            RedisServer(folder / "redis", appendfsync="no") as server,
            Proxy(server.url) as proxy,
            open_sandbox() as (sandbox, url),
            aiohttp.ClientSession() as session,
        ):
            file = write_demo_settings(
                folder / "frontdesk.toml",
                url,
                port=port,
                redis_url=proxy.url,
                lease_seconds=lease,
                vendor_timeout_seconds=vendor_timeout,
                pace_seconds=0.01,
            )
            house = House(sandbox, url, load_settings(file, {}), session)
            await house.control("PUT", "/telegram/switches", flood=False)
            await house.control("PUT", "/zenoti/switches", calls_per_minute=100_000)
            await house.control("PUT", "/telegram/delivery", retry_base_seconds=0.1)
            async with BotProcess(file, port=port, processes=processes) as process:
                wish = {"url": f"http://127.0.0.1:{port}/telegram/harbour", "secret_token": SECRET}
                async with session.post(f"{url}/telegram/bot{HARBOUR_TOKEN}/setWebhook", json=wish) as answer:
                    assert answer.status == 200
                yield Scene(house, process, proxy, port)


async def lead_to_summary(house: House) -> Customer:
    mia = await house.customer("Mia", phone="+351912345678")
    await mia.says("/start")
    for choice in ("Harbour", "Haircut", "Anyone", "First free", "Share my number"):
        await mia.taps(choice)
    await mia.reads("Book it?")
    return mia


async def is_taken(house: House) -> bool:
    return not await house.control("GET", "/zenoti/faults")


def count_booked(lines: list[str]) -> int:
    return len([line for line in lines if line.startswith("Booked:")])


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGTERM,), (signal.SIGINT,), (signal.SIGTERM, signal.SIGTERM, signal.SIGINT)],
    ids=["SIGTERM", "SIGINT", "again and again"],
)
def test_a_booking_in_hand_is_finished_and_told_before_the_end(signals: tuple[signal.Signals, ...]) -> None:
    async def run() -> None:
        async with open_scene() as scene:
            house = scene.house
            mia = await lead_to_summary(house)
            noah = await house.customer("Noah")
            await noah.says("/start")
            await noah.reads("Where would you like to come?")
            await house.fault("zenoti", "confirm", "slow_after", seconds=SLOW)
            await mia.taps("Book ")
            await wait_until(lambda: is_taken(house), "the confirm to be under way")
            for number in signals:
                scene.process.send(number)
            await wait_until(lambda: is_closing(scene), "not to be ready any more")
            assert await scene.says_itself(noah, "menu", number=1) == 200, "webhooks are taken in to the end"
            assert await scene.process.wait() == 0
            await mia.reads("Booked:")
            await noah.never_reads("what would you like to do?")
            await scene.process.start()
            await noah.reads("what would you like to do?")
            await house.staff().reads("Booked:")
            assert count_booked(await mia.lines()) == count_booked(await house.staff().lines()) == 1
            assert len(await house.appointments()) == 1

    asyncio.run(run())


async def is_closing(scene: Scene) -> bool:
    return await scene.is_ready() == 503


def test_a_booking_that_takes_longer_than_there_is_time_is_taken_up_by_the_next_process() -> None:
    async def run() -> None:
        async with open_scene(lease=2.0, vendor_timeout=1.8) as scene:
            house = scene.house
            mia = await lead_to_summary(house)
            for operation in ("guest_search", "guest_create", "draft", "reserve", "confirm"):
                await house.fault("zenoti", operation, "slow_before", seconds=1.5)
            await mia.taps("Book ")
            await mia.reads("One moment")
            scene.process.send(signal.SIGTERM)
            assert await scene.process.wait() == 0
            await house.control("DELETE", "/zenoti/faults")
            await mia.never_reads("Booked")
            await scene.process.start()
            await mia.reads("Booked:")
            await house.staff().reads("Booked:")
            assert count_booked(await mia.lines()) == 1
            assert len(await house.appointments()) == 1

    asyncio.run(run())


def test_a_webhook_that_waits_for_redis_is_answered_before_the_end() -> None:
    async def run() -> None:
        async with open_scene() as scene:
            noah = await scene.house.customer("Noah")
            await noah.says("/start")
            await noah.reads("Where would you like to come?")
            scene.proxy.stall(1, loses="request", mark=Scripts(connect(scene.proxy.url), CollectorRegistry()).sha_of("enqueue"))
            posted = asyncio.create_task(scene.says_itself(noah, "menu", number=1))
            await asyncio.wait_for(scene.proxy.reached.wait(), 20)
            scene.process.send(signal.SIGTERM)
            assert await posted == 200
            assert await scene.process.wait() == 0
            await noah.never_reads("what would you like to do?")
            await scene.process.start()
            await noah.reads("what would you like to do?")

    asyncio.run(run())


def test_several_processes_finish_what_each_has_in_hand() -> None:
    async def run() -> None:
        async with open_scene(processes=2) as scene:
            house = scene.house
            mia = await lead_to_summary(house)
            await house.fault("zenoti", "confirm", "slow_after", seconds=SLOW)
            await mia.taps("Book ")
            await wait_until(lambda: is_taken(house), "the confirm to be under way")
            scene.process.send(signal.SIGTERM)
            assert await scene.process.wait() == 0
            await mia.reads("Booked:")
            await scene.process.start()
            await house.staff().reads("Booked:")
            assert count_booked(await mia.lines()) == 1
            assert len(await house.appointments()) == 1

    asyncio.run(run())
