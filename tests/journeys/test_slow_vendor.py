"""S6: the vendor answers 429 for a while, or takes twenty seconds: honest words, nothing lost, no wrong "booked"."""

import asyncio
from datetime import timedelta

from bot.redisclient import connect
from tests.journeys.talk import House, open_house, play

NOT_ANSWERING = "The salon’s booking system is not answering just now."  # noqa: RUF001
NOT_BOOKED = "Not booked: the salon’s booking system is busy just now. Nothing has been made"  # noqa: RUF001
TIMEOUT = timedelta(seconds=0.8)


async def pass_a_minute(house: House) -> None:
    """For the quota, which is kept by Redis' own clock."""
    assert house.settings
    assert house.settings.redis.url
    redis = connect(house.settings.redis.url.get_secret_value())
    buckets = [key async for key in redis.scan_iter(match="frontdesk:rate:*")]
    assert await redis.delete(*buckets) == len(buckets) > 0
    await redis.aclose()


def test_a_vendor_at_its_limit_is_said_to_be_busy_and_the_same_tap_works_later() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await house.vendor_fault("locations", "rate_limit", seconds=60)
        await mia.says("/start")
        await mia.reads(NOT_ANSWERING)
        assert await mia.buttons() == ["Try again", "Menu", "Talk to a person"]
        await mia.taps("Try again")
        await mia.reads(NOT_ANSWERING)
        await pass_a_minute(house)
        await mia.taps("Try again")
        await mia.reads("Where would you like to come?")
        await house.vendor_fault("services", "rate_limit", seconds=60)
        await mia.taps("Harbour")
        await mia.reads(NOT_ANSWERING)
        await pass_a_minute(house)
        await mia.taps("Try again")
        await mia.reads("Harbour. What would you like?")  # and not where, again

    play(scenario, vendor_timeout=TIMEOUT)


def test_a_vendor_at_its_limit_books_nothing_and_says_so_until_the_same_button_works() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        for choice in ("Harbour", "Haircut", "Anyone", "First free", "Share my number"):
            await mia.taps(choice)
        await house.vendor_fault("*", "rate_limit", seconds=60)
        for _ in range(2):
            await mia.taps("Book 13:00")
            await mia.reads(NOT_BOOKED, "you can try again with the button", "Today, Monday 1 March, 13:00", "Book it?")
        assert await house.appointments() == []
        assert await house.staff().lines() == []
        await pass_a_minute(house)
        await mia.taps("Book 13:00")
        await mia.reads("Booked: today, Monday 1 March, 13:00")
        assert len(await house.appointments()) == 1
        await house.staff().reads("Booked: today, Monday 1 March, 13:00")

    play(scenario, vendor_timeout=TIMEOUT)


def test_a_vendor_that_takes_twenty_seconds_does_not_hold_the_customer_up() -> None:
    async def run() -> None:
        async with open_house(vendor_timeout=TIMEOUT) as house:
            mia = await house.customer("Mia", phone="+351912345678")
            await mia.says("/start")
            for operation, choice, answer in (
                ("services", "Harbour", "What would you like?"),
                ("service_therapists", "Haircut", "With whom?"),
                ("slots", "Anyone", "Which day?"),
            ):
                await house.fault("zenoti", operation, "slow_before", seconds=20)
                await mia.taps(choice)
                await mia.reads(NOT_ANSWERING)
                await mia.taps("Try again")
                await mia.reads(answer)
            await mia.taps("First free: today, 13:00")
            await mia.reads("What number")

    asyncio.run(run())


def test_a_slow_look_behind_the_summary_does_not_lose_the_booking() -> None:
    """Confirming works although the slots cannot be looked at: only booking tells the truth anyway."""

    async def run() -> None:
        async with open_house(vendor_timeout=TIMEOUT) as house:
            mia = await house.customer("Mia", phone="+351912345678")
            await mia.says("/start")
            for choice in ("Harbour", "Haircut", "Anyone", "First free", "Share my number"):
                await mia.taps(choice)
            await mia.reads("Book it?")
            await house.wait(minutes=3)  # nothing that was read is fresh any more
            await house.vendor_fault("slots", "slow_before", seconds=20)
            await mia.taps("Book 13:00")
            await mia.reads("Booked: today, Monday 1 March, 13:00")

    asyncio.run(run())
