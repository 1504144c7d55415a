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


@dataclass(frozen=True, slots=True)
class Look:
    """At whose times one looks."""

    location_id: str
    day: date
    service_id: str = ""
    staff_id: str = ""


class Memory:
    """Redis being away only costs calls. Keys: `<prefix>:services`, a hash of JSON rules by service id; `<prefix>:names`,
    one of names by staff id; `<prefix>:looks:<digest of location and day>`, by service and
    staff when it was and what was free, `changed` when we last wrote; in epoch milliseconds.
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

    async def keep_look(self, look: Look, *, at: datetime, starts: Iterable[datetime]) -> None:
        """The free times of a day. `at`: when the vendor was asked, so that a write meanwhile makes the look worthless."""
        seen = " ".join(str(_milliseconds(start)) for start in starts)
        await self._note(look, f"{look.service_id}/{look.staff_id}", f"{_milliseconds(at)} {seen}")

    async def keep_change(self, location_id: str, day: date) -> None:
        """After a write of ours on that day."""
        await self._note(Look(location_id, day), "changed", str(_milliseconds(self._now())))

    async def was_free(self, look: Look, start: datetime) -> bool:
        """Whether the time was seen free just now, and nothing of that day changed by us since."""
        try:
            kept, changed = await self._redis.hmget(_name(self._prefix, look), f"{look.service_id}/{look.staff_id}", "changed")
        except REDIS_FAILURES as error:
            log.warning("looks not reachable (%s)", type(error).__name__)
            return False
        looked_at, *starts = [int(number) for number in (kept or b"0").split()]
        is_fresh = abs(_milliseconds(self._now()) - looked_at) < LOOK_FRESH / timedelta(milliseconds=1)
        return is_fresh and looked_at > int(changed or 0) and _milliseconds(start) in starts

    async def _note(self, look: Look, name: str, value: str) -> None:
        key = _name(self._prefix, look)
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.hset(key, name, value)
                pipe.pexpire(key, LOOK_FRESH * 3)
                await pipe.execute()
        except REDIS_FAILURES as error:
            log.warning("looks not kept (%s)", type(error).__name__)


def _name(prefix: str, look: Look) -> str:
    return f"{prefix}:looks:{sha256(f'{look.location_id}/{look.day}'.encode()).hexdigest()[:24]}"


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
