"""Between Whautomate's words and ours: pure functions from rows to the nouns of `bot.model`."""

import logging
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from babel.core import get_global
from babel.numbers import get_territory_currencies
from pydantic import ValidationError

from bot.errors import VendorChanged
from bot.model import Appointment, AppointmentStatus, BookingRequest, DayOpenings, Location, Service, Slot
from bot.vendors.rows import map_money
from bot.vendors.whautomate.payloads import SLUG, AppointmentRow, DayRow, LocationRow, ServiceRow, SlotRow, read_rows
from bot.vendors.whautomate.times import is_other_zone, read_day, read_slot_time, read_utc

log = logging.getLogger(__name__)

APPOINTMENT, AT_LOCATION = "APPOINTMENT", "LOCATION_VISIT"
"""The `serviceType` and `type` of what one customer books and comes for; classes, virtual and home visits are not offered."""

STATUSES = {
    "booked": AppointmentStatus.BOOKED,
    "rescheduled": AppointmentStatus.BOOKED,
    "confirmed": AppointmentStatus.CONFIRMED,
    "visited": AppointmentStatus.DONE,
    "noshow": AppointmentStatus.NO_SHOW,
    "cancelled": AppointmentStatus.CANCELLED,
    "canceled": AppointmentStatus.CANCELLED,
}
"""Wire notes, section 5.6: compared in lower case, without `-` and blanks."""
WAITLISTED = "waitlisted"
"""In the vendor's list, but nobody is expected: not an appointment to us."""

LONGEST = timedelta(days=7)
"""No visit takes longer."""

NOTE = re.compile(r"\[[^\[\]\s]+\]")
"""What `write_note` writes."""


# ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────────


def map_location(row: LocationRow, *, time_zone: str, currency: str) -> Location:
    """The country is that of the time zone: the record names none. `currency` empty: what is paid with there."""
    country = str(get_global("zone_territories").get(time_zone, ""))
    parts = (row.address_1, row.address_2, f"{row.post_code} {row.city}".strip())
    return Location(
        id=row.id,
        name=row.title,
        time_zone=time_zone,
        currency=currency or (next(iter(get_territory_currencies(country)), "") if country else ""),
        country=country,
        address=", ".join(part for part in parts if part),
    )


def map_services(rows: Iterable[ServiceRow], location: Location) -> tuple[Service, ...]:
    """What one customer can book online at this location."""
    return tuple(_map_service(row, location.currency) for row in rows if _is_bookable(row, location.id))


def _is_bookable(row: ServiceRow, location_id: str) -> bool:
    is_offered = bool(row.is_active and row.is_bookable) and row.kind == APPOINTMENT
    return is_offered and row.place in (AT_LOCATION, "") and row.location.id in (location_id, "")


def _map_service(row: ServiceRow, currency: str) -> Service:
    return Service(
        id=row.id,
        name=row.name,
        duration=_read_length(row.minutes),
        price=map_money(row.price, currency),
        category=row.categories[0].name if row.categories else "",
        description=row.description,
    )


# ── Times ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def map_openings(data: Any, location: Location, day: date, *, now: datetime) -> DayOpenings:
    """The free times of `day`, and whether anything is free on the other days the vendor spoke of.

    A day without an entry of its own has nothing free. Raises `VendorChanged` where the times are another zone's.
    """
    slots: dict[datetime, Slot] = {}
    later: dict[date, bool] = {}
    for row in read_rows(DayRow, data, "days"):
        found = read_day(row.date)
        if found is None:
            raise VendorChanged("a day that cannot be read", source=SLUG, verb="slots")
        if found == day:
            slots |= _read_slots(row, location, day, now)
        elif found > day:
            later[found] = later.get(found, False) or bool(_read_slots(row, location, found, now))
    return DayOpenings(day=day, slots=tuple(slots[starts_at] for starts_at in sorted(slots)), later=later)


def _read_slots(row: DayRow, location: Location, day: date, now: datetime) -> dict[datetime, Slot]:
    if is_other_zone(row.zone, location.zone, day):
        raise VendorChanged("slots in another time zone than the location's", source=SLUG, verb="slots")
    slots: dict[datetime, Slot] = {}
    for slot in read_rows(SlotRow, row.slots, "slots"):
        starts_at = read_slot_time(slot.starts, day, location.zone)
        if starts_at is None:
            log.warning("whautomate: a slot's time could not be read, left out")
        elif starts_at > now:
            slots.setdefault(starts_at, Slot(starts_at, slot.starts))
    return slots


def join_openings(parts: Sequence[DayOpenings], day: date) -> DayOpenings:
    """What several staff members have free, as one."""
    slots = {slot.starts_at: slot for part in parts for slot in part.slots}
    later: dict[date, bool] = {}
    for part in parts:
        for found, is_free in part.later.items():
            later[found] = later.get(found, False) or is_free
    return DayOpenings(day=day, slots=tuple(slots[starts_at] for starts_at in sorted(slots)), later=later)


# ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────────────────


def read_appointment(data: Any) -> AppointmentRow | None:
    """None for what is no appointment that can be told apart: no id, or no time that can be read."""
    try:
        row = AppointmentRow.model_validate(data)
    except ValidationError:
        return None
    return row if read_utc(row.starts) else None


def read_appointments(found: Any) -> tuple[AppointmentRow, ...]:
    """Strictly: an appointment that we failed to read must not pass for one that is not there."""
    rows = read_rows(AppointmentRow, found, "appointments", is_strict=True)
    if any(read_utc(row.starts) is None for row in rows):
        raise VendorChanged("an appointment's time that cannot be read", source=SLUG, verb="appointments")
    return rows


def read_status(row: AppointmentRow) -> str:
    """The vendor's word, as `STATUSES` has it."""
    return re.sub(r"[-_\s]", "", row.status.lower())


def is_standing(row: AppointmentRow) -> bool:
    """Whether somebody is expected."""
    return not is_waitlisted(row) and STATUSES.get(read_status(row), AppointmentStatus.UNKNOWN).is_live


def is_waitlisted(row: AppointmentRow) -> bool:
    return read_status(row) == WAITLISTED


def map_appointment(row: AppointmentRow, location: Location) -> Appointment:
    """`row` has a time that can be read."""
    starts_at = _read_moment(row.starts)
    length = sum((_read_length(service.minutes) for service in (row.service, *row.add_ons)), timedelta())
    ends_at = read_utc(row.ends) or starts_at + length
    return Appointment(
        id=row.id,
        location_id=location.id,
        service_id=row.service.id,
        service_name=row.service.name,
        starts_at=starts_at.astimezone(location.zone),
        ends_at=ends_at.astimezone(location.zone),
        staff_id=row.staff.id,
        staff_name=row.staff.name or row.staff.full_name,
        status=STATUSES.get(read_status(row), AppointmentStatus.UNKNOWN),
        customer_id=row.client.id,
    )


def is_as_wished(row: AppointmentRow, request: BookingRequest) -> bool:
    """Whether an answer shows what was asked for; what it leaves out is not held against it."""
    is_other_service = row.service.id not in (request.service_id, "")
    is_other_person = bool(request.staff_id) and row.staff.id not in (request.staff_id, "")
    return is_standing(row) and starts_when(row, request.starts_at) and not is_other_service and not is_other_person


def _read_length(minutes: int | None) -> timedelta:
    """Nothing for what no visit takes."""
    return timedelta(minutes=minutes) if minutes is not None and 0 <= minutes <= LONGEST // timedelta(minutes=1) else timedelta()


def starts_when(row: AppointmentRow, moment: datetime) -> bool:
    return read_utc(row.starts) == moment


def _read_moment(text: str) -> datetime:
    moment = read_utc(text)
    if moment is None:
        raise VendorChanged("an appointment's time that cannot be read", source=SLUG)
    return moment


def write_note(reference: str) -> str:
    """What goes first into the appointment's notes, for staff and, where notes are shown, for finding it again."""
    return f"[{reference}]"


def is_noted(row: AppointmentRow, reference: str) -> bool | None:
    """Whether the notes carry our reference; None where they carry none, as in every documented answer."""
    if write_note(reference) in row.notes:
        return True
    return False if NOTE.match(row.notes) else None
