"""Making, moving and cancelling one appointment, and finding the one whose answer got lost."""

import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from pydantic import ValidationError

from bot.errors import AskCustomer, CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain, VendorChanged
from bot.model import Appointment, AppointmentStatus, BookingRequest, Contact, Location, MoveRequest
from bot.vendors.base import Progress
from bot.vendors.bucket import Priority
from bot.vendors.rows import read_rows
from bot.vendors.setster.client import SetsterClient, SetsterSettings
from bot.vendors.setster.mapping import BUSY, STATUSES, map_appointment, read_times, round_up, write_customer
from bot.vendors.setster.memory import NEVER, Memory, Rules, read_rules
from bot.vendors.setster.payloads import AppointmentRow, ServiceRow, write_mark
from bot.vendors.setster.refusals import Refusal
from bot.vendors.setster.turnstile import Turnstile
from bot.vendors.setster.zones import Zones, is_same_wall, read_wall, write_wall

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=8)
"""For other customers who are just booking on the same day."""
DAY = timedelta(days=1)
CONFIRMED, CANCELLED = 2, 3
"""Values of `status`, which may be written (wire notes, 5.1 and 5.5)."""
POSTED = "posted"
"""Written down before the one call that must not happen twice."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A time that somebody wants: at once what is looked up again and what is locked."""

    location: Location
    service_id: str
    staff_id: str
    starts_at: datetime
    reference: str

    @property
    def wall(self) -> datetime:
        return self.starts_at.astimezone(self.location.zone)


@dataclass(frozen=True, slots=True)
class Counter:
    """Where bookings are made."""

    client: SetsterClient
    settings: SetsterSettings
    memory: Memory
    turnstile: Turnstile
    zones: Zones
    now: Callable[[], datetime]

    # ── Booking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def book(self, location: Location, request: BookingRequest, progress: Progress) -> Appointment:
        """One create, after a fresh look at the time; with the progress of an earlier create, after a look at the record."""
        has_posted = bool(progress.values.get(POSTED))
        if has_posted:
            found = await self._look_again(location, request)
            if found is not None:
                return found
        body = await self._write_create(location, request)
        wish = Wish(location, request.service_id, request.staff_id, request.starts_at, request.reference)
        async with self._stand_first(wish):
            await self._check_free(wish)
            await progress.save(posted="1")
            attempt = _Attempt(progress, keeps=has_posted)
            data = await attempt.run(lambda: self.client.create_appointment(body, reference=request.reference), wish, self)
        return await self._read_created(data, location, request)

    async def _look_again(self, location: Location, request: BookingRequest) -> Appointment | None:
        """A look that fails leaves the outcome of the earlier attempt unknown."""
        try:
            return await self.find_booking(location, request)
        except FrontdeskError as error:
            raise _sign(OutcomeUnknown(f"look failed: {type(error).__name__}"), "create", request.reference) from error

    async def _write_create(self, location: Location, request: BookingRequest) -> dict[str, Any]:
        """Everything is sent: without `duration` Setster books 15 minutes."""
        rules = await self.find_rules(request.service_id, reference=request.reference)
        contact, reference = request.contact, request.reference
        body: dict[str, Any] = {
            "company_id": _number(self.settings.company_id),
            "client_email": self.find_email(contact, reference),
            "client_name": contact.name,
            "service_id": _number(request.service_id),
            "location_id": _number(location.id),
            "start_date": _spell_start(request, location),
            "duration": round_up(timedelta(minutes=rules.minutes)),
            "note": write_mark(reference),
        }
        if not contact.name:
            raise AskCustomer("error.name_needed", source="setster", verb="create", reference=reference)
        if contact.phone:
            body["client_phone"] = contact.phone
        if request.staff_id:
            body["employee_id"] = _number(request.staff_id)
        if self.settings.confirms:
            body["status"] = CONFIRMED
        if self.settings.reference_field:
            body["custom_data"] = {self.settings.reference_field: reference}
        return body

    async def _read_created(self, data: Any, location: Location, request: BookingRequest) -> Appointment:
        """The appointment that the answer proves. Raises `OutcomeUnknown` for an answer without one."""
        row = _read_row(data)
        if row is None:
            raise _sign(OutcomeUnknown("created without an id"), "create", request.reference)
        if row.status == CANCELLED:
            raise _sign(CallStaff("declined at once"), "create", request.reference)
        return await self._map_made(row, location, request)

    async def _map_made(self, row: AppointmentRow, location: Location, request: BookingRequest) -> Appointment:
        """A record that is certainly the one of `request`: its start is known, unless it shows quite another time."""
        start, end = request.starts_at, read_wall(row.end_date)
        wall = read_wall(row.start_date)
        times = (start, start + (end - wall) if wall and end else start)
        if wall is not None and not is_same_wall(row.start_date, start, location.zone):
            times = await self.zones.read_listed(row, location) or times
        customer = write_customer(row.client_id, self.find_email(request.contact, request.reference))
        made = map_appointment(row, location.id, times, customer)
        name = await self.memory.find_name(made.staff_id)
        return replace(made, service_id=row.service_id or request.service_id, staff_name=name)

    def find_email(self, contact: Contact, reference: str) -> str:
        """The customer's own address, or one of theirs alone at the business's domain. Setster books nobody without."""
        if contact.email:
            return contact.email
        if self.settings.alias_domain and contact.phone:
            account = f"{self.settings.company_id}/{contact.phone}"
            return f"guest-{sha256(account.encode()).hexdigest()[:20]}@{self.settings.alias_domain}"
        raise AskCustomer("error.email_needed", source="setster", verb="create", reference=reference)

    # ── Finding ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def find_booking(self, location: Location, request: BookingRequest) -> Appointment | None:
        """Among the appointments of this e-mail address around the day; a second one with our reference is cancelled."""
        day = request.starts_at.astimezone(location.zone).date()
        email = self.find_email(request.contact, request.reference)
        try:
            data = await self.client.list_appointments(
                email,
                start=day - DAY,
                end=day + DAY,
                location_id=location.id,
                priority=Priority.CONFIRM,
                reference=request.reference,
            )
        except Refusal as refusal:
            raise refusal.translate() from None
        rows = read_rows(AppointmentRow, data, "appointments", source="setster", is_strict=True)
        live = sorted((row for row in rows if _is_live(row)), key=lambda row: (len(row.id), row.id))
        ours = [row for row in live if row.carries(request.reference)]
        for row in ours[1:]:
            await self._cancel_double(row, location, request)
        likely = ours or [row for row in live if await self._is_likely(row, location, request, email)]
        return await self._map_made(likely[0], location, request) if likely else None

    async def _is_likely(self, row: AppointmentRow, location: Location, request: BookingRequest, email: str) -> bool:
        """Whether a record without any reference is the one: customer, service and start, the start read in either zone."""
        if row.is_marked or row.service_id != request.service_id or (row.client_email or email).lower() != email.lower():
            return False
        if row.location_id not in ("", "0", location.id):
            return False
        times = await self.zones.read_listed(row, location)
        return bool(times and times[0] == request.starts_at) or is_same_wall(row.start_date, request.starts_at, location.zone)

    async def _cancel_double(self, row: AppointmentRow, location: Location, request: BookingRequest) -> None:
        """Two appointments of one booking: the lowest number stays (wire notes, section 10)."""
        body = {**self._write_known(row), "start_date": row.start_date, "status": CANCELLED}
        try:
            await self.client.change_appointment(row.id, body, reference=request.reference)
            await self.memory.keep_change(location.id, request.starts_at.astimezone(location.zone).date())
        except (Refusal, FrontdeskError) as error:
            log.warning(
                "setster: [%s] is there twice, and one could not be cancelled (%s)", request.reference, type(error).__name__
            )

    # ── Moving and cancelling ────────────────────────────────────────────────────────────────────────────────────────

    async def move(self, location: Location, appointment: Appointment, request: MoveRequest, progress: Progress) -> Appointment:
        """One PUT with the new start, which leads to the same end however often it is sent."""
        rules = await self.find_rules(appointment.service_id, reference=request.reference)
        self._check_notice(appointment, rules.move_notice, "move", request.reference)
        row = await self._read_known(appointment, request.reference)
        has_posted = bool(progress.values.get(POSTED))
        staff_id = request.staff_id or progress.values.get("staff", "")
        wish = Wish(location, appointment.service_id, staff_id, request.starts_at, request.reference)
        async with self._stand_first(wish):
            if not has_posted:
                wish = await self._find_person(wish, row.employee_id, rules)
            body = self._write_move(row, wish, _keep_length(appointment, rules))
            await progress.save(posted="1", staff=wish.staff_id)
            attempt = _Attempt(progress, keeps=has_posted)
            send = self.client.change_appointment
            data = await attempt.run(lambda: send(appointment.id, body, reference=request.reference), wish, self)
        await self.memory.keep_change(location.id, appointment.starts_at.astimezone(location.zone).date())
        return await self._read_moved(data, appointment, wish, timedelta(minutes=body["duration"]))

    async def _find_person(self, wish: Wish, present: str, rules: Rules) -> Wish:
        """Who has the appointment at its new time: a change names a person, so "anyone" is looked for one by one."""
        if wish.staff_id or present in ("", "0"):
            await self._check_free(wish)
            return wish
        for staff_id in dict.fromkeys((present, *rules.links.get(wish.location.id, ()))):
            candidate = replace(wish, staff_id=staff_id)
            if await self.is_free(candidate):
                return candidate
        raise _sign(SlotTaken(), "availability", wish.reference)

    def _write_move(self, row: AppointmentRow, wish: Wish, minutes: int) -> dict[str, Any]:
        body = {**self._write_known(row), "start_date": write_wall(wish.starts_at, wish.location.zone), "duration": minutes}
        body["location_id"] = _number(wish.location.id)
        return {**body, "employee_id": _number(wish.staff_id)} if wish.staff_id else body

    async def _read_moved(self, data: Any, appointment: Appointment, wish: Wish, length: timedelta) -> Appointment:
        row = _read_row(data)
        if row is not None and row.status == CANCELLED:
            raise _sign(CallStaff("is cancelled already"), "move", wish.reference)
        staff_id = _no_zero(row.employee_id if row is not None else "") or wish.staff_id or appointment.staff_id
        return replace(
            appointment,
            starts_at=wish.starts_at,
            ends_at=wish.starts_at + length,
            staff_id=staff_id,
            staff_name=await self.memory.find_name(staff_id),
        )

    async def cancel(self, location: Location, appointment: Appointment, reference: str) -> None:
        """One PUT with status 3; the record stays. Setster knows no reason and no fee."""
        if appointment.status is AppointmentStatus.CANCELLED:
            return
        rules = await self.find_rules(appointment.service_id, reference=reference)
        self._check_notice(appointment, rules.cancel_notice, "cancel", reference)
        row = await self._read_known(appointment, reference)
        start = write_wall(appointment.starts_at, location.zone)
        body = {**self._write_known(row), "start_date": start, "status": CANCELLED}
        try:
            await self.client.change_appointment(appointment.id, body, reference=reference)
        except Refusal as refusal:
            if not await self._is_cancelled(appointment.id, reference):
                raise refusal.translate() from None
        await self.memory.keep_change(location.id, appointment.starts_at.astimezone(location.zone).date())

    async def _is_cancelled(self, appointment_id: str, reference: str) -> bool:
        try:
            row = _read_row(await self.client.read_appointment(appointment_id, reference=reference))
        except Refusal:
            return False
        return row is not None and row.status == CANCELLED

    def _check_notice(self, appointment: Appointment, hours: int | None, verb: str, reference: str) -> None:
        """The owner's session may do what customers may not: their rules are kept here. Raises `CallStaff`."""
        if hours is None:
            return
        if hours == NEVER or self.now() > appointment.starts_at - timedelta(hours=hours):
            raise _sign(CallStaff("too late for the customer to do it"), verb, reference)

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
        try:
            row = _read_row(await self.client.read_appointment(appointment.id, reference=reference))
        except Refusal as refusal:
            raise refusal.translate() from None
        if row is None:
            raise _sign(CallStaff("appointment not readable"), "appointment", reference)
        return row

    def _write_known(self, row: AppointmentRow) -> dict[str, Any]:
        body = {
            "company_id": _number(self.settings.company_id),
            "client_email": row.client_email,
            "client_name": row.client_name,
            "service_id": _number(row.service_id),
        }
        return {**body, "subservices": row.subservices} if row.subservices else body

    # ── Shared ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def find_rules(self, service_id: str, *, reference: str) -> Rules:
        """What is remembered of the service, else read. Raises `CallStaff` for one that is gone."""
        known = await self.memory.find_rules(service_id)
        if known is not None:
            return known
        try:
            data = await self.client.read_service(service_id, priority=Priority.CONFIRM)
        except Refusal as refusal:
            raise refusal.translate() from None
        for row in read_rows(ServiceRow, data if isinstance(data, list) else [data], "service", source="setster"):
            if row.id == service_id and row.duration:
                await self.memory.keep_rules([row])
                return read_rules(row)
        raise _sign(CallStaff("service not offered"), "service", reference)

    @asynccontextmanager
    async def _stand_first(self, wish: Wish) -> AsyncIterator[None]:
        """Alone on this day: nobody says whether create looks at the calendar, so of two customers of ours the second does."""
        day = wish.wall.date()
        async with self.turnstile.pass_alone("day", wish.location.id, day.isoformat(), patience=PATIENCE):
            try:
                yield
            finally:
                await self.memory.keep_change(wish.location.id, day)

    async def _check_free(self, wish: Wish) -> None:
        """Raises `SlotTaken`. A time seen a moment ago is believed."""
        if await self.memory.has_looked(wish.location.id, wish.wall.date(), wish.service_id, wish.staff_id):
            return
        if not await self.is_free(wish):
            raise _sign(SlotTaken(), "availability", wish.reference)

    async def is_free(self, wish: Wish) -> bool:
        day = wish.wall.date()
        try:
            data = await self.client.list_day(
                wish.location.id, wish.service_id, wish.staff_id, day, priority=Priority.CONFIRM, reference=wish.reference
            )
        except Refusal as refusal:
            raise refusal.translate() from None
        try:
            starts: Iterable[str] = read_times(data, day).get(day, ())
        except VendorChanged as error:
            raise _sign(CallStaff(error.reason), "availability", wish.reference) from error
        return any(is_same_wall(f"{day.isoformat()} {start}", wish.starts_at, wish.location.zone) for start in starts)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One write, and what its answer says about the progress that was saved before it."""

    progress: Progress
    keeps: bool
    """An earlier write is in doubt: this one's refusal takes nothing back."""

    async def run(self, write: Callable[[], Any], wish: Wish, counter: Counter) -> Any:
        try:
            return await write()
        except (TryAgain, CallStaff):  # certainly not applied
            await self._take_back()
            raise
        except Refusal as refusal:
            await self._take_back()
            error = refusal.translate()
            if not isinstance(error, AskCustomer) and not await counter.is_free(wish):
                raise _sign(SlotTaken(), refusal.verb, wish.reference) from None
            raise error from None

    async def _take_back(self) -> None:
        if not self.keeps:
            await self.progress.save(posted="")


def _is_live(row: AppointmentRow) -> bool:
    if row.status in BUSY:
        return False
    return row.status is None or STATUSES.get(row.status, AppointmentStatus.UNKNOWN).is_live


def _read_row(data: Any) -> AppointmentRow | None:
    """The record in an answer, which may be wrapped in a list of one."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    try:
        return AppointmentRow.model_validate(data)
    except ValidationError:
        return None


def _spell_start(request: BookingRequest, location: Location) -> str:
    """The vendor's own spelling of the time, where it really is that time."""
    is_same = is_same_wall(request.handle, request.starts_at, location.zone)
    return request.handle if is_same else write_wall(request.starts_at, location.zone)


def _keep_length(appointment: Appointment, rules: Rules) -> int:
    length = appointment.ends_at - appointment.starts_at
    return round_up(length if length > timedelta() else timedelta(minutes=rules.minutes))


def _no_zero(employee_id: str) -> str:
    """0 stands for nobody."""
    return "" if employee_id == "0" else employee_id


def _number(text: str) -> int | str:
    """Ids are numbers in what is sent, and beyond 32 bits."""
    return int(text) if text.isdecimal() and text.isascii() else text


def _sign(error: FrontdeskError, verb: str, reference: str) -> FrontdeskError:
    error.source, error.verb, error.reference = "setster", verb, reference
    return error
