"""Every fault at every step of a booking: the outcome class is right, and the record agrees with it afterwards."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Appointment, BookingRequest, Slot
from bot.sandbox.faults import FaultKind
from bot.vendors.http import TIMEOUT
from bot.vendors.setster import TRAITS
from tests.bot.vendors.setster.world import Notebook, World, open_world

STEPS = ("authenticate", "services", "availability", "create")
BEFORE: tuple[FaultKind, ...] = ("refuse", "cut_before", "html", "rate_limit")
AFTER: tuple[FaultKind, ...] = ("fail_after", "cut_after", "truncate")
KINDS: tuple[FaultKind, ...] = (*BEFORE, *AFTER)
LASTING = 30
"""More strikes than there are repeats."""
SHORT = timedelta(seconds=1.5)
"""Too little to wait out a `Retry-After` of a second."""


async def open_cold(world: World) -> Slot:
    """A time to book, every call before the create still to be made: no session, no rules, an old look."""
    slot = (await world.look()).slots[0]
    await world.redis.delete("frontdesk:harbour:setster:services")
    world.clock.advance(timedelta(minutes=2))
    world.emulator.sessions.clear()
    return slot


async def attempt(world: World, request: BookingRequest, progress: Notebook) -> Appointment | FrontdeskError:
    try:
        return await world.setster.book(world.location, request, progress)
    except FrontdeskError as error:
        return error


async def finish(world: World, request: BookingRequest, progress: Notebook) -> Appointment:
    """What the saga does with a healthy vendor: look, wait out the visibility, go on with the same progress."""
    found = await world.setster.find_booking(world.location, request, progress.values)
    if found is None:
        world.clock.advance(TRAITS.longest_processing + TRAITS.visibility + timedelta(seconds=1))
        found = await world.setster.book(world.location, request, progress)
    return found


def expect(step: str, kind: FaultKind) -> type[FrontdeskError]:
    if step == "create" and kind not in ("rate_limit",):
        return OutcomeUnknown
    return TryAgain


@pytest.mark.parametrize("times", [1, LASTING])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", STEPS)
def test_a_fault_never_books_twice_and_never_lies(redis_url: str, step: str, kind: FaultKind, times: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, limit=SHORT if kind == "rate_limit" else TIMEOUT) as world:
            request, progress = world.request(await open_cold(world)), Notebook()
            world.fail(step, kind, times=times)
            outcome = await attempt(world, request, progress)
            found = await world.check(request, progress.values)
            if isinstance(outcome, Appointment):
                assert found is not None
                assert (outcome.id, outcome.starts_at) == (found.id, found.starts_at)
                return
            assert isinstance(outcome, expect(step, kind)), outcome
            assert found is None or (step, kind in AFTER) == ("create", True)
            assert any(progress.values.values()) == isinstance(outcome, OutcomeUnknown)
            assert (await finish(world, request, progress)).starts_at == request.starts_at
            assert len(await world.made()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("delay", ["create_delay_ms", "slow_after", "slow_before"])
def test_a_create_slower_than_our_patience_is_found_once(redis_url: str, delay: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, limit=timedelta(seconds=0.4)) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            if delay == "create_delay_ms":
                world.switch(create_delay_ms=700)
            elif delay == "slow_after":
                world.fail("create", "slow_after", seconds=0.7)
            else:
                world.fail("create", "slow_before", seconds=0.7)
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            while any(row["status"] is None for row in (await world.control("GET", "/calls"))["log"]):
                pass
            assert (await finish(world, request, progress)).starts_at == request.starts_at
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_an_appointment_that_shows_late_is_not_made_again(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, list_delay_s=10) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail("create", "cut_after")
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            assert await world.setster.find_booking(world.location, request, progress.values) is None
            assert (await finish(world, request, progress)).starts_at == request.starts_at
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_a_look_that_fails_leaves_the_outcome_open(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = world.request((await world.look()).slots[0])
            world.fail("appointments", "refuse", times=LASTING)
            assert isinstance(await attempt(world, request, Notebook({"posted": "1"})), OutcomeUnknown)
            assert "create" not in await world.calls()

    asyncio.run(scenario())


def test_a_second_create_that_is_refused_takes_nothing_back(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook({"posted": "1"})
            world.fail("create", "refuse", status=400)
            assert isinstance(await attempt(world, request, progress), CallStaff)
            assert progress.values["posted"]

    asyncio.run(scenario())


def test_a_time_taken_by_our_own_first_attempt_leaves_it_in_doubt(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, list_delay_s=3600) as world:
            slot = (await world.look(staff_id=world.staff.id)).slots[0]
            request, progress = world.request(slot, staff_id=world.staff.id), Notebook()
            world.fail("create", "cut_after")
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            assert isinstance(await attempt(world, request, progress), SlotTaken)
            assert progress.values["posted"]
            assert len(await world.made()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("form", ["seconds", "date", "none"])
def test_too_many_calls_are_waited_out_and_nothing_is_made(redis_url: str, form: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, limit=SHORT) as world:
            first, second = (await world.look()).slots[:8:7]
            world.switch(calls_per_minute=1, rate_header=form)
            await world.book(first)
            outcome = await attempt(world, world.request(second, reference="FD-2"), progress := Notebook())
            assert isinstance(outcome, TryAgain)
            assert not any(progress.values.values())
            assert await world.made("FD-2") == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("said", "instead"),
    [(b'"start_date": "2030-01-10', b'"start_date": "2030-01-11'), (b'"service_id": 96', b'"service_id": 97')],
)
def test_an_answer_that_shows_something_else_is_not_believed(redis_url: str, said: bytes, instead: bytes) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.garbling.changes["POST appointment"] = lambda body: body.replace(said, instead)
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            assert await world.check(request, progress.values) is not None

    asyncio.run(scenario())


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"statusCode": 500}', '{"statusCode": "x"}', '{"data": {"id": 1}}'])
def test_an_answer_that_is_none_never_counts_as_a_refusal(redis_url: str, body: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.garbling.changes["POST appointment"] = lambda _: body.encode()
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            found = await world.check(request, progress.values)
            assert found is not None

    asyncio.run(scenario())


def test_a_forbidden_create_is_for_staff_and_certainly_not_made(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail("create", "refuse", status=403, times=2)
            assert isinstance(await attempt(world, request, progress), CallStaff)
            assert not any(progress.values.values())
            assert (await world.calls())["create"] == 2

    asyncio.run(scenario())
