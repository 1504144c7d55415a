"""What is behind an emulator can be looked at and changed from the desk, whichever vendor it is."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import FaultPlan
from bot.sandbox.salon import BUSINESSES, Book, Directory, SalonControl, Spelling, Visit, What
from bot.sandbox.salon.harbour import HARBOUR
from bot.sandbox.switches import Adjustable

NOW = datetime(2035, 3, 5, 9, 0, tzinfo=UTC)
DAY = "2035-04-03"
"""A Tuesday beyond what is filled in advance."""
LISBON = HARBOUR.places[0]
ANNA, _, _, _, RUI = LISBON.people
MASSAGE = HARBOUR.treatments["swed"]


class _Switches(Adjustable):
    is_strict: bool = True


@dataclass
class Desk:
    client: Any
    told: list[tuple[What, str]] = field(default_factory=list)

    async def ask(self, method: str, path: str, **body: Any) -> tuple[int, Any]:
        async with self.client.request(method, path, json=body or None) as response:
            return response.status, await response.json() if response.content_type == "application/json" else None

    async def book(self, time: str = "10:00", staff: str = ANNA.id) -> tuple[int, Any]:
        start = f"{DAY}T{time}:00"
        wish = {
            "location_id": LISBON.id,
            "staff_id": staff,
            "service_id": MASSAGE.id,
            "start_time": start,
            "guest_name": "Noor H",
        }
        return await self.ask("POST", "/appointments", **wish)


def play(scenario: Callable[[Desk], Awaitable[None]]) -> None:
    async def run() -> None:
        clock, switches, faults, calls = SandboxClock(NOW), _Switches(), FaultPlan(), CallLog()
        book = Book(BUSINESSES.values(), clock)
        told: list[tuple[What, str]] = []

        def announce(what: What, visit: Visit) -> None:
            told.append((what, visit.guest_name))

        directory = Directory(book.businesses, Spelling(visit=lambda number: f"v{number}"))
        control = SalonControl(
            book=book,
            directory=directory,
            clock=clock,
            switches=switches,
            faults=faults,
            calls=calls,
            reset=book.reset,
            changed=lambda: None,
            announce=announce,
        )
        async with TestClient(TestServer(control.make_app())) as client:
            await scenario(Desk(client, told))

    asyncio.run(run())


def test_the_desk_books_moves_and_cancels_and_the_vendor_is_told() -> None:
    async def scenario(desk: Desk) -> None:
        status, made = await desk.book()
        assert (status, made["status"], made["start_time"], made["start_utc"]) == (
            201,
            "booked",
            f"{DAY}T10:00:00",
            f"{DAY}T09:00:00Z",
        )
        _, moved = await desk.ask("PATCH", f"/appointments/{made['id']}", start_time=f"{DAY}T14:00:00", staff_id=RUI.id)
        assert (moved["id"], moved["staff_name"], moved["start_time"]) == (made["id"], "Rui Carvalho", f"{DAY}T14:00:00")
        _, gone = await desk.ask("DELETE", f"/appointments/{made['id']}")
        assert gone["status"] == "cancelled"
        assert (await desk.ask("DELETE", f"/appointments/{made['id']}"))[0] == 409
        assert desk.told == [("created", "Noor H"), ("moved", "Noor H"), ("cancelled", "Noor H")]

    play(scenario)


def test_what_is_taken_is_refused() -> None:
    async def scenario(desk: Desk) -> None:
        _, made = await desk.book("10:00")
        assert (await desk.book("10:30"))[0] == 409
        _, later = await desk.book("14:00")
        assert (await desk.ask("PATCH", f"/appointments/{later['id']}", start_time=f"{DAY}T10:30:00"))[0] == 409
        assert (await desk.ask("PATCH", f"/appointments/{made['id']}", start_time=f"{DAY}T10:15:00"))[0] == 200

    play(scenario)


def test_a_guest_may_fail_to_come() -> None:
    async def scenario(desk: Desk) -> None:
        _, made = await desk.book()
        _, missed = await desk.ask("PATCH", f"/appointments/{made['id']}", status="no_show")
        assert missed["status"] == "no_show"
        assert desk.told[-1] == ("no_show", "Noor H")

    play(scenario)


def test_unknown_ids_are_refused() -> None:
    async def scenario(desk: Desk) -> None:
        assert (await desk.book(staff="nobody"))[0] == 404
        assert (await desk.ask("DELETE", "/appointments/v0"))[0] == 404
        assert (await desk.ask("POST", "/appointments", location_id="x"))[0] == 400

    play(scenario)


def test_the_calendar_shows_columns_and_bars() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.book()
        _, body = await desk.ask("GET", f"/calendar?date={DAY}")
        harbour = body["locations"][0]
        assert [row["name"] for row in body["locations"]] == ["Harbour", "Brooklyn", "Bandra", "Riverside Physio"]
        assert (harbour["hours"], harbour["time_zone"]) == ({"start_minute": 540, "end_minute": 1200}, "Europe/Lisbon")
        assert {row["name"] for row in harbour["staff"] if row["shift"] is None} == {"Tomás Ferreira"}
        (bar,) = harbour["appointments"]
        assert (bar["start_minute"], bar["end_minute"], bar["guest_first_name"], bar["service"]) == (
            600,
            660,
            "Noor",
            MASSAGE.name,
        )

    play(scenario)


def test_switches_calls_guests_and_reset() -> None:
    async def scenario(desk: Desk) -> None:
        assert (await desk.ask("PUT", "/switches", is_strict=False))[1] == {"is_strict": False}
        assert (await desk.ask("PUT", "/switches", is_lax=False))[0] == 400
        assert (await desk.ask("GET", "/calls"))[1] == {"total": 0, "by_operation": {}, "log": []}
        before = (await desk.ask("GET", "/guests"))[1]
        await desk.book()
        assert len((await desk.ask("GET", "/guests"))[1]) == len(before) + 1
        assert len((await desk.ask("GET", f"/appointments?date={DAY}"))[1]) == 1
        await desk.ask("POST", "/reset")
        assert (await desk.ask("GET", f"/appointments?date={DAY}"))[1] == []

    play(scenario)
