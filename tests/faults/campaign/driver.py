"""Kills, stops and restarts, spread evenly over the conversations, in an order that the seed decides."""

import asyncio
import contextlib
import signal
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.inbox.keys import keys_of
from tests.bot.inbox.proxy import Trap
from tests.faults.campaign.fleet import Bot
from tests.faults.campaign.gate import Stop
from tests.faults.campaign.mix import HITS, LEASE
from tests.faults.campaign.points import KILLED_AT, PAUSED_AT, Point, matcher, read_conversation
from tests.faults.campaign.stage import Stage
from tests.faults.crowd import Crowd

GLANCE = 0.02
BEYOND = LEASE * 1.25
"""How long a stopped process sleeps: its lease is over, and somebody else has begun."""
IN_VAIN = timedelta(seconds=4)
"""A point that was not reached for so long is tried again later, perhaps on another worker."""
STORM = timedelta(seconds=2)
HESITATION = timedelta(seconds=1)
SLACK = 3
"""How many times the crowd of the moment may be ahead of the kills, so that there is always somebody to strike."""
HURRY = 0.97
"""All is done by this share of the conversations."""


@dataclass
class Driver:
    """Strikes bots, Redis and clocks while the crowd books."""

    stage: Stage
    crowd: Crowd
    hits: Counter[str] = field(default_factory=Counter)
    """Kills and stops by point of the crash matrix."""
    random_kills: int = 0
    jumps: int = 0
    storms: int = 0
    cuts: int = 0
    recoveries: list[float] = field(default_factory=list)
    """Seconds from a kill until somebody else held the conversation it happened in."""
    _plans: dict[str, deque[Point | None]] = field(default_factory=dict)
    _struck: int = 0
    _planned: int = 0
    _watching: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._plans = {role: deque(self._plan(role)) for role in ("web", "worker")}
        self._planned = sum(len(plan) for plan in self._plans.values())

    def _plan(self, role: str) -> list[Point | None]:
        """Where to strike, in which order; None stands for a moment at random."""
        mix = self.stage.mix
        chosen = [point for point in KILLED_AT if mix.points is None or point.name in mix.points]
        share = mix.kills // max(1, len(chosen))
        if mix.points is None:
            share = min(HITS, share)
        plan: list[Point | None] = [point for point in chosen if point.role == role for _ in range(share)]
        pauses = [point for point in PAUSED_AT if point.role == role and (mix.points is None or point.name in mix.points)]
        plan += [point for point in pauses for _ in range(mix.pauses // len(pauses))]
        if role == "worker":
            plan += [None] * (mix.kills - share * len(chosen) if chosen else 0)
        mix.dice(role).shuffle(plan)
        return plan

    @property
    def unreached(self) -> dict[str, int]:
        """What was planned and not done, because the customers left before."""
        return dict(Counter(point.name if point else "at random" for plan in self._plans.values() for point in plan))

    @property
    def is_over(self) -> bool:
        """Nobody is left to strike."""
        return self.crowd.done >= self.stage.mix.conversations

    @property
    def kills(self) -> int:
        return sum(bot.kills for bot in self.stage.bots)

    async def may_start(self, number: int) -> None:
        """Customers wait where the strikes have fallen behind; not for long, for without customers there is nobody to strike."""
        mix = self.stage.mix
        deadline = asyncio.get_running_loop().time() + HESITATION.total_seconds()
        while self._struck < self._planned and number > self._struck / self._planned * mix.conversations + mix.at_once * SLACK:
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(GLANCE)

    async def run(self) -> None:
        """Until everything planned has been done."""
        mix = self.stage.mix
        async with asyncio.TaskGroup() as group:
            for bot in self.stage.bots:
                group.create_task(self._strike_always(bot))
            group.create_task(self._repeat(mix.redis_kills, lambda: self.stage.store.restart(loses_last_second=False)))
            group.create_task(self._repeat(mix.redis_losses, lambda: self.stage.store.restart(loses_last_second=True)))
            group.create_task(self._repeat(mix.clock_jumps, self._jump))
            group.create_task(self._repeat(mix.storms, self._storm))
            group.create_task(self._repeat(mix.cuts, self._cut))
        await asyncio.gather(*self._watching)

    # ── When ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _repeat(self, count: int, act: Callable[[], Awaitable[None]]) -> None:
        for number in range(count):
            await self._wait_for_share((number + 0.7) / count)
            await act()

    async def _wait_for_share(self, share: float) -> None:
        """Until so much of all conversations is over."""
        mix = self.stage.mix
        early = mix.at_once / mix.conversations  # the first strikes need not wait for the first customer to be done
        while self.crowd.done / mix.conversations < (share - early) * HURRY:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(GLANCE)

    # ── Bots ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _strike_always(self, bot: Bot) -> None:
        plan, dice = self._plans[bot.role], self.stage.mix.dice(bot.name)
        while plan and not self.is_over:
            await self._wait_for_share(self._struck / self._planned)
            if not plan or self.is_over:
                return
            point = plan.popleft()
            if point is None:
                await asyncio.sleep(dice.uniform(0.0, 0.5))
                await self._kill(bot)
                self.random_kills += 1
            elif not await self._strike_at(bot, point):
                plan.append(point)
                continue
            self._struck += 1

    async def _strike_at(self, bot: Bot, point: Point) -> bool:
        """Whether the point was reached."""
        strike = self._strike_redis if point.where == "redis" else self._strike_http
        if not await strike(bot, point):
            return False
        self.hits[point.name] += 1
        return True

    async def _strike_redis(self, bot: Bot, point: Point) -> bool:
        trap = Trap(matcher(point, self.stage.nursery.shas), point.when)
        bot.proxy.lay(trap)
        if not await _comes(trap.reached):
            bot.proxy.lay(None)
            return False
        if point.pauses:
            await self._pause(bot, trap.let_through)
        else:
            await self._kill(bot, read_conversation(trap.command) if point.what != "enqueue" else "")
        return True

    async def _strike_http(self, bot: Bot, point: Point) -> bool:
        stop = Stop(bot.name, point.what, point.when, point.applies_late)
        self.stage.gate.lay(stop)
        if not await _comes(stop.reached):
            self.stage.gate.clear(bot.name)
            return False
        if point.pauses:
            await self._pause(bot, stop.ended.set)
            return True
        await self._kill(bot, f"harbour:telegram:{stop.chat}" if stop.chat else "")
        if point.applies_late:
            asyncio.get_running_loop().call_later(BEYOND.total_seconds(), stop.ended.set)
        else:
            stop.ended.set()
        return True

    async def _kill(self, bot: Bot, conversation: str = "") -> None:
        loop = asyncio.get_running_loop()
        fence = await self._read_fence(conversation) if conversation else ""
        began = loop.time()
        await bot.kill()
        if conversation:
            task = asyncio.create_task(self._watch_recovery(conversation, fence, began))
            self._watching.add(task)
            task.add_done_callback(self._watching.discard)
        await bot.start()
        bot.troubles.append((began, loop.time()))

    async def _pause(self, bot: Bot, let_go: Callable[[], None]) -> None:
        """What it was about to do is done when its lease is over; then it wakes."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        bot.send(signal.SIGSTOP)
        await asyncio.sleep(BEYOND.total_seconds())
        let_go()
        bot.send(signal.SIGCONT)
        bot.troubles.append((began, loop.time() + LEASE.total_seconds()))

    # ── How soon somebody else goes on ───────────────────────────────────────────────────────────────────────────────

    async def _read_fence(self, conversation: str) -> str:
        with contextlib.suppress(Exception):
            return repr(await self.stage.redis.hmget(keys_of(conversation).record, ["fn", "own"]))
        return ""

    async def _watch_recovery(self, conversation: str, before: str, began: float) -> None:
        """Measured unless Redis itself was away meanwhile."""
        loop = asyncio.get_running_loop()
        restarts = self.stage.store.kills
        while (now := await self._read_fence(conversation)) == before or not now:
            if self.stage.store.kills != restarts or loop.time() - began > BEYOND.total_seconds() * 6:
                return
            await asyncio.sleep(GLANCE)
        if self.stage.store.kills == restarts:
            self.recoveries.append(loop.time() - began)

    # ── Everything else ──────────────────────────────────────────────────────────────────────────────────────────────

    async def _jump(self) -> None:
        """One process' clock is wrong for a while, by minutes, in either direction."""
        dice = self.stage.mix.dice(f"jump {self.jumps}")
        bot = dice.choice(self.stage.bots)
        self.jumps += 1
        bot.shift_clock(timedelta(seconds=dice.choice((-1, 1)) * dice.uniform(30, 240)))
        await asyncio.sleep(STORM.total_seconds() * 2)
        bot.shift_clock(timedelta(0))

    async def _cut(self) -> None:
        """The next script of one process loses its request or its answer."""
        dice = self.stage.mix.dice(f"cut {self.cuts}")
        bot, script = dice.choice(self.stage.bots), dice.choice(("commit", "claim", "sent"))
        mark = self.stage.nursery.shas["enqueue" if bot.role == "web" else script]
        bot.proxy.cut(1, loses=dice.choice(("request", "answer")), mark=mark)
        self.cuts += 1

    async def _storm(self) -> None:
        self.storms += 1
        self.stage.zenoti.is_stormy = True
        await asyncio.sleep(STORM.total_seconds())
        self.stage.zenoti.is_stormy = False


async def _comes(event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(IN_VAIN.total_seconds()):
            await event.wait()
    except TimeoutError:
        return False
    return True
