"""The Setster emulator: logs in, counts, misbehaves on command, and hands calls to their handlers."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from bot.sandbox.calls import CallLog
from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import FaultPlan
from bot.sandbox.quota import WindowQuota
from bot.sandbox.salon.book import Book
from bot.sandbox.salon.control import SalonControl
from bot.sandbox.salon.directory import Directory
from bot.sandbox.setster.appointments import Appointments
from bot.sandbox.setster.availability import Availability
from bot.sandbox.setster.demo import ACCOUNTS, Account, spell_ids
from bot.sandbox.setster.listings import Listings
from bot.sandbox.setster.sessions import Sessions
from bot.sandbox.setster.switches import Switches
from bot.sandbox.setster.wire import Call, Json, Refusal, read_body, refuse, wrap
from bot.sandbox.working import Workshop

SLUG = "setster"
BASE = "/api/v2"
UNKNOWN = "unknown"
"""Operation name of a call that no endpoint answers."""

Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint."""

    method: str
    path: re.Pattern[str]
    operation: str
    handler: Handler


class SetsterEmulator:
    """One Setster with its demo accounts. `app()` serves the API, `control()` what is behind it."""

    def __init__(self, clock: SandboxClock, changed: Callable[[str], None] = lambda _: None, *, seed: int = 0) -> None:
        self.faults = FaultPlan()
        self.switches = Switches()
        self.book = Book([account.business for account in ACCOUNTS], clock, seed=seed)
        self.sessions = Sessions(self.switches)
        self.calls = CallLog()
        self._clock = clock
        self._changed = changed
        self._quota = WindowQuota()
        self._workshop = Workshop()
        self._directory = Directory(self.book.businesses, spell_ids())
        self._routes = self._list_routes()

    def app(self) -> web.Application:
        """The API under `/api/v2/…`, with or without a slash at the end."""
        app = web.Application()
        app.cleanup_ctx.append(self._workshop.close)
        app.router.add_route("*", "/{path:.*}", self._serve)
        return app

    def control(self) -> web.Application:
        """The control API, to be mounted under `/control/setster`; `POST /sessions/end` ends every session."""
        app = SalonControl(
            book=self.book,
            directory=self._directory,
            clock=self._clock,
            switches=self.switches,
            faults=self.faults,
            calls=self.calls,
            reset=self.reset,
            changed=self._tell,
        ).make_app()
        app.router.add_post("/sessions/end", self._end_sessions)
        return app

    def reset(self) -> None:
        """Everything as at the start: appointments, clients, switches, faults, calls, sessions."""
        self.book.reset()
        self.switches.reset()
        self.faults.clear()
        self.calls.clear()
        self.sessions.clear()
        self._quota.reset()

    def _tell(self) -> None:
        self._changed(SLUG)

    async def _end_sessions(self, _: web.Request) -> web.Response:
        self.sessions.clear()
        return web.json_response({})

    # ── A call ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        return await self._workshop.finish(self._work(request))

    async def _work(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"].rstrip("/")
        found = self._find_route(request.method, path)
        row = self.calls.add(UNKNOWN if found is None else found[0].operation, path, self._clock.now())
        if found is None:
            response: web.StreamResponse = refuse(Refusal("Not Found", 404))
        else:
            response = await self._admit(request, *found)
        is_gone = request.transport is None or request.transport.is_closing()
        row.status = 0 if is_gone else response.status
        return response

    async def _admit(self, request: web.Request, route: Route, ids: dict[str, str]) -> web.StreamResponse:
        """Session, company and quota first, then the operation with its faults."""
        token, now = request.query.get("session_token", ""), self._clock.now()
        session = self.sessions.find(token, now)
        account = session.account if session else self._find_open(request, route)
        if account is None:
            return self._refuse_session()
        limited = self._limit(account)
        if limited is not None:
            return limited
        body = await read_body(request, accept_form=self.switches.accept_form_data)
        query: dict[str, list[str]] = {}
        for name, value in request.query.items():
            query.setdefault(name, []).append(value)

        async def answer() -> web.Response:
            response = self._answer(route, Call(account, self._clock.now(), ids, query, body, has_session=session is not None))
            if route.operation == "create":
                await asyncio.sleep(self.switches.create_delay_ms / 1000)
            return response

        async with self.sessions.take_turn(session):
            return await self.faults.run(request, route.operation, answer, account=account.api_key)

    def _find_open(self, request: web.Request, route: Route) -> Account | None:
        """The account of a call that needs no session: a login, or availability without any token."""
        if route.operation == "authenticate":
            return next((one for one in ACCOUNTS if one.api_key == request.query.get("token")), None)
        company = request.query.get("company_id", "")
        if route.operation == "availability" and "session_token" not in request.query:
            return next((one for one in ACCOUNTS if one.company_id == company), None)
        return None

    def _refuse_session(self) -> web.Response:
        status = self.switches.expired_status
        words = "Unauthorized" if status == 401 else "Forbidden"
        return refuse(Refusal(words, status, code=status), as_200=self.switches.expired_in_body)

    def _limit(self, account: Account) -> web.Response | None:
        """A 429, where the account has used up its calls."""
        if not self.switches.calls_per_minute:
            return None
        taken = self._quota.take(account.api_key, self._clock.now(), self.switches.calls_per_minute)
        if taken.is_allowed:
            return None
        forms = {"seconds": str(taken.seconds_left), "date": format_datetime(taken.resets_at, usegmt=True)}
        response = refuse(Refusal("Too Many Requests", 429))
        if self.switches.rate_header in forms:
            response.headers["Retry-After"] = forms[self.switches.rate_header]
        return response

    def _answer(self, route: Route, call: Call) -> web.Response:
        """The operation in one step: whoever hangs up meanwhile stops nothing."""
        try:
            self._check_company(route, call)
            return wrap(route.handler(call))
        except Refusal as refusal:
            return refuse(refusal, as_200=self.switches.errors_as_200)

    def _check_company(self, route: Route, call: Call) -> None:
        company = call.text("company_id")
        if route.operation == "authenticate":
            return
        if not company and not self.switches.company_id_optional:
            raise Refusal("company_id is required")
        if company not in ("", call.account.company_id):
            raise Refusal("Company not found", 404)

    # ── Endpoints ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _log_in(self, call: Call) -> Json:
        token = self.sessions.open(call.text("email"), call.text("token"), call.text("company_id"), call.now)
        if not token:
            raise Refusal("Forbidden", 403, code=403)
        user = {"email": call.account.email, "company_id": int(call.account.company_id)}
        return {"user": user, "session_token": token}

    def _find_route(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        for route in self._routes:
            found = route.path.fullmatch(path)
            if found and route.method == method:
                return route, found.groupdict()
        return None

    def _list_routes(self) -> list[Route]:
        listings = Listings(self._directory.spelling, self.switches)
        availability = Availability(self.book, self._directory, self.switches)
        appointments = Appointments(self.book, self._directory, self.switches, availability=availability, changed=self._tell)
        one = "/appointment/(?P<id>[0-9]+)"
        rows: tuple[tuple[str, str, str, Handler], ...] = (
            ("POST", "/account/authenticate", "authenticate", self._log_in),
            ("GET", "/account", "account", listings.read_account),
            ("GET", "/account/companies", "companies", listings.list_companies),
            ("GET", "/tz/list", "zones", listings.list_zones),
            ("GET", "/location", "locations", listings.list_locations),
            ("GET", "/employee", "employees", listings.list_employees),
            ("GET", "/service", "services", listings.list_services),
            ("GET", "/availability", "availability", availability.list_times),
            ("POST", "/appointment", "create", appointments.create),
            ("GET", "/appointment", "appointments", appointments.list_all),
            ("GET", "/appointment/hash", "hash", appointments.read_hash),
            ("GET", one, "appointment", appointments.read),
            ("PUT", one, "change", appointments.change),
            ("DELETE", one, "delete", appointments.erase),
            ("GET", "/client", "clients", appointments.list_clients),
        )
        return [Route(method, re.compile(BASE + path), operation, handler) for method, path, operation, handler in rows]
