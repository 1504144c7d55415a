"""Schedly behind the same conversation: what a booking costs there, and a sign-in that rotates under the customers' feet."""

from typing import Any

import pytest

from bot.sandbox.vendor import Errand
from tests.journeys.talk import House, play

NEW = {"customer_search": 1, "customer_create": 1, "create": 1}
"""Beside the look for times."""


@pytest.mark.parametrize("switches", [{}, {"envelope": "wrapped", "list_envelope": "named"}, {"availability_shape": 4}], ids=str)
def test_a_booking_costs_what_the_document_says(switches: dict[str, Any]) -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        [made] = await house.appointments()
        assert (made["guest_name"], made["guest_phone"], made["service_name"]) == (
            "Mia Chen",
            "+351912345678",
            "Haircut & finish",
        )
        calls = await house.vendor_calls()
        assert {name: calls.get(name, 0) for name in NEW} == NEW
        assert calls["availability"] == 1
        assert {name: calls[name] for name in ("locations", "services")} == {"locations": 1, "services": 1}
        await house.forget_calls()
        await house.wait(minutes=5)
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        calls = await house.vendor_calls()
        assert (calls["availability"], calls["create"], calls.get("customer_search", 0)) == (1, 1, 0)

    play(scenario, vendor="schedly", switches=switches)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "fail_after", "truncate", "html", "rate_limit"])
@pytest.mark.parametrize("errand", ["customer", "book"])
def test_a_lost_answer_ends_in_one_appointment_and_the_truth(errand: Errand, kind: str) -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await house.vendor_fault(errand, kind)
        await mia.says("/start")
        for choice in ("Harbour", "Haircut", "Anyone", "First free", "Share my number", "Book "):
            await mia.taps(choice)
        if errand == "book" and kind not in ("cut_after", "fail_after", "truncate", "rate_limit"):
            await mia.reads(
                "I am checking"
            )  # nothing is there, and it may still come: not sent again for three quarters of a minute
            await house.wait(seconds=50)
        await mia.reads("Booked:")
        assert len(await house.appointments()) == 1

    play(scenario, vendor="schedly")


def test_a_time_given_away_at_the_desk_leads_to_others() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        for choice in ("Harbour", "Swedish", "Anna"):
            await mia.taps(choice)
        await mia.says("29 march")
        await mia.reads("What time?")
        await mia.says("13:00")
        await mia.taps("Share my number")
        await mia.reads("Book it?")
        await house.book_at_desk("2027-03-29T13:00:00")
        await mia.taps("Book 13:00")
        await mia.reads("has just been taken. You are not booked.")
        await mia.taps("13:00 with Rui")
        await mia.taps("Book 13:00")
        await mia.reads("Booked:")
        [made] = await house.appointments()
        assert (made["start_time"], made["staff_name"]) == ("2027-03-29T13:00:00", "Rui Carvalho")

    play(scenario, vendor="schedly")
