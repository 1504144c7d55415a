"""Moves and cancels appointments. A move is a draft that carries the old ids; the appointment keeps its own (sections 10, 11)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain, VendorChanged
from bot.model import Appointment, AppointmentStatus, DayOpenings, Location, MoveRequest
from bot.vendors.base import Progress
from bot.vendors.bucket import Priority
from bot.vendors.zenoti.client import ZenotiClient
from bot.vendors.zenoti.mapping import (
    INVOICE_ID,
    ITEM_ID,
    SHARED,
    map_line,
    map_openings,
    read_moved,
    same_id,
    write_note,
)
from bot.vendors.zenoti.payloads import read_flag, read_groups
from bot.vendors.zenoti.refusals import NO_ACCESS, Refusal

HOLDING, MOVING = "reserve", "move"
"""`step` in the progress: a hold, or a confirm, that may have been applied."""


@dataclass(frozen=True, slots=True)
class Records:
    """Reads a guest's appointments again."""

    client: ZenotiClient
    now: Callable[[], datetime]

    async def read(self, location: Location, appointment: Appointment, *, near: datetime, reference: str) -> Appointment | None:
        """As it stands in the guest's list within a day of its time or of `near`; None if it does not. Raises `Refusal`."""
        days = sorted(one.astimezone(location.zone).date() for one in (appointment.starts_at, near))
        rows = await self.client.list_guest_appointments(
            location.id,
            appointment.customer_id,
            start=days[0] - timedelta(days=1),
            end=days[-1] + timedelta(days=2),
            priority=Priority.CONFIRM,
            reference=reference,
        )
        for group in read_groups(rows):
            for line in group.lines:
                if same_id(line.appointment_id, appointment.id):
                    return map_line(group, line, location.id, location.zone, appointment.customer_id)
        return None


class Move:
    """One attempt at one move. Built for a single `run`.

    Whatever became of an earlier attempt, doing it again does no harm: the same appointment is put to the same time.
    """

    def __init__(
        self, records: Records, location: Location, appointment: Appointment, *, request: MoveRequest, progress: Progress
    ) -> None:
        self._records = records
        self._client = records.client
        self._location = location
        self._appointment = appointment
        self._request = request
        self._progress = progress

    async def run(self) -> Appointment:
        try:
            return await self._run()
        except Refusal as refusal:
            raise self._sign(refusal.translate(), refusal.verb) from None
        except VendorChanged as error:  # an answer to a look before the confirm: certainly not moved
            raise self._sign(CallStaff(error.reason), error.verb) from error

    async def _run(self) -> Appointment:
        if self._progress.values.get("step") == MOVING:
            standing = await self._look()
            if standing.starts_at == self._request.starts_at:
                return standing
        if not {INVOICE_ID, ITEM_ID} <= self._appointment.vendor_ids.keys():
            self._appointment = await self._look()
        if not {INVOICE_ID, ITEM_ID} <= self._appointment.vendor_ids.keys() or not self._appointment.customer_id:
            raise self._sign(CallStaff("neither invoice nor guest is known"), "move")
        left = self._progress.values.get("booking", "")  # may hold the new time: another draft would find it taken
        for booking_id in (left, "") if left else ("", ""):
            moved = await self._confirm(await self._hold(booking_id), is_left=bool(booking_id))
            if moved is not None:
                return moved
        raise self._sign(SlotTaken(), "confirm")

    # ── Hold ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _hold(self, left: str) -> str:
        """A draft that holds the new time, or may if it is the one that is `left`. Raises `SlotTaken`."""
        booking_id = left or await self._client.create_draft(
            self._location.id, self._write_draft(), priority=Priority.HOLD, reference=self._request.reference
        )
        await self._progress.save(step=HOLDING, booking=booking_id)
        if await self._reserve(booking_id, self._request.handle) or left:
            return booking_id
        time = await self._read_time(booking_id)
        if await self._reserve(booking_id, time):
            return booking_id
        raise self._sign(TryAgain("listed as free, but not given"), "reserve")

    def _write_draft(self) -> dict[str, Any]:
        old, request = self._appointment, self._request
        item: dict[str, Any] = {"item": {"id": old.service_id}, "invoice_item_id": old.vendor_ids[ITEM_ID]}
        if request.staff_id:
            item["therapist"] = {"id": request.staff_id}
        guest = {"id": old.customer_id, "invoice_id": old.vendor_ids[INVOICE_ID], "items": [item]}
        day = request.starts_at.astimezone(self._location.zone).date().isoformat()
        return {"center_id": self._location.id, "date": day, "is_only_catalog_employees": True, "guests": [guest]}

    async def _reserve(self, booking_id: str, time: str) -> bool:
        """Whether the time is held. A hold moves nothing, so an answer that is lost costs nothing either."""
        try:
            data = await self._client.reserve(self._location.id, booking_id, time, reference=self._request.reference)
        except OutcomeUnknown as error:
            raise self._sign(TryAgain(error.reason), "reserve") from error
        except Refusal as refusal:
            if refusal.code in NO_ACCESS:
                raise
            return False
        return read_flag(data, "is_reserved") is True

    async def _read_time(self, booking_id: str) -> str:
        """The vendor's spelling of our time if it is still free on this draft. Raises `SlotTaken`."""
        for slot in (await self._list_openings(booking_id)).slots:
            if slot.starts_at == self._request.starts_at:
                return slot.handle
        raise self._sign(SlotTaken(), "slots")

    async def _list_openings(self, booking_id: str) -> DayOpenings:
        data = await self._client.list_slots(
            self._location.id, booking_id, priority=Priority.HOLD, reference=self._request.reference
        )
        day = self._request.starts_at.astimezone(self._location.zone).date()
        return map_openings(data, self._location, day, now=self._records.now())

    # ── Confirm ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _confirm(self, booking_id: str, *, is_left: bool) -> Appointment | None:
        """The moved appointment, or None if there was no live hold any more. `is_left`: whether there was one is unknown."""
        await self._progress.save(step=MOVING, booking=booking_id)
        try:  # without a note: the one that is there names the booking
            data = await self._client.confirm(self._location.id, booking_id, "", reference=self._request.reference)
        except TryAgain:
            await self._progress.save(step=HOLDING)  # certainly not applied: the next attempt need not look
            raise
        except Refusal as refusal:
            if refusal.code in NO_ACCESS:
                raise
            standing = await self._look()
            if standing.starts_at == self._request.starts_at:
                return standing
            if refusal.says_ran_out or is_left:
                return None
            raise
        if read_flag(data, "is_confirmed") is not True:
            raise self._sign(OutcomeUnknown("neither confirmed nor refused"), "confirm")
        return read_moved(data, self._location, self._appointment, self._request.starts_at)

    async def _look(self) -> Appointment:
        """The appointment in the record. A look that fails leaves the outcome unknown; one that is gone is for staff."""
        near, reference = self._request.starts_at, self._request.reference
        if not self._appointment.customer_id:
            raise self._sign(CallStaff("the guest is not known"), "move")
        try:
            found = await self._records.read(self._location, self._appointment, near=near, reference=reference)
        except (Refusal, FrontdeskError) as error:
            raise self._sign(OutcomeUnknown(f"look failed: {type(error).__name__}"), "guest_appointments") from error
        if found is None or not found.status.is_live:
            raise self._sign(CallStaff("the appointment is not there any more"), "guest_appointments")
        return found

    def _sign(self, error: FrontdeskError, verb: str) -> FrontdeskError:
        error.source, error.verb, error.reference = "zenoti", verb or "move", self._request.reference
        return error


async def cancel(records: Records, location: Location, appointment: Appointment, *, reason: str, reference: str) -> None:
    """Cancels the whole invoice, as Zenoti has nothing smaller: one that holds more than this appointment is for staff."""
    if not appointment.vendor_ids.get(INVOICE_ID):
        appointment = await _find(records, location, appointment, reference)
    if appointment.vendor_ids.get(SHARED):
        raise CallStaff("the invoice holds other appointments", source="zenoti", verb="cancel", reference=reference)
    words = " ".join(part for part in (reason, write_note(reference) if reference else "") if part)
    try:
        invoice_id = appointment.vendor_ids.get(INVOICE_ID, "")
        await records.client.cancel_invoice(location.id, invoice_id, words, reference=reference)
    except Refusal as refusal:
        if refusal.code in NO_ACCESS or not appointment.customer_id:
            raise refusal.translate() from None
        if (await _find(records, location, appointment, reference)).status is not AppointmentStatus.CANCELLED:
            raise refusal.translate() from None


async def _find(records: Records, location: Location, appointment: Appointment, reference: str) -> Appointment:
    """As it stands in the record. Raises `CallStaff` if it is not there, `OutcomeUnknown` if that cannot be seen."""
    if not appointment.customer_id:
        raise CallStaff("neither invoice nor guest is known", source="zenoti", verb="cancel", reference=reference)
    try:
        found = await records.read(location, appointment, near=appointment.starts_at, reference=reference)
    except (Refusal, FrontdeskError) as error:
        reason = f"look failed: {type(error).__name__}"
        raise OutcomeUnknown(reason, source="zenoti", verb="cancel", reference=reference) from error
    if found is None:
        raise CallStaff("the appointment is not there", source="zenoti", verb="cancel", reference=reference)
    # What we know of it beyond the list stays: its group may list it alone.
    return replace(found, vendor_ids={**appointment.vendor_ids, **found.vendor_ids})
