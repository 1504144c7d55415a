"""Promise 1: the worker is killed at every step between the tap on "Book" and the last word about it.

Every side effect of a turn leaves the process over a socket: to Redis, to the vendor or to Telegram. Each of them is
stopped in turn, once before it took effect and once after, the process is killed with SIGKILL in that very moment, and
another one is started. One appointment, one answer, one line for the staff: whatever the step was.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import aiohttp
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

FOREVER = 3600.0
"""Seconds; a call stopped for so long is only ended by the kill."""
LEASE = 1.0

When = Literal["before", "after"]


@dataclass(frozen=True)
class Strike:
    """One place to die at."""

    where: Literal["redis", "zenoti", "telegram"]
    what: str
    """The script, the vendor's operation or the Bot API's method."""
    number: int
    """Which of its calls from the tap on."""
    when: When

    def __str__(self) -> str:
        return f"{self.when} {self.where} {self.what} {self.number}"


def strikes(where: Literal["redis", "zenoti", "telegram"], *calls: tuple[str, int]) -> list[Strike]:
    return [
        Strike(where, what, number, when)
        for what, count in calls
        for number in range(1, count + 1)
        for when in ("before", "after")
    ]


# The tap: taken in, claimed, written down as an intent, "one moment" sent; two notes of progress, the outcome committed,
# "booked" sent, the staff's line passed on; then the staff chat's own turn.
REDIS = strikes("redis", ("enqueue", 2), ("claim", 2), ("commit", 5), ("sent", 4))
VENDOR = strikes("zenoti", ("guest_search", 1), ("guest_create", 1), ("draft", 1), ("reserve", 1), ("confirm", 1))
TELEGRAM = strikes("telegram", ("answerCallbackQuery", 1), ("editMessageText", 1), ("sendMessage", 2))


@dataclass
class Scene:
    """A bot in a process of its own, with everything around it under the test's thumb."""

    house: House
    proxy: Proxy
    process: BotProcess
    shas: dict[str, str]

    async def arm(self, strike: Strike) -> None:
        if strike.where == "redis":
            loses: Literal["request", "answer"] = "request" if strike.when == "before" else "answer"
            self.proxy.stall(strike.number, loses=loses, mark=self.shas[strike.what])
            return
        kind = f"slow_{strike.when}"
        await self.house.fault(strike.where, strike.what, kind, after=strike.number - 1, seconds=FOREVER)

    async def wait_for(self, strike: Strike) -> None:
        """Until the call has been stopped."""
        if strike.where == "redis":
            await asyncio.wait_for(self.proxy.reached.wait(), 20)
            return

        async def is_taken() -> bool:
            return not await self.house.control("GET", f"/{strike.where}/faults")

        await wait_until(is_taken, str(strike))

    async def disarm(self) -> None:
        self.proxy.clear()
        for emulator in ("zenoti", "telegram"):
            await self.house.control("DELETE", f"/{emulator}/faults")


@asynccontextmanager
async def open_scene() -> AsyncIterator[Scene]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            RedisServer(folder / "redis", appendfsync="no") as server,
            Proxy(server.url) as proxy,
            open_sandbox() as (sandbox, url),
            aiohttp.ClientSession() as session,
        ):
            port = find_port()
            file = write_demo_settings(
                folder / "frontdesk.toml",
                url,
                port=port,
                redis_url=proxy.url,
                lease_seconds=LEASE,
                vendor_timeout_seconds=LEASE * 0.9,
            )
            house = House(sandbox, url, load_settings(file, {}), session)
            await house.control("PUT", "/telegram/switches", flood=False)
            await house.control("PUT", "/zenoti/switches", calls_per_minute=100_000)
            await house.control("PUT", "/telegram/delivery", retry_base_seconds=0.1)
            async with BotProcess(file, port=port) as process:
                wish = {"url": f"http://127.0.0.1:{port}/telegram/harbour", "secret_token": SECRET}
                async with session.post(f"{url}/telegram/bot{HARBOUR_TOKEN}/setWebhook", json=wish) as answer:
                    assert answer.status == 200
                yield Scene(house, proxy, process, _find_shas(server.url))


def _find_shas(url: str) -> dict[str, str]:
    scripts = Scripts(connect(url), CollectorRegistry())
    return {name: scripts.sha_of(name) for name in ("enqueue", "claim", "commit", "sent")}


async def lead_to_summary(house: House, number: int) -> Customer:
    """A new customer before the button that books, each at a time of their own."""
    customer = await house.customer(f"Mia{chr(97 + number // 26)}{chr(97 + number % 26)}", phone=f"+3519123{number:05d}")
    await customer.says("/start")
    for choice in ("Harbour", "Haircut", "Anyone"):
        await customer.taps(choice)
    await customer.reads("Which day?")
    days = [label for label in await customer.buttons() if label[-1].isalpha() and label.count(" ") > 1 and "Sunday" not in label]
    await customer.taps(days[1 + number % 7])
    await customer.reads("What time?")
    times = [label for label in await customer.buttons() if ":" in label]
    await customer.taps(times[-(number // 7)])
    await customer.reads("number")
    await customer.shares_contact()
    await customer.reads("Book it?")
    return customer


async def die_and_recover(scene: Scene, customer: Customer, strike: Strike) -> None:
    await scene.arm(strike)
    await customer.taps("Book ")
    await scene.wait_for(strike)
    await scene.process.kill()
    await scene.disarm()
    await scene.process.start()
    await customer.reads("Booked")


async def check(house: House, customer: Customer, strike: Strike) -> Iterator[str]:
    """What is wrong, if anything, by the emulators' own records."""
    name = (await house.control("GET", f"/telegram/{customer.bot}/chats/{customer.chat}"))["chat"]["title"]
    mine = [row for row in await house.appointments() if row["guest_name"] == name]
    problems = [] if len(mine) == 1 else [f"{strike}: {len(mine)} appointments"]
    told = [line for line in await customer.lines() if line.startswith("Booked")]
    line_count = len([line for line in await house.staff().lines() if name in line])
    # Telegram has no idempotency key: a message whose answer nobody heard is sent again. That, and only that, may repeat.
    # (The spinner is stopped beside the turn, so a kill there may fall anywhere in it.)
    may_repeat = strike.what in ("sendMessage", "sent", "answerCallbackQuery")
    if not 1 <= len(told) <= 1 + may_repeat:
        problems.append(f"{strike}: told {len(told)} times")
    if not 1 <= line_count <= 1 + may_repeat:
        problems.append(f"{strike}: {line_count} lines for the staff")
    return iter(problems)


async def run_all(cases: list[Strike]) -> list[str]:
    problems: list[str] = []
    async with open_scene() as scene:
        house = scene.house
        customers = await asyncio.gather(*(lead_to_summary(house, number) for number in range(len(cases))))
        for customer, strike in zip(customers, cases, strict=True):
            try:
                await die_and_recover(scene, customer, strike)
                await wait_until(partial(_has_staff_line, house, customer), "a line for the staff")
            except (AssertionError, TimeoutError) as error:
                problems.append(f"{strike}: {error or 'never reached'}; {await customer.lines()}")
                await scene.disarm()
        for customer, strike in zip(customers, cases, strict=True):
            problems += await check(house, customer, strike)
        assert problems or scene.process.kills == len(cases)
    return problems


async def _has_staff_line(house: House, customer: Customer) -> bool:
    room: dict[str, Any] = await house.control("GET", f"/telegram/{customer.bot}/chats/{customer.chat}")
    return any(room["chat"]["title"] in line for line in await house.staff().lines())


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param(REDIS[:13], marks=pytest.mark.xdist_group("crash-1"), id="redis, first half"),
        pytest.param(REDIS[13:], marks=pytest.mark.xdist_group("crash-2"), id="redis, second half"),
        pytest.param(VENDOR, marks=pytest.mark.xdist_group("crash-1"), id="vendor"),
        pytest.param(TELEGRAM, marks=pytest.mark.xdist_group("crash-2"), id="telegram"),
    ],
)
def test_a_kill_at_any_step_leaves_one_appointment_and_one_answer(cases: list[Strike]) -> None:
    assert asyncio.run(run_all(cases)) == []
