"""`frontdesk` in a process of its own, with everything it writes kept in a file."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp

START = timedelta(seconds=30)
GLANCE = 0.05
"""Seconds between two looks whether it is ready."""


class Child:
    """A bot that runs."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path, port: int) -> None:
        self._process = process
        self._log = log
        self.port = port

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    def read_log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    async def wait_until_ready(self) -> None:
        async with aiohttp.ClientSession() as session, asyncio.timeout(START.total_seconds()):
            while self.is_alive:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://127.0.0.1:{self.port}/readyz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(GLANCE)
        raise AssertionError(f"the bot ended with {self._process.returncode}:\n{self.read_log()[-2000:]}")

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        await self._process.wait()


@asynccontextmanager
async def run_child(config: Path, *, port: int, log: Path, level: str = "debug", role: str = "all") -> AsyncIterator[Child]:
    """`frontdesk serve`, ready, stopped in good order at the end."""
    with log.open("ab") as out:
        command = (sys.executable, "-m", "bot", "--log-level", level, "serve", "--config", str(config), "--role", role)
        process = await asyncio.create_subprocess_exec(*command, stdout=out, stderr=out)
    child = Child(process, log, port)
    try:
        await child.wait_until_ready()
        yield child
    finally:
        await child.end()


async def run_command(*arguments: str, environ: Mapping[str, str] = os.environ) -> tuple[int, str]:
    """The exit code of a `frontdesk` command and all that it wrote."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=dict(environ),
    )
    written, _ = await process.communicate()
    return process.returncode or 0, written.decode(errors="replace")
