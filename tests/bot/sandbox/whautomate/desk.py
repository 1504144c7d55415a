"""The Whautomate emulator behind a real socket, called as any HTTP client would."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.clock import SandboxClock
from bot.sandbox.salon import BUSINESSES, KEY_HARBOUR, Place
from bot.sandbox.whautomate import WhautomateEmulator
from bot.sandbox.whautomate.spelling import SPELLING

MONDAY = datetime(2030, 7, 8, 7, 0, tzinfo=UTC)
HARBOUR = BUSINESSES[KEY_HARBOUR]
LISBON, BROOKLYN = HARBOUR.places[:2]
DAY = "2030-07-09"

Json = dict[str, Any]


@dataclass
class Desk:
    emulator: WhautomateEmulator
    clock: SandboxClock
    session: aiohttp.ClientSession
    address: str

    async def call(self, method: str, path: str, body: Any = None, *, key: str = KEY_HARBOUR, **query: str) -> tuple[int, Any]:
        """Status and JSON of one call."""
        async with self.session.request(
            method, f"{self.address}/whautomate/v1{path}", params=query, json=body, headers={"x-api-key": key}
        ) as response:
            return response.status, await response.json()

    async def get(self, path: str, **query: str) -> Any:
        status, answer = await self.call("GET", path, **query)
        assert status == 200, answer
        return answer

    async def post(self, path: str, body: Json) -> Any:
        status, answer = await self.call("POST", path, body)
        assert status == 200, answer
        return answer

    async def list_times(self, day: str = DAY, *, service: str = "swed", **query: str) -> list[str]:
        """What slots of the day say; of Swedish massage in Lisbon."""
        wish = {"serviceId": service_id(service), "locationId": place_id(), "date": day, **query}
        return [slot["startTime"] for row in await self.get("/appointments/slots", **wish) for slot in row["slots"]]

    def wish(self, time: str, *, day: str = DAY, **more: Any) -> Json:
        """The body of a booking."""
        client = {"fullName": "Noor H", "countryCode": "+351", "phone": "910000000"}
        base = {"client": client, "location": {"id": place_id()}, "service": {"id": service_id()}, "date": day, "time": time}
        return base | {"timezone": "Europe/Lisbon", "overrideTimeSlotValidation": False, "notes": "[FD-1]"} | more

    async def control(self, method: str, path: str, **more: Any) -> Any:
        async with self.session.request(method, f"{self.address}/control/whautomate{path}", **more) as response:
            response.raise_for_status()
            return await response.json()


def place_id(place: Place = LISBON) -> str:
    return SPELLING.place(place)


def service_id(key: str = "swed", place: Place = LISBON) -> str:
    return SPELLING.treatment(place, HARBOUR.treatments[key])


def staff_id(first_name: str) -> str:
    return next(SPELLING.person(one) for place in HARBOUR.places for one in place.people if one.first_name == first_name)


@asynccontextmanager
async def open_desk(**switches: Any) -> AsyncIterator[Desk]:
    clock = SandboxClock(MONDAY)
    emulator = WhautomateEmulator(clock)
    emulator.switches.change({"calls_per_minute": 0, **switches})
    app = web.Application()
    app.add_subapp("/control/whautomate", emulator.control())
    app.add_subapp("/whautomate", emulator.app())
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield Desk(emulator, clock, session, str(server.make_url("")).rstrip("/"))
