import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.channels.base import Arrival
from bot.channels.telegram import Telegram
from bot.conversation.contract import Commanded, Said
from tests.bot.channels.telegram.emulated import LONGEST_WAIT, Emulated, run_emulated


class Box:
    """Stores what arrives, and can refuse to."""

    def __init__(self, *, refusals: int = 0) -> None:
        self.arrivals: list[Arrival] = []
        self.refusals = refusals
        self._stored = asyncio.Condition()

    async def store(self, arrivals: tuple[Arrival, ...]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError("no Redis")
        async with self._stored:
            self.arrivals += arrivals
            self._stored.notify_all()

    async def wait_for(self, count: int) -> list[Arrival]:
        async with asyncio.timeout(LONGEST_WAIT), self._stored:
            await self._stored.wait_for(lambda: len(self.arrivals) >= count)
        return self.arrivals


@asynccontextmanager
async def polling(channel: Telegram, box: Box) -> AsyncIterator[None]:
    task = asyncio.create_task(channel.poll(box.store))
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def bodies(arrivals: list[Arrival]) -> list[object]:
    return [arrival.event.body for arrival in arrivals]


def test_updates_are_stored_in_order_and_then_forgotten_by_telegram() -> None:
    async def scenario() -> None:
        async with run_emulated() as emulated:
            box = Box()
            async with polling(emulated.channel, box):
                await box.wait_for(1)
                await emulated.act("say", text="one")
                await emulated.act("say", text="two")
                assert bodies(await box.wait_for(3)) == [Commanded("start"), Said("one"), Said("two")]
                await until_nothing_pends(emulated)

    asyncio.run(scenario())


async def until_nothing_pends(emulated: Emulated) -> None:
    async with asyncio.timeout(LONGEST_WAIT):
        while (await emulated.ask("GET", "bots"))[0]["pending"]:
            continue


def test_what_was_not_stored_is_fetched_again() -> None:
    async def scenario() -> None:
        async with run_emulated() as emulated:
            box = Box(refusals=1)
            async with polling(emulated.channel, box):
                assert bodies(await box.wait_for(1)) == [Commanded("start")]
            first, second = (await emulated.list_calls("getUpdates"))[:2]
            assert first["params"]["offset"] == second["params"]["offset"] == 0

    asyncio.run(scenario())


def test_a_webhook_is_taken_away_without_losing_what_is_pending() -> None:
    async def scenario() -> None:
        async with run_emulated(starts=False) as emulated:
            await emulated.channel.register("http://127.0.0.1:9")
            await emulated.act("start")
            box = Box()
            async with polling(emulated.channel, box):
                await box.wait_for(1)
            assert (await emulated.channel.get_webhook()).url == ""

    asyncio.run(scenario())


def test_a_webhook_set_by_somebody_else_meanwhile_is_taken_away_again() -> None:
    async def scenario() -> None:
        async with run_emulated() as emulated:
            box = Box()
            async with polling(emulated.channel, box):
                await box.wait_for(1)
                await emulated.channel.register("http://127.0.0.1:9")
                await emulated.act("say", text="still there?")
                await box.wait_for(2)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("getWebhookInfo", "cut_before"), ("getUpdates", "html"), ("getUpdates", "truncate"), ("getUpdates", "rate_limit")],
)
def test_polling_outlives_trouble(operation: str, kind: str) -> None:
    async def scenario() -> None:
        async with run_emulated() as emulated:
            await emulated.break_down(operation, kind)
            box = Box()
            async with polling(emulated.channel, box):
                await box.wait_for(1)

    asyncio.run(scenario())


def test_an_update_that_cannot_be_read_holds_nothing_up_and_is_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with run_emulated(starts=False) as emulated:
            await emulated.ask("POST", "1001/updates", {"message": {"text": "very private"}})
            await emulated.act("start")
            box = Box()
            async with polling(emulated.channel, box):
                assert bodies(await box.wait_for(1)) == [Commanded("start")]

    asyncio.run(scenario())
    assert [record.levelno for record in caplog.records if record.name.startswith("bot.channels")] == [logging.WARNING]
    assert "very private" not in caplog.text


def test_the_bots_own_name_is_learnt_on_the_way() -> None:
    async def scenario() -> None:
        async with run_emulated() as emulated:
            channel = emulated.rebuild(username="")
            box = Box()
            async with polling(channel, box):
                await box.wait_for(1)
            assert await channel.identify() == "harbour_demo_bot"
            assert len(await emulated.list_calls("getMe")) == 1

    asyncio.run(scenario())
