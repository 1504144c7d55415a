"""What still waits in Redis when everything should have come to rest."""

from collections.abc import AsyncIterator
from typing import Any

from redis.asyncio import Redis

from bot.inbox.keys import PARTITION_KEYS

CHUNK = 500


async def find_leftovers(redis: Redis) -> list[str]:
    """Events, messages, intents, timers, due times and dead letters, in words."""
    found = []
    for partition in PARTITION_KEYS:
        if due := await redis.zcard(partition.due):
            found.append(f"{due} conversations due in {partition.due}")
        if timers := await redis.zcard(partition.timers):
            found.append(f"{timers} timers in {partition.timers}")
        if dead := await redis.xlen(partition.dead):
            rows: list[Any] = await redis.xrange(partition.dead, count=3) or []
            found.append(f"{dead} dead letters: {[_show(row[1]) for row in rows]}")
    for pattern, what in (("*:in:*", "events"), ("*:out:*", "messages")):
        found += [f"{what} waiting in {key.decode()}" async for key in redis.scan_iter(pattern, count=CHUNK)]
    found += [line async for line in _find_open(redis)]
    return found


def _show(letter: dict[bytes, bytes]) -> str:
    return " ".join(letter.get(name, b"").decode() for name in (b"conversation", b"kind", b"reason", b"error"))


async def _find_open(redis: Redis) -> AsyncIterator[str]:
    names = [name async for name in redis.scan_iter("{fd*}:c:*", count=CHUNK)]
    for at in range(0, len(names), CHUNK):
        chunk = names[at : at + CHUNK]
        pipeline = redis.pipeline(transaction=False)
        for name in chunk:
            pipeline.hmget(name, "i", "own")
        for name, (intent, owner) in zip(chunk, await pipeline.execute(), strict=True):
            if intent:
                yield f"an intent in {name.decode()}"
            if owner:
                yield f"an owner of {name.decode()}"
