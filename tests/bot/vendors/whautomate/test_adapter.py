import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.errors import CallStaff, FrontdeskError, TryAgain, VendorChanged
from bot.model import AppointmentStatus, Contact
from bot.vendors.failures import KeyRefused
from tests.bot.vendors.whautomate.world import REGULAR_PHONE, TIME_ZONES, World, in_days, open_world


def test_locations_come_in_the_order_of_the_settings_with_their_zones(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            found = await world.vendor.list_locations()
            assert [(one.name, one.time_zone, one.currency) for one in found] == [
                ("Harbour", "Europe/Lisbon", "EUR"),
                ("Brooklyn", "America/New_York", "USD"),
                ("Bandra", "Asia/Kolkata", "INR"),
            ]
            one = world.rebuild(time_zones={found[1].id: "America/New_York", "gone": "UTC"}, currency="GBP")
            assert [(place.name, place.currency) for place in await one.list_locations()] == [("Brooklyn", "GBP")]

    asyncio.run(scenario())


@pytest.mark.parametrize("page", [5, 10, 20])
def test_a_list_is_read_to_its_end_whatever_the_page_size(redis_url: str, page: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            whole = await world.vendor.list_services(world.location)
            world.turn(largest_page_size=page)
            if page == 5:  # no cap anybody has: taken for a short page
                assert len(await world.vendor.list_services(world.location)) < len(whole)
            else:
                assert await world.vendor.list_services(world.location) == whole

    asyncio.run(scenario())


def test_services_are_those_customers_book_by_themselves(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            names = {one.name for one in await world.vendor.list_services(world.location)}
            assert {"Haircut & finish", "Hair colour, short hair"} <= names
            assert not {"Hair colour", "Massage for two", "Hot stones", "Bridal consultation"} & names

    asyncio.run(scenario())


def test_staff_of_all_services_cost_two_calls_and_nobody_inactive_is_named(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, place=2) as world:
            services = await world.vendor.list_services(world.location)
            world.vendor = world.rebuild()
            await world.clear_calls()
            found = [await world.vendor.list_staff(world.location, one.id) for one in services]
            assert await world.calls() == {"services": 1, "staffs": 1}
            names = {one.name for staff in found for one in staff}
            assert "Kavya Iyer" in names
            assert "Meera Nair" not in names

    asyncio.run(scenario())


def test_staff_are_named_by_the_service_where_the_key_may_not_read_them(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            vendor = world.rebuild()
            world.fail("staffs", "refuse", status=404)
            assert await vendor.list_staff(world.location, world.service.id) == world.staff

    asyncio.run(scenario())


@pytest.mark.parametrize("time_format", ["12h", "24h", "iso", "iso-z"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_times_are_the_locations_whatever_the_format(redis_url: str, time_format: str, place: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, place=place) as world:
            day = in_days(2)
            expected = [slot.starts_at for slot in (await world.look(day=day)).slots]
            world.turn(time_format=time_format)
            found = (await world.look(day=day)).slots
            assert [slot.starts_at for slot in found] == expected
            assert expected
            assert all(slot.starts_at.tzinfo is world.location.zone and slot.starts_at.date() == day for slot in found)

    asyncio.run(scenario())


@pytest.mark.parametrize(("next_three_days", "expected"), [(3, 2), (1, 0)])
@pytest.mark.parametrize("empty_days", ["empty", "missing"])
def test_one_look_tells_of_later_days_where_the_vendor_does(
    redis_url: str, next_three_days: int, expected: int, empty_days: str
) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, next_three_days=next_three_days, empty_days=empty_days) as world:
            found = await world.look(day=in_days(1))
            assert [in_days(2), in_days(3)][:expected] == list(found.later)
            closed = await world.look(day=in_days(6))  # a Sunday
            assert closed.slots == ()
            assert await world.calls() == {"slots": 2}

    asyncio.run(scenario())


def test_times_for_anyone_are_put_together_where_the_vendor_wants_somebody(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            union = await world.look(day=in_days(1))
            world.turn(slots_without_staff="error")
            await world.clear_calls()
            assert await world.look(day=in_days(1)) == union
            assert await world.calls() == {"slots": 1 + len(world.staff)}
            await world.look(day=in_days(1))
            assert (await world.calls())["slots"] == 1 + 2 * len(world.staff)  # the refusal is remembered

    asyncio.run(scenario())


@pytest.mark.parametrize("staff", [True, False])
def test_what_is_full_is_not_offered(redis_url: str, staff: bool) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            person = world.staff[0].id if staff else ""
            slot = (await world.look(staff_id=person)).slots[0]
            await world.fill(slot)
            assert slot.starts_at not in [one.starts_at for one in (await world.look(staff_id=person)).slots]

    asyncio.run(scenario())


def test_a_customers_appointments_are_listed_with_their_fate_and_nobody_elses(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slots = (await world.look()).slots
            first = await world.book(slots[0])
            second = await world.book(slots[-1], customer_id=first.customer_id, reference="FD-2")
            await world.vendor.cancel(world.location, first)
            await world.book(slots[0], phone=REGULAR_PHONE, reference="FD-3")
            found = await world.vendor.list_appointments(world.location, first.customer_id)
            assert [(one.id, one.status) for one in found] == [
                (first.id, AppointmentStatus.CANCELLED),
                (second.id, AppointmentStatus.BOOKED),
            ]
            assert found[1] == second

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [403, 401])
def test_a_refused_key_is_for_staff_at_every_verb(redis_url: str, status: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, forbidden_status=status) as world:
            slot = (await world.look()).slots[0]
            world.vendor = world.rebuild(api_key="wrong")
            with pytest.raises(KeyRefused):
                await world.vendor.list_locations()
            with pytest.raises(KeyRefused):
                await world.vendor.list_staff(world.location, world.service.id)
            with pytest.raises(KeyRefused):
                await world.book(slot)

    asyncio.run(scenario())


@pytest.mark.parametrize("headers", ["none", "seconds", "date", "x-ratelimit"])
def test_the_vendors_limit_is_waited_for_in_every_form_it_is_told(redis_url: str, headers: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, rate_headers=headers, limit=timedelta(seconds=1)) as world:
            world.turn(calls_per_minute=1)
            await world.redis.flushall()
            await world.look()
            with pytest.raises(TryAgain) as caught:
                await world.look()
            if headers in ("seconds", "date", "x-ratelimit"):
                assert timedelta(seconds=50) < caught.value.after <= timedelta(seconds=61)
            assert caught.value.after > timedelta()

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", ["html", "refuse", "cut_before", "truncate"])
def test_a_read_that_fails_once_is_read_again(redis_url: str, kind: Any) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            expected = await world.look()
            for operation in ("slots", "locations", "services"):
                world.fail(operation, kind)
            assert await world.look() == expected
            assert (await world.vendor.list_locations())[0] == world.location
            assert await world.find_service(world.service.name) == world.service

    asyncio.run(scenario())


@pytest.mark.parametrize("body", [b"{}", b"null", b'"text"', b"[1]", b"[{}]"])
@pytest.mark.parametrize("path", ["locations", "services", "slots", "appointments"])
def test_an_answer_that_is_not_understood_says_so(redis_url: str, path: str, body: bytes) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.garbling.changes[f"GET {path}"] = lambda _: body
            with pytest.raises(FrontdeskError) as caught:
                await read(world, path)
            assert isinstance(caught.value, VendorChanged | TryAgain)
            assert caught.value.source == "whautomate"

    asyncio.run(scenario())


async def read(world: World, path: str) -> object:
    vendor, location = world.vendor, world.location
    match path:
        case "locations":
            return await vendor.list_locations()
        case "services":
            return await vendor.list_services(location)
        case "slots":
            return await world.look()
        case _:
            return await vendor.list_appointments(location, "65e9c3d40000000000000001")


def test_an_unknown_location_is_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            gone = type(world.location)("gone", "Gone", "Europe/Lisbon")
            with pytest.raises(CallStaff, match="404"):
                await world.vendor.list_services(gone)

    asyncio.run(scenario())


def test_check_names_what_an_account_lacks(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            await world.vendor.list_locations()
            assert await world.vendor.list_gaps() == ()
            first, second, third = TIME_ZONES
            world.vendor = world.rebuild(time_zones={first: "UTC", second: "America/Chicago"})
            await world.vendor.list_locations()
            assert await world.vendor.list_gaps() == (
                f"location {third} (Bandra) is not offered until its zone stands under time_zones",
                "Harbour: set currency, or prices are not shown",
                "Harbour: appointments are kept in Europe/Lisbon, time_zones says UTC",
                "Brooklyn: appointments are kept in America/New_York, time_zones says America/Chicago",
            )

    asyncio.run(scenario())


def test_check_names_services_that_nobody_performs_or_books(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            for before, after, expected in (
                (b'"allowOnlineBooking": true', b'"allowOnlineBooking": false', "allowed to be booked online"),
                (b'"staffs": [', b'"staff": [', "nobody performs Haircut & finish, Beard trim"),
            ):
                world.garbling.changes["GET services"] = partial(replace_in, before=before, after=after)
                world.vendor = world.rebuild()
                await world.vendor.list_locations()
                assert expected in (await world.vendor.list_gaps())[0]

    asyncio.run(scenario())


def replace_in(body: bytes, *, before: bytes, after: bytes) -> bytes:
    return body.replace(before, after)


@pytest.mark.parametrize("phone_form", ["national", "repeated"])
def test_a_customer_is_found_by_their_very_number(redis_url: str, phone_form: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, phone_form=phone_form) as world:
            [regular] = await world.guests(REGULAR_PHONE)
            find = partial(world.vendor.find_customer, world.location)
            assert await find(Contact("Sofia", REGULAR_PHONE)) == regular["id"]
            assert await find(Contact("Sofia", REGULAR_PHONE[:-1])) == ""
            assert await find(Contact("Sofia", f"+34{REGULAR_PHONE[4:]}")) == ""
            await world.clear_calls()
            assert await find(Contact("Sofia")) == ""
            assert await world.calls() == {}

    asyncio.run(scenario())
