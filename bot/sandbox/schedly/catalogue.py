"""Locations, services, employees and the company's settings (§4)."""

from bot.sandbox.salon import Person, Place, Treatment
from bot.sandbox.schedly.wire import SPELLING, Call, Json, Rows

CURRENCIES_WITHOUT_CENTS = frozenset({"JPY", "KRW"})


def list_locations(call: Call) -> Rows:
    return Rows("locations", [_show_place(place) for place in call.business.places])


def read_company(call: Call) -> Json:
    place = call.business.places[0]
    return {"name": call.business.name, "timeZone": place.time_zone, "currency": place.currency.lower()}


def list_services(call: Call) -> Rows:
    wanted = call.query.get("locationId", "")
    rows = [
        show_service(place, treatment)
        for place in call.business.places
        for treatment in call.business.list_treatments(place)
        if wanted in ("", SPELLING.place(place))
    ]
    return Rows("services", rows)


def list_categories(call: Call) -> Rows:
    names = dict.fromkeys(treatment.category for treatment in call.business.treatments.values())
    return Rows("categories", [{"id": number, "name": name, "order": number} for number, name in enumerate(names, 1)])


def list_employees(call: Call) -> Rows:
    rows = [_show_employee(call, place, person) for place in call.business.places for person in place.people]
    return Rows("employees", rows)


def list_nothing(name: str) -> Rows:
    return Rows(name, [])


def is_sold(treatment: Treatment) -> bool:
    """What one guest can book on its own. Schedly knows no variants and no couples: the others are inactive services."""
    return treatment.is_offered


def find_price(place: Place, treatment: Treatment) -> int:
    """In the smallest unit."""
    return round(place.prices[treatment.key] * (1 if place.currency in CURRENCIES_WITHOUT_CENTS else 100))


def show_service(place: Place, treatment: Treatment) -> Json:
    return {
        "id": int(SPELLING.treatment(place, treatment)),
        "name": treatment.name,
        "slug": treatment.key,
        "duration": treatment.minutes,
        "price": find_price(place, treatment),
        "currency": place.currency.lower(),
        "description": treatment.description,
        "active": is_sold(treatment),
        "category": {"name": treatment.category},
        "extras": [],
        "locationId": int(SPELLING.place(place)),
        "bufferTimeBefore": 0,
        "bufferTimeAfter": treatment.recovery_minutes,
        "depositType": "none",
    }


def _show_place(place: Place) -> Json:
    return {
        "id": int(SPELLING.place(place)),
        "name": place.name,
        "address": place.address,
        "city": f"{place.zip_code} {place.city}".strip(),
        "phone": f"+{place.country.dial}{place.phone}",
        "timeZone": place.time_zone,
        "active": True,
        "districtId": None,
    }


def _show_employee(call: Call, place: Place, person: Person) -> Json:
    offered = [one for one in call.business.list_treatments(place) if one.key in person.skills]
    return {
        "id": int(SPELLING.person(person)),
        "name": person.full_name,
        "email": f"{person.key}@example.com",
        "role": person.job,
        "serviceIds": [int(SPELLING.treatment(place, one)) for one in offered],
        "locationIds": [int(SPELLING.place(place))],
        "active": person.in_catalog,
        "avatar": None,
    }
