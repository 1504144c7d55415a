"""Setster's endpoints, one method each. The session token travels in the query string: nothing here is ever logged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from redis.asyncio import Redis

from bot.errors import CallStaff, FrontdeskError, VendorChanged
from bot.vendors.bucket import Priority
from bot.vendors.failures import KeyRefused
from bot.vendors.http import TIMEOUT, Call, VendorHttp
from bot.vendors.rows import read_as_text
from bot.vendors.setster.refusals import Refusal, read_envelope
from bot.vendors.setster.session import Sessions
from bot.vendors.setster.turnstile import Turnstile

BASE = "/api/v2"

MOST_WEEKS = 5
"""`no_of_weeks` at most; the calendar of a month in one call (wire notes, section 4)."""

Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SetsterSettings:
    """What a business must say about its Setster account."""

    email: str = field(repr=False)
    """The account owner's."""
    api_key: str = field(repr=False)
    company_id: str
    time_zones: Mapping[str, str] = field(default_factory=dict)
    """IANA zone per location id, where Setster's own name for it is not one."""
    company_time_zone: str = ""
    """IANA zone of the account, in which appointments are listed; empty: Setster is asked."""
    currency: str = ""
    """ISO 4217; Setster does not say. Empty: that of the location's country."""
    alias_domain: str = ""
    """A domain of the business whose mail arrives: every customer gets an address there instead of being asked for one."""
    reference_field: str = ""
    """Key of a hidden text field of the booking form that takes our reference; empty: the note alone carries it."""
    confirms: bool = True
    """New bookings are asked to be confirmed at once, instead of waiting for a click in an e-mail."""


def segment(text: str) -> str:
    """An id as one piece of a path. Ids reach us through buttons: anything that is not an id is refused, not sent."""
    if not re.fullmatch(r"\d{1,20}", text, re.ASCII):
        raise CallStaff("not an id", source="setster")
    return text


class SetsterClient:
    """Calls of one account, answers without their envelope. Raises `Refusal` beside the errors of `VendorHttp.send`."""

    def __init__(self, http: VendorHttp, settings: SetsterSettings, redis: Redis, turnstile: Turnstile, *, prefix: str) -> None:
        self._http = http
        self._settings = settings
        who = "/".join((settings.email, settings.api_key, settings.company_id))
        self._sessions = Sessions(redis, turnstile, prefix=prefix, who=who, login=self._authenticate, patience=TIMEOUT)

    # ── Account and catalogue ────────────────────────────────────────────────────────────────────────────────────────

    async def read_account(self) -> Any:
        return await self._send("account", "GET", "/account")

    async def list_zones(self) -> Any:
        return await self._send("zones", "GET", "/tz/list")

    async def list_locations(self) -> Any:
        return await self._send("locations", "GET", "/location")

    async def list_employees(self) -> Any:
        return await self._send("employees", "GET", "/employee", (("include_links", "true"),))

    async def list_services(self, location_id: str) -> Any:
        query = (("location_id", segment(location_id)), ("active_services", "true"), ("include_links", "true"))
        return await self._send("services", "GET", "/service", query)

    async def read_service(self, service_id: str, *, priority: Priority, reference: str) -> Any:
        query = (("id", segment(service_id)), ("include_links", "true"))
        return await self._send("service", "GET", "/service", query, priority=priority, reference=reference)

    # ── Availability ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_month(self, location_id: str, service_id: str, staff_id: str, day: date) -> Any:
        """The week of `day` and those after it, in the location's zone."""
        spread = (("t", "weekly"), ("no_of_weeks", str(MOST_WEEKS)))
        return await self._list_times(location_id, service_id, staff_id, day, spread, Priority.SLOTS, "")

    async def list_day(
        self, location_id: str, service_id: str, staff_id: str, day: date, *, priority: Priority, reference: str = ""
    ) -> Any:
        return await self._list_times(location_id, service_id, staff_id, day, (("t", "daily"),), priority, reference)

    async def _list_times(
        self, location_id: str, service_id: str, staff_id: str, day: date, spread: Query, priority: Priority, reference: str
    ) -> Any:
        """Without `timezone_id` the answer is in the location's zone, the one that create reads."""
        query: Query = (
            ("service_id", segment(service_id)),
            ("location_id", segment(location_id)),
            ("start_date", day.isoformat()),
            ("return", "times"),
            *spread,
        )
        if staff_id:
            query += (("provider_id", segment(staff_id)),)
        return await self._send("availability", "GET", "/availability", query, priority=priority, reference=reference)

    # ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def create_appointment(self, body: Mapping[str, Any], *, reference: str) -> Any:
        return await self._write("create", "POST", "/appointment", body, reference=reference)

    async def change_appointment(self, appointment_id: str, body: Mapping[str, Any], *, reference: str) -> Any:
        """Move or cancel, by what `body` says."""
        path = f"/appointment/{segment(appointment_id)}"
        return await self._write("change", "PUT", path, body, (("id", appointment_id),), reference=reference)

    async def read_appointment(self, appointment_id: str, *, reference: str) -> Any:
        path = f"/appointment/{segment(appointment_id)}"
        return await self._send("appointment", "GET", path, priority=Priority.CONFIRM, reference=reference)

    async def list_appointments(
        self, email: str, *, start: date, end: date, location_id: str = "", priority: Priority, reference: str = ""
    ) -> Any:
        """Of one customer between two dates; callers leave a day of room, as the end may be exclusive."""
        query: Query = (("client_email", email), ("start_date", start.isoformat()), ("end_date", end.isoformat()))
        if location_id:
            query += (("location_id", segment(location_id)),)
        return await self._send("appointments", "GET", "/appointment", query, priority=priority, reference=reference)

    # ── The wire ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _write(
        self, verb: str, method: str, path: str, body: Mapping[str, Any], query: Query = (), *, reference: str
    ) -> Any:
        return await self._send(verb, method, path, query, body=body, priority=Priority.CONFIRM, reference=reference)

    async def _send(
        self,
        verb: str,
        method: str,
        path: str,
        query: Query = (),
        *,
        body: Mapping[str, Any] | None = None,
        priority: Priority = Priority.CATALOG,
        reference: str = "",
    ) -> Any:
        """With one new login where the session is refused: 401 and 403 are answered before anything is done, creates included."""
        call = Call(
            verb,
            method,
            BASE + path,
            self._settings.api_key,
            query=query,
            body=body,
            is_write=body is not None,
            priority=priority,
            reference=reference,
        )
        token = await self._sessions.find()
        try:
            return await self._exchange(call, token)
        except KeyRefused:
            token = await self._sessions.replace(token)
        try:
            return await self._exchange(call, token)
        except KeyRefused:
            if self._sessions.is_fresh(token):
                raise
            token = await self._sessions.replace(token)  # what others had left for us was over too
        return await self._exchange(call, token)

    async def _exchange(self, call: Call, token: str) -> Any:
        session = (("session_token", token), ("company_id", self._settings.company_id))
        try:
            return read_envelope(await self._http.send(replace(call, query=(*session, *call.query))), is_write=call.is_write)
        except Refusal as refusal:
            refusal.verb, refusal.reference = call.verb, call.reference
            raise
        except FrontdeskError as error:
            error.source, error.verb, error.reference = "setster", call.verb, call.reference
            raise

    async def _authenticate(self) -> str:
        """A new session token. Raises `CallStaff` when e-mail, key or company are refused."""
        settings = self._settings
        query = (("email", settings.email), ("token", settings.api_key), ("company_id", settings.company_id))
        path = f"{BASE}/account/authenticate"
        call = Call("authenticate", "POST", path, settings.api_key, query=query, priority=Priority.CONFIRM)
        try:
            data = read_envelope(await self._http.send(call), is_write=False)
        except (Refusal, KeyRefused) as refusal:
            code = refusal.code if isinstance(refusal, Refusal) else refusal.status
            reason = (
                f"login refused ({code}): the owner's e-mail address, the API key and the company's number must belong together"
            )
            raise CallStaff(reason, source="setster", verb="authenticate") from None
        except VendorChanged as error:
            raise CallStaff(error.reason, source="setster", verb="authenticate") from None
        token = read_as_text(data.get("session_token")) if isinstance(data, dict) else ""
        if not re.fullmatch(r"[\w.,~-]{8,256}", token, re.ASCII):
            raise CallStaff("login without a session token", source="setster", verb="authenticate")
        return token
