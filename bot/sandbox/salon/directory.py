"""A vendor's ids for what the book knows by itself, both ways."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.sandbox.salon.business import Business, Person, Place, Treatment
from bot.sandbox.salon.visit import Visit


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a vendor spells its ids. As it stands: opaque text for things, plain numbers for appointments and guests."""

    place: Callable[[Place], str] = lambda place: place.id
    person: Callable[[Person], str] = lambda person: person.id
    treatment: Callable[[Place, Treatment], str] = lambda _, treatment: treatment.id
    """Where a service belongs to one place only, each place has its own id for it."""
    visit: Callable[[int], str] = str
    """Of `Visit.number`."""
    guest: Callable[[int], str] = str
    """Of `Guest.number`."""


class Directory:
    """Looks things up by the vendor's id."""

    def __init__(self, businesses: Iterable[Business], spelling: Spelling) -> None:
        self.spelling = spelling
        self._places: dict[str, tuple[Business, Place]] = {}
        self._people: dict[str, tuple[Business, Place, Person]] = {}
        self._treatments: dict[tuple[str, str], Treatment] = {}
        for business in businesses:
            for place in business.places:
                self._places[spelling.place(place)] = business, place
                self._people |= {spelling.person(one): (business, place, one) for one in place.people}
                for treatment in business.list_treatments(place):
                    self._treatments[place.id, spelling.treatment(place, treatment)] = treatment

    def find_place(self, ident: str) -> tuple[Business, Place] | None:
        return self._places.get(ident)

    def find_person(self, ident: str) -> tuple[Business, Place, Person] | None:
        return self._people.get(ident)

    def find_treatment(self, place: Place, ident: str) -> Treatment | None:
        """A treatment offered at `place`."""
        return self._treatments.get((place.id, ident))

    def find_visit(self, visits: dict[int, Visit], ident: str) -> Visit | None:
        """The appointment among `visits`; breaks have no id."""
        rows = (visit for visit in visits.values() if visit.treatment is not None)
        return next((visit for visit in rows if self.spelling.visit(visit.number) == ident), None)


def number_ids(businesses: Iterable[Business], *, is_service_local: bool = False) -> Spelling:
    """Whole numbers for everything, counted over all businesses, for vendors with such ids.

    `is_service_local`: a service belongs to one place, so the same treatment has another number at each.
    """
    places: dict[str, int] = {}
    people: dict[str, int] = {}
    treatments: dict[tuple[str, str], int] = {}
    for business in businesses:
        for place in business.places:
            places[place.id] = len(places) + 1
            for person in place.people:
                people[person.id] = len(people) + 1
            for treatment in business.list_treatments(place):
                treatments.setdefault((place.id if is_service_local else "", treatment.id), len(treatments) + 1)
    return Spelling(
        place=lambda place: str(places[place.id]),
        person=lambda person: str(people[person.id]),
        treatment=lambda place, treatment: str(treatments[place.id if is_service_local else "", treatment.id]),
    )
