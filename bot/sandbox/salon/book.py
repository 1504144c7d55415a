"""The appointment book behind an emulator: who is busy when, what is free, and every appointment ever made."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from bot.sandbox.clock import SandboxClock
from bot.sandbox.salon.business import Business, Guest, Person, Place, Treatment, read_wall
from bot.sandbox.salon.prefill import LUNCH, Calendar, choose_random, plan_day
from bot.sandbox.salon.visit import Status, Visit


class Book:
    """All appointments of some businesses, filled about a third full and filled on as the clock goes.

    Every method is one step without a pause in it, so of two takers of one time only the first gets it.
    """

    def __init__(self, businesses: Iterable[Business], clock: SandboxClock, *, seed: int = 0, grid_minutes: int = 15) -> None:
        """`grid_minutes`: starts are offered on multiples of it, counted from the opening hour."""
        self.businesses = tuple(businesses)
        self.grid_minutes = grid_minutes
        self.visits: dict[int, Visit] = {}
        self.guests: dict[int, Guest] = {}
        self._clock = clock
        self._seed = seed
        self._calendar = Calendar()
        self._days: defaultdict[tuple[str, date], list[Visit]] = defaultdict(list)
        self.reset()

    def reset(self) -> None:
        """As at the start: the same appointments and guests, by the clock of now."""
        self.visits.clear()
        self.guests.clear()
        self._days.clear()
        self._calendar.clear()
        for business in self.businesses:
            for one in business.list_regulars():
                self.add_guest(business, one.place, f"{one.first_name} {one.last_name}", phone=one.phone, email=one.email)
        self.catch_up()

    def catch_up(self) -> None:
        """Fill the days that have come within reach. The readers below do so by themselves."""
        now = self._clock.now()
        for business in self.businesses:
            for place in business.places:
                for day in self._calendar.list_new_days(place, now):
                    self._fill_day(business, place, day, now)

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def list_visits(self, business: Business | None = None, *, day: date | None = None) -> list[Visit]:
        """Appointments (no breaks) by start, whatever their status; `day` is the place's."""
        self.catch_up()
        found = (visit for visit in self.visits.values() if visit.treatment is not None)
        rows = [
            visit for visit in found if business in (None, visit.business) and day in (None, visit.place.tell_day(visit.start))
        ]
        return sorted(rows, key=lambda visit: (visit.start, visit.number))

    def list_day(self, person: Person, day: date) -> list[Visit]:
        """What takes up the person's time on the place's calendar day, breaks included."""
        return [visit for visit in self._days.get((person.id, day), ()) if visit.takes_time]

    def is_working(self, place: Place, person: Person, start: datetime, end: datetime) -> bool:
        shift = place.find_shift(person, place.tell_day(start))
        if shift is None:
            return False
        first, last = (read_wall(place.zone, wall) for wall in shift)
        return first is not None and last is not None and first <= start and end <= last

    def is_free(self, place: Place, person: Person, start: datetime, end: datetime, *, ignoring: int = 0) -> bool:
        """Nothing is in the book between the two; `ignoring`: number of an appointment that does not count."""
        day = self.list_day(person, place.tell_day(start))
        return not any(visit.start < end and start < visit.blocked_until and visit.number != ignoring for visit in day)

    def list_grid(self, place: Place, day: date) -> Iterator[datetime]:
        """Every start (aware UTC) that could be offered on `day`, free or not; none on a closed day."""
        hours = place.find_hours(day)
        if hours is None:
            return
        wall, closing = hours
        while wall < closing:
            start = read_wall(place.zone, wall)
            if start is not None:
                yield start
            wall += timedelta(minutes=self.grid_minutes)

    def list_starts(
        self,
        place: Place,
        treatment: Treatment,
        person: Person | None,
        day: date,
        minutes: int | None = None,
        *,
        ignoring: int = 0,
    ) -> list[tuple[datetime, list[Person]]]:
        """Bookable starts (aware UTC) of the place's calendar day with who is free, the least busy first.

        `person` None: anyone whom guests may choose. `minutes`: of another length than the treatment's.
        """
        self.catch_up()
        found = []
        for start in self.list_grid(place, day):
            free = self._list_free(place, treatment, person, start, minutes=minutes, ignoring=ignoring)
            if free:
                found.append((start, free))
        return found

    def find_free_person(
        self,
        place: Place,
        treatment: Treatment,
        start: datetime,
        minutes: int | None = None,
        *,
        person: Person | None = None,
        ignoring: int = 0,
    ) -> Person | None:
        """Who can take the treatment at `start` (aware): `person`, or the least busy of all who do it. Nobody in the past."""
        self.catch_up()
        free = self._list_free(place, treatment, person, start, minutes=minutes, ignoring=ignoring)
        return free[0] if free else None

    def find_guest(self, business: Business, *, phone: str = "", email: str = "") -> Guest | None:
        """The first with the same digits, or the same e-mail in any case."""
        digits = _keep_digits(phone)
        for guest in self.guests.values():
            if guest.business == business.slug and (
                (digits and _keep_digits(guest.phone) == digits) or (email and guest.email.lower() == email.lower())
            ):
                return guest
        return None

    # ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def add_guest(
        self, business: Business, place: Place, name: str, *, phone: str = "", email: str = "", note: str = ""
    ) -> Guest:
        """A new card, whoever is in the index already."""
        guest = Guest(len(self.guests) + 1, business.slug, place.key, name, phone, email, note)
        self.guests[guest.number] = guest
        return guest

    def add(
        self,
        business: Business,
        place: Place,
        person: Person,
        treatment: Treatment | None,
        start: datetime,
        *,
        minutes: int | None = None,
        guest: Guest | None = None,
        note: str = "",
        status: Status = "booked",
        is_from_bot: bool = False,
        visible_at: datetime | None = None,
        extra: dict[str, Any] | None = None,
    ) -> Visit:
        """Write it in, free or not: `find_free_person` says beforehand."""
        length = minutes if minutes is not None else 0 if treatment is None else treatment.minutes
        visit = Visit(
            number=len(self.visits) + 1,
            business=business,
            place=place,
            person=person,
            treatment=treatment,
            start=start,
            end=start + timedelta(minutes=length),
            created_at=self._clock.now(),
            note=note,
            status=status,
            is_from_bot=is_from_bot,
            visible_at=visible_at,
            extra=extra or {},
        )
        if guest is not None:
            visit.guest_id, visit.guest_name, visit.guest_phone, visit.guest_email = (
                guest.number,
                guest.name,
                guest.phone,
                guest.email,
            )
        self.visits[visit.number] = visit
        self._days[self._key(visit)].append(visit)
        return visit

    def move(self, number: int, person: Person, start: datetime) -> Visit:
        """The same appointment at another time, keeping its length. Free or not."""
        visit = self.visits[number]
        self._days[self._key(visit)].remove(visit)
        visit.person, visit.start, visit.end = person, start, start + (visit.end - visit.start)
        self._days[self._key(visit)].append(visit)
        return visit

    def cancel(self, number: int) -> Visit:
        visit = self.visits[number]
        visit.status = "cancelled"
        return visit

    # ── Within ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _list_free(
        self, place: Place, treatment: Treatment, person: Person | None, start: datetime, *, minutes: int | None, ignoring: int
    ) -> list[Person]:
        if start <= self._clock.now():
            return []
        end = start + timedelta(minutes=treatment.minutes if minutes is None else minutes)
        blocked = end + timedelta(minutes=treatment.recovery_minutes)
        skilled = [
            one for one in place.people if treatment.key in one.skills and (one.in_catalog if person is None else one is person)
        ]
        day = place.tell_day(start)
        skilled.sort(key=lambda one: len(self.list_day(one, day)))
        return [
            one
            for one in skilled
            if self.is_working(place, one, start, end) and self.is_free(place, one, start, blocked, ignoring=ignoring)
        ]

    def _fill_day(self, business: Business, place: Place, day: date, now: datetime) -> None:
        regulars = [guest for guest in self.guests.values() if guest.business == business.slug and guest.place == place.key]
        for person in place.people:
            random = choose_random(self._seed, person, day)
            for start, treatment in plan_day(business, place, person, day=day, random=random):
                end = start + (LUNCH if treatment is None else timedelta(minutes=treatment.minutes + treatment.recovery_minutes))
                if not self.is_free(place, person, start, end):
                    continue
                if treatment is None:
                    self.add(business, place, person, None, start, minutes=LUNCH // timedelta(minutes=1))
                    continue
                guest = random.choice(regulars)
                visit = self.add(business, place, person, treatment, start, guest=guest)
                visit.status = "done" if visit.end <= now else "booked"

    @staticmethod
    def _key(visit: Visit) -> tuple[str, date]:
        return visit.person.id, visit.place.tell_day(visit.start)


def _keep_digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())
