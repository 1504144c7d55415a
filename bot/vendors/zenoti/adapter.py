"""The vendor contract on top of Zenoti's endpoints."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import VendorChanged
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
from bot.vendors.zenoti.booking import Booking, Counter, draft_body
from bot.vendors.zenoti.changing import Move, Records, cancel
from bot.vendors.zenoti.client import ZenotiClient, ZenotiSettings
from bot.vendors.zenoti.drafts import Drafts
from bot.vendors.zenoti.guests import GuestBook
from bot.vendors.zenoti.mapping import find_made, map_center, map_line, map_openings, map_services, map_therapists
from bot.vendors.zenoti.payloads import CenterRow, ServiceRow, TherapistRow, read_groups, read_rows
from bot.vendors.zenoti.refusals import GUEST_UNKNOWN, NO_ACCESS, Refusal

log = logging.getLogger(__name__)

TRAITS = VendorTraits(
    slug="zenoti",
    can_hold=True,
    can_repeat=True,
    can_move=True,
    can_cancel=True,
    can_book_anyone=True,
    needs_phone=True,
    needs_email=False,
    calls_per_minute=60,
    longest_processing=timedelta(seconds=30),
    visibility=timedelta(seconds=30),
)
"""60 calls a minute for the whole organization is the standard quota. Nobody states how long Zenoti works on a confirm or
how soon its lists show one; half a minute each is our reading, three times the timeout."""

LISTED_BEFORE = timedelta(days=90)
LISTED_AFTER = timedelta(days=400)
"""Which appointments of a customer are read: a year's usual bookings ahead, a season back."""


class Zenoti:
    """One organization. See `bot.vendors.base.Vendor`."""

    def __init__(self, http: VendorHttp, settings: ZenotiSettings, *, drafts: Drafts, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._drafts = drafts
        self._client = ZenotiClient(http, settings)
        self._guests = GuestBook(self._client, now)
        self._records = Records(self._client, now)
        self._counter = Counter(
            client=self._client,
            guests=self._guests,
            drafts=drafts,
            now=now,
            settled_after=TRAITS.longest_processing + TRAITS.visibility,
            look=self.find_booking,
        )

    @property
    def traits(self) -> VendorTraits:
        return TRAITS

    # ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_locations(self) -> tuple[Location, ...]:
        """The centers named in the settings, in their order."""
        zones = {center.lower(): zone for center, zone in self._settings.time_zones.items()}
        keys = dict.fromkeys(self._settings.key_of(center) for center in self._settings.time_zones)
        found: dict[str, Location] = {}
        for key in keys:
            with _translating():
                rows = read_rows(CenterRow, {"centers": await self._client.list_centers(key)}, "centers")
            for row in rows:
                if row.id.lower() in zones:
                    found.setdefault(row.id.lower(), map_center(row, zones[row.id.lower()]))
        if len(found) < len(zones):
            log.warning("zenoti: %d configured centers are not in the vendor's list", len(zones) - len(found))
        return tuple(found[center] for center in zones if center in found)

    async def list_services(self, location: Location) -> tuple[Service, ...]:
        with _translating():
            rows = await self._client.list_services(location.id)
        return map_services(read_rows(ServiceRow, {"services": rows}, "services"), location.currency)

    async def list_staff(self, location: Location, service_id: str) -> tuple[StaffMember, ...]:
        """Who performs the service; where the tenant does not answer that, everybody at the center."""
        try:
            data = await self._client.list_service_therapists(location.id, service_id)
            return map_therapists(read_rows(TherapistRow, data, "therapists"))
        except (Refusal, VendorChanged) as error:
            if isinstance(error, Refusal) and error.code in NO_ACCESS:
                raise error.translate() from None
        with _translating():
            data = await self._client.list_therapists(location.id)
        return map_therapists(read_rows(TherapistRow, data, "therapists"))

    # ── Slots ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def find_slots(self, location: Location, query: SlotQuery) -> DayOpenings:
        """Two calls: a draft, with the guest in it if known, and its slots. That draft is kept for `book`."""
        guest_id, booking_id = await self._create_draft(location, query)
        with _translating():
            data = await self._client.list_slots(location.id, booking_id, priority=Priority.SLOTS, reference="")
        openings = map_openings(data, location, query.day, now=self._now())
        await self._drafts.remember(query if guest_id else _without_customer(query), booking_id)
        return openings

    async def _create_draft(self, location: Location, query: SlotQuery) -> tuple[str, str]:
        """Guest id (empty where a stored one is no longer known) and booking id."""
        guest_id = query.customer_id
        try:
            return guest_id, await self._send_draft(location, query, guest_id)
        except Refusal as refusal:
            if not guest_id or refusal.code not in GUEST_UNKNOWN:
                raise refusal.translate() from None
        with _translating():
            return "", await self._send_draft(location, query, "")

    async def _send_draft(self, location: Location, query: SlotQuery, guest_id: str) -> str:
        body = draft_body(query, guest_id or None)
        return await self._client.create_draft(location.id, body, priority=Priority.SLOTS, reference="")

    # ── Booking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def book(self, location: Location, request: BookingRequest, progress: Progress) -> Appointment:
        return await Booking(self._counter, location, request, progress).run()

    async def find_booking(self, location: Location, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        """Among the appointments of the guest of the attempt, else of the guest with this phone number: never a stranger's."""
        known = progress.get("guest", "") or request.contact.customer_id
        if known:
            try:
                return await self._find_made(location, request, known)
            except Refusal as refusal:
                if refusal.code not in GUEST_UNKNOWN:
                    raise refusal.translate() from None
        guest_id = await self._guests.find(location, request.contact, priority=Priority.CONFIRM, reference=request.reference)
        if not guest_id or guest_id == known:
            return None
        with _translating():
            return await self._find_made(location, request, guest_id)

    async def _find_made(self, location: Location, request: BookingRequest, guest_id: str) -> Appointment | None:
        day = request.starts_at.astimezone(location.zone).date()
        rows = await self._client.list_guest_appointments(
            location.id,
            guest_id,
            start=day - timedelta(days=1),
            end=day + timedelta(days=2),
            priority=Priority.CONFIRM,
            reference=request.reference,
        )
        return find_made(read_groups(rows), location, request, guest_id)

    async def find_customer(self, location: Location, contact: Contact) -> str:
        return await self._guests.find(location, replace(contact, email=""), priority=Priority.SLOTS, reference="")

    async def list_appointments(self, location: Location, customer_id: str) -> tuple[Appointment, ...]:
        """By start; those at other centers of the business included, in their own zone."""
        today = self._now().astimezone(location.zone).date()
        with _translating():
            rows = await self._client.list_guest_appointments(
                location.id, customer_id, start=today - LISTED_BEFORE, end=today + LISTED_AFTER
            )
        zones = {center.lower(): (center, zone) for center, zone in self._settings.time_zones.items()}
        found = []
        for group in read_groups(rows):
            center, zone = zones.get((group.center_id or location.id).lower(), ("", ""))
            lines = group.lines if center else []
            found += [map_line(group, line, center, ZoneInfo(zone), customer_id) for line in lines]
        return tuple(sorted((one for one in found if one), key=lambda one: one.starts_at))

    # ── Changing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def move(self, location: Location, appointment: Appointment, request: MoveRequest, progress: Progress) -> Appointment:
        """Three calls: a draft with the old ids, a hold, a confirm."""
        return await Move(self._records, location, appointment, request=request, progress=progress).run()

    async def cancel(self, location: Location, appointment: Appointment, *, reason: str = "", reference: str = "") -> None:
        """One call. Zenoti takes its late fee by itself where the business charges one, and never refuses for the hour."""
        await cancel(self._records, location, appointment, reason=reason, reference=reference)


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise refusal.translate() from None


def _without_customer(query: SlotQuery) -> SlotQuery:
    return SlotQuery(query.location_id, query.service_id, query.day, query.staff_id)
