"""Zenoti's endpoints, one method each: paths, bodies, the right key, and refusals out of 200 answers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.errors import CallStaff, OutcomeUnknown, VendorChanged
from bot.vendors.bucket import Priority
from bot.vendors.http import Answer, Call, VendorHttp
from bot.vendors.zenoti.payloads import read_flag, read_text
from bot.vendors.zenoti.refusals import Refusal, find_refusal, lower_keys

PAGE_SIZE = 100
"""More rows are refused with code 422 (docs, pagination)."""
MOST_PAGES = 50
"""5,000 rows: a bound against a page count that never ends."""
EXPANDS = ("additional_info", "catalog_info", "variants_info", "add_ons_info", "image_paths")
"""Without them the objects come back null, and what can be booked is unknowable."""

Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ZenotiSettings:
    """What a business must say about its Zenoti organization."""

    base_url: str
    """Scheme and host; the adapter adds `/v1/…`."""
    api_key: str = field(repr=False)
    time_zones: Mapping[str, str]
    """IANA zone per center id, in the order customers see. Only these are offered: Zenoti also lists closed and training ones."""
    api_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Keys of centers that have their own; the others use `api_key`."""
    referral_source_id: str = ""
    """Where the organization made it mandatory for new guests; no endpoint lists them."""

    def key_of(self, location_id: str) -> str:
        return self.api_keys.get(location_id, self.api_key)


def segment(text: str) -> str:
    """An id as one piece of a path. Ids reach us through buttons: anything that is not an id is refused, not sent."""
    if not re.fullmatch(r"[\w-]{1,64}", text, re.ASCII):
        raise CallStaff("not an id", source="zenoti")
    return text


class ZenotiClient:
    """Calls with lower-case keys in the answers. Raises `Refusal` beside the errors of `VendorHttp.send`."""

    def __init__(self, http: VendorHttp, settings: ZenotiSettings) -> None:
        self._http = http
        self.settings = settings

    # ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def list_centers(self, key: str) -> list[Any]:
        return await self._read_pages("centers", "/v1/centers", key, "centers")

    async def list_countries(self, location_id: str, *, priority: Priority) -> Any:
        query = (("add_defaults_for_dropdown", "false"),)
        return await self._read("countries", "/v1/countries", self.settings.key_of(location_id), query, priority)

    async def list_services(self, location_id: str) -> list[Any]:
        query = (*(("expand", name) for name in EXPANDS), ("catalog_enabled", "true"))
        path = f"/v1/centers/{segment(location_id)}/services"
        return await self._read_pages("services", path, self.settings.key_of(location_id), "services", query)

    async def list_service_therapists(self, location_id: str, service_id: str) -> Any:
        path = f"/v1/centers/{segment(location_id)}/services/{segment(service_id)}/therapists"
        return await self._read("service_therapists", path, self.settings.key_of(location_id))

    async def list_therapists(self, location_id: str) -> Any:
        path = f"/v1/centers/{segment(location_id)}/therapists"
        return await self._read("therapists", path, self.settings.key_of(location_id))

    # ── Guests ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def search_guests(self, location_id: str, query: Query, *, priority: Priority, reference: str) -> Any:
        key = self.settings.key_of(location_id)
        query = (*query, ("page", "1"), ("size", str(PAGE_SIZE)))
        return await self._read("search_guests", "/v1/guests/search", key, query, priority, reference)

    async def create_guest(self, location_id: str, body: Mapping[str, Any], *, reference: str) -> tuple[str, Refusal | None]:
        """The new id, or why there is none. An id counts as success whatever else the answer says."""
        answer = await self._post("create_guest", "/v1/guests", location_id, body, is_write=True, reference=reference)
        data = lower_keys(answer.data)
        return read_text(data, "id"), find_refusal(answer.status, data)

    async def list_guest_appointments(
        self, location_id: str, guest_id: str, *, start: date, end: date, priority: Priority = Priority.SLOTS, reference: str = ""
    ) -> list[Any]:
        """All groups between two dates; callers leave a day of room, as the end is exclusive on a sister endpoint."""
        path = f"/v1/guests/{segment(guest_id)}/appointments"
        query = (("start_date", start.isoformat()), ("end_date", end.isoformat()))
        key = self.settings.key_of(location_id)
        return await self._read_pages("guest_appointments", path, key, "appointments", query, priority, reference)

    # ── Booking ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def create_draft(self, location_id: str, body: Mapping[str, Any], *, priority: Priority, reference: str) -> str:
        """A new booking id. Harmless twice: a draft holds nothing and is forgotten by itself."""
        path = "/v1/bookings?is_double_booking_enabled=false"
        answer = await self._post("draft", path, location_id, body, priority=priority, reference=reference)
        data = self._judge(answer, "draft", reference)
        booking_id = read_text(data, "id", "booking_id")
        if not booking_id:
            raise VendorChanged("draft without id", source="zenoti", verb="draft", reference=reference)
        return booking_id

    async def list_slots(self, location_id: str, booking_id: str, *, priority: Priority, reference: str) -> Any:
        path = f"/v1/bookings/{segment(booking_id)}/slots"
        query = (("check_future_day_availability", "true"),)
        return await self._read("slots", path, self.settings.key_of(location_id), query, priority, reference)

    async def reserve(self, location_id: str, booking_id: str, time: str, *, reference: str) -> Any:
        """Hold a time. `time` is the slot's own spelling."""
        path = f"/v1/bookings/{segment(booking_id)}/slots/reserve"
        body = {"slot_time": time, "create_invoice": False}
        answer = await self._post("reserve", path, location_id, body, is_write=True, reference=reference)
        return self._judge_write(answer, "reserve", reference)

    async def confirm(self, location_id: str, booking_id: str, notes: str, *, reference: str) -> Any:
        path = f"/v1/bookings/{segment(booking_id)}/slots/confirm"
        body = {"notes": notes} if notes else {}
        answer = await self._post(
            "confirm", path, location_id, body, is_write=True, priority=Priority.CONFIRM, reference=reference
        )
        return self._judge_write(answer, "confirm", reference)

    async def cancel_invoice(self, location_id: str, invoice_id: str, comments: str, *, reference: str) -> Any:
        """Some tenants read the comments in the query, some in the body."""
        path = f"/v1/invoices/{segment(invoice_id)}/cancel"
        key = self.settings.key_of(location_id)
        call = Call(
            "cancel",
            "PUT",
            path,
            key,
            headers=_authorize(key),
            query=(("comments", comments),) if comments else (),
            body={"comments": comments},
            is_write=True,
            priority=Priority.CONFIRM,
            reference=reference,
        )
        data = self._judge_write(await self._http.send(call), "cancel", reference)
        if read_flag(data, "success") is not True:
            raise OutcomeUnknown("neither cancelled nor refused", source="zenoti", verb="cancel", reference=reference)
        return data

    # ── The wire ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _read(
        self,
        verb: str,
        path: str,
        key: str,
        query: Query = (),
        priority: Priority = Priority.CATALOG,
        reference: str = "",
    ) -> Any:
        call = Call(verb, "GET", path, key, headers=_authorize(key), query=query, priority=priority, reference=reference)
        return self._judge(await self._http.send(call), verb, reference)

    async def _read_pages(
        self,
        verb: str,
        path: str,
        key: str,
        name: str,
        query: Query = (),
        priority: Priority = Priority.CATALOG,
        reference: str = "",
    ) -> list[Any]:
        """The raw rows of all pages. Stops at the stated total, at a short or empty page, or when a page repeats."""
        rows: list[Any] = []
        for page in range(1, MOST_PAGES + 1):
            paged = (*query, ("page", str(page)), ("size", str(PAGE_SIZE)))
            data = await self._read(verb, path, key, paged, priority, reference)
            found = data.get(name) if isinstance(data, dict) else data  # a range list was documented as a bare array
            if not isinstance(found, list):
                raise VendorChanged(f"{name} is not a list", source="zenoti", verb=verb, reference=reference)
            if not found or found == rows[-len(found) :]:
                break
            rows.extend(found)
            total = _read_total(data)
            if len(rows) >= total if total is not None else len(found) < PAGE_SIZE:
                break
        return rows

    async def _post(
        self,
        verb: str,
        path: str,
        location_id: str,
        body: Mapping[str, Any],
        *,
        is_write: bool = False,
        priority: Priority = Priority.HOLD,
        reference: str = "",
    ) -> Answer:
        key = self.settings.key_of(location_id)
        call = Call(
            verb,
            "POST",
            path,
            key,
            headers=_authorize(key),
            body=body,
            is_write=is_write,
            priority=priority,
            reference=reference,
        )
        return await self._http.send(call)

    def _judge(self, answer: Answer, verb: str, reference: str) -> Any:
        data = lower_keys(answer.data)
        refusal = find_refusal(answer.status, data)
        if refusal is not None:
            refusal.verb, refusal.reference = verb, reference
            raise refusal
        return data

    def _judge_write(self, answer: Answer, verb: str, reference: str) -> dict[str, Any]:
        data = self._judge(answer, verb, reference)
        if not isinstance(data, dict):
            raise OutcomeUnknown("not an object", source="zenoti", verb=verb, reference=reference)
        return data


def _authorize(key: str) -> dict[str, str]:
    return {"Authorization": f"apikey {key}"}


def _read_total(data: Any) -> int | None:
    """`page_info.total`, or None where it is missing or says nothing."""
    info = data.get("page_info") if isinstance(data, dict) else None
    total = info.get("total") if isinstance(info, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total > 0 else None
