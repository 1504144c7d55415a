"""Switches one safety rule of the bot off at a time and lets a small campaign with the right faults loose on it.

`python -m tests.faults.mutants [NAME …]` prints which invariant noticed. A rule nobody would miss is no rule, and a campaign
that does not notice proves nothing. The product has no switches for this: its source is copied and the text is changed there.
"""

import asyncio
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.faults.campaign.fleet import PROJECT
from tests.faults.campaign.mix import Mix
from tests.faults.campaign.run import Verdict, run_campaign

PACKAGES = ("bot", "flows", "locales")
SEED = 7

CALM = Mix(
    conversations=48,
    kills=0,
    seed=SEED,
    workers=2,
    at_once=24,
    pauses=0,
    redis_kills=0,
    redis_losses=0,
    clock_jumps=0,
    storms=0,
    cuts=0,
    duplicates=0.0,
    reordered=0.0,
    lost_by_vendor=0.0,
    other_vendor_faults=0.0,
    lost_by_telegram=0.0,
    other_telegram_faults=0.0,
    visibility=0.0,
    talkative=1.0,
    patience=20.0,
)
"""Nothing goes wrong but what a mutant's own mix says."""


@dataclass(frozen=True, slots=True)
class Change:
    """One piece of source text and what stands there instead."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A rule that is off."""

    rule: str
    how: str
    changes: tuple[Change, ...]
    mix: Mix


def _kill_at(*points: str, kills: int = 8, **more: float) -> Mix:
    return replace(CALM, points=points, kills=kills, **more)  # type: ignore[arg-type]


MUTANTS = (
    Mutant(
        "an update is taken once",
        "enqueue asks for no digest",
        (Change("bot/inbox/scripts/enqueue.lua", "if redis.call('ZSCORE', KEYS[1], ARGV[2]) then", "if false then"),),
        replace(CALM, duplicates=0.5),
    ),
    Mutant(
        "200 only when it is stored",
        "the webhook is answered at once, and stored beside that",
        (
            Change(
                "bot/inbox/server.py",
                "        is_stored = await self.store(slug, place, tuple(",
                "        import asyncio\n\n"
                "        loop, store = asyncio.get_running_loop(), self.store\n"
                '        later = lambda *arguments: loop.create_task(store(*arguments)) and "stored"\n'
                "        is_stored = later(slug, place, tuple(",
            ),
        ),
        _kill_at("webhook received / enqueue"),
    ),
    Mutant(
        "events wait in order",
        "enqueue puts the newest first",
        (
            Change(
                "bot/inbox/scripts/enqueue.lua", "redis.call('RPUSH', KEYS[3], ARGV[3])", "redis.call('LPUSH', KEYS[3], ARGV[3])"
            ),
        ),
        CALM,
    ),
    Mutant(
        "a claimed conversation stays due",
        "a claim takes it off the list of what is to be looked at",
        (
            Change(
                "bot/inbox/scripts/_shared.lua",
                "redis.call('HSET', record, 'lu', until_ms)\n  redis.call('ZADD', due, until_ms, id)",
                "redis.call('HSET', record, 'lu', until_ms)\n  redis.call('ZREM', due, id)",
            ),
        ),
        _kill_at("claim / decide"),
    ),
    Mutant(
        "an event stays until its commit",
        "a claim empties the inbox",
        (
            Change(
                "bot/inbox/scripts/claim.lua",
                "extend(KEYS[1], KEYS[4], ARGV[1], now + tonumber(ARGV[3]))",
                "extend(KEYS[1], KEYS[4], ARGV[1], now + tonumber(ARGV[3]))\n"
                "local taken = redis.call('LRANGE', KEYS[2], 0, tonumber(ARGV[4]) - 1)\n"
                "redis.call('DEL', KEYS[2])",
            ),
            Change(
                "bot/inbox/scripts/claim.lua",
                "redis.call('LRANGE', KEYS[2], 0, most), redis.call('LRANGE', KEYS[3]",
                "taken, redis.call('LRANGE', KEYS[3]",
            ),
            Change(
                "bot/inbox/scripts/commit.lua", "redis.call('LTRIM', KEYS[2], eaten, -1)", "redis.call('LTRIM', KEYS[2], 0, -1)"
            ),
        ),
        _kill_at("claim / decide"),
    ),
    Mutant(
        "one step is one commit",
        "session and messages first, the event is crossed off in a second one",
        (
            Change(
                "bot/inbox/mailbox.py",
                "        keys, shared = held.keys, held.keys.partition\n",
                "        if step.eaten:\n"
                "            from dataclasses import replace\n\n"
                "            first = replace(step, eaten=0, releases=False)\n"
                "            await self.commit(held, first, interval=interval, burst=burst)\n"
                "            step = Step(eaten=step.eaten, releases=step.releases)\n"
                "        keys, shared = held.keys, held.keys.partition\n",
            ),
        ),
        _kill_at("decide / commit"),
    ),
    Mutant(
        "a commit is applied once",
        "a repeated commit is not recognised",
        (
            Change("bot/inbox/scripts/commit.lua", "local done = h[4] == ARGV[5]", "local done = false"),
            Change("bot/inbox/scripts/commit.lua", " or version ~= tonumber(ARGV[4])", ""),
        ),
        replace(CALM, cuts=40),
    ),
    Mutant(
        "an old owner is refused",
        "neither owner, fence nor version is compared",
        (
            Change(
                "bot/inbox/scripts/commit.lua",
                "if not done and (h[1] ~= ARGV[2] or h[2] ~= ARGV[3] or version ~= tonumber(ARGV[4])) then",
                "if false then",
            ),
            Change("bot/inbox/scripts/_shared.lua", "return h[1] == owner and h[2] == fence", "return true"),
        ),
        replace(CALM, points=("paused before a commit, wakes",), pauses=6),
    ),
    Mutant(
        "a message stays until it has left",
        "the next owner takes what was being sent for sent",
        (
            Change(
                "bot/inbox/scripts/claim.lua",
                "  fence, tries = fence + 1, tries + 1",
                "  if messages > 0 and owner ~= '' and (redis.call('HGET', KEYS[1], 'fl') or '0') ~= '0' then\n"
                "    redis.call('LPOP', KEYS[3])\n"
                "  end\n"
                "  fence, tries = fence + 1, tries + 1",
            ),
        ),
        _kill_at("commit / send"),
    ),
    Mutant(
        "an intent is written before the first call",
        "the commit that decides to book does not keep the intent",
        (
            Change(
                "bot/inbox/scripts/commit.lua",
                "if ARGV[9] == 'set' then",
                "if ARGV[9] == 'set' and (eaten == 0 or ARGV[10] == '') then",
            ),
        ),
        _kill_at("intent committed / first call"),
    ),
    Mutant(
        "look before booking again",
        "an attempt that was begun is begun anew without a look at the record",
        (
            Change(
                "bot/conversation/saga.py",
                "            found = await self._look(intent)\n",
                "            found = None\n",
            ),
            Change("bot/vendors/zenoti/booking.py", "if step == CONFIRMING and booking_id:", "if False:"),
        ),
        _kill_at("confirm applied / its answer"),
    ),
    Mutant(
        "a refused second confirm proves nothing",
        "the refusal is believed: the draft is given up and a new one booked",
        (
            Change(
                "bot/vendors/zenoti/booking.py",
                "            if refusal.says_already or not is_settled:",
                "            if False:",
            ),
        ),
        _kill_at("confirm applied / its answer", visibility=15.0),
    ),
    Mutant(
        "an unknown outcome is not a refusal",
        "a lost answer is told as not booked",
        (
            Change(
                "bot/conversation/saga.py",
                '            log.warning("outcome unknown: %s", error)\n            return self.lose_sight(intent)',
                '            log.warning("outcome unknown: %s", error)\n            return Settled(self._refuse(intent, "busy"))',
            ),
        ),
        replace(CALM, lost_by_vendor=0.2),
    ),
    Mutant(
        "a line for the staff is passed on once",
        "passing it on again counts as another line",
        (
            Change(
                "bot/inbox/delivery.py",
                'delivery = f"{held.conversation.id}:{waiting.sequence}"',
                'delivery = f"{held.conversation.id}:{waiting.sequence}:{held.fence}"',
            ),
        ),
        _kill_at("staff line passed on / sent"),
    ),
    Mutant(
        "booked means booked",
        "the customer is told before the vendor has been asked",
        (
            Change(
                "bot/vendors/zenoti/booking.py",
                "        await self._save(hold, CONFIRMING)\n        try:",
                "        await self._save(hold, CONFIRMING)\n"
                "        request = self._request\n"
                "        where, when = self._location.id, request.starts_at\n"
                '        return Appointment("1", where, request.service_id, "", when, when)\n'
                "        try:",
            ),
        ),
        CALM,
    ),
)


@contextmanager
def mutated(mutant: Mutant) -> Iterator[Path]:
    """A copy of the bot's source with the rule off."""
    with tempfile.TemporaryDirectory(prefix="frontdesk-mutant-") as name:
        folder = Path(name)
        for package in PACKAGES:
            shutil.copytree(PROJECT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        for change in mutant.changes:
            file = folder / change.file
            text = file.read_text(encoding="utf-8")
            if text.count(change.before) != 1:
                raise AssertionError(f"{mutant.rule}: {change.file} does not hold {change.before!r} once")
            file.write_text(text.replace(change.before, change.after), encoding="utf-8")
        yield folder


async def run_mutant(mutant: Mutant) -> Verdict:
    with mutated(mutant) as package:
        return await run_campaign(mutant.mix, package=package)


def main(names: list[str]) -> int:
    chosen = [mutant for mutant in MUTANTS if not names or any(name in mutant.rule for name in names)]
    say("| rule | how it is broken | noticed by |")
    say("| --- | --- | --- |")
    survivors = 0
    for mutant in chosen:
        verdict = asyncio.run(run_mutant(mutant))
        noticed = Counter(problem.invariant for problem in verdict.problems)
        survivors += not noticed
        by = ", ".join(f"{name} ({count})" for name, count in noticed.most_common()) or "**nobody**"
        say(f"| {mutant.rule} | {mutant.how} | {by} |")
    plain = asyncio.run(run_campaign(replace(CALM, kills=24, duplicates=0.5, cuts=20, lost_by_vendor=0.05)))
    say(f"| all of them on | nothing | {'; '.join(map(str, plain.problems)) or 'nobody'} |")
    say(f"mutants {len(chosen)}, noticed {len(chosen) - survivors}; the bot as it is: {plain.last_line}")
    return int(bool(survivors or plain.problems))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
