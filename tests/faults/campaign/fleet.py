"""The bot's processes: one that takes webhooks and several that work, each with its own way to Redis and to the emulators."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import aiohttp
import orjson

from bot.sandbox.demo import write_demo_settings
from tests.bot.inbox.proxy import Proxy
from tests.faults.campaign.mix import LEASE, PACE, VENDOR_TIMEOUT
from tests.faults.nursery import SHIFT

PROJECT = Path(__file__).parents[3]
START = timedelta(seconds=30)
QUIET_PORTS = (20_000, 32_000)
GLANCE = timedelta(milliseconds=20)


class Nursery:
    """The process that starts bots; `package` is the folder with the bot's source."""

    def __init__(self, package: Path = PROJECT) -> None:
        self._package = package
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self.shas: Mapping[str, str] = {}

    async def __aenter__(self) -> Self:
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(self._package), str(PROJECT)))}
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.nursery",
            cwd=self._package,
            env=environ,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self.shas = (await self._read())["scripts"]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def start(self, wish: Mapping[str, str]) -> int:
        """The new process's id."""
        async with self._turn:
            assert self._process is not None
            assert self._process.stdin is not None
            self._process.stdin.write(orjson.dumps(wish) + b"\n")
            return int((await self._read())["pid"])

    async def _read(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise AssertionError("the nursery ended")
        return dict(orjson.loads(line))


@dataclass
class Bot:
    """One process of the bot, started as often as it is killed."""

    name: str
    role: Literal["web", "worker"]
    port: int
    config: Path
    proxy: Proxy
    nursery: Nursery
    session: aiohttp.ClientSession
    pid: int = 0
    troubles: list[tuple[float, float]] = field(default_factory=list)
    """From when to when, on the loop's clock, it was killed or stopped and not yet back."""
    kills: int = 0

    @property
    def log(self) -> Path:
        return self.config.with_suffix(".log")

    @property
    def shift(self) -> Path:
        """Holds the seconds that this process' clock is ahead."""
        return self.config.with_suffix(".shift")

    async def start(self) -> None:
        """Until it can do its work."""
        wish = {"config": str(self.config), "role": self.role, "log": str(self.log), "shift": str(self.shift)}
        self.pid = await self.nursery.start(wish)
        async with asyncio.timeout(START.total_seconds()):
            while not await self._is_ready():
                if not _is_alive(self.pid):
                    raise AssertionError(f"{self.name} ended by itself: {self.log.read_text()[-2000:]}")
                await asyncio.sleep(GLANCE.total_seconds())

    async def _is_ready(self) -> bool:
        with contextlib.suppress(aiohttp.ClientError, OSError):
            async with self.session.get(f"http://127.0.0.1:{self.port}/healthz") as answer:
                return answer.status == 200
        return False

    async def kill(self) -> None:
        """As if the machine had lost its power; until nothing of it is left."""
        self.kills += 1
        await self.end(signal.SIGKILL)

    async def end(self, number: signal.Signals) -> None:
        if not self.pid:
            return
        with contextlib.suppress(ProcessLookupError):
            self.send(number)
        while _is_alive(self.pid):  # noqa: ASYNC110  it is not our child
            await asyncio.sleep(GLANCE.total_seconds() / 4)
        self.pid = 0

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def shift_clock(self, by: timedelta) -> None:
        with self.shift.open("r+b") as file:
            file.write(SHIFT.pack(by.total_seconds()))


def _is_alive(pid: int) -> bool:
    """Whether it still runs; one that waits for its parent to take note of its end does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def find_quiet_port() -> int:
    """Below those that the system hands out for calls: while a killed bot is away, no call of somebody else may take its port."""
    while True:
        port = random.randrange(*QUIET_PORTS)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


async def make_bot(
    name: str,
    role: Literal["web", "worker"],
    *,
    folder: Path,
    ports: tuple[int, int],
    redis_url: str,
    nursery: Nursery,
    session: aiohttp.ClientSession,
    stack: AsyncExitStack,
) -> Bot:
    """`ports`: its own, and the one on which it finds the emulators."""
    proxy = await stack.enter_async_context(Proxy(redis_url))
    config = write_demo_settings(
        folder / f"{name}.toml",
        f"http://127.0.0.1:{ports[1]}",
        port=ports[0],
        redis_url=proxy.url,
        lease_seconds=LEASE.total_seconds(),
        vendor_timeout_seconds=VENDOR_TIMEOUT.total_seconds(),
        pace_seconds=PACE.total_seconds(),
    )
    bot = Bot(name, role, ports[0], config, proxy, nursery, session)
    bot.shift.write_bytes(SHIFT.pack(0.0))
    stack.push_async_callback(bot.end, signal.SIGKILL)
    return bot
