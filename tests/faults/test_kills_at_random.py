"""A thousand bookings while workers are killed at random, deliveries come twice and taps overtake messages.

Checked by the emulators' own records: every confirm made exactly one appointment or the customer was told why not, and
nobody was told of an appointment that does not exist. The seed is printed; FRONTDESK_SEED repeats a run.
"""

import asyncio
import contextlib
import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from bot.redisserver import RedisServer
from bot.sandbox.demo import SECRET, write_demo_settings
from bot.sandbox.telegram.demo import HARBOUR_TOKEN
from tests.faults.crowd import Crowd, Talker
from tests.faults.process import BotProcess, find_port
from tests.journeys.talk import House, open_sandbox, wait_until

CONVERSATIONS = 1000
AT_ONCE = 150
KILLS = 50
WORKERS = 2
LEASE = 5.0

SEED = int(os.environ.get("FRONTDESK_SEED", "0")) or random.randrange(1, 1_000_000)


async def kill_at_random(workers: list[BotProcess], *, dice: random.Random, pause: float) -> None:
    """Until `KILLS` are done, one worker after the other; each is started again at once."""
    for _ in range(KILLS):
        await asyncio.sleep(dice.uniform(0.2, 1.8) * pause)
        victim = dice.choice(workers)
        await victim.kill()
        await victim.start()


def find_problems(talkers: list[Talker], live: Counter[str]) -> list[str]:
    """Every appointment was told and everything told is an appointment."""
    problems = []
    for talker in talkers:
        have, told = live[talker.person.name], len(set(talker.booked_lines))
        if have != told:
            problems.append(f"{talker.person.name}: {have} appointments, {told} told: {talker.trail[-4:]}")
        if have > talker.confirms:
            problems.append(f"{talker.person.name}: {have} appointments from {talker.confirms} confirms")
        if talker.told == "lost":
            problems.append(f"{talker.person.name}: no answer after {talker.trail[-3:]}")
    return problems


async def run_campaign() -> tuple[list[str], str]:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), find_port()
        async with (
            RedisServer(folder / "redis", appendfsync="no") as redis,
            open_sandbox(seed=SEED) as (sandbox, url),
            aiohttp.ClientSession() as session,
        ):
            house = House(sandbox, url, None, session)
            await house.control("PUT", "/telegram/switches", flood=False)
            await house.control("PUT", "/zenoti/switches", calls_per_minute=1_000_000)
            wish = {"duplicates": 1, "swap_callbacks": True, "swap_hold_seconds": 0.1, "retry_base_seconds": 0.2}
            await house.control("PUT", "/telegram/delivery", **wish)

            def write(name: str, port: int) -> Path:
                file = folder / f"{name}.toml"
                return write_demo_settings(
                    file,
                    url,
                    port=port,
                    redis_url=redis.url,
                    lease_seconds=LEASE,
                    vendor_timeout_seconds=LEASE * 0.8,
                    pace_seconds=0.05,
                )

            web = write("web", port)
            async with BotProcess(web, port=port, role="web"):
                hook = {"url": f"http://127.0.0.1:{port}/telegram/harbour", "secret_token": SECRET}
                async with session.post(f"{url}/telegram/bot{HARBOUR_TOKEN}/setWebhook", json=hook) as answer:
                    assert answer.status == 200
                workers = []
                for number in range(WORKERS):
                    own = find_port()
                    workers.append(BotProcess(write(f"worker{number}", own), port=own, role="worker"))
                    await workers[-1].start()
                try:
                    return await book_and_kill(house, workers)
                finally:
                    for worker in workers:
                        await worker.stop()


async def book_and_kill(house: House, workers: list[BotProcess]) -> tuple[list[str], str]:
    crowd, dice = Crowd(house.sandbox, seed=SEED), random.Random(SEED)
    killing = asyncio.create_task(kill_at_random(workers, dice=dice, pause=0.8))
    talkers = await crowd.book(CONVERSATIONS, at_once=AT_ONCE)
    await killing

    async def is_quiet() -> bool:
        return len(await house.appointments()) == sum(len(set(talker.booked_lines)) for talker in talkers)

    with contextlib.suppress(AssertionError):  # find_problems says which
        await wait_until(is_quiet, "as many appointments as confirmations")
    rows = await house.appointments()
    live = Counter(row["guest_name"] for row in rows)
    references = Counter(row["notes"] for row in rows)
    confirms = sum(talker.confirms for talker in talkers)
    kills = sum(worker.kills for worker in workers)
    repeated = sum(len(talker.booked_lines) - len(set(talker.booked_lines)) for talker in talkers)
    summary = (
        f"seed {SEED}: conversations {len(talkers)}, kills {kills}, confirms {confirms}, appointments {sum(live.values())}, "
        f"confirmations sent twice {repeated}"
    )
    problems = find_problems(talkers, live)
    problems += [f"{notes}: {count} appointments of one confirm" for notes, count in references.items() if count > 1]
    if sum(live.values()) < CONVERSATIONS * 0.7:
        problems.append("hardly anybody booked: this proves nothing")
    if repeated > kills:
        problems.append(f"{repeated} confirmations were sent twice with {kills} kills")
    return problems, summary


@pytest.mark.xdist_group("campaign")
def test_a_thousand_bookings_survive_fifty_kills(capsys: pytest.CaptureFixture[str]) -> None:
    problems, summary = asyncio.run(run_campaign())
    with capsys.disabled():
        sys.stdout.write(f"\n{summary}\n")
    assert problems == [], summary
