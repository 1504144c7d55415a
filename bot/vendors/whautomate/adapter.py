"""The vendor contract on top of Whautomate's endpoints (REST v1, help.whautomate.com)."""

import logging
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import datetime, timedelta

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
from bot.vendors.phones import national_digits
from bot.vendors.whautomate.booking import KNOWN, Booking, Counter
from bot.vendors.whautomate.changing import Move, cancel
from bot.vendors.whautomate.client import Refusal, WhautomateClient, WhautomateSettings
from bot.vendors.whautomate.gaps import list_gaps
from bot.vendors.whautomate.made import Made
from bot.vendors.whautomate.mapping import (
    is_waitlisted,
    join_openings,
    map_appointment,
    map_location,
    map_openings,
    map_services,
    read_appointments,
)
from bot.vendors.whautomate.payloads import SLUG, ClientRow, LocationRow, read_rows
from bot.vendors.whautomate.phones import is_same_phone
from bot.vendors.whautomate.record import Record
from bot.vendors.whautomate.roster import Roster

log = logging.getLogger(__name__)

TRAITS = VendorTraits(
    slug=SLUG,
    can_hold=False,
    can_repeat=False,
    can_move=True,
    can_cancel=True,
    can_book_anyone=True,
    needs_phone=True,
    needs_email=False,
    calls_per_minute=60,
    longest_processing=timedelta(seconds=30),
    visibility=timedelta(seconds=15),
    lists_by_location=True,
)
"""60 calls a minute is the trial account's limit, 300 the subscribed one's. Nobody states how long Whautomate works on a
booking: half a minute is our reading, what gateways wait. Its lists are said to show one after 15 seconds (the third look)."""

SUBSCRIBED_CALLS = 300
"""A minute, of a paid account (help.whautomate.com, REST API)."""

LISTED_BEFORE = timedelta(days=90)
LISTED_AFTER = timedelta(days=400)
"""Which appointments of a customer are read: a year's usual bookings ahead, a season back."""


class Whautomate:
    """One account. See `bot.vendors.base.Vendor`."""

    def __init__(self, http: VendorHttp, settings: WhautomateSettings, *, made: Made, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._client = WhautomateClient(http, settings)
        self._roster = Roster(self._client, now)
        self._record = Record(self._client, made, now)
        self._counter = Counter(self._client, self._record, self._look_again, self._choose)
        self._names_staff = False
        """This account gives no times without a staff member: learned from its first refusal."""

        self._locations: tuple[Location, ...] = ()
        self._left_out: tuple[LocationRow, ...] = ()

    @property
    def traits(self) -> VendorTraits:
        return TRAITS

    async def list_gaps(self) -> tuple[str, ...]:
        """After `list_locations`: three calls a location. See `bot.vendors.base.CheckedVendor`."""
        with _translating("check"):
            return await list_gaps(self._client, self._roster, self._locations, left_out=self._left_out, now=self._now())

    # ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_locations(self) -> tuple[Location, ...]:
        """The locations named in the settings, in their order."""
        with _translating("locations"):
            rows = {row.id: row for row in read_rows(LocationRow, await self._client.list_locations(), "locations")}
        self._left_out = tuple(row for row in rows.values() if row.id not in self._settings.time_zones)
        found = [one for one in self._settings.time_zones if one in rows]
        if len(found) < len(self._settings.time_zones):
            log.warning("whautomate: %d configured locations are not in the list", len(self._settings.time_zones) - len(found))
        self._locations = tuple(self._map_location(rows[one]) for one in found)
        return self._locations

    def _map_location(self, row: LocationRow) -> Location:
        return map_location(row, time_zone=self._settings.time_zones[row.id], currency=self._settings.currency)

    async def list_services(self, location: Location) -> tuple[Service, ...]:
        with _translating("services"):
            return map_services(await self._roster.list_services(location.id), location)

    async def list_staff(self, location: Location, service_id: str) -> tuple[StaffMember, ...]:
        """Two calls for all services of the location together."""
        with _translating("staff"):
            return await self._roster.list_staff(location.id, service_id)

    # ── Slots ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def find_slots(self, location: Location, query: SlotQuery) -> DayOpenings:
        """One call; for anyone, where the vendor answers only for somebody, one for each who performs the service."""
        with _translating("slots"):
            return await self._find_slots(location, query, Priority.SLOTS, "")

    async def _find_slots(self, location: Location, query: SlotQuery, priority: Priority, reference: str) -> DayOpenings:
        if query.staff_id or not self._names_staff:
            try:
                return await self._list_slots(location, query, query.staff_id, priority=priority, reference=reference)
            except Refusal as refusal:
                if query.staff_id or refusal.is_unknown_id:
                    raise
        parts = [
            await self._list_slots(location, query, one.id, priority=priority, reference=reference)
            for one in await self._roster.list_staff(location.id, query.service_id)
        ]
        self._names_staff = bool(parts)
        return join_openings(parts, query.day)

    async def _list_slots(
        self, location: Location, query: SlotQuery, staff_id: str, *, priority: Priority, reference: str
    ) -> DayOpenings:
        data = await self._client.list_slots(
            location.id,
            query.service_id,
            query.day,
            zone=location.time_zone,
            staff_id=staff_id,
            priority=priority,
            reference=reference,
        )
        return map_openings(data, location, query.day, now=self._now())

    async def _look_again(self, location: Location, request: BookingRequest) -> DayOpenings:
        with _plainly(), _translating("slots", request.reference):
            return await self._find_slots(location, _ask(location, request), Priority.HOLD, request.reference)

    async def _choose(self, location: Location, request: BookingRequest, refused: AbstractSet[str]) -> str:
        """One call for each who performs the service, until somebody is free."""
        query = _ask(location, request)
        with _plainly(), _translating("slots", request.reference):
            for one in await self._roster.list_staff(location.id, request.service_id):
                if one.id in refused:
                    continue
                openings = await self._list_slots(location, query, one.id, priority=Priority.HOLD, reference=request.reference)
                if any(slot.starts_at == request.starts_at for slot in openings.slots):
                    return one.id
        return ""

    # ── Booking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def book(self, location: Location, request: BookingRequest, progress: Progress) -> Appointment:
        """One call. The reply names the customer's id, by which the next booking names them."""
        return await Booking(self._counter, location, request, progress=progress).run()

    async def find_booking(self, location: Location, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        """One call for a known customer. Else one for the location's days, and one for each client who could be ours."""
        is_known = progress.get("posted", KNOWN) == KNOWN
        with _translating("find_booking", request.reference):
            found = await self._record.find(location, request, is_known=is_known)
        if found is not None:
            await self._record.remember(found, request.reference)
        return found

    # ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def find_customer(self, location: Location, contact: Contact) -> str:
        """One call: the client whose number is this one; of several the one of that name, then the first."""
        digits = national_digits(contact.phone)
        if not digits:
            return ""
        with _translating("clients"):
            rows = read_rows(ClientRow, await self._client.search_clients(digits), "clients")
        mine = [row for row in rows if is_same_phone(row, contact.phone)]
        mine.sort(key=lambda row: row.full_name.casefold() != contact.name.casefold())
        return mine[0].id if mine else ""

    async def list_appointments(self, location: Location, customer_id: str) -> tuple[Appointment, ...]:
        """Of this location, by start. Being on the vendor's waiting list is no appointment."""
        today = self._now().astimezone(location.zone).date()
        with _translating("appointments"):
            found = await self._client.list_appointments(
                location.id, start=today - LISTED_BEFORE, end=today + LISTED_AFTER, client_id=customer_id
            )
            rows = [row for row in read_appointments(found) if row.client.id == customer_id and not is_waitlisted(row)]
        return tuple(sorted((map_appointment(row, location) for row in rows), key=lambda one: one.starts_at))

    async def move(self, location: Location, appointment: Appointment, request: MoveRequest, progress: Progress) -> Appointment:
        """One call. With another staff member two: the new one is booked, then the old one cancelled."""
        return await Move(self._counter, location, appointment, request=request, progress=progress).run()

    async def cancel(self, location: Location, appointment: Appointment, *, reason: str = "", reference: str = "") -> None:
        await cancel(self._counter, location, appointment, reason=reason, reference=reference)


@contextmanager
def _translating(verb: str, reference: str = "") -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise refusal.translate() from None
    except VendorChanged as error:
        error.verb, error.reference = error.verb or verb, error.reference or reference
        raise


@contextmanager
def _plainly() -> Iterator[None]:
    """Within a booking: an answer to a look that is not understood books nothing, and is one for staff."""
    try:
        yield
    except VendorChanged as error:
        raise CallStaff(error.reason, source=SLUG, verb=error.verb, reference=error.reference) from error


def _ask(location: Location, request: BookingRequest) -> SlotQuery:
    day = request.starts_at.astimezone(location.zone).date()
    return SlotQuery(location.id, request.service_id, day, request.staff_id)
