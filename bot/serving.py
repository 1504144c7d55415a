"""What the commands run: the bot for real, the demo, the sandbox alone."""

import asyncio
import contextlib
import gc
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from bot.app import Role, Running, run_bot
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import Whatsapp
from bot.errors import SettingsError
from bot.sandbox.demo import write_demo_settings
from bot.sandbox.server import Sandbox, credentials
from bot.sandbox.vendors import EMULATORS
from bot.settings import Settings, load_settings

Say = Callable[[str], None]
"""Tells the operator something, on standard output."""


COLLECT_AFTER = (20_000, 20, 20)
"""New objects before the youngest are looked through, and how often that is before the older ones are."""


async def run_serve(settings: Settings, *, role: Role, shares_port: bool, say: Say) -> None:
    """The bot, until it is asked to stop: then what is in hand is finished."""
    ended = _expect_the_end()
    async with run_bot(settings, role=role, shares_port=shares_port) as running:
        _spare_collector()
        say(f"frontdesk {role} on http://{settings.server.host}:{running.port}")
        await ended.wait()


async def run_sandbox(*, host: str, port: int, seed: int, say: Say) -> None:
    """The emulators, until asked to stop."""
    ended = _expect_the_end()
    async with _open_sandbox(host, port, seed=seed) as (_, url):
        for credential in credentials():
            say(f"{url}/{credential.service}  {credential.name}: {credential.value}")
        say(f"sandbox on {url}")
        await ended.wait()


async def run_demo(*, host: str, port: int, vendor: str, say: Say) -> None:
    """Emulators, demo page and a bot that cannot tell them from the real thing. Nothing is kept.

    Raises `SettingsError` for a vendor without an emulator.
    """
    if vendor not in EMULATORS:
        raise SettingsError(f"--vendor: found {vendor}; expected one with an emulator: {', '.join(EMULATORS)}")
    ended = _expect_the_end()
    with tempfile.TemporaryDirectory(prefix="frontdesk-") as folder:
        async with _open_sandbox(host, port, vendors=(vendor,)) as (_, url):
            settings = load_settings(write_demo_settings(Path(folder) / "frontdesk.toml", url, vendor=vendor), {})
            async with run_bot(settings) as running:
                await register_webhooks(running)
                say(f"demo on {url}/")
                await ended.wait()


async def register_webhooks(running: Running) -> None:
    """Point every emulated bot and number at this process."""
    for office in running.offices.values():
        for channel in office.channels.values():
            if isinstance(channel, Telegram | Whatsapp):
                await channel.register(f"http://127.0.0.1:{running.port}")


@asynccontextmanager
async def _open_sandbox(
    host: str, port: int, *, seed: int = 0, vendors: Iterable[str] = EMULATORS
) -> AsyncIterator[tuple[Sandbox, str]]:
    """The emulators and their address on this machine."""
    sandbox = Sandbox(seed=seed, vendors=vendors)
    runner = web.AppRunner(sandbox.app(), access_log=None, shutdown_timeout=2)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise SettingsError(f"--port: found {port} on {host} ({reason}); expected a free one") from None
        yield sandbox, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _spare_collector() -> None:
    """What lives as long as the process is not looked through for garbage again and again: a tenth of a turn's CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def _expect_the_end() -> asyncio.Event:
    """Set by SIGINT or SIGTERM. Asked for first, so that a signal during the start ends in good order too."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, ended.set)
    return ended
