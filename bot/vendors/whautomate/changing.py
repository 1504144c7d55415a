"""Moves and cancels appointments. A move keeps the staff member; another one means: book the new, then cancel the old."""

from collections.abc import Mapping
from typing import Any

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Appointment, BookingRequest, Contact, Location, MoveRequest
from bot.vendors.base import Progress
from bot.vendors.whautomate.booking import Booking, Counter
from bot.vendors.whautomate.client import Refusal
from bot.vendors.whautomate.mapping import is_standing, map_appointment, read_appointment, starts_when, write_note
from bot.vendors.whautomate.payloads import SLUG

MOVING = "moving"
"""`posted` in the progress: a reschedule that may have been applied."""


class Move:
    """One attempt at one move. Built for a single `run`."""

    def __init__(
        self, counter: Counter, location: Location, appointment: Appointment, *, request: MoveRequest, progress: Progress
    ) -> None:
        self._counter = counter
        self._location = location
        self._old = appointment
        self._request = request
        self._progress = progress
        self._is_repeat = bool(progress.values.get("posted"))

    async def run(self) -> Appointment:
        """The moved appointment. A reschedule may give it another id."""
        if self._request.staff_id not in ("", self._old.staff_id):
            return await self._replace()
        if self._is_repeat:
            found = await self._find()
            if found is not None:
                return found
        moved = await self._post()
        await self._counter.record.remember(moved, self._request.reference)
        return moved

    async def _post(self) -> Appointment:
        body = {
            "appointmentId": self._old.id,
            "location": {"id": self._location.id},
            "date": self._request.starts_at.astimezone(self._location.zone).date().isoformat(),
            "time": self._request.handle,
            "timezone": self._location.time_zone,
        }
        await self._progress.save(posted=MOVING)
        try:
            data = await self._counter.client.reschedule(body, reference=self._request.reference)
        except (TryAgain, CallStaff):
            await self._forget()
            raise
        except Refusal as refusal:
            return await self._explain(refusal)
        row = read_appointment(data)
        if row is None or not is_standing(row) or not starts_when(row, self._request.starts_at):
            raise self._sign(OutcomeUnknown("an answer that does not show the new time"))
        return map_appointment(row, self._location)

    async def _explain(self, refusal: Refusal) -> Appointment:
        """A refusal may mean that it stands at that time already."""
        await self._forget()
        if refusal.is_unknown_id and not self._is_repeat:
            raise refusal.translate() from None
        found = await self._find()
        if found is not None:
            return found
        if self._is_repeat:
            raise self._sign(OutcomeUnknown(f"a repeat got status {refusal.status}")) from None
        openings = await self._counter.look(self._location, self._as_booking())
        if any(slot.starts_at == self._request.starts_at for slot in openings.slots):
            raise self._sign(CallStaff(f"status {refusal.status}, though the time is free")) from None
        raise self._sign(SlotTaken()) from None

    async def _forget(self) -> None:
        """Certainly not moved by this attempt."""
        if not self._is_repeat:
            await self._progress.save(posted="")

    async def _find(self) -> Appointment | None:
        """The appointment at its new time, under its own id or another. A look that fails leaves the outcome unknown."""
        record, reference = self._counter.record, self._request.reference
        try:
            row = await record.read(self._old.id, reference=reference)
            if is_standing(row):
                return map_appointment(row, self._location) if starts_when(row, self._request.starts_at) else None
        except Refusal as refusal:
            if not refusal.is_unknown_id:
                raise self._sign(OutcomeUnknown(f"look failed: status {refusal.status}")) from None
        except FrontdeskError as error:
            raise self._sign(OutcomeUnknown(f"look failed: {type(error).__name__}")) from error
        try:
            return await record.find(self._location, self._as_booking(), is_known=True, ignoring=(self._old.id,))
        except (Refusal, FrontdeskError) as error:
            raise self._sign(OutcomeUnknown(f"look failed: {type(error).__name__}")) from error

    async def _replace(self) -> Appointment:
        """Two steps, each of which a repeat takes up: the new one is found again, the old one may be cancelled twice."""
        made = await Booking(
            self._counter, self._location, self._as_booking(), progress=self._progress, ignoring=self._old.id
        ).run()
        try:
            await cancel(self._counter, self._location, self._old, reason="", reference=self._request.reference)
        except FrontdeskError as error:
            raise self._sign(OutcomeUnknown(f"the new one stands, the old one may too: {type(error).__name__}")) from error
        return made

    def _as_booking(self) -> BookingRequest:
        request = self._request
        return BookingRequest(
            reference=request.reference,
            location_id=self._location.id,
            service_id=self._old.service_id,
            starts_at=request.starts_at,
            handle=request.handle,
            contact=Contact("", customer_id=self._old.customer_id),
            staff_id=request.staff_id or self._old.staff_id,
        )

    def _sign(self, error: FrontdeskError) -> FrontdeskError:
        error.source, error.verb, error.reference = SLUG, "move", self._request.reference
        return error


async def cancel(counter: Counter, location: Location, appointment: Appointment, *, reason: str, reference: str) -> None:
    """Cancelled now, or found cancelled already. The vendor knows no policy: whoever calls must have kept it."""
    body: Mapping[str, Any] = {"appointmentId": appointment.id, "location": {"id": location.id}}
    words = " ".join(part for part in (reason, write_note(reference) if reference else "") if part)
    try:
        await counter.client.cancel({**body, "cancellationReason": words} if words else body, reference=reference)
    except Refusal as refusal:
        if refusal.is_unknown_id:
            raise refusal.translate() from None
        await _check_cancelled(counter, appointment, refusal)


async def _check_cancelled(counter: Counter, appointment: Appointment, refusal: Refusal) -> None:
    """What is cancelled already is refused like anything else: only the record tells."""
    try:
        row = await counter.record.read(appointment.id, reference=refusal.reference)
    except Refusal:
        raise refusal.translate() from None
    if is_standing(row):
        raise refusal.translate() from None
