"""Twelve who confirm one slot at once, round after round: `python -m tests.vendors.rounds --vendor setster --rounds 200`."""

import argparse
import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from bot.errors import SlotTaken
from bot.model import Contact, Slot
from bot.redisserver import RedisServer
from bot.sandbox.vendors import EMULATORS
from tests.vendors.world import Case, World, open_world

CROWD = 12


async def find_slots(world: World, staff_id: str) -> tuple[Slot, ...]:
    """Of the next day with something free."""
    for days in range(1, 20):
        openings = await world.look(world.clock.now().date() + timedelta(days=days), staff_id=staff_id)
        if openings.slots:
            return openings.slots
    raise AssertionError("the book is full")


async def play_round(world: World, number: int) -> None:
    """One slot that twelve others want too. Raises `AssertionError`."""
    staff = await world.find_staff("Anna")
    slots = await find_slots(world, staff.id)
    wanted = slots[number % len(slots)]
    taken = {one["id"] for one in await world.live()}
    people = [Contact(f"Guest {one}", f"+3519{number:04}{one:04}", f"g{number}x{one}@example.com") for one in range(CROWD)]
    wishes = [
        world.book(world.ask(wanted, contact=person, staff_id=staff.id, reference=f"R{number:04}{place:02}"))
        for place, person in enumerate(people)
    ]
    ends = await asyncio.gather(*wishes, return_exceptions=True)
    strange = [one for one in ends if isinstance(one, BaseException) and not isinstance(one, SlotTaken)]
    assert not strange, strange
    made = [one["id"] for one in await world.live() if one["id"] not in taken]
    told = [one.id for one in ends if not isinstance(one, BaseException)]
    assert made == told, (made, told)
    assert len(made) == 1, made


async def play_rounds(slug: str, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder), appendfsync="no") as redis:
        done = 0
        while done < rounds:
            async with open_world(Case(slug), redis.url) as world:  # a fresh book every now and then
                await world.settle_in()
                for _ in range(min(10, rounds - done)):
                    await world.redis.flushall()
                    await play_round(world, done)
                    done += 1
    print(f"{slug}: {done} rounds of {CROWD}, one appointment each")  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vendor", choices=list(EMULATORS), action="append")
    parser.add_argument("--rounds", type=int, default=200)
    wish = parser.parse_args()
    for slug in wish.vendor or EMULATORS:
        asyncio.run(play_rounds(slug, wish.rounds))
