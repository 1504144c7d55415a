"""The Schedly emulator: authenticates, counts, misbehaves on command, and hands calls to their handlers."""

import json
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import FaultPlan
from bot.sandbox.quota import WindowQuota
from bot.sandbox.salon import BUSINESSES, Book, Directory, SalonControl, Visit, What
from bot.sandbox.schedly import catalogue
from bot.sandbox.schedly.appointments import Appointments
from bot.sandbox.schedly.availability import Availability
from bot.sandbox.schedly.customers import Customers
from bot.sandbox.schedly.sign_in import SignIn, TokenRefusal
from bot.sandbox.schedly.switches import Switches
from bot.sandbox.schedly.wire import SPELLING, Answer, Call, Json, Refusal, wrap
from bot.sandbox.working import Workshop

SLUG = "schedly"
UNKNOWN = "unknown"
"""Operation name of a call that no endpoint answers."""
TOKEN = "token"  # noqa: S105  an operation's name
CHANGES_BOOK = frozenset({"create", "change", "delete"})

Handler = Callable[[Call], Any]


class SchedlyEmulator:
    """One Schedly with the demo businesses. `app()` serves the API, `control()` what is behind it."""

    def __init__(self, clock: SandboxClock, changed: Callable[[str], None] = lambda _: None, *, seed: int = 0) -> None:
        self.faults = FaultPlan()
        self.switches = Switches()
        self.book = Book(BUSINESSES.values(), clock, seed=seed)
        self.sign_in = SignIn(self.switches)
        self._clock = clock
        self._changed = changed
        self._calls = CallLog()
        self._quota = WindowQuota()
        self._workshop = Workshop()
        self._directory = Directory(BUSINESSES.values(), SPELLING)
        self._routes = self._list_routes()

    def app(self) -> web.Application:
        """The API under `/api/…`."""
        app = web.Application()
        app.cleanup_ctx.append(self._workshop.close)
        app.router.add_route("*", "/{path:.*}", self._serve)
        return app

    def control(self) -> web.Application:
        """The control API, to be mounted under `/control/schedly`."""
        app = SalonControl(
            book=self.book,
            directory=self._directory,
            clock=self._clock,
            switches=self.switches,
            faults=self.faults,
            calls=self._calls,
            reset=self.reset,
            changed=lambda: self._changed(SLUG),
            announce=self._announce,
        ).make_app()
        app.router.add_post("/tokens/{what}", self._change_tokens)
        return app

    def reset(self) -> None:
        """Everything as at the start: appointments, customers, switches, tokens, faults, calls, quota."""
        self.book.reset()
        self.switches.reset()
        self.sign_in.reset()
        self.faults.clear()
        self._calls.clear()
        self._quota.reset()

    # ── One call ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        return await self._workshop.finish(self._work(request))

    async def _work(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"].rstrip("/")
        route = self._routes.get(path)
        operation, handler = route.get(request.method, (UNKNOWN, None)) if route else (UNKNOWN, None)
        row = self._calls.add(operation, path, self._clock.now())
        if operation == TOKEN:
            response = await self._renew(request)
        elif handler is not None:
            response = await self._admit(request, operation, handler)
        else:
            refusal = Refusal(405, "BAD_REQUEST", "Method not allowed") if route else Refusal(404, "NOT_FOUND", "No such path")
            response = web.json_response(refusal.show(), status=refusal.status)
        is_gone = request.transport is None or request.transport.is_closing()
        row.status = 0 if is_gone else response.status
        return response

    async def _renew(self, request: web.Request) -> web.StreamResponse:
        """`POST /api/auth/oauth/refreshToken`: form-encoded, and not counted."""
        is_form = request.content_type == "application/x-www-form-urlencoded"
        form = {name: str(value) for name, value in (await request.post()).items()} if is_form else {}

        async def answer() -> web.Response:
            try:
                return web.json_response(self.sign_in.renew(form, self._clock.now()))
            except TokenRefusal as refusal:
                return web.json_response(refusal.show(), status=refusal.status)

        return await self.faults.run(request, TOKEN, answer, account=form.get("client_id", ""))

    async def _admit(self, request: web.Request, operation: str, handler: Handler) -> web.StreamResponse:
        """Who calls and the quota first, then the operation with its faults."""
        now = self._clock.now()
        try:
            key = self.sign_in.admit({name.lower(): value for name, value in request.headers.items()}, now)
        except Refusal as refusal:
            return web.json_response(refusal.show(), status=refusal.status)
        is_allowed, headers = self._count(key, now)
        if not is_allowed:
            told = Refusal(429, "RATE_LIMITED", "Rate limit exceeded. Retry after 60s.")
            return web.json_response(told.show(), status=429, headers=headers)
        body = _read_body(await request.read())

        async def answer() -> web.Response:
            call = Call(BUSINESSES[key], self._directory, self._clock.now(), dict(request.query), body)
            return self._answer(operation, handler, call)

        response = await self.faults.run(request, operation, answer, account=key)
        response.headers.update(headers)
        return response

    def _answer(self, operation: str, handler: Handler, call: Call) -> web.Response:
        """The operation in one step: whoever hangs up meanwhile stops nothing."""
        try:
            answer = handler(call)
        except Refusal as refusal:
            return web.json_response(refusal.show(), status=refusal.status)
        if operation in CHANGES_BOOK:
            self._changed(SLUG)
        status = 201 if operation in ("create", "customer_create") else 200
        return web.json_response(answer if operation == "availability" else wrap(answer, self.switches), status=status)

    def _count(self, key: str, now: datetime) -> tuple[bool, dict[str, str]]:
        """Whether the call is let through, and what its answer says of the limit. `Date` is the sandbox's."""
        limit = self.switches.calls_per_minute
        if limit == 0:
            return True, {}
        taken = self._quota.take(key, now, limit)
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(taken.remaining),
            "X-RateLimit-Reset": str(int(taken.resets_at.timestamp()) + 1),
            "Date": format_datetime(now, usegmt=True),
        }
        told = {"seconds": str(taken.seconds_left), "date": format_datetime(taken.resets_at, usegmt=True)}
        if not taken.is_allowed and self.switches.retry_after in told:
            headers["Retry-After"] = told[self.switches.retry_after]
        return taken.is_allowed, headers

    # ── Behind the scenes ────────────────────────────────────────────────────────────────────────────────────────────

    def _announce(self, what: What, visit: Visit) -> None:
        """Where the webhooks of §10 would be sent from."""

    async def _change_tokens(self, request: web.Request) -> web.Response:
        """`revoke`: the consent is taken back. `expire`: access tokens ran out. `consent`: a new refresh token."""
        what = request.match_info["what"]
        if what == "consent":
            return web.json_response({"refresh_token": self.sign_in.consent(next(iter(BUSINESSES)))})
        if what not in ("revoke", "expire"):
            raise web.HTTPNotFound(text="revoke, expire or consent")
        (self.sign_in.revoke if what == "revoke" else self.sign_in.expire)()
        return web.json_response({})

    # ── Routes ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _list_routes(self) -> dict[str, dict[str, tuple[str, Handler | None]]]:
        """Path to method to operation and handler. The verb of an update differs per resource (§1)."""
        appointments = Appointments(self.book, self.switches, self._announce)
        customers = Customers(self.book, self.switches, appointments)
        availability = Availability(self.book, self.switches)
        services: dict[str, dict[str, tuple[str, Handler | None]]] = {
            "locations": {"GET": ("locations", catalogue.list_locations)},
            "company-settings": {"GET": ("company", catalogue.read_company)},
            "services": {"GET": ("services", catalogue.list_services)},
            "categories": {"GET": ("categories", catalogue.list_categories)},
            "extras": {"GET": ("extras", lambda _: catalogue.list_nothing("extras"))},
            "employees": {"GET": ("employees", catalogue.list_employees)},
            "availability": {"GET": ("availability", availability.list_times)},
            "customers": {
                "GET": ("customer_search", customers.list_customers),
                "POST": ("customer_create", customers.create_customer),
                "PUT": ("customer_change", customers.change_customer),
            },
            "customers/detail": {"GET": ("customer", customers.read_profile)},
            "appointments": {
                "GET": ("appointments", appointments.list_appointments),
                "POST": ("create", appointments.create_appointment),
                "PUT": ("change", appointments.change_appointment),
                "DELETE": ("delete", appointments.delete_appointment),
            },
        }
        routes = {f"/api/services/{path}": methods for path, methods in services.items()}
        return routes | {
            "/api/auth/oauth/refreshToken": {"POST": (TOKEN, None)},
            "/api/auth/oauth/me": {"GET": ("me", _tell_name)},
        }


def _tell_name(call: Call) -> Answer:
    return {"username": call.business.slug}


def _read_body(raw: bytes) -> Json:
    """The JSON object of a request; anything else counts as empty."""
    try:
        data = json.loads(raw)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
