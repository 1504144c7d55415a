import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.errors import AskCustomer, CallStaff, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Appointment, Contact
from tests.bot.vendors.whautomate.world import NEW_PHONE, REGULAR_PHONE, Notebook, in_days, open_world

# ── The happy path ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_customer_costs_two_calls_and_so_does_a_known_one(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            first = await world.book((await world.look()).slots[0])
            assert await world.calls() == {"slots": 1, "book": 1}
            await world.book((await world.look()).slots[4], customer_id=first.customer_id, phone="", reference="FD-2")
            assert await world.calls() == {"slots": 2, "book": 2}
            guest = (await world.guests(NEW_PHONE))[0]
            assert (guest["id"], guest["name"]) == (first.customer_id, "Mia Chen")

    asyncio.run(scenario())


@pytest.mark.parametrize("time_format", ["12h", "24h", "iso", "iso-z"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_slots_own_spelling_books_the_very_time(redis_url: str, time_format: str, place: int) -> None:
    """The emulator takes no other spelling than its own."""

    async def scenario() -> None:
        async with open_world(redis_url, place=place, time_format=time_format) as world:
            slot = (await world.look(day=in_days(2))).slots[-1]
            made = await world.book(slot)
            assert made.starts_at == slot.starts_at
            row = (await world.made())[0]
            assert row["start_time"] == slot.starts_at.replace(tzinfo=None).isoformat()

    asyncio.run(scenario())


@pytest.mark.parametrize("false_z", [True, False])
@pytest.mark.parametrize("echo_notes", [True, False])
def test_a_booking_is_read_as_it_is_in_the_record(redis_url: str, false_z: bool, echo_notes: bool) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, false_z=false_z, echo_notes=echo_notes) as world:
            slot, person = (await world.look(staff_id=world.staff[1].id)).slots[0], world.staff[1]
            made = await world.book(slot, staff_id=person.id)
            assert (made.starts_at, made.ends_at) == (slot.starts_at, slot.starts_at + world.service.duration)
            assert (made.staff_id, made.staff_name, made.service_name) == (person.id, person.name, world.service.name)
            row = (await world.made())[0]
            assert (row["id"], row["notes"], row["guest_phone"]) == (made.id, "[FD-1]", NEW_PHONE)

    asyncio.run(scenario())


def test_a_clash_is_never_asked_for(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book((await world.look()).slots[0])
            later = (await world.look(staff_id=made.staff_id)).slots[-1]
            await world.vendor.move(world.location, made, world.move_to(later), Notebook())
            flags = [visit.extra["override"] for visit in world.emulator.book.visits.values() if visit.is_from_bot]
            assert flags == [False]

    asyncio.run(scenario())


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("phone_form", ["national", "repeated"])
def test_a_regular_is_linked_by_phone_where_the_vendor_does(redis_url: str, links: bool, phone_form: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, inline_client_links_by_phone=links, phone_form=phone_form) as world:
            slot = (await world.look()).slots[0]
            made = await world.book(slot, phone=REGULAR_PHONE)
            assert len(await world.guests(REGULAR_PHONE)) == (1 if links else 2)
            assert await world.check(world.request(slot, phone=REGULAR_PHONE), {}) == made

    asyncio.run(scenario())


def test_a_number_of_another_country_is_booked_with_its_own_code(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            await world.book(slot, phone="+14165550123")
            assert (await world.guests("+14165550123"))[0]["phone"] == "+1|4165550123"
            assert await world.check(world.request(slot, phone="+14165550123"), {}) is not None

    asyncio.run(scenario())


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [400, 409, 422])
@pytest.mark.parametrize("slots_without_staff", ["union", "error"])
@pytest.mark.parametrize("is_named", [True, False])
def test_a_time_taken_in_between_is_said_after_a_second_look(
    redis_url: str, status: int, slots_without_staff: str, is_named: bool
) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, taken_status=status, slots_without_staff=slots_without_staff) as world:
            person = world.staff[0].id if is_named else ""
            slot, progress = (await world.look(staff_id=person)).slots[0], Notebook()
            await world.fill(slot)
            with pytest.raises(SlotTaken):
                await world.vendor.book(world.location, world.request(slot, staff_id=person), progress)
            assert not any(progress.kept.values())
            assert await world.made() == []

    asyncio.run(scenario())


def test_a_refusal_of_a_free_time_is_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.fail("book", "refuse", status=400)
            person = world.staff[1].id
            slot = (await world.look(staff_id=person)).slots[0]
            with pytest.raises(CallStaff, match="status 400, though the time is free"):
                await world.book(slot, staff_id=person)

    asyncio.run(scenario())


def test_a_vendor_that_does_not_choose_by_itself_is_told_who(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, book_without_staff="error") as world:
            slot = (await world.look()).slots[0]
            made = await world.book(slot)
            assert made.starts_at == slot.starts_at
            assert made.staff_id in [one.id for one in world.staff]
            assert (await world.calls())["book"] == 2

    asyncio.run(scenario())


def test_somebody_else_is_tried_when_the_chosen_one_was_taken_meanwhile(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, book_without_staff="error") as world:
            slot = await world.find_time_of_both()
            world.fail("book", "refuse", status=400, times=2)
            made = await world.book(slot)
            assert made.staff_id == world.staff[1].id
            world.fail("book", "refuse", status=400, times=3)
            with pytest.raises(TryAgain):
                await world.book(await world.find_time_of_both(ahead=1), reference="FD-2")

    asyncio.run(scenario())


def test_a_customer_whose_record_is_gone_is_booked_by_phone(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot, progress = (await world.look()).slots[0], Notebook()
            made = await world.vendor.book(world.location, world.request(slot, customer_id="gone"), progress)
            assert made.customer_id == (await world.guests(NEW_PHONE))[0]["id"]
            assert progress.saves == [
                {"posted": "known", "staff": ""},
                {"posted": "", "staff": ""},
                {"posted": "inline", "staff": ""},
            ]
            with pytest.raises(CallStaff, match="404"):
                await world.book((await world.look()).slots[4], customer_id="gone", phone="", reference="FD-2")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("contact", "key"),
    [
        (Contact("Mia Chen"), "error.phone_needed"),
        (Contact("Mia Chen", "+3519"), "error.phone_wrong"),
        (Contact("Mia Chen", "912345678"), "error.phone_wrong"),
        (Contact("  ", NEW_PHONE), "error.name_needed"),
    ],
)
def test_a_missing_detail_is_asked_for_before_anything_is_sent(redis_url: str, contact: Contact, key: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = replace(world.request((await world.look()).slots[0]), contact=contact)
            progress = Notebook()
            with pytest.raises(AskCustomer) as caught:
                await world.vendor.book(world.location, request, progress)
            assert (caught.value.text_key, progress.kept) == (key, {})
            assert "book" not in await world.calls()

    asyncio.run(scenario())


# ── Something else than was asked for ────────────────────────────────────────────────────────────────────────────────


def change_answer(**changes: Any) -> Callable[[bytes], bytes]:
    return lambda body: json.dumps(json.loads(body) | changes).encode()


def test_an_appointment_made_at_another_time_is_undone(redis_url: str) -> None:
    """As it would be if a slot's text had been misread."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slots = (await world.look()).slots
            request, progress = world.request(replace(slots[0], handle=slots[6].handle)), Notebook()
            with pytest.raises(CallStaff, match="undone"):
                await world.vendor.book(world.location, request, progress)
            assert await world.made() == []
            assert await world.vendor.find_booking(world.location, request, progress.values) is None

    asyncio.run(scenario())


def test_undoing_is_taken_up_again_until_it_is_certain(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slots = (await world.look()).slots
            request, progress = world.request(replace(slots[0], handle=slots[6].handle)), Notebook()
            for kind in ("cut_before", "cut_after"):
                world.fail("cancel", kind)
                with pytest.raises(OutcomeUnknown):
                    await world.vendor.book(world.location, request, progress)
            with pytest.raises(CallStaff, match="undone"):
                await world.vendor.book(world.location, request, progress)
            assert await world.made() == []
            assert (await world.calls())["book"] == 1

    asyncio.run(scenario())


def test_an_answer_with_another_time_than_the_record_is_not_believed(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            world.garbling.changes["POST appointments"] = change_answer(startTimeUTC="2030-07-08T03:00:00.000Z")
            made = await world.book(slot)
            assert made.starts_at == slot.starts_at
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_a_place_on_the_vendors_waiting_list_is_no_booking(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            waiting = change_answer(status="Waitlisted")
            world.garbling.changes["POST appointments"] = waiting
            world.garbling.changes |= {f"GET 65f0a1b2{number:016x}": waiting for number in range(900, 1200)}
            with pytest.raises(CallStaff, match="undone"):
                await world.book(slot)
            assert await world.made() == []

    asyncio.run(scenario())


@pytest.mark.parametrize("changes", [{"id": None}, {"startTimeUTC": None}, {"startTimeUTC": 7}, {"id": ["x"]}])
def test_an_answer_that_shows_no_appointment_is_looked_up(redis_url: str, changes: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.garbling.changes["POST appointments"] = change_answer(**changes)
            with pytest.raises(OutcomeUnknown):
                await world.vendor.book(world.location, request, progress)
            assert isinstance(await world.check(request, progress.values), Appointment)

    asyncio.run(scenario())


# ── Many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("book_without_staff", ["assigned", "error"])
def test_twelve_who_confirm_one_time_get_as_many_as_there_are_people(redis_url: str, book_without_staff: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, book_without_staff=book_without_staff) as world:
            slot = await world.find_time_of_both()
            requests = [world.request(slot, phone=f"+35191234{n:04}", reference=f"FD-{n}x") for n in range(12)]
            results = await asyncio.gather(
                *(world.vendor.book(world.location, request, Notebook()) for request in requests), return_exceptions=True
            )
            made = [one for one in results if isinstance(one, Appointment)]
            assert len({one.staff_id for one in made}) == len(made) == len(world.staff)
            assert sum(isinstance(one, SlotTaken) for one in results) == 12 - len(made)

    asyncio.run(scenario())


def test_a_named_person_is_given_once(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            person = world.staff[0].id
            slot = (await world.look(staff_id=person)).slots[0]
            await world.book(slot, staff_id=person)
            with pytest.raises(SlotTaken) as error:
                await world.book(slot, staff_id=person, phone=REGULAR_PHONE, reference="FD-2")
            assert "FD-2" in str(error.value)

    asyncio.run(scenario())
