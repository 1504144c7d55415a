"""Making one appointment, and finding the one whose answer got lost."""

import logging
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from bot.errors import AskCustomer, CallStaff, FrontdeskError, OutcomeUnknown, VendorChanged
from bot.model import Appointment, AppointmentStatus, BookingRequest, Contact, Location
from bot.vendors.base import Progress
from bot.vendors.bucket import Priority
from bot.vendors.rows import read_rows
from bot.vendors.setster.desk import CANCELLED, CONFIRMED, POSTED, Attempt, Desk, Wish, read_row, sign, write_number
from bot.vendors.setster.mapping import BUSY, STATUSES, map_appointment, round_up, write_customer
from bot.vendors.setster.payloads import AppointmentRow, write_mark
from bot.vendors.setster.refusals import Refusal
from bot.vendors.setster.zones import is_same_wall, read_wall, write_wall

log = logging.getLogger(__name__)

DAY = timedelta(days=1)


class Bookings:
    """New appointments of one account."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def book(self, location: Location, request: BookingRequest, progress: Progress) -> Appointment:
        """One create, after a fresh look at the time; with the progress of an earlier create, after a look at the record."""
        has_posted = bool(progress.values.get(POSTED))
        if has_posted:
            found = await self._look_again(location, request)
            if found is not None:
                return found
        body = await self._write_create(location, request)
        wish = Wish(location, request.service_id, request.staff_id, request.starts_at, request.reference)
        async with self._desk.stand_first(wish):
            await self._desk.check_free(wish)
            await progress.save(posted="1")
            return await Attempt(progress, keeps=has_posted).run(
                lambda: self._create(body, location, request),
                lambda: self._look_again(location, request),
                wish=wish,
                desk=self._desk,
            )

    async def _create(self, body: dict[str, Any], location: Location, request: BookingRequest) -> Appointment:
        data = await self._desk.client.create_appointment(body, reference=request.reference)
        return await self._read_created(data, location, request)

    async def _look_again(self, location: Location, request: BookingRequest) -> Appointment | None:
        """A look that fails leaves the outcome of the earlier attempt unknown."""
        try:
            return await self.find_booking(location, request)
        except FrontdeskError as error:
            raise sign(OutcomeUnknown(f"look failed: {type(error).__name__}"), "create", request.reference) from error

    async def _write_create(self, location: Location, request: BookingRequest) -> dict[str, Any]:
        """Everything is sent: without `duration` Setster books 15 minutes."""
        rules = await self._desk.find_rules(request.service_id, reference=request.reference)
        contact, reference = request.contact, request.reference
        body: dict[str, Any] = {
            "company_id": write_number(self._desk.settings.company_id),
            "client_email": self.find_email(contact, reference),
            "client_name": contact.name,
            "service_id": write_number(request.service_id),
            "location_id": write_number(location.id),
            "start_date": _spell_start(request, location),
            "duration": round_up(timedelta(minutes=rules.minutes)),
            "note": write_mark(reference),
        }
        if not contact.name:
            raise AskCustomer("error.name_needed", source="setster", verb="create", reference=reference)
        if contact.phone:
            body["client_phone"] = contact.phone
        if request.staff_id:
            body["employee_id"] = write_number(request.staff_id)
        if self._desk.settings.confirms:
            body["status"] = CONFIRMED
        if self._desk.settings.reference_field:
            body["custom_data"] = {self._desk.settings.reference_field: reference}
        return body

    async def _read_created(self, data: Any, location: Location, request: BookingRequest) -> Appointment:
        """The appointment that the answer proves. Raises `OutcomeUnknown` for an answer without one."""
        row = read_row(data)
        if row is None:
            raise sign(OutcomeUnknown("created without an id"), "create", request.reference)
        if row.status == CANCELLED:
            raise sign(CallStaff("declined at once"), "create", request.reference)
        made = await self._map_made(row, location, request)
        if made.starts_at != request.starts_at or made.service_id != request.service_id:
            raise sign(OutcomeUnknown("something else was made"), "create", request.reference)
        return made

    async def _map_made(self, row: AppointmentRow, location: Location, request: BookingRequest) -> Appointment:
        """A record that is certainly the one of `request`: its start is known, unless it shows quite another time."""
        start, end = request.starts_at, read_wall(row.end_date)
        wall = read_wall(row.start_date)
        times = (start, start + (end - wall) if wall and end else start)
        if wall is not None and not is_same_wall(row.start_date, start, location.zone):
            times = await self._desk.zones.read_listed(row, location) or times
        customer = write_customer(row.client_id, self.find_email(request.contact, request.reference))
        made = map_appointment(row, location.id, times, customer)
        name = await self._desk.memory.find_name(made.staff_id)
        return replace(made, service_id=row.service_id or request.service_id, staff_name=name)

    def find_email(self, contact: Contact, reference: str) -> str:
        """The customer's own address, or one of theirs alone at the business's domain. Setster books nobody without."""
        if contact.email:
            return contact.email
        if self._desk.settings.alias_domain and contact.phone:
            account = f"{self._desk.settings.company_id}/{contact.phone}"
            return f"guest-{sha256(account.encode()).hexdigest()[:20]}@{self._desk.settings.alias_domain}"
        raise AskCustomer("error.email_needed", source="setster", verb="create", reference=reference)

    # ── Finding ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def find_booking(self, location: Location, request: BookingRequest) -> Appointment | None:
        """Among the appointments of this e-mail address around the day; a second one with our reference is cancelled."""
        day = request.starts_at.astimezone(location.zone).date()
        email = self.find_email(request.contact, request.reference)
        rows = await self._read_record(email, location, day, request.reference)
        live = sorted((row for row in rows if _is_live(row)), key=lambda row: (len(row.id), row.id))
        ours = [row for row in live if row.carries(request.reference)]
        for row in ours[1:]:
            await self._cancel_double(row, location, request)
        likely = ours or [row for row in live if await self._is_likely(row, location, request, email)]
        if not likely and any(read_wall(row.start_date) is None for row in live):
            raise sign(VendorChanged("an appointment without a readable time"), "appointments", request.reference)
        return await self._map_made(likely[0], location, request) if likely else None

    async def _read_record(self, email: str, location: Location, day: date, reference: str) -> tuple[AppointmentRow, ...]:
        """Strictly: an appointment that we failed to read must not pass for one that is not there."""
        try:
            data = await self._desk.client.list_appointments(
                email,
                start=day - DAY,
                end=day + DAY,
                location_id=location.id,
                priority=Priority.CONFIRM,
                reference=reference,
            )
            return read_rows(AppointmentRow, data, "appointments", source="setster", is_strict=True)
        except Refusal as refusal:
            raise refusal.translate() from None
        except VendorChanged as error:
            raise sign(error, "appointments", reference) from None

    async def _is_likely(self, row: AppointmentRow, location: Location, request: BookingRequest, email: str) -> bool:
        """Whether a record without any reference is the one: customer, service and start, the start read in either zone."""
        if row.is_marked or row.service_id != request.service_id or (row.client_email or email).lower() != email.lower():
            return False
        if row.location_id not in ("", "0", location.id):
            return False
        times = await self._desk.zones.read_listed(row, location)
        return bool(times and times[0] == request.starts_at) or is_same_wall(row.start_date, request.starts_at, location.zone)

    async def _cancel_double(self, row: AppointmentRow, location: Location, request: BookingRequest) -> None:
        """Two appointments of one booking: the lowest number stays (wire notes, section 10)."""
        body = {**self._desk.write_known(row), "start_date": row.start_date, "status": CANCELLED}
        try:
            await self._desk.client.change_appointment(row.id, body, reference=request.reference)
            await self._desk.memory.keep_change(location.id, request.starts_at.astimezone(location.zone).date())
        except (Refusal, FrontdeskError) as error:
            log.warning(
                "setster: [%s] is there twice, and one could not be cancelled (%s)", request.reference, type(error).__name__
            )


def _is_live(row: AppointmentRow) -> bool:
    if row.status in BUSY:
        return False
    return row.status is None or STATUSES.get(row.status, AppointmentStatus.UNKNOWN).is_live


def _spell_start(request: BookingRequest, location: Location) -> str:
    """The vendor's own spelling of the time, where it really is that time."""
    is_same = is_same_wall(request.handle, request.starts_at, location.zone)
    return request.handle if is_same else write_wall(request.starts_at, location.zone)
