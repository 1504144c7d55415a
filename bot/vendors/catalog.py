"""What flows may read of a vendor: cached so that browsing costs the vendor next to nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from pydantic import TypeAdapter
from redis.asyncio import Redis

from bot.conversation.contract import DeskTraits
from bot.errors import CallStaff, VendorChanged
from bot.model import Appointment, Contact, DayOpenings, Location, Service, SlotQuery, StaffMember
from bot.vendors.base import Vendor
from bot.vendors.cache import ReadCache, Reading, Shelf

AT_HAND = timedelta(seconds=30)
CATALOG_FRESH = timedelta(minutes=15)
CATALOG_KEPT = timedelta(hours=24)
"""Prices and people change by the week; a day-old list beats none while the vendor is away."""

OPENINGS_AT_HAND = timedelta(seconds=5)
"""So long another process may not know yet of a booking made in this one."""
OPENINGS_FRESH = timedelta(seconds=30)
OPENINGS_KEPT = timedelta(seconds=60)
"""Never older: then a look is worth more than an answer."""

LOCATIONS = Shelf(TypeAdapter(tuple[Location, ...]), AT_HAND, CATALOG_FRESH, CATALOG_KEPT)
SERVICES = Shelf(TypeAdapter(tuple[Service, ...]), AT_HAND, CATALOG_FRESH, CATALOG_KEPT)
STAFF = Shelf(TypeAdapter(tuple[StaffMember, ...]), AT_HAND, CATALOG_FRESH, CATALOG_KEPT)
OPENINGS = Shelf(TypeAdapter(DayOpenings), OPENINGS_AT_HAND, OPENINGS_FRESH, OPENINGS_KEPT)

Value = TypeVar("Value")


class Catalog:
    """A `Desk` on top of one business's vendor."""

    def __init__(self, vendor: Vendor, redis: Redis, *, business: str, now: Callable[[], datetime]) -> None:
        self._vendor = vendor
        self._cache = ReadCache(redis, business=business, now=now)

    @property
    def traits(self) -> DeskTraits:
        traits = self._vendor.traits
        return DeskTraits(
            needs_phone=traits.needs_phone,
            needs_email=traits.needs_email,
            can_book_anyone=traits.can_book_anyone,
            can_move=traits.can_move,
            can_cancel=traits.can_cancel,
        )

    async def list_locations(self) -> tuple[Location, ...]:
        return await self._cache.get(Reading(LOCATIONS, "locations", lambda: _plainly(self._vendor.list_locations())))

    async def list_services(self, location_id: str) -> tuple[Service, ...]:
        async def load() -> tuple[Service, ...]:
            return await _plainly(self._vendor.list_services(await self.find_location(location_id)))

        return await self._cache.get(Reading(SERVICES, f"services:{location_id}", load))

    async def list_staff(self, location_id: str, service_id: str) -> tuple[StaffMember, ...]:
        async def load() -> tuple[StaffMember, ...]:
            return await _plainly(self._vendor.list_staff(await self.find_location(location_id), service_id))

        return await self._cache.get(Reading(STAFF, f"staff:{location_id}:{service_id}", load))

    async def find_openings(self, query: SlotQuery) -> DayOpenings:
        """One look a minute serves everybody; whose look it is matters only to the vendor, who is handed the customer."""
        location = await self.find_location(query.location_id)

        async def load() -> DayOpenings:
            return await _plainly(self._vendor.find_slots(location, query))

        scope = _scope(query.location_id, query.day)
        key = f"openings:{query.location_id}:{query.day}:{query.service_id}:{query.staff_id}"
        return await self._cache.get(Reading(OPENINGS, key, load, scope, lambda openings: _localize(openings, location)))

    async def list_appointments(self, customer_id: str) -> tuple[Appointment, ...]:
        """Never a copy: what is shown as a customer's appointment, or changed, stands in the record in that moment."""
        locations = await self.list_locations()
        asked = locations if self._vendor.traits.lists_by_location else locations[:1]
        found = {}
        for location in asked:
            for one in await _plainly(self._vendor.list_appointments(location, customer_id)):
                found[one.id] = one
        return tuple(sorted(found.values(), key=lambda one: one.starts_at))

    async def find_customer(self, contact: Contact) -> str:
        """Never a copy. The first location's key serves for all: customers belong to the whole business."""
        for location in (await self.list_locations())[:1]:
            return await _plainly(self._vendor.find_customer(location, contact))
        return ""

    async def forget_openings(self, location_id: str, day: date) -> None:
        """After a change of ours on that day."""
        await self._cache.forget(_scope(location_id, day))

    async def find_location(self, location_id: str) -> Location:
        """Raises `CallStaff` for one that is not offered (any more)."""
        for location in await self.list_locations():
            if location.id == location_id:
                return location
        raise CallStaff("location not offered", source=self._vendor.traits.slug, verb="find_location")

    async def close(self) -> None:
        """Stop reading in the background."""
        await self._cache.close()


def _scope(location_id: str, day: date) -> str:
    return f"openings:{location_id}:{day}"


def _localize(openings: DayOpenings, location: Location) -> DayOpenings:
    """Times in the location's zone: what comes out of JSON has a bare offset."""
    slots = tuple(replace(slot, starts_at=slot.starts_at.astimezone(location.zone)) for slot in openings.slots)
    return replace(openings, slots=slots)


async def _plainly(reading: Awaitable[Value]) -> Value:
    """A desk knows two ways to fail: an answer that is not understood is one for staff."""
    try:
        return await reading
    except VendorChanged as error:
        raise CallStaff(error.reason, source=error.source, verb=error.verb, reference=error.reference) from error
