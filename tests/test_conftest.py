import asyncio
import socket

import pytest

from bot.redisclient import connect


def test_other_hosts_are_out_of_reach() -> None:
    with socket.socket() as client, pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 443))
    with pytest.raises(AssertionError, match=r"api\.example\.com"):
        socket.getaddrinfo("api.example.com", 443)


@pytest.mark.parametrize("_", [1, 2])
def test_redis_is_empty_at_the_start_of_a_test(redis_url: str, _: int) -> None:
    async def scenario() -> None:
        async with connect(redis_url) as redis:
            assert await redis.dbsize() == 0
            await redis.set("key", "value")

    asyncio.run(scenario())
