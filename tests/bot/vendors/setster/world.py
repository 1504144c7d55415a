"""A Setster emulator on a real port, the adapter against it, and what the emulator's own records say."""

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

from bot.model import Appointment, BookingRequest, Contact, DayOpenings, Location, Service, Slot, SlotQuery, StaffMember
from bot.redisclient import connect
from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.setster import SetsterEmulator
from bot.sandbox.setster.demo import find_account
from bot.vendors.bucket import TokenBucket
from bot.vendors.http import TIMEOUT, VendorHttp, VendorMetrics
from bot.vendors.setster import TRAITS, Setster, SetsterSettings

MONDAY = datetime(2030, 1, 7, 7, 0, tzinfo=UTC)
TODAY = MONDAY.date()
THURSDAY = TODAY + timedelta(days=3)
"""All three places are open."""
EMAIL = "noor@example.net"
ACCOUNT = find_account("demo")


@dataclass
class Notebook:
    """A `Progress` that remembers each save."""

    kept: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> Mapping[str, str]:
        return dict(self.kept)

    async def save(self, **values: str) -> None:
        self.kept.update(values)


@dataclass
class Garbling:
    """What becomes of the emulator's answers on their way, by method and end of the path; and every query that was sent."""

    changes: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)

    @web.middleware
    async def carry(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if request.path.startswith("/setster"):
            self.queries.append(f"{request.path} {request.query_string}")
        change = self.changes.get(f"{request.method} {request.path.rpartition('/')[2]}")
        if change is None or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
            return response
        return web.Response(body=change(response.body), status=response.status, content_type="application/json")


@dataclass
class World:
    clock: SandboxClock
    emulator: SetsterEmulator
    setster: Setster
    http: VendorHttp
    redis: Redis
    session: aiohttp.ClientSession
    address: str
    garbling: Garbling
    location: Location = field(init=False)
    service: Service = field(init=False)
    staff: StaffMember = field(init=False)

    async def settle_in(self, place: int = 0, service: str = "Swedish massage") -> None:
        """Look around in one of the places; these calls are not counted."""
        self.location = (await self.setster.list_locations())[place]
        self.service = await self.find_service(service)
        self.staff = (await self.setster.list_staff(self.location, self.service.id))[-1]
        await self.clear_calls()

    async def find_service(self, name: str) -> Service:
        return next(one for one in await self.setster.list_services(self.location) if one.name == name)

    async def look(self, day: date = THURSDAY, *, staff_id: str = "") -> DayOpenings:
        return await self.setster.find_slots(self.location, SlotQuery(self.location.id, self.service.id, day, staff_id))

    def request(self, slot: Slot, *, email: str = EMAIL, staff_id: str = "", reference: str = "FD-1") -> BookingRequest:
        contact = Contact("Noor Haddad", "+351910000000", email)
        return BookingRequest(
            reference, self.location.id, self.service.id, slot.starts_at, slot.handle, contact, staff_id=staff_id
        )

    async def book(self, slot: Slot, **more: str) -> Appointment:
        return await self.setster.book(self.location, self.request(slot, **more), Notebook())

    def fail(self, operation: str, kind: FaultKind, **more: Any) -> None:
        self.emulator.faults.add(Fault(operation, kind, **more))

    def switch(self, **wishes: Any) -> None:
        self.emulator.switches.change(wishes)

    async def control(self, method: str, path: str, **more: Any) -> Any:
        async with self.session.request(method, f"{self.address}/control/setster{path}", **more) as response:
            response.raise_for_status()
            return await response.json()

    async def calls(self) -> dict[str, int]:
        return dict((await self.control("GET", "/calls"))["by_operation"])

    async def clear_calls(self) -> None:
        await self.control("DELETE", "/calls")

    async def made(self, reference: str = "FD-1") -> list[Any]:
        """Live appointments in the emulator's own record that carry our note."""
        rows = await self.control("GET", "/appointments")
        return [row for row in rows if f"[{reference}]" in row["notes"] and row["status"] == "booked"]

    async def check(self, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        """`find_booking`, which must agree with the record: at most one, and found exactly when there is one."""
        self.emulator.faults.clear()
        await self.redis.flushall()  # a pause that a 429 asked for is over
        rows = await self.made(request.reference)
        assert len(rows) <= 1
        found = await self.setster.find_booking(self.location, request, progress)
        assert (found.id if found else None) == (rows[0]["id"] if rows else None)
        return found

    async def read_token(self) -> str:
        """The session token that the workers share."""
        (name,) = await self.redis.keys("frontdesk:harbour:setster:session:*")
        kept = await self.redis.get(name)
        return kept.decode() if isinstance(kept, bytes) else ""

    def rebuild(self, **settings: Any) -> Setster:
        """Another adapter, as another process would have it."""
        return make_setster(self.http, self.redis, self.clock, **settings)


@asynccontextmanager
async def open_world(
    redis_url: str, *, is_settled: bool = True, limit: timedelta = TIMEOUT, place: int = 0, **switches: Any
) -> AsyncIterator[World]:
    clock = SandboxClock()
    clock.advance(MONDAY - clock.now())
    emulator = SetsterEmulator(clock)
    emulator.switches.change(switches)
    garbling = Garbling()
    app = web.Application(middlewares=[garbling.carry])
    app.add_subapp("/control/setster", emulator.control())
    app.add_subapp("/setster", emulator.app())
    server = TestServer(app)
    await server.start_server()
    async with AsyncExitStack() as closing:
        closing.push_async_callback(server.close)
        redis = connect(redis_url)
        closing.push_async_callback(redis.aclose)
        session = await closing.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        address = str(server.make_url("")).rstrip("/")
        http = make_http(session, redis, address, limit=limit)
        world = World(clock, emulator, make_setster(http, redis, clock), http, redis, session, address, garbling)
        if is_settled:
            await world.settle_in(place)
        yield world


def make_http(session: aiohttp.ClientSession, redis: Redis, address: str, *, limit: timedelta = TIMEOUT) -> VendorHttp:
    bucket = TokenBucket(redis, per_minute=100_000)
    metrics = VendorMetrics(CollectorRegistry())
    return VendorHttp(session, vendor=TRAITS.slug, base_url=f"{address}/setster", bucket=bucket, metrics=metrics, timeout=limit)


def make_setster(http: VendorHttp, redis: Redis, clock: SandboxClock, **settings: Any) -> Setster:
    base = SetsterSettings(ACCOUNT.email, ACCOUNT.api_key, ACCOUNT.company_id, reference_field="booking_ref")
    return Setster(http, replace(base, **settings), redis, prefix="frontdesk:harbour:setster", now=clock.now)
