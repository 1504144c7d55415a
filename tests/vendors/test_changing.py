"""A moved appointment stands at its new time only, a cancelled one nowhere, however often it is asked for."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import AskCustomer, CallStaff, NotSupported, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Appointment, AppointmentStatus, Slot
from bot.sandbox.faults import FaultKind
from tests.vendors.cases import each_switch, each_vendor
from tests.vendors.world import NOAH, TOMORROW, Case, Notebook, World, instant, play

LATER = TOMORROW + timedelta(days=6)
"""A Monday."""


async def book_anna(world: World) -> tuple[Appointment, Slot]:
    """Mia's appointment with Anna, and another time that Anna has free."""
    anna = await world.find_staff("Anna")
    made = await world.book_first(staff_id=anna.id)
    return made, await world.choose(LATER, number=-1, staff_id=anna.id)


async def read(world: World, appointment: Appointment) -> Appointment:
    (mine,) = [one for one in await world.list_mine(appointment.customer_id) if one.id == appointment.id]
    return mine


@each_switch
def test_a_moved_appointment_stands_at_its_new_time_only(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        made, slot = await book_anna(world)
        if not world.vendor.traits.can_move:
            with pytest.raises(NotSupported):
                await world.move(made, slot)
            return
        moved = await world.move(made, slot)
        [row] = await world.live()
        assert (moved.id, moved.starts_at, instant(row)) == (row["id"], slot.starts_at, slot.starts_at)
        assert moved.starts_at.tzinfo == world.location.zone
        assert row["end_time"] > row["start_time"]
        assert row["staff_name"] == "Anna Lindqvist"
        assert made.starts_at in {one.starts_at for one in (await world.look()).slots}
        await world.settle_down()
        listed = await read(world, moved)
        assert (listed.starts_at, listed.status.is_live) == (slot.starts_at, True)
        await world.move(moved, (await world.look(LATER)).slots[0])
        assert len(await world.live()) == 1

    play(case, redis_url, scenario)


@each_switch
def test_what_cannot_be_moved_stays_where_it_is(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        if not world.vendor.traits.can_move:
            return
        made, slot = await book_anna(world)
        await world.fill(slot)
        with pytest.raises(SlotTaken) as caught:
            await world.move(made, slot)
        assert (caught.value.source, caught.value.reference) == (case.slug, "M4V3D2")
        [row] = await world.live()
        assert instant(row) == made.starts_at

    play(case, redis_url, scenario)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "fail_after", "truncate"])
@each_vendor
def test_a_move_whose_answer_was_lost_is_taken_up(case: Case, kind: FaultKind, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        if not world.vendor.traits.can_move:
            return
        made, slot = await book_anna(world)
        progress = Notebook()
        world.fail("move", kind, times=2)
        with pytest.raises((OutcomeUnknown, TryAgain)) as caught:
            await world.move(made, slot, progress)
        assert (caught.value.source, caught.value.reference) == (case.slug, "M4V3D2")
        await world.settle_down()
        moved = await world.move(made, slot, progress)
        [row] = await world.live()
        assert (moved.starts_at, instant(row), moved.id) == (slot.starts_at, slot.starts_at, row["id"])

    play(case, redis_url, scenario)


@each_switch
def test_a_cancelled_appointment_is_cancelled_however_often(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        made, _ = await book_anna(world)
        if not world.vendor.traits.can_cancel:
            with pytest.raises(NotSupported):
                await world.vendor.cancel(world.location, made)
            return
        await world.vendor.cancel(world.location, made, reason="asked by the guest", reference="C4NC3L")
        assert await world.live() == []
        assert (await world.find_row(made))["status"] == "cancelled"
        await world.settle_down()
        assert (await read(world, made)).status is AppointmentStatus.CANCELLED
        await world.vendor.cancel(world.location, made, reference="C4NC3L")
        assert made.starts_at in {one.starts_at for one in (await world.look()).slots}

    play(case, redis_url, scenario)


@pytest.mark.parametrize("kind", ["refuse", "cut_before", "cut_after", "fail_after", "truncate", "html", "rate_limit"])
@each_vendor
def test_a_cancel_may_be_repeated(case: Case, kind: FaultKind, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        if not world.vendor.traits.can_cancel:
            return
        made, _ = await book_anna(world)
        world.fail("cancel", kind, times=2)
        with pytest.raises((OutcomeUnknown, TryAgain)) as caught:
            await world.vendor.cancel(world.location, made, reference="C4NC3L")
        assert (caught.value.source, caught.value.reference) == (case.slug, "C4NC3L")
        await world.settle_down()
        await world.vendor.cancel(world.location, made, reference="C4NC3L")
        assert await world.live() == []

    play(case, redis_url, scenario)


@each_vendor
def test_what_was_cancelled_at_the_desk_is_cancelled(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        made, slot = await book_anna(world)
        await world.control("DELETE", f"/appointments/{made.id}")
        await world.settle_down()
        if world.vendor.traits.can_cancel:
            await world.vendor.cancel(world.location, made)
        assert (await read(world, made)).status is AppointmentStatus.CANCELLED
        if world.vendor.traits.can_move:
            with pytest.raises((CallStaff, AskCustomer)):
                await world.move(made, slot)
        assert await world.live() == []

    play(case, redis_url, scenario)


@each_vendor
def test_an_appointment_that_is_over_ends_in_a_clear_answer(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        made, slot = await book_anna(world)
        world.clock.advance(timedelta(days=3))
        for change in (world.move(made, slot), world.vendor.cancel(world.location, made)):
            with suppress(CallStaff, AskCustomer):
                await change

    play(case, redis_url, scenario)


@each_vendor
def test_an_unknown_appointment_changes_nothing(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        made, slot = await book_anna(world)
        unknown = "65f0a1b2ffffffffffffffff" if not made.id.isdecimal() else "987654"
        if "-" in made.id:
            unknown = "00000000-0000-4000-8000-000000000000"
        stranger = replace(made, id=unknown, vendor_ids=dict.fromkeys(made.vendor_ids, unknown))
        with pytest.raises((CallStaff, AskCustomer)):
            await world.move(stranger, slot)
        with suppress(CallStaff, AskCustomer):  # one that is gone for good may pass for cancelled
            await world.vendor.cancel(world.location, stranger)
        [row] = await world.live()
        assert instant(row) == made.starts_at

    play(case, redis_url, scenario)


@each_vendor
def test_only_the_one_who_asks_is_listed(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        made, _ = await book_anna(world)
        other = await world.book_first(contact=NOAH, day=LATER)
        await world.settle_down()
        assert other.customer_id != made.customer_id
        assert [one.id for one in await world.list_mine(made.customer_id)] == [made.id]
        assert [one.id for one in await world.list_mine(other.customer_id)] == [other.id]

    play(case, redis_url, scenario)
