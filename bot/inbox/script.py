"""Runs the Lua scripts: many at once in one round trip, and again when Redis did not answer.

Each script is safe to repeat with the same arguments, so a lost answer is answered by asking again. Scripts wanted in
the same moment by different conversations share one pipeline: redis-py's cost is per round trip, not per command.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha1
from importlib.resources import files
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry, Counter
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.errors import TryAgain

_NAMES = ("enqueue", "claim", "commit", "sent", "renew", "release", "sweep", "fired")
_LANES = 2
"""Pipelines under way at once: one being answered while the next fills."""
_MOST = 128
"""Scripts in one pipeline."""
_PAUSE = timedelta(milliseconds=200)
"""Before an unanswered script is asked again."""

log = logging.getLogger("frontdesk.redis")

Argument = str | bytes | int


class _Call(NamedTuple):
    name: str
    command: tuple[Argument, ...]
    answer: asyncio.Future[Any]


class Scripts:
    """The scripts of `bot/inbox/scripts`, by name."""

    def __init__(self, redis: Redis, registry: CollectorRegistry, *, patience: timedelta = timedelta(seconds=5)) -> None:
        """`patience`: how long an unanswered script is repeated before `TryAgain` is raised."""
        self._redis = redis
        self._patience = patience
        folder = files("bot.inbox") / "scripts"
        shared = (folder / "_shared.lua").read_text()
        self._bodies = {name: shared + (folder / f"{name}.lua").read_text() for name in _NAMES}
        self._shas = {name: sha1(body.encode(), usedforsecurity=False).hexdigest() for name, body in self._bodies.items()}
        self._waiting: list[_Call] = []
        self._lanes = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = Counter("frontdesk_redis_scripts", "Scripts run in Redis.", ["script"], registry=registry)
        self._trips = Counter("frontdesk_redis_trips", "Round trips to Redis that carried scripts.", registry=registry)
        self._trip_count = 0
        self._counters = {name: self._count.labels(name) for name in _NAMES}

    async def run(self, name: str, keys: Sequence[str], *arguments: Argument) -> Any:
        """The script's answer. Raises `TryAgain` when Redis stays away: whether it was applied is then unknown."""
        command = ("EVALSHA", self._shas[name], len(keys), *keys, *arguments)
        deadline: float | None = None
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await self._join(name, command)
            except (RedisConnectionError, RedisTimeoutError, OSError):
                deadline = deadline or loop.time() + self._patience.total_seconds()
                if loop.time() >= deadline:
                    raise TryAgain("no answer", source="redis", verb=name, after=timedelta(seconds=2)) from None
                await asyncio.sleep(_PAUSE.total_seconds())
            except NoScriptError:
                await self.load()
            except ResponseError as error:
                if not str(error).startswith(("OOM", "LOADING", "READONLY", "MASTERDOWN", "MISCONF")):
                    raise
                raise TryAgain(str(error).split(" ", 1)[0], source="redis", verb=name, after=timedelta(seconds=2)) from None

    def sha_of(self, name: str) -> str:
        """Under which Redis knows the script."""
        return self._shas[name]

    def trips(self) -> int:
        """Round trips so far."""
        return self._trip_count

    async def load(self) -> None:
        """Make the scripts known to this Redis."""
        for body in self._bodies.values():
            await self._redis.script_load(body)

    async def _join(self, name: str, command: tuple[Argument, ...]) -> Any:
        self._counters[name].inc()
        call = _Call(name, command, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        if self._lanes < _LANES:
            self._lanes += 1
            lane = asyncio.create_task(self._drain(), name="redis-lane")
            self._tasks.add(lane)
            lane.add_done_callback(self._tasks.discard)
        return await call.answer

    async def _drain(self) -> None:
        while self._waiting:
            calls, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            self._trips.inc()
            self._trip_count += 1
            try:
                answers = await self._send(calls)
            except Exception as error:  # whatever it is, every waiting caller must hear of it
                answers = [error] * len(calls)
            for call, answer in zip(calls, answers, strict=True):
                if call.answer.done():
                    continue
                if isinstance(answer, Exception):
                    call.answer.set_exception(answer)
                else:
                    call.answer.set_result(answer)
        self._lanes -= 1  # in the same breath as finding nothing waiting: the next caller opens a new lane

    async def _send(self, calls: list[_Call]) -> list[Any]:
        if len(calls) == 1:
            return [await self._redis.execute_command(*calls[0].command)]  # type: ignore[no-untyped-call]
        pipeline = self._redis.pipeline(transaction=False)
        for call in calls:
            pipeline.execute_command(*call.command)
        answers: list[Any] = await pipeline.execute(raise_on_error=False)
        return answers
