"""A bot in a process of its own, to be killed."""

import asyncio
import contextlib
import signal
import socket
import sys
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import aiohttp

from bot.inbox.worker import SWEEP

START = timedelta(seconds=30)


def find_port() -> int:
    """One that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


class BotProcess:
    """`frontdesk serve` as an operator starts it."""

    def __init__(
        self,
        config: Path,
        *,
        port: int,
        role: Literal["all", "web", "worker"] = "all",
        processes: int = 1,
        code: Path | None = None,
    ) -> None:
        """`code`: a folder with another version of the bot."""
        command = ("--log-level", "warning", "serve", "--config", str(config), "--role", role, "--processes", str(processes))
        self._command = ("-m", "bot", *command)
        self._code = code
        self.port = port
        self._ready_url = f"http://127.0.0.1:{port}/readyz"
        self._process: asyncio.subprocess.Process | None = None
        self.kills = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    async def start(self) -> None:
        """Until it can do its work."""
        self._process = await asyncio.create_subprocess_exec(sys.executable, *self._command, cwd=self._code)
        async with aiohttp.ClientSession() as session, asyncio.timeout(START.total_seconds()):
            while self._process.returncode is None:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(self._ready_url) as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(SWEEP.total_seconds() / 20)
        raise AssertionError(f"the bot ended with {self._process.returncode}")

    async def kill(self) -> None:
        """As if the machine had lost its power."""
        self.kills += 1
        await self.end(signal.SIGKILL)

    async def stop(self) -> None:
        """As an operator stops it."""
        await self.end(signal.SIGTERM)

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def wait(self) -> int:
        """The exit code."""
        assert self._process is not None
        code = await self._process.wait()
        self._process = None
        return code

    async def end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        await self._process.wait()
        self._process = None
