"""Schedly behind the same conversation: what a booking costs there, and a sign-in that rotates under the customers' feet."""

from typing import Any

import pytest

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


def test_a_lost_answer_is_looked_up_in_the_customers_profile() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await house.vendor_fault("book", "cut_after")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        assert len(await house.appointments()) == 1
        assert (await house.vendor_calls())["create"] == 1

    play(scenario, vendor="schedly")
