"""The vendor contract on top of Schedly's endpoints."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from redis.asyncio import Redis

from bot.errors import CallStaff, VendorChanged
from bot.model import (
    Appointment,
    BookingRequest,
    Contact,
    DayOpenings,
    Location,
    MoveRequest,
    Service,
    SlotQuery,
    StaffMember,
)
from bot.vendors.base import Progress, VendorTraits
from bot.vendors.bucket import Priority
from bot.vendors.http import VendorHttp
from bot.vendors.schedly.access import Access
from bot.vendors.schedly.booking import Booking, Counter
from bot.vendors.schedly.changes import Changes
from bot.vendors.schedly.client import SchedlyClient
from bot.vendors.schedly.customers import CustomerBook
from bot.vendors.schedly.mapping import (
    find_gaps,
    find_made,
    is_same_instant,
    map_appointment,
    map_employees,
    map_location,
    map_openings,
    map_services,
)
from bot.vendors.schedly.memory import Memory
from bot.vendors.schedly.overlaps import Overlaps
from bot.vendors.schedly.payloads import SOURCE, AppointmentRow, CompanyRow, read_rows
from bot.vendors.schedly.refusals import Refusal

TRAITS = VendorTraits(
    slug=SOURCE,
    can_hold=False,
    can_repeat=False,
    can_move=True,
    can_book_anyone=True,
    needs_phone=True,
    needs_email=False,
    calls_per_minute=60,
    longest_processing=timedelta(seconds=30),
    visibility=timedelta(seconds=15),
    can_cancel=True,
)
"""60 a minute is the free plan; each answer says what the key really has. A phone number is optional there, but without one
nobody is recognised. Three looks within 15 seconds are the wire notes' advice; half a minute of work is our guess."""

DAYS_AHEAD = 6
"""Further days asked for in one look: a week costs the same call as a day."""


@dataclass(frozen=True, slots=True)
class SchedlySettings:
    """What a business must say about its Schedly account beside the way in."""

    time_zones: Mapping[str, str] = field(default_factory=dict)
    """IANA zone per location id, where Schedly's own is missing or wrong."""
    reads_back: bool = False
    """Look after each booking whether somebody had the time first, for one call more: that Schedly always refuses the second
    is not stated (section 6.1)."""


class Schedly:
    """One account. See `bot.vendors.base.Vendor`."""

    def __init__(
        self,
        http: VendorHttp,
        access: Access,
        settings: SchedlySettings,
        *,
        redis: Redis,
        business: str,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._now = now
        self._access = access
        self._client = SchedlyClient(http, access)
        self._customers = CustomerBook(self._client)
        self._memory = Memory(self._client, redis, business=business, now=now)
        self._zones: dict[str, ZoneInfo] = {}
        self._hidden: list[str] = []
        self._changes = Changes(self._client, self.list_appointments)
        self._counter = Counter(
            client=self._client,
            customers=self._customers,
            memory=self._memory,
            now=now,
            settled_after=TRAITS.longest_processing + TRAITS.visibility,
            look=self.find_booking,
            find_people=self._find_people,
            overlaps=Overlaps(self._client, self._changes) if settings.reads_back else None,
        )

    @property
    def traits(self) -> VendorTraits:
        return TRAITS

    async def close(self) -> None:
        """Stop reading in the background."""
        await self._memory.close()

    async def list_gaps(self) -> tuple[str, ...]:
        """Two calls, after `list_locations`. See `bot.vendors.base.CheckedVendor`."""
        try:
            services = [row for row in await self._memory.list_services() if row.active is not False]
            people = [row for row in await self._memory.list_employees() if row.active is not False]
        except Refusal as refusal:
            raise refusal.translate() from None
        return (*self._access.list_gaps(), *find_gaps(self._hidden, services, people))

    # ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_locations(self) -> tuple[Location, ...]:
        """The active ones, in the vendor's order."""
        zones = dict(self._settings.time_zones)
        try:
            rows = [row for row in await self._memory.list_locations() if row.active is not False and row.name]
            is_told = all(row.time_zone or row.id in zones for row in rows)
            company = CompanyRow() if is_told else await self._memory.read_company()
        except Refusal as refusal:
            raise refusal.translate() from None
        found = tuple(location for row in rows if (location := map_location(row, zones, company)))
        if rows and not found:
            raise CallStaff("no location has a time zone: name it in time_zones", source=SOURCE, verb="locations")
        self._zones = {location.id: location.zone for location in found}
        self._hidden = [row.id for row in rows if row.id not in self._zones]
        return found

    async def list_services(self, location: Location) -> tuple[Service, ...]:
        try:
            return map_services(await self._memory.list_services(), location.id)
        except Refusal as refusal:
            raise refusal.translate() from None

    async def list_staff(self, location: Location, service_id: str) -> tuple[StaffMember, ...]:
        try:
            return map_employees(await self._memory.list_employees(), location.id, service_id)
        except Refusal as refusal:
            raise refusal.translate() from None

    # ── Slots ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def find_slots(self, location: Location, query: SlotQuery) -> DayOpenings:
        """One call for the day and the week after it."""
        return await self._find_slots(location, query, last=query.day + timedelta(days=DAYS_AHEAD), priority=Priority.SLOTS)

    async def _find_slots(self, location: Location, query: SlotQuery, *, last: date, priority: Priority) -> DayOpenings:
        try:
            data = await self._client.find_times(
                query.service_id,
                location.id,
                employee_id=query.staff_id,
                first=query.day,
                last=last,
                zone=location.time_zone,
                priority=priority,
            )
        except Refusal as refusal:
            if refusal.is_missing:
                await self._memory.forget_services()
            raise refusal.translate() from None
        return map_openings(data, location, query, last=last, now=self._now())

    async def _find_people(self, location: Location, request: BookingRequest) -> tuple[str, ...]:
        """Somebody who is free, where slots do not say who: one look for each who does the service until one is."""
        day = request.starts_at.astimezone(location.zone).date()
        for member in await self.list_staff(location, request.service_id):
            query = SlotQuery(location.id, request.service_id, day, member.id)
            openings = await self._find_slots(location, query, last=day, priority=Priority.HOLD)
            if any(is_same_instant(slot.starts_at, request.starts_at) for slot in openings.slots):
                return (member.id,)
        return ()

    # ── Booking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def book(self, location: Location, request: BookingRequest, progress: Progress) -> Appointment:
        return await Booking(self._counter, location, request, progress).run()

    async def find_booking(self, location: Location, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        """Among the appointments of the customer of the attempt, else of the customer with this phone number."""
        known = progress.get("customer", "") or request.contact.customer_id
        rows = await self._list_rows(known, Priority.CONFIRM, request.reference) if known else None
        if rows is None:
            customer_id = await self._customers.find(
                location, request.contact, priority=Priority.CONFIRM, reference=request.reference
            )
            rows = await self._list_rows(customer_id, Priority.CONFIRM, request.reference) if customer_id != known else None
            known = customer_id
        staff_id = progress.get("employee", "") or request.staff_id
        return find_made(rows or (), location, request, staff_id=staff_id, customer_id=known)

    async def _list_rows(self, customer_id: str, priority: Priority, reference: str) -> Sequence[AppointmentRow] | None:
        """The appointments of a customer, cancelled ones included; None for a customer who is not known (any more).

        Strictly: an appointment that we failed to read must not pass for one that is not there.
        """
        try:
            data = await self._client.read_customer(customer_id, priority=priority, reference=reference)
            found = _find_appointments(data)
            if found is not None:
                return read_rows(AppointmentRow, found, "appointments", is_strict=True)
            query = (("customerId", customer_id),)
            listed = await self._client.list_appointments(query, priority=priority, reference=reference)
            rows = read_rows(AppointmentRow, listed, "appointments", is_strict=True)
        except Refusal as refusal:
            if refusal.is_missing:
                return None
            raise refusal.translate() from None
        owners = [row.customer_id or row.customer.id for row in rows]
        if not all(owners):
            raise VendorChanged("appointments without a customer", source=SOURCE, verb="appointments", reference=reference)
        return tuple(row for row, owner in zip(rows, owners, strict=True) if owner == customer_id)

    async def find_customer(self, location: Location, contact: Contact) -> str:
        return await self._customers.find(location, replace(contact, email=""), priority=Priority.SLOTS, reference="")

    async def list_appointments(self, location: Location, customer_id: str) -> tuple[Appointment, ...]:
        """By start; those at other locations of the business included, in their own zone."""
        rows = await self._list_rows(customer_id, Priority.SLOTS, "") or ()
        if any(row.location_id not in ("", location.id, *self._zones) for row in rows):
            await self.list_locations()
        found = (self._map(row, location, customer_id) for row in rows)
        return tuple(sorted((one for one in found if one), key=lambda one: one.starts_at))

    def _map(self, row: AppointmentRow, location: Location, customer_id: str) -> Appointment | None:
        if row.location_id in ("", location.id):
            return map_appointment(row, location, customer_id=customer_id)
        zone = self._zones.get(row.location_id)
        if zone is None:  # a location that is not offered any more
            return None
        return map_appointment(row, replace(location, id=row.location_id, time_zone=zone.key), customer_id=customer_id)

    # ── Changes ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def move(self, location: Location, appointment: Appointment, request: MoveRequest, progress: Progress) -> Appointment:
        return await self._changes.move(location, appointment, request)

    async def cancel(self, location: Location, appointment: Appointment, *, reason: str = "", reference: str = "") -> None:
        """`reason` has no place in Schedly's records."""
        await self._changes.cancel(location, appointment, reference=reference)


def _find_appointments(data: Any) -> Any:
    """The list inside a customer's profile; None where the profile has none."""
    if not isinstance(data, dict):
        raise VendorChanged("profile is not an object", source=SOURCE, verb="customer")
    inner = data.get("customer")
    return data.get("appointments", inner.get("appointments") if isinstance(inner, dict) else None)
