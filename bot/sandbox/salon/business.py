"""What a demo business is made of: places, treatments, people. Frozen, and free of any vendor's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal
from unicodedata import normalize
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

Hours = tuple[time, time]
"""From and until, in the place's wall time."""


def make_id(*parts: str) -> str:
    """An id that is the same on every run, for vendors whose ids are opaque text."""
    return str(uuid5(NAMESPACE_URL, "frontdesk-sandbox/zenoti/" + "/".join(parts)))


def fold_name(name: str) -> str:
    """Lower case and without accents, for keys."""
    return normalize("NFD", name).encode("ascii", "ignore").decode().lower()


def read_wall(zone: ZoneInfo, wall: datetime) -> datetime | None:
    """Aware UTC of a naive wall time; None where the clocks skip it. Said twice: the first."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == wall else None


@dataclass(frozen=True, slots=True)
class Country:
    """Where a place stands, and how its numbers begin."""

    iso: str
    dial: int
    name: str


@dataclass(frozen=True, slots=True)
class Treatment:
    """Something that is done for guests; what it costs is said per place."""

    id: str
    key: str
    name: str
    category: str
    minutes: int
    description: str = ""
    recovery_minutes: int = 0
    """The person is busy for this long afterwards, the guest is not."""
    can_book: bool = True
    """Guests may book it by themselves."""
    is_couple: bool = False
    is_add_on: bool = False
    add_on_keys: tuple[str, ...] = ()
    is_variant: bool = False
    has_variant: bool = False
    """Only a heading: its variants are booked."""

    @property
    def is_offered(self) -> bool:
        """One guest can book it on its own."""
        return self.can_book and not (self.is_couple or self.is_add_on or self.has_variant)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of one place: skills, hours of work, one day off a week."""

    id: str
    key: str
    """Unique within the business."""
    first_name: str
    last_name: str
    gender: Literal["female", "male"]
    job: str
    skills: frozenset[str]
    """Keys of treatments."""
    shift: Hours
    day_off: int
    """Weekday, Monday = 0; -1 for none besides the place's own."""
    in_catalog: bool = True
    """Guests may choose this person; otherwise nobody is shown or given them."""

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Place:
    """One address. All its wall times are in `zone`."""

    id: str
    key: str
    name: str
    city: str
    address: str
    zip_code: str
    phone: str
    """National."""
    country: Country
    currency: str
    """ISO 4217."""
    time_zone: str
    """IANA."""
    week: tuple[Hours | None, ...]
    """Monday first; None on the closed day."""
    people: tuple[Person, ...]
    prices: dict[str, float]
    """Treatment key to price in major units; a treatment without one is not offered here."""
    first_guest_number: int
    """National numbers of demo guests count up from here."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def find_person(self, key: str) -> Person | None:
        return next((one for one in self.people if one.key == key), None)

    def find_hours(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and closing of `day` in wall time (naive), or None when closed."""
        hours = self.week[day.weekday()]
        return None if hours is None else (datetime.combine(day, hours[0]), datetime.combine(day, hours[1]))

    def find_shift(self, person: Person, day: date) -> tuple[datetime, datetime] | None:
        """When `person` works on `day`, in wall time (naive), or None."""
        hours = self.find_hours(day)
        if hours is None or person.day_off == day.weekday():
            return None
        start = max(hours[0], datetime.combine(day, person.shift[0]))
        end = min(hours[1], datetime.combine(day, person.shift[1]))
        return (start, end) if start < end else None

    def tell_day(self, moment: datetime) -> date:
        """The calendar day of an aware moment, here."""
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody in the business's card index."""

    number: int
    """Counting up from 1 over all businesses of one book."""
    business: str
    """Slug."""
    place: str
    """Key of the place they usually come to."""
    name: str
    phone: str = ""
    """E.164, or whatever was written down."""
    email: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Business:
    """Everything that one account of a vendor can see."""

    slug: str
    name: str
    places: tuple[Place, ...]
    treatments: dict[str, Treatment]
    """By key."""
    guest_names: tuple[tuple[str, str], ...]
    """First and last names of those who come all the time."""

    def find_place(self, key: str) -> Place | None:
        return next((one for one in self.places if one.key == key), None)

    def find_person(self, key: str) -> tuple[Place, Person] | None:
        return next(((place, one) for place in self.places for one in place.people if one.key == key), None)

    def list_treatments(self, place: Place) -> list[Treatment]:
        """Everything with a price at the place, add-ons included."""
        return [one for one in self.treatments.values() if one.key in place.prices]

    def list_skilled(self, place: Place, treatment: Treatment) -> list[Person]:
        """Who of those whom guests may choose does the treatment at the place."""
        return [one for one in place.people if one.in_catalog and treatment.key in one.skills]

    def list_regulars(self) -> Iterator["Regular"]:
        """In the order of `guest_names`, taking the places in turn."""
        for number, (first, last) in enumerate(self.guest_names):
            place = self.places[number % len(self.places)]
            yield Regular(place, first, last, str(place.first_guest_number + number), f"guest{number}@example.com")


@dataclass(frozen=True, slots=True)
class Regular:
    """Somebody who comes all the time."""

    place: Place
    first_name: str
    last_name: str
    number: str
    """National."""
    email: str

    @property
    def phone(self) -> str:
        """E.164."""
        return f"+{self.place.country.dial}{self.number}"
