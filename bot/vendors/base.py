"""The contract every booking system is adapted to.

A vendor file holds, in this order: the link to the vendor's documents, its traits, its payload types, the class with its
verbs in the order below, and the mapping between the vendor's words and ours. Flows never learn which vendor it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

from bot.model import Appointment, BookingRequest, Contact, DayOpenings, Location, MoveRequest, Service, SlotQuery, StaffMember


@dataclass(frozen=True, slots=True)
class VendorTraits:
    """What a vendor can do, declared once at the top of its file; a contract test holds it to its word."""

    slug: str
    can_hold: bool
    """A time can be held before it is booked."""
    can_repeat: bool
    """`book` may be called again at once with the progress of an unclear attempt: the vendor makes one appointment of it
    at most (a draft that is confirmed once). Otherwise it must first have had the time to show up."""
    can_move: bool
    """An appointment can be moved in place, keeping its id."""
    can_book_anyone: bool
    """A booking may leave the choice of the staff member to the vendor."""
    needs_phone: bool
    needs_email: bool
    calls_per_minute: int
    """The documented limit for one key."""
    longest_processing: timedelta
    """How long the vendor may still be working on a request whose answer did not come."""
    visibility: timedelta
    """How long after that a made appointment may be missing from `find_booking`'s lists."""
    can_cancel: bool = False
    """An appointment can be cancelled through the API."""
    slot_minutes: int = 0
    """The vendor books on multiples of this many minutes only; 0: its own business, nothing to know about it."""
    lists_by_location: bool = False
    """`list_appointments` tells only of the location it is asked for; otherwise of all locations of the business."""


class Progress(Protocol):
    """What is written down between the steps of one booking, durable before the next step begins."""

    @property
    def values(self) -> Mapping[str, str]:
        """What earlier steps, also of a worker that died, have written."""

    async def save(self, **values: str) -> None:
        """Add to `values`; what certainly did not happen after all is taken back by saving it empty.

        Raises `Fenced` when another worker has taken over: make no further call then.
        """


class Vendor(Protocol):
    """One booking system of one business. Times in and out are aware, in the location's zone.

    Every verb may raise `TryAgain` (not applied, repeat later), `CallStaff` (key refused, account blocked) and
    `VendorChanged` (answer not understood); what else is said below.
    """

    @property
    def traits(self) -> VendorTraits: ...

    async def list_locations(self) -> tuple[Location, ...]: ...

    async def list_services(self, location: Location) -> tuple[Service, ...]: ...

    async def list_staff(self, location: Location, service_id: str) -> tuple[StaffMember, ...]: ...

    async def find_slots(self, location: Location, query: SlotQuery) -> DayOpenings: ...

    async def book(self, location: Location, request: BookingRequest, progress: Progress) -> Appointment:
        """Make the appointment. `AskCustomer` (`SlotTaken` …): certainly not made. `OutcomeUnknown`: look first.

        Everything that must not happen twice is preceded by a `progress.save`, and a second call with the
        progress of the first takes up where that left off, with a look at the record before anything else.
        """

    async def find_booking(self, location: Location, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        """The live appointment that `request` made, or None if the vendor's record does not show one (yet)."""

    async def list_appointments(self, location: Location, customer_id: str) -> tuple[Appointment, ...]:
        """Upcoming and recent appointments of this customer and nobody else, cancelled ones included."""

    async def find_customer(self, location: Location, contact: Contact) -> str:
        """The id of the customer with this very phone number, else empty: also where the vendor cannot be asked that."""

    async def move(self, location: Location, appointment: Appointment, request: MoveRequest, progress: Progress) -> Appointment:
        """Move in place: the old time stays until the new one is certain. `SlotTaken`: certainly not moved.

        `OutcomeUnknown`: look first (`list_appointments`). `NotSupported` where `traits.can_move` is False.
        """

    async def cancel(self, location: Location, appointment: Appointment, *, reason: str = "", reference: str = "") -> None:
        """Cancelled now, or found cancelled already. `AskCustomer`, `CallStaff`: certainly not (too late, paid).

        `OutcomeUnknown`: may be repeated. `NotSupported` where `traits.can_cancel` is False.
        """


@runtime_checkable
class CheckedVendor(Protocol):
    """A vendor that can tell what an account lacks."""

    async def list_gaps(self) -> tuple[str, ...]:
        """What works less well than it could, and what the owner can do about it: one line each, no secrets."""
