"""The emulator on a real port, called as a client would."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.setster import SetsterEmulator

MONDAY = datetime(2030, 1, 7, 7, 0, tzinfo=UTC)
THURSDAY = "2030-01-10"
LISBON, BROOKLYN = "501", "502"
SWEDISH, ANNA = "96", "7"
LOGIN = {"email": "owner@harbour.example", "token": "demo", "company_id": "3001"}


@dataclass
class Salon:
    emulator: SetsterEmulator
    clock: SandboxClock
    session: aiohttp.ClientSession
    address: str
    token: str = ""
    seen: list[int] = field(default_factory=list)
    """HTTP statuses, in order."""

    async def send(self, method: str, path: str, **more: Any) -> Any:
        """The whole envelope."""
        async with self.session.request(method, f"{self.address}/setster/api/v2{path}", **more) as response:
            self.seen.append(response.status)
            return await response.json()

    async def log_in(self, **more: str) -> Any:
        answer = await self.send("POST", "/account/authenticate", params={**LOGIN, **more})
        self.token = answer["data"]["session_token"] if answer["statusCode"] == 0 else ""
        return answer

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """With the session and the company."""
        params = {"session_token": self.token, "company_id": "3001", **query}
        return await self.send(method, path, params=params, json=body)

    async def read(self, path: str, **query: Any) -> Any:
        """The `data` of what must work."""
        answer = await self.call("GET", path, **query)
        assert (self.seen[-1], answer["statusCode"]) == (200, 0), answer
        return answer["data"]

    async def times(self, day: str = THURSDAY, **query: Any) -> Any:
        asked = {"service_id": SWEDISH, "location_id": LISBON, "start_date": day, "t": "daily", "return": "times", **query}
        return await self.read("/availability", **asked)

    async def first_start(self) -> str:
        return f"{THURSDAY} {(await self.times(provider_id=ANNA))['times'][THURSDAY][0]}"

    async def wish(self, **more: Any) -> dict[str, Any]:
        body = {
            "company_id": 3001,
            "client_email": "noor@example.net",
            "client_name": "Noor H",
            "service_id": int(SWEDISH),
            "employee_id": int(ANNA),
            "location_id": int(LISBON),
            "start_date": more.get("start_date") or await self.first_start(),
            "duration": 60,
            "note": "[FD-1]",
        }
        return {key: value for key, value in {**body, **more}.items() if value is not None}

    async def book(self, **more: Any) -> Any:
        answer = await self.call("POST", "/appointment", await self.wish(**more))
        assert answer["statusCode"] == 0, answer
        return answer["data"]

    def fail(self, operation: str, kind: FaultKind, **more: Any) -> None:
        self.emulator.faults.add(Fault(operation, kind, **more))

    def switch(self, **wishes: Any) -> None:
        self.emulator.switches.change(wishes)


@asynccontextmanager
async def open_salon(*, is_logged_in: bool = True, **switches: Any) -> AsyncIterator[Salon]:
    clock = SandboxClock()
    clock.advance(MONDAY - clock.now())
    emulator = SetsterEmulator(clock)
    emulator.switches.change(switches)
    app = web.Application()
    app.add_subapp("/control/setster", emulator.control())
    app.add_subapp("/setster", emulator.app())
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        salon = Salon(emulator, clock, session, str(server.make_url("")).rstrip("/"))
        if is_logged_in:
            await salon.log_in()
        yield salon
