"""Between Zenoti's words and ours: pure functions from rows to the nouns of `bot.model`."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.errors import VendorChanged
from bot.model import Appointment, AppointmentStatus, BookingRequest, DayOpenings, Location, Service, Slot, StaffMember
from bot.vendors.rows import map_money
from bot.vendors.zenoti.payloads import (
    CenterRow,
    FutureDayRow,
    GroupRow,
    ItemRow,
    ServiceLineRow,
    ServiceRow,
    SlotRow,
    TherapistRow,
    read_rows,
    read_text,
)

log = logging.getLogger(__name__)

STATUSES = {
    -2: AppointmentStatus.NO_SHOW,
    -1: AppointmentStatus.CANCELLED,
    0: AppointmentStatus.BOOKED,
    1: AppointmentStatus.DONE,
    2: AppointmentStatus.ARRIVED,
    4: AppointmentStatus.CONFIRMED,
    21: AppointmentStatus.CANCELLED,  # voided
}
"""Wire notes, section 15; other numbers exist and must not disturb."""

INVOICE_ID, ITEM_ID, GROUP_ID = "invoice_id", "invoice_item_id", "appointment_group_id"
"""`Appointment.vendor_ids`: what moving and cancelling takes."""
SHARED = "shares_invoice"
"""… and filled where the invoice holds other live appointments too, which a cancel would take along."""

NOTE = re.compile(r"\[[^\[\]\s]+\]")
"""What `write_note` writes."""
EMPTY_YEAR = 1
"""`0001-01-01T00:00:00` stands for null."""


# ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────────


def map_center(row: CenterRow, time_zone: str) -> Location:
    """A center in the zone from our settings: the text in its own record has a fixed offset, wrong half the year."""
    address = row.address
    parts = (address.address_1, address.address_2, f"{address.zip_code} {address.city}".strip())
    return Location(
        id=row.id,
        name=row.display_name or row.name,
        time_zone=time_zone,
        currency=row.currency.code.upper(),
        country=row.country.code.upper(),
        address=", ".join(part for part in parts if part),
    )


def map_services(rows: Sequence[ServiceRow], currency: str) -> tuple[Service, ...]:
    """What one guest can book online. Raises `VendorChanged` if no row at all says whether it can be booked."""
    if rows and all(row.catalog_info.can_book is None for row in rows):
        raise VendorChanged("services without catalog_info", source="zenoti", verb="services")
    return tuple(_map_service(row, currency) for row in rows if _is_bookable(row))


def _is_bookable(row: ServiceRow) -> bool:
    is_offered = bool(row.catalog_info.can_book and row.catalog_info.show_in_catalog)
    return is_offered and not (row.add_ons_info.is_add_on or row.variants_info.has_variant or row.is_couple_service)


def _map_service(row: ServiceRow, currency: str) -> Service:
    is_shown = row.catalog_info.show_price is not False and not row.catalog_info.display_price
    return Service(
        id=row.id,
        name=row.catalog_info.display_name or row.name,
        duration=timedelta(minutes=max(row.duration or 0, 0)),
        price=map_money(_find_price(row), currency) if is_shown else None,
        category=row.additional_info.category.name,
        description=row.description,
    )


def _find_price(row: ServiceRow) -> Decimal | None:
    """The price with tax; `sale_price` is without it in some settings and all that older payloads have."""
    price = row.price_info
    if price.final_price is not None:
        return price.final_price
    if price.price_without_tax is not None:
        return price.price_without_tax + (price.tax or 0)
    return price.sale_price


def map_therapists(rows: Iterable[TherapistRow]) -> tuple[StaffMember, ...]:
    named = ((row, row.best_name or row.personal_info.best_name) for row in rows if row.can_book is not False)
    return tuple(StaffMember(row.id, name) for row, name in named if name)


# ── Times ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_wall_clock(text: str, zone: ZoneInfo) -> datetime | None:
    """A center-local time without offset, made aware. The first of two in autumn; None for one that spring skips.

    Also None for what is no such time: an offset or a Z would mean that Zenoti changed what this field is.
    """
    try:
        naive = datetime.fromisoformat(text)
    except ValueError:
        return None
    if naive.tzinfo is not None or naive.year == EMPTY_YEAR or "T" not in text:
        return None
    aware = naive.replace(tzinfo=zone)
    try:
        back = datetime.fromtimestamp(aware.timestamp(), zone)
    except (ValueError, OverflowError):
        return None
    return aware if back.replace(tzinfo=None) == naive else None


def read_day(text: str) -> date | None:
    """The calendar day at the beginning of a date or a local time; None for the empty date."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return None if day.year == EMPTY_YEAR else day


def map_openings(data: Any, location: Location, day: date, *, now: datetime) -> DayOpenings:
    """The free times of `day`, and what was said of later days."""
    rows = read_rows(SlotRow, data, "slots")
    slots: dict[datetime, Slot] = {}
    for row in rows:
        starts_at = read_wall_clock(row.time, location.zone)
        if starts_at is None:
            log.warning("zenoti: a slot's time could not be read, left out")
        elif row.available is not False and starts_at > now and starts_at.date() == day:
            slots.setdefault(starts_at, Slot(starts_at, row.time, map_money(row.saleprice, location.currency)))
    later = {found: is_free for found, is_free in _read_later(data) if found > day}
    next_day = read_day(read_text(data, "next_available_day"))
    return DayOpenings(
        day=day,
        slots=tuple(slots[starts_at] for starts_at in sorted(slots)),
        later=later,
        next_day=next_day if next_day and next_day > day else None,
    )


def _read_later(data: Any) -> Iterator[tuple[date, bool]]:
    if not isinstance(data.get("future_days"), list) or not data["future_days"]:
        return
    try:
        rows = read_rows(FutureDayRow, data, "future_days")
    except VendorChanged:
        return
    for row in rows:
        day = read_day(row.day)
        if day is not None and row.is_available is not None:
            yield day, row.is_available


# ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────────────────


def map_confirmed(data: Any, location: Location, request: BookingRequest, guest_id: str) -> Appointment | None:
    """The appointment in an answer to confirm, or None if the answer does not prove one."""
    invoice = data.get("invoice")
    if not isinstance(invoice, dict) or not isinstance(invoice.get("items"), list):
        return None
    try:
        items = [item for item in read_rows(ItemRow, invoice, "items") if item.appointment_id]
    except VendorChanged:
        return None
    if not items:
        return None
    item = next((item for item in items if same_id(item.item.id, request.service_id)), items[0])
    starts_at = read_wall_clock(item.start_time, location.zone) or request.starts_at
    return Appointment(
        id=item.appointment_id,
        location_id=location.id,
        service_id=request.service_id,
        service_name=item.item.item_display_name or item.item.best_name,
        starts_at=starts_at,
        ends_at=read_wall_clock(item.end_time, location.zone) or starts_at,
        staff_id=item.therapist.id,
        staff_name=item.therapist.best_name,
        customer_id=guest_id,
        vendor_ids=_join_ids(read_text(invoice, "invoice_id"), item.invoice_item_id, "", len(items)),
    )


def write_note(reference: str) -> str:
    """What goes into the appointment's notes, for staff and for finding it again."""
    return f"[{reference}]"


def find_made(groups: Sequence[GroupRow], location: Location, request: BookingRequest, customer_id: str) -> Appointment | None:
    """The live appointment that `request` made, among those of its own guest.

    The one whose notes carry our reference; where notes are not shown, the one of this service at this time, unless its
    notes carry another booking's reference. Cancelled ones are not live.
    """
    likely: Appointment | None = None
    for group in groups:
        is_ours = write_note(request.reference) in group.notes
        if (group.center_id and not same_id(group.center_id, location.id)) or (NOTE.search(group.notes) and not is_ours):
            continue
        for line in group.lines:
            found = map_line(group, line, location.id, location.zone, customer_id)
            is_match = found and same_id(found.service_id, request.service_id) and found.starts_at == request.starts_at
            if found and is_match and found.status.is_live:
                if is_ours:
                    return found
                likely = likely or found
    return likely


def map_line(group: GroupRow, line: ServiceLineRow, location_id: str, zone: ZoneInfo, customer_id: str) -> Appointment | None:
    """One line of a guest's appointment list; None if its time cannot be read."""
    starts_at = read_wall_clock(line.start_time, zone)
    if starts_at is None:
        return None
    return Appointment(
        id=line.appointment_id,
        location_id=location_id,
        service_id=line.service.id,
        service_name=line.service.best_name,
        starts_at=starts_at,
        ends_at=read_wall_clock(line.end_time, zone) or starts_at,
        staff_id=line.therapist.id or line.requested_therapist_id,
        staff_name=line.therapist.best_name,
        status=AppointmentStatus.UNKNOWN if line.status is None else STATUSES.get(line.status, AppointmentStatus.UNKNOWN),
        customer_id=customer_id,
        vendor_ids=_join_ids(group.invoice_id, line.invoice_item_id, group.appointment_group_id, _count_live(group)),
    )


def read_moved(data: Any, location: Location, appointment: Appointment, starts_at: datetime) -> Appointment:
    """`appointment` at its new time, with what the answer to confirm says of it."""
    length = appointment.ends_at - appointment.starts_at
    moved = replace(appointment, starts_at=starts_at, ends_at=starts_at + length)
    invoice = data.get("invoice")
    try:
        items = read_rows(ItemRow, invoice, "items")
    except VendorChanged:
        return moved
    for item in items:
        if same_id(item.appointment_id, appointment.id):
            return replace(
                moved,
                ends_at=read_wall_clock(item.end_time, location.zone) or moved.ends_at,
                staff_id=item.therapist.id or moved.staff_id,
                staff_name=item.therapist.best_name or moved.staff_name,
            )
    return moved


def _count_live(group: GroupRow) -> int:
    return sum(STATUSES.get(line.status or 0, AppointmentStatus.UNKNOWN).is_live for line in group.lines)


def _join_ids(invoice: str, item: str, group: str, lines: int) -> dict[str, str]:
    named = {INVOICE_ID: invoice, ITEM_ID: item, GROUP_ID: group, SHARED: "yes" if lines > 1 else ""}
    return {name: value for name, value in named.items() if value}


def same_id(one: str, other: str) -> bool:
    """GUIDs are compared whatever their case: one documented answer has them in upper case."""
    return one.lower() == other.lower()
