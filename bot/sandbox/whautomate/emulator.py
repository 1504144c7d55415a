"""The Whautomate emulator: authenticates, counts, misbehaves on command, and hands calls to their handlers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import FaultPlan
from bot.sandbox.quota import Taken, WindowQuota
from bot.sandbox.salon import BUSINESSES, Book, Business, Directory, SalonControl
from bot.sandbox.whautomate.appointments import Appointments
from bot.sandbox.whautomate.call import Call, Json, Refusal, refuse_body
from bot.sandbox.whautomate.clients import Clients
from bot.sandbox.whautomate.listings import Listings
from bot.sandbox.whautomate.slots import Slots
from bot.sandbox.whautomate.spelling import SPELLING
from bot.sandbox.whautomate.switches import Switches
from bot.sandbox.whautomate.webhooks import Webhooks
from bot.sandbox.working import Workshop

SLUG = "whautomate"
UNKNOWN = "unknown"
"""Operation name of a call that no endpoint answers."""
CHANGES_BOOK = frozenset({"book", "reschedule", "cancel"})
LARGEST_BODY = 1024 * 1024

Handler = Callable[[Call], Json | list[Json]]
Answerer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WhautomateEmulator:
    """One Whautomate with an account for each demo business. `app()` serves the API, `control()` what is behind it."""

    def __init__(self, clock: SandboxClock, changed: Callable[[str], None] = lambda _: None, *, seed: int = 0) -> None:
        self.faults = FaultPlan()
        self.switches = Switches()
        self.book = Book(BUSINESSES.values(), clock, seed=seed)
        self._clock = clock
        self._changed = changed
        self._directory = Directory(BUSINESSES.values(), SPELLING)
        self._calls = CallLog()
        self._workshop = Workshop()
        self._quota = WindowQuota()
        self._webhooks = Webhooks(clock, self.switches)

    def app(self) -> web.Application:
        """The API under `/v1/…`."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.cleanup_ctx.append(self._webhooks.run)
        app.cleanup_ctx.append(self._workshop.close)
        for line, operation, handler in self._list_routes():
            method, path = line.split(" ")
            app.router.add_route(method, path, self._serve(operation, handler))
        app.router.add_route("*", "/{path:.*}", self._serve(UNKNOWN, _know_nothing))
        return app

    def control(self) -> web.Application:
        """The control API, to be mounted under `/control/whautomate`."""
        app = SalonControl(
            book=self.book,
            directory=self._directory,
            clock=self._clock,
            switches=self.switches,
            faults=self.faults,
            calls=self._calls,
            reset=self.reset,
            changed=lambda: self._changed(SLUG),
            announce=self._webhooks.announce,
        ).make_app()
        app.router.add_get("/webhooks", self._show_deliveries)
        return app

    def reset(self) -> None:
        """Everything as at the start."""
        self.switches.reset()
        self.book.reset()
        self.faults.clear()
        self._calls.clear()
        self._quota.reset()
        self._webhooks.reset()

    async def _show_deliveries(self, _: web.Request) -> web.Response:
        return web.json_response([asdict(one) for one in self._webhooks.log])

    def _list_routes(self) -> list[tuple[str, str, Handler]]:
        listings, slots = Listings(self._directory, self.switches), Slots(self.book, self._directory, self.switches)
        clients = Clients(self.book, self.switches)
        book = Appointments(self.book, self._directory, self.switches, clients=clients, announce=self._webhooks.announce)
        return [
            ("GET /v1/account-info", "account", listings.read_account),
            ("GET /v1/locations", "locations", listings.list_locations),
            ("GET /v1/locations/{id}", "location", listings.read_location),
            ("GET /v1/staffs", "staffs", listings.list_staff),
            ("GET /v1/staffs/{id}", "staff", listings.read_staff),
            ("GET /v1/serviceCategories", "service_categories", listings.list_categories),
            ("GET /v1/services", "services", listings.list_services),
            ("GET /v1/services/{id}", "service", listings.read_service),
            ("GET /v1/clients", "clients", clients.list_clients),
            ("POST /v1/clients", "client_create", clients.create_client),
            ("GET /v1/clients/{id}", "client", clients.read_client),
            ("GET /v1/webhooks", "webhooks", self._webhooks.list_hooks),
            ("POST /v1/webhooks", "webhook_create", self._webhooks.create_hook),
            ("GET /v1/webhooks/{id}", "webhook", self._webhooks.read_hook),
            ("PUT /v1/webhooks/{id}", "webhook_update", self._webhooks.replace_hook),
            ("DELETE /v1/webhooks/{id}", "webhook_delete", self._webhooks.delete_hook),
            ("GET /v1/appointments/slots", "slots", slots.list_slots),
            ("GET /v1/appointments", "appointments", book.list_appointments),
            ("POST /v1/appointments", "book", book.book),
            ("POST /v1/appointments/reschedule", "reschedule", book.reschedule),
            ("POST /v1/appointments/cancel", "cancel", book.cancel),
            ("GET /v1/appointments/{id}", "appointment", book.read_appointment),
        ]

    def _serve(self, operation: str, handler: Handler) -> Answerer:
        async def serve(request: web.Request) -> web.StreamResponse:
            return await self._workshop.finish(self._work(request, operation, handler))

        return serve

    async def _work(self, request: web.Request, operation: str, handler: Handler) -> web.StreamResponse:
        row = self._calls.add(operation, request.path, self._clock.now())
        response = await self._admit(request, operation, handler)
        is_gone = request.transport is None or request.transport.is_closing()
        row.status = 0 if is_gone else response.status
        return response

    async def _admit(self, request: web.Request, operation: str, handler: Handler) -> web.StreamResponse:
        """Key and quota first, then the operation with its faults."""
        key = request.headers.get("x-api-key", "")
        business = BUSINESSES.get(key)
        if business is None:
            return web.json_response({"message": "Forbidden"}, status=self.switches.forbidden_status)
        if self.switches.limit:
            taken = self._quota.take(key, self._clock.now(), self.switches.limit)
            if not taken.is_allowed:
                return web.json_response({"message": "Too Many Requests"}, status=429, headers=self._write_wait(taken))
        raw = await request.read()

        async def answer() -> web.Response:
            response = self._answer(operation, handler, request, raw=raw, business=business)
            if operation == "book" and self.switches.create_delay_ms:
                await asyncio.sleep(self.switches.create_delay_ms / 1000)
            return response

        return await self.faults.run(request, operation, answer, account=key)

    def _answer(self, operation: str, handler: Handler, request: web.Request, *, raw: bytes, business: Business) -> web.Response:
        """The operation in one step: whoever hangs up meanwhile stops nothing."""
        try:
            body = _read_body(raw) if request.method in ("POST", "PUT") else {}
            answer = handler(Call(business, self._clock.now(), dict(request.match_info), dict(request.query), body))
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)
        if operation in CHANGES_BOOK:
            self._changed(SLUG)
        return web.json_response(answer)

    def _write_wait(self, taken: Taken) -> dict[str, str]:
        match self.switches.rate_headers:
            case "seconds":
                return {"Retry-After": str(taken.seconds_left)}
            case "date":
                moment = self._clock.now() + timedelta(seconds=taken.seconds_left)
                return {
                    "Date": format_datetime(self._clock.now(), usegmt=True),
                    "Retry-After": format_datetime(moment, usegmt=True),
                }
            case "x-ratelimit":
                return {"X-RateLimit-Limit": str(self.switches.limit), "X-RateLimit-Remaining": "0"} | {
                    "X-RateLimit-Reset": str(taken.seconds_left)
                }
            case "none":
                return {}


def _know_nothing(_: Call) -> Json:
    raise Refusal(404, "Not Found", key="message")


def _read_body(raw: bytes) -> dict[str, Any]:
    """Raises `Refusal` for anything but a JSON object."""
    try:
        body = json.loads(raw)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refuse_body()
    return body
