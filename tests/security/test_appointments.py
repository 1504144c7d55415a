"""Whose appointments are shown and changed: those of whoever has the number, not of whoever knows it."""

import pytest

from tests.journeys.talk import House, play

DAY = "Tuesday 23 March"


async def book_at_harbour(house: House) -> None:
    """As Mia, who has the number."""
    mia = await house.customer("Mia", phone="+351912345678")
    await mia.says("/start")
    for choice in ("Harbour", "Swedish", "Anna"):
        await mia.taps(choice)
    await mia.says("23 march")
    await mia.reads("What time?")
    await mia.says("13:00")
    await mia.gives_details()
    await mia.taps("Book 13:00")
    await mia.reads(f"Booked: {DAY}, 13:00 with Anna")


@pytest.mark.parametrize("vendor", ["zenoti", "schedly", "whautomate"])
def test_whoever_proves_the_number_sees_what_was_booked_elsewhere_under_it(vendor: str) -> None:
    async def scenario(house: House) -> None:
        await book_at_harbour(house)
        tablet = await house.customer("Mia", phone="+351912345678")
        await tablet.says("/appointments")
        await tablet.reads("share it with the button")
        await tablet.says("+351912345678")
        await tablet.reads("Anybody could type that number")
        await tablet.taps("Share my number")
        await tablet.reads(f"Your appointment: {DAY}, 13:00 with Anna")
        stranger = await house.customer("Eve", phone="+351912000000")
        await stranger.says("/appointments")
        await stranger.taps("Share my number")
        await stranger.reads("You have no appointment")

    play(scenario, vendor=vendor)


def test_a_booking_with_a_number_that_was_typed_opens_nothing_else_under_it() -> None:
    async def scenario(house: House) -> None:
        await book_at_harbour(house)
        eve = await house.customer("Eve", phone="+351912000000")
        await eve.says("/start")
        for choice in ("Harbour", "Swedish", "Anna"):
            await eve.taps(choice)
        await eve.says("25 march")
        await eve.reads("What time?")
        await eve.says("15:00")
        await eve.reads("What number")
        await eve.says("+351912345678")
        await eve.taps("Book 15:00")
        await eve.reads("Booked: ")
        await eve.says("my appointments")
        await eve.reads("Your appointments at")
        assert [label for label in await eve.buttons() if "Swedish" in label] == ["Thursday 25 March, 15:00 · Swedish massage"]
        await eve.never_reads("13:00")

    play(scenario)
