"""One at a time over all workers: a lock in Redis that lapses by itself."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4
from weakref import WeakValueDictionary

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import TryAgain

log = logging.getLogger(__name__)

POLL = timedelta(milliseconds=50)
"""Between two tries at a lock that another process holds."""
KEPT = timedelta(seconds=30)
"""A holder that died is waited for this long: longer than the calls one holder makes."""
REDIS_FAILURES = (RedisError, OSError, TimeoutError)


class Turnstile:
    """Locks by name under `<prefix>:alone:<digest>`. Redis being away leaves the order inside this process."""

    def __init__(self, redis: Redis, *, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def pass_alone(self, *name: str, patience: timedelta) -> AsyncIterator[None]:
        """Hold the lock meanwhile. Raises `TryAgain` when it is not to be had within `patience`."""
        key = f"{self._prefix}:alone:{sha256('/'.join(name).encode()).hexdigest()[:24]}"
        here = self._here.setdefault(key, asyncio.Lock())
        mine = uuid4().hex
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await here.acquire()
        except TimeoutError:
            raise TryAgain("others are first") from None
        try:
            await self._enter(key, mine, patience)
            try:
                yield
            finally:
                await self._leave(key, mine)
        finally:
            here.release()

    async def _enter(self, key: str, mine: str, patience: timedelta) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience.total_seconds()
        try:
            while not await self._redis.set(key, mine, px=KEPT, nx=True):
                if loop.time() > deadline:
                    raise TryAgain("others are first")
                await asyncio.sleep(POLL.total_seconds())
        except REDIS_FAILURES as error:
            log.warning("turnstile not reachable (%s), let through", type(error).__name__)

    async def _leave(self, key: str, mine: str) -> None:
        try:
            if await self._redis.get(key) == mine.encode():
                await self._redis.delete(key)
        except REDIS_FAILURES:
            return  # it lapses by itself
