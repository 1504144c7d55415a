"""The Zenoti emulator: authenticates, counts, misbehaves on command, and hands calls to their handlers."""

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import FaultPlan
from bot.sandbox.working import Workshop
from bot.sandbox.zenoti import listings
from bot.sandbox.zenoti.appointments import Appointments
from bot.sandbox.zenoti.availability import Availability
from bot.sandbox.zenoti.bookings import Bookings
from bot.sandbox.zenoti.call import Call, Json, PagingRefusal, Refusal, lower_keys, read_object
from bot.sandbox.zenoti.control import Control
from bot.sandbox.zenoti.demo import ORGANIZATIONS
from bot.sandbox.zenoti.drafts import Drafts
from bot.sandbox.zenoti.front_desk import FrontDesk
from bot.sandbox.zenoti.guests import Guests
from bot.sandbox.zenoti.ledger import Ledger
from bot.sandbox.zenoti.prefill import Prefill
from bot.sandbox.zenoti.quota import Quota
from bot.sandbox.zenoti.routes import Route, find_route, make_route
from bot.sandbox.zenoti.switches import Switches
from bot.sandbox.zenoti.webhooks import WebhookSender

SLUG = "zenoti"
UNKNOWN = "unknown"
"""Operation name of a call that no endpoint answers."""
CHANGES_BOOK = frozenset({"reserve", "confirm", "invoice_cancel", "invoice_confirm", "no_show"})


class ZenotiEmulator:
    """One Zenoti with its demo organisations. `app()` serves the API, `control()` what is behind it."""

    def __init__(self, clock: SandboxClock, changed: Callable[[str], None] = lambda _: None, *, seed: int = 1) -> None:
        self.faults = FaultPlan()
        self.switches = Switches()
        self._clock = clock
        self._changed = changed
        self.ledger = Ledger()
        self._calls = CallLog()
        self._workshop = Workshop()
        self._quota = Quota(self.switches)
        self._webhooks = WebhookSender(clock, self.switches)
        self._availability = Availability(self.ledger, self.switches)
        self._organizations = list({one.id: one for one in ORGANIZATIONS.values()}.values())
        self._prefill = Prefill(self.ledger, self._availability, self._organizations, seed=seed)
        self._prefill.start(clock.now())
        self._routes = self._list_routes()

    def app(self) -> web.Application:
        """The API under `/v1/…`; any case, any method."""
        app = web.Application()
        app.cleanup_ctx.append(self._webhooks.run)
        app.cleanup_ctx.append(self._workshop.close)
        app.router.add_route("*", "/{path:.*}", self._serve)
        return app

    def control(self) -> web.Application:
        """The control API, to be mounted under `/control/zenoti`."""
        announce = self._webhooks.announce
        return Control(
            clock=self._clock,
            organizations=self._organizations,
            ledger=self.ledger,
            switches=self.switches,
            faults=self.faults,
            calls=self._calls,
            desk=FrontDesk(self.ledger, self._availability, announce=announce, now=self._clock.now),
            webhooks=self._webhooks,
            catch_up=lambda: self._prefill.catch_up(self._clock.now()),
            reset=self.reset,
            changed=lambda: self._changed(SLUG),
        ).make_app()

    def reset(self) -> None:
        """Everything as at the start: appointments, guests, switches, faults, calls, quota."""
        self.ledger.clear()
        self.switches.reset()
        self.faults.clear()
        self._calls.clear()
        self._quota.reset()
        self._webhooks.reset()
        self._prefill.start(self._clock.now())

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        return await self._workshop.finish(self._work(request))

    async def _work(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        found = find_route(self._routes, request.method, path)
        row = self._calls.add(UNKNOWN if found is None else found[0].operation, path, self._clock.now())
        if found is None:
            response: web.StreamResponse = web.json_response({"Message": "No HTTP resource was found."}, status=404)
        else:
            response = await self._admit(request, *found)
        is_gone = request.transport is None or request.transport.is_closing()
        row.status = 0 if is_gone else response.status
        return response

    async def _admit(self, request: web.Request, route: Route, ids: dict[str, str]) -> web.StreamResponse:
        """Key and quota first, then the operation with its faults."""
        key = _read_key(request)
        organization = ORGANIZATIONS.get(key)
        if organization is None:
            return web.json_response({"Message": "Authorization has been denied for this request."}, status=401)
        owner = key if self.switches.quota_scope == "key" else organization.id
        is_allowed, headers = self._quota.take(owner, self._clock.now())
        if not is_allowed:
            return web.json_response({"message": "API calls quota exceeded."}, status=429, headers=headers)
        query: dict[str, list[str]] = {}
        for name, value in request.query.items():
            query.setdefault(name.lower(), []).append(value)
        body = _read_body(await request.read())

        async def answer() -> web.Response:
            return self._answer(route, Call(organization, self._clock.now(), ids, query, body))

        response = await self.faults.run(request, route.operation, answer, account=key)
        response.headers.update(headers)
        return response

    def _answer(self, route: Route, call: Call) -> web.Response:
        """The operation in one step: whoever hangs up meanwhile stops nothing."""
        self._prefill.catch_up(call.now)
        try:
            answer = route.handler(call)
        except PagingRefusal:
            body = {"code": 422, "message": "Page size cannot be more than 100."}
            return web.json_response(body, status=self.switches.paging_error_status)
        except Refusal as refusal:
            return self._refuse(route, call, refusal)
        if route.operation in CHANGES_BOOK:
            self._changed(SLUG)
        return web.json_response(answer)

    def _refuse(self, route: Route, call: Call, refusal: Refusal) -> web.Response:
        casing, status = {
            "booking": (self.switches.booking_error_casing, self.switches.booking_error_status),
            "write": (self.switches.write_error_casing, self.switches.write_error_status),
            "catalogue": (self.switches.catalogue_error_casing, self.switches.catalogue_error_status),
        }[route.group]
        error: Json = {"error": {"code": refusal.code, "message": refusal.message}}
        if casing == "upper":
            error = {"Error": {"StatusCode": refusal.code, "Message": refusal.message}}
        return web.json_response(route.failed | error, status=status)

    def _list_routes(self) -> list[Route]:
        return [*_list_catalogue_routes(), *self._list_guest_routes(), *self._list_booking_routes(), *self._list_book_routes()]

    def _list_guest_routes(self) -> list[Route]:
        guests = Guests(self.ledger, self.switches)
        return [
            make_route("GET /v1/guests/search", "guest_search", "catalogue", guests.search_guests),
            make_route("GET /v1/guests", "guest_search", "catalogue", guests.search_guests),
            make_route("POST /v1/guests", "guest_create", "write", guests.create_guest),
            make_route("GET /v1/guests/{guest_id}", "guest", "catalogue", guests.read_guest),
            make_route("PUT /v1/guests/{guest_id}", "guest_update", "write", guests.replace_guest),
        ]

    def _list_booking_routes(self) -> list[Route]:
        drafts = Drafts(self.ledger, self.switches, self._availability)
        bookings = Bookings(
            self.ledger, self.switches, drafts=drafts, availability=self._availability, announce=self._webhooks.announce
        )
        slots = "/v1/bookings/{booking_id}/slots"
        no_slots: Json = {"slots": None, "future_days": None, "next_available_day": None}
        not_held: Json = {"is_reserved": False, "reservation_id": None, "expiry_time": None, "blocking_time": 0, "invoices": None}
        return [
            make_route("POST /v1/bookings", "draft", "booking", drafts.create_draft, {"id": None}),
            make_route(f"GET {slots}", "slots", "booking", drafts.list_slots, no_slots),
            make_route(f"POST {slots}/reserve", "reserve", "booking", bookings.reserve_slot, not_held),
            make_route(f"POST {slots}/confirm", "confirm", "write", bookings.confirm_booking, {"is_confirmed": False}),
        ]

    def _list_book_routes(self) -> list[Route]:
        book = Appointments(self.ledger, self.switches, announce=self._webhooks.announce)
        invoice = "/v1/invoices/{invoice_id}"
        failed: Json = {"success": False}
        charged: Json = {"success": False, "is_charge_applied": False}
        return [
            make_route(f"PUT {invoice}/cancel", "invoice_cancel", "write", book.cancel_invoice, charged),
            make_route(f"PUT {invoice}/confirm", "invoice_confirm", "write", book.confirm_visit, failed),
            make_route(f"GET {invoice}", "invoice", "catalogue", book.read_invoice),
            make_route("PUT /v1/appointments/{group_id}/no_show", "no_show", "write", book.mark_no_show, failed),
            make_route("GET /v1/guests/{guest_id}/appointments", "guest_appointments", "catalogue", book.list_guest_appointments),
            make_route("GET /v1/appointments", "appointments", "catalogue", book.list_appointments),
            make_route("GET /v1/appointments/{appointment_id}", "appointment", "catalogue", book.read_appointment),
        ]


def _list_catalogue_routes() -> list[Route]:
    center = "/v1/centers/{center_id}"
    rows = (
        ("/v1/centers", "centers", listings.list_centers),
        (center, "center", listings.read_center),
        ("/v1/countries", "countries", listings.list_countries),
        (f"{center}/services", "services", listings.list_services),
        (f"{center}/services/{{service_id}}", "service", listings.read_service),
        (f"{center}/categories", "categories", listings.list_categories),
        (f"{center}/therapists", "therapists", listings.list_therapists),
        (f"{center}/services/{{service_id}}/therapists", "service_therapists", listings.list_service_therapists),
    )
    return [make_route(f"GET {path}", operation, "catalogue", handler) for path, operation, handler in rows]


def _read_key(request: web.Request) -> str:
    """The key behind `apikey`; a bearer token is taken for one too (token exchange is not emulated)."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() in ("apikey", "bearer") else ""


def _read_body(raw: bytes) -> dict[str, Any]:
    """The JSON object of a request, keys in lower case; anything else counts as empty."""
    try:
        return read_object(lower_keys(json.loads(raw)))
    except ValueError:
        return {}
