"""The vendor contract on top of Setster's endpoints."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from bot.errors import VendorChanged
from bot.model import Appointment, BookingRequest, Contact, DayOpenings, Location, MoveRequest, Service, SlotQuery, StaffMember
from bot.vendors.base import Progress, VendorTraits
from bot.vendors.bucket import Priority
from bot.vendors.http import VendorHttp
from bot.vendors.rows import read_rows
from bot.vendors.setster.booking import Bookings
from bot.vendors.setster.changes import Changes
from bot.vendors.setster.client import SetsterClient, SetsterSettings
from bot.vendors.setster.desk import Desk
from bot.vendors.setster.mapping import (
    BUSY,
    is_of_customer,
    map_appointment,
    map_location,
    map_openings,
    map_services,
    map_staff,
    read_times,
    write_customer,
)
from bot.vendors.setster.memory import Look, Memory
from bot.vendors.setster.payloads import AppointmentRow, EmployeeRow, LocationRow, ServiceRow
from bot.vendors.setster.refusals import Refusal
from bot.vendors.setster.turnstile import Turnstile
from bot.vendors.setster.zones import Zones

log = logging.getLogger(__name__)

SOURCE = "setster"

TRAITS = VendorTraits(
    slug=SOURCE,
    can_hold=False,
    can_repeat=False,
    can_move=True,
    can_cancel=True,
    can_book_anyone=True,
    needs_phone=False,
    needs_email=True,
    calls_per_minute=120,
    longest_processing=timedelta(seconds=30),
    visibility=timedelta(seconds=15),
)
"""No limit is published: two calls a second are our own (wire notes, section 9). How long a create is worked on and how soon
lists show it is a guess after the looks at 2, 6 and 15 seconds that section 10 advises."""

LISTED_BEFORE = timedelta(days=90)
LISTED_AFTER = timedelta(days=400)
"""Which appointments of a customer are read: a year's usual bookings ahead, a season back."""


class Setster:
    """One account. See `bot.vendors.base.Vendor`."""

    def __init__(
        self, http: VendorHttp, settings: SetsterSettings, redis: Redis, *, prefix: str, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._now = now
        turnstile = Turnstile(redis, prefix=prefix)
        self._client = SetsterClient(http, settings, redis, turnstile, prefix=prefix)
        self._zones = Zones(self._client, settings)
        self._memory = Memory(redis, prefix=prefix, now=now)
        self._desk = Desk(self._client, settings, self._memory, turnstile, self._zones, now)
        self._bookings = Bookings(self._desk)
        self._changes = Changes(self._desk)
        self._locations: dict[str, Location] = {}
        self._left_out: tuple[str, ...] = ()

    @property
    def traits(self) -> VendorTraits:
        """With a domain for aliases nobody is asked for an e-mail address, but the alias is made of the phone number."""
        has_alias = bool(self._settings.alias_domain)
        return replace(TRAITS, needs_email=False, needs_phone=True) if has_alias else TRAITS

    async def list_gaps(self) -> tuple[str, ...]:
        """After `list_locations`. See `bot.vendors.base.CheckedVendor`."""
        gaps = []
        if not self._settings.reference_field:
            gaps.append("no reference_field: add a hidden text field to the booking form, or only the note finds a lost booking")
        if self._left_out:
            names = ", ".join(self._left_out)
            gaps.append(f"no IANA time zone for location {names}: not offered until it stands under time_zones")
        zones = {location.time_zone for location in self._locations.values()}
        home = await self._zones.find_company_name()
        if not home:
            gaps.append("the account's time zone is unknown: set company_time_zone, or appointments are read in the location's")
        elif zones - {home}:
            gaps.append(f"locations outside {home}: compare one known appointment of each with what the bot shows")
        if any(not location.currency for location in self._locations.values()):
            gaps.append("a location without a country: set currency, or prices are not shown")
        return tuple(gaps)

    # ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_locations(self) -> tuple[Location, ...]:
        """Every location whose zone is known, in the vendor's order."""
        with _translating("locations"):
            rows = read_rows(LocationRow, await self._client.list_locations(), "locations", source=SOURCE)
        zones = {row.id: await self._zones.find_location_zone(row) for row in rows}
        found = [map_location(row, zones[row.id], self._settings.currency) for row in rows if zones[row.id]]
        self._left_out = tuple(row.id for row in rows if not zones[row.id])
        if self._left_out:
            log.warning("setster: %d locations without a time zone are not offered", len(self._left_out))
        self._locations = {location.id: location for location in found}
        return tuple(found)

    async def list_services(self, location: Location) -> tuple[Service, ...]:
        return map_services(await self._read_services(location), location)

    async def _read_services(self, location: Location) -> tuple[ServiceRow, ...]:
        with _translating("services"):
            rows = read_rows(ServiceRow, await self._client.list_services(location.id), "services", source=SOURCE)
        await self._memory.keep_rules(rows)
        return rows

    async def list_staff(self, location: Location, service_id: str) -> tuple[StaffMember, ...]:
        """Who is linked to the service at this location; empty where Setster links nobody."""
        rules = await self._desk.find_rules(service_id, reference="")
        linked = rules.links.get(location.id, ())
        if not linked:
            return ()
        with _translating("employees"):
            rows = read_rows(EmployeeRow, await self._client.list_employees(), "employees", source=SOURCE)
        await self._memory.keep_names(map_staff(rows, (row.id for row in rows)))
        return map_staff(rows, linked)

    # ── Slots ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def find_slots(self, location: Location, query: SlotQuery) -> DayOpenings:
        """One call for the weeks from that day on; a second where its answer leaves the very day out."""
        asked_at = self._now()
        with _translating("availability"):
            data = await self._client.list_month(location.id, query.service_id, query.staff_id, query.day)
            times = read_times(data)
            if query.day not in times and not _is_empty(data):
                times = {**times, query.day: await self._read_day(location, query)}
        found = map_openings(times, location, query.day, earliest=await self._find_earliest(query.service_id))
        look = Look(location.id, query.day, query.service_id, query.staff_id)
        await self._memory.keep_look(look, at=asked_at, starts=(slot.starts_at for slot in found.slots))
        return found

    async def _read_day(self, location: Location, query: SlotQuery) -> tuple[str, ...]:
        data = await self._client.list_day(location.id, query.service_id, query.staff_id, query.day, priority=Priority.SLOTS)
        return read_times(data, query.day).get(query.day, ())

    async def _find_earliest(self, service_id: str) -> datetime:
        """The owner's session may be shown times that are too soon for customers."""
        rules = await self._memory.find_rules(service_id)
        notice = rules.prior_notice if rules is not None else None
        return self._now() + timedelta(hours=notice or 0, microseconds=1)

    # ── Booking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def book(self, location: Location, request: BookingRequest, progress: Progress) -> Appointment:
        return await self._bookings.book(location, request, progress)

    async def find_booking(self, location: Location, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        return await self._bookings.find_booking(location, request)

    async def move(self, location: Location, appointment: Appointment, request: MoveRequest, progress: Progress) -> Appointment:
        return await self._changes.move(location, appointment, request, progress)

    async def cancel(self, location: Location, appointment: Appointment, *, reason: str = "", reference: str = "") -> None:
        """`reason` stays with us: Setster has no field for it, and the note belongs to staff."""
        await self._changes.cancel(location, appointment, reference)

    async def find_customer(self, location: Location, contact: Contact) -> str:
        """Setster tells customers apart by their e-mail address, and none is proven but the alias made of the number."""
        if not self._settings.alias_domain or not contact.phone:
            return ""
        return write_customer("", self._bookings.find_email(replace(contact, email=""), ""))

    async def list_appointments(self, location: Location, customer_id: str) -> tuple[Appointment, ...]:
        """By start; those at other locations of the business included, in their own zone."""
        today = self._now().astimezone(location.zone).date()
        email = customer_id.partition(":")[2]
        if not email:  # of no use as a filter: everybody's would come
            return ()
        with _translating("appointments"):
            data = await self._client.list_appointments(
                email, start=today - LISTED_BEFORE, end=today + LISTED_AFTER, priority=Priority.SLOTS
            )
            rows = read_rows(AppointmentRow, data, "appointments", source=SOURCE, is_strict=True)
        found = []
        for row in rows:
            if row.status not in BUSY and is_of_customer(row, customer_id):
                one = await self._map_listed(row, location, customer_id)
                found += [one] if one else []
        return tuple(sorted(found, key=lambda one: one.starts_at))

    async def _map_listed(self, row: AppointmentRow, location: Location, customer_id: str) -> Appointment | None:
        """None for one at a location that is not offered, or without a readable time."""
        where = await self._find_location(row.location_id, location)
        times = await self._zones.read_listed(row, where) if where else None
        if where is None or times is None:
            return None
        return map_appointment(row, where.id, times, customer_id, staff_name=await self._memory.find_name(row.employee_id))

    async def _find_location(self, location_id: str, default: Location) -> Location | None:
        if location_id in ("", "0", default.id):
            return default
        if not self._locations:
            await self.list_locations()
        return self._locations.get(location_id)


def _is_empty(data: Any) -> bool:
    """Nothing free in the whole time that was asked for: a map without entries."""
    return isinstance(data, dict) and not data.get("times")


@contextmanager
def _translating(verb: str) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise refusal.translate() from None
    except VendorChanged as error:
        error.source, error.verb = SOURCE, error.verb or verb
        raise
