"""Another Redis process behind the same address is noticed, by all, for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from bot.inbox.keys import RUN
from bot.inbox.restarts import DOUBT, Restarts
from bot.redisclient import SharingRedis, connect
from bot.redisserver import RedisServer


def play(folder: Path, scenario: Callable[[SharingRedis, RedisServer], Awaitable[None]]) -> None:
    async def run() -> None:
        async with RedisServer(folder, appendfsync="always") as server:
            redis = connect(server.url)
            await scenario(redis, server)
            await redis.aclose()

    asyncio.run(run())


async def restart(redis: SharingRedis, server: RedisServer) -> None:
    await redis.connection_pool.disconnect()
    server.restart()


def test_a_redis_that_has_run_on_is_not_doubted(tmp_path: Path) -> None:
    async def scenario(redis: SharingRedis, _: RedisServer) -> None:
        assert [await Restarts(redis).find_recent() for _ in range(3)] == [None] * 3

    play(tmp_path, scenario)


def test_a_redis_that_came_back_is_doubted_by_everyone_for_ten_minutes(tmp_path: Path) -> None:
    async def scenario(redis: SharingRedis, server: RedisServer) -> None:
        first = Restarts(redis)
        await first.find_recent()
        await restart(redis, server)
        ages = [await one.find_recent() for one in (first, Restarts(redis), first)]
        assert all(age is not None and age < timedelta(seconds=30) for age in ages)
        since = int(await redis.hget(RUN, "since") or 0)
        await redis.hset(RUN, "since", since - DOUBT // timedelta(milliseconds=1))
        assert await first.find_recent() is None

    play(tmp_path, scenario)


def test_who_saw_it_before_notices_even_that_everything_was_lost(tmp_path: Path) -> None:
    async def scenario(redis: SharingRedis, server: RedisServer) -> None:
        seen = Restarts(redis)
        await seen.find_recent()
        await redis.flushall()
        await restart(redis, server)
        assert await seen.find_recent() is not None
        assert await Restarts(redis).find_recent() is not None

    play(tmp_path, scenario)
