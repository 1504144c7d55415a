import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import CallStaff
from bot.model import AppointmentStatus, Money
from tests.bot.vendors.setster.world import THURSDAY, open_world

SHAPES: tuple[dict[str, Any], ...] = (
    {},
    {"ids_as_strings": False},
    {"flags_as_text": True},
    {"links_shape": "lists"},
    {"links_shape": "flags"},
    {"times_shape": "list"},
    {"omits_full_days": True},
    {"empty_as_list": False},
    {"week_starts": "sunday"},
    {"list_times_zone": "location"},
    {"list_times_zone": "company", "listed_zone": "absent"},
    {"end_date_inclusive": False},
    {"latency_serialised_per_token": True},
)


def test_the_catalogue_is_ours_whatever_its_shape(redis_url: str) -> None:
    async def scenario() -> None:
        for shape in SHAPES:
            async with open_world(redis_url, **shape) as world:
                names = [location.name for location in await world.setster.list_locations()]
                assert (names, world.location.time_zone, world.location.currency) == (
                    ["Harbour", "Brooklyn", "Bandra"],
                    "Europe/Lisbon",
                    "EUR",
                )
                assert (world.service.duration, world.service.price) == (timedelta(hours=1), Money(5500, "EUR"))
                staff = [one.name for one in await world.setster.list_staff(world.location, world.service.id)]
                assert staff == ["Anna Lindqvist", "Rui Carvalho"]

    asyncio.run(scenario())


def test_only_what_a_customer_can_book_alone_is_offered(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            offered = {service.name: service.duration for service in await world.setster.list_services(world.location)}
            assert "Beard trim" in offered
            assert offered["Beard trim"] == timedelta(minutes=30)
            assert not {"Hot stones", "Bridal consultation", "Massage for two", "Hair colour"} & set(offered)

    asyncio.run(scenario())


def test_a_location_without_a_zone_is_not_offered(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False, zone_names="display") as world:
            assert await world.setster.list_locations() == ()
            (only,) = await world.rebuild(time_zones={"502": "America/New_York"}).list_locations()
            assert (only.name, only.time_zone) == ("Brooklyn", "America/New_York")

    asyncio.run(scenario())


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_free_times_are_the_books_own_in_every_shape(redis_url: str, shape: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, place=1, **shape) as world:
            emulator = world.emulator
            place = emulator.book.businesses[0].places[1]
            swedish = emulator.book.businesses[0].treatments["swed"]
            for day in (THURSDAY, THURSDAY + timedelta(days=4)):  # the second one is closed
                found = await world.look(day)
                free = [start for start, _ in emulator.book.list_starts(place, swedish, None, day)]
                assert [slot.starts_at for slot in found.slots] == free
                assert {slot.starts_at.utcoffset() for slot in found.slots} <= {timedelta(hours=-5)}

    asyncio.run(scenario())


def test_one_look_tells_of_the_weeks_after(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            found = await world.look()
            assert await world.calls() == {"availability": 1}
            assert len(found.later) > 28
            assert found.next_day == THURSDAY + timedelta(days=1)
            assert found.later[THURSDAY + timedelta(days=3)] is False  # Sunday

    asyncio.run(scenario())


def test_times_within_the_notice_are_not_offered_even_where_the_owner_may(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, prior_notice=80) as world:
            earliest = world.clock.now() + timedelta(hours=80)
            found = await world.look()
            assert found.slots
            assert all(slot.starts_at >= earliest for slot in found.slots)

    asyncio.run(scenario())


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("zone", ["company", "location"])
def test_a_customers_appointments_are_at_their_own_hour(redis_url: str, zone: str, place: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, place=place, list_times_zone=zone) as world:
            slot = (await world.look()).slots[0]
            made = await world.book(slot)
            (found,) = await world.setster.list_appointments(world.location, made.customer_id)
            assert found.starts_at == slot.starts_at
            assert (found.id, found.ends_at, found.service_id, found.customer_id) == (
                made.id,
                made.ends_at,
                made.service_id,
                made.customer_id,
            )
            assert (found.status, found.service_name) == (AppointmentStatus.CONFIRMED, "Swedish massage")
            assert int(found.id) > 2**31

    asyncio.run(scenario())


def test_lists_without_a_zone_of_their_own_are_read_in_the_companys(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, place=2, listed_zone="absent") as world:
            slot = (await world.look()).slots[0]
            made = await world.book(slot)
            (found,) = await world.setster.list_appointments(world.location, made.customer_id)
            assert found.starts_at == slot.starts_at
            assert (await world.calls())["account"] == 1

    asyncio.run(scenario())


def test_appointments_elsewhere_are_in_their_own_zone(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            home = await world.book((await world.look()).slots[0])
            lisbon = world.location
            await world.settle_in(1)
            away = await world.book((await world.look()).slots[0], reference="FD-2")
            assert home.customer_id == away.customer_id
            found = await world.setster.list_appointments(lisbon, home.customer_id)
            assert {one.id: (one.location_id, one.starts_at.utcoffset()) for one in found} == {
                home.id: ("501", timedelta()),
                away.id: ("502", timedelta(hours=-5)),
            }

    asyncio.run(scenario())


def test_a_record_that_names_its_zone_is_read_in_it(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, place=1, list_times_zone="location") as world:
            slot = (await world.look()).slots[0]
            made = await world.book(slot)
            world.garbling.changes["GET appointment"] = lambda body: body.replace(b"timezone_offset_seconds", b"x")
            (found,) = await world.setster.list_appointments(world.location, made.customer_id)
            assert found.starts_at == slot.starts_at

    asyncio.run(scenario())


def test_a_strangers_appointment_is_not_shown_whatever_the_list_holds(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            made = await world.book((await world.look()).slots[0])
            client = made.customer_id.partition(":")[0].encode()

            def change(body: bytes) -> bytes:
                return body.replace(b"noor@", b"else@").replace(b'"' + client + b'"', b'"1"')

            world.garbling.changes["GET appointment"] = change
            assert await world.setster.list_appointments(world.location, made.customer_id) == ()
            assert await world.setster.list_appointments(world.location, "") == ()

    asyncio.run(scenario())


def test_a_day_that_the_weeks_leave_out_is_asked_for_by_itself(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            whole = await world.look()

            def leave_out(body: bytes) -> bytes:
                data = json.loads(body)
                if len(data["data"]["times"]) > 1:
                    del data["data"]["times"][THURSDAY.isoformat()]
                return json.dumps(data).encode()

            world.garbling.changes["GET availability"] = leave_out
            assert (await world.look()).slots == whole.slots
            assert await world.calls() == {"availability": 3}

    asyncio.run(scenario())


def test_an_id_that_is_none_is_never_sent(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.service = world.service.__class__("../account", "x", timedelta(hours=1))
            with pytest.raises(CallStaff):
                await world.look()
            assert await world.calls() == {}

    asyncio.run(scenario())


def test_what_an_account_lacks_is_named(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False, zone_names="display") as world:
            bare = world.rebuild(reference_field="", time_zones={"501": "Europe/Lisbon"})
            await bare.list_locations()
            gaps = "\n".join(await bare.list_gaps())
            assert all(part in gaps for part in ("reference_field", "502, 503", "company_time_zone"))
            world.switch(zone_names="iana")
            full = world.rebuild()
            await full.list_locations()
            (only,) = await full.list_gaps()
            assert "outside Europe/Lisbon" in only

    asyncio.run(scenario())
