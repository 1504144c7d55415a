"""An appointment keeps its id through a move, stands at one time only, and is cancelled once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Appointment, AppointmentStatus, MoveRequest, Slot
from tests.bot.vendors.zenoti.world import KNOWN_PHONE, Notebook, World, in_days, open_world

TOMORROW = in_days(1)
Scenario = Callable[[World, Appointment], Awaitable[None]]


def play(redis_url: str, scenario: Scenario) -> None:
    """Somebody known has an appointment."""

    async def run() -> None:
        async with open_world(redis_url) as world:
            guest = str((await world.guests(KNOWN_PHONE[4:]))[0]["id"])
            slot = (await world.look(customer_id=guest, day=TOMORROW)).slots[0]
            request = world.request(slot, phone=KNOWN_PHONE, customer_id=guest)
            appointment = await world.zenoti.book(world.location, request, Notebook())
            await world.clear_calls()
            await scenario(world, appointment)

    asyncio.run(run())


async def find_later(world: World) -> Slot:
    slot = (await world.look(day=in_days(2))).slots[-1]
    await world.clear_calls()
    return slot


def ask(slot: Slot) -> MoveRequest:
    return MoveRequest("FD-2", slot.starts_at, slot.handle)


async def read(world: World, appointment: Appointment) -> Appointment:
    world.emulator.faults.clear()
    await world.redis.flushall()
    found = await world.zenoti.list_appointments(world.location, appointment.customer_id)
    (mine,) = [one for one in found if one.id == appointment.id]
    return mine


def test_a_move_costs_three_calls_and_keeps_id_and_note(redis_url: str) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        slot = await find_later(world)
        moved = await world.zenoti.move(world.location, appointment, ask(slot), Notebook())
        assert await world.calls() == {"draft": 1, "reserve": 1, "confirm": 1}
        assert (moved.id, moved.starts_at, moved.starts_at.tzinfo) == (appointment.id, slot.starts_at, world.location.zone)
        assert moved.ends_at - moved.starts_at == appointment.ends_at - appointment.starts_at
        assert (await read(world, appointment)).starts_at == slot.starts_at
        assert [row["notes"] for row in await world.made()] == ["[FD-1]"]

    play(redis_url, scenario)


def test_ids_that_were_not_stored_are_looked_up(redis_url: str) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        slot = await find_later(world)
        await world.zenoti.move(world.location, replace(appointment, vendor_ids={}), ask(slot), Notebook())
        assert (await world.calls())["guest_appointments"] == 1
        assert (await read(world, appointment)).starts_at == slot.starts_at
        await world.zenoti.cancel(world.location, replace(appointment, vendor_ids={}, starts_at=slot.starts_at))
        assert (await read(world, appointment)).status is AppointmentStatus.CANCELLED

    play(redis_url, scenario)


def test_without_a_guest_nothing_can_be_looked_up(redis_url: str) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        slot = await find_later(world)
        stranger = replace(appointment, vendor_ids={}, customer_id="")
        with pytest.raises(CallStaff):
            await world.zenoti.move(world.location, stranger, ask(slot), Notebook())
        with pytest.raises(CallStaff):
            await world.zenoti.cancel(world.location, stranger)
        assert (await world.calls()).get("confirm", 0) == 0

    play(redis_url, scenario)


def test_a_time_that_was_taken_leaves_the_old_one(redis_url: str) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        slot = await find_later(world)
        for number, person in enumerate(await world.zenoti.list_staff(world.location, world.service.id)):
            body = {"location_id": world.location.id, "staff_id": person.id, "service_id": world.service.id}
            address = f"{world.address}/control/zenoti/appointments"
            more = {"start_time": slot.handle, "guest_name": f"Walk In {number}"}
            async with world.session.post(address, json=body | more) as response:
                assert response.status in (201, 409)
        with pytest.raises(SlotTaken):
            await world.zenoti.move(world.location, appointment, ask(slot), Notebook())
        assert (await read(world, appointment)).starts_at == appointment.starts_at

    play(redis_url, scenario)


@pytest.mark.parametrize(
    ("operation", "kind", "is_moved"),
    [
        ("draft", "refuse", False),
        ("draft", "cut_after", False),
        ("reserve", "cut_before", False),
        ("reserve", "cut_after", False),
        ("reserve", "html", False),
        ("confirm", "rate_limit", False),
        ("confirm", "refuse", False),
        ("confirm", "cut_before", False),
        ("confirm", "cut_after", True),
        ("confirm", "fail_after", True),
        ("confirm", "truncate", True),
        ("confirm", "html", False),
    ],
)
def test_an_unclear_move_is_taken_up_and_stands_once(redis_url: str, operation: str, kind: str, is_moved: bool) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        slot, progress = await find_later(world), Notebook()
        world.fail(operation, kind, times=3 if operation == "draft" else 1)  # type: ignore[arg-type]
        with pytest.raises((OutcomeUnknown, TryAgain, SlotTaken)) as caught:
            await world.zenoti.move(world.location, appointment, ask(slot), progress)
        assert (caught.value.source, bool(caught.value.verb)) == ("zenoti", True)
        assert isinstance(caught.value, OutcomeUnknown) or not is_moved
        await world.is_idle()
        expected = slot.starts_at if is_moved else appointment.starts_at
        assert (await read(world, appointment)).starts_at == expected
        moved = await world.zenoti.move(world.location, appointment, ask(slot), progress)
        assert (moved.id, moved.starts_at) == (appointment.id, slot.starts_at)
        assert (await read(world, appointment)).starts_at == slot.starts_at
        assert len(await world.made()) == 1

    play(redis_url, scenario)


def test_what_was_cancelled_meanwhile_is_not_moved(redis_url: str) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        slot = await find_later(world)
        await world.control("DELETE", f"/appointments/{appointment.id}")
        with pytest.raises(CallStaff):
            await world.zenoti.move(world.location, appointment, ask(slot), Notebook())

    play(redis_url, scenario)


def test_a_cancel_costs_one_call_and_says_why(redis_url: str) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        world.emulator.switches.cancel_comments_required = True
        await world.zenoti.cancel(world.location, appointment, reason="asked by the guest", reference="FD-2")
        assert await world.calls() == {"invoice_cancel": 1}
        assert (await read(world, appointment)).status is AppointmentStatus.CANCELLED

    play(redis_url, scenario)


def test_what_is_cancelled_already_stays_so(redis_url: str) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        await world.zenoti.cancel(world.location, appointment)
        await world.zenoti.cancel(world.location, appointment)
        assert (await read(world, appointment)).status is AppointmentStatus.CANCELLED

    play(redis_url, scenario)


def test_what_is_paid_for_is_cancelled_by_staff(redis_url: str) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        await world.control("PUT", f"/invoices/{appointment.vendor_ids['invoice_id']}/paid", json={"amount": 20})
        with pytest.raises(CallStaff):
            await world.zenoti.cancel(world.location, appointment)
        assert (await read(world, appointment)).status.is_live

    play(redis_url, scenario)


def test_an_invoice_with_more_on_it_is_cancelled_by_staff(redis_url: str) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        shared = replace(appointment, vendor_ids={**appointment.vendor_ids, "shares_invoice": "yes"})
        with pytest.raises(CallStaff):
            await world.zenoti.cancel(world.location, shared)
        assert await world.calls() == {}

    play(redis_url, scenario)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "fail_after", "truncate", "html", "rate_limit", "refuse"])
def test_a_cancel_may_be_repeated(redis_url: str, kind: str) -> None:
    async def scenario(world: World, appointment: Appointment) -> None:
        world.fail("invoice_cancel", kind, times=2)  # type: ignore[arg-type]  # a PUT on a used connection is sent twice
        with pytest.raises(FrontdeskError) as caught:
            await world.zenoti.cancel(world.location, appointment, reference="FD-2")
        assert isinstance(caught.value, OutcomeUnknown | TryAgain)
        assert caught.value.reference == "FD-2"
        world.emulator.faults.clear()
        await world.redis.flushall()
        await world.zenoti.cancel(world.location, appointment)
        assert (await read(world, appointment)).status is AppointmentStatus.CANCELLED

    play(redis_url, scenario)
