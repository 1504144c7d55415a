"""The bot's cost per turn beside the floor's, in the same run: `make bench`.

One bot process on one core; the customers, the emulated Telegram and vendor and Redis on the other. The two bots are driven
in turn, round by round, and the ratio is the median of the rounds' ratios: absolute times move with the machine, ratios
hold. A conversation is a whole booking by a new customer, the vendor's calls included.
"""

import argparse
import asyncio
import contextlib
import os
import random
import re
import signal
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from benchmarks.telegram import Phone, Platform, Screen
from bot.redisserver import RedisServer
from bot.sandbox.clock import SandboxClock
from bot.sandbox.demo import SECRET, write_demo_settings
from bot.sandbox.zenoti import ZenotiEmulator

BOT_CORE, HARNESS_CORE = 0, 1
UNLIMITED = 10_000_000
"""Vendor calls a minute: the quota is not what is measured."""
PATIENCE = 6.0
"""Seconds without news after which a customer leaves."""
FEW = 4
"""Customers choose among the first few locations, services and days, as most people do, and among all times."""
CONFIRM = re.compile(r"Book \d\d:\d\d")
"""The label of the button that books."""
FLOOR_TURNS = 7
"""Turns of a conversation with the floor: as many as a booking takes."""


@dataclass(slots=True)
class Round:
    """What one window measured."""

    turns: int = 0
    conversations: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def cpu_per_turn(self) -> float:
        """Microseconds."""
        return self.cpu / max(1, self.turns) * 1e6


@dataclass(slots=True)
class Target:
    """One bot under measurement."""

    name: str
    process: asyncio.subprocess.Process
    url: str
    converse: Callable[["Target", Phone, Round], Awaitable[None]]
    rounds: list[Round] = field(default_factory=list)

    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench:
    """Customers and platforms."""

    def __init__(self, platform: Platform, zenoti: ZenotiEmulator, *, users: int) -> None:
        self._platform = platform
        self._zenoti = zenoti
        self._users = users
        self._next_chat = 50_000
        self._random = random.Random(0)

    async def measure(self, target: Target, seconds: float) -> Round:
        """Drive one bot with every customer for a while; a turn that was begun is finished and counted."""
        self._platform.webhook = target.url
        self._zenoti.reset()  # all times free again
        self._zenoti.switches.calls_per_minute = UNLIMITED
        measured = Round()
        loop = asyncio.get_running_loop()
        began, cpu = loop.time(), target.cpu()
        end = began + seconds

        async def keep_talking() -> None:
            while loop.time() < end:
                self._next_chat += 1
                await target.converse(target, self._platform.join(self._next_chat), measured)

        async with asyncio.timeout(seconds + 120):
            await asyncio.gather(*(keep_talking() for _ in range(self._users)))
        measured.seconds, measured.cpu = loop.time() - began, target.cpu() - cpu
        return measured

    async def talk_to_floor(self, _: Target, phone: Phone, measured: Round) -> None:
        await self._platform.say(phone, "/start")
        screen = await phone.screens.get()
        for _turn in range(FLOOR_TURNS - 1):
            await self._platform.tap(phone, screen, screen.rows[0][0]["callback_data"])
            screen = await phone.screens.get()
        measured.turns += FLOOR_TURNS
        measured.conversations += 1

    async def browse(self, target: Target, phone: Phone, measured: Round) -> None:
        """Up to the summary: turns that call the vendor only for looks, which all customers share."""
        await self._talk(phone, measured, books=False)

    async def book(self, target: Target, phone: Phone, measured: Round) -> None:
        """A whole booking: any choice of each prompt, the phone number from the contact card, the button that books."""
        await self._talk(phone, measured, books=True)

    async def _talk(self, phone: Phone, measured: Round, *, books: bool) -> None:
        await self._platform.say(phone, "/start")
        for _screen in range(30):
            screen = await _read(phone)
            if screen is None:
                return
            measured.turns += 1
            if screen.text.startswith("Booked"):
                measured.conversations += 1
                return
            if screen.asks_contact:
                await self._platform.share_contact(phone)
                continue
            confirm = _find_confirm(screen)
            if confirm is not None and not books:
                measured.conversations += 1
                return
            choices = [confirm] if confirm else _list_choices(screen)
            if not choices:  # a word in between: another follows
                continue
            button = self._random.choice(choices)
            await self._platform.tap(phone, screen, button["callback_data"])
            if confirm is not None:
                await _read(phone)  # "one moment", an edit of the summary


async def _read(phone: Phone) -> Screen | None:
    """The next screen; None for a customer who was shown the same again, which an edit does not show."""
    try:
        return await asyncio.wait_for(phone.screens.get(), PATIENCE)
    except TimeoutError:
        return None


def _list_choices(screen: Screen) -> list[dict[str, str]]:
    """The buttons that lead on; the last row has the ways out."""
    choices = [button for row in screen.rows[:-1] for button in row if not button["text"].startswith(("More", "\u2039"))]
    is_times = len(screen.rows[0]) > 1
    return choices if is_times else choices[:FEW]


def _find_confirm(screen: Screen) -> dict[str, str] | None:
    """The button that books."""
    buttons = (button for row in screen.rows for button in row)
    return next((button for button in buttons if button.get("style") and CONFIRM.match(button["text"])), None)


@asynccontextmanager
async def run_process(*command: str, ready_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A child on the bot's core, ready when its address answers."""
    process = await asyncio.create_subprocess_exec(sys.executable, *command, preexec_fn=lambda: _pin(BOT_CORE))
    try:
        await _wait_for(ready_url, process)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _wait_for(url: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        while process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    if answer.status < 500:
                        return
            await asyncio.sleep(0.05)
    raise RuntimeError("the bot did not start")


def _pin(core: int) -> None:
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})


def _free_ports(count: int) -> list[int]:
    import socket

    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


async def main(*, users: int, rounds: int, seconds: float, only: str = "") -> None:
    _pin(HARNESS_CORE)
    platform, zenoti = Platform(SECRET), ZenotiEmulator(SandboxClock())
    api = web.Application()
    api.router.add_post("/telegram/bot{token}/{method}", platform.take)
    api.add_subapp("/zenoti", zenoti.app())
    runner = web.AppRunner(api, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sandbox_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    bot_port, floor_port = _free_ports(2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            RedisServer(folder / "redis") as redis,
            RedisServer(folder / "floor") as floor_redis,
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
        ):
            platform.session = session
            config = folder / "frontdesk.toml"
            write_demo_settings(config, sandbox_url, port=bot_port, redis_url=redis.url, pace_seconds=0.001)
            bench = Bench(platform, zenoti, users=users)
            floor_command = (str(Path(__file__).parent / "floor.py"), str(floor_port), f"{sandbox_url}/telegram", floor_redis.url)
            async with (
                run_process(
                    "-m", "bot", "serve", "--config", str(config), ready_url=f"http://127.0.0.1:{bot_port}/readyz"
                ) as bot,
                run_process(*floor_command, ready_url=f"http://127.0.0.1:{floor_port}/") as floor,
            ):
                targets = (
                    Target("booking", bot, f"http://127.0.0.1:{bot_port}/telegram/harbour", bench.book),
                    Target("browsing", bot, f"http://127.0.0.1:{bot_port}/telegram/harbour", bench.browse),
                    Target("floor", floor, f"http://127.0.0.1:{floor_port}/telegram/harbour", bench.talk_to_floor),
                )
                for target in targets:
                    await bench.measure(target, 1.0)
                if only:  # for a profiler: nothing else happens meanwhile
                    print("begin", flush=True)
                    await bench.measure(next(target for target in targets if target.name == only), seconds)
                    return
                for _ in range(rounds):
                    for target in targets:
                        target.rounds.append(await bench.measure(target, seconds))
            report(*targets)
    await runner.cleanup()


def report(booking: Target, browsing: Target, floor: Target) -> None:
    """A line a round and target, then the medians; the last line is about whole bookings."""
    for target in (booking, browsing, floor):
        for number, one in enumerate(target.rounds, 1):
            rates = f"turns/s {one.turns / one.seconds:.0f}, conversations/s {one.conversations / one.seconds:.1f}"
            print(f"{target.name:>9} {number}: {rates}, cpu/turn {one.cpu_per_turn:.0f} us")
    for target in (browsing, booking):
        turns = statistics.median(one.turns / one.seconds for one in target.rounds)
        cpu = statistics.median(one.cpu_per_turn for one in target.rounds)
        floor_cpu = statistics.median(one.cpu_per_turn for one in floor.rounds)
        pairs = zip(target.rounds, floor.rounds, strict=True)
        ratio = statistics.median(ours.cpu_per_turn / theirs.cpu_per_turn for ours, theirs in pairs)
        if target is browsing:
            print(f"without vendor writes: cpu/turn {cpu:.0f} us, ratio {ratio:.2f}")
        else:
            print(f"turns/s {turns:.0f}, cpu/turn {cpu:.0f} us, floor cpu/turn {floor_cpu:.0f} us, ratio {ratio:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="CPU per turn of the bot beside the floor's.")
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--only", choices=("booking", "browsing", "floor"), default="", help="one long round, to be profiled")
    options = parser.parse_args()
    asyncio.run(main(users=options.users, rounds=options.rounds, seconds=options.seconds, only=options.only))
