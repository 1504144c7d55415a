import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import AskCustomer, CallStaff, OutcomeUnknown, SlotTaken
from bot.model import Appointment, AppointmentStatus, MoveRequest, Slot
from tests.bot.vendors.setster.world import EMAIL, THURSDAY, Notebook, World, open_world

LATER = timedelta(minutes=5)


async def move(
    world: World, appointment: Appointment, slot: Slot, *, staff_id: str = "", progress: Notebook | None = None
) -> Appointment:
    request = MoveRequest("FD-1", slot.starts_at, slot.handle, staff_id)
    return await world.setster.move(world.location, appointment, request, progress or Notebook())


def test_a_booking_costs_two_calls(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book((await world.look()).slots[0])
            assert await world.calls() == {"availability": 1, "create": 1}
            assert (made.status, made.staff_name) == (AppointmentStatus.CONFIRMED, "Anna Lindqvist")

    asyncio.run(scenario())


def test_a_time_seen_long_ago_is_looked_up_again(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            world.clock.advance(LATER)
            await world.book(slot)
            assert await world.calls() == {"availability": 2, "create": 1}

    asyncio.run(scenario())


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("with_staff", [False, True])
def test_the_record_says_what_was_confirmed(redis_url: str, place: int, with_staff: bool) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, place=place) as world:
            staff_id = world.staff.id if with_staff else ""
            slot = (await world.look(staff_id=staff_id)).slots[0]
            made = await world.book(slot, staff_id=staff_id)
            (row,) = await world.made()
            assert row["id"] == made.id
            assert row["start_time"] == slot.starts_at.replace(tzinfo=None).isoformat()
            assert (row["guest_name"], row["guest_email"], row["guest_phone"]) == ("Noor Haddad", EMAIL, "+351910000000")
            assert row["staff_id"] == made.staff_id
            assert not with_staff or made.staff_id == staff_id
            assert made.ends_at - made.starts_at == timedelta(hours=1)

    asyncio.run(scenario())


def test_the_length_is_sent_and_a_multiple_of_fifteen(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            await world.settle_in(service="Lash lift")
            made = await world.book((await world.look()).slots[0])
            assert made.ends_at - made.starts_at == timedelta(hours=1)

    asyncio.run(scenario())


def test_a_length_that_is_no_multiple_is_rounded_up(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.garbling.changes["GET service"] = lambda body: body.replace(b'"duration": 60', b'"duration": 50')
            await world.setster.list_services(world.location)
            await world.book((await world.look()).slots[0])
            (row,) = await world.made()
            assert row["end_time"] > row["start_time"]

    asyncio.run(scenario())


def test_a_forgotten_catalogue_costs_one_more_call(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            await world.redis.delete("frontdesk:harbour:setster:services")
            await world.book(slot)
            assert await world.calls() == {"availability": 1, "services": 1, "create": 1}

    asyncio.run(scenario())


@pytest.mark.parametrize("enforces", [True, False])
def test_a_time_taken_between_list_and_create_is_gone(redis_url: str, enforces: bool) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, enforce_availability=enforces) as world:
            slot = (await world.look(staff_id=world.staff.id)).slots[0]
            start = slot.starts_at.replace(tzinfo=None).isoformat()
            desk = {"location_id": "501", "staff_id": world.staff.id, "service_id": world.service.id}
            await world.control("POST", "/appointments", json={**desk, "start_time": start, "guest_name": "Walk In"})
            world.clock.advance(LATER)
            with pytest.raises(SlotTaken):
                await world.book(slot, staff_id=world.staff.id)
            assert await world.made() == []

    asyncio.run(scenario())


@pytest.mark.parametrize("shape", [{}, {"errors_as_200": True}])
def test_a_create_refused_for_a_time_that_is_gone_says_so(redis_url: str, shape: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, **shape) as world:
            slot = (await world.look(staff_id=world.staff.id)).slots[0]
            start = slot.starts_at.replace(tzinfo=None).isoformat()
            desk = {"location_id": "501", "staff_id": world.staff.id, "service_id": world.service.id}
            await world.control("POST", "/appointments", json={**desk, "start_time": start, "guest_name": "Walk In"})
            progress = Notebook()
            with pytest.raises(SlotTaken):
                await world.setster.book(world.location, world.request(slot, staff_id=world.staff.id), progress)
            assert not any(progress.values.values())
            doubted = {"appointments": 1} if shape else {}  # HTTP did not say so: the record is asked
            assert await world.calls() == {"availability": 2, "create": 1, **doubted}

    asyncio.run(scenario())


def test_a_create_refused_for_another_reason_is_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, form_fields=[]) as world:
            with pytest.raises(CallStaff, match="booking_ref"):
                await world.book((await world.look()).slots[0])

    asyncio.run(scenario())


def test_an_address_that_is_refused_is_asked_for_again(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            with pytest.raises(AskCustomer) as wrong:
                await world.book(slot, email="noor@nowhere")
            assert wrong.value.text_key == "error.email_wrong"
            with pytest.raises(AskCustomer) as missing:
                await world.book(slot, email="")
            assert missing.value.text_key == "error.email_needed"

    asyncio.run(scenario())


def test_a_domain_of_aliases_spares_the_question_and_keeps_people_apart(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.setster = world.rebuild(alias_domain="desk.example.com")
            assert (world.setster.traits.needs_email, world.setster.traits.needs_phone) == (False, True)
            first, second = (await world.look()).slots[:8:7]
            mine = await world.setster.book(world.location, world.request(first, email=""), Notebook())
            other = world.request(second, email="", reference="FD-2")
            other = replace(other, contact=replace(other.contact, phone="+351910000001"))
            theirs = await world.setster.book(world.location, other, Notebook())
            assert mine.customer_id != theirs.customer_id
            assert [one.id for one in await world.setster.list_appointments(world.location, mine.customer_id)] == [mine.id]
            assert mine.customer_id.endswith("@desk.example.com")

    asyncio.run(scenario())


def test_a_booking_waits_for_nobodys_click(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, auto_confirm=False) as world:
            first, second = (await world.look()).slots[:8:7]
            assert (await world.book(first)).status is AppointmentStatus.CONFIRMED
            world.setster = world.rebuild(confirms=False)
            assert (await world.book(second, reference="FD-2")).status is AppointmentStatus.BOOKED

    asyncio.run(scenario())


@pytest.mark.parametrize("enforces", [True, False])
def test_of_twelve_who_want_one_time_exactly_one_gets_it(redis_url: str, enforces: bool) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, enforce_availability=enforces) as world:
            staff_id = world.staff.id
            slot = (await world.look(staff_id=staff_id)).slots[0]
            workers = [world.rebuild() for _ in range(4)]
            wishes = [world.request(slot, staff_id=staff_id, reference=f"FD-{number}") for number in range(12)]
            outcomes = await asyncio.gather(
                *(workers[number % 4].book(world.location, wish, Notebook()) for number, wish in enumerate(wishes)),
                return_exceptions=True,
            )
            assert [type(one) for one in outcomes if not isinstance(one, Appointment)] == [SlotTaken] * 11
            made = [row for number in range(12) for row in await world.made(f"FD-{number}")]
            assert len(made) == 1

    asyncio.run(scenario())


# ── A lost answer ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("zone", ["company", "location"])
@pytest.mark.parametrize("listed", ["own", "absent"])
@pytest.mark.parametrize("keeps_note", [True, False])
def test_a_lost_booking_is_found_in_every_zone(redis_url: str, place: int, zone: str, *, listed: str, keeps_note: bool) -> None:
    async def scenario() -> None:
        shape: dict[str, Any] = {"list_times_zone": zone, "listed_zone": listed, "keeps_note": keeps_note}
        async with open_world(redis_url, place=place, **shape) as world:
            if not keeps_note:
                world.setster = world.rebuild(reference_field="")
            slot, progress = (await world.look()).slots[0], Notebook()
            request = world.request(slot)
            world.fail("create", "cut_after")
            with pytest.raises(OutcomeUnknown):
                await world.setster.book(world.location, request, progress)
            assert progress.values["posted"]
            found = await world.setster.find_booking(world.location, request, progress.values)
            assert found is not None
            assert (found.starts_at, found.ends_at - found.starts_at) == (slot.starts_at, timedelta(hours=1))
            again = await world.setster.book(world.location, request, progress)
            assert again.id == found.id
            assert (await world.calls())["create"] == 1

    asyncio.run(scenario())


def test_another_booking_of_the_same_customer_is_not_taken_for_the_lost_one(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            await world.book(slot, reference="FD-OTHER")
            assert await world.setster.find_booking(world.location, world.request(slot), {"posted": "1"}) is None

    asyncio.run(scenario())


def test_a_cancelled_booking_is_not_found(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            made = await world.book(slot)
            await world.control("DELETE", f"/appointments/{made.id}")
            assert await world.setster.find_booking(world.location, world.request(slot), {}) is None

    asyncio.run(scenario())


def test_of_two_appointments_of_one_booking_the_first_stays(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, enforce_availability=False) as world:
            slot = (await world.look()).slots[0]
            first = await world.book(slot)
            world.clock.advance(timedelta(seconds=1))
            token = await world.read_token()
            double = {
                "company_id": 3001,
                "client_email": EMAIL,
                "client_name": "Noor Haddad",
                "service_id": int(world.service.id),
                "location_id": 501,
                "start_date": slot.handle,
                "note": "[FD-1]",
            }
            url = f"{world.address}/setster/api/v2/appointment"
            query = {"session_token": token, "company_id": "3001"}
            async with world.session.post(url, params=query, data={"data": json.dumps(double)}) as response:
                assert response.status == 200
            assert len(await world.made()) == 2
            found = await world.setster.find_booking(world.location, world.request(slot), {})
            assert found is not None
            assert [row["id"] for row in await world.made()] == [found.id] == [first.id]

    asyncio.run(scenario())


@pytest.mark.parametrize("data", ["null", "[]", '"ok"', '{"note": "x"}', '{"id": ""}'])
def test_an_answer_without_an_id_leaves_the_outcome_open(redis_url: str, data: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot, progress = (await world.look()).slots[0], Notebook()
            world.garbling.changes["POST appointment"] = lambda _: b'{"statusCode": 0, "data": ' + data.encode() + b"}"
            with pytest.raises(OutcomeUnknown):
                await world.setster.book(world.location, world.request(slot), progress)
            assert await world.check(world.request(slot), progress.values) is not None

    asyncio.run(scenario())


@pytest.mark.parametrize("data", [None, b"null"])
def test_a_refusal_that_only_a_number_says_is_looked_into(redis_url: str, data: bytes | None) -> None:
    """The booking was made all the same, and no second one is."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slots, progress = (await world.look()).slots, Notebook()
            request = world.request(slots[0])

            def refuse(body: bytes) -> bytes:
                return (
                    body.replace(b'"statusCode": 0', b'"statusCode": 1') if data is None else b'{"statusCode": 1, "data": null}'
                )

            world.garbling.changes["POST appointment"] = refuse
            try:
                made = await world.setster.book(world.location, request, progress)
            except OutcomeUnknown:
                assert data is None
                made = await world.setster.book(world.location, request, progress)
            assert [row["id"] for row in await world.made()] == [made.id]
            world.garbling.changes[f"PUT {made.id}"] = refuse
            try:
                moved = await move(world, made, slots[-1])
            except OutcomeUnknown:
                assert data is None
                world.garbling.changes.clear()
                moved = await move(world, made, slots[-1], progress=Notebook({"posted": "1"}))
            assert moved.starts_at == slots[-1].starts_at

    asyncio.run(scenario())


# ── Moving and cancelling ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_appointment_is_moved_in_place(redis_url: str, place: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, place=place) as world:
            slots = (await world.look()).slots
            made = await world.book(slots[0])
            moved = await move(world, made, slots[-1])
            (row,) = await world.made()
            assert (row["id"], row["start_time"]) == (made.id, slots[-1].starts_at.replace(tzinfo=None).isoformat())
            assert (moved.id, moved.starts_at, moved.ends_at - moved.starts_at) == (
                made.id,
                slots[-1].starts_at,
                timedelta(hours=1),
            )
            assert row["staff_id"] == moved.staff_id
            (listed,) = await world.setster.list_appointments(world.location, made.customer_id)
            assert listed.starts_at == moved.starts_at

    asyncio.run(scenario())


@pytest.mark.parametrize("enforces", [True, False])
def test_a_time_that_is_taken_leaves_the_appointment_where_it_is(redis_url: str, enforces: bool) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, enforce_availability=enforces) as world:
            staff_id = world.staff.id
            slots = (await world.look(staff_id=staff_id)).slots
            made = await world.book(slots[0], staff_id=staff_id)
            await world.book(slots[-1], staff_id=staff_id, reference="FD-2")
            with pytest.raises(SlotTaken):
                await move(world, made, slots[-1], staff_id=staff_id)
            (row,) = await world.made()
            assert row["start_time"] == slots[0].starts_at.replace(tzinfo=None).isoformat()

    asyncio.run(scenario())


def test_anyone_means_whoever_is_free_at_the_new_time(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            pooled = {slot.starts_at: slot for slot in (await world.look()).slots}
            people = await world.setster.list_staff(world.location, world.service.id)
            anna, rui = [{slot.starts_at for slot in (await world.look(staff_id=one.id)).slots} for one in people]
            start = (await world.look(staff_id=people[0].id)).slots[0]
            made = await world.book(start, staff_id=people[0].id)
            moved = await move(world, made, pooled[max(rui - anna)])
            assert (moved.staff_id, moved.staff_name) == (people[1].id, "Rui Carvalho")

    asyncio.run(scenario())


def test_a_lost_answer_to_a_move_is_repeated_to_the_same_end(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slots, progress = (await world.look()).slots, Notebook()
            made = await world.book(slots[0])
            request = MoveRequest("FD-1", slots[-1].starts_at, slots[-1].handle)
            world.fail("change", "fail_after")
            with pytest.raises(OutcomeUnknown):
                await world.setster.move(world.location, made, request, progress)
            moved = await world.setster.move(world.location, made, request, progress)
            assert moved.starts_at == slots[-1].starts_at
            assert len(await world.made()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_cancelled_appointment_stays_in_the_record(redis_url: str, place: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, place=place) as world:
            made = await world.book((await world.look()).slots[0])
            await world.clear_calls()
            await world.setster.cancel(world.location, made)
            assert await world.calls() == {"change": 1}
            assert await world.made() == []
            (listed,) = await world.setster.list_appointments(world.location, made.customer_id)
            assert listed.status is AppointmentStatus.CANCELLED
            await world.setster.cancel(world.location, made)
            await world.setster.cancel(world.location, listed)

    asyncio.run(scenario())


def test_an_appointment_known_by_its_number_alone_is_read_first(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slots = (await world.look()).slots
            made = replace(await world.book(slots[0]), vendor_ids={})
            await move(world, made, slots[-1])
            await world.setster.cancel(world.location, made)
            assert (await world.calls())["appointment"] == 2
            assert await world.made() == []

    asyncio.run(scenario())


@pytest.mark.parametrize("hours", [0, 96])
def test_the_business_rules_hold_although_the_owner_may(redis_url: str, hours: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, move_notice=hours, cancel_notice=hours) as world:
            slots = (await world.look(THURSDAY)).slots
            made = await world.book(slots[0])
            with pytest.raises(CallStaff, match="too late"):
                await move(world, made, slots[-1])
            with pytest.raises(CallStaff, match="too late"):
                await world.setster.cancel(world.location, made)
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_an_appointment_that_is_gone_is_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book((await world.look()).slots[0])
            gone: Any = replace(made, id="19599999999")
            with pytest.raises(CallStaff):
                await world.setster.cancel(world.location, gone)

    asyncio.run(scenario())
