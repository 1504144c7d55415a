"""A Whautomate emulator on a real port, the adapter against it, and what the emulator's own records say."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from bot.model import (
    Appointment,
    BookingRequest,
    Contact,
    DayOpenings,
    Location,
    MoveRequest,
    Service,
    Slot,
    SlotQuery,
    StaffMember,
)
from bot.redisclient import connect
from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.salon.demo import BUSINESSES, KEY_HARBOUR
from bot.sandbox.whautomate import WhautomateEmulator
from bot.sandbox.whautomate.spelling import SPELLING
from bot.vendors.bucket import TokenBucket
from bot.vendors.http import TIMEOUT, VendorHttp, VendorMetrics
from bot.vendors.whautomate import TRAITS, Made, Whautomate, WhautomateSettings

MONDAY = datetime(2030, 7, 8, 7, 0, tzinfo=UTC)
"""In summer: Lisbon is an hour ahead of UTC, so that a false `Z` shows."""
TODAY = MONDAY.date()
NEW_PHONE = "+351912345678"
REGULAR_PHONE = "+351912000140"
"""Of the first demo guest."""
TIME_ZONES = {SPELLING.place(place): place.time_zone for place in BUSINESSES[KEY_HARBOUR].places}


@dataclass
class Notebook:
    """A `Progress` that remembers each save."""

    kept: dict[str, str] = field(default_factory=dict)
    saves: list[dict[str, str]] = field(default_factory=list)

    @property
    def values(self) -> Mapping[str, str]:
        return dict(self.kept)

    async def save(self, **values: str) -> None:
        self.kept.update(values)
        self.saves.append(values)


@dataclass
class Garbling:
    """What becomes of the emulator's answers on their way, by the end of the path."""

    changes: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)

    @web.middleware
    async def carry(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        change = self.changes.get(f"{request.method} {request.path.rpartition('/')[2]}")
        if change is None or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
            return response
        return web.Response(body=change(response.body), status=response.status, content_type="application/json")


@dataclass
class World:
    clock: SandboxClock
    emulator: WhautomateEmulator
    vendor: Whautomate
    http: VendorHttp
    redis: Redis
    session: aiohttp.ClientSession
    address: str
    garbling: Garbling
    location: Location = field(init=False)
    service: Service = field(init=False)
    staff: tuple[StaffMember, ...] = field(init=False)

    async def settle_in(self, place: int = 0) -> None:
        """Look around at one of the locations; these calls are not counted."""
        self.location = (await self.vendor.list_locations())[place]
        self.service = await self.find_service("Swedish massage")
        self.staff = await self.vendor.list_staff(self.location, self.service.id)
        await self.clear_calls()

    async def find_service(self, name: str) -> Service:
        return next(one for one in await self.vendor.list_services(self.location) if one.name == name)

    async def look(self, *, staff_id: str = "", day: date = TODAY) -> DayOpenings:
        return await self.vendor.find_slots(self.location, SlotQuery(self.location.id, self.service.id, day, staff_id))

    async def find_time_of_both(self, *, ahead: int = 0) -> Slot:
        """The first time at which both who do the service are free, in so many days or later."""
        for days in range(ahead, ahead + 14):
            first, second = [(await self.look(staff_id=one.id, day=in_days(days))).slots for one in self.staff]
            for slot in first:
                if slot in second:
                    return slot
        raise AssertionError("never both free")

    def request(
        self, slot: Slot, *, phone: str = NEW_PHONE, customer_id: str = "", staff_id: str = "", reference: str = "FD-1"
    ) -> BookingRequest:
        contact = Contact("Mia Chen", phone, customer_id=customer_id)
        place, service = self.location.id, self.service.id
        return BookingRequest(reference, place, service, slot.starts_at, slot.handle, contact, staff_id)

    def move_to(self, slot: Slot, *, staff_id: str = "", reference: str = "FD-9") -> MoveRequest:
        return MoveRequest(reference, slot.starts_at, slot.handle, staff_id)

    async def book(self, slot: Slot, **details: Any) -> Appointment:
        return await self.vendor.book(self.location, self.request(slot, **details), Notebook())

    async def fill(self, slot: Slot) -> None:
        """Somebody else takes everybody who is free at this time."""
        wall = slot.starts_at.replace(tzinfo=None).isoformat()
        wish = {"location_id": self.location.id, "service_id": self.service.id, "start_time": wall, "guest_name": "Walk In"}
        for person in self.staff:
            path = f"{self.address}/control/whautomate/appointments"
            async with self.session.post(path, json=wish | {"staff_id": person.id}) as response:
                assert response.status in (201, 409)

    def turn(self, **switches: Any) -> None:
        self.emulator.switches.change(switches)

    def fail(self, operation: str, kind: FaultKind, **more: Any) -> None:
        self.emulator.faults.add(Fault(operation, kind, **more))

    async def control(self, method: str, path: str, **more: Any) -> Any:
        async with self.session.request(method, f"{self.address}/control/whautomate{path}", **more) as response:
            response.raise_for_status()
            return await response.json()

    async def calls(self) -> dict[str, int]:
        return dict((await self.control("GET", "/calls"))["by_operation"])

    async def clear_calls(self) -> None:
        await self.control("DELETE", "/calls")

    async def is_idle(self) -> None:
        """Wait until the emulator has finished what a caller no longer waits for."""
        while any(row["status"] is None for row in (await self.control("GET", "/calls"))["log"]):
            pass

    async def guests(self, phone: str) -> list[Any]:
        return [row for row in await self.control("GET", "/guests") if row["phone"].replace("|", "") == phone]

    async def made(self, reference: str = "FD-1") -> list[Any]:
        """Standing appointments in the emulator's own record that carry our note."""
        rows = await self.control("GET", "/appointments")
        return [row for row in rows if reference in row["notes"] and row["status"] == "booked"]

    async def check(self, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        """`find_booking`, which must agree with the record: at most one, and found exactly when there is one."""
        self.emulator.faults.clear()
        await self.redis.flushall()  # a pause that a 429 asked for is over
        rows = await self.made(request.reference)
        assert len(rows) <= 1
        found = await self.vendor.find_booking(self.location, request, progress)
        assert (found.id if found else None) == (rows[0]["id"] if rows else None)
        return found

    def close_circuit(self, *, limit: timedelta = TIMEOUT) -> None:
        """Go on as a process that has not seen any failure."""
        self.http = make_http(self.session, self.redis, self.address, limit=limit)
        self.vendor = self.rebuild()

    def rebuild(self, *, http: VendorHttp | None = None, **settings: Any) -> Whautomate:
        """Another adapter, as another process would have it."""
        return make_vendor(http or self.http, self.redis, self.clock, self.address, **settings)


@asynccontextmanager
async def open_world(
    redis_url: str, *, calls_per_minute: int = 0, place: int | None = 0, limit: timedelta = TIMEOUT, **switches: Any
) -> AsyncIterator[World]:
    """`calls_per_minute` 0: no limit, so that our own bucket must not pace the test either. `place` None: nowhere yet."""
    clock = SandboxClock(MONDAY)
    emulator = WhautomateEmulator(clock)
    emulator.switches.change({"calls_per_minute": calls_per_minute, **switches})
    garbling = Garbling()
    app = web.Application(middlewares=[garbling.carry])
    app.add_subapp("/control/whautomate", emulator.control())
    app.add_subapp("/whautomate", emulator.app())
    server = TestServer(app)
    await server.start_server()
    async with AsyncExitStack() as closing:
        closing.push_async_callback(server.close)
        redis = connect(redis_url)
        closing.push_async_callback(redis.aclose)
        session = await closing.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        address = str(server.make_url("")).rstrip("/")
        http = make_http(session, redis, address, calls_per_minute=calls_per_minute, limit=limit)
        vendor = make_vendor(http, redis, clock, address)
        world = World(clock, emulator, vendor, http, redis, session, address, garbling)
        if place is not None:
            await world.settle_in(place)
        yield world


def make_http(
    session: aiohttp.ClientSession, redis: Redis, address: str, *, calls_per_minute: int = 0, limit: timedelta = TIMEOUT
) -> VendorHttp:
    bucket = TokenBucket(redis, per_minute=calls_per_minute or 100_000)
    metrics = VendorMetrics(CollectorRegistry())
    return VendorHttp(
        session, vendor=TRAITS.slug, base_url=f"{address}/whautomate", bucket=bucket, metrics=metrics, timeout=limit
    )


def make_vendor(http: VendorHttp, redis: Redis, clock: SandboxClock, address: str, **settings: Any) -> Whautomate:
    base = WhautomateSettings(f"{address}/whautomate", KEY_HARBOUR, TIME_ZONES)
    return Whautomate(http, replace(base, **settings), made=Made(redis), now=clock.now)


def in_days(days: int) -> date:
    return (MONDAY + timedelta(days=days)).date()
