"""Commands in company: each gets its own answer, whatever becomes of the others."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from bot.redisclient import LANES, SharingRedis, connect
from bot.redisserver import RedisServer
from tests.bot.inbox.proxy import Proxy


def play(scenario: Callable[[SharingRedis], Awaitable[None]]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with RedisServer(Path(folder), appendfsync="no") as server, connect(server.url) as redis:
                await scenario(redis)

    asyncio.run(run())


def test_everyone_gets_the_answer_to_their_own_command() -> None:
    async def scenario(redis: SharingRedis) -> None:
        await redis.set("word", "no number")
        wanted = [redis.incrby("word" if number % 10 == 3 else f"n{number}", number) for number in range(300)]
        answers = await asyncio.gather(*wanted, return_exceptions=True)
        for number, answer in enumerate(answers):
            if number % 10 == 3:
                assert isinstance(answer, ResponseError)
            else:
                assert answer == number

    play(scenario)


def test_a_crowd_shares_round_trips() -> None:
    async def scenario(redis: SharingRedis) -> None:
        await asyncio.gather(*(redis.get(str(number)) for number in range(100)))
        assert redis.trips <= LANES + 1

    play(scenario)


def test_one_who_leaves_takes_nobody_elses_answer() -> None:
    async def scenario(redis: SharingRedis) -> None:
        await asyncio.gather(*(redis.set(str(number), number) for number in range(20)))
        reads = [asyncio.ensure_future(redis.get(str(number))) for number in range(20)]
        await asyncio.sleep(0)
        for read in reads[::2]:
            read.cancel()
        answers = await asyncio.gather(*reads[1::2])
        assert answers == [str(number).encode() for number in range(1, 20, 2)]
        assert await redis.get("7") == b"7"

    play(scenario)


def test_a_lost_connection_is_told_to_all_in_its_company_and_replaced() -> None:
    async def scenario() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with (
                RedisServer(Path(folder), appendfsync="no") as server,
                Proxy(server.url) as proxy,
                connect(proxy.url) as redis,
            ):
                sha = await redis.script_load("return ARGV[1]")
                proxy.cut(1, loses="answer")
                wanted = [redis.evalsha(sha, 0, number) for number in range(40)]
                answers = await asyncio.gather(*wanted, return_exceptions=True)
                lost = [answer for answer in answers if isinstance(answer, RedisConnectionError)]
                told = [(number, answer) for number, answer in enumerate(answers) if isinstance(answer, bytes)]
                assert lost
                assert len(lost) + len(told) == 40
                assert all(answer == str(number).encode() for number, answer in told)
                assert await redis.evalsha(sha, 0, "after") == b"after"

    asyncio.run(scenario())


def test_a_redis_that_is_not_there_is_told_to_everyone() -> None:
    async def scenario() -> None:
        async with connect("unix:///nowhere/redis.sock") as redis:
            answers = await asyncio.gather(*(redis.get("k") for _ in range(5)), return_exceptions=True)
            assert all(isinstance(answer, RedisConnectionError) for answer in answers)

    asyncio.run(scenario())


def test_names_of_two_words_go_out_as_two() -> None:
    async def scenario(redis: SharingRedis) -> None:
        sha = await redis.execute_command("SCRIPT LOAD", "return 1")
        assert await redis.evalsha(sha, 0) == 1

    play(scenario)


@pytest.mark.parametrize("value", ["é", b"\x00\r\n", 12, 1.5])
def test_values_arrive_as_they_are(value: str | bytes | float) -> None:
    async def scenario(redis: SharingRedis) -> None:
        await redis.set("k", value)
        expected = value if isinstance(value, bytes) else str(value).encode()
        assert await redis.get("k") == expected

    play(scenario)


def test_an_answer_that_cannot_be_read_leaves_none_behind_for_the_next() -> None:
    async def scenario(redis: SharingRedis) -> None:
        def fail(response: Any, **options: Any) -> None:
            raise LookupError(response)

        redis.set_response_callback("ECHO", fail)
        wanted = [redis.execute_command("ECHO" if number == 3 else "GET", str(number)) for number in range(9)]
        answers = await asyncio.gather(*wanted, return_exceptions=True)
        assert any(isinstance(answer, LookupError) for answer in answers)
        await redis.set("after", "mine")
        assert await redis.get("after") == b"mine"

    play(scenario)


def test_a_value_that_cannot_be_sent_hurts_only_its_own_command() -> None:
    async def scenario(redis: SharingRedis) -> None:
        wanted = [redis.execute_command("SET", f"k{number}", object() if number == 3 else number) for number in range(9)]
        answers = await asyncio.gather(*wanted, return_exceptions=True)
        assert [isinstance(answer, TypeError) for answer in answers] == [number == 3 for number in range(9)]

    play(scenario)
