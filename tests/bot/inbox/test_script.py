"""Lost answers, lost scripts and a Redis that was away."""

import asyncio
import tempfile
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from prometheus_client import CollectorRegistry

from bot.errors import Fenced, TryAgain
from bot.inbox.mailbox import Mailbox, Step
from bot.inbox.script import Scripts
from bot.redisclient import connect
from bot.redisserver import RedisServer
from tests.bot.inbox.desk import CUSTOMER, opened_mailbox
from tests.bot.inbox.proxy import Proxy


def test_many_conversations_at_once_share_round_trips() -> None:
    async def scenario() -> None:
        async with opened_mailbox() as (mailbox, scripts):
            await scripts.load()
            chats = [CUSTOMER._replace(chat=str(number)) for number in range(200)]
            await asyncio.gather(*(mailbox.enqueue(chat, "1", b"e") for chat in chats))
            trips = scripts.trips()
            assert trips < 40
            assert {held.events[0] for chat in chats if (held := await mailbox.claim(chat.id))} == {b"e"}

    asyncio.run(scenario())


@pytest.mark.parametrize("loses", ["request", "answer"])
@pytest.mark.parametrize("script", range(4))
def test_a_cut_connection_is_repeated_and_changes_nothing(script: int, loses: Literal["request", "answer"]) -> None:
    async def scenario() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with RedisServer(Path(folder), appendfsync="no") as server, Proxy(server.url) as proxy:
                redis = connect(proxy.url)
                scripts = Scripts(redis, CollectorRegistry())
                mailbox = Mailbox(redis, scripts, lease=timedelta(seconds=20), hints=False)
                await scripts.load()
                proxy.cut(script + 1, loses=loses)
                assert await mailbox.enqueue(CUSTOMER, "1", b"e") in ("NEW", "DUP")
                held = await mailbox.claim(CUSTOMER.id)
                assert held is not None
                assert held.fence == 1
                assert await mailbox.commit(held, Step(eaten=1, session=b"s", messages=[b"m"]))
                assert [(m.sequence, m.body) for m in held.messages] == [(1, b"m")]
                # A repeated "sent" that had already let go finds itself no longer the owner: nothing is lost by it.
                is_gone = (script, loses) == (3, "answer")
                with pytest.raises(Fenced) if is_gone else nullcontext():
                    await mailbox.confirm_sent(held, held.messages[0], releases=True)
                assert proxy.cuts == 1
                assert await mailbox.claim(CUSTOMER.id) is None
                assert held.version == 1
                await redis.aclose()

    asyncio.run(scenario())


def test_a_restarted_redis_has_everything_and_gets_its_scripts_again() -> None:
    async def scenario() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with RedisServer(Path(folder)) as server:
                redis = connect(server.url)
                mailbox = Mailbox(redis, Scripts(redis, CollectorRegistry()), lease=timedelta(seconds=20), hints=False)
                assert await mailbox.enqueue(CUSTOMER, "1", b"e") == "NEW"
                await asyncio.to_thread(server.kill)
                await asyncio.to_thread(server.start)
                assert await mailbox.enqueue(CUSTOMER, "1", b"e") == "DUP"
                held = await mailbox.claim(CUSTOMER.id)
                assert held is not None
                assert held.events == [b"e"]
                await redis.aclose()

    asyncio.run(scenario())


def test_a_redis_that_stays_away_is_said_so() -> None:
    async def scenario() -> None:
        redis = connect("unix:///nowhere/redis.sock")
        scripts = Scripts(redis, CollectorRegistry(), patience=timedelta(milliseconds=50))
        mailbox = Mailbox(redis, scripts, lease=timedelta(seconds=20), hints=False)
        with pytest.raises(TryAgain):
            await mailbox.enqueue(CUSTOMER, "1", b"e")
        await redis.aclose()

    asyncio.run(scenario())
