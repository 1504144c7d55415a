"""One booking from guest to confirmed appointment: guest, draft, hold, confirm, and every way in which each can fail."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain, VendorChanged
from bot.model import Appointment, BookingRequest, DayOpenings, Location, SlotQuery
from bot.vendors.base import Progress
from bot.vendors.bucket import Priority
from bot.vendors.zenoti.client import ZenotiClient
from bot.vendors.zenoti.drafts import Drafts
from bot.vendors.zenoti.guests import GuestBook
from bot.vendors.zenoti.mapping import map_confirmed, map_openings, write_note
from bot.vendors.zenoti.payloads import read_flag
from bot.vendors.zenoti.refusals import GUEST_UNKNOWN, NO_ACCESS, Refusal

RESERVING, CONFIRMING = "reserve", "confirm"
"""The steps written down: each before the call that it is named after."""
REFUSED = "refused"
"""Written down after the only confirm a draft ever got was answered by a refusal: no confirm is in doubt any more."""

Look = Callable[[Location, BookingRequest, Mapping[str, str]], Awaitable[Appointment | None]]


@dataclass(slots=True)
class Hold:
    """A draft on which our time is, or may be, held."""

    booking_id: str
    time: str
    """The vendor's spelling of the time."""
    may_be_ours: bool = False
    """A reserve on this draft was sent whose answer never came."""


def draft_body(query: SlotQuery, guest_id: str | None) -> dict[str, Any]:
    """A draft for one guest and one service. Without a guest it is good for looking only."""
    item: dict[str, Any] = {"item": {"id": query.service_id}}
    if query.staff_id:
        item["therapist"] = {"id": query.staff_id}
    guests = [{"id": guest_id, "items": [item]}]
    return {"center_id": query.location_id, "date": query.day.isoformat(), "is_only_catalog_employees": True, "guests": guests}


@dataclass(frozen=True, slots=True)
class Counter:
    """What a booking needs at hand."""

    client: ZenotiClient
    guests: GuestBook
    drafts: Drafts
    now: Callable[[], datetime]
    settled_after: timedelta
    """How long after a confirm the vendor's lists can be trusted not to show its appointment."""
    look: Look


class Booking:
    """One attempt at one request. Built for a single `run`."""

    def __init__(self, counter: Counter, location: Location, request: BookingRequest, progress: Progress) -> None:
        self._counter = counter
        self._client = counter.client
        self._location = location
        self._request = request
        self._progress = progress
        self._guest_id = progress.values.get("guest", "") or request.contact.customer_id
        day = request.starts_at.astimezone(location.zone).date()
        self._query = SlotQuery(location.id, request.service_id, day, request.staff_id, self._guest_id)

    async def run(self) -> Appointment:
        """Book, taking up what an earlier attempt left."""
        try:
            return await self._run()
        except VendorChanged as error:  # an answer to a look before the confirm: certainly not booked
            raise self._sign(CallStaff(error.reason), error.verb) from error

    async def _run(self) -> Appointment:
        step, booking_id = self._progress.values.get("step", ""), self._progress.values.get("booking", "")
        hold: Hold | None = None
        if step == CONFIRMING and booking_id:
            settled = await self._resume(booking_id)
            if settled is not None:
                return settled
        elif step == REFUSED:
            found = await self._look()
            if found is not None:
                return found
        elif step == RESERVING and booking_id:
            hold = Hold(booking_id, self._request.handle, may_be_ours=True)
        if not self._guest_id:
            self._guest_id = await self._find_guest()
        for is_repeat in (step in (CONFIRMING, REFUSED), True):
            held = await self._hold(hold or await self._open(is_repeat=is_repeat))
            appointment = await self._confirm(held)
            if appointment is not None:
                return appointment
            hold = None
        raise self._sign(SlotTaken(), "confirm")

    # ── Guest ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _find_guest(self) -> str:
        contact = replace(self._request.contact, customer_id="")
        return await self._counter.guests.find_or_create(self._location, contact, reference=self._request.reference)

    # ── Draft ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _open(self, *, is_repeat: bool) -> Hold:
        """The draft this guest looked with, else a new one; on a new one the time is looked up unless that was just done."""
        remembered = await self._counter.drafts.take(replace(self._query, customer_id=self._guest_id))
        if remembered.booking_id and not is_repeat:
            is_held = remembered.held_time == self._request.handle
            return Hold(remembered.booking_id, self._request.handle, may_be_ours=is_held)
        booking_id = await self._create_draft()
        if remembered.is_fresh and not is_repeat:
            return Hold(booking_id, self._request.handle)
        return Hold(booking_id, await self._read_time(booking_id))

    async def _create_draft(self) -> str:
        try:
            return await self._send_draft()
        except Refusal as refusal:
            stale = self._guest_id
            if refusal.code not in GUEST_UNKNOWN or not self._progress_or_contact_has(stale):
                raise refusal.translate() from None
        self._guest_id = await self._find_guest()  # merged or deleted since we learned of it
        try:
            return await self._send_draft()
        except Refusal as refusal:
            raise refusal.translate() from None

    async def _send_draft(self) -> str:
        body = draft_body(self._query, self._guest_id)
        return await self._client.create_draft(self._location.id, body, priority=Priority.HOLD, reference=self._request.reference)

    def _progress_or_contact_has(self, guest_id: str) -> bool:
        """Whether the id was handed to us, rather than just found."""
        return guest_id in (self._progress.values.get("guest", ""), self._request.contact.customer_id)

    async def _read_time(self, booking_id: str) -> str:
        """The vendor's spelling of our time if it is still free on this draft. Raises `SlotTaken`, `Refusal`."""
        openings = await self._list_openings(booking_id)
        for slot in openings.slots:
            if slot.starts_at == self._request.starts_at:
                return slot.handle
        raise self._sign(SlotTaken(), "slots")

    async def _list_openings(self, booking_id: str) -> DayOpenings:
        data = await self._client.list_slots(
            self._location.id, booking_id, priority=Priority.HOLD, reference=self._request.reference
        )
        return map_openings(data, self._location, self._query.day, now=self._counter.now())

    # ── Hold ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _hold(self, hold: Hold) -> Hold:
        """Hold the time. Refused: read back what is free, and try once more only if our time still is."""
        await self._save(hold, RESERVING)
        if await self._reserve(hold):
            return hold
        try:
            hold.time = await self._read_time(hold.booking_id)
        except Refusal:  # the draft itself is forgotten
            hold = await self._reopen()
            await self._save(hold, RESERVING)
        if await self._reserve(hold):
            return hold
        raise self._sign(TryAgain("listed as free, but not given"), "reserve")

    async def _reopen(self) -> Hold:
        booking_id = await self._create_draft()
        try:
            return Hold(booking_id, await self._read_time(booking_id))
        except Refusal as refusal:
            raise refusal.translate() from None

    async def _reserve(self, hold: Hold) -> bool:
        """Whether to go on to confirm. A hold books nothing, so a lost answer is simply asked for once more."""
        for is_last in (False, True):
            try:
                data = await self._client.reserve(
                    self._location.id, hold.booking_id, hold.time, reference=self._request.reference
                )
            except OutcomeUnknown:
                hold.may_be_ours = True
                if is_last:
                    raise self._sign(TryAgain("no answer to two reserves"), "reserve") from None
            except Refusal as refusal:
                if refusal.code in NO_ACCESS:
                    raise refusal.translate() from None
                return hold.may_be_ours  # refused perhaps because we hold it already: confirm will tell
            else:
                return read_flag(data, "is_reserved") is True or hold.may_be_ours
        return False

    # ── Confirm ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _confirm(self, hold: Hold) -> Appointment | None:
        """The appointment, or None if there was no live hold any more."""
        await self._save(hold, CONFIRMING)
        try:
            return await self._send_confirm(hold.booking_id)
        except TryAgain:
            await self._save(hold, RESERVING)  # certainly not applied: the next attempt need not look
            # The hold outlives this attempt, and on another draft the customer would run into it.
            query = replace(self._query, customer_id=self._guest_id)
            await self._counter.drafts.remember(query, hold.booking_id, held_time=hold.time)
            raise
        except Refusal as refusal:
            if refusal.code in NO_ACCESS:
                raise refusal.translate() from None
            if not refusal.says_already:
                await self._save(hold, REFUSED)  # a worker that dies from here on leaves nothing to wait for
            found = await self._look()
            if found is not None:
                return found
            if refusal.says_already:
                raise self._sign(OutcomeUnknown("said to be confirmed, not in the record"), "confirm") from None
            if refusal.says_ran_out or hold.may_be_ours:
                return None
            raise refusal.translate() from None

    async def _resume(self, booking_id: str) -> Appointment | None:
        """After a confirm that was perhaps sent: look, and only then confirm the same booking id. None: start again.

        The refusal of a second confirm proves nothing, whatever its code: the record must have had time to show the first.
        """
        found = await self._look()
        if found is not None:
            return found
        is_settled, sent_before = self._is_settled(), self._progress.values.get("at", "")
        await self._save(Hold(booking_id, self._request.handle), CONFIRMING)
        try:
            return await self._send_confirm(booking_id)
        except TryAgain as error:  # this confirm was not applied; the earlier one may still show up
            raise error if is_settled else self._sign(OutcomeUnknown(error.reason), "confirm") from None
        except Refusal as refusal:
            found = await self._look()
            if found is not None:
                return found
            if refusal.says_already or not is_settled:
                # This confirm was answered: only the earlier one is in doubt, and its time to show runs on.
                await self._progress.save(at=sent_before)
                raise self._sign(OutcomeUnknown("confirm refused, record shows nothing yet"), "confirm") from None
            return None

    def _is_settled(self) -> bool:
        """Whether the earlier confirm would show by now, had it been applied."""
        try:
            sent_at = datetime.fromisoformat(self._progress.values.get("at", ""))
        except ValueError:
            return False
        return sent_at.tzinfo is not None and self._counter.now() - sent_at > self._counter.settled_after

    async def _send_confirm(self, booking_id: str) -> Appointment:
        """The appointment that the answer proves. Raises `Refusal`, `OutcomeUnknown`."""
        reference = self._request.reference
        data = await self._client.confirm(self._location.id, booking_id, write_note(reference), reference=reference)
        if read_flag(data, "is_confirmed") is False:
            raise Refusal(None, verb="confirm", reference=reference)
        appointment = map_confirmed(data, self._location, self._request, self._guest_id)
        if read_flag(data, "is_confirmed") is not True or appointment is None:
            raise self._sign(OutcomeUnknown("neither confirmed nor refused"), "confirm")
        return appointment

    async def _look(self) -> Appointment | None:
        """The vendor's record. A look that fails leaves the outcome unknown."""
        try:
            return await self._counter.look(self._location, self._request, {"guest": self._guest_id})
        except FrontdeskError as error:
            raise self._sign(OutcomeUnknown(f"look failed: {type(error).__name__}"), "confirm") from error

    # ── Progress ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _save(self, hold: Hold, step: str) -> None:
        at = self._counter.now().isoformat()
        await self._progress.save(guest=self._guest_id, booking=hold.booking_id, step=step, at=at)

    def _sign(self, error: FrontdeskError, verb: str) -> FrontdeskError:
        error.source, error.verb, error.reference = "zenoti", verb, self._request.reference
        return error
