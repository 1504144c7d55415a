"""One vendor's emulator on a real port, its adapter as the bot builds it, and the book behind both as the truth."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from bot.accounts import Supply, build_vendor
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
from bot.sandbox.demo import write_demo_settings
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.salon import BUSINESSES, Book, Place
from bot.sandbox.salon.harbour import HARBOUR
from bot.sandbox.vendor import Errand, VendorDemo, VendorEmulator
from bot.sandbox.vendors import EMULATORS
from bot.settings import load_settings
from bot.vendors.base import Vendor
from bot.vendors.http import VendorMetrics

MONDAY = datetime(2030, 1, 7, 7, 0, tzinfo=UTC)
TOMORROW = MONDAY.date() + timedelta(days=1)
MIA = Contact("Mia Chen", "+351912345678", "mia@example.com")
NOAH = Contact("Noah Reis", "+351913333333", "noah@example.com")
LISBON, BROOKLYN, BANDRA = HARBOUR.places
MASSAGE = HARBOUR.treatments["swed"]
TIMEOUT_SECONDS = 1.0
"""Of the adapter's calls: shorter than an operator's, so that a slow vendor costs a test no more."""


@dataclass(frozen=True, slots=True)
class Case:
    """A vendor with some of its emulator's switches turned."""

    slug: str
    switches: Mapping[str, Any] = field(default_factory=dict)

    @property
    def demo(self) -> VendorDemo:
        return EMULATORS[self.slug]

    def __str__(self) -> str:
        turned = ",".join(f"{name}={value}" for name, value in self.switches.items())
        return f"{self.slug}-{turned}" if turned else self.slug


@dataclass
class Notebook:
    """A `Progress` that remembers."""

    kept: dict[str, str] = field(default_factory=dict)

    @property
    def values(self) -> Mapping[str, str]:
        return dict(self.kept)

    async def save(self, **values: str) -> None:
        self.kept.update(values)


@dataclass
class Garbling:
    """What becomes of the vendor's answers on their way."""

    change: Callable[[web.Request, bytes], bytes] | None = None

    @web.middleware
    async def carry(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if self.change is None or request.path.startswith("/control/"):
            return response
        if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
            return response
        return web.Response(body=self.change(request, response.body), status=response.status, content_type=response.content_type)


@dataclass
class World:
    case: Case
    clock: SandboxClock
    emulator: VendorEmulator
    vendor: Vendor
    redis: Redis
    session: aiohttp.ClientSession
    address: str
    garbling: Garbling
    supply: Supply
    location: Location = field(init=False)
    service: Service = field(init=False)

    async def settle_in(self, place: Place = LISBON, service: str = MASSAGE.name) -> None:
        locations = await self.vendor.list_locations()
        self.location = next(one for one in locations if one.name == place.name)
        self.service = await self.find_service(service)
        await self.control("DELETE", "/calls")

    async def find_service(self, name: str) -> Service:
        return next(one for one in await self.vendor.list_services(self.location) if one.name == name)

    async def find_staff(self, first_name: str) -> StaffMember:
        staff = await self.vendor.list_staff(self.location, self.service.id)
        return next(one for one in staff if one.name.split()[0] == first_name)

    # ── Asking the vendor ────────────────────────────────────────────────────────────────────────────────────────────

    async def look(self, day: date = TOMORROW, *, staff_id: str = "", customer_id: str = "") -> DayOpenings:
        query = SlotQuery(self.location.id, self.service.id, day, staff_id, customer_id)
        return await self.vendor.find_slots(self.location, query)

    async def choose(self, day: date = TOMORROW, *, number: int = 0, staff_id: str = "") -> Slot:
        return (await self.look(day, staff_id=staff_id)).slots[number]

    def ask(self, slot: Slot, *, contact: Contact = MIA, staff_id: str = "", reference: str = "K7Q2M9") -> BookingRequest:
        return BookingRequest(
            reference, self.location.id, self.service.id, slot.starts_at, slot.handle, contact, staff_id=staff_id
        )

    async def book(self, request: BookingRequest, progress: Notebook | None = None) -> Appointment:
        return await self.vendor.book(self.location, request, progress or Notebook())

    async def book_first(self, *, contact: Contact = MIA, day: date = TOMORROW, staff_id: str = "") -> Appointment:
        return await self.book(self.ask(await self.choose(day, staff_id=staff_id), contact=contact, staff_id=staff_id))

    async def move(self, appointment: Appointment, slot: Slot, progress: Notebook | None = None) -> Appointment:
        request = MoveRequest("M4V3D2", slot.starts_at, slot.handle)
        return await self.vendor.move(self.location, appointment, request, progress or Notebook())

    async def list_mine(self, customer_id: str) -> tuple[Appointment, ...]:
        return await self.vendor.list_appointments(self.location, customer_id)

    async def settle_down(self) -> None:
        """Faults are over, a pause that a 429 asked for and an open breaker too, and enough time has passed for the
        record to show what was made."""
        await self.is_idle()
        self.emulator.faults.clear()
        await self.redis.flushall()
        self.clock.advance(self.vendor.traits.longest_processing + self.vendor.traits.visibility + timedelta(seconds=5))

    async def forget(self) -> None:
        """From here on it is another process's adapter, with an empty Redis: it knows nothing."""
        await self.redis.flushall()
        self.vendor = _build(self.case, self.address, self.supply)

    # ── The truth ────────────────────────────────────────────────────────────────────────────────────────────────────

    def open_book(self) -> Book:
        """The same book as the emulator's at its start."""
        return Book(BUSINESSES.values(), self.clock, grid_minutes=self.case.switches.get("grid_minutes", 15))

    async def control(self, method: str, path: str, **wish: Any) -> Any:
        address = f"{self.address}/control/{self.case.slug}{path}"
        async with self.session.request(method, address, json=wish or None) as response:
            assert response.status < 400, f"{method} {path}: {response.status} {await response.text()}"
            return await response.json()

    async def made(self) -> list[dict[str, Any]]:
        """What the bot has made, whatever became of it."""
        return [row for row in await self.control("GET", "/appointments") if row["is_from_bot"]]

    async def live(self) -> list[dict[str, Any]]:
        return [row for row in await self.made() if row["status"] not in ("cancelled", "no_show")]

    async def find_row(self, appointment: Appointment) -> dict[str, Any]:
        (row,) = [row for row in await self.control("GET", "/appointments") if row["id"] == appointment.id]
        return dict(row)

    async def fill(self, slot: Slot) -> None:
        """Somebody else takes everybody who is free at this time."""
        wall = slot.starts_at.replace(tzinfo=None).isoformat()
        wish = {"location_id": self.location.id, "service_id": self.service.id, "start_time": wall, "guest_name": "Walk In"}
        for person in await self.vendor.list_staff(self.location, self.service.id):
            address = f"{self.address}/control/{self.case.slug}/appointments"
            async with self.session.post(address, json=wish | {"staff_id": person.id}) as response:
                assert response.status in (201, 409), await response.text()
        await self.control("DELETE", "/calls")

    async def calls(self) -> dict[str, int]:
        return dict((await self.control("GET", "/calls"))["by_operation"])

    def fail(self, errand: Errand, kind: FaultKind, **more: Any) -> None:
        self.emulator.faults.add(Fault(self.case.demo.operations[errand], kind, **more))

    async def is_idle(self) -> None:
        """Wait until the emulator has finished what a caller no longer waits for."""
        while any(row["status"] is None for row in (await self.control("GET", "/calls"))["log"]):
            pass


def instant(row: Mapping[str, Any]) -> datetime:
    """The start in a row of the record."""
    return datetime.fromisoformat(row["start_utc"])


def play(case: Case, redis_url: str, scenario: Callable[[World], Awaitable[None]], *, place: Place = LISBON) -> None:
    """The scenario, with the adapter looking at `place` and at a massage."""

    async def run() -> None:
        async with asyncio.timeout(60), open_world(case, redis_url) as world:
            await world.settle_in(place)
            await scenario(world)

    asyncio.run(run())


@asynccontextmanager
async def open_world(case: Case, redis_url: str) -> AsyncIterator[World]:
    clock, garbling = SandboxClock(MONDAY), Garbling()
    emulator = case.demo.make(clock, lambda _: None, 0)
    app = web.Application(middlewares=[garbling.carry])
    app.add_subapp(f"/control/{case.slug}", emulator.control())
    app.add_subapp(f"/{case.slug}", emulator.app())
    async with AsyncExitStack() as stack:
        server = TestServer(app)
        await server.start_server()
        stack.push_async_callback(server.close)
        address = str(server.make_url("")).rstrip("/")
        redis = connect(redis_url)
        stack.push_async_callback(redis.aclose)
        session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        supply = Supply(redis, session, VendorMetrics(CollectorRegistry()), clock.now, stack)
        vendor = _build(case, address, supply)
        world = World(case, clock, emulator, vendor, redis, session, address, garbling, supply)
        await world.control("PUT", "/switches", **{"calls_per_minute": 100_000, **case.switches})
        yield world


def _build(case: Case, address: str, supply: Supply) -> Vendor:
    """As the bot builds it from the demo's settings."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "frontdesk.toml"
        write_demo_settings(file, address, vendor=case.slug, vendor_timeout_seconds=TIMEOUT_SECONDS)
        return build_vendor("harbour", load_settings(file, {}).businesses["harbour"], supply)
