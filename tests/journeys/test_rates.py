"""The bot keeps inside the platform's limits by itself: no refusal is needed to slow it down."""

import asyncio

from tests.journeys.talk import House, play

CUSTOMERS = 120
"""Far more than the thirty messages that one bot may send in a second."""


def test_a_rush_of_customers_is_answered_inside_the_bots_budget() -> None:
    async def scenario(house: House) -> None:
        people = [await house.customer(f"Guest {number}") for number in range(CUSTOMERS)]
        # All of them wait for the same first look at the vendor, and are ready to be answered in the same moment.
        await house.vendor_fault("locations", "slow_before", seconds=4)
        await asyncio.gather(*(person.says("/start") for person in people))
        for person in people:
            await person.reads("Where would you")
        log = (await house.control("GET", "/telegram/calls"))["log"]
        sends = [call["status"] for call in log if call["method"] == "sendMessage"]
        assert sends == [200] * CUSTOMERS

    play(scenario, quiet=False)
