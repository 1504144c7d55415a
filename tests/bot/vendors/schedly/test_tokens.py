"""Refresh tokens die with their use: whatever goes wrong in between, the business must not be locked out."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import CallStaff, VendorChanged
from bot.sandbox.salon import KEY_HARBOUR
from bot.sandbox.schedly.sign_in import CLIENT_SECRET, REFRESH_TOKENS
from bot.vendors.schedly import TokenAccess
from tests.bot.vendors.schedly.world import OAUTH, Notebook, World, open_world


async def tokens(world: World) -> int:
    """Renewals since the last count."""
    count = (await world.calls()).get("token", 0)
    await world.clear_calls()
    return count


def test_every_worker_shares_one_sign_in(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            workers = [world.sign_in() for _ in range(12)]
            for _ in range(3):
                await asyncio.gather(*(worker.list_appointments(world.location, "1") for worker in workers))
                assert await tokens(world) == 1
                world.clock.advance(timedelta(seconds=1801))

    asyncio.run(scenario())


def test_a_token_is_renewed_before_its_end_while_it_still_serves(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            keeper = world.keeper()
            first = await keeper.get()
            world.clock.advance(timedelta(seconds=1439))
            assert await keeper.get() == first
            assert await tokens(world) == 1
            world.fail("token", "slow_after", seconds=0.6)
            world.clock.advance(timedelta(seconds=2))
            assert await keeper.get() == first
            log = (await world.control("GET", "/calls"))["log"]
            assert [row["status"] for row in log] in ([], [None])  # the new one is still on its way
            await keeper.close()
            assert await keeper.get() != first
            assert await tokens(world) == 1
            assert await world.keeper().get() == await keeper.get()

    asyncio.run(scenario())


def test_a_token_that_ran_out_in_the_middle_is_renewed_and_the_booking_made_once(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.schedly = world.sign_in()
            slot = (await world.look()).slots[0]
            world.emulator.sign_in.expire()
            await world.clear_calls()
            await world.schedly.book(world.location, world.request(slot), Notebook())
            assert await tokens(world) == 1
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_many_who_are_refused_at_once_renew_once(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            workers = [world.sign_in() for _ in range(6)]
            await asyncio.gather(*(worker.list_appointments(world.location, "1") for worker in workers))
            world.emulator.sign_in.expire()
            await world.clear_calls()
            found = await asyncio.gather(*(worker.list_appointments(world.location, "1") for worker in workers * 2))
            assert len(found) == 12
            assert await tokens(world) == 1

    asyncio.run(scenario())


def test_who_is_refused_later_takes_what_another_has_renewed(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            workers = [world.sign_in() for _ in range(3)]
            for worker in workers:
                await worker.list_appointments(world.location, "1")
            world.emulator.sign_in.expire()
            await world.clear_calls()
            for worker in workers:
                await worker.list_appointments(world.location, "1")
            assert await tokens(world) == 1

    asyncio.run(scenario())


def test_a_caller_that_is_cut_off_does_not_take_the_new_token_along(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            keeper = world.keeper()
            world.fail("token", "slow_after", seconds=0.2)
            caller = asyncio.create_task(keeper.get())
            while not (await world.calls()).get("token"):
                pass
            caller.cancel()
            await asyncio.wait([caller])
            await keeper.close()
            assert await world.keeper().get()
            assert await tokens(world) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", ["cut_after", "fail_after", "truncate"])
def test_a_lost_answer_is_asked_for_again_where_the_server_allows(redis_url: str, kind: Any) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(refresh_grace_seconds=30)
            world.fail("token", kind)
            assert await world.keeper().get()
            assert await tokens(world) == 2

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", ["cut_before", "refuse", "html"])
def test_an_attempt_that_never_arrived_costs_nothing(redis_url: str, kind: Any) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.fail("token", kind)
            assert await world.keeper().get()

    asyncio.run(scenario())


def test_a_server_without_rotation_is_fine_too(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(refresh_rotates=False)
            for _ in range(3):
                assert await world.keeper().get()
                world.clock.advance(timedelta(seconds=1801))
            assert await tokens(world) == 3

    asyncio.run(scenario())


def lose_rotation(world: World) -> None:
    world.fail("token", "cut_after", times=1)


def test_after_a_lost_rotation_the_token_at_hand_serves_to_its_end(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            keeper = world.keeper()
            first = await keeper.get()
            world.clock.advance(timedelta(seconds=1500))
            lose_rotation(world)
            assert await keeper.get() == first
            await keeper.close()
            assert await keeper.get() == first
            world.clock.advance(timedelta(seconds=400))
            with pytest.raises(CallStaff, match="set a new refresh_token"):
                await keeper.get()

    asyncio.run(scenario())


def test_a_new_token_in_the_settings_opens_the_account_again(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            keeper = world.keeper()
            await keeper.get()
            world.clock.advance(timedelta(seconds=1801))
            lose_rotation(world)
            with pytest.raises(CallStaff):
                await keeper.get()
            fresh = (await world.control("POST", "/tokens/consent"))["refresh_token"]
            await world.clear_calls()
            mended = world.keeper(replace(OAUTH, refresh_token=fresh))
            assert await mended.get()
            assert await tokens(world) == 1  # the new one is tried first
            world.clock.advance(timedelta(seconds=1801))
            assert await world.keeper(replace(OAUTH, refresh_token=fresh)).get()
            assert await tokens(world) == 1  # and from then on the chain that it began

    asyncio.run(scenario())


def test_a_new_token_in_the_settings_counts_at_once(redis_url: str) -> None:
    """It may be another account's: what is in Redis must not be used to its end."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            old = world.keeper()
            first = await old.get()
            clinic = world.keeper(replace(OAUTH, refresh_token=REFRESH_TOKENS["demo-clinic"]))
            schedly = world.rebuild(TokenAccess(clinic, "oauth"))
            assert [one.name for one in await schedly.list_locations()] == ["Riverside Physio"]
            assert await clinic.get() != first
            assert await tokens(world) == 2

    asyncio.run(scenario())


def test_a_new_token_that_is_none_leaves_the_old_chain(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            await world.keeper().get()
            wrong = replace(OAUTH, refresh_token="rt_live_mistyped")
            assert await world.keeper(wrong).get()
            assert await world.keeper(wrong).get()
            assert await tokens(world) == 3  # the first, the refused one, and the chain's

    asyncio.run(scenario())


def test_an_old_token_in_the_settings_does_not_break_the_chain(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            await world.keeper().get()
            for _ in range(3):
                world.clock.advance(timedelta(seconds=1801))
                assert await world.keeper().get()
            assert await tokens(world) == 4

    asyncio.run(scenario())


def test_the_key_is_what_is_left_when_every_token_is_refused(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.emulator.sign_in.revoke()
            schedly = world.sign_in(fallback=KEY_HARBOUR)
            assert await schedly.list_locations()
            assert await schedly.list_appointments(world.location, "1") is not None
            assert (await tokens(world)) == 1  # and is not asked again for a while
            with pytest.raises(CallStaff):
                await world.sign_in().list_appointments(world.location, "1")

    asyncio.run(scenario())


def test_services_that_take_no_bearer_are_opened_by_the_key(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.switch(accepts_bearer=False)
            schedly = world.sign_in(fallback=KEY_HARBOUR)
            assert await schedly.list_appointments(world.location, "1") is not None
            assert await tokens(world) == 2
            assert await schedly.list_appointments(world.location, "1") is not None
            assert await tokens(world) == 0
            with pytest.raises(CallStaff):
                await world.sign_in().list_appointments(world.location, "1")

    asyncio.run(scenario())


def test_a_wrong_client_is_one_for_staff_at_once(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            with pytest.raises(CallStaff, match="client_id or client_secret refused"):
                await world.keeper(replace(OAUTH, client_secret="wrong")).get()
            assert await world.keeper().get()

    asyncio.run(scenario())


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"access_token":null}', b'{"status":"success","data":{}}'])
def test_an_answer_without_a_token_is_not_taken_for_one(redis_url: str, body: bytes) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            world.garbling.changes["refreshToken"] = lambda _: body
            with pytest.raises(VendorChanged):
                await world.sign_in().list_appointments(world.location, "1")

    asyncio.run(scenario())


def test_a_new_token_that_redis_did_not_take_is_kept_until_it_does(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            keeper = world.keeper()
            world.fail("token", "slow_after", seconds=0.2)
            caller = asyncio.create_task(keeper.get())
            while not (await world.calls()).get("token"):
                pass
            await world.redis.config_set("min-replicas-to-write", 1)  # from here on Redis refuses to write
            try:
                assert await caller
                assert await world.redis.get("frontdesk:schedly:{harbour}:tokens") is None
            finally:
                await world.redis.config_set("min-replicas-to-write", 0)
            await keeper.get()
            assert await world.keeper().get() == await keeper.get()
            assert await tokens(world) == 1

    asyncio.run(scenario())


def test_a_renewer_that_died_holds_nobody_up_for_good(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            await world.redis.set("frontdesk:schedly:{harbour}:lock", "of a dead worker", px=300)
            assert await world.keeper().get()

    asyncio.run(scenario())


def test_no_token_shows(redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            keeper = world.keeper()
            access = await keeper.get()
            world.clock.advance(timedelta(seconds=1801))
            world.emulator.sign_in.revoke()
            with pytest.raises(CallStaff) as caught:
                await keeper.get()
            shown = f"{caplog.text} {caught.value} {OAUTH!r} {keeper._own!r} {TokenAccess(keeper, 'oauth')!r}"
            assert not [secret for secret in (access, CLIENT_SECRET, *REFRESH_TOKENS.values()) if secret in shown]

    with caplog.at_level(logging.DEBUG):
        asyncio.run(scenario())
