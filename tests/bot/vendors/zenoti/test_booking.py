import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import AskCustomer, CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Slot
from tests.bot.vendors.zenoti.world import KNOWN_PHONE, NEW_PHONE, TODAY, Notebook, World, open_world


async def find_known(world: World) -> str:
    return str((await world.guests(KNOWN_PHONE[4:]))[0]["id"])


async def fill(world: World, slot: Slot) -> None:
    """Somebody else takes everybody who is free at this time."""
    body = {"location_id": world.location.id, "service_id": world.service.id, "start_time": slot.handle, "guest_name": "Walk In"}
    for person in await world.zenoti.list_staff(world.location, world.service.id):
        address = f"{world.address}/control/zenoti/appointments"
        async with world.session.post(address, json=body | {"staff_id": person.id}) as response:
            assert response.status in (201, 409)
    await world.clear_calls()


def test_a_known_guest_costs_four_calls_with_the_look(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            guest = await find_known(world)
            openings = await world.look(customer_id=guest)
            request = world.request(openings.slots[0], phone=KNOWN_PHONE, customer_id=guest)
            appointment = await world.zenoti.book(world.location, request, Notebook())
            assert await world.calls() == {"draft": 1, "slots": 1, "reserve": 1, "confirm": 1}
            assert (appointment.starts_at, appointment.customer_id) == (request.starts_at, guest)
            assert appointment.starts_at.tzinfo is world.location.zone
            assert [row["id"] for row in await world.made()] == [appointment.id]

    asyncio.run(scenario())


def test_a_new_guest_costs_seven_calls_with_the_look(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            openings = await world.look()
            request = world.request(openings.slots[0], phone=NEW_PHONE)
            appointment = await world.zenoti.book(world.location, request, Notebook())
            calls = await world.calls()
            assert calls.pop("countries") == 1  # once a day and process
            assert calls == {"draft": 2, "slots": 1, "guest_search": 1, "guest_create": 1, "reserve": 1, "confirm": 1}
            found = await world.zenoti.find_booking(world.location, request, {})
            assert found is not None
            assert found.id == appointment.id
            guest = (await world.guests(NEW_PHONE[4:]))[0]["personal_info"]
            assert (guest["first_name"], guest["last_name"], guest["gender"]) == ("Mia", "Chen", -1)

    asyncio.run(scenario())


def test_a_guest_known_by_phone_alone_is_found_not_made(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = world.request((await world.look()).slots[0], phone=KNOWN_PHONE)
            appointment = await world.zenoti.book(world.location, request, Notebook())
            assert appointment.customer_id == await find_known(world)
            assert "guest_create" not in await world.calls()

    asyncio.run(scenario())


def test_a_stranger_that_the_search_returns_is_not_booked_for(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            strangers = json.dumps({"guests": await world.control("GET", "/guests")}).encode()
            world.garbling.changes = {"search": lambda _: strangers}
            request = world.request((await world.look()).slots[0])
            appointment = await world.zenoti.book(world.location, request, Notebook())
            assert [row["id"] for row in await world.guests(NEW_PHONE[4:])] == [appointment.customer_id]
            by_email = replace(request, contact=replace(request.contact, phone="", email="nobody@example.com"))
            assert await world.zenoti.find_booking(world.location, by_email, {}) is None

    asyncio.run(scenario())


def test_a_draft_is_used_once(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            guest = await find_known(world)
            slots = (await world.look(customer_id=guest)).slots
            for number in (0, -1):
                request = world.request(slots[number], phone=KNOWN_PHONE, customer_id=guest, reference=f"FD-{number}")
                await world.zenoti.book(world.location, request, Notebook())
            calls = await world.calls()
            assert (calls["draft"], calls["reserve"]) == (2, 2)

    asyncio.run(scenario())


def test_an_old_look_is_renewed_before_anything_is_held(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = world.request((await world.look()).slots[0])
            await world.redis.flushall()  # five minutes later
            await world.zenoti.book(world.location, request, Notebook())
            assert (await world.calls())["slots"] == 2

    asyncio.run(scenario())


@pytest.mark.parametrize("is_look_old", [False, True])
@pytest.mark.parametrize("is_known", [False, True])
def test_a_time_that_is_gone_is_taken_only_after_reading_back(redis_url: str, is_known: bool, is_look_old: bool) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            guest = await find_known(world) if is_known else ""
            slot = (await world.look(customer_id=guest)).slots[0]
            await fill(world, slot)
            if is_look_old:
                await world.redis.flushall()
            progress, request = Notebook(), world.request(slot, phone=KNOWN_PHONE, customer_id=guest)
            with pytest.raises(SlotTaken):
                await world.zenoti.book(world.location, request, progress)
            assert (await world.calls())["slots"] == 1
            assert "confirm" not in await world.calls()
            assert await world.check(request, progress.values) is None

    asyncio.run(scenario())


def test_twelve_at_once_are_one_booking_and_eleven_taken(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look(staff_id=world.staff.id)).slots[0]
            requests = [
                replace(world.request(slot, phone=f"+3519123000{number:02}", reference=f"FD-{number}"), staff_id=world.staff.id)
                for number in range(12)
            ]
            results = await asyncio.gather(
                *(world.zenoti.book(world.location, request, Notebook()) for request in requests), return_exceptions=True
            )
            assert sorted(type(result).__name__ for result in results) == ["Appointment"] + ["SlotTaken"] * 11
            assert len(await world.made("FD-")) == 1

    asyncio.run(scenario())


def test_a_refused_hold_of_a_time_still_listed_is_tried_once_more(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = world.request((await world.look()).slots[0])
            world.fail("reserve", "refuse", status=400)
            await world.zenoti.book(world.location, request, Notebook())
            assert (await world.calls())["reserve"] == 2
            world.fail("reserve", "refuse", status=400, times=9)
            with pytest.raises(TryAgain):
                await world.zenoti.book(
                    world.location, world.request((await world.look()).slots[-1], reference="FD-2"), Notebook()
                )
            assert len(await world.made("FD-")) == 1

    asyncio.run(scenario())


def test_a_forgotten_draft_is_replaced(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.emulator.switches.change({"draft_minutes": 1})
            guest = await find_known(world)
            request = world.request((await world.look(customer_id=guest)).slots[0], phone=KNOWN_PHONE, customer_id=guest)
            world.clock.advance(timedelta(minutes=2))
            await world.zenoti.book(world.location, request, Notebook())
            assert len(await world.made()) == 1

    asyncio.run(scenario())


class Sleeper(Notebook):
    """A worker that is paused right before the confirm."""

    def __init__(self, world: World, pause: timedelta) -> None:
        super().__init__()
        self._world = world
        self._pause: timedelta | None = pause
        self.rival: Slot | None = None

    async def save(self, **values: str) -> None:
        await super().save(**values)
        if values["step"] == "confirm" and self._pause:
            self._world.clock.advance(self._pause)
            self._pause = None
            if self.rival:
                await fill(self._world, self.rival)


def test_a_hold_that_ran_out_is_taken_again_silently(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = world.request((await world.look()).slots[-1])
            progress = Sleeper(world, timedelta(minutes=11))
            await world.zenoti.book(world.location, request, progress)
            assert progress.steps == ["reserve", "confirm", "refused", "reserve", "confirm"]
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_a_hold_that_ran_out_and_was_taken_by_another_is_taken(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[-1]
            progress = Sleeper(world, timedelta(minutes=11))
            progress.rival = slot
            with pytest.raises(SlotTaken):
                await world.zenoti.book(world.location, world.request(slot), progress)
            assert await world.made() == []

    asyncio.run(scenario())


@pytest.mark.parametrize("is_taken", [True, False])
def test_a_worker_lost_after_a_refused_confirm_leaves_nothing_to_wait_for(redis_url: str, is_taken: bool) -> None:
    """Its look was cut off. The next one looks, and goes on with a new draft at once."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[-1]
            request, lost = world.request(slot), Sleeper(world, timedelta(minutes=11))
            lost.rival = slot if is_taken else None
            world.fail("guest_appointments", "refuse", times=9)
            with pytest.raises(OutcomeUnknown):
                await world.zenoti.book(world.location, request, lost)
            assert await world.check(request, lost.values) is None
            await world.clear_calls()
            if is_taken:
                with pytest.raises(SlotTaken):
                    await world.rebuild().book(world.location, request, Notebook(dict(lost.kept)))
            else:
                await world.rebuild().book(world.location, request, Notebook(dict(lost.kept)))
            assert len(await world.made()) == (not is_taken)
            calls = await world.calls()
            assert (calls["guest_appointments"], calls.get("confirm", 0)) == (1, not is_taken)

    asyncio.run(scenario())


def test_after_a_refused_confirm_the_record_is_believed_before_anything_else(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            made = await world.zenoti.book(world.location, request, progress)
            await progress.save(step="refused")
            await world.clear_calls()
            assert (await world.zenoti.book(world.location, request, progress)).id == made.id
            assert await world.calls() == {"guest_appointments": 1}

    asyncio.run(scenario())


def test_a_first_confirm_said_to_be_made_already_stays_in_doubt(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.emulator.switches.change({"read_delay_seconds": 20})
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            await world.zenoti.book(world.location, request, progress)
            await progress.save(step="reserve")  # as if that confirm were another one's
            world.garbling.changes = {"reserve": lambda _: b'{"is_reserved": true}'}
            for _ in range(2):
                with pytest.raises(OutcomeUnknown):
                    await world.zenoti.book(world.location, request, progress)
            assert "refused" not in progress.steps
            assert len(await world.made()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("is_in_progress", [False, True])
def test_a_stored_guest_that_is_gone_is_searched_again(redis_url: str, is_in_progress: bool) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            gone = "00000000-0000-0000-0000-000000000000"
            slot = (await world.look(customer_id=gone)).slots[0]
            request = world.request(slot, phone=KNOWN_PHONE, customer_id="" if is_in_progress else gone)
            progress = Notebook({"guest": gone} if is_in_progress else {})
            appointment = await world.zenoti.book(world.location, request, progress)
            assert appointment.customer_id == await find_known(world)
            assert await world.check(request, {"guest": gone}) is not None

    asyncio.run(scenario())


def test_a_service_that_is_gone_is_one_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = replace(world.request((await world.look()).slots[0]), service_id="00000000-0000-0000-0000-000000000000")
            with pytest.raises(CallStaff):
                await world.zenoti.book(world.location, request, Notebook())

    asyncio.run(scenario())


def test_a_confirm_refused_without_a_reason_we_know_is_one_for_staff_after_a_look(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slots = (await world.look()).slots
            world.fail("confirm", "refuse", status=400, times=2)
            with pytest.raises(CallStaff):
                await world.zenoti.book(world.location, world.request(slots[0]), Notebook())
            assert (await world.calls())["guest_appointments"] == 1
            world.fail("guest_appointments", "refuse", times=9)
            with pytest.raises(OutcomeUnknown):
                await world.zenoti.book(world.location, world.request(slots[-1]), Notebook())

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("switches", "contact", "expected"),
    [
        ({"mandatory_guest_fields": ["email"]}, {}, "error.email_needed"),
        ({"mandatory_guest_fields": ["email"], "guest_failure": "silent"}, {}, "error.email_needed"),
        ({"mandatory_guest_fields": ["email"]}, {"email": "mia@example.com"}, ""),
        ({"mandatory_guest_fields": ["city"]}, {"email": "mia@example.com"}, "CallStaff"),
        ({"mandatory_guest_fields": ["city"], "guest_failure": "silent"}, {"email": "mia@example.com"}, "CallStaff"),
        ({"unique_email": True}, {"email": "guest1@example.com"}, "error.email_taken"),
        ({}, {"phone": "+999123"}, "error.phone_wrong"),
        ({}, {"phone": "+3519123"}, "error.phone_wrong"),
        ({}, {"phone": ""}, "error.phone_needed"),
        ({}, {"name": "  "}, "error.name_needed"),
        ({}, {"name": "Cher"}, ""),
        ({"mandatory_guest_fields": ["mobile_phone"]}, {"phone": "", "email": "new@example.com"}, "error.phone_needed"),
        ({"search_across_centers": False}, {}, ""),
        ({"phone_search": "international"}, {}, ""),
    ],
)
def test_a_new_guest_is_made_or_told_what_is_missing(
    redis_url: str, switches: dict[str, Any], contact: dict[str, str], expected: str
) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.emulator.switches.change(switches)
            request = world.request((await world.look()).slots[0])
            request = replace(request, contact=replace(request.contact, **contact))
            try:
                await world.zenoti.book(world.location, request, Notebook())
                outcome = ""
            except AskCustomer as error:
                outcome = error.text_key
            except FrontdeskError as error:
                outcome = type(error).__name__
            assert outcome == expected
            assert len(await world.made()) == (not expected)

    asyncio.run(scenario())


SWITCHES: list[dict[str, Any]] = [
    {"booking_error_casing": "lower", "booking_error_status": 400},
    {"write_error_casing": "upper", "write_error_status": 400},
    {"catalogue_error_casing": "upper", "catalogue_error_status": 400, "paging_error_status": 200},
    {"grid_minutes": 5},
    {"second_reserve": "refused"},
    {"second_reserve": "adds"},
    {"second_confirm": "repeat"},
    {"future_days": "always", "future_days_ahead": 30},
    {"future_days": "never"},
    {"past_times": "unavailable"},
    {"past_times": "hidden"},
    {"available_flag": False},
    {"duplicate_slots": True, "slot_prices": True},
    {"search_across_centers": False},
    {"phone_search": "international"},
    {"phone_search": "either"},
    {"upper_case_guest_ids": True},
    {"guest_double_booking": "refused"},
    {"guest_failure": "silent"},
    {"appointments_wrapped": True},
    {"rate_limit_level": "both", "calls_per_minute": 60},
    {"rate_limit_level": "api", "calls_per_minute": 60, "quota_scope": "key"},
]


@pytest.mark.parametrize("switches", SWITCHES, ids=lambda switches: "-".join(switches))
def test_a_booking_succeeds_under_every_switch(redis_url: str, switches: dict[str, Any]) -> None:
    """Also with answers lost on the way, and a rival's is taken."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.emulator.switches.change(switches)
            openings = await world.look()
            assert openings.day == TODAY
            assert len({slot.starts_at for slot in openings.slots}) == len(openings.slots)
            request, progress = world.request(openings.slots[0]), Notebook()
            world.fail("reserve", "cut_after")
            world.fail("confirm", "cut_after")
            with pytest.raises(OutcomeUnknown):
                await world.zenoti.book(world.location, request, progress)
            assert await world.check(request, progress.values) is not None
            rival = world.request(openings.slots[-1], phone=KNOWN_PHONE, reference="FD-2")
            await fill(world, openings.slots[-1])
            with pytest.raises(SlotTaken):
                await world.zenoti.book(world.location, rival, Notebook())

    asyncio.run(scenario())


@pytest.mark.parametrize("second_reserve", ["moves", "adds", "refused"])
@pytest.mark.parametrize("number", [0, 1])
def test_a_hold_that_was_left_is_no_obstacle_to_trying_again(redis_url: str, second_reserve: Any, number: int) -> None:
    """A confirm that was turned away leaves the time held: by this very customer, who was told to try again."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.emulator.switches.second_reserve = second_reserve
            guest = await find_known(world)
            slots = (await world.look(customer_id=guest, staff_id=world.staff.id)).slots
            first = replace(world.request(slots[0], phone=KNOWN_PHONE, customer_id=guest), staff_id=world.staff.id)
            world.fail("confirm", "rate_limit", seconds=1)
            with pytest.raises(TryAgain):
                await world.zenoti.book(world.location, first, Notebook())
            bucket = [key async for key in world.redis.scan_iter(match="frontdesk:rate:*")]
            await world.redis.delete(*bucket)  # a second later
            again = replace(first, reference="FD-2", starts_at=slots[number].starts_at, handle=slots[number].handle)
            if second_reserve == "refused" and number:
                with pytest.raises(TryAgain):
                    await world.zenoti.book(world.location, again, Notebook())
                return
            made = await world.zenoti.book(world.location, again, Notebook())
            assert made.starts_at == again.starts_at
            assert [row["start_time"] for row in await world.made("FD-2")] == [again.handle]

    asyncio.run(scenario())


@pytest.mark.parametrize("phone_search", ["national", "international", "either"])
def test_whoever_was_made_is_found_the_next_time(redis_url: str, phone_search: Any) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.emulator.switches.phone_search = phone_search
            slots = (await world.look()).slots
            first = await world.zenoti.book(world.location, world.request(slots[0]), Notebook())
            again = await world.zenoti.book(world.location, world.request(slots[-1], reference="FD-2"), Notebook())
            assert first.customer_id == again.customer_id
            assert len(await world.guests(NEW_PHONE[4:])) == 1

    asyncio.run(scenario())
