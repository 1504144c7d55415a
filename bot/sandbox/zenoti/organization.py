"""A demo business in Zenoti's words: its people, treatments and hours, and what only Zenoti knows about a center."""

from dataclasses import dataclass

from bot.sandbox.salon.business import Business, Person, Place, Treatment, make_id
from bot.sandbox.zenoti.catalogue import Category, Center, Currency, Organization, Service, Therapist, Zone
from bot.sandbox.zenoti.countries import find_country

_GENDERS = {"female": 0, "male": 1}
"""§15."""


@dataclass(frozen=True, slots=True)
class CenterFacts:
    """What Zenoti keeps of a place beside what the place is."""

    code: str
    currency: Currency
    zone_id: int
    zone_text: str
    culture: str
    tax_percent: float
    prices_include_tax: bool
    room: str
    """What a treatment room is called there."""


def make_organization(business: Business, facts: dict[str, CenterFacts], categories: dict[str, Category]) -> Organization:
    """`facts` by key of the place, `categories` by name."""
    treatments = business.treatments
    services = [_make_service(business, treatment, categories) for treatment in treatments.values()]
    return Organization(
        id=make_id(business.slug, "organization"),
        name=business.name,
        business=business,
        centers=tuple(_make_center(business, place, facts[place.key]) for place in business.places),
        categories=tuple(categories.values()),
        services={service.id: service for service in services},
        mandatory_guest_fields=frozenset({"mobile_phone"}),
    )


def _make_service(business: Business, treatment: Treatment, categories: dict[str, Category]) -> Service:
    return Service(
        id=treatment.id,
        code=treatment.key.upper(),
        name=treatment.name,
        minutes=treatment.minutes,
        category=categories[treatment.category],
        description=treatment.description,
        recovery_minutes=treatment.recovery_minutes,
        can_book=treatment.can_book,
        is_couple=treatment.is_couple,
        is_add_on=treatment.is_add_on,
        add_on_ids=tuple(business.treatments[key].id for key in treatment.add_on_keys),
        is_variant=treatment.is_variant,
        has_variant=treatment.has_variant,
    )


def _make_center(business: Business, place: Place, facts: CenterFacts) -> Center:
    people = enumerate(place.people, 1)
    return Center(
        id=place.id,
        code=facts.code,
        name=place.name,
        city=place.city,
        address=place.address,
        zip_code=place.zip_code,
        phone=place.phone,
        country=find_country(place.country.iso),
        currency=facts.currency,
        time_zone=Zone(place.time_zone, facts.zone_id, facts.zone_text),
        culture=facts.culture,
        tax_percent=facts.tax_percent,
        prices_include_tax=facts.prices_include_tax,
        prices={business.treatments[key].id: price for key, price in place.prices.items()},
        week=place.week,
        therapists=tuple(_make_therapist(business, place, person, number, facts.room) for number, person in people),
    )


def _make_therapist(business: Business, place: Place, person: Person, number: int, room: str) -> Therapist:
    return Therapist(
        id=person.id,
        code=f"{place.key[:2].upper()}{number:02}",
        first_name=person.first_name,
        last_name=person.last_name,
        gender=_GENDERS[person.gender],
        job=person.job,
        service_ids=frozenset(business.treatments[key].id for key in person.skills),
        shift=person.shift,
        day_off=person.day_off,
        room=f"{room} {number}",
        in_catalog=person.in_catalog,
    )
