import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from bot.errors import SettingsError
from bot.processes import run_processes
from bot.sandbox.demo import write_demo_settings
from bot.settings import load_settings

PATIENCE = 30.0
"""Seconds until what never happens fails the test."""


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serve_twice(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, list[psutil.Process]]]:
    """`frontdesk serve --processes 2` once both run, and the two."""
    config = write_demo_settings(folder / "frontdesk.toml", "http://127.0.0.1:9", port=find_port())
    command = ("-m", "bot", "--log-level", "error", "serve", "--config", str(config), "--processes", "2")
    parent = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            lines = [await parent.stdout.readline() for _ in range(2)]
            assert all(line.startswith(b"frontdesk all on http://127.0.0.1:") for line in lines)
            yield parent, [child for child in psutil.Process(parent.pid).children() if "bot" in child.cmdline()]
    finally:
        with contextlib.suppress(ProcessLookupError):
            parent.kill()
        await parent.wait()


async def wait_for_end(processes: list[psutil.Process]) -> None:
    await asyncio.to_thread(psutil.wait_procs, processes, PATIENCE)
    # An orphan that nobody reaps stays on the list of processes, but runs no more.
    assert [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_all_in_good_order(tmp_path: Path, sent: signal.Signals) -> None:
    async def scenario() -> None:
        async with serve_twice(tmp_path) as (parent, children):
            assert len(children) == 2
            parent.send_signal(sent)
            assert await parent.wait() == 0
            await wait_for_end(children)

    asyncio.run(scenario())


def test_no_process_outlives_a_killed_parent(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serve_twice(tmp_path) as (parent, children):
            parent.kill()
            await wait_for_end(children)

    asyncio.run(scenario())


def test_all_end_when_one_has_died(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serve_twice(tmp_path) as (parent, children):
            children[0].kill()
            assert await parent.wait() == 1
            await wait_for_end(children)

    asyncio.run(scenario())


def test_port_must_be_one_that_can_be_shared(tmp_path: Path) -> None:
    config = write_demo_settings(tmp_path / "frontdesk.toml", "http://127.0.0.1:9", port=0)
    with pytest.raises(SettingsError, match=r"server\.port: found 0"):
        asyncio.run(run_processes(load_settings(config, {}), 2))
