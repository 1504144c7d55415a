"""Runs the Lua scripts, and runs them again when Redis did not answer: each is safe to repeat with the same arguments."""

import asyncio
import logging
import re
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha1
from importlib.resources import files
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge
from redis.exceptions import (
    ClusterDownError,
    MasterDownError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.errors import TryAgain
from bot.redisclient import SharingRedis

_NAMES = ("enqueue", "claim", "commit", "sent", "renew", "release", "sweep", "fired", "replay")
_PAUSE = timedelta(milliseconds=200)
"""Before an unanswered script is asked again."""

_PASSING_KINDS = (OutOfMemoryError, ReadOnlyError, MasterDownError, ClusterDownError, TryAgainError)
_PASSING_CODE = re.compile(r"(?:^|-)(OOM|READONLY|MASTERDOWN|MISCONF|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY)\b")
"""No memory, no disk, no master: it passes, and nothing was written."""

log = logging.getLogger("frontdesk.redis")

Argument = str | bytes | int


class Scripts:
    """The scripts of `bot/inbox/scripts`, by name."""

    def __init__(self, redis: SharingRedis, registry: CollectorRegistry, *, patience: timedelta = timedelta(seconds=5)) -> None:
        """`patience`: how long an unanswered script is repeated before `TryAgain` is raised."""
        self._redis = redis
        self._patience = patience
        folder = files("bot.inbox") / "scripts"
        shared = (folder / "_shared.lua").read_text()
        self._bodies = {name: shared + (folder / f"{name}.lua").read_text() for name in _NAMES}
        self._shas = {name: sha1(body.encode(), usedforsecurity=False).hexdigest() for name, body in self._bodies.items()}
        count = Counter("frontdesk_redis_scripts", "Scripts run in Redis.", ["script"], registry=registry)
        Gauge("frontdesk_redis_trips", "Round trips to Redis so far.", registry=registry).set_function(self.trips)
        self._counters = {name: count.labels(name) for name in _NAMES}

    async def run(self, name: str, keys: Sequence[str], *arguments: Argument) -> Any:
        """The script's answer. Raises `TryAgain` when Redis stays away: whether it was applied is then unknown."""
        command = ("EVALSHA", self._shas[name], len(keys), *keys, *arguments)
        deadline: float | None = None
        loop = asyncio.get_running_loop()
        while True:
            try:
                self._counters[name].inc()
                return await self._redis.execute_command(*command)
            except (RedisConnectionError, RedisTimeoutError, OSError):
                deadline = deadline or loop.time() + self._patience.total_seconds()
                if loop.time() >= deadline:
                    raise TryAgain("no answer", source="redis", verb=name, after=timedelta(seconds=2)) from None
                await asyncio.sleep(_PAUSE.total_seconds())
            except NoScriptError:
                await self.load()
            except ResponseError as error:
                reason = _find_passing(error)
                if not reason:
                    raise
                raise TryAgain(reason, source="redis", verb=name, after=timedelta(seconds=2)) from None

    def sha_of(self, name: str) -> str:
        """Under which Redis knows the script."""
        return self._shas[name]

    def trips(self) -> int:
        """Round trips to Redis so far, those of other commands included."""
        return self._redis.trips

    async def load(self) -> None:
        """Make the scripts known to this Redis."""
        for body in self._bodies.values():
            await self._redis.script_load(body)


def _find_passing(error: ResponseError) -> str:
    """Why Redis cannot write just now, or nothing if that is not what the error says.

    redis-py has a type for some and takes the code off; from inside a script Redis 6 quotes it in a sentence of its own.
    """
    if isinstance(error, _PASSING_KINDS):
        return type(error).__name__
    found = _PASSING_CODE.search(str(error))
    return found.group(1) if found else ""
