"""What is known about which days have something free, learned from as few looks as possible."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.model import DayOpenings, Slot
from flows.draft import Draft

# How far ahead days are offered as buttons. Later ones can be typed.
DAYS_AHEAD = 28

# How many days beyond the first are looked at to find the first free time, where the vendor does not name it.
MORE_LOOKS = 2


@dataclass(slots=True)
class Calendar:
    """Which days are free, full or unknown."""

    first: date
    known: dict[date, bool] = field(default_factory=dict)
    slots: dict[date, tuple[Slot, ...]] = field(default_factory=dict)

    def learn(self, openings: DayOpenings) -> None:
        """Take in one look: the day itself, and what the vendor said of others on the way."""
        self.known |= openings.later
        self.known[openings.day] = bool(openings.slots)
        self.slots[openings.day] = openings.slots
        if openings.next_day is not None:
            between = (openings.next_day - openings.day).days
            self.known |= {openings.day + timedelta(days=ahead): False for ahead in range(1, between)}
            self.known[openings.next_day] = True

    def offer(self) -> tuple[date, ...]:
        """The coming days that are not known to be full."""
        days = (self.first + timedelta(days=ahead) for ahead in range(DAYS_AHEAD))
        return tuple(day for day in days if self.known.get(day, True))

    def first_slot(self) -> Slot | None:
        """The first free time, if no earlier day is still unknown."""
        days = self.offer()
        slots = self.slots.get(days[0], ()) if days else ()
        return slots[0] if slots else None

    def nearest(self, wanted: date, count: int) -> tuple[date, ...]:
        """The days closest to `wanted`, ascending; of two as close, one known to be free wins, then the later."""
        others = [day for day in self.offer() if day != wanted]
        others.sort(key=lambda day: (abs((day - wanted).days), not self.known.get(day, False), day < wanted))
        return tuple(sorted(others[:count]))


async def look_ahead(draft: Draft, *also: date) -> Calendar:
    """Look at today (and at `also`), then on until the first free time is found or the looks are used up."""
    calendar = Calendar(await draft.today())
    for day in also:
        calendar.learn(await draft.openings(day))
    calendar.learn(await draft.openings(calendar.first))
    for _ in range(MORE_LOOKS):
        days = calendar.offer()
        if not days or days[0] in calendar.slots:
            break
        calendar.learn(await draft.openings(days[0]))
    return calendar
