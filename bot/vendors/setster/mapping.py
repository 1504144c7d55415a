"""Between Setster's words and ours: pure functions from rows to the nouns of `bot.model`."""

import html
import logging
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from babel import Locale
from babel.numbers import get_territory_currencies

from bot.errors import VendorChanged
from bot.model import Appointment, AppointmentStatus, DayOpenings, Location, Service, Slot, StaffMember
from bot.vendors.rows import map_money, read_as_text, read_as_whole
from bot.vendors.setster.payloads import AppointmentRow, EmployeeRow, LocationRow, ServiceRow
from bot.vendors.setster.zones import place_wall, read_wall

log = logging.getLogger(__name__)

STATUSES = {
    0: AppointmentStatus.BOOKED,  # waits for the customer's click in an e-mail
    1: AppointmentStatus.BOOKED,  # waits for the business
    2: AppointmentStatus.CONFIRMED,
    3: AppointmentStatus.CANCELLED,
    8: AppointmentStatus.DONE,
    9: AppointmentStatus.NO_SHOW,
    10: AppointmentStatus.ARRIVED,
    11: AppointmentStatus.ARRIVED,
    12: AppointmentStatus.ARRIVED,
    13: AppointmentStatus.ARRIVED,  # delayed
}
"""Wire notes, 5.6. 5 and 7 do not exist."""
BUSY = frozenset({4, 6})
"""Blocks imported from somebody's calendar, no customer's appointments."""

STEP = 15
"""Minutes: durations are multiples of it (wire notes, 5.1)."""


# ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────────


def map_location(row: LocationRow, time_zone: str, currency: str) -> Location:
    country = read_country(row.country)
    parts = (row.street1, row.street2, f"{row.zip} {row.city}".strip())
    return Location(
        id=row.id,
        name=html.unescape(row.name),
        time_zone=time_zone,
        currency=currency or find_currency(country),
        country=country,
        address=", ".join(part for part in parts if part),
    )


def read_country(text: str) -> str:
    """ISO 3166 alpha-2, also out of an English name; else empty."""
    names = Locale("en").territories
    if len(text) == len("US") and text.upper() in names:
        return text.upper()
    wanted = text.casefold()
    return next((code for code, name in names.items() if len(code) == len("US") and name.casefold() == wanted), "")


def find_currency(country: str) -> str:
    """What is paid with in the country today, or empty."""
    return next(iter(get_territory_currencies(country)), "") if country else ""


def map_services(rows: Iterable[ServiceRow], location: Location) -> tuple[Service, ...]:
    """What a customer can book there without a password, an add-on or a payment in advance."""
    return tuple(_map_service(row, location.currency) for row in rows if _is_bookable(row, location.id))


def _is_bookable(row: ServiceRow, location_id: str) -> bool:
    is_elsewhere = bool(row.location_links) and location_id not in row.location_links
    is_closed = row.status == 0 or bool(row.password) or bool(row.is_subservice) or bool(row.require_addon)
    is_prepaid = bool(row.payment_min_amount) and row.allow_cash_payment is not True
    return not (is_elsewhere or is_closed or is_prepaid) and bool(row.duration) and bool(row.name)


def _map_service(row: ServiceRow, currency: str) -> Service:
    """The price is in whole units of a currency that only the business knows; 0 is what nobody filled in."""
    return Service(
        id=row.id,
        name=html.unescape(row.name),
        duration=timedelta(minutes=row.duration or 0),
        price=map_money(row.price, currency) if row.price else None,
        description=html.unescape(row.description),
    )


def map_staff(rows: Iterable[EmployeeRow], linked: Iterable[str]) -> tuple[StaffMember, ...]:
    """Those of `linked` who are active and have a name."""
    wanted = set(linked)
    named = ((row, f"{row.first_name} {row.last_name}".strip() or row.nickname) for row in rows if row.status != 0)
    return tuple(StaffMember(row.id, html.unescape(name)) for row, name in named if name and row.id in wanted)


def round_up(duration: timedelta) -> int:
    """Minutes, to the next multiple that Setster takes."""
    minutes = -(-int(duration.total_seconds()) // 60)
    return max(STEP, -(-minutes // STEP) * STEP)


# ── Times ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_times(data: Any, asked: date | None = None) -> Mapping[date, tuple[str, ...]]:
    """Free starts by day, as spelled. Three shapes of `times`: by date, a bare list of one day, an empty list for none.

    A bare list is of the day the answer names, else of `asked`; where neither is known it says nothing.
    """
    times = data.get("times") if isinstance(data, dict) else None
    if isinstance(times, list):
        named = _read_single_day(data) or (asked.isoformat() if asked else "")
        times = {named: times} if named and times else {}
    if not isinstance(times, dict):
        raise VendorChanged("times is neither a map nor a list", source="setster", verb="availability")
    found: dict[date, tuple[str, ...]] = {}
    for spelled, starts in times.items():
        day = _read_day(str(spelled))
        if day is not None:
            found[day] = tuple(filter(None, _read_starts(starts)))
    if times and not found:
        raise VendorChanged("times without a readable date", source="setster", verb="availability")
    return found


def _read_single_day(data: dict[str, Any]) -> str:
    year, month, day = (read_as_whole(data.get(name)) for name in ("year", "month", "day"))
    return f"{year:04d}-{month:02d}-{day:02d}" if year and month and day else ""


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _read_starts(starts: Any) -> list[str]:
    """Texts, objects with `time` and `seats`, or a map from time to seats; what has no seat left is not free."""
    if isinstance(starts, dict):
        return [str(name) for name, seats in starts.items() if read_as_whole(seats) != 0]
    if not isinstance(starts, list):
        return []
    rows = [item if isinstance(item, dict) else {"time": item} for item in starts]
    return [read_as_text(row.get("time")) for row in rows if read_as_whole(row.get("seats")) != 0]


def map_openings(times: Mapping[date, tuple[str, ...]], location: Location, day: date, *, earliest: datetime) -> DayOpenings:
    """The free times of `day` from `earliest` (aware) on, and which later days have any."""
    slots = {one: _map_slots(starts, location, one, earliest=earliest) for one, starts in times.items() if one >= day}
    later = {one: bool(found) for one, found in slots.items() if one > day}
    return DayOpenings(
        day=day,
        slots=slots.get(day, ()),
        later=later,
        next_day=min((one for one, is_free in later.items() if is_free), default=None),
    )


def _map_slots(starts: Iterable[str], location: Location, day: date, *, earliest: datetime) -> tuple[Slot, ...]:
    slots: dict[datetime, Slot] = {}
    for spelled in starts:
        handle = f"{day.isoformat()} {spelled}"
        wall = read_wall(handle)
        starts_at = place_wall(wall, location.zone) if wall else None
        if starts_at is None:
            log.warning("setster: a slot's time could not be read, left out")
        elif starts_at >= earliest:
            slots.setdefault(starts_at, Slot(starts_at, handle))
    return tuple(slots[starts_at] for starts_at in sorted(slots))


# ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────────────────


def map_appointment(
    row: AppointmentRow, location_id: str, times: tuple[datetime, datetime], customer_id: str, *, staff_name: str = ""
) -> Appointment:
    """A record with its times already read."""
    starts_at, ends_at = times
    return Appointment(
        id=row.id,
        location_id=location_id,
        service_id=row.service_id,
        service_name=html.unescape(row.type),
        starts_at=starts_at,
        ends_at=max(starts_at, ends_at),
        staff_id="" if row.employee_id == "0" else row.employee_id,
        staff_name=staff_name,
        status=AppointmentStatus.UNKNOWN if row.status is None else STATUSES.get(row.status, AppointmentStatus.UNKNOWN),
        customer_id=customer_id,
        vendor_ids={"email": row.client_email, "name": row.client_name, "subservices": row.subservices},
    )


def write_customer(client_id: str, email: str) -> str:
    """Our id of a customer: lists are asked for by e-mail, and the number outlives a changed address."""
    return f"{client_id}:{email.lower()}"


def is_of_customer(row: AppointmentRow, customer_id: str) -> bool:
    client_id, _, email = customer_id.partition(":")
    return (bool(client_id) and row.client_id == client_id) or (bool(email) and row.client_email.lower() == email)
