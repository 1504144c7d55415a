"""The door of WhatsApp: who is let in, and a thousand items in one delivery."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from bot.channels.whatsapp.signature import SIGNATURE_HEADER, sign
from bot.inbox.dead import DeadLetters
from bot.inbox.keys import PARTITION_KEYS
from bot.inbox.script import Scripts
from bot.inbox.server import BODY_LIMIT
from bot.redisclient import SharingRedis, connect
from bot.redisserver import RedisServer
from bot.sandbox.whatsapp.demo import APP_SECRET, NUMBERS, VERIFY_TOKEN
from tests.journeys.talk import MORNING, House, open_house, wait_until

HARBOUR, CLINIC = (str(number.id) for number in NUMBERS)
HANDSHAKE = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"}
BROKEN: tuple[Any, ...] = (
    None,
    7,
    "text",
    {},
    {"id": "x", "type": "text", "text": "no object", "from": "16505550000"},
    {"id": "y", "type": "text"},
)

NOW = str(int(MORNING.timestamp()))

Scenario = Callable[[House, SharingRedis], Awaitable[None]]


def play(tmp_path: Path, scenario: Scenario) -> None:
    async def run() -> None:
        async with RedisServer(tmp_path / "redis", appendfsync="no") as server:
            redis = connect(server.url)
            async with open_house(redis_url=server.url, channel="whatsapp") as house:
                await scenario(house, redis)
            await redis.aclose()

    asyncio.run(run())


def line(number: int, ident: str = "") -> dict[str, Any]:
    """A typed line of customer `number`."""
    text = {"body": f"hello {number}, стрижка 👍 a/b"}
    return {"id": ident or f"wamid.{number}", "type": "text", "timestamp": NOW, "text": text, "from_user_id": f"US.{number}"}


def status(number: int) -> dict[str, Any]:
    return {"id": f"wamid.out{number}", "status": "delivered", "biz_opaque_callback_data": f"ref{number}"}


def change(number: Any = HARBOUR, field: Any = "messages", **value: Any) -> dict[str, Any]:
    return {"field": field, "value": {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number}, **value}}


def write(*changes: object, per_entry: int = 1) -> bytes:
    """As Meta writes it: everything but ASCII and the slash escaped."""
    entries = [{"id": "1", "changes": list(changes[at : at + per_entry])} for at in range(0, len(changes), per_entry)]
    return json.dumps({"object": "whatsapp_business_account", "entry": entries}).replace("/", r"\/").encode()


async def post(house: House, body: bytes, *, signature: str | None = None, business: str = "harbour") -> int:
    assert house.running is not None
    headers = {SIGNATURE_HEADER: sign(APP_SECRET.encode(), body) if signature is None else signature}
    url = f"http://127.0.0.1:{house.running.port}/whatsapp/{business}"
    async with house.session.post(url, data=io.BytesIO(body), headers=headers if signature != "" else {}) as answer:
        return answer.status


async def list_conversations(redis: SharingRedis) -> set[str]:
    """`business:channel:chat` of everybody who was ever heard of."""
    names = {key.decode() async for key in redis.scan_iter("*:c:*")} | {key.decode() async for key in redis.scan_iter("*:in:*")}
    return {name.split(":", 2)[2] for name in names}


async def list_reasons(redis: SharingRedis) -> list[str]:
    """Of the dead letters."""
    return [letter.reason for letter in await DeadLetters(redis, Scripts(redis, CollectorRegistry())).list_newest(100)]


def test_the_handshake_is_answered_with_the_challenge_and_nothing_else(tmp_path: Path) -> None:
    async def scenario(house: House, _: SharingRedis) -> None:
        assert house.running is not None
        base = f"http://127.0.0.1:{house.running.port}/whatsapp"
        async with house.session.get(f"{base}/harbour", params=HANDSHAKE) as answer:
            assert (answer.status, await answer.text(), answer.content_type) == (200, "1158201444", "text/plain")
        async with house.session.get(f"{base}/harbour", params=HANDSHAKE | {"hub.verify_token": "theirs"}) as answer:
            assert (answer.status, await answer.text()) == (403, "")
        async with house.session.get(f"{base}/nobody", params=HANDSHAKE) as answer:
            assert answer.status == 404

    play(tmp_path, scenario)


def test_a_wrong_signature_gets_401_and_stores_nothing(tmp_path: Path) -> None:
    async def scenario(house: House, redis: SharingRedis) -> None:
        body = write(change(messages=[line(1)]))
        for signature in ("", "sha256=", sign(b"another", body), sign(APP_SECRET.encode(), body + b" ")):
            assert await post(house, body, signature=signature) == 401
        assert await list_conversations(redis) == set()
        assert await list_reasons(redis) == []
        assert await post(house, b" " * (BODY_LIMIT + 1), signature="x") == 413
        assert await post(house, body, business="nobody") == 404

    play(tmp_path, scenario)


def test_of_a_thousand_mixed_items_the_good_ones_are_stored_exactly_once(tmp_path: Path) -> None:
    async def scenario(house: House, redis: SharingRedis) -> None:
        await house.control("PUT", "/whatsapp/delivery", statuses=False)
        items: list[tuple[str, object]] = [("messages", line(number)) for number in range(490)]
        items += [("statuses", status(number)) for number in range(490)]
        items += [("messages", BROKEN[number % len(BROKEN)]) for number in range(20)]
        Random(1).shuffle(items)
        groups = [items[at : at + 3] for at in range(0, len(items), 3)]
        changes = [
            change(**{name: [content for kind, content in group if kind == name] for name in {kind for kind, _ in group}})
            for group in groups
        ]
        body = write(*changes, per_entry=4)
        assert await post(house, body) == 200
        wanted = {f"harbour:whatsapp:US.{number}" for number in range(490)}
        assert await list_conversations(redis) == wanted
        assert await list_reasons(redis) == ["unreadable"] * 20
        # Delivered again, as Meta does it: every digest is known.
        assert await post(house, body) == 200
        assert sum([await redis.zcard(partition.seen) for partition in PARTITION_KEYS]) == 490
        assert len([key async for key in redis.scan_iter("frontdesk:whatsapp:*:sent:*")]) == 490

    play(tmp_path, scenario)


def test_duplicates_and_disorder_within_a_delivery_are_one_of_each(tmp_path: Path) -> None:
    async def scenario(house: House, _: SharingRedis) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await house.control("PUT", "/whatsapp/delivery", duplicates=3, shuffle=True, batch=2)
        await mia.says("hello")
        await house.control("POST", "/whatsapp/1055/flush")
        await mia.reads("Where")
        await house.control("PUT", "/whatsapp/delivery", duplicates=3, batch=1)
        await mia.taps("Harbour")
        await mia.reads("What would you like?")
        assert len(await mia.lines()) == 2

    play(tmp_path, scenario)


def test_what_is_for_another_number_goes_to_its_business(tmp_path: Path) -> None:
    async def scenario(house: House, redis: SharingRedis) -> None:
        body = write(change(messages=[line(1)]), change(CLINIC, messages=[line(2)]), change("777", messages=[line(3)]))
        assert await post(house, body) == 200
        assert await list_conversations(redis) == {"harbour:whatsapp:US.1", "clinic:whatsapp:US.2"}
        assert await list_reasons(redis) == ["stray"]

    play(tmp_path, scenario)


def test_one_app_s_secret_opens_no_number_of_another_app(tmp_path: Path) -> None:
    async def scenario(house: House, redis: SharingRedis) -> None:
        await house.stop_bot()
        assert house.settings is not None
        clinic = house.settings.businesses["clinic"]
        assert clinic.whatsapp is not None
        number = clinic.whatsapp.model_copy(update={"app_secret": (SecretStr("of another app"),)})
        changed = {**house.settings.businesses, "clinic": clinic.model_copy(update={"whatsapp": number})}
        house.settings = house.settings.model_copy(update={"businesses": changed})
        await house.start_bot()
        assert await post(house, write(change(CLINIC, messages=[line(2)]), change(messages=[line(1)]))) == 200
        assert await list_conversations(redis) == {"harbour:whatsapp:US.1"}
        assert await list_reasons(redis) == ["stray"]

    play(tmp_path, scenario)


@pytest.mark.parametrize("field", ["account_update", "message_template_status_update", "standby", "from_the_future"])
def test_news_that_is_not_for_us_is_acknowledged(tmp_path: Path, field: str) -> None:
    async def scenario(house: House, redis: SharingRedis) -> None:
        assert await post(house, write(change(field=field, event="x", messages=[line(1)]))) == 200
        assert await post(house, write(change(errors=[{"code": 130429}]))) == 200
        assert await list_conversations(redis) == set()
        assert await list_reasons(redis) == []

    play(tmp_path, scenario)


def test_a_body_of_almost_three_megabytes_is_taken(tmp_path: Path) -> None:
    async def scenario(house: House, redis: SharingRedis) -> None:
        padded = {**line(1), "referral": {"body": "x" * 2_900_000}}
        assert await post(house, write(change(messages=[padded]))) == 200
        assert await list_conversations(redis) == {"harbour:whatsapp:US.1"}

    play(tmp_path, scenario)


def test_while_redis_is_away_meta_is_asked_to_come_again(tmp_path: Path) -> None:
    async def scenario(house: House, redis: SharingRedis) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("hello")
        await mia.reads("Where")
        await redis.config_set("maxmemory", "1")
        try:
            assert await post(house, write(change(messages=[line(1)]))) == 503
        finally:
            await redis.config_set("maxmemory", "0")
        assert await post(house, write(change(messages=[line(1)]))) == 200

        async def is_heard() -> bool:
            return "harbour:whatsapp:US.1" in await list_conversations(redis)

        await wait_until(is_heard, "the delivery's conversation")

    play(tmp_path, scenario)
