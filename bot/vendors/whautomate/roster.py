"""Who performs what at a location: read at once for all its services, and kept for a moment."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from bot.model import StaffMember
from bot.vendors.whautomate.client import Refusal, WhautomateClient
from bot.vendors.whautomate.payloads import ServiceRow, StaffRow, read_rows

KEPT = timedelta(minutes=1)
"""One look at the staff of every service costs the two calls of one: the cache above us keeps the result for longer."""

Rows = TypeVar("Rows")


class Roster:
    """Services and staff of one account. Raises `Refusal` beside the errors of `VendorHttp.send`."""

    def __init__(self, client: WhautomateClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._services: dict[str, tuple[datetime, tuple[ServiceRow, ...]]] = {}
        self._staff: dict[str, tuple[datetime, tuple[StaffRow, ...]]] = {}
        self._reading: dict[str, asyncio.Lock] = {}

    async def list_services(self, location_id: str) -> tuple[ServiceRow, ...]:
        """Read now, and kept for `list_staff`."""
        rows = read_rows(ServiceRow, await self._client.list_services(location_id), "services")
        self._services[location_id] = (self._now(), rows)
        return rows

    async def list_staff(self, location_id: str, service_id: str) -> tuple[StaffMember, ...]:
        """Those the service names who are active and work here; by the name of their own record where it has one."""
        async with self._reading.setdefault(location_id, asyncio.Lock()):  # one reader for all who ask at once
            services = self._recall(self._services, location_id)
            if services is None:
                services = await self.list_services(location_id)
            staff = self._recall(self._staff, location_id)
            if staff is None:
                staff = await self._list_all(location_id)
        known = {row.id: row for row in staff}
        named = next((row.staffs for row in services if row.id == service_id), ())
        return tuple(
            StaffMember(one.id, (known[one.id].name if one.id in known else "") or one.name)
            for one in named
            if one.id and (one.id not in known or _is_here(known[one.id], location_id))
        )

    async def _list_all(self, location_id: str) -> tuple[StaffRow, ...]:
        """Nobody where this key may not read staff: the services name them too."""
        try:
            rows = read_rows(StaffRow, await self._client.list_staff(location_id), "staffs")
        except Refusal:
            rows = ()
        self._staff[location_id] = (self._now(), rows)
        return rows

    def _recall(self, kept: dict[str, tuple[datetime, Rows]], location_id: str) -> Rows | None:
        found = kept.get(location_id)
        return found[1] if found is not None and self._now() - found[0] < KEPT else None


def _is_here(row: StaffRow, location_id: str) -> bool:
    return row.is_active is not False and (not row.locations or location_id in row.locations)
