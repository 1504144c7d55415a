"""What all workers remember of an account: how long a service takes and by which rules, and how fresh a look is."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis

from bot.model import StaffMember
from bot.vendors.setster.payloads import ServiceRow
from bot.vendors.setster.turnstile import REDIS_FAILURES

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
"""As long as the catalogue may hand out its old lists."""
LOOK_FRESH = timedelta(seconds=20)
"""A time seen longer ago is looked up once more before it is booked (wire notes, 5.1)."""
NEVER = 0
"""Hours of notice: a customer may not do it at all."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What booking, moving and cancelling need to know of a service. Hours are None where the service sets none itself."""

    minutes: int
    prior_notice: int | None = None
    move_notice: int | None = None
    cancel_notice: int | None = None
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Employee ids by location id."""


_RULES = TypeAdapter(Rules)


def read_rules(row: ServiceRow) -> Rules:
    """The service's own rules count only where it says so; the account's are not to be read."""
    if not row.active_rules:
        return Rules(row.duration or 0, links=row.location_links)
    return Rules(row.duration or 0, row.prior_notice, row.reschedule_appointment, row.cancel_appointment, row.location_links)


class Memory:
    """Redis being away only costs calls. Keys: `<prefix>:services`, a hash of JSON rules by service id; `<prefix>:names`,
    one of names by staff id; `<prefix>:looks:<digest of location and day>`, one of times in epoch milliseconds by service and
    staff, `changed` for our own writes.
    """

    def __init__(self, redis: Redis, *, prefix: str, now: Callable[[], datetime]) -> None:
        self._redis = redis
        self._prefix = prefix
        self._now = now

    async def keep_rules(self, rows: Iterable[ServiceRow]) -> None:
        await self._keep("services", {row.id: _RULES.dump_json(read_rules(row)).decode() for row in rows})

    async def keep_names(self, members: Iterable[StaffMember]) -> None:
        await self._keep("names", {member.id: member.name for member in members})

    async def find_name(self, staff_id: str) -> str:
        """Of a staff member that somebody has listed; else empty."""
        try:
            name = await self._redis.hget(f"{self._prefix}:names", staff_id) if staff_id else b""
        except REDIS_FAILURES as error:
            log.warning("names of staff not reachable (%s)", type(error).__name__)
            return ""
        return name.decode() if isinstance(name, bytes) else name or ""

    async def _keep(self, name: str, values: dict[str, str]) -> None:
        if not values:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.hset(f"{self._prefix}:{name}", mapping=dict[Any, Any](values))
                pipe.pexpire(f"{self._prefix}:{name}", KEPT)
                await pipe.execute()
        except REDIS_FAILURES as error:
            log.warning("%s not kept (%s)", name, type(error).__name__)

    async def find_rules(self, service_id: str) -> Rules | None:
        try:
            packed = await self._redis.hget(f"{self._prefix}:services", service_id)
            return _RULES.validate_json(packed) if packed else None
        except ValidationError:
            return None  # written by another version of this program
        except REDIS_FAILURES as error:
            log.warning("rules of services not reachable (%s)", type(error).__name__)
            return None

    async def keep_look(self, location_id: str, day: date, service_id: str, staff_id: str, *, at: datetime) -> None:
        """`at`: when the vendor was asked, so that a write meanwhile makes the look worthless."""
        await self._note(location_id, day, f"{service_id}/{staff_id}", at)

    async def keep_change(self, location_id: str, day: date) -> None:
        """After a write of ours on that day."""
        await self._note(location_id, day, "changed", self._now())

    async def has_looked(self, location_id: str, day: date, service_id: str, staff_id: str) -> bool:
        """Whether the times of that day were read just now, and not changed by us since."""
        try:
            looked, changed = await self._redis.hmget(self._name_looks(location_id, day), f"{service_id}/{staff_id}", "changed")
        except REDIS_FAILURES as error:
            log.warning("looks not reachable (%s)", type(error).__name__)
            return False
        looked_at, changed_at = int(looked or 0), int(changed or 0)
        return looked_at > changed_at and abs(_milliseconds(self._now()) - looked_at) < LOOK_FRESH / timedelta(milliseconds=1)

    async def _note(self, location_id: str, day: date, name: str, at: datetime) -> None:
        key = self._name_looks(location_id, day)
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.hset(key, name, str(_milliseconds(at)))
                pipe.pexpire(key, LOOK_FRESH * 3)
                await pipe.execute()
        except REDIS_FAILURES as error:
            log.warning("looks not kept (%s)", type(error).__name__)

    def _name_looks(self, location_id: str, day: date) -> str:
        return f"{self._prefix}:looks:{sha256(f'{location_id}/{day}'.encode()).hexdigest()[:24]}"


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
