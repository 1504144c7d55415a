"""Moving and cancelling an appointment: one PUT with the five fields that every write repeats."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken
from bot.model import Appointment, AppointmentStatus, Location, MoveRequest
from bot.vendors.base import Progress
from bot.vendors.setster.desk import CANCELLED, POSTED, Attempt, Desk, Wish, read_row, reading, sign, write_number
from bot.vendors.setster.mapping import round_up
from bot.vendors.setster.memory import NEVER, Rules
from bot.vendors.setster.payloads import AppointmentRow
from bot.vendors.setster.refusals import Refusal
from bot.vendors.setster.zones import is_same_wall, write_wall


class Changes:
    """Changes to appointments of one account."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def move(self, location: Location, appointment: Appointment, request: MoveRequest, progress: Progress) -> Appointment:
        """One PUT with the new start, which leads to the same end however often it is sent."""
        if appointment.location_id != location.id:
            raise sign(CallStaff("is at another location"), "change", request.reference)
        rules = await self._desk.find_rules(appointment.service_id, reference=request.reference)
        self._check_notice(appointment, rules.move_notice, "move", request.reference)
        known = await self._read_known(appointment, request.reference)
        has_posted = bool(progress.values.get(POSTED))
        staff_id = request.staff_id or progress.values.get("staff", "")
        wish = Wish(location, appointment.service_id, staff_id, request.starts_at, request.reference)
        async with self._desk.stand_first(wish):
            if not has_posted:
                wish = await self._find_person(wish, known.employee_id, rules)
            body = self._write_move(known, wish, _keep_length(appointment, rules))
            await progress.save(posted="1", staff=wish.staff_id)
            row = await Attempt(progress, keeps=has_posted).run(
                lambda: self._change(appointment, body, wish), lambda: self._look(appointment, wish), wish=wish, desk=self._desk
            )
        await self._desk.memory.keep_change(location.id, appointment.starts_at.astimezone(location.zone).date())
        return await self._map_moved(row, appointment, wish, timedelta(minutes=body["duration"]))

    async def _change(self, appointment: Appointment, body: dict[str, Any], wish: Wish) -> AppointmentRow:
        """The record at its new time; an answer without one shows nothing to the contrary."""
        row = read_row(await self._desk.client.change_appointment(appointment.id, body, reference=wish.reference))
        if row is not None and row.status == CANCELLED:
            raise sign(CallStaff("is cancelled already"), "change", wish.reference)
        if row is not None and row.start_date and not await self._is_there(row, wish):
            raise sign(OutcomeUnknown("moved elsewhere"), "change", wish.reference)
        return row or AppointmentRow(id=appointment.id)

    async def _look(self, appointment: Appointment, wish: Wish) -> AppointmentRow | None:
        """The record, if it is at its new time. A look that fails leaves the outcome unknown."""
        try:
            row = read_row(await self._desk.client.read_appointment(appointment.id, reference=wish.reference))
        except (Refusal, FrontdeskError) as error:
            raise sign(OutcomeUnknown(f"look failed: {type(error).__name__}"), "change", wish.reference) from None
        return row if row is not None and row.status != CANCELLED and await self._is_there(row, wish) else None

    async def _is_there(self, row: AppointmentRow, wish: Wish) -> bool:
        if is_same_wall(row.start_date, wish.starts_at, wish.location.zone):
            return True
        times = await self._desk.zones.read_listed(row, wish.location)
        return times is not None and times[0] == wish.starts_at

    async def _find_person(self, wish: Wish, present: str, rules: Rules) -> Wish:
        """Who has the appointment at its new time: a change names a person, so "anyone" is looked for one by one."""
        if wish.staff_id or present in ("", "0"):
            await self._desk.check_free(wish)
            return wish
        for staff_id in dict.fromkeys((present, *rules.links.get(wish.location.id, ()))):
            candidate = replace(wish, staff_id=staff_id)
            if await self._desk.is_free(candidate):
                return candidate
        raise sign(SlotTaken(), "availability", wish.reference)

    def _write_move(self, row: AppointmentRow, wish: Wish, minutes: int) -> dict[str, Any]:
        body = {**self._desk.write_known(row), "start_date": write_wall(wish.starts_at, wish.location.zone), "duration": minutes}
        body["location_id"] = write_number(wish.location.id)
        return {**body, "employee_id": write_number(wish.staff_id)} if wish.staff_id else body

    async def _map_moved(self, row: AppointmentRow, appointment: Appointment, wish: Wish, length: timedelta) -> Appointment:
        staff_id = _no_zero(row.employee_id) or wish.staff_id or appointment.staff_id
        return replace(
            appointment,
            starts_at=wish.starts_at,
            ends_at=wish.starts_at + length,
            staff_id=staff_id,
            staff_name=await self._desk.memory.find_name(staff_id),
        )

    async def cancel(self, location: Location, appointment: Appointment, reference: str) -> None:
        """One PUT with status 3; the record stays. Setster knows no reason and no fee."""
        if appointment.status is AppointmentStatus.CANCELLED:
            return
        rules = await self._desk.find_rules(appointment.service_id, reference=reference)
        self._check_notice(appointment, rules.cancel_notice, "cancel", reference)
        row = await self._read_known(appointment, reference)
        start = write_wall(appointment.starts_at, location.zone)
        body = {**self._desk.write_known(row), "start_date": start, "status": CANCELLED}
        try:
            await self._desk.client.change_appointment(appointment.id, body, reference=reference)
        except Refusal as refusal:
            if not await self._is_cancelled(appointment.id, reference):
                raise refusal.translate() from None
        await self._desk.memory.keep_change(location.id, appointment.starts_at.astimezone(location.zone).date())

    async def _is_cancelled(self, appointment_id: str, reference: str) -> bool:
        try:
            row = read_row(await self._desk.client.read_appointment(appointment_id, reference=reference))
        except Refusal:
            return False
        return row is not None and row.status == CANCELLED

    def _check_notice(self, appointment: Appointment, hours: int | None, verb: str, reference: str) -> None:
        """The owner's session may do what customers may not: their rules are kept here. Raises `CallStaff`."""
        if hours is None:
            return
        if hours == NEVER or self._desk.now() > appointment.starts_at - timedelta(hours=hours):
            raise sign(CallStaff("too late for the customer to do it"), verb, reference)

    async def _read_known(self, appointment: Appointment, reference: str) -> AppointmentRow:
        """The fields that every change repeats: from the list the appointment came out of, else asked for."""
        ids = appointment.vendor_ids
        if ids.get("email") and ids.get("name") and appointment.service_id:
            return AppointmentRow(
                id=appointment.id,
                client_email=ids["email"],
                client_name=ids["name"],
                service_id=appointment.service_id,
                employee_id=appointment.staff_id,
                subservices=ids.get("subservices", ""),
            )
        with reading("appointment", reference):
            row = read_row(await self._desk.client.read_appointment(appointment.id, reference=reference))
        if row is None:
            raise sign(CallStaff("appointment not readable"), "appointment", reference)
        return row


def _keep_length(appointment: Appointment, rules: Rules) -> int:
    length = appointment.ends_at - appointment.starts_at
    return round_up(length if length > timedelta() else timedelta(minutes=rules.minutes))


def _no_zero(employee_id: str) -> str:
    """0 stands for nobody."""
    return "" if employee_id == "0" else employee_id
