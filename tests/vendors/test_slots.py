"""A time that is offered is free in the book behind the vendor, and none that is free is kept back."""

from datetime import UTC, date, timedelta

import pytest

from bot.model import DayOpenings
from bot.sandbox.salon import Place
from tests.vendors.cases import each_switch, each_vendor
from tests.vendors.world import BANDRA, BROOKLYN, LISBON, MASSAGE, MONDAY, TOMORROW, Case, World, play

SPRING = date(2030, 3, 10)
AUTUMN = date(2030, 11, 3)
"""Sundays on which New York's clocks change; Brooklyn is open."""


def list_free(world: World, place: Place, day: date, first_name: str = "") -> set[str]:
    """What the book says, in UTC."""
    person = next((one for one in place.people if one.first_name == first_name), None)
    return {start.isoformat() for start, _ in world.open_book().list_starts(place, MASSAGE, person, day)}


def spell(openings: DayOpenings) -> set[str]:
    return {slot.starts_at.astimezone(UTC).isoformat() for slot in openings.slots}


def check(openings: DayOpenings, world: World, day: date) -> None:
    starts = [slot.starts_at for slot in openings.slots]
    assert starts == sorted(set(starts))
    assert all(slot.handle for slot in openings.slots)
    assert all(one.tzinfo == world.location.zone and one.date() == day and one > world.clock.now() for one in starts)
    grid = world.vendor.traits.slot_minutes
    assert not grid or all(one.minute % grid == 0 for one in starts)
    assert openings.day == day
    assert openings.next_day is None or openings.next_day > day


@each_switch
def test_anyone_is_offered_what_anybody_has_free(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        for day in (MONDAY.date(), TOMORROW):
            openings = await world.look(day)
            check(openings, world, day)
            free = list_free(world, LISBON, day)
            assert spell(openings) <= free
            assert len(spell(openings)) >= len(free) / 3 > 0

    play(case, redis_url, scenario)


@each_vendor
def test_nothing_that_is_free_is_kept_back(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        anna = await world.find_staff("Anna")
        for days in range(5):
            day = MONDAY.date() + timedelta(days=days)
            assert spell(await world.look(day)) == list_free(world, LISBON, day)
            assert spell(await world.look(day, staff_id=anna.id)) == list_free(world, LISBON, day, "Anna")

    play(case, redis_url, scenario)


@each_switch
def test_a_named_person_is_offered_only_while_free(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        anna = await world.find_staff("Anna")
        openings = await world.look(staff_id=anna.id)
        check(openings, world, TOMORROW)
        assert openings.slots
        assert spell(openings) <= list_free(world, LISBON, TOMORROW, "Anna")
        day_off = await world.look(date(2030, 1, 9), staff_id=anna.id)  # a Wednesday
        assert day_off.slots == ()

    play(case, redis_url, scenario)


@each_vendor
@pytest.mark.parametrize(
    ("place", "day"),
    [(BROOKLYN, SPRING), (BROOKLYN, AUTUMN), (BANDRA, TOMORROW + timedelta(days=8))],
    ids=("spring", "autumn", "half an hour"),
)
def test_wall_clocks_are_those_of_the_place(case: Case, redis_url: str, place: Place, day: date) -> None:
    """Also where the clocks change that day, and where they are half an hour off."""

    async def scenario(world: World) -> None:
        world.clock.advance(timedelta(days=(day - MONDAY.date()).days - 3))  # into what a vendor lets book ahead
        await world.control("GET", f"/appointments?date={day}")  # filling the months between takes longer than a call may
        openings = await world.look(day)
        check(openings, world, day)
        assert openings.slots
        assert spell(openings) <= list_free(world, place, day)
        made = await world.book(world.ask(openings.slots[-1]))
        row = await world.find_row(made)
        assert row["start_utc"] == f"{openings.slots[-1].starts_at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
        assert made.starts_at == openings.slots[-1].starts_at

    play(case, redis_url, scenario, place=place)


@each_vendor
def test_the_past_is_not_offered(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        world.clock.advance(timedelta(hours=6))
        openings = await world.look(MONDAY.date())
        check(openings, world, MONDAY.date())
        yesterday = await world.look(MONDAY.date() - timedelta(days=1))
        assert yesterday.slots == ()

    play(case, redis_url, scenario)


@each_vendor
def test_a_closed_day_is_empty_not_an_error(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        openings = await world.look(date(2030, 1, 13))
        assert openings.slots == ()

    play(case, redis_url, scenario)
