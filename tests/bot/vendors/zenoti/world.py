"""A Zenoti emulator on a real port, the adapter against it, and what the emulator's own records say."""

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
from bot.sandbox.zenoti.demo import KEY_HARBOUR, TIME_ZONES
from bot.sandbox.zenoti.emulator import ZenotiEmulator
from bot.vendors.bucket import TokenBucket
from bot.vendors.http import TIMEOUT, VendorHttp, VendorMetrics
from bot.vendors.zenoti import TRAITS, Zenoti, ZenotiSettings
from bot.vendors.zenoti.drafts import Drafts

MONDAY = datetime(2030, 1, 7, 7, 0, tzinfo=UTC)
TODAY = MONDAY.date()
KNOWN_PHONE = "+351912000140"
"""Of the first demo guest."""
NEW_PHONE = "+351912345678"


@dataclass
class Notebook:
    """A `Progress` that remembers each save."""

    kept: dict[str, str] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)

    @property
    def values(self) -> Mapping[str, str]:
        return dict(self.kept)

    async def save(self, **values: str) -> None:
        self.kept.update(values)
        self.steps.append(values.get("step", ""))


@dataclass
class Garbling:
    """What becomes of the emulator's answers on their way, by the end of the path."""

    changes: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)

    @web.middleware
    async def carry(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        change = self.changes.get(request.path.rpartition("/")[2])
        if change is None or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
            return response
        return web.Response(body=change(response.body), status=response.status, content_type="application/json")


@dataclass
class World:
    clock: SandboxClock
    emulator: ZenotiEmulator
    zenoti: Zenoti
    http: VendorHttp
    redis: Redis
    session: aiohttp.ClientSession
    address: str
    garbling: "Garbling"
    closing: AsyncExitStack = field(default_factory=AsyncExitStack)
    location: Location = field(init=False)
    service: Service = field(init=False)
    staff: StaffMember = field(init=False)

    async def settle_in(self) -> None:
        """Look around in Lisbon; these calls are not counted."""
        self.location = (await self.zenoti.list_locations())[0]
        self.service = await self.find_service("Swedish massage")
        self.staff = (await self.zenoti.list_staff(self.location, self.service.id))[0]
        await self.clear_calls()

    async def find_service(self, name: str) -> Service:
        return next(one for one in await self.zenoti.list_services(self.location) if one.name == name)

    def query(self, day: date = TODAY, *, customer_id: str = "", staff_id: str = "") -> SlotQuery:
        return SlotQuery(self.location.id, self.service.id, day, staff_id, customer_id)

    async def look(self, *, customer_id: str = "", staff_id: str = "", day: date = TODAY) -> DayOpenings:
        return await self.zenoti.find_slots(self.location, self.query(day, customer_id=customer_id, staff_id=staff_id))

    def request(self, slot: Slot, *, phone: str = NEW_PHONE, customer_id: str = "", reference: str = "FD-1") -> BookingRequest:
        contact = Contact("Mia Chen", phone, customer_id=customer_id)
        return BookingRequest(reference, self.location.id, self.service.id, slot.starts_at, slot.handle, contact)

    def fail(self, operation: str, kind: FaultKind, **more: Any) -> None:
        self.emulator.faults.add(Fault(operation, kind, **more))

    async def control(self, method: str, path: str, **more: Any) -> Any:
        async with self.session.request(method, f"{self.address}/control/zenoti{path}", **more) as response:
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

    async def guests(self, phone_digits: str) -> list[Any]:
        rows = await self.control("GET", "/guests")
        return [row for row in rows if (row["personal_info"]["mobile_phone"] or {}).get("number") == phone_digits]

    async def made(self, reference: str = "FD-1") -> list[Any]:
        """Appointments in the emulator's own record that carry our note."""
        return [row for row in await self.control("GET", "/appointments") if reference in row["notes"]]

    async def check(self, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        """`find_booking`, which must agree with the record: at most one, and found exactly when there is one."""
        self.emulator.faults.clear()
        await self.redis.flushall()  # a pause that a 429 asked for is over
        rows = [row for row in await self.made(request.reference) if row["status"] not in ("cancelled", "no_show")]
        assert len(rows) <= 1
        found = await self.zenoti.find_booking(self.location, request, progress)
        assert (found.id if found else None) == (rows[0]["id"] if rows else None)
        return found

    def rebuild(self, **settings: Any) -> Zenoti:
        """Another adapter, as another process would have it."""
        return make_zenoti(self.http, self.redis, self.clock, self.address, **settings)


@asynccontextmanager
async def open_world(
    redis_url: str, *, calls_per_minute: int = 0, is_settled: bool = True, limit: timedelta = TIMEOUT
) -> AsyncIterator[World]:
    """`calls_per_minute` 0: no limit, so that our own bucket must not pace the test either."""
    clock = SandboxClock()
    clock.advance(MONDAY - clock.now())
    emulator = ZenotiEmulator(clock)
    emulator.switches.calls_per_minute = calls_per_minute
    garbling = Garbling()
    app = web.Application(middlewares=[garbling.carry])
    app.add_subapp("/control/zenoti", emulator.control())
    app.add_subapp("/zenoti", emulator.app())
    server = TestServer(app)
    await server.start_server()
    async with AsyncExitStack() as closing:
        closing.push_async_callback(server.close)
        redis = connect(redis_url)
        closing.push_async_callback(redis.aclose)
        session = await closing.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        address = str(server.make_url("")).rstrip("/")
        http = make_http(session, redis, address, calls_per_minute=calls_per_minute, limit=limit)
        zenoti = make_zenoti(http, redis, clock, address)
        world = World(clock, emulator, zenoti, http, redis, session, address, garbling)
        await closing.enter_async_context(world.closing)
        if is_settled:
            await world.settle_in()
        yield world


def make_http(
    session: aiohttp.ClientSession, redis: Redis, address: str, *, calls_per_minute: int = 0, limit: timedelta = TIMEOUT
) -> VendorHttp:
    bucket = TokenBucket(redis, per_minute=calls_per_minute or 100_000)
    metrics = VendorMetrics(CollectorRegistry())
    return VendorHttp(session, vendor=TRAITS.slug, base_url=f"{address}/zenoti", bucket=bucket, metrics=metrics, timeout=limit)


def make_zenoti(http: VendorHttp, redis: Redis, clock: SandboxClock, address: str, **settings: Any) -> Zenoti:
    base = ZenotiSettings(f"{address}/zenoti", KEY_HARBOUR, TIME_ZONES[KEY_HARBOUR])
    return Zenoti(http, replace(base, **settings), drafts=Drafts(redis), now=clock.now)


def in_days(days: int) -> date:
    return (MONDAY + timedelta(days=days)).date()
