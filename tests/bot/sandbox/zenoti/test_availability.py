"""Wall clocks and instants: days on which clocks change, half-hour zones, shifts."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from bot.sandbox.zenoti.availability import Availability, read_wall
from bot.sandbox.zenoti.ledger import Ledger
from bot.sandbox.zenoti.switches import Switches
from tests.bot.sandbox.zenoti.salon import ANNA, BANDRA, BROOKLYN, HARBOUR, Salon, play

SPRING, AUTUMN = date(2035, 3, 11), date(2035, 11, 4)
"""The Sundays on which New York changes its clocks."""


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour))


@pytest.mark.parametrize(
    ("day", "start_utc"),
    [
        ("2035-03-10", "2035-03-10T17:00:00Z"),
        ("2035-03-11", "2035-03-11T16:00:00Z"),
        ("2035-11-03", "2035-11-03T16:00:00Z"),
        ("2035-11-04", "2035-11-04T17:00:00Z"),
    ],
)
def test_the_same_wall_time_is_another_instant_after_the_clocks_change(day: str, start_utc: str) -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest("2125550199", center=BROOKLYN)
        query = {"is_double_booking_enabled": "true"}
        item = (await salon.book(guest, "12:00", center=BROOKLYN, day=day, query=query))["items"][0]
        assert (item["start_time"], item["end_time"]) == (f"{day}T12:00:00", f"{day}T13:00:00")
        assert [row["start_utc"] for row in await salon.booked(guest)] == [start_utc]

    play(scenario)


def test_half_past_is_the_full_hour_in_mumbai() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest("9820012345", center=BANDRA)
        await salon.book(guest, "15:30", center=BANDRA, day="2035-04-04")
        assert [row["start_utc"] for row in await salon.booked(guest)] == ["2035-04-04T10:00:00Z"]

    play(scenario)


def test_late_evening_in_mumbai_stays_on_its_own_day() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest("9820012345", center=BANDRA)
        booking = await salon.draft(guest, center=BANDRA, day="2035-03-06")
        assert (await salon.slots(booking))["slots"] == []
        booking = await salon.draft(guest, center=BANDRA, day="2035-03-07")
        assert {slot["Time"][:10] for slot in (await salon.slots(booking))["slots"]} == {"2035-03-07"}

    play(scenario, now=datetime(2035, 3, 6, 20, 0, tzinfo=UTC))


def test_a_wall_time_that_the_clocks_skip_is_not_offered() -> None:
    night = replace(BROOKLYN, week=((time(1), time(4)),) * 7)
    walls = Availability(Ledger(), Switches()).list_walls(night, SPRING)
    assert [wall.hour for wall in walls] == [1, 1, 1, 1, 3, 3, 3, 3]


def test_a_wall_time_that_comes_twice_is_the_first_one() -> None:
    assert read_wall(BROOKLYN, datetime.combine(AUTUMN, time(1, 30))) == datetime(2035, 11, 4, 5, 30, tzinfo=UTC)


def test_a_shift_ends_with_the_centers_short_day() -> None:
    saturday, wednesday, monday = date(2035, 4, 7), date(2035, 4, 4), date(2035, 4, 2)
    assert HARBOUR.find_shift(ANNA, saturday) == (at(saturday, 9), at(saturday, 16))
    assert HARBOUR.find_shift(ANNA, wednesday) is None
    assert HARBOUR.find_shift(ANNA, monday) == (at(monday, 9), at(monday, 18))
