"""Answers that are not as documented: missing, null, of the wrong type, too much, cut short, HTML."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

from bot.errors import FrontdeskError, OutcomeUnknown
from bot.model import Appointment
from tests.bot.vendors.schedly.world import Notebook, World, open_world

CASES = 60
"""For each read, and of bookings."""
RUBBISH: tuple[Any, ...] = (
    None,
    "",
    "text",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00",
    "2030-01-07T09:00:00",
    0,
    -1,
    1.5,
    10**30,
    -(10**18),
    True,
    False,
    [],
    [None],
    [[]],
    {},
    {"id": None},
    {"status": "success", "data": None},
    {"data": {"data": {"data": {"data": {"data": []}}}}},
    "٣",
    "\u0000",
    "x" * 3000,
)
MISSING = object()
SHAPES: tuple[dict[str, Any], ...] = (
    {},
    {"envelope": "wrapped", "list_envelope": "named"},
    {"list_envelope": "status", "availability_shape": 2, "profile": "nested"},
    {"availability_shape": 4, "notes": "kept"},
    {"availability_shape": 3, "list_envelope": "data", "list_ids": False},
)


def list_places(data: Any) -> list[tuple[Any, Any]]:
    """Every container and key inside, depth first."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [place for key, value in items for place in ((data, key), *list_places(value))]


def garble(random: Random) -> Callable[[bytes], bytes]:
    """A change that may strike anywhere in an answer, the top more often than the depths."""
    seed, kind = random.random(), random.random()

    def change(body: bytes) -> bytes:
        here = Random(seed)
        if kind < 0.02:
            return b"<html><body>Sorry</body></html>"
        if kind < 0.04:
            return body[: here.randrange(len(body) + 1)]
        data = json.loads(body)
        places = list_places(data)
        if kind < 0.08 or not places:
            return json.dumps(here.choice(RUBBISH)).encode()
        for _ in range(here.choice((1, 1, 2, 5))):
            container, key = here.choice(places[: here.choice((3, 12, len(places)))])
            spoil(container, key, here.choice((MISSING, *RUBBISH)))
        return json.dumps(data).encode()

    return change


def spoil(container: Any, key: Any, value: Any) -> None:
    if value is not MISSING:
        if isinstance(container, dict) or key < len(container):
            container[key] = value
    elif isinstance(container, dict):
        container.pop(key, None)
    elif key < len(container):
        del container[key]


async def catch(work: Awaitable[object]) -> object:
    try:
        return await work
    except FrontdeskError as error:
        return error


async def read_locations(world: World) -> object:
    return await world.schedly.list_locations()


async def read_services(world: World) -> object:
    return await world.schedly.list_services(world.location)


async def read_staff(world: World) -> object:
    return await world.schedly.list_staff(world.location, world.service.id)


async def read_slots(world: World) -> object:
    found = await world.look()
    assert all(slot.starts_at > world.clock.now() for slot in found.slots)
    return found


async def read_appointments(world: World) -> object:
    return await world.schedly.list_appointments(world.location, "1")


READS: tuple[tuple[str, Callable[[World], Awaitable[object]]], ...] = (
    ("locations", read_locations),
    ("services", read_services),
    ("employees", read_staff),
    ("availability", read_slots),
    ("detail", read_appointments),
)


async def refresh(world: World) -> None:
    """Nothing is remembered, and nothing is held against the vendor."""
    await world.redis.flushall()
    world.http._breakers.clear()
    world.schedly = world.rebuild()


async def fuzz_reads(redis_url: str, cases: int, seed: int) -> list[bool]:
    """Whether each read came to something."""
    random, outcomes = Random(seed), []
    async with open_world(redis_url, limit=timedelta(seconds=0.5)) as world:
        for path, read in READS:
            for number in range(cases):
                world.emulator.switches.reset()
                world.switch(calls_per_minute=0, **SHAPES[number % len(SHAPES)])
                await refresh(world)
                world.garbling.changes = {path: garble(random)}
                outcome = await catch(read(world))
                assert not isinstance(outcome, FrontdeskError) or (outcome.source == "schedly" and "guest" not in str(outcome))
                outcomes.append(not isinstance(outcome, FrontdeskError))
    return outcomes


async def fuzz_bookings(redis_url: str, cases: int, seed: int) -> list[type]:
    """What came of each booking; the record has been compared with it."""
    random, outcomes = Random(seed), []
    async with open_world(redis_url, limit=timedelta(seconds=0.5)) as world:
        for number in range(cases):
            world.emulator.reset()
            world.switch(calls_per_minute=0, **SHAPES[number % len(SHAPES)])
            await refresh(world)
            await world.schedly.list_services(world.location)
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.garbling.changes = {random.choice(("customers", "appointments", "services")): garble(random)}
            outcome = await catch(world.schedly.book(world.location, request, progress))
            world.garbling.changes = {}
            made = await world.made()
            assert len(made) <= 1
            if isinstance(outcome, Appointment):
                assert (made[0]["id"], outcome.starts_at) == (outcome.id, request.starts_at)
            elif not isinstance(outcome, OutcomeUnknown):
                assert made == [], outcome
            outcomes.append(type(outcome))
    return outcomes


def test_a_read_answers_or_names_what_to_do_whatever_comes_back(redis_url: str) -> None:
    outcomes = asyncio.run(fuzz_reads(redis_url, CASES, seed=7))
    assert len(outcomes) == CASES * len(READS)
    assert 0.2 < sum(outcomes) / len(outcomes) < 0.95  # the garbling is neither harmless nor always deadly


def test_a_booking_is_told_as_the_record_has_it_whatever_comes_back(redis_url: str) -> None:
    outcomes = asyncio.run(fuzz_bookings(redis_url, CASES, seed=8))
    assert {Appointment, OutcomeUnknown} <= set(outcomes)
