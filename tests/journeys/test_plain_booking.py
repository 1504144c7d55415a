"""S1 and rule 2: a plain booking, taps counted; every word the customer read is in the vendor's record, and staff read it too."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.journeys.talk import BANDRA_DESK, BROOKLYN_DESK, HARBOUR_DESK, MORNING, House, Messenger, play

MOST_TAPS_NEW, MOST_LINES_NEW = 6, 1
MOST_TAPS_RETURNING = 5


def test_a_new_customer_books_in_six_taps_and_a_returning_one_in_five() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        assert (mia.taps_made, mia.lines_typed) == (MOST_TAPS_NEW, 0)
        await house.wait(days=7)
        mia.taps_made = 0
        await mia.says("/start")
        await mia.reads("Good to see you again, Mia Chen!")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        assert (mia.taps_made, mia.lines_typed) == (MOST_TAPS_RETURNING, 0)
        assert len(await house.appointments()) == 2

    play(scenario)


def test_somebody_whose_phone_hides_its_number_types_one_line() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        for choice in ("Harbour", "Haircut", "Anyone", "First free"):
            await mia.taps(choice)
        await mia.reads("What number can the salon reach you at?")
        await mia.says("912 345 678")
        await mia.reads("Name: Mia Chen, +351 912 345 678. Book it?")
        await mia.taps("Book 13:00")
        await mia.reads("Booked:")
        assert mia.taps_made <= MOST_TAPS_NEW
        assert mia.lines_typed <= MOST_LINES_NEW
        [made] = await house.appointments()
        assert made["guest_phone"] == "+351 912345678"

    play(scenario)


AUTUMN = datetime(2026, 10, 26, 9, 3, tzinfo=UTC)
"""A Monday before the night in which New York's clocks go back, 1 November 2026."""


@dataclass(frozen=True)
class Visit:
    """One booking: what is chosen, what is read, and what the vendor then has."""

    place: str
    staff: str
    day: str
    """As typed."""
    words: str
    zone: str
    price: str
    utc: str
    desk: int
    at: datetime = MORNING

    @property
    def hour(self) -> str:
        return self.words[-5:]


VISITS = {
    "Lisbon in winter": Visit(
        *("Harbour", "Anna Lindqvist", "friday", "Friday 5 March, 12:00", "Lisbon", "€55", "2027-03-05T12:00:00Z", HARBOUR_DESK)
    ),
    "Lisbon in summer": Visit(
        *(
            "Harbour",
            "Anna Lindqvist",
            "29 march",
            "Monday 29 March, 09:00",
            "Lisbon",
            "€55",
            "2027-03-29T08:00:00Z",
            HARBOUR_DESK,
        )
    ),
    "Brooklyn before its clocks go forward": Visit(
        *("Brooklyn", "Leo Ramirez", "3/13", "Saturday 13 March, 19:00"),
        *("New York", "$130.62", "2027-03-14T00:00:00Z", BROOKLYN_DESK),
    ),
    "Brooklyn on the day its clocks go forward": Visit(
        *("Brooklyn", "Leo Ramirez", "3/14", "Sunday 14 March, 15:00"),
        *("New York", "$130.62", "2027-03-14T19:00:00Z", BROOKLYN_DESK),
    ),
    "Brooklyn before its clocks go back": Visit(
        *("Brooklyn", "Leo Ramirez", "31 october", "Saturday 31 October, 14:00"),
        *("New York", "$130.62", "2026-10-31T18:00:00Z", BROOKLYN_DESK),
        at=AUTUMN,
    ),
    "Brooklyn on the day its clocks go back": Visit(
        *("Brooklyn", "Leo Ramirez", "1 november", "Sunday 1 November, 12:00"),
        *("New York", "$130.62", "2026-11-01T17:00:00Z", BROOKLYN_DESK),
        at=AUTUMN,
    ),
    "Bandra, half an hour off": Visit(
        *("Bandra", "Rohan D'Souza", "saturday", "Saturday 6 March, 16:00"),
        *("Kolkata", "₹3,304", "2027-03-06T10:30:00Z", BANDRA_DESK),
    ),
}


ON_WHATSAPP = ("Lisbon in winter", "Brooklyn before its clocks go forward", "Bandra, half an hour off")


@pytest.mark.parametrize(
    ("visit", "channel"),
    [
        *(pytest.param(visit, "telegram", id=name) for name, visit in VISITS.items()),
        *(pytest.param(VISITS[name], "whatsapp", id=f"{name}, WhatsApp") for name in ON_WHATSAPP),
    ],
)
def test_every_word_that_was_read_is_in_the_vendors_record(visit: Visit, channel: Messenger) -> None:
    """On WhatsApp by somebody whose number is hidden, who is asked for it as everybody is on Telegram."""

    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678", hides_number=channel == "whatsapp")
        await mia.says("/start")
        for choice in (visit.place, "Swedish massage", visit.staff.split()[0]):
            await mia.taps(choice)
        await mia.says(visit.day)
        await mia.taps(visit.hour)
        await mia.taps("Share my number")
        assert await mia.reads("Book it?") == (
            f"{visit.words} with {visit.staff.split()[0]} at {visit.place} ({visit.zone} time).\n\n"
            f"Swedish massage, 60 min, {visit.price}.\n\n"
            "Name: Mia Chen, +351 912 345 678. Book it?"
        )
        await mia.taps(f"Book {visit.hour}")
        what = f"Booked: {visit.words} with {visit.staff} at {visit.place} ({visit.zone} time), Swedish massage."
        assert await mia.reads("Booked") == f"{what} See you there!"
        [made] = await house.appointments()
        assert what == f"Booked: {word_record(made)} ({visit.zone} time), {made['service_name']}."
        assert (made["start_utc"], made["guest_name"], made["guest_phone"]) == (visit.utc, "Mia Chen", "+351 912345678")
        line = f"{what} For Mia Chen, +351 912 345 678. Ref. {made['notes'].strip('[]')}"
        await house.staff(visit.desk).reads(line)
        told = {desk: await house.staff(desk).lines() for desk in (HARBOUR_DESK, BROOKLYN_DESK, BANDRA_DESK)}
        assert told == {HARBOUR_DESK: [], BROOKLYN_DESK: [], BANDRA_DESK: []} | {visit.desk: [line]}

    play(scenario, at=visit.at, channel=channel)


def word_record(made: dict[str, Any]) -> str:
    """The vendor's record in the bot's words."""
    wall = datetime.fromisoformat(made["start_time"])
    return f"{wall:%A} {wall.day} {wall:%B}, {wall:%H:%M} with {made['staff_name']} at {made['location_name']}"
