"""One booking: a single POST, and every way in which it can fail or turn out to be something else than was asked for."""

import logging
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import AskCustomer, CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Appointment, BookingRequest, DayOpenings, Location
from bot.vendors.base import Progress
from bot.vendors.whautomate.client import Refusal, WhautomateClient
from bot.vendors.whautomate.mapping import is_as_wished, is_standing, is_waitlisted, map_appointment, read_appointment, write_note
from bot.vendors.whautomate.payloads import SLUG, AppointmentRow
from bot.vendors.whautomate.phones import split_phone
from bot.vendors.whautomate.record import Record

log = logging.getLogger(__name__)

KNOWN, INLINE = "known", "inline"
"""`posted` in the progress: the POST that may have been sent named the customer by id, or by phone number.

Beside it stands the `staff` it named. A repeat names the same, so that it clashes with what the first may have made.
"""

Look = Callable[[Location, BookingRequest], Awaitable[DayOpenings]]
Choose = Callable[[Location, BookingRequest, AbstractSet[str]], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Counter:
    """What a booking needs at hand. The two reads raise `TryAgain` and `CallStaff`."""

    client: WhautomateClient
    record: Record
    look: Look
    """The free times of the request's day, for its staff member or anyone, read just now."""
    choose: Choose
    """Somebody who is free at the request's time and none of these; empty if there is nobody."""


class Booking:
    """One attempt at one request. Built for a single `run`."""

    def __init__(
        self, counter: Counter, location: Location, request: BookingRequest, *, progress: Progress, ignoring: str = ""
    ) -> None:
        """`ignoring`: an appointment of the same customer that this one is to replace."""
        self._counter = counter
        self._location = location
        self._request = request
        self._progress = progress
        self._ignoring = frozenset((ignoring,))
        self._is_repeat = bool(progress.values.get("posted"))
        """An earlier attempt may have been applied: a refusal of this one proves nothing."""
        self._staff_id = request.staff_id or progress.values.get("staff", "")

    async def run(self) -> Appointment:
        """Book, taking up what an earlier attempt left."""
        appointment = await self._run()
        await self._counter.record.remember(appointment, self._request.reference)
        return appointment

    async def _run(self) -> Appointment:
        if self._progress.values.get("wrong"):
            return await self._undo(self._progress.values["wrong"])
        if self._is_repeat:
            found = await self._find()
            if found is not None:
                return found
        row = await self._try()
        if not is_as_wished(row, self._request):
            await self._progress.save(wrong=row.id)
            return await self._undo(row.id)
        made = self._map(row)
        return await self._keep_one(made) if self._is_repeat else made

    # ── The call ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _try(self) -> AppointmentRow:
        try:
            return await self._book()
        except CallStaff as error:
            if not self._is_repeat:
                raise
            raise self._sign(OutcomeUnknown(f"a repeat was refused: {error.reason}")) from error

    async def _book(self) -> AppointmentRow:
        staff_id, way, refused = self._staff_id, self._find_way(), set[str]()
        while True:
            try:
                return await self._post(staff_id, way)
            except Refusal as refusal:
                if self._is_stale(refusal, way):
                    way = INLINE
                    continue
                if self._is_repeat and self._staff_id:
                    raise self._doubt(refusal) from None
                refused.add(staff_id)
                staff_id = await self._choose(refusal, refused)

    async def _choose(self, refusal: Refusal, refused: AbstractSet[str]) -> str:
        """The staff member to ask for after a refusal. Raises what to do where there is none.

        Also after a repeat for anyone: as somebody is free, it was refused for naming nobody, and so was the first attempt.
        """
        if refusal.is_unknown_id:
            raise refusal.translate() from None
        openings = await self._counter.look(self._location, self._request)
        if all(slot.starts_at != self._request.starts_at for slot in openings.slots):
            raise (self._doubt(refusal) if self._is_repeat else self._sign(SlotTaken())) from None
        if self._request.staff_id:
            raise self._sign(CallStaff(f"status {refusal.status}, though the time is free")) from None
        chosen = await self._counter.choose(self._location, self._request, refused)
        if not chosen:
            raise self._sign(TryAgain("listed as free, but not given")) from None
        return chosen

    def _doubt(self, refusal: Refusal) -> FrontdeskError:
        """A repeat was refused, perhaps because the first attempt has taken the time."""
        return self._sign(OutcomeUnknown(f"a repeat got status {refusal.status}"))

    async def _post(self, staff_id: str, way: str) -> AppointmentRow:
        """The appointment in the answer. Raises `Refusal`, `OutcomeUnknown`."""
        body = self._describe(staff_id, way)
        await self._progress.save(posted=way, staff=staff_id)
        try:
            data = await self._counter.client.book(body, reference=self._request.reference)
        except (Refusal, TryAgain, CallStaff):
            if not self._is_repeat:
                await self._progress.save(posted="", staff="")
            raise
        row = read_appointment(data)
        if row is None:
            raise self._sign(OutcomeUnknown("an answer that shows no appointment"))
        return row

    def _describe(self, staff_id: str, way: str) -> dict[str, Any]:
        request, zone = self._request, self._location.zone
        body: dict[str, Any] = {
            "client": {"id": request.contact.customer_id} if way == KNOWN else self._describe_client(),
            "location": {"id": self._location.id},
            "service": {"id": request.service_id},
            "date": request.starts_at.astimezone(zone).date().isoformat(),
            "time": request.handle,
            "timezone": self._location.time_zone,
            "overrideTimeSlotValidation": False,  # the vendor's refusal of a clash is what keeps a repeat from doubling
            "notes": write_note(request.reference),
        }
        if staff_id:
            body["staff"] = {"id": staff_id}
        return body

    def _describe_client(self) -> dict[str, str]:
        contact = self._request.contact
        if not contact.phone:
            raise self._sign(AskCustomer("error.phone_needed"))
        phone, name = split_phone(contact.phone), " ".join(contact.name.split())
        if phone is None:
            raise self._sign(AskCustomer("error.phone_wrong"))
        if not name:
            raise self._sign(AskCustomer("error.name_needed"))
        return {"fullName": name, "countryCode": phone.country_code, "phone": phone.phone}

    def _find_way(self) -> str:
        """An earlier attempt may have learned that the customer's id is known no more."""
        is_known = self._request.contact.customer_id and self._progress.values.get("posted") != INLINE
        return KNOWN if is_known else INLINE

    def _is_stale(self, refusal: Refusal, way: str) -> bool:
        """Merged or deleted since we learned of it."""
        return refusal.is_unknown_id and way == KNOWN and bool(self._request.contact.phone)

    # ── Something else than asked for ──────────────────────────────────────────────────────────────────────────────────

    async def _undo(self, appointment_id: str) -> Appointment:
        """What was made is not what was wished, or waits in a list: cancel it unless a second look says otherwise."""
        reference = self._request.reference
        try:
            row = await self._counter.record.read(appointment_id, reference=reference)
            if is_as_wished(row, self._request):
                return self._map(row)
            if is_standing(row) or is_waitlisted(row):
                await self._cancel(appointment_id)
        except (Refusal, FrontdeskError) as error:
            raise self._sign(OutcomeUnknown(f"not what was asked for, and not undone: {type(error).__name__}")) from None
        raise self._sign(CallStaff("the vendor made something else than was asked for; undone"))

    async def _keep_one(self, made: Appointment) -> Appointment:
        """After a repeat: should the first attempt show after all, that one stays and the new one goes."""
        try:
            earlier = await self._look(self._ignoring | {made.id})
            if earlier is None:
                return made
            await self._cancel(made.id)
        except (Refusal, FrontdeskError) as error:
            log.error("whautomate: [%s] may be booked twice (%s)", self._request.reference, type(error).__name__)  # noqa: TRY400
            return made
        return earlier

    async def _cancel(self, appointment_id: str) -> None:
        body = {
            "appointmentId": appointment_id,
            "location": {"id": self._location.id},
            "cancellationReason": write_note(self._request.reference),
        }
        await self._counter.client.cancel(body, reference=self._request.reference)

    def _map(self, row: AppointmentRow) -> Appointment:
        return replace(map_appointment(row, self._location), service_id=self._request.service_id)

    # ── The record ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _find(self) -> Appointment | None:
        """A look that fails leaves the outcome unknown."""
        try:
            return await self._look(self._ignoring)
        except (Refusal, FrontdeskError) as error:
            raise self._sign(OutcomeUnknown(f"look failed: {type(error).__name__}")) from error

    async def _look(self, ignoring: frozenset[str]) -> Appointment | None:
        is_known = self._progress.values.get("posted") == KNOWN
        return await self._counter.record.find(self._location, self._request, is_known=is_known, ignoring=ignoring)

    def _sign(self, error: FrontdeskError) -> FrontdeskError:
        error.source, error.verb, error.reference = SLUG, "book", self._request.reference
        return error
