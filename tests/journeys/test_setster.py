"""Setster behind the same conversation: what a booking costs there, and a session that ends under the customer's feet."""

import pytest

from tests.journeys.talk import Customer, House, play

EMAIL = "mia@example.net"
CHOICES = ("Harbour", "Haircut", "Anyone", "First free")


async def lead_to_summary(house: House) -> Customer:
    mia = await house.customer("Mia")
    await mia.says("/start")
    for choice in CHOICES:
        await mia.taps(choice)
    await mia.reads("Which e-mail address")
    await mia.says(EMAIL)
    await mia.reads("Book it?")
    return mia


async def count(house: House, *names: str) -> list[int]:
    calls = await house.vendor_calls()
    return [calls.get(name, 0) for name in names]


def test_a_booking_costs_two_calls_and_the_address_is_asked_for_once() -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house)
        await mia.taps("Book ")
        await mia.reads("Booked:")
        [made] = await house.appointments()
        assert (made["guest_name"], made["guest_email"], made["service_name"]) == ("Mia Chen", EMAIL, "Haircut & finish")
        assert await count(house, "authenticate", "availability", "create") == [1, 1, 1]
        await house.forget_calls()
        await house.wait(minutes=5)
        await mia.says("/start")
        for choice in CHOICES:
            await mia.taps(choice)
        await mia.taps("Book ")
        await mia.reads("Booked:")
        assert await count(house, "authenticate", "availability", "create") == [0, 1, 1]
        assert await count(house, "zones", "account", "services", "employees") == [0, 0, 0, 0]

    play(scenario, vendor="setster")


@pytest.mark.parametrize("status", [401, 403])
def test_nobody_notices_that_the_session_is_over(status: int) -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house)
        await house.turn_switches(expired_status=status)
        await house.vendor_control("POST", "/sessions/end")
        await house.forget_calls()
        await mia.taps("Book ")
        await mia.reads("Booked:")
        assert await count(house, "authenticate", "create") == [1, 2]
        assert len(await house.appointments()) == 1

    play(scenario, vendor="setster")


def test_a_lost_answer_is_looked_up_by_the_customers_address() -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house)
        await house.vendor_fault("book", "cut_after")
        await mia.taps("Book ")
        await mia.reads("Booked:")
        assert await count(house, "create", "appointments") == [1, 1]
        assert len(await house.appointments()) == 1

    play(scenario, vendor="setster")
