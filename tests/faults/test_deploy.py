"""A deploy: two versions of the bot on one Redis, each claiming whatever comes up, and nobody loses anything.

The newer one is this very code with higher version numbers, and it writes its records backwards: an older worker that
tried to read one would fail, and one that wrote one back would destroy it.
"""

import asyncio
import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import aiohttp

from bot.inbox.keys import PARTITION_KEYS
from bot.redisclient import connect
from bot.redisserver import RedisServer
from bot.sandbox.demo import SECRET, write_demo_settings
from bot.sandbox.telegram.demo import HARBOUR_TOKEN
from tests.faults.crowd import Crowd, Talker
from tests.faults.process import BotProcess, find_port
from tests.journeys.talk import House, open_sandbox, wait_until

PROJECT = Path(__file__).parents[2]
SEED = 7
ROLES: tuple[Literal["web", "worker"], ...] = ("web", "worker")


def make_newer(folder: Path) -> Path:
    """A copy of the bot whose records an older one cannot read."""
    for package in ("bot", "flows", "locales"):
        shutil.copytree(PROJECT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "bot" / "conversation" / "versions.py"
    code = file.read_text()
    for kind in ("event", "session", "message", "intent"):
        code, found = re.subn(rf'= Format\("{kind}", (\d+)(?:, {{(.*)}})?\)', _raise_version(kind), code)
        assert found == 1
    for before, after in (
        ("return self.mark + content", "return self.mark + content[::-1]"),
        ("return body[len(self.mark) :]", "return body[len(self.mark) :][::-1]"),
        ("EVENT = ", "def _same(record: dict[str, Any]) -> dict[str, Any]:\n    return record\n\n\nEVENT = "),
    ):
        assert code.count(before) == 1, before
        code = code.replace(before, after)
    file.write_text(code)
    return folder


def _raise_version(kind: str) -> Callable[[re.Match[str]], str]:
    def write(found: re.Match[str]) -> str:
        version, steps = int(found[1]), found[2] or ""
        return f'= Format("{kind}", {version + 1}, {{{steps}{", " if steps else ""}{version}: _same}})'

    return write


async def point_at(house: House, process: BotProcess) -> None:
    wish = {"url": f"http://127.0.0.1:{process.port}/telegram/harbour", "secret_token": SECRET}
    async with house.session.post(f"{house.sandbox_url}/telegram/bot{HARBOUR_TOKEN}/setWebhook", json=wish) as answer:
        assert answer.status == 200


async def run_deploy() -> tuple[list[Talker], list[str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            RedisServer(folder / "redis", appendfsync="no") as redis,
            open_sandbox(seed=SEED) as (sandbox, url),
            aiohttp.ClientSession() as session,
        ):
            house = House(sandbox, url, None, session)
            await house.control("PUT", "/telegram/switches", flood=False)
            await house.control("PUT", "/zenoti/switches", calls_per_minute=1_000_000)
            await house.control("PUT", "/telegram/delivery", retry_base_seconds=0.1)
            code, crowd = make_newer(folder / "newer"), Crowd(sandbox, seed=SEED)
            older, newer = [
                [make_process(folder, url, role=role, redis_url=redis.url, code=version) for role in ROLES]
                for version in (None, code)
            ]
            try:
                for process in older:
                    await process.start()
                await point_at(house, older[0])
                talkers = await book(crowd, range(15))
                for process in newer:  # both workers take whatever comes up
                    await process.start()
                talkers += await book(crowd, range(15, 50))
                await point_at(house, newer[0])
                booking = asyncio.create_task(book(crowd, range(50, 90)))
                await wait_for_bookings(house, 52)
                left = await count_turns(house, older[1], "too_new")
                for process in older:
                    await process.stop()
                talkers += await booking
                problems = [] if left else ["the older worker never met a record that was too new for it"]
                return talkers, [*problems, *await find_problems(house, talkers), *await look_into(redis.url)]
            finally:
                for process in (*older, *newer):
                    await process.stop()


def make_process(folder: Path, url: str, *, role: Literal["web", "worker"], redis_url: str, code: Path | None) -> BotProcess:
    port = find_port()
    file = write_demo_settings(folder / f"{port}.toml", url, port=port, redis_url=redis_url, pace_seconds=0.01)
    return BotProcess(file, port=port, role=role, code=code)


async def book(crowd: Crowd, numbers: range) -> list[Talker]:
    """These customers book, all at the same time."""
    talkers = [Talker(crowd, number, random.Random(f"{SEED}/{number}")) for number in numbers]

    async def run(talker: Talker) -> None:
        try:
            await talker.book()
        except TimeoutError:
            talker.told = "lost"

    await asyncio.gather(*(run(talker) for talker in talkers))
    return talkers


async def count_turns(house: House, process: BotProcess, end: str) -> float:
    async with house.session.get(f"http://127.0.0.1:{process.port}/metrics") as answer:
        lines = (await answer.text()).splitlines()
    name = f'frontdesk_turns_total{{end="{end}"}} '
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


async def look_into(redis_url: str) -> list[str]:
    redis = connect(redis_url)
    problems = [f"{partition.dead}: a dead letter" for partition in PARTITION_KEYS if await redis.xlen(partition.dead)]
    await redis.aclose()
    return problems


async def wait_for_bookings(house: House, count: int) -> None:
    async def are_made() -> bool:
        return len(await house.appointments()) >= count

    await wait_until(are_made, f"{count} bookings")


async def find_problems(house: House, talkers: list[Talker]) -> list[str]:
    async def is_quiet() -> bool:
        return len(await house.appointments()) == sum(len(set(talker.booked_lines)) for talker in talkers)

    await wait_until(is_quiet, "as many appointments as confirmations")
    live = Counter(row["guest_name"] for row in await house.appointments())
    problems = []
    for talker in talkers:
        lines = [message.content.get("text", "") for message in talker.chat.messages.values() if message.is_from_bot]
        if talker.told == "lost" or live[talker.person.name] != len(set(talker.booked_lines)):
            problems.append(f"{talker.person.name}: {talker.told}, {live[talker.person.name]} appointments, {lines[-3:]}")
        if any("I have been changed" in line or "Something went wrong" in line for line in lines):
            problems.append(f"{talker.person.name}: lost the thread: {lines[-3:]}")
        if len(talker.booked_lines) != len(set(talker.booked_lines)):
            problems.append(f"{talker.person.name}: told twice")
    return problems


def test_a_deploy_in_the_middle_of_bookings_loses_nothing() -> None:
    talkers, problems = asyncio.run(run_deploy())
    assert problems == []
    assert sum(talker.told == "booked" for talker in talkers) > 60
