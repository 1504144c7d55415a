"""Answers that are not as documented: missing, null, of the wrong type, too much, cut short, HTML."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

from bot.errors import FrontdeskError, OutcomeUnknown
from bot.model import Appointment
from tests.bot.vendors.zenoti.world import KNOWN_PHONE, Notebook, World, in_days, make_http, make_zenoti, open_world

CASES = 60
"""For each read."""
RUBBISH: tuple[Any, ...] = (
    None,
    "",
    "text",
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59",
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
    "٣",
    "\u0000",
    "x" * 3000,
)
MISSING = object()
SHORT = timedelta(seconds=0.15)


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
        if kind < 0.08:
            return json.dumps(here.choice(RUBBISH)).encode()
        places = list_places(data)
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


Read = Callable[[World], Awaitable[object]]


async def read_locations(world: World) -> object:
    return await world.zenoti.list_locations()


async def read_services(world: World) -> object:
    return await world.zenoti.list_services(world.location)


async def read_staff(world: World) -> object:
    return await world.zenoti.list_staff(world.location, world.service.id)


async def read_slots(world: World) -> object:
    return await world.look()


async def read_booking(world: World) -> object:
    slot = (await world.look(day=in_days(1))).slots[0]
    return await world.zenoti.find_booking(world.location, world.request(slot, phone=KNOWN_PHONE), {})


async def read_appointments(world: World) -> object:
    guest = (await world.guests(KNOWN_PHONE[4:]))[0]["id"]
    return await world.zenoti.list_appointments(world.location, guest)


READS: tuple[tuple[str, Read], ...] = (
    ("centers", read_locations),
    ("services", read_services),
    ("therapists", read_staff),
    ("bookings", read_slots),
    ("slots", read_slots),
    ("search", read_booking),
    ("countries", read_booking),
    ("appointments", read_appointments),
)


def test_a_read_answers_or_names_what_to_do_whatever_comes_back(redis_url: str) -> None:
    async def scenario() -> None:
        random = Random(7)
        async with open_world(redis_url) as world:
            await world.settle_in()
            outcomes: list[bool] = []
            for path, read in READS:
                for _ in range(CASES if path != "countries" else CASES // 3):
                    refresh(world)
                    slots = await world.look(day=in_days(1)) if read is read_booking else None
                    world.garbling.changes = {path: garble(random)}
                    outcome = await catch(read(world))
                    assert not isinstance(outcome, FrontdeskError) or "Mia" not in str(outcome)
                    outcomes.append(not isinstance(outcome, FrontdeskError))
                    world.garbling.changes = {}
                    assert slots is None or slots.slots
            assert len(outcomes) >= 300
            assert 0.2 < sum(outcomes) / len(outcomes) < 0.9  # the garbling is neither harmless nor always deadly

    asyncio.run(scenario())


def refresh(world: World) -> None:
    """Another process: no countries remembered, no open circuit."""
    world.http = make_http(world.session, world.redis, world.address, limit=SHORT)
    world.zenoti = make_zenoti(world.http, world.redis, world.clock, world.address)


def test_a_booking_is_never_called_undone_when_it_was_made(redis_url: str) -> None:
    async def scenario() -> None:
        random = Random(11)
        async with open_world(redis_url) as world:
            for number in range(90):
                refresh(world)
                slots = (await world.look(day=in_days(number % 12))).slots
                if not slots:
                    continue
                request, progress = world.request(random.choice(slots), reference=f"FD-{number}-"), Notebook()
                step = random.choice(("guests", "bookings", "reserve", "confirm", "confirm", "slots", "search"))
                world.garbling.changes = {step: garble(random)}
                outcome = await catch(world.zenoti.book(world.location, request, progress))
                world.garbling.changes = {}
                rows = await world.made(request.reference)
                assert len(rows) <= 1
                if isinstance(outcome, Appointment):
                    assert [row["id"] for row in rows] == [outcome.id] or (rows and step == "confirm")
                elif not isinstance(outcome, OutcomeUnknown):
                    assert not rows, outcome

    asyncio.run(scenario())


async def catch(work: Awaitable[object]) -> object:
    """The answer or the named error; anything else goes through."""
    try:
        return await work
    except FrontdeskError as error:
        return error
