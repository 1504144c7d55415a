"""Who may deliver: forged, foreign, retired and replayed webhooks, by what is in Redis before and after."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import orjson
import pytest

from bot.inbox.keys import PARTITION_KEYS
from tests.journeys.talk import wait_until
from tests.security.attempts import HEADER
from tests.security.keyspace import take_picture
from tests.security.lodge import CLINIC_SECRET, HARBOUR_SECRET, OLD_SECRET, RETIRED_SECRET, TOKENS, Lodge, open_lodge

FORGED = {
    "missing": None,
    "empty": "",
    "wrong": "wrong",
    "one character short": HARBOUR_SECRET[:-1],
    "one character long": HARBOUR_SECRET + "x",
    "in capitals": HARBOUR_SECRET.upper(),
    "of another business": CLINIC_SECRET,
    "both businesses' in one line": f"{HARBOUR_SECRET}, {CLINIC_SECRET}",
    "retired": RETIRED_SECRET,
    "the bot's token": TOKENS["harbour"],
    "not ASCII": "häfen",
    "blanks": "   ",
}


def play(scenario: Callable[[Lodge], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_lodge() as lodge:
            await scenario(lodge)
            assert lodge.child.is_alive
            assert "Traceback" not in lodge.child.read_log()

    asyncio.run(run())


def write_line(person: int, *, number: int, text: str = "/start") -> bytes:
    sender = {"id": person, "is_bot": False, "first_name": "Guest"}
    message: dict[str, Any] = {
        "message_id": number,
        "from": sender,
        "chat": {"id": person, "type": "private"},
        "date": 1,
        "text": text,
    }
    return orjson.dumps({"update_id": number, "message": message})


async def deliver(lodge: Lodge, body: bytes, *headers: tuple[str, str], business: str = "harbour") -> int:
    url = f"http://127.0.0.1:{lodge.child.port}/telegram/{business}"
    async with lodge.house.session.post(url, data=io.BytesIO(body), headers=list(headers)) as answer:
        return answer.status


async def settle(lodge: Lodge, person: int, *, lines: int) -> None:
    """Until the bot has written so many messages to this customer."""

    async def has_answered() -> bool:
        return count_lines(lodge, person) >= lines

    await wait_until(has_answered, f"{lines} lines")


def count_lines(lodge: Lodge, person: int) -> int:
    return sum(message.is_from_bot for message in lodge.chats()[person].messages.values())


def test_without_the_secret_nothing_is_stored_and_nobody_is_answered() -> None:
    async def scenario(lodge: Lodge) -> None:
        (person,) = lodge.add_people(1)
        before = await take_picture(lodge.redis)
        for name, secret in FORGED.items():
            headers = [] if secret is None else [(HEADER, secret)]
            assert await deliver(lodge, write_line(person, number=5), *headers) == 401, name
        assert before.changes_to(await take_picture(lodge.redis)) == []
        assert count_lines(lodge, person) == 0
        # The very same update, proved: what was turned away was not remembered as taken.
        assert await deliver(lodge, write_line(person, number=5), (HEADER, HARBOUR_SECRET)) == 200
        await settle(lodge, person, lines=1)
        assert before.changes_to(await take_picture(lodge.redis)) != []

    play(scenario)


def test_a_secret_opens_the_webhook_of_its_own_business_only() -> None:
    async def scenario(lodge: Lodge) -> None:
        before = await take_picture(lodge.redis)
        assert await deliver(lodge, write_line(5, number=5), (HEADER, HARBOUR_SECRET), business="clinic") == 401
        assert await deliver(lodge, write_line(5, number=5), (HEADER, OLD_SECRET), business="clinic") == 401
        assert await deliver(lodge, write_line(5, number=5), (HEADER, CLINIC_SECRET), business="harbour") == 401
        assert before.changes_to(await take_picture(lodge.redis)) == []

    play(scenario)


def test_while_a_secret_is_replaced_both_are_accepted() -> None:
    async def scenario(lodge: Lodge) -> None:
        (person,) = lodge.add_people(1)
        assert await deliver(lodge, write_line(person, number=1), (HEADER, OLD_SECRET)) == 200
        await settle(lodge, person, lines=1)
        assert await deliver(lodge, write_line(person, number=2), (HEADER, HARBOUR_SECRET)) == 200
        await settle(lodge, person, lines=2)

    play(scenario)


def test_of_two_secret_headers_the_first_counts() -> None:
    async def scenario(lodge: Lodge) -> None:
        before = await take_picture(lodge.redis)
        assert await deliver(lodge, write_line(5, number=5), (HEADER, "wrong"), (HEADER, HARBOUR_SECRET)) == 401
        assert before.changes_to(await take_picture(lodge.redis)) == []

    play(scenario)


def test_an_update_delivered_again_changes_nothing_however_late() -> None:
    async def scenario(lodge: Lodge) -> None:
        (person,) = lodge.add_people(1)
        assert await deliver(lodge, write_line(person, number=7), (HEADER, HARBOUR_SECRET)) == 200
        await settle(lodge, person, lines=1)
        await is_idle(lodge)
        before = await take_picture(lodge.redis)
        await age_digests(lodge, hours=30)
        aged = await take_picture(lodge.redis)
        for _ in range(4):
            assert await deliver(lodge, write_line(person, number=7), (HEADER, HARBOUR_SECRET)) == 200
        assert aged.changes_to(await take_picture(lodge.redis)) == []
        assert {name.rpartition(":")[2] for name in before.changes_to(aged)} == {"seen"}
        assert count_lines(lodge, person) == 1

    play(scenario)


async def is_idle(lodge: Lodge) -> None:
    async def has_let_go() -> bool:
        names = [name async for name in lodge.redis.scan_iter("*:due")]
        return not names

    await wait_until(has_let_go, "nothing due")


async def age_digests(lodge: Lodge, *, hours: int) -> None:
    """As if everything had been taken so long ago."""
    for partition in PARTITION_KEYS:
        taken: list[tuple[bytes, float]] = await lodge.redis.zrange(partition.seen, 0, -1, withscores=True)  # type: ignore[assignment]
        for digest, at in taken:
            await lodge.redis.zadd(partition.seen, {digest: at - hours * 3_600_000})


@pytest.mark.parametrize("secrets", ['""', "[]"])
def test_an_empty_secret_in_the_settings_closes_the_webhook(secrets: str) -> None:
    async def scenario() -> None:
        async with open_lodge(clinic_secret=secrets) as lodge:
            before = await take_picture(lodge.redis)
            for headers in ([], [(HEADER, "")], [(HEADER, " ")], [(HEADER, CLINIC_SECRET)]):
                assert await deliver(lodge, write_line(5, number=5), *headers, business="clinic") == 401
            assert before.changes_to(await take_picture(lodge.redis)) == []

    asyncio.run(scenario())


def test_a_client_that_hangs_up_halfway_leaves_nothing() -> None:
    async def scenario(lodge: Lodge) -> None:
        before = await take_picture(lodge.redis)
        head = f"POST /telegram/harbour HTTP/1.1\r\nHost: desk\r\n{HEADER}: {HARBOUR_SECRET}\r\nContent-Length: 500\r\n\r\n"
        for _ in range(5):
            _, writer = await asyncio.open_connection("127.0.0.1", lodge.child.port)
            writer.write(head.encode() + write_line(5, number=5)[:100])
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{lodge.child.port}/readyz") as answer:
            assert answer.status == 200
        assert before.changes_to(await take_picture(lodge.redis)) == []

    play(scenario)
