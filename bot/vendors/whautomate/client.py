"""One method for each Whautomate endpoint we use: builds the request, judges the answer."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.errors import CallStaff, FrontdeskError, VendorChanged
from bot.vendors.bucket import Priority
from bot.vendors.http import Answer, Call, VendorHttp
from bot.vendors.rows import ID
from bot.vendors.whautomate.payloads import SLUG

PAGE_SIZE = 100
"""What we ask for; neither the default nor the largest size is documented."""
CAPS = frozenset({10, 12, 15, 20, 24, 25, 30, 40, 50})
"""A page of so many rows may be short because the vendor gives no more at a time: the next one is asked for."""
MOST_PAGES = 50

Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WhautomateSettings:
    """What a business must say about its Whautomate account."""

    base_url: str
    """Scheme and host of the account's region; the adapter adds `/v1/…`."""
    api_key: str = field(repr=False)
    time_zones: Mapping[str, str]
    """IANA zone per location id, in the order customers see: no answer about a location names one. Only these are offered."""
    currency: str = ""
    """ISO 4217 code, as prices are plain numbers. Empty: that of each location's country."""


class Refusal(Exception):
    """Whautomate understood the request and refused it: certainly not applied. Never leaves this package.

    Told by its status alone: the words stand under `error` or `message`, are not all documented, and may quote a customer.
    """

    def __init__(self, status: int, *, verb: str = "", reference: str = "") -> None:
        super().__init__(status)
        self.status = status
        self.verb = verb
        self.reference = reference

    @property
    def is_unknown_id(self) -> bool:
        return self.status == 404

    def translate(self) -> FrontdeskError:
        """The error for whoever has no better idea."""
        return CallStaff(f"status {self.status}", source=SLUG, verb=self.verb, reference=self.reference)


def segment(text: str, *, verb: str, reference: str) -> str:
    """An id as one piece of a path. Anything that is not an id is refused, not sent."""
    if not re.fullmatch(ID, text):
        raise CallStaff("not an id", source=SLUG, verb=verb, reference=reference)
    return text


class WhautomateClient:
    """Raises `Refusal` beside the errors of `VendorHttp.send`."""

    def __init__(self, http: VendorHttp, settings: WhautomateSettings) -> None:
        self._http = http
        self._key = settings.api_key

    # ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_locations(self) -> list[Any]:
        return await self._read_pages("locations", "/v1/locations")

    async def list_services(self, location_id: str) -> list[Any]:
        return await self._read_pages("services", "/v1/services", (("locationId", location_id),))

    async def list_staff(self, location_id: str) -> list[Any]:
        return await self._read_pages("staffs", "/v1/staffs", (("locationId", location_id),))

    # ── Slots ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_slots(
        self,
        location_id: str,
        service_id: str,
        day: date,
        *,
        zone: str,
        staff_id: str = "",
        priority: Priority = Priority.SLOTS,
        reference: str = "",
    ) -> Any:
        """Of `day` and, where the vendor keeps that promise, of the two that follow."""
        query: Query = (("serviceId", service_id), ("locationId", location_id), ("date", day.isoformat()), ("timezone", zone))
        query += (("nextThreeDays", "true"),)
        if staff_id:
            query += (("staffId", staff_id),)
        return await self._read("slots", "/v1/appointments/slots", query, priority, reference)

    # ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def book(self, body: Mapping[str, Any], *, reference: str) -> Any:
        return await self._write("book", "/v1/appointments", body, reference)

    async def reschedule(self, body: Mapping[str, Any], *, reference: str) -> Any:
        return await self._write("reschedule", "/v1/appointments/reschedule", body, reference)

    async def cancel(self, body: Mapping[str, Any], *, reference: str) -> Any:
        return await self._write("cancel", "/v1/appointments/cancel", body, reference)

    async def list_appointments(
        self,
        location_id: str,
        *,
        start: date,
        end: date,
        client_id: str = "",
        priority: Priority = Priority.SLOTS,
        reference: str = "",
    ) -> list[Any]:
        """Callers leave a day of room on both sides: neither whose date it is nor whether the end counts is documented."""
        query: Query = (("startDate", start.isoformat()), ("endDate", end.isoformat()), ("locationId", location_id))
        if client_id:
            query += (("clientId", client_id),)
        return await self._read_pages("appointments", "/v1/appointments", query, priority, reference)

    async def read_appointment(self, appointment_id: str, *, reference: str) -> Any:
        path = f"/v1/appointments/{segment(appointment_id, verb='appointment', reference=reference)}"
        return await self._read("appointment", path, (), Priority.CONFIRM, reference)

    async def read_client(self, client_id: str, *, reference: str) -> Any:
        path = f"/v1/clients/{segment(client_id, verb='client', reference=reference)}"
        return await self._read("client", path, (), Priority.CONFIRM, reference)

    async def search_clients(self, text: str) -> list[Any]:
        return await self._read_pages("clients", "/v1/clients", (("searchText", text),), Priority.SLOTS)

    # ── The wire ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(
        self, verb: str, path: str, query: Query = (), priority: Priority = Priority.CATALOG, reference: str = ""
    ) -> Any:
        call = Call(verb, "GET", path, self._key, headers=self._headers, query=query, priority=priority, reference=reference)
        return _judge(await self._http.send(call), verb, reference)

    async def _read_pages(
        self, verb: str, path: str, query: Query = (), priority: Priority = Priority.CATALOG, reference: str = ""
    ) -> list[Any]:
        """The raw rows of all pages. There is no total: stops at a page that is short, empty or a repeat."""
        rows: list[Any] = []
        for page in range(1, MOST_PAGES + 1):
            found = await self._read(verb, path, (*query, ("page", str(page)), ("limit", str(PAGE_SIZE))), priority, reference)
            if not isinstance(found, list):
                raise VendorChanged("not a list", source=SLUG, verb=verb, reference=reference)
            if not found or found == rows[-len(found) :]:
                break
            rows.extend(found)
            if len(found) < PAGE_SIZE and len(found) not in CAPS:
                break
        return rows

    async def _write(self, verb: str, path: str, body: Mapping[str, Any], reference: str) -> Any:
        call = Call(
            verb,
            "POST",
            path,
            self._key,
            headers=self._headers,
            body=body,
            is_write=True,
            priority=Priority.CONFIRM,
            reference=reference,
        )
        return _judge(await self._http.send(call), verb, reference)

    @property
    def _headers(self) -> dict[str, str]:
        return {"x-api-key": self._key}


def _judge(answer: Answer, verb: str, reference: str) -> Any:
    if answer.status >= 400:
        raise Refusal(answer.status, verb=verb, reference=reference)
    return answer.data
