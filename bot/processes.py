"""Several processes of `frontdesk serve`, and what each is told by the one that started them."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from pydantic import SecretStr

from bot.app import Role
from bot.errors import SettingsError
from bot.redisserver import RedisServer
from bot.serving import Say, run_serve
from bot.settings import Settings

REDIS_VARIABLE = "FRONTDESK_SHARED_REDIS"
"""Handed to each process: the Redis that all of them share."""


@dataclass(frozen=True, slots=True)
class Child:
    """One of several processes."""

    redis_url: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self | None:
        """None in a process that was started by hand."""
        url = environ.get(REDIS_VARIABLE)
        return cls(url) if url else None

    async def run(self, settings: Settings, *, role: Role, say: Say) -> None:
        """`frontdesk serve`, beside others on the same port and Redis."""
        end_with_parent(asyncio.get_running_loop())
        redis = settings.redis.model_copy(update={"url": SecretStr(self.redis_url)})
        await run_serve(settings.model_copy(update={"redis": redis}), role=role, shares_port=True, say=say)


def end_with_parent(loop: asyncio.AbstractEventLoop) -> None:
    """Have this process asked to stop when the one that started it is gone, however it went: its pipe then closes."""

    def stop() -> None:
        loop.remove_reader(sys.stdin)
        os.kill(os.getpid(), signal.SIGTERM)

    loop.add_reader(sys.stdin, stop)


async def run_processes(settings: Settings, count: int) -> int:
    """Start this very command `count` times and pass signals on; returns the exit code.

    When one ends by itself the others are asked to finish, so that whatever watches over us starts all anew.
    """
    if settings.server.port == 0:
        raise SettingsError("server.port: found 0; expected a port that all processes can share")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with _open_redis(settings) as url:
        children = [await _start(url) for _ in range(count)]
        waits = [asyncio.create_task(child.wait()) for child in children]
        stop = asyncio.create_task(ended.wait())
        await asyncio.wait([stop, *waits], return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        codes = await asyncio.gather(*waits)
    return 0 if ended.is_set() else next((code for code in codes if code > 0), 1)


@asynccontextmanager
async def _open_redis(settings: Settings) -> AsyncIterator[str]:
    if settings.redis.url is not None:
        yield settings.redis.url.get_secret_value()
        return
    async with RedisServer(settings.redis.data_dir / "redis") as server:
        yield server.url


async def _start(url: str) -> asyncio.subprocess.Process:
    environ = {**os.environ, REDIS_VARIABLE: url}
    command = (sys.executable, "-m", "bot", *sys.argv[1:])
    return await asyncio.create_subprocess_exec(*command, env=environ, stdin=asyncio.subprocess.PIPE)
