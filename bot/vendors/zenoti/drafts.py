"""Remembers the draft a known guest looked with, so that booking needs no new one, and how fresh the last look is."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.model import SlotQuery

log = logging.getLogger(__name__)

DRAFT_KEPT = timedelta(minutes=5)
"""Well inside any life a draft may have; Zenoti does not say how long that is."""
LOOK_FRESH = timedelta(minutes=1)
"""A time seen longer ago is looked up again before it is held on a new draft."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is left of earlier looks at one day."""

    booking_id: str = ""
    """A draft with this very guest in it, or empty."""
    held_time: str = ""
    """The time, in the vendor's spelling, that this draft holds or held."""
    is_fresh: bool = False
    """Somebody looked within the last minute."""


class Drafts:
    """Two keys a look. Redis being away only costs calls: nothing is remembered then.

    `<prefix>:look:<digest>` lives a minute; `<prefix>:draft:<digest>` holds a booking id and a held time, lives five and
    is taken once, so that two bookings of the same guest never share a draft (a second hold would move the first).
    """

    def __init__(self, redis: Redis, *, prefix: str = "frontdesk:zenoti") -> None:
        self._redis = redis
        self._prefix = prefix

    async def remember(self, query: SlotQuery, booking_id: str, *, held_time: str = "") -> None:
        """After slots were listed on a draft, or a hold on it was left. `query.customer_id` is its guest, or empty."""

        async def write() -> None:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.set(self._name_look(query), b"1", px=LOOK_FRESH)
                if query.customer_id:
                    pipe.set(self._name_draft(query), f"{booking_id} {held_time}", px=DRAFT_KEPT)
                await pipe.execute()

        await _survive(write)

    async def take(self, query: SlotQuery) -> Remembered:
        """What is known, the draft being handed out once."""

        async def read() -> Any:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.exists(self._name_look(query))
                if query.customer_id:
                    pipe.getdel(self._name_draft(query))
                return await pipe.execute()

        found = await _survive(read) or [0]
        draft = found[1] if len(found) > 1 else None
        booking_id, _, held_time = (draft.decode() if isinstance(draft, bytes) else draft or "").partition(" ")
        return Remembered(booking_id, held_time, is_fresh=bool(found[0]))

    def _name_look(self, query: SlotQuery) -> str:
        return f"{self._prefix}:look:{_digest(query.location_id, query.service_id, query.staff_id, query.day.isoformat())}"

    def _name_draft(self, query: SlotQuery) -> str:
        day = query.day.isoformat()
        guest = query.customer_id.lower()  # one documented answer has ids in upper case
        return f"{self._prefix}:draft:{_digest(query.location_id, query.service_id, query.staff_id, day, guest)}"


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:24]


async def _survive(work: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await work()
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("drafts not reachable (%s)", type(error).__name__)
        return None
