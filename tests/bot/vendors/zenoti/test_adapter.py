import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import CallStaff, TryAgain
from bot.model import AppointmentStatus
from bot.sandbox.zenoti.demo import KEY_HARBOUR, KEY_HARBOUR_SECOND, TIME_ZONES
from bot.vendors.zenoti.client import segment
from tests.bot.vendors.zenoti.world import Notebook, in_days, open_world


def test_only_configured_centers_are_offered_in_the_settings_order(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            zones = dict(list(TIME_ZONES[KEY_HARBOUR].items())[1:][::-1])
            found = await world.rebuild(time_zones={name.upper(): zone for name, zone in zones.items()}).list_locations()
            assert [(one.name, one.time_zone, one.currency, one.country) for one in found] == [
                ("Bandra", "Asia/Kolkata", "INR", "IN"),
                ("Brooklyn", "America/New_York", "USD", "US"),
            ]
            assert found[1].address == "212 Bedford Ave, 11249 Brooklyn"

    asyncio.run(scenario())


def test_each_center_is_called_with_its_own_key(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            first = world.location.id
            mixed = world.rebuild(api_key="wrong", api_keys=dict.fromkeys(TIME_ZONES[KEY_HARBOUR], KEY_HARBOUR_SECOND))
            assert len(await mixed.list_locations()) == 3
            wrong = world.rebuild(api_keys={first: "wrong"})
            with pytest.raises(CallStaff):
                await wrong.list_services(world.location)
            other = replace(world.location, id=list(TIME_ZONES[KEY_HARBOUR])[1])
            assert await wrong.list_services(other)

    asyncio.run(scenario())


def test_keys_do_not_show_in_settings(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            zenoti = world.rebuild(api_key="5ecret", api_keys={"c1": "5ecret too"})
            assert "5ecret" not in repr(zenoti._settings)

    asyncio.run(scenario())


def test_services_are_those_one_guest_can_book(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            found = {one.name: one for one in await world.zenoti.list_services(world.location)}
            assert "Hair colour, short hair" in found
            assert not {"Hair colour", "Massage for two", "Bridal consultation", "Hot stones"} & set(found)
            massage = found["Swedish massage"]
            assert massage.price is not None
            assert (massage.price.currency, massage.price.minor_units, massage.duration) == ("EUR", 5500, timedelta(hours=1))
            assert massage.category == "Massage"

    asyncio.run(scenario())


def test_lists_are_read_to_the_last_page(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.emulator.switches.change({"mandatory_guest_fields": []})
            headers = {"Authorization": f"apikey {KEY_HARBOUR}"}
            for number in range(110):
                body = {"center_id": world.location.id, "personal_info": {"first_name": f"N{number}", "last_name": "Same"}}
                async with world.session.post(f"{world.address}/zenoti/v1/guests", json=body, headers=headers) as response:
                    assert response.status == 200
            client = world.zenoti._client
            rows = await client._read_pages("guests", "/v1/guests", KEY_HARBOUR, "guests", (("last_name", "Same"),))
            assert len({row["id"] for row in rows}) == 110

    asyncio.run(scenario())


def test_staff_are_those_who_do_the_service_else_everybody(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            skilled = await world.zenoti.list_staff(world.location, world.service.id)
            assert len(skilled) == 2
            world.fail("service_therapists", "refuse", status=404)
            assert len(await world.zenoti.list_staff(world.location, world.service.id)) == 5

    asyncio.run(scenario())


def test_a_look_costs_two_calls_and_tells_of_the_days_ahead(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            found = await world.look(day=in_days(-1))  # Sunday, closed
            assert await world.calls() == {"draft": 1, "slots": 1}
            assert found.slots == ()
            assert found.next_day == in_days(0)
            assert found.later[in_days(0)] is True

    asyncio.run(scenario())


def test_a_customers_appointments_come_with_their_ids(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = world.request((await world.look()).slots[0])
            made = await world.zenoti.book(world.location, request, Notebook())
            found = await world.zenoti.list_appointments(world.location, made.customer_id)
            assert [one.id for one in found] == [made.id]
            assert found[0].status is AppointmentStatus.BOOKED
            assert set(found[0].vendor_ids) == {"invoice_id", "invoice_item_id", "appointment_group_id"}
            assert found[0].starts_at == made.starts_at
            async with world.session.delete(f"{world.address}/control/zenoti/appointments/{made.id}"):
                pass
            assert await world.zenoti.find_booking(world.location, request, {}) is None
            found = await world.zenoti.list_appointments(world.location, made.customer_id)
            assert [one.status for one in found] == [AppointmentStatus.CANCELLED]

    asyncio.run(scenario())


def test_the_quota_is_left_to_those_who_confirm(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, calls_per_minute=60, limit=timedelta(seconds=1)) as world:
            request = world.request((await world.look()).slots[0])

            async def browse() -> None:
                while True:
                    await world.zenoti.list_services(world.location)

            with pytest.raises(TryAgain):
                await browse()
            await world.zenoti.book(world.location, request, Notebook())
            assert all(row["status"] != 429 for row in (await world.control("GET", "/calls"))["log"])

    asyncio.run(scenario())


@pytest.mark.parametrize("text", ["", "..", "../v1", "a/b", "a b", "a?b", "é", "a" * 65])
def test_what_is_no_id_never_reaches_a_path(text: str) -> None:
    with pytest.raises(CallStaff):
        segment(text)
