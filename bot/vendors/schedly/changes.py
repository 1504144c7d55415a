"""Moving and cancelling: one PUT that says how the appointment is to be, believed only if the answer or the record says so."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from bot.errors import FrontdeskError, OutcomeUnknown, VendorChanged
from bot.model import Appointment, AppointmentStatus, Location, MoveRequest
from bot.vendors.rows import read_rows
from bot.vendors.schedly.client import SchedlyClient, write_id
from bot.vendors.schedly.mapping import is_same_instant, map_appointment, read_free_people, write_instant
from bot.vendors.schedly.payloads import SOURCE, AppointmentRow
from bot.vendors.schedly.refusals import Refusal

ListAppointments = Callable[[Location, str], Awaitable[tuple[Appointment, ...]]]


class Changes:
    """What can be done with an appointment that stands."""

    def __init__(self, client: SchedlyClient, list_appointments: ListAppointments) -> None:
        self._client = client
        self._list_appointments = list_appointments

    async def move(self, location: Location, appointment: Appointment, request: MoveRequest) -> Appointment:
        """The same appointment at its new time, as long as before. See `bot.vendors.base.Vendor.move`."""
        staff_id = _choose_staff(appointment, request)
        ends_at = request.starts_at + (appointment.ends_at - appointment.starts_at)
        body: dict[str, Any] = {"startTime": write_instant(request.starts_at), "endTime": write_instant(ends_at)}
        if staff_id and staff_id != appointment.staff_id:
            body["employeeId"] = write_id(staff_id)
        try:
            data = await self._client.change_appointment("move", appointment.id, body, reference=request.reference)
        except Refusal as refusal:
            raise refusal.translate(is_write=True) from None
        name = appointment.staff_name if staff_id == appointment.staff_id else ""
        wanted = replace(appointment, starts_at=request.starts_at, ends_at=ends_at, staff_id=staff_id, staff_name=name)
        found = _read(data, location, appointment) or await self._look(location, appointment, "move", request.reference)
        if found is None or not is_same_instant(found.starts_at, request.starts_at) or not found.status.is_live:
            raise _doubt("move", request.reference)
        return replace(wanted, staff_name=found.staff_name or name, status=found.status)

    async def cancel(self, location: Location, appointment: Appointment, *, reference: str) -> None:
        """See `bot.vendors.base.Vendor.cancel`. One that is gone from the record takes up no time any more."""
        try:
            data = await self._send_cancel(appointment, reference)
        except Refusal as refusal:
            if refusal.is_missing:
                return
            raise refusal.translate(is_write=True) from None
        found = _read(data, location, appointment, needs_status=True)
        found = found or await self._look(location, appointment, "cancel", reference)
        if found is not None and found.status is not AppointmentStatus.CANCELLED:
            raise _doubt("cancel", reference)

    async def _send_cancel(self, appointment: Appointment, reference: str) -> Any:
        """The status alone; with the times where a change may not leave them out (wire notes, section 17)."""
        body = {"status": "canceled"}
        try:
            return await self._client.change_appointment("cancel", appointment.id, body, reference=reference)
        except Refusal as refusal:
            if not (refusal.names("startTime") or refusal.names("endTime")):
                raise
        times = {"startTime": write_instant(appointment.starts_at), "endTime": write_instant(appointment.ends_at)}
        return await self._client.change_appointment("cancel", appointment.id, body | times, reference=reference)

    async def _look(self, location: Location, appointment: Appointment, verb: str, reference: str) -> Appointment | None:
        """What the record says of it. A look that fails leaves the outcome unknown."""
        try:
            listed = await self._list_appointments(location, appointment.customer_id)
        except FrontdeskError as error:
            raise _doubt(verb, reference) from error
        return next((one for one in listed if one.id == appointment.id), None)


def _choose_staff(appointment: Appointment, request: MoveRequest) -> str:
    """Who was asked for; else who has it now if they are free then, else one who is."""
    if request.staff_id:
        return request.staff_id
    free = read_free_people(request.handle)
    return appointment.staff_id if appointment.staff_id in free or not free else free[0]


def _read(data: Any, location: Location, appointment: Appointment, *, needs_status: bool = False) -> Appointment | None:
    """The appointment in an answer, if it is this one."""
    try:
        row = read_rows(AppointmentRow, [data], "appointment", source=SOURCE)[0]
    except VendorChanged:
        return None
    if row.id != appointment.id or (needs_status and not row.status):
        return None
    return map_appointment(row, location, customer_id=appointment.customer_id)


def _doubt(verb: str, reference: str) -> OutcomeUnknown:
    return OutcomeUnknown("the answer proves nothing", source=SOURCE, verb=verb, reference=reference)
