"""Everything around the bots: Redis, the emulators with a port for each bot, the faults, the customers."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web
from redis.asyncio import Redis

from bot.inbox.server import http_log
from bot.redisclient import connect
from bot.redisserver import RedisServer
from bot.sandbox.demo import SECRET
from bot.sandbox.server import Sandbox
from bot.sandbox.telegram.demo import HARBOUR_TOKEN
from bot.sandbox.zenoti import ZenotiEmulator
from tests.faults.campaign.fleet import PROJECT, Bot, Nursery, find_quiet_port, make_bot
from tests.faults.campaign.gate import Gate
from tests.faults.campaign.mix import Mix
from tests.faults.campaign.record import Record
from tests.faults.campaign.store import Store
from tests.faults.campaign.weather import Weather


@dataclass
class Stage:
    """A campaign's world."""

    mix: Mix
    sandbox: Sandbox
    vendor: ZenotiEmulator
    record: Record
    gate: Gate
    telegram: Weather
    zenoti: Weather
    store: Store
    redis: Redis
    """Past all proxies."""
    nursery: Nursery
    web: Bot
    workers: list[Bot]
    stalls: list[tuple[float, float]] = field(default_factory=list)
    """From when to when, on the loop's clock, the machine had no time for us."""

    @property
    def bots(self) -> list[Bot]:
        return [self.web, *self.workers]

    def calm(self) -> None:
        self.telegram.is_calm = self.zenoti.is_calm = True


@asynccontextmanager
async def open_stage(mix: Mix, *, package: Path = PROJECT) -> AsyncIterator[Stage]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontdesk-faults-")))
        server = await stack.enter_async_context(RedisServer(folder / "redis", appendfsync="everysec"))
        redis = connect(server.url)
        stack.push_async_callback(redis.aclose)
        store = Store(server, folder / "redis")
        watching = asyncio.create_task(store.watch())
        stack.callback(watching.cancel)
        names = ["web", *(f"worker{number}" for number in range(mix.workers))]
        gate = Gate()
        sandbox, vendor, record, weathers = _make_sandbox(mix)
        ports = await _open_sandbox(sandbox, gate, names, stack)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        nursery = await stack.enter_async_context(Nursery(package))
        bots = [
            await make_bot(
                name,
                "web" if name == "web" else "worker",
                folder=folder,
                ports=(find_quiet_port(), ports[name]),
                redis_url=server.url,
                nursery=nursery,
                session=session,
                stack=stack,
            )
            for name in names
        ]
        for bot in bots:
            await bot.start()
        await _set_webhook(session, ports["web"], bots[0].port)
        yield Stage(mix, sandbox, vendor, record, gate, *weathers, store, redis, nursery, bots[0], bots[1:])


def _make_sandbox(mix: Mix) -> tuple[Sandbox, ZenotiEmulator, Record, tuple[Weather, Weather]]:
    sandbox, record = Sandbox(seed=mix.seed), Record()
    vendor = sandbox.vendors["zenoti"]
    assert isinstance(vendor, ZenotiEmulator)
    telegram = Weather(mix.telegram_chances, mix.dice("telegram"))
    zenoti = Weather(mix.vendor_chances, mix.dice("zenoti"))
    sandbox.telegram.log, sandbox.telegram.faults, vendor.faults = record, telegram, zenoti
    sandbox.telegram.switches.flood = False
    sandbox.telegram.delivery.change(
        {
            "duplicates": 3,
            "duplicate_share": mix.duplicates,
            "concurrent_duplicates": True,
            "swap_callbacks": True,
            "swap_share": 1.0,
            "swap_hold_seconds": 0.05,
            "retry_base_seconds": 0.2,
        }
    )
    vendor.switches.change(
        {"calls_per_minute": 1_000_000, "hold_minutes": 2, "grid_minutes": 30, "read_delay_seconds": mix.visibility}
    )
    return sandbox, vendor, record, (telegram, zenoti)


async def _open_sandbox(sandbox: Sandbox, gate: Gate, names: list[str], stack: AsyncExitStack) -> dict[str, int]:
    app = sandbox.app()
    app.middlewares.append(gate.middleware())
    runner = web.AppRunner(app, access_log=None, logger=http_log, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    for _ in names:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
    ports = {name: address[1] for name, address in zip(names, runner.addresses, strict=True)}
    gate.names = {port: name for name, port in ports.items()}
    return ports


async def _set_webhook(session: aiohttp.ClientSession, sandbox_port: int, port: int) -> None:
    hook = {"url": f"http://127.0.0.1:{port}/telegram/harbour", "secret_token": SECRET, "max_connections": 100}
    url = f"http://127.0.0.1:{sandbox_port}/telegram/bot{HARBOUR_TOKEN}/setWebhook"
    async with session.post(url, json=hook) as answer:
        assert answer.status == 200
