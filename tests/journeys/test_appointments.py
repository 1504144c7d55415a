"""What comes after the booking, at every vendor: my appointments from the record, moved, cancelled; promises 2 and 5, S5, S8."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.talk import Customer, House, play

VENDORS = ("zenoti", "schedly", "setster", "whautomate")
DAY, NEXT = "Tuesday 23 March", "Thursday 25 March"
"""Days that are filled in advance at no vendor, and near enough to be booked at each."""
TIMEOUT = timedelta(seconds=1)
NEVER = 3600.0
APPLIED: tuple[tuple[str, dict[str, float]], ...] = (("cut_after", {}), ("fail_after", {}), ("slow_after", {"seconds": NEVER}))
"""The vendor did it, and nobody heard."""
DROPPED: tuple[tuple[str, dict[str, float]], ...] = (("cut_before", {}), ("refuse", {}), ("slow_before", {"seconds": NEVER}))
"""The vendor did nothing, and one cannot tell."""


async def book(house: House, hour: str = "13:00") -> Customer:
    mia = await house.customer("Mia", phone="+351912345678")
    await mia.says("/start")
    for choice in ("Harbour", "Swedish", "Anna"):
        await mia.taps(choice)
    await mia.says("23 march")
    await mia.reads("What time?")
    await mia.says(hour)
    await mia.gives_details()
    await mia.taps(f"Book {hour}")
    await mia.reads(f"Booked: {DAY}, {hour} with Anna")
    return mia


async def lead_to_move(mia: Customer) -> None:
    await mia.taps("See this appointment")
    await mia.reads(f"Your appointment: {DAY}, 13:00 with Anna")
    await mia.taps("Move")
    await mia.says("25 march")
    await mia.reads("What time?")
    await mia.says("15:00")
    await mia.reads(f"from {DAY}, 13:00 to {NEXT}, 15:00 with Anna", "Your old time stays until the new one is certain.")


async def list_times(house: House) -> list[str]:
    """Of the live appointments that came through the bot, by the vendor's record."""
    return sorted(row["start_time"][:16] for row in await house.appointments())


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_appointment_is_shown_moved_and_cancelled_in_the_record(vendor: str) -> None:
    async def scenario(house: House) -> None:
        mia = await book(house)
        await lead_to_move(mia)
        await mia.taps("Move to 15:00")
        await mia.reads(f"Moved: {NEXT}, 15:00 with Anna")
        assert await list_times(house) == ["2027-03-25T15:00"]
        await house.staff().reads("Moved: ", f"{NEXT}, 15:00", f"It was {DAY}, 13:00 before.", "Mia Chen")
        await mia.taps("See this appointment")
        await mia.taps("Cancel appointment")
        await mia.reads(f"{NEXT}, 15:00 with Anna", "Shall I cancel it?")
        sure = await mia.button("Yes, cancel 15:00")
        await mia.taps_at(sure)
        await mia.reads(f"Cancelled: {NEXT}, 15:00 with Anna")
        assert await list_times(house) == []
        await house.staff().reads("Cancelled: ", f"{NEXT}, 15:00", "Mia Chen")
        await mia.taps_at(sure)
        await mia.reads("that appointment has been cancelled.")

    play(scenario, vendor=vendor)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_new_time_that_goes_meanwhile_leads_to_others_and_the_old_one_is_kept(vendor: str) -> None:
    async def scenario(house: House) -> None:
        mia = await book(house)
        await lead_to_move(mia)
        await house.book_at_desk("2027-03-25T15:00:00")
        await mia.taps("Move to 15:00")
        await mia.reads(f"{NEXT}, 15:00 with Anna", "has just been taken. Your appointment stays where it was.")
        assert await list_times(house) == ["2027-03-23T13:00"]
        await mia.taps("15:00 with Rui")
        await mia.taps("Move to 15:00")
        await mia.reads(f"Moved: {NEXT}, 15:00 with Rui")
        assert await list_times(house) == ["2027-03-25T15:00"]

    play(scenario, vendor=vendor)


@pytest.mark.parametrize("vendor", ["schedly", "setster", "whautomate"])
def test_what_the_desk_changed_meanwhile_is_neither_moved_nor_cancelled_unseen(vendor: str) -> None:
    async def scenario(house: House) -> None:
        mia = await book(house)
        await lead_to_move(mia)
        [row] = await house.appointments()
        await house.vendor_control("PATCH", f"/appointments/{row['id']}", start_time="2027-03-23T16:00:00")
        await mia.taps("Move to 15:00")
        await mia.reads("Nothing was moved: the appointment has been changed in the meantime.", "16:00")
        assert await list_times(house) == ["2027-03-23T16:00"]
        await mia.says("cancel my appointment")
        await mia.reads("16:00", "Shall I cancel it?")
        await house.vendor_control("DELETE", f"/appointments/{row['id']}")
        await mia.taps("Yes, cancel 16:00")
        await mia.reads("that appointment has been cancelled")

    play(scenario, vendor=vendor)


async def move(house: House, mia: Customer) -> None:
    await mia.taps("Move to 15:00")
    await mia.reads(f"Moved: {NEXT}, 15:00 with Anna")
    assert await list_times(house) == ["2027-03-25T15:00"]


async def cancel(house: House, mia: Customer) -> None:
    await mia.says("cancel my appointment")
    await mia.taps("Yes, cancel 13:00")
    await mia.reads(f"Cancelled: {DAY}, 13:00")
    assert await list_times(house) == []


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(("errand", "do"), [("move", move), ("cancel", cancel)])
@pytest.mark.parametrize(("kind", "more"), [*APPLIED, *DROPPED], ids=[kind for kind, _ in (*APPLIED, *DROPPED)])
def test_whatever_becomes_of_the_answer_it_happens_once_and_is_said(
    vendor: str, errand: Any, do: Callable[[House, Customer], Awaitable[None]], kind: str, more: dict[str, float]
) -> None:
    async def scenario(house: House) -> None:
        mia = await book(house)
        await lead_to_move(mia)
        await house.vendor_fault(errand, kind, **more)
        await do(house, mia)
        done = ("Moved:", "Cancelled:")
        await house.staff().until(
            lambda room: any(line["text"].startswith(done) for line in room["messages"]), "a line for staff"
        )
        assert len([line for line in await mia.lines() if line.startswith(done)]) == 1
        assert len([line for line in await house.staff().lines() if line.startswith(done)]) == 1

    play(scenario, vendor=vendor, vendor_timeout=TIMEOUT)
