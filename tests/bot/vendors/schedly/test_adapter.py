import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import AskCustomer, CallStaff, OutcomeUnknown, SlotTaken, TryAgain, VendorChanged
from bot.model import AppointmentStatus, MoveRequest
from bot.sandbox.salon import KEY_HARBOUR
from bot.vendors.schedly import KeyAccess
from tests.bot.vendors.schedly.world import Notebook, World, in_days, open_world

SHAPES: list[dict[str, Any]] = [
    {"envelope": "wrapped"},
    {"list_envelope": "data"},
    {"list_envelope": "status"},
    {"list_envelope": "named"},
    {"list_envelope": "named", "envelope": "wrapped"},
    {"availability_shape": 2},
    {"availability_shape": 3},
    {"availability_shape": 4},
    {"notes": "kept"},
    {"notes": "refused"},
    {"list_ids": False},
    {"profile": "nested"},
    {"profile": "nested", "envelope": "wrapped"},
    {"profile": "plain"},
    {"profile": "plain", "list_filters": False},
    {"profile": "plain", "envelope": "wrapped", "list_envelope": "named"},
    {"change_needs_times": True},
    {"create_checks": False},
    {"missing_query_status": 400},
    {"ignores_employee": True},
    {"phone_search": "raw"},
    {"availability_aliases": False},
]
"""Every switch for a fact that the wire notes only infer."""


def name(switches: dict[str, Any]) -> str:
    return ",".join(f"{key}={value}" for key, value in switches.items())


def test_locations_are_in_their_own_zone_and_country(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            found = await world.schedly.list_locations()
            assert [(one.name, one.time_zone, one.country) for one in found] == [
                ("Harbour", "Europe/Lisbon", "PT"),
                ("Brooklyn", "America/New_York", "US"),
                ("Bandra", "Asia/Kolkata", "IN"),
            ]
            assert found[1].address == "212 Bedford Ave, 11249 Brooklyn"
            moved = world.rebuild(time_zones={found[0].id: "Atlantic/Azores"})
            assert (await moved.list_locations())[0].time_zone == "Atlantic/Azores"

    asyncio.run(scenario())


def test_a_location_without_a_zone_has_the_companys(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False) as world:
            world.garbling.changes["locations"] = lambda body: body.replace(b'"timeZone"', b'"zone"')
            assert {one.time_zone for one in await world.schedly.list_locations()} == {"Europe/Lisbon"}
            assert await world.calls() == {"locations": 1, "company": 1}

    asyncio.run(scenario())


def test_no_zone_at_all_is_one_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False) as world:
            world.garbling.changes["locations"] = lambda body: body.replace(b'"timeZone"', b'"zone"')
            world.garbling.changes["company-settings"] = lambda _: b"{}"
            with pytest.raises(CallStaff, match="time_zones"):
                await world.schedly.list_locations()

    asyncio.run(scenario())


def test_services_are_those_of_the_location_in_its_currency(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            found = {one.name: one for one in await world.schedly.list_services(world.location)}
            massage = found["Swedish massage"]
            assert massage.price is not None
            assert (massage.price.currency, massage.price.minor_units, massage.duration) == ("EUR", 5500, timedelta(hours=1))
            assert massage.category == "Massage"
            assert not {"Hair colour", "Massage for two", "Hot stones"} & set(found)
            brooklyn = (await world.schedly.list_locations())[1]
            there = next(one for one in await world.schedly.list_services(brooklyn) if one.name == "Swedish massage")
            assert there.price is not None
            assert there.price.currency == "USD"
            assert there.id != massage.id
            assert len(await world.schedly.list_staff(world.location, massage.id)) == 2

    asyncio.run(scenario())


def test_the_lists_of_three_locations_cost_one_call_each(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False) as world:
            for location in await world.schedly.list_locations():
                for service in await world.schedly.list_services(location):
                    await world.schedly.list_staff(location, service.id)
            assert await world.calls() == {"locations": 1, "services": 1, "employees": 1}

    asyncio.run(scenario())


def test_a_look_costs_one_call_and_tells_of_the_week(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            found = await world.look(day=in_days(-1))  # Sunday, closed
            assert await world.calls() == {"availability": 1}
            assert found.slots == ()
            assert found.next_day == in_days(0)
            assert found.later[in_days(0)] is True
            assert all(slot.starts_at.tzinfo is world.location.zone for slot in (await world.look()).slots)

    asyncio.run(scenario())


def test_a_new_customer_costs_four_calls_and_a_known_one_two(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book()
            assert await world.calls() == {"availability": 1, "customer_search": 1, "customer_create": 1, "create": 1}
            await world.clear_calls()
            other = await world.book(customer_id=made.customer_id, reference="FD-2")
            assert await world.calls() == {"availability": 1, "create": 1}
            assert other.customer_id == made.customer_id
            assert len(await world.guests()) == 1

    asyncio.run(scenario())


def test_another_process_books_at_the_same_price_of_calls(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book()
            world.clock.advance(timedelta(minutes=10))
            await world.clear_calls()
            world.schedly = world.rebuild()
            await world.book(customer_id=made.customer_id, reference="FD-2")
            assert await world.calls() == {"availability": 1, "create": 1}

    asyncio.run(scenario())


@pytest.mark.parametrize("switches", [{}, *SHAPES], ids=name)
def test_a_booking_is_made_found_moved_and_cancelled(redis_url: str, switches: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False) as world:
            world.switch(**switches)
            await world.settle_in()
            slots = (await world.look()).slots
            request, progress = world.request(slots[0]), Notebook()
            made = await world.schedly.book(world.location, request, progress)
            assert (made.starts_at, made.ends_at - made.starts_at) == (request.starts_at, world.service.duration)
            assert made.staff_name
            assert made.service_name == "Swedish massage"
            found = await world.check(request, progress.values)
            assert found is not None
            assert found.id == made.id
            await world.schedly.list_services(world.location)
            await move_and_cancel(world, made.id, made.customer_id)

    asyncio.run(scenario())


async def move_and_cancel(world: World, appointment_id: str, customer_id: str) -> None:
    (made,) = await world.schedly.list_appointments(world.location, customer_id)
    slot = next(one for one in (await world.look(day=in_days(1))).slots if one.starts_at.hour >= 12)
    wish = MoveRequest("FD-9", slot.starts_at, slot.handle)
    moved = await world.schedly.move(world.location, made, wish, Notebook())
    assert (moved.id, moved.starts_at, moved.ends_at) == (appointment_id, slot.starts_at, slot.starts_at + world.service.duration)
    (row,) = await world.made()
    assert row["start_time"] == slot.starts_at.replace(tzinfo=None).isoformat()
    await world.schedly.cancel(world.location, moved, reason="ill")
    assert await world.made() == []
    assert [one.status for one in await world.schedly.list_appointments(world.location, customer_id)] == [
        AppointmentStatus.CANCELLED
    ]
    await world.schedly.cancel(world.location, moved)


def test_an_appointment_elsewhere_is_in_the_zone_of_its_place(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book()
            brooklyn = (await world.schedly.list_locations())[1]
            other = world.rebuild()
            (found,) = await other.list_appointments(brooklyn, made.customer_id)
            assert (found.location_id, found.starts_at.tzinfo) == (world.location.id, world.location.zone)

    asyncio.run(scenario())


def test_a_move_onto_a_taken_time_leaves_the_old_one(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book()
            slot = (await world.look(staff_id=made.staff_id)).slots[-1]
            taken = world.request(slot, staff_id=made.staff_id, reference="FD-2", phone="+351912345679")
            await world.schedly.book(world.location, taken, Notebook())
            with pytest.raises(SlotTaken):
                await world.schedly.move(world.location, made, MoveRequest("FD-9", slot.starts_at, slot.handle), Notebook())
            (still,) = await world.schedly.list_appointments(world.location, made.customer_id)
            assert still.starts_at == made.starts_at

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", ["cut_after", "fail_after", "truncate"])
def test_a_change_whose_answer_is_lost_may_be_repeated(redis_url: str, kind: Any) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book()
            slot = (await world.look(staff_id=made.staff_id, day=in_days(1))).slots[0]
            wish = MoveRequest("FD-9", slot.starts_at, slot.handle, made.staff_id)
            world.fail("change", kind, times=2)
            with pytest.raises(OutcomeUnknown):
                await world.schedly.move(world.location, made, wish, Notebook())
            world.emulator.faults.clear()
            (found,) = await world.schedly.list_appointments(world.location, made.customer_id)
            assert found.starts_at == slot.starts_at
            assert (await world.schedly.move(world.location, made, wish, Notebook())).starts_at == slot.starts_at

    asyncio.run(scenario())


def test_a_row_deleted_at_the_desk_counts_as_cancelled(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book()
            url = f"{world.address}/schedly/api/services/appointments?id={made.id}"
            async with world.session.delete(url, headers={"cal-api-key": KEY_HARBOUR}) as response:
                assert response.status == 200
            await world.schedly.cancel(world.location, made)
            with pytest.raises(CallStaff):
                await world.schedly.move(world.location, made, MoveRequest("FD-9", made.starts_at, ""), Notebook())

    asyncio.run(scenario())


def test_an_answer_that_contradicts_the_change_is_not_believed(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book()
            world.garbling.changes["appointments"] = lambda body: body.replace(b"canceled", b"approved")
            with pytest.raises(OutcomeUnknown):
                await world.schedly.cancel(world.location, made)

    asyncio.run(scenario())


def test_who_gave_the_number_is_told_from_who_has_it(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            stranger = {"name": "Mia Chen", "phone": "+34 912 345 678"}
            same = {"name": "Mia Chen", "phone": "912-345-678"}
            for body in (stranger, same, same):
                url = f"{world.address}/schedly/api/services/customers"
                async with world.session.post(url, json=body, headers={"cal-api-key": KEY_HARBOUR}) as response:
                    assert response.status == 201
            made = await world.book()
            ids = [row["id"] for row in await world.control("GET", "/guests") if row["phone"] == "912-345-678"]
            assert made.customer_id == ids[0]
            assert await world.guests() == []

    asyncio.run(scenario())


def test_a_customer_deleted_since_is_found_or_made_again(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book(customer_id="99999")
            assert [row["id"] for row in await world.guests()] == [made.customer_id]
            assert (await world.calls())["create"] == 2

    asyncio.run(scenario())


def test_appointments_that_might_be_anybodys_are_not_taken_for_none(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(profile="plain", list_ids=False)
            with pytest.raises(VendorChanged):
                await world.schedly.list_appointments(world.location, "1")

    asyncio.run(scenario())


def test_a_missing_detail_is_asked_for(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = world.request((await world.look()).slots[0])
            for change, key in (({"name": " "}, "error.name_needed"), ({"phone": ""}, "error.phone_needed")):
                wish = replace(request, contact=replace(request.contact, **change))
                with pytest.raises(AskCustomer) as caught:
                    await world.schedly.book(world.location, wish, Notebook())
                assert caught.value.text_key == key
            wish = replace(request, contact=replace(request.contact, email="nowhere"))
            with pytest.raises(AskCustomer) as caught:
                await world.schedly.book(world.location, wish, Notebook())
            assert caught.value.text_key == "error.email_wrong"
            assert await world.made() == []

    asyncio.run(scenario())


def test_anyone_is_somebody_else_where_the_first_was_taken_meanwhile(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slots = [slot for ahead in range(5) for slot in (await world.look(day=in_days(ahead))).slots]
            slot = next(one for one in slots if one.handle.count(",") == 1)
            first = await world.schedly.book(world.location, world.request(slot), Notebook())
            other = world.request(slot, phone="+351912345679", reference="FD-2")
            second = await world.schedly.book(world.location, other, Notebook())
            assert first.staff_id != second.staff_id
            third = world.request(slot, phone="+351912345670", reference="FD-3")
            with pytest.raises(SlotTaken):
                await world.schedly.book(world.location, third, Notebook())
            assert len(await world.made()) == 2

    asyncio.run(scenario())


def test_a_service_that_is_gone_is_one_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = replace(world.request((await world.look()).slots[0]), service_id="999")
            with pytest.raises(CallStaff):
                await world.schedly.book(world.location, request, Notebook())
            assert await world.made() == []

    asyncio.run(scenario())


def test_a_refused_key_is_one_for_staff_and_does_not_show(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False) as world:
            with pytest.raises(CallStaff) as caught:
                await world.rebuild(KeyAccess("5ecret")).list_locations()
            assert "5ecret" not in f"{caught.value} {KeyAccess('5ecret')!r}"

    asyncio.run(scenario())


@pytest.mark.parametrize("retry_after", ["seconds", "date", "none"])
def test_the_quota_is_kept_whatever_a_429_says(redis_url: str, retry_after: Any) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, limit=timedelta(seconds=1)) as world:
            slot = (await world.look()).slots[0]
            world.switch(calls_per_minute=2, retry_after=retry_after)
            await world.look(day=in_days(1))
            await world.look(day=in_days(2))
            await world.redis.delete(*await world.redis.keys("frontdesk:rate*"))  # as if another program had spent them
            with pytest.raises(TryAgain) as caught:
                await world.schedly.book(world.location, world.request(slot), Notebook())
            assert timedelta(seconds=30) < caught.value.after <= timedelta(seconds=62)
            assert await world.made() == []

    asyncio.run(scenario())


@pytest.mark.parametrize("text", ["", "..", "../v1", "a/b", "a b", "a?b", "1&2", "é", "a" * 65])
def test_what_is_no_id_never_reaches_a_call(redis_url: str, text: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            with pytest.raises(CallStaff):
                await world.schedly.list_appointments(world.location, text)
            assert await world.calls() == {}

    asyncio.run(scenario())
