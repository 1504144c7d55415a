"""The appointments that are in the book already when the sandbox starts: the same ones for the same seed and day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from bot.sandbox.salon.business import Business, Person, Place, Treatment, read_wall

AHEAD = timedelta(days=21)
BEFORE = timedelta(days=3)
"""So that a demo guest has past visits too."""
LUNCH = timedelta(minutes=30)
GAPS_MINUTES = (30, 45, 60, 75, 90, 120, 150)
"""Free time before the next booking; chosen so that about 35 % of the working time is taken."""


class Calendar:
    """Which days have been filled at which place."""

    def __init__(self) -> None:
        self._filled_until: dict[str, date] = {}

    def clear(self) -> None:
        self._filled_until.clear()

    def list_new_days(self, place: Place, now: datetime) -> list[date]:
        """The days that have come within reach since the last call."""
        today = place.tell_day(now)
        done = self._filled_until.get(place.id, today - BEFORE - timedelta(days=1))
        days = [done + timedelta(days=ahead) for ahead in range(1, (today + AHEAD - done).days + 1)]
        if days:
            self._filled_until[place.id] = days[-1]
        return days


def choose_random(seed: int, person: Person, day: date) -> Random:
    """The dice of one person's day."""
    return Random(f"{seed}/{person.id}/{day}")  # noqa: S311 - demo data, not a secret


def plan_day(
    business: Business, place: Place, person: Person, *, day: date, random: Random
) -> Iterator[tuple[datetime, Treatment | None]]:
    """Start (aware) and treatment of what is booked; no treatment: the lunch break."""
    shift = place.find_shift(person, day)
    if shift is None:
        return
    skills = sorted((business.treatments[key] for key in person.skills & place.prices.keys()), key=lambda one: one.id)
    treatments = [one for one in skills if one.can_book]
    wall, has_eaten = shift[0] + timedelta(minutes=random.choice((0, *GAPS_MINUTES))), False
    while wall < shift[1]:
        treatment = None if not has_eaten and wall.hour >= 13 else random.choice(treatments)
        has_eaten = has_eaten or treatment is None
        length = LUNCH if treatment is None else timedelta(minutes=treatment.minutes + treatment.recovery_minutes)
        start = read_wall(place.zone, wall)
        if start is not None and wall + length <= shift[1]:
            yield start, treatment
        gap = timedelta(minutes=random.choice(GAPS_MINUTES))
        wall = _round_up(wall + length) + (gap if treatment is not None else timedelta())


def _round_up(wall: datetime) -> datetime:
    """To the next quarter of an hour."""
    return wall + timedelta(minutes=-wall.minute % 15)
