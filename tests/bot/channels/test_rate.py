"""The budget of one account over all its chats, shared by workers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.channels.rate import ALLOWANCE, TOO_MANY_CHATS, AccountRate
from bot.redisclient import SharingRedis, connect

NOW = timedelta()
HOUR = timedelta(hours=1)
"""Between two messages: what is granted in a test is the burst, however slow the machine."""


def run(redis_url: str, scenario: Callable[[SharingRedis], Awaitable[None]]) -> None:
    async def connected() -> None:
        async with connect(redis_url) as redis:
            await scenario(redis)

    asyncio.run(connected())


async def drain(rate: AccountRate) -> int:
    """How many messages may go at once."""
    count = 0
    while not await rate.admit(NOW):
        count += 1
    return count


def test_workers_share_one_burst(redis_url: str) -> None:
    async def scenario(redis: SharingRedis) -> None:
        rates = [AccountRate(redis, "bot", interval=HOUR, burst=20) for _ in range(3)]
        counts = await asyncio.gather(*(drain(rate) for rate in rates))
        assert sum(counts) == 20
        assert await drain(AccountRate(redis, "another bot", interval=HOUR, burst=7)) == 7

    run(redis_url, scenario)


def test_who_has_to_wait_is_told_how_long(redis_url: str) -> None:
    async def scenario(redis: SharingRedis) -> None:
        rate = AccountRate(redis, "bot", interval=HOUR, burst=4)
        await drain(rate)
        assert timedelta(minutes=59) < await rate.admit(NOW) <= HOUR

    run(redis_url, scenario)


def test_the_budget_comes_back_and_those_who_wait_are_let_through_in_order(redis_url: str) -> None:
    async def scenario(redis: SharingRedis) -> None:
        rate = AccountRate(redis, "bot", interval=timedelta(milliseconds=5), burst=2)
        order: list[int] = []

        async def send(number: int) -> None:
            assert await rate.admit(timedelta(minutes=1)) == NOW
            order.append(number)

        await asyncio.gather(*(send(number) for number in range(40)))
        assert order == list(range(40))

    run(redis_url, scenario)


def test_a_long_queue_turns_people_away_at_once(redis_url: str) -> None:
    async def scenario(redis: SharingRedis) -> None:
        rate = AccountRate(redis, "bot", interval=timedelta(seconds=10), burst=1)
        assert await rate.admit(NOW) == NOW
        waiting = [asyncio.create_task(rate.admit(timedelta(minutes=5))) for _ in range(4)]
        await asyncio.sleep(0)
        assert await rate.admit(timedelta(seconds=30)) == timedelta(seconds=40)
        for task in waiting:
            task.cancel()

    run(redis_url, scenario)


def test_a_message_in_a_quiet_time_waits_for_no_trip(redis_url: str) -> None:
    async def scenario(redis: SharingRedis) -> None:
        rate = AccountRate(redis, "bot", interval=timedelta(milliseconds=1), burst=20)
        await rate.admit(NOW)
        for _ in range(3 * ALLOWANCE):
            await redis.ping()  # time for what goes on in the background
            trips = redis.trips
            await rate.admit(NOW)
            assert redis.trips == trips

    run(redis_url, scenario)


def test_refusals_in_several_chats_hold_the_account_for_everyone(redis_url: str) -> None:
    async def scenario(redis: SharingRedis) -> None:
        rates = [AccountRate(redis, "bot", interval=timedelta(milliseconds=1), burst=20) for _ in range(2)]
        for _ in range(TOO_MANY_CHATS + 1):
            await rates[0].note_refusal("one chat", HOUR)  # its own affair
        assert await rates[0].admit(NOW) == NOW
        for number in range(TOO_MANY_CHATS):
            await rates[0].note_refusal(f"chat {number}", HOUR)
        for rate in rates:
            assert timedelta(minutes=59) < await rate.admit(NOW) <= HOUR

    run(redis_url, scenario)


def test_without_redis_messages_are_let_through() -> None:
    async def scenario() -> None:
        async with connect("unix:///nowhere/redis.sock") as redis:
            rate = AccountRate(redis, "bot", interval=HOUR, burst=1)
            assert [await rate.admit(NOW) for _ in range(12)] == [NOW] * 12

    asyncio.run(scenario())
