"""The emulator's control API: look behind the scenes, act as the desk, turn the switches."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime, TypeAdapter, ValidationError

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import SandboxClock
from bot.sandbox.control import add_fault_routes
from bot.sandbox.faults import FaultPlan
from bot.sandbox.zenoti.call import Json, read_date
from bot.sandbox.zenoti.catalogue import Center, Organization
from bot.sandbox.zenoti.daybook import show_daybook
from bot.sandbox.zenoti.front_desk import FrontDesk, NotFree
from bot.sandbox.zenoti.guests import show_guest, show_phone
from bot.sandbox.zenoti.ledger import CANCELLED, CHECKED_IN, CLOSED, CONFIRMED, NEW, NO_SHOW, Ledger, Visit
from bot.sandbox.zenoti.payloads import write_local, write_utc
from bot.sandbox.zenoti.switches import Switches
from bot.sandbox.zenoti.webhooks import WebhookSender


class _DeskBooking(BaseModel):
    model_config = ConfigDict(extra="forbid")

    location_id: str
    staff_id: str
    service_id: str
    start_time: NaiveDatetime
    guest_name: str = Field(min_length=1)


class _Payment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: float = Field(ge=0)


@dataclass(frozen=True, slots=True)
class Control:
    """Handlers of the routes under `/control/zenoti`."""

    clock: SandboxClock
    organizations: list[Organization]
    ledger: Ledger
    switches: Switches
    faults: FaultPlan
    calls: CallLog
    desk: FrontDesk
    webhooks: WebhookSender
    catch_up: Callable[[], None]
    """Fills the days that have come within reach since the last call."""
    reset: Callable[[], None]
    changed: Callable[[], None]

    def make_app(self) -> web.Application:
        app = web.Application()
        add_fault_routes(app, self.faults)
        app.router.add_get("/appointments", self.list_appointments)
        app.router.add_post("/appointments", self.book_at_desk)
        app.router.add_delete("/appointments/{id}", self.cancel_at_desk)
        app.router.add_put("/invoices/{id}/paid", self.set_paid)
        app.router.add_get("/guests", self.list_guests)
        app.router.add_get("/calls", self.list_calls)
        app.router.add_delete("/calls", self.clear_calls)
        app.router.add_get("/switches", self.show_switches)
        app.router.add_put("/switches", self.turn_switches)
        app.router.add_get("/webhooks", self.list_deliveries)
        app.router.add_post("/webhooks/ping", self.ping_webhook)
        app.router.add_get("/calendar", self.show_calendar)
        app.router.add_post("/reset", self.start_over)
        return app

    async def list_appointments(self, request: web.Request) -> web.Response:
        """Without block-outs; `location_id` and `date` (the center's) narrow it."""
        self.catch_up()
        center_id, day = request.query.get("location_id", "").lower(), read_date(request.query.get("date"))
        visits = [
            visit
            for visit in self.ledger.visits.values()
            if visit.guest is not None
            and center_id in ("", visit.center.id)
            and (day is None or visit.local(visit.start).date() == day)
        ]
        return web.json_response([_show_visit(visit) for visit in sorted(visits, key=lambda visit: visit.start)])

    async def book_at_desk(self, request: web.Request) -> web.Response:
        wish = _read(_DeskBooking, await request.read())
        self.catch_up()
        organization, center = self._find_center(wish.location_id.lower())
        therapist = center.find_therapist(wish.staff_id.lower())
        service = organization.services.get(wish.service_id.lower())
        if therapist is None or service is None:
            raise web.HTTPNotFound(text="no such therapist or service")
        try:
            visit = self.desk.book(
                organization, center, therapist, service=service, wall=wish.start_time, guest_name=wish.guest_name
            )
        except NotFree:
            raise web.HTTPConflict(text="not free") from None
        self.changed()
        return web.json_response(_show_visit(visit), status=201)

    async def cancel_at_desk(self, request: web.Request) -> web.Response:
        visit = self.ledger.visits.get(request.match_info["id"].lower())
        if visit is None or visit.guest is None:
            raise web.HTTPNotFound(text="no such appointment")
        if not visit.takes_time:
            raise web.HTTPConflict(text="already cancelled")
        self.desk.cancel(visit)
        self.changed()
        return web.json_response(_show_visit(visit))

    async def set_paid(self, request: web.Request) -> web.Response:
        """A payment on the invoice: cancelling by API is refused from then on (§11)."""
        payment = _read(_Payment, await request.read())
        invoice = self.ledger.invoices.get(request.match_info["id"].lower())
        if invoice is None:
            raise web.HTTPNotFound(text="no such invoice")
        invoice.paid = payment.amount
        return web.json_response({"id": invoice.id, "paid": invoice.paid})

    async def list_guests(self, _: web.Request) -> web.Response:
        return web.json_response([show_guest(guest) for guest in self.ledger.guests.values()])

    async def list_calls(self, _: web.Request) -> web.Response:
        return web.json_response(self.calls.show())

    async def clear_calls(self, _: web.Request) -> web.Response:
        self.calls.clear()
        return web.json_response(self.calls.show())

    async def show_switches(self, _: web.Request) -> web.Response:
        return web.json_response(asdict(self.switches))

    async def turn_switches(self, request: web.Request) -> web.Response:
        try:
            wishes = _WISHES.validate_json(await request.read())
            self.switches.change(wishes)
        except ValidationError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        if "webhook_url" in wishes:
            self.webhooks.switch_on()
        return web.json_response(asdict(self.switches))

    async def list_deliveries(self, _: web.Request) -> web.Response:
        return web.json_response({"is_off": self.webhooks.is_off, "log": [asdict(one) for one in self.webhooks.log]})

    async def ping_webhook(self, _: web.Request) -> web.Response:
        return web.json_response({"status": await self.webhooks.ping()})

    async def show_calendar(self, request: web.Request) -> web.Response:
        self.catch_up()
        day = read_date(request.query.get("date"))
        return web.json_response(show_daybook(self.ledger, self.organizations, day=day, now=self.clock.now()))

    async def start_over(self, _: web.Request) -> web.Response:
        self.reset()
        self.changed()
        return web.json_response({})

    def _find_center(self, center_id: str) -> tuple[Organization, Center]:
        for organization in self.organizations:
            center = organization.find_center(center_id)
            if center is not None:
                return organization, center
        raise web.HTTPNotFound(text="no such center")


_STATUSES = {
    NEW: "booked",
    CONFIRMED: "confirmed",
    CHECKED_IN: "arrived",
    CLOSED: "done",
    CANCELLED: "cancelled",
    NO_SHOW: "no_show",
}
_WISHES: TypeAdapter[Json] = TypeAdapter(Json)
_Model = TypeVar("_Model", bound=BaseModel)


def _read(model: type[_Model], body: bytes) -> _Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from None


def _show_visit(visit: Visit) -> Json:
    guest, service = visit.guest, visit.service
    return {
        "id": visit.id,
        "invoice_id": visit.invoice_id,
        "location_id": visit.center.id,
        "location_name": visit.center.name,
        "service_id": "" if service is None else service.id,
        "service_name": "" if service is None else service.name,
        "staff_id": visit.therapist.id,
        "staff_name": visit.therapist.full_name,
        "guest_id": "" if guest is None else guest.id,
        "guest_name": "" if guest is None else guest.full_name,
        "guest_phone": None if guest is None else show_phone(guest)["display_number"],
        "start_time": write_local(visit.center, visit.start),
        "end_time": write_local(visit.center, visit.end),
        "start_utc": f"{write_utc(visit.start)}Z",
        "status": _STATUSES[visit.status],
        "notes": visit.notes,
        "booking_id": visit.booking_id,
        "is_from_bot": bool(visit.booking_id),
        "created_at": f"{write_utc(visit.created_at)}Z",
    }
