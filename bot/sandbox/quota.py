"""Counting calls per account: a fixed window that opens with the first call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

WINDOW = timedelta(seconds=60)


@dataclass(slots=True)
class _Bucket:
    opened_at: datetime
    used: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one call."""

    is_allowed: bool
    remaining: int
    resets_at: datetime
    seconds_left: int
    """Until then, rounded up, 1 at least."""


class WindowQuota:
    """How many calls an owner has made in the window of now."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def reset(self) -> None:
        self._buckets.clear()

    def take(self, owner: str, now: datetime, limit: int) -> Taken:
        bucket = self._buckets.get(owner)
        if bucket is None or not bucket.opened_at <= now < bucket.opened_at + WINDOW:
            bucket = self._buckets[owner] = _Bucket(now)
        is_allowed = bucket.used < limit
        bucket.used += is_allowed
        resets_at = bucket.opened_at + WINDOW
        left = max(1, ceil((resets_at - now).total_seconds()))
        return Taken(is_allowed, max(0, limit - bucket.used), resets_at, left)
