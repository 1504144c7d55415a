"""The control API that every emulator on top of the book shares: look behind the scenes, act as the desk, turn the switches."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime, ValidationError

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import SandboxClock
from bot.sandbox.control import add_fault_routes
from bot.sandbox.faults import FaultPlan
from bot.sandbox.salon.book import Book
from bot.sandbox.salon.business import Person, Place, Treatment, read_wall
from bot.sandbox.salon.daybook import Json, show_daybook
from bot.sandbox.salon.directory import Directory
from bot.sandbox.salon.visit import Visit
from bot.sandbox.switches import Adjustable

What = Literal["created", "moved", "cancelled", "no_show"]
"""What the desk did to an appointment."""


class _DeskBooking(BaseModel):
    model_config = ConfigDict(extra="forbid")

    location_id: str
    staff_id: str
    service_id: str
    start_time: NaiveDatetime
    """The place's wall time."""
    guest_name: str = Field(min_length=1)


class _DeskChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    start_time: NaiveDatetime | None = None
    staff_id: str = ""
    status: Literal["no_show"] | None = None


@dataclass(frozen=True, slots=True)
class SalonControl:
    """Handlers of the routes under `/control/<vendor>`; a vendor adds its own to the app."""

    book: Book
    directory: Directory
    clock: SandboxClock
    switches: Adjustable
    faults: FaultPlan
    calls: CallLog
    reset: Callable[[], None]
    """The whole emulator, as at the start."""
    changed: Callable[[], None]
    """Told after every change of the book."""
    announce: Callable[[What, Visit], None] = lambda _what, _visit: None
    """Sends the vendor's webhook of what the desk did."""

    def make_app(self) -> web.Application:
        app = web.Application()
        add_fault_routes(app, self.faults)
        app.router.add_get("/appointments", self._list_appointments)
        app.router.add_post("/appointments", self._book_at_desk)
        app.router.add_patch("/appointments/{id}", self._change_at_desk)
        app.router.add_delete("/appointments/{id}", self._cancel_at_desk)
        app.router.add_get("/calendar", self._show_calendar)
        app.router.add_get("/guests", self._list_guests)
        app.router.add_get("/calls", self._list_calls)
        app.router.add_delete("/calls", self._clear_calls)
        app.router.add_get("/switches", self._show_switches)
        app.router.add_put("/switches", self._turn_switches)
        app.router.add_post("/reset", self._start_over)
        return app

    # ── The book ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _list_appointments(self, request: web.Request) -> web.Response:
        """By start, cancelled ones too; `location_id` and `date` (the place's) narrow it."""
        wanted, day = request.query.get("location_id", ""), _read_day(request)
        rows = [show_visit(self.directory, visit) for visit in self.book.list_visits(day=day)]
        return web.json_response([row for row in rows if wanted in ("", row["location_id"])])

    async def _show_calendar(self, request: web.Request) -> web.Response:
        day = _read_day(request)
        return web.json_response(show_daybook(self.book, self.directory.spelling, day=day, now=self.clock.now()))

    async def _list_guests(self, _: web.Request) -> web.Response:
        spell = self.directory.spelling.guest
        return web.json_response([asdict(guest) | {"id": spell(guest.number)} for guest in self.book.guests.values()])

    # ── The desk ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _book_at_desk(self, request: web.Request) -> web.Response:
        wish = _read(_DeskBooking, await request.read())
        found = self.directory.find_person(wish.staff_id)
        if found is None or self.directory.spelling.place(found[1]) != wish.location_id:
            raise web.HTTPNotFound(text="no such location or staff member")
        business, place, person = found
        treatment = self.directory.find_treatment(place, wish.service_id)
        if treatment is None:
            raise web.HTTPNotFound(text="no such service")
        start = self._find_time(place, treatment, wish.start_time, person=person)
        guest = self.book.add_guest(business, place, wish.guest_name)
        visit = self.book.add(business, place, person, treatment, start, guest=guest)
        return self._tell("created", visit, status=201)

    async def _change_at_desk(self, request: web.Request) -> web.Response:
        """Move it (`start_time`, `staff_id`), or say that the guest did not come (`status`)."""
        visit, wish = self._find_live(request), _read(_DeskChange, await request.read())
        if wish.status is not None:
            visit.status = wish.status
            return self._tell("no_show", visit)
        found = self.directory.find_person(wish.staff_id) if wish.staff_id else None
        if wish.staff_id and (found is None or found[1] is not visit.place):
            raise web.HTTPNotFound(text="no such staff member")
        person = visit.person if found is None else found[2]
        wall = wish.start_time or visit.local(visit.start)
        if visit.treatment is None:
            raise web.HTTPNotFound(text="no such appointment")
        start = self._find_time(visit.place, visit.treatment, wall, person=person, ignoring=visit.number)
        self.book.move(visit.number, person, start)
        return self._tell("moved", visit)

    async def _cancel_at_desk(self, request: web.Request) -> web.Response:
        visit = self.book.cancel(self._find_live(request).number)
        return self._tell("cancelled", visit)

    def _find_live(self, request: web.Request) -> Visit:
        visit = self.directory.find_visit(self.book.visits, request.match_info["id"])
        if visit is None:
            raise web.HTTPNotFound(text="no such appointment")
        if not visit.takes_time:
            raise web.HTTPConflict(text="already cancelled")
        return visit

    def _find_time(self, place: Place, treatment: Treatment, wall: datetime, *, person: Person, ignoring: int = 0) -> datetime:
        start = read_wall(place.zone, wall)
        if start is None or self.book.find_free_person(place, treatment, start, person=person, ignoring=ignoring) is None:
            raise web.HTTPConflict(text="not free")
        return start

    def _tell(self, what: What, visit: Visit, *, status: int = 200) -> web.Response:
        self.announce(what, visit)
        self.changed()
        return web.json_response(show_visit(self.directory, visit), status=status)

    # ── The emulator ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _list_calls(self, _: web.Request) -> web.Response:
        return web.json_response(self.calls.show())

    async def _clear_calls(self, _: web.Request) -> web.Response:
        self.calls.clear()
        return web.json_response(self.calls.show())

    async def _show_switches(self, _: web.Request) -> web.Response:
        return web.json_response(self.switches.model_dump(mode="json"))

    async def _turn_switches(self, request: web.Request) -> web.Response:
        try:
            self.switches.change(await request.json())
        except ValueError as error:  # pydantic's is one
            raise web.HTTPBadRequest(text=str(error)) from None
        return await self._show_switches(request)

    async def _start_over(self, _: web.Request) -> web.Response:
        self.reset()
        self.changed()
        return web.json_response({})


_Model = TypeVar("_Model", bound=BaseModel)


def show_visit(directory: Directory, visit: Visit) -> Json:
    """A row of `/appointments`: the vendor's ids, wall times without and one instant with its zone."""
    spelling, treatment = directory.spelling, visit.treatment
    return {
        "id": spelling.visit(visit.number),
        "location_id": spelling.place(visit.place),
        "location_name": visit.place.name,
        "service_id": "" if treatment is None else spelling.treatment(visit.place, treatment),
        "service_name": "" if treatment is None else treatment.name,
        "staff_id": spelling.person(visit.person),
        "staff_name": visit.person.full_name,
        "guest_id": spelling.guest(visit.guest_id) if visit.guest_id else "",
        "guest_name": visit.guest_name,
        "guest_phone": visit.guest_phone,
        "guest_email": visit.guest_email,
        "start_time": visit.local(visit.start).isoformat(),
        "end_time": visit.local(visit.end).isoformat(),
        "start_utc": f"{visit.start.replace(tzinfo=None).isoformat()}Z",
        "status": visit.status,
        "notes": visit.note,
        "is_from_bot": visit.is_from_bot,
        "created_at": f"{visit.created_at.replace(tzinfo=None).isoformat()}Z",
    }


def _read_day(request: web.Request) -> date | None:
    text = request.query.get("date", "")
    try:
        return datetime.fromisoformat(text).date() if text else None
    except ValueError:
        raise web.HTTPBadRequest(text="date is not YYYY-MM-DD") from None


def _read(model: type[_Model], body: bytes) -> _Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from None
