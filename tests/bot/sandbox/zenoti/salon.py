"""A running Zenoti emulator and a client of it, for the tests of this folder."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from bot.sandbox.clock import SandboxClock
from bot.sandbox.zenoti import ZenotiEmulator
from bot.sandbox.zenoti.catalogue import Center, Organization, Service, Therapist
from bot.sandbox.zenoti.demo import KEY_HARBOUR
from bot.sandbox.zenoti.harbour import HARBOUR_STUDIO
from bot.sandbox.zenoti.riverside import RIVERSIDE_PHYSIO

NOW = datetime(2035, 3, 5, 6, 30, tzinfo=UTC)
"""A Monday, early in the day in Lisbon; America changes its clocks six days later."""
EMPTY_DAY = "2035-04-03"
"""A Tuesday beyond the days that the sandbox fills by itself."""
HARBOUR, BROOKLYN, BANDRA = HARBOUR_STUDIO.centers
(MADRID,) = RIVERSIDE_PHYSIO.centers
STRANGER = "00000000-0000-4000-8000-000000000000"
"""An id that nothing has."""


def service(name: str, organization: Organization = HARBOUR_STUDIO) -> Service:
    return next(one for one in organization.services.values() if one.name == name)


def therapist(first_name: str, center: Center = HARBOUR) -> Therapist:
    return next(one for one in center.therapists if one.first_name == first_name)


SWEDISH = service("Swedish massage")
HAIRCUT = service("Haircut & finish")
MANICURE = service("Manicure")
ANNA = therapist("Anna")
RUI = therapist("Rui")
BEATRIZ = therapist("Beatriz")


@dataclass
class Answer:
    """Status, headers and JSON of an answer."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Salon:
    """The emulator, its clock, and a client that speaks to both of its sides."""

    emulator: ZenotiEmulator
    clock: SandboxClock
    session: ClientSession
    changes: list[str] = field(default_factory=list)

    async def call(self, method: str, path: str, *, key: str = KEY_HARBOUR, **options: Any) -> Answer:
        headers = {"Authorization": f"apikey {key}"}
        async with self.session.request(method, f"/zenoti{path}", headers=headers, **options) as response:
            return Answer(response.status, dict(response.headers), await response.json())

    async def control(self, method: str, path: str, **options: Any) -> Answer:
        async with self.session.request(method, f"/control/zenoti{path}", **options) as response:
            is_json = response.content_type == "application/json"
            return Answer(response.status, dict(response.headers), await (response.json() if is_json else response.text()))

    async def turn(self, **switches: Any) -> None:
        answer = await self.control("PUT", "/switches", json=switches)
        assert answer.status == 200, answer.body

    async def fail(self, operation: str, kind: str, **more: Any) -> None:
        answer = await self.control("POST", "/faults", json={"operation": operation, "kind": kind, **more})
        assert answer.status == 201, answer.body

    async def add_guest(self, number: str = "912345678", *, center: Center = HARBOUR, key: str = KEY_HARBOUR) -> str:
        phone = {"country_code": center.country.id, "number": number}
        person = {"first_name": "Mia", "last_name": "Chen", "email": "mia@example.com", "gender": -1, "mobile_phone": phone}
        answer = await self.call("POST", "/v1/guests", key=key, json={"center_id": center.id, "personal_info": person})
        return str(answer.body["id"])

    async def ask_draft(self, guest: str | None, *, center: Center = HARBOUR, **wishes: Any) -> Answer:
        """`wishes`: day, wanted (service), person, item and guest_more (more fields), query, more, key."""
        item: dict[str, Any] = {"item": {"id": wishes.get("wanted", SWEDISH).id}, **wishes.get("item", {})}
        if "person" in wishes:
            item["therapist"] = {"id": wishes["person"].id}
        guests = [{"id": guest, "items": [item], **wishes.get("guest_more", {})}]
        body = {"center_id": center.id, "date": wishes.get("day", EMPTY_DAY), "guests": guests, **wishes.get("more", {})}
        key = wishes.get("key", KEY_HARBOUR)
        return await self.call("POST", "/v1/bookings", key=key, params=wishes.get("query", {}), json=body)

    async def draft(self, guest: str | None, **wishes: Any) -> str:
        answer = await self.ask_draft(guest, **wishes)
        assert answer.body["id"], answer.body
        return str(answer.body["id"])

    async def slots(self, booking: str, **query: str) -> Any:
        return (await self.call("GET", f"/v1/bookings/{booking}/slots", params=query)).body

    async def free_times(self, booking: str) -> list[str]:
        return [slot["Time"] for slot in (await self.slots(booking))["slots"] if slot["Available"]]

    async def reserve(self, booking: str, time: str = "12:00", *, day: str = EMPTY_DAY) -> Any:
        body = {"slot_time": f"{day}T{time}:00", "create_invoice": False}
        return (await self.call("POST", f"/v1/bookings/{booking}/slots/reserve", json=body)).body

    async def confirm(self, booking: str, notes: str = "") -> Any:
        return (await self.call("POST", f"/v1/bookings/{booking}/slots/confirm", json={"notes": notes})).body

    async def book(self, guest: str, time: str = "12:00", *, notes: str = "", **wishes: Any) -> Any:
        """The invoice of a confirm that worked."""
        booking = await self.draft(guest, **wishes)
        held = await self.reserve(booking, time, day=wishes.get("day", EMPTY_DAY))
        assert held["is_reserved"], held
        answer = await self.confirm(booking, notes)
        assert answer["is_confirmed"], answer
        return answer["invoice"]

    async def booked(self, guest: str) -> list[Any]:
        """The appointments of a guest, as the demo page sees them."""
        rows = (await self.control("GET", "/appointments")).body
        return [row for row in rows if row["guest_id"] == guest]


@asynccontextmanager
async def opened_salon(now: datetime = NOW) -> AsyncIterator[Salon]:
    clock, changes = SandboxClock(), list[str]()
    clock.advance(now - clock.now())
    emulator = ZenotiEmulator(clock, changes.append)
    emulator.switches.calls_per_minute = 0
    root = web.Application()
    root.add_subapp("/zenoti", emulator.app())
    root.add_subapp("/control/zenoti", emulator.control())
    async with TestServer(root) as server, ClientSession(base_url=server.make_url("/")) as session:
        yield Salon(emulator, clock, session, changes)


def play(scenario: Callable[[Salon], Awaitable[None]], *, now: datetime = NOW) -> None:
    async def run() -> None:
        async with opened_salon(now) as salon:
            await scenario(salon)

    asyncio.run(run())


async def wait_until(is_so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while not await is_so():  # noqa: ASYNC110 - what is waited for is seen over HTTP only
            await asyncio.sleep(0.005)
