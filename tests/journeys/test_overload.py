"""More work than workers, a vendor that is down, a Redis that is full: nobody is lost, and only those concerned wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app import run_bot
from bot.inbox.mailbox import INBOX_CAP
from bot.redisclient import SharingRedis, connect
from bot.sandbox.zenoti.demo import KEY_HARBOUR
from bot.serving import register_webhooks
from tests.journeys.talk import CLINIC, House, play, wait_until

CROWD = 60
MANY = INBOX_CAP + 10


@asynccontextmanager
async def only_a_door(house: House) -> AsyncIterator[None]:
    """The bot takes webhooks, and nobody works."""
    await house.stop_bot()
    assert house.settings is not None
    async with run_bot(house.settings, role="web", now=house.sandbox.clock.now) as web:
        await register_webhooks(web)
        house.running = web
        yield
    await house.start_bot()


@asynccontextmanager
async def a_worker(house: House) -> AsyncIterator[None]:
    assert house.settings is not None
    async with run_bot(house.settings, role="worker", now=house.sandbox.clock.now):
        yield


@asynccontextmanager
async def redis_of(house: House) -> AsyncIterator[SharingRedis]:
    assert house.settings is not None
    assert house.settings.redis.url is not None
    async with connect(house.settings.redis.url.get_secret_value()) as redis:
        yield redis


async def count_answers(house: House, status: str) -> float:
    return await house.metric("frontdesk_webhooks_total", answer=status)


def test_what_comes_in_while_nobody_works_is_acknowledged_and_answered_later() -> None:
    async def scenario(house: House) -> None:
        async with only_a_door(house):
            people = [await house.customer(f"Guest {number}") for number in range(CROWD)]
            await asyncio.gather(*(person.says("/start") for person in people))

            async def is_acknowledged() -> bool:
                return await count_answers(house, "200") == CROWD

            await wait_until(is_acknowledged, "every webhook acknowledged")
            assert [await person.lines() for person in people] == [[]] * CROWD
            async with a_worker(house):
                for person in people:
                    await person.reads("Where would you")

    play(scenario)


def test_one_customer_who_floods_is_asked_to_come_again_and_nobody_else_is() -> None:
    async def scenario(house: House) -> None:
        async with only_a_door(house):
            mia, noah = await house.customer("Mia"), await house.customer("Noah")
            for _ in range(MANY):
                await mia.says("/start", at_once=True)

            async def is_asked_to_come_again() -> bool:
                return await count_answers(house, "503") > 0

            await wait_until(is_asked_to_come_again, "a full inbox")
            before = await count_answers(house, "200")
            await noah.says("/start")

            async def is_taken() -> bool:
                return await count_answers(house, "200") > before

            await wait_until(is_taken, "the other customer's webhook acknowledged")
            async with a_worker(house):
                await noah.reads("Where would you")

                async def has_answered_all() -> bool:
                    return len(await mia.lines()) == MANY

                await wait_until(has_answered_all, "an answer to each of the flood")

    play(scenario)


def test_a_full_redis_refuses_webhooks_instead_of_losing_them_and_a_booking_goes_on_after() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        for choice in ("Harbour", "Haircut", "Anyone", "First free", "Share my number"):
            await mia.taps(choice)
        await mia.reads("Book it?")
        async with redis_of(house) as redis:
            await redis.config_set("maxmemory", 1)
            await mia.taps("Book 13:00")

            async def is_refused() -> bool:
                return await count_answers(house, "503") > 1

            await wait_until(is_refused, "webhooks refused")
            assert await house.appointments() == []
            await redis.config_set("maxmemory", 0)
            await mia.reads("Booked: today, Monday 1 March, 13:00")
        assert len(await house.appointments()) == 1

    play(scenario)


def test_a_redis_that_fills_up_in_the_middle_of_a_booking_loses_none() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        for choice in ("Harbour", "Haircut", "Anyone", "First free", "Share my number"):
            await mia.taps(choice)
        await house.vendor_fault("book", "slow_after", seconds=1)
        await mia.taps("Book 13:00")
        async with redis_of(house) as redis:

            async def is_made() -> bool:
                return len(await house.appointments()) == 1

            await wait_until(is_made, "the appointment at the vendor")
            await redis.config_set("maxmemory", 1)
            await wait_until(lambda: has_failed_a_turn(house), "a turn that could not be written down")
            await mia.never_reads("Booked: ")
            await redis.config_set("maxmemory", 0)
            await mia.reads("Booked: today, Monday 1 March, 13:00")
        assert len(await house.appointments()) == 1
        assert len([line for line in await mia.lines() if line.startswith("Booked: ")]) == 1

    play(scenario)


async def has_failed_a_turn(house: House) -> bool:
    return await house.metric("frontdesk_turns_total", end="redis_away") > 0


def test_a_vendor_that_is_down_does_not_slow_the_customers_of_another_business() -> None:
    async def scenario(house: House) -> None:
        await house.vendor_fault("*", "slow_before", seconds=60, times=1000, account=KEY_HARBOUR)
        waiting = [await house.customer(f"Guest {number}") for number in range(CROWD)]
        await asyncio.gather(*(person.says("/start") for person in waiting))
        clara = await house.customer("Clara", language="es", phone="+34612345678", bot=CLINIC)
        await clara.says("/start")
        await clara.reads("¿")
        assert [await person.lines() for person in waiting] == [[]] * CROWD

    play(scenario)
