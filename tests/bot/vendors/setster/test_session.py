import asyncio
import logging

import pytest

from bot.errors import CallStaff, FrontdeskError, TryAgain
from bot.vendors.failures import KeyRefused
from tests.bot.vendors.setster.world import ACCOUNT, EMAIL, Notebook, open_world


@pytest.mark.parametrize("in_body", [False, True])
@pytest.mark.parametrize("status", [401, 403])
def test_an_expired_session_is_renewed_once_and_the_booking_made_once(redis_url: str, status: int, in_body: bool) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, expired_status=status, expired_in_body=in_body) as world:
            slot = (await world.look()).slots[0]
            world.emulator.sessions.clear()
            await world.clear_calls()
            made = await world.book(slot)
            assert made.starts_at == slot.starts_at
            assert len(await world.made()) == 1
            assert await world.calls() == {"create": 2, "authenticate": 1}

    asyncio.run(scenario())


def test_a_session_refused_twice_is_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, session_ttl_calls=1) as world:
            await world.look()
            world.fail("availability", "refuse", status=403, times=5)
            await world.clear_calls()
            with pytest.raises(KeyRefused):
                await world.look()
            calls = await world.calls()
            assert calls["authenticate"] == 1
            assert calls["availability"] <= 2

    asyncio.run(scenario())


def test_all_workers_share_one_login(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False) as world:
            workers = [world.rebuild() for _ in range(6)]
            world.fail("authenticate", "slow_before", seconds=0.2)
            await asyncio.gather(*(worker.list_locations() for worker in workers for _ in range(3)))
            assert (await world.calls())["authenticate"] == 1
            world.emulator.sessions.clear()
            await asyncio.gather(*(worker.list_locations() for worker in workers for _ in range(3)))
            assert (await world.calls())["authenticate"] == 2

    asyncio.run(scenario())


def test_a_refused_login_is_not_repeated_by_every_customer(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False) as world:
            for worker in (world.rebuild(api_key="wrong"), world.rebuild(api_key="wrong")):
                with pytest.raises(CallStaff):
                    await worker.list_locations()
            assert await world.calls() == {"authenticate": 1}
            assert await world.setster.list_locations()  # the key was put right

    asyncio.run(scenario())


def test_another_account_in_the_settings_never_uses_the_session_of_the_one_before(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            clinic = world.rebuild(email="owner@riverside.example", api_key="demo-clinic", company_id="3002")
            assert [location.name for location in await clinic.list_locations()] == ["Riverside Physio"]
            assert (await world.calls())["authenticate"] == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("answer", [b"{}", b'{"statusCode":0,"data":{}}', b'{"statusCode":0,"data":{"session_token":"a b"}}'])
def test_a_login_without_a_token_is_for_staff(redis_url: str, answer: bytes) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False) as world:
            world.garbling.changes["POST authenticate"] = lambda _: answer
            with pytest.raises(CallStaff):
                await world.setster.list_locations()

    asyncio.run(scenario())


def test_a_login_that_fails_for_now_leaves_a_booking_certainly_unmade(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            world.emulator.sessions.clear()
            world.fail("authenticate", "refuse", status=503, times=9)
            progress = Notebook()
            with pytest.raises(TryAgain):
                await world.setster.book(world.location, world.request(slot), progress)
            assert not any(progress.values.values())
            assert await world.made() == []

    asyncio.run(scenario())


def test_without_redis_every_process_logs_in_by_itself(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, is_settled=False) as world:
            await world.redis.connection_pool.disconnect()
            world.redis.connection_pool.connection_kwargs["path"] = "/nowhere"
            await asyncio.gather(*(world.setster.list_locations() for _ in range(5)))
            assert (await world.calls())["authenticate"] == 1

    asyncio.run(scenario())


def test_neither_token_nor_key_nor_address_is_ever_written_down(redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> list[str]:
        said = []
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            token = await world.read_token()
            assert len(token) == 26
            for kind in ("refuse", "cut_before", "cut_after", "html", "truncate", "rate_limit"):
                world.fail("create", kind)
                try:
                    await world.book(slot, reference=f"FD-{kind}")
                except FrontdeskError as error:
                    said += [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
            world.fail("*", "refuse", status=403, times=4)
            with pytest.raises(CallStaff) as refused:
                await world.look()
            said.append(str(refused.value))
            return [*said, token]

    with caplog.at_level(logging.DEBUG):
        *said, token = asyncio.run(scenario())
    everything = "\n".join([*said, *(record.getMessage() for record in caplog.records if record.name.startswith("bot"))])
    assert "setster" in everything
    for secret in (token, f"token={ACCOUNT.api_key}", ACCOUNT.email, EMAIL, "Noor", "session_token"):
        assert secret not in everything
