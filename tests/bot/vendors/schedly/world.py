"""A Schedly emulator on a real port, the adapter against it, and what the emulator's own records say."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
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
from bot.sandbox.salon import KEY_HARBOUR
from bot.sandbox.schedly import SchedlyEmulator
from bot.sandbox.schedly.sign_in import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS
from bot.vendors.bucket import TokenBucket
from bot.vendors.http import TIMEOUT, VendorHttp, VendorMetrics
from bot.vendors.schedly import TRAITS, Access, KeyAccess, OAuthSettings, Schedly, SchedlySettings, TokenAccess, TokenKeeper

MONDAY = datetime(2030, 1, 7, 7, 0, tzinfo=UTC)
TODAY = MONDAY.date()
NEW_PHONE = "+351912345678"
OAUTH = OAuthSettings(CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS[KEY_HARBOUR])


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
    """What becomes of the emulator's answers on their way, by the end of the path."""

    changes: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)

    @web.middleware
    async def carry(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        change = self.changes.get(request.path.rpartition("/")[2]) if request.path.startswith("/schedly/") else None
        if change is None or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
            return response
        return web.Response(body=change(response.body), status=response.status, content_type="application/json")


@dataclass
class World:
    clock: SandboxClock
    emulator: SchedlyEmulator
    schedly: Schedly
    http: VendorHttp
    redis: Redis
    session: aiohttp.ClientSession
    address: str
    garbling: Garbling
    closing: AsyncExitStack
    location: Location = field(init=False)
    service: Service = field(init=False)
    staff: StaffMember = field(init=False)

    async def settle_in(self) -> None:
        """Look around in Lisbon; these calls are not counted."""
        self.location = (await self.schedly.list_locations())[0]
        self.service = await self.find_service("Swedish massage")
        self.staff = (await self.schedly.list_staff(self.location, self.service.id))[0]
        await self.clear_calls()

    async def find_service(self, name: str) -> Service:
        return next(one for one in await self.schedly.list_services(self.location) if one.name == name)

    def switch(self, **wish: Any) -> None:
        self.emulator.switches.change(wish)

    async def look(self, *, staff_id: str = "", day: date = TODAY) -> DayOpenings:
        return await self.schedly.find_slots(self.location, SlotQuery(self.location.id, self.service.id, day, staff_id))

    def request(
        self, slot: Slot, *, phone: str = NEW_PHONE, customer_id: str = "", reference: str = "FD-1", staff_id: str = ""
    ) -> BookingRequest:
        contact = Contact("Mia Chen", phone, customer_id=customer_id)
        return BookingRequest(reference, self.location.id, self.service.id, slot.starts_at, slot.handle, contact, staff_id)

    async def book(self, **more: Any) -> Appointment:
        """The first free time of anyone."""
        request = self.request((await self.look()).slots[0], **more)
        return await self.schedly.book(self.location, request, Notebook())

    def fail(self, operation: str, kind: FaultKind, **more: Any) -> None:
        self.emulator.faults.add(Fault(operation, kind, **more))

    async def control(self, method: str, path: str, **more: Any) -> Any:
        async with self.session.request(method, f"{self.address}/control/schedly{path}", **more) as response:
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

    async def guests(self, phone: str = NEW_PHONE) -> list[Any]:
        return [row for row in await self.control("GET", "/guests") if row["phone"] == phone]

    async def made(self) -> list[Any]:
        """Live appointments in the emulator's own record that came through the API."""
        rows = await self.control("GET", "/appointments")
        return [row for row in rows if row["is_from_bot"] and row["status"] == "booked"]

    async def check(self, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        """`find_booking`, which must agree with the record: at most one, and found exactly when there is one."""
        self.emulator.faults.clear()
        await self.redis.flushall()  # a pause that a 429 asked for is over
        rows = await self.made()
        assert len(rows) <= 1
        found = await self.schedly.find_booking(self.location, request, progress)
        assert (found.id if found else None) == (rows[0]["id"] if rows else None)
        return found

    def rebuild(self, access: Access | None = None, **settings: Any) -> Schedly:
        """Another adapter, as another process would have it."""
        made = Schedly(
            self.http,
            access or KeyAccess(KEY_HARBOUR),
            SchedlySettings(**settings),
            redis=self.redis,
            business="harbour",
            now=self.clock.now,
        )
        self.closing.push_async_callback(made.close)
        return made

    def keeper(self, settings: OAuthSettings = OAUTH) -> TokenKeeper:
        """One process' token keeper."""
        made = TokenKeeper(self.http, self.redis, settings, business="harbour", now=self.clock.now)
        self.closing.push_async_callback(made.close)
        return made

    def sign_in(self, settings: OAuthSettings = OAUTH, *, fallback: str = "") -> Schedly:
        """An adapter that comes in by OAuth."""
        return self.rebuild(TokenAccess(self.keeper(settings), "oauth", KeyAccess(fallback) if fallback else None))


@asynccontextmanager
async def open_world(
    redis_url: str, *, calls_per_minute: int = 0, is_settled: bool = True, limit: timedelta = TIMEOUT
) -> AsyncIterator[World]:
    """`calls_per_minute` 0: no limit, so that our own bucket must not pace the test either."""
    clock = SandboxClock()
    clock.advance(MONDAY - clock.now())
    emulator = SchedlyEmulator(clock)
    emulator.switches.calls_per_minute = calls_per_minute
    garbling = Garbling()
    app = web.Application(middlewares=[garbling.carry])
    app.add_subapp("/control/schedly", emulator.control())
    app.add_subapp("/schedly", emulator.app())
    server = TestServer(app)
    await server.start_server()
    async with AsyncExitStack() as closing:
        closing.push_async_callback(server.close)
        redis = connect(redis_url)
        closing.push_async_callback(redis.aclose)
        session = await closing.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        address = str(server.make_url("")).rstrip("/")
        bucket = TokenBucket(redis, per_minute=calls_per_minute or 100_000)
        metrics = VendorMetrics(CollectorRegistry())
        http = VendorHttp(
            session, vendor=TRAITS.slug, base_url=f"{address}/schedly", bucket=bucket, metrics=metrics, timeout=limit
        )
        schedly = Schedly(http, KeyAccess(KEY_HARBOUR), SchedlySettings(), redis=redis, business="harbour", now=clock.now)
        closing.push_async_callback(schedly.close)
        world = World(clock, emulator, schedly, http, redis, session, address, garbling, closing)
        if is_settled:
            await world.settle_in()
        yield world


def in_days(days: int) -> date:
    return (MONDAY + timedelta(days=days)).date()
