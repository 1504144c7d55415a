import asyncio
from datetime import timedelta

import pytest

from bot.errors import TryAgain
from bot.redisclient import connect
from bot.vendors.setster.turnstile import Turnstile

PATIENCE = timedelta(seconds=5)


def test_two_processes_pass_one_after_the_other(redis_url: str) -> None:
    async def scenario() -> None:
        redis = connect(redis_url)
        inside, most = 0, 0

        async def enter(turnstile: Turnstile) -> None:
            nonlocal inside, most
            async with turnstile.pass_alone("day", "501", patience=PATIENCE):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0)
                inside -= 1

        turnstiles = [Turnstile(redis, prefix="t") for _ in range(3)]
        await asyncio.gather(*(enter(one) for one in turnstiles for _ in range(4)))
        assert most == 1
        assert await redis.keys("*") == []
        await redis.aclose()

    asyncio.run(scenario())


def test_another_name_is_another_turnstile(redis_url: str) -> None:
    async def scenario() -> None:
        redis = connect(redis_url)
        turnstile = Turnstile(redis, prefix="t")
        async with turnstile.pass_alone("day", "501", patience=PATIENCE), turnstile.pass_alone("day", "502", patience=PATIENCE):
            assert len(await redis.keys("*")) == 2
        await redis.aclose()

    asyncio.run(scenario())


@pytest.mark.parametrize("is_here", [True, False])
def test_who_waits_too_long_is_sent_away(redis_url: str, *, is_here: bool) -> None:
    async def scenario() -> None:
        redis = connect(redis_url)
        first = Turnstile(redis, prefix="t")
        second = first if is_here else Turnstile(redis, prefix="t")
        async with first.pass_alone("day", patience=PATIENCE):
            with pytest.raises(TryAgain):
                async with second.pass_alone("day", patience=timedelta(milliseconds=60)):
                    pass
        async with second.pass_alone("day", patience=PATIENCE):
            pass
        await redis.aclose()

    asyncio.run(scenario())


def test_a_lock_that_lapsed_is_not_taken_from_whoever_has_it_now(redis_url: str) -> None:
    async def scenario() -> None:
        redis = connect(redis_url)
        async with Turnstile(redis, prefix="t").pass_alone("day", patience=PATIENCE):
            (key,) = await redis.keys("*")
            await redis.set(key, b"somebody else")
        assert await redis.get(key) == b"somebody else"
        await redis.aclose()

    asyncio.run(scenario())
