"""The nouns of the business: what every vendor has, in one vocabulary.

Frozen and free of I/O. Times are aware; a wall-clock time is always in its location's zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's smallest unit (cents, paise; yen have none)."""

    minor_units: int
    currency: str
    """ISO 4217 code, upper case."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place where customers are served."""

    id: str
    name: str
    time_zone: str
    """IANA name, from our own settings where the vendor's text is not to be trusted."""
    currency: str = ""
    country: str = ""
    """ISO 3166 alpha-2; the region a phone number without `+` is read in."""
    address: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Service:
    """Something that can be booked at a location."""

    id: str
    name: str
    duration: timedelta
    price: Money | None = None
    category: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person who performs services."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A start time the vendor offered. Never a promise: only the vendor's record is."""

    starts_at: datetime
    """Aware, in the location's zone."""
    handle: str
    """The vendor's own spelling of this slot, sent back unchanged."""
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """Which times are wanted: one day, in the location's zone."""

    location_id: str
    service_id: str
    day: date
    staff_id: str = ""
    """Empty: anyone."""
    customer_id: str = ""
    """The vendor's id of the customer if known; some vendors book on the look-up itself."""


@dataclass(frozen=True, slots=True)
class DayOpenings:
    """What is free on one day, and what the vendor said of later days on the way."""

    day: date
    slots: tuple[Slot, ...]
    """Free slots only, ascending, without repeats and without the past."""
    later: Mapping[date, bool] = field(default_factory=dict)
    """Later days the vendor spoke of: True = something is free. Others are unknown."""
    next_day: date | None = None
    """The next day with something free, where the vendor named one."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Who the appointment is for."""

    name: str
    phone: str = ""
    """E.164, or empty."""
    email: str = ""
    customer_id: str = ""
    """The vendor's id, once known."""


class AppointmentStatus(StrEnum):
    """The vendor's word for where an appointment stands, in ours."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    DONE = "done"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    UNKNOWN = "unknown"

    @property
    def is_live(self) -> bool:
        """Whether the appointment still takes up its time."""
        return self not in (AppointmentStatus.CANCELLED, AppointmentStatus.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment in the vendor's record."""

    id: str
    location_id: str
    service_id: str
    service_name: str
    starts_at: datetime
    """Aware, in the location's zone."""
    ends_at: datetime
    staff_id: str = ""
    staff_name: str = ""
    """Empty where the vendor has assigned nobody yet."""
    status: AppointmentStatus = AppointmentStatus.BOOKED
    customer_id: str = ""
    vendor_ids: Mapping[str, str] = field(default_factory=dict)
    """What the vendor needs to move or cancel it (invoice, item, group …)."""


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """One confirmed wish, written down before anything is done about it."""

    reference: str
    """Ours, stable over every attempt, shown to staff and written into the vendor's note."""
    location_id: str
    service_id: str
    starts_at: datetime
    """Aware, in the location's zone."""
    handle: str
    """`Slot.handle` of the time the customer confirmed."""
    contact: Contact
    staff_id: str = ""
    """Empty: anyone."""


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Another time for an appointment that stands."""

    reference: str
    """Ours, stable over every attempt."""
    starts_at: datetime
    """Aware, in the location's zone."""
    handle: str
    """`Slot.handle` of the time the customer confirmed."""
    staff_id: str = ""
    """Empty: whoever has it now, or anyone."""
