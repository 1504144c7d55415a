import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.errors import CallStaff, TryAgain
from bot.model import SlotQuery
from bot.redisclient import connect
from bot.vendors.catalog import Catalog
from tests.bot.vendors.zenoti.world import TODAY, World, in_days, open_world


def make_catalog(world: World, redis: Redis | None = None) -> Catalog:
    catalog = Catalog(world.zenoti, redis or world.redis, business="harbour", now=world.clock.now)
    world.closing.push_async_callback(catalog.close)
    return catalog


def connect_again(world: World, url: str) -> Redis:
    redis = connect(url)
    world.closing.push_async_callback(redis.aclose)
    return redis


async def browse(catalog: Catalog, number: int) -> int:
    """One customer goes from locations to times; the number of free times seen."""
    location = (await catalog.list_locations())[0]
    service = (await catalog.list_services(location.id))[number % 2]
    await catalog.list_staff(location.id, service.id)
    openings = await catalog.find_openings(SlotQuery(location.id, service.id, in_days(3)))
    assert all(slot.starts_at.tzinfo is location.zone for slot in openings.slots)
    return len(openings.slots)


async def count_trips(redis: Redis) -> int:
    return int((await redis.info("commandstats")).get("cmdstat_mget", {}).get("calls", 0))


def test_two_hundred_customers_within_a_minute_cost_eight_calls(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            other = connect_again(world, redis_url)
            catalogs = [make_catalog(world), make_catalog(world, other)]
            seen = await asyncio.gather(*(browse(catalogs[number % 4 // 2], number) for number in range(200)))
            assert min(seen) > 0
            assert sum((await world.calls()).values()) <= 8  # centers, services, 2 x (therapists, draft, slots)

    asyncio.run(scenario())


def test_what_is_at_hand_costs_no_trip_to_redis(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            catalog = make_catalog(world)
            await browse(catalog, 0)
            before = await count_trips(world.redis)
            await browse(catalog, 0)
            assert await count_trips(world.redis) == before
            world.clock.advance(timedelta(seconds=6))
            await browse(catalog, 0)
            assert await count_trips(world.redis) == before + 1  # the openings
            assert sum((await world.calls()).values()) == 5

    asyncio.run(scenario())


def test_openings_are_never_older_than_a_minute(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            catalog = make_catalog(world)
            slot = (await catalog.find_openings(world.query())).slots[0]
            body = {
                "location_id": world.location.id,
                "service_id": world.service.id,
                "start_time": slot.handle,
                "guest_name": "Walk In",
            }
            for person in await world.zenoti.list_staff(world.location, world.service.id):
                async with world.session.post(
                    f"{world.address}/control/zenoti/appointments", json=body | {"staff_id": person.id}
                ) as response:
                    assert response.status in (201, 409)
            world.clock.advance(timedelta(seconds=61))
            assert slot.handle not in [one.handle for one in (await catalog.find_openings(world.query())).slots]

    asyncio.run(scenario())


def test_stale_openings_are_renewed_behind_the_answer(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            catalog = make_catalog(world)
            await catalog.find_openings(world.query())
            world.clock.advance(timedelta(seconds=31))
            await catalog.find_openings(world.query())
            while (await world.calls()).get("slots", 0) < 2:
                await catalog.find_openings(world.query())
            await catalog.close()

    asyncio.run(scenario())


def test_openings_are_forgotten_after_our_own_booking_even_while_being_read(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            catalog, other = make_catalog(world), make_catalog(world)
            await catalog.find_openings(world.query())
            await catalog.forget_openings(world.location.id, TODAY)
            await other.find_openings(world.query())
            assert (await world.calls())["slots"] == 2
            await catalog.forget_openings(world.location.id, TODAY)
            world.fail("slots", "slow_after", seconds=0.1)
            reading = asyncio.create_task(other.find_openings(world.query()))
            world.clock.advance(timedelta(seconds=6))
            while (await world.calls())["slots"] < 3:
                pass
            await other.forget_openings(world.location.id, TODAY)
            await reading
            await other.find_openings(world.query())
            assert (await world.calls())["slots"] == 4

    asyncio.run(scenario())


def test_a_vendor_that_is_away_leaves_the_list_of_yesterday(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            catalog = make_catalog(world)
            before = await catalog.list_services(world.location.id)
            world.fail("*", "refuse", times=100)
            world.clock.advance(timedelta(hours=20))
            assert await catalog.list_services(world.location.id) == before
            await catalog.close()
            world.clock.advance(timedelta(hours=20))
            with pytest.raises(TryAgain):
                await catalog.list_services(world.location.id)
            await catalog.close()

    asyncio.run(scenario())


def test_without_redis_the_vendor_is_read(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            nowhere = connect_again(world, "unix:///nowhere/redis.sock")
            catalog = make_catalog(world, nowhere)
            assert await browse(catalog, 0) > 0
            await catalog.forget_openings(world.location.id, in_days(3))
            assert await browse(catalog, 0) > 0
            assert (await world.calls())["slots"] == 2

    asyncio.run(scenario())


def test_a_copy_that_cannot_be_read_is_read_again(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            for rubbish in (
                b"\xff",
                b"{}",
                b'{"at":"x","epoch":0,"value":1}',
                b'{"at":"2030-01-07T07:00:00+00:00","epoch":0,"value":[3]}',
            ):
                await world.redis.set("frontdesk:catalog:{harbour}:locations", rubbish)
                assert len(await make_catalog(world).list_locations()) == 3

    asyncio.run(scenario())


def test_a_location_that_is_not_offered_is_one_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            with pytest.raises(CallStaff):
                await make_catalog(world).list_services("elsewhere")

    asyncio.run(scenario())


def test_a_reader_that_died_holds_nobody_up_for_ever(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            await world.redis.set("frontdesk:catalog:{harbour}:locations:lock", b"somebody", px=100)
            assert len(await make_catalog(world).list_locations()) == 3

    asyncio.run(scenario())
