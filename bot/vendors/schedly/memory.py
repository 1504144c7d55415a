"""What the last reads of the catalogue said, kept so that a booking costs no further call."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import orjson
from pydantic import TypeAdapter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.vendors.bucket import Priority
from bot.vendors.cache import ReadCache, Reading, Shelf
from bot.vendors.schedly.client import SchedlyClient
from bot.vendors.schedly.payloads import CompanyRow, EmployeeRow, LocationRow, ServiceRow, read_rows
from bot.vendors.schedly.refusals import Refusal

log = logging.getLogger(__name__)

FRESH = timedelta(seconds=60)
"""One read of a list serves every location and service that is looked at within a minute; ages are kept elsewhere."""
KEPT = timedelta(hours=25)
"""Of what bookings need to know of a service: longer than a list of services is handed out."""

SERVICES = Shelf(TypeAdapter(tuple[ServiceRow, ...]), FRESH, FRESH, FRESH)
EMPLOYEES = Shelf(TypeAdapter(tuple[EmployeeRow, ...]), FRESH, FRESH, FRESH)

REDIS_FAILURES = (RedisError, OSError, TimeoutError)


class Memory:
    """The lists of one business. Keys: those of `ReadCache`, and `<prefix>:{business}:sold` a hash of services by id."""

    def __init__(
        self,
        client: SchedlyClient,
        redis: Redis,
        *,
        business: str,
        now: Callable[[], datetime],
        prefix: str = "frontdesk:schedly",
    ) -> None:
        self._client = client
        self._redis = redis
        self._cache = ReadCache(redis, business=business, now=now, prefix=f"{prefix}:")
        self._name = f"{prefix}:{{{business}}}:sold"
        self._sold: dict[str, ServiceRow] = {}

    async def list_locations(self) -> tuple[LocationRow, ...]:
        """Always of the vendor: it is the read that proves a key."""
        return read_rows(LocationRow, await self._client.list_locations(), "locations")

    async def read_company(self) -> CompanyRow:
        """Empty where the business' settings cannot be read: they are needed for a zone alone."""
        try:
            data = await self._client.read_company()
        except Refusal:
            return CompanyRow()
        return CompanyRow.model_validate(data if isinstance(data, dict) else {})

    async def list_services(self, priority: Priority = Priority.CATALOG) -> tuple[ServiceRow, ...]:
        async def load() -> tuple[ServiceRow, ...]:
            rows = read_rows(ServiceRow, await self._client.list_services(priority), "services")
            await self._remember(rows)
            return rows

        return await self._cache.get(Reading(SERVICES, "services", load))

    async def list_employees(self) -> tuple[EmployeeRow, ...]:
        async def load() -> tuple[EmployeeRow, ...]:
            return read_rows(EmployeeRow, await self._client.list_employees(), "employees")

        return await self._cache.get(Reading(EMPLOYEES, "employees", load))

    async def find_service(self, service_id: str) -> ServiceRow | None:
        """As it was when it was last listed; read again if it never was. None: there is no such service."""
        known = await self._recall(service_id)
        if known is not None:
            return known
        return next((row for row in await self.list_services(Priority.CONFIRM) if row.id == service_id), None)

    async def forget_services(self) -> None:
        """After an id was not known at the vendor any more."""
        self._sold.clear()
        try:
            await self._redis.delete(self._name)
        except REDIS_FAILURES as error:
            log.warning("catalogue not forgotten by others (%s)", type(error).__name__)

    async def close(self) -> None:
        """Stop reading in the background."""
        await self._cache.close()

    async def _remember(self, rows: Iterable[ServiceRow]) -> None:
        self._sold = {row.id: row for row in rows}
        packed: dict[Any, Any] = {}
        for row in self._sold.values():
            packed[row.id] = orjson.dumps(row.model_dump(mode="json", exclude={"description"}))
        if not packed:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.hset(self._name, mapping=packed)
                pipe.pexpire(self._name, KEPT)
                await pipe.execute()
        except REDIS_FAILURES as error:
            log.warning("catalogue not kept for others (%s)", type(error).__name__)

    async def _recall(self, service_id: str) -> ServiceRow | None:
        """From Redis, which any process may have written last."""
        try:
            packed = await self._redis.hget(self._name, service_id)
            return ServiceRow.model_validate_json(packed) if packed else None
        except (*REDIS_FAILURES, ValueError) as error:
            log.warning("catalogue not readable (%s)", type(error).__name__)
            return self._sold.get(service_id)
