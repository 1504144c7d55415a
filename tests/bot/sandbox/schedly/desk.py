"""A Schedly emulator on a real port, called without the adapter."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.clock import SandboxClock
from bot.sandbox.salon import KEY_HARBOUR
from bot.sandbox.schedly import SchedlyEmulator

MONDAY = datetime(2030, 1, 7, 7, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: Any


@dataclass
class Desk:
    clock: SandboxClock
    emulator: SchedlyEmulator
    session: aiohttp.ClientSession
    address: str

    async def call(self, method: str, path: str, body: Any = None, *, key: str = KEY_HARBOUR, **headers: str) -> Reply:
        url = f"{self.address}/schedly/api/{path}"
        told = {"cal-api-key": key, **headers} if key else headers
        async with self.session.request(method, url, json=body, headers=told) as response:
            return Reply(response.status, await response.json(), response.headers)

    async def read(self, path: str) -> Any:
        reply = await self.call("GET", f"services/{path}")
        assert reply.status == 200, reply
        return reply.body

    async def renew(self, **form: str) -> Reply:
        async with self.session.post(f"{self.address}/schedly/api/auth/oauth/refreshToken", data=form) as response:
            return Reply(response.status, await response.json(), response.headers)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        async with self.session.request(method, f"{self.address}/control/schedly{path}", json=body) as response:
            response.raise_for_status()
            return await response.json()

    def switch(self, **wish: Any) -> None:
        self.emulator.switches.change(wish)

    async def wish(self, **change: Any) -> dict[str, Any]:
        """The body of a create that would be taken: a massage with the first who is free."""
        service = next(one for one in await self.read("services") if one["name"] == "Swedish massage")
        days = (await self.read(f"availability?serviceId={service['id']}&startDate=2030-01-07&endDate=2030-01-09"))["slots"]
        slot = next(slot for slots in days.values() for slot in slots)
        start = datetime.fromisoformat(slot["time"])
        wish = {
            "serviceId": service["id"],
            "startTime": slot["time"],
            "endTime": (start + timedelta(minutes=service["duration"])).isoformat(),
            "employeeId": slot["employeeIds"][0],
            "customerId": 1,
            "locationId": service["locationId"],
            "status": "approved",
        } | change
        return {name: value for name, value in wish.items() if value is not None}

    async def book(self, **change: Any) -> Reply:
        return await self.call("POST", "services/appointments", await self.wish(**change))


@asynccontextmanager
async def open_desk() -> AsyncIterator[Desk]:
    clock = SandboxClock(MONDAY)
    emulator = SchedlyEmulator(clock)
    app = web.Application()
    app.add_subapp("/control/schedly", emulator.control())
    app.add_subapp("/schedly", emulator.app())
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield Desk(clock, emulator, session, str(server.make_url("")).rstrip("/"))


Scenario = Callable[[Desk], Awaitable[None]]
