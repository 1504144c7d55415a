"""How fast one account may write to all of its chats together, shared by every worker through Redis.

Workers take allowances of a few messages ahead, in the background, so that a reply waits for no further round trip. What a
worker holds and does not use keeps: all workers together may burst beyond the rate by one allowance each, no more.
"""

import asyncio
import logging
from collections import deque
from datetime import timedelta
from hashlib import sha1
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

ALLOWANCE = 5
"""Messages taken from the account's budget at a time."""
LOW = 2
"""With so few left the next allowance is fetched in the background."""
TOO_MANY_CHATS, TOGETHER = 3, timedelta(seconds=1)
"""So many chats refused within this time: it is not the chats, it is the account (telegram.md, error table, 429)."""

log = logging.getLogger("frontdesk.rate")

# KEYS[1] the moment (milliseconds of Redis' clock) up to which the budget is spent, as in GCRA.
# ARGV: milliseconds a message, messages that may go at once, messages wanted, milliseconds to hold everything
# → {messages granted, milliseconds until it is worth asking again}
SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local spent = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local hold = tonumber(ARGV[4])
if hold > 0 then spent = math.max(spent, now + hold + (burst - 1) * interval) end
local granted = math.max(0, math.min(tonumber(ARGV[3]), math.floor(burst - (spent - now) / interval + 0.000001)))
spent = spent + granted * interval
redis.call('SET', KEYS[1], string.format('%.4f', spent), 'PX', math.ceil(spent - now) + 1000)
return { granted, math.max(1, math.ceil(spent - now - (burst - 1) * interval)) }
"""
DIGEST = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()


class AccountRate:
    """The budget of one account."""

    def __init__(self, redis: Redis, key: str, *, interval: timedelta, burst: int) -> None:
        """`interval` between two messages in the long run; `burst` after a silence."""
        self._redis = redis
        self._key = key
        self._interval = interval
        self._burst = burst
        self._left = 0
        self._turn = asyncio.Lock()
        self._queue = 0
        self._refill: asyncio.Task[None] | None = None
        self._refused: deque[tuple[float, str]] = deque()

    async def admit(self, patience: timedelta) -> timedelta:
        """Wait for leave to send one message; zero when it is given, else how much longer it will take at least.

        Never raises: without Redis everything is let through, and the platform's own refusal holds.
        """
        ahead = self._interval * self._queue
        if ahead > patience:
            return ahead
        self._queue += 1
        try:
            async with self._turn:
                return await self._take(asyncio.get_running_loop().time() + patience.total_seconds())
        finally:
            self._queue -= 1

    async def note_refusal(self, chat: str, after: timedelta) -> None:
        """The platform refused a message to this chat for being too fast; when several are refused at once, all wait."""
        now = asyncio.get_running_loop().time()
        self._refused.append((now, chat))
        while self._refused and self._refused[0][0] < now - TOGETHER.total_seconds():
            self._refused.popleft()
        if len({chat for _, chat in self._refused}) >= TOO_MANY_CHATS:
            log.warning("account refused in several chats, held for %.0f s", after.total_seconds())
            await self.hold(after)

    async def hold(self, after: timedelta) -> None:
        """Nobody sends anything for so long: the platform has said that it is the account."""
        self._left = 0
        await self._ask(0, hold=after)

    async def _take(self, deadline: float) -> timedelta:
        loop = asyncio.get_running_loop()
        if self._refill is not None and self._left == 0:
            await self._refill
        while self._left == 0:
            wait = await self._fetch()
            if self._left:
                break
            if loop.time() + wait.total_seconds() > deadline:
                return wait
            await asyncio.sleep(wait.total_seconds())
        self._left -= 1
        if self._left <= LOW and self._refill is None:
            self._refill = asyncio.create_task(self._refill_quietly(), name="rate")
        return timedelta(0)

    async def _refill_quietly(self) -> None:
        try:
            await self._fetch()
        finally:
            self._refill = None

    async def _fetch(self) -> timedelta:
        """Get what there is, at most an allowance; how long until there is more."""
        granted, wait = await self._ask(ALLOWANCE)
        self._left += granted
        return timedelta(milliseconds=wait)

    async def _ask(self, wanted: int, *, hold: timedelta = timedelta(0)) -> tuple[int, int]:
        interval = max(self._interval / timedelta(milliseconds=1), 0.001)
        arguments: tuple[Any, ...] = (self._key, interval, self._burst, wanted, hold / timedelta(milliseconds=1))
        try:
            try:
                granted, wait = await self._redis.evalsha(DIGEST, 1, *arguments)
            except NoScriptError:
                granted, wait = await self._redis.eval(SCRIPT, 1, *arguments)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("account's rate not reachable (%s), messages let through", type(error).__name__)
            return wanted, 0
        return int(granted), int(wait)
