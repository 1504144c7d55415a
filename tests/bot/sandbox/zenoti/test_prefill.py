"""The book is neither empty nor full at the start, and the same every time."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from bot.sandbox.zenoti.demo import ORGANIZATIONS
from tests.bot.sandbox.zenoti.salon import NOW, Salon, opened_salon, play

DAYS = 21


async def read_book(salon: Salon) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await salon.control("GET", "/appointments")).body
    return rows


def test_about_a_third_of_the_coming_weeks_is_taken_everywhere() -> None:
    async def scenario(salon: Salon) -> None:
        rows = await read_book(salon)
        for organization in ORGANIZATIONS.values():
            services = organization.services
            for center in organization.centers:
                first = NOW.astimezone(center.zone).date()
                days = [first + timedelta(days=ahead) for ahead in range(DAYS)]
                shifts = [center.find_shift(one, day) for one in center.therapists for day in days]
                worked = sum((shift[1] - shift[0] for shift in shifts if shift is not None), timedelta())
                wanted = {day.isoformat() for day in days}
                mine = [row for row in rows if row["location_id"] == center.id and row["start_time"][:10] in wanted]
                taken = timedelta(minutes=sum(services[row["service_id"]].minutes for row in mine))
                assert 0.25 < taken / worked < 0.45, center.name

    play(scenario)


def test_nobody_is_booked_twice_at_once() -> None:
    async def scenario(salon: Salon) -> None:
        rows = sorted(await read_book(salon), key=lambda row: (row["staff_id"], row["start_utc"]))
        for before, after in pairwise(rows):
            same_day = before["staff_id"] == after["staff_id"] and before["start_time"][:10] == after["start_time"][:10]
            assert not same_day or before["end_time"] <= after["start_time"]

    play(scenario)


def test_the_same_seed_makes_the_same_book() -> None:
    async def scenario(salon: Salon) -> None:
        async with opened_salon() as other:
            ours, theirs = await read_book(salon), await read_book(other)
            assert [(row["id"], row["start_utc"], row["guest_id"]) for row in ours] == [
                (row["id"], row["start_utc"], row["guest_id"]) for row in theirs
            ]

    play(scenario)


def test_the_book_goes_on_as_the_clock_does_without_touching_bookings() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        await salon.book(guest)
        last = max(row["start_time"] for row in await read_book(salon) if row["guest_id"] != guest)
        salon.clock.advance(timedelta(days=30))
        rows = await read_book(salon)
        assert max(row["start_time"] for row in rows) > last
        (mine,) = await salon.booked(guest)
        same_day = [row for row in rows if row["start_time"][:10] == mine["start_time"][:10]]
        others = [row for row in same_day if row["staff_id"] == mine["staff_id"] and row is not mine]
        assert all(
            row["end_time"] <= mine["start_time"] or mine["end_time"] <= row["start_time"] for row in others if row != mine
        )

    play(scenario)


def test_past_visits_are_closed() -> None:
    async def scenario(salon: Salon) -> None:
        rows = await read_book(salon)
        statuses = {row["status"] for row in rows if row["start_time"] < "2035-03-04"}
        assert statuses == {"done"}

    play(scenario)
