"""What a wish comes to at the vendor: how it is done, and how the record is asked whether it was done."""

from dataclasses import dataclass
from typing import Protocol

from bot.conversation.codec import Intent
from bot.conversation.contract import Booked, Cancelled, Moved, Outcome, Refused
from bot.model import Appointment, Location, MoveRequest
from bot.vendors.base import Progress, Vendor


class Deed(Protocol):
    """One kind of thing that is done at the vendor. Raises what the vendor's verbs raise."""

    async def act(self, intent: Intent, progress: Progress) -> Outcome: ...

    async def look(self, intent: Intent) -> Outcome | None:
        """How it ended by the vendor's record; None: nothing is to be seen of it (yet)."""

    def may_double(self, intent: Intent) -> bool:
        """Whether doing it again might do it twice."""


def choose_deed(vendor: Vendor, location: Location, intent: Intent) -> Deed:
    """A move that the vendor cannot make is a booking, and once that stands a cancelling."""
    if intent.appointment is None or is_first_half(vendor, intent):
        return Booking(vendor, location)
    if intent.task == "move" and intent.made is None:
        return Moving(vendor, location, intent.appointment)
    return Cancelling(vendor, location, intent.appointment)


def is_first_half(vendor: Vendor, intent: Intent) -> bool:
    """Whether the new appointment of a move is still to be booked."""
    return intent.task == "move" and intent.made is None and not vendor.traits.can_move


@dataclass(frozen=True, slots=True)
class Booking:
    """A new appointment."""

    vendor: Vendor
    location: Location

    async def act(self, intent: Intent, progress: Progress) -> Outcome:
        request = intent.request
        return Booked(request.reference, await self.vendor.book(self.location, request, progress))

    async def look(self, intent: Intent) -> Outcome | None:
        found = await self.vendor.find_booking(self.location, intent.request, intent.progress)
        return Booked(intent.request.reference, found) if found is not None else None

    def may_double(self, intent: Intent) -> bool:
        """A vendor that knows it did not make one blanks what it had written down."""
        return (any(intent.progress.values()) or bool(intent.doubted_ms)) and not self.vendor.traits.can_repeat


@dataclass(frozen=True, slots=True)
class Moving:
    """Another time for an appointment that stands. Moved to the same time twice it is moved once."""

    vendor: Vendor
    location: Location
    appointment: Appointment

    async def act(self, intent: Intent, progress: Progress) -> Outcome:
        wish = intent.request
        request = MoveRequest(wish.reference, wish.starts_at, wish.handle, wish.staff_id)
        return Moved(wish.reference, await self.vendor.move(self.location, self.appointment, request, progress))

    async def look(self, intent: Intent) -> Outcome | None:
        rows = await self.vendor.list_appointments(self.location, self.appointment.customer_id)
        standing = next((row for row in rows if row.id == self.appointment.id), None)
        if standing is None or not standing.status.is_live:
            moved = next((row for row in rows if self._is_successor(row, intent)), None)
            if moved is not None:
                return Moved(intent.request.reference, moved)
            return _refuse_gone(intent, self.appointment) if standing is not None else None
        if _is_at(standing, intent):
            return Moved(intent.request.reference, standing)
        return _refuse_gone(intent, standing) if standing.starts_at != self.appointment.starts_at else None

    def may_double(self, intent: Intent) -> bool:
        return False

    def _is_successor(self, row: Appointment, intent: Intent) -> bool:
        """Some vendors give an appointment another id when it is moved."""
        is_new = row.id != self.appointment.id and row.status.is_live
        return is_new and row.service_id == self.appointment.service_id and _is_at(row, intent)


@dataclass(frozen=True, slots=True)
class Cancelling:
    """The end of an appointment, of its own or after a new one was booked. Cancelled twice it is cancelled once."""

    vendor: Vendor
    location: Location
    appointment: Appointment

    async def act(self, intent: Intent, progress: Progress) -> Outcome:
        await self.vendor.cancel(self.location, self.appointment, reference=intent.request.reference)
        return self._succeed(intent)

    async def look(self, intent: Intent) -> Outcome | None:
        rows = await self.vendor.list_appointments(self.location, self.appointment.customer_id)
        standing = next((row for row in rows if row.id == self.appointment.id), None)
        if standing is None:
            return None
        if not standing.status.is_live:
            return self._succeed(intent)
        return _refuse_gone(intent, standing) if standing.starts_at != self.appointment.starts_at else None

    def may_double(self, intent: Intent) -> bool:
        return False

    def _succeed(self, intent: Intent) -> Outcome:
        if intent.made is not None:
            return Moved(intent.request.reference, intent.made)
        return Cancelled(intent.request.reference, self.appointment)


def _is_at(row: Appointment, intent: Intent) -> bool:
    """Whether it stands where the customer wants it, with whom they want it."""
    wanted = intent.request
    return row.starts_at == wanted.starts_at and wanted.staff_id.lower() in ("", row.staff_id.lower())


def _refuse_gone(intent: Intent, found: Appointment) -> Outcome:
    """Somebody else has changed it meanwhile: what the customer agreed to was about something that is not any more."""
    return Refused(intent.request.reference, "gone", task=intent.task, appointment=found)
