"""Every fault at every step of a booking: the outcome class is right, and the record agrees with it afterwards."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Appointment, BookingRequest
from bot.sandbox.faults import FaultKind
from bot.vendors.http import TIMEOUT
from bot.vendors.schedly import TRAITS
from tests.bot.vendors.schedly.world import Notebook, World, in_days, open_world

STEPS = ("customer_search", "customer_create", "create")
BEFORE: tuple[FaultKind, ...] = ("refuse", "cut_before", "html", "rate_limit")
AFTER: tuple[FaultKind, ...] = ("fail_after", "cut_after", "truncate")
KINDS: tuple[FaultKind, ...] = (*BEFORE, *AFTER)
LASTING = 30
"""More strikes than there are repeats."""
SHORT = timedelta(seconds=1.5)
"""Too little to wait out a `Retry-After` of a second."""
SWITCHES: list[dict[str, Any]] = [
    {},
    {"notes": "kept"},
    {"list_ids": False, "profile": "nested"},
    {"profile": "plain", "list_filters": False},
]


async def attempt(world: World, request: BookingRequest, progress: Notebook) -> Appointment | FrontdeskError:
    try:
        return await world.schedly.book(world.location, request, progress)
    except FrontdeskError as error:
        return error


def settle(world: World) -> None:
    world.clock.advance(TRAITS.longest_processing + TRAITS.visibility + timedelta(seconds=1))


async def finish(world: World, request: BookingRequest, progress: Notebook) -> Appointment:
    """What the saga does with a healthy vendor: look, wait out the visibility, go on with the same progress."""
    found = await world.schedly.find_booking(world.location, request, progress.values)
    if found is None:
        settle(world)
        found = await world.schedly.book(world.location, request, progress)
    return found


def expect(step: str, kind: FaultKind) -> type[FrontdeskError]:
    return OutcomeUnknown if step == "create" and kind != "rate_limit" else TryAgain


@pytest.mark.parametrize("times", [1, LASTING])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", STEPS)
def test_a_fault_never_books_twice_and_never_lies(redis_url: str, step: str, kind: FaultKind, times: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, limit=SHORT if kind == "rate_limit" else TIMEOUT) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail(step, kind, times=times)
            outcome = await attempt(world, request, progress)
            found = await world.check(request, progress.values)
            if isinstance(outcome, Appointment):
                assert found is not None
                assert (outcome.id, outcome.starts_at) == (found.id, found.starts_at)
                return
            assert type(outcome) is expect(step, kind)
            assert found is None or (step, kind in AFTER) == ("create", True)
            assert any(progress.values.values()) == isinstance(outcome, OutcomeUnknown)  # what the saga's doubt hangs on
            assert (await finish(world, request, progress)).starts_at == request.starts_at
            assert len(await world.made()) == 1
            assert len(await world.guests()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("switches", SWITCHES, ids=str)
@pytest.mark.parametrize("kind", AFTER)
def test_a_create_whose_answer_is_lost_is_found_and_not_repeated(
    redis_url: str, kind: FaultKind, switches: dict[str, Any]
) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(**switches)
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail("create", kind)
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            assert await world.check(request, progress.values) is not None
            await world.clear_calls()
            again = await world.rebuild().book(world.location, request, Notebook(dict(progress.values)))
            assert again.starts_at == request.starts_at
            assert "create" not in await world.calls()
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_a_slow_vendor_is_not_waited_for(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, limit=timedelta(milliseconds=250)) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail("create", "slow_before", seconds=0.6)
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            assert await world.schedly.find_booking(world.location, request, progress.values) is None
            await world.is_idle()
            assert await world.check(request, progress.values) is not None

    asyncio.run(scenario())


def test_a_record_that_lags_behind_makes_no_second_one(redis_url: str) -> None:
    """Ours is not shown yet, the create is refused as taken: by ourselves, as it turns out."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(read_delay_seconds=20)
            request = world.request((await world.look()).slots[0])
            request, progress = replace(request, staff_id=world.staff.id), Notebook()
            slot = (await world.look(staff_id=world.staff.id)).slots[0]
            request = replace(request, starts_at=slot.starts_at, handle=slot.handle)
            world.fail("create", "cut_after")
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            settle(world)
            found = await world.schedly.book(world.location, request, progress)
            assert [row["id"] for row in await world.made()] == [found.id]

    asyncio.run(scenario())


def test_a_repeat_runs_into_the_first_attempt_instead_of_taking_another_person(redis_url: str) -> None:
    """The record shows the first one far later than it should."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(read_delay_seconds=3600)
            slots = [slot for ahead in range(5) for slot in (await world.look(day=in_days(ahead))).slots]
            request, progress = world.request(next(one for one in slots if "," in one.handle)), Notebook()
            world.fail("create", "cut_after")
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            settle(world)
            assert isinstance(await attempt(world, request, progress), SlotTaken)
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_a_time_taken_by_somebody_else_is_taken_also_after_an_unclear_attempt(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look(staff_id=world.staff.id)).slots[0]
            request, progress = world.request(slot, staff_id=world.staff.id), Notebook()
            world.fail("create", "refuse")
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            other = world.request(slot, staff_id=world.staff.id, phone="+351912345679", reference="FD-2")
            await world.schedly.book(world.location, other, Notebook())
            settle(world)
            assert isinstance(await attempt(world, request, progress), SlotTaken)
            assert not any(progress.values.values())  # the saga may say so too
            assert len(await world.made()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("switches", SWITCHES, ids=str)
def test_somebody_elses_appointment_is_never_taken_for_ours(redis_url: str, switches: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(**switches)
            slot = (await world.look(staff_id=world.staff.id)).slots[0]
            mine = world.request(slot, staff_id=world.staff.id)
            first = await world.schedly.book(world.location, world.request((await world.look()).slots[-1]), Notebook())
            other = world.request(slot, staff_id=world.staff.id, phone="+351912345679", reference="FD-2")
            await world.schedly.book(world.location, other, Notebook())
            progress = {"customer": first.customer_id, "employee": world.staff.id, "posted": world.clock.now().isoformat()}
            assert await world.schedly.find_booking(world.location, mine, progress) is None
            assert await world.schedly.find_booking(world.location, other, {}) is not None

    asyncio.run(scenario())


@pytest.mark.parametrize("switches", [{}, {"notes": "kept"}, {"availability_shape": 2}], ids=str)
def test_twelve_who_confirm_one_time_get_one_appointment(redis_url: str, switches: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(**switches)
            days = [await world.look(staff_id=world.staff.id, day=in_days(ahead)) for ahead in range(7)]
            for rounds, slot in enumerate([day.slots[0] for day in days if day.slots][:3]):
                wishes = [
                    world.request(slot, staff_id=world.staff.id, phone=f"+3519123400{one:02}", reference=f"FD-{one}")
                    for one in range(12)
                ]
                outcomes = await asyncio.gather(*(attempt(world, wish, Notebook()) for wish in wishes))
                assert [type(one) for one in outcomes].count(Appointment) == 1
                assert [type(one) for one in outcomes].count(SlotTaken) == 11
                assert len(await world.made()) == rounds + 1

    asyncio.run(scenario())


@pytest.mark.parametrize("switches", [{}, {"list_filters": False}, {"list_ids": False}, {"change_needs_times": True}], ids=str)
def test_where_the_vendor_lets_two_have_one_time_the_later_gives_way(redis_url: str, switches: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(conflict_on_overlap=False, **switches)
            world.schedly = world.rebuild(reads_back=True)
            slot = (await world.look(staff_id=world.staff.id)).slots[0]
            wishes = [
                world.request(slot, staff_id=world.staff.id, phone=f"+3519123400{one:02}", reference=f"FD-{one}")
                for one in range(12)
            ]
            outcomes = await asyncio.gather(*(attempt(world, wish, Notebook()) for wish in wishes))
            kinds = [type(one) for one in outcomes]
            assert (kinds.count(Appointment), kinds.count(SlotTaken)) == (1, 11)
            (made,) = await world.made()
            assert made["id"] == next(one.id for one in outcomes if isinstance(one, Appointment))

    asyncio.run(scenario())


def test_reading_back_costs_one_call_more(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.schedly = world.rebuild(reads_back=True)
            await world.book(customer_id="1")
            assert await world.calls() == {"availability": 1, "create": 1, "appointments": 1}

    asyncio.run(scenario())


@pytest.mark.parametrize(("step", "expected"), [("appointments", Appointment), ("change", OutcomeUnknown)])
def test_a_booking_that_cannot_be_read_back_or_given_up_stands(redis_url: str, step: str, expected: type) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(conflict_on_overlap=False)
            slot = (await world.look(staff_id=world.staff.id)).slots[0]
            other = world.request(slot, staff_id=world.staff.id, phone="+351912345679", reference="FD-2")
            await world.schedly.book(world.location, other, Notebook())
            world.schedly = world.rebuild(reads_back=True)
            world.fail(step, "refuse", times=LASTING)
            request, progress = world.request(slot, staff_id=world.staff.id), Notebook()
            assert isinstance(await attempt(world, request, progress), expected)
            world.emulator.faults.clear()
            assert await world.schedly.find_booking(world.location, request, progress.values) is not None

    asyncio.run(scenario())


class Death(Exception):
    pass


class Mortal(Notebook):
    async def save(self, **values: str) -> None:
        await super().save(**values)
        raise Death


def test_a_worker_that_died_before_its_create_leaves_a_doubt_that_passes(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Mortal()
            with pytest.raises(Death):
                await world.schedly.book(world.location, request, progress)
            assert await world.made() == []
            survivor = Notebook(dict(progress.kept))
            settle(world)
            assert (await world.rebuild().book(world.location, request, survivor)).starts_at == request.starts_at
            assert len(await world.made()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"id":1}', b'{"status":"error","error":"INTERNAL_ERROR","message":""}', b'{"status":"success"}']
)
def test_an_answer_that_proves_nothing_is_looked_up(redis_url: str, body: bytes) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.garbling.changes["appointments"] = lambda _: body
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            assert await world.check(request, progress.values) is not None

    asyncio.run(scenario())


def test_an_answer_about_another_time_is_not_ours(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = world.request((await world.look()).slots[0])
            world.garbling.changes["appointments"] = lambda body: body.replace(b"2030-01-07", b"2030-01-08")
            assert isinstance(await attempt(world, request, Notebook()), OutcomeUnknown)

    asyncio.run(scenario())
