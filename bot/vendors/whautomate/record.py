"""Looks appointments up in the vendor's record: among one customer's, or a whole day's where the customer has no id yet."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from bot.errors import VendorChanged
from bot.model import Appointment, BookingRequest, Location
from bot.vendors.bucket import Priority
from bot.vendors.whautomate.client import Refusal, WhautomateClient
from bot.vendors.whautomate.made import Made
from bot.vendors.whautomate.mapping import (
    is_noted,
    is_standing,
    map_appointment,
    read_appointment,
    read_appointments,
    starts_when,
)
from bot.vendors.whautomate.payloads import SLUG, AppointmentRow, ClientRow
from bot.vendors.whautomate.phones import is_same_phone

DAY = timedelta(days=1)


class Record:
    """What the vendor has, read with the priority of a confirm. Raises `Refusal` beside the errors of `VendorHttp.send`."""

    def __init__(self, client: WhautomateClient, made: Made, now: Callable[[], datetime]) -> None:
        self._client = client
        self._made = made
        self._now = now

    async def find(
        self, location: Location, request: BookingRequest, *, is_known: bool, ignoring: Collection[str] = ()
    ) -> Appointment | None:
        """The standing appointment that `request` made.

        That is one of this service at this time whose notes carry our reference, or, where answers show no notes, one of
        this very customer that was not made for another booking of ours. `is_known`: the booking was sent with the
        customer's id; otherwise with the phone number, and the vendor may have made a new record of the person.
        `ignoring`: appointments of the customer that are known to be something else.
        """
        for row in await self._list_day(location, request, is_known=is_known):
            is_match = starts_when(row, request.starts_at) and row.service.id in (request.service_id, "")
            if not is_match or not is_standing(row) or row.id in ignoring:
                continue
            if not row.service.id or not row.client.id:
                raise VendorChanged("an appointment of nobody, or for nothing", source=SLUG, verb="appointments")
            if await self._is_ours(row, request):
                return map_appointment(row, location)
        return None

    async def read(self, appointment_id: str, *, reference: str) -> AppointmentRow:
        row = read_appointment(await self._client.read_appointment(appointment_id, reference=reference))
        if row is None or row.id != appointment_id:
            raise VendorChanged("not an appointment", source=SLUG, verb="appointment", reference=reference)
        return row

    async def remember(self, appointment: Appointment, reference: str) -> None:
        """So that it is not taken for the outcome of another booking."""
        await self._made.remember(appointment, reference, now=self._now())

    async def _list_day(self, location: Location, request: BookingRequest, *, is_known: bool) -> tuple[AppointmentRow, ...]:
        known = request.contact.customer_id
        if is_known and known:
            try:
                return read_appointments(await self._list(location, request, known))
            except Refusal as refusal:
                if not refusal.is_unknown_id:
                    raise
        return read_appointments(await self._list(location, request, ""))

    async def _list(self, location: Location, request: BookingRequest, client_id: str) -> list[Any]:
        day = request.starts_at.astimezone(location.zone).date()
        return await self._client.list_appointments(
            location.id,
            start=day - DAY,
            end=day + DAY,
            client_id=client_id,
            priority=Priority.CONFIRM,
            reference=request.reference,
        )

    async def _is_ours(self, row: AppointmentRow, request: BookingRequest) -> bool:
        noted = is_noted(row, request.reference)
        if noted is not None:
            return noted
        made_for = await self._made.find_reference(row.id)
        if made_for:
            return made_for == request.reference
        if row.client.id and row.client.id == request.contact.customer_id:
            return True
        return await self._has_phone(row.client.id, request)

    async def _has_phone(self, client_id: str, request: BookingRequest) -> bool:
        """Whether this client has the number that was booked with: names are shared by strangers."""
        if not client_id or not request.contact.phone:
            return False
        try:
            data = await self._client.read_client(client_id, reference=request.reference)
        except Refusal as refusal:
            if refusal.is_unknown_id:
                return False
            raise
        try:
            return is_same_phone(ClientRow.model_validate(data), request.contact.phone)
        except ValidationError:
            raise VendorChanged("not a client", source=SLUG, verb="client", reference=request.reference) from None
