"""Between Schedly's words and ours: pure functions from rows to the nouns of `bot.model`."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from bot.errors import VendorChanged
from bot.model import (
    Appointment,
    AppointmentStatus,
    BookingRequest,
    DayOpenings,
    Location,
    Money,
    Service,
    Slot,
    SlotQuery,
    StaffMember,
)
from bot.vendors.schedly.payloads import (
    SOURCE,
    AppointmentRow,
    CompanyRow,
    EmployeeRow,
    LocationRow,
    ServiceRow,
    SlotRow,
    read_days,
)

log = logging.getLogger(__name__)

STATUSES = {
    "pending": AppointmentStatus.BOOKED,
    "approved": AppointmentStatus.BOOKED,
    "completed": AppointmentStatus.DONE,
    "canceled": AppointmentStatus.CANCELLED,
    "cancelled": AppointmentStatus.CANCELLED,
}
"""Wire notes, section 6.5; the second spelling is that of the events."""

NOTE = re.compile(r"\[[^\[\]\s]+\]")
"""What `write_note` writes."""
ANYONE = "|"
"""Parts the time in a slot's handle from the ids of who is free, where anyone was asked for."""
LONGEST = timedelta(hours=24)
"""Of one service; more is a mistake in the catalogue."""


# ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────────


def map_location(row: LocationRow, zones: dict[str, str], company: CompanyRow) -> Location | None:
    """In the zone of our settings, else its own, else the company's; None if none of them is one."""
    named = (zones.get(row.id, ""), row.time_zone, company.time_zone)
    zone = next((name for name in named if name in available_timezones()), "")
    if not zone:
        log.warning("schedly: a location without a time zone is left out; name it in time_zones")
        return None
    country = row.country.upper() if re.fullmatch("[A-Za-z]{2}", row.country) else find_country(zone)
    return Location(
        id=row.id,
        name=row.name,
        time_zone=zone,
        currency=(row.currency or company.currency).upper(),
        country=country,
        address=", ".join(part for part in (row.address, row.city) if part and part != row.name),
    )


def find_country(zone: str) -> str:
    """The country of a time zone, ISO 3166 alpha-2; empty for one of none."""
    return str(get_global("zone_territories").get(zone, ""))


def map_services(rows: Iterable[ServiceRow], location_id: str) -> tuple[Service, ...]:
    """What is sold here: a service names one location or none."""
    offered = (row for row in rows if row.active is not False and row.location_id in ("", location_id))
    return tuple(_map_service(row) for row in offered if row.name and read_minutes(row))


def _map_service(row: ServiceRow) -> Service:
    return Service(
        id=row.id,
        name=row.name,
        duration=read_minutes(row),
        price=map_cents(row.price, row.currency),
        category=row.category,
        description=row.description,
    )


def read_minutes(row: ServiceRow) -> timedelta:
    """How long it takes; zero for what cannot be."""
    length = timedelta(minutes=row.duration) if row.duration and 0 < row.duration < 10_000 else timedelta()
    return length if length <= LONGEST else timedelta()


def map_cents(cents: int | None, currency: str) -> Money | None:
    """Amounts are in the currency's smallest unit; lower-case codes, `usd` where none is said."""
    code = (currency or "usd").upper()
    return Money(cents, code) if cents is not None and cents >= 0 and re.fullmatch("[A-Z]{3}", code) else None


def map_employees(rows: Iterable[EmployeeRow], location_id: str, service_id: str) -> tuple[StaffMember, ...]:
    """Who does the service here. Where nothing is said of services or locations, everybody does and everywhere."""
    return tuple(
        StaffMember(row.id, row.name)
        for row in rows
        if row.name
        and row.active is not False
        and (row.service_ids is None or service_id in row.service_ids)
        and (not row.location_ids or location_id in row.location_ids)
    )


def find_gaps(hidden: Sequence[str], services: Sequence[ServiceRow], people: Sequence[EmployeeRow]) -> Iterator[str]:
    """What the owner can mend in Schedly. `hidden`: ids of locations that are not offered for want of a zone."""
    if hidden:
        yield f"no time zone for location {', '.join(hidden)}: not offered until it stands under time_zones"
    if not services:
        yield "no active service: there is nothing to book"
    idle = [row for row in services if not any(one.service_ids is None or row.id in one.service_ids for one in people)]
    if idle:
        yield f"{len(idle)} services that no active employee does: no time is ever free for them"
    paid = [row for row in services if row.deposit_type not in ("", "none")]
    if paid:
        yield f"{len(paid)} services ask for a deposit: the bot books them without taking one"


# ── Times ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """An ISO 8601 time with `Z` or an offset, in `zone`. None for anything else: a bare time may be anybody's."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(zone) if found.tzinfo is not None and found.year > 1 else None
    except (ValueError, OverflowError):
        return None


def is_same_instant(one: datetime, other: datetime) -> bool:
    """Also in the hour that is said twice in autumn: two times of one zone are compared by the clock on the wall."""
    return one.timestamp() == other.timestamp()


def write_instant(moment: datetime) -> str:
    """Always in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def map_openings(data: Any, location: Location, query: SlotQuery, *, last: date, now: datetime) -> DayOpenings:
    """The free times of the day asked for, and of the days up to `last` whether there are any."""
    found: dict[datetime, tuple[str, list[str]]] = {}  # by UTC: of one zone, the hour said twice in autumn compares equal
    listed: set[date] = set()
    count, unreadable = 0, 0
    for listed_day, rows in read_days(data):
        listed.update([listed_day] if listed_day else [])
        for row in rows:
            count += 1
            starts_at = read_instant(row.starts_at, location.zone)
            unreadable += starts_at is None
            people = _list_people(row)
            is_ours = not query.staff_id or not people or query.staff_id in people
            if starts_at is not None and is_ours and row.available is not False and starts_at > now:
                found.setdefault(starts_at.astimezone(UTC), (row.starts_at, []))[1].extend(people)
    if count and unreadable == count:
        raise VendorChanged("times without offset", source=SOURCE, verb="availability")
    free = {moment.astimezone(location.zone).date() for moment in found}
    later = {one: one in free for one in sorted(listed | free) if query.day < one <= last}
    slots = tuple(
        Slot(moment.astimezone(location.zone), _write_handle(text, () if query.staff_id else people))
        for moment, (text, people) in sorted(found.items())
        if moment.astimezone(location.zone).date() == query.day
    )
    return DayOpenings(query.day, slots, later, next((one for one, is_free in later.items() if is_free), None))


def _list_people(row: SlotRow) -> list[str]:
    """In the vendor's order, which may be its idea of whose turn it is."""
    return [one for one in (*(row.employee_ids or ()), row.employee_id) if one]


def _write_handle(text: str, people: Iterable[str]) -> str:
    """The vendor's spelling of the time, and who is free then where anyone will do."""
    named = ",".join(dict.fromkeys(people))
    return f"{text}{ANYONE}{named}" if named else text


def read_free_people(handle: str) -> tuple[str, ...]:
    """Who was free at a slot that was looked up for anyone; empty where the vendor did not say."""
    return tuple(one for one in handle.partition(ANYONE)[2].split(",") if re.fullmatch(r"[\w-]{1,64}", one, re.ASCII))


def _rank(identifier: str) -> tuple[int, str]:
    return (int(identifier) if identifier.isdecimal() and len(identifier) < 16 else 0, identifier)


# ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────────────────


def write_note(reference: str) -> str:
    """What goes into the appointment's notes, where they are kept."""
    return f"[{reference}]"


def map_appointment(
    row: AppointmentRow, location: Location, *, customer_id: str, service: Service | None = None, staff_id: str = ""
) -> Appointment | None:
    """A row of a list or an answer; None if its time cannot be read. What it leaves out is what we sent."""
    starts_at = read_instant(row.start_time, location.zone)
    if starts_at is None:
        return None
    return Appointment(
        id=row.id,
        location_id=location.id,
        service_id=row.service_id or row.service.id or (service.id if service else ""),
        service_name=row.service.name or (service.name if service else ""),
        starts_at=starts_at,
        ends_at=read_instant(row.end_time, location.zone) or starts_at,
        staff_id=row.employee_id or row.employee.id or staff_id,
        staff_name=row.employee.name,
        status=STATUSES.get(row.status.lower(), AppointmentStatus.UNKNOWN) if row.status else AppointmentStatus.BOOKED,
        customer_id=customer_id,
        vendor_ids={"uid": row.uid} if row.uid else {},
    )


def find_made(
    rows: Sequence[AppointmentRow], location: Location, request: BookingRequest, *, staff_id: str, customer_id: str
) -> Appointment | None:
    """The live appointment that `request` made, among those of its own customer.

    The one whose notes carry our reference; where notes are not kept, the one of this service at this time with this
    staff member. Of several the oldest.
    """
    likely: Appointment | None = None
    for row in sorted(rows, key=lambda row: _rank(row.id)):
        is_ours = write_note(request.reference) in row.notes
        if NOTE.search(row.notes) and not is_ours:
            continue
        found = map_appointment(row, location, customer_id=customer_id)
        if found is None or not found.status.is_live or not is_same_instant(found.starts_at, request.starts_at):
            continue
        if row.location_id not in ("", request.location_id) or found.service_id not in ("", request.service_id):
            continue
        if is_ours:
            return found
        if not staff_id or found.staff_id in ("", staff_id):
            likely = likely or found
    return likely
