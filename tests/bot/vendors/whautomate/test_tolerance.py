"""Answers that are not as documented: every verb answers truly, or names what to do, the vendor, the verb and our reference."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any

from bot.errors import FrontdeskError, OutcomeUnknown
from bot.model import Appointment
from tests.bot.vendors.garbling import TEXTS, garble
from tests.bot.vendors.whautomate.world import NEW_PHONE, Notebook, World, open_world

CASES = 60
"""For each read, and of everything else."""
SHAPES: tuple[dict[str, Any], ...] = (
    {},
    {"time_format": "iso", "echo_notes": True},
    {"slots_without_staff": "error", "book_without_staff": "error"},
    {"inline_client_links_by_phone": False, "phone_form": "repeated"},
    {"false_z": False, "end_date": "exclusive", "moved_id": "new"},
)
REGULAR = "65e9c3d40000000000000001"


async def catch(work: Awaitable[object], *, reference: str = "") -> object:
    """The answer or the named error; anything else goes through."""
    try:
        return await work
    except FrontdeskError as error:
        failed = error
    assert (failed.source, bool(failed.verb), failed.reference) == ("whautomate", True, reference), repr(failed)
    assert not any(personal in str(failed) for personal in ("Mia", NEW_PHONE[4:], "demo"))
    return failed


READS: tuple[tuple[str, Callable[[World], Awaitable[object]]], ...] = (
    ("GET locations", lambda world: world.vendor.list_locations()),
    ("GET services", lambda world: world.vendor.list_services(world.location)),
    ("GET services", lambda world: world.vendor.list_staff(world.location, world.service.id)),
    ("GET staffs", lambda world: world.vendor.list_staff(world.location, world.service.id)),
    ("GET slots", lambda world: world.look()),
    ("GET appointments", lambda world: world.vendor.list_appointments(world.location, REGULAR)),
    ("GET appointments", lambda world: world.vendor.list_gaps()),
)


async def refresh(world: World, number: int) -> None:
    """Another process and another shape: nothing is remembered, nothing is held against the vendor."""
    world.garbling.changes = {}
    world.emulator.switches.reset()
    world.turn(calls_per_minute=0, **SHAPES[number % len(SHAPES)])
    await world.redis.flushall()
    world.close_circuit(limit=timedelta(seconds=0.5))


def is_same_id(made: str, told: str) -> bool:
    """Ids are opaque: a text put in the place of one cannot be told from one."""
    return told == made or told in TEXTS


async def fuzz_reads(redis_url: str, cases: int, seed: int) -> list[bool]:
    """Whether each read came to something."""
    random, outcomes = Random(seed), []
    async with open_world(redis_url) as world:
        for path, read in READS:
            for number in range(cases):
                await refresh(world, number)
                await world.vendor.list_locations()
                world.garbling.changes = {path: garble(random)}
                outcomes.append(not isinstance(await catch(read(world)), FrontdeskError))
    return outcomes


async def fuzz_bookings(redis_url: str, cases: int, seed: int) -> list[type]:
    """What came of each booking; the record has been compared with it."""
    random, outcomes = Random(seed), []
    async with open_world(redis_url) as world:
        for number in range(cases):
            world.emulator.book.reset()
            await refresh(world, number)
            person = world.staff[number % 2].id if number % 3 else ""
            slot = (await world.look(staff_id=person)).slots[0]
            if number % 4 == 0:
                await world.fill(slot)
            request, progress = world.request(slot, staff_id=person), Notebook()
            world.garbling.changes = {random.choice(("POST appointments", "POST appointments", "GET slots")): garble(random)}
            outcome = await catch(world.vendor.book(world.location, request, progress), reference="FD-1")
            world.garbling.changes = {}
            made = await world.made()
            assert len(made) <= 1
            if isinstance(outcome, Appointment):
                assert is_same_id(made[0]["id"], outcome.id)
                assert outcome.starts_at == request.starts_at
            elif not isinstance(outcome, OutcomeUnknown):
                assert made == [], outcome
            outcomes.append(type(outcome))
    return outcomes


async def fuzz_finds(redis_url: str, cases: int, seed: int) -> list[str]:
    """What a look for an appointment that certainly is there came to: that one, or a failure."""
    random, outcomes = Random(seed), []
    async with open_world(redis_url) as world:
        slot = (await world.look()).slots[-1]
        made = await world.book(slot)
        client = f"GET {made.customer_id}"
        for number in range(cases):
            await refresh(world, number)
            request = world.request(slot, customer_id=made.customer_id if number % 2 else "")
            world.garbling.changes = {random.choice(("GET appointments", client)): garble(random)}
            found = await catch(world.vendor.find_booking(world.location, request, {"posted": "known"}), reference="FD-1")
            assert not isinstance(found, Appointment) or is_same_id(made.id, found.id)
            outcomes.append("found" if isinstance(found, Appointment) else "nothing" if found is None else "failed")
    return outcomes


async def fuzz_changes(redis_url: str, cases: int, seed: int) -> list[type]:
    """What came of each move; an answer that says it is done is true."""
    random, outcomes = Random(seed), []
    async with open_world(redis_url) as world:
        for number in range(cases):
            world.emulator.book.reset()
            await refresh(world, number)
            made = await world.book((await world.look()).slots[0])
            slot = (await world.look(staff_id=made.staff_id)).slots[-1]
            world.garbling.changes = {random.choice(("POST reschedule", "POST reschedule", f"GET {made.id}")): garble(random)}
            outcome = await catch(world.vendor.move(world.location, made, world.move_to(slot), Notebook()), reference="FD-9")
            world.garbling.changes = {}
            rows = await world.made()
            assert len(rows) == 1
            if isinstance(outcome, Appointment):
                assert is_same_id(rows[0]["id"], outcome.id)
                assert rows[0]["start_time"] == slot.starts_at.replace(tzinfo=None).isoformat()
            outcomes.append(type(outcome))
    return outcomes


def test_a_read_answers_or_names_what_to_do_whatever_comes_back(redis_url: str) -> None:
    outcomes = asyncio.run(fuzz_reads(redis_url, CASES, seed=7))
    assert 0.2 < sum(outcomes) / len(outcomes) < 0.95  # the garbling is neither harmless nor always deadly


def test_a_booking_is_told_as_the_record_has_it_whatever_comes_back(redis_url: str) -> None:
    assert {Appointment, OutcomeUnknown} <= set(asyncio.run(fuzz_bookings(redis_url, CASES, seed=8)))


def test_a_look_for_a_booking_finds_that_one_or_fails(redis_url: str) -> None:
    outcomes = asyncio.run(fuzz_finds(redis_url, CASES, seed=9))
    assert {"found", "failed"} <= set(outcomes)


def test_a_move_is_told_as_the_record_has_it_whatever_comes_back(redis_url: str) -> None:
    assert {Appointment, OutcomeUnknown} <= set(asyncio.run(fuzz_changes(redis_url, CASES, seed=10)))
