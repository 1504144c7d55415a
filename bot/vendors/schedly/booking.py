"""One booking: customer, then one create, with no hold and nothing to tell two of them apart but the record itself."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain, VendorChanged
from bot.model import Appointment, BookingRequest, Location
from bot.vendors.base import Progress
from bot.vendors.rows import read_rows
from bot.vendors.schedly.client import SchedlyClient, write_id
from bot.vendors.schedly.customers import CustomerBook
from bot.vendors.schedly.mapping import (
    is_same_instant,
    map_appointment,
    map_services,
    read_free_people,
    read_minutes,
    write_instant,
    write_note,
)
from bot.vendors.schedly.memory import Memory
from bot.vendors.schedly.overlaps import Overlaps
from bot.vendors.schedly.payloads import SOURCE, AppointmentRow, ServiceRow
from bot.vendors.schedly.refusals import Refusal

MOST_PEOPLE = 3
"""Of those who were free where anyone will do: so many are tried one after the other while each turns out to be taken."""

POSTED, CUSTOMER, EMPLOYEE = "posted", "customer", "employee"
"""What is written down before a create: when, for whom, with whom. Blank: no create is in doubt."""

Look = Callable[[Location, BookingRequest, Mapping[str, str]], Awaitable[Appointment | None]]
FindPeople = Callable[[Location, BookingRequest], Awaitable[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Counter:
    """What a booking needs at hand."""

    client: SchedlyClient
    customers: CustomerBook
    memory: Memory
    now: Callable[[], datetime]
    settled_after: timedelta
    """How long after a create the vendor's record can be trusted not to show its appointment."""
    look: Look
    find_people: FindPeople
    """Who is free at the time of a request, where the slot did not say."""
    overlaps: Overlaps | None = None
    """Where the vendor's own refusal of a taken time is not to be relied on."""


class Booking:
    """One attempt at one request. Built for a single `run`."""

    def __init__(self, counter: Counter, location: Location, request: BookingRequest, progress: Progress) -> None:
        self._counter = counter
        self._location = location
        self._request = request
        self._progress = progress

    async def run(self) -> Appointment:
        """Book, after a look if an earlier attempt may have. Raises as `bot.vendors.base.Vendor.book` says."""
        posted = self._progress.values.get(POSTED, "")
        if posted:
            found = await self._look()
            if found is not None:
                return found
        try:
            return await self._book()
        except SlotTaken as error:
            if not posted:
                raise
            return await self._check_own(posted, error)
        except VendorChanged as error:  # an answer to a look before the create: certainly not booked
            raise self._sign(CallStaff(error.reason), error.verb) from error

    async def _check_own(self, posted: str, error: SlotTaken) -> Appointment:
        """A time that a repeat finds taken was taken perhaps by the earlier attempt of our own."""
        found = await self._look()
        if found is not None:
            return found
        if not self._is_settled(posted):
            raise self._sign(OutcomeUnknown("taken, and the record shows nothing yet")) from error
        await self._progress.save(**dict.fromkeys((CUSTOMER, EMPLOYEE, POSTED), ""))
        raise error

    async def _book(self) -> Appointment:
        request = self._request
        service = await self._find_service()
        customer_id = self._progress.values.get(CUSTOMER, "") or request.contact.customer_id
        is_stored = bool(customer_id)
        if not customer_id:
            customer_id = await self._find_customer()
        people = await self._list_people()
        for is_repeat in (False, True):
            try:
                return await self._try_people(service, customer_id, people)
            except Refusal as refusal:
                if refusal.is_missing:
                    await self._counter.memory.forget_services()
                if not refusal.is_missing or not is_stored or is_repeat:
                    raise refusal.translate(request.contact, is_write=True) from None
            customer_id = await self._find_customer()  # merged or deleted since we learned of it
        raise AssertionError("unreachable")

    async def _find_service(self) -> ServiceRow:
        try:
            service = await self._counter.memory.find_service(self._request.service_id)
        except Refusal as refusal:
            raise refusal.translate() from None
        if service is None or not read_minutes(service):
            raise self._sign(CallStaff("service not offered any more"))
        return service

    async def _find_customer(self) -> str:
        return await self._counter.customers.find_or_create(
            self._location, self._request.contact, reference=self._request.reference
        )

    async def _list_people(self) -> tuple[str, ...]:
        """Who may do it, the preferred first. Always somebody: an appointment for nobody is nobody's to look for.

        After an unclear attempt only the one it was for: should it have been applied after all, the repeat runs into it.
        """
        request = self._request
        before = self._progress.values.get(EMPLOYEE, "") if self._progress.values.get(POSTED) else ""
        if request.staff_id or before:
            return (request.staff_id or before,)
        people = read_free_people(request.handle) or await self._counter.find_people(self._location, request)
        if not people:
            raise self._sign(SlotTaken())
        return people[:MOST_PEOPLE]

    # ── The one create ───────────────────────────────────────────────────────────────────────────────────────────────

    async def _try_people(self, service: ServiceRow, customer_id: str, people: tuple[str, ...]) -> Appointment:
        for employee_id in people[:-1]:
            try:
                return await self._create(service, customer_id, employee_id)
            except Refusal as refusal:
                if refusal.code != "CONFLICT":
                    raise
        return await self._create(service, customer_id, people[-1])

    async def _create(self, service: ServiceRow, customer_id: str, employee_id: str) -> Appointment:
        """Raises `Refusal` when it certainly was not made, and then leaves nothing written down as in doubt."""
        had = dict(self._progress.values)
        body = self._write_body(service, customer_id, employee_id)
        await self._progress.save(**{CUSTOMER: customer_id, EMPLOYEE: employee_id, POSTED: self._counter.now().isoformat()})
        try:
            data = await self._send(body)
        except (TryAgain, CallStaff):
            await self._restore(had)
            raise
        except Refusal as refusal:
            if refusal.code == "INTERNAL_ERROR":
                raise refusal.translate(is_write=True) from None
            await self._restore(had)
            raise
        appointment = self._read(data, service, customer_id, employee_id)
        if appointment is None:
            raise self._sign(OutcomeUnknown("an answer that proves nothing"))
        overlaps, reference = self._counter.overlaps, self._request.reference
        if overlaps and await overlaps.give_way(self._location, appointment, reference=reference):
            await self._restore(had)
            raise Refusal("CONFLICT")
        return appointment

    async def _restore(self, had: Mapping[str, str]) -> None:
        """This create was not applied. Whether an earlier one was is as open as before."""
        await self._progress.save(**{name: had.get(name, "") for name in (CUSTOMER, EMPLOYEE, POSTED)})

    async def _send(self, body: Mapping[str, Any]) -> Any:
        """`notes` is not documented: where it is refused, the same without it."""
        reference = self._request.reference
        try:
            return await self._counter.client.create_appointment(body, reference=reference)
        except Refusal as refusal:
            if not refusal.names("notes"):
                raise
        plain = {name: value for name, value in body.items() if name != "notes"}
        return await self._counter.client.create_appointment(plain, reference=reference)

    def _write_body(self, service: ServiceRow, customer_id: str, employee_id: str) -> dict[str, Any]:
        starts_at = self._request.starts_at
        body = {
            "serviceId": write_id(service.id),
            "startTime": write_instant(starts_at),
            "endTime": write_instant(starts_at + read_minutes(service)),
            "customerId": write_id(customer_id),
            "employeeId": write_id(employee_id),
            "locationId": write_id(self._location.id),
            "status": "approved",
            "notes": write_note(self._request.reference),
        }
        return body | ({"price": service.price} if service.price is not None else {})

    def _read(self, data: Any, service: ServiceRow, customer_id: str, employee_id: str) -> Appointment | None:
        """The appointment that the answer proves: live, and at the time that was asked for."""
        try:
            row = read_rows(AppointmentRow, [data], "appointment", source=SOURCE)[0]
        except VendorChanged:
            return None
        sold = next(iter(map_services([service], service.location_id or self._location.id)), None)
        made = map_appointment(row, self._location, customer_id=customer_id, service=sold, staff_id=employee_id)
        if made is None or not is_same_instant(made.starts_at, self._request.starts_at) or not made.status.is_live:
            return None
        return made if made.service_id == service.id and made.staff_id == employee_id else None

    # ── The record ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def _look(self) -> Appointment | None:
        """The vendor's record. A look that fails leaves the outcome unknown."""
        try:
            return await self._counter.look(self._location, self._request, self._progress.values)
        except FrontdeskError as error:
            raise self._sign(OutcomeUnknown(f"look failed: {type(error).__name__}")) from error

    def _is_settled(self, posted: str) -> bool:
        """Whether the earlier create would show by now, had it been applied."""
        try:
            sent_at = datetime.fromisoformat(posted)
        except ValueError:
            return False
        return sent_at.tzinfo is not None and self._counter.now() - sent_at > self._counter.settled_after

    def _sign(self, error: FrontdeskError, verb: str = "create") -> FrontdeskError:
        error.source, error.verb, error.reference = SOURCE, verb, self._request.reference
        return error
