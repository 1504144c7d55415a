"""Whautomate behind the same conversation (S1, S3, S4, S5, S6): no hold, no idempotency, notes that never come back."""

import asyncio
from typing import Any

import pytest

from tests.journeys.talk import Customer, House, play

CHOICES = ("Harbour", "Swedish", "Anna")
WORDS = "Monday 29 March, 11:00"
NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "Jan", "Kai", "Lea")
CHECKING = "I am checking with the salon whether it worked"
SWITCHES: tuple[dict[str, Any], ...] = (
    {},
    {"time_format": "24h", "false_z": False},
    {"time_format": "iso", "next_three_days": 1},
    {"time_format": "iso-z", "echo_notes": True},
    {"slots_without_staff": "error", "book_without_staff": "error"},
    {"inline_client_links_by_phone": False, "phone_form": "repeated", "empty_days": "missing"},
    {"taken_status": 409, "end_date": "exclusive"},
)


async def lead_to_summary(house: House, name: str = "Mia", phone: str = "+351912345678") -> Customer:
    """Anna at 11:00, four weeks ahead."""
    customer = await house.customer(name, phone=phone)
    await customer.says("/start")
    for choice in CHOICES:
        await customer.taps(choice)
    await customer.says("29 march")
    await customer.reads("What time?")
    await customer.says("11:00")
    await customer.taps("Share my number")
    await customer.reads("Book it?")
    return customer


@pytest.mark.parametrize("switches", SWITCHES, ids=str)
def test_a_booking_is_what_the_customer_read(switches: dict[str, Any]) -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        told = await mia.books("Harbour", "Haircut", "Anyone", "First free")
        [made] = await house.appointments()
        assert (made["guest_name"], made["guest_phone"]) == ("Mia Chen", "+351912345678")
        assert made["start_time"][11:16] in told
        assert made["staff_name"] in told
        await house.staff().reads("Booked", made["notes"].strip("[]"))

    play(scenario, vendor="whautomate", switches=switches)


def test_a_booking_costs_two_calls_for_a_new_customer_and_a_known_one() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        assert await house.vendor_calls() == {"locations": 1, "services": 1, "staffs": 1, "slots": 1, "book": 1}
        await house.forget_calls()
        await house.wait(minutes=2)
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        assert await house.vendor_calls() == {"slots": 1, "book": 1}
        first, second = await house.appointments()
        assert first["guest_id"] == second["guest_id"]

    play(scenario, vendor="whautomate")


@pytest.mark.parametrize("switches", [{}, {"taken_status": 422, "slots_without_staff": "error"}], ids=str)
def test_a_time_taken_meanwhile_leads_to_others(switches: dict[str, Any]) -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house)
        await house.book_at_desk("2027-03-29T11:00:00")
        await mia.taps("Book 11:00")
        await mia.reads(f"{WORDS} with Anna Lindqvist has just been taken. You are not booked.")
        assert await house.appointments() == []
        await mia.taps("with Anna")
        await mia.taps("Book ")
        await mia.reads("Booked: Monday 29 March")
        assert len(await house.appointments()) == 1

    play(scenario, vendor="whautomate", switches=switches)


def test_of_twelve_who_confirm_one_slot_at_once_exactly_one_gets_it() -> None:
    async def scenario(house: House) -> None:
        people = [await lead_to_summary(house, name, f"+3519123456{number}") for number, name in enumerate(NAMES, 10)]
        await asyncio.gather(*(person.taps("Book 11:00") for person in people))
        ends = await asyncio.gather(*(person.until(_find_end, "the outcome") for person in people))
        assert sorted(ends) == ["booked"] + 11 * ["taken"]
        [made] = await house.appointments()
        assert made["guest_name"] == f"{NAMES[ends.index('booked')]} Chen"

    play(scenario, vendor="whautomate")


def _find_end(room: dict[str, Any]) -> str:
    text = room["messages"][-1]["text"]
    return "booked" if text.startswith("Booked: ") else "taken" if "has just been taken. You are not booked." in text else ""


@pytest.mark.parametrize("switches", [{}, {"echo_notes": True}, {"inline_client_links_by_phone": False}], ids=str)
@pytest.mark.parametrize("kind", ["fail_after", "cut_after", "truncate"])
def test_a_lost_answer_is_found_in_the_record_and_not_booked_again(kind: str, switches: dict[str, Any]) -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house)
        await house.vendor_fault("book", kind)
        await mia.taps("Book 11:00")
        await mia.reads(f"Booked: {WORDS} with Anna")
        await house.staff().reads(WORDS)
        assert len(await house.appointments()) == 1
        assert (await house.vendor_calls())["book"] == 1

    play(scenario, vendor="whautomate", switches=switches)


@pytest.mark.parametrize("kind", ["refuse", "cut_before", "html"])
def test_a_booking_that_was_lost_on_its_way_is_made_after_it_would_have_shown(kind: str) -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house)
        await house.vendor_fault("book", kind)
        await mia.taps("Book 11:00")
        await mia.reads(CHECKING)
        await house.wait(minutes=1)
        await mia.reads(f"Booked: {WORDS} with Anna")
        assert len(await house.appointments()) == 1
        assert (await house.vendor_calls())["book"] == 2

    play(scenario, vendor="whautomate")


@pytest.mark.parametrize("headers", ["none", "seconds", "date", "x-ratelimit"])
def test_a_full_minute_is_said_and_nothing_is_booked(headers: str) -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house)
        await house.turn_switches(calls_per_minute=1)
        await mia.taps("Book 11:00")
        await mia.reads("Not booked: ", "booking system is busy just now. Nothing has been made")
        assert await house.appointments() == []

    play(scenario, vendor="whautomate", switches={"rate_headers": headers})
