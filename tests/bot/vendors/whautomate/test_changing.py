import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Appointment, AppointmentStatus, MoveRequest, Slot
from bot.sandbox.faults import FaultKind
from tests.bot.vendors.whautomate.world import Notebook, World, in_days, open_world


@asynccontextmanager
async def open_booked(redis_url: str, **switches: Any) -> AsyncIterator[tuple[World, Appointment, Slot]]:
    """A world with one appointment and a time on another day that its person has free."""
    async with open_world(redis_url, **switches) as world:
        made = await world.book((await world.look()).slots[0])
        slot = next(one for one in (await world.look(staff_id=made.staff_id, day=in_days(3))).slots)
        await world.clear_calls()
        yield world, made, slot


async def move(
    world: World, appointment: Appointment, request: MoveRequest, progress: Notebook | None = None
) -> Appointment | FrontdeskError:
    try:
        return await world.vendor.move(world.location, appointment, request, progress or Notebook())
    except FrontdeskError as error:
        return error


# ── Moving ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("moved_status", ["Booked", "Rescheduled"])
@pytest.mark.parametrize("moved_id", ["same", "new"])
@pytest.mark.parametrize("time_format", ["12h", "iso"])
def test_a_move_is_one_call_and_keeps_the_person(redis_url: str, moved_status: str, moved_id: str, time_format: str) -> None:
    async def scenario() -> None:
        switches = {"moved_status": moved_status, "moved_id": moved_id, "time_format": time_format}
        async with open_booked(redis_url, **switches) as (world, made, slot):
            moved = await world.vendor.move(world.location, made, world.move_to(slot), Notebook())
            assert (moved.starts_at, moved.staff_id, moved.status) == (slot.starts_at, made.staff_id, AppointmentStatus.BOOKED)
            assert (moved.id == made.id) == (moved_id == "same")
            assert await world.calls() == {"reschedule": 1}
            rows = await world.made()
            assert [(row["id"], row["start_time"]) for row in rows] == [
                (moved.id, slot.starts_at.replace(tzinfo=None).isoformat())
            ]

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_time_taken_in_between_leaves_the_old_one(redis_url: str, status: int) -> None:
    async def scenario() -> None:
        async with open_booked(redis_url, taken_status=status) as (world, made, slot):
            await world.fill(slot)
            progress = Notebook()
            assert isinstance(await move(world, made, world.move_to(slot), progress), SlotTaken)
            assert not any(progress.kept.values())
            assert await world.vendor.list_appointments(world.location, made.customer_id) == (made,)

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", ["refuse", "cut_before", "html", "fail_after", "cut_after", "truncate", "rate_limit"])
@pytest.mark.parametrize("moved_id", ["same", "new"])
def test_a_lost_answer_is_looked_up_by_the_repeat(redis_url: str, kind: FaultKind, moved_id: str) -> None:
    async def scenario() -> None:
        async with open_booked(redis_url, moved_id=moved_id) as (world, made, slot):
            world.fail("reschedule", kind, seconds=1)
            progress = Notebook()
            first = await move(world, made, world.move_to(slot), progress)
            assert isinstance(first, TryAgain if kind == "rate_limit" else OutcomeUnknown)
            await world.redis.flushall()
            again = await move(world, made, world.move_to(slot), progress)
            assert isinstance(again, Appointment)
            assert again.starts_at == slot.starts_at
            was_applied = kind in ("fail_after", "cut_after", "truncate")
            assert (await world.calls())["reschedule"] == (1 if was_applied else 2)
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_a_move_to_where_it_stands_already_is_done(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_booked(redis_url) as (world, made, slot):
            moved = await world.vendor.move(world.location, made, world.move_to(slot), Notebook())
            assert await move(world, made, world.move_to(slot)) == moved

    asyncio.run(scenario())


def test_a_refused_repeat_or_a_failed_look_leaves_the_outcome_unknown(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_booked(redis_url) as (world, made, slot):
            await world.fill(slot)
            progress = Notebook({"posted": "moving"})
            assert isinstance(await move(world, made, world.move_to(slot), progress), OutcomeUnknown)
            world.fail("appointment", "html", times=30)
            assert isinstance(await move(world, made, world.move_to(slot), progress), OutcomeUnknown)
            assert progress.kept["posted"] == "moving"

    asyncio.run(scenario())


def test_what_is_gone_cannot_be_moved(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_booked(redis_url) as (world, made, slot):
            await world.vendor.cancel(world.location, made)
            assert isinstance(await move(world, made, world.move_to(slot)), CallStaff)
            assert isinstance(await move(world, replace(made, id="gone"), world.move_to(slot)), CallStaff)

    asyncio.run(scenario())


async def find_other(world: World, made: Appointment) -> tuple[str, Slot]:
    """Somebody else, and a time of theirs."""
    other = next(one.id for one in world.staff if one.id != made.staff_id)
    return other, (await world.look(staff_id=other, day=in_days(1))).slots[0]


@pytest.mark.parametrize("is_same_time", [True, False])
def test_another_person_means_book_first_and_cancel_then(redis_url: str, is_same_time: bool) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            times = [(await world.look(staff_id=one.id)).slots for one in world.staff]
            both = next(slot for slot in times[0] if slot in times[1])
            made = await world.book(both, staff_id=world.staff[0].id)
            await world.clear_calls()
            slot = both if is_same_time else times[1][-1]
            moved = await world.vendor.move(world.location, made, world.move_to(slot, staff_id=world.staff[1].id), Notebook())
            assert (moved.staff_id, moved.starts_at) == (world.staff[1].id, slot.starts_at)
            assert await world.calls() == {"book": 1, "cancel": 1}
            assert (await world.made("FD-1"), len(await world.made("FD-9"))) == ([], 1)

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "html", "fail_after"])
@pytest.mark.parametrize("operation", ["book", "cancel"])
def test_a_change_of_person_is_taken_up_where_it_was_lost(redis_url: str, operation: str, kind: FaultKind) -> None:
    async def scenario() -> None:
        async with open_booked(redis_url) as (world, made, _):
            other, slot = await find_other(world, made)
            request, progress = world.move_to(slot, staff_id=other), Notebook()
            world.fail(operation, kind)
            assert isinstance(await move(world, made, request, progress), OutcomeUnknown)
            if operation == "book":
                assert len(await world.made("FD-1")) == 1  # the old time stays until the new one is certain
            world.clock.advance(timedelta(minutes=1))
            moved = await move(world, made, request, progress)
            assert isinstance(moved, Appointment)
            assert (moved.staff_id, moved.starts_at) == (other, slot.starts_at)
            assert (await world.made("FD-1"), len(await world.made("FD-9"))) == ([], 1)

    asyncio.run(scenario())


def test_another_persons_taken_time_leaves_the_old_appointment(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_booked(redis_url) as (world, made, _):
            other, slot = await find_other(world, made)
            await world.fill(slot)
            assert isinstance(await move(world, made, world.move_to(slot, staff_id=other)), SlotTaken)
            assert await world.vendor.list_appointments(world.location, made.customer_id) == (made,)

    asyncio.run(scenario())


# ── Cancelling ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("cancelled_again", [400, 200])
def test_a_cancellation_is_one_call_and_may_be_repeated(redis_url: str, cancelled_again: int) -> None:
    async def scenario() -> None:
        async with open_booked(redis_url, cancelled_again=cancelled_again) as (world, made, _):
            await world.vendor.cancel(world.location, made, reason="ill", reference="FD-9")
            assert await world.calls() == {"cancel": 1}
            assert await world.made() == []
            reasons = [visit.extra.get("reason") for visit in world.emulator.book.visits.values() if visit.is_from_bot]
            assert reasons == ["ill [FD-9]"]
            await world.vendor.cancel(world.location, made)

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", ["cut_after", "fail_after", "truncate", "cut_before"])
def test_a_lost_cancellation_is_repeated(redis_url: str, kind: FaultKind) -> None:
    async def scenario() -> None:
        async with open_booked(redis_url) as (world, made, _):
            world.fail("cancel", kind)
            with pytest.raises(OutcomeUnknown):
                await world.vendor.cancel(world.location, made)
            await world.vendor.cancel(world.location, made)
            assert await world.made() == []

    asyncio.run(scenario())


def test_what_cannot_be_cancelled_is_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_booked(redis_url) as (world, made, _):
            world.fail("cancel", "refuse", status=400)
            with pytest.raises(CallStaff, match="status 400"):
                await world.vendor.cancel(world.location, made)
            with pytest.raises(CallStaff, match="404"):
                await world.vendor.cancel(world.location, replace(made, id="gone"))
            assert len(await world.made()) == 1

    asyncio.run(scenario())
