"""How much anybody can make the bot take: size and depth of a body, events of one customer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.inbox.keys import PARTITION_KEYS
from bot.inbox.mailbox import INBOX_CAP
from bot.inbox.server import BODY_LIMIT
from tests.faults.process import find_port
from tests.journeys.talk import wait_until
from tests.security.attempts import HEADER
from tests.security.child import run_child
from tests.security.keyspace import take_picture
from tests.security.lodge import HARBOUR_SECRET, Lodge, open_lodge, write_settings
from tests.security.test_webhooks import count_lines, deliver, write_line
from tests.security.wire import Line, Request

PROOF = (HEADER, HARBOUR_SECRET)
DEPTHS = (1_000, 100_000, BODY_LIMIT // 8)


def play(scenario: Callable[[Lodge], Awaitable[None]], *, role: str = "all") -> None:
    async def run() -> None:
        async with open_lodge(role=role) as lodge:
            await scenario(lodge)
            assert lodge.child.is_alive
            assert "Traceback" not in lodge.child.read_log()

    asyncio.run(run())


async def count_unreadable(lodge: Lodge) -> int:
    return sum([await lodge.redis.xlen(partition.dead) for partition in PARTITION_KEYS])


def test_a_body_of_four_mebibytes_is_read_and_one_byte_more_is_not() -> None:
    async def scenario(lodge: Lodge) -> None:
        (person,) = lodge.add_people(1)
        line = write_line(person, number=1)
        assert await deliver(lodge, line + b" " * (BODY_LIMIT - len(line)), PROOF) == 200
        await wait_until(lambda: has_lines(lodge, person, 1), "an answer")
        before = await take_picture(lodge.redis)
        line = write_line(person, number=2)
        assert await deliver(lodge, line + b" " * (BODY_LIMIT + 1 - len(line)), PROOF) == 413
        assert before.changes_to(await take_picture(lodge.redis)) == []

    play(scenario)


def test_of_a_stranger_not_one_byte_of_a_body_is_waited_for() -> None:
    async def scenario(lodge: Lodge) -> None:
        line = Line(lodge.child.port)
        for secret in ("", f"{HEADER}: wrong\r\n"):
            head = f"POST /telegram/harbour HTTP/1.1\r\nHost: desk\r\n{secret}Content-Length: {BODY_LIMIT}\r\n\r\n"
            assert await line.send(Request(head.encode(), is_last=True)) == 401
        await line.close()

    play(scenario)


async def has_lines(lodge: Lodge, person: int, lines: int) -> bool:
    return count_lines(lodge, person) >= lines


def test_json_of_any_depth_and_any_number_is_read_or_put_aside() -> None:
    async def scenario(lodge: Lodge) -> None:
        bodies = [
            opening * depth + b"1" + closing * depth for depth in DEPTHS for opening, closing in ((b"[", b"]"), (b'{"a":', b"}"))
        ]
        bodies += [b'{"update_id": 1, "message": ' + b"[" * depth for depth in DEPTHS]
        bodies += [b'{"update_id": ' + b"9" * digits + b"}" for digits in (20, 5_000, 1_000_000)]
        for body in bodies:
            assert await deliver(lodge, body[:BODY_LIMIT], PROOF) == 200
        assert await count_unreadable(lodge) == len(bodies)

    play(scenario)


@asynccontextmanager
async def run_worker(lodge: Lodge) -> AsyncIterator[None]:
    """Beside the process that takes webhooks."""
    folder, port = lodge.config.parent / "worker", find_port()
    folder.mkdir()
    config = write_settings(folder, lodge.house.sandbox_url, lodge.server.url, port=port)
    async with run_child(config, port=port, log=folder / "log", role="worker"):
        yield


def test_one_customers_flood_is_bounded_and_no_other_customer_notices() -> None:
    async def scenario(lodge: Lodge) -> None:
        loud, quiet = lodge.add_people(2)
        for number in range(1, INBOX_CAP + 1):
            assert await deliver(lodge, write_line(loud, number=number, text="hello"), PROOF) == 200
        full = await take_picture(lodge.redis)
        for number in (INBOX_CAP + 1, INBOX_CAP + 2):
            assert await deliver(lodge, write_line(loud, number=number, text="hello"), PROOF) == 503
        assert full.changes_to(await take_picture(lodge.redis)) == []
        assert await deliver(lodge, write_line(quiet, number=5_000), PROOF) == 200
        async with run_worker(lodge):
            await wait_until(lambda: has_lines(lodge, quiet, 1), "an answer to the quiet one")
            await wait_until(lambda: has_lines(lodge, loud, INBOX_CAP), "an answer to every line taken")
            # What was turned away was not remembered as taken: Telegram sends it again.
            assert await deliver(lodge, write_line(loud, number=INBOX_CAP + 1, text="hello"), PROOF) == 200
            await wait_until(lambda: has_lines(lodge, loud, INBOX_CAP + 1), "an answer to what was sent again")

    play(scenario, role="web")
