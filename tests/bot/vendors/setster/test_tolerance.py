"""Answers that are not as documented: missing, null, of the wrong type, too much, cut short, HTML."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

from bot.errors import FrontdeskError, OutcomeUnknown
from bot.model import Appointment, MoveRequest
from tests.bot.vendors.setster.world import EMAIL, Notebook, World, make_http, make_setster, open_world

CASES = 60
"""For each read, and of bookings."""
RUBBISH: tuple[Any, ...] = (
    None,
    "",
    "text",
    "0001-01-01 00:00",
    "9999-12-31 23:59:59",
    "2030-01-10 09:00",
    "[1, [2]]",
    "{",
    0,
    -1,
    1,
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
    "٣",
    "\u0000",
    "x" * 3000,
)
MISSING = object()
SHAPES: tuple[dict[str, Any], ...] = (
    {},
    {"times_shape": "list", "ids_as_strings": False},
    {"links_shape": "flags", "flags_as_text": True},
    {"listed_zone": "absent", "list_times_zone": "location"},
    {"errors_as_200": True, "expired_in_body": True, "links_shape": "lists"},
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
            return b"<br /><b>Warning</b>: mysql_connect()" + body
        if kind < 0.04:
            return body[: here.randrange(len(body) + 1)]
        data = json.loads(body)
        places = list_places(data)
        if kind < 0.08 or not places:
            return json.dumps(here.choice(RUBBISH)).encode()
        for _ in range(here.choice((1, 1, 2, 5))):
            container, key = here.choice(places[: here.choice((5, 15, len(places)))])
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
    """The answer or the named error; anything else goes through."""
    try:
        return await work
    except FrontdeskError as error:
        failed = error
    assert (failed.source, bool(failed.verb)) == ("setster", True), repr(failed)
    assert not any(personal in str(failed) for personal in ("Noor", EMAIL, "+351", "session_token"))
    return failed


async def read_locations(world: World) -> object:
    return await world.setster.list_locations()


async def read_services(world: World) -> object:
    return await world.setster.list_services(world.location)


async def read_staff(world: World) -> object:
    return await world.setster.list_staff(world.location, world.service.id)


async def read_slots(world: World) -> object:
    found = await world.look()
    assert all(slot.starts_at > world.clock.now() for slot in found.slots)
    return found


async def read_appointments(world: World) -> object:
    return await world.setster.list_appointments(world.location, f"4401:{EMAIL}")


READS: tuple[tuple[str, Callable[[World], Awaitable[object]]], ...] = (
    ("POST authenticate", read_locations),
    ("GET location", read_locations),
    ("GET list", read_locations),
    ("GET service", read_services),
    ("GET service", read_staff),
    ("GET employee", read_staff),
    ("GET availability", read_slots),
    ("GET appointment", read_appointments),
)


async def refresh(world: World, shape: dict[str, Any]) -> None:
    """Another process: nothing is remembered, and nothing is held against the vendor."""
    world.garbling.changes = {}
    world.emulator.switches.reset()
    world.switch(**shape)
    await world.redis.flushall()
    world.http = make_http(world.session, world.redis, world.address, limit=timedelta(seconds=0.5))
    world.setster = make_setster(world.http, world.redis, world.clock)


async def fuzz_reads(redis_url: str, cases: int, seed: int) -> list[bool]:
    """Whether each read came to something."""
    random, outcomes = Random(seed), []
    async with open_world(redis_url) as world:
        await world.book((await world.look()).slots[0])
        for path, read in READS:
            for number in range(cases):
                await refresh(world, SHAPES[number % len(SHAPES)])
                world.garbling.changes = {path: garble(random)}
                outcomes.append(not isinstance(await catch(read(world)), FrontdeskError))
    return outcomes


async def fuzz_bookings(redis_url: str, cases: int, seed: int) -> list[type]:
    """What came of each booking; the record has been compared with it."""
    random, outcomes = Random(seed), []
    async with open_world(redis_url) as world:
        for number in range(cases):
            world.emulator.book.reset()
            await refresh(world, SHAPES[number % len(SHAPES)])
            slot = (await world.look()).slots[number % 5]
            if number % 2:
                world.clock.advance(timedelta(minutes=1))
            request, progress = world.request(slot), Notebook()
            path = random.choice(("POST appointment", "POST appointment", "GET availability", "GET service"))
            world.garbling.changes = {path: garble(random)}
            outcome = await catch(world.setster.book(world.location, request, progress))
            world.garbling.changes = {}
            made = await world.made()
            assert len(made) <= 1
            if isinstance(outcome, Appointment):
                assert made[0]["start_time"] == slot.starts_at.replace(tzinfo=None).isoformat()
                assert outcome.starts_at == slot.starts_at
            elif not isinstance(outcome, OutcomeUnknown):
                assert made == [], outcome
            outcomes.append(type(outcome))
    return outcomes


async def fuzz_finds(redis_url: str, cases: int, seed: int) -> list[str]:
    """What a look for an appointment that certainly is there came to: never that it is not."""
    random, outcomes = Random(seed), []
    async with open_world(redis_url) as world:
        slot = (await world.look()).slots[0]
        made = await world.book(slot)
        for number in range(cases):
            await refresh(world, SHAPES[number % len(SHAPES)])
            world.garbling.changes = {"GET appointment": garble(random)}
            found = await catch(world.setster.find_booking(world.location, world.request(slot), {}))
            told = "found" if isinstance(found, Appointment) else "nothing" if found is None else "failed"
            if isinstance(found, Appointment) and found.id != made.id:
                assert found.id == "1"  # a number put in the place of the number
            outcomes.append(told)
    return outcomes


async def fuzz_changes(redis_url: str, cases: int, seed: int) -> list[type]:
    """What came of each move; an answer that says it is done is true."""
    random, outcomes = Random(seed), []
    async with open_world(redis_url) as world:
        for number in range(cases):
            world.emulator.book.reset()
            await refresh(world, SHAPES[number % len(SHAPES)])
            slots = (await world.look()).slots
            made = await world.book(slots[0])
            request = MoveRequest("FD-1", slots[-1].starts_at, slots[-1].handle)
            world.garbling.changes = {f"PUT {made.id}": garble(random)}
            outcome = await catch(world.setster.move(world.location, made, request, Notebook()))
            world.garbling.changes = {}
            if isinstance(outcome, Appointment):
                (row,) = await world.made()
                assert row["start_time"] == slots[-1].starts_at.replace(tzinfo=None).isoformat()
            outcomes.append(type(outcome))
    return outcomes


def test_a_read_answers_or_names_what_to_do_whatever_comes_back(redis_url: str) -> None:
    outcomes = asyncio.run(fuzz_reads(redis_url, CASES, seed=7))
    assert 0.2 < sum(outcomes) / len(outcomes) < 0.95  # the garbling is neither harmless nor always deadly


def test_a_booking_is_told_as_the_record_has_it_whatever_comes_back(redis_url: str) -> None:
    assert {Appointment, OutcomeUnknown} <= set(asyncio.run(fuzz_bookings(redis_url, CASES, seed=8)))


def test_a_look_for_a_booking_finds_that_one_or_none(redis_url: str) -> None:
    outcomes = asyncio.run(fuzz_finds(redis_url, CASES, seed=9))
    assert outcomes.count("found") > CASES / 4
    assert "failed" in outcomes


def test_a_move_is_told_as_the_record_has_it_whatever_comes_back(redis_url: str) -> None:
    assert {Appointment, OutcomeUnknown} <= set(asyncio.run(fuzz_changes(redis_url, CASES, seed=10)))
