"""What Whautomate's answers look like (§§3-6): bare objects, camel case, references as small objects."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.sandbox.salon import Business, Guest, Person, Place, Treatment, Visit
from bot.sandbox.whautomate.call import Json
from bot.sandbox.whautomate.spelling import SPELLING
from bot.sandbox.whautomate.switches import Switches

ADVANCE_DAYS = 365
"""`advanceBookingLimitDays` of every service."""
STATUSES = {"booked": "Booked", "cancelled": "Cancelled", "no_show": "No-Show", "done": "Visited"}


def write_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def write_time(moment: datetime, switches: Switches) -> str:
    """A time as slots have it. `moment` is aware, in the zone it is said in."""
    match switches.time_format:
        case "12h":
            return moment.strftime("%I:%M %p")
        case "24h":
            return moment.strftime("%H:%M")
        case "iso":
            return moment.isoformat(timespec="seconds")
        case "iso-z":
            return write_utc(moment.replace(tzinfo=UTC))


# ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────────


def show_location(place: Place) -> Json:
    """§3.1: no time zone, no currency, no country."""
    return {
        "id": SPELLING.place(place),
        "title": place.name,
        "addressLine1": place.address,
        "addressLine2": "",
        "city": place.city,
        "district": "",
        "postalCode": place.zip_code,
        "phone": place.phone,
    }


def show_staff(place: Place, person: Person) -> Json:
    return {
        "id": SPELLING.person(person),
        "firstName": person.first_name,
        "lastName": person.last_name,
        "email": f"{person.key}@example.com",
        "countryCode": f"+{place.country.dial}",
        "phone": place.phone,
        "active": person.in_catalog,
        "locations": [SPELLING.place(place)],
    }


def show_category(place: Place, name: str) -> Json:
    stamp = "2025-01-07T09:00:00.000Z"
    place_id = SPELLING.place(place)
    return {
        "id": f"{place_id[:16]}{name.lower()[:8]}",
        "name": name,
        "location": {"id": place_id},
        "slug": name.lower(),
        "createdAt": stamp,
        "updatedAt": stamp,
    }


def show_service(business: Business, place: Place, treatment: Treatment) -> Json:
    category = show_category(place, treatment.category)
    return {
        "id": SPELLING.treatment(place, treatment),
        "serviceType": "CLASS" if treatment.is_couple else "APPOINTMENT",
        "name": treatment.name,
        "description": treatment.description,
        "location": {"id": SPELLING.place(place), "title": place.name},
        "durationMinutes": treatment.minutes,
        "categories": [{"id": category["id"], "name": category["name"]}],
        "staffs": [{"id": SPELLING.person(one), "name": one.full_name} for one in place.people if treatment.key in one.skills],
        "numberOfParticipants": 2 if treatment.is_couple else 1,
        "type": "LOCATION_VISIT",
        "sellingPrice": place.prices[treatment.key],
        "costPrice": 0,
        "taxOverrides": [],
        "isCustomCredit": False,
        "credits": 0,
        "active": not treatment.has_variant,
        "allowOnlineBooking": treatment.is_offered,
        "acceptPaymentOnline": False,
        "advanceSettings": {"advanceBookingLimitDays": ADVANCE_DAYS, "blockTimeAfterAppointment": treatment.recovery_minutes},
        "addOnServices": [
            {"id": SPELLING.treatment(place, one), "name": one.name}
            for one in (business.treatments[key] for key in treatment.add_on_keys)
        ],
    }


# ── Clients ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def show_client(business: Business, guest: Guest, switches: Switches) -> Json:
    place = next(one for one in business.places if one.key == guest.place)
    code, digits = split_phone(guest.phone, place)
    stamp = "2025-03-04T10:00:00.000Z"
    return {
        "id": SPELLING.guest(guest.number),
        "clientId": f"C{guest.number}",
        "fullName": guest.name,
        "preferredName": "",
        "contactType": "MOBILE",
        "countryCode": code,
        "phone": code.lstrip("+") + digits if switches.phone_form == "repeated" else digits,
        "email": guest.email,
        "registrationDate": stamp,
        "tags": [],
        "notes": guest.note,
        "primaryLocation": {"id": SPELLING.place(place), "title": place.name},
        "createdAt": stamp,
        "updatedAt": stamp,
    }


def split_phone(phone: str, place: Place) -> tuple[str, str]:
    """Country code with its plus, and the other digits; numbers of other countries are kept with `|` behind the code."""
    if "|" in phone:
        code, _, digits = phone.partition("|")
        return code, digits
    code = f"+{place.country.dial}"
    return (code, phone.removeprefix(code)) if phone.startswith(code) else ("", phone.lstrip("+"))


# ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────────────────


def show_appointment(visit: Visit, switches: Switches) -> Json:
    """§5. `startTime` and `endTime` lie about their zone unless the switch says otherwise."""
    zone = ZoneInfo(visit.extra.get("zone", visit.place.time_zone))
    start, end = visit.start.astimezone(zone), visit.end.astimezone(zone)
    answer: Json = {
        "id": SPELLING.visit(visit.number),
        "location": {"id": SPELLING.place(visit.place), "title": visit.place.name},
        "client": {"id": SPELLING.guest(visit.guest_id) if visit.guest_id else "", "fullName": visit.guest_name},
        "staff": {"id": SPELLING.person(visit.person), "name": visit.person.full_name},
        "date": _write_false(start.replace(hour=0, minute=0, second=0)),
        "time": start.strftime("%I:%M %p"),
        "timezone": zone.key,
        "startTimeUTC": write_utc(start),
        "startTime": _write_false(start) if switches.false_z else write_utc(start),
        "endTimeUTC": write_utc(end),
        "endTime": _write_false(end) if switches.false_z else write_utc(end),
        "service": None if visit.treatment is None else _show_line(visit.place, visit.treatment),
        "addOnServices": [_show_line(visit.place, one) for one in visit.extra.get("add_ons", ())],
        "bookedFrom": "API" if visit.is_from_bot else "Admin Portal",
        "status": visit.extra["word"] if visit.status == "booked" and "word" in visit.extra else STATUSES[visit.status],
        "appointmentType": "LOCATION_VISIT",
        "paymentStatus": "",
    }
    return answer | {"notes": visit.note} if switches.echo_notes else answer


def _show_line(place: Place, treatment: Treatment) -> Json:
    return {
        "id": SPELLING.treatment(place, treatment),
        "name": treatment.name,
        "durationMinutes": treatment.minutes,
        "sellingPrice": place.prices[treatment.key],
    }


def _write_false(local: datetime) -> str:
    return local.strftime("%Y-%m-%dT%H:%M:%S.000Z")
