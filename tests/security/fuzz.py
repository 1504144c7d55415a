"""Sends broken deliveries to every route of a real bot and looks at what came of them.

    python -m tests.security.fuzz --bodies 100000 --seed 1

Bot, Redis and sockets are real, Telegram and the booking system are the emulators. Deliveries without proof of their
sender are sent in rounds of their own, with a picture of the whole key space before and after. Deliveries with proof go
through the flow, the renderer and out to the emulators. The same seed sends the same bodies, except that buttons the bot
has shown meanwhile are pressed too.
"""

import argparse
import asyncio
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import aiohttp

from bot.inbox.keys import PARTITION_KEYS
from tests.journeys.talk import wait_until
from tests.security.attempts import Attempt, Attempts
from tests.security.keyspace import take_picture
from tests.security.leaks import Private, find_leaks
from tests.security.lodge import ALL_SECRETS, Lodge, open_lodge
from tests.security.shapes import LINES, Shapes
from tests.security.wire import HANGS, Line

PEOPLE = 60
LINES_OPEN = 48
ROUND = 2_500
"""Deliveries of one kind before the other kind has its turn."""
SHOWN = 5
"""Problems of one kind that are told in full."""
LONGEST_SHOWN = 4000

PRIVATE_LINES = tuple(line for line in LINES if len(line) > 10 and line.isprintable())


@dataclass
class Result:
    """What came of a run."""

    bodies: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    """Deliveries answered with 5xx, or not at all."""
    changes: list[str] = field(default_factory=list)
    """Keys that changed though nobody had proved to be the platform."""
    tracebacks: int = 0
    appointments: int = 0
    """Made by pressing what the bot had shown: without any, the deep half of it was never reached."""
    problems: list[str] = field(default_factory=list)
    """Everything else that must not be."""

    @property
    def is_clean(self) -> bool:
        return not (self.failures or self.changes or self.tracebacks or self.problems)

    def summary(self) -> str:
        fives = sum(count for status, count in self.answers.items() if status >= 500)
        return f"bodies {self.bodies}, 5xx {fives}, changed without proof {len(self.changes)}, tracebacks {self.tracebacks}"

    def details(self) -> str:
        answers = ", ".join(f"{status or 'closed'}: {count}" for status, count in sorted(self.answers.items()))
        lines = [f"answers {answers}; appointments {self.appointments}"]
        for kind in (self.failures, self.changes, self.problems):
            lines += [line[:LONGEST_SHOWN] for line in kind[:SHOWN]]
        return "\n".join(lines)


async def run_fuzz(bodies: int, *, seed: int) -> Result:
    async with open_lodge() as lodge:
        people = lodge.add_people(PEOPLE)
        dice = random.Random(seed)
        shapes = Shapes(dice, people, codec=lodge.codec(), look=lambda person: find_buttons(lodge, person))
        attempts, result = Attempts(dice, shapes), Result()
        while result.bodies < bodies and lodge.child.is_alive:
            size = min(ROUND, max(1, (bodies - result.bodies) // 2))
            await send_without_proof(lodge, attempts, size, result=result)
            await send_all(lodge, (attempts.with_proof() for _ in range(size)), result)
            if not await grows_quiet(lodge, result):
                break
        await look_afterwards(lodge, people, result)
        return result


async def send_without_proof(lodge: Lodge, attempts: Attempts, size: int, *, result: Result) -> None:
    before = await take_picture(lodge.redis)
    await send_all(lodge, (attempts.without_proof() for _ in range(size)), result)
    result.changes += before.changes_to(await take_picture(lodge.redis))


async def send_all(lodge: Lodge, attempts: Iterator[Attempt], result: Result) -> None:
    """Over many connections at once. Each is made when it is sent: a tap is on what is shown then."""

    async def work() -> None:
        line = Line(lodge.child.port)
        try:
            for attempt in attempts:
                status = await line.send(attempt.request)
                result.bodies += 1
                result.answers[status] += 1
                if status >= 500 or status == HANGS:
                    result.failures.append(f"{status}: {attempt.request.raw!r}")
        except OSError as error:
            result.problems.append(f"not connected: {type(error).__name__}")
        finally:
            await line.close()

    await asyncio.gather(*(work() for _ in range(LINES_OPEN)))


def find_buttons(lodge: Lodge, person: int) -> list[str]:
    """What the buttons under the last message carry; where it only asks for a number, none."""
    chat = lodge.chats()[person]
    rows = [row for message in list(chat.messages.values())[-1:] for row in message.rows or []]
    return [button["callback_data"] for row in rows for button in row if "callback_data" in button]


async def grows_quiet(lodge: Lodge, result: Result) -> bool:
    """Whether everything stored has been worked off. What is not, is named."""

    async def is_quiet() -> bool:
        return sum([await lodge.redis.zcard(partition.due) for partition in PARTITION_KEYS]) == 0

    try:
        await wait_until(is_quiet, "nothing due")
    except AssertionError:
        left = [entry for partition in PARTITION_KEYS for entry in await lodge.redis.zrange(partition.due, 0, -1)]
        result.problems += [f"not worked off: {entry!r}" for entry in left]
        return False
    return True


async def look_afterwards(lodge: Lodge, people: list[int], result: Result) -> None:
    """The process, its log, its counters, its dead letters, and whether every customer is still answered."""
    if not lodge.child.is_alive:
        result.problems.append("the bot has ended")
        return
    result.problems += await find_deaf(lodge, people)
    result.problems += await find_poison(lodge)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{lodge.child.port}/metrics") as answer:
        metrics = await answer.text()
    result.problems += re.findall(
        r'^frontdesk_(?:turns_total\{end="failed"|messages_total\{outcome="unsendable").*', metrics, re.MULTILINE
    )
    result.appointments = len(await lodge.house.appointments())
    log = lodge.child.read_log()
    result.tracebacks = log.count("Traceback (most recent call last)")
    if result.tracebacks:
        at = log.index("Traceback (most recent call last)")
        result.problems.append(log[max(0, at - 200) : at + 3000])
    private = Private(secrets=ALL_SECRETS, phones=["+351912345678", "+12125550142"], words=PRIVATE_LINES)
    result.problems += find_leaks(log, private) + find_leaks(metrics, private)


async def find_deaf(lodge: Lodge, people: list[int]) -> list[str]:
    """Customers whose next word is not answered."""
    versions = {}
    for person in people:
        lodge.say(person, "/start")
        versions[person] = lodge.chats()[person].version

    def list_deaf() -> list[int]:
        return [person for person in people if lodge.chats()[person].version <= versions[person]]

    async def is_answered() -> bool:
        return not list_deaf()

    try:
        await wait_until(is_answered, "everybody is answered")
    except AssertionError:
        return [f"not answered: {person}" for person in list_deaf()]
    return []


async def find_poison(lodge: Lodge) -> list[str]:
    """Dead letters of events that could be read and not be worked on."""
    found = []
    for partition in PARTITION_KEYS:
        letters: list[tuple[bytes, dict[bytes, bytes]]] = await lodge.redis.xrange(partition.dead)  # type: ignore[assignment]
        found += [f"dead letter: {letter!r}" for _, letter in letters if letter[b"reason"] != b"unreadable"]
    return found


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bodies", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    wish = parser.parse_args()
    began = time.monotonic()
    result = asyncio.run(run_fuzz(wish.bodies, seed=wish.seed))
    say(f"seed {wish.seed}, {time.monotonic() - began:.0f} s\n{result.details()}\n{result.summary()}\n")
    sys.exit(not result.is_clean)


if __name__ == "__main__":
    main()
