"""Polling, where no public address is at hand: one process at a time fetches a bot's updates."""

import asyncio
import logging
import secrets
from datetime import timedelta
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.channels.base import Arrival
from bot.channels.base import Channel as _Channel
from bot.errors import TryAgain
from bot.inbox.server import Door

HELD = timedelta(seconds=30)
"""How long a process that died keeps others from polling. Two at once get a conflict from Telegram."""
_RENEWED = HELD / 3

log = logging.getLogger("frontdesk.poller")


class _Store(Protocol):
    async def __call__(self, arrivals: tuple[Arrival, ...], /) -> None: ...


class PolledChannel(_Channel, Protocol):
    """A channel that can fetch its updates itself."""

    async def poll(self, store: _Store) -> None:
        """Fetch until cancelled; an update is confirmed only after `store` returned."""


async def poll_alone(door: Door, channel: PolledChannel, redis: Redis, *, business: str) -> None:
    """Poll while this process holds the business's polling lock; wait for it otherwise. Until cancelled."""

    async def store(arrivals: tuple[Arrival, ...]) -> None:
        if await door.store(business, channel.traits.slug, arrivals) == "full":
            raise TryAgain("inbox full", source="inbox", verb="store")

    key, owner = f"frontdesk:polling:{business}:{channel.traits.slug}", secrets.token_hex(8)
    while True:
        try:
            if not await redis.set(key, owner, nx=True, px=HELD):
                await asyncio.sleep(_RENEWED.total_seconds())
                continue
        except (RedisError, OSError) as error:
            log.warning("polling lock: %s", type(error).__name__)
            await asyncio.sleep(1)
            continue
        task = asyncio.create_task(channel.poll(store), name=f"polling-{business}")
        try:
            await _hold(redis, key, owner, task)
        finally:
            task.cancel()
            await asyncio.wait([task])
            await _let_go(redis, key, owner)


async def _hold(redis: Redis, key: str, owner: str, task: asyncio.Task[None]) -> None:
    """Until the lock is lost or polling ends."""
    while not task.done():
        await asyncio.wait([task], timeout=_RENEWED.total_seconds())
        try:
            if await redis.get(key) != owner.encode():
                return
            await redis.pexpire(key, HELD)
        except (RedisError, OSError):
            return


async def _let_go(redis: Redis, key: str, owner: str) -> None:
    try:
        if await redis.get(key) == owner.encode():
            await redis.delete(key)
    except (RedisError, OSError) as error:
        log.warning("polling lock not given back: %s", type(error).__name__)
