"""Schedly's endpoints, one method each: paths, verbs, `?id=`, the way in, and refusals as exceptions."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.errors import CallStaff
from bot.vendors.bucket import Priority
from bot.vendors.failures import KeyRefused
from bot.vendors.http import Answer, Call, VendorHttp
from bot.vendors.schedly.access import Access
from bot.vendors.schedly.payloads import SOURCE, unwrap
from bot.vendors.schedly.refusals import find_refusal

SERVICES = "/api/services"

Query = tuple[tuple[str, str], ...]
Body = Mapping[str, Any]


def check_id(text: str) -> str:
    """An id for a query. Ids reach us through buttons: anything that is not an id is refused, not sent."""
    if not re.fullmatch(r"[\w-]{1,64}", text, re.ASCII):
        raise CallStaff("not an id", source=SOURCE)
    return text


def write_id(text: str) -> int | str:
    """An id for a body: Schedly's are integers."""
    return int(check_id(text)) if text.isdecimal() and len(text) < 16 else check_id(text)


class SchedlyClient:
    """Calls with unwrapped answers. Raises `Refusal` beside the errors of `VendorHttp.send`.

    The verb of an update differs per resource: PUT for appointments and customers (wire notes, section 1).
    """

    def __init__(self, http: VendorHttp, access: Access) -> None:
        self._http = http
        self._access = access

    # ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_locations(self) -> Any:
        return await self._read("locations", "/locations")

    async def read_company(self) -> Any:
        return await self._read("company", "/company-settings")

    async def list_services(self, priority: Priority = Priority.CATALOG) -> Any:
        """All of them: which filters are understood is not documented."""
        return await self._read("services", "/services", priority=priority)

    async def list_employees(self) -> Any:
        return await self._read("employees", "/employees")

    # ── Slots ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def find_times(
        self, service_id: str, location_id: str, *, employee_id: str, first: date, last: date, zone: str, priority: Priority
    ) -> Any:
        """Days inclusive. Parameter names are inferred (section 5.1)."""
        query: list[tuple[str, str]] = [("serviceId", check_id(service_id)), ("locationId", check_id(location_id))]
        if employee_id:
            query.append(("employeeId", check_id(employee_id)))
        query += [("startDate", first.isoformat()), ("endDate", last.isoformat()), ("timeZone", zone)]
        return await self._read("availability", "/availability", tuple(query), priority=priority)

    # ── Customers ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def search_customers(self, text: str, *, priority: Priority, reference: str) -> Any:
        return await self._read("search_customers", "/customers", (("search", text),), priority=priority, reference=reference)

    async def create_customer(self, body: Body, *, reference: str) -> Any:
        return await self._write("create_customer", "POST", "/customers", body, priority=Priority.HOLD, reference=reference)

    async def read_customer(self, customer_id: str, *, priority: Priority, reference: str) -> Any:
        """The customer with all appointments."""
        query = (("id", check_id(customer_id)),)
        return await self._read("customer", "/customers/detail", query, priority=priority, reference=reference)

    # ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_appointments(self, query: Query, *, priority: Priority, reference: str) -> Any:
        return await self._read("appointments", "/appointments", query, priority=priority, reference=reference)

    async def create_appointment(self, body: Body, *, reference: str) -> Any:
        return await self._write("create", "POST", "/appointments", body, priority=Priority.CONFIRM, reference=reference)

    async def change_appointment(self, verb: str, appointment_id: str, body: Body, *, reference: str) -> Any:
        """Harmless twice: it says how the appointment is to be. PATCH is refused here."""
        query = (("id", check_id(appointment_id)),)
        return await self._write(verb, "PUT", "/appointments", body, query=query, priority=Priority.CONFIRM, reference=reference)

    # ── The wire ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(
        self, verb: str, path: str, query: Query = (), *, priority: Priority = Priority.CATALOG, reference: str = ""
    ) -> Any:
        call = Call(verb, "GET", SERVICES + path, "", query=query, priority=priority, reference=reference)
        return self._judge(await self._send(call), call)

    async def _write(
        self, verb: str, method: str, path: str, body: Body, *, query: Query = (), priority: Priority, reference: str
    ) -> Any:
        path = SERVICES + path
        call = Call(verb, method, path, "", query=query, body=body, is_write=True, priority=priority, reference=reference)
        return self._judge(await self._send(call), call)

    async def _send(self, call: Call) -> Answer:
        """A refused way in was not applied: another one, if there is one, may send the same again."""
        headers, is_new = await self._access.get(), False
        while True:
            try:
                return await self._http.send(_sign(call, self._access.account, headers))
            except KeyRefused as error:
                other = await self._access.replace(headers, is_new=is_new) if error.status == 401 else None
                if other is None:
                    raise
                headers, is_new = other, True

    def _judge(self, answer: Answer, call: Call) -> Any:
        refusal = find_refusal(answer.status, answer.data)
        if refusal is not None:
            refusal.verb, refusal.reference = call.verb, call.reference
            raise refusal
        return unwrap(answer.data)


def _sign(call: Call, account: str, headers: Mapping[str, str]) -> Call:
    return replace(call, credential=account, headers=headers)
