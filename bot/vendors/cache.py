"""Keeps what was read from a vendor: a copy in this process, one in Redis for all, and one reader at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import uuid4

import orjson
from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import FrontdeskError

log = logging.getLogger(__name__)

Value = TypeVar("Value")

LOCK_KEPT = timedelta(seconds=15)
"""A reader that died holds up the others for this long: a little more than one vendor call may take."""
POLL = timedelta(milliseconds=50)
"""Between two looks for what another process is reading."""
LARGEST = 1000
"""Copies in this process; the oldest go first."""
SKEW = timedelta(seconds=5)
"""How far in the future another machine's clock may put a copy; beyond it ours was set back, and ages mean nothing."""
SCOPE_KEPT = timedelta(minutes=10)
"""Longer than anything that can be forgotten is kept."""
REDIS_FAILURES = (RedisError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Shelf(Generic[Value]):
    """How one kind of read is kept."""

    adapter: TypeAdapter[Value]
    local: timedelta
    """So long is the copy in this process used without asking Redis; no trip at all."""
    fresh: timedelta
    """So old may a copy be and pass for the truth."""
    kept: timedelta
    """So old may it be and still be handed out while a new one is read, or while the vendor is away."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """One thing that is read: how it is kept, under which key, from where."""

    shelf: Shelf[Value]
    key: str
    load: Callable[[], Awaitable[Value]]
    """Asks the vendor."""
    scope: str = ""
    """What is forgotten together."""
    revive: Callable[[Value], Value] | None = None
    """Puts back what JSON does not carry, once for each copy taken from Redis."""


@dataclass(frozen=True, slots=True)
class Copy(Generic[Value]):
    """A value, when it was read from the vendor, and when this process last compared it with Redis."""

    value: Value
    read_at: datetime
    checked_at: datetime
    epoch: int


class ReadCache:
    """Reads through to a vendor. Redis being away costs more reads, never an answer.

    Keys, all of one business in one hash slot: `<prefix>{business}:<key>` a JSON copy, `…:<key>:lock` who reads it now,
    `…:<scope>:epoch` a number that grows when everything of that scope is to be forgotten: a read that began before
    carries the old number and is worthless after.
    """

    def __init__(self, redis: Redis, *, business: str, now: Callable[[], datetime], prefix: str = "frontdesk:catalog:") -> None:
        self._redis = redis
        self._prefix = f"{prefix}{{{business}}}:"
        self._now = now
        self._copies: dict[str, Copy[Any]] = {}
        self._epochs: dict[str, int] = {}
        self._reads: dict[str, asyncio.Task[Any]] = {}

    async def get(self, reading: Reading[Value]) -> Value:
        """The value, from wherever it is fresh. Raises what `load` raises when there is no copy that may still serve."""
        copy: Copy[Value] | None = self._copies.get(reading.key)
        if copy is not None and self._is_at_hand(reading, copy):
            return copy.value
        read = self._reads.get(reading.key)
        if read is None:
            read = self._start(reading.key, self._read(reading))
        value: Value = await asyncio.shield(read)
        return value

    async def forget(self, scope: str) -> None:
        """Drop every copy of this scope, and what is being read of it right now."""
        self._epochs[scope] = self._epochs.get(scope, 0) + 1
        name = f"{self._prefix}{scope}:epoch"
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.incr(name)
                pipe.pexpire(name, SCOPE_KEPT)
                await pipe.execute()
        except REDIS_FAILURES as error:
            log.warning("catalogue cache not reachable (%s), a copy may stay until it is too old", type(error).__name__)

    async def close(self) -> None:
        """Give up what is being read."""
        reads = list(self._reads.values())
        for read in reads:
            read.cancel()
        await asyncio.gather(*reads, return_exceptions=True)

    # ── In this process ──────────────────────────────────────────────────────────────────────────────────────────────

    def _is_at_hand(self, reading: Reading[Value], copy: Copy[Value]) -> bool:
        now, shelf = self._now(), reading.shelf
        is_current = copy.epoch == self._epochs.get(reading.scope, 0)
        return is_current and _is_within(now - copy.checked_at, shelf.local) and _is_within(now - copy.read_at, shelf.kept)

    def _keep(self, key: str, value: Any, read_at: datetime, epoch: int) -> None:
        self._copies.pop(key, None)
        self._copies[key] = Copy(value, read_at, self._now(), epoch)
        if len(self._copies) > LARGEST:
            del self._copies[next(iter(self._copies))]

    def _start(self, key: str, work: Any) -> asyncio.Task[Any]:
        """One read per key in this process. It goes on when the customer who asked first is gone."""
        task: asyncio.Task[Any] = asyncio.create_task(work)
        self._reads[key] = task
        task.add_done_callback(lambda done: self._end(key, done))
        return task

    def _end(self, key: str, task: asyncio.Task[Any]) -> None:
        if self._reads.get(key) is task:
            del self._reads[key]
        if not task.cancelled() and task.exception() is not None:
            log.debug("reading %s failed: %s", key.partition(":")[0], type(task.exception()).__name__)

    # ── In Redis ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(self, reading: Reading[Value]) -> Value:
        epoch = self._epochs.get(reading.scope, 0)
        shared, copy = await self._fetch(reading)
        if copy is None:
            return await self._load(reading)
        value, read_at = copy
        self._keep(reading.key, value, read_at, epoch)
        if self._now() - read_at >= reading.shelf.fresh and shared is not None and f"{reading.key}:again" not in self._reads:
            self._start(f"{reading.key}:again", self._renew(reading))
        return value

    async def _renew(self, reading: Reading[Value]) -> None:
        """Read again what is handed out stale meanwhile; a failure leaves the old copy."""
        token = uuid4().hex
        if await self._lock(reading.key, token):
            try:
                await self._load_and_store(reading)
            except FrontdeskError as error:
                log.warning("catalogue stays as it was: %s", error)
            finally:
                await self._unlock(reading.key, token)

    async def _load(self, reading: Reading[Value]) -> Value:
        """Read it, or wait for the process that does."""
        token = uuid4().hex
        while not await self._lock(reading.key, token):
            await asyncio.sleep(POLL.total_seconds())
            epoch = self._epochs.get(reading.scope, 0)
            _, copy = await self._fetch(reading)
            if copy is not None:
                self._keep(reading.key, *copy, epoch)
                return copy[0]
        try:
            return await self._load_and_store(reading)
        finally:
            await self._unlock(reading.key, token)

    async def _load_and_store(self, reading: Reading[Value]) -> Value:
        epoch = self._epochs.get(reading.scope, 0)
        shared, copy = await self._fetch(reading)
        if copy is not None and self._now() - copy[1] < reading.shelf.fresh:  # somebody was quicker
            self._keep(reading.key, *copy, epoch)
            return copy[0]
        read_at = self._now()
        value = await reading.load()
        if epoch == self._epochs.get(reading.scope, 0):
            self._keep(reading.key, value, read_at, epoch)
        if shared is not None:
            await self._store(reading, value, read_at, shared)
        return value

    async def _fetch(self, reading: Reading[Value]) -> tuple[int | None, tuple[Value, datetime] | None]:
        """The shared epoch (None: Redis is away) and the shared copy, if it may be used at all."""
        try:
            epoch_text, packed = await self._redis.mget(f"{self._prefix}{reading.scope}:epoch", f"{self._prefix}{reading.key}")
        except REDIS_FAILURES as error:
            log.warning("catalogue cache not reachable (%s), the vendor is read", type(error).__name__)
            return None, self._find_own(reading)
        epoch = int(epoch_text or 0)
        return epoch, self._unpack(reading, packed, epoch) if packed else None

    def _find_own(self, reading: Reading[Value]) -> tuple[Value, datetime] | None:
        """Without Redis, the copy of this process while it is fresh."""
        copy: Copy[Value] | None = self._copies.get(reading.key)
        if copy is None or copy.epoch != self._epochs.get(reading.scope, 0) or self._now() - copy.read_at >= reading.shelf.fresh:
            return None
        return copy.value, copy.read_at

    def _unpack(self, reading: Reading[Value], packed: bytes | str, epoch: int) -> tuple[Value, datetime] | None:
        try:
            data = orjson.loads(packed)
            read_at = datetime.fromisoformat(data["at"])
            if data["epoch"] != epoch or not _is_within(self._now() - read_at, reading.shelf.kept):
                return None
            own: Copy[Value] | None = self._copies.get(reading.key)
            if own is not None and own.read_at == read_at and own.epoch == self._epochs.get(reading.scope, 0):
                return own.value, read_at  # the very same; building it again is what costs
            value = reading.shelf.adapter.validate_python(data["value"])
        except (orjson.JSONDecodeError, ValidationError, KeyError, TypeError, ValueError):
            return None  # written by another version of this program
        return reading.revive(value) if reading.revive else value, read_at

    async def _store(self, reading: Reading[Value], value: Value, read_at: datetime, epoch: int) -> None:
        data = {"at": read_at.isoformat(), "epoch": epoch, "value": reading.shelf.adapter.dump_python(value, mode="json")}
        try:
            await self._redis.set(f"{self._prefix}{reading.key}", orjson.dumps(data), px=reading.shelf.kept)
        except REDIS_FAILURES as error:
            log.warning("catalogue cache not reachable (%s), nothing kept for others", type(error).__name__)

    async def _lock(self, key: str, token: str) -> bool:
        """Whether this process may read. Without Redis everybody may."""
        try:
            return bool(await self._redis.set(f"{self._prefix}{key}:lock", token, px=LOCK_KEPT, nx=True))
        except REDIS_FAILURES:
            return True

    async def _unlock(self, key: str, token: str) -> None:
        name = f"{self._prefix}{key}:lock"
        try:
            if await self._redis.get(name) == token.encode():
                await self._redis.delete(name)
        except REDIS_FAILURES:
            return  # it lapses by itself


def _is_within(age: timedelta, limit: timedelta) -> bool:
    return -SKEW <= age < limit
