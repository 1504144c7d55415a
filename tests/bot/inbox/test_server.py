"""The doors: who is let in, what is kept, what is answered."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis

from bot.inbox.keys import PARTITION_KEYS
from bot.inbox.server import BODY_LIMIT
from bot.redisclient import connect
from bot.redisserver import RedisServer
from bot.sandbox.demo import SECRET
from tests.journeys.talk import House, open_house, wait_until

HEADER = "X-Telegram-Bot-Api-Secret-Token"
CHAT = {"id": 5550, "type": "private", "first_name": "Mia"}
PERSON = {"id": 5550, "is_bot": False, "first_name": "Mia"}
MESSAGE = {"message_id": 1, "from": PERSON, "chat": CHAT, "date": 1}


def update(number: int, **content: Any) -> bytes:
    return orjson.dumps({"update_id": number, **content})


async def post(house: House, body: bytes, *, secret: str | None = SECRET, path: str = "/telegram/harbour") -> int:
    assert house.running is not None
    headers = {HEADER: secret} if secret is not None else {}
    async with house.session.post(
        f"http://127.0.0.1:{house.running.port}{path}", data=io.BytesIO(body), headers=headers
    ) as answer:
        return answer.status


async def get(house: House, path: str) -> tuple[int, str]:
    assert house.running is not None
    async with house.session.get(f"http://127.0.0.1:{house.running.port}{path}") as answer:
        return answer.status, await answer.text()


def play(tmp_path: Path, scenario: Callable[[House, Redis, RedisServer], Awaitable[None]]) -> None:
    async def run() -> None:
        async with RedisServer(tmp_path / "redis", appendfsync="no") as server, open_house(redis_url=server.url) as house:
            redis = connect(server.url)
            await scenario(house, redis, server)
            await redis.aclose()

    asyncio.run(run())


async def count_dead(redis: Redis) -> int:
    return sum([await redis.xlen(partition.dead) for partition in PARTITION_KEYS])


async def list_conversations(redis: Redis) -> set[bytes]:
    return {key async for key in redis.scan_iter("*:in:*")} | {key async for key in redis.scan_iter("*:c:*")}


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET.upper(), "ü"])
def test_a_forged_or_missing_secret_gets_401_and_stores_nothing(tmp_path: Path, secret: str | None) -> None:
    async def scenario(house: House, redis: Redis, _: RedisServer) -> None:
        before = await list_conversations(redis)
        sent = update(1, message={**MESSAGE, "text": "hello"})
        assert await post(house, sent, secret=secret and secret.encode().decode("latin-1")) == 401
        assert await list_conversations(redis) == before
        assert await count_dead(redis) == 0

    play(tmp_path, scenario)


def test_an_unknown_business_is_not_there(tmp_path: Path) -> None:
    async def scenario(house: House, _: Redis, __: RedisServer) -> None:
        assert await post(house, b"{}", path="/telegram/nobody") == 404
        assert await post(house, b"{}", path="/whatsapp/harbour") == 404

    play(tmp_path, scenario)


def test_what_cannot_be_read_is_kept_as_a_dead_letter_and_answered(tmp_path: Path) -> None:
    async def scenario(house: House, redis: Redis, _: RedisServer) -> None:
        for body in (b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"update_id": "x"}'):
            assert await post(house, body) == 200
        assert await count_dead(redis) == 6
        assert await list_conversations(redis) == set()

    play(tmp_path, scenario)


def test_a_body_over_four_mebibytes_is_too_large(tmp_path: Path) -> None:
    async def scenario(house: House, redis: Redis, _: RedisServer) -> None:
        assert await post(house, b" " * (BODY_LIMIT + 1)) == 413
        assert await count_dead(redis) == 0

    play(tmp_path, scenario)


@pytest.mark.parametrize(
    "content",
    [
        {"poll": {"id": "1"}},
        {"message": {**MESSAGE, "chat": {"id": -5, "type": "channel"}, "text": "hello"}},
        {"channel_post": {**MESSAGE, "text": "hello"}},
        {"edited_message": {**MESSAGE, "text": "hello"}},
        {"message": {**MESSAGE, "from": {"id": 9, "is_bot": True, "first_name": "B"}, "text": "hello"}},
        {"message": {**MESSAGE, "chat": {"id": -6, "type": "supergroup", "title": "T"}, "text": "chatter"}},
        {"message": {"message_id": 4, "date": 1, "chat": CHAT, "new_chat_title": "x"}},
        {"something_new": {"deep": [1, 2, 3]}},
        {},
    ],
)
def test_what_is_not_for_us_is_acknowledged_and_ignored(tmp_path: Path, content: dict[str, Any]) -> None:
    async def scenario(house: House, redis: Redis, _: RedisServer) -> None:
        assert await post(house, update(1, **content)) == 200
        assert await list_conversations(redis) == set()
        assert await count_dead(redis) == 0

    play(tmp_path, scenario)


def test_a_delivery_while_redis_is_away_is_asked_to_come_again(tmp_path: Path) -> None:
    async def scenario(house: House, _: Redis, server: RedisServer) -> None:
        mia = await house.customer()
        await mia.says("/start")
        await mia.reads("Welcome")
        await asyncio.to_thread(server.kill)
        assert (await get(house, "/healthz"))[0] == 200
        assert (await get(house, "/readyz"))[0] == 503
        assert await post(house, update(1, message={**MESSAGE, "text": "hello"})) == 503
        await house.control("PUT", "/telegram/delivery", retry_base_seconds=0.05)
        await mia.taps("Harbour")
        await asyncio.to_thread(server.start)
        await mia.reads("What would you like?")
        assert await wait_until(lambda: is_ready(house), "ready again")

    play(tmp_path, scenario)


async def is_ready(house: House) -> bool:
    return (await get(house, "/readyz"))[0] == 200


def test_metrics_name_no_person(tmp_path: Path) -> None:
    async def scenario(house: House, _: Redis, __: RedisServer) -> None:
        mia = await house.customer("Quintessa", phone="+351912345678")
        await mia.says("/start")
        await mia.reads("Welcome")
        status, text = await get(house, "/metrics")
        assert status == 200
        assert "frontdesk_webhooks_total" in text
        assert not any(secret in text for secret in ("Quintessa", "351912345678", SECRET, str(mia.chat), "demo-token"))

    play(tmp_path, scenario)
