"""Remembers which appointment was made for which of our bookings: the vendor's answers do not show our notes."""

import logging
from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.model import Appointment

log = logging.getLogger(__name__)

KEPT_AFTER = timedelta(days=1)
"""After its start nobody looks for a booking of that time any more."""


class Made:
    """One key an appointment: `<prefix>:made:<id>` holds our reference until a day after it began.

    Redis being away costs certainty only where one customer books the same service at the same time twice.
    """

    def __init__(self, redis: Redis, *, prefix: str = "frontdesk:whautomate") -> None:
        self._redis = redis
        self._prefix = prefix

    async def remember(self, appointment: Appointment, reference: str, *, now: datetime) -> None:
        kept = max(appointment.starts_at - now, timedelta()) + KEPT_AFTER
        try:
            await self._redis.set(self._name(appointment.id), reference, px=int(kept / timedelta(milliseconds=1)))
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("made bookings not reachable (%s)", type(error).__name__)

    async def find_reference(self, appointment_id: str) -> str:
        """Whose it is; empty if that is not known."""
        try:
            found = await self._redis.get(self._name(appointment_id))
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("made bookings not reachable (%s)", type(error).__name__)
            return ""
        return found.decode() if isinstance(found, bytes) else found or ""

    def _name(self, appointment_id: str) -> str:
        return f"{self._prefix}:made:{appointment_id}"
