"""One campaign from the first customer to the verdict."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.sandbox.zenoti.ledger import Visit
from tests.faults.campaign.driver import Driver
from tests.faults.campaign.fleet import PROJECT
from tests.faults.campaign.invariants import (
    KINDS,
    LOST_ANSWERS,
    Evidence,
    Problem,
    count_forgotten,
    count_repeats,
    find_problems,
)
from tests.faults.campaign.leftovers import find_leftovers
from tests.faults.campaign.mix import LEASE, VENDOR_TIMEOUT, Mix
from tests.faults.campaign.points import POINTS
from tests.faults.campaign.record import Taken
from tests.faults.campaign.stage import Stage, open_stage
from tests.faults.crowd import Crowd

REPORT = timedelta(seconds=30)
REST = timedelta(seconds=90)
"""For everything to come to rest when the last customer has left and nothing breaks any more."""
GLANCE = 0.5
SEAT_KEPT = timedelta(seconds=10)
"""A salon has not room for ten thousand: after so long an appointment's time may be had by the next, its record stays."""
FORGOTTEN = 3.0
"""Seconds before a restart that lost the last second in which something done may not have been kept."""
MADE_AND_FORGOTTEN = VENDOR_TIMEOUT.total_seconds() + 2
"""The same for the wish behind an appointment, which is written down before the vendor is called."""
STALL = 1.0
"""Seconds of standing still that are worth noting."""
LONGEST_SEND = 8.0
"""Seconds after which the bot gives a call to Telegram up: not scaled like the lease, so on a machine that stands still a
message may leave after its lease, and once more from the next owner."""
STAFF_CHATS = (-1001001, -1001002, -1001003)


@dataclass
class Verdict:
    """What a run has shown."""

    mix: Mix
    kills: int
    hits: Counter[str]
    lines: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def last_line(self) -> str:
        counts = Counter(problem.kind for problem in self.problems)
        found = ", ".join(f"{kind} {counts[kind]}" for kind in KINDS)
        return f"conversations {self.mix.conversations}, kills {self.kills}, {found}"


async def run_campaign(mix: Mix, *, package: Path = PROJECT, progress: Callable[[str], None] | None = None) -> Verdict:
    """`progress` is told now and then how far it has come."""
    began = time.monotonic()
    async with open_stage(mix, package=package) as stage:
        crowd = Crowd(
            stage.sandbox,
            seed=mix.seed,
            hurry=mix.reordered,
            talkativeness=mix.talkative,
            patience=timedelta(seconds=mix.patience),
            unchanged=stage.record.unchanged,
            has_forgotten=lambda since: any(at >= since for at in stage.store.losses),
        )
        driver = Driver(stage, crowd)
        async with asyncio.TaskGroup() as group:
            seats = group.create_task(_give_seats_back(stage))
            watching = group.create_task(_watch_stalls(stage))
            striking = group.create_task(driver.run())
            if progress is not None:
                group.create_task(_report(crowd, driver, progress))
            await crowd.book(mix.conversations, at_once=mix.at_once, may_start=driver.may_start)
            await striking
            booked = time.monotonic() - began
            stage.calm()
            leftovers = await _come_to_rest(stage)
            seats.cancel()
            watching.cancel()
        evidence = _gather(stage, crowd, leftovers)
        verdict = Verdict(mix, driver.kills, driver.hits, problems=find_problems(evidence))
        verdict.lines = _describe(stage, crowd, driver, evidence, seconds=booked)
    verdict.lines.append(f"total time {time.monotonic() - began:.0f} s")
    return verdict


async def _report(crowd: Crowd, driver: Driver, progress: Callable[[str], None]) -> None:
    while not driver.is_over:
        await asyncio.sleep(REPORT.total_seconds())
        progress(f"… {crowd.done} conversations, {driver.kills} kills")


async def _give_seats_back(stage: Stage) -> None:
    ledger = stage.vendor.ledger
    given: set[str] = set()
    while True:
        await asyncio.sleep(GLANCE * 4)
        before = stage.sandbox.clock.now() - SEAT_KEPT
        for visit in _list_visits(stage):
            if visit.id not in given and visit.created_at < before:
                given.add(visit.id)
                ledger.give_time_back(visit)


async def _watch_stalls(stage: Stage) -> None:
    """A machine too busy for us: what is under way then may outlive its lease."""
    loop = asyncio.get_running_loop()
    while True:
        before = loop.time()
        await asyncio.sleep(GLANCE / 5)
        if loop.time() - before > STALL:
            stage.stalls.append((before, loop.time()))


def _list_visits(stage: Stage) -> list[Visit]:
    return [visit for visit in stage.vendor.ledger.visits.values() if visit.booking_id]


async def _come_to_rest(stage: Stage) -> list[str]:
    """What is left when nothing changes any more."""
    deadline = time.monotonic() + REST.total_seconds()
    while (leftovers := await find_leftovers(stage.redis)) and time.monotonic() < deadline:
        if all("dead letters" in line for line in leftovers):
            break
        await asyncio.sleep(GLANCE)
    return leftovers


def _gather(stage: Stage, crowd: Crowd, leftovers: list[str]) -> Evidence:
    troubles = {bot.name: bot.troubles for bot in stage.bots}

    def explains(first: Taken, again: Taken) -> bool:
        windows = [*troubles.get(first.by, ()), *stage.store.troubles]
        windows += [(start - LONGEST_SEND, end + LONGEST_SEND) for start, end in stage.stalls]
        return first.fault in LOST_ANSWERS or any(start <= again.at and end >= first.at for start, end in windows)

    def forgets(at: float) -> bool:
        return any(at <= loss <= at + FORGOTTEN + LEASE.total_seconds() for loss in stage.store.losses)

    visits = _list_visits(stage)
    ahead = stage.sandbox.clock.now().timestamp() - asyncio.get_running_loop().time()
    made = {visit.id: visit.created_at.timestamp() - ahead for visit in visits}
    forgotten = frozenset(
        name for name, at in made.items() if any(at <= loss <= at + MADE_AND_FORGOTTEN for loss in stage.store.losses)
    )
    return Evidence(
        talkers=crowd.talkers,
        chats=stage.record.chats,
        visits=visits,
        staff_chats=STAFF_CHATS,
        explains=explains,
        forgets=forgets,
        forgotten=forgotten,
        late=[talker for talker in crowd.talkers if talker.was_answered_late],
        leftovers=leftovers,
    )


def _describe(stage: Stage, crowd: Crowd, driver: Driver, evidence: Evidence, *, seconds: float) -> list[str]:
    mix = stage.mix
    waits = sorted(wait for talker in crowd.talkers for wait in talker.waits)
    lost_by_telegram = sum(count for kind, count in stage.telegram.struck.items() if kind in LOST_ANSWERS)
    leaving = Counter(_why(talker.trail[-1] if talker.trail else "") for talker in crowd.talkers if talker.told != "booked")
    bound = LEASE.total_seconds() + 1
    late = sum(one > bound for one in driver.recoveries)
    return [
        *(f"  {driver.hits[point.name]:4d}  {point.name}" for point in POINTS if driver.hits[point.name] or mix.points is None),
        f"  {driver.random_kills:4d}  at random",
        f"  {stage.store.kills - len(stage.store.losses):4d}  Redis killed and restarted",
        f"  {len(stage.store.losses):4d}  Redis came back without its last second ({stage.store.lost_bytes} bytes)",
        f"  {driver.cuts:4d}  a connection to Redis cut at a script",
        f"  {driver.jumps:4d}  a clock jumped",
        f"  {driver.storms:4d}  every vendor call refused for two seconds",
        f"vendor faults {dict(stage.zenoti.struck)}",
        f"Telegram faults {dict(stage.telegram.struck)}",
        f"customers' wait: p50 {_at(waits, 0.5):.2f} s, p99 {_at(waits, 0.99):.2f} s, longest {_at(waits, 1):.2f} s",
        f"confirms {sum(talker.confirms for talker in crowd.talkers)}, "
        f"appointments {sum(visit.takes_time for visit in evidence.visits)}, "
        f"without an appointment {sum(leaving.values())}: {dict(leaving.most_common(6))}",
        f"messages said again {count_repeats(evidence)} (answers of Telegram lost {lost_by_telegram}, kills {driver.kills}, "
        f"pauses {sum(driver.hits[point.name] for point in POINTS if point.pauses)}, Redis restarts {stage.store.kills})",
        f"after Redis had lost its last second: done again by customers {sum(talker.repeats for talker in crowd.talkers)}, "
        f"appointments that nobody was told of {count_forgotten(evidence)}",
        f"after a kill somebody else went on within p50 {_at(driver.recoveries, 0.5):.2f} s, "
        f"p99 {_at(driver.recoveries, 0.99):.2f} s, longest {_at(driver.recoveries, 1):.2f} s of {len(driver.recoveries)}, "
        f"{late} later than the lease and a second ({bound:.0f} s)",
        f"went away after {mix.patience:.0f} s and were answered later: {len(evidence.late)}",
        f"the machine stood still {len(stage.stalls)} times, {sum(end - start for start, end in stage.stalls):.0f} s in all",
        f"planned and never reached: {driver.unreached or 'nothing'}",
        f"booking took {seconds:.0f} s",
    ]


def _at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _why(text: str) -> str:
    """The last thing read, without what is different for everybody."""
    return re.sub(r"\d+", "#", text)[:40]
